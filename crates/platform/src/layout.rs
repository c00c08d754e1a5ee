//! Where things lie in a data directory. Every path of the product is made here.
//!
//! Socket paths must stay under the kernel's limit of 107 bytes, so sockets have short names in `run/`.

use std::path::{Path, PathBuf};
use types::{CellId, HostId, InstanceId, InterfaceId, StorageId};

/// The longest data directory path for which every socket's path fits into `sockaddr_un`.
pub const DATA_DIR_BYTES_MAX: usize = 66;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    pub fn root(&self) -> &Path {
        &self.0
    }
    /// The machine's settings ([`crate::Settings`]), written once by the first `up`.
    pub fn settings(&self) -> PathBuf {
        self.0.join("settings.json")
    }
    /// The first account's administrator, 0600; read by the control plane and `env`.
    pub fn root_credentials(&self) -> PathBuf {
        self.0.join("credentials.json")
    }
    pub fn faults(&self) -> PathBuf {
        self.0.join("faults.json")
    }
    /// What happened since the first of the last faults, one JSON object a line; the supervisor's.
    pub fn fault_timeline(&self) -> PathBuf {
        self.0.join("fault-timeline.jsonl")
    }
    /// The links that faults have broken, while there are any: the supervisor's (`crate::links`).
    pub fn links(&self) -> PathBuf {
        self.run().join("links.json")
    }
    /// Which program each process starts from, and how that came about: the supervisor's.
    pub fn rollouts(&self) -> PathBuf {
        self.0.join("rollouts.json")
    }
    /// Programs that roles start from besides the supervisor's own, by the hash of their contents.
    pub fn programs(&self) -> PathBuf {
        self.0.join("programs")
    }
    pub fn images(&self) -> PathBuf {
        self.0.join("images")
    }
    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }
    pub fn log(&self, process: &str) -> PathBuf {
        self.logs().join(format!("{process}.log"))
    }
    /// Sockets and pid files: made anew by each `up`.
    pub fn run(&self) -> PathBuf {
        self.0.join("run")
    }
    pub fn pid_file(&self, process: &str) -> PathBuf {
        self.run().join(format!("{process}.pid"))
    }
    /// RPC socket of a process: `supervisor`, `gateway`, `control-plane`, `edge`, `cell-a1`, `agent-a1-h1`, `card-a1-h1`,
    /// `storage-a1`, `index-a`.
    pub fn socket(&self, process: &str) -> PathBuf {
        self.run().join(format!("{process}.sock"))
    }
    /// Certificates and their keys, 0600 in a 0700 directory.
    pub fn tls(&self) -> PathBuf {
        self.0.join("tls")
    }
    /// The region's authority: the supervisor's alone.
    pub fn authority(&self) -> PathBuf {
        self.tls().join("ca.pem")
    }
    /// A process's key and certificate, and the authority's certificate.
    pub fn leaf(&self, process: &str) -> PathBuf {
        self.tls().join(format!("{process}.pem"))
    }
    pub fn cell_socket(&self, cell: &CellId) -> PathBuf {
        self.socket(&format!("cell-{cell}"))
    }
    pub fn agent_socket(&self, host: &HostId) -> PathBuf {
        self.socket(&format!("agent-{host}"))
    }
    pub fn card_socket(&self, host: &HostId) -> PathBuf {
        self.socket(&format!("card-{host}"))
    }
    /// The card's stream forwarder (see `wire::card::ForwardRequest`).
    pub fn card_forward_socket(&self, host: &HostId) -> PathBuf {
        self.run().join(format!("card-{host}.fwd"))
    }
    /// Where a card takes connections of the one that takes its place. Its name is the card's.
    pub fn card_heir_socket(&self, host: &HostId) -> PathBuf {
        self.run().join("heirs").join(format!("card-{host}.sock"))
    }
    /// Where the gateway takes what guests send to S3's addresses, from cards (`crate::handover`). Its name is the gateway's.
    pub fn endpoint_socket(&self) -> PathBuf {
        self.run().join("s3").join("gateway.sock")
    }
    /// Sockets of the processes of one host.
    pub fn host_run(&self, host: &HostId) -> PathBuf {
        self.run().join(host.as_str())
    }
    /// Where a load balancer's process takes its connections from the card (`crate::handover::pass`).
    pub fn balancer_socket(&self, host: &HostId, interface: &InterfaceId) -> PathBuf {
        self.host_run(host).join(format!("{interface}.lb"))
    }
    /// Where it tells its status.
    pub fn balancer_control(&self, host: &HostId, interface: &InterfaceId) -> PathBuf {
        self.host_run(host).join(format!("{interface}.lc"))
    }
    /// Load balancers' nodes of a host.
    pub fn balancers(&self, host: &HostId) -> PathBuf {
        self.host(host).join("balancers")
    }
    /// `config.json` (0600), `lb.pid`, `lb.log`
    pub fn balancer(&self, host: &HostId, interface: &InterfaceId) -> PathBuf {
        self.balancers(host).join(interface.to_string())
    }
    /// Log files of load balancers' nodes that are gone, until they are delivered.
    pub fn balancer_logs(&self, host: &HostId) -> PathBuf {
        self.host(host).join("balancer-logs")
    }
    /// vhost-user socket of a port: the card listens, the VMM connects.
    pub fn port_socket(&self, interface: &InterfaceId) -> PathBuf {
        self.run().join(interface.to_string())
    }
    /// A guest's serial console and QMP sockets.
    pub fn console_socket(&self, instance: &InstanceId) -> PathBuf {
        self.run().join(format!("{instance}.tty"))
    }
    pub fn qmp_socket(&self, instance: &InstanceId) -> PathBuf {
        self.run().join(format!("{instance}.qmp"))
    }
    pub fn store(&self, process: &str) -> PathBuf {
        self.0.join("store").join(format!("{process}.db"))
    }
    /// A host's own disk: its ledgers and its instances.
    pub fn host(&self, host: &HostId) -> PathBuf {
        self.0.join("hosts").join(host.as_str())
    }
    pub fn host_ledger(&self, host: &HostId) -> PathBuf {
        self.host(host).join("agent.ledger")
    }
    pub fn card_ledger(&self, host: &HostId) -> PathBuf {
        self.host(host).join("card.ledger")
    }
    /// Flow records of a host: lines of text with the columns of `wire::flow::COLUMNS`.
    pub fn flows(&self, host: &HostId) -> PathBuf {
        self.host(host).join("flows")
    }
    pub fn instances(&self, host: &HostId) -> PathBuf {
        self.host(host).join("instances")
    }
    /// `root.img`, `console.log`, `qemu.pid`, `state.json`, `qemu.log`
    pub fn instance(&self, host: &HostId, instance: &InstanceId) -> PathBuf {
        self.instances(host).join(instance.to_string())
    }
    /// The last document that a cell had from the region.
    pub fn cell_ledger(&self, cell: &CellId) -> PathBuf {
        self.0.join("store").join(format!("cell-{cell}.ledger"))
    }
    /// A storage node's own disk.
    pub fn storage(&self, id: &StorageId) -> PathBuf {
        self.0.join("storage").join(id.as_str())
    }
    pub fn storage_socket(&self, id: &StorageId) -> PathBuf {
        self.socket(&format!("storage-{id}"))
    }
    /// `node`: a zone's letter.
    pub fn index_socket(&self, node: &str) -> PathBuf {
        self.socket(&format!("index-{node}"))
    }
    /// The key that seals objects' keys, 0600; the gateway's alone.
    pub fn object_key(&self) -> PathBuf {
        self.0.join("object.key")
    }
    /// KMS's root key, 0600: seals the material of every key of the region.
    pub fn kms_key(&self) -> PathBuf {
        self.0.join("kms.key")
    }
    /// The passphrase of KMS's root key as a TPM sealed it, if one did.
    pub fn kms_tpm(&self) -> PathBuf {
        self.0.join("kms.tpm")
    }
    /// The keys that were pushed to a process: `gateway`, `s3-worker`.
    pub fn kms_ledger(&self, process: &str) -> PathBuf {
        self.0.join(format!("{process}.keys.ledger"))
    }
    pub fn quota_ledger(&self) -> PathBuf {
        self.0.join("gateway.quotas.ledger")
    }
    pub fn gateway_ledger(&self) -> PathBuf {
        self.0.join("gateway.ledger")
    }
    /// Parts of the gateway's directory of identities.
    pub fn gateway_identities(&self) -> PathBuf {
        self.0.join("gateway.identities")
    }
    /// The newest code of each MFA device that the gateway took.
    pub fn gateway_codes(&self) -> PathBuf {
        self.0.join("gateway.codes")
    }
    /// Segments of the audit trail.
    pub fn audit(&self) -> PathBuf {
        self.0.join("audit")
    }
    /// Queues that S3 sends events to: `ACCOUNT/NAME.jsonl`.
    pub fn queues(&self) -> PathBuf {
        self.0.join("queues")
    }
    /// What the object store's worker has taken over and not yet done.
    pub fn s3_worker(&self) -> PathBuf {
        self.0.join("s3-worker")
    }
    /// How far each trail has been delivered, and the key that digests are signed with.
    pub fn trails(&self) -> PathBuf {
        self.0.join("trails")
    }
    pub fn trails_ledger(&self) -> PathBuf {
        self.0.join("s3-worker.trails.ledger")
    }
    /// Flow logs on their way from the cards to their buckets.
    pub fn flow_logs(&self) -> PathBuf {
        self.0.join("flow-logs")
    }
    pub fn flow_logs_ledger(&self) -> PathBuf {
        self.0.join("s3-worker.flow-logs.ledger")
    }
    /// Server access logs on their way from the gateway to their buckets.
    pub fn access_logs(&self) -> PathBuf {
        self.0.join("access-logs")
    }
    pub fn directory_ledger(&self, id: &str) -> PathBuf {
        self.0.join(format!("directory-{id}.ledger"))
    }
    /// The parts of large VPCs that a directory holds.
    pub fn directory_parts(&self, id: &str) -> PathBuf {
        self.0.join(format!("directory-{id}"))
    }
    pub fn edge_ledger(&self) -> PathBuf {
        self.0.join("edge.ledger")
    }

    /// The longest of the socket paths, for the check at start.
    pub fn fits_sockets(&self) -> bool {
        self.0.as_os_str().len() <= DATA_DIR_BYTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_socket_path_fits() {
        let dir = DataDir::new("d".repeat(DATA_DIR_BYTES_MAX));
        let port = dir.port_socket(&InterfaceId::from_random(1));
        let host: HostId = "a12-h1234".parse().unwrap();
        let lb = dir.balancer_control(&host, &InterfaceId::from_random(1));
        for p in [
            port,
            lb,
            dir.card_forward_socket(&host),
            dir.socket("control-plane"),
            dir.console_socket(&InstanceId::from_random(1)),
        ] {
            assert!(p.as_os_str().len() <= 107, "{}", p.display());
        }
    }
}
