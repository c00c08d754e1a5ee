//! Who refers to whom: listeners of a load balancer, rules of a listener, target groups in actions.

use super::arn;
use super::rows::{Listener, LoadBalancer, Rule, TargetGroup};
use crate::db::Db;
use std::collections::BTreeSet;
use std::rc::Rc;
use types::AccountId;
use wire::balancer::Action;

pub fn listeners(db: &Db, b: &LoadBalancer) -> Vec<Rc<Listener>> {
    db.list::<Listener>(&b.account).filter(|l| l.balancer == b.id).collect()
}

/// By priority.
pub fn rules(db: &Db, l: &Listener) -> Vec<Rc<Rule>> {
    let mut rules: Vec<_> = db.list::<Rule>(&l.account).filter(|r| r.listener == l.id).collect();
    rules.sort_by_key(|r| r.priority);
    rules
}

pub fn remove_listener(db: &mut Db, l: &Listener) {
    for r in rules(db, l) {
        db.delete::<Rule>(&r.account, &r.id);
    }
    db.delete::<Listener>(&l.account, &l.id);
}

/// The ids of the target groups of an action.
pub fn groups_in(action: &Action) -> impl Iterator<Item = &str> {
    let action = if let Action::AuthenticateOidc { then, .. } = action { then } else { action };
    let groups = if let Action::Forward { groups, .. } = action { groups.as_slice() } else { &[] };
    groups.iter().filter_map(|g| g.group.rsplit('/').next())
}

/// The ids of the target groups that a load balancer forwards to.
pub fn groups_of(db: &Db, b: &LoadBalancer) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for l in listeners(db, b) {
        out.extend(groups_in(&l.action.action).map(str::to_owned));
        for r in rules(db, &l) {
            out.extend(groups_in(&r.action.action).map(str::to_owned));
        }
    }
    out
}

/// The load balancer that forwards to a target group: at most one does.
pub fn balancer_of(db: &Db, group: &TargetGroup) -> Option<Rc<LoadBalancer>> {
    let names = |action: &Action| groups_in(action).any(|id| id == group.id);
    let listener = |account: &AccountId, id: &str| db.get::<Listener>(account, id);
    let by_rule = || {
        let rule = db.list::<Rule>(&group.account).find(|r| names(&r.action.action))?;
        listener(&group.account, &rule.listener)
    };
    let found = db.list::<Listener>(&group.account).find(|l| names(&l.action.action)).or_else(by_rule)?;
    db.get::<LoadBalancer>(&group.account, &found.balancer)
}

/// The target groups of a load balancer, by id.
pub fn group_rows(db: &Db, b: &LoadBalancer) -> Vec<Rc<TargetGroup>> {
    groups_of(db, b).iter().filter_map(|id| arn::group_of(db, &b.account, id)).collect()
}
