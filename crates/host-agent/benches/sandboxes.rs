//! Sandboxes without a network, by their driver alone: how long one takes to start, how many are started at once, what each
//! costs in memory beside what runs in it.
//!
//! `cargo bench -p host-agent --bench sandboxes [-- COUNT]` (1,000). Prints one line a figure; asserts nothing about time.

use host_agent::hypervisor::sandbox::Sandbox;
use host_agent::hypervisor::{Acceleration, Hypervisor, Seen, VmSpec};
use host_agent::image::{self, Image};
use platform::process::ProcessId;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use types::InstanceId;

const THREADS: usize = 4;

struct One {
    spec: VmSpec,
    monitor: ProcessId,
    took: Duration,
}

fn start(driver: &Sandbox, image: &Image, dir: &Path, n: usize) -> One {
    let at = dir.join(n.to_string());
    std::fs::create_dir(&at).expect("a directory");
    let spec = VmSpec {
        id: InstanceId::from_random(u128::from(std::process::id()) << 32 | n as u128),
        vcpus: 1,
        memory_mib: 16,
        image: image.clone(),
        root_disk: at.join("root"),
        root_disk_gib: 1,
        hostname: String::new(),
        nics: vec![],
        nics_max: 1,
        console_socket: at.join("tty"),
        console_log: at.join("console.log"),
        qmp_socket: at.join("control"),
        vmm_log: at.join("vmm.log"),
        acceleration: Acceleration::Tcg,
    };
    let begun = Instant::now();
    let monitor = driver.start(&spec).expect("it starts");
    while driver.look(monitor, &spec.qmp_socket) != Seen::Running {
        assert!(monitor.is_alive(), "{}", std::fs::read_to_string(&spec.vmm_log).unwrap_or_default());
        std::thread::sleep(Duration::from_micros(500));
    }
    One { took: begun.elapsed(), spec, monitor }
}

fn main() {
    let all: usize = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(1000);
    let holder = tempfile::Builder::new().prefix("sbb-").tempdir_in("/tmp").expect("a directory");
    let dir = holder.path();
    let image = image::ensure(&dir.join("images"), "micro").expect("the image");
    // What every image starts, but neither ssh server nor shell: those are the guest's own.
    let mut driver = Sandbox::new(&dir.join("images"));
    driver.argv = ["/bin/sleep", "1000000"].map(str::to_owned).to_vec();

    let mut alone: Vec<Duration> = Vec::new();
    for n in 0..20 {
        let one = start(&driver, &image, dir, n);
        alone.push(one.took);
        end(&driver, &one);
    }
    line("one at a time, to the start of its first program", alone);

    let free = available_kib();
    let next = AtomicUsize::new(100);
    let begun = Instant::now();
    let mut made: Vec<One> = std::thread::scope(|s| {
        let work = || {
            let mut made = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= 100 + all {
                    return made;
                }
                made.push(start(&driver, &image, dir, n));
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|_| s.spawn(work)).collect();
        threads.into_iter().flat_map(|t| t.join().expect("a thread")).collect()
    });
    println!("{all} sandboxes, {THREADS} at a time: {:.1} s", begun.elapsed().as_secs_f64());
    line("each of them", made.iter().map(|o| o.took).collect());
    let monitors: u64 = made.iter().map(|o| pss_kib(o.monitor.pid)).sum();
    println!("memory: {:.0} KiB of monitor each (PSS)", monitors as f64 / all as f64);
    println!("memory: {:.0} KiB of the machine's each, with one idle program", (free - available_kib()) / all as f64);
    let begun = Instant::now();
    made.drain(..).for_each(|one| end(&driver, &one));
    println!("ended, one after the other: {:.1} s", begun.elapsed().as_secs_f64());
}

fn end(driver: &Sandbox, one: &One) {
    driver.kill(one.monitor).expect("killed");
    driver.end(one.spec.id, &one.spec.root_disk).expect("ended");
}

fn line(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |q: f64| took[((took.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;
    println!("{what}: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", at(0.5), at(0.99), at(1.0));
}

fn pss_kib(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("Pss:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

fn available_kib() -> f64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0)
}
