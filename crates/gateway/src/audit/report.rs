//! What the control plane is told every few seconds: the chain's head, and which keys and roles were used.

use super::Audit;
use platform::rpc::Client;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use types::{AccountId, TimestampMs};
use wire::audit::{AuditHead, AuditReport, KeyUse, ReportAudit, RoleUse};
use wire::identity::{Principal, PrincipalKind};

const REPORT_EVERY: Duration = Duration::from_secs(5);
const REPORT_TIMEOUT: Duration = Duration::from_secs(3);
/// Keys and roles that wait to be reported; further ones wait for their next use.
const USES_MAX: usize = 10_000;

#[derive(Default)]
pub struct Uses {
    /// Account, service and time by access key.
    keys: HashMap<String, (AccountId, String, TimestampMs)>,
    roles: HashMap<(AccountId, String), TimestampMs>,
}

impl Uses {
    pub fn note(&mut self, principal: &Principal, access_key: &str, service: &str, at: TimestampMs) {
        match &principal.kind {
            PrincipalKind::Root | PrincipalKind::User { .. } if principal.session.is_none() => {
                let room = self.keys.len() < USES_MAX;
                match self.keys.get_mut(access_key) {
                    Some(used) if used.1 == service => used.2 = at,
                    Some(used) => (used.1, used.2) = (service.to_owned(), at),
                    None if room => {
                        self.keys.insert(access_key.to_owned(), (principal.account.clone(), service.to_owned(), at));
                    }
                    None => {}
                }
            }
            PrincipalKind::RoleSession { .. } if self.roles.len() < USES_MAX => {
                self.roles.insert((principal.account.clone(), principal.entity_id().to_owned()), at);
            }
            _ => {}
        }
    }

    fn report(&self, head: Option<AuditHead>) -> AuditReport {
        let keys = self.keys.iter().map(|(key, (account, service, at))| KeyUse {
            account: account.clone(),
            access_key: key.clone(),
            at: *at,
            service: service.clone(),
        });
        let roles = self.roles.iter();
        let roles = roles.map(|((account, id), at)| RoleUse { account: account.clone(), role_id: id.clone(), at: *at });
        AuditReport { head, keys: keys.collect(), roles: roles.collect() }
    }

    /// Forgets what was told, unless it was used again since.
    fn told(&mut self, report: &AuditReport) {
        for told in &report.keys {
            if self.keys.get(&told.access_key).is_some_and(|(_, _, at)| *at == told.at) {
                self.keys.remove(&told.access_key);
            }
        }
        for told in &report.roles {
            let key = (told.account.clone(), told.role_id.clone());
            if self.roles.get(&key) == Some(&told.at) {
                self.roles.remove(&key);
            }
        }
    }
}

impl Audit {
    /// For as long as the process lives. What cannot be told is told later.
    pub async fn keep_reporting(self: Rc<Self>, region: Client) {
        let mut told_head = None;
        loop {
            tokio::time::sleep(REPORT_EVERY).await;
            let head = self.durable.borrow().clone().filter(|h| told_head != Some(h.sequence));
            let report = self.uses.borrow().report(head);
            if report.head.is_none() && report.keys.is_empty() && report.roles.is_empty() {
                continue;
            }
            match region.call::<ReportAudit>(&report, REPORT_TIMEOUT).await {
                Ok(_) => {
                    told_head = report.head.as_ref().map(|h| h.sequence).or(told_head);
                    self.uses.borrow_mut().told(&report);
                }
                Err(error) => tracing::debug!(%error, "the control plane was not told of the audit trail"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_told_once_and_not_forgotten_before() {
        let mut uses = Uses::default();
        let root = Principal::root("123456789012".parse().unwrap());
        uses.note(&root, "AKIA1", "ec2", TimestampMs(1));
        uses.note(&root, "AKIA1", "s3", TimestampMs(2));
        let mut role = root.clone();
        role.kind = PrincipalKind::RoleSession { role_arn: "r".into(), session_name: "s".into() };
        role.user_id = "AROA1:s".into();
        uses.note(&role, "ASIA1", "s3", TimestampMs(3));
        let report = uses.report(None);
        let wanted =
            KeyUse { account: root.account.clone(), access_key: "AKIA1".into(), at: TimestampMs(2), service: "s3".into() };
        assert_eq!(report.keys, [wanted]);
        assert_eq!(report.roles[0].role_id, "AROA1");
        uses.note(&root, "AKIA1", "s3", TimestampMs(4));
        uses.told(&report);
        assert_eq!(uses.report(None).keys[0].at, TimestampMs(4));
        assert!(uses.report(None).roles.is_empty());
    }
}
