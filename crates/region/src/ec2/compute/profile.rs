//! Instance profiles of instances: which role's credentials an instance is given ([`crate::sts::instance`] makes them).
//!
//! An association is a part of its instance's row: an instance has at most one.

use super::lists;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::filter::Filters;
use crate::page::page;
use crate::rows::{Instance, InstanceProfile, InstanceSession, InstanceState, ProfileAssociation, Role};
use crate::sts::instance;
use ::types::ProfileAssociationId;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;

pub fn register(table: &mut Table) {
    let specification = &["IamInstanceProfile.Arn", "IamInstanceProfile.Name", "InstanceId"];
    table.op::<ec2::AssociateIamInstanceProfileRequest>(specification, &[], associate);
    let replacement = &["IamInstanceProfile.Arn", "IamInstanceProfile.Name", "AssociationId"];
    table.op::<ec2::ReplaceIamInstanceProfileAssociationRequest>(replacement, &[], replace);
    table.op::<ec2::DisassociateIamInstanceProfileRequest>(&["AssociationId"], &[], disassociate);
    table.op::<ec2::DescribeIamInstanceProfileAssociationsRequest>(&["AssociationId.N"], &[], describe);
}

/// The profile that a request names, which has a role; whether the caller may pass it was asked before the operation.
///
/// # Errors
/// `InvalidParameterValue`, `InvalidParameterCombination`, `MissingParameter`.
pub fn named(ctx: &Ctx, specification: &ec2::IamInstanceProfileSpecification) -> Result<Rc<InstanceProfile>, AwsError> {
    let profile = find(ctx, specification)?;
    let role = profile.role.as_ref().and_then(|name| ctx.db.get::<Role>(&profile.account, name.to_lowercase()));
    if role.is_none() {
        let arn = profile.arn();
        let sentence = format!("IAM Instance Profile \"{arn}\" has no associated IAM Roles");
        return Err(AwsError::invalid_parameter_value(sentence));
    }
    Ok(profile)
}

fn find(ctx: &Ctx, s: &ec2::IamInstanceProfileSpecification) -> Result<Rc<InstanceProfile>, AwsError> {
    let (field, value, what) = match (s.arn.as_deref(), s.name.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(AwsError::invalid_parameter_combination(
                "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
            ));
        }
        (Some(arn), None) => ("arn", arn, "ARN"),
        (None, Some(name)) => ("name", name, "name"),
        (None, None) => return Err(AwsError::missing_parameter("IamInstanceProfile")),
    };
    let row = ctx.db.get::<InstanceProfile>(&ctx.caller.account, crate::iam::name_of_arn(value).to_lowercase());
    row.filter(|p| if field == "arn" { p.arn() == value } else { p.name == value }).ok_or_else(|| {
        let wire = format!("iamInstanceProfile.{field}");
        AwsError::invalid_value(&wire, value, &format!("Invalid IAM Instance Profile {what}"))
    })
}

pub fn association(ctx: &mut Ctx, profile: &InstanceProfile) -> ProfileAssociation {
    let id = ctx.new_id(ProfileAssociationId::from_random);
    ProfileAssociation { id, profile_arn: profile.arn(), profile_id: profile.id.clone(), since: ctx.now }
}

pub fn shown(a: &ProfileAssociation) -> ec2::IamInstanceProfile {
    ec2::IamInstanceProfile { arn: Some(a.profile_arn.clone()), id: Some(a.profile_id.clone()) }
}

fn described(row: &Instance, a: &ProfileAssociation, state: &str) -> ec2::IamInstanceProfileAssociation {
    ec2::IamInstanceProfileAssociation {
        association_id: Some(a.id.to_string()),
        iam_instance_profile: Some(shown(a)),
        instance_id: Some(row.id.to_string()),
        state: Some(state.to_owned()),
        timestamp: None,
    }
}

/// The instance of the caller's that has this association.
fn by_association(ctx: &Ctx, id: &Option<String>) -> Result<(Rc<Instance>, ProfileAssociation), AwsError> {
    let id = id.as_deref().ok_or_else(|| AwsError::missing_parameter("AssociationId"))?;
    let has = |i: Rc<Instance>| {
        let association = i.profile.clone().filter(|p| p.id.to_string() == id)?;
        Some((i, association))
    };
    let found = ctx.db.list::<Instance>(&ctx.caller.account).find_map(has);
    found.ok_or_else(|| {
        AwsError::new("InvalidAssociationID.NotFound", format!("An invalid association-id of '{}' was given", lists::clip(id)))
    })
}

fn set(ctx: &mut Ctx, row: &Instance, association: ProfileAssociation) -> ec2::IamInstanceProfileAssociation {
    let row = Instance { profile: Some(association.clone()), ..row.clone() };
    ctx.db.put(row.clone());
    instance::refresh(ctx, &row);
    described(&row, &association, "associating")
}

fn associate(
    ctx: &mut Ctx,
    r: Authorized<ec2::AssociateIamInstanceProfileRequest>,
) -> OpResult<ec2::AssociateIamInstanceProfileResult> {
    let row = lists::instance(ctx, r.instance_id.as_deref().ok_or_else(|| AwsError::missing_parameter("InstanceId"))?)?;
    let specification = r.iam_instance_profile.clone().unwrap_or_default();
    let profile = named(ctx, &specification)?;
    match row.state {
        InstanceState::Terminated | InstanceState::ShuttingDown => {
            return Err(AwsError::incorrect_instance_state(format!(
                "The instance '{}' is not in a state from which it can be associated with an IAM instance profile.",
                row.id
            ))
            .into());
        }
        InstanceState::Pending | InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped => {}
    }
    if row.profile.is_some() {
        let message = format!("There is an existing association for instance {}", row.id);
        return Err(AwsError::new("IncorrectState", message).into());
    }
    let new = association(ctx, &profile);
    let shown = set(ctx, &row, new);
    Ok(ec2::AssociateIamInstanceProfileResult { iam_instance_profile_association: Some(shown) })
}

fn replace(
    ctx: &mut Ctx,
    r: Authorized<ec2::ReplaceIamInstanceProfileAssociationRequest>,
) -> OpResult<ec2::ReplaceIamInstanceProfileAssociationResult> {
    let (row, _) = by_association(ctx, &r.association_id)?;
    let profile = named(ctx, &r.iam_instance_profile.clone().unwrap_or_default())?;
    let new = association(ctx, &profile);
    let shown = set(ctx, &row, new);
    Ok(ec2::ReplaceIamInstanceProfileAssociationResult { iam_instance_profile_association: Some(shown) })
}

fn disassociate(
    ctx: &mut Ctx,
    r: Authorized<ec2::DisassociateIamInstanceProfileRequest>,
) -> OpResult<ec2::DisassociateIamInstanceProfileResult> {
    let (row, association) = by_association(ctx, &r.association_id)?;
    ctx.db.put(Instance { profile: None, ..(*row).clone() });
    ctx.db.delete::<InstanceSession>(&row.account, row.id);
    let shown = described(&row, &association, "disassociating");
    Ok(ec2::DisassociateIamInstanceProfileResult { iam_instance_profile_association: Some(shown) })
}

fn describe(
    ctx: &mut Ctx,
    r: Authorized<ec2::DescribeIamInstanceProfileAssociationsRequest>,
) -> OpResult<ec2::DescribeIamInstanceProfileAssociationsResult> {
    let ids = r.association_ids.clone().unwrap_or_default();
    for id in &ids {
        by_association(ctx, &Some(id.clone()))?;
    }
    let rows = ctx.db.list::<Instance>(&ctx.caller.account).filter(|i| i.state != InstanceState::Terminated);
    let rows = rows.filter_map(|i| i.profile.clone().map(|a| (i, a)));
    let rows: Vec<_> = rows.filter(|(_, a)| ids.is_empty() || ids.contains(&a.id.to_string())).collect();
    let field = |(i, _): &(Rc<Instance>, ProfileAssociation), name: &str| match name {
        "instance-id" => Some(lists::one(i.id)),
        "state" => Some(lists::one("associated")),
        _ => None,
    };
    let rows = Filters::new(&r.filters)?.select(rows, |_| Default::default(), field, &["instance-id", "state"])?;
    let (rows, next_token) = page(rows, r.max_results, &r.next_token, !ids.is_empty(), |(i, _)| i.id.to_string())?;
    let shown = rows.iter().map(|(i, a)| described(i, a, "associated")).collect();
    Ok(ec2::DescribeIamInstanceProfileAssociationsResult { iam_instance_profile_associations: Some(shown), next_token })
}
