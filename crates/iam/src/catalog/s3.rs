//! S3. Everything is asked by the operation itself, as bucket policies and ACLs have their say. `bucket` is the bucket of the
//! request, `object` the bucket and key; a source is that of a copy. The operations that this product refuses are here too.

use super::{Judged, Need, Row, When, always};

/// `Operation "action" "on" [further needs];`
macro_rules! s3 {
    ($($name:ident $action:literal $on:literal $([$($more:expr),*])?;)*) => {
        &[$(row(stringify!($name), &[always(concat!("s3:", $action), $on) $($(, $more)*)?])),*]
    };
}

pub(super) const BUCKETS: &[Row] = s3! {
    ListBuckets "ListAllMyBuckets" "";
    CreateBucket "CreateBucket" "bucket" [
        given("s3:PutBucketAcl", "bucket", "an ACL"),
        given("s3:PutBucketOwnershipControls", "bucket", "x-amz-object-ownership"),
        given("s3:PutBucketObjectLockConfiguration", "bucket", "x-amz-bucket-object-lock-enabled"),
        given("s3:PutBucketVersioning", "bucket", "x-amz-bucket-object-lock-enabled"),
        given("s3:TagResource", "bucket", "tags")
    ];
    DeleteBucket "DeleteBucket" "bucket";
    HeadBucket "ListBucket" "bucket";
    ListObjects "ListBucket" "bucket";
    ListObjectsV2 "ListBucket" "bucket";
    ListObjectVersions "ListBucketVersions" "bucket";
    ListMultipartUploads "ListBucketMultipartUploads" "bucket";
    GetBucketLocation "GetBucketLocation" "bucket";
    GetBucketAbac "GetBucketAbac" "bucket";
    PutBucketAbac "PutBucketAbac" "bucket";
    GetBucketAccelerateConfiguration "GetAccelerateConfiguration" "bucket";
    PutBucketAccelerateConfiguration "PutAccelerateConfiguration" "bucket";
    GetBucketAcl "GetBucketAcl" "bucket";
    PutBucketAcl "PutBucketAcl" "bucket";
    GetBucketAnalyticsConfiguration "GetAnalyticsConfiguration" "bucket";
    ListBucketAnalyticsConfigurations "GetAnalyticsConfiguration" "bucket";
    PutBucketAnalyticsConfiguration "PutAnalyticsConfiguration" "bucket";
    DeleteBucketAnalyticsConfiguration "PutAnalyticsConfiguration" "bucket";
    GetBucketCors "GetBucketCORS" "bucket";
    PutBucketCors "PutBucketCORS" "bucket";
    DeleteBucketCors "PutBucketCORS" "bucket";
    GetBucketEncryption "GetEncryptionConfiguration" "bucket";
    PutBucketEncryption "PutEncryptionConfiguration" "bucket";
    DeleteBucketEncryption "PutEncryptionConfiguration" "bucket";
    GetBucketIntelligentTieringConfiguration "GetIntelligentTieringConfiguration" "bucket";
    ListBucketIntelligentTieringConfigurations "GetIntelligentTieringConfiguration" "bucket";
    PutBucketIntelligentTieringConfiguration "PutIntelligentTieringConfiguration" "bucket";
    DeleteBucketIntelligentTieringConfiguration "PutIntelligentTieringConfiguration" "bucket";
    GetBucketInventoryConfiguration "GetInventoryConfiguration" "bucket";
    ListBucketInventoryConfigurations "GetInventoryConfiguration" "bucket";
    PutBucketInventoryConfiguration "PutInventoryConfiguration" "bucket";
    DeleteBucketInventoryConfiguration "PutInventoryConfiguration" "bucket";
    GetBucketLifecycleConfiguration "GetLifecycleConfiguration" "bucket";
    PutBucketLifecycleConfiguration "PutLifecycleConfiguration" "bucket";
    DeleteBucketLifecycle "PutLifecycleConfiguration" "bucket";
    GetBucketLogging "GetBucketLogging" "bucket";
    PutBucketLogging "PutBucketLogging" "bucket";
    GetBucketMetadataConfiguration "GetBucketMetadataTableConfiguration" "bucket";
    GetBucketMetadataTableConfiguration "GetBucketMetadataTableConfiguration" "bucket";
    CreateBucketMetadataConfiguration "CreateBucketMetadataTableConfiguration" "bucket";
    CreateBucketMetadataTableConfiguration "CreateBucketMetadataTableConfiguration" "bucket";
    DeleteBucketMetadataConfiguration "DeleteBucketMetadataTableConfiguration" "bucket";
    DeleteBucketMetadataTableConfiguration "DeleteBucketMetadataTableConfiguration" "bucket";
    UpdateBucketMetadataInventoryTableConfiguration "UpdateBucketMetadataInventoryTableConfiguration" "bucket";
    UpdateBucketMetadataJournalTableConfiguration "UpdateBucketMetadataJournalTableConfiguration" "bucket";
    GetBucketMetricsConfiguration "GetMetricsConfiguration" "bucket";
    ListBucketMetricsConfigurations "GetMetricsConfiguration" "bucket";
    PutBucketMetricsConfiguration "PutMetricsConfiguration" "bucket";
    DeleteBucketMetricsConfiguration "PutMetricsConfiguration" "bucket";
    GetBucketNotificationConfiguration "GetBucketNotification" "bucket";
    PutBucketNotificationConfiguration "PutBucketNotification" "bucket";
    GetBucketOwnershipControls "GetBucketOwnershipControls" "bucket";
    PutBucketOwnershipControls "PutBucketOwnershipControls" "bucket";
    DeleteBucketOwnershipControls "PutBucketOwnershipControls" "bucket";
    GetBucketPolicy "GetBucketPolicy" "bucket";
    PutBucketPolicy "PutBucketPolicy" "bucket";
    DeleteBucketPolicy "DeleteBucketPolicy" "bucket";
    GetBucketPolicyStatus "GetBucketPolicyStatus" "bucket";
    GetBucketReplication "GetReplicationConfiguration" "bucket";
    PutBucketReplication "PutReplicationConfiguration" "bucket";
    DeleteBucketReplication "PutReplicationConfiguration" "bucket";
    GetBucketRequestPayment "GetBucketRequestPayment" "bucket";
    PutBucketRequestPayment "PutBucketRequestPayment" "bucket";
    GetBucketTagging "GetBucketTagging" "bucket";
    PutBucketTagging "PutBucketTagging" "bucket";
    DeleteBucketTagging "PutBucketTagging" "bucket";
    GetBucketVersioning "GetBucketVersioning" "bucket";
    PutBucketVersioning "PutBucketVersioning" "bucket";
    GetBucketWebsite "GetBucketWebsite" "bucket";
    PutBucketWebsite "PutBucketWebsite" "bucket";
    DeleteBucketWebsite "DeleteBucketWebsite" "bucket";
    GetObjectLockConfiguration "GetBucketObjectLockConfiguration" "bucket";
    PutObjectLockConfiguration "PutBucketObjectLockConfiguration" "bucket";
    GetPublicAccessBlock "GetBucketPublicAccessBlock" "bucket";
    PutPublicAccessBlock "PutBucketPublicAccessBlock" "bucket";
    DeletePublicAccessBlock "PutBucketPublicAccessBlock" "bucket";
};

const VERSION: &str = "versionId";
const LISTED: Need = given("s3:ListBucket", "bucket", "there is no such key: else the reply is 403");

pub(super) const OBJECTS: &[Row] = s3! {
    GetObject "GetObject" "object" [given("s3:GetObjectVersion", "object", VERSION), LISTED];
    HeadObject "GetObject" "object" [given("s3:GetObjectVersion", "object", VERSION), LISTED];
    GetObjectAcl "GetObjectAcl" "object" [given("s3:GetObjectVersionAcl", "object", VERSION)];
    PutObjectAcl "PutObjectAcl" "object" [given("s3:PutObjectVersionAcl", "object", VERSION)];
    GetObjectAttributes "GetObject" "object" [
        always("s3:GetObjectAttributes", "object"),
        given("s3:GetObjectVersion", "object", VERSION),
        given("s3:GetObjectVersionAttributes", "object", VERSION),
        LISTED
    ];
    GetObjectLegalHold "GetObjectLegalHold" "object";
    PutObjectLegalHold "PutObjectLegalHold" "object";
    GetObjectRetention "GetObjectRetention" "object";
    PutObjectRetention "PutObjectRetention" "object" [given("s3:BypassGovernanceRetention", "object", BYPASS)];
    GetObjectTagging "GetObjectTagging" "object" [given("s3:GetObjectVersionTagging", "object", VERSION)];
    PutObjectTagging "PutObjectTagging" "object" [given("s3:PutObjectVersionTagging", "object", VERSION)];
    DeleteObjectTagging "DeleteObjectTagging" "object" [given("s3:DeleteObjectVersionTagging", "object", VERSION)];
    GetObjectTorrent "GetObject" "object";
    PutObject "PutObject" "object" [ACL, TAGS, RETENTION, HOLD];
    PostObject "PutObject" "object" [ACL, TAGS, RETENTION, HOLD];
    CreateMultipartUpload "PutObject" "object" [ACL, TAGS, RETENTION, HOLD];
    UploadPart "PutObject" "object";
    CompleteMultipartUpload "PutObject" "object";
    AbortMultipartUpload "AbortMultipartUpload" "object";
    ListParts "ListMultipartUploadParts" "object";
    CopyObject "PutObject" "object" [
        ACL, TAGS, RETENTION, HOLD,
        always("s3:GetObject", "object=x-amz-copy-source"),
        given("s3:GetObjectVersion", "object=x-amz-copy-source", VERSION),
        given("s3:GetObjectTagging", "object=x-amz-copy-source", "the tags are copied"),
        given("s3:GetObjectVersionTagging", "object=x-amz-copy-source", "the tags of a version are copied"),
        LISTED
    ];
    UploadPartCopy "PutObject" "object" [
        always("s3:GetObject", "object=x-amz-copy-source"),
        given("s3:GetObjectVersion", "object=x-amz-copy-source", VERSION),
        LISTED
    ];
    RenameObject "PutObject" "object" [always("s3:GetObject", "object=x-amz-rename-source"), always("s3:DeleteObject", "object=x-amz-rename-source")];
    UpdateObjectEncryption "UpdateObjectEncryption" "object";
    DeleteObject "DeleteObject" "object" [
        given("s3:DeleteObjectVersion", "object", VERSION),
        given("s3:BypassGovernanceRetention", "object", BYPASS)
    ];
    DeleteObjects "DeleteObject" "object=Delete.Object.N.Key" [
        given("s3:DeleteObjectVersion", "object=Delete.Object.N.Key", VERSION),
        given("s3:BypassGovernanceRetention", "object=Delete.Object.N.Key", BYPASS)
    ];
    RestoreObject "RestoreObject" "object";
    SelectObjectContent "GetObject" "object";
    CreateSession "CreateSession" "bucket";
    WriteGetObjectResponse "WriteGetObjectResponse" "";
};

/// Browsers ask before they sign: the bucket's CORS rules alone answer.
pub(super) const PREFLIGHT: &[Row] = &[Row { service: "s3", operation: "CorsPreflight", judged: Judged::Never, needs: &[] }];

/// What a bucket's own duties ask of the role of its replication rules: not operations.
pub const REPLICATION_ACTIONS: [&str; 2] = ["s3:ReplicateObject", "s3:ReplicateDelete"];

const BYPASS: &str = "x-amz-bypass-governance-retention";
const ACL: Need = given("s3:PutObjectAcl", "object", "an ACL");
const TAGS: Need = given("s3:PutObjectTagging", "object", "x-amz-tagging");
const RETENTION: Need = given("s3:PutObjectRetention", "object", "x-amz-object-lock-mode");
const HOLD: Need = given("s3:PutObjectLegalHold", "object", "x-amz-object-lock-legal-hold");

const fn row(operation: &'static str, needs: &'static [Need]) -> Row {
    Row { service: "s3", operation, judged: Judged::Inside, needs }
}

const fn given(action: &'static str, on: &'static str, what: &'static str) -> Need {
    Need { action, on, when: When::If(what) }
}
