//! Ports and their rings, without a switch: two front ends in this process and a loop that passes frames between them.

use card::poller::{Poller, Token};
use card::port::Attachment;
use card::testing::{Front, FrontOptions, GUEST_BASE, Layout, Memory, pair, take_frames};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use vswitch::FrameBuf;

const WAIT: Duration = Duration::from_secs(5);

/// Frames of port 0 go to port 1 and back.
struct Cable {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<u64>>>,
}

impl Cable {
    fn start(dir: &Path) -> Self {
        let poller = Poller::new().unwrap();
        let mut ports: Vec<_> = (0..2).map(|i| Attachment::listen(i, &dir.join(format!("p{i}")), &poller).unwrap()).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut frames: Vec<_> = (0..64).map(|_| FrameBuf::new(9216)).collect();
            let mut ready = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                poller.wait(20, &mut ready).unwrap();
                for token in &ready {
                    let transmit = match *token {
                        Token::Listener(p) => {
                            ports[p as usize].accept(&poller);
                            None
                        }
                        Token::Control(p) => ports[p as usize].serve(&poller).then_some(p as usize),
                        Token::Kick(p) => Some(p as usize),
                        _ => None,
                    };
                    while let Some(from) = transmit {
                        let taken = take_frames(&mut ports[from].device, &mut frames);
                        for f in &frames[..taken.frames] {
                            let (a, b) = f.as_slice().split_at(f.len() / 2);
                            ports[1 - from].device.deliver(&[a, b]);
                        }
                        ports[1 - from].device.flush();
                        if !taken.more {
                            break;
                        }
                    }
                }
            }
            ports.iter().map(|p| p.protocol_errors).collect()
        });
        Self { stop, thread: Some(thread) }
    }

    /// Ends the thread; how many connections each port closed for what they sent.
    fn stop(mut self) -> Vec<u64> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

fn frame(n: usize, len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 + n) as u8).collect()
}

#[test]
fn frames_of_all_sizes_cross_with_every_ring_feature() {
    for (mergeable, event_idx, tx_layout) in [
        (true, true, Layout::Chained),
        (true, true, Layout::Indirect),
        (true, false, Layout::Single),
        (false, true, Layout::Single),
        (false, false, Layout::Indirect),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let cable = Cable::start(dir.path());
        let rx_buffer_bytes = if mergeable { 1536 } else { 9216 };
        let options = FrontOptions { mergeable, event_idx, tx_layout, rx_buffer_bytes, ..FrontOptions::default() };
        let mut a = Front::connect(&dir.path().join("p0"), options.clone()).unwrap();
        let mut b = Front::connect(&dir.path().join("p1"), options).unwrap();
        for (n, len) in [14, 60, 64, 1514, 1524, 1525, 3000, 9014].into_iter().cycle().take(700).enumerate() {
            assert!(a.send(&frame(n, len)));
            assert_eq!(b.receive(WAIT).as_deref(), Some(&frame(n, len)[..]), "frame {n} of {len} bytes");
            assert!(b.send(&frame(n, len)));
            assert_eq!(a.receive(WAIT).as_deref(), Some(&frame(n, len)[..]), "back");
        }
        assert_eq!(cable.stop(), [0, 0]);
    }
}

#[test]
fn a_restarted_card_goes_on_where_the_old_one_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let cable = Cable::start(dir.path());
    let mut a = Front::connect(&dir.path().join("p0"), FrontOptions::default()).unwrap();
    let mut b = Front::connect(&dir.path().join("p1"), FrontOptions::default()).unwrap();
    for n in 0..300 {
        assert!(a.send(&frame(n, 100)));
        assert_eq!(b.receive(WAIT), Some(frame(n, 100)));
    }
    cable.stop();
    // Sent while no card is there: carried when the next one comes.
    assert!(a.queue(&frame(1, 200)));
    let cable = Cable::start(dir.path());
    b.reconnect().unwrap();
    a.reconnect().unwrap();
    assert_eq!(b.receive(WAIT), Some(frame(1, 200)));
    for n in 0..300 {
        assert!(a.send(&frame(n, 2000)));
        assert_eq!(b.receive(WAIT), Some(frame(n, 2000)));
    }
    // A driver's reset: the ring stops at the index it had reached and takes no more.
    let at = a.stop_ring(1).unwrap();
    assert_eq!(at, a.tx.base(&a.memory));
    cable.stop();
}

#[test]
fn a_full_receive_ring_drops_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let cable = Cable::start(dir.path());
    let mut a = Front::connect(&dir.path().join("p0"), FrontOptions::default()).unwrap();
    let mut b = Front::connect(&dir.path().join("p1"), FrontOptions::default()).unwrap();
    for n in 0..600 {
        assert!(a.send(&frame(n, 64)), "the sender never waits for the receiver");
    }
    let mut got = 0;
    while b.receive(Duration::from_millis(200)).is_some() {
        got += 1;
        // The receiver frees its buffers as it goes, so at least a ring's worth arrives.
    }
    assert!((128..=600).contains(&got), "{got}");
    assert!(a.send(&frame(9, 64)));
    assert_eq!(b.receive(WAIT), Some(frame(9, 64)));
    cable.stop();
}

#[test]
fn what_breaks_the_protocol_loses_only_its_own_connection() {
    let dir = tempfile::tempdir().unwrap();
    let cable = Cable::start(dir.path());
    let mut good = Front::connect(&dir.path().join("p1"), FrontOptions::default()).unwrap();
    let p0 = dir.path().join("p0");
    let memory = Memory::new(1 << 20, true).unwrap();
    let fd = std::os::fd::AsRawFd::as_raw_fd(&memory.file);
    let table = |regions: &[[u64; 4]]| {
        let mut t = (regions.len() as u64).to_le_bytes().to_vec();
        t.extend(regions.iter().flatten().flat_map(|v| v.to_le_bytes()));
        t
    };
    let user = memory.user_addr(0);
    type Bad = (&'static str, u32, u32, Option<u32>, Vec<u8>, Vec<i32>);
    let bad: Vec<Bad> = vec![
        ("version 2", 1, 2, None, vec![], vec![]),
        ("a reply", 1, 1 | 4, None, vec![], vec![]),
        ("a huge body", 5, 1, Some(u32::MAX), vec![], vec![]),
        ("an unknown request", 77, 1, None, vec![], vec![]),
        ("features never offered", 2, 1, None, (1u64 << 40).to_le_bytes().to_vec(), vec![]),
        ("ring 5", 8, 1, None, pair(5, 256), vec![]),
        ("size 300", 8, 1, None, pair(0, 300), vec![]),
        ("kick without a descriptor", 12, 1, None, 0u64.to_le_bytes().to_vec(), vec![]),
        ("kick that is a memory file", 12, 1, None, 0u64.to_le_bytes().to_vec(), vec![fd]),
        ("call that is a memory file", 13, 1, None, 0u64.to_le_bytes().to_vec(), vec![fd]),
        ("descriptors that nobody wants", 1, 1, None, vec![], vec![fd, fd]),
        ("nine descriptors", 5, 1, None, table(&[[0, 4096, user, 0]]), vec![fd; 9]),
        ("a region beyond the file", 5, 1, None, table(&[[0, 2 << 20, user, 0]]), vec![fd]),
        ("a region of half a page", 5, 1, None, table(&[[0, 2048, user, 0]]), vec![fd]),
        ("a region of nothing", 5, 1, None, table(&[[0, 0, user, 0]]), vec![fd]),
        ("a region that wraps", 5, 1, None, table(&[[!4095, 8192, user, 0]]), vec![fd]),
        ("overlap", 5, 1, None, table(&[[0, 8192, user, 0], [4096, 8192, user + 8192, 0]]), vec![fd, fd]),
        ("overlap in the front end", 5, 1, None, table(&[[0, 8192, user, 0], [8192, 8192, user, 0]]), vec![fd, fd]),
        ("fewer descriptors than regions", 5, 1, None, table(&[[0, 4096, user, 0], [4096, 4096, user + 4096, 0]]), vec![fd]),
    ];
    let count = bad.len() as u64;
    for (what, request, flags, size, body, fds) in bad {
        // Each on a connection that was good before.
        let mut front = Front::connect(&p0, FrontOptions::default()).unwrap();
        front.send_raw(request, flags, size.unwrap_or(body.len() as u32), &body, &fds).unwrap();
        assert!(front.is_closed(WAIT), "{what}");
    }
    let unsealed = Front::connect(&p0, FrontOptions { sealed: false, ..FrontOptions::default() });
    assert!(unsealed.is_err(), "a file that can be truncated is refused");
    // The other port never noticed, and this one serves again.
    let mut again = Front::connect(&p0, FrontOptions::default()).unwrap();
    assert!(again.send(&frame(3, 64)));
    assert_eq!(good.receive(WAIT), Some(frame(3, 64)));
    assert_eq!(cable.stop(), [count + 1, 0]);
}

#[test]
fn a_driver_that_breaks_the_ring_rests_until_it_starts_again() {
    let dir = tempfile::tempdir().unwrap();
    let cable = Cable::start(dir.path());
    let mut b = Front::connect(&dir.path().join("p1"), FrontOptions::default()).unwrap();
    // (address, bytes, flags, next) of descriptor 0, offered as head `head`
    for (what, desc, head) in [
        ("a buffer outside memory", (GUEST_BASE + (1 << 40), 100, 0, 0), 0),
        ("a buffer that wraps", (u64::MAX - 10, 100, 0, 0), 0),
        ("a chain that loops", (GUEST_BASE, 100, 1, 0), 0),
        ("a next outside the table", (GUEST_BASE, 100, 1, 9999), 0),
        ("an indirect table outside memory", (0, 4096, 4, 0), 0),
        ("an indirect table of odd size", (GUEST_BASE, 17, 4, 0), 0),
        ("a head outside the table", (GUEST_BASE, 100, 0, 0), 300),
    ] {
        let mut a = Front::connect(&dir.path().join("p0"), FrontOptions::default()).unwrap();
        a.tx.write_descriptor(&a.memory, 0, desc.0, desc.1, desc.2, desc.3);
        a.tx.offer(&a.memory, head);
        a.kick_always();
        // Its connection lives: the card still answers, and a reset of the ring brings it back.
        assert!(a.ask(1, &[]).is_ok(), "{what}");
        let mut a = Front::connect(&dir.path().join("p0"), FrontOptions::default()).unwrap();
        assert!(a.send(&frame(5, 80)));
        assert_eq!(b.receive(WAIT), Some(frame(5, 80)), "{what}");
    }
    cable.stop();
}
