//! What a launch says of the market, and what a spot instance may not be asked.

use super::super::types::Size;
use super::price;
use crate::context::Ctx;
use crate::db::Db;
use crate::rows::{Instance, InstanceState};
use ::types::{CellId, TimestampMs};
use aws_protocol::{AwsError, ec2};
use wire::cell::{ClaimMarket, SpotEnd};

/// Spot, as asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    /// Dollars an hour, as given.
    pub max_price: Option<String>,
    /// In thousandths of the on-demand price.
    pub price_max: u32,
    pub persistent: bool,
    pub on_interruption: SpotEnd,
    pub valid_until: Option<TimestampMs>,
}

impl Market {
    pub fn claim(&self) -> ClaimMarket {
        ClaimMarket::Spot { price_max: self.price_max }
    }

    /// # Errors
    /// A parameter's value, or two that exclude each other.
    pub fn new(
        now: TimestampMs,
        size: &Size,
        max_price: Option<&str>,
        kind: Option<&str>,
        behavior: Option<&str>,
        valid_until: Option<TimestampMs>,
    ) -> Result<Self, AwsError> {
        let persistent = match kind {
            None | Some("one-time") => false,
            Some("persistent") => true,
            Some(other) => return Err(AwsError::invalid_value("SpotInstanceType", other, "Expected one-time or persistent.")),
        };
        let on_interruption = match behavior {
            None | Some("terminate") => SpotEnd::Terminate,
            Some("stop") if persistent => SpotEnd::Stop,
            Some("stop") => {
                return Err(AwsError::invalid_parameter_combination(
                    "The InstanceInterruptionBehavior stop needs a persistent Spot Instance request.",
                ));
            }
            Some("hibernate") => {
                return Err(AwsError::unsupported_operation(
                    "The InstanceInterruptionBehavior hibernate is not supported by this region: use stop or terminate.",
                ));
            }
            Some(other) => {
                return Err(AwsError::invalid_value("InstanceInterruptionBehavior", other, "Expected stop or terminate."));
            }
        };
        if valid_until.is_some_and(|until| until <= now) {
            return Err(AwsError::new("InvalidTime", "The ValidUntil time must be in the future."));
        }
        let price_max = max_price.map_or(Ok(price::PERMILLE_MAX), |p| price::permille(size, p))?;
        Ok(Self { max_price: max_price.map(str::to_owned), price_max, persistent, on_interruption, valid_until })
    }
}

/// What RunInstances says.
pub fn asked(ctx: &Ctx, r: &ec2::RunInstancesRequest, size: &Size) -> Result<Option<Market>, AwsError> {
    let Some(options) = &r.instance_market_options else { return Ok(None) };
    match options.market_type.as_deref() {
        Some("spot") => {}
        Some(other @ "capacity-block") => {
            return Err(AwsError::unsupported_operation(format!(
                "The MarketType '{other}' is not supported by this region: use spot."
            )));
        }
        Some(other) => return Err(AwsError::invalid_value("MarketType", &super::super::lists::clip(other), "Expected spot.")),
        None => return Err(AwsError::missing_parameter("InstanceMarketOptions.MarketType")),
    }
    let target = r.capacity_reservation_specification.as_ref().and_then(|s| s.capacity_reservation_target.as_ref());
    if target.is_some() {
        return Err(AwsError::invalid_parameter_combination("Spot Instances cannot be launched into a Capacity Reservation."));
    }
    let spot = options.spot_options.clone().unwrap_or_default();
    let (price, kind) = (spot.max_price.as_deref(), spot.spot_instance_type.as_deref());
    if spot.valid_until.is_some() && kind != Some("persistent") {
        return Err(AwsError::invalid_parameter_combination("ValidUntil is supported for persistent requests only."));
    }
    Market::new(ctx.now, size, price, kind, spot.instance_interruption_behavior.as_deref(), spot.valid_until).map(Some)
}

pub fn on_demand(preempt: bool) -> ClaimMarket {
    if preempt { ClaimMarket::OnDemandPreempt } else { ClaimMarket::OnDemand }
}

fn can_go(i: &Instance) -> bool {
    i.spot.is_some() && matches!(i.state, InstanceState::Pending | InstanceState::Running)
}

/// Whether somebody could go for this launch.
pub fn may_preempt(ctx: &Ctx, r: &ec2::RunInstancesRequest) -> bool {
    r.instance_market_options.is_none() && ctx.db.all::<Instance>().any(|i| can_go(&i))
}

/// The same of a cell.
pub fn is_in(db: &Db, cell: &CellId) -> bool {
    db.all::<Instance>().any(|i| i.cell == *cell && can_go(&i))
}

/// Only those of persistent requests may be stopped.
pub fn check_stop(row: &Instance) -> Result<(), AwsError> {
    match &row.spot {
        Some(spot) if !spot.persistent => Err(AwsError::unsupported_operation(format!(
            "You can't stop the Spot Instance '{}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.",
            row.id
        ))),
        _ => Ok(()),
    }
}

/// One that was interrupted is started by EC2 alone.
pub fn check_start(ctx: &Ctx, row: &Instance) -> Result<(), AwsError> {
    let Some(spot) = &row.spot else { return Ok(()) };
    let request = ctx.db.get::<crate::rows::SpotRequest>(&row.account, spot.request);
    let may = request.is_some_and(|r| matches!(r.state, crate::rows::SpotState::Disabled | crate::rows::SpotState::Active));
    if !may || spot.notice.is_some_and(|n| n.ended) {
        return Err(AwsError::new(
            "IncorrectSpotRequestState",
            format!(
                "You can't start the Spot Instance '{}' because the associated Spot Instance request is not in an appropriate state to support start.",
                row.id
            ),
        ));
    }
    Ok(())
}
