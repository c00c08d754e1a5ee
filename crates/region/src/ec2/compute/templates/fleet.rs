//! CreateFleet of type `instant`: launches from templates with overrides, on demand, in the order of the allocation strategy,
//! until there is as much as was wanted. What could not be launched is told of in the reply.
//!
//! The fleet itself is not kept: an instant fleet has no life after its launches. Its id is a tag of its instances.

use super::{from_json, to_json, with_template};
use crate::authz::{self, Given};
use crate::context::{Authorized, Ctx, OpError, OpResult};
use crate::dispatch::Table;
use crate::ec2::compute::launch::{self, By};
use crate::ec2::compute::types;
use ::iam::catalog;
use aws_protocol::{AwsError, FormEncoder, ec2};
use std::collections::BTreeMap;

/// "Launch template configs per fleet"; "launch specifications" of an instant fleet.
const CONFIGS_MAX: usize = 50;
const POOLS_MAX: usize = 300;
/// "Target capacity per fleet".
const CAPACITY_MAX: i32 = 10_000;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateFleetRequest>(
        &[
            "Type",
            "LaunchTemplateConfigs.N.LaunchTemplateSpecification.LaunchTemplateId",
            "LaunchTemplateConfigs.N.LaunchTemplateSpecification.LaunchTemplateName",
            "LaunchTemplateConfigs.N.LaunchTemplateSpecification.Version",
            "LaunchTemplateConfigs.N.Overrides.N.AvailabilityZone",
            "LaunchTemplateConfigs.N.Overrides.N.ImageId",
            "LaunchTemplateConfigs.N.Overrides.N.InstanceType",
            "LaunchTemplateConfigs.N.Overrides.N.Placement.AvailabilityZone",
            "LaunchTemplateConfigs.N.Overrides.N.Placement.GroupId",
            "LaunchTemplateConfigs.N.Overrides.N.Placement.GroupName",
            "LaunchTemplateConfigs.N.Overrides.N.Placement.PartitionNumber",
            "LaunchTemplateConfigs.N.Overrides.N.Placement.Tenancy",
            "LaunchTemplateConfigs.N.Overrides.N.Placement.HostId",
            "LaunchTemplateConfigs.N.Overrides.N.Placement.Affinity",
            "LaunchTemplateConfigs.N.Overrides.N.Priority",
            "LaunchTemplateConfigs.N.Overrides.N.SubnetId",
            "LaunchTemplateConfigs.N.Overrides.N.WeightedCapacity",
            "OnDemandOptions.AllocationStrategy",
            "TargetCapacitySpecification.DefaultTargetCapacityType",
            "TargetCapacitySpecification.OnDemandTargetCapacity",
            "TargetCapacitySpecification.SpotTargetCapacity",
            "TargetCapacitySpecification.TotalTargetCapacity",
        ],
        &["instance"],
        create,
    );
}

/// One thing to launch.
struct Pool {
    config: ec2::FleetLaunchTemplateSpecificationRequest,
    overrides: Option<ec2::FleetLaunchTemplateOverridesRequest>,
    request: ec2::RunInstancesRequest,
}

impl Pool {
    fn weight(&self) -> f64 {
        self.overrides.as_ref().and_then(|o| o.weighted_capacity).unwrap_or(1.0)
    }

    fn priority(&self) -> f64 {
        self.overrides.as_ref().and_then(|o| o.priority).unwrap_or(f64::INFINITY)
    }

    /// There are no prices here: a unit of capacity costs what it takes of a host, a vCPU as much as 4 GiB of memory.
    fn price(&self) -> f64 {
        let size = self.request.instance_type.as_deref().and_then(types::find).map(|(_, size)| size);
        size.map_or(f64::INFINITY, |s| (f64::from(s.vcpus) + f64::from(s.memory_mib) / 4096.0) / self.weight())
    }

    fn shown(&self) -> Result<ec2::LaunchTemplateAndOverridesResponse, AwsError> {
        let overrides = self.overrides.as_ref().map(|o| from_json(&to_json(o)?)).transpose()?;
        Ok(ec2::LaunchTemplateAndOverridesResponse {
            launch_template_specification: Some(from_json(&to_json(&self.config)?)?),
            overrides,
        })
    }
}

fn create(ctx: &mut Ctx, r: Authorized<ec2::CreateFleetRequest>) -> OpResult<ec2::CreateFleetResult> {
    let capacity = check(&r)?;
    let prioritized = match r.on_demand_options.as_ref().and_then(|o| o.allocation_strategy.as_deref()) {
        None | Some("lowest-price" | "lowestPrice") => false,
        Some("prioritized") => true,
        Some(other) => {
            let wanted = "Expected lowest-price or prioritized.";
            return Err(AwsError::invalid_value("OnDemandOptions.AllocationStrategy", other, wanted).into());
        }
    };
    let mut pools = pools(ctx, &r)?;
    pools.iter().try_for_each(|p| authorize(ctx, &p.request))?;
    pools.sort_by(|a, b| if prioritized { a.priority().total_cmp(&b.priority()) } else { a.price().total_cmp(&b.price()) });

    let fleet = fleet_id(ctx.random());
    let by = By { tags: BTreeMap::from([("aws:ec2:fleet-id".to_owned(), fleet.clone())]), request: None };
    let (mut left, mut instances, mut errors) = (f64::from(capacity), Vec::new(), Vec::new());
    for mut pool in pools {
        if left <= 0.0 {
            break;
        }
        let count = (left / pool.weight()).ceil() as i32;
        (pool.request.min_count, pool.request.max_count) = (Some(1), Some(count));
        let before = ctx.db.begin_part();
        let outcome = launch::run_asked(ctx, &pool.request, &by);
        match outcome {
            Ok(reservation) => {
                ctx.db.end_part(before);
                let ids: Vec<String> = reservation.instances.iter().flatten().filter_map(|i| i.instance_id.clone()).collect();
                left -= ids.len() as f64 * pool.weight();
                instances.push(ec2::CreateFleetInstance {
                    instance_ids: Some(ids),
                    instance_type: pool.request.instance_type.clone(),
                    launch_template_and_overrides: Some(pool.shown()?),
                    lifecycle: Some("on-demand".to_owned()),
                    platform: None,
                });
            }
            Err(OpError::Aws(e)) => {
                ctx.db.rollback();
                ctx.db.end_part(before);
                errors.push(ec2::CreateFleetError {
                    error_code: Some(e.code.to_string()),
                    error_message: Some(e.message),
                    launch_template_and_overrides: Some(pool.shown()?),
                    lifecycle: Some("on-demand".to_owned()),
                });
            }
            Err(ask) => {
                ctx.db.end_part(before);
                return Err(ask);
            }
        }
    }
    Ok(ec2::CreateFleetResult { errors: Some(errors), fleet_id: Some(fleet), instances: Some(instances) })
}

/// Whether the caller may run what a pool launches: as RunInstances, of all that the template and the overrides say.
fn authorize(ctx: &mut Ctx, request: &ec2::RunInstancesRequest) -> Result<(), AwsError> {
    let row = catalog::find("ec2", "RunInstances").ok_or_else(|| AwsError::internal("RunInstances is in no catalogue."))?;
    authz::before(ctx, row, &Given::form(&FormEncoder::form(request)?))
}

/// How much is wanted.
fn check(r: &ec2::CreateFleetRequest) -> Result<i32, AwsError> {
    match r.r#type.as_deref() {
        Some("instant") => {}
        Some("request" | "maintain") | None => {
            return Err(AwsError::unsupported_operation(
                "Fleets of type request and maintain (which is the default) are not supported by this region: use Type=instant.",
            ));
        }
        Some(other) => return Err(AwsError::invalid_value("Type", other, "Expected instant.")),
    }
    let target = r.target_capacity_specification.as_ref();
    let total = target
        .and_then(|t| t.total_target_capacity)
        .ok_or_else(|| AwsError::missing_parameter("TargetCapacitySpecification.TotalTargetCapacity"))?;
    if !(1..=CAPACITY_MAX).contains(&total) {
        let wanted = format!("It must be from 1 to {CAPACITY_MAX}.");
        return Err(AwsError::invalid_value("TotalTargetCapacity", &total.to_string(), &wanted));
    }
    let spot = target.and_then(|t| t.spot_target_capacity).unwrap_or(0);
    let on_demand = target.and_then(|t| t.on_demand_target_capacity);
    let rest_on_demand = target.and_then(|t| t.default_target_capacity_type.as_deref()) == Some("on-demand");
    if spot != 0 || !rest_on_demand && on_demand.unwrap_or(0) != total {
        return Err(AwsError::unsupported_operation(
            "Spot capacity is not supported by this region: use TargetCapacitySpecification.DefaultTargetCapacityType=on-demand.",
        ));
    }
    if on_demand.is_some_and(|n| n < 0 || n > total) {
        let message = "OnDemandTargetCapacity must be from 0 to TotalTargetCapacity.";
        return Err(AwsError::invalid_parameter_combination(message));
    }
    Ok(total)
}

fn pools(ctx: &Ctx, r: &ec2::CreateFleetRequest) -> Result<Vec<Pool>, AwsError> {
    let configs = r.launch_template_configs.as_deref().unwrap_or_default();
    if configs.is_empty() {
        return Err(AwsError::missing_parameter("LaunchTemplateConfigs"));
    }
    let count: usize = configs.iter().map(|c| c.overrides.as_ref().map_or(1, |o| o.len().max(1))).sum();
    if configs.len() > CONFIGS_MAX || count > POOLS_MAX {
        let message = format!("A fleet may have at most {CONFIGS_MAX} launch template configs and {POOLS_MAX} overrides.");
        return Err(AwsError::invalid_parameter_value(message));
    }
    let mut out = Vec::new();
    for config in configs {
        let template = config
            .launch_template_specification
            .clone()
            .ok_or_else(|| AwsError::missing_parameter("LaunchTemplateConfigs.LaunchTemplateSpecification"))?;
        if template.version.is_none() {
            return Err(AwsError::missing_parameter("LaunchTemplateConfigs.LaunchTemplateSpecification.Version"));
        }
        let overrides = config.overrides.clone().unwrap_or_default();
        let each: Vec<_> = if overrides.is_empty() { vec![None] } else { overrides.into_iter().map(Some).collect() };
        for overrides in each {
            if let Some(w) = overrides.as_ref().and_then(|o| o.weighted_capacity)
                && !(1.0..=999.0).contains(&w)
            {
                return Err(AwsError::invalid_value("WeightedCapacity", &w.to_string(), "It must be from 1 to 999."));
            }
            let request = with_template(ctx, asked(&template, overrides.as_ref(), r))?;
            out.push(Pool { config: template.clone(), overrides, request });
        }
    }
    Ok(out)
}

/// The launch that an override asks for, over its template.
fn asked(
    template: &ec2::FleetLaunchTemplateSpecificationRequest,
    overrides: Option<&ec2::FleetLaunchTemplateOverridesRequest>,
    r: &ec2::CreateFleetRequest,
) -> ec2::RunInstancesRequest {
    let mut placement = overrides.and_then(|o| o.placement.clone());
    if let Some(zone) = overrides.and_then(|o| o.availability_zone.clone()) {
        placement.get_or_insert_default().availability_zone = Some(zone);
    }
    ec2::RunInstancesRequest {
        image_id: overrides.and_then(|o| o.image_id.clone()),
        instance_type: overrides.and_then(|o| o.instance_type.clone()),
        subnet_id: overrides.and_then(|o| o.subnet_id.clone()),
        placement,
        launch_template: Some(ec2::LaunchTemplateSpecification {
            launch_template_id: template.launch_template_id.clone(),
            launch_template_name: template.launch_template_name.clone(),
            version: template.version.clone(),
        }),
        min_count: Some(1),
        max_count: Some(1),
        tag_specifications: r.tag_specifications.clone(),
        ..Default::default()
    }
}

/// `fleet-` and a UUID.
fn fleet_id(random: u128) -> String {
    let hex = format!("{random:032x}");
    format!("fleet-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
