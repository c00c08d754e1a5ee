//! Which code each mistake gets.

use super::*;

fn check(w: &mut World, rows: &[(&str, &str, &str)]) {
    for (action, parameters, want) in rows {
        assert_eq!(w.code(action, parameters), *want, "{action} {parameters}");
    }
}

#[test]
fn load_balancers() {
    let mut w = world().with_balancers();
    let create = "CreateLoadBalancer";
    check(
        &mut w,
        &[
            (create, "", "ValidationError"),
            (create, "Name=a_b&Subnets.member.1={a}", "ValidationError"),
            (create, "Name=-a&Subnets.member.1={a}", "ValidationError"),
            (create, "Name=internal-a&Subnets.member.1={a}", "ValidationError"),
            (create, "Name=abcdefghijklmnopqrstuvwxyzabcdefg&Subnets.member.1={a}", "ValidationError"),
            (create, "Name=x", "ValidationError"),
            (create, "Name=x&Subnets.member.1={a}", "ValidationError"),
            (create, "Name=x&Subnets.member.1={a}&Subnets.member.2={a2}", "InvalidConfigurationRequest"),
            (create, "Name=x&Subnets.member.1={a}&Subnets.member.2={other}", "InvalidConfigurationRequest"),
            (create, "Name=x&Subnets.member.1={a}&Subnets.member.2=subnet-0123456789abcdef0", "SubnetNotFound"),
            (create, "Name=x&Subnets.member.1={a}&Subnets.member.2=nonsense", "SubnetNotFound"),
            (create, "Name=x&Subnets.member.1={a}&SubnetMappings.member.1.SubnetId={b}", "ValidationError"),
            (create, "Name=x&Type=network&Subnets.member.1={other}", "InvalidSubnet"),
            (create, "Name=x&Type=gateway&Subnets.member.1={a}", "UnsupportedOperation"),
            (create, "Name=x&Type=other&Subnets.member.1={a}", "ValidationError"),
            (create, "Name=x&Scheme=outside&Subnets.member.1={a}&Subnets.member.2={b}", "InvalidScheme"),
            (create, "Name=x&IpAddressType=dualstack&Subnets.member.1={a}&Subnets.member.2={b}", "UnsupportedOperation"),
            (create, "Name=x&CustomerOwnedIpv4Pool=p&Subnets.member.1={a}&Subnets.member.2={b}", "UnsupportedOperation"),
            (create, "Name=x&Subnets.member.1={a}&Subnets.member.2={b}&SecurityGroups.member.1=sg-1", "InvalidSecurityGroup"),
            (
                create,
                "Name=x&Subnets.member.1={a}&Subnets.member.2={b}&Tags.member.1.Key=a&Tags.member.2.Key=a",
                "DuplicateTagKeys",
            ),
            (
                create,
                "Name=x&Type=network&SubnetMappings.member.1.SubnetId={a}&SubnetMappings.member.1.AllocationId=eipalloc-1",
                "AllocationIdNotFound",
            ),
            (
                create,
                "Name=x&SubnetMappings.member.1.SubnetId={a}&SubnetMappings.member.1.AllocationId=eipalloc-1&SubnetMappings.member.2.SubnetId={b}",
                "InvalidConfigurationRequest",
            ),
            // Another with the name: the subnets, the scheme, the type differ.
            (create, "Name=web&Subnets.member.1={a2}&Subnets.member.2={b}", "DuplicateLoadBalancerName"),
            (create, "Name=web&Scheme=internal&Subnets.member.1={a}&Subnets.member.2={b}", "DuplicateLoadBalancerName"),
            (create, "Name=web&Type=network&Subnets.member.1={a}&Subnets.member.2={b}", "DuplicateLoadBalancerName"),
            (
                create,
                "Name=web&Subnets.member.1={a}&Subnets.member.2={b}&SecurityGroups.member.1={web}",
                "DuplicateLoadBalancerName",
            ),
            ("DescribeLoadBalancers", "Names.member.1=none", "LoadBalancerNotFound"),
            ("DescribeLoadBalancers", "LoadBalancerArns.member.1={lb}0", "LoadBalancerNotFound"),
            ("DescribeLoadBalancers", "LoadBalancerArns.member.1=x", "ValidationError"),
            ("DescribeLoadBalancers", "LoadBalancerArns.member.1={lb}&Names.member.1=web", "ValidationError"),
            ("DescribeLoadBalancers", "PageSize=401", "ValidationError"),
            ("DescribeLoadBalancers", "Marker=x", "ValidationError"),
            ("DeleteLoadBalancer", "LoadBalancerArn=x", "ValidationError"),
            ("SetSecurityGroups", "LoadBalancerArn={lb}&SecurityGroups.member.1=sg-1", "InvalidSecurityGroup"),
            ("SetSecurityGroups", "LoadBalancerArn={nlb}&SecurityGroups.member.1={web}", "InvalidConfigurationRequest"),
            ("SetSubnets", "LoadBalancerArn={lb}&Subnets.member.1={a}", "ValidationError"),
            ("SetSubnets", "LoadBalancerArn={lb}&Subnets.member.1={a}&Subnets.member.2={a2}", "InvalidConfigurationRequest"),
            ("SetIpAddressType", "LoadBalancerArn={lb}&IpAddressType=dualstack", "UnsupportedOperation"),
            (
                "ModifyCapacityReservation",
                "LoadBalancerArn={lb}&MinimumLoadBalancerCapacity.CapacityUnits=100",
                "UnsupportedOperation",
            ),
            ("ModifyIpPools", "LoadBalancerArn={lb}&IpamPools.Ipv4IpamPoolId=p", "UnsupportedOperation"),
            ("AddTags", "ResourceArns.member.1={lb}0&Tags.member.1.Key=a", "LoadBalancerNotFound"),
            ("AddTags", "ResourceArns.member.1=arn:aws:x&Tags.member.1.Key=a", "ValidationError"),
            ("AddTags", "ResourceArns.member.1={lb}&Tags.member.1.Key=aws:a", "ValidationError"),
        ],
    );
    w.ok(
        "ModifyLoadBalancerAttributes",
        "LoadBalancerArn={lb}&Attributes.member.1.Key=deletion_protection.enabled&Attributes.member.1.Value=true",
    );
    check(&mut w, &[("DeleteLoadBalancer", "LoadBalancerArn={lb}", "OperationNotPermitted")]);
    // What users cannot touch.
    let eni =
        text(&w.ec2("DescribeNetworkInterfaces", "Filter.1.Name=requester-id&Filter.1.Value.1=amazon-elb"), "networkInterfaceId");
    assert_eq!(w.ec2_code("DeleteNetworkInterface", &format!("NetworkInterfaceId={eni}")), "InvalidParameterValue");
    assert_eq!(w.ec2_code("DeleteSubnet", "SubnetId={a}"), "DependencyViolation");
}

#[test]
fn small_subnets_and_empty_pools() {
    let mut w = world();
    let tiny = |n: usize| format!("Name=n{n}&Scheme=internal&Subnets.member.1={{a}}&Subnets.member.2={{tiny}}");
    // Of the sixteen addresses five are reserved: eight are free for the first four.
    (0..4).for_each(|n| drop(w.ok("CreateLoadBalancer", &tiny(n))));
    assert_eq!(w.code("CreateLoadBalancer", &tiny(4)), "InvalidSubnet");
    for action in ["CreateLoadBalancer", "CreateTargetGroup"] {
        let id =
            if action == "CreateTargetGroup" { "elasticloadbalancing/L-B22855CB" } else { "elasticloadbalancing/L-53DA6B97" };
        let quota = platform::settings::QuotaSettings { default: Some(1), max: None };
        w.h.settings.limits.quotas.insert(id.into(), quota);
    }
    assert_eq!(
        w.code("CreateLoadBalancer", "Name=z&Scheme=internal&Subnets.member.1={a}&Subnets.member.2={b}"),
        "TooManyLoadBalancers"
    );
    w.ok("CreateTargetGroup", "Name=t&Protocol=HTTP&Port=80&VpcId={vpc}");
    assert_eq!(w.code("CreateTargetGroup", "Name=u&Protocol=HTTP&Port=80&VpcId={vpc}"), "TooManyTargetGroups");
}

#[test]
fn target_groups_and_targets() {
    let mut w = world().with_balancers();
    w.instance("i", "{a}");
    w.instance("far", "{other}");
    let create = "CreateTargetGroup";
    check(
        &mut w,
        &[
            (create, "Name=x&Protocol=HTTP&Port=80", "ValidationError"),
            (create, "Name=x&Port=80&VpcId={vpc}", "ValidationError"),
            (create, "Name=x&Protocol=HTTP&VpcId={vpc}", "ValidationError"),
            (create, "Name=x&Protocol=HTTP&Port=0&VpcId={vpc}", "ValidationError"),
            (create, "Name=x&Protocol=FTP&Port=80&VpcId={vpc}", "ValidationError"),
            (create, "Name=x&Protocol=GENEVE&Port=6081&VpcId={vpc}", "UnsupportedOperation"),
            (create, "Name=x&TargetType=lambda", "UnsupportedOperation"),
            (create, "Name=x&Protocol=HTTP&Port=80&VpcId=vpc-1", "ValidationError"),
            (create, "Name=x&Protocol=TCP&ProtocolVersion=HTTP2&Port=80&VpcId={vpc}", "InvalidConfigurationRequest"),
            (create, "Name=x&Protocol=HTTP&Port=80&VpcId={vpc}&HealthCheckProtocol=TCP", "InvalidConfigurationRequest"),
            (create, "Name=x&Protocol=HTTP&Port=80&VpcId={vpc}&HealthCheckEnabled=false", "InvalidConfigurationRequest"),
            (create, "Name=x&Protocol=HTTP&Port=80&VpcId={vpc}&HealthCheckIntervalSeconds=4", "ValidationError"),
            (
                create,
                "Name=x&Protocol=HTTP&Port=80&VpcId={vpc}&HealthCheckIntervalSeconds=10&HealthCheckTimeoutSeconds=10",
                "ValidationError",
            ),
            (create, "Name=x&Protocol=HTTP&Port=80&VpcId={vpc}&Matcher.HttpCode=500", "ValidationError"),
            (create, "Name=x&Protocol=HTTP&Port=80&VpcId={vpc}&Matcher.GrpcCode=0", "InvalidConfigurationRequest"),
            (create, "Name=x&Protocol=HTTP&Port=80&VpcId={vpc}&HealthCheckPath=x", "ValidationError"),
            (create, "Name=x&Protocol=TCP&Port=80&VpcId={vpc}&HealthCheckPath=/", "InvalidConfigurationRequest"),
            (create, "Name=tg&Protocol=HTTP&Port=81&VpcId={vpc}", "DuplicateTargetGroupName"),
            ("DescribeTargetGroups", "Names.member.1=none", "TargetGroupNotFound"),
            ("DescribeTargetGroups", "Names.member.1=tg&LoadBalancerArn={lb}", "ValidationError"),
            ("ModifyTargetGroup", "TargetGroupArn={tg}0", "TargetGroupNotFound"),
            ("ModifyTargetGroup", "TargetGroupArn={tg}&HealthCheckPort=0", "ValidationError"),
            ("DeleteTargetGroup", "TargetGroupArn={tg}", "ResourceInUse"),
            ("RegisterTargets", "TargetGroupArn={tg}0&Targets.member.1.Id={i}", "TargetGroupNotFound"),
            ("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id=i-0123456789abcdef0", "InvalidTarget"),
            ("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id=10.0.1.9", "InvalidTarget"),
            ("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={far}", "InvalidTarget"),
            ("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={i}&Targets.member.1.Port=0", "ValidationError"),
            (
                "RegisterTargets",
                "TargetGroupArn={tg}&Targets.member.1.Id={i}&Targets.member.1.AvailabilityZone=all",
                "ValidationError",
            ),
            ("RegisterTargets", "TargetGroupArn={tcp}&Targets.member.1.Id=nonsense", "ValidationError"),
            (
                "RegisterTargets",
                "TargetGroupArn={tcp}&Targets.member.1.Id=8.8.8.8&Targets.member.1.AvailabilityZone=all",
                "InvalidTarget",
            ),
            (
                "RegisterTargets",
                "TargetGroupArn={tcp}&Targets.member.1.Id=127.0.0.1&Targets.member.1.AvailabilityZone=all",
                "InvalidTarget",
            ),
            ("RegisterTargets", "TargetGroupArn={tcp}&Targets.member.1.Id=10.0.200.1", "InvalidTarget"),
            ("RegisterTargets", "TargetGroupArn={tcp}&Targets.member.1.Id=192.168.1.1", "InvalidTarget"),
            (
                "RegisterTargets",
                "TargetGroupArn={tcp}&Targets.member.1.Id=10.0.1.9&Targets.member.1.AvailabilityZone=us-east-1b",
                "InvalidTarget",
            ),
            (
                "RegisterTargets",
                "TargetGroupArn={tcp}&Targets.member.1.Id=10.0.1.9&Targets.member.1.AvailabilityZone=eu-west-1a",
                "ValidationError",
            ),
            ("DescribeTargetHealth", "TargetGroupArn={tg}0", "TargetGroupNotFound"),
        ],
    );
    w.h.settings
        .limits
        .quotas
        .insert("elasticloadbalancing/L-A0D0B863".into(), platform::settings::QuotaSettings { default: Some(1), max: None });
    let two = "TargetGroupArn={tcp}&Targets.member.1.Id=10.0.1.9&Targets.member.2.Id=10.0.1.10";
    check(&mut w, &[("RegisterTargets", two, "TooManyTargets")]);
}

#[test]
fn attributes() {
    let mut w = world().with_balancers();
    let set = |key: &str, value: &str| format!("Attributes.member.1.Key={key}&Attributes.member.1.Value={value}");
    for (arn, key, value, want) in [
        ("LoadBalancerArn={lb}", "nonsense", "1", "ValidationError"),
        ("LoadBalancerArn={lb}", "dns_record.client_routing_policy", "any_availability_zone", "InvalidConfigurationRequest"),
        ("LoadBalancerArn={lb}", "idle_timeout.timeout_seconds", "0", "ValidationError"),
        ("LoadBalancerArn={lb}", "idle_timeout.timeout_seconds", "4001", "ValidationError"),
        ("LoadBalancerArn={lb}", "routing.http2.enabled", "yes", "ValidationError"),
        ("LoadBalancerArn={nlb}", "access_logs.s3.enabled", "true", "UnsupportedOperation"),
        ("LoadBalancerArn={lb}", "access_logs.s3.enabled", "true", "ValidationError"),
        ("LoadBalancerArn={lb}", "load_balancing.cross_zone.enabled", "false", "UnsupportedOperation"),
        ("LoadBalancerArn={lb}", "routing.http.desync_mitigation_mode", "strictest", "UnsupportedOperation"),
        ("LoadBalancerArn={lb}", "routing.http.desync_mitigation_mode", "lax", "ValidationError"),
        ("LoadBalancerArn={lb}", "routing.http.desync_mitigation_mode", "monitor", ""),
        ("TargetGroupArn={tg}", "stickiness.app_cookie.cookie_name", "a%3Bb", "ValidationError"),
        ("LoadBalancerArn={nlb}", "idle_timeout.timeout_seconds", "60", "InvalidConfigurationRequest"),
        ("LoadBalancerArn={nlb}", "load_balancing.cross_zone.enabled", "true", ""),
        ("LoadBalancerArn={lb}", "idle_timeout.timeout_seconds", "4000", ""),
        ("LoadBalancerArn={lb}", "access_logs.s3.enabled", "false", ""),
        ("TargetGroupArn={tg}", "slow_start.duration_seconds", "29", "ValidationError"),
        ("TargetGroupArn={tg}", "slow_start.duration_seconds", "30", ""),
        ("TargetGroupArn={tg}", "load_balancing.algorithm.type", "weighted_random", "InvalidConfigurationRequest"),
        ("TargetGroupArn={tg}", "load_balancing.algorithm.anomaly_mitigation", "on", "InvalidConfigurationRequest"),
        ("TargetGroupArn={tg}", "stickiness.type", "source_ip", "ValidationError"),
        ("TargetGroupArn={tg}", "stickiness.app_cookie.cookie_name", "AWSALBX", "ValidationError"),
        ("TargetGroupArn={tg}", "proxy_protocol_v2.enabled", "true", "InvalidConfigurationRequest"),
        ("TargetGroupArn={tg}", "target_group_health.dns_failover.minimum_healthy_targets.count", "2", "UnsupportedOperation"),
        ("TargetGroupArn={tcp}", "proxy_protocol_v2.enabled", "true", "UnsupportedOperation"),
        ("TargetGroupArn={tcp}", "proxy_protocol_v2.enabled", "false", ""),
        ("TargetGroupArn={tcp}", "slow_start.duration_seconds", "30", "InvalidConfigurationRequest"),
        ("ListenerArn={l}", "tcp.idle_timeout.seconds", "60", "InvalidConfigurationRequest"),
        ("ListenerArn={l}", "routing.http.response.server.enabled", "false", "UnsupportedOperation"),
        ("ListenerArn={l}", "routing.http.response.server.enabled", "true", ""),
    ] {
        let action = match arn.split("Arn").next() {
            Some("LoadBalancer") => "ModifyLoadBalancerAttributes",
            Some("TargetGroup") => "ModifyTargetGroupAttributes",
            _ => "ModifyListenerAttributes",
        };
        let request = format!("{arn}&{}", set(key, value));
        if want.is_empty() {
            assert!(w.ok(action, &request).contains(&format!("<Value>{value}</Value>")), "{request}");
        } else {
            check(&mut w, &[(action, &request, want)]);
        }
    }
}

#[test]
fn listeners_and_actions() {
    let mut w = world().with_balancers();
    w.keep("udp", "TargetGroupArn", "CreateTargetGroup", "Name=udp&Protocol=UDP&Port=53&VpcId={vpc}");
    w.keep("grpc", "TargetGroupArn", "CreateTargetGroup", "Name=grpc&Protocol=HTTP&ProtocolVersion=GRPC&Port=53&VpcId={vpc}");
    w.keep("far", "TargetGroupArn", "CreateTargetGroup", "Name=far&Protocol=HTTP&Port=80&VpcId={vpc2}");
    w.keep(
        "lb2",
        "LoadBalancerArn",
        "CreateLoadBalancer",
        "Name=second&Scheme=internal&Subnets.member.1={a}&Subnets.member.2={b}",
    );
    let forward =
        |group: &str| format!("DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={{{group}}}");
    let on = |lb: &str, protocol: &str, port: u16, rest: &str| {
        format!("LoadBalancerArn={{{lb}}}&Protocol={protocol}&Port={port}&{rest}")
    };
    let kind = |kind: &str, rest: &str| format!("DefaultActions.member.1.Type={kind}&{rest}");
    let redirect = |rest: &str| kind("redirect", &rest.replace('~', "DefaultActions.member.1.RedirectConfig."));
    let fixed = |rest: &str| kind("fixed-response", &rest.replace('~', "DefaultActions.member.1.FixedResponseConfig."));
    let many = |n: usize| {
        (1..=n)
            .map(|i| format!("DefaultActions.member.1.ForwardConfig.TargetGroups.member.{i}.TargetGroupArn={{tg}}{i}"))
            .collect::<Vec<_>>()
            .join("&")
    };
    let rows = [
        (on("lb", "TCP", 81, &forward("tg")), "ValidationError"),
        (on("nlb", "HTTP", 81, &forward("tcp")), "ValidationError"),
        (on("nlb", "QUIC", 81, &forward("tcp")), "UnsupportedProtocol"),
        (on("lb", "HTTP", 0, &forward("tg")), "ValidationError"),
        (on("lb", "HTTPS", 443, &forward("tg")), "ValidationError"),
        (
            on("lb", "HTTPS", 443, &format!("{}&Certificates.member.1.CertificateArn=arn:aws:acm:x", forward("tg"))),
            "CertificateNotFound",
        ),
        (
            on(
                "lb",
                "HTTPS",
                443,
                &format!("{}&Certificates.member.1.CertificateArn=arn:aws:iam::1:server-certificate/x", forward("tg")),
            ),
            "UnsupportedCertificate",
        ),
        (on("lb", "HTTP", 81, &format!("{}&SslPolicy=ELBSecurityPolicy-2016-08", forward("tg"))), "ValidationError"),
        (on("lb", "HTTPS", 81, &format!("{}&MutualAuthentication.Mode=verify", forward("tg"))), "ValidationError"),
        (on("lb", "HTTP", 80, &fixed("~StatusCode=200")), "DuplicateListener"),
        (on("lb", "HTTP", 81, ""), "ValidationError"),
        (on("lb", "HTTP", 81, &forward("tcp")), "IncompatibleProtocols"),
        (on("lb", "HTTP", 81, &forward("grpc")), "InvalidConfigurationRequest"),
        (on("lb", "HTTP", 81, &forward("far")), "InvalidConfigurationRequest"),
        (on("lb2", "HTTP", 81, &forward("tg")), "TargetGroupAssociationLimit"),
        (on("nlb", "TCP", 81, &forward("udp")), "IncompatibleProtocols"),
        (on("nlb", "TCP", 81, &fixed("~StatusCode=200")), "InvalidLoadBalancerAction"),
        (on("lb", "HTTP", 81, &forward("tg").replace("{tg}", "{tg}0")), "TargetGroupNotFound"),
        (on("lb", "HTTP", 81, &kind("forward", "")), "ValidationError"),
        (on("lb", "HTTP", 81, &kind("forward", &many(6))), "ValidationError"),
        (on("lb", "HTTP", 81, &kind("forward", &many(2))), "TargetGroupNotFound"),
        (on("lb", "HTTP", 81, &kind("authenticate-oidc", "")), "InvalidLoadBalancerAction"),
        (on("lb", "HTTP", 81, &kind("dance", "")), "ValidationError"),
        (on("lb", "HTTP", 81, &format!("{}&DefaultActions.member.2.Type=forward", forward("tg"))), "TooManyActions"),
        (on("lb", "HTTP", 81, &redirect("~StatusCode=HTTP_301")), "InvalidLoadBalancerAction"),
        (on("lb", "HTTP", 81, &redirect("~StatusCode=HTTP_307&~Port=443")), "ValidationError"),
        (on("lb", "HTTP", 81, &redirect("~StatusCode=HTTP_301&~Port=x")), "ValidationError"),
        (on("lb", "HTTP", 81, &redirect("~StatusCode=HTTP_301&~Path=x")), "ValidationError"),
        (on("lb", "HTTP", 81, &redirect("~StatusCode=HTTP_301&~Path=/%23%7Bword%7D")), "ValidationError"),
        (on("lb", "HTTP", 81, &redirect("~StatusCode=HTTP_301&~Path=/%23%7Bhost")), "ValidationError"),
        (on("lb", "HTTP", 81, &redirect("~StatusCode=HTTP_301&~Protocol=FTP")), "ValidationError"),
        (on("lb", "HTTP", 81, &fixed("~StatusCode=302")), "ValidationError"),
        (on("lb", "HTTP", 81, &fixed("~StatusCode=200&~ContentType=image/png")), "ValidationError"),
        (on("lb", "HTTP", 81, &fixed(&format!("~StatusCode=200&~MessageBody={}", "x".repeat(1025)))), "ValidationError"),
        (
            on("lb", "HTTP", 81, &format!("{}&DefaultActions.member.1.RedirectConfig.Port=1", forward("tg"))),
            "InvalidLoadBalancerAction",
        ),
    ];
    for (parameters, want) in &rows {
        check(&mut w, &[("CreateListener", parameters, want)]);
    }
    check(
        &mut w,
        &[
            ("DescribeListeners", "", "ValidationError"),
            ("DescribeListeners", "ListenerArns.member.1={l}0", "ListenerNotFound"),
            ("DeleteListener", "ListenerArn={l}0", "ListenerNotFound"),
            ("ModifyListener", "ListenerArn={l}&Protocol=HTTPS", "ValidationError"),
            ("AddListenerCertificates", "ListenerArn={l}&Certificates.member.1.CertificateArn=x", "ValidationError"),
            ("DescribeSSLPolicies", "Names.member.1=ELBSecurityPolicy-2016-08", "SSLPolicyNotFound"),
        ],
    );
    w.h.settings
        .limits
        .quotas
        .insert("elasticloadbalancing/L-B6DF7632".into(), platform::settings::QuotaSettings { default: Some(1), max: None });
    check(&mut w, &[("CreateListener", &on("lb", "HTTP", 81, &fixed("~StatusCode=200")), "TooManyListeners")]);
}

#[test]
fn rules() {
    let mut w = world().with_balancers();
    let fixed = "Actions.member.1.Type=fixed-response&Actions.member.1.FixedResponseConfig.StatusCode=200";
    let path = "Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/x";
    w.keep("r", "RuleArn", "CreateRule", &format!("ListenerArn={{l}}&Priority=10&{path}&{fixed}"));
    w.keep("r2", "RuleArn", "CreateRule", &format!("ListenerArn={{l}}&Priority=20&{path}&{fixed}"));
    let all = w.ok("DescribeRules", "ListenerArn={l}");
    let default = texts(&all, "RuleArn").pop().unwrap();
    w.names.insert("default".into(), default);
    let condition = |rest: &str| format!("ListenerArn={{l}}&Priority=30&{fixed}&{}", rest.replace('~', "Conditions.member.1."));
    let values =
        |n: usize| (1..=n).map(|i| format!("~HostHeaderConfig.Values.member.{i}=a{i}.example.com")).collect::<Vec<_>>().join("&");
    let rows = [
        (condition(""), "ValidationError"),
        (condition("~Field=nonsense&~Values.member.1=x"), "ValidationError"),
        (condition("~Field=path-pattern"), "ValidationError"),
        (condition("~Field=path-pattern&~Values.member.1=a%20b"), "ValidationError"),
        (condition("~Field=host-header&~Values.member.1=a_b.example"), "ValidationError"),
        (condition(&format!("~Field=host-header&{}", values(6))), "ValidationError"),
        (condition("~Field=host-header&~Values.member.1=******"), "ValidationError"),
        (condition("~Field=host-header&~RegexValues.member.1=a"), "UnsupportedOperation"),
        (
            condition("~Field=http-header&~HttpHeaderConfig.HttpHeaderName=Host&~HttpHeaderConfig.Values.member.1=x"),
            "ValidationError",
        ),
        (condition("~Field=http-request-method&~HttpRequestMethodConfig.Values.member.1=get"), "ValidationError"),
        (condition("~Field=source-ip&~SourceIpConfig.Values.member.1=10.0.0.1"), "ValidationError"),
        (condition("~Field=source-ip&~SourceIpConfig.Values.member.1=10.0.0.1/24"), "ValidationError"),
        (condition("~Field=source-ip&~SourceIpConfig.Values.member.1=10.0.0.0/33"), "ValidationError"),
        (condition("~Field=source-ip&~SourceIpConfig.Values.member.1=10.0.0.0/-1"), "ValidationError"),
        (condition("~Field=source-ip&~HostHeaderConfig.Values.member.1=x"), "ValidationError"),
        (
            condition(
                "~Field=path-pattern&~Values.member.1=/a&Conditions.member.2.Field=path-pattern&Conditions.member.2.Values.member.1=/b",
            ),
            "ValidationError",
        ),
        (format!("ListenerArn={{l}}&Priority=10&{path}&{fixed}"), "PriorityInUse"),
        (format!("ListenerArn={{l}}&Priority=0&{path}&{fixed}"), "ValidationError"),
        (format!("ListenerArn={{l}}&Priority=50001&{path}&{fixed}"), "ValidationError"),
        (format!("ListenerArn={{l}}0&Priority=30&{path}&{fixed}"), "ListenerNotFound"),
        (format!("ListenerArn={{l}}&Priority=30&{path}&{fixed}&Transforms.member.1.Type=url-rewrite"), "UnsupportedOperation"),
    ];
    for (parameters, want) in &rows {
        check(&mut w, &[("CreateRule", parameters, want)]);
    }
    let set = |pairs: &[(&str, u32)]| {
        let one = |(i, (rule, p)): (usize, &(&str, u32))| {
            format!("RulePriorities.member.{0}.RuleArn={{{rule}}}&RulePriorities.member.{0}.Priority={p}", i + 1)
        };
        pairs.iter().enumerate().map(one).collect::<Vec<_>>().join("&")
    };
    check(
        &mut w,
        &[
            ("SetRulePriorities", &set(&[("r", 20)]), "PriorityInUse"),
            ("SetRulePriorities", &set(&[("r", 20), ("r2", 20)]), "PriorityInUse"),
            ("SetRulePriorities", &set(&[("default", 5)]), "OperationNotPermitted"),
            ("DeleteRule", "RuleArn={default}", "OperationNotPermitted"),
            ("ModifyRule", &format!("RuleArn={{default}}&{fixed}"), "OperationNotPermitted"),
            ("DeleteRule", "RuleArn={r}0", "RuleNotFound"),
            ("DescribeRules", "", "ValidationError"),
            ("DescribeRules", "RuleArns.member.1={r}0", "RuleNotFound"),
        ],
    );
    // Two rules take each other's numbers.
    let reply = w.ok("SetRulePriorities", &set(&[("r", 20), ("r2", 10)]));
    assert_eq!(texts(&reply, "Priority"), ["20", "10"]);
    w.h.settings
        .limits
        .quotas
        .insert("elasticloadbalancing/L-7EED9B64".into(), platform::settings::QuotaSettings { default: Some(2), max: None });
    check(&mut w, &[("CreateRule", &format!("ListenerArn={{l}}&Priority=30&{path}&{fixed}"), "TooManyRules")]);
}

#[test]
fn classic_load_balancers_are_another_api() {
    let mut w = world();
    let form = Form::parse(b"Action=DescribeLoadBalancers&Version=2012-06-01").unwrap();
    let table = crate::operations();
    let outcome = crate::ec2::testing::with_ctx(&mut w.h, |ctx| dispatch::run_form(&table, ctx, "elasticloadbalancing", &form));
    assert!(matches!(outcome, Err(OpError::Aws(e)) if e.code == "UnsupportedOperation" && e.message.contains("Classic")));
}
