//! KMS. What is asked on a key is asked by the operation, as the key's policy and grants have their say.

use super::{Judged, Need, Row, When, always, table};

pub(super) const BEFORE: &[Row] = table! { "kms", Before:
    ListKeys "";
    ListAliases "";
    GenerateRandom "";
};

/// A policy of the key's account that names it by alias does so with the condition key kms:RequestAlias.
pub(super) const INSIDE: &[Row] = &[
    row("CreateKey", &[always("kms:CreateKey", ""), Need { action: "kms:TagResource", on: "key=*", when: When::If("Tags") }]),
    row("DescribeKey", &[key("kms:DescribeKey")]),
    row("EnableKey", &[key("kms:EnableKey")]),
    row("DisableKey", &[key("kms:DisableKey")]),
    row("ScheduleKeyDeletion", &[key("kms:ScheduleKeyDeletion")]),
    row("CancelKeyDeletion", &[key("kms:CancelKeyDeletion")]),
    row("UpdateKeyDescription", &[key("kms:UpdateKeyDescription")]),
    row("GetKeyPolicy", &[key("kms:GetKeyPolicy")]),
    row("PutKeyPolicy", &[key("kms:PutKeyPolicy")]),
    row("ListKeyPolicies", &[key("kms:ListKeyPolicies")]),
    row("GetKeyRotationStatus", &[key("kms:GetKeyRotationStatus")]),
    row("EnableKeyRotation", &[key("kms:EnableKeyRotation")]),
    row("DisableKeyRotation", &[key("kms:DisableKeyRotation")]),
    row("RotateKeyOnDemand", &[key("kms:RotateKeyOnDemand")]),
    row("ListKeyRotations", &[key("kms:ListKeyRotations")]),
    row("CreateAlias", &[always("kms:CreateAlias", "alias=AliasName key=TargetKeyId")]),
    // The alias, the key that it leaves and the key that it goes to.
    row("UpdateAlias", &[always("kms:UpdateAlias", "alias=AliasName key=AliasName|TargetKeyId")]),
    row("DeleteAlias", &[always("kms:DeleteAlias", "alias=AliasName key=AliasName")]),
    row("TagResource", &[key("kms:TagResource")]),
    row("UntagResource", &[key("kms:UntagResource")]),
    row("ListResourceTags", &[key("kms:ListResourceTags")]),
    row("Encrypt", &[key("kms:Encrypt")]),
    // The ciphertext may name the key.
    row("Decrypt", &[key("kms:Decrypt")]),
    row("ReEncrypt", &[always("kms:ReEncryptFrom", "key=SourceKeyId"), always("kms:ReEncryptTo", "key=DestinationKeyId")]),
    row("GenerateDataKey", &[key("kms:GenerateDataKey")]),
    row("GenerateDataKeyWithoutPlaintext", &[key("kms:GenerateDataKeyWithoutPlaintext")]),
    row("GenerateDataKeyPair", &[key("kms:GenerateDataKeyPair")]),
    row("GenerateDataKeyPairWithoutPlaintext", &[key("kms:GenerateDataKeyPairWithoutPlaintext")]),
    row("CreateGrant", &[key("kms:CreateGrant")]),
    row("ListGrants", &[key("kms:ListGrants")]),
    row("RevokeGrant", &[key("kms:RevokeGrant")]),
    row(
        "RetireGrant",
        &[Need {
            action: "kms:RetireGrant",
            on: "key=KeyId",
            when: When::If("the grant names no retiring or grantee principal that is the caller"),
        }],
    ),
    row("ListRetirableGrants", &[always("kms:ListRetirableGrants", "")]),
    row("Sign", &[key("kms:Sign")]),
    row("Verify", &[key("kms:Verify")]),
    row("GetPublicKey", &[key("kms:GetPublicKey")]),
    row("GenerateMac", &[key("kms:GenerateMac")]),
    row("VerifyMac", &[key("kms:VerifyMac")]),
    row("DeriveSharedSecret", &[key("kms:DeriveSharedSecret")]),
    row("ImportKeyMaterial", &[key("kms:ImportKeyMaterial")]),
    row("GetParametersForImport", &[key("kms:GetParametersForImport")]),
    row("DeleteImportedKeyMaterial", &[key("kms:DeleteImportedKeyMaterial")]),
    row("ReplicateKey", &[key("kms:ReplicateKey")]),
    row("UpdatePrimaryRegion", &[key("kms:UpdatePrimaryRegion")]),
];

const fn row(operation: &'static str, needs: &'static [Need]) -> Row {
    Row { service: "kms", operation, judged: Judged::Inside, needs }
}

const fn key(action: &'static str) -> Need {
    always(action, "key=KeyId")
}
