//! Shapes of elbv2.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use std::collections::BTreeMap;
#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct Action {
    pub authenticate_cognito_config: Option<AuthenticateCognitoActionConfig> = ("AuthenticateCognitoConfig", "AuthenticateCognitoConfig", "AuthenticateCognitoConfig"),
    pub authenticate_oidc_config: Option<AuthenticateOidcActionConfig> = ("AuthenticateOidcConfig", "AuthenticateOidcConfig", "AuthenticateOidcConfig"),
    pub fixed_response_config: Option<FixedResponseActionConfig> = ("FixedResponseConfig", "FixedResponseConfig", "FixedResponseConfig"),
    pub forward_config: Option<ForwardActionConfig> = ("ForwardConfig", "ForwardConfig", "ForwardConfig"),
    pub jwt_validation_config: Option<JwtValidationActionConfig> = ("JwtValidationConfig", "JwtValidationConfig", "JwtValidationConfig"),
    pub order: Option<i32> = ("Order", "Order", "Order"),
    pub redirect_config: Option<RedirectActionConfig> = ("RedirectConfig", "RedirectConfig", "RedirectConfig"),
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
}
}

crate::shape::shape! {
pub struct AddListenerCertificatesInput {
    pub certificates: Option<Vec<Certificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
}
}

crate::shape::shape! {
pub struct AddListenerCertificatesOutput {
    pub certificates: Option<Vec<Certificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
}
}

crate::shape::shape! {
pub struct AddTagsInput {
    pub resource_arns: Option<Vec<String>> = ("ResourceArns", "ResourceArns", "member", "ResourceArns", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct AddTagsOutput {
}
}

crate::shape::shape! {
pub struct AddTrustStoreRevocationsInput {
    pub revocation_contents: Option<Vec<RevocationContent>> = ("RevocationContents", "RevocationContents", "member", "RevocationContents", "member"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct AddTrustStoreRevocationsOutput {
    pub trust_store_revocations: Option<Vec<TrustStoreRevocation>> = ("TrustStoreRevocations", "TrustStoreRevocations", "member", "TrustStoreRevocations", "member"),
}
}

crate::shape::shape! {
pub struct AdministrativeOverride {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub reason: Option<String> = ("Reason", "Reason", "Reason"),
    pub state: Option<String> = ("State", "State", "State"),
}
}

crate::shape::shape! {
pub struct AnomalyDetection {
    pub mitigation_in_effect: Option<String> = ("MitigationInEffect", "MitigationInEffect", "MitigationInEffect"),
    pub result: Option<String> = ("Result", "Result", "Result"),
}
}

crate::shape::shape! {
pub struct AuthenticateCognitoActionConfig {
    pub authentication_request_extra_params: Option<BTreeMap<String, String>> = ("AuthenticationRequestExtraParams", "AuthenticationRequestExtraParams", "AuthenticationRequestExtraParams"),
    pub on_unauthenticated_request: Option<String> = ("OnUnauthenticatedRequest", "OnUnauthenticatedRequest", "OnUnauthenticatedRequest"),
    pub scope: Option<String> = ("Scope", "Scope", "Scope"),
    pub session_cookie_name: Option<String> = ("SessionCookieName", "SessionCookieName", "SessionCookieName"),
    pub session_timeout: Option<i64> = ("SessionTimeout", "SessionTimeout", "SessionTimeout"),
    pub user_pool_arn: Option<String> = ("UserPoolArn", "UserPoolArn", "UserPoolArn"),
    pub user_pool_client_id: Option<String> = ("UserPoolClientId", "UserPoolClientId", "UserPoolClientId"),
    pub user_pool_domain: Option<String> = ("UserPoolDomain", "UserPoolDomain", "UserPoolDomain"),
}
}

crate::shape::shape! {
pub struct AuthenticateOidcActionConfig {
    pub authentication_request_extra_params: Option<BTreeMap<String, String>> = ("AuthenticationRequestExtraParams", "AuthenticationRequestExtraParams", "AuthenticationRequestExtraParams"),
    pub authorization_endpoint: Option<String> = ("AuthorizationEndpoint", "AuthorizationEndpoint", "AuthorizationEndpoint"),
    pub client_id: Option<String> = ("ClientId", "ClientId", "ClientId"),
    pub client_secret: Option<String> = ("ClientSecret", "ClientSecret", "ClientSecret"),
    pub issuer: Option<String> = ("Issuer", "Issuer", "Issuer"),
    pub on_unauthenticated_request: Option<String> = ("OnUnauthenticatedRequest", "OnUnauthenticatedRequest", "OnUnauthenticatedRequest"),
    pub scope: Option<String> = ("Scope", "Scope", "Scope"),
    pub session_cookie_name: Option<String> = ("SessionCookieName", "SessionCookieName", "SessionCookieName"),
    pub session_timeout: Option<i64> = ("SessionTimeout", "SessionTimeout", "SessionTimeout"),
    pub token_endpoint: Option<String> = ("TokenEndpoint", "TokenEndpoint", "TokenEndpoint"),
    pub use_existing_client_secret: Option<bool> = ("UseExistingClientSecret", "UseExistingClientSecret", "UseExistingClientSecret"),
    pub user_info_endpoint: Option<String> = ("UserInfoEndpoint", "UserInfoEndpoint", "UserInfoEndpoint"),
}
}

crate::shape::shape! {
pub struct AvailabilityZone {
    pub load_balancer_addresses: Option<Vec<LoadBalancerAddress>> = ("LoadBalancerAddresses", "LoadBalancerAddresses", "member", "LoadBalancerAddresses", "member"),
    pub outpost_id: Option<String> = ("OutpostId", "OutpostId", "OutpostId"),
    pub source_nat_ipv6_prefixes: Option<Vec<String>> = ("SourceNatIpv6Prefixes", "SourceNatIpv6Prefixes", "member", "SourceNatIpv6Prefixes", "member"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
    pub zone_name: Option<String> = ("ZoneName", "ZoneName", "ZoneName"),
}
}

crate::shape::shape! {
pub struct CapacityReservationStatus {
    pub code: Option<String> = ("Code", "Code", "Code"),
    pub reason: Option<String> = ("Reason", "Reason", "Reason"),
}
}

crate::shape::shape! {
pub struct Certificate {
    pub certificate_arn: Option<String> = ("CertificateArn", "CertificateArn", "CertificateArn"),
    pub is_default: Option<bool> = ("IsDefault", "IsDefault", "IsDefault"),
}
}

crate::shape::shape! {
pub struct Cipher {
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub priority: Option<i32> = ("Priority", "Priority", "Priority"),
}
}

crate::shape::shape! {
pub struct CreateListenerInput {
    pub alpn_policy: Option<Vec<String>> = ("AlpnPolicy", "AlpnPolicy", "member", "AlpnPolicy", "member"),
    pub certificates: Option<Vec<Certificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
    pub default_actions: Option<Vec<Action>> = ("DefaultActions", "DefaultActions", "member", "DefaultActions", "member"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub mutual_authentication: Option<MutualAuthenticationAttributes> = ("MutualAuthentication", "MutualAuthentication", "MutualAuthentication"),
    pub port: Option<i32> = ("Port", "Port", "Port"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "Protocol"),
    pub ssl_policy: Option<String> = ("SslPolicy", "SslPolicy", "SslPolicy"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreateListenerOutput {
    pub listeners: Option<Vec<Listener>> = ("Listeners", "Listeners", "member", "Listeners", "member"),
}
}

crate::shape::shape! {
pub struct CreateLoadBalancerInput {
    pub customer_owned_ipv4_pool: Option<String> = ("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool"),
    pub enable_prefix_for_ipv6_source_nat: Option<String> = ("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub ipam_pools: Option<IpamPools> = ("IpamPools", "IpamPools", "IpamPools"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub scheme: Option<String> = ("Scheme", "Scheme", "Scheme"),
    pub security_groups: Option<Vec<String>> = ("SecurityGroups", "SecurityGroups", "member", "SecurityGroups", "member"),
    pub subnet_mappings: Option<Vec<SubnetMapping>> = ("SubnetMappings", "SubnetMappings", "member", "SubnetMappings", "member"),
    pub subnets: Option<Vec<String>> = ("Subnets", "Subnets", "member", "Subnets", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
}
}

crate::shape::shape! {
pub struct CreateLoadBalancerOutput {
    pub load_balancers: Option<Vec<LoadBalancer>> = ("LoadBalancers", "LoadBalancers", "member", "LoadBalancers", "member"),
}
}

crate::shape::shape! {
pub struct CreateRuleInput {
    pub actions: Option<Vec<Action>> = ("Actions", "Actions", "member", "Actions", "member"),
    pub conditions: Option<Vec<RuleCondition>> = ("Conditions", "Conditions", "member", "Conditions", "member"),
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
    pub priority: Option<i32> = ("Priority", "Priority", "Priority"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub transforms: Option<Vec<RuleTransform>> = ("Transforms", "Transforms", "member", "Transforms", "member"),
}
}

crate::shape::shape! {
pub struct CreateRuleOutput {
    pub rules: Option<Vec<Rule>> = ("Rules", "Rules", "member", "Rules", "member"),
}
}

crate::shape::shape! {
pub struct CreateTargetGroupInput {
    pub health_check_enabled: Option<bool> = ("HealthCheckEnabled", "HealthCheckEnabled", "HealthCheckEnabled"),
    pub health_check_interval_seconds: Option<i32> = ("HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds"),
    pub health_check_path: Option<String> = ("HealthCheckPath", "HealthCheckPath", "HealthCheckPath"),
    pub health_check_port: Option<String> = ("HealthCheckPort", "HealthCheckPort", "HealthCheckPort"),
    pub health_check_protocol: Option<String> = ("HealthCheckProtocol", "HealthCheckProtocol", "HealthCheckProtocol"),
    pub health_check_timeout_seconds: Option<i32> = ("HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds"),
    pub healthy_threshold_count: Option<i32> = ("HealthyThresholdCount", "HealthyThresholdCount", "HealthyThresholdCount"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub matcher: Option<Matcher> = ("Matcher", "Matcher", "Matcher"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub port: Option<i32> = ("Port", "Port", "Port"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "Protocol"),
    pub protocol_version: Option<String> = ("ProtocolVersion", "ProtocolVersion", "ProtocolVersion"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub target_control_port: Option<i32> = ("TargetControlPort", "TargetControlPort", "TargetControlPort"),
    pub target_type: Option<String> = ("TargetType", "TargetType", "TargetType"),
    pub unhealthy_threshold_count: Option<i32> = ("UnhealthyThresholdCount", "UnhealthyThresholdCount", "UnhealthyThresholdCount"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct CreateTargetGroupOutput {
    pub target_groups: Option<Vec<TargetGroup>> = ("TargetGroups", "TargetGroups", "member", "TargetGroups", "member"),
}
}

crate::shape::shape! {
pub struct CreateTrustStoreInput {
    pub ca_certificates_bundle_s3_bucket: Option<String> = ("CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Bucket"),
    pub ca_certificates_bundle_s3_key: Option<String> = ("CaCertificatesBundleS3Key", "CaCertificatesBundleS3Key", "CaCertificatesBundleS3Key"),
    pub ca_certificates_bundle_s3_object_version: Option<String> = ("CaCertificatesBundleS3ObjectVersion", "CaCertificatesBundleS3ObjectVersion", "CaCertificatesBundleS3ObjectVersion"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreateTrustStoreOutput {
    pub trust_stores: Option<Vec<TrustStore>> = ("TrustStores", "TrustStores", "member", "TrustStores", "member"),
}
}

crate::shape::shape! {
pub struct DeleteListenerInput {
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
}
}

crate::shape::shape! {
pub struct DeleteListenerOutput {
}
}

crate::shape::shape! {
pub struct DeleteLoadBalancerInput {
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
}
}

crate::shape::shape! {
pub struct DeleteLoadBalancerOutput {
}
}

crate::shape::shape! {
pub struct DeleteRuleInput {
    pub rule_arn: Option<String> = ("RuleArn", "RuleArn", "RuleArn"),
}
}

crate::shape::shape! {
pub struct DeleteRuleOutput {
}
}

crate::shape::shape! {
pub struct DeleteTargetGroupInput {
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
}
}

crate::shape::shape! {
pub struct DeleteTargetGroupOutput {
}
}

crate::shape::shape! {
pub struct DeleteTrustStoreInput {
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct DeleteTrustStoreOutput {
}
}

crate::shape::shape! {
pub struct DeregisterTargetsInput {
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
    pub targets: Option<Vec<TargetDescription>> = ("Targets", "Targets", "member", "Targets", "member"),
}
}

crate::shape::shape! {
pub struct DeregisterTargetsOutput {
}
}

crate::shape::shape! {
pub struct DescribeAccountLimitsInput {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
}
}

crate::shape::shape! {
pub struct DescribeAccountLimitsOutput {
    pub limits: Option<Vec<Limit>> = ("Limits", "Limits", "member", "Limits", "member"),
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
}
}

crate::shape::shape! {
pub struct DescribeCapacityReservationInput {
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
}
}

crate::shape::shape! {
pub struct DescribeCapacityReservationOutput {
    pub capacity_reservation_state: Option<Vec<ZonalCapacityReservationState>> = ("CapacityReservationState", "CapacityReservationState", "member", "CapacityReservationState", "member"),
    pub decrease_requests_remaining: Option<i32> = ("DecreaseRequestsRemaining", "DecreaseRequestsRemaining", "DecreaseRequestsRemaining"),
    pub last_modified_time: Option<TimestampMs> = ("LastModifiedTime", "LastModifiedTime", "LastModifiedTime"),
    pub minimum_load_balancer_capacity: Option<MinimumLoadBalancerCapacity> = ("MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity"),
}
}

crate::shape::shape! {
pub struct DescribeListenerAttributesInput {
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
}
}

crate::shape::shape! {
pub struct DescribeListenerAttributesOutput {
    pub attributes: Option<Vec<ListenerAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
}
}

crate::shape::shape! {
pub struct DescribeListenerCertificatesInput {
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
}
}

crate::shape::shape! {
pub struct DescribeListenerCertificatesOutput {
    pub certificates: Option<Vec<Certificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
}
}

crate::shape::shape! {
pub struct DescribeListenersInput {
    pub listener_arns: Option<Vec<String>> = ("ListenerArns", "ListenerArns", "member", "ListenerArns", "member"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
}
}

crate::shape::shape! {
pub struct DescribeListenersOutput {
    pub listeners: Option<Vec<Listener>> = ("Listeners", "Listeners", "member", "Listeners", "member"),
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
}
}

crate::shape::shape! {
pub struct DescribeLoadBalancerAttributesInput {
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
}
}

crate::shape::shape! {
pub struct DescribeLoadBalancerAttributesOutput {
    pub attributes: Option<Vec<LoadBalancerAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
}
}

crate::shape::shape! {
pub struct DescribeLoadBalancersInput {
    pub load_balancer_arns: Option<Vec<String>> = ("LoadBalancerArns", "LoadBalancerArns", "member", "LoadBalancerArns", "member"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub names: Option<Vec<String>> = ("Names", "Names", "member", "Names", "member"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
}
}

crate::shape::shape! {
pub struct DescribeLoadBalancersOutput {
    pub load_balancers: Option<Vec<LoadBalancer>> = ("LoadBalancers", "LoadBalancers", "member", "LoadBalancers", "member"),
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
}
}

crate::shape::shape! {
pub struct DescribeRulesInput {
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
    pub rule_arns: Option<Vec<String>> = ("RuleArns", "RuleArns", "member", "RuleArns", "member"),
}
}

crate::shape::shape! {
pub struct DescribeRulesOutput {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub rules: Option<Vec<Rule>> = ("Rules", "Rules", "member", "Rules", "member"),
}
}

crate::shape::shape! {
pub struct DescribeSSLPoliciesInput {
    pub load_balancer_type: Option<String> = ("LoadBalancerType", "LoadBalancerType", "LoadBalancerType"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub names: Option<Vec<String>> = ("Names", "Names", "member", "Names", "member"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
}
}

crate::shape::shape! {
pub struct DescribeSSLPoliciesOutput {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub ssl_policies: Option<Vec<SslPolicy>> = ("SslPolicies", "SslPolicies", "member", "SslPolicies", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTagsInput {
    pub resource_arns: Option<Vec<String>> = ("ResourceArns", "ResourceArns", "member", "ResourceArns", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTagsOutput {
    pub tag_descriptions: Option<Vec<TagDescription>> = ("TagDescriptions", "TagDescriptions", "member", "TagDescriptions", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTargetGroupAttributesInput {
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
}
}

crate::shape::shape! {
pub struct DescribeTargetGroupAttributesOutput {
    pub attributes: Option<Vec<TargetGroupAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTargetGroupsInput {
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub names: Option<Vec<String>> = ("Names", "Names", "member", "Names", "member"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
    pub target_group_arns: Option<Vec<String>> = ("TargetGroupArns", "TargetGroupArns", "member", "TargetGroupArns", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTargetGroupsOutput {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub target_groups: Option<Vec<TargetGroup>> = ("TargetGroups", "TargetGroups", "member", "TargetGroups", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTargetHealthInput {
    pub include: Option<Vec<String>> = ("Include", "Include", "member", "Include", "member"),
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
    pub targets: Option<Vec<TargetDescription>> = ("Targets", "Targets", "member", "Targets", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTargetHealthOutput {
    pub target_health_descriptions: Option<Vec<TargetHealthDescription>> = ("TargetHealthDescriptions", "TargetHealthDescriptions", "member", "TargetHealthDescriptions", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTrustStoreAssociationsInput {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct DescribeTrustStoreAssociationsOutput {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub trust_store_associations: Option<Vec<TrustStoreAssociation>> = ("TrustStoreAssociations", "TrustStoreAssociations", "member", "TrustStoreAssociations", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTrustStoreRevocation {
    pub number_of_revoked_entries: Option<i64> = ("NumberOfRevokedEntries", "NumberOfRevokedEntries", "NumberOfRevokedEntries"),
    pub revocation_id: Option<i64> = ("RevocationId", "RevocationId", "RevocationId"),
    pub revocation_type: Option<String> = ("RevocationType", "RevocationType", "RevocationType"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct DescribeTrustStoreRevocationsInput {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
    pub revocation_ids: Option<Vec<i64>> = ("RevocationIds", "RevocationIds", "member", "RevocationIds", "member"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct DescribeTrustStoreRevocationsOutput {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub trust_store_revocations: Option<Vec<DescribeTrustStoreRevocation>> = ("TrustStoreRevocations", "TrustStoreRevocations", "member", "TrustStoreRevocations", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTrustStoresInput {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub names: Option<Vec<String>> = ("Names", "Names", "member", "Names", "member"),
    pub page_size: Option<i32> = ("PageSize", "PageSize", "PageSize"),
    pub trust_store_arns: Option<Vec<String>> = ("TrustStoreArns", "TrustStoreArns", "member", "TrustStoreArns", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTrustStoresOutput {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub trust_stores: Option<Vec<TrustStore>> = ("TrustStores", "TrustStores", "member", "TrustStores", "member"),
}
}

crate::shape::shape! {
pub struct FixedResponseActionConfig {
    pub content_type: Option<String> = ("ContentType", "ContentType", "ContentType"),
    pub message_body: Option<String> = ("MessageBody", "MessageBody", "MessageBody"),
    pub status_code: Option<String> = ("StatusCode", "StatusCode", "StatusCode"),
}
}

crate::shape::shape! {
pub struct ForwardActionConfig {
    pub target_group_stickiness_config: Option<TargetGroupStickinessConfig> = ("TargetGroupStickinessConfig", "TargetGroupStickinessConfig", "TargetGroupStickinessConfig"),
    pub target_groups: Option<Vec<TargetGroupTuple>> = ("TargetGroups", "TargetGroups", "member", "TargetGroups", "member"),
}
}

crate::shape::shape! {
pub struct GetTrustStoreCaCertificatesBundleInput {
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct GetTrustStoreCaCertificatesBundleOutput {
    pub location: Option<String> = ("Location", "Location", "Location"),
}
}

crate::shape::shape! {
pub struct GetTrustStoreRevocationContentInput {
    pub revocation_id: Option<i64> = ("RevocationId", "RevocationId", "RevocationId"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct GetTrustStoreRevocationContentOutput {
    pub location: Option<String> = ("Location", "Location", "Location"),
}
}

crate::shape::shape! {
pub struct HostHeaderConditionConfig {
    pub regex_values: Option<Vec<String>> = ("RegexValues", "RegexValues", "member", "RegexValues", "member"),
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct HostHeaderRewriteConfig {
    pub rewrites: Option<Vec<RewriteConfig>> = ("Rewrites", "Rewrites", "member", "Rewrites", "member"),
}
}

crate::shape::shape! {
pub struct HttpHeaderConditionConfig {
    pub http_header_name: Option<String> = ("HttpHeaderName", "HttpHeaderName", "HttpHeaderName"),
    pub regex_values: Option<Vec<String>> = ("RegexValues", "RegexValues", "member", "RegexValues", "member"),
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct HttpRequestMethodConditionConfig {
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct IpamPools {
    pub ipv4_ipam_pool_id: Option<String> = ("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId"),
}
}

crate::shape::shape! {
pub struct JwtValidationActionAdditionalClaim {
    pub format: Option<String> = ("Format", "Format", "Format"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct JwtValidationActionConfig {
    pub additional_claims: Option<Vec<JwtValidationActionAdditionalClaim>> = ("AdditionalClaims", "AdditionalClaims", "member", "AdditionalClaims", "member"),
    pub issuer: Option<String> = ("Issuer", "Issuer", "Issuer"),
    pub jwks_endpoint: Option<String> = ("JwksEndpoint", "JwksEndpoint", "JwksEndpoint"),
}
}

crate::shape::shape! {
pub struct Limit {
    pub max: Option<String> = ("Max", "Max", "Max"),
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct Listener {
    pub alpn_policy: Option<Vec<String>> = ("AlpnPolicy", "AlpnPolicy", "member", "AlpnPolicy", "member"),
    pub certificates: Option<Vec<Certificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
    pub default_actions: Option<Vec<Action>> = ("DefaultActions", "DefaultActions", "member", "DefaultActions", "member"),
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub mutual_authentication: Option<MutualAuthenticationAttributes> = ("MutualAuthentication", "MutualAuthentication", "MutualAuthentication"),
    pub port: Option<i32> = ("Port", "Port", "Port"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "Protocol"),
    pub ssl_policy: Option<String> = ("SslPolicy", "SslPolicy", "SslPolicy"),
}
}

crate::shape::shape! {
pub struct ListenerAttribute {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct LoadBalancer {
    pub availability_zones: Option<Vec<AvailabilityZone>> = ("AvailabilityZones", "AvailabilityZones", "member", "AvailabilityZones", "member"),
    pub canonical_hosted_zone_id: Option<String> = ("CanonicalHostedZoneId", "CanonicalHostedZoneId", "CanonicalHostedZoneId"),
    pub created_time: Option<TimestampMs> = ("CreatedTime", "CreatedTime", "CreatedTime"),
    pub customer_owned_ipv4_pool: Option<String> = ("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool"),
    pub dns_name: Option<String> = ("DNSName", "DNSName", "DNSName"),
    pub enable_prefix_for_ipv6_source_nat: Option<String> = ("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat"),
    pub enforce_security_group_inbound_rules_on_private_link_traffic: Option<String> = ("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub ipam_pools: Option<IpamPools> = ("IpamPools", "IpamPools", "IpamPools"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub load_balancer_name: Option<String> = ("LoadBalancerName", "LoadBalancerName", "LoadBalancerName"),
    pub scheme: Option<String> = ("Scheme", "Scheme", "Scheme"),
    pub security_groups: Option<Vec<String>> = ("SecurityGroups", "SecurityGroups", "member", "SecurityGroups", "member"),
    pub state: Option<LoadBalancerState> = ("State", "State", "State"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct LoadBalancerAddress {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "AllocationId"),
    pub ipv6_address: Option<String> = ("IPv6Address", "IPv6Address", "IPv6Address"),
    pub ip_address: Option<String> = ("IpAddress", "IpAddress", "IpAddress"),
    pub private_ipv4_address: Option<String> = ("PrivateIPv4Address", "PrivateIPv4Address", "PrivateIPv4Address"),
}
}

crate::shape::shape! {
pub struct LoadBalancerAttribute {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct LoadBalancerState {
    pub code: Option<String> = ("Code", "Code", "Code"),
    pub reason: Option<String> = ("Reason", "Reason", "Reason"),
}
}

crate::shape::shape! {
pub struct Matcher {
    pub grpc_code: Option<String> = ("GrpcCode", "GrpcCode", "GrpcCode"),
    pub http_code: Option<String> = ("HttpCode", "HttpCode", "HttpCode"),
}
}

crate::shape::shape! {
pub struct MinimumLoadBalancerCapacity {
    pub capacity_units: Option<i32> = ("CapacityUnits", "CapacityUnits", "CapacityUnits"),
}
}

crate::shape::shape! {
pub struct ModifyCapacityReservationInput {
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub minimum_load_balancer_capacity: Option<MinimumLoadBalancerCapacity> = ("MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity"),
    pub reset_capacity_reservation: Option<bool> = ("ResetCapacityReservation", "ResetCapacityReservation", "ResetCapacityReservation"),
}
}

crate::shape::shape! {
pub struct ModifyCapacityReservationOutput {
    pub capacity_reservation_state: Option<Vec<ZonalCapacityReservationState>> = ("CapacityReservationState", "CapacityReservationState", "member", "CapacityReservationState", "member"),
    pub decrease_requests_remaining: Option<i32> = ("DecreaseRequestsRemaining", "DecreaseRequestsRemaining", "DecreaseRequestsRemaining"),
    pub last_modified_time: Option<TimestampMs> = ("LastModifiedTime", "LastModifiedTime", "LastModifiedTime"),
    pub minimum_load_balancer_capacity: Option<MinimumLoadBalancerCapacity> = ("MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity"),
}
}

crate::shape::shape! {
pub struct ModifyIpPoolsInput {
    pub ipam_pools: Option<IpamPools> = ("IpamPools", "IpamPools", "IpamPools"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub remove_ipam_pools: Option<Vec<String>> = ("RemoveIpamPools", "RemoveIpamPools", "member", "RemoveIpamPools", "member"),
}
}

crate::shape::shape! {
pub struct ModifyIpPoolsOutput {
    pub ipam_pools: Option<IpamPools> = ("IpamPools", "IpamPools", "IpamPools"),
}
}

crate::shape::shape! {
pub struct ModifyListenerAttributesInput {
    pub attributes: Option<Vec<ListenerAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
}
}

crate::shape::shape! {
pub struct ModifyListenerAttributesOutput {
    pub attributes: Option<Vec<ListenerAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
}
}

crate::shape::shape! {
pub struct ModifyListenerInput {
    pub alpn_policy: Option<Vec<String>> = ("AlpnPolicy", "AlpnPolicy", "member", "AlpnPolicy", "member"),
    pub certificates: Option<Vec<Certificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
    pub default_actions: Option<Vec<Action>> = ("DefaultActions", "DefaultActions", "member", "DefaultActions", "member"),
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
    pub mutual_authentication: Option<MutualAuthenticationAttributes> = ("MutualAuthentication", "MutualAuthentication", "MutualAuthentication"),
    pub port: Option<i32> = ("Port", "Port", "Port"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "Protocol"),
    pub ssl_policy: Option<String> = ("SslPolicy", "SslPolicy", "SslPolicy"),
}
}

crate::shape::shape! {
pub struct ModifyListenerOutput {
    pub listeners: Option<Vec<Listener>> = ("Listeners", "Listeners", "member", "Listeners", "member"),
}
}

crate::shape::shape! {
pub struct ModifyLoadBalancerAttributesInput {
    pub attributes: Option<Vec<LoadBalancerAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
}
}

crate::shape::shape! {
pub struct ModifyLoadBalancerAttributesOutput {
    pub attributes: Option<Vec<LoadBalancerAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
}
}

crate::shape::shape! {
pub struct ModifyRuleInput {
    pub actions: Option<Vec<Action>> = ("Actions", "Actions", "member", "Actions", "member"),
    pub conditions: Option<Vec<RuleCondition>> = ("Conditions", "Conditions", "member", "Conditions", "member"),
    pub reset_transforms: Option<bool> = ("ResetTransforms", "ResetTransforms", "ResetTransforms"),
    pub rule_arn: Option<String> = ("RuleArn", "RuleArn", "RuleArn"),
    pub transforms: Option<Vec<RuleTransform>> = ("Transforms", "Transforms", "member", "Transforms", "member"),
}
}

crate::shape::shape! {
pub struct ModifyRuleOutput {
    pub rules: Option<Vec<Rule>> = ("Rules", "Rules", "member", "Rules", "member"),
}
}

crate::shape::shape! {
pub struct ModifyTargetGroupAttributesInput {
    pub attributes: Option<Vec<TargetGroupAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
}
}

crate::shape::shape! {
pub struct ModifyTargetGroupAttributesOutput {
    pub attributes: Option<Vec<TargetGroupAttribute>> = ("Attributes", "Attributes", "member", "Attributes", "member"),
}
}

crate::shape::shape! {
pub struct ModifyTargetGroupInput {
    pub health_check_enabled: Option<bool> = ("HealthCheckEnabled", "HealthCheckEnabled", "HealthCheckEnabled"),
    pub health_check_interval_seconds: Option<i32> = ("HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds"),
    pub health_check_path: Option<String> = ("HealthCheckPath", "HealthCheckPath", "HealthCheckPath"),
    pub health_check_port: Option<String> = ("HealthCheckPort", "HealthCheckPort", "HealthCheckPort"),
    pub health_check_protocol: Option<String> = ("HealthCheckProtocol", "HealthCheckProtocol", "HealthCheckProtocol"),
    pub health_check_timeout_seconds: Option<i32> = ("HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds"),
    pub healthy_threshold_count: Option<i32> = ("HealthyThresholdCount", "HealthyThresholdCount", "HealthyThresholdCount"),
    pub matcher: Option<Matcher> = ("Matcher", "Matcher", "Matcher"),
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
    pub unhealthy_threshold_count: Option<i32> = ("UnhealthyThresholdCount", "UnhealthyThresholdCount", "UnhealthyThresholdCount"),
}
}

crate::shape::shape! {
pub struct ModifyTargetGroupOutput {
    pub target_groups: Option<Vec<TargetGroup>> = ("TargetGroups", "TargetGroups", "member", "TargetGroups", "member"),
}
}

crate::shape::shape! {
pub struct ModifyTrustStoreInput {
    pub ca_certificates_bundle_s3_bucket: Option<String> = ("CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Bucket"),
    pub ca_certificates_bundle_s3_key: Option<String> = ("CaCertificatesBundleS3Key", "CaCertificatesBundleS3Key", "CaCertificatesBundleS3Key"),
    pub ca_certificates_bundle_s3_object_version: Option<String> = ("CaCertificatesBundleS3ObjectVersion", "CaCertificatesBundleS3ObjectVersion", "CaCertificatesBundleS3ObjectVersion"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct ModifyTrustStoreOutput {
    pub trust_stores: Option<Vec<TrustStore>> = ("TrustStores", "TrustStores", "member", "TrustStores", "member"),
}
}

crate::shape::shape! {
pub struct MutualAuthenticationAttributes {
    pub advertise_trust_store_ca_names: Option<String> = ("AdvertiseTrustStoreCaNames", "AdvertiseTrustStoreCaNames", "AdvertiseTrustStoreCaNames"),
    pub ignore_client_certificate_expiry: Option<bool> = ("IgnoreClientCertificateExpiry", "IgnoreClientCertificateExpiry", "IgnoreClientCertificateExpiry"),
    pub mode: Option<String> = ("Mode", "Mode", "Mode"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
    pub trust_store_association_status: Option<String> = ("TrustStoreAssociationStatus", "TrustStoreAssociationStatus", "TrustStoreAssociationStatus"),
}
}

crate::shape::shape! {
pub struct PathPatternConditionConfig {
    pub regex_values: Option<Vec<String>> = ("RegexValues", "RegexValues", "member", "RegexValues", "member"),
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct QueryStringConditionConfig {
    pub values: Option<Vec<QueryStringKeyValuePair>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct QueryStringKeyValuePair {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct RedirectActionConfig {
    pub host: Option<String> = ("Host", "Host", "Host"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub port: Option<String> = ("Port", "Port", "Port"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "Protocol"),
    pub query: Option<String> = ("Query", "Query", "Query"),
    pub status_code: Option<String> = ("StatusCode", "StatusCode", "StatusCode"),
}
}

crate::shape::shape! {
pub struct RegisterTargetsInput {
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
    pub targets: Option<Vec<TargetDescription>> = ("Targets", "Targets", "member", "Targets", "member"),
}
}

crate::shape::shape! {
pub struct RegisterTargetsOutput {
}
}

crate::shape::shape! {
pub struct RemoveListenerCertificatesInput {
    pub certificates: Option<Vec<Certificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
    pub listener_arn: Option<String> = ("ListenerArn", "ListenerArn", "ListenerArn"),
}
}

crate::shape::shape! {
pub struct RemoveListenerCertificatesOutput {
}
}

crate::shape::shape! {
pub struct RemoveTagsInput {
    pub resource_arns: Option<Vec<String>> = ("ResourceArns", "ResourceArns", "member", "ResourceArns", "member"),
    pub tag_keys: Option<Vec<String>> = ("TagKeys", "TagKeys", "member", "TagKeys", "member"),
}
}

crate::shape::shape! {
pub struct RemoveTagsOutput {
}
}

crate::shape::shape! {
pub struct RemoveTrustStoreRevocationsInput {
    pub revocation_ids: Option<Vec<i64>> = ("RevocationIds", "RevocationIds", "member", "RevocationIds", "member"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct RemoveTrustStoreRevocationsOutput {
}
}

crate::shape::shape! {
pub struct RevocationContent {
    pub revocation_type: Option<String> = ("RevocationType", "RevocationType", "RevocationType"),
    pub s3_bucket: Option<String> = ("S3Bucket", "S3Bucket", "S3Bucket"),
    pub s3_key: Option<String> = ("S3Key", "S3Key", "S3Key"),
    pub s3_object_version: Option<String> = ("S3ObjectVersion", "S3ObjectVersion", "S3ObjectVersion"),
}
}

crate::shape::shape! {
pub struct RewriteConfig {
    pub regex: Option<String> = ("Regex", "Regex", "Regex"),
    pub replace: Option<String> = ("Replace", "Replace", "Replace"),
}
}

crate::shape::shape! {
pub struct Rule {
    pub actions: Option<Vec<Action>> = ("Actions", "Actions", "member", "Actions", "member"),
    pub conditions: Option<Vec<RuleCondition>> = ("Conditions", "Conditions", "member", "Conditions", "member"),
    pub is_default: Option<bool> = ("IsDefault", "IsDefault", "IsDefault"),
    pub priority: Option<String> = ("Priority", "Priority", "Priority"),
    pub rule_arn: Option<String> = ("RuleArn", "RuleArn", "RuleArn"),
    pub transforms: Option<Vec<RuleTransform>> = ("Transforms", "Transforms", "member", "Transforms", "member"),
}
}

crate::shape::shape! {
pub struct RuleCondition {
    pub field: Option<String> = ("Field", "Field", "Field"),
    pub host_header_config: Option<HostHeaderConditionConfig> = ("HostHeaderConfig", "HostHeaderConfig", "HostHeaderConfig"),
    pub http_header_config: Option<HttpHeaderConditionConfig> = ("HttpHeaderConfig", "HttpHeaderConfig", "HttpHeaderConfig"),
    pub http_request_method_config: Option<HttpRequestMethodConditionConfig> = ("HttpRequestMethodConfig", "HttpRequestMethodConfig", "HttpRequestMethodConfig"),
    pub path_pattern_config: Option<PathPatternConditionConfig> = ("PathPatternConfig", "PathPatternConfig", "PathPatternConfig"),
    pub query_string_config: Option<QueryStringConditionConfig> = ("QueryStringConfig", "QueryStringConfig", "QueryStringConfig"),
    pub regex_values: Option<Vec<String>> = ("RegexValues", "RegexValues", "member", "RegexValues", "member"),
    pub source_ip_config: Option<SourceIpConditionConfig> = ("SourceIpConfig", "SourceIpConfig", "SourceIpConfig"),
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct RulePriorityPair {
    pub priority: Option<i32> = ("Priority", "Priority", "Priority"),
    pub rule_arn: Option<String> = ("RuleArn", "RuleArn", "RuleArn"),
}
}

crate::shape::shape! {
pub struct RuleTransform {
    pub host_header_rewrite_config: Option<HostHeaderRewriteConfig> = ("HostHeaderRewriteConfig", "HostHeaderRewriteConfig", "HostHeaderRewriteConfig"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
    pub url_rewrite_config: Option<UrlRewriteConfig> = ("UrlRewriteConfig", "UrlRewriteConfig", "UrlRewriteConfig"),
}
}

crate::shape::shape! {
pub struct SetIpAddressTypeInput {
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
}
}

crate::shape::shape! {
pub struct SetIpAddressTypeOutput {
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
}
}

crate::shape::shape! {
pub struct SetRulePrioritiesInput {
    pub rule_priorities: Option<Vec<RulePriorityPair>> = ("RulePriorities", "RulePriorities", "member", "RulePriorities", "member"),
}
}

crate::shape::shape! {
pub struct SetRulePrioritiesOutput {
    pub rules: Option<Vec<Rule>> = ("Rules", "Rules", "member", "Rules", "member"),
}
}

crate::shape::shape! {
pub struct SetSecurityGroupsInput {
    pub enforce_security_group_inbound_rules_on_private_link_traffic: Option<String> = ("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub security_groups: Option<Vec<String>> = ("SecurityGroups", "SecurityGroups", "member", "SecurityGroups", "member"),
}
}

crate::shape::shape! {
pub struct SetSecurityGroupsOutput {
    pub enforce_security_group_inbound_rules_on_private_link_traffic: Option<String> = ("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"),
    pub security_group_ids: Option<Vec<String>> = ("SecurityGroupIds", "SecurityGroupIds", "member", "SecurityGroupIds", "member"),
}
}

crate::shape::shape! {
pub struct SetSubnetsInput {
    pub enable_prefix_for_ipv6_source_nat: Option<String> = ("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub load_balancer_arn: Option<String> = ("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn"),
    pub subnet_mappings: Option<Vec<SubnetMapping>> = ("SubnetMappings", "SubnetMappings", "member", "SubnetMappings", "member"),
    pub subnets: Option<Vec<String>> = ("Subnets", "Subnets", "member", "Subnets", "member"),
}
}

crate::shape::shape! {
pub struct SetSubnetsOutput {
    pub availability_zones: Option<Vec<AvailabilityZone>> = ("AvailabilityZones", "AvailabilityZones", "member", "AvailabilityZones", "member"),
    pub enable_prefix_for_ipv6_source_nat: Option<String> = ("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
}
}

crate::shape::shape! {
pub struct SourceIpConditionConfig {
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct SslPolicy {
    pub ciphers: Option<Vec<Cipher>> = ("Ciphers", "Ciphers", "member", "Ciphers", "member"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub ssl_protocols: Option<Vec<String>> = ("SslProtocols", "SslProtocols", "member", "SslProtocols", "member"),
    pub supported_load_balancer_types: Option<Vec<String>> = ("SupportedLoadBalancerTypes", "SupportedLoadBalancerTypes", "member", "SupportedLoadBalancerTypes", "member"),
}
}

crate::shape::shape! {
pub struct SubnetMapping {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "AllocationId"),
    pub ipv6_address: Option<String> = ("IPv6Address", "IPv6Address", "IPv6Address"),
    pub private_ipv4_address: Option<String> = ("PrivateIPv4Address", "PrivateIPv4Address", "PrivateIPv4Address"),
    pub source_nat_ipv6_prefix: Option<String> = ("SourceNatIpv6Prefix", "SourceNatIpv6Prefix", "SourceNatIpv6Prefix"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
}
}

crate::shape::shape! {
pub struct Tag {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct TagDescription {
    pub resource_arn: Option<String> = ("ResourceArn", "ResourceArn", "ResourceArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct TargetDescription {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub id: Option<String> = ("Id", "Id", "Id"),
    pub port: Option<i32> = ("Port", "Port", "Port"),
    pub quic_server_id: Option<String> = ("QuicServerId", "QuicServerId", "QuicServerId"),
}
}

crate::shape::shape! {
pub struct TargetGroup {
    pub health_check_enabled: Option<bool> = ("HealthCheckEnabled", "HealthCheckEnabled", "HealthCheckEnabled"),
    pub health_check_interval_seconds: Option<i32> = ("HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds"),
    pub health_check_path: Option<String> = ("HealthCheckPath", "HealthCheckPath", "HealthCheckPath"),
    pub health_check_port: Option<String> = ("HealthCheckPort", "HealthCheckPort", "HealthCheckPort"),
    pub health_check_protocol: Option<String> = ("HealthCheckProtocol", "HealthCheckProtocol", "HealthCheckProtocol"),
    pub health_check_timeout_seconds: Option<i32> = ("HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds"),
    pub healthy_threshold_count: Option<i32> = ("HealthyThresholdCount", "HealthyThresholdCount", "HealthyThresholdCount"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub load_balancer_arns: Option<Vec<String>> = ("LoadBalancerArns", "LoadBalancerArns", "member", "LoadBalancerArns", "member"),
    pub matcher: Option<Matcher> = ("Matcher", "Matcher", "Matcher"),
    pub port: Option<i32> = ("Port", "Port", "Port"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "Protocol"),
    pub protocol_version: Option<String> = ("ProtocolVersion", "ProtocolVersion", "ProtocolVersion"),
    pub target_control_port: Option<i32> = ("TargetControlPort", "TargetControlPort", "TargetControlPort"),
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
    pub target_group_name: Option<String> = ("TargetGroupName", "TargetGroupName", "TargetGroupName"),
    pub target_type: Option<String> = ("TargetType", "TargetType", "TargetType"),
    pub unhealthy_threshold_count: Option<i32> = ("UnhealthyThresholdCount", "UnhealthyThresholdCount", "UnhealthyThresholdCount"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct TargetGroupAttribute {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct TargetGroupStickinessConfig {
    pub duration_seconds: Option<i32> = ("DurationSeconds", "DurationSeconds", "DurationSeconds"),
    pub enabled: Option<bool> = ("Enabled", "Enabled", "Enabled"),
}
}

crate::shape::shape! {
pub struct TargetGroupTuple {
    pub target_group_arn: Option<String> = ("TargetGroupArn", "TargetGroupArn", "TargetGroupArn"),
    pub weight: Option<i32> = ("Weight", "Weight", "Weight"),
}
}

crate::shape::shape! {
pub struct TargetHealth {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub reason: Option<String> = ("Reason", "Reason", "Reason"),
    pub state: Option<String> = ("State", "State", "State"),
}
}

crate::shape::shape! {
pub struct TargetHealthDescription {
    pub administrative_override: Option<AdministrativeOverride> = ("AdministrativeOverride", "AdministrativeOverride", "AdministrativeOverride"),
    pub anomaly_detection: Option<AnomalyDetection> = ("AnomalyDetection", "AnomalyDetection", "AnomalyDetection"),
    pub health_check_port: Option<String> = ("HealthCheckPort", "HealthCheckPort", "HealthCheckPort"),
    pub target: Option<TargetDescription> = ("Target", "Target", "Target"),
    pub target_health: Option<TargetHealth> = ("TargetHealth", "TargetHealth", "TargetHealth"),
}
}

crate::shape::shape! {
pub struct TrustStore {
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub number_of_ca_certificates: Option<i32> = ("NumberOfCaCertificates", "NumberOfCaCertificates", "NumberOfCaCertificates"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub total_revoked_entries: Option<i64> = ("TotalRevokedEntries", "TotalRevokedEntries", "TotalRevokedEntries"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct TrustStoreAssociation {
    pub resource_arn: Option<String> = ("ResourceArn", "ResourceArn", "ResourceArn"),
}
}

crate::shape::shape! {
pub struct TrustStoreRevocation {
    pub number_of_revoked_entries: Option<i64> = ("NumberOfRevokedEntries", "NumberOfRevokedEntries", "NumberOfRevokedEntries"),
    pub revocation_id: Option<i64> = ("RevocationId", "RevocationId", "RevocationId"),
    pub revocation_type: Option<String> = ("RevocationType", "RevocationType", "RevocationType"),
    pub trust_store_arn: Option<String> = ("TrustStoreArn", "TrustStoreArn", "TrustStoreArn"),
}
}

crate::shape::shape! {
pub struct UrlRewriteConfig {
    pub rewrites: Option<Vec<RewriteConfig>> = ("Rewrites", "Rewrites", "member", "Rewrites", "member"),
}
}

crate::shape::shape! {
pub struct ZonalCapacityReservationState {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub effective_capacity_units: Option<f64> = ("EffectiveCapacityUnits", "EffectiveCapacityUnits", "EffectiveCapacityUnits"),
    pub state: Option<CapacityReservationStatus> = ("State", "State", "State"),
}
}
