//! The gateway judges by the bucket that it knows; another process may have changed it since.

use crate::harness::Region;
use crate::nodes::index;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use objectstore::message::{IndexAnswer, IndexCall};
use objectstore::record::Versioning;

/// Changes the bucket behind the gateway's back.
fn change(region: &Region, change: impl FnOnce(&mut objectstore::record::BucketRecord)) {
    let IndexAnswer::Bucket(known) = index(region, IndexCall::GetBucket { name: "stale".into() }) else { panic!() };
    let mut bucket = known.bucket;
    change(&mut bucket);
    index(region, IndexCall::UpdateBucket { version: known.version, bucket });
}

/// Denies it to everybody.
fn policy(action: &str) -> String {
    let resource = if action == "s3:ListBucket" { "arn:aws:s3:::stale" } else { "arn:aws:s3:::stale/*" };
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"{resource}"}}}}"#
    )
}

#[test]
fn what_changed_elsewhere_counts_at_once() {
    let region = Region::up();
    let mut client = region.client();
    client.put("/stale", &[], b"").unwrap();
    client.put("/stale/k", &[], b"one").unwrap();
    assert_eq!(client.list("stale", "", 10).unwrap().len(), 1);

    let denied = |failure: crate::client::Failure| assert!(failure.is("AccessDenied"), "{failure:?}");
    let body = vec![7; 2 << 20];
    change(&region, |b| drop(b.documents.insert("policy".into(), policy("s3:PutObject"))));
    denied(client.put("/stale/k", &[], &body).unwrap_err());
    assert_eq!(client.list("stale", "", 10).unwrap().len(), 1);
    change(&region, |b| drop(b.documents.insert("policy".into(), policy("s3:ListBucket"))));
    denied(client.list("stale", "", 10).unwrap_err());
    client.put("/stale/k", &[], &body).unwrap();
    // What is known to deny does so until it is known not to.
    change(&region, |b| drop(b.documents.remove("policy")));
    assert_eq!(client.list("stale", "", 10).unwrap(), [("k".to_owned(), Checksum::of(Algorithm::Md5, &body).to_hex(), 2 << 20)]);

    // Not only whether, but what: an object of a bucket with versions has one.
    change(&region, |b| b.versioning = Versioning::Enabled);
    let made = client.put("/stale/k", &[], b"two").unwrap();
    assert!(made.header("x-amz-version-id").is_some());
    let encryption = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>\
                      </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
    change(&region, |b| drop(b.documents.insert("encryption".into(), encryption.into())));
    // Sealed as it no longer should be, so not stored; a client tries again.
    let refused = client.put("/stale/k", &[], b"three").unwrap_err();
    assert!(refused.is("ServiceUnavailable") && refused.is_passing(), "{refused:?}");
    let made = client.put("/stale/k", &[], b"three").unwrap();
    assert_eq!(made.header("x-amz-server-side-encryption"), Some("aws:kms"));
    let read = client.get("/stale/k").unwrap();
    assert_eq!((&read.body[..], read.etag()), (&b"three"[..], Checksum::of(Algorithm::Md5, b"three").to_hex()));

    client.put("/gone", &[], b"").unwrap();
    client.put("/gone/k", &[], b"one").unwrap();
    client.delete("/gone/k").unwrap();
    index(&region, IndexCall::DeleteBucket { name: "gone".into() });
    assert!(client.put("/gone/k", &[], b"two").unwrap_err().is("NoSuchBucket"));
    assert!(client.list("gone", "", 10).unwrap_err().is("NoSuchBucket"));
}
