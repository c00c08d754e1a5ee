//! Credentials of instances: EC2 takes on the role of an instance's profile, and the metadata service hands out what that
//! gave. Valid for an hour, made anew after 45 minutes; pushed with the host's configuration like everything else, so that
//! an instance has them while the control plane is out.
//!
//! ```text
//!  launch, associate ─┐
//!  every 30 s ────────┴─► refresh ─► InstanceSession ─► compile ─► cell ─► host (ledger, 0600) ─► card ─► guest
//! ```

use super::issue::{role_principal, seal};
use super::trust::{self, Circumstance};
use crate::context::Ctx;
use crate::db::Db;
use crate::rows::{Instance, InstanceProfile, InstanceSession, InstanceState, Role};
use ::iam::{Bundle, Context, Principal, PrincipalKind};
use platform::{Rng, Settings};
use std::rc::Rc;
use std::sync::Arc;
use types::TimestampMs;
use wire::identity::Session;

/// How long they are good, and after which time there are new ones (AWS: "at least five minutes before").
pub const LIFE_MS: u64 = 60 * 60 * 1000;
pub const REFRESH_MS: u64 = 45 * 60 * 1000;
const SERVICE: &str = "ec2.amazonaws.com";

/// The profile and role of an instance now. A profile that was made anew under the same name is another.
fn profile(db: &Db, row: &Instance) -> Option<(Rc<InstanceProfile>, Option<Rc<Role>>)> {
    let association = row.profile.as_ref()?;
    let name = crate::iam::name_of_arn(&association.profile_arn).to_lowercase();
    let profile = db.get::<InstanceProfile>(&row.account, name).filter(|p| p.id == association.profile_id)?;
    let role = profile.role.as_ref().and_then(|name| db.get::<Role>(&row.account, name.to_lowercase()));
    Some((profile, role))
}

/// New credentials for an instance of the caller's, if it should have other ones than it has.
pub fn refresh(ctx: &mut Ctx, row: &Instance) {
    let (now, settings, mut random) = (ctx.now, ctx.settings, [0; 2]);
    random.fill_with(|| ctx.random());
    refresh_one(ctx.db, now, settings, row, random);
}

/// The same for all instances: roles change without their instances, and time passes.
pub fn refresh_all(db: &mut Db, now: TimestampMs, settings: &Settings, rng: &mut dyn Rng) {
    for row in db.all::<Instance>().filter(|i| i.profile.is_some()).collect::<Vec<_>>() {
        refresh_one(db, now, settings, &row, [rng.u128(), rng.u128()]);
    }
    let gone: Vec<_> = db.all::<InstanceSession>().filter(|s| db.get::<Instance>(&s.account, s.instance).is_none()).collect();
    gone.iter().for_each(|s| db.delete::<InstanceSession>(&s.account, s.instance));
}

fn refresh_one(db: &mut Db, now: TimestampMs, settings: &Settings, row: &Instance, random: [u128; 2]) {
    let live = !matches!(row.state, InstanceState::ShuttingDown | InstanceState::Terminated);
    let role = profile(db, row).and_then(|(_, role)| role).filter(|_| live);
    let held = db.get::<InstanceSession>(&row.account, row.id);
    let Some(role) = role.filter(|role| trusts_ec2(settings, now, role, row)) else {
        if held.is_some() {
            db.delete::<InstanceSession>(&row.account, row.id);
        }
        return;
    };
    let fresh = |h: &InstanceSession| h.role_id == role.id && now >= h.issued && now.0 < h.issued.0 + REFRESH_MS;
    if held.is_some_and(|h| fresh(&h)) {
        return;
    }
    let issued = TimestampMs(now.0 / 1000 * 1000);
    let session = Session {
        issued,
        expires: TimestampMs(issued.0 + LIFE_MS),
        instance: Some(format!("arn:aws:ec2:{}:{}:instance/{}", settings.region, row.account, row.id)),
        ..Session::default()
    };
    let expires = session.expires;
    let mut principal = role_principal(&role, &row.id.to_string());
    principal.session = Some(Arc::new(session));
    match seal(db, &principal, random) {
        Ok(sealed) => db.put(InstanceSession {
            account: row.account.clone(),
            instance: row.id,
            role_id: role.id.clone(),
            issued,
            expires,
            access_key: sealed.access_key,
            secret_key: sealed.secret_key,
            token: sealed.token,
        }),
        Err(e) => tracing::error!(instance = %row.id, error = %e, "no credentials for an instance"),
    }
}

/// The role's trust policy, about the service.
fn trusts_ec2(settings: &Settings, now: TimestampMs, role: &Role, row: &Instance) -> bool {
    let service = Principal {
        account: None,
        arn: SERVICE.into(),
        user_id: SERVICE.into(),
        canonical_id: String::new(),
        kind: PrincipalKind::Service,
    };
    let mut context = Context::of(&service);
    context.set_time(now);
    context.set("aws:RequestedRegion", settings.region.as_str());
    context.set("aws:SourceAccount", row.account.as_str());
    context.set("aws:SourceArn", format!("arn:aws:ec2:{}:{}:instance/{}", settings.region, row.account, row.id));
    let name = row.id.to_string();
    let now = Circumstance { session_name: &name, ..Circumstance::default() };
    trust::decide(&Bundle::of(service), &context, "sts:AssumeRole", role, &now).0.is_allowed()
}

/// What the metadata service shows.
pub fn to_wire(db: &Db, row: &Instance) -> Option<wire::net::InstanceProfile> {
    let association = row.profile.as_ref()?;
    let (_, role) = profile(db, row)?;
    let session = db.get::<InstanceSession>(&row.account, row.id);
    let session = session.filter(|s| role.as_ref().is_some_and(|r| r.id == s.role_id));
    Some(wire::net::InstanceProfile {
        arn: association.profile_arn.clone(),
        id: association.profile_id.clone(),
        updated_ms: session.as_ref().map_or(association.since, |s| s.issued).0,
        role: role.map(|r| r.name.clone()),
        credentials: session.map(|s| wire::net::InstanceCredentials {
            access_key: s.access_key.clone(),
            secret_key: s.secret_key.clone(),
            token: s.token.clone(),
            expires_ms: s.expires.0,
        }),
    })
}
