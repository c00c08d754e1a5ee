//! Operations of kms.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::kms_shapes::*;
use crate::{Operation, Paginator, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "kms",
    protocol: Protocol::Json11,
    version: "2014-11-01",
    xml_namespace: "",
    target_prefix: "TrentService",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &CREATE_KEY,
    &DESCRIBE_KEY,
    &LIST_KEYS,
    &ENABLE_KEY,
    &DISABLE_KEY,
    &SCHEDULE_KEY_DELETION,
    &CANCEL_KEY_DELETION,
    &UPDATE_KEY_DESCRIPTION,
    &GET_KEY_POLICY,
    &PUT_KEY_POLICY,
    &LIST_KEY_POLICIES,
    &GET_KEY_ROTATION_STATUS,
    &ENABLE_KEY_ROTATION,
    &DISABLE_KEY_ROTATION,
    &CREATE_ALIAS,
    &LIST_ALIASES,
    &UPDATE_ALIAS,
    &DELETE_ALIAS,
    &TAG_RESOURCE,
    &UNTAG_RESOURCE,
    &LIST_RESOURCE_TAGS,
    &ENCRYPT,
    &DECRYPT,
    &RE_ENCRYPT,
    &GENERATE_DATA_KEY,
    &GENERATE_DATA_KEY_WITHOUT_PLAINTEXT,
    &GENERATE_RANDOM,
    &CREATE_GRANT,
    &LIST_GRANTS,
    &REVOKE_GRANT,
    &RETIRE_GRANT,
    &SIGN,
    &VERIFY,
    &GET_PUBLIC_KEY,
    &GENERATE_MAC,
    &VERIFY_MAC,
    &GENERATE_DATA_KEY_PAIR,
    &GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT,
    &LIST_RETIRABLE_GRANTS,
    &ROTATE_KEY_ON_DEMAND,
    &LIST_KEY_ROTATIONS,
    &IMPORT_KEY_MATERIAL,
    &GET_PARAMETERS_FOR_IMPORT,
    &DELETE_IMPORTED_KEY_MATERIAL,
    &DERIVE_SHARED_SECRET,
    &REPLICATE_KEY,
    &UPDATE_PRIMARY_REGION,
];

pub static CREATE_KEY: Operation = Operation {
    name: "CreateKey",
    service: &SERVICE,
    input: "CreateKeyRequest",
    output: Some("CreateKeyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "BypassPolicyLockoutSafetyCheck",
        "CustomKeyStoreId",
        "CustomerMasterKeySpec",
        "Description",
        "KeySpec",
        "KeyUsage",
        "MultiRegion",
        "Origin",
        "Policy",
        "Tags.N.TagKey",
        "Tags.N.TagValue",
        "XksKeyId",
    ],
};

impl Request for CreateKeyRequest {
    type Reply = CreateKeyResponse;
    fn operation() -> &'static Operation {
        &CREATE_KEY
    }
}

pub static DESCRIBE_KEY: Operation = Operation {
    name: "DescribeKey",
    service: &SERVICE,
    input: "DescribeKeyRequest",
    output: Some("DescribeKeyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "GrantTokens.N",
        "KeyId",
    ],
};

impl Request for DescribeKeyRequest {
    type Reply = DescribeKeyResponse;
    fn operation() -> &'static Operation {
        &DESCRIBE_KEY
    }
}

pub static LIST_KEYS: Operation = Operation {
    name: "ListKeys",
    service: &SERVICE,
    input: "ListKeysRequest",
    output: Some("ListKeysResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("Limit"), result_keys: &["Keys"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "Limit",
        "Marker",
    ],
};

impl Request for ListKeysRequest {
    type Reply = ListKeysResponse;
    fn operation() -> &'static Operation {
        &LIST_KEYS
    }
}

pub static ENABLE_KEY: Operation = Operation {
    name: "EnableKey",
    service: &SERVICE,
    input: "EnableKeyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
    ],
};

impl Request for EnableKeyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ENABLE_KEY
    }
}

pub static DISABLE_KEY: Operation = Operation {
    name: "DisableKey",
    service: &SERVICE,
    input: "DisableKeyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
    ],
};

impl Request for DisableKeyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DISABLE_KEY
    }
}

pub static SCHEDULE_KEY_DELETION: Operation = Operation {
    name: "ScheduleKeyDeletion",
    service: &SERVICE,
    input: "ScheduleKeyDeletionRequest",
    output: Some("ScheduleKeyDeletionResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
        "PendingWindowInDays",
    ],
};

impl Request for ScheduleKeyDeletionRequest {
    type Reply = ScheduleKeyDeletionResponse;
    fn operation() -> &'static Operation {
        &SCHEDULE_KEY_DELETION
    }
}

pub static CANCEL_KEY_DELETION: Operation = Operation {
    name: "CancelKeyDeletion",
    service: &SERVICE,
    input: "CancelKeyDeletionRequest",
    output: Some("CancelKeyDeletionResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
    ],
};

impl Request for CancelKeyDeletionRequest {
    type Reply = CancelKeyDeletionResponse;
    fn operation() -> &'static Operation {
        &CANCEL_KEY_DELETION
    }
}

pub static UPDATE_KEY_DESCRIPTION: Operation = Operation {
    name: "UpdateKeyDescription",
    service: &SERVICE,
    input: "UpdateKeyDescriptionRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Description", "KeyId"],
    members: &[
        "Description",
        "KeyId",
    ],
};

impl Request for UpdateKeyDescriptionRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_KEY_DESCRIPTION
    }
}

pub static GET_KEY_POLICY: Operation = Operation {
    name: "GetKeyPolicy",
    service: &SERVICE,
    input: "GetKeyPolicyRequest",
    output: Some("GetKeyPolicyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
        "PolicyName",
    ],
};

impl Request for GetKeyPolicyRequest {
    type Reply = GetKeyPolicyResponse;
    fn operation() -> &'static Operation {
        &GET_KEY_POLICY
    }
}

pub static PUT_KEY_POLICY: Operation = Operation {
    name: "PutKeyPolicy",
    service: &SERVICE,
    input: "PutKeyPolicyRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "Policy"],
    members: &[
        "BypassPolicyLockoutSafetyCheck",
        "KeyId",
        "Policy",
        "PolicyName",
    ],
};

impl Request for PutKeyPolicyRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &PUT_KEY_POLICY
    }
}

pub static LIST_KEY_POLICIES: Operation = Operation {
    name: "ListKeyPolicies",
    service: &SERVICE,
    input: "ListKeyPoliciesRequest",
    output: Some("ListKeyPoliciesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("Limit"), result_keys: &["PolicyNames"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
        "Limit",
        "Marker",
    ],
};

impl Request for ListKeyPoliciesRequest {
    type Reply = ListKeyPoliciesResponse;
    fn operation() -> &'static Operation {
        &LIST_KEY_POLICIES
    }
}

pub static GET_KEY_ROTATION_STATUS: Operation = Operation {
    name: "GetKeyRotationStatus",
    service: &SERVICE,
    input: "GetKeyRotationStatusRequest",
    output: Some("GetKeyRotationStatusResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
    ],
};

impl Request for GetKeyRotationStatusRequest {
    type Reply = GetKeyRotationStatusResponse;
    fn operation() -> &'static Operation {
        &GET_KEY_ROTATION_STATUS
    }
}

pub static ENABLE_KEY_ROTATION: Operation = Operation {
    name: "EnableKeyRotation",
    service: &SERVICE,
    input: "EnableKeyRotationRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
        "RotationPeriodInDays",
    ],
};

impl Request for EnableKeyRotationRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ENABLE_KEY_ROTATION
    }
}

pub static DISABLE_KEY_ROTATION: Operation = Operation {
    name: "DisableKeyRotation",
    service: &SERVICE,
    input: "DisableKeyRotationRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
    ],
};

impl Request for DisableKeyRotationRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DISABLE_KEY_ROTATION
    }
}

pub static CREATE_ALIAS: Operation = Operation {
    name: "CreateAlias",
    service: &SERVICE,
    input: "CreateAliasRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AliasName", "TargetKeyId"],
    members: &[
        "AliasName",
        "TargetKeyId",
    ],
};

impl Request for CreateAliasRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &CREATE_ALIAS
    }
}

pub static LIST_ALIASES: Operation = Operation {
    name: "ListAliases",
    service: &SERVICE,
    input: "ListAliasesRequest",
    output: Some("ListAliasesResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("Limit"), result_keys: &["Aliases"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "KeyId",
        "Limit",
        "Marker",
    ],
};

impl Request for ListAliasesRequest {
    type Reply = ListAliasesResponse;
    fn operation() -> &'static Operation {
        &LIST_ALIASES
    }
}

pub static UPDATE_ALIAS: Operation = Operation {
    name: "UpdateAlias",
    service: &SERVICE,
    input: "UpdateAliasRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AliasName", "TargetKeyId"],
    members: &[
        "AliasName",
        "TargetKeyId",
    ],
};

impl Request for UpdateAliasRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_ALIAS
    }
}

pub static DELETE_ALIAS: Operation = Operation {
    name: "DeleteAlias",
    service: &SERVICE,
    input: "DeleteAliasRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AliasName"],
    members: &[
        "AliasName",
    ],
};

impl Request for DeleteAliasRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ALIAS
    }
}

pub static TAG_RESOURCE: Operation = Operation {
    name: "TagResource",
    service: &SERVICE,
    input: "TagResourceRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "Tags"],
    members: &[
        "KeyId",
        "Tags.N.TagKey",
        "Tags.N.TagValue",
    ],
};

impl Request for TagResourceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &TAG_RESOURCE
    }
}

pub static UNTAG_RESOURCE: Operation = Operation {
    name: "UntagResource",
    service: &SERVICE,
    input: "UntagResourceRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "TagKeys"],
    members: &[
        "KeyId",
        "TagKeys.N",
    ],
};

impl Request for UntagResourceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UNTAG_RESOURCE
    }
}

pub static LIST_RESOURCE_TAGS: Operation = Operation {
    name: "ListResourceTags",
    service: &SERVICE,
    input: "ListResourceTagsRequest",
    output: Some("ListResourceTagsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("Limit"), result_keys: &["Tags"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
        "Limit",
        "Marker",
    ],
};

impl Request for ListResourceTagsRequest {
    type Reply = ListResourceTagsResponse;
    fn operation() -> &'static Operation {
        &LIST_RESOURCE_TAGS
    }
}

pub static ENCRYPT: Operation = Operation {
    name: "Encrypt",
    service: &SERVICE,
    input: "EncryptRequest",
    output: Some("EncryptResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "Plaintext"],
    members: &[
        "DryRun",
        "EncryptionAlgorithm",
        "EncryptionContext",
        "GrantTokens.N",
        "KeyId",
        "Plaintext",
    ],
};

impl Request for EncryptRequest {
    type Reply = EncryptResponse;
    fn operation() -> &'static Operation {
        &ENCRYPT
    }
}

pub static DECRYPT: Operation = Operation {
    name: "Decrypt",
    service: &SERVICE,
    input: "DecryptRequest",
    output: Some("DecryptResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "CiphertextBlob",
        "DryRun",
        "DryRunModifiers.N",
        "EncryptionAlgorithm",
        "EncryptionContext",
        "GrantTokens.N",
        "KeyId",
        "Recipient.AttestationDocument",
        "Recipient.KeyEncryptionAlgorithm",
    ],
};

impl Request for DecryptRequest {
    type Reply = DecryptResponse;
    fn operation() -> &'static Operation {
        &DECRYPT
    }
}

pub static RE_ENCRYPT: Operation = Operation {
    name: "ReEncrypt",
    service: &SERVICE,
    input: "ReEncryptRequest",
    output: Some("ReEncryptResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DestinationKeyId"],
    members: &[
        "CiphertextBlob",
        "DestinationEncryptionAlgorithm",
        "DestinationEncryptionContext",
        "DestinationKeyId",
        "DryRun",
        "DryRunModifiers.N",
        "GrantTokens.N",
        "SourceEncryptionAlgorithm",
        "SourceEncryptionContext",
        "SourceKeyId",
    ],
};

impl Request for ReEncryptRequest {
    type Reply = ReEncryptResponse;
    fn operation() -> &'static Operation {
        &RE_ENCRYPT
    }
}

pub static GENERATE_DATA_KEY: Operation = Operation {
    name: "GenerateDataKey",
    service: &SERVICE,
    input: "GenerateDataKeyRequest",
    output: Some("GenerateDataKeyResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "DryRun",
        "EncryptionContext",
        "GrantTokens.N",
        "KeyId",
        "KeySpec",
        "NumberOfBytes",
        "Recipient.AttestationDocument",
        "Recipient.KeyEncryptionAlgorithm",
    ],
};

impl Request for GenerateDataKeyRequest {
    type Reply = GenerateDataKeyResponse;
    fn operation() -> &'static Operation {
        &GENERATE_DATA_KEY
    }
}

pub static GENERATE_DATA_KEY_WITHOUT_PLAINTEXT: Operation = Operation {
    name: "GenerateDataKeyWithoutPlaintext",
    service: &SERVICE,
    input: "GenerateDataKeyWithoutPlaintextRequest",
    output: Some("GenerateDataKeyWithoutPlaintextResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "DryRun",
        "EncryptionContext",
        "GrantTokens.N",
        "KeyId",
        "KeySpec",
        "NumberOfBytes",
    ],
};

impl Request for GenerateDataKeyWithoutPlaintextRequest {
    type Reply = GenerateDataKeyWithoutPlaintextResponse;
    fn operation() -> &'static Operation {
        &GENERATE_DATA_KEY_WITHOUT_PLAINTEXT
    }
}

pub static GENERATE_RANDOM: Operation = Operation {
    name: "GenerateRandom",
    service: &SERVICE,
    input: "GenerateRandomRequest",
    output: Some("GenerateRandomResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "CustomKeyStoreId",
        "NumberOfBytes",
        "Recipient.AttestationDocument",
        "Recipient.KeyEncryptionAlgorithm",
    ],
};

impl Request for GenerateRandomRequest {
    type Reply = GenerateRandomResponse;
    fn operation() -> &'static Operation {
        &GENERATE_RANDOM
    }
}

pub static CREATE_GRANT: Operation = Operation {
    name: "CreateGrant",
    service: &SERVICE,
    input: "CreateGrantRequest",
    output: Some("CreateGrantResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GranteePrincipal", "KeyId", "Operations"],
    members: &[
        "Constraints.EncryptionContextEquals",
        "Constraints.EncryptionContextSubset",
        "DryRun",
        "GrantTokens.N",
        "GranteePrincipal",
        "KeyId",
        "Name",
        "Operations.N",
        "RetiringPrincipal",
    ],
};

impl Request for CreateGrantRequest {
    type Reply = CreateGrantResponse;
    fn operation() -> &'static Operation {
        &CREATE_GRANT
    }
}

pub static LIST_GRANTS: Operation = Operation {
    name: "ListGrants",
    service: &SERVICE,
    input: "ListGrantsRequest",
    output: Some("ListGrantsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("Limit"), result_keys: &["Grants"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "GrantId",
        "GranteePrincipal",
        "KeyId",
        "Limit",
        "Marker",
    ],
};

impl Request for ListGrantsRequest {
    type Reply = ListGrantsResponse;
    fn operation() -> &'static Operation {
        &LIST_GRANTS
    }
}

pub static REVOKE_GRANT: Operation = Operation {
    name: "RevokeGrant",
    service: &SERVICE,
    input: "RevokeGrantRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GrantId", "KeyId"],
    members: &[
        "DryRun",
        "GrantId",
        "KeyId",
    ],
};

impl Request for RevokeGrantRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REVOKE_GRANT
    }
}

pub static RETIRE_GRANT: Operation = Operation {
    name: "RetireGrant",
    service: &SERVICE,
    input: "RetireGrantRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "GrantId",
        "GrantToken",
        "KeyId",
    ],
};

impl Request for RetireGrantRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &RETIRE_GRANT
    }
}

pub static SIGN: Operation = Operation {
    name: "Sign",
    service: &SERVICE,
    input: "SignRequest",
    output: Some("SignResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "Message", "SigningAlgorithm"],
    members: &[
        "DryRun",
        "GrantTokens.N",
        "KeyId",
        "Message",
        "MessageType",
        "SigningAlgorithm",
    ],
};

impl Request for SignRequest {
    type Reply = SignResponse;
    fn operation() -> &'static Operation {
        &SIGN
    }
}

pub static VERIFY: Operation = Operation {
    name: "Verify",
    service: &SERVICE,
    input: "VerifyRequest",
    output: Some("VerifyResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "Message", "Signature", "SigningAlgorithm"],
    members: &[
        "DryRun",
        "GrantTokens.N",
        "KeyId",
        "Message",
        "MessageType",
        "Signature",
        "SigningAlgorithm",
    ],
};

impl Request for VerifyRequest {
    type Reply = VerifyResponse;
    fn operation() -> &'static Operation {
        &VERIFY
    }
}

pub static GET_PUBLIC_KEY: Operation = Operation {
    name: "GetPublicKey",
    service: &SERVICE,
    input: "GetPublicKeyRequest",
    output: Some("GetPublicKeyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "GrantTokens.N",
        "KeyId",
    ],
};

impl Request for GetPublicKeyRequest {
    type Reply = GetPublicKeyResponse;
    fn operation() -> &'static Operation {
        &GET_PUBLIC_KEY
    }
}

pub static GENERATE_MAC: Operation = Operation {
    name: "GenerateMac",
    service: &SERVICE,
    input: "GenerateMacRequest",
    output: Some("GenerateMacResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "MacAlgorithm", "Message"],
    members: &[
        "DryRun",
        "GrantTokens.N",
        "KeyId",
        "MacAlgorithm",
        "Message",
    ],
};

impl Request for GenerateMacRequest {
    type Reply = GenerateMacResponse;
    fn operation() -> &'static Operation {
        &GENERATE_MAC
    }
}

pub static VERIFY_MAC: Operation = Operation {
    name: "VerifyMac",
    service: &SERVICE,
    input: "VerifyMacRequest",
    output: Some("VerifyMacResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "Mac", "MacAlgorithm", "Message"],
    members: &[
        "DryRun",
        "GrantTokens.N",
        "KeyId",
        "Mac",
        "MacAlgorithm",
        "Message",
    ],
};

impl Request for VerifyMacRequest {
    type Reply = VerifyMacResponse;
    fn operation() -> &'static Operation {
        &VERIFY_MAC
    }
}

pub static GENERATE_DATA_KEY_PAIR: Operation = Operation {
    name: "GenerateDataKeyPair",
    service: &SERVICE,
    input: "GenerateDataKeyPairRequest",
    output: Some("GenerateDataKeyPairResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "KeyPairSpec"],
    members: &[
        "DryRun",
        "EncryptionContext",
        "GrantTokens.N",
        "KeyId",
        "KeyPairSpec",
        "Recipient.AttestationDocument",
        "Recipient.KeyEncryptionAlgorithm",
    ],
};

impl Request for GenerateDataKeyPairRequest {
    type Reply = GenerateDataKeyPairResponse;
    fn operation() -> &'static Operation {
        &GENERATE_DATA_KEY_PAIR
    }
}

pub static GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT: Operation = Operation {
    name: "GenerateDataKeyPairWithoutPlaintext",
    service: &SERVICE,
    input: "GenerateDataKeyPairWithoutPlaintextRequest",
    output: Some("GenerateDataKeyPairWithoutPlaintextResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "KeyPairSpec"],
    members: &[
        "DryRun",
        "EncryptionContext",
        "GrantTokens.N",
        "KeyId",
        "KeyPairSpec",
    ],
};

impl Request for GenerateDataKeyPairWithoutPlaintextRequest {
    type Reply = GenerateDataKeyPairWithoutPlaintextResponse;
    fn operation() -> &'static Operation {
        &GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT
    }
}

pub static LIST_RETIRABLE_GRANTS: Operation = Operation {
    name: "ListRetirableGrants",
    service: &SERVICE,
    input: "ListRetirableGrantsRequest",
    output: Some("ListGrantsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("Limit"), result_keys: &["Grants"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RetiringPrincipal"],
    members: &[
        "Limit",
        "Marker",
        "RetiringPrincipal",
    ],
};

impl Request for ListRetirableGrantsRequest {
    type Reply = ListGrantsResponse;
    fn operation() -> &'static Operation {
        &LIST_RETIRABLE_GRANTS
    }
}

pub static ROTATE_KEY_ON_DEMAND: Operation = Operation {
    name: "RotateKeyOnDemand",
    service: &SERVICE,
    input: "RotateKeyOnDemandRequest",
    output: Some("RotateKeyOnDemandResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
    ],
};

impl Request for RotateKeyOnDemandRequest {
    type Reply = RotateKeyOnDemandResponse;
    fn operation() -> &'static Operation {
        &ROTATE_KEY_ON_DEMAND
    }
}

pub static LIST_KEY_ROTATIONS: Operation = Operation {
    name: "ListKeyRotations",
    service: &SERVICE,
    input: "ListKeyRotationsRequest",
    output: Some("ListKeyRotationsResponse"),
    paginator: Some(Paginator { input_token: "Marker", output_token: "NextMarker", limit_key: Some("Limit"), result_keys: &["Rotations"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "IncludeKeyMaterial",
        "KeyId",
        "Limit",
        "Marker",
    ],
};

impl Request for ListKeyRotationsRequest {
    type Reply = ListKeyRotationsResponse;
    fn operation() -> &'static Operation {
        &LIST_KEY_ROTATIONS
    }
}

pub static IMPORT_KEY_MATERIAL: Operation = Operation {
    name: "ImportKeyMaterial",
    service: &SERVICE,
    input: "ImportKeyMaterialRequest",
    output: Some("ImportKeyMaterialResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["EncryptedKeyMaterial", "ImportToken", "KeyId"],
    members: &[
        "EncryptedKeyMaterial",
        "ExpirationModel",
        "ImportToken",
        "ImportType",
        "KeyId",
        "KeyMaterialDescription",
        "KeyMaterialId",
        "ValidTo",
    ],
};

impl Request for ImportKeyMaterialRequest {
    type Reply = ImportKeyMaterialResponse;
    fn operation() -> &'static Operation {
        &IMPORT_KEY_MATERIAL
    }
}

pub static GET_PARAMETERS_FOR_IMPORT: Operation = Operation {
    name: "GetParametersForImport",
    service: &SERVICE,
    input: "GetParametersForImportRequest",
    output: Some("GetParametersForImportResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "WrappingAlgorithm", "WrappingKeySpec"],
    members: &[
        "KeyId",
        "WrappingAlgorithm",
        "WrappingKeySpec",
    ],
};

impl Request for GetParametersForImportRequest {
    type Reply = GetParametersForImportResponse;
    fn operation() -> &'static Operation {
        &GET_PARAMETERS_FOR_IMPORT
    }
}

pub static DELETE_IMPORTED_KEY_MATERIAL: Operation = Operation {
    name: "DeleteImportedKeyMaterial",
    service: &SERVICE,
    input: "DeleteImportedKeyMaterialRequest",
    output: Some("DeleteImportedKeyMaterialResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId"],
    members: &[
        "KeyId",
        "KeyMaterialId",
    ],
};

impl Request for DeleteImportedKeyMaterialRequest {
    type Reply = DeleteImportedKeyMaterialResponse;
    fn operation() -> &'static Operation {
        &DELETE_IMPORTED_KEY_MATERIAL
    }
}

pub static DERIVE_SHARED_SECRET: Operation = Operation {
    name: "DeriveSharedSecret",
    service: &SERVICE,
    input: "DeriveSharedSecretRequest",
    output: Some("DeriveSharedSecretResponse"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyAgreementAlgorithm", "KeyId", "PublicKey"],
    members: &[
        "DryRun",
        "GrantTokens.N",
        "KeyAgreementAlgorithm",
        "KeyId",
        "PublicKey",
        "Recipient.AttestationDocument",
        "Recipient.KeyEncryptionAlgorithm",
    ],
};

impl Request for DeriveSharedSecretRequest {
    type Reply = DeriveSharedSecretResponse;
    fn operation() -> &'static Operation {
        &DERIVE_SHARED_SECRET
    }
}

pub static REPLICATE_KEY: Operation = Operation {
    name: "ReplicateKey",
    service: &SERVICE,
    input: "ReplicateKeyRequest",
    output: Some("ReplicateKeyResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "ReplicaRegion"],
    members: &[
        "BypassPolicyLockoutSafetyCheck",
        "Description",
        "KeyId",
        "Policy",
        "ReplicaRegion",
        "Tags.N.TagKey",
        "Tags.N.TagValue",
    ],
};

impl Request for ReplicateKeyRequest {
    type Reply = ReplicateKeyResponse;
    fn operation() -> &'static Operation {
        &REPLICATE_KEY
    }
}

pub static UPDATE_PRIMARY_REGION: Operation = Operation {
    name: "UpdatePrimaryRegion",
    service: &SERVICE,
    input: "UpdatePrimaryRegionRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["KeyId", "PrimaryRegion"],
    members: &[
        "KeyId",
        "PrimaryRegion",
    ],
};

impl Request for UpdatePrimaryRegionRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UPDATE_PRIMARY_REGION
    }
}
