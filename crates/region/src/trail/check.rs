//! Names and buckets of trails, and the errors about them.

use super::rows::Trail;
use crate::context::{Answer, Ctx, OpResult, Question};
use aws_protocol::AwsError;
use types::AccountId;
use wire::trail::{BucketQuestion, BucketVerdict};

/// Of an account in a region (CloudTrail quotas).
const TRAILS_MAX: usize = 5;
const NAME_CHARS_MIN: usize = 3;
const NAME_CHARS_MAX: usize = 128;
const PREFIX_CHARS_MAX: usize = 200;

pub fn not_found(asked: &str, account: &AccountId) -> AwsError {
    AwsError::new("TrailNotFoundException", format!("Unknown trail: {asked} for the user: {account}"))
}

/// "Naming requirements for CloudTrail trails", User Guide.
pub fn name(name: &str) -> Result<(), AwsError> {
    let bad = |why: String| Err(AwsError::new("InvalidTrailNameException", why));
    let count = name.chars().count();
    if count < NAME_CHARS_MIN {
        return bad(format!(
            "Trail name too short. Minimum allowed length: {NAME_CHARS_MIN} characters. Specified name length: {count} characters."
        ));
    }
    if count > NAME_CHARS_MAX {
        return bad(format!(
            "Trail name too long. Maximum allowed length: {NAME_CHARS_MAX} characters. Specified name length: {count} characters."
        ));
    }
    let mark = |b: u8| matches!(b, b'.' | b'-' | b'_');
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || mark(b)) {
        return bad(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), \
                    and underscores (_)."
                .into(),
        );
    }
    if name.starts_with(|c: char| !c.is_ascii_alphanumeric()) {
        return bad("Trail name must starts with a letter or number.".into());
    }
    if name.ends_with(|c: char| !c.is_ascii_alphanumeric()) {
        return bad("Trail name must ends with a letter or number.".into());
    }
    if name.as_bytes().windows(2).any(|w| mark(w[0]) && mark(w[1])) {
        return bad("Trail name must not have adjacent periods, underscores or hyphens.".into());
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return bad("Trail name must not be in IP address format.".into());
    }
    Ok(())
}

/// The name that a name or an ARN of this account and region holds.
pub fn name_of<'a>(ctx: &Ctx, asked: &'a str) -> Result<&'a str, AwsError> {
    if !asked.starts_with("arn:") {
        name(asked)?;
        return Ok(asked);
    }
    let parts: Vec<&str> = asked.splitn(6, ':').collect();
    let [_, "aws", "cloudtrail", region, account, resource] = parts[..] else {
        return Err(AwsError::new("CloudTrailARNInvalidException", format!("{asked} is not the ARN of a trail.")));
    };
    let Some(bare) = resource.strip_prefix("trail/") else {
        return Err(AwsError::new("CloudTrailARNInvalidException", format!("{asked} is not the ARN of a trail.")));
    };
    if region != ctx.settings.region.as_str() || account != ctx.caller.account.as_str() {
        return Err(not_found(asked, &ctx.caller.account));
    }
    Ok(bare)
}

pub fn room(ctx: &Ctx) -> Result<(), AwsError> {
    if ctx.db.list::<Trail>(&ctx.caller.account).count() < TRAILS_MAX {
        return Ok(());
    }
    let (account, region) = (&ctx.caller.account, &ctx.settings.region);
    let sentence = format!("User: {account} already has {TRAILS_MAX} trails in {region}.");
    Err(AwsError::new("MaximumNumberOfTrailsExceededException", sentence))
}

/// As the objects' names begin with it: without a slash at its end.
pub fn prefix(given: &str) -> Result<String, AwsError> {
    if given.chars().count() > PREFIX_CHARS_MAX || given.chars().any(char::is_control) {
        let sentence = format!("The S3 prefix may have at most {PREFIX_CHARS_MAX} characters, none of them control characters.");
        return Err(AwsError::new("InvalidS3PrefixException", sentence));
    }
    Ok(given.trim_end_matches('/').to_owned())
}

/// CloudTrail may write there.
pub fn bucket(ctx: &Ctx, arn: String, bucket: &str, prefix: &str) -> OpResult<()> {
    let usable = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if !usable {
        return Err(AwsError::new("InvalidS3BucketNameException", format!("{bucket} is not a name of a bucket.")).into());
    }
    let account = ctx.caller.account.clone();
    let question = BucketQuestion { account, arn, bucket: bucket.to_owned(), prefix: prefix.to_owned() };
    let error = match ctx.ask(Question::TrailBucket(question))? {
        Answer::TrailBucket(BucketVerdict::Writable) => return Ok(()),
        Answer::TrailBucket(BucketVerdict::NoSuchBucket) => {
            AwsError::new("S3BucketDoesNotExistException", format!("S3 bucket {bucket} does not exist!"))
        }
        Answer::TrailBucket(BucketVerdict::Denied) => AwsError::new(
            "InsufficientS3BucketPolicyException",
            format!("Incorrect S3 bucket policy is detected for bucket: {bucket}"),
        ),
        _ => AwsError::unavailable("The object store did not say whether the trail may write to the bucket; please try again."),
    };
    Err(error.into())
}
