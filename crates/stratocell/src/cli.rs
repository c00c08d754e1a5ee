//! The command line's words. Names and defaults are a contract: tests and users rely on them.

use clap::{Args, Parser, Subcommand};
use platform::DataDir;
use std::path::PathBuf;
use types::{AccountId, AzName, HostId, InstanceId, InterfaceId, Ipv6Cidr};
use wire::edge::OUTSIDE6;

#[derive(Debug, Parser)]
#[command(
    name = "stratocell",
    version,
    about = "An AWS-compatible cloud on this machine: real VMs, real packets, no root",
    before_help = "Examples:
  stratocell up --detach                      start a region with three zones
  eval \"$(stratocell env)\"                    let the AWS CLI and SDKs use it
  aws ec2 describe-availability-zones
  stratocell fault inject az/us-east-1a kill  lose a zone
  stratocell down --purge                     stop and leave nothing
",
    max_term_width = 120
)]
pub struct Cli {
    /// Where everything is kept [default: ~/.local/share/stratocell/dev]
    #[arg(long, global = true, env = "STRATOCELL_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the region, or resume it
    Up(UpArgs),
    /// Wait until everything answers
    Ready {
        /// Seconds to wait
        #[arg(long, default_value_t = 30, value_name = "S")]
        timeout: u64,
    },
    /// Print the shell lines that point the AWS CLI and SDKs here
    Env,
    /// Show the region as a tree: zones, cells, hosts, instances
    Status {
        #[arg(long)]
        json: bool,
    },
    /// List the processes
    Ps {
        #[arg(long)]
        json: bool,
    },
    /// Print the processes' logs
    Logs {
        /// A process as `ps` names it; all when left out
        role: Option<String>,
        /// Go on with what is written from now on
        #[arg(short, long)]
        follow: bool,
        /// Lines from the end of each log
        #[arg(short = 'n', long, default_value_t = 100)]
        lines: usize,
        /// Print instead what the flow logs of a host's interfaces have counted, newest last
        #[arg(long, value_name = "HOST", conflicts_with_all = ["role", "follow"])]
        flows: Option<HostId>,
    },
    /// Stop everything; instances come back at the next `up`
    Down {
        /// Delete the data directory's contents too
        #[arg(long)]
        purge: bool,
    },
    /// Check this machine and print the fix for what is missing
    Doctor {
        #[arg(long)]
        json: bool,
    },
    /// Show an instance's serial console; interactive on a terminal (Ctrl-] leaves)
    Console { instance: InstanceId },
    /// Log in to an instance with ssh, whatever its security groups say
    Ssh {
        instance: InstanceId,
        /// The private key
        #[arg(short, long, value_name = "KEY")]
        identity: Option<PathBuf>,
        /// The user in the guest
        #[arg(short, long, default_value = "root")]
        login: String,
        /// What to run instead of a shell
        #[arg(last = true)]
        command: Vec<String>,
    },
    /// Listen on 127.0.0.1:LOCAL and connect to a TCP port of an instance
    Forward {
        /// INSTANCE:PORT
        target: ForwardTarget,
        /// The local port (0: any, it is printed)
        #[arg(required_unless_present = "stdio", default_value_t = 0)]
        local: u16,
        /// One connection over standard input and output instead of a port
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Say whether a packet gets from SRC to DST and its answer back, and what decides; nothing is sent
    #[command(before_help = "Examples:
  stratocell reach i-0123456789abcdef0 10.0.2.7:80
  stratocell reach vpc-0123456789abcdef0/10.0.1.5 198.51.100.9:53 --protocol udp
  stratocell reach eni-0123456789abcdef0 s3:80

Ends with 0 when it is reachable and 1 when it is not")]
    Reach(ReachArgs),
    /// Show the table that a host forwards by: connections, rules, addresses, routes, drops
    Flows(FlowsArgs),
    /// Balance HTTP over plain processes by a document, without a region; SIGHUP reads it again
    Lb(LbArgs),
    /// Say how likely stored objects are lost, from a model and its inputs
    Durability(DurabilityArgs),
    /// Run a region of any size under virtual time and say how it did
    #[command(before_help = "Examples:
  stratocell simulate                                      three zones, 3,000 hosts, two minutes
  stratocell simulate --chaos --hosts 40 --svg run.svg     everything breaks; charts
  stratocell simulate --regions 30 --zones 100 --cells 1 --hosts 10000 --accounts 100
  stratocell simulate --trace arrivals.csv                 CSV: start_ms, end_ms, vcpus, memory_mib, ...

Ends with 0 when everything held that must hold and 1 when it did not")]
    Simulate(SimulateArgs),
    /// Tell how a request was decided (which statement of which policy allowed or denied it, or what was missing), or why an
    /// instance is on its host
    Explain {
        /// As the reply or the error gave it, or i-...
        #[arg(value_name = "REQUEST-ID|INSTANCE")]
        subject: String,
    },
    /// The audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Other accounts
    #[command(subcommand)]
    Account(AccountCommand),
    /// Keys of identity providers, for AssumeRoleWithWebIdentity
    #[command(
        subcommand,
        before_help = "Examples:
  curl -s https://id.example.com/keys | stratocell oidc add-keys https://id.example.com -
  stratocell oidc remove-keys https://id.example.com"
    )]
    Oidc(OidcCommand),
    /// Hosts' cards, which carry the packets of their guests
    #[command(
        subcommand,
        before_help = "Examples:
  stratocell card upgrade a1-h1                      let this program take over, while packets flow
  stratocell card upgrade a1-h1 --program ./stratocell"
    )]
    Card(CardCommand),
    /// Zones: keep new launches out of one, and let them in again
    #[command(subcommand)]
    Az(AzCommand),
    /// Break something, heal it, list what is broken, report what came of it
    #[command(
        subcommand,
        before_help = "Examples:
  stratocell fault inject az/us-east-1a kill --plan      what would be struck; nothing is
  stratocell fault inject az/us-east-1a kill --for 5m    it heals by itself
  stratocell fault inject host/a1-h2 pause
  stratocell fault heal                                  heal everything
  stratocell fault report                                what happened since, and how long it took

Targets: control-plane, gateway, edge, cell/ID, host/ID, rack/NAME, storage/ID, az/NAME, process/NAME (a name of `stratocell ps`)
Kinds:   kill (down until healed), pause (stands still until healed); of storage/ID and az/NAME also
         disk-full (no room for more until healed) and corrupt (flips bits in what is stored, once)
Links:   link/HOST~HOST (packets of their guests), link/HOST~CELL and link/CELL~region (orders and reports): partition (nothing
         passes) or slow (200 ms more, one packet of 20 lost), in force within a second
"
    )]
    Fault(FaultCommand),
    /// Give the region's processes another program, in waves: a host, a cell, a cell with users, then all; what is not well with it
    /// gets the old one back
    #[command(
        subcommand,
        before_help = "Examples:
  stratocell rollout start --binary ./stratocell              15 minutes for the first host, an hour for the first cell, ...
  stratocell rollout start --binary ./stratocell --plan p.json --yes
  stratocell rollout status
  stratocell rollout approve                                  after the canaries

A plan (JSON) has any of: one_box (a host), canary_cell, production_cell, regional_percent ([10, 25, 50, 100]),
bake_seconds ({one_box, canary_cell, production_canary, regional}), start_seconds, missing_seconds,
thresholds ({failures, launch_failures, api_errors, p99_increase, p99_floor_ms, samples_min})"
    )]
    Rollout(RolloutCommand),
}

#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// The same seed gives the same run
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Regions, one after the other
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub regions: u32,
    /// Zones of all regions together
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub zones: u32,
    /// Cells a zone
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub cells: u32,
    /// Hosts a cell
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub hosts: u32,
    /// Accounts a region
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub accounts: u64,
    /// How full hosts are before the run, in percent of vCPUs
    #[arg(long, default_value_t = 60, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub filled: u32,
    /// Seconds of virtual time with load
    #[arg(long, default_value_t = 120, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// Launches a second and region [default: one for each 200 hosts]
    #[arg(long, value_name = "N")]
    pub rate: Option<f64>,
    /// This many times the rate, for a minute in the middle
    #[arg(long, value_name = "TIMES")]
    pub storm: Option<f64>,
    /// What is asked for: small, usual, large, memory, all families
    #[arg(long, default_value = "usual")]
    pub mix: String,
    /// Instances from a CSV file instead
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// A bad network, and random faults of hosts, racks, controllers, stores, links and zones
    #[arg(long)]
    pub chaos: bool,
    /// Also write charts
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct DurabilityArgs {
    /// The share of disks that fail for good within a year
    #[arg(long, default_value_t = 0.02, value_name = "SHARE")]
    pub afr: f64,
    /// Hours until a lost shard is whole again [default: as last measured by the running nodes, else 24]
    #[arg(long, value_name = "H")]
    pub repair_hours: Option<f64>,
    /// How often a zone is destroyed, a year
    #[arg(long, default_value_t = 0.001, value_name = "RATE")]
    pub zone_losses: f64,
    /// Hours until a destroyed zone's shards are restored elsewhere
    #[arg(long, default_value_t = 168.0, value_name = "H")]
    pub zone_repair_hours: f64,
}

#[derive(Debug, Clone, Args)]
pub struct ReachArgs {
    /// An instance, an interface, or an address (VPC/ADDRESS where several VPCs have it)
    #[arg(value_name = "SRC")]
    pub source: String,
    /// An instance, an interface, an address or a service (s3), and a port; an IPv6 address is in brackets before one
    #[arg(value_name = "DST[:PORT]")]
    pub destination: String,
    /// tcp, udp, icmp or IP's number [default: tcp with a port, icmp echo without]
    #[arg(short, long, value_name = "P")]
    pub protocol: Option<ProtocolArg>,
    /// Where the sender listens for the answer: network ACLs judge it
    #[arg(long, value_name = "PORT", default_value_t = 50_000, value_parser = clap::value_parser!(u16).range(1..))]
    pub source_port: u16,
    #[arg(long)]
    pub json: bool,
}

/// IP's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolArg(pub u8);

impl std::str::FromStr for ProtocolArg {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "icmp" => Ok(Self(1)),
            "tcp" => Ok(Self(6)),
            "udp" => Ok(Self(17)),
            n => n.parse().map(Self).map_err(|_| format!("\"{s}\" is not tcp, udp, icmp or a number from 0 to 255")),
        }
    }
}

#[derive(Debug, Clone, Args)]
pub struct FlowsArgs {
    /// A host as `stratocell status` names it
    pub host: HostId,
    /// Only what concerns this interface
    #[arg(long, value_name = "ENI")]
    pub interface: Option<InterfaceId>,
    /// Rows of each kind at most
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rows: u32,
    #[arg(long)]
    pub json: bool,
}

/// A canonical prefix of unicast addresses from which /56 blocks can be cut, without the edge's own.
fn ipv6_pool(text: &str) -> Result<Ipv6Cidr, String> {
    let pool: Ipv6Cidr = text.parse().map_err(|e: types::ParseNetError| e.to_string())?;
    let unicast = ["2000::/3", "fc00::/7"].iter().filter_map(|r| r.parse::<Ipv6Cidr>().ok()).any(|r| r.contains_cidr(pool));
    match pool.is_canonical() && unicast && (16..=56).contains(&pool.prefix_len()) {
        true if pool.contains(OUTSIDE6) => Err(format!("{OUTSIDE6} in it stands for this machine's own programs")),
        true => Ok(pool),
        false => Err("expected a prefix of 16 to 56 bits inside 2000::/3 or fc00::/7, without host bits".to_owned()),
    }
}

#[derive(Debug, Clone, Args)]
pub struct UpArgs {
    /// The API's port on 127.0.0.1 (0: any) [default: 4566]
    #[arg(long)]
    pub port: Option<u16>,
    /// Availability zones, 1 to 6 [default: 3]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=6))]
    pub azs: Option<u8>,
    /// Cells in each zone, 1 to 9 [default: 1]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub cells_per_az: Option<u8>,
    /// Cells of each zone that an account's launches may go to (its shuffle shard), 1 to 9 [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=9))]
    pub cells_per_account: Option<u8>,
    /// Hosts in each cell, 1 to 32 [default: 2]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub hosts_per_cell: Option<u8>,
    /// Racks in each zone, which its hosts are divided into: what fails as one, and what spread placement groups spread over
    /// [default: each host is a rack of its own]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=288))]
    pub racks: Option<u16>,
    /// Storage nodes in each zone: how wide cold data is coded [default: 2, or 3 with one zone]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=9))]
    pub storage_per_az: Option<u8>,
    /// New buckets as AWS makes them since 2023: ACLs disabled, public access blocked
    #[arg(long)]
    pub s3_aws_defaults: bool,
    /// What S3's lifecycle rules take for a day, for tests
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 86_400, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub s3_lifecycle_day: u32,
    /// Bytes of a shard of the object index from which on it is split, for tests
    #[arg(long, hide = true, value_name = "BYTES", default_value_t = 2 << 30)]
    pub s3_index_shard: u64,
    /// MiB that the audit trail may take, three quarters of it for calls on objects; older parts of it go
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(128..=1 << 20))]
    pub audit_mib: u32,
    /// Between two files that a trail delivers to its bucket, for tests
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=900))]
    pub trail_deliver: u32,
    /// Between two digests of those files, for tests
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub trail_digest: u32,
    /// Between two files that a flow log delivers to its bucket, for tests
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=900))]
    pub flow_log_deliver: u32,
    /// The addresses that VPCs get their IPv6 blocks of, a /56 each: /16 to /56 [default: 2001:db8:5c00::/40]
    #[arg(long, value_name = "CIDR", value_parser = ipv6_pool)]
    pub ipv6_pool: Option<Ipv6Cidr>,
    /// The first account [default: 123456789012]
    #[arg(long)]
    pub account: Option<AccountId>,
    /// The access key of the account's administrator [default: random]
    #[arg(long, value_name = "K")]
    pub access_key: Option<String>,
    /// Its secret key [default: random]
    #[arg(long, env = "STRATOCELL_SECRET_KEY", hide_env_values = true, value_name = "S")]
    pub secret_key: Option<String>,
    /// Return when it is ready and leave it running
    #[arg(short, long)]
    pub detach: bool,
    /// Print one JSON object when ready
    #[arg(long)]
    pub json: bool,
    /// Delete the data directory's contents at the end
    #[arg(long)]
    pub ephemeral: bool,
    /// Put a TAP and a route for the public addresses on this machine (needs root)
    #[arg(long)]
    pub host_route: bool,
    /// The passphrase of KMS's root key is the first line of this file, also for later starts. Or in the environment as
    /// STRATOCELL_KMS_PASSPHRASE, which each start then needs [default: the key is kept without a passphrase]
    #[arg(long, value_name = "FILE")]
    pub kms_passphrase_file: Option<PathBuf>,
    /// KMS's root key under this TPM 2.0, also for later starts: a device (/dev/tpmrm0) or a software TPM's socket [default:
    /// the key is kept without one]
    #[arg(long, value_name = "DEVICE", conflicts_with = "kms_passphrase_file")]
    pub tpm: Option<PathBuf>,
    /// Leave ~/.aws alone
    #[arg(long)]
    pub no_profile: bool,
    /// Started by `up --detach`, which has made the settings and prints what there is to print.
    #[arg(long, hide = true)]
    pub supervised: bool,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the trail's hash chain and name the first place where a line was removed, changed or moved
    Verify,
}

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Make an account and print its administrator's credentials
    Create {
        name: String,
        /// Its 12 digits [default: random]
        #[arg(long)]
        account: Option<AccountId>,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum OidcCommand {
    /// Set the public keys of an issuer, in place of those that it had
    AddKeys {
        /// As in the tokens' iss claim
        issuer: String,
        /// A JWK set (RFC 7517); - reads standard input
        file: PathBuf,
    },
    /// Forget the keys of an issuer: its tokens are refused
    RemoveKeys { issuer: String },
}

#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Start another program as a host's card, which takes over connections, state and counters of the running one
    Upgrade {
        /// A host as `stratocell status` names it
        host: HostId,
        /// The program [default: the one that is asked]
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum FaultCommand {
    /// Break a target until it is healed
    Inject {
        target: String,
        kind: String,
        /// Heal it by itself after this time at most: 90s, 5m, 2h, at most 7d. Given again, it counts from then
        #[arg(long = "for", value_name = "TIME", conflicts_with = "plan")]
        lasting: Option<Span>,
        /// Only print what it would strike
        #[arg(long)]
        plan: bool,
        /// With --plan
        #[arg(long, requires = "plan")]
        json: bool,
    },
    /// Heal a target, or everything
    Heal { target: Option<String> },
    /// What is broken now
    List {
        #[arg(long)]
        json: bool,
    },
    /// What happened from the first of the last faults until all was well again, second by second
    Report {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum RolloutCommand {
    /// Take a program in and give it to the first host. It ends by itself: everywhere, or nowhere
    Start {
        /// The program. It is copied
        #[arg(long, value_name = "FILE")]
        binary: PathBuf,
        /// Hosts, cells, times and limits (JSON) [default: see `rollout --help`]
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        /// Ask for no approval after the canaries
        #[arg(long)]
        yes: bool,
        #[arg(long)]
        json: bool,
    },
    /// Show the last rollout: its waves, what was measured, why it was halted
    Status {
        #[arg(long)]
        json: bool,
    },
    /// Let it go on after the canaries
    Approve,
    /// Give everything the old program again
    Abort,
    /// All rollouts of this data directory, the last 32
    List {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum AzCommand {
    /// No new instances there: launches that name no zone go to others, those that name it fail
    /// (InsufficientInstanceCapacity). What runs there goes on
    Impair { zone: AzName },
    /// Launches may go there again
    Restore { zone: AzName },
}

/// Seconds, written `90s`, `5m`, `2h`, `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub u64);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let wanted = || format!("\"{s}\" is not a time from 1s to 7d such as 90s, 5m, 2h");
        let unit = s.chars().last().ok_or_else(wanted)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(wanted()),
        };
        let number: u64 = s[..s.len() - 1].parse().map_err(|_| wanted())?;
        number.checked_mul(seconds).filter(|s| (1..=7 * 86_400).contains(s)).map(Self).ok_or_else(wanted)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardTarget {
    pub instance: InstanceId,
    pub port: u16,
}

impl std::str::FromStr for ForwardTarget {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let wanted = || format!("\"{s}\" is not INSTANCE:PORT such as i-0123456789abcdef0:80");
        let (instance, port) = s.split_once(':').ok_or_else(wanted)?;
        let port = port.parse().ok().filter(|p| *p > 0).ok_or_else(wanted)?;
        Ok(Self { instance: instance.parse().map_err(|_| wanted())?, port })
    }
}

impl Cli {
    /// The data directory as given or by default, absolute; it need not exist.
    pub fn data_dir(&self) -> std::io::Result<DataDir> {
        let path = match &self.data_dir {
            Some(given) => given.clone(),
            None => default_data_dir(|name| std::env::var_os(name).map(PathBuf::from)).ok_or_else(|| {
                std::io::Error::other("neither HOME nor XDG_DATA_HOME is set: name a directory with --data-dir")
            })?,
        };
        // Processes are found by this path, so it has one spelling.
        Ok(DataDir::new(path.canonicalize().or_else(|_| std::path::absolute(&path))?))
    }
}

/// `$XDG_DATA_HOME/stratocell/dev`, else `~/.local/share/stratocell/dev`.
fn default_data_dir(env: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let base = env("XDG_DATA_HOME").filter(|p| p.is_absolute()).or_else(|| Some(env("HOME")?.join(".local").join("share")))?;
    Some(base.join("stratocell").join("dev"))
}

/// `stratocell lb --config FILE`, `stratocell lb status [NAME]`, `stratocell lb status --control SOCKET`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct LbArgs {
    #[command(subcommand)]
    pub command: Option<LbCommand>,
    /// The document (JSON): listeners, rules, target groups
    #[arg(long, value_name = "FILE", required = true)]
    pub config: Option<PathBuf>,
    /// Answer `lb status` and hand over to the next process here
    #[arg(long, value_name = "SOCKET")]
    pub control: Option<PathBuf>,
    /// Take the listening sockets from the balancer at --control, which then finishes its requests and ends
    #[arg(long, requires = "control")]
    pub take_over: bool,
    /// Keep the last good document here, and use it when FILE is refused at the start
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// How long requests may go on at the end
    #[arg(long, value_name = "S", default_value_t = 300)]
    pub drain_seconds: u64,
}

#[derive(Debug, Subcommand)]
pub enum LbCommand {
    /// Print what a load balancer of the region, or the one at --control, sees: addresses, targets, health, load, times
    Status {
        /// Its name, or `app/NAME/ID`; without one the region's are listed
        #[arg(conflicts_with = "control")]
        name: Option<String>,
        #[arg(long, value_name = "SOCKET")]
        control: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_words_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn forward_targets() {
        let t: ForwardTarget = "i-0123456789abcdef0:80".parse().unwrap();
        assert_eq!(t.port, 80);
        for bad in ["i-0123456789abcdef0", "i-0123456789abcdef0:0", "x:80", "i-0123456789abcdef0:http", ""] {
            assert!(bad.parse::<ForwardTarget>().is_err(), "{bad}");
        }
    }

    #[test]
    fn spans() {
        for (text, seconds) in [("1s", 1), ("90s", 90), ("5m", 300), ("2h", 7200), ("7d", 604_800)] {
            assert_eq!(text.parse(), Ok(Span(seconds)));
        }
        for bad in ["", "5", "m", "0s", "8d", "-1s", "1.5h", "5 m", "99999999999999999999d", "3é"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_default_directory_follows_xdg() {
        let home = |n: &str| (n == "HOME").then(|| PathBuf::from("/home/u"));
        assert_eq!(default_data_dir(home).unwrap(), PathBuf::from("/home/u/.local/share/stratocell/dev"));
        let xdg = |n: &str| Some(PathBuf::from(if n == "HOME" { "/home/u" } else { "/x" }));
        assert_eq!(default_data_dir(xdg).unwrap(), PathBuf::from("/x/stratocell/dev"));
        assert!(default_data_dir(|_| None).is_none());
    }
}
