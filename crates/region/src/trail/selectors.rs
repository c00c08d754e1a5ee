//! Which events a trail delivers: checked here, applied by the s3-worker.
//!
//! Data events are those of objects in buckets: the only ones there are.

use super::rows::Trail;
use super::{arn_of, find};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, cloudtrail as api};
use wire::trail::{AdvancedSelector, BasicSelector, FieldSelector, ReadWrite, Selectors};

const SELECTORS_MAX: usize = 5;
const DATA_RESOURCES_MAX: usize = 250;
const CONDITIONS_MAX: usize = 500;
const NAME_CHARS_MAX: usize = 1_000;
const VALUE_CHARS_MAX: usize = 2_048;
const OBJECTS: &str = "AWS::S3::Object";
/// Only these may be excluded.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

pub fn register(table: &mut Table) {
    table.op::<api::PutEventSelectorsRequest>(&["TrailName", "EventSelectors", "AdvancedEventSelectors"], &[], put);
    table.op::<api::GetEventSelectorsRequest>(&["TrailName"], &[], get);
}

/// All management events.
pub fn default() -> Selectors {
    let all = BasicSelector { read_write: ReadWrite::All, management: true, exclude_sources: Vec::new(), objects: Vec::new() };
    Selectors::Basic(vec![all])
}

fn bad(why: impl Into<String>) -> AwsError {
    AwsError::new("InvalidEventSelectorsException", why)
}

fn put(ctx: &mut Ctx, r: Authorized<api::PutEventSelectorsRequest>) -> OpResult<api::PutEventSelectorsResponse> {
    let mut trail = (*find(ctx, r.trail_name.as_deref())?).clone();
    let selectors = match (&r.event_selectors, &r.advanced_event_selectors) {
        (Some(basic), None) => Selectors::Basic(basics(basic)?),
        (None, Some(advanced)) => Selectors::Advanced(advanceds(advanced)?),
        _ => return Err(bad("Give either EventSelectors or AdvancedEventSelectors.").into()),
    };
    trail.selectors = Some(selectors);
    ctx.db.put(trail.clone());
    let (event_selectors, advanced_event_selectors) = shown(&trail);
    let trail_arn = Some(arn_of(ctx, &trail));
    Ok(api::PutEventSelectorsResponse { advanced_event_selectors, event_selectors, trail_arn })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetEventSelectorsRequest>) -> OpResult<api::GetEventSelectorsResponse> {
    let trail = find(ctx, r.trail_name.as_deref())?;
    let (event_selectors, advanced_event_selectors) = shown(&trail);
    let trail_arn = Some(arn_of(ctx, &trail));
    Ok(api::GetEventSelectorsResponse { advanced_event_selectors, event_selectors, trail_arn })
}

fn basics(given: &[api::EventSelector]) -> Result<Vec<BasicSelector>, AwsError> {
    if given.is_empty() || given.len() > SELECTORS_MAX {
        return Err(bad(format!("A trail has from 1 to {SELECTORS_MAX} event selectors.")));
    }
    let all: Vec<BasicSelector> = given.iter().map(basic).collect::<Result<_, _>>()?;
    if all.iter().map(|s| s.objects.len()).sum::<usize>() > DATA_RESOURCES_MAX {
        return Err(bad(format!("A trail has at most {DATA_RESOURCES_MAX} data resources.")));
    }
    Ok(all)
}

fn basic(given: &api::EventSelector) -> Result<BasicSelector, AwsError> {
    let read_write = match given.read_write_type.as_deref() {
        None | Some("All") => ReadWrite::All,
        Some("ReadOnly") => ReadWrite::ReadOnly,
        Some("WriteOnly") => ReadWrite::WriteOnly,
        Some(other) => return Err(bad(format!("{other} is no ReadWriteType: All, ReadOnly or WriteOnly."))),
    };
    let exclude_sources = given.exclude_management_event_sources.clone().unwrap_or_default();
    if let Some(source) = exclude_sources.iter().find(|s| !EXCLUDABLE.contains(&s.as_str())) {
        return Err(bad(format!("The event source {source} cannot be excluded.")));
    }
    let management = given.include_management_events.unwrap_or(true);
    if !management && !exclude_sources.is_empty() {
        return Err(bad("Sources can only be excluded where management events are included."));
    }
    let mut objects = Vec::new();
    for resource in given.data_resources.iter().flatten() {
        let kind = resource.r#type.as_deref().unwrap_or_default();
        if kind != OBJECTS {
            return Err(bad(format!("There are no data events of the type {kind} in this region, only of {OBJECTS}.")));
        }
        let values = resource.values.as_deref().unwrap_or_default();
        if values.is_empty() {
            return Err(bad("A data resource has values."));
        }
        for value in values {
            let of_bucket = value.strip_prefix("arn:aws:s3:::").is_some_and(|rest| rest.is_empty() || rest.contains('/'));
            if (value != "arn:aws:s3" && !of_bucket) || value.len() > VALUE_CHARS_MAX {
                return Err(bad(format!("Value {value} for DataResources.Values is invalid.")));
            }
            objects.push(value.clone());
        }
    }
    Ok(BasicSelector { read_write, management, exclude_sources, objects })
}

fn advanceds(given: &[api::AdvancedEventSelector]) -> Result<Vec<AdvancedSelector>, AwsError> {
    if given.is_empty() {
        return Err(bad("A trail has at least one event selector."));
    }
    let all: Vec<AdvancedSelector> = given.iter().map(advanced).collect::<Result<_, _>>()?;
    let values = |f: &FieldSelector| operators(f).iter().map(|(_, values)| values.len()).sum::<usize>();
    let conditions: usize = all.iter().flat_map(|s| &s.fields).map(values).sum();
    if conditions > CONDITIONS_MAX {
        return Err(bad(format!("The selectors of a trail have at most {CONDITIONS_MAX} conditions.")));
    }
    Ok(all)
}

fn operators(f: &FieldSelector) -> [(&'static str, &[String]); 6] {
    [
        ("Equals", &f.equals),
        ("StartsWith", &f.starts_with),
        ("EndsWith", &f.ends_with),
        ("NotEquals", &f.not_equals),
        ("NotStartsWith", &f.not_starts_with),
        ("NotEndsWith", &f.not_ends_with),
    ]
}

fn advanced(given: &api::AdvancedEventSelector) -> Result<AdvancedSelector, AwsError> {
    if given.name.as_ref().is_some_and(|n| n.chars().count() > NAME_CHARS_MAX) {
        return Err(bad(format!("A selector's name has at most {NAME_CHARS_MAX} characters.")));
    }
    let mut fields: Vec<FieldSelector> = Vec::new();
    for f in given.field_selectors.iter().flatten() {
        let list = |l: &Option<Vec<String>>| l.clone().unwrap_or_default();
        let field = FieldSelector {
            field: f.field.clone().unwrap_or_default(),
            equals: list(&f.equals),
            starts_with: list(&f.starts_with),
            ends_with: list(&f.ends_with),
            not_equals: list(&f.not_equals),
            not_starts_with: list(&f.not_starts_with),
            not_ends_with: list(&f.not_ends_with),
        };
        if operators(&field).iter().all(|(_, values)| values.is_empty()) {
            return Err(bad(format!("The field {} has no condition.", field.field)));
        }
        if operators(&field).iter().any(|(_, values)| values.iter().any(|v| v.is_empty() || v.len() > VALUE_CHARS_MAX)) {
            return Err(bad(format!("A value of the field {} is empty or too long.", field.field)));
        }
        if fields.iter().any(|other| other.field == field.field) {
            return Err(bad(format!("The field {} is given twice.", field.field)));
        }
        fields.push(field);
    }
    let equals = |name: &str| fields.iter().find(|f| f.field == name).map(|f| f.equals.as_slice());
    let category = match equals("eventCategory") {
        Some([category]) if category == "Management" || category == "Data" => category.as_str(),
        _ => return Err(bad("eventCategory must be given, with Equals and either Management or Data.")),
    };
    let allowed: &[&str] = match category {
        "Management" => &["eventCategory", "eventName", "eventSource", "readOnly", "userIdentity.arn"],
        _ => &["eventCategory", "eventName", "eventSource", "readOnly", "resources.ARN", "resources.type", "userIdentity.arn"],
    };
    for f in &fields {
        if !allowed.contains(&f.field.as_str()) {
            return Err(bad(format!("The field {} cannot be asked of {category} events.", f.field)));
        }
        let exact = matches!(f.field.as_str(), "eventCategory" | "readOnly" | "resources.type");
        if exact && operators(f).iter().any(|(name, values)| *name != "Equals" && !values.is_empty()) {
            return Err(bad(format!("The field {} can only have Equals.", f.field)));
        }
    }
    if equals("readOnly").is_some_and(|v| !matches!(v, [one] if one == "true" || one == "false")) {
        return Err(bad("readOnly is true or false."));
    }
    if category == "Data" && !equals("resources.type").is_some_and(|v| matches!(v, [one] if one == OBJECTS)) {
        return Err(bad(format!("Selectors of data events name one resources.type; in this region that is {OBJECTS}.")));
    }
    Ok(AdvancedSelector { name: given.name.clone(), fields })
}

type Shown = (Option<Vec<api::EventSelector>>, Option<Vec<api::AdvancedEventSelector>>);

fn shown(trail: &Trail) -> Shown {
    match trail.selectors.clone().unwrap_or_else(default) {
        Selectors::Basic(all) => (Some(all.into_iter().map(show_basic).collect()), None),
        Selectors::Advanced(all) => (None, Some(all.into_iter().map(show_advanced).collect())),
    }
}

fn show_basic(s: BasicSelector) -> api::EventSelector {
    let read_write = match s.read_write {
        ReadWrite::All => "All",
        ReadWrite::ReadOnly => "ReadOnly",
        ReadWrite::WriteOnly => "WriteOnly",
    };
    let data = api::DataResource { r#type: Some(OBJECTS.into()), values: Some(s.objects.clone()) };
    api::EventSelector {
        read_write_type: Some(read_write.into()),
        include_management_events: Some(s.management),
        data_resources: Some(if s.objects.is_empty() { Vec::new() } else { vec![data] }),
        exclude_management_event_sources: Some(s.exclude_sources),
    }
}

fn show_advanced(s: AdvancedSelector) -> api::AdvancedEventSelector {
    let some = |list: Vec<String>| Some(list).filter(|l| !l.is_empty());
    let field = |f: FieldSelector| api::AdvancedFieldSelector {
        field: Some(f.field),
        equals: some(f.equals),
        starts_with: some(f.starts_with),
        ends_with: some(f.ends_with),
        not_equals: some(f.not_equals),
        not_starts_with: some(f.not_starts_with),
        not_ends_with: some(f.not_ends_with),
    };
    api::AdvancedEventSelector { name: s.name, field_selectors: Some(s.fields.into_iter().map(field).collect()) }
}
