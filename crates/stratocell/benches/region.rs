//! A region as its users meet it: time to ready, idle memory, launch to first sign of life, Describe at a rate.
//!
//! `cargo bench -p stratocell --bench region`; with `-- sandboxes [COUNT]` instead: sandbox instances, 500 at once, then up to
//! COUNT (1,000). Prints one line a figure; asserts nothing about time.

use aws_protocol::sigv4::{BodyHash, Credentials, HttpRequest, sign};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn stratocell(dir: &Path, args: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_stratocell"))
        .arg("--data-dir")
        .arg(dir)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn up(dir: &Path) -> Duration {
    let start = Instant::now();
    stratocell(dir, &["up", "--detach", "--json", "--port", "0", "--no-profile"]);
    start.elapsed()
}

struct Api {
    address: String,
    who: Credentials,
}

impl Api {
    fn of(dir: &Path) -> Self {
        let env = stratocell(dir, &["env"]);
        let get = |name: &str| {
            let line = env.lines().find(|l| l.contains(&format!("{name}="))).expect(name);
            line.split_once('=').expect("=").1.trim_matches(['\'', '"']).to_owned()
        };
        Self {
            address: get("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned(),
            who: Credentials {
                access_key: get("AWS_ACCESS_KEY_ID"),
                secret_key: get("AWS_SECRET_ACCESS_KEY"),
                session_token: None,
            },
        }
    }

    fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(&self.address).expect("the gateway listens");
        stream.set_nodelay(true).expect("nodelay");
        BufReader::new(stream)
    }

    /// One signed EC2 call on a kept connection: (status, body).
    fn call(&self, connection: &mut BufReader<TcpStream>, body: &str) -> (u16, String) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now").as_millis() as u64;
        let headers = [("host", self.address.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let request = HttpRequest { method: "POST", path: "/", query: "", headers: &headers };
        let added = sign(&request, BodyHash::of(body.as_bytes()), &self.who, "us-east-1", "ec2", types::TimestampMs(now));
        let mut text = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
        for (k, v) in headers.iter().map(|(k, v)| (*k, (*v).to_owned())).chain(added) {
            text.push_str(&format!("{k}: {v}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(body);
        connection.get_mut().write_all(text.as_bytes()).expect("sent");
        let mut line = String::new();
        connection.read_line(&mut line).expect("a status");
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let mut length = 0;
        loop {
            line.clear();
            connection.read_line(&mut line).expect("a header");
            if let Some((k, v)) = line.split_once(':')
                && k.eq_ignore_ascii_case("content-length")
            {
                length = v.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut reply = vec![0; length];
        connection.read_exact(&mut reply).expect("a body");
        (status, String::from_utf8_lossy(&reply).into_owned())
    }
}

/// (processes, RSS MiB, PSS MiB) of everything that runs in a data directory.
fn memory(dir: &Path) -> (usize, f64, f64) {
    let needle = dir.to_string_lossy().into_owned();
    let (mut n, mut rss, mut pss) = (0, 0u64, 0u64);
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let rollup = std::fs::read_to_string(entry.path().join("smaps_rollup")).unwrap_or_default();
        if !String::from_utf8_lossy(&line).contains(&needle) || rollup.is_empty() {
            continue;
        }
        let field = |name: &str| {
            let line = rollup.lines().find(|l| l.starts_with(name)).unwrap_or_default();
            line.split_whitespace().nth(1).and_then(|v| v.parse::<u64>().ok()).unwrap_or(0)
        };
        n += 1;
        rss += field("Rss:");
        pss += field("Pss:");
    }
    (n, rss as f64 / 1024.0, pss as f64 / 1024.0)
}

fn describe(api: &Api, rate: f64, seconds: f64, threads: usize, what: &str) {
    let handles: Vec<_> = (0..threads)
        .map(|t| {
            let api = Api { address: api.address.clone(), who: api.who.clone() };
            std::thread::spawn(move || {
                let mut connection = api.connect();
                let mut took = Vec::new();
                let every = Duration::from_secs_f64(threads as f64 / rate);
                let start = Instant::now();
                let mut due = start + every.mul_f64(t as f64 / threads as f64);
                while start.elapsed().as_secs_f64() < seconds {
                    // Open loop: measured from when it was due, so that a stall is not hidden.
                    if let Some(wait) = due.checked_duration_since(Instant::now()) {
                        std::thread::sleep(wait);
                    }
                    let (status, body) = api.call(&mut connection, "Action=DescribeInstances&Version=2016-11-15");
                    assert_eq!(status, 200, "{body}");
                    took.push(due.elapsed());
                    due += every;
                }
                took
            })
        })
        .collect();
    let mut took: Vec<_> = handles.into_iter().flat_map(|h| h.join().expect("a worker")).collect();
    took.sort();
    let at = |q: f64| took[((took.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;
    println!(
        "describe {what}: {:.0}/s  p50 {:.2} ms  p99 {:.2} ms  max {:.2} ms",
        took.len() as f64 / seconds,
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    Some(text.split_once(from)?.1.split_once(to)?.0)
}

/// How many instances are in each of some states.
fn count(api: &Api, connection: &mut BufReader<TcpStream>, state: &str) -> usize {
    let filter = format!("&Filter.1.Name=instance-state-name&Filter.1.Value.1={state}");
    let (status, reply) = api.call(connection, &format!("Action=DescribeInstances&Version=2016-11-15{filter}"));
    assert_eq!(status, 200, "{reply}");
    reply.matches("<instanceId>").count()
}

fn available_mib() -> f64 {
    let text = std::fs::read_to_string("/proc/meminfo").expect("meminfo");
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:")).expect("MemAvailable");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}

/// Sandbox instances by the API, in all zones: 500 at once, then up to `all` of them.
fn sandboxes(all: usize) {
    let holder = tempfile::Builder::new().prefix("scb-").tempdir_in("/tmp").expect("a directory");
    let dir = holder.path();
    // Enough hosts that their disks have room: each instance claims a GiB.
    stratocell(dir, &["up", "--detach", "--json", "--port", "0", "--no-profile", "--azs", "3", "--hosts-per-cell", "4"]);
    let api = Api::of(dir);
    let mut connection = api.connect();
    // Without public addresses, of which there are fewer.
    let launch = |connection: &mut BufReader<TcpStream>, n: usize, zone: char| {
        let (status, reply) = api.call(
            connection,
            &format!(
                "Action=RunInstances&Version=2016-11-15&ImageId=ami-micro&InstanceType=sb1.nano&MinCount={n}&MaxCount={n}\
                 &Placement.AvailabilityZone=us-east-1{zone}&NetworkInterface.1.DeviceIndex=0\
                 &NetworkInterface.1.AssociatePublicIpAddress=false"
            ),
        );
        assert_eq!(status, 200, "{reply}");
    };
    let running = |connection: &mut BufReader<TcpStream>, wanted: usize, start: Instant| {
        let mut shown = Instant::now();
        while count(&api, connection, "running") < wanted {
            assert_eq!(count(&api, connection, "terminated"), 0, "an instance could not be started");
            if shown.elapsed() > Duration::from_secs(10) {
                shown = Instant::now();
                println!("  {:.0} s: {} running", start.elapsed().as_secs_f64(), count(&api, connection, "running"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        start.elapsed().as_secs_f64()
    };
    // One in each zone, so that the image is there.
    "abc".chars().for_each(|zone| launch(&mut connection, 1, zone));
    println!("sandboxes: the first three, and the image, in {:.1} s", running(&mut connection, 3, Instant::now()));
    let (free, start) = (available_mib(), Instant::now());
    let burst = 500.min(all / 2);
    let thirds = |connection: &mut BufReader<TcpStream>, n: usize| {
        [('a', n / 3), ('b', n / 3), ('c', n - n / 3 * 2)].into_iter().for_each(|(zone, n)| launch(connection, n, zone));
    };
    thirds(&mut connection, burst);
    println!("sandboxes: {burst} in three calls accepted in {:.2} s", start.elapsed().as_secs_f64());
    println!("sandboxes: {burst} at once running after {:.1} s", running(&mut connection, burst + 3, start));
    // A description has room for a thousand.
    let rest = all - burst - 3;
    thirds(&mut connection, rest);
    println!("sandboxes: 0 to {all} running in {:.1} s", running(&mut connection, all, start));
    std::thread::sleep(Duration::from_secs(5));
    let each = (free - available_mib()) * 1024.0 / all as f64;
    println!("sandboxes: {each:.0} KiB of the machine's memory each, with ssh server, shell and what the roles keep of it");
    let start = Instant::now();
    stratocell(dir, &["down", "--purge"]);
    println!("sandboxes: down --purge in {:.1} s", start.elapsed().as_secs_f64());
}

fn main() {
    let mut words = std::env::args().skip_while(|w| w != "sandboxes").skip(1);
    if std::env::args().any(|w| w == "sandboxes") {
        let all = words.find_map(|w| w.parse().ok()).unwrap_or(1000);
        return sandboxes(all);
    }
    let holder = tempfile::Builder::new().prefix("scb-").tempdir_in("/tmp").expect("a directory");
    let dir = holder.path();
    let mut ready: Vec<_> = (0..5)
        .map(|_| {
            let took = up(dir);
            stratocell(dir, &["down"]);
            took.as_secs_f64() * 1e3
        })
        .collect();
    let first = ready.remove(0);
    ready.sort_by(f64::total_cmp);
    println!("up to ready: first {first:.0} ms, again median {:.0} ms", ready[ready.len() / 2]);
    up(dir);
    std::thread::sleep(Duration::from_secs(5));
    let (n, rss, pss) = memory(dir);
    println!("idle: {n} processes, RSS {rss:.1} MiB, PSS {pss:.1} MiB (shared pages counted once)");

    let api = Api::of(dir);
    let mut connection = api.connect();
    describe(&api, 1000.0, 10.0, 8, "0 instances, 1,000 asked");

    // One launch to warm the image, then measured ones.
    for round in 0..4 {
        let start = Instant::now();
        let (status, reply) = api.call(
            &mut connection,
            "Action=RunInstances&Version=2016-11-15&ImageId=ami-micro&InstanceType=t3.nano&MinCount=1&MaxCount=1",
        );
        assert_eq!(status, 200, "{reply}");
        let accepted = start.elapsed();
        let instance = between(&reply, "<instanceId>", "</instanceId>").expect("an id").to_owned();
        let (mut console, mut running, mut network, mut ready) = (None, None, None, None);
        while ready.is_none() && start.elapsed() < Duration::from_secs(90) {
            let out = Command::new(env!("CARGO_BIN_EXE_stratocell"))
                .arg("--data-dir")
                .arg(dir)
                .args(["console", &instance])
                .stdin(Stdio::null())
                .output()
                .expect("console");
            let text = String::from_utf8_lossy(&out.stdout).into_owned();
            let at = start.elapsed();
            if !text.trim().is_empty() {
                console.get_or_insert(at);
            }
            if text.contains("stratocell: network") {
                network.get_or_insert(at);
            }
            if text.contains("stratocell: ready") {
                ready.get_or_insert(at);
            }
            if running.is_none() {
                let (_, reply) =
                    api.call(&mut connection, &format!("Action=DescribeInstances&Version=2016-11-15&InstanceId.1={instance}"));
                if reply.contains("<name>running</name>") {
                    running = Some(start.elapsed());
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let ms = |d: Option<Duration>| d.map_or("never".to_owned(), |d| format!("{:.0} ms", d.as_secs_f64() * 1e3));
        println!(
            "launch {}: accepted {}  running {}  first console line {}  network {}  guest ready {}",
            if round == 0 { "(first, makes the image)" } else { "" },
            ms(Some(accepted)),
            ms(running),
            ms(console),
            ms(network),
            ms(ready)
        );
        api.call(&mut connection, &format!("Action=TerminateInstances&Version=2016-11-15&InstanceId.1={instance}"));
    }
    describe(&api, 1000.0, 10.0, 8, "4 instances, 1,000 asked");
    // Just below the gateway's limit of reads for one account (5,000 a second).
    describe(&api, 4500.0, 5.0, 8, "4 instances, 4,500 asked");
    stratocell(dir, &["down", "--purge"]);
}
