//! What a request for flow logs may say: destinations, formats, options. Pure.
//!
//! Source: CreateFlowLogs, EC2 API Reference; "Flow log records" and "Publish flow logs to Amazon S3", VPC User Guide.

use aws_protocol::{AwsError, ec2};
use wire::flow::{FIELDS, Traffic};

const FORMAT_CHARS_MAX: usize = 2048;
const PREFIX_CHARS_MAX: usize = 512;

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameter", message)
}

fn unsupported(parameter: &str, why: &str) -> AwsError {
    AwsError::unsupported_operation(format!("{parameter}: {why}"))
}

/// Where: the bucket, and what its objects' names begin with.
pub struct Destination {
    pub arn: String,
    pub bucket: String,
    pub prefix: String,
}

pub fn destination(r: &ec2::CreateFlowLogsRequest) -> Result<Destination, AwsError> {
    match r.log_destination_type.as_deref() {
        Some("s3") => {}
        None | Some("cloud-watch-logs") => {
            let why = "there is no CloudWatch Logs in this region; flow logs go to s3.";
            return Err(unsupported("LogDestinationType cloud-watch-logs", why));
        }
        Some("kinesis-data-firehose") => {
            let why = "there is no Data Firehose in this region; flow logs go to s3.";
            return Err(unsupported("LogDestinationType kinesis-data-firehose", why));
        }
        Some(other) => return Err(AwsError::invalid_value("LogDestinationType", other, "Expected s3.")),
    }
    if r.log_group_name.is_some() {
        return Err(invalid("Please only provide LogGroupName or only provide LogDestination."));
    }
    if r.deliver_logs_permission_arn.is_some() {
        return Err(invalid("DeliverLogsPermissionArn is not applicable for s3 delivery"));
    }
    let arn = r.log_destination.as_deref().filter(|a| !a.is_empty());
    let arn = arn.ok_or_else(|| invalid("LogDestination can't be empty if LogGroupName is not provided."))?;
    let bad = || AwsError::invalid_value("LogDestination", arn, "Expected the ARN of a bucket, and a folder in it.");
    let rest = arn.strip_prefix("arn:aws:s3:::").ok_or_else(bad)?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let usable = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let prefix = prefix.trim_end_matches('/');
    if !usable || prefix.chars().count() > PREFIX_CHARS_MAX || prefix.chars().any(char::is_control) {
        return Err(bad());
    }
    if prefix.split('/').any(|folder| folder == "AWSLogs") {
        return Err(AwsError::invalid_value("LogDestination", arn, "AWSLogs is a reserved term."));
    }
    Ok(Destination { arn: arn.to_owned(), bucket: bucket.to_owned(), prefix: prefix.to_owned() })
}

/// The default format.
pub fn default_format() -> String {
    let second = FIELDS.iter().filter(|(_, version)| *version == 2);
    second.map(|(name, _)| format!("${{{name}}}")).collect::<Vec<_>>().join(" ")
}

/// Names of fields in `${name} ${name}`; each once.
pub fn fields(format: &str) -> Result<Vec<String>, AwsError> {
    if format.chars().count() > FORMAT_CHARS_MAX {
        return Err(invalid(format!("LogFormat may have at most {FORMAT_CHARS_MAX} characters.")));
    }
    let mut out: Vec<String> = Vec::new();
    for word in format.split_whitespace() {
        let name = word.strip_prefix("${").and_then(|w| w.strip_suffix('}'));
        let name = name.ok_or_else(|| invalid("LogFormat: fields are written ${field-id} and separated by spaces."))?;
        if !FIELDS.iter().any(|(known, _)| *known == name) {
            let shown: String = name.chars().take(64).collect();
            return Err(invalid(format!("Unknown fields provided: [{shown}]")));
        }
        if out.iter().any(|n| n == name) {
            return Err(invalid(format!("Duplicate fields provided: [{name}]")));
        }
        out.push(name.to_owned());
    }
    if out.is_empty() {
        return Err(invalid("LogFormat has no field."));
    }
    Ok(out)
}

pub fn traffic(given: &Option<String>) -> Result<Traffic, AwsError> {
    match given.as_deref() {
        Some("ACCEPT") => Ok(Traffic::Accept),
        Some("REJECT") => Ok(Traffic::Reject),
        Some("ALL") => Ok(Traffic::All),
        Some(other) => Err(AwsError::invalid_value("TrafficType", other, "Expected ACCEPT, REJECT or ALL.")),
        None => Err(AwsError::missing_parameter("TrafficType")),
    }
}

pub fn traffic_name(traffic: Traffic) -> &'static str {
    match traffic {
        Traffic::Accept => "ACCEPT",
        Traffic::Reject => "REJECT",
        Traffic::All => "ALL",
    }
}

/// Seconds of an aggregation interval.
pub fn seconds(given: Option<i32>) -> Result<u16, AwsError> {
    match given {
        None | Some(600) => Ok(600),
        Some(60) => Ok(60),
        Some(other) => Err(AwsError::invalid_value("MaxAggregationInterval", &other.to_string(), "Expected 60 or 600.")),
    }
}

/// (hive-compatible prefixes, a folder per hour)
pub fn options(given: &Option<ec2::DestinationOptionsRequest>) -> Result<(bool, bool), AwsError> {
    let Some(options) = given else { return Ok((false, false)) };
    match options.file_format.as_deref() {
        None | Some("plain-text") => {}
        Some("parquet") => {
            return Err(unsupported("DestinationOptions.FileFormat parquet", "files are written as plain-text only."));
        }
        Some(other) => {
            return Err(AwsError::invalid_value("DestinationOptions.FileFormat", other, "Expected plain-text."));
        }
    }
    Ok((options.hive_compatible_partitions == Some(true), options.per_hour_partition == Some(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let default = default_format();
        assert!(default.starts_with("${version} ${account-id} ${interface-id}") && default.ends_with("${action} ${log-status}"));
        assert_eq!(fields(&default).unwrap().len(), 14);
        assert_eq!(fields("${vpc-id}  ${traffic-path}").unwrap(), ["vpc-id", "traffic-path"]);
        for bad in
            ["", " ", "version", "${version", "${versions}", "${version} ${version}", "${version}${start}", "${ecs-task-id}"]
        {
            assert_eq!(fields(bad).unwrap_err().code, "InvalidParameter", "{bad}");
        }
        assert!(fields(&"${version} ".repeat(300)).is_err());
    }

    #[test]
    fn destinations() {
        let request = |kind: Option<&str>, arn: &str| ec2::CreateFlowLogsRequest {
            log_destination_type: kind.map(str::to_owned),
            log_destination: Some(arn.to_owned()),
            ..Default::default()
        };
        for (arn, bucket, prefix) in [
            ("arn:aws:s3:::logs", "logs", ""),
            ("arn:aws:s3:::logs/", "logs", ""),
            ("arn:aws:s3:::logs/a/b/", "logs", "a/b"),
            ("arn:aws:s3:::logs/a", "logs", "a"),
        ] {
            let d = destination(&request(Some("s3"), arn)).unwrap();
            assert_eq!((d.bucket.as_str(), d.prefix.as_str(), d.arn.as_str()), (bucket, prefix, arn));
        }
        for (kind, arn, code) in [
            (Some("s3"), "logs", "InvalidParameterValue"),
            (Some("s3"), "arn:aws:s3:::LOGS", "InvalidParameterValue"),
            (Some("s3"), "arn:aws:s3:::logs/AWSLogs/", "InvalidParameterValue"),
            (Some("s3"), "", "InvalidParameter"),
            (Some("s4"), "arn:aws:s3:::logs", "InvalidParameterValue"),
            (Some("kinesis-data-firehose"), "arn:aws:s3:::logs", "UnsupportedOperation"),
            (Some("cloud-watch-logs"), "arn:aws:s3:::logs", "UnsupportedOperation"),
            (None, "arn:aws:s3:::logs", "UnsupportedOperation"),
        ] {
            assert_eq!(destination(&request(kind, arn)).err().unwrap().code, code, "{kind:?} {arn}");
        }
    }
}
