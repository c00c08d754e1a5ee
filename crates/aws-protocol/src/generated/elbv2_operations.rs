//! Operations of elbv2.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::elbv2_shapes::*;
use crate::{Operation, Paginator, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "elasticloadbalancing",
    protocol: Protocol::Query,
    version: "2015-12-01",
    xml_namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    target_prefix: "",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &CREATE_LOAD_BALANCER,
    &DESCRIBE_LOAD_BALANCERS,
    &DELETE_LOAD_BALANCER,
    &DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
    &MODIFY_LOAD_BALANCER_ATTRIBUTES,
    &SET_SECURITY_GROUPS,
    &SET_SUBNETS,
    &SET_IP_ADDRESS_TYPE,
    &CREATE_TARGET_GROUP,
    &DESCRIBE_TARGET_GROUPS,
    &MODIFY_TARGET_GROUP,
    &DELETE_TARGET_GROUP,
    &DESCRIBE_TARGET_GROUP_ATTRIBUTES,
    &MODIFY_TARGET_GROUP_ATTRIBUTES,
    &REGISTER_TARGETS,
    &DEREGISTER_TARGETS,
    &DESCRIBE_TARGET_HEALTH,
    &CREATE_LISTENER,
    &DESCRIBE_LISTENERS,
    &MODIFY_LISTENER,
    &DELETE_LISTENER,
    &DESCRIBE_LISTENER_ATTRIBUTES,
    &MODIFY_LISTENER_ATTRIBUTES,
    &CREATE_RULE,
    &DESCRIBE_RULES,
    &MODIFY_RULE,
    &DELETE_RULE,
    &SET_RULE_PRIORITIES,
    &ADD_TAGS,
    &REMOVE_TAGS,
    &DESCRIBE_TAGS,
    &DESCRIBE_CAPACITY_RESERVATION,
    &ADD_LISTENER_CERTIFICATES,
    &REMOVE_LISTENER_CERTIFICATES,
    &DESCRIBE_LISTENER_CERTIFICATES,
    &DESCRIBE_SSL_POLICIES,
    &DESCRIBE_ACCOUNT_LIMITS,
    &MODIFY_CAPACITY_RESERVATION,
    &MODIFY_IP_POOLS,
    &CREATE_TRUST_STORE,
    &DESCRIBE_TRUST_STORES,
    &MODIFY_TRUST_STORE,
    &DELETE_TRUST_STORE,
    &DESCRIBE_TRUST_STORE_ASSOCIATIONS,
    &GET_TRUST_STORE_CA_CERTIFICATES_BUNDLE,
    &ADD_TRUST_STORE_REVOCATIONS,
    &REMOVE_TRUST_STORE_REVOCATIONS,
    &DESCRIBE_TRUST_STORE_REVOCATIONS,
    &GET_TRUST_STORE_REVOCATION_CONTENT,
];

pub static CREATE_LOAD_BALANCER: Operation = Operation {
    name: "CreateLoadBalancer",
    service: &SERVICE,
    input: "CreateLoadBalancerInput",
    output: Some("CreateLoadBalancerOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "CustomerOwnedIpv4Pool",
        "EnablePrefixForIpv6SourceNat",
        "IpAddressType",
        "IpamPools.Ipv4IpamPoolId",
        "Name",
        "Scheme",
        "SecurityGroups.member.N",
        "SubnetMappings.member.N.AllocationId",
        "SubnetMappings.member.N.IPv6Address",
        "SubnetMappings.member.N.PrivateIPv4Address",
        "SubnetMappings.member.N.SourceNatIpv6Prefix",
        "SubnetMappings.member.N.SubnetId",
        "Subnets.member.N",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "Type",
    ],
};

impl Request for CreateLoadBalancerInput {
    type Reply = CreateLoadBalancerOutput;
    fn operation() -> &'static Operation {
        &CREATE_LOAD_BALANCER
    }
}

pub static DESCRIBE_LOAD_BALANCERS: Operation = Operation {
    name: "DescribeLoadBalancers",
    service: &SERVICE,
    input: "DescribeLoadBalancersInput",
    output: Some("DescribeLoadBalancersOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["LoadBalancers"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "LoadBalancerArns.member.N",
        "Marker",
        "Names.member.N",
        "PageSize",
    ],
};

impl Request for DescribeLoadBalancersInput {
    type Reply = DescribeLoadBalancersOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_LOAD_BALANCERS
    }
}

pub static DELETE_LOAD_BALANCER: Operation = Operation {
    name: "DeleteLoadBalancer",
    service: &SERVICE,
    input: "DeleteLoadBalancerInput",
    output: Some("DeleteLoadBalancerOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LoadBalancerArn"],
    members: &[
        "LoadBalancerArn",
    ],
};

impl Request for DeleteLoadBalancerInput {
    type Reply = DeleteLoadBalancerOutput;
    fn operation() -> &'static Operation {
        &DELETE_LOAD_BALANCER
    }
}

pub static DESCRIBE_LOAD_BALANCER_ATTRIBUTES: Operation = Operation {
    name: "DescribeLoadBalancerAttributes",
    service: &SERVICE,
    input: "DescribeLoadBalancerAttributesInput",
    output: Some("DescribeLoadBalancerAttributesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LoadBalancerArn"],
    members: &[
        "LoadBalancerArn",
    ],
};

impl Request for DescribeLoadBalancerAttributesInput {
    type Reply = DescribeLoadBalancerAttributesOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_LOAD_BALANCER_ATTRIBUTES
    }
}

pub static MODIFY_LOAD_BALANCER_ATTRIBUTES: Operation = Operation {
    name: "ModifyLoadBalancerAttributes",
    service: &SERVICE,
    input: "ModifyLoadBalancerAttributesInput",
    output: Some("ModifyLoadBalancerAttributesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Attributes", "LoadBalancerArn"],
    members: &[
        "Attributes.member.N.Key",
        "Attributes.member.N.Value",
        "LoadBalancerArn",
    ],
};

impl Request for ModifyLoadBalancerAttributesInput {
    type Reply = ModifyLoadBalancerAttributesOutput;
    fn operation() -> &'static Operation {
        &MODIFY_LOAD_BALANCER_ATTRIBUTES
    }
}

pub static SET_SECURITY_GROUPS: Operation = Operation {
    name: "SetSecurityGroups",
    service: &SERVICE,
    input: "SetSecurityGroupsInput",
    output: Some("SetSecurityGroupsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LoadBalancerArn", "SecurityGroups"],
    members: &[
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
        "LoadBalancerArn",
        "SecurityGroups.member.N",
    ],
};

impl Request for SetSecurityGroupsInput {
    type Reply = SetSecurityGroupsOutput;
    fn operation() -> &'static Operation {
        &SET_SECURITY_GROUPS
    }
}

pub static SET_SUBNETS: Operation = Operation {
    name: "SetSubnets",
    service: &SERVICE,
    input: "SetSubnetsInput",
    output: Some("SetSubnetsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LoadBalancerArn"],
    members: &[
        "EnablePrefixForIpv6SourceNat",
        "IpAddressType",
        "LoadBalancerArn",
        "SubnetMappings.member.N.AllocationId",
        "SubnetMappings.member.N.IPv6Address",
        "SubnetMappings.member.N.PrivateIPv4Address",
        "SubnetMappings.member.N.SourceNatIpv6Prefix",
        "SubnetMappings.member.N.SubnetId",
        "Subnets.member.N",
    ],
};

impl Request for SetSubnetsInput {
    type Reply = SetSubnetsOutput;
    fn operation() -> &'static Operation {
        &SET_SUBNETS
    }
}

pub static SET_IP_ADDRESS_TYPE: Operation = Operation {
    name: "SetIpAddressType",
    service: &SERVICE,
    input: "SetIpAddressTypeInput",
    output: Some("SetIpAddressTypeOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["IpAddressType", "LoadBalancerArn"],
    members: &[
        "IpAddressType",
        "LoadBalancerArn",
    ],
};

impl Request for SetIpAddressTypeInput {
    type Reply = SetIpAddressTypeOutput;
    fn operation() -> &'static Operation {
        &SET_IP_ADDRESS_TYPE
    }
}

pub static CREATE_TARGET_GROUP: Operation = Operation {
    name: "CreateTargetGroup",
    service: &SERVICE,
    input: "CreateTargetGroupInput",
    output: Some("CreateTargetGroupOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "IpAddressType",
        "Matcher.GrpcCode",
        "Matcher.HttpCode",
        "Name",
        "Port",
        "Protocol",
        "ProtocolVersion",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "TargetControlPort",
        "TargetType",
        "UnhealthyThresholdCount",
        "VpcId",
    ],
};

impl Request for CreateTargetGroupInput {
    type Reply = CreateTargetGroupOutput;
    fn operation() -> &'static Operation {
        &CREATE_TARGET_GROUP
    }
}

pub static DESCRIBE_TARGET_GROUPS: Operation = Operation {
    name: "DescribeTargetGroups",
    service: &SERVICE,
    input: "DescribeTargetGroupsInput",
    output: Some("DescribeTargetGroupsOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["TargetGroups"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "LoadBalancerArn",
        "Marker",
        "Names.member.N",
        "PageSize",
        "TargetGroupArns.member.N",
    ],
};

impl Request for DescribeTargetGroupsInput {
    type Reply = DescribeTargetGroupsOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_TARGET_GROUPS
    }
}

pub static MODIFY_TARGET_GROUP: Operation = Operation {
    name: "ModifyTargetGroup",
    service: &SERVICE,
    input: "ModifyTargetGroupInput",
    output: Some("ModifyTargetGroupOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TargetGroupArn"],
    members: &[
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "Matcher.GrpcCode",
        "Matcher.HttpCode",
        "TargetGroupArn",
        "UnhealthyThresholdCount",
    ],
};

impl Request for ModifyTargetGroupInput {
    type Reply = ModifyTargetGroupOutput;
    fn operation() -> &'static Operation {
        &MODIFY_TARGET_GROUP
    }
}

pub static DELETE_TARGET_GROUP: Operation = Operation {
    name: "DeleteTargetGroup",
    service: &SERVICE,
    input: "DeleteTargetGroupInput",
    output: Some("DeleteTargetGroupOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TargetGroupArn"],
    members: &[
        "TargetGroupArn",
    ],
};

impl Request for DeleteTargetGroupInput {
    type Reply = DeleteTargetGroupOutput;
    fn operation() -> &'static Operation {
        &DELETE_TARGET_GROUP
    }
}

pub static DESCRIBE_TARGET_GROUP_ATTRIBUTES: Operation = Operation {
    name: "DescribeTargetGroupAttributes",
    service: &SERVICE,
    input: "DescribeTargetGroupAttributesInput",
    output: Some("DescribeTargetGroupAttributesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TargetGroupArn"],
    members: &[
        "TargetGroupArn",
    ],
};

impl Request for DescribeTargetGroupAttributesInput {
    type Reply = DescribeTargetGroupAttributesOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_TARGET_GROUP_ATTRIBUTES
    }
}

pub static MODIFY_TARGET_GROUP_ATTRIBUTES: Operation = Operation {
    name: "ModifyTargetGroupAttributes",
    service: &SERVICE,
    input: "ModifyTargetGroupAttributesInput",
    output: Some("ModifyTargetGroupAttributesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Attributes", "TargetGroupArn"],
    members: &[
        "Attributes.member.N.Key",
        "Attributes.member.N.Value",
        "TargetGroupArn",
    ],
};

impl Request for ModifyTargetGroupAttributesInput {
    type Reply = ModifyTargetGroupAttributesOutput;
    fn operation() -> &'static Operation {
        &MODIFY_TARGET_GROUP_ATTRIBUTES
    }
}

pub static REGISTER_TARGETS: Operation = Operation {
    name: "RegisterTargets",
    service: &SERVICE,
    input: "RegisterTargetsInput",
    output: Some("RegisterTargetsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TargetGroupArn", "Targets"],
    members: &[
        "TargetGroupArn",
        "Targets.member.N.AvailabilityZone",
        "Targets.member.N.Id",
        "Targets.member.N.Port",
        "Targets.member.N.QuicServerId",
    ],
};

impl Request for RegisterTargetsInput {
    type Reply = RegisterTargetsOutput;
    fn operation() -> &'static Operation {
        &REGISTER_TARGETS
    }
}

pub static DEREGISTER_TARGETS: Operation = Operation {
    name: "DeregisterTargets",
    service: &SERVICE,
    input: "DeregisterTargetsInput",
    output: Some("DeregisterTargetsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TargetGroupArn", "Targets"],
    members: &[
        "TargetGroupArn",
        "Targets.member.N.AvailabilityZone",
        "Targets.member.N.Id",
        "Targets.member.N.Port",
        "Targets.member.N.QuicServerId",
    ],
};

impl Request for DeregisterTargetsInput {
    type Reply = DeregisterTargetsOutput;
    fn operation() -> &'static Operation {
        &DEREGISTER_TARGETS
    }
}

pub static DESCRIBE_TARGET_HEALTH: Operation = Operation {
    name: "DescribeTargetHealth",
    service: &SERVICE,
    input: "DescribeTargetHealthInput",
    output: Some("DescribeTargetHealthOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TargetGroupArn"],
    members: &[
        "Include.member.N",
        "TargetGroupArn",
        "Targets.member.N.AvailabilityZone",
        "Targets.member.N.Id",
        "Targets.member.N.Port",
        "Targets.member.N.QuicServerId",
    ],
};

impl Request for DescribeTargetHealthInput {
    type Reply = DescribeTargetHealthOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_TARGET_HEALTH
    }
}

pub static CREATE_LISTENER: Operation = Operation {
    name: "CreateListener",
    service: &SERVICE,
    input: "CreateListenerInput",
    output: Some("CreateListenerOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DefaultActions", "LoadBalancerArn"],
    members: &[
        "AlpnPolicy.member.N",
        "Certificates.member.N.CertificateArn",
        "Certificates.member.N.IsDefault",
        "DefaultActions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.key",
        "DefaultActions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.value",
        "DefaultActions.member.N.AuthenticateCognitoConfig.OnUnauthenticatedRequest",
        "DefaultActions.member.N.AuthenticateCognitoConfig.Scope",
        "DefaultActions.member.N.AuthenticateCognitoConfig.SessionCookieName",
        "DefaultActions.member.N.AuthenticateCognitoConfig.SessionTimeout",
        "DefaultActions.member.N.AuthenticateCognitoConfig.UserPoolArn",
        "DefaultActions.member.N.AuthenticateCognitoConfig.UserPoolClientId",
        "DefaultActions.member.N.AuthenticateCognitoConfig.UserPoolDomain",
        "DefaultActions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.key",
        "DefaultActions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.value",
        "DefaultActions.member.N.AuthenticateOidcConfig.AuthorizationEndpoint",
        "DefaultActions.member.N.AuthenticateOidcConfig.ClientId",
        "DefaultActions.member.N.AuthenticateOidcConfig.ClientSecret",
        "DefaultActions.member.N.AuthenticateOidcConfig.Issuer",
        "DefaultActions.member.N.AuthenticateOidcConfig.OnUnauthenticatedRequest",
        "DefaultActions.member.N.AuthenticateOidcConfig.Scope",
        "DefaultActions.member.N.AuthenticateOidcConfig.SessionCookieName",
        "DefaultActions.member.N.AuthenticateOidcConfig.SessionTimeout",
        "DefaultActions.member.N.AuthenticateOidcConfig.TokenEndpoint",
        "DefaultActions.member.N.AuthenticateOidcConfig.UseExistingClientSecret",
        "DefaultActions.member.N.AuthenticateOidcConfig.UserInfoEndpoint",
        "DefaultActions.member.N.FixedResponseConfig.ContentType",
        "DefaultActions.member.N.FixedResponseConfig.MessageBody",
        "DefaultActions.member.N.FixedResponseConfig.StatusCode",
        "DefaultActions.member.N.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds",
        "DefaultActions.member.N.ForwardConfig.TargetGroupStickinessConfig.Enabled",
        "DefaultActions.member.N.ForwardConfig.TargetGroups.member.N.TargetGroupArn",
        "DefaultActions.member.N.ForwardConfig.TargetGroups.member.N.Weight",
        "DefaultActions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Format",
        "DefaultActions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Name",
        "DefaultActions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Values.member.N",
        "DefaultActions.member.N.JwtValidationConfig.Issuer",
        "DefaultActions.member.N.JwtValidationConfig.JwksEndpoint",
        "DefaultActions.member.N.Order",
        "DefaultActions.member.N.RedirectConfig.Host",
        "DefaultActions.member.N.RedirectConfig.Path",
        "DefaultActions.member.N.RedirectConfig.Port",
        "DefaultActions.member.N.RedirectConfig.Protocol",
        "DefaultActions.member.N.RedirectConfig.Query",
        "DefaultActions.member.N.RedirectConfig.StatusCode",
        "DefaultActions.member.N.TargetGroupArn",
        "DefaultActions.member.N.Type",
        "LoadBalancerArn",
        "MutualAuthentication.AdvertiseTrustStoreCaNames",
        "MutualAuthentication.IgnoreClientCertificateExpiry",
        "MutualAuthentication.Mode",
        "MutualAuthentication.TrustStoreArn",
        "MutualAuthentication.TrustStoreAssociationStatus",
        "Port",
        "Protocol",
        "SslPolicy",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for CreateListenerInput {
    type Reply = CreateListenerOutput;
    fn operation() -> &'static Operation {
        &CREATE_LISTENER
    }
}

pub static DESCRIBE_LISTENERS: Operation = Operation {
    name: "DescribeListeners",
    service: &SERVICE,
    input: "DescribeListenersInput",
    output: Some("DescribeListenersOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["Listeners"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "ListenerArns.member.N",
        "LoadBalancerArn",
        "Marker",
        "PageSize",
    ],
};

impl Request for DescribeListenersInput {
    type Reply = DescribeListenersOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_LISTENERS
    }
}

pub static MODIFY_LISTENER: Operation = Operation {
    name: "ModifyListener",
    service: &SERVICE,
    input: "ModifyListenerInput",
    output: Some("ModifyListenerOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ListenerArn"],
    members: &[
        "AlpnPolicy.member.N",
        "Certificates.member.N.CertificateArn",
        "Certificates.member.N.IsDefault",
        "DefaultActions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.key",
        "DefaultActions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.value",
        "DefaultActions.member.N.AuthenticateCognitoConfig.OnUnauthenticatedRequest",
        "DefaultActions.member.N.AuthenticateCognitoConfig.Scope",
        "DefaultActions.member.N.AuthenticateCognitoConfig.SessionCookieName",
        "DefaultActions.member.N.AuthenticateCognitoConfig.SessionTimeout",
        "DefaultActions.member.N.AuthenticateCognitoConfig.UserPoolArn",
        "DefaultActions.member.N.AuthenticateCognitoConfig.UserPoolClientId",
        "DefaultActions.member.N.AuthenticateCognitoConfig.UserPoolDomain",
        "DefaultActions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.key",
        "DefaultActions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.value",
        "DefaultActions.member.N.AuthenticateOidcConfig.AuthorizationEndpoint",
        "DefaultActions.member.N.AuthenticateOidcConfig.ClientId",
        "DefaultActions.member.N.AuthenticateOidcConfig.ClientSecret",
        "DefaultActions.member.N.AuthenticateOidcConfig.Issuer",
        "DefaultActions.member.N.AuthenticateOidcConfig.OnUnauthenticatedRequest",
        "DefaultActions.member.N.AuthenticateOidcConfig.Scope",
        "DefaultActions.member.N.AuthenticateOidcConfig.SessionCookieName",
        "DefaultActions.member.N.AuthenticateOidcConfig.SessionTimeout",
        "DefaultActions.member.N.AuthenticateOidcConfig.TokenEndpoint",
        "DefaultActions.member.N.AuthenticateOidcConfig.UseExistingClientSecret",
        "DefaultActions.member.N.AuthenticateOidcConfig.UserInfoEndpoint",
        "DefaultActions.member.N.FixedResponseConfig.ContentType",
        "DefaultActions.member.N.FixedResponseConfig.MessageBody",
        "DefaultActions.member.N.FixedResponseConfig.StatusCode",
        "DefaultActions.member.N.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds",
        "DefaultActions.member.N.ForwardConfig.TargetGroupStickinessConfig.Enabled",
        "DefaultActions.member.N.ForwardConfig.TargetGroups.member.N.TargetGroupArn",
        "DefaultActions.member.N.ForwardConfig.TargetGroups.member.N.Weight",
        "DefaultActions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Format",
        "DefaultActions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Name",
        "DefaultActions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Values.member.N",
        "DefaultActions.member.N.JwtValidationConfig.Issuer",
        "DefaultActions.member.N.JwtValidationConfig.JwksEndpoint",
        "DefaultActions.member.N.Order",
        "DefaultActions.member.N.RedirectConfig.Host",
        "DefaultActions.member.N.RedirectConfig.Path",
        "DefaultActions.member.N.RedirectConfig.Port",
        "DefaultActions.member.N.RedirectConfig.Protocol",
        "DefaultActions.member.N.RedirectConfig.Query",
        "DefaultActions.member.N.RedirectConfig.StatusCode",
        "DefaultActions.member.N.TargetGroupArn",
        "DefaultActions.member.N.Type",
        "ListenerArn",
        "MutualAuthentication.AdvertiseTrustStoreCaNames",
        "MutualAuthentication.IgnoreClientCertificateExpiry",
        "MutualAuthentication.Mode",
        "MutualAuthentication.TrustStoreArn",
        "MutualAuthentication.TrustStoreAssociationStatus",
        "Port",
        "Protocol",
        "SslPolicy",
    ],
};

impl Request for ModifyListenerInput {
    type Reply = ModifyListenerOutput;
    fn operation() -> &'static Operation {
        &MODIFY_LISTENER
    }
}

pub static DELETE_LISTENER: Operation = Operation {
    name: "DeleteListener",
    service: &SERVICE,
    input: "DeleteListenerInput",
    output: Some("DeleteListenerOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ListenerArn"],
    members: &[
        "ListenerArn",
    ],
};

impl Request for DeleteListenerInput {
    type Reply = DeleteListenerOutput;
    fn operation() -> &'static Operation {
        &DELETE_LISTENER
    }
}

pub static DESCRIBE_LISTENER_ATTRIBUTES: Operation = Operation {
    name: "DescribeListenerAttributes",
    service: &SERVICE,
    input: "DescribeListenerAttributesInput",
    output: Some("DescribeListenerAttributesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ListenerArn"],
    members: &[
        "ListenerArn",
    ],
};

impl Request for DescribeListenerAttributesInput {
    type Reply = DescribeListenerAttributesOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_LISTENER_ATTRIBUTES
    }
}

pub static MODIFY_LISTENER_ATTRIBUTES: Operation = Operation {
    name: "ModifyListenerAttributes",
    service: &SERVICE,
    input: "ModifyListenerAttributesInput",
    output: Some("ModifyListenerAttributesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Attributes", "ListenerArn"],
    members: &[
        "Attributes.member.N.Key",
        "Attributes.member.N.Value",
        "ListenerArn",
    ],
};

impl Request for ModifyListenerAttributesInput {
    type Reply = ModifyListenerAttributesOutput;
    fn operation() -> &'static Operation {
        &MODIFY_LISTENER_ATTRIBUTES
    }
}

pub static CREATE_RULE: Operation = Operation {
    name: "CreateRule",
    service: &SERVICE,
    input: "CreateRuleInput",
    output: Some("CreateRuleOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Actions", "Conditions", "ListenerArn", "Priority"],
    members: &[
        "Actions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.key",
        "Actions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.value",
        "Actions.member.N.AuthenticateCognitoConfig.OnUnauthenticatedRequest",
        "Actions.member.N.AuthenticateCognitoConfig.Scope",
        "Actions.member.N.AuthenticateCognitoConfig.SessionCookieName",
        "Actions.member.N.AuthenticateCognitoConfig.SessionTimeout",
        "Actions.member.N.AuthenticateCognitoConfig.UserPoolArn",
        "Actions.member.N.AuthenticateCognitoConfig.UserPoolClientId",
        "Actions.member.N.AuthenticateCognitoConfig.UserPoolDomain",
        "Actions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.key",
        "Actions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.value",
        "Actions.member.N.AuthenticateOidcConfig.AuthorizationEndpoint",
        "Actions.member.N.AuthenticateOidcConfig.ClientId",
        "Actions.member.N.AuthenticateOidcConfig.ClientSecret",
        "Actions.member.N.AuthenticateOidcConfig.Issuer",
        "Actions.member.N.AuthenticateOidcConfig.OnUnauthenticatedRequest",
        "Actions.member.N.AuthenticateOidcConfig.Scope",
        "Actions.member.N.AuthenticateOidcConfig.SessionCookieName",
        "Actions.member.N.AuthenticateOidcConfig.SessionTimeout",
        "Actions.member.N.AuthenticateOidcConfig.TokenEndpoint",
        "Actions.member.N.AuthenticateOidcConfig.UseExistingClientSecret",
        "Actions.member.N.AuthenticateOidcConfig.UserInfoEndpoint",
        "Actions.member.N.FixedResponseConfig.ContentType",
        "Actions.member.N.FixedResponseConfig.MessageBody",
        "Actions.member.N.FixedResponseConfig.StatusCode",
        "Actions.member.N.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds",
        "Actions.member.N.ForwardConfig.TargetGroupStickinessConfig.Enabled",
        "Actions.member.N.ForwardConfig.TargetGroups.member.N.TargetGroupArn",
        "Actions.member.N.ForwardConfig.TargetGroups.member.N.Weight",
        "Actions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Format",
        "Actions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Name",
        "Actions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Values.member.N",
        "Actions.member.N.JwtValidationConfig.Issuer",
        "Actions.member.N.JwtValidationConfig.JwksEndpoint",
        "Actions.member.N.Order",
        "Actions.member.N.RedirectConfig.Host",
        "Actions.member.N.RedirectConfig.Path",
        "Actions.member.N.RedirectConfig.Port",
        "Actions.member.N.RedirectConfig.Protocol",
        "Actions.member.N.RedirectConfig.Query",
        "Actions.member.N.RedirectConfig.StatusCode",
        "Actions.member.N.TargetGroupArn",
        "Actions.member.N.Type",
        "Conditions.member.N.Field",
        "Conditions.member.N.HostHeaderConfig.RegexValues.member.N",
        "Conditions.member.N.HostHeaderConfig.Values.member.N",
        "Conditions.member.N.HttpHeaderConfig.HttpHeaderName",
        "Conditions.member.N.HttpHeaderConfig.RegexValues.member.N",
        "Conditions.member.N.HttpHeaderConfig.Values.member.N",
        "Conditions.member.N.HttpRequestMethodConfig.Values.member.N",
        "Conditions.member.N.PathPatternConfig.RegexValues.member.N",
        "Conditions.member.N.PathPatternConfig.Values.member.N",
        "Conditions.member.N.QueryStringConfig.Values.member.N.Key",
        "Conditions.member.N.QueryStringConfig.Values.member.N.Value",
        "Conditions.member.N.RegexValues.member.N",
        "Conditions.member.N.SourceIpConfig.Values.member.N",
        "Conditions.member.N.Values.member.N",
        "ListenerArn",
        "Priority",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "Transforms.member.N.HostHeaderRewriteConfig.Rewrites.member.N.Regex",
        "Transforms.member.N.HostHeaderRewriteConfig.Rewrites.member.N.Replace",
        "Transforms.member.N.Type",
        "Transforms.member.N.UrlRewriteConfig.Rewrites.member.N.Regex",
        "Transforms.member.N.UrlRewriteConfig.Rewrites.member.N.Replace",
    ],
};

impl Request for CreateRuleInput {
    type Reply = CreateRuleOutput;
    fn operation() -> &'static Operation {
        &CREATE_RULE
    }
}

pub static DESCRIBE_RULES: Operation = Operation {
    name: "DescribeRules",
    service: &SERVICE,
    input: "DescribeRulesInput",
    output: Some("DescribeRulesOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["Rules"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "ListenerArn",
        "Marker",
        "PageSize",
        "RuleArns.member.N",
    ],
};

impl Request for DescribeRulesInput {
    type Reply = DescribeRulesOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_RULES
    }
}

pub static MODIFY_RULE: Operation = Operation {
    name: "ModifyRule",
    service: &SERVICE,
    input: "ModifyRuleInput",
    output: Some("ModifyRuleOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RuleArn"],
    members: &[
        "Actions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.key",
        "Actions.member.N.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.entry.N.value",
        "Actions.member.N.AuthenticateCognitoConfig.OnUnauthenticatedRequest",
        "Actions.member.N.AuthenticateCognitoConfig.Scope",
        "Actions.member.N.AuthenticateCognitoConfig.SessionCookieName",
        "Actions.member.N.AuthenticateCognitoConfig.SessionTimeout",
        "Actions.member.N.AuthenticateCognitoConfig.UserPoolArn",
        "Actions.member.N.AuthenticateCognitoConfig.UserPoolClientId",
        "Actions.member.N.AuthenticateCognitoConfig.UserPoolDomain",
        "Actions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.key",
        "Actions.member.N.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.N.value",
        "Actions.member.N.AuthenticateOidcConfig.AuthorizationEndpoint",
        "Actions.member.N.AuthenticateOidcConfig.ClientId",
        "Actions.member.N.AuthenticateOidcConfig.ClientSecret",
        "Actions.member.N.AuthenticateOidcConfig.Issuer",
        "Actions.member.N.AuthenticateOidcConfig.OnUnauthenticatedRequest",
        "Actions.member.N.AuthenticateOidcConfig.Scope",
        "Actions.member.N.AuthenticateOidcConfig.SessionCookieName",
        "Actions.member.N.AuthenticateOidcConfig.SessionTimeout",
        "Actions.member.N.AuthenticateOidcConfig.TokenEndpoint",
        "Actions.member.N.AuthenticateOidcConfig.UseExistingClientSecret",
        "Actions.member.N.AuthenticateOidcConfig.UserInfoEndpoint",
        "Actions.member.N.FixedResponseConfig.ContentType",
        "Actions.member.N.FixedResponseConfig.MessageBody",
        "Actions.member.N.FixedResponseConfig.StatusCode",
        "Actions.member.N.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds",
        "Actions.member.N.ForwardConfig.TargetGroupStickinessConfig.Enabled",
        "Actions.member.N.ForwardConfig.TargetGroups.member.N.TargetGroupArn",
        "Actions.member.N.ForwardConfig.TargetGroups.member.N.Weight",
        "Actions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Format",
        "Actions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Name",
        "Actions.member.N.JwtValidationConfig.AdditionalClaims.member.N.Values.member.N",
        "Actions.member.N.JwtValidationConfig.Issuer",
        "Actions.member.N.JwtValidationConfig.JwksEndpoint",
        "Actions.member.N.Order",
        "Actions.member.N.RedirectConfig.Host",
        "Actions.member.N.RedirectConfig.Path",
        "Actions.member.N.RedirectConfig.Port",
        "Actions.member.N.RedirectConfig.Protocol",
        "Actions.member.N.RedirectConfig.Query",
        "Actions.member.N.RedirectConfig.StatusCode",
        "Actions.member.N.TargetGroupArn",
        "Actions.member.N.Type",
        "Conditions.member.N.Field",
        "Conditions.member.N.HostHeaderConfig.RegexValues.member.N",
        "Conditions.member.N.HostHeaderConfig.Values.member.N",
        "Conditions.member.N.HttpHeaderConfig.HttpHeaderName",
        "Conditions.member.N.HttpHeaderConfig.RegexValues.member.N",
        "Conditions.member.N.HttpHeaderConfig.Values.member.N",
        "Conditions.member.N.HttpRequestMethodConfig.Values.member.N",
        "Conditions.member.N.PathPatternConfig.RegexValues.member.N",
        "Conditions.member.N.PathPatternConfig.Values.member.N",
        "Conditions.member.N.QueryStringConfig.Values.member.N.Key",
        "Conditions.member.N.QueryStringConfig.Values.member.N.Value",
        "Conditions.member.N.RegexValues.member.N",
        "Conditions.member.N.SourceIpConfig.Values.member.N",
        "Conditions.member.N.Values.member.N",
        "ResetTransforms",
        "RuleArn",
        "Transforms.member.N.HostHeaderRewriteConfig.Rewrites.member.N.Regex",
        "Transforms.member.N.HostHeaderRewriteConfig.Rewrites.member.N.Replace",
        "Transforms.member.N.Type",
        "Transforms.member.N.UrlRewriteConfig.Rewrites.member.N.Regex",
        "Transforms.member.N.UrlRewriteConfig.Rewrites.member.N.Replace",
    ],
};

impl Request for ModifyRuleInput {
    type Reply = ModifyRuleOutput;
    fn operation() -> &'static Operation {
        &MODIFY_RULE
    }
}

pub static DELETE_RULE: Operation = Operation {
    name: "DeleteRule",
    service: &SERVICE,
    input: "DeleteRuleInput",
    output: Some("DeleteRuleOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RuleArn"],
    members: &[
        "RuleArn",
    ],
};

impl Request for DeleteRuleInput {
    type Reply = DeleteRuleOutput;
    fn operation() -> &'static Operation {
        &DELETE_RULE
    }
}

pub static SET_RULE_PRIORITIES: Operation = Operation {
    name: "SetRulePriorities",
    service: &SERVICE,
    input: "SetRulePrioritiesInput",
    output: Some("SetRulePrioritiesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RulePriorities"],
    members: &[
        "RulePriorities.member.N.Priority",
        "RulePriorities.member.N.RuleArn",
    ],
};

impl Request for SetRulePrioritiesInput {
    type Reply = SetRulePrioritiesOutput;
    fn operation() -> &'static Operation {
        &SET_RULE_PRIORITIES
    }
}

pub static ADD_TAGS: Operation = Operation {
    name: "AddTags",
    service: &SERVICE,
    input: "AddTagsInput",
    output: Some("AddTagsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceArns", "Tags"],
    members: &[
        "ResourceArns.member.N",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for AddTagsInput {
    type Reply = AddTagsOutput;
    fn operation() -> &'static Operation {
        &ADD_TAGS
    }
}

pub static REMOVE_TAGS: Operation = Operation {
    name: "RemoveTags",
    service: &SERVICE,
    input: "RemoveTagsInput",
    output: Some("RemoveTagsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceArns", "TagKeys"],
    members: &[
        "ResourceArns.member.N",
        "TagKeys.member.N",
    ],
};

impl Request for RemoveTagsInput {
    type Reply = RemoveTagsOutput;
    fn operation() -> &'static Operation {
        &REMOVE_TAGS
    }
}

pub static DESCRIBE_TAGS: Operation = Operation {
    name: "DescribeTags",
    service: &SERVICE,
    input: "DescribeTagsInput",
    output: Some("DescribeTagsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceArns"],
    members: &[
        "ResourceArns.member.N",
    ],
};

impl Request for DescribeTagsInput {
    type Reply = DescribeTagsOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_TAGS
    }
}

pub static DESCRIBE_CAPACITY_RESERVATION: Operation = Operation {
    name: "DescribeCapacityReservation",
    service: &SERVICE,
    input: "DescribeCapacityReservationInput",
    output: Some("DescribeCapacityReservationOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LoadBalancerArn"],
    members: &[
        "LoadBalancerArn",
    ],
};

impl Request for DescribeCapacityReservationInput {
    type Reply = DescribeCapacityReservationOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_CAPACITY_RESERVATION
    }
}

pub static ADD_LISTENER_CERTIFICATES: Operation = Operation {
    name: "AddListenerCertificates",
    service: &SERVICE,
    input: "AddListenerCertificatesInput",
    output: Some("AddListenerCertificatesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Certificates", "ListenerArn"],
    members: &[
        "Certificates.member.N.CertificateArn",
        "Certificates.member.N.IsDefault",
        "ListenerArn",
    ],
};

impl Request for AddListenerCertificatesInput {
    type Reply = AddListenerCertificatesOutput;
    fn operation() -> &'static Operation {
        &ADD_LISTENER_CERTIFICATES
    }
}

pub static REMOVE_LISTENER_CERTIFICATES: Operation = Operation {
    name: "RemoveListenerCertificates",
    service: &SERVICE,
    input: "RemoveListenerCertificatesInput",
    output: Some("RemoveListenerCertificatesOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Certificates", "ListenerArn"],
    members: &[
        "Certificates.member.N.CertificateArn",
        "Certificates.member.N.IsDefault",
        "ListenerArn",
    ],
};

impl Request for RemoveListenerCertificatesInput {
    type Reply = RemoveListenerCertificatesOutput;
    fn operation() -> &'static Operation {
        &REMOVE_LISTENER_CERTIFICATES
    }
}

pub static DESCRIBE_LISTENER_CERTIFICATES: Operation = Operation {
    name: "DescribeListenerCertificates",
    service: &SERVICE,
    input: "DescribeListenerCertificatesInput",
    output: Some("DescribeListenerCertificatesOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["Certificates"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ListenerArn"],
    members: &[
        "ListenerArn",
        "Marker",
        "PageSize",
    ],
};

impl Request for DescribeListenerCertificatesInput {
    type Reply = DescribeListenerCertificatesOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_LISTENER_CERTIFICATES
    }
}

pub static DESCRIBE_SSL_POLICIES: Operation = Operation {
    name: "DescribeSSLPolicies",
    service: &SERVICE,
    input: "DescribeSSLPoliciesInput",
    output: Some("DescribeSSLPoliciesOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["SslPolicies"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "LoadBalancerType",
        "Marker",
        "Names.member.N",
        "PageSize",
    ],
};

impl Request for DescribeSSLPoliciesInput {
    type Reply = DescribeSSLPoliciesOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_SSL_POLICIES
    }
}

pub static DESCRIBE_ACCOUNT_LIMITS: Operation = Operation {
    name: "DescribeAccountLimits",
    service: &SERVICE,
    input: "DescribeAccountLimitsInput",
    output: Some("DescribeAccountLimitsOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["Limits"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "PageSize",
    ],
};

impl Request for DescribeAccountLimitsInput {
    type Reply = DescribeAccountLimitsOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_ACCOUNT_LIMITS
    }
}

pub static MODIFY_CAPACITY_RESERVATION: Operation = Operation {
    name: "ModifyCapacityReservation",
    service: &SERVICE,
    input: "ModifyCapacityReservationInput",
    output: Some("ModifyCapacityReservationOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LoadBalancerArn"],
    members: &[
        "LoadBalancerArn",
        "MinimumLoadBalancerCapacity.CapacityUnits",
        "ResetCapacityReservation",
    ],
};

impl Request for ModifyCapacityReservationInput {
    type Reply = ModifyCapacityReservationOutput;
    fn operation() -> &'static Operation {
        &MODIFY_CAPACITY_RESERVATION
    }
}

pub static MODIFY_IP_POOLS: Operation = Operation {
    name: "ModifyIpPools",
    service: &SERVICE,
    input: "ModifyIpPoolsInput",
    output: Some("ModifyIpPoolsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LoadBalancerArn"],
    members: &[
        "IpamPools.Ipv4IpamPoolId",
        "LoadBalancerArn",
        "RemoveIpamPools.member.N",
    ],
};

impl Request for ModifyIpPoolsInput {
    type Reply = ModifyIpPoolsOutput;
    fn operation() -> &'static Operation {
        &MODIFY_IP_POOLS
    }
}

pub static CREATE_TRUST_STORE: Operation = Operation {
    name: "CreateTrustStore",
    service: &SERVICE,
    input: "CreateTrustStoreInput",
    output: Some("CreateTrustStoreOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Key", "Name"],
    members: &[
        "CaCertificatesBundleS3Bucket",
        "CaCertificatesBundleS3Key",
        "CaCertificatesBundleS3ObjectVersion",
        "Name",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for CreateTrustStoreInput {
    type Reply = CreateTrustStoreOutput;
    fn operation() -> &'static Operation {
        &CREATE_TRUST_STORE
    }
}

pub static DESCRIBE_TRUST_STORES: Operation = Operation {
    name: "DescribeTrustStores",
    service: &SERVICE,
    input: "DescribeTrustStoresInput",
    output: Some("DescribeTrustStoresOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["TrustStores"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "Names.member.N",
        "PageSize",
        "TrustStoreArns.member.N",
    ],
};

impl Request for DescribeTrustStoresInput {
    type Reply = DescribeTrustStoresOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRUST_STORES
    }
}

pub static MODIFY_TRUST_STORE: Operation = Operation {
    name: "ModifyTrustStore",
    service: &SERVICE,
    input: "ModifyTrustStoreInput",
    output: Some("ModifyTrustStoreOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Key", "TrustStoreArn"],
    members: &[
        "CaCertificatesBundleS3Bucket",
        "CaCertificatesBundleS3Key",
        "CaCertificatesBundleS3ObjectVersion",
        "TrustStoreArn",
    ],
};

impl Request for ModifyTrustStoreInput {
    type Reply = ModifyTrustStoreOutput;
    fn operation() -> &'static Operation {
        &MODIFY_TRUST_STORE
    }
}

pub static DELETE_TRUST_STORE: Operation = Operation {
    name: "DeleteTrustStore",
    service: &SERVICE,
    input: "DeleteTrustStoreInput",
    output: Some("DeleteTrustStoreOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TrustStoreArn"],
    members: &[
        "TrustStoreArn",
    ],
};

impl Request for DeleteTrustStoreInput {
    type Reply = DeleteTrustStoreOutput;
    fn operation() -> &'static Operation {
        &DELETE_TRUST_STORE
    }
}

pub static DESCRIBE_TRUST_STORE_ASSOCIATIONS: Operation = Operation {
    name: "DescribeTrustStoreAssociations",
    service: &SERVICE,
    input: "DescribeTrustStoreAssociationsInput",
    output: Some("DescribeTrustStoreAssociationsOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["TrustStoreAssociations"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TrustStoreArn"],
    members: &[
        "Marker",
        "PageSize",
        "TrustStoreArn",
    ],
};

impl Request for DescribeTrustStoreAssociationsInput {
    type Reply = DescribeTrustStoreAssociationsOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRUST_STORE_ASSOCIATIONS
    }
}

pub static GET_TRUST_STORE_CA_CERTIFICATES_BUNDLE: Operation = Operation {
    name: "GetTrustStoreCaCertificatesBundle",
    service: &SERVICE,
    input: "GetTrustStoreCaCertificatesBundleInput",
    output: Some("GetTrustStoreCaCertificatesBundleOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TrustStoreArn"],
    members: &[
        "TrustStoreArn",
    ],
};

impl Request for GetTrustStoreCaCertificatesBundleInput {
    type Reply = GetTrustStoreCaCertificatesBundleOutput;
    fn operation() -> &'static Operation {
        &GET_TRUST_STORE_CA_CERTIFICATES_BUNDLE
    }
}

pub static ADD_TRUST_STORE_REVOCATIONS: Operation = Operation {
    name: "AddTrustStoreRevocations",
    service: &SERVICE,
    input: "AddTrustStoreRevocationsInput",
    output: Some("AddTrustStoreRevocationsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TrustStoreArn"],
    members: &[
        "RevocationContents.member.N.RevocationType",
        "RevocationContents.member.N.S3Bucket",
        "RevocationContents.member.N.S3Key",
        "RevocationContents.member.N.S3ObjectVersion",
        "TrustStoreArn",
    ],
};

impl Request for AddTrustStoreRevocationsInput {
    type Reply = AddTrustStoreRevocationsOutput;
    fn operation() -> &'static Operation {
        &ADD_TRUST_STORE_REVOCATIONS
    }
}

pub static REMOVE_TRUST_STORE_REVOCATIONS: Operation = Operation {
    name: "RemoveTrustStoreRevocations",
    service: &SERVICE,
    input: "RemoveTrustStoreRevocationsInput",
    output: Some("RemoveTrustStoreRevocationsOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RevocationIds", "TrustStoreArn"],
    members: &[
        "RevocationIds.member.N",
        "TrustStoreArn",
    ],
};

impl Request for RemoveTrustStoreRevocationsInput {
    type Reply = RemoveTrustStoreRevocationsOutput;
    fn operation() -> &'static Operation {
        &REMOVE_TRUST_STORE_REVOCATIONS
    }
}

pub static DESCRIBE_TRUST_STORE_REVOCATIONS: Operation = Operation {
    name: "DescribeTrustStoreRevocations",
    service: &SERVICE,
    input: "DescribeTrustStoreRevocationsInput",
    output: Some("DescribeTrustStoreRevocationsOutput"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("PageSize"), result_keys: &["TrustStoreRevocations"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TrustStoreArn"],
    members: &[
        "Marker",
        "PageSize",
        "RevocationIds.member.N",
        "TrustStoreArn",
    ],
};

impl Request for DescribeTrustStoreRevocationsInput {
    type Reply = DescribeTrustStoreRevocationsOutput;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRUST_STORE_REVOCATIONS
    }
}

pub static GET_TRUST_STORE_REVOCATION_CONTENT: Operation = Operation {
    name: "GetTrustStoreRevocationContent",
    service: &SERVICE,
    input: "GetTrustStoreRevocationContentInput",
    output: Some("GetTrustStoreRevocationContentOutput"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RevocationId", "TrustStoreArn"],
    members: &[
        "RevocationId",
        "TrustStoreArn",
    ],
};

impl Request for GetTrustStoreRevocationContentInput {
    type Reply = GetTrustStoreRevocationContentOutput;
    fn operation() -> &'static Operation {
        &GET_TRUST_STORE_REVOCATION_CONTENT
    }
}
