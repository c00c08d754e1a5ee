//! Condition keys: which a request of a service may carry. A key that ends in `/` stands for all that begin so.
//!
//! Only keys that something here gives a value are listed: a policy that tests another sees it absent, as with AWS when a
//! request has no such value. Sources: "AWS global condition context keys" (IAM User Guide), "Condition keys for Amazon EC2"
//! and its neighbours in the Service Authorization Reference.

pub const GLOBAL_KEYS: &[&str] = &[
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalTag/",
    "aws:PrincipalType",
    "aws:Referer",
    "aws:RequestTag/",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceTag/",
    "aws:SecureTransport",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:ViaAWSService",
    "aws:userid",
    "aws:username",
];

const EC2: &[&str] = &[
    "ec2:AccepterVpc",
    "ec2:AllocationId",
    "ec2:AssociatePublicIpAddress",
    "ec2:Attribute",
    "ec2:Attribute/",
    "ec2:AvailabilityZone",
    "ec2:CreateAction",
    "ec2:DhcpOptionsID",
    "ec2:Domain",
    "ec2:EbsOptimized",
    "ec2:Encrypted",
    "ec2:ImageID",
    "ec2:ImageType",
    "ec2:InstanceID",
    "ec2:InstanceProfile",
    "ec2:InstanceType",
    "ec2:InternetGatewayID",
    "ec2:IsLaunchTemplateResource",
    "ec2:KeyPairName",
    "ec2:KeyPairType",
    "ec2:LaunchTemplate",
    "ec2:MetadataHttpEndpoint",
    "ec2:MetadataHttpPutResponseHopLimit",
    "ec2:MetadataHttpTokens",
    "ec2:NetworkAclID",
    "ec2:NetworkInterfaceID",
    "ec2:NewInstanceProfile",
    "ec2:Owner",
    "ec2:PlacementGroupName",
    "ec2:PlacementGroupStrategy",
    "ec2:Public",
    "ec2:PublicIpAddress",
    "ec2:Region",
    "ec2:RequesterVpc",
    "ec2:ResourceTag/",
    "ec2:RoleDelivery",
    "ec2:RootDeviceType",
    "ec2:RouteTableID",
    "ec2:SecurityGroupID",
    "ec2:SourceInstanceARN",
    "ec2:Subnet",
    "ec2:SubnetID",
    "ec2:Tenancy",
    "ec2:TransitGatewayAttachmentId",
    "ec2:TransitGatewayId",
    "ec2:TransitGatewayRouteTableId",
    "ec2:VolumeID",
    "ec2:VolumeSize",
    "ec2:VolumeType",
    "ec2:Vpc",
    "ec2:VpcID",
    "ec2:VpcPeeringConnectionID",
    "ec2:VpceServiceName",
];

const IAM: &[&str] = &[
    "iam:AWSServiceName",
    "iam:AssociatedResourceArn",
    "iam:PassedToService",
    "iam:PermissionsBoundary",
    "iam:PolicyARN",
    "iam:ResourceTag/",
];

const KMS: &[&str] = &[
    "kms:BypassPolicyLockoutSafetyCheck",
    "kms:CallerAccount",
    "kms:DataKeyPairSpec",
    "kms:EncryptionAlgorithm",
    "kms:EncryptionContext:",
    "kms:EncryptionContextKeys",
    "kms:ExpirationModel",
    "kms:GrantConstraintType",
    "kms:GrantIsForAWSResource",
    "kms:GrantOperations",
    "kms:GranteePrincipal",
    "kms:KeyAgreementAlgorithm",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MacAlgorithm",
    "kms:MessageType",
    "kms:MultiRegion",
    "kms:ReEncryptOnSameKey",
    "kms:RequestAlias",
    "kms:ResourceAliases",
    "kms:RetiringPrincipal",
    "kms:RotationPeriodInDays",
    "kms:ScheduleKeyDeletionPendingWindowInDays",
    "kms:SigningAlgorithm",
    "kms:ValidTo",
    "kms:ViaService",
    "kms:WrappingAlgorithm",
    "kms:WrappingKeySpec",
];

const ELB: &[&str] = &[
    "elasticloadbalancing:CreateAction",
    "elasticloadbalancing:ListenerProtocol",
    "elasticloadbalancing:ResourceTag/",
    "elasticloadbalancing:Scheme",
    "elasticloadbalancing:SecurityGroup",
    "elasticloadbalancing:SecurityPolicy",
    "elasticloadbalancing:Subnet",
];

const STS: &[&str] = &[
    "iam:ResourceTag/",
    "saml:aud",
    "saml:cn",
    "saml:commonName",
    "saml:doc",
    "saml:eduorghomepageuri",
    "saml:eduorgidentityauthnpolicyuri",
    "saml:eduorglegalname",
    "saml:eduorgsuperioruri",
    "saml:eduorgwhitepagesuri",
    "saml:edupersonaffiliation",
    "saml:edupersonassurance",
    "saml:edupersonentitlement",
    "saml:edupersonnickname",
    "saml:edupersonorgdn",
    "saml:edupersonorgunitdn",
    "saml:edupersonprimaryaffiliation",
    "saml:edupersonprimaryorgunitdn",
    "saml:edupersonprincipalname",
    "saml:edupersonscopedaffiliation",
    "saml:edupersontargetedid",
    "saml:givenName",
    "saml:iss",
    "saml:mail",
    "saml:name",
    "saml:namequalifier",
    "saml:organizationStatus",
    "saml:primaryGroupSID",
    "saml:sub",
    "saml:sub_type",
    "saml:surname",
    "saml:uid",
    "saml:x500UniqueIdentifier",
    "sts:DurationSeconds",
    "sts:ExternalId",
    "sts:RoleSessionName",
    "sts:SourceIdentity",
    "sts:TransitiveTagKeys",
];

const S3: &[&str] = &[
    "s3:ExistingObjectTag/",
    "s3:LocationConstraint",
    "s3:ObjectCreationOperation",
    "s3:RequestObjectTag/",
    "s3:RequestObjectTagKeys",
    "s3:ResourceAccount",
    "s3:VersionId",
    "s3:authType",
    "s3:delimiter",
    "s3:if-match",
    "s3:if-none-match",
    "s3:max-keys",
    "s3:object-lock-legal-hold",
    "s3:object-lock-mode",
    "s3:object-lock-remaining-retention-days",
    "s3:object-lock-retain-until-date",
    "s3:prefix",
    "s3:signatureAge",
    "s3:signatureversion",
    "s3:x-amz-acl",
    "s3:x-amz-content-sha256",
    "s3:x-amz-copy-source",
    "s3:x-amz-grant-full-control",
    "s3:x-amz-grant-read",
    "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write",
    "s3:x-amz-grant-write-acp",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-object-ownership",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm",
    "s3:x-amz-storage-class",
    "s3:x-amz-website-redirect-location",
];

/// A service's own keys; the global ones are valid everywhere.
pub fn service_keys(service: &str) -> &'static [&'static str] {
    match service {
        "ec2" => EC2,
        "iam" => IAM,
        "kms" => KMS,
        "sts" => STS,
        "s3" => S3,
        "elasticloadbalancing" => ELB,
        "servicequotas" => &["servicequotas:service"],
        _ => &[],
    }
}

/// Whether requests of the service may carry this key; names are compared without case.
pub fn is_known_key(service: &str, key: &str) -> bool {
    let same = |known: &str, key: &str| match known.strip_suffix(['/', ':']) {
        Some(_) => key.get(..known.len()).is_some_and(|k| k.eq_ignore_ascii_case(known)) && key.len() > known.len(),
        None => known.eq_ignore_ascii_case(key),
    };
    GLOBAL_KEYS.iter().chain(service_keys(service)).any(|known| same(known, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_name_and_by_family() {
        for (service, key, want) in [
            ("ec2", "aws:sourceip", true),
            ("ec2", "ec2:resourcetag/team", true),
            ("ec2", "ec2:ResourceTag/", false),
            ("ec2", "s3:prefix", false),
            ("kms", "kms:EncryptionContext:app", true),
            ("ec2", "ec2:Attribute", true),
        ] {
            assert_eq!(is_known_key(service, key), want, "{service} {key}");
        }
    }
}
