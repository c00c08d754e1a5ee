//! MFA delete: what needs a code, which codes are right, and that each is good once.

use crate::world::*;
use iam::totp;
use std::cell::Cell;
use types::TimestampMs;
use wire::identity::Device;

const ALL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const SERIAL: &str = "arn:aws:iam::123456789012:mfa/phone";
const SEED: &[u8] = b"12345678901234567890";

fn now() -> TimestampMs {
    let ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    TimestampMs(ms as u64)
}

/// A user with a device whose clock is off by so many steps.
struct Phone<'w> {
    w: &'w World,
    drift: Cell<i64>,
}

impl Phone<'_> {
    /// Another clock, and with it other codes: no test waits for the next one.
    async fn fresh(&self) {
        self.drift.set(self.drift.get() + 10);
        let sealed = self.w.root.seal_same(&Device::purpose(SERIAL), hex::encode(SEED).as_bytes()).expect("sealed");
        let device = Device { serial: SERIAL.into(), sealed: sealed.into(), drift_steps: self.drift.get(), used_step: 0 };
        self.w.user_with_device(ALL, device).await;
    }

    fn code(&self) -> String {
        totp::code(SEED, totp::step_at(now()) + self.drift.get())
    }

    /// With a new code.
    async fn sign(&self, request: Req) -> Req {
        self.fresh().await;
        request.by(Who::User).with("x-amz-mfa", format!("{SERIAL} {}", self.code()))
    }
}

fn versioning(status: &str, mfa: &str) -> Req {
    let mfa = if mfa.is_empty() { String::new() } else { format!("<MfaDelete>{mfa}</MfaDelete>") };
    put("/bkt?versioning", format!("<VersioningConfiguration>{mfa}<Status>{status}</Status></VersioningConfiguration>"))
}

#[test]
fn versions_and_versioning_need_a_code() {
    with_world(false, |w| async move {
        let phone = Phone { w: &w, drift: Cell::new(0) };
        phone.fresh().await;
        w.done(put("/bkt", "").by(Who::User)).await;
        w.table(vec![
            ("no header", versioning("Enabled", "Enabled").by(Who::User), 403, "AccessDenied"),
            ("no code", versioning("Enabled", "Enabled").by(Who::User).with("x-amz-mfa", SERIAL), 400, "InvalidRequest"),
            (
                "letters",
                versioning("Enabled", "Enabled").by(Who::User).with("x-amz-mfa", format!("{SERIAL} abcdef")),
                400,
                "InvalidRequest",
            ),
            (
                "another's",
                versioning("Enabled", "Enabled").with("x-amz-mfa", format!("{SERIAL} {}", phone.code())),
                403,
                "AccessDenied",
            ),
            ("strange", versioning("Enabled", "Perhaps").by(Who::User), 400, "MalformedXML"),
        ])
        .await;
        let enabled = w.done(phone.sign(versioning("Enabled", "Enabled")).await).await;
        assert_eq!(enabled.status, 200);
        let shown = w.done(get("/bkt?versioning")).await;
        assert_eq!((shown.tag("Status").as_str(), shown.tag("MfaDelete").as_str()), ("Enabled", "Enabled"));
        let mut versions = Vec::new();
        for body in ["1", "2", "3", "4"] {
            versions.push(w.done(put("/bkt/k", body)).await.header("x-amz-version-id").to_owned());
        }
        let of = |n: usize| format!("/bkt/k?versionId={}", versions[n]);
        let refused = w.ask(delete(of(0)).by(Who::User)).await;
        assert_eq!((refused.status, refused.tag("Message").as_str()), (403, "Mfa Authentication must be used for this request"));
        assert_eq!(w.ask(versioning("Suspended", "").by(Who::User)).await.status, 403);
        // A delete marker removes nothing.
        w.done(delete("/bkt/k").by(Who::User)).await;
        let signed = phone.sign(delete(of(0))).await;
        w.done(signed.clone()).await;
        assert_eq!(w.ask(get(of(0))).await.status, 404);
        // The same code again.
        let again = delete(of(1)).by(Who::User).with("x-amz-mfa", format!("{SERIAL} {}", phone.code()));
        assert_eq!(w.ask(again).await.status, 403);
        assert_eq!(w.done(get(of(1))).await.text(), "2");
        // Several versions with one code; without one each is refused.
        let objects: String =
            [1, 2].iter().map(|n| format!("<Object><Key>k</Key><VersionId>{}</VersionId></Object>", versions[*n])).collect();
        let many = post("/bkt?delete", format!("<Delete>{objects}</Delete>")).md5();
        let refused = w.done(many.clone().by(Who::User)).await;
        assert_eq!(refused.tags("Code"), ["AccessDenied", "AccessDenied"]);
        let done = w.done(phone.sign(many).await).await;
        assert_eq!((done.tags("Deleted").len(), done.tags("Code").len()), (2, 0), "{}", done.text());
        // Lifecycles and MFA delete exclude each other.
        let rule = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";
        w.table(vec![("lifecycle", put("/bkt?lifecycle", rule).md5(), 409, "InvalidBucketState")]).await;
        w.done(phone.sign(versioning("Enabled", "Disabled")).await).await;
        assert_eq!(w.done(get("/bkt?versioning")).await.tag("MfaDelete"), "");
        w.done(delete(of(3)).by(Who::User)).await;
        w.done(put("/bkt?lifecycle", rule).md5()).await;
        w.table(vec![("with a lifecycle", phone.sign(versioning("Enabled", "Enabled")).await, 409, "InvalidBucketState")]).await;
    });
}
