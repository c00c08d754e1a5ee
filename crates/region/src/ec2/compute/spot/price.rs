//! What spot capacity costs: thousandths of the on-demand price, as cells say them, and dollars, as the API does.

use super::super::types::{self, Size};
use super::PLATFORM;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::{Db, system_account};
use crate::dispatch::Table;
use crate::ec2::compute::{lists, names};
use crate::ec2::network::lookup::{Listing, one};
use crate::ec2::network::zone;
use crate::rows::SpotPrices;
use ::types::{AzName, TimestampMs};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use std::rc::Rc;
use wire::cell::CellReport;

pub const PERMILLE_MAX: u32 = 1000;
/// "You can view the Spot price history for the last 90 days".
const KEPT_MS: u64 = 90 * 24 * 3600 * 1000;
/// Of a zone; the oldest go first.
const POINTS_MAX: usize = 4096;
/// Places after the point that a price may have.
const PLACES: usize = 6;

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeSpotPriceHistoryRequest>(
        &["AvailabilityZone", "AvailabilityZoneId", "StartTime", "EndTime", "InstanceType.N", "ProductDescription.N"],
        &[],
        describe,
    );
}

/// Millionths of a dollar an hour, on demand, Linux, us-east-1: AWS's list price, which in each family goes by memory.
/// Sandboxes are not AWS's; theirs is ours.
pub fn on_demand(size: &Size) -> u64 {
    let family = size.name.split('.').next().unwrap_or_default();
    let per_gib = match family {
        "t2" => 11_600,
        "t3" => 10_400,
        "t3a" => 9_400,
        "m5" | "m6i" => 12_000,
        "c5" | "c6i" => 21_250,
        "r5" => 7_875,
        _ => 5_000,
    };
    (u64::from(size.memory_mib) * per_gib / 1024).max(1)
}

fn spot(size: &Size, permille: u32) -> u64 {
    on_demand(size) * u64::from(permille) / u64::from(PERMILLE_MAX)
}

/// `0.003100`
fn dollars(millionths: u64) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// Dollars to millionths; `None`: no number above 0.
fn parse(text: &str) -> Option<u64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() > 9 || rest.len() > 12 || !digits(whole) || !digits(rest) || whole.is_empty() && rest.is_empty() {
        return None;
    }
    let rest = format!("{:0<PLACES$}", rest.get(..PLACES).unwrap_or(rest));
    let millionths = whole.parse().unwrap_or(0u64) * 1_000_000 + rest.parse::<u64>().ok()?;
    (millionths > 0).then_some(millionths)
}

/// The most that is paid, in thousandths of the on-demand price; more than all of it is never asked.
///
/// # Errors
/// It is no price.
pub fn permille(size: &Size, max: &str) -> Result<u32, AwsError> {
    let millionths = parse(max)
        .ok_or_else(|| AwsError::invalid_value("MaxPrice", &lists::clip(max), "Expected dollars an hour, above 0, as 0.05."))?;
    Ok((millionths * u64::from(PERMILLE_MAX) / on_demand(size)).min(PERMILLE_MAX.into()) as u32)
}

/// The most that a request pays, in dollars: what it says, else the on-demand price.
pub fn shown(instance_type: &str, max: Option<&str>) -> String {
    let all = || types::find(instance_type).map_or(0, |(_, size)| on_demand(size));
    dollars(max.and_then(parse).unwrap_or_else(all))
}

/// A launch that does not pay what spot capacity costs now.
pub fn too_low(size: &Size, max: u32, now: u32) -> AwsError {
    AwsError::new(
        "SpotMaxPriceTooLow",
        format!(
            "Your Spot request price of {} is lower than the minimum required Spot request fulfillment price of {}.",
            dollars(spot(size, max)),
            dollars(spot(size, now))
        ),
    )
}

/// The price of a zone is that of its cheapest cell.
pub fn hear(db: &mut Db, now: TimestampMs, report: &CellReport) {
    let Some(price) = report.spot_price else { return };
    let known = db.get::<SpotPrices>(&system_account(), &report.az);
    if known.as_ref().is_some_and(|k| k.cells.get(&report.cell) == Some(&price)) {
        return;
    }
    let new = || SpotPrices { az: report.az.clone(), cells: BTreeMap::new(), history: Vec::new() };
    let mut row = known.map_or_else(new, |k| (*k).clone());
    row.cells.insert(report.cell.clone(), price);
    let least = row.cells.values().copied().min().unwrap_or(price);
    if row.history.last().is_none_or(|(_, last)| *last != least) {
        row.history.push((now, least));
        // The last one before the time that is kept still says what held at its beginning.
        let since = TimestampMs(now.0.saturating_sub(KEPT_MS));
        let old = row.history.iter().filter(|(at, _)| *at < since).count().saturating_sub(1);
        let many = row.history.len().saturating_sub(POINTS_MAX);
        row.history.drain(..old.max(many));
    }
    db.put(row);
}

/// A price from a time on.
struct Point {
    size: &'static Size,
    az: AzName,
    at: TimestampMs,
    millionths: u64,
}

const FILTERS: &[&str] =
    &["availability-zone", "availability-zone-id", "instance-type", "product-description", "spot-price", "timestamp"];

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeSpotPriceHistoryRequest>) -> OpResult<ec2::DescribeSpotPriceHistoryResult> {
    let mut points = Vec::new();
    let products = r.product_descriptions.as_deref().unwrap_or_default();
    let sizes = sizes(r.instance_types.as_deref().unwrap_or_default())?;
    let (from, until) = (r.start_time.unwrap_or(TimestampMs(0)), r.end_time.unwrap_or(ctx.now));
    let az = match (r.availability_zone.as_deref(), r.availability_zone_id.as_deref()) {
        (Some(_), Some(_)) => {
            let message = "AvailabilityZone and AvailabilityZoneId cannot be specified together.";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
        (Some(name), None) => Some(zone::zone_named(ctx, name).ok_or_else(|| no_zone(ctx, name))?),
        (None, Some(id)) => Some(zone::zone_with_id(ctx, id).ok_or_else(|| no_zone(ctx, id))?),
        (None, None) => None,
    };
    let ours = products.is_empty() || products.iter().any(|p| [PLATFORM, "Linux/UNIX (Amazon VPC)"].contains(&p.as_str()));
    let rows: Vec<Rc<SpotPrices>> =
        ctx.db.all::<SpotPrices>().filter(|p| ours && az.as_ref().is_none_or(|a| *a == p.az)).collect();
    for row in rows {
        // What held when the time began is told too.
        let first = row.history.iter().rposition(|(at, _)| *at <= from).unwrap_or(0);
        for (at, permille) in row.history[first.min(row.history.len())..].iter().filter(|(at, _)| *at <= until) {
            let point = |size: &&'static Size| Point { size, az: row.az.clone(), at: *at, millionths: spot(size, *permille) };
            points.extend(sizes.iter().map(point));
        }
    }
    // The newest first.
    let key = |p: &Point| format!("{:020}/{}/{}", u64::MAX - p.at.0, p.az, p.size.name);
    points.sort_by_cached_key(key);
    let field = |p: &Point, name: &str| match name {
        "availability-zone" => one(&p.az),
        "availability-zone-id" => one(zone::zone_id(ctx.settings, &p.az)),
        "instance-type" => one(p.size.name),
        "product-description" => one(PLATFORM),
        "spot-price" => one(dollars(p.millionths)),
        "timestamp" => one(names::iso(p.at)),
        _ => None,
    };
    let listing = Listing { ids: &None, filters: &r.filters, max_results: r.max_results, next_token: &r.next_token };
    let (points, next_token) = listing.select(points, |_| BTreeMap::new(), FILTERS, field, key)?;
    let shown = |p: &Point| ec2::SpotPrice {
        availability_zone: Some(p.az.to_string()),
        availability_zone_id: Some(zone::zone_id(ctx.settings, &p.az)),
        instance_type: Some(p.size.name.to_owned()),
        product_description: Some(PLATFORM.to_owned()),
        spot_price: Some(dollars(p.millionths)),
        timestamp: Some(p.at),
    };
    Ok(ec2::DescribeSpotPriceHistoryResult { spot_price_history: Some(points.iter().map(shown).collect()), next_token })
}

fn no_zone(ctx: &Ctx, given: &str) -> AwsError {
    let wanted = format!("Expected one of {}.", zone::zone_list(ctx));
    AwsError::invalid_value("AvailabilityZone", &lists::clip(given), &wanted)
}

fn sizes(asked: &[String]) -> Result<Vec<&'static Size>, AwsError> {
    if asked.is_empty() {
        return Ok(types::FAMILIES.iter().flat_map(|f| f.sizes).collect());
    }
    asked.iter().map(|name| Ok(super::super::launch_options::instance_type(name)?.1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_dollars() {
        let size = types::find("t3.micro").unwrap().1;
        assert_eq!((dollars(on_demand(size)), dollars(spot(size, 100))), ("0.010400".into(), "0.001040".into()));
        for (given, want) in [
            ("0.0104", Some(1000)),
            ("5", Some(1000)),
            (".0052", Some(500)),
            ("0.001", Some(96)),
            ("0.00000000001", None),
            ("0", None),
            ("-1", None),
            ("1e3", None),
            ("1.2.3", None),
            ("", None),
            (".", None),
            ("NaN", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(permille(size, given).ok(), want, "{given}");
        }
    }
}
