//! The names of all S3 operations, also of those that this product refuses: a refusal names what was asked for.

macro_rules! operations {
    ($($name:ident)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation { $($name,)* }

        impl Operation {
            pub const ALL: &[Operation] = &[$(Operation::$name,)*];

            /// As in the API reference: `PutObject`.
            pub fn name(self) -> &'static str {
                match self { $(Operation::$name => stringify!($name),)* }
            }
        }
    };
}

operations! {
    AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateBucketMetadataConfiguration
    CreateBucketMetadataTableConfiguration CreateMultipartUpload CreateSession DeleteBucket DeleteBucketAnalyticsConfiguration
    DeleteBucketCors DeleteBucketEncryption DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration
    DeleteBucketLifecycle DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration
    DeleteBucketMetricsConfiguration DeleteBucketOwnershipControls DeleteBucketPolicy DeleteBucketReplication
    DeleteBucketTagging DeleteBucketWebsite DeleteObject DeleteObjectTagging DeleteObjects DeletePublicAccessBlock
    GetBucketAbac GetBucketAccelerateConfiguration GetBucketAcl GetBucketAnalyticsConfiguration GetBucketCors
    GetBucketEncryption GetBucketIntelligentTieringConfiguration GetBucketInventoryConfiguration
    GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging GetBucketMetadataConfiguration
    GetBucketMetadataTableConfiguration GetBucketMetricsConfiguration GetBucketNotificationConfiguration
    GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketReplication GetBucketRequestPayment
    GetBucketTagging GetBucketVersioning GetBucketWebsite GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold
    GetObjectLockConfiguration GetObjectRetention GetObjectTagging GetObjectTorrent GetPublicAccessBlock HeadBucket
    HeadObject ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations
    ListBucketInventoryConfigurations ListBucketMetricsConfigurations ListBuckets ListMultipartUploads ListObjectVersions
    ListObjects ListObjectsV2 ListParts PutBucketAbac PutBucketAccelerateConfiguration PutBucketAcl
    PutBucketAnalyticsConfiguration PutBucketCors PutBucketEncryption PutBucketIntelligentTieringConfiguration
    PutBucketInventoryConfiguration PutBucketLifecycleConfiguration PutBucketLogging PutBucketMetricsConfiguration
    PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketReplication
    PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutObject PutObjectAcl
    PutObjectLegalHold PutObjectLockConfiguration PutObjectRetention PutObjectTagging PutPublicAccessBlock RenameObject
    RestoreObject SelectObjectContent UpdateBucketMetadataInventoryTableConfiguration
    UpdateBucketMetadataJournalTableConfiguration UpdateObjectEncryption UploadPart UploadPartCopy WriteGetObjectResponse

    // Not operations of the model.
    PostObject CorsPreflight
}

impl Operation {
    /// The root element of the reply where it is not the shape's own name. The model does not say; these are S3's own.
    /// `None` for operations whose reply has no XML body, and for GetBucketLocation (see [`super::location_xml`]).
    pub fn reply_root(self) -> Option<&'static str> {
        use Operation::*;
        Some(match self {
            ListBuckets => "ListAllMyBucketsResult",
            ListObjects | ListObjectsV2 => "ListBucketResult",
            ListObjectVersions => "ListVersionsResult",
            ListMultipartUploads => "ListMultipartUploadsResult",
            ListParts => "ListPartsResult",
            CreateMultipartUpload => "InitiateMultipartUploadResult",
            CompleteMultipartUpload => "CompleteMultipartUploadResult",
            CopyObject => "CopyObjectResult",
            UploadPartCopy => "CopyPartResult",
            DeleteObjects => "DeleteResult",
            GetObjectAttributes => "GetObjectAttributesResponse",
            PostObject => "PostResponse",
            GetBucketAcl | GetObjectAcl => "AccessControlPolicy",
            GetBucketTagging | GetObjectTagging => "Tagging",
            GetBucketCors => "CORSConfiguration",
            GetBucketWebsite => "WebsiteConfiguration",
            GetBucketVersioning => "VersioningConfiguration",
            GetBucketLifecycleConfiguration => "LifecycleConfiguration",
            GetBucketEncryption => "ServerSideEncryptionConfiguration",
            GetBucketLogging => "BucketLoggingStatus",
            GetBucketNotificationConfiguration => "NotificationConfiguration",
            GetBucketReplication => "ReplicationConfiguration",
            GetBucketRequestPayment => "RequestPaymentConfiguration",
            GetBucketAccelerateConfiguration => "AccelerateConfiguration",
            GetBucketPolicyStatus => "PolicyStatus",
            GetBucketOwnershipControls => "OwnershipControls",
            GetPublicAccessBlock => "PublicAccessBlockConfiguration",
            GetObjectLockConfiguration => "ObjectLockConfiguration",
            GetObjectRetention => "Retention",
            GetObjectLegalHold => "LegalHold",
            GetBucketInventoryConfiguration => "InventoryConfiguration",
            GetBucketAnalyticsConfiguration => "AnalyticsConfiguration",
            GetBucketMetricsConfiguration => "MetricsConfiguration",
            GetBucketIntelligentTieringConfiguration => "IntelligentTieringConfiguration",
            ListBucketInventoryConfigurations => "ListInventoryConfigurationsResult",
            ListBucketAnalyticsConfigurations => "ListBucketAnalyticsConfigurationResult",
            ListBucketMetricsConfigurations => "ListMetricsConfigurationsResult",
            ListBucketIntelligentTieringConfigurations => "ListBucketIntelligentTieringConfigurationsOutput",
            _ => return None,
        })
    }
}
