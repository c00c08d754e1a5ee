//! The roles, the processes that have them, and who of them may call.

use super::SUFFIX;
use rustls::pki_types::CertificateDer;
use std::fmt::{self, Display};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Supervisor,
    /// Whoever runs the command line.
    Operator,
    ControlPlane,
    Gateway,
    S3Worker,
    Edge,
    Directory,
    Cell,
    Agent,
    Card,
    Storage,
    Index,
}

impl Role {
    pub const ALL: [Self; 12] = [
        Self::Supervisor,
        Self::Operator,
        Self::ControlPlane,
        Self::Gateway,
        Self::S3Worker,
        Self::Edge,
        Self::Directory,
        Self::Cell,
        Self::Agent,
        Self::Card,
        Self::Storage,
        Self::Index,
    ];

    /// Of its process, or the first part of its processes' names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Supervisor => "supervisor",
            Self::Operator => "operator",
            Self::ControlPlane => "control-plane",
            Self::Gateway => "gateway",
            Self::S3Worker => "s3-worker",
            Self::Edge => "edge",
            Self::Directory => "directory",
            Self::Cell => "cell",
            Self::Agent => "agent",
            Self::Card => "card",
            Self::Storage => "storage",
            Self::Index => "index",
        }
    }

    /// Are there several processes of it, each with an id?
    const fn has_ids(self) -> bool {
        matches!(self, Self::Directory | Self::Cell | Self::Agent | Self::Card | Self::Storage | Self::Index)
    }

    /// All processes of the role may call.
    pub const fn any(self) -> Caller {
        Caller { role: self, id: None }
    }

    /// Only that one: `Role::Cell.only("a1")`.
    pub fn only(self, id: impl Display) -> Caller {
        Caller { role: self, id: Some(id.to_string()) }
    }
}

/// A process that has proved who it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peer {
    pub role: Role,
    /// `a1` of `cell-a1`; empty where the role has one process.
    pub id: String,
    process: String,
    region: String,
}

impl Peer {
    /// `cell-a1` of a region. None: no process is called so.
    pub fn new(process: &str, region: &str) -> Option<Self> {
        let (role, id) = Role::ALL.into_iter().find_map(|role| {
            let rest = process.strip_prefix(role.name())?;
            match role.has_ids() {
                true => rest.strip_prefix('-').filter(|id| !id.is_empty()).map(|id| (role, id)),
                false => rest.is_empty().then_some((role, "")),
            }
        })?;
        Some(Self { role, id: id.to_owned(), process: process.to_owned(), region: region.to_owned() })
    }

    /// Of a certificate's one name.
    pub(super) fn of_certificate(der: &CertificateDer<'_>) -> Option<Self> {
        let certificate = webpki::EndEntityCert::try_from(der).ok()?;
        let mut names = certificate.valid_dns_names();
        let (name, None) = (names.next()?, names.next()) else { return None };
        let (process, region) = name.strip_suffix(SUFFIX)?.strip_suffix('.')?.split_once('.')?;
        Self::new(process, region)
    }

    /// The DNS name in its certificate.
    pub fn dns_name(&self) -> String {
        format!("{}.{}.{SUFFIX}", self.process, self.region)
    }

    pub fn process(&self) -> &str {
        &self.process
    }

    pub fn region(&self) -> &str {
        &self.region
    }
}

impl Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.process)
    }
}

/// Who may call: a role, or one process of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    role: Role,
    id: Option<String>,
}

impl Caller {
    pub fn is(&self, peer: &Peer) -> bool {
        self.role == peer.role && self.id.as_ref().is_none_or(|id| *id == peer.id)
    }
}

/// Who may ask any role how it is.
pub static WATCHERS: [Caller; 2] = [Role::Operator.any(), Role::Supervisor.any()];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_role() {
        let of = |process: &str| Peer::new(process, "r").map(|p| (p.role, p.id));
        for role in Role::ALL {
            let (process, id) =
                if role.has_ids() { (format!("{}-a1-h1", role.name()), "a1-h1") } else { (role.name().to_owned(), "") };
            assert_eq!(of(&process), Some((role, id.to_owned())));
        }
        for bad in ["", "cell", "cell-", "gateway-a", "storages-a", "Gateway", "s3"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_caller_is_a_role_or_one_of_it() {
        let (a, b) = (Peer::new("cell-a1", "r").unwrap(), Peer::new("cell-b1", "r").unwrap());
        assert!(Role::Cell.any().is(&a) && Role::Cell.any().is(&b));
        assert!(Role::Cell.only("a1").is(&a) && !Role::Cell.only("a1").is(&b));
        assert!(!Role::Agent.any().is(&a) && !Role::Agent.only("a1").is(&a));
    }
}
