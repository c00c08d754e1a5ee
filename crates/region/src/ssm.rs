//! SSM, as far as images are found by it: the public parameters that AWS and the distributions publish, all of which lead to
//! the built-in image. There are no parameters of the account's own yet.

use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::compute::images;
use aws_protocol::{AwsError, ssm};
use types::TimestampMs;

pub fn register(table: &mut Table) {
    table.op::<ssm::GetParameterRequest>(&["Name", "WithDecryption"], &[], get);
    table.op::<ssm::GetParametersRequest>(&["Names", "WithDecryption"], &[], get_many);
}

/// GetParameters: at most ten names.
const NAMES_MAX: usize = 10;
/// 2026-01-01T00:00:00Z
const PUBLISHED: TimestampMs = TimestampMs(1_767_225_600_000);

/// What people ask for when they want "some Linux"; only paths of x86_64 images, as there is no other architecture.
static PATHS: &[&str] = &[
    "/aws/service/stratocell/micro/latest",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-x86_64",
    "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
    "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-ebs",
    "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
    "/aws/service/ami-amazon-linux-latest/amzn2-ami-minimal-hvm-x86_64-ebs",
    "/aws/service/debian/release/11/latest/amd64",
    "/aws/service/debian/release/12/latest/amd64",
    "/aws/service/debian/release/13/latest/amd64",
    "/aws/service/debian/release/bullseye/latest/amd64",
    "/aws/service/debian/release/bookworm/latest/amd64",
    "/aws/service/debian/release/trixie/latest/amd64",
    "/aws/service/canonical/ubuntu/server/20.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
    "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
    "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
    "/aws/service/canonical/ubuntu/server/focal/stable/current/amd64/hvm/ebs-gp2/ami-id",
    "/aws/service/canonical/ubuntu/server/jammy/stable/current/amd64/hvm/ebs-gp2/ami-id",
    "/aws/service/canonical/ubuntu/server/noble/stable/current/amd64/hvm/ebs-gp3/ami-id",
];

/// The image id that a public parameter holds.
pub fn image_parameter(path: &str) -> Option<&'static str> {
    PATHS.contains(&path).then_some(images::MICRO.id)
}

fn lookup(ctx: &Ctx, asked: &str) -> Result<ssm::Parameter, AwsError> {
    // `name:1` asks for a version; each has had only one.
    let (name, selector) = match asked.split_once(':') {
        Some((name, version)) => (name, Some(version)),
        None => (asked, None),
    };
    let not_found =
        || AwsError::new("ParameterNotFound", format!("Parameter {} not found.", asked.chars().take(256).collect::<String>()));
    let value = image_parameter(name).ok_or_else(not_found)?;
    if selector.is_some_and(|v| v != "1") {
        return Err(AwsError::new(
            "ParameterVersionNotFound",
            format!("Systems Manager could not find version {} of {name}.", selector.unwrap_or_default()),
        ));
    }
    Ok(ssm::Parameter {
        arn: Some(format!("arn:aws:ssm:{}::parameter{name}", ctx.settings.region)),
        data_type: Some("aws:ec2:image".into()),
        last_modified_date: Some(PUBLISHED),
        name: Some(name.to_owned()),
        selector: selector.map(|s| format!(":{s}")),
        r#type: Some("String".into()),
        value: Some(value.to_owned()),
        version: Some(1),
        ..Default::default()
    })
}

fn get(ctx: &mut Ctx, r: Authorized<ssm::GetParameterRequest>) -> OpResult<ssm::GetParameterResult> {
    let parameter = lookup(ctx, r.name.as_deref().unwrap_or_default())?;
    Ok(ssm::GetParameterResult { parameter: Some(parameter) })
}

fn get_many(ctx: &mut Ctx, r: Authorized<ssm::GetParametersRequest>) -> OpResult<ssm::GetParametersResult> {
    let names = r.names.clone().unwrap_or_default();
    if names.is_empty() || names.len() > NAMES_MAX {
        return Err(AwsError::new(
            "ValidationException",
            format!("1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and {NAMES_MAX}"),
        )
        .into());
    }
    let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match lookup(ctx, &name) {
            Ok(parameter) => parameters.push(parameter),
            Err(_) => invalid.push(name),
        }
    }
    Ok(ssm::GetParametersResult { invalid_parameters: Some(invalid), parameters: Some(parameters) })
}
