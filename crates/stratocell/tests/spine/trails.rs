//! A trail into a bucket by the AWS CLI, with its digests as the CLI checks them; MFA delete; and no secret in the data directory.

use crate::harness::{Cloud, wait_for};
use crate::identity::{TOTP, python};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(90);

fn text(v: &Value, pointer: &str) -> String {
    v.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} of {v}")).to_owned()
}

/// Files below a directory that hold any of these.
fn holding(dir: &Path, secrets: &[String]) -> Vec<String> {
    let mut grep = Command::new("grep");
    grep.args(["-r", "-l", "-F", "-a", "-s"]);
    for secret in secrets {
        grep.args(["-e", secret]);
    }
    let out = grep.arg("--").arg(dir).output().expect("grep");
    String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn a_trail_is_delivered_and_the_cli_finds_its_digests_valid() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "1", "--trail-deliver", "1", "--trail-digest", "3"]);
    let account = text(&c.must("sts get-caller-identity"), "/Account");
    let arn = format!("arn:aws:cloudtrail:us-east-1:{account}:trail/all");
    c.must("s3api create-bucket --bucket trail-logs");
    let create = "cloudtrail create-trail --name all --s3-bucket-name trail-logs --enable-log-file-validation";
    assert_eq!(c.aws(create).expect_err("no policy").code, "InsufficientS3BucketPolicyException");
    assert_eq!(
        c.aws("cloudtrail create-trail --name all --s3-bucket-name no-such-bucket").expect_err("no bucket").code,
        "S3BucketDoesNotExistException"
    );
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let of_trail = json!({"StringEquals": {"aws:SourceArn": arn}});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::trail-logs", "Condition": of_trail},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::trail-logs/AWSLogs/{account}/*"), "Condition": of_trail}
    ]});
    let policy = c.write("policy.json", &policy.to_string());
    c.must(&format!("s3api put-bucket-policy --bucket trail-logs --policy file://{}", policy.display()));
    let made = c.must(create);
    assert_eq!(text(&made, "/TrailARN"), arn);
    c.must("cloudtrail start-logging --name all");
    let began = wait_for("a digest", SOON, || {
        let status = c.must("cloudtrail get-trail-status --name all");
        let [log, digest] = ["/LatestDeliveryTime", "/LatestDigestDeliveryTime"].map(|p| status.pointer(p).cloned());
        log.zip(digest).map(|_| text(&status, "/TimeLoggingStarted"))
    });
    c.must("iam create-user --user-name traced");
    let key = c.must("iam create-access-key --user-name traced");
    let listed = |c: &Cloud, folder: &str| {
        let found = c.must(&format!("s3api list-objects-v2 --bucket trail-logs --prefix AWSLogs/{account}/{folder}/"));
        found["Contents"].as_array().map_or(0, Vec::len)
    };
    let before = listed(&c, "CloudTrail-Digest");
    wait_for("two more digests", SOON, || (listed(&c, "CloudTrail-Digest") > before + 1).then_some(()));
    let validate = ["cloudtrail", "validate-logs", "--trail-arn", &arn, "--start-time", &began, "--verbose"];
    let told =
        c.aws_text(&c.own_env(), validate.iter().map(|s| (*s).to_owned()).collect()).unwrap_or_else(|e| panic!("{}", e.text));
    assert!(told.contains("digest files valid") && told.contains("log files valid"), "{told}");
    assert!(!told.contains("INVALID"), "{told}");
    c.must("cloudtrail stop-logging --name all");
    assert_eq!(c.must("cloudtrail get-trail-status --name all")["IsLogging"], false);

    // MFA delete, with a device of the account's administrator.
    let seed = c.write("seed", "");
    let out = seed.to_string_lossy();
    let device = c.must(&format!(
        "iam create-virtual-mfa-device --virtual-mfa-device-name phone --bootstrap-method Base32StringSeed --outfile {out}"
    ));
    let serial = text(&device, "/VirtualMFADevice/SerialNumber");
    let seed = std::fs::read_to_string(&seed).expect("a seed");
    let code = |offset: i32| python(&TOTP.replace("OFFSET", &offset.to_string()), &seed);
    c.must(&format!(
        "iam enable-mfa-device --user-name admin --serial-number {serial} --authentication-code1 {} --authentication-code2 {}",
        code(-2),
        code(-1)
    ));
    c.must("s3api create-bucket --bucket guarded");
    let put = [
        "s3api",
        "put-bucket-versioning",
        "--bucket",
        "guarded",
        "--versioning-configuration",
        "Status=Enabled,MFADelete=Enabled",
    ];
    let put = put.map(str::to_owned).to_vec();
    let refused = c.aws_as(&c.own_env(), put.clone()).expect_err("no code");
    assert!(refused.code == "AccessDenied" && refused.text.contains("Mfa Authentication must be used"), "{}", refused.text);
    wait_for("the gateway has the device", SOON, || {
        let with = [put.clone(), vec!["--mfa".to_owned(), format!("{serial} {}", code(0))]].concat();
        c.aws_as(&c.own_env(), with).ok()
    });
    assert_eq!(c.must("s3api get-bucket-versioning --bucket guarded")["MFADelete"], "Enabled");
    let version = text(&c.must("s3api put-object --bucket guarded --key k"), "/VersionId");
    let delete = format!("s3api delete-object --bucket guarded --key k --version-id {version}");
    assert_eq!(c.aws(&delete).expect_err("no code").code, "AccessDenied");

    // What only `kms.key` opens.
    let hex = python("import sys,base64;print(base64.b32decode(sys.stdin.read().strip()).hex())", &seed);
    let secrets = [text(&key, "/AccessKey/SecretAccessKey"), seed.trim().to_owned(), hex.trim().to_owned()];
    assert!(secrets.iter().all(|s| s.len() >= 40));
    let own = c.env("AWS_SECRET_ACCESS_KEY").to_owned();
    assert_eq!(holding(c.dir(), &[own]).len(), 1, "the administrator's own is in credentials.json, and nowhere else");
    assert_eq!(holding(c.dir(), &secrets), [] as [&str; 0]);
}
