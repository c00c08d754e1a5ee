//! DescribeTargetHealth: what rows say of a target, and what its load balancer's nodes report.
//!
//! Each node checks for itself. A target is healthy when one of them gets answers from it; else `initial` when one is still
//! checking for the first time; else unhealthy, for the first node's reason. What a node said last holds while it is not heard.

use super::arn::{self, find_group};
use super::check::validation;
use super::nodes;
use super::rows::{State, Target, TargetGroup};
use super::{target, usage};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::elbv2 as api;
use std::collections::{BTreeMap, BTreeSet};
use types::{AzName, CellId, InterfaceId};
use wire::balancer::{BalancerStatus, TargetState, TargetStatus};
use wire::cell::CellReport;

/// What nodes reported last. Not stored: after a start it is known again within a second.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<InterfaceId, Told>);

#[derive(Debug)]
struct Told {
    status: BalancerStatus,
    cell: CellId,
    /// Reports of its cell in a row that did not have it.
    missed: u32,
}

/// A node is lost when so many reports in a row, which come once a second, say nothing of it: one answer too late means nothing.
const MISSED_MAX: u32 = 3;

impl Seen {
    pub fn hear(&mut self, report: &CellReport) {
        self.0.values_mut().filter(|t| t.cell == report.cell).for_each(|t| t.missed = t.missed.saturating_add(1));
        for b in &report.balancers {
            if let Some(status) = &b.status {
                self.0.insert(b.interface, Told { status: status.clone(), cell: report.cell.clone(), missed: 0 });
            }
        }
    }

    /// Cells whose reports have stopped take their nodes along.
    pub fn silent(&mut self, cells: &[CellId]) {
        self.0.values_mut().filter(|t| cells.contains(&t.cell)).for_each(|t| t.missed = MISSED_MAX);
    }

    pub fn forget(&mut self, interface: InterfaceId) {
        self.0.remove(&interface);
    }

    pub fn status(&self, interface: InterfaceId) -> Option<&BalancerStatus> {
        self.0.get(&interface).map(|t| &t.status)
    }

    /// `false` of one that was never heard: who has just started knows of no loss.
    pub fn is_lost(&self, interface: InterfaceId) -> bool {
        self.0.get(&interface).is_some_and(|t| t.missed >= MISSED_MAX)
    }
}

pub fn register(table: &mut Table) {
    table.op::<api::DescribeTargetHealthInput>(
        &[
            "TargetGroupArn",
            "Targets.member.N.Id",
            "Targets.member.N.Port",
            "Targets.member.N.AvailabilityZone",
            "Include.member.N",
        ],
        &[],
        describe,
    );
}

/// State, reason code, sentence.
type Health = (&'static str, Option<String>, Option<String>);

fn told(state: &'static str, reason: &str, sentence: &str) -> Health {
    (state, Some(reason.to_owned()), Some(sentence.to_owned()))
}

/// What bears on all targets of a group.
struct Group<'a> {
    row: &'a TargetGroup,
    used: bool,
    /// The load balancer is active and none of its nodes has been heard: this process has just started.
    unheard: bool,
    zones: BTreeSet<AzName>,
    reports: BTreeMap<(&'a str, u16), Vec<&'a TargetStatus>>,
}

impl<'a> Group<'a> {
    fn new(ctx: &'a Ctx, row: &'a TargetGroup) -> Self {
        let balancer = usage::balancer_of(ctx.db, row);
        let nodes = balancer.as_ref().map(|b| nodes::of(ctx.db, b)).unwrap_or_default();
        let own = arn::group(ctx.settings, row);
        let heard: Vec<&BalancerStatus> = nodes.iter().filter_map(|n| ctx.db.balancers.status(n.interface)).collect();
        let mut reports: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for t in heard.iter().flat_map(|s| &s.target_groups).filter(|g| g.arn == own).flat_map(|g| &g.targets) {
            reports.entry((t.id.as_str(), t.port)).or_default().push(t);
        }
        Self {
            row,
            unheard: heard.is_empty() && balancer.as_ref().is_some_and(|b| b.state == State::Active),
            used: balancer.is_some(),
            zones: nodes.iter().map(|n| n.az.clone()).collect(),
            reports,
        }
    }

    fn health(&self, ctx: &Ctx, t: &Target) -> Health {
        if t.draining_until.is_some() {
            return told("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress");
        }
        if let Err(state) = target::address(ctx.db, self.row, t) {
            return told("unused", "Target.InvalidState", &format!("Target is in the {state} state"));
        }
        if !self.used {
            let sentence = "Target group is not configured to receive traffic from the load balancer";
            return told("unused", "Target.NotInUse", sentence);
        }
        if !target::zone_is_enabled(target::zone(ctx.db, self.row, t).as_ref(), &self.zones) {
            let sentence = "Target is in an Availability Zone that is not enabled for the load balancer";
            return told("unused", "Target.NotInUse", sentence);
        }
        if self.unheard {
            return told("unavailable", "Elb.InternalError", "Target health unavailable due to an internal error");
        }
        reported(self.reports.get(&(t.id.as_str(), t.port)).map(Vec::as_slice).unwrap_or_default())
    }
}

fn reported(reports: &[&TargetStatus]) -> Health {
    let with = |state: TargetState| reports.iter().find(|t| t.state == state);
    if with(TargetState::Healthy).is_some() {
        return ("healthy", None, None);
    }
    let found = [
        (TargetState::Initial, "initial", "Elb.InitialHealthChecking", "Initial health checks in progress"),
        (TargetState::Unhealthy, "unhealthy", "Target.FailedHealthChecks", "Health checks failed"),
        (
            TargetState::Unavailable,
            "unavailable",
            "Target.HealthCheckDisabled",
            "Health checks are disabled for this target group",
        ),
    ]
    .into_iter()
    .find_map(|(state, name, reason, sentence)| Some((with(state)?, name, reason, sentence)));
    match found {
        Some((t, name, reason, sentence)) => {
            (name, t.reason.clone().or(Some(reason.into())), t.description.clone().or(Some(sentence.into())))
        }
        // No node knows it yet.
        None => told("initial", "Elb.RegistrationInProgress", "Target registration is in progress"),
    }
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeTargetHealthInput>) -> OpResult<api::DescribeTargetHealthOutput> {
    let row = find_group(ctx, &r.target_group_arn)?;
    let group = Group::new(ctx, &row);
    let rows = target::rows(ctx.db, &row).into_iter().filter(|t| t.draining_until.is_none_or(|at| at > ctx.now));
    let rows: BTreeMap<(String, u16), _> = rows.map(|t| ((t.id.clone(), t.port), t)).collect();
    let mut include = false;
    for what in r.include.iter().flatten() {
        match what.as_str() {
            "AnomalyDetection" | "All" => include = true,
            other => return Err(validation(format!("'{other}' cannot be included in a description of targets' health")).into()),
        }
    }
    let anomaly = |id: &str, port: u16| {
        let reports = group.reports.get(&(id, port)).map(Vec::as_slice).unwrap_or_default();
        let word = |is: bool, yes: &str, no: &str| Some(if is { yes } else { no }.to_owned());
        api::AnomalyDetection {
            result: word(reports.iter().any(|t| t.anomalous), "anomalous", "normal"),
            mitigation_in_effect: word(reports.iter().any(|t| t.mitigated), "yes", "no"),
        }
    };
    let shown = |id: &str, port: u16, zone: Option<String>, (state, reason, description): Health| {
        let check_port = if row.check.port == "traffic-port" { port.to_string() } else { row.check.port.clone() };
        api::TargetHealthDescription {
            anomaly_detection: include.then(|| anomaly(id, port)),
            health_check_port: Some(check_port),
            target: Some(api::TargetDescription {
                availability_zone: zone,
                id: Some(id.to_owned()),
                port: Some(port.into()),
                ..Default::default()
            }),
            target_health: Some(api::TargetHealth { description, reason, state: Some(state.to_owned()) }),
            ..Default::default()
        }
    };
    let of_row = |t: &Target| {
        let zone = target::zone(ctx.db, &row, t).map(|z| z.to_string());
        let zone = (row.kind == super::rows::TargetType::Ip).then(|| zone.unwrap_or_else(|| "all".to_owned()));
        shown(&t.id, t.port, zone, group.health(ctx, t))
    };
    let mut out = Vec::new();
    match r.targets.as_deref().unwrap_or_default() {
        [] => out.extend(rows.values().map(|t| of_row(t))),
        asked => {
            for d in asked {
                let (id, port) = target::named(&row, d)?;
                let unknown = || {
                    let sentence = "Target is not registered to the target group";
                    shown(&id, port, None, told("unused", "Target.NotRegistered", sentence))
                };
                out.push(rows.get(&(id.clone(), port)).map_or_else(unknown, |t| of_row(t)));
            }
        }
    }
    Ok(api::DescribeTargetHealthOutput { target_health_descriptions: Some(out) })
}
