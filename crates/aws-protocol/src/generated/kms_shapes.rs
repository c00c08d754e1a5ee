//! Shapes of kms.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use std::collections::BTreeMap;
#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct AliasListEntry {
    pub alias_arn: Option<String> = ("AliasArn", "AliasArn", "AliasArn"),
    pub alias_name: Option<String> = ("AliasName", "AliasName", "AliasName"),
    pub creation_date: Option<TimestampMs> = ("CreationDate", "CreationDate", "CreationDate"),
    pub last_updated_date: Option<TimestampMs> = ("LastUpdatedDate", "LastUpdatedDate", "LastUpdatedDate"),
    pub target_key_id: Option<String> = ("TargetKeyId", "TargetKeyId", "TargetKeyId"),
}
}

crate::shape::shape! {
pub struct CancelKeyDeletionRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct CancelKeyDeletionResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct CreateAliasRequest {
    pub alias_name: Option<String> = ("AliasName", "AliasName", "AliasName"),
    pub target_key_id: Option<String> = ("TargetKeyId", "TargetKeyId", "TargetKeyId"),
}
}

crate::shape::shape! {
pub struct CreateGrantRequest {
    pub constraints: Option<GrantConstraints> = ("Constraints", "Constraints", "Constraints"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub grantee_principal: Option<String> = ("GranteePrincipal", "GranteePrincipal", "GranteePrincipal"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub operations: Option<Vec<String>> = ("Operations", "Operations", "member", "Operations", "member"),
    pub retiring_principal: Option<String> = ("RetiringPrincipal", "RetiringPrincipal", "RetiringPrincipal"),
}
}

crate::shape::shape! {
pub struct CreateGrantResponse {
    pub grant_id: Option<String> = ("GrantId", "GrantId", "GrantId"),
    pub grant_token: Option<String> = ("GrantToken", "GrantToken", "GrantToken"),
}
}

crate::shape::shape! {
pub struct CreateKeyRequest {
    pub bypass_policy_lockout_safety_check: Option<bool> = ("BypassPolicyLockoutSafetyCheck", "BypassPolicyLockoutSafetyCheck", "BypassPolicyLockoutSafetyCheck"),
    pub custom_key_store_id: Option<String> = ("CustomKeyStoreId", "CustomKeyStoreId", "CustomKeyStoreId"),
    pub customer_master_key_spec: Option<String> = ("CustomerMasterKeySpec", "CustomerMasterKeySpec", "CustomerMasterKeySpec"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub key_spec: Option<String> = ("KeySpec", "KeySpec", "KeySpec"),
    pub key_usage: Option<String> = ("KeyUsage", "KeyUsage", "KeyUsage"),
    pub multi_region: Option<bool> = ("MultiRegion", "MultiRegion", "MultiRegion"),
    pub origin: Option<String> = ("Origin", "Origin", "Origin"),
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub xks_key_id: Option<String> = ("XksKeyId", "XksKeyId", "XksKeyId"),
}
}

crate::shape::shape! {
pub struct CreateKeyResponse {
    pub key_metadata: Option<KeyMetadata> = ("KeyMetadata", "KeyMetadata", "KeyMetadata"),
}
}

crate::shape::shape! {
pub struct DecryptRequest {
    pub ciphertext_blob: Option<Vec<u8>> = ("CiphertextBlob", "CiphertextBlob", "CiphertextBlob"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub dry_run_modifiers: Option<Vec<String>> = ("DryRunModifiers", "DryRunModifiers", "member", "DryRunModifiers", "member"),
    pub encryption_algorithm: Option<String> = ("EncryptionAlgorithm", "EncryptionAlgorithm", "EncryptionAlgorithm"),
    pub encryption_context: Option<BTreeMap<String, String>> = ("EncryptionContext", "EncryptionContext", "EncryptionContext"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub recipient: Option<RecipientInfo> = ("Recipient", "Recipient", "Recipient"),
}
}

crate::shape::shape! {
pub struct DecryptResponse {
    pub ciphertext_for_recipient: Option<Vec<u8>> = ("CiphertextForRecipient", "CiphertextForRecipient", "CiphertextForRecipient"),
    pub encryption_algorithm: Option<String> = ("EncryptionAlgorithm", "EncryptionAlgorithm", "EncryptionAlgorithm"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
    pub plaintext: Option<Vec<u8>> = ("Plaintext", "Plaintext", "Plaintext"),
}
}

crate::shape::shape! {
pub struct DeleteAliasRequest {
    pub alias_name: Option<String> = ("AliasName", "AliasName", "AliasName"),
}
}

crate::shape::shape! {
pub struct DeleteImportedKeyMaterialRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
}
}

crate::shape::shape! {
pub struct DeleteImportedKeyMaterialResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
}
}

crate::shape::shape! {
pub struct DeriveSharedSecretRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_agreement_algorithm: Option<String> = ("KeyAgreementAlgorithm", "KeyAgreementAlgorithm", "KeyAgreementAlgorithm"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub public_key: Option<Vec<u8>> = ("PublicKey", "PublicKey", "PublicKey"),
    pub recipient: Option<RecipientInfo> = ("Recipient", "Recipient", "Recipient"),
}
}

crate::shape::shape! {
pub struct DeriveSharedSecretResponse {
    pub ciphertext_for_recipient: Option<Vec<u8>> = ("CiphertextForRecipient", "CiphertextForRecipient", "CiphertextForRecipient"),
    pub key_agreement_algorithm: Option<String> = ("KeyAgreementAlgorithm", "KeyAgreementAlgorithm", "KeyAgreementAlgorithm"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_origin: Option<String> = ("KeyOrigin", "KeyOrigin", "KeyOrigin"),
    pub shared_secret: Option<Vec<u8>> = ("SharedSecret", "SharedSecret", "SharedSecret"),
}
}

crate::shape::shape! {
pub struct DescribeKeyRequest {
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct DescribeKeyResponse {
    pub key_metadata: Option<KeyMetadata> = ("KeyMetadata", "KeyMetadata", "KeyMetadata"),
}
}

crate::shape::shape! {
pub struct DisableKeyRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct DisableKeyRotationRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct EnableKeyRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct EnableKeyRotationRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub rotation_period_in_days: Option<i32> = ("RotationPeriodInDays", "RotationPeriodInDays", "RotationPeriodInDays"),
}
}

crate::shape::shape! {
pub struct EncryptRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub encryption_algorithm: Option<String> = ("EncryptionAlgorithm", "EncryptionAlgorithm", "EncryptionAlgorithm"),
    pub encryption_context: Option<BTreeMap<String, String>> = ("EncryptionContext", "EncryptionContext", "EncryptionContext"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub plaintext: Option<Vec<u8>> = ("Plaintext", "Plaintext", "Plaintext"),
}
}

crate::shape::shape! {
pub struct EncryptResponse {
    pub ciphertext_blob: Option<Vec<u8>> = ("CiphertextBlob", "CiphertextBlob", "CiphertextBlob"),
    pub encryption_algorithm: Option<String> = ("EncryptionAlgorithm", "EncryptionAlgorithm", "EncryptionAlgorithm"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyPairRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub encryption_context: Option<BTreeMap<String, String>> = ("EncryptionContext", "EncryptionContext", "EncryptionContext"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_pair_spec: Option<String> = ("KeyPairSpec", "KeyPairSpec", "KeyPairSpec"),
    pub recipient: Option<RecipientInfo> = ("Recipient", "Recipient", "Recipient"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyPairResponse {
    pub ciphertext_for_recipient: Option<Vec<u8>> = ("CiphertextForRecipient", "CiphertextForRecipient", "CiphertextForRecipient"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
    pub key_pair_spec: Option<String> = ("KeyPairSpec", "KeyPairSpec", "KeyPairSpec"),
    pub private_key_ciphertext_blob: Option<Vec<u8>> = ("PrivateKeyCiphertextBlob", "PrivateKeyCiphertextBlob", "PrivateKeyCiphertextBlob"),
    pub private_key_plaintext: Option<Vec<u8>> = ("PrivateKeyPlaintext", "PrivateKeyPlaintext", "PrivateKeyPlaintext"),
    pub public_key: Option<Vec<u8>> = ("PublicKey", "PublicKey", "PublicKey"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyPairWithoutPlaintextRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub encryption_context: Option<BTreeMap<String, String>> = ("EncryptionContext", "EncryptionContext", "EncryptionContext"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_pair_spec: Option<String> = ("KeyPairSpec", "KeyPairSpec", "KeyPairSpec"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyPairWithoutPlaintextResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
    pub key_pair_spec: Option<String> = ("KeyPairSpec", "KeyPairSpec", "KeyPairSpec"),
    pub private_key_ciphertext_blob: Option<Vec<u8>> = ("PrivateKeyCiphertextBlob", "PrivateKeyCiphertextBlob", "PrivateKeyCiphertextBlob"),
    pub public_key: Option<Vec<u8>> = ("PublicKey", "PublicKey", "PublicKey"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub encryption_context: Option<BTreeMap<String, String>> = ("EncryptionContext", "EncryptionContext", "EncryptionContext"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_spec: Option<String> = ("KeySpec", "KeySpec", "KeySpec"),
    pub number_of_bytes: Option<i32> = ("NumberOfBytes", "NumberOfBytes", "NumberOfBytes"),
    pub recipient: Option<RecipientInfo> = ("Recipient", "Recipient", "Recipient"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyResponse {
    pub ciphertext_blob: Option<Vec<u8>> = ("CiphertextBlob", "CiphertextBlob", "CiphertextBlob"),
    pub ciphertext_for_recipient: Option<Vec<u8>> = ("CiphertextForRecipient", "CiphertextForRecipient", "CiphertextForRecipient"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
    pub plaintext: Option<Vec<u8>> = ("Plaintext", "Plaintext", "Plaintext"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyWithoutPlaintextRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub encryption_context: Option<BTreeMap<String, String>> = ("EncryptionContext", "EncryptionContext", "EncryptionContext"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_spec: Option<String> = ("KeySpec", "KeySpec", "KeySpec"),
    pub number_of_bytes: Option<i32> = ("NumberOfBytes", "NumberOfBytes", "NumberOfBytes"),
}
}

crate::shape::shape! {
pub struct GenerateDataKeyWithoutPlaintextResponse {
    pub ciphertext_blob: Option<Vec<u8>> = ("CiphertextBlob", "CiphertextBlob", "CiphertextBlob"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
}
}

crate::shape::shape! {
pub struct GenerateMacRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub mac_algorithm: Option<String> = ("MacAlgorithm", "MacAlgorithm", "MacAlgorithm"),
    pub message: Option<Vec<u8>> = ("Message", "Message", "Message"),
}
}

crate::shape::shape! {
pub struct GenerateMacResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub mac: Option<Vec<u8>> = ("Mac", "Mac", "Mac"),
    pub mac_algorithm: Option<String> = ("MacAlgorithm", "MacAlgorithm", "MacAlgorithm"),
}
}

crate::shape::shape! {
pub struct GenerateRandomRequest {
    pub custom_key_store_id: Option<String> = ("CustomKeyStoreId", "CustomKeyStoreId", "CustomKeyStoreId"),
    pub number_of_bytes: Option<i32> = ("NumberOfBytes", "NumberOfBytes", "NumberOfBytes"),
    pub recipient: Option<RecipientInfo> = ("Recipient", "Recipient", "Recipient"),
}
}

crate::shape::shape! {
pub struct GenerateRandomResponse {
    pub ciphertext_for_recipient: Option<Vec<u8>> = ("CiphertextForRecipient", "CiphertextForRecipient", "CiphertextForRecipient"),
    pub plaintext: Option<Vec<u8>> = ("Plaintext", "Plaintext", "Plaintext"),
}
}

crate::shape::shape! {
pub struct GetKeyPolicyRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct GetKeyPolicyResponse {
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct GetKeyRotationStatusRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct GetKeyRotationStatusResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_rotation_enabled: Option<bool> = ("KeyRotationEnabled", "KeyRotationEnabled", "KeyRotationEnabled"),
    pub next_rotation_date: Option<TimestampMs> = ("NextRotationDate", "NextRotationDate", "NextRotationDate"),
    pub on_demand_rotation_start_date: Option<TimestampMs> = ("OnDemandRotationStartDate", "OnDemandRotationStartDate", "OnDemandRotationStartDate"),
    pub rotation_period_in_days: Option<i32> = ("RotationPeriodInDays", "RotationPeriodInDays", "RotationPeriodInDays"),
}
}

crate::shape::shape! {
pub struct GetParametersForImportRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub wrapping_algorithm: Option<String> = ("WrappingAlgorithm", "WrappingAlgorithm", "WrappingAlgorithm"),
    pub wrapping_key_spec: Option<String> = ("WrappingKeySpec", "WrappingKeySpec", "WrappingKeySpec"),
}
}

crate::shape::shape! {
pub struct GetParametersForImportResponse {
    pub import_token: Option<Vec<u8>> = ("ImportToken", "ImportToken", "ImportToken"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub parameters_valid_to: Option<TimestampMs> = ("ParametersValidTo", "ParametersValidTo", "ParametersValidTo"),
    pub public_key: Option<Vec<u8>> = ("PublicKey", "PublicKey", "PublicKey"),
}
}

crate::shape::shape! {
pub struct GetPublicKeyRequest {
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct GetPublicKeyResponse {
    pub customer_master_key_spec: Option<String> = ("CustomerMasterKeySpec", "CustomerMasterKeySpec", "CustomerMasterKeySpec"),
    pub encryption_algorithms: Option<Vec<String>> = ("EncryptionAlgorithms", "EncryptionAlgorithms", "member", "EncryptionAlgorithms", "member"),
    pub key_agreement_algorithms: Option<Vec<String>> = ("KeyAgreementAlgorithms", "KeyAgreementAlgorithms", "member", "KeyAgreementAlgorithms", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_spec: Option<String> = ("KeySpec", "KeySpec", "KeySpec"),
    pub key_usage: Option<String> = ("KeyUsage", "KeyUsage", "KeyUsage"),
    pub public_key: Option<Vec<u8>> = ("PublicKey", "PublicKey", "PublicKey"),
    pub signing_algorithms: Option<Vec<String>> = ("SigningAlgorithms", "SigningAlgorithms", "member", "SigningAlgorithms", "member"),
}
}

crate::shape::shape! {
pub struct GrantConstraints {
    pub encryption_context_equals: Option<BTreeMap<String, String>> = ("EncryptionContextEquals", "EncryptionContextEquals", "EncryptionContextEquals"),
    pub encryption_context_subset: Option<BTreeMap<String, String>> = ("EncryptionContextSubset", "EncryptionContextSubset", "EncryptionContextSubset"),
}
}

crate::shape::shape! {
pub struct GrantListEntry {
    pub constraints: Option<GrantConstraints> = ("Constraints", "Constraints", "Constraints"),
    pub creation_date: Option<TimestampMs> = ("CreationDate", "CreationDate", "CreationDate"),
    pub grant_id: Option<String> = ("GrantId", "GrantId", "GrantId"),
    pub grantee_principal: Option<String> = ("GranteePrincipal", "GranteePrincipal", "GranteePrincipal"),
    pub issuing_account: Option<String> = ("IssuingAccount", "IssuingAccount", "IssuingAccount"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub operations: Option<Vec<String>> = ("Operations", "Operations", "member", "Operations", "member"),
    pub retiring_principal: Option<String> = ("RetiringPrincipal", "RetiringPrincipal", "RetiringPrincipal"),
}
}

crate::shape::shape! {
pub struct ImportKeyMaterialRequest {
    pub encrypted_key_material: Option<Vec<u8>> = ("EncryptedKeyMaterial", "EncryptedKeyMaterial", "EncryptedKeyMaterial"),
    pub expiration_model: Option<String> = ("ExpirationModel", "ExpirationModel", "ExpirationModel"),
    pub import_token: Option<Vec<u8>> = ("ImportToken", "ImportToken", "ImportToken"),
    pub import_type: Option<String> = ("ImportType", "ImportType", "ImportType"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_description: Option<String> = ("KeyMaterialDescription", "KeyMaterialDescription", "KeyMaterialDescription"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
    pub valid_to: Option<TimestampMs> = ("ValidTo", "ValidTo", "ValidTo"),
}
}

crate::shape::shape! {
pub struct ImportKeyMaterialResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
}
}

crate::shape::shape! {
pub struct KeyListEntry {
    pub key_arn: Option<String> = ("KeyArn", "KeyArn", "KeyArn"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct KeyMetadata {
    pub aws_account_id: Option<String> = ("AWSAccountId", "AWSAccountId", "AWSAccountId"),
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub cloud_hsm_cluster_id: Option<String> = ("CloudHsmClusterId", "CloudHsmClusterId", "CloudHsmClusterId"),
    pub creation_date: Option<TimestampMs> = ("CreationDate", "CreationDate", "CreationDate"),
    pub current_key_material_id: Option<String> = ("CurrentKeyMaterialId", "CurrentKeyMaterialId", "CurrentKeyMaterialId"),
    pub custom_key_store_id: Option<String> = ("CustomKeyStoreId", "CustomKeyStoreId", "CustomKeyStoreId"),
    pub customer_master_key_spec: Option<String> = ("CustomerMasterKeySpec", "CustomerMasterKeySpec", "CustomerMasterKeySpec"),
    pub deletion_date: Option<TimestampMs> = ("DeletionDate", "DeletionDate", "DeletionDate"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub enabled: Option<bool> = ("Enabled", "Enabled", "Enabled"),
    pub encryption_algorithms: Option<Vec<String>> = ("EncryptionAlgorithms", "EncryptionAlgorithms", "member", "EncryptionAlgorithms", "member"),
    pub expiration_model: Option<String> = ("ExpirationModel", "ExpirationModel", "ExpirationModel"),
    pub key_agreement_algorithms: Option<Vec<String>> = ("KeyAgreementAlgorithms", "KeyAgreementAlgorithms", "member", "KeyAgreementAlgorithms", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_manager: Option<String> = ("KeyManager", "KeyManager", "KeyManager"),
    pub key_spec: Option<String> = ("KeySpec", "KeySpec", "KeySpec"),
    pub key_state: Option<String> = ("KeyState", "KeyState", "KeyState"),
    pub key_usage: Option<String> = ("KeyUsage", "KeyUsage", "KeyUsage"),
    pub mac_algorithms: Option<Vec<String>> = ("MacAlgorithms", "MacAlgorithms", "member", "MacAlgorithms", "member"),
    pub multi_region: Option<bool> = ("MultiRegion", "MultiRegion", "MultiRegion"),
    pub multi_region_configuration: Option<MultiRegionConfiguration> = ("MultiRegionConfiguration", "MultiRegionConfiguration", "MultiRegionConfiguration"),
    pub origin: Option<String> = ("Origin", "Origin", "Origin"),
    pub pending_deletion_window_in_days: Option<i32> = ("PendingDeletionWindowInDays", "PendingDeletionWindowInDays", "PendingDeletionWindowInDays"),
    pub signing_algorithms: Option<Vec<String>> = ("SigningAlgorithms", "SigningAlgorithms", "member", "SigningAlgorithms", "member"),
    pub valid_to: Option<TimestampMs> = ("ValidTo", "ValidTo", "ValidTo"),
    pub xks_key_configuration: Option<XksKeyConfigurationType> = ("XksKeyConfiguration", "XksKeyConfiguration", "XksKeyConfiguration"),
}
}

crate::shape::shape! {
pub struct ListAliasesRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub limit: Option<i32> = ("Limit", "Limit", "Limit"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListAliasesResponse {
    pub aliases: Option<Vec<AliasListEntry>> = ("Aliases", "Aliases", "member", "Aliases", "member"),
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub truncated: Option<bool> = ("Truncated", "Truncated", "Truncated"),
}
}

crate::shape::shape! {
pub struct ListGrantsRequest {
    pub grant_id: Option<String> = ("GrantId", "GrantId", "GrantId"),
    pub grantee_principal: Option<String> = ("GranteePrincipal", "GranteePrincipal", "GranteePrincipal"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub limit: Option<i32> = ("Limit", "Limit", "Limit"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListGrantsResponse {
    pub grants: Option<Vec<GrantListEntry>> = ("Grants", "Grants", "member", "Grants", "member"),
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub truncated: Option<bool> = ("Truncated", "Truncated", "Truncated"),
}
}

crate::shape::shape! {
pub struct ListKeyPoliciesRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub limit: Option<i32> = ("Limit", "Limit", "Limit"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListKeyPoliciesResponse {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub policy_names: Option<Vec<String>> = ("PolicyNames", "PolicyNames", "member", "PolicyNames", "member"),
    pub truncated: Option<bool> = ("Truncated", "Truncated", "Truncated"),
}
}

crate::shape::shape! {
pub struct ListKeyRotationsRequest {
    pub include_key_material: Option<String> = ("IncludeKeyMaterial", "IncludeKeyMaterial", "IncludeKeyMaterial"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub limit: Option<i32> = ("Limit", "Limit", "Limit"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListKeyRotationsResponse {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub rotations: Option<Vec<RotationsListEntry>> = ("Rotations", "Rotations", "member", "Rotations", "member"),
    pub truncated: Option<bool> = ("Truncated", "Truncated", "Truncated"),
}
}

crate::shape::shape! {
pub struct ListKeysRequest {
    pub limit: Option<i32> = ("Limit", "Limit", "Limit"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListKeysResponse {
    pub keys: Option<Vec<KeyListEntry>> = ("Keys", "Keys", "member", "Keys", "member"),
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub truncated: Option<bool> = ("Truncated", "Truncated", "Truncated"),
}
}

crate::shape::shape! {
pub struct ListResourceTagsRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub limit: Option<i32> = ("Limit", "Limit", "Limit"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
}
}

crate::shape::shape! {
pub struct ListResourceTagsResponse {
    pub next_marker: Option<String> = ("NextMarker", "NextMarker", "NextMarker"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub truncated: Option<bool> = ("Truncated", "Truncated", "Truncated"),
}
}

crate::shape::shape! {
pub struct ListRetirableGrantsRequest {
    pub limit: Option<i32> = ("Limit", "Limit", "Limit"),
    pub marker: Option<String> = ("Marker", "Marker", "Marker"),
    pub retiring_principal: Option<String> = ("RetiringPrincipal", "RetiringPrincipal", "RetiringPrincipal"),
}
}

crate::shape::shape! {
pub struct MultiRegionConfiguration {
    pub multi_region_key_type: Option<String> = ("MultiRegionKeyType", "MultiRegionKeyType", "MultiRegionKeyType"),
    pub primary_key: Option<MultiRegionKey> = ("PrimaryKey", "PrimaryKey", "PrimaryKey"),
    pub replica_keys: Option<Vec<MultiRegionKey>> = ("ReplicaKeys", "ReplicaKeys", "member", "ReplicaKeys", "member"),
}
}

crate::shape::shape! {
pub struct MultiRegionKey {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub region: Option<String> = ("Region", "Region", "Region"),
}
}

crate::shape::shape! {
pub struct PutKeyPolicyRequest {
    pub bypass_policy_lockout_safety_check: Option<bool> = ("BypassPolicyLockoutSafetyCheck", "BypassPolicyLockoutSafetyCheck", "BypassPolicyLockoutSafetyCheck"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub policy_name: Option<String> = ("PolicyName", "PolicyName", "PolicyName"),
}
}

crate::shape::shape! {
pub struct ReEncryptRequest {
    pub ciphertext_blob: Option<Vec<u8>> = ("CiphertextBlob", "CiphertextBlob", "CiphertextBlob"),
    pub destination_encryption_algorithm: Option<String> = ("DestinationEncryptionAlgorithm", "DestinationEncryptionAlgorithm", "DestinationEncryptionAlgorithm"),
    pub destination_encryption_context: Option<BTreeMap<String, String>> = ("DestinationEncryptionContext", "DestinationEncryptionContext", "DestinationEncryptionContext"),
    pub destination_key_id: Option<String> = ("DestinationKeyId", "DestinationKeyId", "DestinationKeyId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub dry_run_modifiers: Option<Vec<String>> = ("DryRunModifiers", "DryRunModifiers", "member", "DryRunModifiers", "member"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub source_encryption_algorithm: Option<String> = ("SourceEncryptionAlgorithm", "SourceEncryptionAlgorithm", "SourceEncryptionAlgorithm"),
    pub source_encryption_context: Option<BTreeMap<String, String>> = ("SourceEncryptionContext", "SourceEncryptionContext", "SourceEncryptionContext"),
    pub source_key_id: Option<String> = ("SourceKeyId", "SourceKeyId", "SourceKeyId"),
}
}

crate::shape::shape! {
pub struct ReEncryptResponse {
    pub ciphertext_blob: Option<Vec<u8>> = ("CiphertextBlob", "CiphertextBlob", "CiphertextBlob"),
    pub destination_encryption_algorithm: Option<String> = ("DestinationEncryptionAlgorithm", "DestinationEncryptionAlgorithm", "DestinationEncryptionAlgorithm"),
    pub destination_key_material_id: Option<String> = ("DestinationKeyMaterialId", "DestinationKeyMaterialId", "DestinationKeyMaterialId"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub source_encryption_algorithm: Option<String> = ("SourceEncryptionAlgorithm", "SourceEncryptionAlgorithm", "SourceEncryptionAlgorithm"),
    pub source_key_id: Option<String> = ("SourceKeyId", "SourceKeyId", "SourceKeyId"),
    pub source_key_material_id: Option<String> = ("SourceKeyMaterialId", "SourceKeyMaterialId", "SourceKeyMaterialId"),
}
}

crate::shape::shape! {
pub struct RecipientInfo {
    pub attestation_document: Option<Vec<u8>> = ("AttestationDocument", "AttestationDocument", "AttestationDocument"),
    pub key_encryption_algorithm: Option<String> = ("KeyEncryptionAlgorithm", "KeyEncryptionAlgorithm", "KeyEncryptionAlgorithm"),
}
}

crate::shape::shape! {
pub struct ReplicateKeyRequest {
    pub bypass_policy_lockout_safety_check: Option<bool> = ("BypassPolicyLockoutSafetyCheck", "BypassPolicyLockoutSafetyCheck", "BypassPolicyLockoutSafetyCheck"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub replica_region: Option<String> = ("ReplicaRegion", "ReplicaRegion", "ReplicaRegion"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct ReplicateKeyResponse {
    pub replica_key_metadata: Option<KeyMetadata> = ("ReplicaKeyMetadata", "ReplicaKeyMetadata", "ReplicaKeyMetadata"),
    pub replica_policy: Option<String> = ("ReplicaPolicy", "ReplicaPolicy", "ReplicaPolicy"),
    pub replica_tags: Option<Vec<Tag>> = ("ReplicaTags", "ReplicaTags", "member", "ReplicaTags", "member"),
}
}

crate::shape::shape! {
pub struct RetireGrantRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_id: Option<String> = ("GrantId", "GrantId", "GrantId"),
    pub grant_token: Option<String> = ("GrantToken", "GrantToken", "GrantToken"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct RevokeGrantRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_id: Option<String> = ("GrantId", "GrantId", "GrantId"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct RotateKeyOnDemandRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct RotateKeyOnDemandResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct RotationsListEntry {
    pub expiration_model: Option<String> = ("ExpirationModel", "ExpirationModel", "ExpirationModel"),
    pub import_state: Option<String> = ("ImportState", "ImportState", "ImportState"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_material_description: Option<String> = ("KeyMaterialDescription", "KeyMaterialDescription", "KeyMaterialDescription"),
    pub key_material_id: Option<String> = ("KeyMaterialId", "KeyMaterialId", "KeyMaterialId"),
    pub key_material_state: Option<String> = ("KeyMaterialState", "KeyMaterialState", "KeyMaterialState"),
    pub rotation_date: Option<TimestampMs> = ("RotationDate", "RotationDate", "RotationDate"),
    pub rotation_type: Option<String> = ("RotationType", "RotationType", "RotationType"),
    pub valid_to: Option<TimestampMs> = ("ValidTo", "ValidTo", "ValidTo"),
}
}

crate::shape::shape! {
pub struct ScheduleKeyDeletionRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub pending_window_in_days: Option<i32> = ("PendingWindowInDays", "PendingWindowInDays", "PendingWindowInDays"),
}
}

crate::shape::shape! {
pub struct ScheduleKeyDeletionResponse {
    pub deletion_date: Option<TimestampMs> = ("DeletionDate", "DeletionDate", "DeletionDate"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub key_state: Option<String> = ("KeyState", "KeyState", "KeyState"),
    pub pending_window_in_days: Option<i32> = ("PendingWindowInDays", "PendingWindowInDays", "PendingWindowInDays"),
}
}

crate::shape::shape! {
pub struct SignRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub message: Option<Vec<u8>> = ("Message", "Message", "Message"),
    pub message_type: Option<String> = ("MessageType", "MessageType", "MessageType"),
    pub signing_algorithm: Option<String> = ("SigningAlgorithm", "SigningAlgorithm", "SigningAlgorithm"),
}
}

crate::shape::shape! {
pub struct SignResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub signature: Option<Vec<u8>> = ("Signature", "Signature", "Signature"),
    pub signing_algorithm: Option<String> = ("SigningAlgorithm", "SigningAlgorithm", "SigningAlgorithm"),
}
}

crate::shape::shape! {
pub struct Tag {
    pub tag_key: Option<String> = ("TagKey", "TagKey", "TagKey"),
    pub tag_value: Option<String> = ("TagValue", "TagValue", "TagValue"),
}
}

crate::shape::shape! {
pub struct TagResourceRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct UntagResourceRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub tag_keys: Option<Vec<String>> = ("TagKeys", "TagKeys", "member", "TagKeys", "member"),
}
}

crate::shape::shape! {
pub struct UpdateAliasRequest {
    pub alias_name: Option<String> = ("AliasName", "AliasName", "AliasName"),
    pub target_key_id: Option<String> = ("TargetKeyId", "TargetKeyId", "TargetKeyId"),
}
}

crate::shape::shape! {
pub struct UpdateKeyDescriptionRequest {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
}
}

crate::shape::shape! {
pub struct UpdatePrimaryRegionRequest {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub primary_region: Option<String> = ("PrimaryRegion", "PrimaryRegion", "PrimaryRegion"),
}
}

crate::shape::shape! {
pub struct VerifyMacRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub mac: Option<Vec<u8>> = ("Mac", "Mac", "Mac"),
    pub mac_algorithm: Option<String> = ("MacAlgorithm", "MacAlgorithm", "MacAlgorithm"),
    pub message: Option<Vec<u8>> = ("Message", "Message", "Message"),
}
}

crate::shape::shape! {
pub struct VerifyMacResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub mac_algorithm: Option<String> = ("MacAlgorithm", "MacAlgorithm", "MacAlgorithm"),
    pub mac_valid: Option<bool> = ("MacValid", "MacValid", "MacValid"),
}
}

crate::shape::shape! {
pub struct VerifyRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub grant_tokens: Option<Vec<String>> = ("GrantTokens", "GrantTokens", "member", "GrantTokens", "member"),
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub message: Option<Vec<u8>> = ("Message", "Message", "Message"),
    pub message_type: Option<String> = ("MessageType", "MessageType", "MessageType"),
    pub signature: Option<Vec<u8>> = ("Signature", "Signature", "Signature"),
    pub signing_algorithm: Option<String> = ("SigningAlgorithm", "SigningAlgorithm", "SigningAlgorithm"),
}
}

crate::shape::shape! {
pub struct VerifyResponse {
    pub key_id: Option<String> = ("KeyId", "KeyId", "KeyId"),
    pub signature_valid: Option<bool> = ("SignatureValid", "SignatureValid", "SignatureValid"),
    pub signing_algorithm: Option<String> = ("SigningAlgorithm", "SigningAlgorithm", "SigningAlgorithm"),
}
}

crate::shape::shape! {
pub struct XksKeyConfigurationType {
    pub id: Option<String> = ("Id", "Id", "Id"),
}
}
