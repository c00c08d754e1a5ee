//! The calls that clients make, in their order: what Terraform's resources ask, and read back.

use super::*;

#[test]
fn as_terraform_makes_a_load_balancer() {
    let mut w = world();
    // aws_lb: made, waited for, its attributes set and read.
    let create = "Name=web&Type=application&Scheme=internet-facing&IpAddressType=ipv4&Subnets.member.1={a}&Subnets.member.2={b}&SecurityGroups.member.1={web}&Tags.member.1.Key=Env&Tags.member.1.Value=test";
    let reply = w.keep("lb", "LoadBalancerArn", "CreateLoadBalancer", create);
    for part in [
        "<Code>provisioning</Code>",
        "<Type>application</Type>",
        "<Scheme>internet-facing</Scheme>",
        "<IpAddressType>ipv4</IpAddressType>",
        "<ZoneName>us-east-1a</ZoneName>",
        "<ZoneName>us-east-1b</ZoneName>",
        ".us-east-1.elb.amazonaws.com</DNSName>",
        "<CanonicalHostedZoneId>Z35SXDOTRQ7X7K</CanonicalHostedZoneId>",
    ] {
        assert!(reply.contains(part), "{part} in {reply}");
    }
    assert!(w.names["lb"].starts_with("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/"));
    // The same again is the same.
    assert_eq!(text(&w.ok("CreateLoadBalancer", create), "LoadBalancerArn"), w.names["lb"]);
    assert_eq!(count(&w.ok("DescribeLoadBalancers", "LoadBalancerArns.member.1={lb}"), "LoadBalancerArn"), 1);
    let attributes = ["access_logs.s3.enabled=false", "deletion_protection.enabled=false", "idle_timeout.timeout_seconds=30"];
    let each = attributes.iter().enumerate().map(|(n, a)| {
        let (key, value) = a.split_once('=').unwrap();
        format!("Attributes.member.{0}.Key={key}&Attributes.member.{0}.Value={value}", n + 1)
    });
    let each = each.collect::<Vec<_>>().join("&");
    w.ok("ModifyLoadBalancerAttributes", &format!("LoadBalancerArn={{lb}}&{each}"));
    let reply = w.ok("DescribeLoadBalancerAttributes", "LoadBalancerArn={lb}");
    assert_eq!(count(&reply, "Key"), 23);
    for key in ["client_keep_alive.seconds", "waf.fail_open.enabled", "connection_logs.s3.enabled", "zonal_shift.config.enabled"]
    {
        assert!(reply.contains(&format!("<Key>{key}</Key>")), "{key}");
    }
    assert!(reply.contains("<Key>idle_timeout.timeout_seconds</Key><Value>30</Value>"), "{reply}");
    w.ok("DescribeCapacityReservation", "LoadBalancerArn={lb}");
    assert!(w.ok("DescribeTags", "ResourceArns.member.1={lb}").contains("<Key>Env</Key><Value>test</Value>"));
    // Its role is there from now on.
    assert!(w.h.db.all::<crate::rows::Role>().any(|r| r.name == "AWSServiceRoleForElasticLoadBalancing"));
    // aws_lb_target_group.
    let group = "Name=tg&Protocol=HTTP&ProtocolVersion=HTTP1&Port=80&VpcId={vpc}&TargetType=instance&HealthCheckEnabled=true&HealthCheckPath=/health&Matcher.HttpCode=200-299";
    let reply = w.keep("tg", "TargetGroupArn", "CreateTargetGroup", group);
    for part in [
        "<HealthCheckProtocol>HTTP</HealthCheckProtocol>",
        "<HealthCheckPort>traffic-port</HealthCheckPort>",
        "<HealthCheckIntervalSeconds>30</HealthCheckIntervalSeconds>",
        "<HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds>",
        "<HealthyThresholdCount>5</HealthyThresholdCount>",
        "<HttpCode>200-299</HttpCode>",
        "<LoadBalancerArns/>",
    ] {
        assert!(reply.contains(part), "{part} in {reply}");
    }
    assert_eq!(text(&w.ok("CreateTargetGroup", group), "TargetGroupArn"), w.names["tg"]);
    w.ok(
        "ModifyTargetGroupAttributes",
        "TargetGroupArn={tg}&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=10",
    );
    assert_eq!(count(&w.ok("DescribeTargetGroupAttributes", "TargetGroupArn={tg}"), "Key"), 14);
    // aws_lb_listener.
    let listener = "LoadBalancerArn={lb}&Protocol=HTTP&Port=80&DefaultActions.member.1.Type=forward&DefaultActions.member.1.Order=1&DefaultActions.member.1.TargetGroupArn={tg}";
    w.keep("l", "ListenerArn", "CreateListener", listener);
    assert_eq!(text(&w.ok("CreateListener", listener), "ListenerArn"), w.names["l"]);
    let reply = w.ok("DescribeListeners", "ListenerArns.member.1={l}");
    assert!(reply.contains("<Type>forward</Type>") && reply.contains("<Enabled>false</Enabled>"), "{reply}");
    w.ok("DescribeListenerAttributes", "ListenerArn={l}");
    assert!(w.ok("DescribeTargetGroups", "LoadBalancerArn={lb}").contains(&format!("<member>{}</member>", w.names["lb"])));
    // aws_lb_listener_rule, with a redirect whose parts that are not given stay.
    let rule = "ListenerArn={l}&Priority=100&Conditions.member.1.Field=host-header&Conditions.member.1.HostHeaderConfig.Values.member.1=*.example.com&Conditions.member.2.Field=query-string&Conditions.member.2.QueryStringConfig.Values.member.1.Key=a&Conditions.member.2.QueryStringConfig.Values.member.1.Value=b&Actions.member.1.Type=redirect&Actions.member.1.RedirectConfig.StatusCode=HTTP_301&Actions.member.1.RedirectConfig.Protocol=HTTPS&Actions.member.1.RedirectConfig.Port=443";
    let reply = w.keep("r", "RuleArn", "CreateRule", rule);
    for part in ["<Path>/#{path}</Path>", "<Query>#{query}</Query>", "<Host>#{host}</Host>", "<IsDefault>false</IsDefault>"] {
        assert!(reply.contains(part), "{part} in {reply}");
    }
    let reply = w.ok("DescribeRules", "ListenerArn={l}");
    assert_eq!(texts(&reply, "Priority"), ["100", "default"]);
    w.ok("ModifyRule", "RuleArn={r}&Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/new/*");
    assert!(w.ok("DescribeRules", "RuleArns.member.1={r}").contains("<member>/new/*</member>"));
    // aws_lb_target_group_attachment.
    w.instance("i", "{a}");
    w.ok("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={i}&Targets.member.1.Port=8080");
    let health = w.ok("DescribeTargetHealth", "TargetGroupArn={tg}");
    assert!(
        health.contains("<State>initial</State>") && health.contains("<Reason>Elb.RegistrationInProgress</Reason>"),
        "{health}"
    );
    assert!(health.contains("<HealthCheckPort>8080</HealthCheckPort>"));
    // Down again, in the order that it goes.
    w.ok("DeregisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={i}&Targets.member.1.Port=8080");
    let health = w.ok("DescribeTargetHealth", "TargetGroupArn={tg}");
    assert!(health.contains("<State>draining</State>"), "{health}");
    w.ok("DeleteRule", "RuleArn={r}");
    w.ok("DeleteListener", "ListenerArn={l}");
    w.ok("DeleteTargetGroup", "TargetGroupArn={tg}");
    w.ok("DeleteTargetGroup", "TargetGroupArn={tg}");
    assert_eq!(
        count(
            &w.ec2("DescribeNetworkInterfaces", "Filter.1.Name=description&Filter.1.Value.1=ELB%20app/web/*"),
            "networkInterfaceId"
        ),
        2
    );
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={lb}");
    assert_eq!(w.code("DescribeLoadBalancers", "LoadBalancerArns.member.1={lb}"), "LoadBalancerNotFound");
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={lb}");
    // It had no host yet: its interfaces and public addresses are gone at once, its groups free.
    assert!(
        w.ec2("DescribeNetworkInterfaces", "Filter.1.Name=description&Filter.1.Value.1=ELB%20*")
            .contains("<networkInterfaceSet/>")
    );
    assert_eq!(w.h.db.all::<crate::rows::PublicIp>().count(), 0);
    w.ec2("DeleteSecurityGroup", "GroupId={web}");
}

#[test]
fn an_interface_of_a_load_balancer() {
    let mut w = world().with_balancers();
    let xml = w.ec2(
        "DescribeNetworkInterfaces",
        "Filter.1.Name=description&Filter.1.Value.1=ELB%20app/web/*&Filter.2.Name=subnet-id&Filter.2.Value.1={a}",
    );
    for part in [
        "<requesterId>amazon-elb</requesterId>",
        "<requesterManaged>true</requesterManaged>",
        "<interfaceType>interface</interfaceType>",
        "<status>in-use</status>",
        "<ipOwnerId>amazon-elb</ipOwnerId>",
        "<instanceOwnerId>amazon-elb</instanceOwnerId>",
        "<publicIp>198.18.0.",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    assert!(
        w.ec2("DescribeNetworkInterfaces", "Filter.1.Name=interface-type&Filter.1.Value.1=network_load_balancer")
            .contains("ELB net/net/")
    );
    // Its groups follow, subnets come and go.
    w.ok("SetSecurityGroups", "LoadBalancerArn={lb}&SecurityGroups.member.1={web}");
    assert_eq!(
        count(&w.ec2("DescribeNetworkInterfaces", "Filter.1.Name=group-id&Filter.1.Value.1={web}"), "networkInterfaceId"),
        2
    );
    assert_eq!(w.ec2_code("DeleteSecurityGroup", "GroupId={web}"), "DependencyViolation");
    let reply = w.ok("SetSubnets", "LoadBalancerArn={lb}&Subnets.member.1={a2}&Subnets.member.2={b}");
    assert!(reply.contains(&w.names["a2"]) && !reply.contains(&format!(">{}<", w.names["a"])), "{reply}");
}

#[test]
fn a_network_load_balancer_has_the_addresses_that_it_was_given() {
    let mut w = world();
    let eip = w.ec2("AllocateAddress", "");
    w.names.insert("eip".into(), text(&eip, "allocationId"));
    let request = "Name=net&Type=network&SubnetMappings.member.1.SubnetId={a}&SubnetMappings.member.1.AllocationId={eip}&SubnetMappings.member.2.SubnetId={b}";
    let reply = w.keep("nlb", "LoadBalancerArn", "CreateLoadBalancer", request);
    assert_eq!(texts(&reply, "AllocationId"), [w.names["eip"].clone()]);
    assert_eq!(texts(&reply, "IpAddress"), [text(&eip, "publicIp")]);
    assert_eq!(w.code("CreateLoadBalancer", &request.replace("Name=net", "Name=net2")), "ResourceInUse");
    assert_eq!(w.ec2_code("ReleaseAddress", "AllocationId={eip}"), "InvalidIPAddress.InUse");
    w.ok("SetSubnets", "LoadBalancerArn={nlb}&SubnetMappings.member.1.SubnetId={a}&SubnetMappings.member.1.AllocationId={eip}");
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={nlb}");
    w.ec2("ReleaseAddress", "AllocationId={eip}");
}

#[test]
fn the_service_linked_role_stays_while_it_is_needed() {
    let mut w = world().with_balancers();
    let table = crate::operations();
    let iam = |w: &mut World, action: &str, parameters: &str| {
        let form = Form::parse(format!("Action={action}&Version=2010-05-08&{parameters}").as_bytes()).unwrap();
        let outcome = crate::ec2::testing::with_ctx(&mut w.h, |ctx| dispatch::run_form(&table, ctx, "iam", &form));
        w.h.db.take_mutations();
        outcome.unwrap_or_else(|e| panic!("{action}: {e:?}")).body
    };
    let role = "RoleName=AWSServiceRoleForElasticLoadBalancing";
    let task = text(&iam(&mut w, "DeleteServiceLinkedRole", role), "DeletionTaskId");
    let status = iam(&mut w, "GetServiceLinkedRoleDeletionStatus", &format!("DeletionTaskId={task}"));
    assert!(status.contains("<Status>FAILED</Status>") && status.contains(&w.names["lb"]), "{status}");
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={lb}");
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={nlb}");
    let task = text(&iam(&mut w, "DeleteServiceLinkedRole", role), "DeletionTaskId");
    let status = iam(&mut w, "GetServiceLinkedRoleDeletionStatus", &format!("DeletionTaskId={task}"));
    assert!(status.contains("<Status>SUCCEEDED</Status>"), "{status}");
}

#[test]
fn lists_come_in_pages() {
    let mut w = world();
    for n in 0..7 {
        w.ok("CreateTargetGroup", &format!("Name=g{n}&Protocol=HTTP&Port=80&VpcId={{vpc}}"));
    }
    let (mut seen, mut marker) = (Vec::new(), String::new());
    for _ in 0..4 {
        let reply = w.ok("DescribeTargetGroups", &format!("PageSize=3&Marker={marker}"));
        seen.extend(texts(&reply, "TargetGroupName"));
        marker = texts(&reply, "NextMarker").pop().unwrap_or_default();
        if marker.is_empty() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, (0..7).map(|n| format!("g{n}")).collect::<Vec<_>>());
    let limits = w.ok("DescribeAccountLimits", "");
    assert!(limits.contains("<Name>target-groups</Name>") && limits.contains("<Max>3000</Max>"), "{limits}");
    assert_eq!(count(&w.ok("DescribeSSLPolicies", ""), "SslProtocols"), 3);
}
