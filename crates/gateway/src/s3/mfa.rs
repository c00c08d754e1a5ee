//! MFA delete: what a bucket that has it asks of whoever removes a version or changes its versioning.
//!
//! The code in `x-amz-mfa` is of a device of the caller's own, who is of the bucket's account. AWS asks for the root user's;
//! here a root user has no device, so a user's takes its place. Codes are checked with no control plane: devices are pushed,
//! their seeds sealed. Each code is good once at this gateway, also after a restart.
//!
//! Source: "Configuring MFA delete", S3 User Guide.

use super::S3;
use super::ask::{Ask, Identity, User};
use super::bucket::Bucket;
use aws_protocol::AwsError;
use aws_protocol::s3::errors;
use iam::guesses::Guesses;
use iam::totp;
use platform::disk;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use types::TimestampMs;
use wire::identity::{Device, PrincipalKind};

/// RFC 6238, section 5.2: one step of delay either way.
const CHECK_STEPS: i64 = 1;
/// Codes older than this many steps are past, whatever the device's clock: they need not be remembered.
const REMEMBER_STEPS: i64 = 1_000;

/// The newest code that was taken, by device.
pub struct Codes {
    path: PathBuf,
    used: RefCell<HashMap<String, i64>>,
    guesses: RefCell<Guesses>,
}

impl Codes {
    pub fn open(path: PathBuf) -> Self {
        let used = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).unwrap_or_else(|error| {
                tracing::error!(%error, "the codes of MFA devices that were used cannot be read");
                HashMap::new()
            }),
            Err(_) => HashMap::new(),
        };
        Self { path, used: RefCell::new(used), guesses: RefCell::default() }
    }

    /// Whether the code is right and was never taken; from now on it was.
    fn take(&self, device: &Device, seed: &[u8], code: &str, now: TimestampMs) -> bool {
        let serial = &device.serial;
        if self.guesses.borrow().blocked(serial, now) {
            return false;
        }
        let mut used = self.used.borrow_mut();
        let last = used.get(serial).copied().unwrap_or(0).max(device.used_step);
        let step = totp::step_at(now);
        let Some(found) = totp::find(seed, code, step + device.drift_steps, CHECK_STEPS, last) else {
            self.guesses.borrow_mut().wrong(serial, now);
            return false;
        };
        used.retain(|_, at| *at > step - REMEMBER_STEPS);
        used.insert(serial.clone(), found);
        true
    }

    fn text(&self) -> Vec<u8> {
        serde_json::to_vec(&*self.used.borrow()).unwrap_or_default()
    }
}

fn denied(why: &str) -> AwsError {
    errors::access_denied_because(why)
}

/// The device of the caller's own that the header names, and the code.
fn parse<'a>(ask: &'a Ask, bucket: &Bucket) -> Result<(&'a Device, &'a str), AwsError> {
    let header = ask.filled("x-amz-mfa").ok_or_else(|| denied("Mfa Authentication must be used for this request"))?;
    let (serial, code) = header.split_once(' ').unwrap_or((header, ""));
    if serial.is_empty() || !totp::is_code(code) {
        let sentence = "The x-amz-mfa header must have the serial number of the device, a space and its six digits.";
        return Err(errors::invalid_request(sentence));
    }
    let device = match &ask.who {
        Identity::User(user) if user.account == bucket.record.owner => own(user, serial),
        _ => None,
    };
    device.map(|d| (d, code)).ok_or_else(|| denied("The MFA device is not one of the requester's, of the bucket's account."))
}

fn own<'a>(user: &'a User, serial: &str) -> Option<&'a Device> {
    let itself = matches!(user.kind, PrincipalKind::User { .. } | PrincipalKind::Root);
    user.bundle.identity.as_ref()?.devices.iter().find(|d| itself && d.serial == serial)
}

impl S3 {
    /// Refuses a request that does not come with a right code. Used before anything is changed, after it was allowed.
    pub(super) async fn require_mfa(&self, ask: &Ask, bucket: &Bucket) -> Result<(), AwsError> {
        let (device, code) = parse(ask, bucket)?;
        let purpose = Device::purpose(&device.serial);
        let seed = self.keys.unseal(&purpose, &device.sealed).and_then(|hex| hex::decode(&*hex).ok());
        let seed = seed.ok_or_else(|| {
            tracing::error!(device = device.serial, "the seed of an MFA device cannot be unsealed");
            errors::internal_error()
        })?;
        if !self.codes.take(device, &seed, code, ask.now) {
            return Err(denied("The MFA code is wrong, or was used before."));
        }
        let (path, text) = (self.codes.path.clone(), self.codes.text());
        let kept = tokio::task::spawn_blocking(move || disk::write_atomic(&path, &text)).await;
        match kept {
            Ok(Ok(())) => Ok(()),
            outcome => {
                tracing::error!(?outcome, "a code that was used cannot be remembered");
                Err(errors::internal_error())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_also_after_a_restart_and_guessing_ends() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("codes");
        let device = |used_step| Device { serial: "s".into(), sealed: Default::default(), drift_steps: 0, used_step };
        let (seed, now) = (b"12345678901234567890", TimestampMs(1_700_000_000_000));
        let code = totp::code(seed, totp::step_at(now));
        let codes = Codes::open(path.clone());
        assert!(!codes.take(&device(totp::step_at(now)), seed, &code, now), "the control plane took it");
        assert!(codes.take(&device(0), seed, &code, now) && !codes.take(&device(0), seed, &code, now));
        std::fs::write(&path, codes.text()).unwrap();
        let codes = Codes::open(path);
        assert!(!codes.take(&device(0), seed, &code, now));
        let next = TimestampMs(now.0 + 60_000);
        let right = totp::code(seed, totp::step_at(next));
        let wrong = if right == "000000" { "000001" } else { "000000" };
        assert!((0..20).all(|_| !codes.take(&device(0), seed, wrong, next)));
        assert!(!codes.take(&device(0), seed, &right, next), "after many guesses nothing is looked at");
    }
}
