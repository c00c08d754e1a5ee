//! Objects that the control plane reads in a caller's name: what the caller may read, and not more than it asked for.

use crate::world::*;
use platform::rpc::Client;
use std::time::Duration;
use types::AccountId;
use wire::api::{ObjectAnswer, ObjectQuestion, ReadObject};
use wire::identity::{Principal, PrincipalKind};

const CALL: Duration = Duration::from_secs(10);

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

#[test]
fn the_caller_reads_what_it_may_read() {
    with_world(true, |w| async move {
        let region = Client::new(&w.identity("control-plane"), w.dir.socket("gateway"));
        let ask = async |caller: &Principal, key: &str, version: Option<&str>, bytes_max: u32| {
            let question = ObjectQuestion {
                caller: caller.clone(),
                source_ip: "192.0.2.7".into(),
                user_agent: "test".into(),
                bucket: "trust".into(),
                key: key.into(),
                version: version.map(str::to_owned),
                bytes_max,
            };
            match region.call::<ReadObject>(&question, CALL).await.expect("an answer") {
                ObjectAnswer::Read(bytes) => Ok(bytes.0),
                ObjectAnswer::Refused { code, .. } => Err(code),
            }
        };
        let root = Principal::root(account(MAIN_ACCOUNT));
        assert_eq!(ask(&root, "ca.pem", None, 100).await, Err("NoSuchBucket".into()));
        w.done(put("/trust", "")).await;
        assert_eq!(ask(&root, "ca.pem", None, 100).await, Err("NoSuchKey".into()));
        let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        w.done(put("/trust?versioning", versioning)).await;
        let first = w.done(put("/trust/ca.pem", "one")).await.header("x-amz-version-id").to_owned();
        w.done(put("/trust/ca.pem", "two!")).await;
        assert_eq!(ask(&root, "ca.pem", None, 100).await, Ok(b"two!".to_vec()));
        assert_eq!(ask(&root, "ca.pem", Some(&first), 100).await, Ok(b"one".to_vec()));
        assert_eq!(ask(&root, "ca.pem", Some("?&x"), 100).await, Err("InvalidArgument".into()));
        assert_eq!(ask(&root, "ca.pem", None, 4).await, Ok(b"two!".to_vec()));
        assert_eq!(ask(&root, "ca.pem", None, 3).await, Err("EntityTooLarge".into()));
        // Long enough to come in pieces.
        let long = vec![7u8; 600 << 10];
        w.done(put("/trust/long", long.clone())).await;
        assert_eq!(ask(&root, "long", None, 1 << 20).await, Ok(long));
        // Another account, a user of this one without and with a policy, and nobody that there is.
        assert_eq!(ask(&Principal::root(account(ALT_ACCOUNT)), "ca.pem", None, 100).await, Err("AccessDenied".into()));
        let user = Principal {
            arn: format!("arn:aws:iam::{MAIN_ACCOUNT}:user/user"),
            kind: PrincipalKind::User { name: "user".into() },
            user_id: "AIDAUSER".into(),
            ..root.clone()
        };
        assert_eq!(ask(&user, "ca.pem", None, 100).await, Err("AccessDenied".into()), "there is no such user yet");
        let policy = |ip: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::trust/ca.pem",
                "Condition":{{"IpAddress":{{"aws:SourceIp":"{ip}"}}}}}}]}}"#
            )
        };
        w.user(&policy("192.0.2.7")).await;
        assert_eq!(ask(&user, "ca.pem", None, 100).await, Ok(b"two!".to_vec()));
        assert_eq!(ask(&user, "long", None, 1 << 20).await, Err("AccessDenied".into()));
        w.user(&policy("192.0.2.8")).await;
        assert_eq!(ask(&user, "ca.pem", None, 100).await, Err("AccessDenied".into()), "from somewhere else");
    });
}
