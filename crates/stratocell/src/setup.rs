//! The first `up` of a data directory: decides the region's tree, its addresses and its first credentials, once.
//!
//! Underlay addresses (one a host, one for the edge) are consecutive in a random block of 127.64.0.0/10, and the public
//! pool is a random /24 of 198.18.0.0/15, so that several regions live on one machine without meeting. Later `up`s load
//! what the first one wrote; an option that says something else is refused.

use crate::cli::UpArgs;
use crate::error::CliError;
use platform::settings::{
    AuditSettings, CellSettings, DirectorySettings, HostSettings, LargeVpcSettings, RootCredentials, S3Settings, Settings,
    ShardSettings, StorageSettings,
};
use platform::{DataDir, Rng, root_key};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::PathBuf;
use types::{AzName, Ipv4Cidr};

pub const REGION: &str = "us-east-1";
pub const DEFAULT_PORT: u16 = 4566;
const DEFAULT_ACCOUNT: &str = "123456789012";
const VXLAN_PORT: u16 = 4789;
/// Tries for a free random block before giving up.
const TRIES_MAX: u32 = 64;

/// What the machine has, for the sizes of hosts.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    pub cores: u32,
    pub memory_mib: u64,
    pub disk_free_gib: u64,
}

/// How many zones, cells and hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub azs: u8,
    pub cells_per_az: u8,
    pub hosts_per_cell: u8,
    /// Storage nodes. Three copies want three nodes, so one zone has three of them by default, several zones two each.
    pub storage_per_az: u8,
    /// `None`: each host is a rack of its own.
    pub racks_per_az: Option<u16>,
}

impl Shape {
    fn hosts(self) -> u32 {
        u32::from(self.azs) * u32::from(self.cells_per_az) * u32::from(self.hosts_per_cell)
    }
}

/// The address that loopback offers for a public one: 198.18.x.y is 127.18.x.y, 198.19.x.y is 127.19.x.y.
pub fn alias(public: Ipv4Addr) -> Ipv4Addr {
    let [_, b, c, d] = public.octets();
    Ipv4Addr::new(127, b, c, d)
}

/// The region's tree. Hosts promise more than the machine has: an idle guest touches a fraction of its memory, and
/// root disks are sparse. vCPUs: 8 a core, at least 16 a host. Memory: 9/8 of the machine's, shared evenly, at least
/// 2 GiB a host. Disk: twice what is free, shared evenly, at least 100 GiB a host.
pub fn plan(shape: Shape, machine: Machine, port: u16, underlay: Ipv4Addr, pool: Ipv4Cidr, args: &UpArgs) -> Settings {
    let hosts = u64::from(shape.hosts().max(1));
    let vcpus = (8 * machine.cores).max(16);
    let memory_mib = (machine.memory_mib * 9 / 8 / hosts).clamp(2048, 1 << 20) as u32;
    let disk_gib = (machine.disk_free_gib * 2 / hosts).clamp(100, 64 << 10) as u32;
    let mut next = u32::from(underlay);
    let mut address = || {
        next += 1;
        Ipv4Addr::from(next)
    };
    let edge_underlay = address();
    let mut cells = Vec::new();
    for z in 0..shape.azs {
        let letter = char::from(b'a' + z);
        // Neighbours share a rack, so that a cell lies in as few as can be.
        let in_zone = u16::from(shape.cells_per_az) * u16::from(shape.hosts_per_cell);
        let rack = |c: u8, h: u8| {
            let nth = u16::from(c - 1) * u16::from(shape.hosts_per_cell) + u16::from(h - 1);
            shape.racks_per_az.map(|racks| format!("{letter}-r{}", 1 + u32::from(nth) * u32::from(racks) / u32::from(in_zone)))
        };
        for c in 1..=shape.cells_per_az {
            let id = format!("{letter}{c}");
            let hosts = (1..=shape.hosts_per_cell)
                .map(|h| HostSettings {
                    id: name(&format!("{id}-h{h}")),
                    underlay: address(),
                    vcpus,
                    memory_mib,
                    disk_gib,
                    rack: rack(c, h),
                })
                .collect();
            cells.push(CellSettings { id: name(&id), az: name(&format!("{REGION}{letter}")), hosts });
        }
    }
    let zones = (0..shape.azs).map(|z| char::from(b'a' + z));
    let directories = zones
        .map(|letter| DirectorySettings { id: letter.to_string(), az: name(&format!("{REGION}{letter}")), underlay: address() })
        .collect();
    Settings {
        format: 1,
        region: name(REGION),
        port,
        storage: storage_nodes(cells.iter().map(|c| &c.az), shape.storage_per_az),
        cells,
        edge_underlay,
        large_vpcs: LargeVpcSettings { directories, ..Default::default() },
        shards: args.cells_per_account.map_or_else(ShardSettings::default, |n| ShardSettings { cells_per_account: n }),
        public_pool: pool,
        ipv6_pool: args.ipv6_pool.unwrap_or_else(platform::settings::ipv6_pool),
        account: args.account.clone().unwrap_or_else(|| name(DEFAULT_ACCOUNT)),
        audit: AuditSettings {
            mib_max: args.audit_mib,
            deliver_seconds: args.trail_deliver,
            digest_seconds: args.trail_digest,
            flow_log_seconds: args.flow_log_deliver,
        },
        s3: S3Settings {
            aws_defaults: args.s3_aws_defaults,
            lifecycle_day_seconds: args.s3_lifecycle_day,
            index_shard_bytes: args.s3_index_shard,
            ..S3Settings::default()
        },
        bulk_frames: Default::default(),
        host_route: args.host_route,
        kms_passphrase_file: None,
        limits: Default::default(),
    }
}

/// The object store's nodes, `a1`, `a2`, `b1`, ... for zones that may be named several times in a row.
pub fn storage_nodes<'a>(zones: impl Iterator<Item = &'a AzName>, per_az: u8) -> Vec<StorageSettings> {
    let mut zones: Vec<&AzName> = zones.collect();
    zones.dedup();
    let node =
        |az: &AzName, n| StorageSettings { id: name(&format!("{}{n}", &az.as_str()[az.as_str().len() - 1..])), az: az.clone() };
    zones.into_iter().flat_map(|az| (1..=per_az).map(move |n| node(az, n))).collect()
}

pub fn default_storage_per_az(azs: u8) -> u8 {
    if azs == 1 { 3 } else { 2 }
}

/// A name made here of checked parts.
fn name<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("made of a letter and numbers")
}

/// The shape that stored settings have.
fn shape_of(settings: &Settings) -> Shape {
    let zones = settings.zones().len().max(1);
    let racks: BTreeSet<&str> = settings.cells.iter().flat_map(|c| &c.hosts).filter_map(|h| h.rack.as_deref()).collect();
    Shape {
        racks_per_az: (!racks.is_empty()).then_some((racks.len() / zones) as u16),
        azs: zones as u8,
        cells_per_az: (settings.cells.len() / zones) as u8,
        hosts_per_cell: settings.cells.first().map_or(0, |c| c.hosts.len()) as u8,
        storage_per_az: (settings.storage.len() / zones) as u8,
    }
}

/// Refuses options that contradict what the directory holds.
pub fn check_against(settings: &Settings, root: &RootCredentials, args: &UpArgs) -> Result<(), CliError> {
    let shape = shape_of(settings);
    let differ = |option: &str, given: String, held: String| {
        Err(CliError::refused(format!(
            "this data directory was made with {option} {held}, not {given}: leave the option out to resume it, \
             or start anew with `stratocell down --purge` or another --data-dir"
        )))
    };
    let counts = [
        ("--azs", args.azs, shape.azs),
        ("--cells-per-az", args.cells_per_az, shape.cells_per_az),
        ("--hosts-per-cell", args.hosts_per_cell, shape.hosts_per_cell),
        ("--cells-per-account", args.cells_per_account, settings.shards.cells_per_account),
        ("--storage-per-az", args.storage_per_az, shape.storage_per_az),
    ];
    for (option, given, held) in counts {
        if let Some(given) = given.filter(|g| *g != held) {
            return differ(option, given.to_string(), held.to_string());
        }
    }
    if let Some(given) = args.racks.filter(|g| Some(*g) != shape.racks_per_az) {
        let held = shape.racks_per_az.map_or("left out".to_owned(), |n| n.to_string());
        return differ("--racks", given.to_string(), held);
    }
    if let Some(given) = args.account.as_ref().filter(|a| **a != settings.account) {
        return differ("--account", given.to_string(), settings.account.to_string());
    }
    if let Some(given) = args.ipv6_pool.filter(|p| *p != settings.ipv6_pool) {
        return differ("--ipv6-pool", given.to_string(), settings.ipv6_pool.to_string());
    }
    if let Some(given) = args.access_key.as_ref().filter(|k| **k != root.access_key) {
        return differ("--access-key", given.clone(), root.access_key.clone());
    }
    if args.secret_key.as_ref().is_some_and(|k| *k != root.secret_key) {
        return differ("--secret-key", "the given one".to_owned(), "another one".to_owned());
    }
    Ok(())
}

/// The administrator's keys: as given, or random in the form of AWS's own.
pub fn credentials(args: &UpArgs, rng: &mut impl Rng) -> Result<RootCredentials, CliError> {
    const KEY_ID: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut random = |alphabet: &[u8], n: usize| -> String {
        (0..n).map(|_| char::from(alphabet[rng.below(alphabet.len() as u64) as usize])).collect()
    };
    let access_key = args.access_key.clone().unwrap_or_else(|| format!("AKIA{}", random(KEY_ID, 16)));
    let secret_key = args.secret_key.clone().unwrap_or_else(|| random(SECRET, 40));
    if !(4..=128).contains(&access_key.len()) || !access_key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(CliError::refused("an access key has 4 to 128 letters, digits or underscores"));
    }
    if !(4..=128).contains(&secret_key.len()) || !secret_key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(CliError::refused("a secret key has 4 to 128 printable characters without spaces"));
    }
    Ok(RootCredentials { account: args.account.clone().unwrap_or_else(|| name(DEFAULT_ACCOUNT)), access_key, secret_key })
}

/// A claim on the public pool: a socket on the alias of its last address, which nobody else gets to bind.
#[derive(Debug)]
pub struct PoolClaim(#[expect(dead_code, reason = "held, not used")] UdpSocket);

pub fn claim_pool(pool: Ipv4Cidr) -> std::io::Result<PoolClaim> {
    UdpSocket::bind((alias(pool.last()), VXLAN_PORT)).map(PoolClaim)
}

/// Makes the settings and credentials of a new directory and writes them; the claim on the pool is held already.
pub fn create(
    dir: &DataDir,
    machine: Machine,
    args: &UpArgs,
    kms_passphrase_file: Option<PathBuf>,
    rng: &mut impl Rng,
) -> Result<(Settings, PoolClaim), CliError> {
    let azs = args.azs.unwrap_or(3);
    let shape = Shape {
        azs,
        cells_per_az: args.cells_per_az.unwrap_or(1),
        hosts_per_cell: args.hosts_per_cell.unwrap_or(2),
        storage_per_az: args.storage_per_az.unwrap_or(default_storage_per_az(azs)),
        racks_per_az: args.racks,
    };
    let in_zone = u16::from(shape.cells_per_az) * u16::from(shape.hosts_per_cell);
    if let Some(racks) = args.racks.filter(|r| *r > in_zone) {
        return Err(CliError::refused(format!("--racks {racks}: each zone has {in_zone} hosts, and no rack is empty")));
    }
    let root = credentials(args, rng)?;
    let none = |what: &str| CliError::refused(format!("no free block of {what} was found: too many regions run on this machine"));
    let (pool, claim) = (0..TRIES_MAX)
        .find_map(|_| {
            let n = rng.below(512) as u32;
            let pool = Ipv4Cidr::new(Ipv4Addr::from((198 << 24) | (18 << 16) | (n << 8)), 24)?;
            Some((pool, claim_pool(pool).ok()?))
        })
        .ok_or_else(|| none("public addresses in 198.18.0.0/15"))?;
    let underlay = (0..TRIES_MAX)
        .map(|_| Ipv4Addr::from((127 << 24) | (64 << 16) | ((rng.below(16_000) as u32) << 8)))
        .find(|base| underlay_is_free(*base, shape.hosts() + 1 + u32::from(shape.azs)))
        .ok_or_else(|| none("tunnel addresses in 127.64.0.0/10"))?;
    let settings = plan(shape, machine, args.port.unwrap_or(DEFAULT_PORT), underlay, pool, args);
    let settings = Settings { kms_passphrase_file, ..settings };
    root_key(dir, &settings)?;
    // The credentials first: settings.json says that the directory is complete.
    root.save(dir).map_err(CliError::io("write the credentials"))?;
    settings.save(dir).map_err(CliError::io("write the settings"))?;
    Ok((settings, claim))
}

/// Makes KMS's root key, if there is none, or proves that the one there is can be opened: before any role starts, as roles
/// that each made one would lose what the others sealed.
pub fn root_key(dir: &DataDir, settings: &Settings) -> Result<(), CliError> {
    let refused = |reason: String| CliError::refused(format!("KMS's root key, {}: {reason}", dir.kms_key().display()));
    if root_key::read(dir).map_err(CliError::io("read KMS's root key"))?.is_none() {
        let passphrase = root_key::passphrase(settings.kms_passphrase_file.as_deref())
            .map_err(CliError::io("read the passphrase of KMS's root key"))?;
        let text = kms::RootKey::generate().and_then(|key| key.to_file(passphrase.as_deref().map(String::as_str)));
        let text = text.map_err(|e| refused(e.to_string()))?;
        root_key::create(dir, &text).map_err(CliError::io("write KMS's root key"))?;
    }
    root_key::open(dir, settings, kms::RootKey::parse).map(|_| ()).map_err(|e| refused(e.to_string()))
}

fn underlay_is_free(base: Ipv4Addr, count: u32) -> bool {
    (1..=count).all(|i| UdpSocket::bind((Ipv4Addr::from(u32::from(base) + i), VXLAN_PORT)).is_ok())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use platform::SeededRng;

    pub fn args() -> UpArgs {
        UpArgs {
            port: None,
            azs: None,
            cells_per_az: None,
            cells_per_account: None,
            hosts_per_cell: None,
            storage_per_az: None,
            racks: None,
            ipv6_pool: None,
            account: None,
            access_key: None,
            secret_key: None,
            detach: false,
            json: false,
            ephemeral: false,
            host_route: false,
            s3_aws_defaults: false,
            s3_lifecycle_day: 86_400,
            s3_index_shard: 2 << 30,
            audit_mib: 1024,
            trail_deliver: 60,
            flow_log_deliver: 300,
            trail_digest: 3_600,
            no_profile: false,
            kms_passphrase_file: None,
            tpm: None,
            supervised: false,
        }
    }

    pub fn example(azs: u8, cells_per_az: u8, hosts_per_cell: u8) -> Settings {
        let machine = Machine { cores: 2, memory_mib: 16 << 10, disk_free_gib: 50 };
        let shape = Shape { azs, cells_per_az, hosts_per_cell, storage_per_az: 2, racks_per_az: None };
        plan(shape, machine, 4566, "127.64.9.0".parse().unwrap(), "198.18.7.0/24".parse().unwrap(), &args())
    }

    #[test]
    fn the_tree_has_the_shape_that_was_asked_for() {
        let s = example(3, 2, 2);
        let ids: Vec<_> = s.cells.iter().map(|c| format!("{}:{}", c.az, c.id)).collect();
        assert_eq!(ids.join(" "), "us-east-1a:a1 us-east-1a:a2 us-east-1b:b1 us-east-1b:b2 us-east-1c:c1 us-east-1c:c2");
        assert_eq!(shape_of(&s), Shape { azs: 3, cells_per_az: 2, hosts_per_cell: 2, storage_per_az: 2, racks_per_az: None });
        let hosts: Vec<_> = s.cells.iter().flat_map(|c| &c.hosts).collect();
        assert_eq!((hosts.len(), hosts[0].id.as_str(), hosts[11].id.as_str()), (12, "a1-h1", "c2-h2"));
        let mut addresses: Vec<_> = hosts.iter().map(|h| h.underlay).chain([s.edge_underlay]).collect();
        addresses.extend(s.large_vpcs.directories.iter().map(|d| d.underlay));
        addresses.sort();
        addresses.dedup();
        assert_eq!(addresses.len(), 16);
        assert_eq!((hosts[0].vcpus, hosts[0].memory_mib, hosts[0].disk_gib), (16, 2048, 100));
    }

    #[test]
    fn hosts_of_a_zone_are_divided_into_racks() {
        for (cells, hosts, racks, want) in [
            (1, 4, Some(2), "r1 r1 r2 r2"),
            (2, 2, Some(2), "r1 r1 r2 r2"),
            (2, 3, Some(2), "r1 r1 r1 r2 r2 r2"),
            (1, 5, Some(3), "r1 r1 r2 r2 r3"),
            (1, 3, Some(1), "r1 r1 r1"),
            (1, 2, Some(2), "r1 r2"),
        ] {
            let machine = Machine { cores: 2, memory_mib: 16 << 10, disk_free_gib: 50 };
            let shape = Shape { azs: 2, cells_per_az: cells, hosts_per_cell: hosts, storage_per_az: 2, racks_per_az: racks };
            let underlay = "127.64.9.0".parse().unwrap();
            let s = plan(shape, machine, 4566, underlay, "198.18.7.0/24".parse().unwrap(), &args());
            for zone in ["a", "b"] {
                let of_it = s.cells.iter().filter(|c| c.id.as_str().starts_with(zone)).flat_map(|c| &c.hosts);
                let got: Vec<&str> = of_it.map(|h| h.rack().strip_prefix(&format!("{zone}-")).unwrap()).collect();
                assert_eq!(got.join(" "), want);
            }
            assert_eq!(shape_of(&s), shape);
        }
    }

    #[test]
    fn what_contradicts_the_stored_settings_is_refused() {
        let s = example(3, 1, 2);
        let root = credentials(&args(), &mut SeededRng::new(1)).unwrap();
        assert!(check_against(&s, &root, &args()).is_ok());
        assert!(check_against(&s, &root, &UpArgs { azs: Some(3), port: Some(1), host_route: true, ..args() }).is_ok());
        for bad in [
            UpArgs { azs: Some(2), ..args() },
            UpArgs { cells_per_az: Some(2), ..args() },
            UpArgs { cells_per_account: Some(2), ..args() },
            UpArgs { hosts_per_cell: Some(1), ..args() },
            UpArgs { storage_per_az: Some(5), ..args() },
            UpArgs { racks: Some(2), ..args() },
            UpArgs { ipv6_pool: Some("2001:db8:100::/40".parse().unwrap()), ..args() },
            UpArgs { account: Some("111111111111".parse().unwrap()), ..args() },
            UpArgs { access_key: Some("AKIAOTHER".into()), ..args() },
            UpArgs { secret_key: Some("other".into()), ..args() },
        ] {
            let e = check_against(&s, &root, &bad).unwrap_err().to_string();
            assert!(e.contains("--") && !e.contains(&root.secret_key), "{e}");
        }
    }

    #[test]
    fn keys_look_like_awss_own() {
        let root = credentials(&args(), &mut SeededRng::new(7)).unwrap();
        assert!(root.access_key.starts_with("AKIA") && root.access_key.len() == 20 && root.secret_key.len() == 40);
        for bad in ["", "a b", "abc", "kéy-x"] {
            assert!(credentials(&UpArgs { access_key: Some(bad.into()), ..args() }, &mut SeededRng::new(1)).is_err());
        }
    }

    #[test]
    fn aliases_of_public_addresses() {
        assert_eq!(alias("198.19.4.5".parse().unwrap()), Ipv4Addr::new(127, 19, 4, 5));
    }
}
