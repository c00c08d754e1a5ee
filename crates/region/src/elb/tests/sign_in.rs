//! authenticate-oidc: what is taken, what is shown, and that the secret is sealed and stays.

use super::documents::Cells;
use super::*;
use wire::balancer::{Action as Does, ClientSecret, Oidc, OnUnauthenticated, client_secret_purpose};

/// With an HTTPS listener `s` that has one rule `r`.
fn secure() -> World {
    let mut w = world().with_balancers();
    w.listen_by_tls();
    w
}

/// The two actions, with `more` of the configuration; `~` stands for what precedes its members.
fn actions(list: &str, more: &str) -> String {
    let config = format!("{list}.member.1.AuthenticateOidcConfig.");
    let urls = ["Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint"]
        .map(|p| format!("{config}{p}=https://idp.example/{p}"))
        .join("&");
    format!(
        "{list}.member.1.Type=authenticate-oidc&{list}.member.1.Order=1&{urls}&{config}ClientId=me&{}&{list}.member.2.Type=forward&{list}.member.2.Order=2&{list}.member.2.TargetGroupArn={{tg}}",
        more.replace('~', &config)
    )
}

fn of_listener(cells: &Cells, w: &World) -> Oidc {
    let config = cells.web(w, 'a').config;
    let listener = config.listeners.into_iter().find(|l| l.port == 443).unwrap();
    assert_eq!(config.target_groups.len(), 1, "what comes after the sign-in counts");
    let Does::AuthenticateOidc { oidc, then } = listener.default_action else { panic!("{:?}", listener.default_action) };
    assert!(matches!(*then, Does::Forward { .. }));
    *oidc
}

fn secret(oidc: &Oidc) -> Vec<u8> {
    let ClientSecret::Sealed { id, sealed } = &oidc.client_secret else { panic!() };
    ROOT.with(|root| root.open(&client_secret_purpose(id), sealed)).expect("sealed for its id").to_vec()
}

#[test]
fn the_secret_is_sealed_and_never_shown() {
    let mut w = secure();
    let mut cells = Cells::default();
    cells.settle(&mut w, |_, _| None);
    let listener = format!("ListenerArn={{s}}&{}", actions("DefaultActions", "~ClientSecret=very-secret-words"));
    let reply = w.ok("ModifyListener", &listener);
    let shown = w.ok("DescribeListeners", "ListenerArns.member.1={s}");
    for reply in [&reply, &shown] {
        assert!(!reply.contains("very-secret") && !reply.contains("ClientSecret"), "{reply}");
        assert_eq!(texts(reply, "Type"), ["authenticate-oidc", "forward"]);
        assert_eq!((text(reply, "SessionCookieName"), text(reply, "Scope")), ("AWSELBAuthSessionCookie".into(), "openid".into()));
        assert_eq!(
            (text(reply, "SessionTimeout"), text(reply, "OnUnauthenticatedRequest")),
            ("604800".into(), "authenticate".into())
        );
    }
    let first = of_listener(&cells, &w);
    let whole = secret(&first);
    assert_eq!(&whole[32..], b"very-secret-words");
    assert!(!serde_json::to_string(&first).unwrap().contains("very-secret"));
    // Changed, with the secret that is there: the same bytes, so sessions go on.
    let kept = "~UseExistingClientSecret=true&~OnUnauthenticatedRequest=deny&~SessionTimeout=60&~AuthenticationRequestExtraParams.entry.1.key=prompt&~AuthenticationRequestExtraParams.entry.1.value=login";
    w.ok("ModifyListener", &format!("ListenerArn={{s}}&{}", actions("DefaultActions", kept)));
    let second = of_listener(&cells, &w);
    assert_eq!((&second.client_secret, second.on_unauthenticated), (&first.client_secret, OnUnauthenticated::Deny));
    assert_eq!((second.session_timeout_seconds, second.extra_params["prompt"].as_str()), (60, "login"));
    // The same secret anew is another whole: sessions of before end.
    w.ok("ModifyListener", &listener);
    let third = secret(&of_listener(&cells, &w));
    assert!(third[32..] == whole[32..] && third != whole);
    // A rule; and its target group is in use.
    let rule = format!(
        "ListenerArn={{s}}&Priority=1&Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/x&{}",
        actions("Actions", "~ClientSecret=other")
    );
    let reply = w.keep("r", "RuleArn", "CreateRule", &rule);
    assert!(!reply.contains("<ClientSecret"), "{reply}");
    assert_eq!(w.code("DeleteTargetGroup", "TargetGroupArn={tg}"), "ResourceInUse");
    w.ok(
        "ModifyRule",
        &format!("RuleArn={{r}}&{}", actions("Actions", "~UseExistingClientSecret=true&~OnUnauthenticatedRequest=allow")),
    );
    // A listener that speaks plainly has no sign-ins.
    assert_eq!(w.code("ModifyListener", "ListenerArn={s}&Protocol=HTTP"), "InvalidLoadBalancerAction");
}

#[test]
fn refusals() {
    let mut w = secure();
    let secret = "~ClientSecret=s";
    let with = |more: &str| actions("DefaultActions", &format!("{secret}&{more}"));
    let without_order = actions("DefaultActions", secret).replace("DefaultActions.member.1.Order=1&", "");
    let swapped = actions("DefaultActions", secret).replace("member.1.Order=1", "member.1.Order=3");
    let only = actions("DefaultActions", secret).split("&DefaultActions.member.2").next().unwrap().to_owned();
    for (parameters, code) in [
        (actions("DefaultActions", "~Scope=openid"), "ValidationError"),
        (actions("DefaultActions", "~UseExistingClientSecret=true"), "InvalidConfigurationRequest"),
        (with("~UseExistingClientSecret=true"), "ValidationError"),
        (with("~SessionTimeout=0"), "ValidationError"),
        (with("~SessionTimeout=604801"), "ValidationError"),
        (with("~OnUnauthenticatedRequest=maybe"), "ValidationError"),
        (with("~SessionCookieName=a b"), "ValidationError"),
        (actions("DefaultActions", secret).replace("Issuer=https", "Issuer=http"), "ValidationError"),
        (actions("DefaultActions", secret).replace("TokenEndpoint=https", "TokenEndpoint=http"), "ValidationError"),
        (without_order, "ValidationError"),
        (swapped, "InvalidLoadBalancerAction"),
        (only, "InvalidLoadBalancerAction"),
        (format!("{}&DefaultActions.member.3.Type=forward", actions("DefaultActions", secret)), "TooManyActions"),
    ] {
        let request = format!("ListenerArn={{s}}&{parameters}");
        assert_eq!(w.code("ModifyListener", &request), code, "{request}");
    }
    let plain = format!("ListenerArn={{l}}&{}", actions("DefaultActions", secret));
    assert_eq!(w.code("ModifyListener", &plain), "InvalidLoadBalancerAction");
}
