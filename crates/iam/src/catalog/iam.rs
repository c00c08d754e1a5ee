//! IAM. A user that no parameter names is the caller; names become ARNs with the path that the entity has or will get.
//! Lists are asked on the path that they list, `arn:aws:iam::123456789012:user/`, as AWS's messages show; a policy that follows
//! the reference has `*` there.

use super::{Need, Row, When, always, table};

/// What comes into being with tags is tagged.
const fn tagged(action: &'static str, on: &'static str) -> Need {
    Need { action, on, when: When::If("Tags") }
}

pub(super) const ROWS: &[Row] = table! { "iam", Before:
    CreateUser "user=UserName" [tagged("iam:TagUser", "user=UserName")];
    GetUser "user=UserName";
    ListUsers "user=PathPrefix";
    // "you must have permission on both the source object and the target object"
    UpdateUser "user=UserName user?=NewUserName|NewPath";
    DeleteUser "user=UserName";
    TagUser "user=UserName";
    UntagUser "user=UserName";
    ListUserTags "user=UserName";
    CreateAccessKey "user=UserName";
    ListAccessKeys "user=UserName";
    UpdateAccessKey "user=UserName";
    DeleteAccessKey "user=UserName";
    GetAccessKeyLastUsed "user=AccessKeyId";
    CreateLoginProfile "user=UserName";
    GetLoginProfile "user=UserName";
    UpdateLoginProfile "user=UserName";
    DeleteLoginProfile "user=UserName";
    PutUserPolicy "user=UserName";
    GetUserPolicy "user=UserName";
    ListUserPolicies "user=UserName";
    DeleteUserPolicy "user=UserName";
    AttachUserPolicy "user=UserName";
    DetachUserPolicy "user=UserName";
    ListAttachedUserPolicies "user=UserName";
    PutUserPermissionsBoundary "user=UserName";
    DeleteUserPermissionsBoundary "user=UserName";
    ListGroupsForUser "user=UserName";
    ChangePassword "user=*";
    UploadSSHPublicKey "user=UserName";
    GetSSHPublicKey "user=UserName";
    UpdateSSHPublicKey "user=UserName";
    DeleteSSHPublicKey "user=UserName";
    ListSSHPublicKeys "user=UserName";
    ListSigningCertificates "user=UserName";
    ListServiceSpecificCredentials "user=UserName";
    ListMFADevices "user=UserName";
    EnableMFADevice "user=UserName";
    DeactivateMFADevice "user=UserName";
    ResyncMFADevice "user=UserName";

    CreateGroup "group=GroupName";
    GetGroup "group=GroupName";
    ListGroups "group=PathPrefix";
    UpdateGroup "group=GroupName group?=NewGroupName|NewPath";
    DeleteGroup "group=GroupName";
    AddUserToGroup "group=GroupName";
    RemoveUserFromGroup "group=GroupName";
    PutGroupPolicy "group=GroupName";
    GetGroupPolicy "group=GroupName";
    ListGroupPolicies "group=GroupName";
    DeleteGroupPolicy "group=GroupName";
    AttachGroupPolicy "group=GroupName";
    DetachGroupPolicy "group=GroupName";
    ListAttachedGroupPolicies "group=GroupName";

    CreateRole "role=RoleName" [tagged("iam:TagRole", "role=RoleName")];
    GetRole "role=RoleName";
    ListRoles "role=PathPrefix";
    UpdateRole "role=RoleName";
    UpdateRoleDescription "role=RoleName";
    DeleteRole "role=RoleName";
    UpdateAssumeRolePolicy "role=RoleName";
    TagRole "role=RoleName";
    UntagRole "role=RoleName";
    ListRoleTags "role=RoleName";
    PutRolePolicy "role=RoleName";
    GetRolePolicy "role=RoleName";
    ListRolePolicies "role=RoleName";
    DeleteRolePolicy "role=RoleName";
    AttachRolePolicy "role=RoleName";
    DetachRolePolicy "role=RoleName";
    ListAttachedRolePolicies "role=RoleName";
    PutRolePermissionsBoundary "role=RoleName";
    DeleteRolePermissionsBoundary "role=RoleName";
    ListInstanceProfilesForRole "role=RoleName";
    // `role/aws-service-role/SERVICE/NAME`
    CreateServiceLinkedRole "role=AWSServiceName";
    DeleteServiceLinkedRole "role=RoleName";
    GetServiceLinkedRoleDeletionStatus "role=DeletionTaskId";

    CreatePolicy "policy=PolicyName" [tagged("iam:TagPolicy", "policy=PolicyName")];
    GetPolicy "policy=PolicyArn";
    ListPolicies "policy=PathPrefix";
    DeletePolicy "policy=PolicyArn";
    CreatePolicyVersion "policy=PolicyArn";
    GetPolicyVersion "policy=PolicyArn";
    ListPolicyVersions "policy=PolicyArn";
    SetDefaultPolicyVersion "policy=PolicyArn";
    DeletePolicyVersion "policy=PolicyArn";
    ListEntitiesForPolicy "policy=PolicyArn";
    TagPolicy "policy=PolicyArn";
    UntagPolicy "policy=PolicyArn";
    ListPolicyTags "policy=PolicyArn";

    CreateInstanceProfile "instance-profile=InstanceProfileName" [tagged("iam:TagInstanceProfile", "instance-profile=InstanceProfileName")];
    GetInstanceProfile "instance-profile=InstanceProfileName";
    ListInstanceProfiles "instance-profile=PathPrefix";
    DeleteInstanceProfile "instance-profile=InstanceProfileName";
    AddRoleToInstanceProfile "instance-profile=InstanceProfileName" [always("iam:PassRole", "role=RoleName")];
    RemoveRoleFromInstanceProfile "instance-profile=InstanceProfileName";
    TagInstanceProfile "instance-profile=InstanceProfileName";
    UntagInstanceProfile "instance-profile=InstanceProfileName";
    ListInstanceProfileTags "instance-profile=InstanceProfileName";

    GetAccountSummary "";
    CreateAccountAlias "";
    ListAccountAliases "";
    DeleteAccountAlias "";
    GetAccountAuthorizationDetails "";
    GetAccountPasswordPolicy "";
    UpdateAccountPasswordPolicy "";
    DeleteAccountPasswordPolicy "";
    GenerateCredentialReport "";
    GetCredentialReport "";
    // The type of the entity follows from its ARN.
    SimulatePrincipalPolicy "any=PolicySourceArn";
    SimulateCustomPolicy "";
    GetContextKeysForCustomPolicy "";
    GetContextKeysForPrincipalPolicy "any=PolicySourceArn";

    CreateOpenIDConnectProvider "oidc-provider=Url" [tagged("iam:TagOpenIDConnectProvider", "oidc-provider=Url")];
    GetOpenIDConnectProvider "oidc-provider=OpenIDConnectProviderArn";
    ListOpenIDConnectProviders "";
    DeleteOpenIDConnectProvider "oidc-provider=OpenIDConnectProviderArn";
    UpdateOpenIDConnectProviderThumbprint "oidc-provider=OpenIDConnectProviderArn";
    AddClientIDToOpenIDConnectProvider "oidc-provider=OpenIDConnectProviderArn";
    RemoveClientIDFromOpenIDConnectProvider "oidc-provider=OpenIDConnectProviderArn";
    TagOpenIDConnectProvider "oidc-provider=OpenIDConnectProviderArn";
    CreateSAMLProvider "saml-provider=Name" [tagged("iam:TagSAMLProvider", "saml-provider=Name")];
    GetSAMLProvider "saml-provider=SAMLProviderArn";
    ListSAMLProviders "";
    DeleteSAMLProvider "saml-provider=SAMLProviderArn";
    UpdateSAMLProvider "saml-provider=SAMLProviderArn";

    UploadServerCertificate "server-certificate=ServerCertificateName" [tagged("iam:TagServerCertificate", "server-certificate=ServerCertificateName")];
    GetServerCertificate "server-certificate=ServerCertificateName";
    ListServerCertificates "server-certificate=PathPrefix";
    DeleteServerCertificate "server-certificate=ServerCertificateName";
    UpdateServerCertificate "server-certificate=ServerCertificateName server-certificate?=NewServerCertificateName|NewPath";

    CreateVirtualMFADevice "mfa=VirtualMFADeviceName" [tagged("iam:TagMFADevice", "mfa=VirtualMFADeviceName")];
    DeleteVirtualMFADevice "mfa=SerialNumber";
    ListVirtualMFADevices "";
};
