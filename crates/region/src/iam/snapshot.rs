//! The rows of an account as parts of the pushed directory: what a gateway needs to prove and judge its callers.

use super::rows::{AccessKey, AccountSettings, Group, Inline, ManagedPolicy, MfaDevice, Role, User};
use crate::db::{Db, Row};
use ::kms::RootKey;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use types::AccountId;
use wire::identity::{Attached, Device, Entity, EntityKind, Key, Part, PartHead};
use wire::kms::Hex;

/// Entities of a part, about: a part stays far below the size from which documents are split (1 MiB).
const ENTITIES_A_PART: usize = 256;
const PARTS_MAX: usize = 4096;
/// What every user has where the account's password policy says AllowUsersToChangePassword.
const CHANGE_PASSWORD: &str = "arn:aws:iam::aws:policy/IAMUserChangePassword";

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
    groups: HashMap<String, Vec<Rc<Group>>>,
    keys: HashMap<String, Vec<Key>>,
    /// By the user's unique id.
    devices: HashMap<String, Vec<Device>>,
}

impl<'a> Account<'a> {
    fn new(db: &'a Db, id: &'a AccountId, root: &RootKey) -> Self {
        let mut a = Account { db, id, groups: HashMap::new(), keys: HashMap::new(), devices: HashMap::new() };
        for group in db.list::<Group>(id) {
            for member in &group.members {
                a.groups.entry(member.clone()).or_default().push(group.clone());
            }
        }
        for key in db.list::<AccessKey>(id) {
            let sealed = seal(root, &Key::purpose(&key.access_key), &key.secret_key);
            let pushed = Key { access_key: key.access_key.clone(), sealed, active: key.active, ..Key::default() };
            a.keys.entry(key.user.clone()).or_default().push(pushed);
        }
        for device in db.list::<MfaDevice>(id) {
            let Some((user, _)) = &device.enabled else { continue };
            let serial = device.arn();
            let sealed = seal(root, &Device::purpose(&serial), &device.seed);
            let pushed = Device { serial, sealed, drift_steps: device.drift_steps, used_step: device.used_step };
            a.devices.entry(user.clone()).or_default().push(pushed);
        }
        a
    }

    fn part(&self, number: usize, members: &[Member]) -> Part {
        let mut documents = Documents::default();
        let entities = members.iter().map(|m| match m {
            Member::User(user) => self.user(user, &mut documents),
            Member::Role(role) => self.role(role, &mut documents),
        });
        let entities = entities.collect();
        Part { name: format!("{}.{number}", self.id), account: self.id.clone(), entities, documents: documents.texts }
    }
}

enum Member {
    User(Rc<User>),
    Role(Rc<Role>),
}

impl Member {
    fn id(&self) -> &str {
        match self {
            Member::User(u) => &u.id,
            Member::Role(r) => &r.id,
        }
    }
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
        if self.users_may_change_passwords() {
            policies.push(self.managed(documents, CHANGE_PASSWORD));
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
            devices: self.devices.get(&user.id).cloned().unwrap_or_default(),
        }
    }

    fn users_may_change_passwords(&self) -> bool {
        let settings = self.db.get::<AccountSettings>(self.id, self.id);
        settings.is_some_and(|s| s.password_policy.as_ref().is_some_and(|p| p.users_may_change))
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
            devices: Vec::new(),
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

/// Every part that there is, by account, with its digest. Only what changed rows bear on is made again.
pub struct Compiled {
    /// Seals what is secret in them.
    root: Arc<RootKey>,
    accounts: BTreeMap<AccountId, Parts>,
}

#[derive(Default)]
struct Parts {
    list: Vec<(PartHead, Arc<Part>)>,
    /// Which part holds the user, role or key of this row.
    place: HashMap<(&'static str, String), usize>,
}

/// Empty when the cryptographic library fails, which opens nothing.
pub fn seal(root: &RootKey, purpose: &str, secret: &str) -> Hex {
    root.seal_same(purpose, secret.as_bytes()).unwrap_or_default().into()
}

impl Compiled {
    pub fn new(root: Arc<RootKey>) -> Self {
        Self { root, accounts: BTreeMap::new() }
    }

    pub fn root(&self) -> &RootKey {
        &self.root
    }

    /// Makes again what the changed rows (kind and id) of an account bear on; gives the parts that became others.
    pub fn refresh(&mut self, db: &Db, account: &AccountId, rows: &BTreeSet<(&'static str, String)>) -> Vec<Arc<Part>> {
        let parts = self.accounts.entry(account.clone()).or_default();
        let users = db.list::<User>(account).map(Member::User);
        let members: Vec<_> = users.chain(db.list::<Role>(account).map(Member::Role)).collect();
        let count = members.len().div_ceil(ENTITIES_A_PART).next_power_of_two().min(PARTS_MAX);
        let stale = parts.touched(db, account, rows).filter(|_| parts.list.len() == count);
        let mut held: Vec<Vec<Member>> = (0..count).map(|_| Vec::new()).collect();
        for member in members {
            let n = place(member.id(), count);
            if stale.as_ref().is_none_or(|s| s.contains(&n)) {
                held[n].push(member);
            }
        }
        let source = Account::new(db, account, &self.root);
        let mut changed = Vec::new();
        parts.list.truncate(count);
        for (n, members) in held.iter().enumerate() {
            if stale.as_ref().is_some_and(|s| !s.contains(&n)) {
                continue;
            }
            let part = source.part(n, members);
            let text = serde_json::to_vec(&part).unwrap_or_default();
            let digest = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text));
            parts.remember(n, &part);
            if parts.list.get(n).is_some_and(|(head, _)| head.digest == digest) {
                continue;
            }
            let part = Arc::new(part);
            changed.push(part.clone());
            let entry = (PartHead { name: part.name.clone(), digest }, part);
            match parts.list.get_mut(n) {
                Some(place) => *place = entry,
                None => parts.list.push(entry),
            }
        }
        changed
    }

    pub fn heads(&self) -> Vec<PartHead> {
        self.accounts.values().flat_map(|p| &p.list).map(|(head, _)| head.clone()).collect()
    }

    pub fn part(&self, name: &str) -> Option<Arc<Part>> {
        let (account, _) = name.split_once('.')?;
        let parts = &self.accounts.get(&account.parse::<AccountId>().ok()?)?.list;
        parts.iter().find(|(head, _)| head.name == name).map(|(_, part)| part.clone())
    }
}

impl Parts {
    /// The parts that the rows bear on; none: all of them, as for groups and policies.
    fn touched(&self, db: &Db, account: &AccountId, rows: &BTreeSet<(&'static str, String)>) -> Option<BTreeSet<usize>> {
        let mut out = BTreeSet::new();
        let count = self.list.len().max(1);
        for row in rows {
            let now = match row.0 {
                User::KIND => db.get::<User>(account, &row.1).map(|u| u.id.clone()),
                Role::KIND => db.get::<Role>(account, &row.1).map(|r| r.id.clone()),
                AccessKey::KIND => db
                    .get::<AccessKey>(account, &row.1)
                    .and_then(|k| Some(db.get::<User>(account, k.user.to_lowercase())?.id.clone())),
                MfaDevice::KIND => {
                    db.get::<MfaDevice>(account, &row.1).and_then(|d| d.enabled.as_ref().map(|(user, _)| user.clone()))
                }
                _ => return None,
            };
            out.extend(now.map(|id| place(&id, count)));
            out.extend(self.place.get(row));
        }
        Some(out)
    }

    fn remember(&mut self, n: usize, part: &Part) {
        self.place.retain(|_, place| *place != n);
        for entity in &part.entities {
            let kind = if entity.kind == EntityKind::Role { Role::KIND } else { User::KIND };
            self.place.insert((kind, entity.name.to_lowercase()), n);
            for key in &entity.keys {
                self.place.insert((AccessKey::KIND, key.access_key.clone()), n);
            }
            for device in &entity.devices {
                self.place.insert((MfaDevice::KIND, super::name_of_arn(&device.serial).to_lowercase()), n);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::TimestampMs;

    fn user(account: &AccountId, n: usize) -> User {
        User {
            account: account.clone(),
            id: format!("AIDA{n:017}"),
            name: format!("User{n}"),
            path: "/".into(),
            created: TimestampMs(0),
            tags: Default::default(),
            boundary: None,
            inline: Default::default(),
            attached: Vec::new(),
        }
    }

    /// What was made piece by piece is what would be made at once.
    #[test]
    fn a_change_makes_only_its_part_again_and_the_whole_is_right() {
        let account: AccountId = "123456789012".parse().unwrap();
        let mut db = Db::default();
        let root = Arc::new(RootKey::generate().unwrap());
        let mut compiled = Compiled::new(root.clone());
        let refresh = |db: &mut Db, compiled: &mut Compiled| -> Vec<Arc<Part>> {
            let changed = db.take_changed_identities();
            let changed: Vec<_> = changed.iter().flat_map(|(a, rows)| compiled.refresh(db, a, rows)).collect();
            let mut whole = Compiled::new(root.clone());
            whole.refresh(db, &account, &[("group", String::new())].into_iter().collect());
            assert_eq!(whole.heads(), compiled.heads());
            changed
        };
        (0..1000).for_each(|n| db.put(user(&account, n)));
        assert_eq!(refresh(&mut db, &mut compiled).len(), 4);
        db.put(AccessKey {
            account: account.clone(),
            access_key: "AKIA1".into(),
            secret_key: "s".into(),
            user: "User7".into(),
            created: TimestampMs(0),
            active: true,
        });
        assert_eq!(refresh(&mut db, &mut compiled).len(), 1);
        db.delete::<AccessKey>(&account, "AKIA1");
        assert_eq!(refresh(&mut db, &mut compiled).len(), 1);
        let device = MfaDevice {
            account: account.clone(),
            name: "Phone".into(),
            path: "/".into(),
            seed: "00".into(),
            created: TimestampMs(0),
            tags: Default::default(),
            enabled: Some((user(&account, 7).id, TimestampMs(0))),
            drift_steps: 0,
            used_step: 0,
        };
        db.put(device.clone());
        let parts = refresh(&mut db, &mut compiled);
        assert_eq!(parts[0].entities.iter().map(|e| e.devices.len()).sum::<usize>(), 1);
        assert_eq!(parts.len(), 1);
        db.put(MfaDevice { enabled: None, ..device });
        assert_eq!(refresh(&mut db, &mut compiled).len(), 1);
        db.delete::<User>(&account, "user8");
        assert_eq!(refresh(&mut db, &mut compiled).len(), 1);
        // Of the same name, in another part perhaps.
        db.put(User { id: "AIDANEW".into(), ..user(&account, 9) });
        assert!((1..=2).contains(&refresh(&mut db, &mut compiled).len()));
        db.take_mutations();
        db.put(user(&account, 9));
        db.rollback();
        assert_eq!(refresh(&mut db, &mut compiled).len(), 0);
        (1000..1100).for_each(|n| db.put(user(&account, n)));
        assert_eq!(refresh(&mut db, &mut compiled).len(), 8);
        (200..1100).for_each(|n| db.delete::<User>(&account, format!("user{n}")));
        assert_eq!(refresh(&mut db, &mut compiled).len(), 1);
    }
}
