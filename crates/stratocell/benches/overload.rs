//! A well-behaved account alone, and beside others that ask for ten times of what there is.
//!
//! `cargo bench -p stratocell --bench overload`; `BENCH_SECONDS` for longer or shorter phases. The modest account asks at a
//! fixed rate, whatever comes back (open loop): what is answered 200 within a second is goodput, latency counts from when a
//! request was due. The others keep ten times the connections that saturate the region, without a pause and without backing
//! off. All on one machine: the load takes its own share of the processors. Needs 4,096 open files (`ulimit -n`). Asserts
//! nothing about time.

use aws_protocol::sigv4::{Credentials, HttpRequest, presign};
use std::cell::RefCell;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Connections that saturate.
const SATURATING: usize = 32;
/// Requests a second of the modest account: of the control API, and of S3 (two GETs to a PUT, 4 KiB).
const CONTROL_RATE: f64 = 100.0;
const OBJECT_RATE: f64 = 60.0;
const OBJECT_BYTES: usize = 4 << 10;
const DUE: Duration = Duration::from_secs(1);

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

/// An account's way in, from the lines that `env` and `account create` print.
#[derive(Clone)]
struct Api {
    address: String,
    who: Credentials,
}

impl Api {
    fn of(lines: &str) -> Self {
        let get = |name: &str| {
            let line = lines.lines().find(|l| l.contains(&format!("{name}="))).expect(name);
            line.split_once('=').expect("=").1.trim_matches(['\'', '"']).to_owned()
        };
        let (access_key, secret_key) = (get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY"));
        Self {
            address: get("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned(),
            who: Credentials { access_key, secret_key, session_token: None },
        }
    }

    /// The bytes of a request, signed once for many times: signing is the clients' work and not measured.
    fn request(&self, service: &str, method: &str, path: &str, query: &str, body: &[u8]) -> Arc<Vec<u8>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now").as_millis() as u64;
        let headers = [("host", self.address.as_str())];
        let http = HttpRequest { method, path, query, headers: &headers };
        let query = presign(&http, &self.who, "us-east-1", service, types::TimestampMs(now), 3600);
        let head =
            format!("{method} {path}?{query} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n", self.address, body.len());
        Arc::new([head.as_bytes(), body].concat())
    }

    fn describe(&self) -> Arc<Vec<u8>> {
        self.request("ec2", "GET", "/", "Action=DescribeVpcs&Version=2016-11-15", b"")
    }

    /// GET and PUT of one object.
    fn object(&self, bucket: &str) -> [Arc<Vec<u8>>; 2] {
        let path = format!("/{bucket}/object");
        let body: Vec<u8> = (0..OBJECT_BYTES).map(|n| (n * 31 % 251) as u8).collect();
        [self.request("s3", "GET", &path, "", b""), self.request("s3", "PUT", &path, "", &body)]
    }
}

type Connection = BufReader<TcpStream>;

async fn connect(address: &str) -> std::io::Result<Connection> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// The status, and whether the connection may be used again.
async fn exchange(connection: &mut Connection, request: &[u8]) -> std::io::Result<(u16, bool)> {
    connection.get_mut().write_all(request).await?;
    let (mut line, mut length, mut kept) = (String::new(), 0, true);
    connection.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|s| s.parse().ok());
    let status = status.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    loop {
        line.clear();
        if connection.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "connection" => kept = !value.contains("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await?;
    Ok((status, kept))
}

fn once(api: &Api, request: &[u8]) -> u16 {
    let outcome = runtime().block_on(async { exchange(&mut connect(&api.address).await?, request).await });
    outcome.expect("an answer").0
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Sends the requests in turn at a rate; (asked, milliseconds of those that were answered 200 in time).
fn modest(api: &Api, requests: &[Arc<Vec<u8>>], rate: f64, time: Duration) -> (u64, Vec<f64>) {
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime(), async {
        let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
        let took: Rc<RefCell<Vec<f64>>> = Rc::default();
        let (start, every) = (Instant::now(), Duration::from_secs_f64(1.0 / rate));
        let (mut asked, mut tasks) = (0, tokio::task::JoinSet::new());
        while start.elapsed() < time {
            let due = start + every.mul_f64(asked as f64);
            tokio::time::sleep_until(due.into()).await;
            let (idle, took, address) = (idle.clone(), took.clone(), api.address.clone());
            let request = requests[asked as usize % requests.len()].clone();
            tasks.spawn_local(async move {
                let work = async {
                    let free = idle.borrow_mut().pop();
                    let mut connection = match free {
                        Some(connection) => connection,
                        None => connect(&address).await?,
                    };
                    let (status, kept) = exchange(&mut connection, &request).await?;
                    if kept {
                        idle.borrow_mut().push(connection);
                    }
                    Ok::<_, std::io::Error>(status)
                };
                if let Ok(Ok(200)) = tokio::time::timeout(DUE.saturating_sub(due.elapsed()), work).await {
                    took.borrow_mut().push(due.elapsed().as_secs_f64() * 1e3);
                }
            });
            asked += 1;
        }
        while tasks.join_next().await.is_some() {}
        let took = took.take();
        (asked, took)
    })
}

#[derive(Default)]
struct Tally {
    ok: AtomicU64,
    refused: AtomicU64,
    broken: AtomicU64,
}

/// A load that goes on until it is dropped.
struct Load {
    stop: Arc<AtomicBool>,
    tally: Arc<Tally>,
    thread: Option<std::thread::JoinHandle<()>>,
    since: Instant,
}

impl Load {
    /// On each connection one request after the other.
    fn start(api: &Api, requests: Vec<Arc<Vec<u8>>>, connections: usize) -> Self {
        let (stop, tally) = (Arc::new(AtomicBool::new(false)), Arc::new(Tally::default()));
        let (ended, counts, address) = (stop.clone(), tally.clone(), api.address.clone());
        let work = move || {
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime(), async {
                let mut tasks = tokio::task::JoinSet::new();
                for n in 0..connections {
                    let (ended, counts, address) = (ended.clone(), counts.clone(), address.clone());
                    let request = requests[n % requests.len()].clone();
                    tasks.spawn_local(async move {
                        let mut connection = None;
                        while !ended.load(Ordering::Relaxed) {
                            let mut used = match connection.take() {
                                Some(connection) => connection,
                                None => match connect(&address).await {
                                    Ok(connection) => connection,
                                    Err(_) => {
                                        tokio::time::sleep(Duration::from_millis(10)).await;
                                        continue;
                                    }
                                },
                            };
                            match tokio::time::timeout(Duration::from_secs(10), exchange(&mut used, &request)).await {
                                Ok(Ok((status, kept))) => {
                                    let count = if status == 200 { &counts.ok } else { &counts.refused };
                                    count.fetch_add(1, Ordering::Relaxed);
                                    connection = kept.then_some(used);
                                }
                                _ => drop(counts.broken.fetch_add(1, Ordering::Relaxed)),
                            }
                        }
                    });
                }
                while tasks.join_next().await.is_some() {}
            });
        };
        Self { stop, tally, thread: Some(std::thread::spawn(work)), since: Instant::now() }
    }

    /// A second, of each kind: 200, refused, broken off.
    fn end(mut self) -> [f64; 3] {
        let seconds = self.since.elapsed().as_secs_f64();
        let t = &self.tally;
        let rates = [&t.ok, &t.refused, &t.broken].map(|n| n.load(Ordering::Relaxed) as f64 / seconds);
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the load ends");
        }
        rates
    }
}

fn quantile(took: &[f64], q: f64) -> f64 {
    let mut sorted = took.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(((sorted.len().saturating_sub(1)) as f64 * q) as usize).copied().unwrap_or(f64::NAN)
}

fn main() {
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(10);
    let time = Duration::from_secs(seconds);
    let holder = tempfile::Builder::new().prefix("sco-").tempdir_in("/tmp").expect("a directory");
    let dir = holder.path();
    stratocell(dir, &["up", "--detach", "--json", "--port", "0", "--no-profile"]);
    let good = Api::of(&stratocell(dir, &["env"]));
    let greedy = Api::of(&stratocell(dir, &["account", "create", "greedy"]));
    for (api, bucket) in [(&good, "modest"), (&greedy, "greedy")] {
        assert_eq!(once(api, &api.request("s3", "PUT", &format!("/{bucket}"), "", b"")), 200);
        assert_eq!(once(api, &api.object(bucket)[1]), 200);
    }
    let [get, put] = good.object("modest");
    let objects = [get.clone(), get, put];
    let [greedy_get, greedy_put] = greedy.object("greedy");
    let wrong = Api { who: Credentials { secret_key: "wrong".into(), ..greedy.who.clone() }, ..greedy.clone() };

    for (what, requests) in [("control", vec![greedy.describe()]), ("S3", vec![greedy_get.clone(), greedy_put.clone()])] {
        let load = Load::start(&greedy, requests, SATURATING);
        std::thread::sleep(time / 2);
        println!("capacity, {what}: {:.0} requests/s ({SATURATING} connections, one account)", load.end()[0]);
    }
    println!(
        "{:<44} {:>9} {:>8} {:>8} {:>9} {:>8} {:>8}   others: 200/s, refused/s, broken/s",
        "a modest account", "control", "p50 ms", "p99 ms", "S3", "p50 ms", "p99 ms"
    );
    let ten = 10 * SATURATING;
    // What it is called, who floods, with what, over how many connections.
    type Flood<'a> = (&'a str, &'a Api, Vec<Arc<Vec<u8>>>, usize);
    let floods: [Flood; 5] = [
        ("alone", &greedy, Vec::new(), 0),
        ("beside 10x control calls", &greedy, vec![greedy.describe()], ten),
        ("beside 10x S3 requests", &greedy, vec![greedy_get.clone(), greedy_put], ten),
        ("beside 10x of both", &greedy, vec![greedy.describe(), greedy_get], 2 * ten),
        ("beside 10x with a wrong signature", &wrong, vec![wrong.describe(), wrong.object("greedy")[0].clone()], 2 * ten),
    ];
    let measure = |name: &str, load: Option<Load>| {
        // Until it has built up.
        std::thread::sleep(Duration::from_secs(1));
        let (control, object) = std::thread::scope(|s| {
            let control = s.spawn(|| modest(&good, &[good.describe()], CONTROL_RATE, time));
            let object = s.spawn(|| modest(&good, &objects, OBJECT_RATE, time));
            (control.join().expect("measured"), object.join().expect("measured"))
        });
        let others = load.map_or([0.0; 3], Load::end);
        let row = |(asked, took): &(u64, Vec<f64>)| {
            let goodput = 100.0 * took.len() as f64 / *asked as f64;
            format!("{goodput:>7.1} % {:>8.2} {:>8.2}", quantile(took, 0.5), quantile(took, 0.99))
        };
        println!("{name:<44} {} {}   {:.0}, {:.0}, {:.0}", row(&control), row(&object), others[0], others[1], others[2]);
    };
    for (name, api, requests, connections) in floods {
        measure(name, (connections > 0).then(|| Load::start(api, requests, connections)));
    }
    let silent: Vec<_> = (0..1500).filter_map(|_| std::net::TcpStream::connect(&good.address).ok()).collect();
    measure(&format!("beside {} silent connections", silent.len()), None);
    drop(silent);
    stratocell(dir, &["down", "--purge"]);
}
