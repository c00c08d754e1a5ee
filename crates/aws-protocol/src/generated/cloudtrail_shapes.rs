//! Shapes of cloudtrail.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct AddTagsRequest {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "ResourceId"),
    pub tags_list: Option<Vec<Tag>> = ("TagsList", "TagsList", "member", "TagsList", "member"),
}
}

crate::shape::shape! {
pub struct AddTagsResponse {
}
}

crate::shape::shape! {
pub struct AdvancedEventSelector {
    pub field_selectors: Option<Vec<AdvancedFieldSelector>> = ("FieldSelectors", "FieldSelectors", "member", "FieldSelectors", "member"),
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct AdvancedFieldSelector {
    pub ends_with: Option<Vec<String>> = ("EndsWith", "EndsWith", "member", "EndsWith", "member"),
    pub equals: Option<Vec<String>> = ("Equals", "Equals", "member", "Equals", "member"),
    pub field: Option<String> = ("Field", "Field", "Field"),
    pub not_ends_with: Option<Vec<String>> = ("NotEndsWith", "NotEndsWith", "member", "NotEndsWith", "member"),
    pub not_equals: Option<Vec<String>> = ("NotEquals", "NotEquals", "member", "NotEquals", "member"),
    pub not_starts_with: Option<Vec<String>> = ("NotStartsWith", "NotStartsWith", "member", "NotStartsWith", "member"),
    pub starts_with: Option<Vec<String>> = ("StartsWith", "StartsWith", "member", "StartsWith", "member"),
}
}

crate::shape::shape! {
pub struct CreateTrailRequest {
    pub cloud_watch_logs_log_group_arn: Option<String> = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn"),
    pub cloud_watch_logs_role_arn: Option<String> = ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
    pub enable_log_file_validation: Option<bool> = ("EnableLogFileValidation", "EnableLogFileValidation", "EnableLogFileValidation"),
    pub include_global_service_events: Option<bool> = ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    pub is_multi_region_trail: Option<bool> = ("IsMultiRegionTrail", "IsMultiRegionTrail", "IsMultiRegionTrail"),
    pub is_organization_trail: Option<bool> = ("IsOrganizationTrail", "IsOrganizationTrail", "IsOrganizationTrail"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "KmsKeyId"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub s3_bucket_name: Option<String> = ("S3BucketName", "S3BucketName", "S3BucketName"),
    pub s3_key_prefix: Option<String> = ("S3KeyPrefix", "S3KeyPrefix", "S3KeyPrefix"),
    pub sns_topic_name: Option<String> = ("SnsTopicName", "SnsTopicName", "SnsTopicName"),
    pub tags_list: Option<Vec<Tag>> = ("TagsList", "TagsList", "member", "TagsList", "member"),
}
}

crate::shape::shape! {
pub struct CreateTrailResponse {
    pub cloud_watch_logs_log_group_arn: Option<String> = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn"),
    pub cloud_watch_logs_role_arn: Option<String> = ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
    pub include_global_service_events: Option<bool> = ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    pub is_multi_region_trail: Option<bool> = ("IsMultiRegionTrail", "IsMultiRegionTrail", "IsMultiRegionTrail"),
    pub is_organization_trail: Option<bool> = ("IsOrganizationTrail", "IsOrganizationTrail", "IsOrganizationTrail"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "KmsKeyId"),
    pub log_file_validation_enabled: Option<bool> = ("LogFileValidationEnabled", "LogFileValidationEnabled", "LogFileValidationEnabled"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub s3_bucket_name: Option<String> = ("S3BucketName", "S3BucketName", "S3BucketName"),
    pub s3_key_prefix: Option<String> = ("S3KeyPrefix", "S3KeyPrefix", "S3KeyPrefix"),
    pub sns_topic_arn: Option<String> = ("SnsTopicARN", "SnsTopicARN", "SnsTopicARN"),
    pub sns_topic_name: Option<String> = ("SnsTopicName", "SnsTopicName", "SnsTopicName"),
    pub trail_arn: Option<String> = ("TrailARN", "TrailARN", "TrailARN"),
}
}

crate::shape::shape! {
pub struct DataResource {
    pub r#type: Option<String> = ("Type", "Type", "Type"),
    pub values: Option<Vec<String>> = ("Values", "Values", "member", "Values", "member"),
}
}

crate::shape::shape! {
pub struct DeleteTrailRequest {
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct DeleteTrailResponse {
}
}

crate::shape::shape! {
pub struct DescribeTrailsRequest {
    pub include_shadow_trails: Option<bool> = ("includeShadowTrails", "includeShadowTrails", "includeShadowTrails"),
    pub trail_name_list: Option<Vec<String>> = ("trailNameList", "trailNameList", "member", "trailNameList", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTrailsResponse {
    pub trail_list: Option<Vec<Trail>> = ("trailList", "trailList", "member", "trailList", "member"),
}
}

crate::shape::shape! {
pub struct Event {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
    pub cloud_trail_event: Option<String> = ("CloudTrailEvent", "CloudTrailEvent", "CloudTrailEvent"),
    pub event_id: Option<String> = ("EventId", "EventId", "EventId"),
    pub event_name: Option<String> = ("EventName", "EventName", "EventName"),
    pub event_source: Option<String> = ("EventSource", "EventSource", "EventSource"),
    pub event_time: Option<TimestampMs> = ("EventTime", "EventTime", "EventTime"),
    pub read_only: Option<String> = ("ReadOnly", "ReadOnly", "ReadOnly"),
    pub resources: Option<Vec<Resource>> = ("Resources", "Resources", "member", "Resources", "member"),
    pub username: Option<String> = ("Username", "Username", "Username"),
}
}

crate::shape::shape! {
pub struct EventSelector {
    pub data_resources: Option<Vec<DataResource>> = ("DataResources", "DataResources", "member", "DataResources", "member"),
    pub exclude_management_event_sources: Option<Vec<String>> = ("ExcludeManagementEventSources", "ExcludeManagementEventSources", "member", "ExcludeManagementEventSources", "member"),
    pub include_management_events: Option<bool> = ("IncludeManagementEvents", "IncludeManagementEvents", "IncludeManagementEvents"),
    pub read_write_type: Option<String> = ("ReadWriteType", "ReadWriteType", "ReadWriteType"),
}
}

crate::shape::shape! {
pub struct GetEventSelectorsRequest {
    pub trail_name: Option<String> = ("TrailName", "TrailName", "TrailName"),
}
}

crate::shape::shape! {
pub struct GetEventSelectorsResponse {
    pub advanced_event_selectors: Option<Vec<AdvancedEventSelector>> = ("AdvancedEventSelectors", "AdvancedEventSelectors", "member", "AdvancedEventSelectors", "member"),
    pub event_selectors: Option<Vec<EventSelector>> = ("EventSelectors", "EventSelectors", "member", "EventSelectors", "member"),
    pub trail_arn: Option<String> = ("TrailARN", "TrailARN", "TrailARN"),
}
}

crate::shape::shape! {
pub struct GetTrailRequest {
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct GetTrailResponse {
    pub trail: Option<Trail> = ("Trail", "Trail", "Trail"),
}
}

crate::shape::shape! {
pub struct GetTrailStatusRequest {
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct GetTrailStatusResponse {
    pub is_logging: Option<bool> = ("IsLogging", "IsLogging", "IsLogging"),
    pub latest_cloud_watch_logs_delivery_error: Option<String> = ("LatestCloudWatchLogsDeliveryError", "LatestCloudWatchLogsDeliveryError", "LatestCloudWatchLogsDeliveryError"),
    pub latest_cloud_watch_logs_delivery_time: Option<TimestampMs> = ("LatestCloudWatchLogsDeliveryTime", "LatestCloudWatchLogsDeliveryTime", "LatestCloudWatchLogsDeliveryTime"),
    pub latest_delivery_attempt_succeeded: Option<String> = ("LatestDeliveryAttemptSucceeded", "LatestDeliveryAttemptSucceeded", "LatestDeliveryAttemptSucceeded"),
    pub latest_delivery_attempt_time: Option<String> = ("LatestDeliveryAttemptTime", "LatestDeliveryAttemptTime", "LatestDeliveryAttemptTime"),
    pub latest_delivery_error: Option<String> = ("LatestDeliveryError", "LatestDeliveryError", "LatestDeliveryError"),
    pub latest_delivery_time: Option<TimestampMs> = ("LatestDeliveryTime", "LatestDeliveryTime", "LatestDeliveryTime"),
    pub latest_digest_delivery_error: Option<String> = ("LatestDigestDeliveryError", "LatestDigestDeliveryError", "LatestDigestDeliveryError"),
    pub latest_digest_delivery_time: Option<TimestampMs> = ("LatestDigestDeliveryTime", "LatestDigestDeliveryTime", "LatestDigestDeliveryTime"),
    pub latest_notification_attempt_succeeded: Option<String> = ("LatestNotificationAttemptSucceeded", "LatestNotificationAttemptSucceeded", "LatestNotificationAttemptSucceeded"),
    pub latest_notification_attempt_time: Option<String> = ("LatestNotificationAttemptTime", "LatestNotificationAttemptTime", "LatestNotificationAttemptTime"),
    pub latest_notification_error: Option<String> = ("LatestNotificationError", "LatestNotificationError", "LatestNotificationError"),
    pub latest_notification_time: Option<TimestampMs> = ("LatestNotificationTime", "LatestNotificationTime", "LatestNotificationTime"),
    pub start_logging_time: Option<TimestampMs> = ("StartLoggingTime", "StartLoggingTime", "StartLoggingTime"),
    pub stop_logging_time: Option<TimestampMs> = ("StopLoggingTime", "StopLoggingTime", "StopLoggingTime"),
    pub time_logging_started: Option<String> = ("TimeLoggingStarted", "TimeLoggingStarted", "TimeLoggingStarted"),
    pub time_logging_stopped: Option<String> = ("TimeLoggingStopped", "TimeLoggingStopped", "TimeLoggingStopped"),
}
}

crate::shape::shape! {
pub struct ListPublicKeysRequest {
    pub end_time: Option<TimestampMs> = ("EndTime", "EndTime", "EndTime"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub start_time: Option<TimestampMs> = ("StartTime", "StartTime", "StartTime"),
}
}

crate::shape::shape! {
pub struct ListPublicKeysResponse {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub public_key_list: Option<Vec<PublicKey>> = ("PublicKeyList", "PublicKeyList", "member", "PublicKeyList", "member"),
}
}

crate::shape::shape! {
pub struct ListTagsRequest {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub resource_id_list: Option<Vec<String>> = ("ResourceIdList", "ResourceIdList", "member", "ResourceIdList", "member"),
}
}

crate::shape::shape! {
pub struct ListTagsResponse {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub resource_tag_list: Option<Vec<ResourceTag>> = ("ResourceTagList", "ResourceTagList", "member", "ResourceTagList", "member"),
}
}

crate::shape::shape! {
pub struct ListTrailsRequest {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct ListTrailsResponse {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub trails: Option<Vec<TrailInfo>> = ("Trails", "Trails", "member", "Trails", "member"),
}
}

crate::shape::shape! {
pub struct LookupAttribute {
    pub attribute_key: Option<String> = ("AttributeKey", "AttributeKey", "AttributeKey"),
    pub attribute_value: Option<String> = ("AttributeValue", "AttributeValue", "AttributeValue"),
}
}

crate::shape::shape! {
pub struct LookupEventsRequest {
    pub end_time: Option<TimestampMs> = ("EndTime", "EndTime", "EndTime"),
    pub event_category: Option<String> = ("EventCategory", "EventCategory", "EventCategory"),
    pub lookup_attributes: Option<Vec<LookupAttribute>> = ("LookupAttributes", "LookupAttributes", "member", "LookupAttributes", "member"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub start_time: Option<TimestampMs> = ("StartTime", "StartTime", "StartTime"),
}
}

crate::shape::shape! {
pub struct LookupEventsResponse {
    pub events: Option<Vec<Event>> = ("Events", "Events", "member", "Events", "member"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct PublicKey {
    pub fingerprint: Option<String> = ("Fingerprint", "Fingerprint", "Fingerprint"),
    pub validity_end_time: Option<TimestampMs> = ("ValidityEndTime", "ValidityEndTime", "ValidityEndTime"),
    pub validity_start_time: Option<TimestampMs> = ("ValidityStartTime", "ValidityStartTime", "ValidityStartTime"),
    pub value: Option<Vec<u8>> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct PutEventSelectorsRequest {
    pub advanced_event_selectors: Option<Vec<AdvancedEventSelector>> = ("AdvancedEventSelectors", "AdvancedEventSelectors", "member", "AdvancedEventSelectors", "member"),
    pub event_selectors: Option<Vec<EventSelector>> = ("EventSelectors", "EventSelectors", "member", "EventSelectors", "member"),
    pub trail_name: Option<String> = ("TrailName", "TrailName", "TrailName"),
}
}

crate::shape::shape! {
pub struct PutEventSelectorsResponse {
    pub advanced_event_selectors: Option<Vec<AdvancedEventSelector>> = ("AdvancedEventSelectors", "AdvancedEventSelectors", "member", "AdvancedEventSelectors", "member"),
    pub event_selectors: Option<Vec<EventSelector>> = ("EventSelectors", "EventSelectors", "member", "EventSelectors", "member"),
    pub trail_arn: Option<String> = ("TrailARN", "TrailARN", "TrailARN"),
}
}

crate::shape::shape! {
pub struct RemoveTagsRequest {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "ResourceId"),
    pub tags_list: Option<Vec<Tag>> = ("TagsList", "TagsList", "member", "TagsList", "member"),
}
}

crate::shape::shape! {
pub struct RemoveTagsResponse {
}
}

crate::shape::shape! {
pub struct Resource {
    pub resource_name: Option<String> = ("ResourceName", "ResourceName", "ResourceName"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "ResourceType"),
}
}

crate::shape::shape! {
pub struct ResourceTag {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "ResourceId"),
    pub tags_list: Option<Vec<Tag>> = ("TagsList", "TagsList", "member", "TagsList", "member"),
}
}

crate::shape::shape! {
pub struct StartLoggingRequest {
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct StartLoggingResponse {
}
}

crate::shape::shape! {
pub struct StopLoggingRequest {
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct StopLoggingResponse {
}
}

crate::shape::shape! {
pub struct Tag {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}

crate::shape::shape! {
pub struct Trail {
    pub cloud_watch_logs_log_group_arn: Option<String> = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn"),
    pub cloud_watch_logs_role_arn: Option<String> = ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
    pub has_custom_event_selectors: Option<bool> = ("HasCustomEventSelectors", "HasCustomEventSelectors", "HasCustomEventSelectors"),
    pub has_insight_selectors: Option<bool> = ("HasInsightSelectors", "HasInsightSelectors", "HasInsightSelectors"),
    pub home_region: Option<String> = ("HomeRegion", "HomeRegion", "HomeRegion"),
    pub include_global_service_events: Option<bool> = ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    pub is_multi_region_trail: Option<bool> = ("IsMultiRegionTrail", "IsMultiRegionTrail", "IsMultiRegionTrail"),
    pub is_organization_trail: Option<bool> = ("IsOrganizationTrail", "IsOrganizationTrail", "IsOrganizationTrail"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "KmsKeyId"),
    pub log_file_validation_enabled: Option<bool> = ("LogFileValidationEnabled", "LogFileValidationEnabled", "LogFileValidationEnabled"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub s3_bucket_name: Option<String> = ("S3BucketName", "S3BucketName", "S3BucketName"),
    pub s3_key_prefix: Option<String> = ("S3KeyPrefix", "S3KeyPrefix", "S3KeyPrefix"),
    pub sns_topic_arn: Option<String> = ("SnsTopicARN", "SnsTopicARN", "SnsTopicARN"),
    pub sns_topic_name: Option<String> = ("SnsTopicName", "SnsTopicName", "SnsTopicName"),
    pub trail_arn: Option<String> = ("TrailARN", "TrailARN", "TrailARN"),
}
}

crate::shape::shape! {
pub struct TrailInfo {
    pub home_region: Option<String> = ("HomeRegion", "HomeRegion", "HomeRegion"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub trail_arn: Option<String> = ("TrailARN", "TrailARN", "TrailARN"),
}
}

crate::shape::shape! {
pub struct UpdateTrailRequest {
    pub cloud_watch_logs_log_group_arn: Option<String> = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn"),
    pub cloud_watch_logs_role_arn: Option<String> = ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
    pub enable_log_file_validation: Option<bool> = ("EnableLogFileValidation", "EnableLogFileValidation", "EnableLogFileValidation"),
    pub include_global_service_events: Option<bool> = ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    pub is_multi_region_trail: Option<bool> = ("IsMultiRegionTrail", "IsMultiRegionTrail", "IsMultiRegionTrail"),
    pub is_organization_trail: Option<bool> = ("IsOrganizationTrail", "IsOrganizationTrail", "IsOrganizationTrail"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "KmsKeyId"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub s3_bucket_name: Option<String> = ("S3BucketName", "S3BucketName", "S3BucketName"),
    pub s3_key_prefix: Option<String> = ("S3KeyPrefix", "S3KeyPrefix", "S3KeyPrefix"),
    pub sns_topic_name: Option<String> = ("SnsTopicName", "SnsTopicName", "SnsTopicName"),
}
}

crate::shape::shape! {
pub struct UpdateTrailResponse {
    pub cloud_watch_logs_log_group_arn: Option<String> = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn"),
    pub cloud_watch_logs_role_arn: Option<String> = ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
    pub include_global_service_events: Option<bool> = ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    pub is_multi_region_trail: Option<bool> = ("IsMultiRegionTrail", "IsMultiRegionTrail", "IsMultiRegionTrail"),
    pub is_organization_trail: Option<bool> = ("IsOrganizationTrail", "IsOrganizationTrail", "IsOrganizationTrail"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "KmsKeyId"),
    pub log_file_validation_enabled: Option<bool> = ("LogFileValidationEnabled", "LogFileValidationEnabled", "LogFileValidationEnabled"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub s3_bucket_name: Option<String> = ("S3BucketName", "S3BucketName", "S3BucketName"),
    pub s3_key_prefix: Option<String> = ("S3KeyPrefix", "S3KeyPrefix", "S3KeyPrefix"),
    pub sns_topic_arn: Option<String> = ("SnsTopicARN", "SnsTopicARN", "SnsTopicARN"),
    pub sns_topic_name: Option<String> = ("SnsTopicName", "SnsTopicName", "SnsTopicName"),
    pub trail_arn: Option<String> = ("TrailARN", "TrailARN", "TrailARN"),
}
}
