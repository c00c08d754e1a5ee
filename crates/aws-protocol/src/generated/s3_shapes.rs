//! Shapes of s3.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct AbortIncompleteMultipartUpload {
    pub days_after_initiation: Option<i32> = (element "DaysAfterInitiation", "DaysAfterInitiation", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct AccelerateConfiguration {
    pub status: Option<String> = (element "Status", "Status", "", optional, BUCKET_ACCELERATE_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct AccessControlPolicy {
    pub grants: Option<Vec<Grant>> = (element "Grants", "AccessControlList", "Grant", optional, &[]),
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct AccessControlTranslation {
    pub owner: Option<String> = (element "Owner", "Owner", "", required, OWNER_OVERRIDE_VALUES),
}
}

crate::shape::shape! {
pub struct AnalyticsAndOperator {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tags: Option<Vec<Tag>> = (flattened "Tags", "Tag", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct AnalyticsConfiguration {
    pub id: Option<String> = (element "Id", "Id", "", required, &[]),
    pub filter: Option<AnalyticsFilter> = (element "Filter", "Filter", "", optional, &[]),
    pub storage_class_analysis: Option<StorageClassAnalysis> = (element "StorageClassAnalysis", "StorageClassAnalysis", "", required, &[]),
}
}

crate::shape::shape! {
pub struct AnalyticsExportDestination {
    pub s3_bucket_destination: Option<AnalyticsS3BucketDestination> = (element "S3BucketDestination", "S3BucketDestination", "", required, &[]),
}
}

crate::shape::shape! {
pub struct AnalyticsFilter {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tag: Option<Tag> = (element "Tag", "Tag", "", optional, &[]),
    pub and: Option<AnalyticsAndOperator> = (element "And", "And", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct AnalyticsS3BucketDestination {
    pub format: Option<String> = (element "Format", "Format", "", required, ANALYTICS_S3_EXPORT_FILE_FORMAT_VALUES),
    pub bucket_account_id: Option<String> = (element "BucketAccountId", "BucketAccountId", "", optional, &[]),
    pub bucket: Option<String> = (element "Bucket", "Bucket", "", required, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct BlockedEncryptionTypes {
    pub encryption_type: Option<Vec<String>> = (flattened "EncryptionType", "EncryptionType", "", optional, ENCRYPTION_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct Bucket {
    pub name: Option<String> = (element "Name", "Name", "", optional, &[]),
    pub creation_date: Option<TimestampMs> = (element "CreationDate", "CreationDate", "", optional, &[]),
    pub bucket_region: Option<String> = (element "BucketRegion", "BucketRegion", "", optional, &[]),
    pub bucket_arn: Option<String> = (element "BucketArn", "BucketArn", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct BucketInfo {
    pub data_redundancy: Option<String> = (element "DataRedundancy", "DataRedundancy", "", optional, DATA_REDUNDANCY_VALUES),
    pub r#type: Option<String> = (element "Type", "Type", "", optional, BUCKET_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct BucketLifecycleConfiguration {
    pub rules: Option<Vec<LifecycleRule>> = (flattened "Rules", "Rule", "", required, &[]),
}
}

crate::shape::shape! {
pub struct BucketLoggingStatus {
    pub logging_enabled: Option<LoggingEnabled> = (element "LoggingEnabled", "LoggingEnabled", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CORSConfiguration {
    pub cors_rules: Option<Vec<CORSRule>> = (flattened "CORSRules", "CORSRule", "", required, &[]),
}
}

crate::shape::shape! {
pub struct CORSRule {
    pub id: Option<String> = (element "ID", "ID", "", optional, &[]),
    pub allowed_headers: Option<Vec<String>> = (flattened "AllowedHeaders", "AllowedHeader", "", optional, &[]),
    pub allowed_methods: Option<Vec<String>> = (flattened "AllowedMethods", "AllowedMethod", "", required, &[]),
    pub allowed_origins: Option<Vec<String>> = (flattened "AllowedOrigins", "AllowedOrigin", "", required, &[]),
    pub expose_headers: Option<Vec<String>> = (flattened "ExposeHeaders", "ExposeHeader", "", optional, &[]),
    pub max_age_seconds: Option<i32> = (element "MaxAgeSeconds", "MaxAgeSeconds", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CSVInput {
    pub file_header_info: Option<String> = (element "FileHeaderInfo", "FileHeaderInfo", "", optional, FILE_HEADER_INFO_VALUES),
    pub comments: Option<String> = (element "Comments", "Comments", "", optional, &[]),
    pub quote_escape_character: Option<String> = (element "QuoteEscapeCharacter", "QuoteEscapeCharacter", "", optional, &[]),
    pub record_delimiter: Option<String> = (element "RecordDelimiter", "RecordDelimiter", "", optional, &[]),
    pub field_delimiter: Option<String> = (element "FieldDelimiter", "FieldDelimiter", "", optional, &[]),
    pub quote_character: Option<String> = (element "QuoteCharacter", "QuoteCharacter", "", optional, &[]),
    pub allow_quoted_record_delimiter: Option<bool> = (element "AllowQuotedRecordDelimiter", "AllowQuotedRecordDelimiter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CSVOutput {
    pub quote_fields: Option<String> = (element "QuoteFields", "QuoteFields", "", optional, QUOTE_FIELDS_VALUES),
    pub quote_escape_character: Option<String> = (element "QuoteEscapeCharacter", "QuoteEscapeCharacter", "", optional, &[]),
    pub record_delimiter: Option<String> = (element "RecordDelimiter", "RecordDelimiter", "", optional, &[]),
    pub field_delimiter: Option<String> = (element "FieldDelimiter", "FieldDelimiter", "", optional, &[]),
    pub quote_character: Option<String> = (element "QuoteCharacter", "QuoteCharacter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Checksum {
    pub checksum_crc32: Option<String> = (element "ChecksumCRC32", "ChecksumCRC32", "", optional, &[]),
    pub checksum_crc32_c: Option<String> = (element "ChecksumCRC32C", "ChecksumCRC32C", "", optional, &[]),
    pub checksum_crc64_nvme: Option<String> = (element "ChecksumCRC64NVME", "ChecksumCRC64NVME", "", optional, &[]),
    pub checksum_sha1: Option<String> = (element "ChecksumSHA1", "ChecksumSHA1", "", optional, &[]),
    pub checksum_sha256: Option<String> = (element "ChecksumSHA256", "ChecksumSHA256", "", optional, &[]),
    pub checksum_sha512: Option<String> = (element "ChecksumSHA512", "ChecksumSHA512", "", optional, &[]),
    pub checksum_md5: Option<String> = (element "ChecksumMD5", "ChecksumMD5", "", optional, &[]),
    pub checksum_xxhash64: Option<String> = (element "ChecksumXXHASH64", "ChecksumXXHASH64", "", optional, &[]),
    pub checksum_xxhash3: Option<String> = (element "ChecksumXXHASH3", "ChecksumXXHASH3", "", optional, &[]),
    pub checksum_xxhash128: Option<String> = (element "ChecksumXXHASH128", "ChecksumXXHASH128", "", optional, &[]),
    pub checksum_type: Option<String> = (element "ChecksumType", "ChecksumType", "", optional, CHECKSUM_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct CommonPrefix {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CompleteMultipartUploadOutput {
    pub location: Option<String> = (element "Location", "Location", "", optional, &[]),
    pub bucket: Option<String> = (element "Bucket", "Bucket", "", optional, &[]),
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub checksum_crc32: Option<String> = (element "ChecksumCRC32", "ChecksumCRC32", "", optional, &[]),
    pub checksum_crc32_c: Option<String> = (element "ChecksumCRC32C", "ChecksumCRC32C", "", optional, &[]),
    pub checksum_crc64_nvme: Option<String> = (element "ChecksumCRC64NVME", "ChecksumCRC64NVME", "", optional, &[]),
    pub checksum_sha1: Option<String> = (element "ChecksumSHA1", "ChecksumSHA1", "", optional, &[]),
    pub checksum_sha256: Option<String> = (element "ChecksumSHA256", "ChecksumSHA256", "", optional, &[]),
    pub checksum_sha512: Option<String> = (element "ChecksumSHA512", "ChecksumSHA512", "", optional, &[]),
    pub checksum_md5: Option<String> = (element "ChecksumMD5", "ChecksumMD5", "", optional, &[]),
    pub checksum_xxhash64: Option<String> = (element "ChecksumXXHASH64", "ChecksumXXHASH64", "", optional, &[]),
    pub checksum_xxhash3: Option<String> = (element "ChecksumXXHASH3", "ChecksumXXHASH3", "", optional, &[]),
    pub checksum_xxhash128: Option<String> = (element "ChecksumXXHASH128", "ChecksumXXHASH128", "", optional, &[]),
    pub checksum_type: Option<String> = (element "ChecksumType", "ChecksumType", "", optional, CHECKSUM_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct CompletedMultipartUpload {
    pub parts: Option<Vec<CompletedPart>> = (flattened "Parts", "Part", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CompletedPart {
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub checksum_crc32: Option<String> = (element "ChecksumCRC32", "ChecksumCRC32", "", optional, &[]),
    pub checksum_crc32_c: Option<String> = (element "ChecksumCRC32C", "ChecksumCRC32C", "", optional, &[]),
    pub checksum_crc64_nvme: Option<String> = (element "ChecksumCRC64NVME", "ChecksumCRC64NVME", "", optional, &[]),
    pub checksum_sha1: Option<String> = (element "ChecksumSHA1", "ChecksumSHA1", "", optional, &[]),
    pub checksum_sha256: Option<String> = (element "ChecksumSHA256", "ChecksumSHA256", "", optional, &[]),
    pub checksum_sha512: Option<String> = (element "ChecksumSHA512", "ChecksumSHA512", "", optional, &[]),
    pub checksum_md5: Option<String> = (element "ChecksumMD5", "ChecksumMD5", "", optional, &[]),
    pub checksum_xxhash64: Option<String> = (element "ChecksumXXHASH64", "ChecksumXXHASH64", "", optional, &[]),
    pub checksum_xxhash3: Option<String> = (element "ChecksumXXHASH3", "ChecksumXXHASH3", "", optional, &[]),
    pub checksum_xxhash128: Option<String> = (element "ChecksumXXHASH128", "ChecksumXXHASH128", "", optional, &[]),
    pub part_number: Option<i32> = (element "PartNumber", "PartNumber", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Condition {
    pub http_error_code_returned_equals: Option<String> = (element "HttpErrorCodeReturnedEquals", "HttpErrorCodeReturnedEquals", "", optional, &[]),
    pub key_prefix_equals: Option<String> = (element "KeyPrefixEquals", "KeyPrefixEquals", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CopyObjectResult {
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub last_modified: Option<TimestampMs> = (element "LastModified", "LastModified", "", optional, &[]),
    pub checksum_type: Option<String> = (element "ChecksumType", "ChecksumType", "", optional, CHECKSUM_TYPE_VALUES),
    pub checksum_crc32: Option<String> = (element "ChecksumCRC32", "ChecksumCRC32", "", optional, &[]),
    pub checksum_crc32_c: Option<String> = (element "ChecksumCRC32C", "ChecksumCRC32C", "", optional, &[]),
    pub checksum_crc64_nvme: Option<String> = (element "ChecksumCRC64NVME", "ChecksumCRC64NVME", "", optional, &[]),
    pub checksum_sha1: Option<String> = (element "ChecksumSHA1", "ChecksumSHA1", "", optional, &[]),
    pub checksum_sha256: Option<String> = (element "ChecksumSHA256", "ChecksumSHA256", "", optional, &[]),
    pub checksum_sha512: Option<String> = (element "ChecksumSHA512", "ChecksumSHA512", "", optional, &[]),
    pub checksum_md5: Option<String> = (element "ChecksumMD5", "ChecksumMD5", "", optional, &[]),
    pub checksum_xxhash64: Option<String> = (element "ChecksumXXHASH64", "ChecksumXXHASH64", "", optional, &[]),
    pub checksum_xxhash3: Option<String> = (element "ChecksumXXHASH3", "ChecksumXXHASH3", "", optional, &[]),
    pub checksum_xxhash128: Option<String> = (element "ChecksumXXHASH128", "ChecksumXXHASH128", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CopyPartResult {
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub last_modified: Option<TimestampMs> = (element "LastModified", "LastModified", "", optional, &[]),
    pub checksum_crc32: Option<String> = (element "ChecksumCRC32", "ChecksumCRC32", "", optional, &[]),
    pub checksum_crc32_c: Option<String> = (element "ChecksumCRC32C", "ChecksumCRC32C", "", optional, &[]),
    pub checksum_crc64_nvme: Option<String> = (element "ChecksumCRC64NVME", "ChecksumCRC64NVME", "", optional, &[]),
    pub checksum_sha1: Option<String> = (element "ChecksumSHA1", "ChecksumSHA1", "", optional, &[]),
    pub checksum_sha256: Option<String> = (element "ChecksumSHA256", "ChecksumSHA256", "", optional, &[]),
    pub checksum_sha512: Option<String> = (element "ChecksumSHA512", "ChecksumSHA512", "", optional, &[]),
    pub checksum_md5: Option<String> = (element "ChecksumMD5", "ChecksumMD5", "", optional, &[]),
    pub checksum_xxhash64: Option<String> = (element "ChecksumXXHASH64", "ChecksumXXHASH64", "", optional, &[]),
    pub checksum_xxhash3: Option<String> = (element "ChecksumXXHASH3", "ChecksumXXHASH3", "", optional, &[]),
    pub checksum_xxhash128: Option<String> = (element "ChecksumXXHASH128", "ChecksumXXHASH128", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct CreateBucketConfiguration {
    pub location_constraint: Option<String> = (element "LocationConstraint", "LocationConstraint", "", optional, &[]),
    pub location: Option<LocationInfo> = (element "Location", "Location", "", optional, &[]),
    pub bucket: Option<BucketInfo> = (element "Bucket", "Bucket", "", optional, &[]),
    pub tags: Option<Vec<Tag>> = (element "Tags", "Tags", "Tag", optional, &[]),
}
}

crate::shape::shape! {
pub struct CreateMultipartUploadOutput {
    pub bucket: Option<String> = (element "Bucket", "Bucket", "", optional, &[]),
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub upload_id: Option<String> = (element "UploadId", "UploadId", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct DefaultRetention {
    pub mode: Option<String> = (element "Mode", "Mode", "", optional, OBJECT_LOCK_RETENTION_MODE_VALUES),
    pub days: Option<i32> = (element "Days", "Days", "", optional, &[]),
    pub years: Option<i32> = (element "Years", "Years", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Delete {
    pub objects: Option<Vec<ObjectIdentifier>> = (flattened "Objects", "Object", "", required, &[]),
    pub quiet: Option<bool> = (element "Quiet", "Quiet", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct DeleteMarkerEntry {
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub version_id: Option<String> = (element "VersionId", "VersionId", "", optional, &[]),
    pub is_latest: Option<bool> = (element "IsLatest", "IsLatest", "", optional, &[]),
    pub last_modified: Option<TimestampMs> = (element "LastModified", "LastModified", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct DeleteMarkerReplication {
    pub status: Option<String> = (element "Status", "Status", "", optional, DELETE_MARKER_REPLICATION_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct DeleteObjectsOutput {
    pub deleted: Option<Vec<DeletedObject>> = (flattened "Deleted", "Deleted", "", optional, &[]),
    pub errors: Option<Vec<Error>> = (flattened "Errors", "Error", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct DeletedObject {
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub version_id: Option<String> = (element "VersionId", "VersionId", "", optional, &[]),
    pub delete_marker: Option<bool> = (element "DeleteMarker", "DeleteMarker", "", optional, &[]),
    pub delete_marker_version_id: Option<String> = (element "DeleteMarkerVersionId", "DeleteMarkerVersionId", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Destination {
    pub bucket: Option<String> = (element "Bucket", "Bucket", "", required, &[]),
    pub account: Option<String> = (element "Account", "Account", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, STORAGE_CLASS_VALUES),
    pub access_control_translation: Option<AccessControlTranslation> = (element "AccessControlTranslation", "AccessControlTranslation", "", optional, &[]),
    pub encryption_configuration: Option<EncryptionConfiguration> = (element "EncryptionConfiguration", "EncryptionConfiguration", "", optional, &[]),
    pub replication_time: Option<ReplicationTime> = (element "ReplicationTime", "ReplicationTime", "", optional, &[]),
    pub metrics: Option<Metrics> = (element "Metrics", "Metrics", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Encryption {
    pub encryption_type: Option<String> = (element "EncryptionType", "EncryptionType", "", required, SERVER_SIDE_ENCRYPTION_VALUES),
    pub kms_key_id: Option<String> = (element "KMSKeyId", "KMSKeyId", "", optional, &[]),
    pub kms_context: Option<String> = (element "KMSContext", "KMSContext", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct EncryptionConfiguration {
    pub replica_kms_key_id: Option<String> = (element "ReplicaKmsKeyID", "ReplicaKmsKeyID", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Error {
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub version_id: Option<String> = (element "VersionId", "VersionId", "", optional, &[]),
    pub code: Option<String> = (element "Code", "Code", "", optional, &[]),
    pub message: Option<String> = (element "Message", "Message", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ErrorDocument {
    pub key: Option<String> = (element "Key", "Key", "", required, &[]),
}
}

crate::shape::shape! {
pub struct EventBridgeConfiguration {
}
}

crate::shape::shape! {
pub struct ExistingObjectReplication {
    pub status: Option<String> = (element "Status", "Status", "", required, EXISTING_OBJECT_REPLICATION_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct FilterRule {
    pub name: Option<String> = (element "Name", "Name", "", optional, &[]),
    pub value: Option<String> = (element "Value", "Value", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetBucketAccelerateConfigurationOutput {
    pub status: Option<String> = (element "Status", "Status", "", optional, BUCKET_ACCELERATE_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct GetBucketAclOutput {
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub grants: Option<Vec<Grant>> = (element "Grants", "AccessControlList", "Grant", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetBucketCorsOutput {
    pub cors_rules: Option<Vec<CORSRule>> = (flattened "CORSRules", "CORSRule", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetBucketLifecycleConfigurationOutput {
    pub rules: Option<Vec<LifecycleRule>> = (flattened "Rules", "Rule", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetBucketLocationOutput {
    pub location_constraint: Option<String> = (element "LocationConstraint", "LocationConstraint", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetBucketLoggingOutput {
    pub logging_enabled: Option<LoggingEnabled> = (element "LoggingEnabled", "LoggingEnabled", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetBucketRequestPaymentOutput {
    pub payer: Option<String> = (element "Payer", "Payer", "", optional, PAYER_VALUES),
}
}

crate::shape::shape! {
pub struct GetBucketTaggingOutput {
    pub tag_set: Option<Vec<Tag>> = (element "TagSet", "TagSet", "Tag", required, &[]),
}
}

crate::shape::shape! {
pub struct GetBucketVersioningOutput {
    pub status: Option<String> = (element "Status", "Status", "", optional, BUCKET_VERSIONING_STATUS_VALUES),
    pub mfa_delete: Option<String> = (element "MFADelete", "MfaDelete", "", optional, MFA_DELETE_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct GetBucketWebsiteOutput {
    pub redirect_all_requests_to: Option<RedirectAllRequestsTo> = (element "RedirectAllRequestsTo", "RedirectAllRequestsTo", "", optional, &[]),
    pub index_document: Option<IndexDocument> = (element "IndexDocument", "IndexDocument", "", optional, &[]),
    pub error_document: Option<ErrorDocument> = (element "ErrorDocument", "ErrorDocument", "", optional, &[]),
    pub routing_rules: Option<Vec<RoutingRule>> = (element "RoutingRules", "RoutingRules", "RoutingRule", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetObjectAclOutput {
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub grants: Option<Vec<Grant>> = (element "Grants", "AccessControlList", "Grant", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetObjectAttributesOutput {
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub checksum: Option<Checksum> = (element "Checksum", "Checksum", "", optional, &[]),
    pub object_parts: Option<GetObjectAttributesParts> = (element "ObjectParts", "ObjectParts", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, STORAGE_CLASS_VALUES),
    pub object_size: Option<i64> = (element "ObjectSize", "ObjectSize", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetObjectAttributesParts {
    pub total_parts_count: Option<i32> = (element "TotalPartsCount", "PartsCount", "", optional, &[]),
    pub part_number_marker: Option<i32> = (element "PartNumberMarker", "PartNumberMarker", "", optional, &[]),
    pub next_part_number_marker: Option<i32> = (element "NextPartNumberMarker", "NextPartNumberMarker", "", optional, &[]),
    pub max_parts: Option<i32> = (element "MaxParts", "MaxParts", "", optional, &[]),
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub parts: Option<Vec<ObjectPart>> = (flattened "Parts", "Part", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct GetObjectTaggingOutput {
    pub tag_set: Option<Vec<Tag>> = (element "TagSet", "TagSet", "Tag", required, &[]),
}
}

crate::shape::shape! {
pub struct GlacierJobParameters {
    pub tier: Option<String> = (element "Tier", "Tier", "", required, TIER_VALUES),
}
}

crate::shape::shape! {
pub struct Grant {
    pub grantee: Option<Grantee> = (element "Grantee", "Grantee", "", optional, &[]),
    pub permission: Option<String> = (element "Permission", "Permission", "", optional, PERMISSION_VALUES),
}
}

crate::shape::shape! {
pub struct Grantee {
    pub r#type: Option<String> = (attribute "Type", "xsi:type", "", required, TYPE_VALUES),
    pub display_name: Option<String> = (element "DisplayName", "DisplayName", "", optional, &[]),
    pub email_address: Option<String> = (element "EmailAddress", "EmailAddress", "", optional, &[]),
    pub id: Option<String> = (element "ID", "ID", "", optional, &[]),
    pub uri: Option<String> = (element "URI", "URI", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct IndexDocument {
    pub suffix: Option<String> = (element "Suffix", "Suffix", "", required, &[]),
}
}

crate::shape::shape! {
pub struct Initiator {
    pub id: Option<String> = (element "ID", "ID", "", optional, &[]),
    pub display_name: Option<String> = (element "DisplayName", "DisplayName", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct InputSerialization {
    pub csv: Option<CSVInput> = (element "CSV", "CSV", "", optional, &[]),
    pub compression_type: Option<String> = (element "CompressionType", "CompressionType", "", optional, COMPRESSION_TYPE_VALUES),
    pub json: Option<JSONInput> = (element "JSON", "JSON", "", optional, &[]),
    pub parquet: Option<ParquetInput> = (element "Parquet", "Parquet", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct IntelligentTieringAndOperator {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tags: Option<Vec<Tag>> = (flattened "Tags", "Tag", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct IntelligentTieringConfiguration {
    pub id: Option<String> = (element "Id", "Id", "", required, &[]),
    pub filter: Option<IntelligentTieringFilter> = (element "Filter", "Filter", "", optional, &[]),
    pub status: Option<String> = (element "Status", "Status", "", required, INTELLIGENT_TIERING_STATUS_VALUES),
    pub tierings: Option<Vec<Tiering>> = (flattened "Tierings", "Tiering", "", required, &[]),
}
}

crate::shape::shape! {
pub struct IntelligentTieringFilter {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tag: Option<Tag> = (element "Tag", "Tag", "", optional, &[]),
    pub and: Option<IntelligentTieringAndOperator> = (element "And", "And", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct InventoryConfiguration {
    pub destination: Option<InventoryDestination> = (element "Destination", "Destination", "", required, &[]),
    pub is_enabled: Option<bool> = (element "IsEnabled", "IsEnabled", "", required, &[]),
    pub filter: Option<InventoryFilter> = (element "Filter", "Filter", "", optional, &[]),
    pub id: Option<String> = (element "Id", "Id", "", required, &[]),
    pub included_object_versions: Option<String> = (element "IncludedObjectVersions", "IncludedObjectVersions", "", required, INVENTORY_INCLUDED_OBJECT_VERSIONS_VALUES),
    pub optional_fields: Option<Vec<String>> = (element "OptionalFields", "OptionalFields", "Field", optional, INVENTORY_OPTIONAL_FIELD_VALUES),
    pub schedule: Option<InventorySchedule> = (element "Schedule", "Schedule", "", required, &[]),
}
}

crate::shape::shape! {
pub struct InventoryDestination {
    pub s3_bucket_destination: Option<InventoryS3BucketDestination> = (element "S3BucketDestination", "S3BucketDestination", "", required, &[]),
}
}

crate::shape::shape! {
pub struct InventoryEncryption {
    pub sses3: Option<SSES3> = (element "SSES3", "SSE-S3", "", optional, &[]),
    pub ssekms: Option<SSEKMS> = (element "SSEKMS", "SSE-KMS", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct InventoryFilter {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", required, &[]),
}
}

crate::shape::shape! {
pub struct InventoryS3BucketDestination {
    pub account_id: Option<String> = (element "AccountId", "AccountId", "", optional, &[]),
    pub bucket: Option<String> = (element "Bucket", "Bucket", "", required, &[]),
    pub format: Option<String> = (element "Format", "Format", "", required, INVENTORY_FORMAT_VALUES),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub encryption: Option<InventoryEncryption> = (element "Encryption", "Encryption", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct InventorySchedule {
    pub frequency: Option<String> = (element "Frequency", "Frequency", "", required, INVENTORY_FREQUENCY_VALUES),
}
}

crate::shape::shape! {
pub struct JSONInput {
    pub r#type: Option<String> = (element "Type", "Type", "", optional, JSON_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct JSONOutput {
    pub record_delimiter: Option<String> = (element "RecordDelimiter", "RecordDelimiter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct LambdaFunctionConfiguration {
    pub id: Option<String> = (element "Id", "Id", "", optional, &[]),
    pub lambda_function_arn: Option<String> = (element "LambdaFunctionArn", "CloudFunction", "", required, &[]),
    pub events: Option<Vec<String>> = (flattened "Events", "Event", "", required, &[]),
    pub filter: Option<NotificationConfigurationFilter> = (element "Filter", "Filter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct LifecycleExpiration {
    pub date: Option<TimestampMs> = (element "Date", "Date", "", optional, &[]),
    pub days: Option<i32> = (element "Days", "Days", "", optional, &[]),
    pub expired_object_delete_marker: Option<bool> = (element "ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct LifecycleRule {
    pub expiration: Option<LifecycleExpiration> = (element "Expiration", "Expiration", "", optional, &[]),
    pub id: Option<String> = (element "ID", "ID", "", optional, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub filter: Option<LifecycleRuleFilter> = (element "Filter", "Filter", "", optional, &[]),
    pub status: Option<String> = (element "Status", "Status", "", required, EXPIRATION_STATUS_VALUES),
    pub transitions: Option<Vec<Transition>> = (flattened "Transitions", "Transition", "", optional, &[]),
    pub noncurrent_version_transitions: Option<Vec<NoncurrentVersionTransition>> = (flattened "NoncurrentVersionTransitions", "NoncurrentVersionTransition", "", optional, &[]),
    pub noncurrent_version_expiration: Option<NoncurrentVersionExpiration> = (element "NoncurrentVersionExpiration", "NoncurrentVersionExpiration", "", optional, &[]),
    pub abort_incomplete_multipart_upload: Option<AbortIncompleteMultipartUpload> = (element "AbortIncompleteMultipartUpload", "AbortIncompleteMultipartUpload", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct LifecycleRuleAndOperator {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tags: Option<Vec<Tag>> = (flattened "Tags", "Tag", "", optional, &[]),
    pub object_size_greater_than: Option<i64> = (element "ObjectSizeGreaterThan", "ObjectSizeGreaterThan", "", optional, &[]),
    pub object_size_less_than: Option<i64> = (element "ObjectSizeLessThan", "ObjectSizeLessThan", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct LifecycleRuleFilter {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tag: Option<Tag> = (element "Tag", "Tag", "", optional, &[]),
    pub object_size_greater_than: Option<i64> = (element "ObjectSizeGreaterThan", "ObjectSizeGreaterThan", "", optional, &[]),
    pub object_size_less_than: Option<i64> = (element "ObjectSizeLessThan", "ObjectSizeLessThan", "", optional, &[]),
    pub and: Option<LifecycleRuleAndOperator> = (element "And", "And", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ListBucketAnalyticsConfigurationsOutput {
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub continuation_token: Option<String> = (element "ContinuationToken", "ContinuationToken", "", optional, &[]),
    pub next_continuation_token: Option<String> = (element "NextContinuationToken", "NextContinuationToken", "", optional, &[]),
    pub analytics_configuration_list: Option<Vec<AnalyticsConfiguration>> = (flattened "AnalyticsConfigurationList", "AnalyticsConfiguration", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ListBucketIntelligentTieringConfigurationsOutput {
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub continuation_token: Option<String> = (element "ContinuationToken", "ContinuationToken", "", optional, &[]),
    pub next_continuation_token: Option<String> = (element "NextContinuationToken", "NextContinuationToken", "", optional, &[]),
    pub intelligent_tiering_configuration_list: Option<Vec<IntelligentTieringConfiguration>> = (flattened "IntelligentTieringConfigurationList", "IntelligentTieringConfiguration", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ListBucketInventoryConfigurationsOutput {
    pub continuation_token: Option<String> = (element "ContinuationToken", "ContinuationToken", "", optional, &[]),
    pub inventory_configuration_list: Option<Vec<InventoryConfiguration>> = (flattened "InventoryConfigurationList", "InventoryConfiguration", "", optional, &[]),
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub next_continuation_token: Option<String> = (element "NextContinuationToken", "NextContinuationToken", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ListBucketMetricsConfigurationsOutput {
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub continuation_token: Option<String> = (element "ContinuationToken", "ContinuationToken", "", optional, &[]),
    pub next_continuation_token: Option<String> = (element "NextContinuationToken", "NextContinuationToken", "", optional, &[]),
    pub metrics_configuration_list: Option<Vec<MetricsConfiguration>> = (flattened "MetricsConfigurationList", "MetricsConfiguration", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ListBucketsOutput {
    pub buckets: Option<Vec<Bucket>> = (element "Buckets", "Buckets", "Bucket", optional, &[]),
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub continuation_token: Option<String> = (element "ContinuationToken", "ContinuationToken", "", optional, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ListMultipartUploadsOutput {
    pub bucket: Option<String> = (element "Bucket", "Bucket", "", optional, &[]),
    pub key_marker: Option<String> = (element "KeyMarker", "KeyMarker", "", optional, &[]),
    pub upload_id_marker: Option<String> = (element "UploadIdMarker", "UploadIdMarker", "", optional, &[]),
    pub next_key_marker: Option<String> = (element "NextKeyMarker", "NextKeyMarker", "", optional, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub delimiter: Option<String> = (element "Delimiter", "Delimiter", "", optional, &[]),
    pub next_upload_id_marker: Option<String> = (element "NextUploadIdMarker", "NextUploadIdMarker", "", optional, &[]),
    pub max_uploads: Option<i32> = (element "MaxUploads", "MaxUploads", "", optional, &[]),
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub uploads: Option<Vec<MultipartUpload>> = (flattened "Uploads", "Upload", "", optional, &[]),
    pub common_prefixes: Option<Vec<CommonPrefix>> = (flattened "CommonPrefixes", "CommonPrefixes", "", optional, &[]),
    pub encoding_type: Option<String> = (element "EncodingType", "EncodingType", "", optional, ENCODING_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct ListObjectVersionsOutput {
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub key_marker: Option<String> = (element "KeyMarker", "KeyMarker", "", optional, &[]),
    pub version_id_marker: Option<String> = (element "VersionIdMarker", "VersionIdMarker", "", optional, &[]),
    pub next_key_marker: Option<String> = (element "NextKeyMarker", "NextKeyMarker", "", optional, &[]),
    pub next_version_id_marker: Option<String> = (element "NextVersionIdMarker", "NextVersionIdMarker", "", optional, &[]),
    pub versions: Option<Vec<ObjectVersion>> = (flattened "Versions", "Version", "", optional, &[]),
    pub delete_markers: Option<Vec<DeleteMarkerEntry>> = (flattened "DeleteMarkers", "DeleteMarker", "", optional, &[]),
    pub name: Option<String> = (element "Name", "Name", "", optional, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub delimiter: Option<String> = (element "Delimiter", "Delimiter", "", optional, &[]),
    pub max_keys: Option<i32> = (element "MaxKeys", "MaxKeys", "", optional, &[]),
    pub common_prefixes: Option<Vec<CommonPrefix>> = (flattened "CommonPrefixes", "CommonPrefixes", "", optional, &[]),
    pub encoding_type: Option<String> = (element "EncodingType", "EncodingType", "", optional, ENCODING_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct ListObjectsOutput {
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub marker: Option<String> = (element "Marker", "Marker", "", optional, &[]),
    pub next_marker: Option<String> = (element "NextMarker", "NextMarker", "", optional, &[]),
    pub contents: Option<Vec<Object>> = (flattened "Contents", "Contents", "", optional, &[]),
    pub name: Option<String> = (element "Name", "Name", "", optional, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub delimiter: Option<String> = (element "Delimiter", "Delimiter", "", optional, &[]),
    pub max_keys: Option<i32> = (element "MaxKeys", "MaxKeys", "", optional, &[]),
    pub common_prefixes: Option<Vec<CommonPrefix>> = (flattened "CommonPrefixes", "CommonPrefixes", "", optional, &[]),
    pub encoding_type: Option<String> = (element "EncodingType", "EncodingType", "", optional, ENCODING_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct ListObjectsV2Output {
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub contents: Option<Vec<Object>> = (flattened "Contents", "Contents", "", optional, &[]),
    pub name: Option<String> = (element "Name", "Name", "", optional, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub delimiter: Option<String> = (element "Delimiter", "Delimiter", "", optional, &[]),
    pub max_keys: Option<i32> = (element "MaxKeys", "MaxKeys", "", optional, &[]),
    pub common_prefixes: Option<Vec<CommonPrefix>> = (flattened "CommonPrefixes", "CommonPrefixes", "", optional, &[]),
    pub encoding_type: Option<String> = (element "EncodingType", "EncodingType", "", optional, ENCODING_TYPE_VALUES),
    pub key_count: Option<i32> = (element "KeyCount", "KeyCount", "", optional, &[]),
    pub continuation_token: Option<String> = (element "ContinuationToken", "ContinuationToken", "", optional, &[]),
    pub next_continuation_token: Option<String> = (element "NextContinuationToken", "NextContinuationToken", "", optional, &[]),
    pub start_after: Option<String> = (element "StartAfter", "StartAfter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ListPartsOutput {
    pub bucket: Option<String> = (element "Bucket", "Bucket", "", optional, &[]),
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub upload_id: Option<String> = (element "UploadId", "UploadId", "", optional, &[]),
    pub part_number_marker: Option<i32> = (element "PartNumberMarker", "PartNumberMarker", "", optional, &[]),
    pub next_part_number_marker: Option<i32> = (element "NextPartNumberMarker", "NextPartNumberMarker", "", optional, &[]),
    pub max_parts: Option<i32> = (element "MaxParts", "MaxParts", "", optional, &[]),
    pub is_truncated: Option<bool> = (element "IsTruncated", "IsTruncated", "", optional, &[]),
    pub parts: Option<Vec<Part>> = (flattened "Parts", "Part", "", optional, &[]),
    pub initiator: Option<Initiator> = (element "Initiator", "Initiator", "", optional, &[]),
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, STORAGE_CLASS_VALUES),
    pub checksum_algorithm: Option<String> = (element "ChecksumAlgorithm", "ChecksumAlgorithm", "", optional, CHECKSUM_ALGORITHM_VALUES),
    pub checksum_type: Option<String> = (element "ChecksumType", "ChecksumType", "", optional, CHECKSUM_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct LocationInfo {
    pub r#type: Option<String> = (element "Type", "Type", "", optional, LOCATION_TYPE_VALUES),
    pub name: Option<String> = (element "Name", "Name", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct LoggingEnabled {
    pub target_bucket: Option<String> = (element "TargetBucket", "TargetBucket", "", required, &[]),
    pub target_grants: Option<Vec<TargetGrant>> = (element "TargetGrants", "TargetGrants", "Grant", optional, &[]),
    pub target_prefix: Option<String> = (element "TargetPrefix", "TargetPrefix", "", required, &[]),
    pub target_object_key_format: Option<TargetObjectKeyFormat> = (element "TargetObjectKeyFormat", "TargetObjectKeyFormat", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct MetadataEntry {
    pub name: Option<String> = (element "Name", "Name", "", optional, &[]),
    pub value: Option<String> = (element "Value", "Value", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Metrics {
    pub status: Option<String> = (element "Status", "Status", "", required, METRICS_STATUS_VALUES),
    pub event_threshold: Option<ReplicationTimeValue> = (element "EventThreshold", "EventThreshold", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct MetricsAndOperator {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tags: Option<Vec<Tag>> = (flattened "Tags", "Tag", "", optional, &[]),
    pub access_point_arn: Option<String> = (element "AccessPointArn", "AccessPointArn", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct MetricsConfiguration {
    pub id: Option<String> = (element "Id", "Id", "", required, &[]),
    pub filter: Option<MetricsFilter> = (element "Filter", "Filter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct MetricsFilter {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tag: Option<Tag> = (element "Tag", "Tag", "", optional, &[]),
    pub access_point_arn: Option<String> = (element "AccessPointArn", "AccessPointArn", "", optional, &[]),
    pub and: Option<MetricsAndOperator> = (element "And", "And", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct MultipartUpload {
    pub upload_id: Option<String> = (element "UploadId", "UploadId", "", optional, &[]),
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub initiated: Option<TimestampMs> = (element "Initiated", "Initiated", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, STORAGE_CLASS_VALUES),
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub initiator: Option<Initiator> = (element "Initiator", "Initiator", "", optional, &[]),
    pub checksum_algorithm: Option<String> = (element "ChecksumAlgorithm", "ChecksumAlgorithm", "", optional, CHECKSUM_ALGORITHM_VALUES),
    pub checksum_type: Option<String> = (element "ChecksumType", "ChecksumType", "", optional, CHECKSUM_TYPE_VALUES),
}
}

crate::shape::shape! {
pub struct NoncurrentVersionExpiration {
    pub noncurrent_days: Option<i32> = (element "NoncurrentDays", "NoncurrentDays", "", optional, &[]),
    pub newer_noncurrent_versions: Option<i32> = (element "NewerNoncurrentVersions", "NewerNoncurrentVersions", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct NoncurrentVersionTransition {
    pub noncurrent_days: Option<i32> = (element "NoncurrentDays", "NoncurrentDays", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, TRANSITION_STORAGE_CLASS_VALUES),
    pub newer_noncurrent_versions: Option<i32> = (element "NewerNoncurrentVersions", "NewerNoncurrentVersions", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct NotificationConfiguration {
    pub topic_configurations: Option<Vec<TopicConfiguration>> = (flattened "TopicConfigurations", "TopicConfiguration", "", optional, &[]),
    pub queue_configurations: Option<Vec<QueueConfiguration>> = (flattened "QueueConfigurations", "QueueConfiguration", "", optional, &[]),
    pub lambda_function_configurations: Option<Vec<LambdaFunctionConfiguration>> = (flattened "LambdaFunctionConfigurations", "CloudFunctionConfiguration", "", optional, &[]),
    pub event_bridge_configuration: Option<EventBridgeConfiguration> = (element "EventBridgeConfiguration", "EventBridgeConfiguration", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct NotificationConfigurationFilter {
    pub key: Option<S3KeyFilter> = (element "Key", "S3Key", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Object {
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub last_modified: Option<TimestampMs> = (element "LastModified", "LastModified", "", optional, &[]),
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub checksum_algorithm: Option<Vec<String>> = (flattened "ChecksumAlgorithm", "ChecksumAlgorithm", "", optional, CHECKSUM_ALGORITHM_VALUES),
    pub checksum_type: Option<String> = (element "ChecksumType", "ChecksumType", "", optional, CHECKSUM_TYPE_VALUES),
    pub size: Option<i64> = (element "Size", "Size", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, OBJECT_STORAGE_CLASS_VALUES),
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub restore_status: Option<RestoreStatus> = (element "RestoreStatus", "RestoreStatus", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ObjectIdentifier {
    pub key: Option<String> = (element "Key", "Key", "", required, &[]),
    pub version_id: Option<String> = (element "VersionId", "VersionId", "", optional, &[]),
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub last_modified_time: Option<TimestampMs> = (element "LastModifiedTime", "LastModifiedTime", "", optional, &[]),
    pub size: Option<i64> = (element "Size", "Size", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ObjectLockConfiguration {
    pub object_lock_enabled: Option<String> = (element "ObjectLockEnabled", "ObjectLockEnabled", "", optional, OBJECT_LOCK_ENABLED_VALUES),
    pub rule: Option<ObjectLockRule> = (element "Rule", "Rule", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ObjectLockLegalHold {
    pub status: Option<String> = (element "Status", "Status", "", optional, OBJECT_LOCK_LEGAL_HOLD_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct ObjectLockRetention {
    pub mode: Option<String> = (element "Mode", "Mode", "", optional, OBJECT_LOCK_RETENTION_MODE_VALUES),
    pub retain_until_date: Option<TimestampMs> = (element "RetainUntilDate", "RetainUntilDate", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ObjectLockRule {
    pub default_retention: Option<DefaultRetention> = (element "DefaultRetention", "DefaultRetention", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ObjectPart {
    pub part_number: Option<i32> = (element "PartNumber", "PartNumber", "", optional, &[]),
    pub size: Option<i64> = (element "Size", "Size", "", optional, &[]),
    pub checksum_crc32: Option<String> = (element "ChecksumCRC32", "ChecksumCRC32", "", optional, &[]),
    pub checksum_crc32_c: Option<String> = (element "ChecksumCRC32C", "ChecksumCRC32C", "", optional, &[]),
    pub checksum_crc64_nvme: Option<String> = (element "ChecksumCRC64NVME", "ChecksumCRC64NVME", "", optional, &[]),
    pub checksum_sha1: Option<String> = (element "ChecksumSHA1", "ChecksumSHA1", "", optional, &[]),
    pub checksum_sha256: Option<String> = (element "ChecksumSHA256", "ChecksumSHA256", "", optional, &[]),
    pub checksum_sha512: Option<String> = (element "ChecksumSHA512", "ChecksumSHA512", "", optional, &[]),
    pub checksum_md5: Option<String> = (element "ChecksumMD5", "ChecksumMD5", "", optional, &[]),
    pub checksum_xxhash64: Option<String> = (element "ChecksumXXHASH64", "ChecksumXXHASH64", "", optional, &[]),
    pub checksum_xxhash3: Option<String> = (element "ChecksumXXHASH3", "ChecksumXXHASH3", "", optional, &[]),
    pub checksum_xxhash128: Option<String> = (element "ChecksumXXHASH128", "ChecksumXXHASH128", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ObjectVersion {
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub checksum_algorithm: Option<Vec<String>> = (flattened "ChecksumAlgorithm", "ChecksumAlgorithm", "", optional, CHECKSUM_ALGORITHM_VALUES),
    pub checksum_type: Option<String> = (element "ChecksumType", "ChecksumType", "", optional, CHECKSUM_TYPE_VALUES),
    pub size: Option<i64> = (element "Size", "Size", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, OBJECT_VERSION_STORAGE_CLASS_VALUES),
    pub key: Option<String> = (element "Key", "Key", "", optional, &[]),
    pub version_id: Option<String> = (element "VersionId", "VersionId", "", optional, &[]),
    pub is_latest: Option<bool> = (element "IsLatest", "IsLatest", "", optional, &[]),
    pub last_modified: Option<TimestampMs> = (element "LastModified", "LastModified", "", optional, &[]),
    pub owner: Option<Owner> = (element "Owner", "Owner", "", optional, &[]),
    pub restore_status: Option<RestoreStatus> = (element "RestoreStatus", "RestoreStatus", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct OutputLocation {
    pub s3: Option<S3Location> = (element "S3", "S3", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct OutputSerialization {
    pub csv: Option<CSVOutput> = (element "CSV", "CSV", "", optional, &[]),
    pub json: Option<JSONOutput> = (element "JSON", "JSON", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Owner {
    pub display_name: Option<String> = (element "DisplayName", "DisplayName", "", optional, &[]),
    pub id: Option<String> = (element "ID", "ID", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct OwnershipControls {
    pub rules: Option<Vec<OwnershipControlsRule>> = (flattened "Rules", "Rule", "", required, &[]),
}
}

crate::shape::shape! {
pub struct OwnershipControlsRule {
    pub object_ownership: Option<String> = (element "ObjectOwnership", "ObjectOwnership", "", required, OBJECT_OWNERSHIP_VALUES),
}
}

crate::shape::shape! {
pub struct ParquetInput {
}
}

crate::shape::shape! {
pub struct Part {
    pub part_number: Option<i32> = (element "PartNumber", "PartNumber", "", optional, &[]),
    pub last_modified: Option<TimestampMs> = (element "LastModified", "LastModified", "", optional, &[]),
    pub e_tag: Option<String> = (element "ETag", "ETag", "", optional, &[]),
    pub size: Option<i64> = (element "Size", "Size", "", optional, &[]),
    pub checksum_crc32: Option<String> = (element "ChecksumCRC32", "ChecksumCRC32", "", optional, &[]),
    pub checksum_crc32_c: Option<String> = (element "ChecksumCRC32C", "ChecksumCRC32C", "", optional, &[]),
    pub checksum_crc64_nvme: Option<String> = (element "ChecksumCRC64NVME", "ChecksumCRC64NVME", "", optional, &[]),
    pub checksum_sha1: Option<String> = (element "ChecksumSHA1", "ChecksumSHA1", "", optional, &[]),
    pub checksum_sha256: Option<String> = (element "ChecksumSHA256", "ChecksumSHA256", "", optional, &[]),
    pub checksum_sha512: Option<String> = (element "ChecksumSHA512", "ChecksumSHA512", "", optional, &[]),
    pub checksum_md5: Option<String> = (element "ChecksumMD5", "ChecksumMD5", "", optional, &[]),
    pub checksum_xxhash64: Option<String> = (element "ChecksumXXHASH64", "ChecksumXXHASH64", "", optional, &[]),
    pub checksum_xxhash3: Option<String> = (element "ChecksumXXHASH3", "ChecksumXXHASH3", "", optional, &[]),
    pub checksum_xxhash128: Option<String> = (element "ChecksumXXHASH128", "ChecksumXXHASH128", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct PartitionedPrefix {
    pub partition_date_source: Option<String> = (element "PartitionDateSource", "PartitionDateSource", "", optional, PARTITION_DATE_SOURCE_VALUES),
}
}

crate::shape::shape! {
pub struct PolicyStatus {
    pub is_public: Option<bool> = (element "IsPublic", "IsPublic", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct PublicAccessBlockConfiguration {
    pub block_public_acls: Option<bool> = (element "BlockPublicAcls", "BlockPublicAcls", "", optional, &[]),
    pub ignore_public_acls: Option<bool> = (element "IgnorePublicAcls", "IgnorePublicAcls", "", optional, &[]),
    pub block_public_policy: Option<bool> = (element "BlockPublicPolicy", "BlockPublicPolicy", "", optional, &[]),
    pub restrict_public_buckets: Option<bool> = (element "RestrictPublicBuckets", "RestrictPublicBuckets", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct QueueConfiguration {
    pub id: Option<String> = (element "Id", "Id", "", optional, &[]),
    pub queue_arn: Option<String> = (element "QueueArn", "Queue", "", required, &[]),
    pub events: Option<Vec<String>> = (flattened "Events", "Event", "", required, &[]),
    pub filter: Option<NotificationConfigurationFilter> = (element "Filter", "Filter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Redirect {
    pub host_name: Option<String> = (element "HostName", "HostName", "", optional, &[]),
    pub http_redirect_code: Option<String> = (element "HttpRedirectCode", "HttpRedirectCode", "", optional, &[]),
    pub protocol: Option<String> = (element "Protocol", "Protocol", "", optional, PROTOCOL_VALUES),
    pub replace_key_prefix_with: Option<String> = (element "ReplaceKeyPrefixWith", "ReplaceKeyPrefixWith", "", optional, &[]),
    pub replace_key_with: Option<String> = (element "ReplaceKeyWith", "ReplaceKeyWith", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct RedirectAllRequestsTo {
    pub host_name: Option<String> = (element "HostName", "HostName", "", required, &[]),
    pub protocol: Option<String> = (element "Protocol", "Protocol", "", optional, PROTOCOL_VALUES),
}
}

crate::shape::shape! {
pub struct ReplicaModifications {
    pub status: Option<String> = (element "Status", "Status", "", required, REPLICA_MODIFICATIONS_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct ReplicationConfiguration {
    pub role: Option<String> = (element "Role", "Role", "", required, &[]),
    pub rules: Option<Vec<ReplicationRule>> = (flattened "Rules", "Rule", "", required, &[]),
}
}

crate::shape::shape! {
pub struct ReplicationRule {
    pub id: Option<String> = (element "ID", "ID", "", optional, &[]),
    pub priority: Option<i32> = (element "Priority", "Priority", "", optional, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub filter: Option<ReplicationRuleFilter> = (element "Filter", "Filter", "", optional, &[]),
    pub status: Option<String> = (element "Status", "Status", "", required, REPLICATION_RULE_STATUS_VALUES),
    pub source_selection_criteria: Option<SourceSelectionCriteria> = (element "SourceSelectionCriteria", "SourceSelectionCriteria", "", optional, &[]),
    pub existing_object_replication: Option<ExistingObjectReplication> = (element "ExistingObjectReplication", "ExistingObjectReplication", "", optional, &[]),
    pub destination: Option<Destination> = (element "Destination", "Destination", "", required, &[]),
    pub delete_marker_replication: Option<DeleteMarkerReplication> = (element "DeleteMarkerReplication", "DeleteMarkerReplication", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ReplicationRuleAndOperator {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tags: Option<Vec<Tag>> = (flattened "Tags", "Tag", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ReplicationRuleFilter {
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", optional, &[]),
    pub tag: Option<Tag> = (element "Tag", "Tag", "", optional, &[]),
    pub and: Option<ReplicationRuleAndOperator> = (element "And", "And", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ReplicationTime {
    pub status: Option<String> = (element "Status", "Status", "", required, REPLICATION_TIME_STATUS_VALUES),
    pub time: Option<ReplicationTimeValue> = (element "Time", "Time", "", required, &[]),
}
}

crate::shape::shape! {
pub struct ReplicationTimeValue {
    pub minutes: Option<i32> = (element "Minutes", "Minutes", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct RequestPaymentConfiguration {
    pub payer: Option<String> = (element "Payer", "Payer", "", required, PAYER_VALUES),
}
}

crate::shape::shape! {
pub struct RestoreRequest {
    pub days: Option<i32> = (element "Days", "Days", "", optional, &[]),
    pub glacier_job_parameters: Option<GlacierJobParameters> = (element "GlacierJobParameters", "GlacierJobParameters", "", optional, &[]),
    pub r#type: Option<String> = (element "Type", "Type", "", optional, RESTORE_REQUEST_TYPE_VALUES),
    pub tier: Option<String> = (element "Tier", "Tier", "", optional, TIER_VALUES),
    pub description: Option<String> = (element "Description", "Description", "", optional, &[]),
    pub select_parameters: Option<SelectParameters> = (element "SelectParameters", "SelectParameters", "", optional, &[]),
    pub output_location: Option<OutputLocation> = (element "OutputLocation", "OutputLocation", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct RestoreStatus {
    pub is_restore_in_progress: Option<bool> = (element "IsRestoreInProgress", "IsRestoreInProgress", "", optional, &[]),
    pub restore_expiry_date: Option<TimestampMs> = (element "RestoreExpiryDate", "RestoreExpiryDate", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct RoutingRule {
    pub condition: Option<Condition> = (element "Condition", "Condition", "", optional, &[]),
    pub redirect: Option<Redirect> = (element "Redirect", "Redirect", "", required, &[]),
}
}

crate::shape::shape! {
pub struct S3KeyFilter {
    pub filter_rules: Option<Vec<FilterRule>> = (flattened "FilterRules", "FilterRule", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct S3Location {
    pub bucket_name: Option<String> = (element "BucketName", "BucketName", "", required, &[]),
    pub prefix: Option<String> = (element "Prefix", "Prefix", "", required, &[]),
    pub encryption: Option<Encryption> = (element "Encryption", "Encryption", "", optional, &[]),
    pub canned_acl: Option<String> = (element "CannedACL", "CannedACL", "", optional, OBJECT_CANNED_ACL_VALUES),
    pub access_control_list: Option<Vec<Grant>> = (element "AccessControlList", "AccessControlList", "Grant", optional, &[]),
    pub tagging: Option<Tagging> = (element "Tagging", "Tagging", "", optional, &[]),
    pub user_metadata: Option<Vec<MetadataEntry>> = (element "UserMetadata", "UserMetadata", "MetadataEntry", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, STORAGE_CLASS_VALUES),
}
}

crate::shape::shape! {
pub struct SSEKMS {
    pub key_id: Option<String> = (element "KeyId", "KeyId", "", required, &[]),
}
}

crate::shape::shape! {
pub struct SSES3 {
}
}

crate::shape::shape! {
pub struct SelectParameters {
    pub input_serialization: Option<InputSerialization> = (element "InputSerialization", "InputSerialization", "", required, &[]),
    pub expression_type: Option<String> = (element "ExpressionType", "ExpressionType", "", required, EXPRESSION_TYPE_VALUES),
    pub expression: Option<String> = (element "Expression", "Expression", "", required, &[]),
    pub output_serialization: Option<OutputSerialization> = (element "OutputSerialization", "OutputSerialization", "", required, &[]),
}
}

crate::shape::shape! {
pub struct ServerSideEncryptionByDefault {
    pub sse_algorithm: Option<String> = (element "SSEAlgorithm", "SSEAlgorithm", "", required, SERVER_SIDE_ENCRYPTION_VALUES),
    pub kms_master_key_id: Option<String> = (element "KMSMasterKeyID", "KMSMasterKeyID", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct ServerSideEncryptionConfiguration {
    pub rules: Option<Vec<ServerSideEncryptionRule>> = (flattened "Rules", "Rule", "", required, &[]),
}
}

crate::shape::shape! {
pub struct ServerSideEncryptionRule {
    pub apply_server_side_encryption_by_default: Option<ServerSideEncryptionByDefault> = (element "ApplyServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault", "", optional, &[]),
    pub bucket_key_enabled: Option<bool> = (element "BucketKeyEnabled", "BucketKeyEnabled", "", optional, &[]),
    pub blocked_encryption_types: Option<BlockedEncryptionTypes> = (element "BlockedEncryptionTypes", "BlockedEncryptionTypes", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct SimplePrefix {
}
}

crate::shape::shape! {
pub struct SourceSelectionCriteria {
    pub sse_kms_encrypted_objects: Option<SseKmsEncryptedObjects> = (element "SseKmsEncryptedObjects", "SseKmsEncryptedObjects", "", optional, &[]),
    pub replica_modifications: Option<ReplicaModifications> = (element "ReplicaModifications", "ReplicaModifications", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct SseKmsEncryptedObjects {
    pub status: Option<String> = (element "Status", "Status", "", required, SSE_KMS_ENCRYPTED_OBJECTS_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct StorageClassAnalysis {
    pub data_export: Option<StorageClassAnalysisDataExport> = (element "DataExport", "DataExport", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct StorageClassAnalysisDataExport {
    pub output_schema_version: Option<String> = (element "OutputSchemaVersion", "OutputSchemaVersion", "", required, STORAGE_CLASS_ANALYSIS_SCHEMA_VERSION_VALUES),
    pub destination: Option<AnalyticsExportDestination> = (element "Destination", "Destination", "", required, &[]),
}
}

crate::shape::shape! {
pub struct Tag {
    pub key: Option<String> = (element "Key", "Key", "", required, &[]),
    pub value: Option<String> = (element "Value", "Value", "", required, &[]),
}
}

crate::shape::shape! {
pub struct Tagging {
    pub tag_set: Option<Vec<Tag>> = (element "TagSet", "TagSet", "Tag", required, &[]),
}
}

crate::shape::shape! {
pub struct TargetGrant {
    pub grantee: Option<Grantee> = (element "Grantee", "Grantee", "", optional, &[]),
    pub permission: Option<String> = (element "Permission", "Permission", "", optional, BUCKET_LOGS_PERMISSION_VALUES),
}
}

crate::shape::shape! {
pub struct TargetObjectKeyFormat {
    pub simple_prefix: Option<SimplePrefix> = (element "SimplePrefix", "SimplePrefix", "", optional, &[]),
    pub partitioned_prefix: Option<PartitionedPrefix> = (element "PartitionedPrefix", "PartitionedPrefix", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Tiering {
    pub days: Option<i32> = (element "Days", "Days", "", required, &[]),
    pub access_tier: Option<String> = (element "AccessTier", "AccessTier", "", required, INTELLIGENT_TIERING_ACCESS_TIER_VALUES),
}
}

crate::shape::shape! {
pub struct TopicConfiguration {
    pub id: Option<String> = (element "Id", "Id", "", optional, &[]),
    pub topic_arn: Option<String> = (element "TopicArn", "Topic", "", required, &[]),
    pub events: Option<Vec<String>> = (flattened "Events", "Event", "", required, &[]),
    pub filter: Option<NotificationConfigurationFilter> = (element "Filter", "Filter", "", optional, &[]),
}
}

crate::shape::shape! {
pub struct Transition {
    pub date: Option<TimestampMs> = (element "Date", "Date", "", optional, &[]),
    pub days: Option<i32> = (element "Days", "Days", "", optional, &[]),
    pub storage_class: Option<String> = (element "StorageClass", "StorageClass", "", optional, TRANSITION_STORAGE_CLASS_VALUES),
}
}

crate::shape::shape! {
pub struct VersioningConfiguration {
    pub mfa_delete: Option<String> = (element "MFADelete", "MfaDelete", "", optional, MFA_DELETE_VALUES),
    pub status: Option<String> = (element "Status", "Status", "", optional, BUCKET_VERSIONING_STATUS_VALUES),
}
}

crate::shape::shape! {
pub struct WebsiteConfiguration {
    pub error_document: Option<ErrorDocument> = (element "ErrorDocument", "ErrorDocument", "", optional, &[]),
    pub index_document: Option<IndexDocument> = (element "IndexDocument", "IndexDocument", "", optional, &[]),
    pub redirect_all_requests_to: Option<RedirectAllRequestsTo> = (element "RedirectAllRequestsTo", "RedirectAllRequestsTo", "", optional, &[]),
    pub routing_rules: Option<Vec<RoutingRule>> = (element "RoutingRules", "RoutingRules", "RoutingRule", optional, &[]),
}
}

pub const ANALYTICS_S3_EXPORT_FILE_FORMAT_VALUES: &[&str] = &["CSV"];

pub const ARCHIVE_STATUS_VALUES: &[&str] = &["ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"];

pub const BUCKET_ACCELERATE_STATUS_VALUES: &[&str] = &["Enabled", "Suspended"];

pub const BUCKET_CANNED_ACL_VALUES: &[&str] = &["private", "public-read", "public-read-write", "authenticated-read"];

pub const BUCKET_LOCATION_CONSTRAINT_VALUES: &[&str] = &["af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "EU", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2"];

pub const BUCKET_LOGS_PERMISSION_VALUES: &[&str] = &["FULL_CONTROL", "READ", "WRITE"];

pub const BUCKET_NAMESPACE_VALUES: &[&str] = &["account-regional", "global"];

pub const BUCKET_TYPE_VALUES: &[&str] = &["Directory"];

pub const BUCKET_VERSIONING_STATUS_VALUES: &[&str] = &["Enabled", "Suspended"];

pub const CHECKSUM_ALGORITHM_VALUES: &[&str] = &["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"];

pub const CHECKSUM_MODE_VALUES: &[&str] = &["ENABLED"];

pub const CHECKSUM_TYPE_VALUES: &[&str] = &["COMPOSITE", "FULL_OBJECT"];

pub const COMPRESSION_TYPE_VALUES: &[&str] = &["NONE", "GZIP", "BZIP2"];

pub const DATA_REDUNDANCY_VALUES: &[&str] = &["SingleAvailabilityZone", "SingleLocalZone"];

pub const DELETE_MARKER_REPLICATION_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const ENCODING_TYPE_VALUES: &[&str] = &["url"];

pub const ENCRYPTION_TYPE_VALUES: &[&str] = &["NONE", "SSE-C"];

pub const EVENT_VALUES: &[&str] = &["s3:ReducedRedundancyLostObject", "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:Replication:*", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked", "s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold", "s3:ObjectRestore:Delete", "s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ObjectAcl:Put", "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete"];

pub const EXISTING_OBJECT_REPLICATION_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const EXPIRATION_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const EXPRESSION_TYPE_VALUES: &[&str] = &["SQL"];

pub const FILE_HEADER_INFO_VALUES: &[&str] = &["USE", "IGNORE", "NONE"];

pub const FILTER_RULE_NAME_VALUES: &[&str] = &["prefix", "suffix"];

pub const INTELLIGENT_TIERING_ACCESS_TIER_VALUES: &[&str] = &["ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"];

pub const INTELLIGENT_TIERING_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const INVENTORY_FORMAT_VALUES: &[&str] = &["CSV", "ORC", "Parquet"];

pub const INVENTORY_FREQUENCY_VALUES: &[&str] = &["Daily", "Weekly"];

pub const INVENTORY_INCLUDED_OBJECT_VERSIONS_VALUES: &[&str] = &["All", "Current"];

pub const INVENTORY_OPTIONAL_FIELD_VALUES: &[&str] = &["Size", "LastModifiedDate", "StorageClass", "ETag", "IsMultipartUploaded", "ReplicationStatus", "EncryptionStatus", "ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus", "IntelligentTieringAccessTier", "BucketKeyStatus", "ChecksumAlgorithm", "ObjectAccessControlList", "ObjectOwner", "LifecycleExpirationDate"];

pub const JSON_TYPE_VALUES: &[&str] = &["DOCUMENT", "LINES"];

pub const LOCATION_TYPE_VALUES: &[&str] = &["AvailabilityZone", "LocalZone"];

pub const MFA_DELETE_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const MFA_DELETE_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const METADATA_DIRECTIVE_VALUES: &[&str] = &["COPY", "REPLACE"];

pub const METRICS_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const OBJECT_CANNED_ACL_VALUES: &[&str] = &["private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"];

pub const OBJECT_LOCK_ENABLED_VALUES: &[&str] = &["Enabled"];

pub const OBJECT_LOCK_LEGAL_HOLD_STATUS_VALUES: &[&str] = &["ON", "OFF"];

pub const OBJECT_LOCK_MODE_VALUES: &[&str] = &["GOVERNANCE", "COMPLIANCE"];

pub const OBJECT_LOCK_RETENTION_MODE_VALUES: &[&str] = &["GOVERNANCE", "COMPLIANCE"];

pub const OBJECT_OWNERSHIP_VALUES: &[&str] = &["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"];

pub const OBJECT_STORAGE_CLASS_VALUES: &[&str] = &["STANDARD", "REDUCED_REDUNDANCY", "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"];

pub const OBJECT_VERSION_STORAGE_CLASS_VALUES: &[&str] = &["STANDARD"];

pub const OWNER_OVERRIDE_VALUES: &[&str] = &["Destination"];

pub const PARTITION_DATE_SOURCE_VALUES: &[&str] = &["EventTime", "DeliveryTime"];

pub const PAYER_VALUES: &[&str] = &["Requester", "BucketOwner"];

pub const PERMISSION_VALUES: &[&str] = &["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"];

pub const PROTOCOL_VALUES: &[&str] = &["http", "https"];

pub const QUOTE_FIELDS_VALUES: &[&str] = &["ALWAYS", "ASNEEDED"];

pub const REPLICA_MODIFICATIONS_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const REPLICATION_RULE_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const REPLICATION_STATUS_VALUES: &[&str] = &["COMPLETE", "PENDING", "FAILED", "REPLICA", "COMPLETED"];

pub const REPLICATION_TIME_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const REQUEST_CHARGED_VALUES: &[&str] = &["requester"];

pub const REQUEST_PAYER_VALUES: &[&str] = &["requester"];

pub const RESTORE_REQUEST_TYPE_VALUES: &[&str] = &["SELECT"];

pub const SERVER_SIDE_ENCRYPTION_VALUES: &[&str] = &["AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"];

pub const SSE_KMS_ENCRYPTED_OBJECTS_STATUS_VALUES: &[&str] = &["Enabled", "Disabled"];

pub const STORAGE_CLASS_VALUES: &[&str] = &["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"];

pub const STORAGE_CLASS_ANALYSIS_SCHEMA_VERSION_VALUES: &[&str] = &["V_1"];

pub const TAGGING_DIRECTIVE_VALUES: &[&str] = &["COPY", "REPLACE"];

pub const TIER_VALUES: &[&str] = &["Standard", "Bulk", "Expedited"];

pub const TRANSITION_DEFAULT_MINIMUM_OBJECT_SIZE_VALUES: &[&str] = &["varies_by_storage_class", "all_storage_classes_128K"];

pub const TRANSITION_STORAGE_CLASS_VALUES: &[&str] = &["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

pub const TYPE_VALUES: &[&str] = &["CanonicalUser", "AmazonCustomerByEmail", "Group"];
