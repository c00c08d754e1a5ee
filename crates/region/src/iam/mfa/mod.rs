//! Virtual MFA devices. Hardware tokens and passkeys are not served: their serial numbers are of no device here.

mod image;

use super::rows::{MfaDevice, User};
use super::{check, holder, serve, user};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use ::iam::totp;
use aws_protocol::{AwsError, iam as api};
use std::rc::Rc;
use types::{AccountId, TimestampMs};
use wire::identity::PrincipalKind;

/// The seed's characters are 64 of base 32.
const SEED_BYTES: usize = 40;
const NAME_CHARS_MAX: usize = 226;
/// How far a device's clock may be off when it is enabled: five minutes.
const ENABLE_STEPS: i64 = 10;
/// And when it is synchronised again: an hour.
const RESYNC_STEPS: i64 = 120;
/// RFC 6238, section 5.2: one step of delay either way.
const CHECK_STEPS: i64 = 1;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, enable);
    serve(table, resync);
    serve(table, deactivate);
    serve(table, delete);
    serve(table, list);
    serve(table, list_virtual);
}

pub fn devices_of<'a>(db: &'a Db, user: &'a User) -> impl Iterator<Item = Rc<MfaDevice>> + 'a {
    db.list::<MfaDevice>(&user.account).filter(|d| d.enabled.as_ref().is_some_and(|(id, _)| *id == user.id))
}

/// Whether a code is right now, for whoever gives out sessions: the unique id of the user whose device it is. Each code is
/// good once, which is remembered. None: there is no such enabled device, or the code is wrong, old, or used, or too many
/// wrong ones came before it.
pub fn check(db: &mut Db, account: &AccountId, serial: &str, code: &str, now: TimestampMs) -> Option<String> {
    let device = by_serial(db, account, serial)?;
    let (user, _) = device.enabled.clone()?;
    if db.guesses.blocked(serial, now) {
        return None;
    }
    let step = totp::step_at(now);
    let Some(found) = totp::find(&seed(&device)?, code, step + device.drift_steps, CHECK_STEPS, device.used_step) else {
        db.guesses.wrong(serial, now);
        return None;
    };
    db.put(MfaDevice { drift_steps: found - step, used_step: found, ..(*device).clone() });
    Some(user)
}

fn by_serial(db: &Db, account: &AccountId, serial: &str) -> Option<Rc<MfaDevice>> {
    db.get::<MfaDevice>(account, super::name_of_arn(serial).to_lowercase()).filter(|d| d.arn() == serial)
}

fn seed(device: &MfaDevice) -> Option<Vec<u8>> {
    hex::decode(&device.seed).ok()
}

/// RFC 4648, whole groups of five bytes.
fn base32(bytes: &[u8]) -> String {
    let group = |g: &[u8]| {
        let n = g.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
        (0..8)
            .rev()
            .map(move |i| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(n >> (5 * i) & 31) as usize]))
            .collect::<String>()
    };
    bytes.chunks(5).map(group).collect()
}

fn serial(value: &Option<String>) -> Result<&str, AwsError> {
    let serial = check::text(value);
    check::length("serialNumber", serial, 9..=256)?;
    Ok(serial)
}

fn missing(serial: &str) -> AwsError {
    check::no_such(format!("VirtualMFADevice with serial number {serial} does not exist."))
}

fn find(ctx: &Ctx, value: &Option<String>) -> Result<Rc<MfaDevice>, AwsError> {
    let serial = serial(value)?;
    by_serial(ctx.db, &ctx.caller.account, serial).ok_or_else(|| missing(serial))
}

/// A device that this user has enabled.
fn find_of(ctx: &Ctx, user: &User, value: &Option<String>) -> Result<Rc<MfaDevice>, AwsError> {
    let device = find(ctx, value)?;
    let its = device.enabled.as_ref().is_some_and(|(id, _)| *id == user.id);
    if its {
        Ok(device)
    } else {
        Err(check::no_such(format!("MFA Device {} is not enabled for user {}.", device.arn(), user.name)))
    }
}

fn codes<'a>(first: &'a Option<String>, second: &'a Option<String>) -> Result<[&'a str; 2], AwsError> {
    for (field, value) in [("authenticationCode1", first), ("authenticationCode2", second)] {
        if !totp::is_code(check::text(value)) {
            // The code is not repeated: it is secret for a while.
            return Err(check::validation(format!("The specified value for {field} is invalid. It must have six digits.")));
        }
    }
    Ok([check::text(first), check::text(second)])
}

/// Finds two codes that follow each other and sets the device's clock by them.
fn synchronise(ctx: &Ctx, device: &mut MfaDevice, codes: [&str; 2], window: i64) -> Result<(), AwsError> {
    let now = totp::step_at(ctx.now);
    let found = seed(device).and_then(|seed| totp::find_pair(&seed, codes, now, window, device.used_step));
    let wrong = || AwsError::new("InvalidAuthenticationCode", "Authentication code for device is not valid.").with_status(403);
    let step = found.ok_or_else(wrong)?;
    device.drift_steps = step - now;
    device.used_step = step;
    Ok(())
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateVirtualMFADeviceRequest>) -> OpResult<api::CreateVirtualMFADeviceResponse> {
    let name = check::name("virtualMFADeviceName", &r.virtual_mfa_device_name, NAME_CHARS_MAX)?;
    let path = check::path("path", &r.path)?;
    let tags = check::tags(&r.tags)?;
    let account = ctx.caller.account.clone();
    if ctx.db.get::<MfaDevice>(&account, name.to_lowercase()).is_some() {
        return Err(check::exists("MFADevice entity at the same path and name already exists.").into());
    }
    check::room(ctx.db.list::<MfaDevice>(&account).count(), check::MFA_DEVICES_MAX, "MFADevicesPerAccount")?;
    let seed: Vec<u8> = (0..SEED_BYTES / 8).flat_map(|_| ctx.rng().u64().to_le_bytes()).collect();
    let text = base32(&seed);
    let device = MfaDevice {
        account: account.clone(),
        name: name.to_owned(),
        path,
        seed: hex::encode(&seed),
        created: ctx.now,
        tags,
        enabled: None,
        drift_steps: 0,
        used_step: 0,
    };
    let label = super::account::settings(ctx).alias.unwrap_or_else(|| account.to_string());
    let uri = format!("otpauth://totp/{}@{label}?secret={text}&issuer=Stratocell", check::url_encoded(name));
    let shown = api::VirtualMFADevice {
        base32_string_seed: Some(text.into_bytes()),
        qr_code_png: Some(image::png(&uri).ok_or_else(|| AwsError::internal("The QR code cannot be made."))?),
        serial_number: Some(device.arn()),
        tags: check::shown_tags(&device.tags),
        ..Default::default()
    };
    ctx.db.put(device);
    Ok(api::CreateVirtualMFADeviceResponse { virtual_mfa_device: Some(shown) })
}

fn enable(ctx: &mut Ctx, r: Authorized<api::EnableMFADeviceRequest>) -> OpResult<()> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let mut device = (*find(ctx, &r.serial_number)?).clone();
    let codes = codes(&r.authentication_code1, &r.authentication_code2)?;
    if device.enabled.is_some() {
        return Err(check::exists(format!("MFA Device {} is already in use.", device.arn())).into());
    }
    check::room(devices_of(ctx.db, &user).count(), check::MFA_DEVICES_PER_USER_MAX, "MFADevicesPerUser")?;
    synchronise(ctx, &mut device, codes, ENABLE_STEPS)?;
    device.enabled = Some((user.id.clone(), ctx.now));
    ctx.db.put(device);
    Ok(())
}

fn resync(ctx: &mut Ctx, r: Authorized<api::ResyncMFADeviceRequest>) -> OpResult<()> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let mut device = (*find_of(ctx, &user, &r.serial_number)?).clone();
    let codes = codes(&r.authentication_code1, &r.authentication_code2)?;
    synchronise(ctx, &mut device, codes, RESYNC_STEPS)?;
    ctx.db.put(device);
    Ok(())
}

fn deactivate(ctx: &mut Ctx, r: Authorized<api::DeactivateMFADeviceRequest>) -> OpResult<()> {
    let user = holder::user_or_caller(ctx, &r.user_name)?;
    let device = find_of(ctx, &user, &r.serial_number)?;
    ctx.db.put(MfaDevice { enabled: None, ..(*device).clone() });
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteVirtualMFADeviceRequest>) -> OpResult<()> {
    let device = find(ctx, &r.serial_number)?;
    if device.enabled.is_some() {
        return Err(check::conflict("MFA VirtualDevice in use. Must deactivate first.").into());
    }
    ctx.db.delete::<MfaDevice>(&device.account, device.name.to_lowercase());
    Ok(())
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListMFADevicesRequest>) -> OpResult<api::ListMFADevicesResponse> {
    let root = r.user_name.is_none() && matches!(ctx.caller.kind, PrincipalKind::Root);
    let user = if root { None } else { Some(holder::user_or_caller(ctx, &r.user_name)?) };
    let devices: Vec<_> = user.iter().flat_map(|u| devices_of(ctx.db, u)).collect();
    let page = check::page(devices, &r.marker, r.max_items, |d| d.name.to_lowercase())?.map(|d| api::MFADevice {
        enable_date: d.enabled.as_ref().map(|(_, at)| *at),
        serial_number: Some(d.arn()),
        user_name: user.as_ref().map(|u| u.name.clone()),
    });
    Ok(api::ListMFADevicesResponse { mfa_devices: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

fn list_virtual(ctx: &mut Ctx, r: Authorized<api::ListVirtualMFADevicesRequest>) -> OpResult<api::ListVirtualMFADevicesResponse> {
    let wanted = match r.assignment_status.as_deref() {
        None | Some("Any") => None,
        Some("Assigned") => Some(true),
        Some("Unassigned") => Some(false),
        Some(other) => return Err(check::one_of("assignmentStatus", other, "Assigned, Unassigned, Any").into()),
    };
    let account = &ctx.caller.account;
    let all = ctx.db.list::<MfaDevice>(account).filter(|d| wanted.is_none_or(|w| w == d.enabled.is_some()));
    let page = check::page(all, &r.marker, r.max_items, |d| d.name.to_lowercase())?.map(|d| {
        let user = d.enabled.as_ref().and_then(|(id, _)| ctx.db.list::<User>(account).find(|u| u.id == *id));
        api::VirtualMFADevice {
            enable_date: d.enabled.as_ref().map(|(_, at)| *at),
            serial_number: Some(d.arn()),
            user: user.map(|u| user::listed(&u)),
            ..Default::default()
        }
    });
    Ok(api::ListVirtualMFADevicesResponse {
        virtual_mfa_devices: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

#[cfg(test)]
pub mod testing {
    pub use ::iam::totp::{code, step_at};
}

#[cfg(test)]
mod tests {
    #[test]
    fn base32_of_rfc_4648() {
        assert_eq!(super::base32(b"fooba"), "MZXW6YTB");
        assert_eq!(super::base32(b"foobafooba"), "MZXW6YTBMZXW6YTB");
    }
}
