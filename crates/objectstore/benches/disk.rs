//! What this machine's disk takes, by itself: `cargo bench -p objectstore --bench disk [-- DIRECTORY]`. What bounds a PUT, to be read beside
//! `cargo bench -p stratocell --bench objects`: each byte of an object is on three nodes' disks, which here are one.
//!
//! * **Streams**: durable bytes a second of 1, 3 and 6 writers, each of which writes 1 MiB past the page cache, behind the last, and syncs,
//!   as a node does for large shards; and of the same in batches of 16 MiB. A third of it is what the most PUTs can bring.
//! * **Syncs**: microseconds of a small write and its fdatasync: behind the end of the file, into blocks that fallocate laid out,
//!   into blocks that were written before.
//!
//! Prints; asserts nothing about time.

use objectstore::node::disk::{Disk, RealDisk, SegmentFile};
use std::fs::OpenOptions;
use std::io::IoSlice;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAGE: usize = 4096;
const MIB: usize = 1 << 20;
const STREAM_TIME: Duration = Duration::from_secs(2);
/// As a segment: then the next file.
const FILE_BYTES: u64 = 64 << 20;
const SYNCS: usize = 400;

/// Memory that begins at a page.
struct Pages(Vec<u8>, usize);

impl Pages {
    fn new(bytes: usize) -> Self {
        let memory: Vec<u8> = (0..bytes + PAGE).map(|i| (i * 31 >> 3) as u8).collect();
        let from = memory.as_ptr().align_offset(PAGE);
        Self(memory, from)
    }

    fn get(&self, bytes: usize) -> &[u8] {
        &self.0[self.1..self.1 + bytes]
    }
}

/// Bytes that one writer made durable.
fn stream(dir: &Path, name: &str, batch: usize, end: Instant) -> u64 {
    let disk = RealDisk::new(dir).expect("the directory");
    let pages = Pages::new(batch);
    let mut total = 0;
    while Instant::now() < end {
        let file = disk.create(name).expect("a file");
        let direct = disk.open_direct(name).unwrap_or(file.clone());
        let mut at = 0;
        while at < FILE_BYTES && Instant::now() < end {
            direct.write_at(at, &[IoSlice::new(pages.get(batch))]).expect("written");
            file.sync().expect("durable");
            at += batch as u64;
        }
        total += at;
    }
    disk.remove(name).expect("removed");
    total
}

fn streams(dir: &Path, writers: usize, batch: usize) {
    let begin = Instant::now();
    let names: Vec<String> = (0..writers).map(|n| format!("stream-{n}")).collect();
    let total: u64 = std::thread::scope(|scope| {
        let all: Vec<_> = names.iter().map(|name| scope.spawn(move || stream(dir, name, batch, begin + STREAM_TIME))).collect();
        all.into_iter().map(|one| one.join().expect("a writer")).sum()
    });
    let mib_s = total as f64 / MIB as f64 / begin.elapsed().as_secs_f64();
    println!(
        "{writers} streams, {:>2} MiB a sync: {mib_s:7.0} MiB/s durable, a third {:5.0} MiB/s (1 MiB: {:4.0} PUT/s, 64 MiB: {:4.1} PUT/s)",
        batch / MIB,
        mib_s / 3.0,
        mib_s / 3.0,
        mib_s / 192.0
    );
}

#[derive(Clone, Copy)]
enum Blocks {
    New,
    Allocated,
    Written,
}

fn syncs(dir: &Path, bytes: usize, blocks: Blocks) -> (f64, f64, f64) {
    let path = dir.join("syncs");
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path).expect("a file");
    let pages = Pages::new(MIB);
    let step = bytes.next_multiple_of(64);
    let whole = step * SYNCS;
    match blocks {
        Blocks::New => {}
        Blocks::Allocated => {
            // SAFETY: takes an open descriptor and integers.
            let outcome = unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, whole as i64) };
            assert_eq!(outcome, 0, "fallocate: {}", std::io::Error::last_os_error());
        }
        Blocks::Written => {
            for at in (0..whole).step_by(MIB) {
                file.write_all_at(pages.get(MIB.min(whole - at)), at as u64).expect("written");
            }
        }
    }
    file.sync_all().expect("durable");
    let mut took: Vec<f64> = (0..SYNCS)
        .map(|n| {
            let begin = Instant::now();
            file.write_all_at(pages.get(bytes), (n * step) as u64).expect("written");
            file.sync_data().expect("durable");
            begin.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    took.sort_unstable_by(f64::total_cmp);
    std::fs::remove_file(&path).expect("removed");
    (took[0], took[SYNCS / 2], took[SYNCS * 99 / 100])
}

fn main() {
    let place = std::env::args().skip(1).find(|a| !a.starts_with('-')).map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::Builder::new().prefix("disk-bench").tempdir_in(place).expect("a directory");
    let dir: Arc<Path> = dir.path().into();
    for batch in [MIB, 16 * MIB] {
        for writers in [1, 3, 6] {
            streams(&dir, writers, batch);
        }
    }
    for bytes in [4 << 10, 64 << 10, 1 << 20] {
        for (name, blocks) in [("new", Blocks::New), ("allocated", Blocks::Allocated), ("written before", Blocks::Written)] {
            let (least, median, p99) = syncs(&dir, bytes, blocks);
            println!(
                "{:>4} KiB and fdatasync, blocks {name:<14}: least {least:6.0} us, median {median:6.0}, p99 {p99:7.0}",
                bytes >> 10
            );
        }
    }
}
