//! Every error that S3 documents and this product can answer: code, status and sentence, in one table.
//!
//! Each is a function; its arguments are the further elements of the error body, in the order in which S3 writes them.
//! Source: "Error responses", Amazon S3 API Reference, and for the further elements, replies of S3 itself.

use crate::AwsError;
use crate::error::clip;

macro_rules! errors {
    ($($name:ident($($arg:ident: $element:literal),*) = $code:literal, $status:literal, $sentence:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`, ", stringify!($status), ".")]
            pub fn $name($($arg: impl ToString),*) -> AwsError {
                of($code, $status, $sentence)$(.with($element, $arg.to_string()))*
            }
        )*

        /// Code, status and sentence of each error with a sentence of its own.
        pub const TABLE: &[(&str, u16, &str)] = &[$(($code, $status, $sentence)),*];
    };
}

fn of(code: &'static str, status: u16, message: impl Into<String>) -> AwsError {
    if status >= 500 && status != 501 {
        AwsError::receiver(code, message, status)
    } else {
        AwsError::new(code, message).with_status(status)
    }
}

errors! {
    // Who asks.
    access_denied() = "AccessDenied", 403, "Access Denied";
    invalid_access_key_id(key: "AWSAccessKeyId") = "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.";
    signature_does_not_match() = "SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    request_time_too_skewed(signed_at: "RequestTime", now: "ServerTime", limit_ms: "MaxAllowedSkewMilliseconds") = "RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.";
    invalid_token() = "InvalidToken", 400, "The provided token is malformed or otherwise invalid.";
    expired_token() = "ExpiredToken", 400, "The provided token has expired.";
    content_sha256_mismatch(client: "ClientComputedContentSHA256", ours: "S3ComputedContentSHA256") = "XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.";
    account_problem() = "AccountProblem", 403, "There is a problem with your AWS account that prevents the operation from completing successfully.";
    all_access_disabled() = "AllAccessDisabled", 403, "All access to this object has been disabled";
    invalid_payer() = "InvalidPayer", 403, "All access to this object has been disabled.";
    not_signed_up() = "NotSignedUp", 403, "Your account is not signed up for the Amazon S3 service.";

    // The address.
    invalid_uri(uri: "URI") = "InvalidURI", 400, "Couldn't parse the specified URI.";
    invalid_bucket_name(bucket: "BucketName") = "InvalidBucketName", 400, "The specified bucket is not valid.";
    key_too_long(size_bytes: "Size", limit_bytes: "MaxSizeAllowed") = "KeyTooLongError", 400, "Your key is too long";
    method_not_allowed(method: "Method", resource: "ResourceType") = "MethodNotAllowed", 405, "The specified method is not allowed against this resource.";
    permanent_redirect(endpoint: "Endpoint", bucket: "Bucket") = "PermanentRedirect", 301, "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    temporary_redirect(endpoint: "Endpoint", bucket: "Bucket") = "TemporaryRedirect", 307, "Please re-send this request to the specified temporary endpoint. Continue to use the original request endpoint for future requests.";
    no_such_bucket(bucket: "BucketName") = "NoSuchBucket", 404, "The specified bucket does not exist";
    no_such_key(key: "Key") = "NoSuchKey", 404, "The specified key does not exist.";
    no_such_version(key: "Key", version: "VersionId") = "NoSuchVersion", 404, "The specified version does not exist.";
    no_such_upload(upload: "UploadId") = "NoSuchUpload", 404, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";

    // The head.
    missing_content_length() = "MissingContentLength", 411, "You must provide the Content-Length HTTP header.";
    missing_security_header(header: "MissingHeaderName") = "MissingSecurityHeader", 400, "Your request was missing a required header";
    metadata_too_large(size_bytes: "Size", limit_bytes: "MaxSizeAllowed") = "MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size";
    request_header_section_too_large(limit_bytes: "MaxSizeAllowed") = "RequestHeaderSectionTooLarge", 400, "Your request header section exceeds the maximum allowed request header section size";
    not_implemented() = "NotImplemented", 501, "A header you provided implies functionality that is not implemented.";
    not_modified() = "NotModified", 304, "Not Modified";
    precondition_failed(condition: "Condition") = "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold";
    conditional_request_conflict(condition: "Condition", key: "Key") = "ConditionalRequestConflict", 409, "The conditional request cannot succeed due to a conflicting operation against this resource.";
    invalid_range(range: "RangeRequested", size_bytes: "ActualObjectSize") = "InvalidRange", 416, "The requested range is not satisfiable";
    invalid_part_number(part: "PartNumberRequested", parts: "ActualPartCount") = "InvalidPartNumber", 416, "The requested partnumber is not satisfiable";
    invalid_storage_class(class: "StorageClassRequested") = "InvalidStorageClass", 400, "The storage class you specified is not valid";
    invalid_encryption_algorithm(name: "ArgumentName", value: "ArgumentValue") = "InvalidEncryptionAlgorithmError", 400, "The encryption request you specified is not valid. The valid value is AES256.";
    unexpected_content() = "UnexpectedContent", 400, "This request contains unsupported content.";

    // The body.
    bad_digest(expected: "ExpectedDigest", calculated: "CalculatedDigest") = "BadDigest", 400, "The Content-MD5 you specified did not match what we received.";
    invalid_digest(value: "Content-MD5") = "InvalidDigest", 400, "The Content-MD5 you specified was invalid.";
    incomplete_body() = "IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header";
    request_timeout() = "RequestTimeout", 400, "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.";
    entity_too_large(size_bytes: "ProposedSize", limit_bytes: "MaxSizeAllowed") = "EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size";
    entity_too_small(size_bytes: "ProposedSize", limit_bytes: "MinSizeAllowed") = "EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size";
    malformed_xml() = "MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our published schema";
    malformed_acl() = "MalformedACLError", 400, "The XML you provided was not well-formed or did not validate against our published schema";
    missing_request_body() = "MissingRequestBodyError", 400, "Request Body is empty";
    max_message_length_exceeded(limit_bytes: "MaxMessageLengthBytes") = "MaxMessageLengthExceeded", 400, "Your request was too big.";

    // Browser forms.
    malformed_post_request() = "MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.";
    max_post_pre_data_length_exceeded(limit_bytes: "MaxPostPreDataLengthBytes") = "MaxPostPreDataLengthExceeded", 400, "Your POST request fields preceding the upload file were too large.";
    incorrect_number_of_files() = "IncorrectNumberOfFilesInPostRequest", 400, "POST requires exactly one file upload per request.";
    user_key_must_be_specified() = "UserKeyMustBeSpecified", 400, "The bucket POST must contain the specified field name. If it is specified, please check the order of the fields.";

    // Buckets.
    bucket_already_exists(bucket: "BucketName") = "BucketAlreadyExists", 409, "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    bucket_already_owned_by_you(bucket: "BucketName") = "BucketAlreadyOwnedByYou", 409, "Your previous request to create the named bucket succeeded and you already own it.";
    bucket_not_empty(bucket: "BucketName") = "BucketNotEmpty", 409, "The bucket you tried to delete is not empty";
    too_many_buckets() = "TooManyBuckets", 400, "You have attempted to create more buckets than allowed";
    invalid_bucket_state() = "InvalidBucketState", 409, "The request is not valid with the current state of the bucket.";
    invalid_location_constraint(location: "LocationConstraint") = "InvalidLocationConstraint", 400, "The specified location-constraint is not valid";
    illegal_location_constraint() = "IllegalLocationConstraintException", 400, "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.";
    illegal_versioning_configuration() = "IllegalVersioningConfigurationException", 400, "The Versioning element must be specified";
    operation_aborted() = "OperationAborted", 409, "A conflicting conditional operation is currently in progress against this resource. Please try again.";
    access_control_list_not_supported() = "AccessControlListNotSupported", 400, "The bucket does not allow ACLs";
    invalid_bucket_acl_with_object_ownership() = "InvalidBucketAclWithObjectOwnership", 400, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    unresolvable_grant_by_email(email: "EmailAddress") = "UnresolvableGrantByEmailAddress", 400, "The e-mail address you provided does not match any account on record.";
    ambiguous_grant_by_email(email: "EmailAddress") = "AmbiguousGrantByEmailAddress", 400, "The e-mail address you provided is associated with more than one account.";
    invalid_target_bucket_for_logging(bucket: "TargetBucket") = "InvalidTargetBucketForLogging", 400, "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.";
    cross_location_logging_prohibited() = "CrossLocationLoggingProhibited", 403, "Cross S3 location logging not allowed.";
    too_many_configurations() = "TooManyConfigurations", 400, "You are attempting to create a new configuration but have already reached the configuration limit.";

    // What a bucket or an object has not.
    no_such_bucket_policy(bucket: "BucketName") = "NoSuchBucketPolicy", 404, "The bucket policy does not exist";
    no_such_cors_configuration(bucket: "BucketName") = "NoSuchCORSConfiguration", 404, "The CORS configuration does not exist";
    no_such_lifecycle_configuration(bucket: "BucketName") = "NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist";
    no_such_website_configuration(bucket: "BucketName") = "NoSuchWebsiteConfiguration", 404, "The specified bucket does not have a website configuration";
    no_such_tag_set(bucket: "BucketName") = "NoSuchTagSet", 404, "The TagSet does not exist";
    no_such_configuration(bucket: "BucketName") = "NoSuchConfiguration", 404, "The specified configuration does not exist.";
    encryption_configuration_not_found(bucket: "BucketName") = "ServerSideEncryptionConfigurationNotFoundError", 404, "The server side encryption configuration was not found";
    object_lock_configuration_not_found(bucket: "BucketName") = "ObjectLockConfigurationNotFoundError", 404, "Object Lock configuration does not exist for this bucket";
    replication_configuration_not_found(bucket: "BucketName") = "ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found";
    ownership_controls_not_found(bucket: "BucketName") = "OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found";
    no_such_public_access_block_configuration(bucket: "BucketName") = "NoSuchPublicAccessBlockConfiguration", 404, "The public access block configuration was not found";
    no_such_object_lock_configuration(key: "Key") = "NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration";

    // Objects and uploads.
    invalid_object_state(class: "StorageClass") = "InvalidObjectState", 403, "The operation is not valid for the object's storage class";
    restore_already_in_progress() = "RestoreAlreadyInProgress", 409, "Object restore is already in progress";
    object_already_in_active_tier() = "ObjectAlreadyInActiveTierError", 403, "Restoration is not allowed, as object's storage class is not archived";
    invalid_part(upload: "UploadId", part: "PartNumber", etag: "ETag") = "InvalidPart", 400, "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    invalid_part_order(upload: "UploadId") = "InvalidPartOrder", 400, "The list of parts was not in ascending order. Parts must be ordered by part number.";

    // KMS, spoken of by S3.
    kms_disabled() = "KMS.DisabledException", 400, "The request was rejected because the specified KMS key is not enabled.";
    kms_not_found() = "KMS.NotFoundException", 400, "The request was rejected because the specified entity or resource could not be found.";
    kms_invalid_state() = "KMS.KMSInvalidStateException", 400, "The request was rejected because the state of the specified KMS key is not valid for this request.";
    kms_invalid_key_usage() = "KMS.InvalidKeyUsageException", 400, "The request was rejected because the KeyUsage of the KMS key does not allow this operation.";

    // Ours.
    internal_error() = "InternalError", 500, "We encountered an internal error. Please try again.";
    service_unavailable() = "ServiceUnavailable", 503, "Service is unable to handle request.";
    slow_down() = "SlowDown", 503, "Please reduce your request rate.";
    insufficient_storage() = "InsufficientStorage", 507, "There is not enough space to store the object.";
}

/// `InvalidArgument`, 400: what S3 says of most headers and parameters.
pub fn invalid_argument(message: impl Into<String>, name: &str, value: &str) -> AwsError {
    of("InvalidArgument", 400, message).with("ArgumentName", clip(name)).with("ArgumentValue", clip(value))
}

/// `InvalidRequest`, 400.
pub fn invalid_request(message: impl Into<String>) -> AwsError {
    of("InvalidRequest", 400, message)
}

/// `AccessDenied`, 403, for a reason that may be told.
pub fn access_denied_because(message: impl Into<String>) -> AwsError {
    of("AccessDenied", 403, message)
}

/// `AuthorizationHeaderMalformed`, 400.
pub fn authorization_header_malformed(message: impl Into<String>) -> AwsError {
    of("AuthorizationHeaderMalformed", 400, message)
}

/// `AuthorizationQueryParametersError`, 400.
pub fn authorization_query_parameters(message: impl Into<String>) -> AwsError {
    of("AuthorizationQueryParametersError", 400, message)
}

/// `BadDigest`, 400, of a checksum other than Content-MD5; `algorithm` as S3 writes it: `CRC32`, `SHA256`.
pub fn bad_checksum(algorithm: &str) -> AwsError {
    of("BadDigest", 400, format!("The {algorithm} you specified did not match the calculated checksum."))
}

/// `InvalidRequest`, 400, of a checksum header whose value cannot be one.
pub fn invalid_checksum_value(header: &str) -> AwsError {
    invalid_request(format!("Value for {header} header is invalid."))
}

/// `MissingSecurityHeader`'s modern form: `InvalidRequest`, 400.
pub fn missing_header(header: &str) -> AwsError {
    invalid_request(format!("Missing required header for this request: {header}"))
}

/// `InvalidTag`, 400.
pub fn invalid_tag(message: impl Into<String>) -> AwsError {
    of("InvalidTag", 400, message)
}

/// `MalformedPolicy`, 400: a bucket policy that cannot be one.
pub fn malformed_policy(message: impl Into<String>) -> AwsError {
    of("MalformedPolicy", 400, message)
}

/// `InvalidPolicyDocument`, 400: the policy of a browser form.
pub fn invalid_policy_document(why: impl Into<String>) -> AwsError {
    of("InvalidPolicyDocument", 400, format!("Invalid Policy: {}", why.into()))
}

/// `NotImplemented`, 501, of an operation that S3 has and this product has not.
pub fn not_implemented_because(message: impl Into<String>) -> AwsError {
    of("NotImplemented", 501, message)
}

/// `BucketNotEmpty`, 409, where only versions or delete markers are left.
pub fn bucket_has_versions(bucket: impl ToString) -> AwsError {
    of("BucketNotEmpty", 409, "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
        .with("BucketName", bucket.to_string())
}

/// `MethodNotAllowed`, 405, of a version that is a delete marker. The reply also has `x-amz-delete-marker` and `Allow`.
pub fn version_is_delete_marker(method: &str) -> AwsError {
    method_not_allowed(method, "DeleteMarker")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sane() {
        let mut codes: Vec<&str> = TABLE.iter().map(|(code, ..)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.len(), "a code is there twice");
        for (code, status, sentence) in TABLE {
            assert!((300..=599).contains(status) && !sentence.is_empty(), "{code}");
            let e = of(code, *status, *sentence);
            assert_eq!(e.retryable, [500, 503, 507].contains(status), "{code}");
        }
    }

    /// Status and sentence, as the documentation and the SDKs have them.
    #[test]
    fn known_answers() {
        for (e, code, status) in [
            (precondition_failed("If-Match"), "PreconditionFailed", 412),
            (not_modified(), "NotModified", 304),
            (invalid_range("bytes=9-", 3), "InvalidRange", 416),
            (missing_content_length(), "MissingContentLength", 411),
            (conditional_request_conflict("If-None-Match", "k"), "ConditionalRequestConflict", 409),
            (slow_down(), "SlowDown", 503),
            (insufficient_storage(), "InsufficientStorage", 507),
            (not_implemented(), "NotImplemented", 501),
            (permanent_redirect("e", "b"), "PermanentRedirect", 301),
            (request_timeout(), "RequestTimeout", 400),
            (bucket_has_versions("b"), "BucketNotEmpty", 409),
            (bad_checksum("CRC32"), "BadDigest", 400),
        ] {
            assert_eq!((e.code.as_ref(), e.status), (code, status));
        }
        let e = invalid_range("bytes=9-", 3);
        assert_eq!((e.detail("RangeRequested"), e.detail("ActualObjectSize")), (Some("bytes=9-"), Some("3")));
    }
}
