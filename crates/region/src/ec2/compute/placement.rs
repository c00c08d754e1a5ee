//! With whom an instance shares its host: what a launch asks for, where that leads, and how it is changed while it is stopped.
//!
//! An instance's disk is on its host, so a stopped one starts there again or nowhere: affinity to a dedicated host is always kept,
//! and what would need another host is refused by name.
//!
//! Source of rules: "Dedicated Instances" and "Dedicated Host auto-placement and host affinity", EC2 User Guide.

use super::{groups, hosts, launch_options, lists};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::ec2::network::lookup;
use crate::rows::{DedicatedHost, GroupPlace, Instance, InstanceState, InstanceTenancy, Vpc};
use ::types::{AzName, CellId, DedicatedHostId, HostId, InstanceId};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use wire::cell::Tenancy;

pub fn register(table: &mut Table) {
    table.op::<ec2::ModifyInstancePlacementRequest>(
        &["Affinity", "GroupId", "GroupName", "HostId", "InstanceId", "PartitionNumber", "Tenancy"],
        &[],
        modify,
    );
}

/// What a launch says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    pub tenancy: InstanceTenancy,
    /// By name.
    host: Option<DedicatedHostId>,
    /// To the host that it comes to.
    pub affinity: bool,
}

/// Where a claim may go.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    pub tenancy: Tenancy,
    /// Of [`Tenancy::Host`]: these and no others.
    pub hosts: Vec<(HostId, CellId)>,
}

fn tenancy(given: &str) -> Result<InstanceTenancy, AwsError> {
    match given {
        "default" => Ok(InstanceTenancy::Default),
        "dedicated" => Ok(InstanceTenancy::Dedicated),
        "host" => Ok(InstanceTenancy::Host),
        other => Err(AwsError::invalid_value("Tenancy", &lists::clip(other), "Expected default, dedicated or host.")),
    }
}

fn affinity(given: &str) -> Result<bool, AwsError> {
    match given {
        "default" => Ok(false),
        "host" => Ok(true),
        other => Err(AwsError::invalid_value("Affinity", &lists::clip(other), "Expected default or host.")),
    }
}

/// # Errors
/// A value that there is not, or a host or an affinity for a tenancy that has none.
pub fn asked(placement: Option<&ec2::Placement>) -> Result<Asked, AwsError> {
    let Some(p) = placement else { return Ok(Asked::default()) };
    let host = p.host_id.as_deref().map(|id| <DedicatedHost as lookup::Resource>::CODES.parse(id)).transpose()?;
    let tenancy = p.tenancy.as_deref().filter(|t| !t.is_empty()).map(tenancy).transpose()?;
    let tenancy = tenancy.unwrap_or(if host.is_some() { InstanceTenancy::Host } else { InstanceTenancy::Default });
    let affinity = p.affinity.as_deref().filter(|a| !a.is_empty()).map(affinity).transpose()?;
    if tenancy != InstanceTenancy::Host && (host.is_some() || affinity == Some(true)) {
        let message = "HostId and Affinity=host need the tenancy 'host'.";
        return Err(AwsError::invalid_parameter_combination(message));
    }
    Ok(Asked { tenancy, host, affinity: affinity.unwrap_or(false) })
}

impl Asked {
    /// A VPC for dedicated instances makes all of its instances such, or leaves them on dedicated hosts.
    pub fn within(self, vpc: Option<&Vpc>) -> Self {
        match (self.tenancy, vpc.map(|v| v.tenancy.as_str())) {
            (InstanceTenancy::Default, Some("dedicated")) => Self { tenancy: InstanceTenancy::Dedicated, ..self },
            _ => self,
        }
    }

    /// The zones that have the host, or one that will do. `None`: any zone.
    pub fn zones(&self, ctx: &Ctx, instance_type: &str) -> Option<Vec<AzName>> {
        (self.tenancy == InstanceTenancy::Host).then(|| self.candidates(ctx, instance_type).map(|h| h.az.clone()).collect())
    }

    fn candidates<'c>(self, ctx: &'c Ctx, instance_type: &'c str) -> impl Iterator<Item = Rc<DedicatedHost>> + 'c {
        let named = move |h: &Rc<DedicatedHost>| self.host.map_or(h.auto_placement, |id| id == h.id);
        hosts::available(ctx).filter(move |h| named(h) && h.takes(instance_type))
    }

    /// # Errors
    /// The host is unknown or gone, or no host will do.
    pub fn allowed(self, ctx: &Ctx, instance_type: &str, az: &AzName) -> Result<Allowed, AwsError> {
        let account = ctx.caller.account.clone();
        match self.tenancy {
            InstanceTenancy::Default => return Ok(Allowed::default()),
            InstanceTenancy::Dedicated => {
                return Ok(Allowed { tenancy: Tenancy::Dedicated(account), hosts: Vec::new() });
            }
            InstanceTenancy::Host => {}
        }
        if let Some(id) = self.host {
            hosts::check_available(&*lookup::find::<DedicatedHost>(ctx, &id.to_string())?)?;
        }
        let hosts: Vec<_> =
            self.candidates(ctx, instance_type).filter(|h| h.az == *az).map(|h| (h.host.clone(), h.cell.clone())).collect();
        if hosts.is_empty() {
            return Err(incompatible(match self.host {
                Some(id) => format!("the Dedicated Host {id} is not in {az} or does not take {instance_type} instances"),
                None => format!("you have none in {az} with auto-placement that takes {instance_type} instances"),
            }));
        }
        Ok(Allowed { tenancy: Tenancy::Host(account), hosts })
    }
}

fn incompatible(why: String) -> AwsError {
    let message =
        format!("There are no available or compatible Dedicated Hosts on which to launch or start the instance: {why}.");
    AwsError::new("IncompatibleHostRequirements", message)
}

/// Of an instance, for the cell.
pub fn to_wire(row: &Instance) -> Tenancy {
    match row.tenancy {
        InstanceTenancy::Default => Tenancy::Shared,
        InstanceTenancy::Dedicated => Tenancy::Dedicated(row.account.clone()),
        InstanceTenancy::Host => Tenancy::Host(row.account.clone()),
    }
}

/// Rows never have together on a host who may not be, whatever a cell has forgotten since it promised: looked at once more before
/// the instance's row is written.
///
/// # Errors
/// The host is kept for others by now. What was claimed goes back.
pub fn check_neighbours(db: &Db, instance: InstanceId, tenancy: &Tenancy, host: &HostId) -> Result<(), AwsError> {
    let owner = db.all::<DedicatedHost>().find(|h| h.is_available() && h.host == *host).map(|h| Tenancy::Host(h.account.clone()));
    let fits = match owner {
        Some(owner) => owner == *tenancy,
        None if matches!(tenancy, Tenancy::Host(_)) => false,
        None => db.all::<Instance>().filter(|i| i.host == *host && i.id != instance && i.state != InstanceState::Terminated).all(
            |i| {
                let other = to_wire(&i);
                let apart = matches!((&other, tenancy), (Tenancy::Dedicated(_), _) | (_, Tenancy::Dedicated(_)));
                other == *tenancy || !apart
            },
        ),
    };
    match fits {
        true => Ok(()),
        false => Err(AwsError::unavailable(format!("The host {host} has been given to others meanwhile. Try again."))),
    }
}

/// Of a stopped instance that starts, where its disk is.
///
/// # Errors
/// The dedicated host was released, or takes its type no more.
pub fn again(db: &Db, row: &Instance) -> Result<Allowed, AwsError> {
    let tenancy = to_wire(row);
    let hosts = match tenancy {
        Tenancy::Shared | Tenancy::Dedicated(_) => Vec::new(),
        Tenancy::Host(_) => {
            let host = hosts::of_instance(db, row).filter(|h| h.takes(&row.instance_type));
            let host = host.ok_or_else(|| {
                incompatible(format!(
                    "the instance's volume is on {}, which is no Dedicated Host of yours that takes it",
                    row.host
                ))
            })?;
            vec![(host.host.clone(), host.cell.clone())]
        }
    };
    Ok(Allowed { tenancy, hosts })
}

fn modify(ctx: &mut Ctx, r: Authorized<ec2::ModifyInstancePlacementRequest>) -> OpResult<ec2::ModifyInstancePlacementResult> {
    let row = lists::instance(ctx, lookup::required(&r.instance_id, "InstanceId")?)?;
    if row.state != InstanceState::Stopped {
        let message = format!("The instance '{}' is not in the 'stopped' state.", row.id);
        return Err(AwsError::incorrect_instance_state(message).into());
    }
    let mut new = (*row).clone();
    if let Some(given) = r.tenancy.as_deref() {
        new.tenancy = changed_tenancy(&row, tenancy(given)?)?;
    }
    if let Some(given) = r.affinity.as_deref() {
        new.affinity = affinity(given)?;
    }
    if let Some(id) = r.host_id.as_deref() {
        let host = lookup::find::<DedicatedHost>(ctx, id)?;
        hosts::check_available(&host)?;
        if new.tenancy != InstanceTenancy::Host {
            return Err(AwsError::invalid_parameter_combination("HostId needs the tenancy 'host'.").into());
        }
        if host.host != row.host {
            let message = format!(
                "The volume of {} is not on the Dedicated Host {id}: this region does not move volumes of stopped instances to another host.",
                row.id
            );
            return Err(AwsError::unsupported_operation(message).into());
        }
        if !host.takes(&row.instance_type) {
            let message = format!("the Dedicated Host {id} does not take {} instances", row.instance_type);
            return Err(incompatible(message).into());
        }
    }
    if new.affinity && new.tenancy != InstanceTenancy::Host {
        match r.affinity {
            Some(_) => return Err(AwsError::invalid_parameter_combination("Affinity=host needs the tenancy 'host'.").into()),
            None => new.affinity = false,
        }
    }
    if new.tenancy != row.tenancy {
        check_host(ctx, &new)?;
    }
    if r.group_name.is_some() || r.group_id.is_some() || r.partition_number.is_some() {
        new.group = group(ctx, &row, &r)?;
    }
    ctx.db.put(new);
    Ok(ec2::ModifyInstancePlacementResult { r#return: Some(true) })
}

/// "You can change the tenancy of a stopped instance only from dedicated to host, or from host to dedicated"; of T3 not even that.
fn changed_tenancy(row: &Instance, to: InstanceTenancy) -> Result<InstanceTenancy, AwsError> {
    let burstable = launch_options::instance_type(&row.instance_type)?.0.burstable;
    match (row.tenancy, to) {
        (from, to) if from == to => Ok(to),
        (InstanceTenancy::Host, InstanceTenancy::Dedicated) | (InstanceTenancy::Dedicated, InstanceTenancy::Host)
            if !burstable =>
        {
            Ok(to)
        }
        (from, to) => {
            let code = if burstable && from != InstanceTenancy::Default { "InvalidRequest" } else { "InvalidTenancy" };
            let (from, to) = (from.name(), to.name());
            Err(AwsError::new(code, format!("The tenancy of {} cannot be changed from {from} to {to}.", row.id)))
        }
    }
}

/// Whether the host where the volume is may have an instance of the new tenancy at all.
fn check_host(ctx: &Ctx, new: &Instance) -> Result<(), AwsError> {
    let kept = hosts::available(ctx).any(|h| h.host == new.host);
    let why = match new.tenancy {
        InstanceTenancy::Host if !kept => "is no Dedicated Host of yours",
        InstanceTenancy::Dedicated if kept => "is a Dedicated Host: release it first",
        _ => return Ok(()),
    };
    Err(AwsError::unsupported_operation(format!(
        "The volume of {} is on a host that {why}. This region does not move volumes of stopped instances to another host.",
        new.id
    )))
}

/// `GroupName=` takes it out of its group.
fn group(ctx: &Ctx, row: &Instance, r: &ec2::ModifyInstancePlacementRequest) -> Result<Option<GroupPlace>, AwsError> {
    if r.group_name.as_deref() == Some("") && r.group_id.is_none() {
        return Ok(None);
    }
    let placement = ec2::Placement {
        group_name: r.group_name.clone(),
        group_id: r.group_id.clone().or_else(|| {
            let own = row.group.as_ref().filter(|_| r.group_name.is_none());
            own.map(|g| g.group.to_string())
        }),
        partition_number: r.partition_number,
        ..Default::default()
    };
    let (family, _) = launch_options::instance_type(&row.instance_type)?;
    let Some(group) = groups::of_launch(ctx, Some(&placement), family)? else { return Ok(None) };
    group.check_joins(ctx, row)?;
    Ok(Some(GroupPlace { group: group.row.id, partition: group.partition }))
}
