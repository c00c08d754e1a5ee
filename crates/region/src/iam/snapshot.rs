//! The rows of an account as parts of the pushed directory: what a gateway needs to prove and judge its callers.

use super::rows::{AccessKey, Group, Inline, ManagedPolicy, Role, User};
use crate::db::Db;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use types::AccountId;
use wire::identity::{Attached, Entity, EntityKind, Key, Part, PartHead};

/// Entities of a part, about: a part stays far below the size from which documents are split (1 MiB).
const ENTITIES_A_PART: usize = 256;
const PARTS_MAX: usize = 4096;

/// Documents of a part, each once.
#[derive(Default)]
struct Documents {
    texts: Vec<Arc<str>>,
    places: HashMap<String, usize>,
}

impl Documents {
    fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.texts.push(text.into());
        self.places.insert(text.to_owned(), self.texts.len() - 1);
        self.texts.len() - 1
    }
}

struct Account<'a> {
    db: &'a Db,
    id: &'a AccountId,
    /// Group by user name.
    groups: HashMap<String, Vec<std::rc::Rc<Group>>>,
    keys: HashMap<String, Vec<Key>>,
}

/// All parts of an account, in order.
pub fn parts(db: &Db, account: &AccountId) -> Vec<Part> {
    let mut a = Account { db, id: account, groups: HashMap::new(), keys: HashMap::new() };
    for group in db.list::<Group>(account) {
        for member in &group.members {
            a.groups.entry(member.clone()).or_default().push(group.clone());
        }
    }
    for key in db.list::<AccessKey>(account) {
        let (access_key, secret_key, active) = (key.access_key.clone(), key.secret_key.clone(), key.active);
        a.keys.entry(key.user.clone()).or_default().push(Key { access_key, secret_key, active });
    }
    let users: Vec<_> = db.list::<User>(account).collect();
    let roles: Vec<_> = db.list::<Role>(account).collect();
    let count = ((users.len() + roles.len()).div_ceil(ENTITIES_A_PART)).next_power_of_two().min(PARTS_MAX);
    let mut parts: Vec<(Documents, Vec<Entity>)> = (0..count).map(|_| Default::default()).collect();
    for user in &users {
        let (documents, entities) = &mut parts[place(&user.id, count)];
        entities.push(a.user(user, documents));
    }
    for role in &roles {
        let (documents, entities) = &mut parts[place(&role.id, count)];
        entities.push(a.role(role, documents));
    }
    let numbered = parts.into_iter().enumerate();
    numbered
        .map(|(n, (documents, entities))| Part {
            name: format!("{account}.{n}"),
            account: account.clone(),
            entities,
            documents: documents.texts,
        })
        .collect()
}

/// FNV-1a of the unique id: the same entity is in the same part as long as there are as many.
fn place(id: &str, count: usize) -> usize {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash % count as u64) as usize
}

impl Account<'_> {
    fn user(&self, user: &User, documents: &mut Documents) -> Entity {
        let mut policies = Vec::new();
        self.add(&mut policies, documents, &user.inline, &user.attached, &format!("user/{}", user.name));
        for group in self.groups.get(&user.name).into_iter().flatten() {
            self.add(&mut policies, documents, &group.inline, &group.attached, &format!("group/{}", group.name));
        }
        Entity {
            id: user.id.clone(),
            arn: user.arn(),
            name: user.name.clone(),
            kind: EntityKind::User,
            tags: user.tags.clone(),
            policies,
            boundary: user.boundary.as_deref().map(|arn| self.managed(documents, arn)),
            keys: self.keys.get(&user.name).cloned().unwrap_or_default(),
        }
    }

    fn role(&self, role: &Role, documents: &mut Documents) -> Entity {
        let mut policies = Vec::new();
        self.add(&mut policies, documents, &role.inline, &role.attached, &format!("role/{}", role.name));
        Entity {
            id: role.id.clone(),
            arn: role.arn(),
            name: role.name.clone(),
            kind: EntityKind::Role,
            tags: role.tags.clone(),
            policies,
            boundary: role.boundary.as_deref().map(|arn| self.managed(documents, arn)),
            keys: Vec::new(),
        }
    }

    fn add(&self, to: &mut Vec<Attached>, documents: &mut Documents, inline: &Inline, attached: &[String], of: &str) {
        to.extend(
            inline.iter().map(|(name, text)| Attached { name: format!("{name} of {of}"), document: documents.place(text) }),
        );
        to.extend(attached.iter().map(|arn| self.managed(documents, arn)));
    }

    /// A policy that is not there (which the API prevents) is an empty text: it cannot be read, and nothing is allowed.
    fn managed(&self, documents: &mut Documents, arn: &str) -> Attached {
        let own = || self.db.get::<ManagedPolicy>(self.id, super::name_of_arn(arn).to_lowercase());
        let document = match ::iam::managed::find(arn) {
            Some(policy) => documents.place(policy.document),
            None => documents.place(own().as_ref().map_or("", |p| p.document())),
        };
        Attached { name: arn.to_owned(), document }
    }
}

/// Every part that there is, by account, with its digest; made again only for accounts whose rows have changed.
#[derive(Default)]
pub struct Compiled {
    accounts: BTreeMap<AccountId, Vec<(PartHead, Arc<Part>)>>,
}

impl Compiled {
    /// Makes the parts of an account anew; gives those that changed.
    pub fn refresh(&mut self, db: &Db, account: &AccountId) -> Vec<Arc<Part>> {
        let before = self.accounts.remove(account).unwrap_or_default();
        let mut changed = Vec::new();
        let mut now = Vec::new();
        for part in parts(db, account) {
            let text = serde_json::to_vec(&part).unwrap_or_default();
            let digest = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text));
            match before.iter().find(|(head, _)| head.name == part.name && head.digest == digest) {
                Some(same) => now.push(same.clone()),
                None => {
                    let part = Arc::new(part);
                    changed.push(part.clone());
                    now.push((PartHead { name: part.name.clone(), digest }, part));
                }
            }
        }
        self.accounts.insert(account.clone(), now);
        changed
    }

    pub fn heads(&self) -> Vec<PartHead> {
        self.accounts.values().flatten().map(|(head, _)| head.clone()).collect()
    }

    pub fn part(&self, name: &str) -> Option<Arc<Part>> {
        let (account, _) = name.split_once('.')?;
        let parts = self.accounts.get(&account.parse::<AccountId>().ok()?)?;
        parts.iter().find(|(head, _)| head.name == name).map(|(_, part)| part.clone())
    }
}
