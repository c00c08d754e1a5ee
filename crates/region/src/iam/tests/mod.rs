//! IAM's operations through the real dispatcher, judged by the real directory.

mod entities;
mod policies;
mod providers;
mod secrets;
mod simulator;

use super::identity::Identities;
use crate::context::{Answer, Ctx, OpError, Question, ReplayRng, Who};
use crate::db::Db;
use crate::dispatch::{self, Table};
use crate::ec2::testing::{harness, principal};
pub use crate::ec2::testing::{text, texts};
use crate::rows::{AccessKey, Account, User};
use ::iam::Bundle;
use ::iam::caller::Circumstances;
use aws_protocol::{AwsError, Form};
use platform::Settings;
use types::TimestampMs;
use wire::api::Principal;

pub const ACCOUNT: &str = "123456789012";
pub const ALLOW_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
pub const TRUST_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// Parameters of a form.
pub type Pairs<'a> = &'a [(&'a str, &'a str)];

pub struct Region {
    pub db: Db,
    pub caller: Principal,
    pub now: TimestampMs,
    identities: Identities,
    settings: Settings,
    table: Table,
}

/// An account of its own, called by its root user.
pub fn region() -> Region {
    let h = harness();
    let mut db = h.db;
    let id: types::AccountId = ACCOUNT.parse().unwrap();
    db.put(Account { id, name: "default".into(), created: h.now, shard_salt: 0 });
    db.take_mutations();
    Region {
        db,
        caller: principal(ACCOUNT),
        now: h.now,
        identities: Identities::new(std::sync::Arc::new(::kms::RootKey::generate().unwrap())),
        settings: h.settings,
        table: crate::operations(),
    }
}

pub fn form(pairs: Pairs) -> String {
    pairs.iter().map(|(k, v)| format!("{k}={}", super::check::url_encoded(v))).collect::<Vec<_>>().join("&")
}

impl Region {
    pub fn service(&mut self, service: &str, action: &str, pairs: Pairs) -> Result<String, AwsError> {
        let form = Form::parse(format!("Action={action}&Version=2010-05-08&{}", form(pairs)).as_bytes())?;
        self.identities.refresh(&mut self.db);
        let bundle = match self.caller.kind {
            wire::identity::PrincipalKind::Root => Bundle::of(::iam::caller::principal(&self.caller)),
            _ => self.identities.directory().bundle(&self.caller).expect("the caller is there"),
        };
        let at = Circumstances { now: self.now, source_ip: "127.0.0.1", user_agent: "", region: "us-east-1", through: None };
        let who = Who { caller: &self.caller, bundle: &bundle, at };
        let (mut rng, mut answers) = (ReplayRng::new(), Vec::new());
        loop {
            rng.rewind();
            let mut ctx = Ctx::new(&mut self.db, who, self.now, &self.settings, "req-1", &mut rng, &answers);
            match dispatch::run_form(&self.table, &mut ctx, service, &form) {
                Ok(reply) => {
                    // What was written can be read again.
                    let mut again = Db::default();
                    for (key, value) in self.db.take_mutations() {
                        value.into_iter().for_each(|v| again.load(&key, &v).expect("a row"));
                    }
                    return Ok(reply.body);
                }
                Err(OpError::Aws(e)) => {
                    self.db.rollback();
                    return Err(e);
                }
                Err(OpError::Ask(question)) => {
                    self.db.rollback();
                    let Question::PasswordHash(request) = &*question else { panic!("{action} asks {question:?}") };
                    let hash = super::login::work(request);
                    answers.push((*question, Answer::PasswordHash(hash)));
                }
            }
        }
    }

    pub fn call(&mut self, action: &str, pairs: Pairs) -> Result<String, AwsError> {
        self.service("iam", action, pairs)
    }

    pub fn ok(&mut self, action: &str, pairs: Pairs) -> String {
        self.call(action, pairs).unwrap_or_else(|e| panic!("{action} {pairs:?}: {e}"))
    }

    /// The code of a refusal, which changed nothing.
    pub fn refused(&mut self, action: &str, pairs: Pairs) -> AwsError {
        match self.call(action, pairs) {
            Ok(reply) => panic!("{action} {pairs:?}: {reply}"),
            Err(e) => e,
        }
    }

    /// Refuses with this code and status.
    pub fn must_refuse(&mut self, rows: &[(&str, Pairs, &str, u16)]) {
        for (action, pairs, code, status) in rows {
            let e = self.refused(action, pairs);
            assert_eq!((e.code.as_ref(), e.status), (*code, *status), "{action} {pairs:?}: {e}");
        }
    }

    pub fn user(&mut self, name: &str) {
        self.ok("CreateUser", &[("UserName", name)]);
    }

    pub fn role(&mut self, name: &str) {
        self.ok("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST_EC2)]);
    }

    /// Goes on as a user with every permission.
    pub fn become_user(&mut self, name: &str) {
        self.ok("PutUserPolicy", &[("UserName", name), ("PolicyName", "all"), ("PolicyDocument", ALLOW_ALL)]);
        self.caller = self.principal_of(name);
    }

    pub fn principal_of(&mut self, name: &str) -> Principal {
        let user = self.db.get::<User>(&ACCOUNT.parse().unwrap(), name.to_lowercase()).unwrap();
        Principal {
            account: user.account.clone(),
            arn: user.arn(),
            user_id: user.id.clone(),
            kind: wire::identity::PrincipalKind::User { name: user.name.clone() },
            session: None,
        }
    }

    pub fn key(&self, id: &str) -> Option<std::rc::Rc<AccessKey>> {
        self.db.get::<AccessKey>(&ACCOUNT.parse().unwrap(), id)
    }

    /// Whether the directory lets the user do this.
    pub fn may(&mut self, user: &str, action: &str) -> bool {
        self.may_to(user, action, "*")
    }

    /// The same, to the user itself.
    pub fn may_own(&mut self, user: &str, action: &str) -> bool {
        self.may_to(user, action, &format!("arn:aws:iam::{ACCOUNT}:user/{user}"))
    }

    fn may_to(&mut self, user: &str, action: &str, resource: &str) -> bool {
        let caller = self.principal_of(user);
        self.identities.refresh(&mut self.db);
        let Some(bundle) = self.identities.directory().bundle(&caller) else { return false };
        let context = ::iam::Context::of(&bundle.principal);
        bundle
            .decide(&::iam::Asked {
                action,
                resource,
                resource_account: None,
                resource_policy: None,
                rule: ::iam::Rule::Optional,
                context: &context,
            })
            .is_allowed()
    }
}

/// Every operation of the model is served.
#[test]
fn all_operations_are_served() {
    let r = region();
    let missing: Vec<_> =
        aws_protocol::iam::SERVICE.operations.iter().filter(|o| r.table.find("iam", o.name).is_none()).map(|o| o.name).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(aws_protocol::iam::SERVICE.operations.len() >= 133);
}

#[test]
fn missing_and_unknown_parameters() {
    let mut r = region();
    let e = r.refused("CreateUser", &[]);
    assert_eq!(e.code, "ValidationError");
    assert_eq!(
        e.message,
        "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null"
    );
    let e = r.refused("PutUserPolicy", &[("UserName", "a")]);
    assert!(e.message.starts_with("2 validation errors detected: ") && e.message.contains("'policyDocument'"), "{e}");
    r.must_refuse(&[
        ("CreateUser", &[("UserName", "a"), ("Nonsense", "1")], "UnknownParameter", 400),
        ("CreateNonsense", &[], "InvalidAction", 400),
        ("CreateUser", &[("UserName", "a"), ("Tags.member.1.Key", "k")], "ValidationError", 400),
    ]);
    // An empty list, as the query protocol writes it.
    r.ok("CreateUser", &[("UserName", "a"), ("Tags", "")]);
}
