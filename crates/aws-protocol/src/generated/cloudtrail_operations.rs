//! Operations of cloudtrail.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::cloudtrail_shapes::*;
use crate::{Operation, Paginator, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "cloudtrail",
    protocol: Protocol::Json11,
    version: "2013-11-01",
    xml_namespace: "",
    target_prefix: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &LOOKUP_EVENTS,
    &CREATE_TRAIL,
    &UPDATE_TRAIL,
    &DELETE_TRAIL,
    &DESCRIBE_TRAILS,
    &GET_TRAIL,
    &LIST_TRAILS,
    &GET_TRAIL_STATUS,
    &START_LOGGING,
    &STOP_LOGGING,
    &PUT_EVENT_SELECTORS,
    &GET_EVENT_SELECTORS,
    &ADD_TAGS,
    &REMOVE_TAGS,
    &LIST_TAGS,
    &LIST_PUBLIC_KEYS,
];

pub static LOOKUP_EVENTS: Operation = Operation {
    name: "LookupEvents",
    service: &SERVICE,
    input: "LookupEventsRequest",
    output: Some("LookupEventsResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Events"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "EndTime",
        "EventCategory",
        "LookupAttributes.N.AttributeKey",
        "LookupAttributes.N.AttributeValue",
        "MaxResults",
        "NextToken",
        "StartTime",
    ],
};

impl Request for LookupEventsRequest {
    type Reply = LookupEventsResponse;
    fn operation() -> &'static Operation {
        &LOOKUP_EVENTS
    }
}

pub static CREATE_TRAIL: Operation = Operation {
    name: "CreateTrail",
    service: &SERVICE,
    input: "CreateTrailRequest",
    output: Some("CreateTrailResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name", "S3BucketName"],
    members: &[
        "CloudWatchLogsLogGroupArn",
        "CloudWatchLogsRoleArn",
        "EnableLogFileValidation",
        "IncludeGlobalServiceEvents",
        "IsMultiRegionTrail",
        "IsOrganizationTrail",
        "KmsKeyId",
        "Name",
        "S3BucketName",
        "S3KeyPrefix",
        "SnsTopicName",
        "TagsList.N.Key",
        "TagsList.N.Value",
    ],
};

impl Request for CreateTrailRequest {
    type Reply = CreateTrailResponse;
    fn operation() -> &'static Operation {
        &CREATE_TRAIL
    }
}

pub static UPDATE_TRAIL: Operation = Operation {
    name: "UpdateTrail",
    service: &SERVICE,
    input: "UpdateTrailRequest",
    output: Some("UpdateTrailResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "CloudWatchLogsLogGroupArn",
        "CloudWatchLogsRoleArn",
        "EnableLogFileValidation",
        "IncludeGlobalServiceEvents",
        "IsMultiRegionTrail",
        "IsOrganizationTrail",
        "KmsKeyId",
        "Name",
        "S3BucketName",
        "S3KeyPrefix",
        "SnsTopicName",
    ],
};

impl Request for UpdateTrailRequest {
    type Reply = UpdateTrailResponse;
    fn operation() -> &'static Operation {
        &UPDATE_TRAIL
    }
}

pub static DELETE_TRAIL: Operation = Operation {
    name: "DeleteTrail",
    service: &SERVICE,
    input: "DeleteTrailRequest",
    output: Some("DeleteTrailResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "Name",
    ],
};

impl Request for DeleteTrailRequest {
    type Reply = DeleteTrailResponse;
    fn operation() -> &'static Operation {
        &DELETE_TRAIL
    }
}

pub static DESCRIBE_TRAILS: Operation = Operation {
    name: "DescribeTrails",
    service: &SERVICE,
    input: "DescribeTrailsRequest",
    output: Some("DescribeTrailsResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "includeShadowTrails",
        "trailNameList.N",
    ],
};

impl Request for DescribeTrailsRequest {
    type Reply = DescribeTrailsResponse;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRAILS
    }
}

pub static GET_TRAIL: Operation = Operation {
    name: "GetTrail",
    service: &SERVICE,
    input: "GetTrailRequest",
    output: Some("GetTrailResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "Name",
    ],
};

impl Request for GetTrailRequest {
    type Reply = GetTrailResponse;
    fn operation() -> &'static Operation {
        &GET_TRAIL
    }
}

pub static LIST_TRAILS: Operation = Operation {
    name: "ListTrails",
    service: &SERVICE,
    input: "ListTrailsRequest",
    output: Some("ListTrailsResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: None, result_keys: &["Trails"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "NextToken",
    ],
};

impl Request for ListTrailsRequest {
    type Reply = ListTrailsResponse;
    fn operation() -> &'static Operation {
        &LIST_TRAILS
    }
}

pub static GET_TRAIL_STATUS: Operation = Operation {
    name: "GetTrailStatus",
    service: &SERVICE,
    input: "GetTrailStatusRequest",
    output: Some("GetTrailStatusResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "Name",
    ],
};

impl Request for GetTrailStatusRequest {
    type Reply = GetTrailStatusResponse;
    fn operation() -> &'static Operation {
        &GET_TRAIL_STATUS
    }
}

pub static START_LOGGING: Operation = Operation {
    name: "StartLogging",
    service: &SERVICE,
    input: "StartLoggingRequest",
    output: Some("StartLoggingResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "Name",
    ],
};

impl Request for StartLoggingRequest {
    type Reply = StartLoggingResponse;
    fn operation() -> &'static Operation {
        &START_LOGGING
    }
}

pub static STOP_LOGGING: Operation = Operation {
    name: "StopLogging",
    service: &SERVICE,
    input: "StopLoggingRequest",
    output: Some("StopLoggingResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "Name",
    ],
};

impl Request for StopLoggingRequest {
    type Reply = StopLoggingResponse;
    fn operation() -> &'static Operation {
        &STOP_LOGGING
    }
}

pub static PUT_EVENT_SELECTORS: Operation = Operation {
    name: "PutEventSelectors",
    service: &SERVICE,
    input: "PutEventSelectorsRequest",
    output: Some("PutEventSelectorsResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TrailName"],
    members: &[
        "AdvancedEventSelectors.N.FieldSelectors.N.EndsWith.N",
        "AdvancedEventSelectors.N.FieldSelectors.N.Equals.N",
        "AdvancedEventSelectors.N.FieldSelectors.N.Field",
        "AdvancedEventSelectors.N.FieldSelectors.N.NotEndsWith.N",
        "AdvancedEventSelectors.N.FieldSelectors.N.NotEquals.N",
        "AdvancedEventSelectors.N.FieldSelectors.N.NotStartsWith.N",
        "AdvancedEventSelectors.N.FieldSelectors.N.StartsWith.N",
        "AdvancedEventSelectors.N.Name",
        "EventSelectors.N.DataResources.N.Type",
        "EventSelectors.N.DataResources.N.Values.N",
        "EventSelectors.N.ExcludeManagementEventSources.N",
        "EventSelectors.N.IncludeManagementEvents",
        "EventSelectors.N.ReadWriteType",
        "TrailName",
    ],
};

impl Request for PutEventSelectorsRequest {
    type Reply = PutEventSelectorsResponse;
    fn operation() -> &'static Operation {
        &PUT_EVENT_SELECTORS
    }
}

pub static GET_EVENT_SELECTORS: Operation = Operation {
    name: "GetEventSelectors",
    service: &SERVICE,
    input: "GetEventSelectorsRequest",
    output: Some("GetEventSelectorsResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TrailName"],
    members: &[
        "TrailName",
    ],
};

impl Request for GetEventSelectorsRequest {
    type Reply = GetEventSelectorsResponse;
    fn operation() -> &'static Operation {
        &GET_EVENT_SELECTORS
    }
}

pub static ADD_TAGS: Operation = Operation {
    name: "AddTags",
    service: &SERVICE,
    input: "AddTagsRequest",
    output: Some("AddTagsResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceId", "TagsList"],
    members: &[
        "ResourceId",
        "TagsList.N.Key",
        "TagsList.N.Value",
    ],
};

impl Request for AddTagsRequest {
    type Reply = AddTagsResponse;
    fn operation() -> &'static Operation {
        &ADD_TAGS
    }
}

pub static REMOVE_TAGS: Operation = Operation {
    name: "RemoveTags",
    service: &SERVICE,
    input: "RemoveTagsRequest",
    output: Some("RemoveTagsResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceId", "TagsList"],
    members: &[
        "ResourceId",
        "TagsList.N.Key",
        "TagsList.N.Value",
    ],
};

impl Request for RemoveTagsRequest {
    type Reply = RemoveTagsResponse;
    fn operation() -> &'static Operation {
        &REMOVE_TAGS
    }
}

pub static LIST_TAGS: Operation = Operation {
    name: "ListTags",
    service: &SERVICE,
    input: "ListTagsRequest",
    output: Some("ListTagsResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: None, result_keys: &["ResourceTagList"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceIdList"],
    members: &[
        "NextToken",
        "ResourceIdList.N",
    ],
};

impl Request for ListTagsRequest {
    type Reply = ListTagsResponse;
    fn operation() -> &'static Operation {
        &LIST_TAGS
    }
}

pub static LIST_PUBLIC_KEYS: Operation = Operation {
    name: "ListPublicKeys",
    service: &SERVICE,
    input: "ListPublicKeysRequest",
    output: Some("ListPublicKeysResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: None, result_keys: &["PublicKeyList"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "EndTime",
        "NextToken",
        "StartTime",
    ],
};

impl Request for ListPublicKeysRequest {
    type Reply = ListPublicKeysResponse;
    fn operation() -> &'static Operation {
        &LIST_PUBLIC_KEYS
    }
}
