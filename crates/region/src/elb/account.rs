//! What concerns the account or capacity: its limits; reservations and address pools, of which there are none.

use super::arn::find_balancer;
use super::check::{page, unsupported};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table::{self as quota, Quota};
use aws_protocol::elbv2 as api;

pub fn register(table: &mut Table) {
    table.op::<api::DescribeAccountLimitsInput>(&["Marker", "PageSize"], &[], limits);
    table.op::<api::DescribeCapacityReservationInput>(&["LoadBalancerArn"], &[], reservation);
    table.op::<api::ModifyCapacityReservationInput>(
        &["LoadBalancerArn", "MinimumLoadBalancerCapacity.CapacityUnits", "ResetCapacityReservation"],
        &[],
        reserve,
    );
    table.op::<api::ModifyIpPoolsInput>(
        &["LoadBalancerArn", "IpamPools.Ipv4IpamPoolId", "RemoveIpamPools.member.N"],
        &[],
        ip_pools,
    );
}

/// By name, as AWS calls them.
const LIMITS: &[(&str, Quota)] = &[
    ("application-load-balancers", quota::APPLICATION_BALANCERS),
    ("condition-values-per-alb-rule", quota::CONDITION_VALUES),
    ("condition-wildcards-per-alb-rule", quota::CONDITION_WILDCARDS),
    ("listeners-per-application-load-balancer", quota::LISTENERS_PER_APPLICATION),
    ("listeners-per-network-load-balancer", quota::LISTENERS_PER_NETWORK),
    ("network-load-balancers", quota::NETWORK_BALANCERS),
    ("rules-per-application-load-balancer", quota::RULES_PER_APPLICATION),
    ("target-groups", quota::TARGET_GROUPS),
    ("target-groups-per-application-load-balancer", quota::GROUPS_PER_APPLICATION),
    ("targets-per-application-load-balancer", quota::TARGETS_PER_APPLICATION),
    ("targets-per-availability-zone-per-network-load-balancer", quota::TARGETS_PER_ZONE_NETWORK),
    ("targets-per-network-load-balancer", quota::TARGETS_PER_NETWORK),
];

fn limits(ctx: &mut Ctx, r: Authorized<api::DescribeAccountLimitsInput>) -> OpResult<api::DescribeAccountLimitsOutput> {
    let all = LIMITS.iter().map(|(name, quota)| ((*name).to_owned(), ctx.quota(quota))).collect();
    let (page, next_marker) = page(all, &r.marker, r.page_size, |(name, _): &(String, usize)| name.clone())?;
    let shown = |(name, max): (String, usize)| api::Limit { max: Some(max.to_string()), name: Some(name) };
    Ok(api::DescribeAccountLimitsOutput { limits: Some(page.into_iter().map(shown).collect()), next_marker })
}

fn reservation(
    ctx: &mut Ctx,
    r: Authorized<api::DescribeCapacityReservationInput>,
) -> OpResult<api::DescribeCapacityReservationOutput> {
    find_balancer(ctx, &r.load_balancer_arn)?;
    Ok(api::DescribeCapacityReservationOutput { capacity_reservation_state: Some(Vec::new()), ..Default::default() })
}

fn reserve(ctx: &mut Ctx, r: Authorized<api::ModifyCapacityReservationInput>) -> OpResult<api::ModifyCapacityReservationOutput> {
    find_balancer(ctx, &r.load_balancer_arn)?;
    if r.minimum_load_balancer_capacity.as_ref().is_some_and(|c| c.capacity_units != Some(0)) {
        let why = "a load balancer has what its hosts can give.";
        return Err(unsupported("MinimumLoadBalancerCapacity", why).into());
    }
    Ok(api::ModifyCapacityReservationOutput { capacity_reservation_state: Some(Vec::new()), ..Default::default() })
}

fn ip_pools(ctx: &mut Ctx, r: Authorized<api::ModifyIpPoolsInput>) -> OpResult<api::ModifyIpPoolsOutput> {
    find_balancer(ctx, &r.load_balancer_arn)?;
    if r.ipam_pools.is_some() {
        return Err(unsupported("IpamPools", "public addresses come from the region's pool.").into());
    }
    Ok(api::ModifyIpPoolsOutput { ipam_pools: None })
}
