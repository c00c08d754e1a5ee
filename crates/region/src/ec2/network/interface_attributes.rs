//! ModifyNetworkInterfaceAttribute, DescribeNetworkInterfaceAttribute, ResetNetworkInterfaceAttribute: one attribute a request.

use super::address::check_unmanaged;
use super::interface::{description, members_of, named_groups};
use super::interface_attach::ATTACHMENT_CODES;
use super::interface_view::{attachment, groups};
use super::lookup::{find, required};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Interface, Subnet, Vpc};
use aws_protocol::{AwsError, ec2};

pub fn register(table: &mut Table) {
    table.op::<ec2::ModifyNetworkInterfaceAttributeRequest>(
        &[
            "NetworkInterfaceId",
            "Description.Value",
            "SourceDestCheck.Value",
            "SecurityGroupId.N",
            "Attachment.AttachmentId",
            "Attachment.DeleteOnTermination",
        ],
        &[],
        modify,
    );
    table.op::<ec2::DescribeNetworkInterfaceAttributeRequest>(&["NetworkInterfaceId", "Attribute"], &[], describe);
    table.op::<ec2::ResetNetworkInterfaceAttributeRequest>(&["NetworkInterfaceId", "SourceDestCheck"], &[], reset);
}

fn modify(ctx: &mut Ctx, req: Authorized<ec2::ModifyNetworkInterfaceAttributeRequest>) -> OpResult<()> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    check_unmanaged(&row)?;
    let text = req.description.as_ref().map(|d| d.value.clone().unwrap_or_default());
    let check = req.source_dest_check.as_ref().and_then(|v| v.value);
    let groups = req.groups.as_deref().filter(|g| !g.is_empty());
    let given = [text.is_some(), check.is_some(), groups.is_some(), req.attachment.is_some()];
    match given.iter().filter(|g| **g).count() {
        1 => {}
        0 => return Err(AwsError::invalid_parameter_combination("No attributes specified.").into()),
        _ => return Err(AwsError::invalid_parameter_combination("Fields for multiple attribute types specified").into()),
    }
    let account = row.account.clone();
    if let Some(text) = text {
        let text = description(text)?;
        ctx.db.update::<Interface>(&account, row.id, |i| i.description = text);
    }
    if let Some(check) = check {
        ctx.db.update::<Interface>(&account, row.id, |i| i.source_dest_check = check);
    }
    if let Some(ids) = groups {
        let (vpc, subnet) = (find::<Vpc>(ctx, &row.vpc.to_string())?, find::<Subnet>(ctx, &row.subnet.to_string())?);
        let groups = members_of(ctx, &vpc, &subnet, named_groups(ids)?)?;
        ctx.db.update::<Interface>(&account, row.id, |i| i.groups = groups);
    }
    if let Some(change) = &req.attachment {
        let id = required(&change.attachment_id, "Attachment.AttachmentId")?;
        let delete = change.delete_on_termination.ok_or_else(|| AwsError::missing_parameter("Attachment.DeleteOnTermination"))?;
        if row.attachment.as_ref().is_none_or(|a| a.id.to_string() != id) {
            return Err(ATTACHMENT_CODES.not_found(id).into());
        }
        ctx.db.update::<Interface>(&account, row.id, |i| {
            if let Some(a) = &mut i.attachment {
                a.delete_on_termination = delete;
            }
        });
    }
    Ok(())
}

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeNetworkInterfaceAttributeRequest>,
) -> OpResult<ec2::DescribeNetworkInterfaceAttributeResult> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    let mut out =
        ec2::DescribeNetworkInterfaceAttributeResult { network_interface_id: Some(row.id.to_string()), ..Default::default() };
    match required(&req.attribute, "Attribute")? {
        "description" => out.description = Some(ec2::AttributeValue { value: Some(row.description.clone()) }),
        "groupSet" => out.groups = Some(groups(ctx, &row)),
        "sourceDestCheck" => {
            out.source_dest_check = Some(ec2::AttributeBooleanValue { value: Some(row.source_dest_check) });
        }
        "attachment" => out.attachment = attachment(&row),
        "associatePublicIpAddress" => out.associate_public_ip_address = Some(row.associate_public_ip),
        other => {
            let sentence = "Expected description, groupSet, sourceDestCheck, attachment or associatePublicIpAddress.";
            return Err(AwsError::invalid_value("attribute", other, sentence).into());
        }
    }
    Ok(out)
}

/// Only source/destination checking has a value to go back to, whatever the parameter says.
fn reset(ctx: &mut Ctx, req: Authorized<ec2::ResetNetworkInterfaceAttributeRequest>) -> OpResult<()> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    check_unmanaged(&row)?;
    if req.source_dest_check.is_none() {
        return Err(AwsError::invalid_parameter_combination("No attributes specified.").into());
    }
    ctx.db.update::<Interface>(&row.account, row.id, |i| i.source_dest_check = true);
    Ok(())
}
