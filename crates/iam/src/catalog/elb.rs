//! Elastic Load Balancing (version 2) and Certificate Manager. Sources: "Actions, resources, and condition keys for AWS Elastic
//! Load Balancing V2" and "… for AWS Certificate Manager", Service Authorization Reference.

use super::{Need, Row, When, table};

/// Tags that come with what is made are asked for by AddTags, on what will be made.
macro_rules! tagged {
    ($on:literal) => {
        Need { action: "elasticloadbalancing:AddTags", on: $on, when: When::If("Tags") }
    };
}

pub(super) const ELB: &[Row] = table! { "elasticloadbalancing", Before:
    CreateLoadBalancer "loadbalancer=Name" [
        tagged!("loadbalancer=Name"),
        Need {
            action: "iam:CreateServiceLinkedRole",
            on: "role=*",
            when: When::If("the account has no role AWSServiceRoleForElasticLoadBalancing yet"),
        }
    ];
    DescribeLoadBalancers "";
    DeleteLoadBalancer "loadbalancer=LoadBalancerArn";
    DescribeLoadBalancerAttributes "";
    ModifyLoadBalancerAttributes "loadbalancer=LoadBalancerArn";
    SetSecurityGroups "loadbalancer=LoadBalancerArn";
    SetSubnets "loadbalancer=LoadBalancerArn";
    SetIpAddressType "loadbalancer=LoadBalancerArn";
    DescribeCapacityReservation "";
    ModifyCapacityReservation "loadbalancer=LoadBalancerArn";
    ModifyIpPools "loadbalancer=LoadBalancerArn";
    CreateTargetGroup "targetgroup=Name" [tagged!("targetgroup=Name")];
    DescribeTargetGroups "";
    ModifyTargetGroup "targetgroup=TargetGroupArn";
    DeleteTargetGroup "targetgroup=TargetGroupArn";
    DescribeTargetGroupAttributes "";
    ModifyTargetGroupAttributes "targetgroup=TargetGroupArn";
    RegisterTargets "targetgroup=TargetGroupArn";
    DeregisterTargets "targetgroup=TargetGroupArn";
    DescribeTargetHealth "";
    CreateListener "loadbalancer=LoadBalancerArn" [tagged!("listener=LoadBalancerArn")];
    DescribeListeners "";
    ModifyListener "listener=ListenerArn";
    DeleteListener "listener=ListenerArn";
    DescribeListenerAttributes "";
    ModifyListenerAttributes "listener=ListenerArn";
    AddListenerCertificates "listener=ListenerArn";
    RemoveListenerCertificates "listener=ListenerArn";
    DescribeListenerCertificates "";
    CreateRule "listener=ListenerArn" [tagged!("listener-rule=ListenerArn")];
    DescribeRules "";
    ModifyRule "listener-rule=RuleArn";
    DeleteRule "listener-rule=RuleArn";
    SetRulePriorities "listener-rule=RulePriorities.member.N.RuleArn";
    CreateTrustStore "truststore=Name" [tagged!("truststore=Name")];
    DescribeTrustStores "";
    ModifyTrustStore "truststore=TrustStoreArn";
    DeleteTrustStore "truststore=TrustStoreArn";
    DescribeTrustStoreAssociations "truststore=TrustStoreArn";
    GetTrustStoreCaCertificatesBundle "truststore=TrustStoreArn";
    AddTrustStoreRevocations "truststore=TrustStoreArn";
    RemoveTrustStoreRevocations "truststore=TrustStoreArn";
    DescribeTrustStoreRevocations "truststore=TrustStoreArn";
    GetTrustStoreRevocationContent "truststore=TrustStoreArn";
    AddTags "any=ResourceArns.member.N";
    RemoveTags "any=ResourceArns.member.N";
    DescribeTags "";
    DescribeSSLPolicies "";
    DescribeAccountLimits "";
};

pub(super) const ACM: &[Row] = table! { "acm", Before:
    ImportCertificate "certificate=CertificateArn" [
        Need { action: "acm:AddTagsToCertificate", on: "certificate=CertificateArn", when: When::If("Tags") }
    ];
    RequestCertificate "certificate=*" [
        Need { action: "acm:AddTagsToCertificate", on: "certificate=*", when: When::If("Tags") }
    ];
    DescribeCertificate "certificate=CertificateArn";
    GetCertificate "certificate=CertificateArn";
    ListCertificates "";
    DeleteCertificate "certificate=CertificateArn";
    AddTagsToCertificate "certificate=CertificateArn";
    ListTagsForCertificate "certificate=CertificateArn";
    RemoveTagsFromCertificate "certificate=CertificateArn";
};
