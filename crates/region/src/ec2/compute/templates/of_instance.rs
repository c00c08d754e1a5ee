//! GetLaunchTemplateData: what a template would have to say to make an instance like this one.

use crate::context::{Authorized, Ctx, OpResult};
use crate::ec2::compute::{capacity, images, lists, view};
use crate::rows::{CapacityChoice, Instance, InstanceState, Interface, SpotRequest};
use aws_protocol::{AwsError, ec2};

pub fn data(ctx: &mut Ctx, r: Authorized<ec2::GetLaunchTemplateDataRequest>) -> OpResult<ec2::GetLaunchTemplateDataResult> {
    let id = r.instance_id.as_deref().ok_or_else(|| AwsError::missing_parameter("InstanceId"))?;
    let row = lists::instance(ctx, id)?;
    if matches!(row.state, InstanceState::ShuttingDown | InstanceState::Terminated) {
        return Err(AwsError::incorrect_instance_state(format!("The instance '{id}' is {}.", row.state.name())).into());
    }
    Ok(ec2::GetLaunchTemplateDataResult { launch_template_data: Some(of(ctx, &row)) })
}

fn of(ctx: &Ctx, row: &Instance) -> ec2::ResponseLaunchTemplateData {
    let text = |s: &str| Some(s.to_owned());
    let on = |on: bool, yes: &str, no: &str| Some(if on { yes } else { no }.to_owned());
    let instance = view::instance(ctx, row);
    let placement = instance.placement.unwrap_or_default();
    let tags: Vec<ec2::Tag> = instance.tags.unwrap_or_default();
    let tags: Vec<ec2::Tag> = tags.into_iter().filter(|t| !t.key.as_deref().unwrap_or_default().starts_with("aws:")).collect();
    ec2::ResponseLaunchTemplateData {
        block_device_mappings: Some(vec![ec2::LaunchTemplateBlockDeviceMapping {
            device_name: text(images::by_id(&row.image).map_or("/dev/xvda", |i| i.root_device)),
            ebs: Some(ec2::LaunchTemplateEbsBlockDevice {
                delete_on_termination: Some(true),
                volume_size: Some(row.root_disk_gib as i32),
                volume_type: text(&row.volume_type),
                ..Default::default()
            }),
            ..Default::default()
        }]),
        capacity_reservation_specification: chosen(row),
        credit_specification: row.cpu_credits.as_ref().map(|c| ec2::CreditSpecification { cpu_credits: text(c) }),
        disable_api_stop: Some(row.disable_api_stop),
        disable_api_termination: Some(row.disable_api_termination),
        ebs_optimized: Some(false),
        iam_instance_profile: row
            .profile
            .as_ref()
            .map(|p| ec2::LaunchTemplateIamInstanceProfileSpecification { arn: text(&p.profile_arn), name: None }),
        image_id: text(&row.image),
        instance_market_options: market(ctx, row),
        instance_initiated_shutdown_behavior: text(&row.shutdown_behavior),
        instance_type: text(&row.instance_type),
        key_name: row.key_name.clone(),
        metadata_options: Some(ec2::LaunchTemplateInstanceMetadataOptions {
            http_endpoint: on(row.metadata.enabled, "enabled", "disabled"),
            http_put_response_hop_limit: Some(i32::from(row.metadata.hop_limit)),
            http_tokens: on(row.metadata.tokens_required, "required", "optional"),
            instance_metadata_tags: on(row.metadata.instance_tags, "enabled", "disabled"),
            ..Default::default()
        }),
        monitoring: Some(ec2::LaunchTemplatesMonitoring { enabled: Some(row.monitoring) }),
        network_interfaces: Some(view::interfaces(ctx, row).iter().filter_map(|i| interface(i)).collect()),
        placement: Some(ec2::LaunchTemplatePlacement {
            availability_zone: placement.availability_zone,
            group_id: placement.group_id,
            group_name: placement.group_name.filter(|n| !n.is_empty()),
            partition_number: placement.partition_number,
            tenancy: placement.tenancy,
            host_id: placement.host_id.filter(|_| row.affinity),
            affinity: placement.affinity,
            ..Default::default()
        }),
        tag_specifications: (!tags.is_empty())
            .then(|| vec![ec2::LaunchTemplateTagSpecification { resource_type: text("instance"), tags: Some(tags) }]),
        user_data: row.user_data.clone(),
        ..Default::default()
    }
}

fn interface(i: &Interface) -> Option<ec2::LaunchTemplateInstanceNetworkInterfaceSpecification> {
    let attachment = i.attachment.as_ref()?;
    Some(ec2::LaunchTemplateInstanceNetworkInterfaceSpecification {
        associate_public_ip_address: (attachment.device_index == 0).then_some(i.associate_public_ip),
        delete_on_termination: Some(attachment.delete_on_termination),
        description: Some(i.description.clone()),
        device_index: Some(attachment.device_index as i32),
        groups: Some(i.groups.iter().map(ToString::to_string).collect()),
        network_card_index: Some(0),
        subnet_id: Some(i.subnet.to_string()),
        ..Default::default()
    })
}

fn market(ctx: &Ctx, row: &Instance) -> Option<ec2::LaunchTemplateInstanceMarketOptions> {
    let spot = row.spot.as_ref()?;
    let request = ctx.db.get::<SpotRequest>(&row.account, spot.request);
    let kind = if spot.persistent { "persistent" } else { "one-time" };
    Some(ec2::LaunchTemplateInstanceMarketOptions {
        market_type: Some("spot".to_owned()),
        spot_options: Some(ec2::LaunchTemplateSpotMarketOptions {
            max_price: request.and_then(|r| r.max_price.clone()),
            spot_instance_type: Some(kind.to_owned()),
            instance_interruption_behavior: Some(spot.on_interruption.name().to_owned()),
            ..Default::default()
        }),
    })
}

/// What is usual is not said.
fn chosen(row: &Instance) -> Option<ec2::LaunchTemplateCapacityReservationSpecificationResponse> {
    let chosen = capacity::chosen(row.capacity);
    (row.capacity != CapacityChoice::Open).then_some(ec2::LaunchTemplateCapacityReservationSpecificationResponse {
        capacity_reservation_preference: chosen.capacity_reservation_preference,
        capacity_reservation_target: chosen.capacity_reservation_target,
    })
}
