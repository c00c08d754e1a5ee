//! Listeners: made, shown, changed, deleted.

use super::arn::{self, find_listener};
use super::check::{invalid, new_id, page, port, tags, unsupported, validation};
use super::rows::{Kind, Listener, LoadBalancer, Rule, Tls};
use super::{action, certificate, policy, trust_store, usage};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, elbv2 as api};
use std::rc::Rc;
use wire::balancer::ListenerProtocol;

const ALPN: [&str; 5] = ["HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"];

pub fn register(table: &mut Table) {
    table.op::<api::CreateListenerInput>(
        &[
            "LoadBalancerArn",
            "Protocol",
            "Port",
            "SslPolicy",
            "AlpnPolicy.member.N",
            "Certificates.member.N.CertificateArn",
            "Certificates.member.N.IsDefault",
            "MutualAuthentication.Mode",
            "MutualAuthentication.TrustStoreArn",
            "MutualAuthentication.IgnoreClientCertificateExpiry",
            "MutualAuthentication.AdvertiseTrustStoreCaNames",
            "DefaultActions.member.N.*",
            "Tags.member.N.Key",
            "Tags.member.N.Value",
        ],
        &[],
        create,
    );
    table.op::<api::ModifyListenerInput>(
        &[
            "ListenerArn",
            "Protocol",
            "Port",
            "SslPolicy",
            "AlpnPolicy.member.N",
            "Certificates.member.N.CertificateArn",
            "Certificates.member.N.IsDefault",
            "MutualAuthentication.Mode",
            "MutualAuthentication.TrustStoreArn",
            "MutualAuthentication.IgnoreClientCertificateExpiry",
            "MutualAuthentication.AdvertiseTrustStoreCaNames",
            "DefaultActions.member.N.*",
        ],
        &[],
        modify,
    );
    table.op::<api::DescribeListenersInput>(&["LoadBalancerArn", "ListenerArns.member.N", "Marker", "PageSize"], &[], describe);
    table.op::<api::DeleteListenerInput>(&["ListenerArn"], &[], delete);
}

const PROTOCOLS: [(&str, ListenerProtocol, Kind); 6] = [
    ("HTTP", ListenerProtocol::Http, Kind::Application),
    ("HTTPS", ListenerProtocol::Https, Kind::Application),
    ("TCP", ListenerProtocol::Tcp, Kind::Network),
    ("TLS", ListenerProtocol::Tls, Kind::Network),
    ("UDP", ListenerProtocol::Udp, Kind::Network),
    ("TCP_UDP", ListenerProtocol::TcpUdp, Kind::Network),
];

pub fn protocol_name(protocol: ListenerProtocol) -> &'static str {
    PROTOCOLS.iter().find(|(_, p, _)| *p == protocol).map_or("", |(name, _, _)| name)
}

fn protocol(b: &LoadBalancer, asked: Option<&str>) -> Result<ListenerProtocol, AwsError> {
    let asked = asked.ok_or_else(|| validation("A listener protocol must be specified"))?;
    if matches!(asked, "GENEVE" | "QUIC" | "TCP_QUIC") {
        return Err(AwsError::new("UnsupportedProtocol", format!("The protocol {asked} is not supported by this region")));
    }
    if asked == "TLS" && b.kind == Kind::Network {
        return Err(unsupported("Protocol TLS", "a network load balancer passes TLS on by TCP listeners."));
    }
    let of_kind = || PROTOCOLS.iter().filter(|(_, _, kind)| *kind == b.kind);
    of_kind().find(|(name, _, _)| *name == asked).map(|(_, p, _)| *p).ok_or_else(|| {
        let names: Vec<_> = of_kind().map(|(name, _, _)| *name).collect();
        validation(format!("Listener protocol '{asked}' must be one of '{}'", names.join(", ")))
    })
}

/// What a request says of TLS.
struct Asked<'a> {
    policy: Option<&'a str>,
    certificates: Option<&'a Vec<api::Certificate>>,
    alpn: Option<&'a Vec<String>>,
    mutual: Option<&'a api::MutualAuthenticationAttributes>,
}

macro_rules! asked {
    ($r:expr) => {
        Asked {
            policy: $r.ssl_policy.as_deref(),
            certificates: $r.certificates.as_ref(),
            alpn: $r.alpn_policy.as_ref(),
            mutual: $r.mutual_authentication.as_ref(),
        }
    };
}

fn tls(ctx: &Ctx, protocol: ListenerProtocol, now: Option<&Tls>, asked: &Asked) -> Result<Option<Tls>, AwsError> {
    let name = protocol_name(protocol);
    let (passthrough, verify) = trust_store::mutual(ctx, protocol, now, asked.mutual)?;
    let alpn = match asked.alpn.map(Vec::as_slice) {
        None | Some([]) => now.and_then(|t| t.alpn.clone()),
        Some([one]) if protocol == ListenerProtocol::Tls && ALPN.contains(&one.as_str()) => Some(one.clone()),
        Some([one]) if protocol == ListenerProtocol::Tls => {
            return Err(AwsError::new("ALPNPolicyNotFound", format!("The ALPN policy '{one}' is not supported")));
        }
        Some([_]) => return Err(invalid(format!("ALPN policies are not supported for {name} listeners"))),
        Some(_) => return Err(validation("Only one ALPN policy can be specified")),
    };
    let certificates = asked.certificates.map(Vec::as_slice).unwrap_or_default();
    if !matches!(protocol, ListenerProtocol::Https | ListenerProtocol::Tls) {
        if asked.policy.is_some() {
            return Err(validation(format!("An SSL policy cannot be specified for {name} listeners")));
        }
        if !certificates.is_empty() {
            return Err(validation(format!("Certificates cannot be specified for {name} listeners")));
        }
        return Ok(None);
    }
    let default_certificate = match (certificates, now) {
        ([], None) => return Err(validation(format!("A certificate must be specified for {name} listeners"))),
        ([], Some(now)) => now.default_certificate.clone(),
        ([one], _) if one.is_default.is_some() => return Err(validation("You cannot specify IsDefault for a certificate")),
        ([one], _) => certificate::usable(ctx, one)?,
        (many, _) => {
            let sentence = format!("Up to '1' certificate ARNs can be specified, but '{}' were specified", many.len());
            return Err(AwsError::new("TooManyCertificates", sentence));
        }
    };
    let policy = match asked.policy {
        Some(name) => policy::find(name)?.name,
        None => now.and_then(|t| policy::find(&t.policy).ok()).map_or(policy::DEFAULT, |p| p.name),
    };
    let mut further = now.map(|t| t.certificates.clone()).unwrap_or_default();
    further.retain(|c| *c != default_certificate);
    Ok(Some(Tls { policy: policy.to_owned(), default_certificate, certificates: further, alpn, passthrough, verify }))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateListenerInput>) -> OpResult<api::CreateListenerOutput> {
    let b = arn::find_balancer(ctx, &r.load_balancer_arn)?;
    let protocol = protocol(&b, r.protocol.as_deref())?;
    let port = port(r.port)?;
    let tls = tls(ctx, protocol, None, &asked!(r))?;
    let action = action::of(ctx, &b, protocol, r.default_actions.as_ref(), None)?;
    let l = Listener {
        account: b.account.clone(),
        id: new_id(ctx),
        balancer: b.id.clone(),
        protocol,
        port,
        tls,
        action,
        default_rule: new_id(ctx),
        attributes: Default::default(),
        tags: tags(&r.tags)?,
        default_rule_tags: Default::default(),
    };
    let others = usage::listeners(ctx.db, &b);
    if let Some(old) = others.iter().find(|o| clash(o, &l)) {
        let same = (&old.action.action, &old.tls, old.protocol) == (&l.action.action, &l.tls, l.protocol);
        if same {
            return Ok(api::CreateListenerOutput { listeners: Some(vec![shown(ctx, &b, old)]) });
        }
        return Err(duplicate(ctx, &b).into());
    }
    let limit = if b.kind == Kind::Application { &quota::LISTENERS_PER_APPLICATION } else { &quota::LISTENERS_PER_NETWORK };
    if others.len() >= ctx.quota(limit) {
        let sentence = format!("The maximum number of listeners has been reached on load balancer '{}'", b.name);
        return Err(AwsError::new("TooManyListeners", sentence).into());
    }
    ctx.db.put(l.clone());
    trust_store::room_on(ctx, &b)?;
    Ok(api::CreateListenerOutput { listeners: Some(vec![shown(ctx, &b, &l)]) })
}

/// One listener a port, of TCP and UDP each its own.
fn clash(a: &Listener, b: &Listener) -> bool {
    let udp = |p| p == ListenerProtocol::Udp;
    let apart = (udp(a.protocol) && matches!(b.protocol, ListenerProtocol::Tcp | ListenerProtocol::Tls))
        || (udp(b.protocol) && matches!(a.protocol, ListenerProtocol::Tcp | ListenerProtocol::Tls));
    a.port == b.port && a.id != b.id && !apart
}

fn duplicate(ctx: &Ctx, b: &LoadBalancer) -> AwsError {
    let sentence = format!("A listener already exists on this port for this load balancer '{}'", arn::balancer(ctx.settings, b));
    AwsError::new("DuplicateListener", sentence)
}

fn modify(ctx: &mut Ctx, r: Authorized<api::ModifyListenerInput>) -> OpResult<api::ModifyListenerOutput> {
    let (b, old) = find_listener(ctx, &r.listener_arn)?;
    let mut l = (*old).clone();
    if r.protocol.is_some() {
        l.protocol = protocol(&b, r.protocol.as_deref())?;
    }
    if r.port.is_some() {
        l.port = port(r.port)?;
    }
    l.tls = tls(ctx, l.protocol, old.tls.as_ref(), &asked!(r))?;
    if let Some(actions) = r.default_actions.as_ref().filter(|a| !a.is_empty()) {
        l.action = action::of(ctx, &b, l.protocol, Some(actions), Some(&old.action))?;
    } else if l.protocol != old.protocol {
        // What it forwards to must fit the new protocol, too.
        l.action = action::of(ctx, &b, l.protocol, Some(&action::again(&old.action)), Some(&old.action))?;
    }
    if l.protocol != old.protocol {
        for rule in usage::rules(ctx.db, &old) {
            action::of(ctx, &b, l.protocol, Some(&action::again(&rule.action)), Some(&rule.action))?;
        }
    }
    if usage::listeners(ctx.db, &b).iter().any(|o| clash(o, &l)) {
        return Err(duplicate(ctx, &b).into());
    }
    ctx.db.put(l.clone());
    trust_store::room_on(ctx, &b)?;
    Ok(api::ModifyListenerOutput { listeners: Some(vec![shown(ctx, &b, &l)]) })
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeListenersInput>) -> OpResult<api::DescribeListenersOutput> {
    let arns = r.listener_arns.as_deref().unwrap_or_default();
    let mut found: Vec<(Rc<LoadBalancer>, Rc<Listener>)> = match (&r.load_balancer_arn, arns) {
        (Some(_), []) => {
            let b = arn::find_balancer(ctx, &r.load_balancer_arn)?;
            usage::listeners(ctx.db, &b).into_iter().map(|l| (b.clone(), l)).collect()
        }
        (None, [_, ..]) => arns.iter().map(|a| find_listener(ctx, &Some(a.clone()))).collect::<Result<_, _>>()?,
        _ => return Err(validation("You must specify either listener ARNs or a load balancer ARN").into()),
    };
    found.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    found.dedup_by(|a, b| a.1.id == b.1.id);
    let (found, next_marker) = page(found, &r.marker, r.page_size, |(_, l)| l.id.clone())?;
    let listeners = Some(found.iter().map(|(b, l)| shown(ctx, b, l)).collect());
    Ok(api::DescribeListenersOutput { listeners, next_marker })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteListenerInput>) -> OpResult<api::DeleteListenerOutput> {
    let (_, l) = find_listener(ctx, &r.listener_arn)?;
    usage::remove_listener(ctx.db, &l);
    Ok(api::DeleteListenerOutput {})
}

pub fn shown(ctx: &Ctx, b: &LoadBalancer, l: &Listener) -> api::Listener {
    let certificate = |t: &Tls| vec![api::Certificate { certificate_arn: Some(t.default_certificate.clone()), is_default: None }];
    api::Listener {
        alpn_policy: l.tls.as_ref().and_then(|t| t.alpn.clone()).map(|a| vec![a]),
        certificates: l.tls.as_ref().map(certificate),
        default_actions: Some(action::shown(&l.action)),
        listener_arn: Some(arn::listener(ctx.settings, b, l)),
        load_balancer_arn: Some(arn::balancer(ctx.settings, b)),
        mutual_authentication: (l.protocol == ListenerProtocol::Https).then(|| trust_store::mutual_shown(ctx, l)),
        port: Some(l.port.into()),
        protocol: Some(protocol_name(l.protocol).to_owned()),
        ssl_policy: l.tls.as_ref().map(|t| t.policy.clone()),
    }
}

/// Only application load balancers have rules.
pub fn with_rules(b: &LoadBalancer) -> Result<(), AwsError> {
    super::balancer::only(b, Kind::Application, "A rule besides the default one")
}

/// The rule of a number, if it is taken.
pub fn rule_at(ctx: &Ctx, l: &Listener, priority: u32) -> Option<Rc<Rule>> {
    usage::rules(ctx.db, l).into_iter().find(|r| r.priority == priority)
}
