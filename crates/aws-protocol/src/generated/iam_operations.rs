//! Operations of iam.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::iam_shapes::*;
use crate::{Operation, Paginator, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "iam",
    protocol: Protocol::Query,
    version: "2010-05-08",
    xml_namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    target_prefix: "",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &CREATE_USER,
    &GET_USER,
    &LIST_USERS,
    &UPDATE_USER,
    &DELETE_USER,
    &TAG_USER,
    &UNTAG_USER,
    &LIST_USER_TAGS,
    &CREATE_ACCESS_KEY,
    &LIST_ACCESS_KEYS,
    &UPDATE_ACCESS_KEY,
    &DELETE_ACCESS_KEY,
    &GET_ACCESS_KEY_LAST_USED,
    &CREATE_LOGIN_PROFILE,
    &GET_LOGIN_PROFILE,
    &UPDATE_LOGIN_PROFILE,
    &DELETE_LOGIN_PROFILE,
    &PUT_USER_POLICY,
    &GET_USER_POLICY,
    &LIST_USER_POLICIES,
    &DELETE_USER_POLICY,
    &ATTACH_USER_POLICY,
    &DETACH_USER_POLICY,
    &LIST_ATTACHED_USER_POLICIES,
    &CREATE_GROUP,
    &GET_GROUP,
    &LIST_GROUPS,
    &UPDATE_GROUP,
    &DELETE_GROUP,
    &ADD_USER_TO_GROUP,
    &REMOVE_USER_FROM_GROUP,
    &LIST_GROUPS_FOR_USER,
    &PUT_GROUP_POLICY,
    &GET_GROUP_POLICY,
    &LIST_GROUP_POLICIES,
    &DELETE_GROUP_POLICY,
    &ATTACH_GROUP_POLICY,
    &DETACH_GROUP_POLICY,
    &LIST_ATTACHED_GROUP_POLICIES,
    &CREATE_ROLE,
    &GET_ROLE,
    &LIST_ROLES,
    &UPDATE_ROLE,
    &UPDATE_ROLE_DESCRIPTION,
    &DELETE_ROLE,
    &UPDATE_ASSUME_ROLE_POLICY,
    &TAG_ROLE,
    &UNTAG_ROLE,
    &LIST_ROLE_TAGS,
    &PUT_ROLE_POLICY,
    &GET_ROLE_POLICY,
    &LIST_ROLE_POLICIES,
    &DELETE_ROLE_POLICY,
    &ATTACH_ROLE_POLICY,
    &DETACH_ROLE_POLICY,
    &LIST_ATTACHED_ROLE_POLICIES,
    &PUT_ROLE_PERMISSIONS_BOUNDARY,
    &DELETE_ROLE_PERMISSIONS_BOUNDARY,
    &PUT_USER_PERMISSIONS_BOUNDARY,
    &DELETE_USER_PERMISSIONS_BOUNDARY,
    &CREATE_POLICY,
    &GET_POLICY,
    &LIST_POLICIES,
    &DELETE_POLICY,
    &CREATE_POLICY_VERSION,
    &GET_POLICY_VERSION,
    &LIST_POLICY_VERSIONS,
    &SET_DEFAULT_POLICY_VERSION,
    &DELETE_POLICY_VERSION,
    &LIST_ENTITIES_FOR_POLICY,
    &TAG_POLICY,
    &UNTAG_POLICY,
    &LIST_POLICY_TAGS,
    &CREATE_INSTANCE_PROFILE,
    &GET_INSTANCE_PROFILE,
    &LIST_INSTANCE_PROFILES,
    &DELETE_INSTANCE_PROFILE,
    &ADD_ROLE_TO_INSTANCE_PROFILE,
    &REMOVE_ROLE_FROM_INSTANCE_PROFILE,
    &LIST_INSTANCE_PROFILES_FOR_ROLE,
    &TAG_INSTANCE_PROFILE,
    &UNTAG_INSTANCE_PROFILE,
    &LIST_INSTANCE_PROFILE_TAGS,
    &GET_ACCOUNT_SUMMARY,
    &CREATE_ACCOUNT_ALIAS,
    &LIST_ACCOUNT_ALIASES,
    &DELETE_ACCOUNT_ALIAS,
    &LIST_SIGNING_CERTIFICATES,
    &LIST_MFA_DEVICES,
    &LIST_SSH_PUBLIC_KEYS,
    &LIST_SERVICE_SPECIFIC_CREDENTIALS,
    &LIST_VIRTUAL_MFA_DEVICES,
    &SIMULATE_PRINCIPAL_POLICY,
    &SIMULATE_CUSTOM_POLICY,
    &GET_CONTEXT_KEYS_FOR_CUSTOM_POLICY,
    &GET_CONTEXT_KEYS_FOR_PRINCIPAL_POLICY,
    &GET_ACCOUNT_AUTHORIZATION_DETAILS,
    &GET_ACCOUNT_PASSWORD_POLICY,
    &UPDATE_ACCOUNT_PASSWORD_POLICY,
    &DELETE_ACCOUNT_PASSWORD_POLICY,
    &CHANGE_PASSWORD,
    &CREATE_SERVICE_LINKED_ROLE,
    &DELETE_SERVICE_LINKED_ROLE,
    &GET_SERVICE_LINKED_ROLE_DELETION_STATUS,
    &GENERATE_CREDENTIAL_REPORT,
    &GET_CREDENTIAL_REPORT,
    &CREATE_OPEN_ID_CONNECT_PROVIDER,
    &GET_OPEN_ID_CONNECT_PROVIDER,
    &LIST_OPEN_ID_CONNECT_PROVIDERS,
    &DELETE_OPEN_ID_CONNECT_PROVIDER,
    &UPDATE_OPEN_ID_CONNECT_PROVIDER_THUMBPRINT,
    &ADD_CLIENT_ID_TO_OPEN_ID_CONNECT_PROVIDER,
    &REMOVE_CLIENT_ID_FROM_OPEN_ID_CONNECT_PROVIDER,
    &TAG_OPEN_ID_CONNECT_PROVIDER,
    &CREATE_SAML_PROVIDER,
    &GET_SAML_PROVIDER,
    &LIST_SAML_PROVIDERS,
    &DELETE_SAML_PROVIDER,
    &UPDATE_SAML_PROVIDER,
    &UPLOAD_SERVER_CERTIFICATE,
    &GET_SERVER_CERTIFICATE,
    &LIST_SERVER_CERTIFICATES,
    &DELETE_SERVER_CERTIFICATE,
    &UPDATE_SERVER_CERTIFICATE,
    &CREATE_VIRTUAL_MFA_DEVICE,
    &ENABLE_MFA_DEVICE,
    &DEACTIVATE_MFA_DEVICE,
    &DELETE_VIRTUAL_MFA_DEVICE,
    &RESYNC_MFA_DEVICE,
    &UPLOAD_SSH_PUBLIC_KEY,
    &GET_SSH_PUBLIC_KEY,
    &UPDATE_SSH_PUBLIC_KEY,
    &DELETE_SSH_PUBLIC_KEY,
];

pub static CREATE_USER: Operation = Operation {
    name: "CreateUser",
    service: &SERVICE,
    input: "CreateUserRequest",
    output: Some("CreateUserResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "Path",
        "PermissionsBoundary",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "UserName",
    ],
};

impl Request for CreateUserRequest {
    type Reply = CreateUserResponse;
    fn operation() -> &'static Operation {
        &CREATE_USER
    }
}

pub static GET_USER: Operation = Operation {
    name: "GetUser",
    service: &SERVICE,
    input: "GetUserRequest",
    output: Some("GetUserResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "UserName",
    ],
};

impl Request for GetUserRequest {
    type Reply = GetUserResponse;
    fn operation() -> &'static Operation {
        &GET_USER
    }
}

pub static LIST_USERS: Operation = Operation {
    name: "ListUsers",
    service: &SERVICE,
    input: "ListUsersRequest",
    output: Some("ListUsersResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Users"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "PathPrefix",
    ],
};

impl Request for ListUsersRequest {
    type Reply = ListUsersResponse;
    fn operation() -> &'static Operation {
        &LIST_USERS
    }
}

pub static UPDATE_USER: Operation = Operation {
    name: "UpdateUser",
    service: &SERVICE,
    input: "UpdateUserRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "NewPath",
        "NewUserName",
        "UserName",
    ],
};

impl Request for UpdateUserRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_USER
    }
}

pub static DELETE_USER: Operation = Operation {
    name: "DeleteUser",
    service: &SERVICE,
    input: "DeleteUserRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "UserName",
    ],
};

impl Request for DeleteUserRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_USER
    }
}

pub static TAG_USER: Operation = Operation {
    name: "TagUser",
    service: &SERVICE,
    input: "TagUserRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Tags", "UserName"],
    members: &[
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "UserName",
    ],
};

impl Request for TagUserRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &TAG_USER
    }
}

pub static UNTAG_USER: Operation = Operation {
    name: "UntagUser",
    service: &SERVICE,
    input: "UntagUserRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TagKeys", "UserName"],
    members: &[
        "TagKeys.member.N",
        "UserName",
    ],
};

impl Request for UntagUserRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UNTAG_USER
    }
}

pub static LIST_USER_TAGS: Operation = Operation {
    name: "ListUserTags",
    service: &SERVICE,
    input: "ListUserTagsRequest",
    output: Some("ListUserTagsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Tags"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "Marker",
        "MaxItems",
        "UserName",
    ],
};

impl Request for ListUserTagsRequest {
    type Reply = ListUserTagsResponse;
    fn operation() -> &'static Operation {
        &LIST_USER_TAGS
    }
}

pub static CREATE_ACCESS_KEY: Operation = Operation {
    name: "CreateAccessKey",
    service: &SERVICE,
    input: "CreateAccessKeyRequest",
    output: Some("CreateAccessKeyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "UserName",
    ],
};

impl Request for CreateAccessKeyRequest {
    type Reply = CreateAccessKeyResponse;
    fn operation() -> &'static Operation {
        &CREATE_ACCESS_KEY
    }
}

pub static LIST_ACCESS_KEYS: Operation = Operation {
    name: "ListAccessKeys",
    service: &SERVICE,
    input: "ListAccessKeysRequest",
    output: Some("ListAccessKeysResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["AccessKeyMetadata"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "UserName",
    ],
};

impl Request for ListAccessKeysRequest {
    type Reply = ListAccessKeysResponse;
    fn operation() -> &'static Operation {
        &LIST_ACCESS_KEYS
    }
}

pub static UPDATE_ACCESS_KEY: Operation = Operation {
    name: "UpdateAccessKey",
    service: &SERVICE,
    input: "UpdateAccessKeyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AccessKeyId", "Status"],
    members: &[
        "AccessKeyId",
        "Status",
        "UserName",
    ],
};

impl Request for UpdateAccessKeyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_ACCESS_KEY
    }
}

pub static DELETE_ACCESS_KEY: Operation = Operation {
    name: "DeleteAccessKey",
    service: &SERVICE,
    input: "DeleteAccessKeyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AccessKeyId"],
    members: &[
        "AccessKeyId",
        "UserName",
    ],
};

impl Request for DeleteAccessKeyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ACCESS_KEY
    }
}

pub static GET_ACCESS_KEY_LAST_USED: Operation = Operation {
    name: "GetAccessKeyLastUsed",
    service: &SERVICE,
    input: "GetAccessKeyLastUsedRequest",
    output: Some("GetAccessKeyLastUsedResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AccessKeyId"],
    members: &[
        "AccessKeyId",
    ],
};

impl Request for GetAccessKeyLastUsedRequest {
    type Reply = GetAccessKeyLastUsedResponse;
    fn operation() -> &'static Operation {
        &GET_ACCESS_KEY_LAST_USED
    }
}

pub static CREATE_LOGIN_PROFILE: Operation = Operation {
    name: "CreateLoginProfile",
    service: &SERVICE,
    input: "CreateLoginProfileRequest",
    output: Some("CreateLoginProfileResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Password",
        "PasswordResetRequired",
        "UserName",
    ],
};

impl Request for CreateLoginProfileRequest {
    type Reply = CreateLoginProfileResponse;
    fn operation() -> &'static Operation {
        &CREATE_LOGIN_PROFILE
    }
}

pub static GET_LOGIN_PROFILE: Operation = Operation {
    name: "GetLoginProfile",
    service: &SERVICE,
    input: "GetLoginProfileRequest",
    output: Some("GetLoginProfileResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "UserName",
    ],
};

impl Request for GetLoginProfileRequest {
    type Reply = GetLoginProfileResponse;
    fn operation() -> &'static Operation {
        &GET_LOGIN_PROFILE
    }
}

pub static UPDATE_LOGIN_PROFILE: Operation = Operation {
    name: "UpdateLoginProfile",
    service: &SERVICE,
    input: "UpdateLoginProfileRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "Password",
        "PasswordResetRequired",
        "UserName",
    ],
};

impl Request for UpdateLoginProfileRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_LOGIN_PROFILE
    }
}

pub static DELETE_LOGIN_PROFILE: Operation = Operation {
    name: "DeleteLoginProfile",
    service: &SERVICE,
    input: "DeleteLoginProfileRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "UserName",
    ],
};

impl Request for DeleteLoginProfileRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_LOGIN_PROFILE
    }
}

pub static PUT_USER_POLICY: Operation = Operation {
    name: "PutUserPolicy",
    service: &SERVICE,
    input: "PutUserPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyDocument", "PolicyName", "UserName"],
    members: &[
        "PolicyDocument",
        "PolicyName",
        "UserName",
    ],
};

impl Request for PutUserPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &PUT_USER_POLICY
    }
}

pub static GET_USER_POLICY: Operation = Operation {
    name: "GetUserPolicy",
    service: &SERVICE,
    input: "GetUserPolicyRequest",
    output: Some("GetUserPolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyName", "UserName"],
    members: &[
        "PolicyName",
        "UserName",
    ],
};

impl Request for GetUserPolicyRequest {
    type Reply = GetUserPolicyResponse;
    fn operation() -> &'static Operation {
        &GET_USER_POLICY
    }
}

pub static LIST_USER_POLICIES: Operation = Operation {
    name: "ListUserPolicies",
    service: &SERVICE,
    input: "ListUserPoliciesRequest",
    output: Some("ListUserPoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["PolicyNames"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "Marker",
        "MaxItems",
        "UserName",
    ],
};

impl Request for ListUserPoliciesRequest {
    type Reply = ListUserPoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_USER_POLICIES
    }
}

pub static DELETE_USER_POLICY: Operation = Operation {
    name: "DeleteUserPolicy",
    service: &SERVICE,
    input: "DeleteUserPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyName", "UserName"],
    members: &[
        "PolicyName",
        "UserName",
    ],
};

impl Request for DeleteUserPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_USER_POLICY
    }
}

pub static ATTACH_USER_POLICY: Operation = Operation {
    name: "AttachUserPolicy",
    service: &SERVICE,
    input: "AttachUserPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "UserName"],
    members: &[
        "PolicyArn",
        "UserName",
    ],
};

impl Request for AttachUserPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ATTACH_USER_POLICY
    }
}

pub static DETACH_USER_POLICY: Operation = Operation {
    name: "DetachUserPolicy",
    service: &SERVICE,
    input: "DetachUserPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "UserName"],
    members: &[
        "PolicyArn",
        "UserName",
    ],
};

impl Request for DetachUserPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DETACH_USER_POLICY
    }
}

pub static LIST_ATTACHED_USER_POLICIES: Operation = Operation {
    name: "ListAttachedUserPolicies",
    service: &SERVICE,
    input: "ListAttachedUserPoliciesRequest",
    output: Some("ListAttachedUserPoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["AttachedPolicies"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "Marker",
        "MaxItems",
        "PathPrefix",
        "UserName",
    ],
};

impl Request for ListAttachedUserPoliciesRequest {
    type Reply = ListAttachedUserPoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_ATTACHED_USER_POLICIES
    }
}

pub static CREATE_GROUP: Operation = Operation {
    name: "CreateGroup",
    service: &SERVICE,
    input: "CreateGroupRequest",
    output: Some("CreateGroupResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName"],
    members: &[
        "GroupName",
        "Path",
    ],
};

impl Request for CreateGroupRequest {
    type Reply = CreateGroupResponse;
    fn operation() -> &'static Operation {
        &CREATE_GROUP
    }
}

pub static GET_GROUP: Operation = Operation {
    name: "GetGroup",
    service: &SERVICE,
    input: "GetGroupRequest",
    output: Some("GetGroupResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Users"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName"],
    members: &[
        "GroupName",
        "Marker",
        "MaxItems",
    ],
};

impl Request for GetGroupRequest {
    type Reply = GetGroupResponse;
    fn operation() -> &'static Operation {
        &GET_GROUP
    }
}

pub static LIST_GROUPS: Operation = Operation {
    name: "ListGroups",
    service: &SERVICE,
    input: "ListGroupsRequest",
    output: Some("ListGroupsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Groups"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "PathPrefix",
    ],
};

impl Request for ListGroupsRequest {
    type Reply = ListGroupsResponse;
    fn operation() -> &'static Operation {
        &LIST_GROUPS
    }
}

pub static UPDATE_GROUP: Operation = Operation {
    name: "UpdateGroup",
    service: &SERVICE,
    input: "UpdateGroupRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName"],
    members: &[
        "GroupName",
        "NewGroupName",
        "NewPath",
    ],
};

impl Request for UpdateGroupRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_GROUP
    }
}

pub static DELETE_GROUP: Operation = Operation {
    name: "DeleteGroup",
    service: &SERVICE,
    input: "DeleteGroupRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName"],
    members: &[
        "GroupName",
    ],
};

impl Request for DeleteGroupRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_GROUP
    }
}

pub static ADD_USER_TO_GROUP: Operation = Operation {
    name: "AddUserToGroup",
    service: &SERVICE,
    input: "AddUserToGroupRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName", "UserName"],
    members: &[
        "GroupName",
        "UserName",
    ],
};

impl Request for AddUserToGroupRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ADD_USER_TO_GROUP
    }
}

pub static REMOVE_USER_FROM_GROUP: Operation = Operation {
    name: "RemoveUserFromGroup",
    service: &SERVICE,
    input: "RemoveUserFromGroupRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName", "UserName"],
    members: &[
        "GroupName",
        "UserName",
    ],
};

impl Request for RemoveUserFromGroupRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REMOVE_USER_FROM_GROUP
    }
}

pub static LIST_GROUPS_FOR_USER: Operation = Operation {
    name: "ListGroupsForUser",
    service: &SERVICE,
    input: "ListGroupsForUserRequest",
    output: Some("ListGroupsForUserResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Groups"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "Marker",
        "MaxItems",
        "UserName",
    ],
};

impl Request for ListGroupsForUserRequest {
    type Reply = ListGroupsForUserResponse;
    fn operation() -> &'static Operation {
        &LIST_GROUPS_FOR_USER
    }
}

pub static PUT_GROUP_POLICY: Operation = Operation {
    name: "PutGroupPolicy",
    service: &SERVICE,
    input: "PutGroupPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName", "PolicyDocument", "PolicyName"],
    members: &[
        "GroupName",
        "PolicyDocument",
        "PolicyName",
    ],
};

impl Request for PutGroupPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &PUT_GROUP_POLICY
    }
}

pub static GET_GROUP_POLICY: Operation = Operation {
    name: "GetGroupPolicy",
    service: &SERVICE,
    input: "GetGroupPolicyRequest",
    output: Some("GetGroupPolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName", "PolicyName"],
    members: &[
        "GroupName",
        "PolicyName",
    ],
};

impl Request for GetGroupPolicyRequest {
    type Reply = GetGroupPolicyResponse;
    fn operation() -> &'static Operation {
        &GET_GROUP_POLICY
    }
}

pub static LIST_GROUP_POLICIES: Operation = Operation {
    name: "ListGroupPolicies",
    service: &SERVICE,
    input: "ListGroupPoliciesRequest",
    output: Some("ListGroupPoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["PolicyNames"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName"],
    members: &[
        "GroupName",
        "Marker",
        "MaxItems",
    ],
};

impl Request for ListGroupPoliciesRequest {
    type Reply = ListGroupPoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_GROUP_POLICIES
    }
}

pub static DELETE_GROUP_POLICY: Operation = Operation {
    name: "DeleteGroupPolicy",
    service: &SERVICE,
    input: "DeleteGroupPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName", "PolicyName"],
    members: &[
        "GroupName",
        "PolicyName",
    ],
};

impl Request for DeleteGroupPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_GROUP_POLICY
    }
}

pub static ATTACH_GROUP_POLICY: Operation = Operation {
    name: "AttachGroupPolicy",
    service: &SERVICE,
    input: "AttachGroupPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName", "PolicyArn"],
    members: &[
        "GroupName",
        "PolicyArn",
    ],
};

impl Request for AttachGroupPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ATTACH_GROUP_POLICY
    }
}

pub static DETACH_GROUP_POLICY: Operation = Operation {
    name: "DetachGroupPolicy",
    service: &SERVICE,
    input: "DetachGroupPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName", "PolicyArn"],
    members: &[
        "GroupName",
        "PolicyArn",
    ],
};

impl Request for DetachGroupPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DETACH_GROUP_POLICY
    }
}

pub static LIST_ATTACHED_GROUP_POLICIES: Operation = Operation {
    name: "ListAttachedGroupPolicies",
    service: &SERVICE,
    input: "ListAttachedGroupPoliciesRequest",
    output: Some("ListAttachedGroupPoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["AttachedPolicies"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName"],
    members: &[
        "GroupName",
        "Marker",
        "MaxItems",
        "PathPrefix",
    ],
};

impl Request for ListAttachedGroupPoliciesRequest {
    type Reply = ListAttachedGroupPoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_ATTACHED_GROUP_POLICIES
    }
}

pub static CREATE_ROLE: Operation = Operation {
    name: "CreateRole",
    service: &SERVICE,
    input: "CreateRoleRequest",
    output: Some("CreateRoleResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssumeRolePolicyDocument", "RoleName"],
    members: &[
        "AssumeRolePolicyDocument",
        "Description",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "RoleName",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for CreateRoleRequest {
    type Reply = CreateRoleResponse;
    fn operation() -> &'static Operation {
        &CREATE_ROLE
    }
}

pub static GET_ROLE: Operation = Operation {
    name: "GetRole",
    service: &SERVICE,
    input: "GetRoleRequest",
    output: Some("GetRoleResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "RoleName",
    ],
};

impl Request for GetRoleRequest {
    type Reply = GetRoleResponse;
    fn operation() -> &'static Operation {
        &GET_ROLE
    }
}

pub static LIST_ROLES: Operation = Operation {
    name: "ListRoles",
    service: &SERVICE,
    input: "ListRolesRequest",
    output: Some("ListRolesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Roles"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "PathPrefix",
    ],
};

impl Request for ListRolesRequest {
    type Reply = ListRolesResponse;
    fn operation() -> &'static Operation {
        &LIST_ROLES
    }
}

pub static UPDATE_ROLE: Operation = Operation {
    name: "UpdateRole",
    service: &SERVICE,
    input: "UpdateRoleRequest",
    output: Some("UpdateRoleResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "Description",
        "MaxSessionDuration",
        "RoleName",
    ],
};

impl Request for UpdateRoleRequest {
    type Reply = UpdateRoleResponse;
    fn operation() -> &'static Operation {
        &UPDATE_ROLE
    }
}

pub static UPDATE_ROLE_DESCRIPTION: Operation = Operation {
    name: "UpdateRoleDescription",
    service: &SERVICE,
    input: "UpdateRoleDescriptionRequest",
    output: Some("UpdateRoleDescriptionResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Description", "RoleName"],
    members: &[
        "Description",
        "RoleName",
    ],
};

impl Request for UpdateRoleDescriptionRequest {
    type Reply = UpdateRoleDescriptionResponse;
    fn operation() -> &'static Operation {
        &UPDATE_ROLE_DESCRIPTION
    }
}

pub static DELETE_ROLE: Operation = Operation {
    name: "DeleteRole",
    service: &SERVICE,
    input: "DeleteRoleRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "RoleName",
    ],
};

impl Request for DeleteRoleRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ROLE
    }
}

pub static UPDATE_ASSUME_ROLE_POLICY: Operation = Operation {
    name: "UpdateAssumeRolePolicy",
    service: &SERVICE,
    input: "UpdateAssumeRolePolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyDocument", "RoleName"],
    members: &[
        "PolicyDocument",
        "RoleName",
    ],
};

impl Request for UpdateAssumeRolePolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_ASSUME_ROLE_POLICY
    }
}

pub static TAG_ROLE: Operation = Operation {
    name: "TagRole",
    service: &SERVICE,
    input: "TagRoleRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName", "Tags"],
    members: &[
        "RoleName",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for TagRoleRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &TAG_ROLE
    }
}

pub static UNTAG_ROLE: Operation = Operation {
    name: "UntagRole",
    service: &SERVICE,
    input: "UntagRoleRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName", "TagKeys"],
    members: &[
        "RoleName",
        "TagKeys.member.N",
    ],
};

impl Request for UntagRoleRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UNTAG_ROLE
    }
}

pub static LIST_ROLE_TAGS: Operation = Operation {
    name: "ListRoleTags",
    service: &SERVICE,
    input: "ListRoleTagsRequest",
    output: Some("ListRoleTagsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Tags"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "Marker",
        "MaxItems",
        "RoleName",
    ],
};

impl Request for ListRoleTagsRequest {
    type Reply = ListRoleTagsResponse;
    fn operation() -> &'static Operation {
        &LIST_ROLE_TAGS
    }
}

pub static PUT_ROLE_POLICY: Operation = Operation {
    name: "PutRolePolicy",
    service: &SERVICE,
    input: "PutRolePolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyDocument", "PolicyName", "RoleName"],
    members: &[
        "PolicyDocument",
        "PolicyName",
        "RoleName",
    ],
};

impl Request for PutRolePolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &PUT_ROLE_POLICY
    }
}

pub static GET_ROLE_POLICY: Operation = Operation {
    name: "GetRolePolicy",
    service: &SERVICE,
    input: "GetRolePolicyRequest",
    output: Some("GetRolePolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyName", "RoleName"],
    members: &[
        "PolicyName",
        "RoleName",
    ],
};

impl Request for GetRolePolicyRequest {
    type Reply = GetRolePolicyResponse;
    fn operation() -> &'static Operation {
        &GET_ROLE_POLICY
    }
}

pub static LIST_ROLE_POLICIES: Operation = Operation {
    name: "ListRolePolicies",
    service: &SERVICE,
    input: "ListRolePoliciesRequest",
    output: Some("ListRolePoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["PolicyNames"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "Marker",
        "MaxItems",
        "RoleName",
    ],
};

impl Request for ListRolePoliciesRequest {
    type Reply = ListRolePoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_ROLE_POLICIES
    }
}

pub static DELETE_ROLE_POLICY: Operation = Operation {
    name: "DeleteRolePolicy",
    service: &SERVICE,
    input: "DeleteRolePolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyName", "RoleName"],
    members: &[
        "PolicyName",
        "RoleName",
    ],
};

impl Request for DeleteRolePolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ROLE_POLICY
    }
}

pub static ATTACH_ROLE_POLICY: Operation = Operation {
    name: "AttachRolePolicy",
    service: &SERVICE,
    input: "AttachRolePolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "RoleName"],
    members: &[
        "PolicyArn",
        "RoleName",
    ],
};

impl Request for AttachRolePolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ATTACH_ROLE_POLICY
    }
}

pub static DETACH_ROLE_POLICY: Operation = Operation {
    name: "DetachRolePolicy",
    service: &SERVICE,
    input: "DetachRolePolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "RoleName"],
    members: &[
        "PolicyArn",
        "RoleName",
    ],
};

impl Request for DetachRolePolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DETACH_ROLE_POLICY
    }
}

pub static LIST_ATTACHED_ROLE_POLICIES: Operation = Operation {
    name: "ListAttachedRolePolicies",
    service: &SERVICE,
    input: "ListAttachedRolePoliciesRequest",
    output: Some("ListAttachedRolePoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["AttachedPolicies"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "Marker",
        "MaxItems",
        "PathPrefix",
        "RoleName",
    ],
};

impl Request for ListAttachedRolePoliciesRequest {
    type Reply = ListAttachedRolePoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_ATTACHED_ROLE_POLICIES
    }
}

pub static PUT_ROLE_PERMISSIONS_BOUNDARY: Operation = Operation {
    name: "PutRolePermissionsBoundary",
    service: &SERVICE,
    input: "PutRolePermissionsBoundaryRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PermissionsBoundary", "RoleName"],
    members: &[
        "PermissionsBoundary",
        "RoleName",
    ],
};

impl Request for PutRolePermissionsBoundaryRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &PUT_ROLE_PERMISSIONS_BOUNDARY
    }
}

pub static DELETE_ROLE_PERMISSIONS_BOUNDARY: Operation = Operation {
    name: "DeleteRolePermissionsBoundary",
    service: &SERVICE,
    input: "DeleteRolePermissionsBoundaryRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "RoleName",
    ],
};

impl Request for DeleteRolePermissionsBoundaryRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ROLE_PERMISSIONS_BOUNDARY
    }
}

pub static PUT_USER_PERMISSIONS_BOUNDARY: Operation = Operation {
    name: "PutUserPermissionsBoundary",
    service: &SERVICE,
    input: "PutUserPermissionsBoundaryRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PermissionsBoundary", "UserName"],
    members: &[
        "PermissionsBoundary",
        "UserName",
    ],
};

impl Request for PutUserPermissionsBoundaryRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &PUT_USER_PERMISSIONS_BOUNDARY
    }
}

pub static DELETE_USER_PERMISSIONS_BOUNDARY: Operation = Operation {
    name: "DeleteUserPermissionsBoundary",
    service: &SERVICE,
    input: "DeleteUserPermissionsBoundaryRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["UserName"],
    members: &[
        "UserName",
    ],
};

impl Request for DeleteUserPermissionsBoundaryRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_USER_PERMISSIONS_BOUNDARY
    }
}

pub static CREATE_POLICY: Operation = Operation {
    name: "CreatePolicy",
    service: &SERVICE,
    input: "CreatePolicyRequest",
    output: Some("CreatePolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyDocument", "PolicyName"],
    members: &[
        "Description",
        "Path",
        "PolicyDocument",
        "PolicyName",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for CreatePolicyRequest {
    type Reply = CreatePolicyResponse;
    fn operation() -> &'static Operation {
        &CREATE_POLICY
    }
}

pub static GET_POLICY: Operation = Operation {
    name: "GetPolicy",
    service: &SERVICE,
    input: "GetPolicyRequest",
    output: Some("GetPolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn"],
    members: &[
        "PolicyArn",
    ],
};

impl Request for GetPolicyRequest {
    type Reply = GetPolicyResponse;
    fn operation() -> &'static Operation {
        &GET_POLICY
    }
}

pub static LIST_POLICIES: Operation = Operation {
    name: "ListPolicies",
    service: &SERVICE,
    input: "ListPoliciesRequest",
    output: Some("ListPoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Policies"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "OnlyAttached",
        "PathPrefix",
        "PolicyUsageFilter",
        "Scope",
    ],
};

impl Request for ListPoliciesRequest {
    type Reply = ListPoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_POLICIES
    }
}

pub static DELETE_POLICY: Operation = Operation {
    name: "DeletePolicy",
    service: &SERVICE,
    input: "DeletePolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn"],
    members: &[
        "PolicyArn",
    ],
};

impl Request for DeletePolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_POLICY
    }
}

pub static CREATE_POLICY_VERSION: Operation = Operation {
    name: "CreatePolicyVersion",
    service: &SERVICE,
    input: "CreatePolicyVersionRequest",
    output: Some("CreatePolicyVersionResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "PolicyDocument"],
    members: &[
        "PolicyArn",
        "PolicyDocument",
        "SetAsDefault",
    ],
};

impl Request for CreatePolicyVersionRequest {
    type Reply = CreatePolicyVersionResponse;
    fn operation() -> &'static Operation {
        &CREATE_POLICY_VERSION
    }
}

pub static GET_POLICY_VERSION: Operation = Operation {
    name: "GetPolicyVersion",
    service: &SERVICE,
    input: "GetPolicyVersionRequest",
    output: Some("GetPolicyVersionResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "VersionId"],
    members: &[
        "PolicyArn",
        "VersionId",
    ],
};

impl Request for GetPolicyVersionRequest {
    type Reply = GetPolicyVersionResponse;
    fn operation() -> &'static Operation {
        &GET_POLICY_VERSION
    }
}

pub static LIST_POLICY_VERSIONS: Operation = Operation {
    name: "ListPolicyVersions",
    service: &SERVICE,
    input: "ListPolicyVersionsRequest",
    output: Some("ListPolicyVersionsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Versions"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn"],
    members: &[
        "Marker",
        "MaxItems",
        "PolicyArn",
    ],
};

impl Request for ListPolicyVersionsRequest {
    type Reply = ListPolicyVersionsResponse;
    fn operation() -> &'static Operation {
        &LIST_POLICY_VERSIONS
    }
}

pub static SET_DEFAULT_POLICY_VERSION: Operation = Operation {
    name: "SetDefaultPolicyVersion",
    service: &SERVICE,
    input: "SetDefaultPolicyVersionRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "VersionId"],
    members: &[
        "PolicyArn",
        "VersionId",
    ],
};

impl Request for SetDefaultPolicyVersionRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &SET_DEFAULT_POLICY_VERSION
    }
}

pub static DELETE_POLICY_VERSION: Operation = Operation {
    name: "DeletePolicyVersion",
    service: &SERVICE,
    input: "DeletePolicyVersionRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "VersionId"],
    members: &[
        "PolicyArn",
        "VersionId",
    ],
};

impl Request for DeletePolicyVersionRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_POLICY_VERSION
    }
}

pub static LIST_ENTITIES_FOR_POLICY: Operation = Operation {
    name: "ListEntitiesForPolicy",
    service: &SERVICE,
    input: "ListEntitiesForPolicyRequest",
    output: Some("ListEntitiesForPolicyResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["PolicyGroups", "PolicyUsers", "PolicyRoles"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn"],
    members: &[
        "EntityFilter",
        "Marker",
        "MaxItems",
        "PathPrefix",
        "PolicyArn",
        "PolicyUsageFilter",
    ],
};

impl Request for ListEntitiesForPolicyRequest {
    type Reply = ListEntitiesForPolicyResponse;
    fn operation() -> &'static Operation {
        &LIST_ENTITIES_FOR_POLICY
    }
}

pub static TAG_POLICY: Operation = Operation {
    name: "TagPolicy",
    service: &SERVICE,
    input: "TagPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "Tags"],
    members: &[
        "PolicyArn",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for TagPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &TAG_POLICY
    }
}

pub static UNTAG_POLICY: Operation = Operation {
    name: "UntagPolicy",
    service: &SERVICE,
    input: "UntagPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn", "TagKeys"],
    members: &[
        "PolicyArn",
        "TagKeys.member.N",
    ],
};

impl Request for UntagPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UNTAG_POLICY
    }
}

pub static LIST_POLICY_TAGS: Operation = Operation {
    name: "ListPolicyTags",
    service: &SERVICE,
    input: "ListPolicyTagsRequest",
    output: Some("ListPolicyTagsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Tags"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyArn"],
    members: &[
        "Marker",
        "MaxItems",
        "PolicyArn",
    ],
};

impl Request for ListPolicyTagsRequest {
    type Reply = ListPolicyTagsResponse;
    fn operation() -> &'static Operation {
        &LIST_POLICY_TAGS
    }
}

pub static CREATE_INSTANCE_PROFILE: Operation = Operation {
    name: "CreateInstanceProfile",
    service: &SERVICE,
    input: "CreateInstanceProfileRequest",
    output: Some("CreateInstanceProfileResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName"],
    members: &[
        "InstanceProfileName",
        "Path",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for CreateInstanceProfileRequest {
    type Reply = CreateInstanceProfileResponse;
    fn operation() -> &'static Operation {
        &CREATE_INSTANCE_PROFILE
    }
}

pub static GET_INSTANCE_PROFILE: Operation = Operation {
    name: "GetInstanceProfile",
    service: &SERVICE,
    input: "GetInstanceProfileRequest",
    output: Some("GetInstanceProfileResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName"],
    members: &[
        "InstanceProfileName",
    ],
};

impl Request for GetInstanceProfileRequest {
    type Reply = GetInstanceProfileResponse;
    fn operation() -> &'static Operation {
        &GET_INSTANCE_PROFILE
    }
}

pub static LIST_INSTANCE_PROFILES: Operation = Operation {
    name: "ListInstanceProfiles",
    service: &SERVICE,
    input: "ListInstanceProfilesRequest",
    output: Some("ListInstanceProfilesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["InstanceProfiles"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "PathPrefix",
    ],
};

impl Request for ListInstanceProfilesRequest {
    type Reply = ListInstanceProfilesResponse;
    fn operation() -> &'static Operation {
        &LIST_INSTANCE_PROFILES
    }
}

pub static DELETE_INSTANCE_PROFILE: Operation = Operation {
    name: "DeleteInstanceProfile",
    service: &SERVICE,
    input: "DeleteInstanceProfileRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName"],
    members: &[
        "InstanceProfileName",
    ],
};

impl Request for DeleteInstanceProfileRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_INSTANCE_PROFILE
    }
}

pub static ADD_ROLE_TO_INSTANCE_PROFILE: Operation = Operation {
    name: "AddRoleToInstanceProfile",
    service: &SERVICE,
    input: "AddRoleToInstanceProfileRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName", "RoleName"],
    members: &[
        "InstanceProfileName",
        "RoleName",
    ],
};

impl Request for AddRoleToInstanceProfileRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ADD_ROLE_TO_INSTANCE_PROFILE
    }
}

pub static REMOVE_ROLE_FROM_INSTANCE_PROFILE: Operation = Operation {
    name: "RemoveRoleFromInstanceProfile",
    service: &SERVICE,
    input: "RemoveRoleFromInstanceProfileRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName", "RoleName"],
    members: &[
        "InstanceProfileName",
        "RoleName",
    ],
};

impl Request for RemoveRoleFromInstanceProfileRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REMOVE_ROLE_FROM_INSTANCE_PROFILE
    }
}

pub static LIST_INSTANCE_PROFILES_FOR_ROLE: Operation = Operation {
    name: "ListInstanceProfilesForRole",
    service: &SERVICE,
    input: "ListInstanceProfilesForRoleRequest",
    output: Some("ListInstanceProfilesForRoleResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["InstanceProfiles"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "Marker",
        "MaxItems",
        "RoleName",
    ],
};

impl Request for ListInstanceProfilesForRoleRequest {
    type Reply = ListInstanceProfilesForRoleResponse;
    fn operation() -> &'static Operation {
        &LIST_INSTANCE_PROFILES_FOR_ROLE
    }
}

pub static TAG_INSTANCE_PROFILE: Operation = Operation {
    name: "TagInstanceProfile",
    service: &SERVICE,
    input: "TagInstanceProfileRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName", "Tags"],
    members: &[
        "InstanceProfileName",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for TagInstanceProfileRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &TAG_INSTANCE_PROFILE
    }
}

pub static UNTAG_INSTANCE_PROFILE: Operation = Operation {
    name: "UntagInstanceProfile",
    service: &SERVICE,
    input: "UntagInstanceProfileRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName", "TagKeys"],
    members: &[
        "InstanceProfileName",
        "TagKeys.member.N",
    ],
};

impl Request for UntagInstanceProfileRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UNTAG_INSTANCE_PROFILE
    }
}

pub static LIST_INSTANCE_PROFILE_TAGS: Operation = Operation {
    name: "ListInstanceProfileTags",
    service: &SERVICE,
    input: "ListInstanceProfileTagsRequest",
    output: Some("ListInstanceProfileTagsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Tags"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceProfileName"],
    members: &[
        "InstanceProfileName",
        "Marker",
        "MaxItems",
    ],
};

impl Request for ListInstanceProfileTagsRequest {
    type Reply = ListInstanceProfileTagsResponse;
    fn operation() -> &'static Operation {
        &LIST_INSTANCE_PROFILE_TAGS
    }
}

pub static GET_ACCOUNT_SUMMARY: Operation = Operation {
    name: "GetAccountSummary",
    service: &SERVICE,
    input: "GetAccountSummaryRequest",
    output: Some("GetAccountSummaryResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for GetAccountSummaryRequest {
    type Reply = GetAccountSummaryResponse;
    fn operation() -> &'static Operation {
        &GET_ACCOUNT_SUMMARY
    }
}

pub static CREATE_ACCOUNT_ALIAS: Operation = Operation {
    name: "CreateAccountAlias",
    service: &SERVICE,
    input: "CreateAccountAliasRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AccountAlias"],
    members: &[
        "AccountAlias",
    ],
};

impl Request for CreateAccountAliasRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &CREATE_ACCOUNT_ALIAS
    }
}

pub static LIST_ACCOUNT_ALIASES: Operation = Operation {
    name: "ListAccountAliases",
    service: &SERVICE,
    input: "ListAccountAliasesRequest",
    output: Some("ListAccountAliasesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["AccountAliases"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
    ],
};

impl Request for ListAccountAliasesRequest {
    type Reply = ListAccountAliasesResponse;
    fn operation() -> &'static Operation {
        &LIST_ACCOUNT_ALIASES
    }
}

pub static DELETE_ACCOUNT_ALIAS: Operation = Operation {
    name: "DeleteAccountAlias",
    service: &SERVICE,
    input: "DeleteAccountAliasRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AccountAlias"],
    members: &[
        "AccountAlias",
    ],
};

impl Request for DeleteAccountAliasRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ACCOUNT_ALIAS
    }
}

pub static LIST_SIGNING_CERTIFICATES: Operation = Operation {
    name: "ListSigningCertificates",
    service: &SERVICE,
    input: "ListSigningCertificatesRequest",
    output: Some("ListSigningCertificatesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["Certificates"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "UserName",
    ],
};

impl Request for ListSigningCertificatesRequest {
    type Reply = ListSigningCertificatesResponse;
    fn operation() -> &'static Operation {
        &LIST_SIGNING_CERTIFICATES
    }
}

pub static LIST_MFA_DEVICES: Operation = Operation {
    name: "ListMFADevices",
    service: &SERVICE,
    input: "ListMFADevicesRequest",
    output: Some("ListMFADevicesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["MFADevices"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "UserName",
    ],
};

impl Request for ListMFADevicesRequest {
    type Reply = ListMFADevicesResponse;
    fn operation() -> &'static Operation {
        &LIST_MFA_DEVICES
    }
}

pub static LIST_SSH_PUBLIC_KEYS: Operation = Operation {
    name: "ListSSHPublicKeys",
    service: &SERVICE,
    input: "ListSSHPublicKeysRequest",
    output: Some("ListSSHPublicKeysResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["SSHPublicKeys"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "UserName",
    ],
};

impl Request for ListSSHPublicKeysRequest {
    type Reply = ListSSHPublicKeysResponse;
    fn operation() -> &'static Operation {
        &LIST_SSH_PUBLIC_KEYS
    }
}

pub static LIST_SERVICE_SPECIFIC_CREDENTIALS: Operation = Operation {
    name: "ListServiceSpecificCredentials",
    service: &SERVICE,
    input: "ListServiceSpecificCredentialsRequest",
    output: Some("ListServiceSpecificCredentialsResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllUsers",
        "Marker",
        "MaxItems",
        "ServiceName",
        "UserName",
    ],
};

impl Request for ListServiceSpecificCredentialsRequest {
    type Reply = ListServiceSpecificCredentialsResponse;
    fn operation() -> &'static Operation {
        &LIST_SERVICE_SPECIFIC_CREDENTIALS
    }
}

pub static LIST_VIRTUAL_MFA_DEVICES: Operation = Operation {
    name: "ListVirtualMFADevices",
    service: &SERVICE,
    input: "ListVirtualMFADevicesRequest",
    output: Some("ListVirtualMFADevicesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["VirtualMFADevices"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AssignmentStatus",
        "Marker",
        "MaxItems",
    ],
};

impl Request for ListVirtualMFADevicesRequest {
    type Reply = ListVirtualMFADevicesResponse;
    fn operation() -> &'static Operation {
        &LIST_VIRTUAL_MFA_DEVICES
    }
}

pub static SIMULATE_PRINCIPAL_POLICY: Operation = Operation {
    name: "SimulatePrincipalPolicy",
    service: &SERVICE,
    input: "SimulatePrincipalPolicyRequest",
    output: Some("SimulatePolicyResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["EvaluationResults"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ActionNames", "PolicySourceArn"],
    members: &[
        "ActionNames.member.N",
        "CallerArn",
        "ContextEntries.member.N.ContextKeyName",
        "ContextEntries.member.N.ContextKeyType",
        "ContextEntries.member.N.ContextKeyValues.member.N",
        "Marker",
        "MaxItems",
        "PermissionsBoundaryPolicyInputList.member.N",
        "PolicyInputList.member.N",
        "PolicySourceArn",
        "ResourceArns.member.N",
        "ResourceHandlingOption",
        "ResourceOwner",
        "ResourcePolicy",
    ],
};

impl Request for SimulatePrincipalPolicyRequest {
    type Reply = SimulatePolicyResponse;
    fn operation() -> &'static Operation {
        &SIMULATE_PRINCIPAL_POLICY
    }
}

pub static SIMULATE_CUSTOM_POLICY: Operation = Operation {
    name: "SimulateCustomPolicy",
    service: &SERVICE,
    input: "SimulateCustomPolicyRequest",
    output: Some("SimulatePolicyResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["EvaluationResults"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ActionNames", "PolicyInputList"],
    members: &[
        "ActionNames.member.N",
        "CallerArn",
        "ContextEntries.member.N.ContextKeyName",
        "ContextEntries.member.N.ContextKeyType",
        "ContextEntries.member.N.ContextKeyValues.member.N",
        "Marker",
        "MaxItems",
        "PermissionsBoundaryPolicyInputList.member.N",
        "PolicyInputList.member.N",
        "ResourceArns.member.N",
        "ResourceHandlingOption",
        "ResourceOwner",
        "ResourcePolicy",
    ],
};

impl Request for SimulateCustomPolicyRequest {
    type Reply = SimulatePolicyResponse;
    fn operation() -> &'static Operation {
        &SIMULATE_CUSTOM_POLICY
    }
}

pub static GET_CONTEXT_KEYS_FOR_CUSTOM_POLICY: Operation = Operation {
    name: "GetContextKeysForCustomPolicy",
    service: &SERVICE,
    input: "GetContextKeysForCustomPolicyRequest",
    output: Some("GetContextKeysForPolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicyInputList"],
    members: &[
        "PolicyInputList.member.N",
    ],
};

impl Request for GetContextKeysForCustomPolicyRequest {
    type Reply = GetContextKeysForPolicyResponse;
    fn operation() -> &'static Operation {
        &GET_CONTEXT_KEYS_FOR_CUSTOM_POLICY
    }
}

pub static GET_CONTEXT_KEYS_FOR_PRINCIPAL_POLICY: Operation = Operation {
    name: "GetContextKeysForPrincipalPolicy",
    service: &SERVICE,
    input: "GetContextKeysForPrincipalPolicyRequest",
    output: Some("GetContextKeysForPolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PolicySourceArn"],
    members: &[
        "PolicyInputList.member.N",
        "PolicySourceArn",
    ],
};

impl Request for GetContextKeysForPrincipalPolicyRequest {
    type Reply = GetContextKeysForPolicyResponse;
    fn operation() -> &'static Operation {
        &GET_CONTEXT_KEYS_FOR_PRINCIPAL_POLICY
    }
}

pub static GET_ACCOUNT_AUTHORIZATION_DETAILS: Operation = Operation {
    name: "GetAccountAuthorizationDetails",
    service: &SERVICE,
    input: "GetAccountAuthorizationDetailsRequest",
    output: Some("GetAccountAuthorizationDetailsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Filter.member.N",
        "Marker",
        "MaxItems",
    ],
};

impl Request for GetAccountAuthorizationDetailsRequest {
    type Reply = GetAccountAuthorizationDetailsResponse;
    fn operation() -> &'static Operation {
        &GET_ACCOUNT_AUTHORIZATION_DETAILS
    }
}

pub static GET_ACCOUNT_PASSWORD_POLICY: Operation = Operation {
    name: "GetAccountPasswordPolicy",
    service: &SERVICE,
    input: "GetAccountPasswordPolicyRequest",
    output: Some("GetAccountPasswordPolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for GetAccountPasswordPolicyRequest {
    type Reply = GetAccountPasswordPolicyResponse;
    fn operation() -> &'static Operation {
        &GET_ACCOUNT_PASSWORD_POLICY
    }
}

pub static UPDATE_ACCOUNT_PASSWORD_POLICY: Operation = Operation {
    name: "UpdateAccountPasswordPolicy",
    service: &SERVICE,
    input: "UpdateAccountPasswordPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllowUsersToChangePassword",
        "HardExpiry",
        "MaxPasswordAge",
        "MinimumPasswordLength",
        "PasswordReusePrevention",
        "RequireLowercaseCharacters",
        "RequireNumbers",
        "RequireSymbols",
        "RequireUppercaseCharacters",
    ],
};

impl Request for UpdateAccountPasswordPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_ACCOUNT_PASSWORD_POLICY
    }
}

pub static DELETE_ACCOUNT_PASSWORD_POLICY: Operation = Operation {
    name: "DeleteAccountPasswordPolicy",
    service: &SERVICE,
    input: "DeleteAccountPasswordPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for DeleteAccountPasswordPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ACCOUNT_PASSWORD_POLICY
    }
}

pub static CHANGE_PASSWORD: Operation = Operation {
    name: "ChangePassword",
    service: &SERVICE,
    input: "ChangePasswordRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NewPassword", "OldPassword"],
    members: &[
        "NewPassword",
        "OldPassword",
    ],
};

impl Request for ChangePasswordRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &CHANGE_PASSWORD
    }
}

pub static CREATE_SERVICE_LINKED_ROLE: Operation = Operation {
    name: "CreateServiceLinkedRole",
    service: &SERVICE,
    input: "CreateServiceLinkedRoleRequest",
    output: Some("CreateServiceLinkedRoleResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AWSServiceName"],
    members: &[
        "AWSServiceName",
        "CustomSuffix",
        "Description",
    ],
};

impl Request for CreateServiceLinkedRoleRequest {
    type Reply = CreateServiceLinkedRoleResponse;
    fn operation() -> &'static Operation {
        &CREATE_SERVICE_LINKED_ROLE
    }
}

pub static DELETE_SERVICE_LINKED_ROLE: Operation = Operation {
    name: "DeleteServiceLinkedRole",
    service: &SERVICE,
    input: "DeleteServiceLinkedRoleRequest",
    output: Some("DeleteServiceLinkedRoleResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleName"],
    members: &[
        "RoleName",
    ],
};

impl Request for DeleteServiceLinkedRoleRequest {
    type Reply = DeleteServiceLinkedRoleResponse;
    fn operation() -> &'static Operation {
        &DELETE_SERVICE_LINKED_ROLE
    }
}

pub static GET_SERVICE_LINKED_ROLE_DELETION_STATUS: Operation = Operation {
    name: "GetServiceLinkedRoleDeletionStatus",
    service: &SERVICE,
    input: "GetServiceLinkedRoleDeletionStatusRequest",
    output: Some("GetServiceLinkedRoleDeletionStatusResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DeletionTaskId"],
    members: &[
        "DeletionTaskId",
    ],
};

impl Request for GetServiceLinkedRoleDeletionStatusRequest {
    type Reply = GetServiceLinkedRoleDeletionStatusResponse;
    fn operation() -> &'static Operation {
        &GET_SERVICE_LINKED_ROLE_DELETION_STATUS
    }
}

pub static GENERATE_CREDENTIAL_REPORT: Operation = Operation {
    name: "GenerateCredentialReport",
    service: &SERVICE,
    input: "GenerateCredentialReportRequest",
    output: Some("GenerateCredentialReportResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for GenerateCredentialReportRequest {
    type Reply = GenerateCredentialReportResponse;
    fn operation() -> &'static Operation {
        &GENERATE_CREDENTIAL_REPORT
    }
}

pub static GET_CREDENTIAL_REPORT: Operation = Operation {
    name: "GetCredentialReport",
    service: &SERVICE,
    input: "GetCredentialReportRequest",
    output: Some("GetCredentialReportResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for GetCredentialReportRequest {
    type Reply = GetCredentialReportResponse;
    fn operation() -> &'static Operation {
        &GET_CREDENTIAL_REPORT
    }
}

pub static CREATE_OPEN_ID_CONNECT_PROVIDER: Operation = Operation {
    name: "CreateOpenIDConnectProvider",
    service: &SERVICE,
    input: "CreateOpenIDConnectProviderRequest",
    output: Some("CreateOpenIDConnectProviderResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Url"],
    members: &[
        "ClientIDList.member.N",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "ThumbprintList.member.N",
        "Url",
    ],
};

impl Request for CreateOpenIDConnectProviderRequest {
    type Reply = CreateOpenIDConnectProviderResponse;
    fn operation() -> &'static Operation {
        &CREATE_OPEN_ID_CONNECT_PROVIDER
    }
}

pub static GET_OPEN_ID_CONNECT_PROVIDER: Operation = Operation {
    name: "GetOpenIDConnectProvider",
    service: &SERVICE,
    input: "GetOpenIDConnectProviderRequest",
    output: Some("GetOpenIDConnectProviderResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["OpenIDConnectProviderArn"],
    members: &[
        "OpenIDConnectProviderArn",
    ],
};

impl Request for GetOpenIDConnectProviderRequest {
    type Reply = GetOpenIDConnectProviderResponse;
    fn operation() -> &'static Operation {
        &GET_OPEN_ID_CONNECT_PROVIDER
    }
}

pub static LIST_OPEN_ID_CONNECT_PROVIDERS: Operation = Operation {
    name: "ListOpenIDConnectProviders",
    service: &SERVICE,
    input: "ListOpenIDConnectProvidersRequest",
    output: Some("ListOpenIDConnectProvidersResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for ListOpenIDConnectProvidersRequest {
    type Reply = ListOpenIDConnectProvidersResponse;
    fn operation() -> &'static Operation {
        &LIST_OPEN_ID_CONNECT_PROVIDERS
    }
}

pub static DELETE_OPEN_ID_CONNECT_PROVIDER: Operation = Operation {
    name: "DeleteOpenIDConnectProvider",
    service: &SERVICE,
    input: "DeleteOpenIDConnectProviderRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["OpenIDConnectProviderArn"],
    members: &[
        "OpenIDConnectProviderArn",
    ],
};

impl Request for DeleteOpenIDConnectProviderRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_OPEN_ID_CONNECT_PROVIDER
    }
}

pub static UPDATE_OPEN_ID_CONNECT_PROVIDER_THUMBPRINT: Operation = Operation {
    name: "UpdateOpenIDConnectProviderThumbprint",
    service: &SERVICE,
    input: "UpdateOpenIDConnectProviderThumbprintRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["OpenIDConnectProviderArn", "ThumbprintList"],
    members: &[
        "OpenIDConnectProviderArn",
        "ThumbprintList.member.N",
    ],
};

impl Request for UpdateOpenIDConnectProviderThumbprintRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_OPEN_ID_CONNECT_PROVIDER_THUMBPRINT
    }
}

pub static ADD_CLIENT_ID_TO_OPEN_ID_CONNECT_PROVIDER: Operation = Operation {
    name: "AddClientIDToOpenIDConnectProvider",
    service: &SERVICE,
    input: "AddClientIDToOpenIDConnectProviderRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ClientID", "OpenIDConnectProviderArn"],
    members: &[
        "ClientID",
        "OpenIDConnectProviderArn",
    ],
};

impl Request for AddClientIDToOpenIDConnectProviderRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ADD_CLIENT_ID_TO_OPEN_ID_CONNECT_PROVIDER
    }
}

pub static REMOVE_CLIENT_ID_FROM_OPEN_ID_CONNECT_PROVIDER: Operation = Operation {
    name: "RemoveClientIDFromOpenIDConnectProvider",
    service: &SERVICE,
    input: "RemoveClientIDFromOpenIDConnectProviderRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ClientID", "OpenIDConnectProviderArn"],
    members: &[
        "ClientID",
        "OpenIDConnectProviderArn",
    ],
};

impl Request for RemoveClientIDFromOpenIDConnectProviderRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REMOVE_CLIENT_ID_FROM_OPEN_ID_CONNECT_PROVIDER
    }
}

pub static TAG_OPEN_ID_CONNECT_PROVIDER: Operation = Operation {
    name: "TagOpenIDConnectProvider",
    service: &SERVICE,
    input: "TagOpenIDConnectProviderRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["OpenIDConnectProviderArn", "Tags"],
    members: &[
        "OpenIDConnectProviderArn",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for TagOpenIDConnectProviderRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &TAG_OPEN_ID_CONNECT_PROVIDER
    }
}

pub static CREATE_SAML_PROVIDER: Operation = Operation {
    name: "CreateSAMLProvider",
    service: &SERVICE,
    input: "CreateSAMLProviderRequest",
    output: Some("CreateSAMLProviderResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name", "SAMLMetadataDocument"],
    members: &[
        "AddPrivateKey",
        "AssertionEncryptionMode",
        "Name",
        "SAMLMetadataDocument",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for CreateSAMLProviderRequest {
    type Reply = CreateSAMLProviderResponse;
    fn operation() -> &'static Operation {
        &CREATE_SAML_PROVIDER
    }
}

pub static GET_SAML_PROVIDER: Operation = Operation {
    name: "GetSAMLProvider",
    service: &SERVICE,
    input: "GetSAMLProviderRequest",
    output: Some("GetSAMLProviderResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SAMLProviderArn"],
    members: &[
        "SAMLProviderArn",
    ],
};

impl Request for GetSAMLProviderRequest {
    type Reply = GetSAMLProviderResponse;
    fn operation() -> &'static Operation {
        &GET_SAML_PROVIDER
    }
}

pub static LIST_SAML_PROVIDERS: Operation = Operation {
    name: "ListSAMLProviders",
    service: &SERVICE,
    input: "ListSAMLProvidersRequest",
    output: Some("ListSAMLProvidersResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for ListSAMLProvidersRequest {
    type Reply = ListSAMLProvidersResponse;
    fn operation() -> &'static Operation {
        &LIST_SAML_PROVIDERS
    }
}

pub static DELETE_SAML_PROVIDER: Operation = Operation {
    name: "DeleteSAMLProvider",
    service: &SERVICE,
    input: "DeleteSAMLProviderRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SAMLProviderArn"],
    members: &[
        "SAMLProviderArn",
    ],
};

impl Request for DeleteSAMLProviderRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_SAML_PROVIDER
    }
}

pub static UPDATE_SAML_PROVIDER: Operation = Operation {
    name: "UpdateSAMLProvider",
    service: &SERVICE,
    input: "UpdateSAMLProviderRequest",
    output: Some("UpdateSAMLProviderResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SAMLProviderArn"],
    members: &[
        "AddPrivateKey",
        "AssertionEncryptionMode",
        "RemovePrivateKey",
        "SAMLMetadataDocument",
        "SAMLProviderArn",
    ],
};

impl Request for UpdateSAMLProviderRequest {
    type Reply = UpdateSAMLProviderResponse;
    fn operation() -> &'static Operation {
        &UPDATE_SAML_PROVIDER
    }
}

pub static UPLOAD_SERVER_CERTIFICATE: Operation = Operation {
    name: "UploadServerCertificate",
    service: &SERVICE,
    input: "UploadServerCertificateRequest",
    output: Some("UploadServerCertificateResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CertificateBody", "PrivateKey", "ServerCertificateName"],
    members: &[
        "CertificateBody",
        "CertificateChain",
        "Path",
        "PrivateKey",
        "ServerCertificateName",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for UploadServerCertificateRequest {
    type Reply = UploadServerCertificateResponse;
    fn operation() -> &'static Operation {
        &UPLOAD_SERVER_CERTIFICATE
    }
}

pub static GET_SERVER_CERTIFICATE: Operation = Operation {
    name: "GetServerCertificate",
    service: &SERVICE,
    input: "GetServerCertificateRequest",
    output: Some("GetServerCertificateResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ServerCertificateName"],
    members: &[
        "ServerCertificateName",
    ],
};

impl Request for GetServerCertificateRequest {
    type Reply = GetServerCertificateResponse;
    fn operation() -> &'static Operation {
        &GET_SERVER_CERTIFICATE
    }
}

pub static LIST_SERVER_CERTIFICATES: Operation = Operation {
    name: "ListServerCertificates",
    service: &SERVICE,
    input: "ListServerCertificatesRequest",
    output: Some("ListServerCertificatesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "Marker", limit_key: Some("MaxItems"), result_keys: &["ServerCertificateMetadataList"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Marker",
        "MaxItems",
        "PathPrefix",
    ],
};

impl Request for ListServerCertificatesRequest {
    type Reply = ListServerCertificatesResponse;
    fn operation() -> &'static Operation {
        &LIST_SERVER_CERTIFICATES
    }
}

pub static DELETE_SERVER_CERTIFICATE: Operation = Operation {
    name: "DeleteServerCertificate",
    service: &SERVICE,
    input: "DeleteServerCertificateRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ServerCertificateName"],
    members: &[
        "ServerCertificateName",
    ],
};

impl Request for DeleteServerCertificateRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_SERVER_CERTIFICATE
    }
}

pub static UPDATE_SERVER_CERTIFICATE: Operation = Operation {
    name: "UpdateServerCertificate",
    service: &SERVICE,
    input: "UpdateServerCertificateRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ServerCertificateName"],
    members: &[
        "NewPath",
        "NewServerCertificateName",
        "ServerCertificateName",
    ],
};

impl Request for UpdateServerCertificateRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_SERVER_CERTIFICATE
    }
}

pub static CREATE_VIRTUAL_MFA_DEVICE: Operation = Operation {
    name: "CreateVirtualMFADevice",
    service: &SERVICE,
    input: "CreateVirtualMFADeviceRequest",
    output: Some("CreateVirtualMFADeviceResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VirtualMFADeviceName"],
    members: &[
        "Path",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "VirtualMFADeviceName",
    ],
};

impl Request for CreateVirtualMFADeviceRequest {
    type Reply = CreateVirtualMFADeviceResponse;
    fn operation() -> &'static Operation {
        &CREATE_VIRTUAL_MFA_DEVICE
    }
}

pub static ENABLE_MFA_DEVICE: Operation = Operation {
    name: "EnableMFADevice",
    service: &SERVICE,
    input: "EnableMFADeviceRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AuthenticationCode1", "AuthenticationCode2", "SerialNumber", "UserName"],
    members: &[
        "AuthenticationCode1",
        "AuthenticationCode2",
        "SerialNumber",
        "UserName",
    ],
};

impl Request for EnableMFADeviceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ENABLE_MFA_DEVICE
    }
}

pub static DEACTIVATE_MFA_DEVICE: Operation = Operation {
    name: "DeactivateMFADevice",
    service: &SERVICE,
    input: "DeactivateMFADeviceRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SerialNumber"],
    members: &[
        "SerialNumber",
        "UserName",
    ],
};

impl Request for DeactivateMFADeviceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DEACTIVATE_MFA_DEVICE
    }
}

pub static DELETE_VIRTUAL_MFA_DEVICE: Operation = Operation {
    name: "DeleteVirtualMFADevice",
    service: &SERVICE,
    input: "DeleteVirtualMFADeviceRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SerialNumber"],
    members: &[
        "SerialNumber",
    ],
};

impl Request for DeleteVirtualMFADeviceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_VIRTUAL_MFA_DEVICE
    }
}

pub static RESYNC_MFA_DEVICE: Operation = Operation {
    name: "ResyncMFADevice",
    service: &SERVICE,
    input: "ResyncMFADeviceRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AuthenticationCode1", "AuthenticationCode2", "SerialNumber", "UserName"],
    members: &[
        "AuthenticationCode1",
        "AuthenticationCode2",
        "SerialNumber",
        "UserName",
    ],
};

impl Request for ResyncMFADeviceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &RESYNC_MFA_DEVICE
    }
}

pub static UPLOAD_SSH_PUBLIC_KEY: Operation = Operation {
    name: "UploadSSHPublicKey",
    service: &SERVICE,
    input: "UploadSSHPublicKeyRequest",
    output: Some("UploadSSHPublicKeyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SSHPublicKeyBody", "UserName"],
    members: &[
        "SSHPublicKeyBody",
        "UserName",
    ],
};

impl Request for UploadSSHPublicKeyRequest {
    type Reply = UploadSSHPublicKeyResponse;
    fn operation() -> &'static Operation {
        &UPLOAD_SSH_PUBLIC_KEY
    }
}

pub static GET_SSH_PUBLIC_KEY: Operation = Operation {
    name: "GetSSHPublicKey",
    service: &SERVICE,
    input: "GetSSHPublicKeyRequest",
    output: Some("GetSSHPublicKeyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Encoding", "SSHPublicKeyId", "UserName"],
    members: &[
        "Encoding",
        "SSHPublicKeyId",
        "UserName",
    ],
};

impl Request for GetSSHPublicKeyRequest {
    type Reply = GetSSHPublicKeyResponse;
    fn operation() -> &'static Operation {
        &GET_SSH_PUBLIC_KEY
    }
}

pub static UPDATE_SSH_PUBLIC_KEY: Operation = Operation {
    name: "UpdateSSHPublicKey",
    service: &SERVICE,
    input: "UpdateSSHPublicKeyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SSHPublicKeyId", "Status", "UserName"],
    members: &[
        "SSHPublicKeyId",
        "Status",
        "UserName",
    ],
};

impl Request for UpdateSSHPublicKeyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_SSH_PUBLIC_KEY
    }
}

pub static DELETE_SSH_PUBLIC_KEY: Operation = Operation {
    name: "DeleteSSHPublicKey",
    service: &SERVICE,
    input: "DeleteSSHPublicKeyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SSHPublicKeyId", "UserName"],
    members: &[
        "SSHPublicKeyId",
        "UserName",
    ],
};

impl Request for DeleteSSHPublicKeyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_SSH_PUBLIC_KEY
    }
}
