//! STS as a caller sees it: who may take on which role, and what comes of it, driven through the dispatcher.

use super::instance::{LIFE_MS, REFRESH_MS, refresh_all, to_wire};
use super::rows::ProfileAssociation;
use crate::context::testing::who;
use crate::context::{Ctx, OpError, ReplayRng};
use crate::ec2::testing::{Harness, harness, text, texts};
use crate::iam::identity::{Identities, rotate_session_keys};
use crate::rows::{Account, InstanceProfile, InstanceSession, ManagedPolicy, Role, User};
use ::iam::token;
use aws_protocol::{AwsError, Form};
use platform::SeededRng;
use types::{AccountId, ProfileAssociationId, TimestampMs};
use wire::identity::{Principal, PrincipalKind};

mod proofs;
mod saml;

const A: &str = "111111111111";
const B: &str = "222222222222";

struct World {
    h: Harness,
    identities: Identities,
    table: crate::dispatch::Table,
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn allow(action: &str, resource: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{action},"Resource":"{resource}"}}}}"#)
}

fn trust(principal: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]{more}}}}}"#
    )
}

impl World {
    fn new() -> Self {
        let mut h = harness();
        rotate_session_keys(&mut h.db, h.now, &mut SeededRng::new(1));
        for (id, name) in [(A, "a"), (B, "b")] {
            h.db.put(Account { id: account(id), name: name.into(), created: h.now, shard_salt: 0 });
        }
        Self {
            h,
            identities: Identities::new(std::sync::Arc::new(::kms::RootKey::generate().unwrap())),
            table: crate::operations(),
        }
    }

    fn user(&mut self, of: &str, name: &str, document: &str) -> Principal {
        let (account, id) = (account(of), format!("AIDA{}", name.to_uppercase()));
        let inline = [("p".to_owned(), document.to_owned())].into_iter().filter(|(_, d)| !d.is_empty()).collect();
        let user = User {
            account: account.clone(),
            id: id.clone(),
            name: name.into(),
            path: "/".into(),
            created: self.h.now,
            tags: Default::default(),
            boundary: None,
            inline,
            attached: Vec::new(),
        };
        let arn = user.arn();
        self.h.db.put(user);
        Principal { account, arn, user_id: id, kind: PrincipalKind::User { name: name.into() }, session: None }
    }

    fn role(&mut self, of: &str, name: &str, trust: &str, document: &str) -> String {
        let inline = [("p".to_owned(), document.to_owned())].into_iter().filter(|(_, d)| !d.is_empty()).collect();
        let role = Role {
            account: account(of),
            id: format!("AROA{}", name.to_uppercase()),
            name: name.into(),
            path: "/".into(),
            created: self.h.now,
            description: None,
            max_session_s: 7200,
            trust: trust.into(),
            tags: Default::default(),
            boundary: None,
            inline,
            attached: Vec::new(),
            service: None,
        };
        let arn = role.arn();
        self.h.db.put(role);
        arn
    }

    fn call(&mut self, caller: &Principal, service: &str, action: &str, parameters: &str) -> Result<String, AwsError> {
        // What a test put there stays when the call is taken back.
        self.h.db.take_mutations();
        self.identities.refresh(&mut self.h.db);
        let gone = AwsError::new("Gone", "");
        let bundle = self.identities.directory().bundle(caller).ok_or(gone)?;
        let form = Form::parse(format!("Action={action}&Version=2011-06-15&{parameters}").as_bytes())?;
        let mut rng = ReplayRng::new();
        let who = who(caller, &bundle);
        let mut ctx = Ctx::new(&mut self.h.db, who, self.h.now, &self.h.settings, "req-1", &mut rng, &[]);
        match crate::dispatch::run_form(&self.table, &mut ctx, service, &form) {
            Ok(reply) => {
                self.h.db.take_mutations();
                Ok(reply.body)
            }
            Err(OpError::Aws(e)) => {
                self.h.db.rollback();
                Err(e)
            }
            Err(OpError::Ask(q)) => panic!("{action} asks {q:?}"),
        }
    }

    fn sts(&mut self, caller: &Principal, action: &str, parameters: &str) -> Result<String, AwsError> {
        self.call(caller, "sts", action, parameters)
    }

    /// The caller that credentials in a reply stand for, opened as a gateway opens them.
    fn open(&self, xml: &str) -> Principal {
        let (key, token) = (text(xml, "AccessKeyId"), text(xml, "SessionToken"));
        let opened = super::keys(&self.h.db).open(&key, &token).unwrap();
        assert_eq!(opened.secret_key, text(xml, "SecretAccessKey"));
        token::in_time(&opened.principal, self.h.now, false).unwrap();
        opened.principal
    }
}

fn assume(arn: &str, more: &str) -> String {
    format!("RoleArn={arn}&RoleSessionName=job&{more}")
}

#[test]
fn who_may_take_on_a_role() {
    let any = allow("\"sts:*\"", "*");
    let named = r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#;
    let own = r#"{"AWS":"111111111111"}"#;
    let rows = [
        // (role's account, principal, alice's policy, allowed)
        ("named, same account: no policy of her own is needed", A, named, "", true),
        ("by the account, with a policy", A, own, any.as_str(), true),
        ("by the account, without one", A, own, "", false),
        ("not trusted, whatever her policies say", A, r#"{"AWS":"222222222222"}"#, any.as_str(), false),
        ("another account: named and allowed", B, named, any.as_str(), true),
        ("another account: named is not enough", B, named, "", false),
        ("another account: by its account, and allowed", B, own, any.as_str(), true),
        ("another account: allowed is not enough", B, r#"{"AWS":"222222222222"}"#, any.as_str(), false),
        ("a service", A, r#"{"Service":"ec2.amazonaws.com"}"#, any.as_str(), false),
    ];
    for (what, of, principal, document, allowed) in rows {
        let mut w = World::new();
        let alice = w.user(A, "alice", document);
        let arn = w.role(of, "app", &trust(principal, ""), "");
        let outcome = w.sts(&alice, "AssumeRole", &assume(&arn, ""));
        match outcome {
            Ok(xml) => {
                assert!(allowed, "{what}");
                let caller = w.open(&xml);
                assert_eq!(caller.arn, format!("arn:aws:sts::{of}:assumed-role/app/job"));
                assert_eq!((text(&xml, "Arn"), text(&xml, "AssumedRoleId")), (caller.arn, "AROAAPP:job".into()));
                assert_eq!(texts(&xml, "PackedPolicySize").len(), 0);
            }
            Err(e) => {
                assert!(!allowed, "{what}: {e}");
                let sentence =
                    format!("User: arn:aws:iam::{A}:user/alice is not authorized to perform: sts:AssumeRole on resource: {arn}");
                assert_eq!((e.code.as_ref(), e.message, e.status), ("AccessDenied", sentence, 403), "{what}");
            }
        }
    }
    // A role that is not there is refused in the same words.
    let mut w = World::new();
    let alice = w.user(A, "alice", &any);
    let absent = format!("arn:aws:iam::{B}:role/absent");
    assert!(w.sts(&alice, "AssumeRole", &assume(&absent, "")).unwrap_err().message.ends_with(&absent));
    let root = Principal::root(account(A));
    let arn = w.role(A, "app", &trust(own, ""), "");
    assert_eq!(w.sts(&root, "AssumeRole", &assume(&arn, "")).unwrap_err().message, "Roles may not be assumed by root accounts.");
}

#[test]
fn conditions_of_the_trust_policy() {
    let mut w = World::new();
    let alice = w.user(A, "alice", "");
    let named = r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#;
    let external = w.role(A, "external", &trust(named, r#","Condition":{"StringEquals":{"sts:ExternalId":"x:/1"}}"#), "");
    assert!(w.sts(&alice, "AssumeRole", &assume(&external, "ExternalId=x:/1")).is_ok());
    for other in ["", "ExternalId=x:/2"] {
        assert_eq!(w.sts(&alice, "AssumeRole", &assume(&external, other)).unwrap_err().code, "AccessDenied");
    }
    let name = r#","Condition":{"StringLike":{"sts:RoleSessionName":"${aws:username}-*"}}"#;
    let session = w.role(A, "session", &trust(named, name), "");
    assert!(w.sts(&alice, "AssumeRole", &format!("RoleArn={session}&RoleSessionName=alice-1")).is_ok());
    assert!(w.sts(&alice, "AssumeRole", &format!("RoleArn={session}&RoleSessionName=bob-1")).is_err());
    let mfa = w.role(A, "mfa", &trust(named, r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#), "");
    assert!(w.sts(&alice, "AssumeRole", &assume(&mfa, "")).is_err());
    for wrong in ["SerialNumber=arn:aws:iam::111111111111:mfa/x", "SerialNumber=arn:aws:iam::111111111111:mfa/x&TokenCode=123456"]
    {
        let e = w.sts(&alice, "AssumeRole", &assume(&mfa, wrong)).unwrap_err();
        assert!(e.is("AccessDenied") && e.message.starts_with("MultiFactorAuthentication failed"), "{e}");
    }
    // One action is not the others.
    let only =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}}"#;
    let bob = w.user(A, "bob", &allow("\"sts:*\"", "*"));
    let plain = w.role(A, "plain", only, "");
    assert!(w.sts(&bob, "AssumeRole", &assume(&plain, "")).is_ok());
    for (more, action) in
        [("Tags.member.1.Key=k&Tags.member.1.Value=v", "sts:TagSession"), ("SourceIdentity=bob", "sts:SetSourceIdentity")]
    {
        let e = w.sts(&bob, "AssumeRole", &assume(&plain, more)).unwrap_err();
        assert!(e.message.contains(action), "{e}");
    }
}

#[test]
fn what_breaks_a_constraint_is_said() {
    let mut w = World::new();
    let alice = w.user(A, "alice", &allow("\"sts:*\"", "*"));
    let arn = w.role(A, "app", &trust(r#"{"AWS":"111111111111"}"#, ""), "");
    let big = format!("Policy=%7B%22x%22:%22{}%22%7D", "a".repeat(2048));
    let rows = [
        (format!("RoleArn={arn}&RoleSessionName=a"), "ValidationError", "length greater than or equal to 2"),
        (format!("RoleArn={arn}&RoleSessionName=a%20b"), "ValidationError", "regular expression pattern: [\\w+=,.@-]*"),
        ("RoleArn=arn:aws:iam::111111111111:user/xx&RoleSessionName=ab".into(), "ValidationError", "is invalid"),
        (assume(&arn, "DurationSeconds=899"), "ValidationError", "greater than or equal to 900"),
        (assume(&arn, "DurationSeconds=43201"), "ValidationError", "less than or equal to 43200"),
        (assume(&arn, "DurationSeconds=7201"), "ValidationError", "exceeds the MaxSessionDuration"),
        (assume(&arn, "Policy=%7B%7D"), "MalformedPolicyDocument", "Syntax errors in policy."),
        (assume(&arn, &big), "ValidationError", "less than or equal to 2048"),
        (assume(&arn, "PolicyArns.member.1.arn=arn:aws:iam::111111111111:policy/none"), "ValidationError", "does not exist"),
        (assume(&arn, "Tags.member.1.Key=aws:x&Tags.member.1.Value=v"), "ValidationError", "reserved"),
        (
            assume(&arn, "Tags.member.1.Key=a&Tags.member.1.Value=v&Tags.member.2.Key=A&Tags.member.2.Value=v"),
            "InvalidParameterValue",
            "Duplicate tag keys",
        ),
        (assume(&arn, "TransitiveTagKeys.member.1=a"), "InvalidParameterValue", "must be included"),
        (assume(&arn, "SourceIdentity=aws:x"), "ValidationError", "sourceIdentity"),
    ];
    for (parameters, code, words) in rows {
        let e = w.sts(&alice, "AssumeRole", &parameters).unwrap_err();
        assert!(e.is(code) && e.message.contains(words) && e.status == 400, "{parameters}: {e}");
    }
    let tags: Vec<String> =
        (1..=50).map(|n| format!("Tags.member.{n}.Key=key{n}&Tags.member.{n}.Value={}", "v".repeat(200))).collect();
    let e = w.sts(&alice, "AssumeRole", &assume(&arn, &tags.join("&"))).unwrap_err();
    assert!(e.is("PackedPolicyTooLarge") && e.message.contains("% of allotted space"), "{e}");
}

#[test]
fn session_policies_take_away_and_chains_carry_on() {
    let mut w = World::new();
    let alice = w.user(A, "alice", &allow("\"sts:*\"", "*"));
    let everything = allow("\"*\"", "*");
    let first = w.role(A, "first", &trust(r#"{"AWS":"111111111111"}"#, ""), &everything);
    let second = w.role(B, "second", &trust(r#"{"AWS":"arn:aws:iam::111111111111:role/first"}"#, ""), &everything);
    w.h.db.put(ManagedPolicy {
        account: account(A),
        id: "ANPA1".into(),
        name: "reads".into(),
        path: "/".into(),
        description: None,
        created: w.h.now,
        updated: w.h.now,
        tags: Default::default(),
        default_version: 1,
        versions: vec![crate::iam::rows::PolicyVersion {
            number: 1,
            document: allow("\"ec2:Describe*\"", "*"),
            created: w.h.now,
        }],
        next_version: 2,
    });
    let limited =
        w.sts(&alice, "AssumeRole", &assume(&first, "PolicyArns.member.1.arn=arn:aws:iam::111111111111:policy/reads")).unwrap();
    assert!(text(&limited, "PackedPolicySize").parse::<u32>().unwrap() >= 1);
    let limited = w.open(&limited);
    assert!(w.call(&limited, "ec2", "DescribeVpcs", "").is_ok());
    let refused = w.call(&limited, "ec2", "CreateVpc", "CidrBlock=10.0.0.0/16").unwrap_err();
    assert!(refused.is("UnauthorizedOperation") && refused.message.contains("no session policy allows"), "{refused}");
    let administrator = w
        .sts(&alice, "AssumeRole", &assume(&first, "PolicyArns.member.1.arn=arn:aws:iam::aws:policy/AdministratorAccess"))
        .unwrap();
    let administrator = w.open(&administrator);
    assert_eq!(administrator.session.as_ref().unwrap().policies, ["arn:aws:iam::aws:policy/AdministratorAccess"]);
    assert!(w.call(&administrator, "ec2", "CreateVpc", "CidrBlock=10.0.0.0/16").is_ok());

    let more = "Tags.member.1.Key=team&Tags.member.1.Value=red&Tags.member.2.Key=b&Tags.member.2.Value=c&TransitiveTagKeys.member.1=team&SourceIdentity=alice";
    let one = w.sts(&alice, "AssumeRole", &assume(&first, more)).unwrap();
    assert_eq!(text(&one, "SourceIdentity"), "alice");
    let one = w.open(&one);
    let e = w.sts(&one, "AssumeRole", &assume(&second, "DurationSeconds=3601")).unwrap_err();
    assert!(e.message.contains("1 hour session limit for roles assumed by role chaining"), "{e}");
    let e = w.sts(&one, "AssumeRole", &assume(&second, "Tags.member.1.Key=Team&Tags.member.1.Value=x")).unwrap_err();
    assert!(e.is("InvalidParameterValue"), "{e}");
    assert!(w.sts(&one, "AssumeRole", &assume(&second, "SourceIdentity=bob")).unwrap_err().is("AccessDenied"));
    let two = w.sts(&one, "AssumeRole", &assume(&second, "")).unwrap();
    let two = w.open(&two);
    let session = two.session.as_ref().unwrap();
    assert!(session.chained && session.tags.len() == 1 && session.tags["team"] == "red" && session.transitive == ["team"]);
    assert_eq!((session.source_identity.as_deref(), two.account.as_str()), (Some("alice"), B));
    let identity = w.sts(&two, "GetCallerIdentity", "").unwrap();
    assert_eq!((text(&identity, "Arn"), text(&identity, "UserId")), (two.arn.clone(), "AROASECOND:job".to_owned()));
}

#[test]
fn a_changed_policy_and_a_deleted_role_bear_on_sessions_at_once() {
    let mut w = World::new();
    let alice = w.user(A, "alice", "");
    let named = r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#;
    let arn = w.role(A, "app", &trust(named, ""), &allow("\"ec2:*\"", "*"));
    let session = w.sts(&alice, "AssumeRole", &assume(&arn, "")).unwrap();
    let session = w.open(&session);
    assert!(w.call(&session, "ec2", "DescribeVpcs", "").is_ok());
    // What AWS calls "revoke older sessions".
    let issued = jiff::Timestamp::from_millisecond(w.h.now.0 as i64 + 1000).unwrap();
    let revoke = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{issued}"}}}}}}}}"#
    );
    w.h.db.update::<Role>(&account(A), "app", |r| {
        r.inline.insert("AWSRevokeOlderSessions".into(), revoke);
    });
    assert!(w.call(&session, "ec2", "DescribeVpcs", "").unwrap_err().is("UnauthorizedOperation"));
    w.h.now = TimestampMs(w.h.now.0 + 2000);
    let newer = w.sts(&alice, "AssumeRole", &assume(&arn, "")).unwrap();
    let newer = w.open(&newer);
    assert!(w.call(&newer, "ec2", "DescribeVpcs", "").is_ok());
    // Made anew under the same name it is another role.
    w.h.db.delete::<Role>(&account(A), "app");
    assert!(w.call(&newer, "ec2", "DescribeVpcs", "").unwrap_err().is("Gone"));
    assert!(w.identities.directory().current(newer.clone()).is_none());
}

#[test]
fn sessions_of_users() {
    let mut w = World::new();
    let alice = w.user(A, "alice", &allow("\"*\"", "*"));
    let xml = w.sts(&alice, "GetSessionToken", "DurationSeconds=900").unwrap();
    assert_eq!(text(&xml, "Expiration"), "2026-01-01T00:15:00.000Z");
    let session = w.open(&xml);
    assert_eq!((&session.arn, &session.user_id), (&alice.arn, &alice.user_id));
    assert!(w.call(&session, "ec2", "DescribeVpcs", "").is_ok());
    assert!(w.sts(&session, "GetCallerIdentity", "").is_ok());
    for (operation, parameters) in [("GetSessionToken", ""), ("GetFederationToken", "Name=ab")] {
        let e = w.sts(&session, operation, parameters).unwrap_err();
        assert_eq!((e.code.as_ref(), e.message), ("AccessDenied", format!("Cannot call {operation} with session credentials")));
    }
    assert_eq!(super::limits::check(&session, "iam", "ListUsers").unwrap_err().code, "InvalidClientTokenId");
    let mut proven = session.clone();
    let with = wire::identity::Session { mfa_at: Some(w.h.now), ..(**proven.session.as_ref().unwrap()).clone() };
    proven.session = Some(std::sync::Arc::new(with));
    assert!(super::limits::check(&proven, "iam", "ListUsers").is_ok());
    let root = Principal::root(account(A));
    let xml = w.sts(&root, "GetSessionToken", "").unwrap();
    assert_eq!(text(&xml, "Expiration"), "2026-01-01T01:00:00.000Z");
    // Nothing but what is passed.
    let nothing = w.sts(&alice, "GetFederationToken", "Name=joe").unwrap();
    let nothing = w.open(&nothing);
    assert_eq!(nothing.arn, format!("arn:aws:sts::{A}:federated-user/joe"));
    assert!(w.call(&nothing, "ec2", "DescribeVpcs", "").is_err());
    let policy = "%7B%22Statement%22:%7B%22Effect%22:%22Allow%22,%22Action%22:%22ec2:Describe*%22,%22Resource%22:%22*%22%7D%7D";
    let reads = w.sts(&alice, "GetFederationToken", &format!("Name=joe&Policy={policy}")).unwrap();
    assert_eq!(text(&reads, "FederatedUserId"), format!("{A}:joe"));
    let reads = w.open(&reads);
    assert!(w.call(&reads, "ec2", "DescribeVpcs", "").is_ok());
    assert!(w.call(&reads, "ec2", "CreateVpc", "CidrBlock=10.0.0.0/16").is_err());
    assert!(w.sts(&reads, "GetCallerIdentity", "").is_ok());
    assert!(w.sts(&reads, "AssumeRole", &assume(&format!("arn:aws:iam::{A}:role/xxx"), "")).unwrap_err().is("AccessDenied"));
}

#[test]
fn nobody_is_kept_from_knowing_who_it_is() {
    let mut w = World::new();
    let denied = w.user(A, "denied", r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#);
    assert_eq!(text(&w.sts(&denied, "GetCallerIdentity", "").unwrap(), "Arn"), denied.arn);
    assert!(w.sts(&denied, "GetAccessKeyInfo", "AccessKeyId=ASIAALP5YHBVAAAAAABK").unwrap_err().is("AccessDenied"));
    let alice = w.user(A, "alice", &allow("\"sts:*\"", "*"));
    let xml = w.sts(&alice, "GetSessionToken", "").unwrap();
    let info = w.sts(&alice, "GetAccessKeyInfo", &format!("AccessKeyId={}", text(&xml, "AccessKeyId"))).unwrap();
    assert_eq!(text(&info, "Account"), A);
    assert!(w.sts(&alice, "GetAccessKeyInfo", "AccessKeyId=AKIAEXAMPLEEXAMPLE00").unwrap_err().is("ValidationError"));
}

#[test]
fn a_refusal_is_told_to_whom_may_decode_it() {
    let mut w = World::new();
    let alice = w.user(A, "alice", "");
    let reader = w.user(A, "reader", &allow("\"sts:DecodeAuthorizationMessage\"", "*"));
    let other = w.user(B, "other", &allow("\"sts:DecodeAuthorizationMessage\"", "*"));
    let e = w.call(&alice, "ec2", "DescribeVpcs", "").unwrap_err();
    let (_, sealed) = e.message.split_once("Encoded authorization failure message: ").expect("an encoded message");
    let escape = |t: &str| t.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let decode = format!("EncodedMessage={}", escape(sealed));
    let decoded = text(&w.sts(&reader, "DecodeAuthorizationMessage", &decode).unwrap(), "DecodedMessage").replace("&quot;", "\"");
    let json: serde_json::Value = serde_json::from_str(&decoded).unwrap();
    assert_eq!((&json["allowed"], &json["context"]["action"]), (&false.into(), &"ec2:DescribeVpcs".into()));
    assert_eq!(json["context"]["principal"]["arn"], alice.arn);
    assert!(w.sts(&alice, "DecodeAuthorizationMessage", &decode).unwrap_err().is("AccessDenied"));
    assert!(w.sts(&other, "DecodeAuthorizationMessage", &decode).unwrap_err().is("InvalidAuthorizationMessageException"));
    let changed = decode.replace("EncodedMessage=A", "EncodedMessage=B");
    assert!(w.sts(&reader, "DecodeAuthorizationMessage", &changed).unwrap_err().is("InvalidAuthorizationMessageException"));
}

/// An instance's row with a profile, its role trusting EC2 or not.
fn with_instance(trusted: &str) -> (World, crate::rows::Instance) {
    let mut w = World::new();
    w.role(A, "app", &trust(trusted, ""), "");
    let profile = InstanceProfile {
        account: account(A),
        id: "AIPA1".into(),
        name: "web".into(),
        path: "/".into(),
        created: w.h.now,
        tags: Default::default(),
        role: Some("app".into()),
    };
    let association = ProfileAssociation {
        id: ProfileAssociationId::from_random(1),
        profile_arn: profile.arn(),
        profile_id: profile.id.clone(),
        since: w.h.now,
    };
    w.h.db.put(profile);
    let row: crate::rows::Instance = serde_json::from_value(serde_json::json!({
        "account": A, "id": "i-0123456789abcdef0", "reservation": "r-0123456789abcdef0", "launch_index": 0, "image": "ami-1",
        "instance_type": "t3.micro", "key_name": null, "state": "running", "state_reason": null, "transition_reason": "",
        "user_data": null, "launched": 0, "client_token": null, "az": "us-east-1a", "vpc": "vpc-0123456789abcdef0",
        "subnet": "subnet-0123456789abcdef0", "interfaces": [], "cell": "a1", "host": "a1-h1", "underlay": "127.1.1.1",
        "root_volume": "vol-0123456789abcdef0", "root_disk_gib": 1, "boot": 1, "reboot": 0, "shutdown_behavior": "stop",
        "disable_api_termination": false, "disable_api_stop": false, "monitoring": false,
        "metadata": {"tokens_required": true, "hop_limit": 1, "enabled": true, "instance_tags": false},
        "reachability": "ok", "reachability_since": 0, "terminated": null
    }))
    .unwrap();
    let row = crate::rows::Instance { profile: Some(association), ..row };
    w.h.db.put(row.clone());
    (w, row)
}

#[test]
fn an_instance_has_credentials_that_are_renewed_in_time() {
    let (mut w, row) = with_instance(r#"{"Service":"ec2.amazonaws.com"}"#);
    let mut rng = SeededRng::new(7);
    let mut at = |w: &mut World, ms: u64| {
        refresh_all(&mut w.h.db, TimestampMs(w.h.now.0 + ms), &w.h.settings, &mut rng);
        w.h.db.get::<InstanceSession>(&account(A), row.id)
    };
    let first = at(&mut w, 0).unwrap();
    assert_eq!(first.expires.0 - first.issued.0, LIFE_MS);
    assert_eq!(at(&mut w, REFRESH_MS - 1).unwrap(), first, "as long as they are fresh");
    let second = at(&mut w, REFRESH_MS).unwrap();
    assert!(second.token != first.token && second.expires.0 == first.expires.0 + REFRESH_MS);
    let opened = super::keys(&w.h.db).open(&second.access_key, &second.token).unwrap();
    assert_eq!(opened.secret_key, second.secret_key);
    assert_eq!(opened.principal.arn, format!("arn:aws:sts::{A}:assumed-role/app/{}", row.id));
    let session = opened.principal.session.unwrap();
    assert_eq!(session.instance.as_deref(), Some("arn:aws:ec2:us-east-1:111111111111:instance/i-0123456789abcdef0"));
    let shown = to_wire(&w.h.db, &row).unwrap();
    assert_eq!((shown.role.as_deref(), shown.credentials.unwrap().token), (Some("app"), second.token.clone()));
    assert!(!format!("{second:?}").contains(&second.secret_key));
    // Another role of the same name needs others.
    w.h.db.update::<Role>(&account(A), "app", |r| r.id = "AROAOTHER".into());
    assert!(to_wire(&w.h.db, &row).unwrap().credentials.is_none());
    assert_ne!(at(&mut w, REFRESH_MS).unwrap().token, second.token);
    w.h.db.update::<InstanceProfile>(&account(A), "web", |p| p.role = None);
    assert!(at(&mut w, REFRESH_MS).is_none() && to_wire(&w.h.db, &row).unwrap().role.is_none());
    w.h.db.delete::<InstanceProfile>(&account(A), "web");
    assert!(to_wire(&w.h.db, &row).is_none());
}

#[test]
fn a_role_that_does_not_trust_ec2_gives_an_instance_nothing() {
    let (mut w, row) = with_instance(r#"{"Service":"lambda.amazonaws.com"}"#);
    refresh_all(&mut w.h.db, w.h.now, &w.h.settings, &mut SeededRng::new(7));
    assert!(w.h.db.get::<InstanceSession>(&account(A), row.id).is_none());
    let shown = to_wire(&w.h.db, &row).unwrap();
    assert_eq!((shown.role.as_deref(), shown.credentials), (Some("app"), None));
}

#[test]
fn associations() {
    let (mut w, row) = with_instance(r#"{"Service":"ec2.amazonaws.com"}"#);
    let pass = allow("[\"ec2:*\",\"iam:PassRole\"]", "*");
    let (alice, bob) = (w.user(A, "alice", &pass), w.user(A, "bob", &allow("\"ec2:*\"", "*")));
    let described = w.call(&alice, "ec2", "DescribeIamInstanceProfileAssociations", "").unwrap();
    let id = text(&described, "associationId");
    assert_eq!((text(&described, "state"), text(&described, "id")), ("associated".into(), "AIPA1".into()));
    let again = "InstanceId=i-0123456789abcdef0&IamInstanceProfile.Name=web";
    assert!(w.call(&alice, "ec2", "AssociateIamInstanceProfile", again).unwrap_err().is("IncorrectState"));
    let gone = w.call(&alice, "ec2", "DisassociateIamInstanceProfile", &format!("AssociationId={id}")).unwrap();
    assert_eq!(text(&gone, "state"), "disassociating");
    assert!(
        w.call(&alice, "ec2", "DisassociateIamInstanceProfile", &format!("AssociationId={id}"))
            .unwrap_err()
            .is("InvalidAssociationID.NotFound")
    );
    let refused = w.call(&bob, "ec2", "AssociateIamInstanceProfile", again).unwrap_err();
    assert!(refused.is("UnauthorizedOperation") && refused.message.contains("iam:PassRole"), "{refused}");
    let arn = "InstanceId=i-0123456789abcdef0&IamInstanceProfile.Arn=arn:aws:iam::111111111111:instance-profile/web";
    let made = w.call(&alice, "ec2", "AssociateIamInstanceProfile", arn).unwrap();
    assert_eq!(text(&made, "state"), "associating");
    assert!(w.h.db.get::<InstanceSession>(&account(A), row.id).is_some(), "credentials come with it");
    let replaced = format!("AssociationId={}&IamInstanceProfile.Name=web", text(&made, "associationId"));
    let replaced = w.call(&alice, "ec2", "ReplaceIamInstanceProfileAssociation", &replaced).unwrap();
    assert_ne!(text(&replaced, "associationId"), text(&made, "associationId"));
    for (bad, code) in [
        ("IamInstanceProfile.Name=none", "InvalidParameterValue"),
        ("IamInstanceProfile.Name=web&IamInstanceProfile.Arn=x", "InvalidParameterCombination"),
        ("", "MissingParameter"),
    ] {
        let e =
            w.call(&alice, "ec2", "AssociateIamInstanceProfile", &format!("InstanceId=i-0123456789abcdef0&{bad}")).unwrap_err();
        assert!(e.is(code), "{bad}: {e}");
    }
}
