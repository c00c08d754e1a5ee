//! Actions of listeners and rules: read, checked against the load balancer, shown.

use super::arn;
use super::check::{invalid, unsupported, validation, within};
use super::group::{protocol_name, version_name};
use super::rows::{ActionRow, Kind, LoadBalancer, TargetGroup};
use super::{sign_in, target, usage};
use crate::context::{Ctx, OpResult};
use crate::quota::table as quota;
use aws_protocol::{AwsError, elbv2 as api};
use std::collections::BTreeSet;
use std::rc::Rc;
use wire::balancer::{Action, ListenerProtocol, ProtocolVersion, TargetProtocol, WeightedGroup};

/// AWS: "Target Groups per Action".
const GROUPS_APPLICATION_MAX: usize = 5;
const GROUPS_NETWORK_MAX: usize = 1;
const SIGN_IN: &str = "authenticate-oidc";
const WEIGHT_MAX: i32 = 999;
const BODY_CHARS_MAX: usize = 1024;
const CONTENT_TYPES: [&str; 5] = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

/// The action of a listener or a rule, with the sign-in that may come before it. `old`: what was there before.
pub fn of(
    ctx: &mut Ctx,
    b: &LoadBalancer,
    protocol: ListenerProtocol,
    actions: Option<&Vec<api::Action>>,
    old: Option<&ActionRow>,
) -> OpResult<ActionRow> {
    let actions = actions.map(Vec::as_slice).unwrap_or_default();
    for a in actions {
        let kind = a.r#type.as_deref().unwrap_or_default();
        let configured = [
            a.authenticate_cognito_config.is_some().then_some("authenticate-cognito"),
            a.jwt_validation_config.is_some().then_some("jwt-validation"),
        ];
        let named = ["authenticate-cognito", "jwt-validation"].into_iter().find(|k| *k == kind);
        if let Some(refused) = named.or(configured.into_iter().flatten().next()) {
            let why = "actions are authenticate-oidc, forward, redirect and fixed-response.";
            return Err(unsupported(&format!("The action type {refused}"), why).into());
        }
    }
    let bad = |sentence: &str| AwsError::new("InvalidLoadBalancerAction", sentence);
    let is_sign_in = |a: &api::Action| a.r#type.as_deref() == Some(SIGN_IN);
    let (first, last) = match actions {
        [] => return Err(validation("An action must be specified").into()),
        [a] if is_sign_in(a) => return Err(bad("An authenticate action must be followed by another action").into()),
        [a] => (None, a),
        [a, c] if is_sign_in(a) != is_sign_in(c) => {
            let (first, last) = if is_sign_in(a) { (a, c) } else { (c, a) };
            match (first.order, last.order) {
                (Some(f), Some(l)) if f < l => {}
                (None, _) | (_, None) => return Err(validation("Each of several actions must have an order").into()),
                _ => return Err(bad("An authenticate action must come first").into()),
            }
            (Some(first), last)
        }
        _ => {
            return Err(AwsError::new(
                "TooManyActions",
                "Only one action can be specified, and one before it that authenticates",
            )
            .into());
        }
    };
    let mut row = last_of(ctx, b, protocol, last)?;
    let Some(first) = first else { return Ok(row) };
    if protocol != ListenerProtocol::Https {
        return Err(bad("Actions of type 'authenticate-oidc' are supported for HTTPS listeners only").into());
    }
    let others = first.forward_config.is_some() || first.target_group_arn.is_some() || first.redirect_config.is_some();
    if others || first.fixed_response_config.is_some() {
        return Err(bad("An action of type 'authenticate-oidc' has the configuration of another type").into());
    }
    let config = first.authenticate_oidc_config.as_ref();
    let config = config.ok_or_else(|| validation("An authenticate-oidc action must have an OIDC configuration"))?;
    row.sign_in_order = order(first)?;
    row.action = sign_in::of(ctx, config, old.map(|o| &o.action), row.action)?;
    Ok(row)
}

/// What is shown of an action, to be checked once more: with the secret that it has.
pub fn again(row: &ActionRow) -> Vec<api::Action> {
    let mut actions = shown(row);
    for config in actions.iter_mut().filter_map(|a| a.authenticate_oidc_config.as_mut()) {
        config.use_existing_client_secret = Some(true);
    }
    actions
}

fn order(a: &api::Action) -> Result<Option<i32>, AwsError> {
    let order = a.order.map(|o| within("Action order", o, 1..=50_000)).transpose()?;
    Ok(order.and_then(|o| i32::try_from(o).ok()))
}

fn last_of(ctx: &Ctx, b: &LoadBalancer, protocol: ListenerProtocol, a: &api::Action) -> Result<ActionRow, AwsError> {
    let kind = a.r#type.as_deref().unwrap_or_default();
    if b.kind == Kind::Network && kind != "forward" {
        let sentence = format!("Actions of type '{kind}' are not supported for load balancers of type 'network'");
        return Err(AwsError::new("InvalidLoadBalancerAction", sentence));
    }
    let given = [
        a.forward_config.is_some() || a.target_group_arn.is_some(),
        a.redirect_config.is_some(),
        a.fixed_response_config.is_some(),
    ];
    let own = ["forward", "redirect", "fixed-response"].map(|k| k == kind);
    if given.iter().zip(own).any(|(given, own)| *given && !own) || a.authenticate_oidc_config.is_some() {
        let sentence = format!("An action of type '{kind}' has the configuration of another type");
        return Err(AwsError::new("InvalidLoadBalancerAction", sentence));
    }
    let action = match kind {
        "forward" => forward(ctx, b, protocol, a)?,
        "redirect" => redirect(protocol, a.redirect_config.as_ref())?,
        "fixed-response" => fixed(a.fixed_response_config.as_ref())?,
        other => return Err(validation(format!("'{other}' is not an action type"))),
    };
    Ok(ActionRow { order: order(a)?, sign_in_order: None, action })
}

fn forward(ctx: &Ctx, b: &LoadBalancer, protocol: ListenerProtocol, a: &api::Action) -> Result<Action, AwsError> {
    let config = a.forward_config.as_ref();
    let mut groups = Vec::new();
    for t in config.and_then(|c| c.target_groups.as_ref()).into_iter().flatten() {
        let weight = t.weight.map(|w| within("Target group weight", w, 0..=WEIGHT_MAX)).transpose()?;
        groups.push(WeightedGroup { group: t.target_group_arn.clone().unwrap_or_default(), weight: weight.unwrap_or(1) });
    }
    if let Some(arn) = &a.target_group_arn {
        match groups.as_slice() {
            [] => groups.push(WeightedGroup { group: arn.clone(), weight: 1 }),
            [one] if one.group == *arn => {}
            _ => {
                let sentence = "If you specify both ForwardConfig and TargetGroupArn, they must name the same target group";
                return Err(validation(sentence));
            }
        }
    }
    let max = if b.kind == Kind::Application { GROUPS_APPLICATION_MAX } else { GROUPS_NETWORK_MAX };
    if groups.is_empty() || groups.len() > max {
        return Err(validation(format!("A forward action must name from 1 to {max} target groups")));
    }
    let distinct: BTreeSet<_> = groups.iter().map(|g| &g.group).collect();
    if distinct.len() < groups.len() {
        return Err(validation("A target group can be named once in an action"));
    }
    for g in &groups {
        let row = arn::get_group(ctx, &g.group)?.ok_or_else(arn::groups_not_found)?;
        fits(ctx, b, protocol, &row)?;
    }
    let stickiness = config.and_then(|c| c.target_group_stickiness_config.as_ref());
    let stickiness_seconds = match stickiness {
        Some(s) if s.enabled == Some(true) => {
            if b.kind == Kind::Network {
                return Err(invalid("Target group stickiness is not supported for load balancers of type 'network'"));
            }
            let seconds = s.duration_seconds.ok_or_else(|| validation("The stickiness duration must be specified"))?;
            Some(within("Stickiness duration", seconds, 1..=604_800)?)
        }
        _ => None,
    };
    Ok(Action::Forward { groups, stickiness_seconds })
}

/// Whether a listener of this load balancer can forward to the group.
fn fits(ctx: &Ctx, b: &LoadBalancer, protocol: ListenerProtocol, g: &Rc<TargetGroup>) -> Result<(), AwsError> {
    if g.vpc != b.vpc {
        let sentence = format!("Target group '{}' and load balancer '{}' must be in the same VPC", g.name, b.name);
        return Err(invalid(sentence));
    }
    if let Some(other) = usage::balancer_of(ctx.db, g).filter(|o| o.id != b.id) {
        let sentence = format!(
            "The following target groups cannot be associated with more than one load balancer: {} (it is with {})",
            arn::group(ctx.settings, g),
            other.name
        );
        return Err(AwsError::new("TargetGroupAssociationLimit", sentence));
    }
    let matching = match protocol {
        ListenerProtocol::Http | ListenerProtocol::Https => g.version.is_some(),
        ListenerProtocol::Tcp => matches!(g.protocol, TargetProtocol::Tcp | TargetProtocol::TcpUdp),
        ListenerProtocol::Tls => matches!(g.protocol, TargetProtocol::Tls | TargetProtocol::Tcp),
        ListenerProtocol::Udp => matches!(g.protocol, TargetProtocol::Udp | TargetProtocol::TcpUdp),
        ListenerProtocol::TcpUdp => g.protocol == TargetProtocol::TcpUdp,
    };
    let name = super::listener::protocol_name(protocol);
    if !matching {
        let sentence = format!(
            "Listener protocol '{name}' is not supported with a target group with the protocol '{}'",
            protocol_name(g.protocol)
        );
        return Err(AwsError::new("IncompatibleProtocols", sentence));
    }
    let version = g.version.unwrap_or_default();
    if protocol == ListenerProtocol::Http && version == ProtocolVersion::Grpc {
        let sentence = format!(
            "Listener protocol '{name}' is not supported with a target group with the protocol-version '{}'",
            version_name(version)
        );
        return Err(invalid(sentence));
    }
    let mut groups = usage::groups_of(ctx.db, b);
    groups.insert(g.id.clone());
    if groups.len() > ctx.quota(&quota::GROUPS_PER_APPLICATION) && b.kind == Kind::Application {
        let sentence = "The maximum number of target groups of a load balancer has been reached";
        return Err(AwsError::new("TooManyUniqueTargetGroupsPerLoadBalancer", sentence));
    }
    target::room(ctx, g, Some(b))
}

/// Keywords: what stands for a part of the request.
const NAMES: [&str; 5] = ["protocol", "host", "port", "path", "query"];
const KEEP: [&str; 5] = ["#{protocol}", "#{host}", "#{port}", "/#{path}", "#{query}"];

fn redirect(listener: ListenerProtocol, config: Option<&api::RedirectActionConfig>) -> Result<Action, AwsError> {
    let c = config.ok_or_else(|| validation("A redirect action must have a redirect configuration"))?;
    let status = match c.status_code.as_deref() {
        Some("HTTP_301") => 301,
        Some("HTTP_302") => 302,
        _ => return Err(validation("The redirect status code must be HTTP_301 or HTTP_302")),
    };
    let parts = [&c.protocol, &c.host, &c.port, &c.path, &c.query];
    let [protocol, host, port, path, query] = std::array::from_fn(|i| parts[i].clone().unwrap_or_else(|| KEEP[i].to_owned()));
    if ![KEEP[0], "HTTP", "HTTPS"].contains(&protocol.as_str()) {
        return Err(validation(format!("The redirect protocol '{protocol}' must be HTTP, HTTPS or #{{protocol}}")));
    }
    if protocol == "HTTP" && listener == ListenerProtocol::Https {
        return Err(AwsError::new("InvalidLoadBalancerAction", "Redirects from HTTPS to HTTP are not supported"));
    }
    if port != KEEP[2] && !port.parse::<u16>().is_ok_and(|p| p > 0) {
        return Err(validation(format!("The redirect port '{port}' must be from 1 to 65535 or #{{port}}")));
    }
    if !path.starts_with('/') || path.len() > 128 {
        return Err(validation(format!("The redirect path '{path}' must begin with '/' and have at most 128 characters")));
    }
    if host.is_empty() || host.len() > 128 || query.len() > 128 {
        return Err(validation("The redirect host and query have at most 128 characters"));
    }
    let known = |rest: &str| rest.split_once('}').is_some_and(|(name, _)| NAMES.contains(&name));
    for part in [&host, &path, &query] {
        if !part.split("#{").skip(1).all(known) || !part.bytes().all(|b| b.is_ascii_graphic()) {
            let sentence = format!("The redirect part '{part}' may hold visible characters and keywords such as #{{host}}");
            return Err(validation(sentence));
        }
    }
    // "You must modify at least one of protocol, port, hostname or path."
    if [protocol.as_str(), &host, &port, &path] == [KEEP[0], KEEP[1], KEEP[2], KEEP[3]] {
        let sentence = "A redirect action must change the protocol, port, host or path: else it is a redirect loop";
        return Err(AwsError::new("InvalidLoadBalancerAction", sentence));
    }
    Ok(Action::Redirect {
        protocol: Some(protocol),
        host: Some(host),
        port: Some(port),
        path: Some(path),
        query: Some(query),
        status,
    })
}

fn fixed(config: Option<&api::FixedResponseActionConfig>) -> Result<Action, AwsError> {
    let c = config.ok_or_else(|| validation("A fixed-response action must have a fixed-response configuration"))?;
    let code = c.status_code.as_deref().unwrap_or_default();
    let status = code.parse::<u16>().ok().filter(|s| matches!(s / 100, 2 | 4 | 5) && code.len() == 3);
    let status = status.ok_or_else(|| validation(format!("The status code '{code}' must be of the form 2XX, 4XX or 5XX")))?;
    if let Some(other) = c.content_type.as_deref().filter(|t| !CONTENT_TYPES.contains(t)) {
        return Err(validation(format!("The content type '{other}' must be one of {}", CONTENT_TYPES.join(", "))));
    }
    if c.message_body.as_ref().is_some_and(|b| b.len() > BODY_CHARS_MAX) {
        return Err(validation(format!("The message body has more than {BODY_CHARS_MAX} characters")));
    }
    Ok(Action::FixedResponse { status, content_type: c.content_type.clone(), body: c.message_body.clone() })
}

pub fn shown(row: &ActionRow) -> Vec<api::Action> {
    let mut out = api::Action { order: row.order, ..Default::default() };
    match &row.action {
        Action::AuthenticateOidc { oidc, then } => {
            let first = api::Action {
                order: row.sign_in_order,
                r#type: Some(SIGN_IN.to_owned()),
                authenticate_oidc_config: Some(sign_in::shown(oidc)),
                ..Default::default()
            };
            let last = ActionRow { order: row.order, sign_in_order: None, action: (**then).clone() };
            return std::iter::once(first).chain(shown(&last)).collect();
        }
        Action::Forward { groups, stickiness_seconds } => {
            out.r#type = Some("forward".to_owned());
            if let [one] = groups.as_slice() {
                out.target_group_arn = Some(one.group.clone());
            }
            let tuple = |g: &WeightedGroup| api::TargetGroupTuple {
                target_group_arn: Some(g.group.clone()),
                weight: i32::try_from(g.weight).ok(),
            };
            let stickiness = api::TargetGroupStickinessConfig {
                duration_seconds: stickiness_seconds.and_then(|s| i32::try_from(s).ok()),
                enabled: Some(stickiness_seconds.is_some()),
            };
            out.forward_config = Some(api::ForwardActionConfig {
                target_group_stickiness_config: Some(stickiness),
                target_groups: Some(groups.iter().map(tuple).collect()),
            });
        }
        Action::Redirect { protocol, host, port, path, query, status } => {
            out.r#type = Some("redirect".to_owned());
            out.redirect_config = Some(api::RedirectActionConfig {
                host: host.clone(),
                path: path.clone(),
                port: port.clone(),
                protocol: protocol.clone(),
                query: query.clone(),
                status_code: Some(format!("HTTP_{status}")),
            });
        }
        Action::FixedResponse { status, content_type, body } => {
            out.r#type = Some("fixed-response".to_owned());
            out.fixed_response_config = Some(api::FixedResponseActionConfig {
                content_type: content_type.clone(),
                message_body: body.clone(),
                status_code: Some(status.to_string()),
            });
        }
    }
    vec![out]
}
