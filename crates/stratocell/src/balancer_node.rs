//! A load balancer's node as a process: `stratocell role balancer-HOST-INTERFACE --data-dir DIR`. Its host's agent starts it, not
//! the supervisor.

use crate::error::CliError;
use crate::roles;
use balancer::NodeOptions;
use kms::RootKey;
use platform::{DataDir, Settings, root_key};
use types::{HostId, InterfaceId};
use zeroize::Zeroizing;

pub const PREFIX: &str = "balancer-";

/// Serves until SIGTERM.
pub fn run(node: &str, dir: &DataDir, settings: &Settings) -> Result<(), CliError> {
    let unknown = || CliError::refused(format!("there is no host and interface \"{node}\""));
    let (host, interface) = parse(node).ok_or_else(unknown)?;
    settings.host(&host).ok_or_else(unknown)?;
    let options = NodeOptions {
        interface,
        dir: dir.balancer(&host, &interface),
        door: dir.balancer_socket(&host, &interface),
        control: dir.balancer_control(&host, &interface),
        forward: dir.card_forward_socket(&host),
        drain: host_agent::agent::BALANCER_DRAIN,
    };
    // Read when a key is to be opened, and forgotten with it.
    let open = |purpose: &str, sealed: &[u8]| match root_key::open(dir, settings, RootKey::parse) {
        Ok(root) => root.open(purpose, sealed).map(|s| Zeroizing::new(s.to_vec())),
        Err(error) => {
            tracing::error!(%error, "the root key cannot be had");
            None
        }
    };
    let runtime = roles::runtime()?;
    tracing::info!(process = node, pid = std::process::id(), "started");
    let served = tokio::task::LocalSet::new().block_on(&runtime, balancer::run_node(options, Some(&open)));
    served.map_err(|e| CliError::Role(format!("{PREFIX}{node}: {}", crate::error::sentence(&e))))
}

/// `a1-h1-eni-0123456789abcdef0`
fn parse(node: &str) -> Option<(HostId, InterfaceId)> {
    let at = node.rfind("-eni-")?;
    Some((node[..at].parse().ok()?, node[at + 1..].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_a_host_and_an_interface() {
        let (host, interface) = parse("a1-h1-eni-0123456789abcdef0").unwrap();
        assert_eq!((host.as_str(), interface.to_string().as_str()), ("a1-h1", "eni-0123456789abcdef0"));
        for bad in ["", "a1-h1", "eni-0123456789abcdef0", "a1-h1-eni-", "a1-h1-eni-xyz"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
