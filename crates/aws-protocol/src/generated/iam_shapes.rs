//! Shapes of iam.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use std::collections::BTreeMap;
#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct AccessKey {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub secret_access_key: Option<String> = ("SecretAccessKey", "SecretAccessKey", "SecretAccessKey"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct AccessKeyLastUsed {
    pub last_used_date: Option<TimestampMs> = ("LastUsedDate", "LastUsedDate", "LastUsedDate"),
    pub region: Option<String> = ("Region", "Region", "Region"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "ServiceName"),
}
}

crate::shape::shape! {
pub struct AccessKeyMetadata {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct AddClientIDToOpenIDConnectProviderRequest {
    pub client_id: Option<String> = ("ClientID", "ClientID", "ClientID"),
    pub open_id_connect_provider_arn: Option<String> = ("OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "OpenIDConnectProviderArn"),
}
}

crate::shape::shape! {
pub struct AddRoleToInstanceProfileRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct AddUserToGroupRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct AttachGroupPolicyRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
}
}

crate::shape::shape! {
pub struct AttachRolePolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct AttachUserPolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct AttachedPermissionsBoundary {
    pub permissions_boundary_arn: Option<String> = ("PermissionsBoundaryArn", "PermissionsBoundaryArn", "PermissionsBoundaryArn"),
    pub permissions_boundary_type: Option<String> = ("PermissionsBoundaryType", "PermissionsBoundaryType", "PermissionsBoundaryType"),
}
}

crate::shape::shape! {
pub struct AttachedPolicy {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct ChangePasswordRequest {
    pub new_password: Option<String> = ("NewPassword", "NewPassword", "NewPassword"),
    pub old_password: Option<String> = ("OldPassword", "OldPassword", "OldPassword"),
}
}

crate::shape::shape! {
pub struct ContextEntry {
    pub context_key_name: Option<String> = ("ContextKeyName", "ContextKeyName", "ContextKeyName"),
    pub context_key_type: Option<String> = ("ContextKeyType", "ContextKeyType", "ContextKeyType"),
    pub context_key_values: Option<Vec<String>> = ("ContextKeyValues", "ContextKeyValues", "member", "ContextKeyValues", "member"),
}
}

crate::shape::shape! {
pub struct CreateAccessKeyRequest {
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct CreateAccessKeyResponse {
    pub access_key: Option<AccessKey> = ("AccessKey", "AccessKey", "AccessKey"),
}
}

crate::shape::shape! {
pub struct CreateAccountAliasRequest {
    pub account_alias: Option<String> = ("AccountAlias", "AccountAlias", "AccountAlias"),
}
}

crate::shape::shape! {
pub struct CreateGroupRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub path: Option<String> = ("Path", "Path", "Path"),
}
}

crate::shape::shape! {
pub struct CreateGroupResponse {
    pub group: Option<Group> = ("Group", "Group", "Group"),
}
}

crate::shape::shape! {
pub struct CreateInstanceProfileRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreateInstanceProfileResponse {
    pub instance_profile: Option<InstanceProfile> = ("InstanceProfile", "InstanceProfile", "InstanceProfile"),
}
}

crate::shape::shape! {
pub struct CreateLoginProfileRequest {
    pub password: Option<String> = ("Password", "Password", "Password"),
    pub password_reset_required: Option<bool> = ("PasswordResetRequired", "PasswordResetRequired", "PasswordResetRequired"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct CreateLoginProfileResponse {
    pub login_profile: Option<LoginProfile> = ("LoginProfile", "LoginProfile", "LoginProfile"),
}
}

crate::shape::shape! {
pub struct CreateOpenIDConnectProviderRequest {
    pub client_id_list: Option<Vec<String>> = ("ClientIDList", "ClientIDList", "member", "ClientIDList", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub thumbprint_list: Option<Vec<String>> = ("ThumbprintList", "ThumbprintList", "member", "ThumbprintList", "member"),
    pub url: Option<String> = ("Url", "Url", "Url"),
}
}

crate::shape::shape! {
pub struct CreateOpenIDConnectProviderResponse {
    pub open_id_connect_provider_arn: Option<String> = ("OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "OpenIDConnectProviderArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreatePolicyRequest {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreatePolicyResponse {
    pub policy: Option<Policy> = ("Policy", "Policy", "Policy"),
}
}

crate::shape::shape! {
pub struct CreatePolicyVersionRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub set_as_default: Option<bool> = ("SetAsDefault", "SetAsDefault", "SetAsDefault"),
}
}

crate::shape::shape! {
pub struct CreatePolicyVersionResponse {
    pub policy_version: Option<PolicyVersion> = ("PolicyVersion", "PolicyVersion", "PolicyVersion"),
}
}

crate::shape::shape! {
pub struct CreateRoleRequest {
    pub assume_role_policy_document: Option<String> = ("AssumeRolePolicyDocument", "AssumeRolePolicyDocument", "AssumeRolePolicyDocument"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub max_session_duration: Option<i32> = ("MaxSessionDuration", "MaxSessionDuration", "MaxSessionDuration"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary: Option<String> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreateRoleResponse {
    pub role: Option<Role> = ("Role", "Role", "Role"),
}
}

crate::shape::shape! {
pub struct CreateSAMLProviderRequest {
    pub add_private_key: Option<String> = ("AddPrivateKey", "AddPrivateKey", "AddPrivateKey"),
    pub assertion_encryption_mode: Option<String> = ("AssertionEncryptionMode", "AssertionEncryptionMode", "AssertionEncryptionMode"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub saml_metadata_document: Option<String> = ("SAMLMetadataDocument", "SAMLMetadataDocument", "SAMLMetadataDocument"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreateSAMLProviderResponse {
    pub saml_provider_arn: Option<String> = ("SAMLProviderArn", "SAMLProviderArn", "SAMLProviderArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct CreateServiceLinkedRoleRequest {
    pub aws_service_name: Option<String> = ("AWSServiceName", "AWSServiceName", "AWSServiceName"),
    pub custom_suffix: Option<String> = ("CustomSuffix", "CustomSuffix", "CustomSuffix"),
    pub description: Option<String> = ("Description", "Description", "Description"),
}
}

crate::shape::shape! {
pub struct CreateServiceLinkedRoleResponse {
    pub role: Option<Role> = ("Role", "Role", "Role"),
}
}

crate::shape::shape! {
pub struct CreateUserRequest {
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary: Option<String> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct CreateUserResponse {
    pub user: Option<User> = ("User", "User", "User"),
}
}

crate::shape::shape! {
pub struct CreateVirtualMFADeviceRequest {
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub virtual_mfa_device_name: Option<String> = ("VirtualMFADeviceName", "VirtualMFADeviceName", "VirtualMFADeviceName"),
}
}

crate::shape::shape! {
pub struct CreateVirtualMFADeviceResponse {
    pub virtual_mfa_device: Option<VirtualMFADevice> = ("VirtualMFADevice", "VirtualMFADevice", "VirtualMFADevice"),
}
}

crate::shape::shape! {
pub struct DeactivateMFADeviceRequest {
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct DeleteAccessKeyRequest {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct DeleteAccountAliasRequest {
    pub account_alias: Option<String> = ("AccountAlias", "AccountAlias", "AccountAlias"),
}
}

crate::shape::shape! {
pub struct DeleteAccountPasswordPolicyRequest {
}
}

crate::shape::shape! {
pub struct DeleteGroupPolicyRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct DeleteGroupRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
}
}

crate::shape::shape! {
pub struct DeleteInstanceProfileRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
}
}

crate::shape::shape! {
pub struct DeleteLoginProfileRequest {
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct DeleteOpenIDConnectProviderRequest {
    pub open_id_connect_provider_arn: Option<String> = ("OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "OpenIDConnectProviderArn"),
}
}

crate::shape::shape! {
pub struct DeletePolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
}
}

crate::shape::shape! {
pub struct DeletePolicyVersionRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub version_id: Option<String> = ("VersionId", "VersionId", "VersionId"),
}
}

crate::shape::shape! {
pub struct DeleteRolePermissionsBoundaryRequest {
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct DeleteRolePolicyRequest {
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct DeleteRoleRequest {
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct DeleteSAMLProviderRequest {
    pub saml_provider_arn: Option<String> = ("SAMLProviderArn", "SAMLProviderArn", "SAMLProviderArn"),
}
}

crate::shape::shape! {
pub struct DeleteSSHPublicKeyRequest {
    pub ssh_public_key_id: Option<String> = ("SSHPublicKeyId", "SSHPublicKeyId", "SSHPublicKeyId"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct DeleteServerCertificateRequest {
    pub server_certificate_name: Option<String> = ("ServerCertificateName", "ServerCertificateName", "ServerCertificateName"),
}
}

crate::shape::shape! {
pub struct DeleteServiceLinkedRoleRequest {
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct DeleteServiceLinkedRoleResponse {
    pub deletion_task_id: Option<String> = ("DeletionTaskId", "DeletionTaskId", "DeletionTaskId"),
}
}

crate::shape::shape! {
pub struct DeleteUserPermissionsBoundaryRequest {
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct DeleteUserPolicyRequest {
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct DeleteUserRequest {
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct DeleteVirtualMFADeviceRequest {
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
}
}

crate::shape::shape! {
pub struct DeletionTaskFailureReasonType {
    pub reason: Option<String> = ("Reason", "Reason", "Reason"),
    pub role_usage_list: Option<Vec<RoleUsageType>> = ("RoleUsageList", "RoleUsageList", "member", "RoleUsageList", "member"),
}
}

crate::shape::shape! {
pub struct DetachGroupPolicyRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
}
}

crate::shape::shape! {
pub struct DetachRolePolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct DetachUserPolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct EnableMFADeviceRequest {
    pub authentication_code1: Option<String> = ("AuthenticationCode1", "AuthenticationCode1", "AuthenticationCode1"),
    pub authentication_code2: Option<String> = ("AuthenticationCode2", "AuthenticationCode2", "AuthenticationCode2"),
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct EvaluationResult {
    pub eval_action_name: Option<String> = ("EvalActionName", "EvalActionName", "EvalActionName"),
    pub eval_decision: Option<String> = ("EvalDecision", "EvalDecision", "EvalDecision"),
    pub eval_decision_details: Option<BTreeMap<String, String>> = ("EvalDecisionDetails", "EvalDecisionDetails", "EvalDecisionDetails"),
    pub eval_resource_name: Option<String> = ("EvalResourceName", "EvalResourceName", "EvalResourceName"),
    pub matched_statements: Option<Vec<Statement>> = ("MatchedStatements", "MatchedStatements", "member", "MatchedStatements", "member"),
    pub missing_context_values: Option<Vec<String>> = ("MissingContextValues", "MissingContextValues", "member", "MissingContextValues", "member"),
    pub organizations_decision_detail: Option<OrganizationsDecisionDetail> = ("OrganizationsDecisionDetail", "OrganizationsDecisionDetail", "OrganizationsDecisionDetail"),
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail> = ("PermissionsBoundaryDecisionDetail", "PermissionsBoundaryDecisionDetail", "PermissionsBoundaryDecisionDetail"),
    pub resource_specific_results: Option<Vec<ResourceSpecificResult>> = ("ResourceSpecificResults", "ResourceSpecificResults", "member", "ResourceSpecificResults", "member"),
}
}

crate::shape::shape! {
pub struct GenerateCredentialReportRequest {
}
}

crate::shape::shape! {
pub struct GenerateCredentialReportResponse {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub state: Option<String> = ("State", "State", "State"),
}
}

crate::shape::shape! {
pub struct GetAccessKeyLastUsedRequest {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
}
}

crate::shape::shape! {
pub struct GetAccessKeyLastUsedResponse {
    pub access_key_last_used: Option<AccessKeyLastUsed> = ("AccessKeyLastUsed", "AccessKeyLastUsed", "AccessKeyLastUsed"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct GetAccountAuthorizationDetailsRequest {
    pub filter: Option<Vec<String>> = ("Filter", "Filter", "member", "Filter", "member"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
}
}

crate::shape::shape! {
pub struct GetAccountAuthorizationDetailsResponse {
    pub group_detail_list: Option<Vec<GroupDetail>> = ("GroupDetailList", "GroupDetailList", "member", "GroupDetailList", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub policies: Option<Vec<ManagedPolicyDetail>> = ("Policies", "Policies", "member", "Policies", "member"),
    pub role_detail_list: Option<Vec<RoleDetail>> = ("RoleDetailList", "RoleDetailList", "member", "RoleDetailList", "member"),
    pub user_detail_list: Option<Vec<UserDetail>> = ("UserDetailList", "UserDetailList", "member", "UserDetailList", "member"),
}
}

crate::shape::shape! {
pub struct GetAccountPasswordPolicyRequest {
}
}

crate::shape::shape! {
pub struct GetAccountPasswordPolicyResponse {
    pub password_policy: Option<PasswordPolicy> = ("PasswordPolicy", "PasswordPolicy", "PasswordPolicy"),
}
}

crate::shape::shape! {
pub struct GetAccountSummaryRequest {
}
}

crate::shape::shape! {
pub struct GetAccountSummaryResponse {
    pub summary_map: Option<BTreeMap<String, i32>> = ("SummaryMap", "SummaryMap", "SummaryMap"),
}
}

crate::shape::shape! {
pub struct GetContextKeysForCustomPolicyRequest {
    pub policy_input_list: Option<Vec<String>> = ("PolicyInputList", "PolicyInputList", "member", "PolicyInputList", "member"),
}
}

crate::shape::shape! {
pub struct GetContextKeysForPolicyResponse {
    pub context_key_names: Option<Vec<String>> = ("ContextKeyNames", "ContextKeyNames", "member", "ContextKeyNames", "member"),
}
}

crate::shape::shape! {
pub struct GetContextKeysForPrincipalPolicyRequest {
    pub policy_input_list: Option<Vec<String>> = ("PolicyInputList", "PolicyInputList", "member", "PolicyInputList", "member"),
    pub policy_source_arn: Option<String> = ("PolicySourceArn", "PolicySourceArn", "PolicySourceArn"),
}
}

crate::shape::shape! {
pub struct GetCredentialReportRequest {
}
}

crate::shape::shape! {
pub struct GetCredentialReportResponse {
    pub content: Option<Vec<u8>> = ("Content", "Content", "Content"),
    pub generated_time: Option<TimestampMs> = ("GeneratedTime", "GeneratedTime", "GeneratedTime"),
    pub report_format: Option<String> = ("ReportFormat", "ReportFormat", "ReportFormat"),
}
}

crate::shape::shape! {
pub struct GetGroupPolicyRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct GetGroupPolicyResponse {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct GetGroupRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
}
}

crate::shape::shape! {
pub struct GetGroupResponse {
    pub group: Option<Group> = ("Group", "Group", "Group"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub users: Option<Vec<User>> = ("Users", "Users", "member", "Users", "member"),
}
}

crate::shape::shape! {
pub struct GetInstanceProfileRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
}
}

crate::shape::shape! {
pub struct GetInstanceProfileResponse {
    pub instance_profile: Option<InstanceProfile> = ("InstanceProfile", "InstanceProfile", "InstanceProfile"),
}
}

crate::shape::shape! {
pub struct GetLoginProfileRequest {
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct GetLoginProfileResponse {
    pub login_profile: Option<LoginProfile> = ("LoginProfile", "LoginProfile", "LoginProfile"),
}
}

crate::shape::shape! {
pub struct GetOpenIDConnectProviderRequest {
    pub open_id_connect_provider_arn: Option<String> = ("OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "OpenIDConnectProviderArn"),
}
}

crate::shape::shape! {
pub struct GetOpenIDConnectProviderResponse {
    pub client_id_list: Option<Vec<String>> = ("ClientIDList", "ClientIDList", "member", "ClientIDList", "member"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub thumbprint_list: Option<Vec<String>> = ("ThumbprintList", "ThumbprintList", "member", "ThumbprintList", "member"),
    pub url: Option<String> = ("Url", "Url", "Url"),
}
}

crate::shape::shape! {
pub struct GetPolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
}
}

crate::shape::shape! {
pub struct GetPolicyResponse {
    pub policy: Option<Policy> = ("Policy", "Policy", "Policy"),
}
}

crate::shape::shape! {
pub struct GetPolicyVersionRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub version_id: Option<String> = ("VersionId", "VersionId", "VersionId"),
}
}

crate::shape::shape! {
pub struct GetPolicyVersionResponse {
    pub policy_version: Option<PolicyVersion> = ("PolicyVersion", "PolicyVersion", "PolicyVersion"),
}
}

crate::shape::shape! {
pub struct GetRolePolicyRequest {
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct GetRolePolicyResponse {
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct GetRoleRequest {
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct GetRoleResponse {
    pub role: Option<Role> = ("Role", "Role", "Role"),
}
}

crate::shape::shape! {
pub struct GetSAMLProviderRequest {
    pub saml_provider_arn: Option<String> = ("SAMLProviderArn", "SAMLProviderArn", "SAMLProviderArn"),
}
}

crate::shape::shape! {
pub struct GetSAMLProviderResponse {
    pub assertion_encryption_mode: Option<String> = ("AssertionEncryptionMode", "AssertionEncryptionMode", "AssertionEncryptionMode"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub private_key_list: Option<Vec<SAMLPrivateKey>> = ("PrivateKeyList", "PrivateKeyList", "member", "PrivateKeyList", "member"),
    pub saml_metadata_document: Option<String> = ("SAMLMetadataDocument", "SAMLMetadataDocument", "SAMLMetadataDocument"),
    pub saml_provider_uuid: Option<String> = ("SAMLProviderUUID", "SAMLProviderUUID", "SAMLProviderUUID"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "ValidUntil"),
}
}

crate::shape::shape! {
pub struct GetSSHPublicKeyRequest {
    pub encoding: Option<String> = ("Encoding", "Encoding", "Encoding"),
    pub ssh_public_key_id: Option<String> = ("SSHPublicKeyId", "SSHPublicKeyId", "SSHPublicKeyId"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct GetSSHPublicKeyResponse {
    pub ssh_public_key: Option<SSHPublicKey> = ("SSHPublicKey", "SSHPublicKey", "SSHPublicKey"),
}
}

crate::shape::shape! {
pub struct GetServerCertificateRequest {
    pub server_certificate_name: Option<String> = ("ServerCertificateName", "ServerCertificateName", "ServerCertificateName"),
}
}

crate::shape::shape! {
pub struct GetServerCertificateResponse {
    pub server_certificate: Option<ServerCertificate> = ("ServerCertificate", "ServerCertificate", "ServerCertificate"),
}
}

crate::shape::shape! {
pub struct GetServiceLinkedRoleDeletionStatusRequest {
    pub deletion_task_id: Option<String> = ("DeletionTaskId", "DeletionTaskId", "DeletionTaskId"),
}
}

crate::shape::shape! {
pub struct GetServiceLinkedRoleDeletionStatusResponse {
    pub reason: Option<DeletionTaskFailureReasonType> = ("Reason", "Reason", "Reason"),
    pub status: Option<String> = ("Status", "Status", "Status"),
}
}

crate::shape::shape! {
pub struct GetUserPolicyRequest {
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct GetUserPolicyResponse {
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct GetUserRequest {
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct GetUserResponse {
    pub user: Option<User> = ("User", "User", "User"),
}
}

crate::shape::shape! {
pub struct Group {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub path: Option<String> = ("Path", "Path", "Path"),
}
}

crate::shape::shape! {
pub struct GroupDetail {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub attached_managed_policies: Option<Vec<AttachedPolicy>> = ("AttachedManagedPolicies", "AttachedManagedPolicies", "member", "AttachedManagedPolicies", "member"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub group_policy_list: Option<Vec<PolicyDetail>> = ("GroupPolicyList", "GroupPolicyList", "member", "GroupPolicyList", "member"),
    pub path: Option<String> = ("Path", "Path", "Path"),
}
}

crate::shape::shape! {
pub struct InstanceProfile {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub instance_profile_id: Option<String> = ("InstanceProfileId", "InstanceProfileId", "InstanceProfileId"),
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub roles: Option<Vec<Role>> = ("Roles", "Roles", "member", "Roles", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ListAccessKeysRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListAccessKeysResponse {
    pub access_key_metadata: Option<Vec<AccessKeyMetadata>> = ("AccessKeyMetadata", "AccessKeyMetadata", "member", "AccessKeyMetadata", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListAccountAliasesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
}
}

crate::shape::shape! {
pub struct ListAccountAliasesResponse {
    pub account_aliases: Option<Vec<String>> = ("AccountAliases", "AccountAliases", "member", "AccountAliases", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListAttachedGroupPoliciesRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
}
}

crate::shape::shape! {
pub struct ListAttachedGroupPoliciesResponse {
    pub attached_policies: Option<Vec<AttachedPolicy>> = ("AttachedPolicies", "AttachedPolicies", "member", "AttachedPolicies", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListAttachedRolePoliciesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct ListAttachedRolePoliciesResponse {
    pub attached_policies: Option<Vec<AttachedPolicy>> = ("AttachedPolicies", "AttachedPolicies", "member", "AttachedPolicies", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListAttachedUserPoliciesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListAttachedUserPoliciesResponse {
    pub attached_policies: Option<Vec<AttachedPolicy>> = ("AttachedPolicies", "AttachedPolicies", "member", "AttachedPolicies", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListEntitiesForPolicyRequest {
    pub entity_filter: Option<String> = ("EntityFilter", "EntityFilter", "EntityFilter"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub policy_usage_filter: Option<String> = ("PolicyUsageFilter", "PolicyUsageFilter", "PolicyUsageFilter"),
}
}

crate::shape::shape! {
pub struct ListEntitiesForPolicyResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub policy_groups: Option<Vec<PolicyGroup>> = ("PolicyGroups", "PolicyGroups", "member", "PolicyGroups", "member"),
    pub policy_roles: Option<Vec<PolicyRole>> = ("PolicyRoles", "PolicyRoles", "member", "PolicyRoles", "member"),
    pub policy_users: Option<Vec<PolicyUser>> = ("PolicyUsers", "PolicyUsers", "member", "PolicyUsers", "member"),
}
}

crate::shape::shape! {
pub struct ListGroupPoliciesRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
}
}

crate::shape::shape! {
pub struct ListGroupPoliciesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub policy_names: Option<Vec<String>> = ("PolicyNames", "PolicyNames", "member", "PolicyNames", "member"),
}
}

crate::shape::shape! {
pub struct ListGroupsForUserRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListGroupsForUserResponse {
    pub groups: Option<Vec<Group>> = ("Groups", "Groups", "member", "Groups", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListGroupsRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
}
}

crate::shape::shape! {
pub struct ListGroupsResponse {
    pub groups: Option<Vec<Group>> = ("Groups", "Groups", "member", "Groups", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListInstanceProfileTagsRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
}
}

crate::shape::shape! {
pub struct ListInstanceProfileTagsResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ListInstanceProfilesForRoleRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct ListInstanceProfilesForRoleResponse {
    pub instance_profiles: Option<Vec<InstanceProfile>> = ("InstanceProfiles", "InstanceProfiles", "member", "InstanceProfiles", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListInstanceProfilesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
}
}

crate::shape::shape! {
pub struct ListInstanceProfilesResponse {
    pub instance_profiles: Option<Vec<InstanceProfile>> = ("InstanceProfiles", "InstanceProfiles", "member", "InstanceProfiles", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListMFADevicesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListMFADevicesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub mfa_devices: Option<Vec<MFADevice>> = ("MFADevices", "MFADevices", "member", "MFADevices", "member"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListOpenIDConnectProvidersRequest {
}
}

crate::shape::shape! {
pub struct ListOpenIDConnectProvidersResponse {
    pub open_id_connect_provider_list: Option<Vec<OpenIDConnectProviderListEntry>> = ("OpenIDConnectProviderList", "OpenIDConnectProviderList", "member", "OpenIDConnectProviderList", "member"),
}
}

crate::shape::shape! {
pub struct ListPoliciesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub only_attached: Option<bool> = ("OnlyAttached", "OnlyAttached", "OnlyAttached"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
    pub policy_usage_filter: Option<String> = ("PolicyUsageFilter", "PolicyUsageFilter", "PolicyUsageFilter"),
    pub scope: Option<String> = ("Scope", "Scope", "Scope"),
}
}

crate::shape::shape! {
pub struct ListPoliciesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub policies: Option<Vec<Policy>> = ("Policies", "Policies", "member", "Policies", "member"),
}
}

crate::shape::shape! {
pub struct ListPolicyTagsRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
}
}

crate::shape::shape! {
pub struct ListPolicyTagsResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ListPolicyVersionsRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
}
}

crate::shape::shape! {
pub struct ListPolicyVersionsResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub versions: Option<Vec<PolicyVersion>> = ("Versions", "Versions", "member", "Versions", "member"),
}
}

crate::shape::shape! {
pub struct ListRolePoliciesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct ListRolePoliciesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub policy_names: Option<Vec<String>> = ("PolicyNames", "PolicyNames", "member", "PolicyNames", "member"),
}
}

crate::shape::shape! {
pub struct ListRoleTagsRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct ListRoleTagsResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ListRolesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
}
}

crate::shape::shape! {
pub struct ListRolesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub roles: Option<Vec<Role>> = ("Roles", "Roles", "member", "Roles", "member"),
}
}

crate::shape::shape! {
pub struct ListSAMLProvidersRequest {
}
}

crate::shape::shape! {
pub struct ListSAMLProvidersResponse {
    pub saml_provider_list: Option<Vec<SAMLProviderListEntry>> = ("SAMLProviderList", "SAMLProviderList", "member", "SAMLProviderList", "member"),
}
}

crate::shape::shape! {
pub struct ListSSHPublicKeysRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListSSHPublicKeysResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub ssh_public_keys: Option<Vec<SSHPublicKeyMetadata>> = ("SSHPublicKeys", "SSHPublicKeys", "member", "SSHPublicKeys", "member"),
}
}

crate::shape::shape! {
pub struct ListServerCertificatesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
}
}

crate::shape::shape! {
pub struct ListServerCertificatesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub server_certificate_metadata_list: Option<Vec<ServerCertificateMetadata>> = ("ServerCertificateMetadataList", "ServerCertificateMetadataList", "member", "ServerCertificateMetadataList", "member"),
}
}

crate::shape::shape! {
pub struct ListServiceSpecificCredentialsRequest {
    pub all_users: Option<bool> = ("AllUsers", "AllUsers", "AllUsers"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "ServiceName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListServiceSpecificCredentialsResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub service_specific_credentials: Option<Vec<ServiceSpecificCredentialMetadata>> = ("ServiceSpecificCredentials", "ServiceSpecificCredentials", "member", "ServiceSpecificCredentials", "member"),
}
}

crate::shape::shape! {
pub struct ListSigningCertificatesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListSigningCertificatesResponse {
    pub certificates: Option<Vec<SigningCertificate>> = ("Certificates", "Certificates", "member", "Certificates", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListUserPoliciesRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListUserPoliciesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub policy_names: Option<Vec<String>> = ("PolicyNames", "PolicyNames", "member", "PolicyNames", "member"),
}
}

crate::shape::shape! {
pub struct ListUserTagsRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ListUserTagsResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ListUsersRequest {
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub path_prefix: Option<String> = ("PathPrefix", "PathPrefix", "PathPrefix"),
}
}

crate::shape::shape! {
pub struct ListUsersResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub users: Option<Vec<User>> = ("Users", "Users", "member", "Users", "member"),
}
}

crate::shape::shape! {
pub struct ListVirtualMFADevicesRequest {
    pub assignment_status: Option<String> = ("AssignmentStatus", "AssignmentStatus", "AssignmentStatus"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
}
}

crate::shape::shape! {
pub struct ListVirtualMFADevicesResponse {
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub virtual_mfa_devices: Option<Vec<VirtualMFADevice>> = ("VirtualMFADevices", "VirtualMFADevices", "member", "VirtualMFADevices", "member"),
}
}

crate::shape::shape! {
pub struct LoginProfile {
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub password_reset_required: Option<bool> = ("PasswordResetRequired", "PasswordResetRequired", "PasswordResetRequired"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct MFADevice {
    pub enable_date: Option<TimestampMs> = ("EnableDate", "EnableDate", "EnableDate"),
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ManagedPolicyDetail {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub attachment_count: Option<i32> = ("AttachmentCount", "AttachmentCount", "AttachmentCount"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub default_version_id: Option<String> = ("DefaultVersionId", "DefaultVersionId", "DefaultVersionId"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub is_attachable: Option<bool> = ("IsAttachable", "IsAttachable", "IsAttachable"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary_usage_count: Option<i32> = ("PermissionsBoundaryUsageCount", "PermissionsBoundaryUsageCount", "PermissionsBoundaryUsageCount"),
    pub policy_id: Option<String> = ("PolicyId", "PolicyId", "PolicyId"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub policy_version_list: Option<Vec<PolicyVersion>> = ("PolicyVersionList", "PolicyVersionList", "member", "PolicyVersionList", "member"),
    pub update_date: Option<TimestampMs> = ("UpdateDate", "UpdateDate", "UpdateDate"),
}
}

crate::shape::shape! {
pub struct OpenIDConnectProviderListEntry {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
}
}

crate::shape::shape! {
pub struct OrganizationsDecisionDetail {
    pub allowed_by_organizations: Option<bool> = ("AllowedByOrganizations", "AllowedByOrganizations", "AllowedByOrganizations"),
}
}

crate::shape::shape! {
pub struct PasswordPolicy {
    pub allow_users_to_change_password: Option<bool> = ("AllowUsersToChangePassword", "AllowUsersToChangePassword", "AllowUsersToChangePassword"),
    pub expire_passwords: Option<bool> = ("ExpirePasswords", "ExpirePasswords", "ExpirePasswords"),
    pub hard_expiry: Option<bool> = ("HardExpiry", "HardExpiry", "HardExpiry"),
    pub max_password_age: Option<i32> = ("MaxPasswordAge", "MaxPasswordAge", "MaxPasswordAge"),
    pub minimum_password_length: Option<i32> = ("MinimumPasswordLength", "MinimumPasswordLength", "MinimumPasswordLength"),
    pub password_reuse_prevention: Option<i32> = ("PasswordReusePrevention", "PasswordReusePrevention", "PasswordReusePrevention"),
    pub require_lowercase_characters: Option<bool> = ("RequireLowercaseCharacters", "RequireLowercaseCharacters", "RequireLowercaseCharacters"),
    pub require_numbers: Option<bool> = ("RequireNumbers", "RequireNumbers", "RequireNumbers"),
    pub require_symbols: Option<bool> = ("RequireSymbols", "RequireSymbols", "RequireSymbols"),
    pub require_uppercase_characters: Option<bool> = ("RequireUppercaseCharacters", "RequireUppercaseCharacters", "RequireUppercaseCharacters"),
}
}

crate::shape::shape! {
pub struct PermissionsBoundaryDecisionDetail {
    pub allowed_by_permissions_boundary: Option<bool> = ("AllowedByPermissionsBoundary", "AllowedByPermissionsBoundary", "AllowedByPermissionsBoundary"),
}
}

crate::shape::shape! {
pub struct Policy {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub attachment_count: Option<i32> = ("AttachmentCount", "AttachmentCount", "AttachmentCount"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub default_version_id: Option<String> = ("DefaultVersionId", "DefaultVersionId", "DefaultVersionId"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub is_attachable: Option<bool> = ("IsAttachable", "IsAttachable", "IsAttachable"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary_usage_count: Option<i32> = ("PermissionsBoundaryUsageCount", "PermissionsBoundaryUsageCount", "PermissionsBoundaryUsageCount"),
    pub policy_id: Option<String> = ("PolicyId", "PolicyId", "PolicyId"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub update_date: Option<TimestampMs> = ("UpdateDate", "UpdateDate", "UpdateDate"),
}
}

crate::shape::shape! {
pub struct PolicyDetail {
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct PolicyGroup {
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
}
}

crate::shape::shape! {
pub struct PolicyRole {
    pub role_id: Option<String> = ("RoleId", "RoleId", "RoleId"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct PolicyUser {
    pub user_id: Option<String> = ("UserId", "UserId", "UserId"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct PolicyVersion {
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub document: Option<String> = ("Document", "Document", "Document"),
    pub is_default_version: Option<bool> = ("IsDefaultVersion", "IsDefaultVersion", "IsDefaultVersion"),
    pub version_id: Option<String> = ("VersionId", "VersionId", "VersionId"),
}
}

crate::shape::shape! {
pub struct Position {
    pub column: Option<i32> = ("Column", "Column", "Column"),
    pub line: Option<i32> = ("Line", "Line", "Line"),
}
}

crate::shape::shape! {
pub struct PutGroupPolicyRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct PutRolePermissionsBoundaryRequest {
    pub permissions_boundary: Option<String> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct PutRolePolicyRequest {
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct PutUserPermissionsBoundaryRequest {
    pub permissions_boundary: Option<String> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct PutUserPolicyRequest {
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct RemoveClientIDFromOpenIDConnectProviderRequest {
    pub client_id: Option<String> = ("ClientID", "ClientID", "ClientID"),
    pub open_id_connect_provider_arn: Option<String> = ("OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "OpenIDConnectProviderArn"),
}
}

crate::shape::shape! {
pub struct RemoveRoleFromInstanceProfileRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct RemoveUserFromGroupRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ResourceSpecificResult {
    pub eval_decision_details: Option<BTreeMap<String, String>> = ("EvalDecisionDetails", "EvalDecisionDetails", "EvalDecisionDetails"),
    pub eval_resource_decision: Option<String> = ("EvalResourceDecision", "EvalResourceDecision", "EvalResourceDecision"),
    pub eval_resource_name: Option<String> = ("EvalResourceName", "EvalResourceName", "EvalResourceName"),
    pub matched_statements: Option<Vec<Statement>> = ("MatchedStatements", "MatchedStatements", "member", "MatchedStatements", "member"),
    pub missing_context_values: Option<Vec<String>> = ("MissingContextValues", "MissingContextValues", "member", "MissingContextValues", "member"),
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail> = ("PermissionsBoundaryDecisionDetail", "PermissionsBoundaryDecisionDetail", "PermissionsBoundaryDecisionDetail"),
}
}

crate::shape::shape! {
pub struct ResyncMFADeviceRequest {
    pub authentication_code1: Option<String> = ("AuthenticationCode1", "AuthenticationCode1", "AuthenticationCode1"),
    pub authentication_code2: Option<String> = ("AuthenticationCode2", "AuthenticationCode2", "AuthenticationCode2"),
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct Role {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub assume_role_policy_document: Option<String> = ("AssumeRolePolicyDocument", "AssumeRolePolicyDocument", "AssumeRolePolicyDocument"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub max_session_duration: Option<i32> = ("MaxSessionDuration", "MaxSessionDuration", "MaxSessionDuration"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary: Option<AttachedPermissionsBoundary> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub role_id: Option<String> = ("RoleId", "RoleId", "RoleId"),
    pub role_last_used: Option<RoleLastUsed> = ("RoleLastUsed", "RoleLastUsed", "RoleLastUsed"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct RoleDetail {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub assume_role_policy_document: Option<String> = ("AssumeRolePolicyDocument", "AssumeRolePolicyDocument", "AssumeRolePolicyDocument"),
    pub attached_managed_policies: Option<Vec<AttachedPolicy>> = ("AttachedManagedPolicies", "AttachedManagedPolicies", "member", "AttachedManagedPolicies", "member"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub instance_profile_list: Option<Vec<InstanceProfile>> = ("InstanceProfileList", "InstanceProfileList", "member", "InstanceProfileList", "member"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary: Option<AttachedPermissionsBoundary> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub role_id: Option<String> = ("RoleId", "RoleId", "RoleId"),
    pub role_last_used: Option<RoleLastUsed> = ("RoleLastUsed", "RoleLastUsed", "RoleLastUsed"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
    pub role_policy_list: Option<Vec<PolicyDetail>> = ("RolePolicyList", "RolePolicyList", "member", "RolePolicyList", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct RoleLastUsed {
    pub last_used_date: Option<TimestampMs> = ("LastUsedDate", "LastUsedDate", "LastUsedDate"),
    pub region: Option<String> = ("Region", "Region", "Region"),
}
}

crate::shape::shape! {
pub struct RoleUsageType {
    pub region: Option<String> = ("Region", "Region", "Region"),
    pub resources: Option<Vec<String>> = ("Resources", "Resources", "member", "Resources", "member"),
}
}

crate::shape::shape! {
pub struct SAMLPrivateKey {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub timestamp: Option<TimestampMs> = ("Timestamp", "Timestamp", "Timestamp"),
}
}

crate::shape::shape! {
pub struct SAMLProviderListEntry {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "ValidUntil"),
}
}

crate::shape::shape! {
pub struct SSHPublicKey {
    pub fingerprint: Option<String> = ("Fingerprint", "Fingerprint", "Fingerprint"),
    pub ssh_public_key_body: Option<String> = ("SSHPublicKeyBody", "SSHPublicKeyBody", "SSHPublicKeyBody"),
    pub ssh_public_key_id: Option<String> = ("SSHPublicKeyId", "SSHPublicKeyId", "SSHPublicKeyId"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub upload_date: Option<TimestampMs> = ("UploadDate", "UploadDate", "UploadDate"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct SSHPublicKeyMetadata {
    pub ssh_public_key_id: Option<String> = ("SSHPublicKeyId", "SSHPublicKeyId", "SSHPublicKeyId"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub upload_date: Option<TimestampMs> = ("UploadDate", "UploadDate", "UploadDate"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct ServerCertificate {
    pub certificate_body: Option<String> = ("CertificateBody", "CertificateBody", "CertificateBody"),
    pub certificate_chain: Option<String> = ("CertificateChain", "CertificateChain", "CertificateChain"),
    pub server_certificate_metadata: Option<ServerCertificateMetadata> = ("ServerCertificateMetadata", "ServerCertificateMetadata", "ServerCertificateMetadata"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ServerCertificateMetadata {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub expiration: Option<TimestampMs> = ("Expiration", "Expiration", "Expiration"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub server_certificate_id: Option<String> = ("ServerCertificateId", "ServerCertificateId", "ServerCertificateId"),
    pub server_certificate_name: Option<String> = ("ServerCertificateName", "ServerCertificateName", "ServerCertificateName"),
    pub upload_date: Option<TimestampMs> = ("UploadDate", "UploadDate", "UploadDate"),
}
}

crate::shape::shape! {
pub struct ServiceSpecificCredentialMetadata {
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub expiration_date: Option<TimestampMs> = ("ExpirationDate", "ExpirationDate", "ExpirationDate"),
    pub service_credential_alias: Option<String> = ("ServiceCredentialAlias", "ServiceCredentialAlias", "ServiceCredentialAlias"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "ServiceName"),
    pub service_specific_credential_id: Option<String> = ("ServiceSpecificCredentialId", "ServiceSpecificCredentialId", "ServiceSpecificCredentialId"),
    pub service_user_name: Option<String> = ("ServiceUserName", "ServiceUserName", "ServiceUserName"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct SetDefaultPolicyVersionRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub version_id: Option<String> = ("VersionId", "VersionId", "VersionId"),
}
}

crate::shape::shape! {
pub struct SigningCertificate {
    pub certificate_body: Option<String> = ("CertificateBody", "CertificateBody", "CertificateBody"),
    pub certificate_id: Option<String> = ("CertificateId", "CertificateId", "CertificateId"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub upload_date: Option<TimestampMs> = ("UploadDate", "UploadDate", "UploadDate"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct SimulateCustomPolicyRequest {
    pub action_names: Option<Vec<String>> = ("ActionNames", "ActionNames", "member", "ActionNames", "member"),
    pub caller_arn: Option<String> = ("CallerArn", "CallerArn", "CallerArn"),
    pub context_entries: Option<Vec<ContextEntry>> = ("ContextEntries", "ContextEntries", "member", "ContextEntries", "member"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub permissions_boundary_policy_input_list: Option<Vec<String>> = ("PermissionsBoundaryPolicyInputList", "PermissionsBoundaryPolicyInputList", "member", "PermissionsBoundaryPolicyInputList", "member"),
    pub policy_input_list: Option<Vec<String>> = ("PolicyInputList", "PolicyInputList", "member", "PolicyInputList", "member"),
    pub resource_arns: Option<Vec<String>> = ("ResourceArns", "ResourceArns", "member", "ResourceArns", "member"),
    pub resource_handling_option: Option<String> = ("ResourceHandlingOption", "ResourceHandlingOption", "ResourceHandlingOption"),
    pub resource_owner: Option<String> = ("ResourceOwner", "ResourceOwner", "ResourceOwner"),
    pub resource_policy: Option<String> = ("ResourcePolicy", "ResourcePolicy", "ResourcePolicy"),
}
}

crate::shape::shape! {
pub struct SimulatePolicyResponse {
    pub evaluation_results: Option<Vec<EvaluationResult>> = ("EvaluationResults", "EvaluationResults", "member", "EvaluationResults", "member"),
    pub is_truncated: Option<bool> = ("IsTruncated", "IsTruncated", "IsTruncated"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct SimulatePrincipalPolicyRequest {
    pub action_names: Option<Vec<String>> = ("ActionNames", "ActionNames", "member", "ActionNames", "member"),
    pub caller_arn: Option<String> = ("CallerArn", "CallerArn", "CallerArn"),
    pub context_entries: Option<Vec<ContextEntry>> = ("ContextEntries", "ContextEntries", "member", "ContextEntries", "member"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub max_items: Option<i32> = ("MaxItems", "MaxItems", "MaxItems"),
    pub permissions_boundary_policy_input_list: Option<Vec<String>> = ("PermissionsBoundaryPolicyInputList", "PermissionsBoundaryPolicyInputList", "member", "PermissionsBoundaryPolicyInputList", "member"),
    pub policy_input_list: Option<Vec<String>> = ("PolicyInputList", "PolicyInputList", "member", "PolicyInputList", "member"),
    pub policy_source_arn: Option<String> = ("PolicySourceArn", "PolicySourceArn", "PolicySourceArn"),
    pub resource_arns: Option<Vec<String>> = ("ResourceArns", "ResourceArns", "member", "ResourceArns", "member"),
    pub resource_handling_option: Option<String> = ("ResourceHandlingOption", "ResourceHandlingOption", "ResourceHandlingOption"),
    pub resource_owner: Option<String> = ("ResourceOwner", "ResourceOwner", "ResourceOwner"),
    pub resource_policy: Option<String> = ("ResourcePolicy", "ResourcePolicy", "ResourcePolicy"),
}
}

crate::shape::shape! {
pub struct Statement {
    pub end_position: Option<Position> = ("EndPosition", "EndPosition", "EndPosition"),
    pub source_policy_id: Option<String> = ("SourcePolicyId", "SourcePolicyId", "SourcePolicyId"),
    pub source_policy_type: Option<String> = ("SourcePolicyType", "SourcePolicyType", "SourcePolicyType"),
    pub start_position: Option<Position> = ("StartPosition", "StartPosition", "StartPosition"),
}
}

crate::shape::shape! {
pub struct Tag {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct TagInstanceProfileRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct TagOpenIDConnectProviderRequest {
    pub open_id_connect_provider_arn: Option<String> = ("OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "OpenIDConnectProviderArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct TagPolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct TagRoleRequest {
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct TagUserRequest {
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UntagInstanceProfileRequest {
    pub instance_profile_name: Option<String> = ("InstanceProfileName", "InstanceProfileName", "InstanceProfileName"),
    pub tag_keys: Option<Vec<String>> = ("TagKeys", "TagKeys", "member", "TagKeys", "member"),
}
}

crate::shape::shape! {
pub struct UntagPolicyRequest {
    pub policy_arn: Option<String> = ("PolicyArn", "PolicyArn", "PolicyArn"),
    pub tag_keys: Option<Vec<String>> = ("TagKeys", "TagKeys", "member", "TagKeys", "member"),
}
}

crate::shape::shape! {
pub struct UntagRoleRequest {
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
    pub tag_keys: Option<Vec<String>> = ("TagKeys", "TagKeys", "member", "TagKeys", "member"),
}
}

crate::shape::shape! {
pub struct UntagUserRequest {
    pub tag_keys: Option<Vec<String>> = ("TagKeys", "TagKeys", "member", "TagKeys", "member"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UpdateAccessKeyRequest {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UpdateAccountPasswordPolicyRequest {
    pub allow_users_to_change_password: Option<bool> = ("AllowUsersToChangePassword", "AllowUsersToChangePassword", "AllowUsersToChangePassword"),
    pub hard_expiry: Option<bool> = ("HardExpiry", "HardExpiry", "HardExpiry"),
    pub max_password_age: Option<i32> = ("MaxPasswordAge", "MaxPasswordAge", "MaxPasswordAge"),
    pub minimum_password_length: Option<i32> = ("MinimumPasswordLength", "MinimumPasswordLength", "MinimumPasswordLength"),
    pub password_reuse_prevention: Option<i32> = ("PasswordReusePrevention", "PasswordReusePrevention", "PasswordReusePrevention"),
    pub require_lowercase_characters: Option<bool> = ("RequireLowercaseCharacters", "RequireLowercaseCharacters", "RequireLowercaseCharacters"),
    pub require_numbers: Option<bool> = ("RequireNumbers", "RequireNumbers", "RequireNumbers"),
    pub require_symbols: Option<bool> = ("RequireSymbols", "RequireSymbols", "RequireSymbols"),
    pub require_uppercase_characters: Option<bool> = ("RequireUppercaseCharacters", "RequireUppercaseCharacters", "RequireUppercaseCharacters"),
}
}

crate::shape::shape! {
pub struct UpdateAssumeRolePolicyRequest {
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct UpdateGroupRequest {
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub new_group_name: Option<String> = ("NewGroupName", "NewGroupName", "NewGroupName"),
    pub new_path: Option<String> = ("NewPath", "NewPath", "NewPath"),
}
}

crate::shape::shape! {
pub struct UpdateLoginProfileRequest {
    pub password: Option<String> = ("Password", "Password", "Password"),
    pub password_reset_required: Option<bool> = ("PasswordResetRequired", "PasswordResetRequired", "PasswordResetRequired"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UpdateOpenIDConnectProviderThumbprintRequest {
    pub open_id_connect_provider_arn: Option<String> = ("OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "OpenIDConnectProviderArn"),
    pub thumbprint_list: Option<Vec<String>> = ("ThumbprintList", "ThumbprintList", "member", "ThumbprintList", "member"),
}
}

crate::shape::shape! {
pub struct UpdateRoleDescriptionRequest {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct UpdateRoleDescriptionResponse {
    pub role: Option<Role> = ("Role", "Role", "Role"),
}
}

crate::shape::shape! {
pub struct UpdateRoleRequest {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub max_session_duration: Option<i32> = ("MaxSessionDuration", "MaxSessionDuration", "MaxSessionDuration"),
    pub role_name: Option<String> = ("RoleName", "RoleName", "RoleName"),
}
}

crate::shape::shape! {
pub struct UpdateRoleResponse {
}
}

crate::shape::shape! {
pub struct UpdateSAMLProviderRequest {
    pub add_private_key: Option<String> = ("AddPrivateKey", "AddPrivateKey", "AddPrivateKey"),
    pub assertion_encryption_mode: Option<String> = ("AssertionEncryptionMode", "AssertionEncryptionMode", "AssertionEncryptionMode"),
    pub remove_private_key: Option<String> = ("RemovePrivateKey", "RemovePrivateKey", "RemovePrivateKey"),
    pub saml_metadata_document: Option<String> = ("SAMLMetadataDocument", "SAMLMetadataDocument", "SAMLMetadataDocument"),
    pub saml_provider_arn: Option<String> = ("SAMLProviderArn", "SAMLProviderArn", "SAMLProviderArn"),
}
}

crate::shape::shape! {
pub struct UpdateSAMLProviderResponse {
    pub saml_provider_arn: Option<String> = ("SAMLProviderArn", "SAMLProviderArn", "SAMLProviderArn"),
}
}

crate::shape::shape! {
pub struct UpdateSSHPublicKeyRequest {
    pub ssh_public_key_id: Option<String> = ("SSHPublicKeyId", "SSHPublicKeyId", "SSHPublicKeyId"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UpdateServerCertificateRequest {
    pub new_path: Option<String> = ("NewPath", "NewPath", "NewPath"),
    pub new_server_certificate_name: Option<String> = ("NewServerCertificateName", "NewServerCertificateName", "NewServerCertificateName"),
    pub server_certificate_name: Option<String> = ("ServerCertificateName", "ServerCertificateName", "ServerCertificateName"),
}
}

crate::shape::shape! {
pub struct UpdateUserRequest {
    pub new_path: Option<String> = ("NewPath", "NewPath", "NewPath"),
    pub new_user_name: Option<String> = ("NewUserName", "NewUserName", "NewUserName"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UploadSSHPublicKeyRequest {
    pub ssh_public_key_body: Option<String> = ("SSHPublicKeyBody", "SSHPublicKeyBody", "SSHPublicKeyBody"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UploadSSHPublicKeyResponse {
    pub ssh_public_key: Option<SSHPublicKey> = ("SSHPublicKey", "SSHPublicKey", "SSHPublicKey"),
}
}

crate::shape::shape! {
pub struct UploadServerCertificateRequest {
    pub certificate_body: Option<String> = ("CertificateBody", "CertificateBody", "CertificateBody"),
    pub certificate_chain: Option<String> = ("CertificateChain", "CertificateChain", "CertificateChain"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub private_key: Option<String> = ("PrivateKey", "PrivateKey", "PrivateKey"),
    pub server_certificate_name: Option<String> = ("ServerCertificateName", "ServerCertificateName", "ServerCertificateName"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct UploadServerCertificateResponse {
    pub server_certificate_metadata: Option<ServerCertificateMetadata> = ("ServerCertificateMetadata", "ServerCertificateMetadata", "ServerCertificateMetadata"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct User {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub password_last_used: Option<TimestampMs> = ("PasswordLastUsed", "PasswordLastUsed", "PasswordLastUsed"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary: Option<AttachedPermissionsBoundary> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub user_id: Option<String> = ("UserId", "UserId", "UserId"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
}
}

crate::shape::shape! {
pub struct UserDetail {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub attached_managed_policies: Option<Vec<AttachedPolicy>> = ("AttachedManagedPolicies", "AttachedManagedPolicies", "member", "AttachedManagedPolicies", "member"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "CreateDate"),
    pub group_list: Option<Vec<String>> = ("GroupList", "GroupList", "member", "GroupList", "member"),
    pub path: Option<String> = ("Path", "Path", "Path"),
    pub permissions_boundary: Option<AttachedPermissionsBoundary> = ("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub user_id: Option<String> = ("UserId", "UserId", "UserId"),
    pub user_name: Option<String> = ("UserName", "UserName", "UserName"),
    pub user_policy_list: Option<Vec<PolicyDetail>> = ("UserPolicyList", "UserPolicyList", "member", "UserPolicyList", "member"),
}
}

crate::shape::shape! {
pub struct VirtualMFADevice {
    pub base32_string_seed: Option<Vec<u8>> = ("Base32StringSeed", "Base32StringSeed", "Base32StringSeed"),
    pub enable_date: Option<TimestampMs> = ("EnableDate", "EnableDate", "EnableDate"),
    pub qr_code_png: Option<Vec<u8>> = ("QRCodePNG", "QRCodePNG", "QRCodePNG"),
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub user: Option<User> = ("User", "User", "User"),
}
}
