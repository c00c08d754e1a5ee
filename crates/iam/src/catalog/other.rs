//! STS, SSM, CloudTrail, Service Quotas.

use super::{Judged, Need, Row, When, always, table};

pub(super) const STS_BEFORE: &[Row] = table! { "sts", Before:
    GetAccessKeyInfo "";
    GetFederationToken "federated-user=Name" [Need { action: "sts:TagSession", on: "federated-user=Name", when: When::If("Tags") }];
    DecodeAuthorizationMessage "";
};

pub(super) const STS_OTHER: &[Row] = &[
    // "No permissions are required to perform this operation. If an administrator attaches a policy … that explicitly denies
    // access to the sts:GetCallerIdentity action, you can still perform this operation."
    Row { service: "sts", operation: "GetCallerIdentity", judged: Judged::Never, needs: &[] },
    // "No permissions are required for users to perform this operation."
    Row { service: "sts", operation: "GetSessionToken", judged: Judged::Never, needs: &[] },
    // The role's trust policy has its say.
    Row {
        service: "sts",
        operation: "AssumeRole",
        judged: Judged::Inside,
        needs: &[
            always("sts:AssumeRole", "role=RoleArn"),
            Need {
                action: "sts:TagSession",
                on: "role=RoleArn",
                when: When::If("Tags, or tags that go on from the caller's session"),
            },
            Need {
                action: "sts:SetSourceIdentity",
                on: "role=RoleArn",
                when: When::If("SourceIdentity, or one that the caller's session has"),
            },
        ],
    },
    Row {
        service: "sts",
        operation: "AssumeRoleWithWebIdentity",
        judged: Judged::Inside,
        needs: &[
            always("sts:AssumeRoleWithWebIdentity", "role=RoleArn"),
            Need { action: "sts:TagSession", on: "role=RoleArn", when: When::If("the token holds session tags") },
            Need { action: "sts:SetSourceIdentity", on: "role=RoleArn", when: When::If("the token holds a source identity") },
        ],
    },
    Row {
        service: "sts",
        operation: "AssumeRoleWithSAML",
        judged: Judged::Inside,
        needs: &[
            always("sts:AssumeRoleWithSAML", "role=RoleArn"),
            Need { action: "sts:TagSession", on: "role=RoleArn", when: When::If("the assertion holds session tags") },
            Need { action: "sts:SetSourceIdentity", on: "role=RoleArn", when: When::If("the assertion holds a source identity") },
        ],
    },
];

pub(super) const SSM: &[Row] = table! { "ssm", Before:
    GetParameter "parameter=Name";
    GetParameters "parameter=Names.N";
};

pub(super) const CLOUDTRAIL: &[Row] = table! { "cloudtrail", Before:
    LookupEvents "";
    CreateTrail "trail=Name" [Need { action: "cloudtrail:AddTags", on: "trail=Name", when: When::If("TagsList") }];
    UpdateTrail "trail=Name";
    DeleteTrail "trail=Name";
    DescribeTrails "";
    GetTrail "trail=Name";
    ListTrails "";
    GetTrailStatus "trail=Name";
    StartLogging "trail=Name";
    StopLogging "trail=Name";
    PutEventSelectors "trail=TrailName";
    GetEventSelectors "trail=TrailName";
    AddTags "trail=ResourceId";
    RemoveTags "trail=ResourceId";
    ListTags "trail=ResourceIdList.N";
    ListPublicKeys "";
};

pub(super) const SERVICE_QUOTAS: &[Row] = table! { "servicequotas", Before:
    ListServices "";
    ListServiceQuotas "";
    GetServiceQuota "";
    ListAWSDefaultServiceQuotas "";
    GetAWSDefaultServiceQuota "";
    // `SERVICE/QUOTA`
    RequestServiceQuotaIncrease "quota=ServiceCode";
    GetRequestedServiceQuotaChange "";
    ListRequestedServiceQuotaChangeHistory "";
};
