//! What the audit trail tells of S3's calls.

use crate::world::*;
use gateway::audit::search::{Found, Search, by_request};
use serde_json::json;

fn found(w: &World, reply: &Res) -> Found {
    let id = reply.header("x-amz-request-id");
    match by_request(&w.dir.audit(), id).unwrap() {
        Search::Found(found) => *found,
        other => panic!("{id}: {other:?}"),
    }
}

#[test]
fn objects_are_data_events_with_the_decision() {
    with_world(false, |w| async move {
        let made = w.ask(put("/audited", "")).await;
        let event = found(&w, &made).event;
        assert_eq!((&event["eventName"], &event["managementEvent"]), (&json!("CreateBucket"), &json!(true)));
        let key = "x-amz-server-side-encryption-customer-key";
        let put =
            w.ask(put("/audited/a%20key", "12345").with("x-amz-storage-class", "STANDARD").with("x-amz-meta-own", "mine")).await;
        let told = found(&w, &put);
        assert_eq!((&told.event["eventCategory"], &told.event["userIdentity"]["type"]), (&json!("Data"), &json!("Root")));
        let parameters = &told.event["requestParameters"];
        assert_eq!((&parameters["bucketName"], &parameters["key"]), (&json!("audited"), &json!("a key")));
        assert_eq!((&parameters["x-amz-storage-class"], parameters.get("x-amz-meta-own")), (&json!("STANDARD"), None));
        assert_eq!(told.event["additionalEventData"]["bytesTransferredIn"], 5);
        assert_eq!(told.event["resources"][0]["ARN"], "arn:aws:s3:::audited/a key");
        assert_eq!((told.traces[0].action.as_str(), told.traces[0].allowed), ("s3:PutObject", true));
        // Nobody may: in the trail of the bucket's owner.
        let denied = w.ask(get("/audited/a%20key").by(Who::Nobody)).await;
        assert_eq!(denied.status, 403);
        let told = found(&w, &denied);
        assert_eq!((&told.event["errorCode"], &told.event["recipientAccountId"]), (&json!("AccessDenied"), &json!(MAIN_ACCOUNT)));
        assert_eq!(told.event["userIdentity"]["accountId"], "ANONYMOUS_PRINCIPAL");
        assert!(!told.traces[0].allowed && !told.traces[0].because.is_empty());
        // A key of the customer's never.
        let secret = "bWFya2VkLXNlY3JldC1tYXJrZWQtc2VjcmV0LTMyYnl0ZXM=";
        w.ask(get("/audited/a%20key").with(key, secret).with("x-amz-server-side-encryption-customer-algorithm", "AES256")).await;
        let presigned = w.ask(get("/audited/a%20key?versionId=null").presigned(60)).await;
        let told = found(&w, &presigned);
        assert_eq!(told.event["additionalEventData"]["AuthenticationMethod"], "QueryString");
        assert_eq!(told.event["requestParameters"]["versionId"], "null");
        let trail = ["management", "data"].into_iter().flat_map(|name| std::fs::read_dir(w.dir.audit().join(name)).unwrap());
        let trail: String = trail.map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap()).collect();
        assert!(!trail.contains(secret) && !trail.contains("Signature="), "secrets in the trail");
    });
}

/// Of one request, by the account whose trail it is in.
fn told(w: &World, reply: &Res) -> std::collections::BTreeMap<String, serde_json::Value> {
    let id = reply.header("x-amz-request-id");
    let mut out = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(w.dir.audit().join("data")).unwrap() {
        for line in std::fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            if line["id"] == id {
                out.insert(line["a"].as_str().unwrap().to_owned(), line["e"].clone());
            }
        }
    }
    out
}

#[test]
fn what_another_account_does_is_in_the_owners_trail_too() {
    with_world(false, |w| async move {
        w.done(put("/shared", "")).await;
        w.done(put("/shared/k", "x")).await;
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ALT_ACCOUNT},
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/*"}});
        w.done(put("/shared?policy", policy.to_string())).await;
        let read = w.done(get("/shared/k").by(Who::Alt)).await;
        let all = told(&w, &read);
        let (caller, owner) = (&all[ALT_ACCOUNT], &all[MAIN_ACCOUNT]);
        assert_eq!((&caller["recipientAccountId"], &owner["recipientAccountId"]), (&json!(ALT_ACCOUNT), &json!(MAIN_ACCOUNT)));
        assert!(caller["sharedEventID"].is_string() && caller["sharedEventID"] == owner["sharedEventID"]);
        assert_ne!(caller["eventID"], owner["eventID"]);
        assert_eq!(caller["userIdentity"]["type"], "Root");
        assert_eq!(
            (&owner["userIdentity"]["type"], &owner["userIdentity"]["accountId"]),
            (&json!("AWSAccount"), &json!(ALT_ACCOUNT))
        );
        assert_eq!(owner["userIdentity"].get("accessKeyId"), None);
        // Whoever explains the request has the caller's.
        assert_eq!(found(&w, &read).event["recipientAccountId"], ALT_ACCOUNT);
        let denied = w.ask(delete("/shared/k").by(Who::Alt)).await;
        assert_eq!((denied.status, told(&w, &denied).into_keys().collect::<Vec<_>>()), (403, vec![ALT_ACCOUNT.to_owned()]));
        let own = w.done(get("/shared/k")).await;
        assert_eq!((told(&w, &own).len(), told(&w, &own)[MAIN_ACCOUNT].get("sharedEventID")), (1, None));
    });
}
