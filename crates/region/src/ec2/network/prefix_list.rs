//! Managed prefix lists: the caller's own, in versions, and AWS's one of S3, which is derived and not stored.
//!
//! Routes and group rules name them. A list counts as its maximum of entries against the quotas of what names it.
//! Source: "Managed prefix lists" in the VPC user guide.

use super::block::{Block, parse_block};
use super::lookup::{Listing, Resource, many, one, required};
use super::{endpoint, permission, quota, route};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{PrefixEntry, PrefixList, RouteTable, RulePeer, SecurityGroup};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use types::{AccountId, Cidr, PrefixListId};

/// "Amazon VPC quotas" in the VPC user guide.
const LISTS_PER_REGION_MAX: usize = 100;
const ENTRIES_PER_LIST_MAX: usize = 1000;
const NAME_CHARS_MAX: usize = 255;
const DESCRIPTION_CHARS_MAX: usize = 255;
/// Versions that can be restored.
const HISTORY_MAX: usize = 100;
/// ModifyManagedPrefixList: "up to 100 entries in a single request".
const ENTRIES_PER_REQUEST_MAX: usize = 100;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateManagedPrefixListRequest>(
        &["PrefixListName", "MaxEntries", "AddressFamily", "Entry.N.Cidr", "Entry.N.Description"],
        &["prefix-list"],
        create,
    );
    table.op::<ec2::ModifyManagedPrefixListRequest>(
        &[
            "PrefixListId",
            "CurrentVersion",
            "PrefixListName",
            "MaxEntries",
            "AddEntry.N.Cidr",
            "AddEntry.N.Description",
            "RemoveEntry.N.Cidr",
        ],
        &[],
        modify,
    );
    table.op::<ec2::RestoreManagedPrefixListVersionRequest>(&["PrefixListId", "PreviousVersion", "CurrentVersion"], &[], restore);
    table.op::<ec2::DeleteManagedPrefixListRequest>(&["PrefixListId"], &[], delete);
    table.op::<ec2::DescribeManagedPrefixListsRequest>(&["PrefixListId.N"], &[], describe);
    table.op::<ec2::GetManagedPrefixListEntriesRequest>(&["PrefixListId", "TargetVersion"], &[], entries_of);
    table.op::<ec2::DescribePrefixListsRequest>(&["PrefixListId.N"], &[], describe_services);
}

/// AWS's list of S3's addresses. The same id everywhere: a region has one.
pub fn s3_list() -> PrefixListId {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"prefix-list/s3");
    PrefixListId::from_random(digest.as_ref().iter().take(16).fold(0u128, |n, b| (n << 8) | u128::from(*b)))
}

fn s3_name(ctx: &Ctx) -> String {
    endpoint::service_name(ctx.settings)
}

/// What a list of the account, or AWS's, holds; nothing if there is none.
pub fn cidrs(db: &Db, account: &AccountId, id: PrefixListId) -> Vec<Block> {
    if id == s3_list() {
        return endpoint::S3_ADDRESSES.iter().map(|ip| Block::V4(Cidr::host(*ip))).collect();
    }
    db.get::<PrefixList>(account, id).map_or_else(Vec::new, |l| l.entries.iter().map(|e| e.cidr).collect())
}

/// Whether its entries are of IPv6.
pub fn is_ipv6(db: &Db, account: &AccountId, id: PrefixListId) -> bool {
    db.get::<PrefixList>(account, id).is_some_and(|l| l.ipv6)
}

/// How many routes or rules it counts for, and whether these are of IPv6.
pub fn weight(db: &Db, account: &AccountId, id: PrefixListId) -> (usize, bool) {
    match db.get::<PrefixList>(account, id) {
        Some(list) => (list.max_entries as usize, list.ipv6),
        None => (cidrs(db, account, id).len(), false),
    }
}

/// A list that the caller may name in routes and rules.
pub fn usable(ctx: &Ctx, id: &str) -> Result<PrefixListId, AwsError> {
    let parsed: PrefixListId = PrefixList::CODES.parse(id)?;
    if parsed == s3_list() || ctx.db.get::<PrefixList>(&ctx.caller.account, parsed).is_some() {
        return Ok(parsed);
    }
    Err(PrefixList::CODES.not_found(id))
}

/// One that the caller may change.
fn own(ctx: &Ctx, id: &Option<String>) -> Result<PrefixList, AwsError> {
    let id = required(id, "PrefixListId")?;
    if usable(ctx, id)? == s3_list() {
        let message = "You do not have permission to modify an AWS-managed prefix list.";
        return Err(AwsError::new("UnauthorizedOperation", message).with_status(403));
    }
    Ok((*super::lookup::find::<PrefixList>(ctx, id)?).clone())
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.starts_with("com.amazonaws") {
        let sentence = "A name has up to 255 characters and does not begin with com.amazonaws.";
        return Err(AwsError::invalid_value("prefixListName", name, sentence));
    }
    Ok(())
}

fn check_max(given: Option<i32>) -> Result<u32, AwsError> {
    let max = given.ok_or_else(|| AwsError::missing_parameter("MaxEntries"))?;
    match u32::try_from(max) {
        Ok(n) if (1..=ENTRIES_PER_LIST_MAX as u32).contains(&n) => Ok(n),
        _ => Err(AwsError::invalid_value("maxEntries", &max.to_string(), "Must be between 1 and 1000.")),
    }
}

/// A block of the list's family.
fn entry_cidr(list: &PrefixList, given: &Option<String>, parameter: &str) -> Result<Block, AwsError> {
    let block = parse_block(required(given, parameter)?, "cidr")?.canonical();
    if block.is_v6() != list.ipv6 {
        let message = format!("The CIDR {block} is not of the prefix list's address family, {}.", family(list));
        return Err(AwsError::invalid_parameter_value(message));
    }
    Ok(block)
}

fn family(list: &PrefixList) -> &'static str {
    if list.ipv6 { "IPv6" } else { "IPv4" }
}

fn add(list: &PrefixList, entries: &mut Vec<PrefixEntry>, given: &Option<Vec<ec2::AddPrefixListEntry>>) -> Result<(), AwsError> {
    let given = given.as_deref().unwrap_or_default();
    check_count(given.len())?;
    let mut seen = Vec::new();
    for e in given {
        let cidr = entry_cidr(list, &e.cidr, "Entry.N.Cidr")?;
        let description = e.description.clone().filter(|d| !d.is_empty());
        if description.as_ref().is_some_and(|d| d.chars().count() > DESCRIPTION_CHARS_MAX) {
            return Err(AwsError::invalid_parameter_value("A description may have at most 255 characters."));
        }
        if seen.contains(&cidr) {
            return Err(AwsError::invalid_parameter_value(format!("The CIDR {cidr} is specified more than once.")));
        }
        seen.push(cidr);
        entries.retain(|e| e.cidr != cidr);
        entries.push(PrefixEntry { cidr, description });
    }
    entries.sort_by_key(|e| e.cidr);
    Ok(())
}

fn check_count(entries: usize) -> Result<(), AwsError> {
    if entries > ENTRIES_PER_REQUEST_MAX {
        let message = format!("A request may have at most {ENTRIES_PER_REQUEST_MAX} entries.");
        return Err(AwsError::new("RequestLimitExceeded", message));
    }
    Ok(())
}

fn check_room(list: &PrefixList) -> Result<(), AwsError> {
    if list.entries.len() > list.max_entries as usize {
        let message = format!("You've reached the maximum number of entries for the prefix list: {}", list.max_entries);
        return Err(AwsError::new("PrefixListMaxEntriesExceeded", message));
    }
    Ok(())
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateManagedPrefixListRequest>) -> OpResult<ec2::CreateManagedPrefixListResult> {
    let name = required(&req.prefix_list_name, "PrefixListName")?;
    check_name(name)?;
    let ipv6 = match required(&req.address_family, "AddressFamily")? {
        "IPv4" => false,
        "IPv6" => true,
        other => return Err(AwsError::invalid_value("addressFamily", other, "Expected IPv4 or IPv6.").into()),
    };
    let max_entries = check_max(req.max_entries)?;
    if ctx.db.list::<PrefixList>(&ctx.caller.account).count() >= LISTS_PER_REGION_MAX {
        let message = "The maximum number of prefix lists has been reached.";
        return Err(AwsError::new("PrefixListLimitExceeded", message).into());
    }
    let mut list = PrefixList {
        account: ctx.caller.account.clone(),
        id: ctx.new_id(PrefixListId::from_random),
        name: name.to_owned(),
        ipv6,
        max_entries,
        version: 1,
        entries: Vec::new(),
        history: Vec::new(),
        state: "create-complete".to_owned(),
    };
    let mut entries = Vec::new();
    add(&list, &mut entries, &req.entries)?;
    list.entries = entries;
    check_room(&list)?;
    ctx.tag(list.id, tags::specified(&req.tag_specifications, "prefix-list")?)?;
    ctx.db.put(list.clone());
    Ok(ec2::CreateManagedPrefixListResult { prefix_list: Some(under_way(to_ec2_list(ctx, &list), "create-in-progress")) })
}

/// As the answer to the request that makes it so.
fn under_way(mut list: ec2::ManagedPrefixList, state: &str) -> ec2::ManagedPrefixList {
    list.state = Some(state.to_owned());
    list
}

fn check_version(list: &PrefixList, given: Option<i64>) -> Result<(), AwsError> {
    let given = given.ok_or_else(|| AwsError::missing_parameter("CurrentVersion"))?;
    if given != list.version {
        let message = format!("The prefix list has the incorrect version number: its current version is {}.", list.version);
        return Err(AwsError::new("PrefixListVersionMismatch", message));
    }
    Ok(())
}

fn next_version(list: &mut PrefixList, entries: Vec<PrefixEntry>) {
    list.history.push((list.version, std::mem::replace(&mut list.entries, entries)));
    let over = list.history.len().saturating_sub(HISTORY_MAX);
    list.history.drain(..over);
    list.version += 1;
}

fn modify(ctx: &mut Ctx, req: Authorized<ec2::ModifyManagedPrefixListRequest>) -> OpResult<ec2::ModifyManagedPrefixListResult> {
    let mut list = own(ctx, &req.prefix_list_id)?;
    if let Some(name) = &req.prefix_list_name {
        check_name(name)?;
        list.name.clone_from(name);
    }
    let some = |n: usize| n > 0;
    let removed = req.remove_entries.as_deref().unwrap_or_default();
    let changes = some(removed.len()) || some(req.add_entries.as_ref().map_or(0, Vec::len));
    if let Some(max) = req.max_entries {
        if changes {
            let message = "You cannot modify the entries of a prefix list and modify the size of a prefix list at the same time.";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
        list.max_entries = check_max(Some(max))?;
        check_room(&list)?;
        check_users(ctx, &list)?;
    }
    if changes {
        check_version(&list, req.current_version)?;
        check_count(removed.len())?;
        let mut entries = list.entries.clone();
        for r in removed {
            let cidr = entry_cidr(&list, &r.cidr, "RemoveEntry.N.Cidr")?;
            let before = entries.len();
            entries.retain(|e| e.cidr != cidr);
            if entries.len() == before {
                let message = format!("The prefix list {} has no entry {cidr}.", list.id);
                return Err(AwsError::invalid_parameter_value(message).into());
            }
        }
        add(&list, &mut entries, &req.add_entries)?;
        next_version(&mut list, entries);
        check_room(&list)?;
    }
    list.state = "modify-complete".to_owned();
    ctx.db.put(list.clone());
    Ok(ec2::ModifyManagedPrefixListResult { prefix_list: Some(under_way(to_ec2_list(ctx, &list), "modify-in-progress")) })
}

/// A list that grows must still fit where it is named.
fn check_users(ctx: &Ctx, list: &PrefixList) -> Result<(), AwsError> {
    let weight = |id: PrefixListId| {
        if id == list.id { (list.max_entries as usize, list.ipv6) } else { self::weight(ctx.db, &list.account, id) }
    };
    let too_large = |what: String| {
        let message = format!("The prefix list would exceed the quota of {what}, which references it.");
        AwsError::new("PrefixListMaxEntriesExceeded", message)
    };
    for t in ctx.db.list::<RouteTable>(&list.account).filter(|t| t.prefix_routes.iter().any(|r| r.list == list.id)) {
        if route::weight(&t, weight) > ctx.quota(&quota::ROUTES_PER_TABLE) {
            return Err(too_large(t.id.to_string()));
        }
    }
    for g in ctx.db.list::<SecurityGroup>(&list.account) {
        for egress in [false, true] {
            let rules = || g.rules.iter().filter(|r| r.egress == egress);
            let named = rules().any(|r| r.peer == RulePeer::PrefixList(list.id));
            if named && permission::weight(rules(), weight) > ctx.quota(&quota::RULES_PER_SECURITY_GROUP) {
                return Err(too_large(g.id.to_string()));
            }
        }
    }
    Ok(())
}

fn restore(
    ctx: &mut Ctx,
    req: Authorized<ec2::RestoreManagedPrefixListVersionRequest>,
) -> OpResult<ec2::RestoreManagedPrefixListVersionResult> {
    let mut list = own(ctx, &req.prefix_list_id)?;
    check_version(&list, req.current_version)?;
    let wanted = req.previous_version.ok_or_else(|| AwsError::missing_parameter("PreviousVersion"))?;
    let entries = entries_at(&list, wanted)?;
    next_version(&mut list, entries);
    check_room(&list)?;
    list.state = "restore-complete".to_owned();
    ctx.db.put(list.clone());
    let prefix_list = Some(under_way(to_ec2_list(ctx, &list), "restore-in-progress"));
    Ok(ec2::RestoreManagedPrefixListVersionResult { prefix_list })
}

fn entries_at(list: &PrefixList, version: i64) -> Result<Vec<PrefixEntry>, AwsError> {
    if version == list.version {
        return Ok(list.entries.clone());
    }
    let found = list.history.iter().find(|(v, _)| *v == version).map(|(_, entries)| entries.clone());
    found.ok_or_else(|| AwsError::invalid_value("targetVersion", &version.to_string(), "There is no such version."))
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteManagedPrefixListRequest>) -> OpResult<ec2::DeleteManagedPrefixListResult> {
    let list = own(ctx, &req.prefix_list_id)?;
    let routed = ctx.db.list::<RouteTable>(&list.account).any(|t| t.prefix_routes.iter().any(|r| r.list == list.id));
    let ruled = |g: std::rc::Rc<SecurityGroup>| g.rules.iter().any(|r| r.peer == RulePeer::PrefixList(list.id));
    if routed || ctx.db.list::<SecurityGroup>(&list.account).any(ruled) {
        let message = format!("The prefix list '{}' has dependencies and cannot be deleted.", list.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    let shown = under_way(to_ec2_list(ctx, &list), "delete-in-progress");
    ctx.untag(list.id);
    ctx.db.delete::<PrefixList>(&list.account, list.id);
    Ok(ec2::DeleteManagedPrefixListResult { prefix_list: Some(shown) })
}

const FILTERS: &[&str] = &["owner-id", "prefix-list-id", "prefix-list-name"];

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeManagedPrefixListsRequest>,
) -> OpResult<ec2::DescribeManagedPrefixListsResult> {
    let listing =
        Listing { ids: &req.prefix_list_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let mut lists: Vec<ec2::ManagedPrefixList> = vec![s3_as_ec2(ctx)];
    lists.extend(ctx.db.list::<PrefixList>(&ctx.caller.account).map(|l| to_ec2_list(ctx, &l)));
    if listing.names_ids() {
        let mut ids = Vec::new();
        for id in req.prefix_list_ids.iter().flatten() {
            ids.push(Some(usable(ctx, id)?.to_string()));
        }
        lists.retain(|l| ids.contains(&l.prefix_list_id));
    }
    let key = |l: &ec2::ManagedPrefixList| l.prefix_list_id.clone().unwrap_or_default();
    lists.sort_by_key(key);
    let field = |l: &ec2::ManagedPrefixList, name: &str| match name {
        "owner-id" => many(l.owner_id.iter()),
        "prefix-list-id" => many(l.prefix_list_id.iter()),
        "prefix-list-name" => many(l.prefix_list_name.iter()),
        _ => None,
    };
    let (prefix_lists, next_token) = listing.select(lists, |l| ctx.tags(key(l)), FILTERS, field, key)?;
    Ok(ec2::DescribeManagedPrefixListsResult { prefix_lists: Some(prefix_lists), next_token })
}

fn s3_as_ec2(ctx: &Ctx) -> ec2::ManagedPrefixList {
    ec2::ManagedPrefixList {
        address_family: Some("IPv4".to_owned()),
        owner_id: Some("AWS".to_owned()),
        prefix_list_arn: Some(format!("arn:aws:ec2:{}:aws:prefix-list/{}", ctx.settings.region, s3_list())),
        prefix_list_id: Some(s3_list().to_string()),
        prefix_list_name: Some(s3_name(ctx)),
        state: Some("create-complete".to_owned()),
        tags: Some(Vec::new()),
        ..Default::default()
    }
}

fn to_ec2_list(ctx: &Ctx, l: &PrefixList) -> ec2::ManagedPrefixList {
    ec2::ManagedPrefixList {
        address_family: Some(family(l).to_owned()),
        max_entries: Some(l.max_entries as i32),
        owner_id: Some(l.account.to_string()),
        prefix_list_arn: Some(ctx.arn(&format!("prefix-list/{}", l.id))),
        prefix_list_id: Some(l.id.to_string()),
        prefix_list_name: Some(l.name.clone()),
        state: Some(l.state.clone()),
        tags: ctx.tag_list(l.id),
        version: Some(l.version),
        ..Default::default()
    }
}

fn entries_of(
    ctx: &mut Ctx,
    req: Authorized<ec2::GetManagedPrefixListEntriesRequest>,
) -> OpResult<ec2::GetManagedPrefixListEntriesResult> {
    let id = usable(ctx, required(&req.prefix_list_id, "PrefixListId")?)?;
    let entries = match ctx.db.get::<PrefixList>(&ctx.caller.account, id) {
        Some(list) => entries_at(&list, req.target_version.unwrap_or(list.version))?,
        None => cidrs(ctx.db, &ctx.caller.account, id).into_iter().map(|cidr| PrefixEntry { cidr, description: None }).collect(),
    };
    let key = |e: &PrefixEntry| e.cidr.key();
    let (entries, next_token) = crate::page::page(entries, req.max_results, &req.next_token, false, key)?;
    let shown = entries.into_iter().map(|e| ec2::PrefixListEntry { cidr: Some(e.cidr.to_string()), description: e.description });
    Ok(ec2::GetManagedPrefixListEntriesResult { entries: Some(shown.collect()), next_token })
}

/// AWS's lists only.
fn describe_services(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribePrefixListsRequest>,
) -> OpResult<ec2::DescribePrefixListsResult> {
    let listing =
        Listing { ids: &req.prefix_list_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    for id in req.prefix_list_ids.iter().flatten() {
        if PrefixList::CODES.parse::<PrefixListId>(id)? != s3_list() {
            return Err(PrefixList::CODES.not_found(id).into());
        }
    }
    let names = &["prefix-list-id", "prefix-list-name"];
    let field = |id: &PrefixListId, name: &str| match name {
        "prefix-list-id" => one(id),
        "prefix-list-name" => one(s3_name(ctx)),
        _ => None,
    };
    let (lists, next_token) = listing.select(vec![s3_list()], |_| Default::default(), names, field, |id| id.to_string())?;
    let shown = lists.iter().map(|id| ec2::PrefixList {
        cidrs: Some(cidrs(ctx.db, &ctx.caller.account, *id).iter().map(|c| c.to_string()).collect()),
        prefix_list_id: Some(id.to_string()),
        prefix_list_name: Some(s3_name(ctx)),
    });
    Ok(ec2::DescribePrefixListsResult { prefix_lists: Some(shown.collect()), next_token })
}
