//! The compiled evaluator against the naive one of `reference`, on generated documents and requests, the same every run.
//!
//! Words are drawn from small lists, so that things often match and often nearly match.

mod reference;

use iam::caller::Circumstances;
use iam::{Asked, Context, Decision, DenyReason, Directory, Policy, PolicyKind, PolicySet, Principal, Request, Rule, evaluate};
use reference::{Answer, Ask, Documents, Kind, Who};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::TimestampMs;
use wire::identity::{Attached, Entity, EntityKind, Part, Principal as Caller, PrincipalKind as CallerKind, Session};

const SETS: usize = 30_000;
const REQUESTS_PER_SET: usize = 5;
const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn percent(&mut self, p: usize) -> bool {
        self.below(100) < p
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// One text, or a list of a few.
    fn some(&mut self, list: &[&str]) -> Value {
        if self.percent(50) {
            return json!(self.pick(list));
        }
        let n = 1 + self.below(3);
        json!((0..n).map(|_| self.pick(list)).collect::<Vec<_>>())
    }
}

/// The requesters, in both evaluators' words.
fn requesters() -> Vec<(Who, Principal)> {
    let mut out = Vec::new();
    let mut add = |kind, p: Principal, above: &str, id: &str, name: &str| {
        let account = p.account.as_ref().map(|a| a.to_string()).unwrap_or_default();
        let canonical = p.canonical_id.clone();
        let who = Who { kind, account, canonical, arn: p.arn.clone(), above: above.into(), id: id.into(), name: name.into() };
        out.push((who, p));
    };
    add(Kind::Anonymous, Principal::anonymous(), "", "", "");
    add(Kind::Service, Principal::service("ec2.amazonaws.com"), "", "", "");
    add(Kind::Provider, Principal::federated("accounts.google.com", "u"), "", "", "u");
    for account in ACCOUNTS {
        let a = account.parse().unwrap();
        let root = Principal::root(&a);
        let ann = Principal::user(&a, "/", "ann", "AIDAANN4567890123456");
        let role = format!("arn:aws:iam::{account}:role/ops/r");
        let bob = Principal::user(&a, "/eng/", "bob", "AIDABOB4567890123456");
        add(Kind::Root, root.clone(), "", "", "");
        add(Kind::User, ann.clone(), "", "AIDAANN4567890123456", "ann");
        add(Kind::User, bob, "", "AIDABOB4567890123456", "bob");
        for s in ["s1", "s2"] {
            let p = Principal::role_session(&a, "/ops/", "r", "AROAR456789012345678", s);
            add(Kind::Session, p, &role, "AROAR456789012345678", s);
        }
        add(Kind::Federated, Principal::federated_user(&a, &ann.arn, "fed"), &ann.arn, "", "fed");
        add(Kind::Federated, Principal::federated_user(&a, &root.arn, "top"), &root.arn, "", "top");
    }
    out
}

const ACTIONS: [&str; 5] = ["s3:GetObject", "s3:PutObject", "S3:listbucket", "ec2:RunInstances", "sts:AssumeRole"];
const ACTION_PATTERNS: [&str; 14] = [
    "*",
    "s3:*",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "S3:GETOBJECT",
    "ec2:*",
    "ec2:RunInstances",
    "s3:*Object",
    "s3:List*",
    "s3:*t*t",
    "sts:*",
    "s3express:*",
    "*:*",
];
const RESOURCES: [&str; 8] = [
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/ann/k",
    "arn:aws:s3:::b/red:k/x",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::c/red/ü",
    "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
    "arn:aws:x:us-east-2:9999:store/abc:1111:finance/d",
    "*",
];
const RESOURCE_PATTERNS: [&str; 23] = [
    "*",
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::?",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team}*",
    "arn:aws:s3:::${bucket, 'c'}/*",
    "arn:aws:s3:::*/${aws:PrincipalTag/Team, 'red'}/?",
    "arn:aws:s3:::b/${*}",
    "arn:aws:s3:::*/*/?",
    "arn:aws:s3:::*red*k*",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:us-*-1:${aws:PrincipalAccount}:*",
    "arn:aws:ec2:*:1*3:instance/i-?",
    "arn:aws:x:*:1111:finance/*",
    "arn:aws:x:*:9999:*:1111:*",
    "arn:*:*:*:*:*",
    "arn:aws:s3*",
    "arn:aws-cn:s3:::*",
    "arn:aws:s3:::b/${$}{aws:username}",
    "arn:aws:*:${no:such}:*:?*/i-1",
];

/// Condition keys with the values that requests give them.
const KEYS: [(&str, &[&str]); 10] = [
    ("s3:prefix", &["", "home/", "home/ann", "a*c", "Red"]),
    ("aws:SourceIp", &["203.0.113.9", "10.1.2.3", "2001:db8::5", "::ffff:10.9.9.9"]),
    ("aws:CurrentTime", &["2020-05-31T23:59:59.5Z", "2020-06-01T00:00:00Z", "2020-06-01T02:00:00+02:00", "1590969600"]),
    ("aws:TagKeys", &["cost", "team", "", "Cost"]),
    ("n:number", &["1", "9.5", "10", "10.0", "-3", "many"]),
    ("aws:SecureTransport", &["true", "false"]),
    ("x:data", &["AAEC", "AAE=", "aGk=", "?"]),
    ("aws:SourceArn", &["arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:eu-west-1:444455556666:a:b", "t"]),
    ("aws:PrincipalTag/team", &["red", "blue", "*", "re"]),
    ("bucket", &["b", "c"]),
];

const STRINGS: [&str; 14] = [
    "",
    "home/",
    "home/*",
    "home/${aws:username}",
    "a${*}c",
    "a?c",
    "a*c",
    "red",
    "${aws:PrincipalTag/team}",
    "cost",
    "team",
    "*",
    "${no:such}",
    "${no:such, 'red'}",
];

/// The operators with the values that documents give them.
const OPERATORS: [(&str, &[&str]); 27] = [
    ("StringEquals", &STRINGS),
    ("StringNotEquals", &STRINGS),
    ("StringEqualsIgnoreCase", &STRINGS),
    ("StringNotEqualsIgnoreCase", &STRINGS),
    ("StringLike", &STRINGS),
    ("StringNotLike", &STRINGS),
    ("NumericEquals", &NUMBERS),
    ("NumericNotEquals", &NUMBERS),
    ("NumericLessThan", &NUMBERS),
    ("NumericLessThanEquals", &NUMBERS),
    ("NumericGreaterThan", &NUMBERS),
    ("NumericGreaterThanEquals", &NUMBERS),
    ("DateEquals", &DATES),
    ("DateNotEquals", &DATES),
    ("DateLessThan", &DATES),
    ("DateLessThanEquals", &DATES),
    ("DateGreaterThan", &DATES),
    ("DateGreaterThanEquals", &DATES),
    ("Bool", &["true", "false", "True"]),
    ("BinaryEquals", &["AAEC", "AAE=", "aGk="]),
    ("IpAddress", &RANGES),
    ("NotIpAddress", &RANGES),
    ("ArnEquals", &ARNS),
    ("ArnLike", &ARNS),
    ("ArnNotEquals", &ARNS),
    ("ArnNotLike", &ARNS),
    ("Null", &["true", "false"]),
];
const NUMBERS: [&str; 5] = ["1", "9.5", "10", "-3", "1e1"];
const DATES: [&str; 6] = ["2020", "2020-06", "2020-06-01", "2020-06-01T00:00:00Z", "1590969599", "2020-05-31T23:59:59.5Z"];
const RANGES: [&str; 7] = ["203.0.113.0/24", "203.0.113.9", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::/0", "203.0.113.8/31"];
const ARNS: [&str; 6] = [
    "*",
    "arn:aws:sns:*:111122223333:*",
    "arn:aws:sns:us-east-1:111122223333:t",
    "arn:aws:sns:*:*:?:b",
    "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}",
    "arn:aws:iam::*:role/*",
];

fn principals(rng: &mut Rng, all: &[(Who, Principal)]) -> Value {
    if rng.percent(15) {
        return json!("*");
    }
    let mut aws = Vec::new();
    let mut out = Map::new();
    for _ in 0..1 + rng.below(4) {
        let who = &all[rng.below(all.len())].0;
        let named = rng.below(5);
        match who.kind {
            Kind::Anonymous => aws.push("*".to_owned()),
            Kind::Service => drop(out.insert("Service".into(), json!([who.arn, "s3.amazonaws.com"]))),
            Kind::Provider => drop(out.insert("Federated".into(), json!(who.arn))),
            _ if named == 0 => aws.push(who.account.clone()),
            _ if named == 1 => aws.push(format!("arn:aws:iam::{}:root", who.account)),
            _ if named == 2 && !who.above.is_empty() => aws.push(who.above.clone()),
            _ if named == 3 && !who.id.is_empty() => aws.push(who.id.clone()),
            _ if named == 4 && rng.percent(30) => drop(out.insert("CanonicalUser".into(), json!([who.canonical]))),
            _ => aws.push(who.arn.clone()),
        }
    }
    if !aws.is_empty() {
        out.insert("AWS".into(), json!(aws));
    }
    Value::Object(out)
}

fn conditions(rng: &mut Rng) -> Value {
    let mut block = Map::new();
    for _ in 0..1 + rng.below(2) {
        let (operator, values) = rng.pick(&OPERATORS);
        let set = if operator == "Null" { "" } else { rng.pick(&["", "", "", "ForAllValues:", "ForAnyValue:"]) };
        let if_exists = if operator != "Null" && rng.percent(20) { "IfExists" } else { "" };
        // Mostly a key that such values are for.
        let fitting: Vec<&str> = match operator {
            o if o.starts_with("Numeric") => vec!["n:number"],
            o if o.starts_with("Date") => vec!["aws:CurrentTime"],
            o if o.contains("Ip") => vec!["aws:SourceIp"],
            o if o.starts_with("Arn") => vec!["aws:SourceArn", "aws:PrincipalArn"],
            "Bool" => vec!["AWS:securetransport", "aws:PrincipalIsAWSService"],
            "BinaryEquals" => vec!["x:data"],
            _ => vec!["s3:Prefix", "aws:TagKeys", "aws:PrincipalTag/team", "aws:username", "aws:PrincipalType", "bucket"],
        };
        let key = if rng.percent(85) { rng.pick(&fitting) } else { rng.pick(&KEYS).0 };
        block.insert(format!("{set}{operator}{if_exists}"), json!({ key: rng.some(values) }));
    }
    Value::Object(block)
}

fn document(rng: &mut Rng, kind: PolicyKind, deny_percent: usize, all: &[(Who, Principal)]) -> Value {
    let statements: Vec<Value> = (0..1 + rng.below(3))
        .map(|_| {
            let mut s = Map::new();
            s.insert("Effect".into(), json!(if rng.percent(deny_percent) { "Deny" } else { "Allow" }));
            if kind == PolicyKind::Trust {
                s.insert("Action".into(), rng.some(&["sts:*", "sts:AssumeRole", "STS:assume*", "sts:TagSession"]));
            } else {
                let not = if rng.percent(12) { "Not" } else { "" };
                s.insert(format!("{not}Action"), rng.some(&ACTION_PATTERNS));
                let not = if rng.percent(12) { "Not" } else { "" };
                s.insert(format!("{not}Resource"), rng.some(&RESOURCE_PATTERNS));
            }
            if kind != PolicyKind::Identity {
                let not = if rng.percent(12) { "Not" } else { "" };
                s.insert(format!("{not}Principal"), principals(rng, all));
            }
            if rng.percent(30) {
                s.insert("Condition".into(), conditions(rng));
            }
            Value::Object(s)
        })
        .collect();
    let statement = if statements.len() == 1 && rng.percent(50) { statements[0].clone() } else { json!(statements) };
    match rng.below(10) {
        0 => json!({ "Statement": statement }),
        1 => json!({ "Version": "2008-10-17", "Statement": statement }),
        _ => json!({ "Version": "2012-10-17", "Statement": statement }),
    }
}

fn documents(rng: &mut Rng, all: &[(Who, Principal)]) -> (Documents, PolicyKind) {
    let kind = if rng.percent(10) { PolicyKind::Trust } else { PolicyKind::Resource };
    let identity = |rng: &mut Rng, deny| document(rng, PolicyKind::Identity, deny, all);
    let mut d = Documents { resource_required: rng.percent(20), ..Documents::default() };
    for _ in 0..if rng.percent(15) { 1 + rng.below(2) } else { 0 } {
        d.organisation.push((0..1 + rng.below(2)).map(|_| identity(rng, 7)).collect());
    }
    d.identity = (0..rng.below(4)).map(|_| identity(rng, 12)).collect();
    d.boundary = rng.percent(20).then(|| identity(rng, 7));
    d.session = rng.percent(25).then(|| (0..1 + rng.below(2)).map(|_| identity(rng, 7)).collect());
    d.resource = rng.percent(70).then(|| document(rng, kind, 18, all));
    (d, kind)
}

fn compile(document: &Value, kind: PolicyKind) -> Arc<Policy> {
    let text = document.to_string();
    Arc::new(Policy::parse(&text, kind).unwrap_or_else(|e| panic!("{e}: {text}")))
}

/// "Principal key values", once more.
fn principal_keys(who: &Who) -> BTreeMap<String, Vec<String>> {
    let mut keys = BTreeMap::new();
    let mut set = |key: &str, value: &str| drop(keys.insert(key.to_owned(), vec![value.to_owned()]));
    let (kind, userid) = match who.kind {
        Kind::Anonymous => ("Anonymous", "anonymous".to_owned()),
        Kind::Root => ("Account", who.account.clone()),
        Kind::User => ("User", who.id.clone()),
        Kind::Session => ("AssumedRole", format!("{}:{}", who.id, who.name)),
        Kind::Federated => ("FederatedUser", format!("{}:{}", who.account, who.name)),
        Kind::Service => ("Service", who.arn.clone()),
        Kind::Provider => ("WebIdentityUser", format!("{}:{}", who.arn, who.name)),
    };
    set("aws:principaltype", kind);
    set("aws:userid", &userid);
    match who.kind {
        Kind::User => set("aws:username", &who.name),
        Kind::Service => set("aws:principalservicename", &who.arn),
        Kind::Provider => set("aws:federatedprovider", &who.arn),
        _ => {}
    }
    if who.kind != Kind::Anonymous {
        set("aws:principalisawsservice", if who.kind == Kind::Service { "true" } else { "false" });
    }
    if !who.account.is_empty() {
        set("aws:principalaccount", &who.account);
        set("aws:principalarn", if who.kind == Kind::Session { &who.above } else { &who.arn });
    }
    keys
}

fn ask(rng: &mut Rng, all: &[(Who, Principal)]) -> (Ask, Principal, Context) {
    let (who, principal) = &all[rng.below(all.len())];
    let mut keys = principal_keys(who);
    let mut context = Context::of(principal);
    for (key, pool) in KEYS {
        if rng.percent(40) {
            continue;
        }
        let n = if rng.percent(75) { 1 } else { rng.below(4) };
        let values: Vec<String> = (0..n).map(|_| rng.pick(pool).to_owned()).collect();
        context.set_many(key, values.clone());
        keys.insert(key.to_lowercase(), values);
    }
    let owner = match rng.below(8) {
        0 => None,
        1..4 => Some(rng.pick(&ACCOUNTS).to_owned()),
        _ if who.account.is_empty() => None,
        _ => Some(who.account.clone()),
    };
    let (action, resource) = (rng.pick(&ACTIONS).to_owned(), rng.pick(&RESOURCES).to_owned());
    (Ask { who: who.clone(), action, resource, owner, keys }, principal.clone(), context)
}

#[test]
fn two_evaluators_agree() {
    let all = requesters();
    let mut rng = Rng(20_121_017);
    let mut counts: BTreeMap<Answer, usize> = BTreeMap::new();
    for round in 0..SETS {
        let (d, kind) = documents(&mut rng, &all);
        let each = |list: &[Value]| list.iter().map(|p| compile(p, PolicyKind::Identity)).collect::<Vec<_>>();
        let identity = each(&d.identity);
        let organisation: Vec<_> = d.organisation.iter().map(|level| each(level)).collect();
        let boundary = d.boundary.as_ref().map(|p| compile(p, PolicyKind::Identity));
        let session = d.session.as_ref().map(|list| each(list));
        let resource = d.resource.as_ref().map(|p| compile(p, kind));
        let set = PolicySet {
            identity: &identity,
            boundary: boundary.as_deref(),
            session: session.as_deref(),
            resource: resource.as_deref(),
            resource_rule: if d.resource_required { Rule::Required } else { Rule::Optional },
            organisation: &organisation,
        };
        for _ in 0..REQUESTS_PER_SET {
            let (ask, principal, context) = ask(&mut rng, &all);
            let request = Request {
                principal: &principal,
                action: &ask.action,
                resource: &ask.resource,
                resource_account: ask.owner.as_deref(),
                context: &context,
            };
            let decision = evaluate(&set, &request);
            let got = match decision {
                Decision::Allow { .. } => Answer::Allow,
                Decision::Deny(DenyReason::Explicit { .. }) => Answer::ExplicitDeny,
                Decision::Deny(DenyReason::Implicit(_)) => Answer::ImplicitDeny,
            };
            let want = reference::answer(&d, &ask);
            *counts.entry(want).or_default() += 1;
            assert_eq!(
                got,
                want,
                "round {round}: {decision:?}\n{:?} {} {} owner {:?}\nkeys {:?}\norganisation {:?}\nidentity {}\nboundary {:?}\nsession {:?}\nresource {:?}",
                ask.who,
                ask.action,
                ask.resource,
                ask.owner,
                ask.keys,
                d.organisation.iter().flatten().map(Value::to_string).collect::<Vec<_>>(),
                json!(d.identity),
                d.boundary.as_ref().map(Value::to_string),
                d.session.as_ref().map(|s| json!(s).to_string()),
                d.resource.as_ref().map(Value::to_string),
            );
        }
    }
    let total: usize = counts.values().sum();
    assert!(total >= 100_000, "{total}");
    // The generator is worth something: each answer is frequent.
    for answer in [Answer::Allow, Answer::ExplicitDeny, Answer::ImplicitDeny] {
        let share = counts.get(&answer).copied().unwrap_or_default() * 100 / total;
        assert!(share >= 8, "{answer:?}: {share} % of {total}");
    }
}

/// The same through a [`Directory`] and its bundles: callers as gateways prove them, tags of entities and sessions, and only
/// those condition keys that a document mentions.
#[test]
fn bundles_agree_too() {
    const SETS: usize = 20_500;
    let all: Vec<_> = requesters().into_iter().filter(|(who, _)| !who.account.is_empty()).collect();
    let mut rng = Rng(20_150_213);
    let mut counts: BTreeMap<Answer, usize> = BTreeMap::new();
    for round in 0..SETS {
        let (mut d, kind) = documents(&mut rng, &all);
        d.organisation.clear();
        let team = rng.percent(60).then(|| rng.pick(&["red", "blue", "re"]));
        let directory = directory(&d, team);
        let resource = d.resource.as_ref().map(|p| compile(p, kind));
        for _ in 0..REQUESTS_PER_SET {
            let (mut ask, principal, _) = ask(&mut rng, &all);
            let session_team = rng.percent(30).then(|| rng.pick(&["blue", "*"]));
            let caller = caller(&ask.who, &principal, &d, session_team);
            let (now_ms, now) =
                rng.pick(&[(1_590_969_599_500, "2020-05-31T23:59:59.5Z"), (1_590_969_600_000, "2020-06-01T00:00:00Z")]);
            let source_ip = rng.pick(KEYS[1].1);
            let at = Circumstances { now: TimestampMs(now_ms), source_ip, user_agent: "cli", region: "us-east-1", through: None };
            // The reference is told what the caller's session and the circumstances come to.
            let mut known = |key: &str, value: Option<&str>| {
                drop(ask.keys.insert(key.into(), value.iter().map(|v| (*v).to_owned()).collect()))
            };
            let tags = caller.session.as_ref().and(session_team).or(team);
            known("aws:principaltag/team", tags);
            known("aws:sourceip", Some(source_ip));
            known("aws:currenttime", Some(now));
            known("aws:securetransport", Some("false"));
            let bundle = directory.bundle(&caller).expect("everybody is in the directory");
            let own = |key: &str, context: &mut Context| {
                let known_here = ["s3:prefix", "aws:tagkeys", "n:number", "x:data", "aws:sourcearn", "bucket"].contains(&key);
                if let Some(values) = ask.keys.get(key).filter(|_| known_here) {
                    context.set_many(key, values.clone());
                }
            };
            let context = bundle.context_for(Some(&caller), &at, resource.as_deref(), own);
            let asked = Asked {
                action: &ask.action,
                resource: &ask.resource,
                resource_account: ask.owner.as_deref(),
                resource_policy: resource.as_deref(),
                rule: if d.resource_required { Rule::Required } else { Rule::Optional },
                context: &context,
            };
            let decision = bundle.decide(&asked);
            let got = match decision {
                Decision::Allow { .. } => Answer::Allow,
                Decision::Deny(DenyReason::Explicit { .. }) => Answer::ExplicitDeny,
                Decision::Deny(DenyReason::Implicit(_)) => Answer::ImplicitDeny,
            };
            let want = reference::answer(&d, &ask);
            *counts.entry(want).or_default() += 1;
            assert_eq!(got, want, "round {round}: {decision:?}\n{caller:?}\n{ask:?}\n{d:?}\n{context:?}");
            // All keys, mentioned or not, come to the same.
            let mut everything = bundle.context(&caller, &at);
            for key in ask.keys.keys() {
                own(key, &mut everything);
            }
            assert_eq!(bundle.decide(&Asked { context: &everything, ..asked }), decision, "round {round}");
        }
    }
    let total: usize = counts.values().sum();
    assert!(total >= 100_000, "{total}");
    for answer in [Answer::Allow, Answer::ExplicitDeny, Answer::ImplicitDeny] {
        let share = counts.get(&answer).copied().unwrap_or_default() * 100 / total;
        assert!(share >= 8, "{answer:?}: {share} % of {total}");
    }
}

/// Everybody of `requesters`, each with the set's documents. Both accounts' users of one name share an id there.
fn directory(d: &Documents, team: Option<&str>) -> Directory {
    let mut texts: Vec<Arc<str>> = d.identity.iter().map(|p| p.to_string().into()).collect();
    let attached = |document| Attached { name: format!("p{document}"), document };
    let policies: Vec<Attached> = (0..texts.len()).map(attached).collect();
    let boundary = d.boundary.as_ref().map(|p| {
        texts.push(p.to_string().into());
        attached(texts.len() - 1)
    });
    let entity = |id: &str, kind| Entity {
        id: id.into(),
        arn: String::new(),
        name: String::new(),
        kind,
        tags: team.iter().map(|t| ("team".to_owned(), (*t).to_owned())).collect(),
        policies: policies.clone(),
        boundary: boundary.clone(),
        keys: Vec::new(),
        devices: Vec::new(),
    };
    let entities = vec![
        entity(ACCOUNTS[0], EntityKind::Root),
        entity(ACCOUNTS[1], EntityKind::Root),
        entity(ANN, EntityKind::User),
        entity("AIDABOB4567890123456", EntityKind::User),
        entity("AROAR456789012345678", EntityKind::Role),
    ];
    let mut out = Directory::default();
    out.put(Part { name: "0".into(), account: ACCOUNTS[0].parse().unwrap(), entities, documents: texts });
    out
}

const ANN: &str = "AIDAANN4567890123456";

fn caller(who: &Who, principal: &Principal, d: &Documents, session_team: Option<&str>) -> Caller {
    let kind = match who.kind {
        Kind::Root => CallerKind::Root,
        Kind::Session => CallerKind::RoleSession { role_arn: who.above.clone(), session_name: who.name.clone() },
        Kind::Federated => {
            let user_id = if who.above.ends_with(":root") { who.account.clone() } else { ANN.into() };
            CallerKind::FederatedUser { user_arn: who.above.clone(), user_id }
        }
        _ => CallerKind::User { name: who.name.clone() },
    };
    let temporary = d.session.is_some() || matches!(who.kind, Kind::Session | Kind::Federated);
    let session = temporary.then(|| Session {
        issued: TimestampMs(0),
        expires: TimestampMs(u64::MAX),
        policies: d.session.iter().flatten().map(Value::to_string).collect(),
        tags: session_team.iter().map(|t| ("team".to_owned(), (*t).to_owned())).collect(),
        transitive: Vec::new(),
        mfa_at: None,
        source_identity: None,
        provider: None,
        chained: false,
        instance: None,
    });
    let account = who.account.parse().unwrap();
    Caller { account, arn: who.arn.clone(), user_id: principal.user_id.clone(), kind, session: session.map(Arc::new) }
}
