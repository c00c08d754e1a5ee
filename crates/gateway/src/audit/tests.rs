//! The trail's files as a whole: chained, rotated, mended after a crash, and every way to tamper with them found.

use super::chain::{Head, Kind, hash};
use super::search::{Search, by_request};
use super::segment::{Limits, Segments, list};
use super::verify::{Finding, Summary, verify_chain};
use super::{DATA, MANAGEMENT, verify};
use std::io::Write;
use std::path::Path;
use wire::audit::AuditHead;

const SMALL: Limits = Limits { segment_bytes_max: 1_000, bytes_max: 1 << 20 };

fn event(n: u64) -> String {
    format!(",\"a\":\"123456789012\",\"id\":\"request-{n}\",\"e\":{{\"eventName\":\"Do{n}\"}}")
}

/// A trail of `count` events in several segments.
fn trail(dir: &Path, limits: Limits, count: u64) -> Segments {
    let mut s = Segments::open(dir, limits, 1).unwrap();
    for n in 0..count {
        s.add(Kind::Management, 10 + n, &event(n)).unwrap();
        s.write().unwrap();
        if s.is_full() {
            s.follow(10 + n).unwrap();
        }
    }
    s
}

fn summary(dir: &Path) -> Summary {
    verify_chain(dir, &[], "the test said").unwrap().unwrap().0
}

fn finding(dir: &Path, heads: &[AuditHead]) -> Finding {
    verify_chain(dir, heads, "the test said").unwrap().unwrap_err()
}

fn lines_of(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn put_lines(path: &Path, lines: &[String]) {
    std::fs::write(path, lines.iter().map(|l| format!("{l}\n")).collect::<String>()).unwrap();
}

fn head(dir: &Path) -> AuditHead {
    let s = summary(dir);
    AuditHead { sequence: s.last, hash: s.head, at: types::TimestampMs(0) }
}

#[test]
fn a_whole_trail() {
    let temp = tempfile::tempdir().unwrap();
    drop(trail(temp.path(), SMALL, 40));
    let s = summary(temp.path());
    assert!(s.segments > 3, "{s:?}");
    assert_eq!((s.first, s.events, s.lines, s.last), (1, 40, 40 + s.segments as u64, s.lines));
    // It goes on where it was.
    drop(trail(temp.path(), SMALL, 1));
    let more = summary(temp.path());
    assert_eq!((more.events, more.repaired, more.segments), (41, 0, s.segments));
    let (told, _) = verify_chain(temp.path(), &[head(temp.path())], "").unwrap().unwrap();
    assert_eq!(told.heads, 1);
}

/// (name, what is done to the lines of the second segment, a word of what is found)
#[test]
fn tampering_is_found_at_its_place() {
    type Tamper = fn(&mut Vec<String>);
    let cases: [(&str, Tamper, usize, &str); 6] = [
        ("a line removed", |l| drop(l.remove(2)), 3, "removed"),
        ("a line changed", |l| l[2] = l[2].replace("Do", "No"), 4, "was changed"),
        ("two lines swapped", |l| l.swap(1, 2), 2, "removed before"),
        ("a line put in twice", |l| l.insert(2, l[1].clone()), 3, "reordered or repeated"),
        ("a line made up", |l| l.insert(2, "{\"n\":1}".into()), 3, "none that was ever written"),
        ("the first line removed", |l| drop(l.remove(0)), 1, "removed before"),
    ];
    for (name, tamper, line, word) in cases {
        let temp = tempfile::tempdir().unwrap();
        drop(trail(temp.path(), SMALL, 40));
        let second = list(temp.path()).unwrap()[1].path.clone();
        let mut lines = lines_of(&second);
        tamper(&mut lines);
        put_lines(&second, &lines);
        let found = finding(temp.path(), &[]);
        assert_eq!((&found.segment, found.line), (&second, line), "{name}: {found}");
        assert!(found.what.contains(word), "{name}: {found}");
    }
}

#[test]
fn whole_segments_are_missed() {
    for (n, word) in [(0, "no line of the trail says that it was retired"), (1, "removed before")] {
        let temp = tempfile::tempdir().unwrap();
        drop(trail(temp.path(), SMALL, 40));
        std::fs::remove_file(&list(temp.path()).unwrap()[n].path).unwrap();
        let found = finding(temp.path(), &[]);
        assert!(found.what.contains(word), "{found}");
    }
}

#[test]
fn a_cut_end_and_a_new_trail_show_against_what_was_told() {
    let temp = tempfile::tempdir().unwrap();
    drop(trail(temp.path(), SMALL, 40));
    let told = head(temp.path());
    let last = list(temp.path()).unwrap().pop().unwrap().path;
    let mut lines = lines_of(&last);
    lines.pop();
    put_lines(&last, &lines);
    // The chain itself is whole.
    assert_eq!(summary(temp.path()).last, told.sequence - 1);
    assert!(finding(temp.path(), std::slice::from_ref(&told)).what.contains("cut off"));
    // Another line in its place.
    drop(trail(temp.path(), SMALL, 1));
    assert!(finding(temp.path(), std::slice::from_ref(&told)).what.contains("written anew"));
    for s in list(temp.path()).unwrap() {
        std::fs::remove_file(s.path).unwrap();
    }
    assert!(finding(temp.path(), &[told]).what.contains("the trail was removed"));
    assert_eq!(summary(temp.path()), Summary::default());
}

/// At every length that a crash may leave.
#[test]
fn a_torn_end_is_mended_and_the_trail_says_so() {
    let temp = tempfile::tempdir().unwrap();
    drop(trail(temp.path(), Limits { segment_bytes_max: 1 << 20, ..SMALL }, 2));
    let path = list(temp.path()).unwrap()[0].path.clone();
    let whole = std::fs::read(&path).unwrap();
    let lines = lines_of(&path);
    for cut in 0..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let s = Segments::open(temp.path(), SMALL, 99).unwrap();
        assert_eq!(s.problem, None);
        drop(s);
        let kept = whole[..cut].iter().filter(|b| **b == b'\n').count();
        let s = summary(temp.path());
        let torn = cut > 0 && whole[cut - 1] != b'\n';
        assert_eq!((s.repaired, s.torn_bytes), (u64::from(torn), 0), "{cut}");
        assert_eq!(lines_of(&path)[..kept], lines[..kept], "{cut}");
        assert_eq!(s.events as usize, kept.saturating_sub(1), "{cut}");
    }
    // What a power cut may leave in the place of lines.
    std::fs::write(&path, [&whole[..], &[0; 300]].concat()).unwrap();
    drop(Segments::open(temp.path(), SMALL, 99).unwrap());
    assert_eq!((summary(temp.path()).events, summary(temp.path()).repaired), (2, 1));
}

#[test]
fn what_was_changed_is_not_mended() {
    let temp = tempfile::tempdir().unwrap();
    drop(trail(temp.path(), SMALL, 4));
    let last = list(temp.path()).unwrap().pop().unwrap().path;
    let mut lines = lines_of(&last);
    lines[1] = lines[1].replace("Do", "No");
    put_lines(&last, &lines);
    let s = trail(temp.path(), SMALL, 3);
    assert!(s.problem.is_some());
    drop(s);
    let found = finding(temp.path(), &[]);
    assert_eq!((&found.segment, found.line), (&last, 3), "{found}");
}

#[test]
fn old_segments_are_retired_and_the_trail_says_so() {
    let temp = tempfile::tempdir().unwrap();
    let limits = Limits { segment_bytes_max: 1_000, bytes_max: 4_000 };
    let root = temp.path();
    let temp = root.join(DATA);
    let mut s = trail(&temp, limits, 60);
    let bytes: u64 = list(&temp).unwrap().iter().map(|s| s.bytes).sum();
    assert!(bytes < 5_000, "{bytes}");
    let whole = summary(&temp);
    assert!(whole.first > 1 && whole.last > 60, "{whole:?}");
    // A segment that was said to go and is still there is no harm.
    s.add(Kind::Management, 1, &event(99)).unwrap();
    s.write().unwrap();
    drop(s);
    assert!(
        matches!(by_request(root, "request-1").unwrap(), Search::NotFound { since_ms: None, objects_since_ms: Some(since) } if since > 10)
    );
    assert!(matches!(by_request(root, "REQUEST-99").unwrap(), Search::Found(_)));
    // One more than was said.
    std::fs::remove_file(&list(&temp).unwrap()[0].path).unwrap();
    assert!(finding(&temp, &[]).what.contains("no line of the trail says"));
}

#[test]
fn lines_wait_for_a_disk_and_what_is_over_is_counted() {
    let temp = tempfile::tempdir().unwrap();
    let mut s = Segments::open(temp.path(), Limits { segment_bytes_max: 1 << 30, bytes_max: 1 << 31 }, 1).unwrap();
    let large = format!("{},\"x\":\"{}\"", event(0), "x".repeat(1 << 20));
    let taken = (0..10).filter(|_| s.add(Kind::Data, 2, &large).is_some()).count();
    assert!(taken < 10);
    assert_eq!(s.lost_events(), 10 - taken as u64);
    let newest = s.sequence();
    assert!(!s.is_written(newest));
    s.write().unwrap();
    assert!(s.is_written(newest));
    s.add(Kind::Data, 3, &event(1)).unwrap();
    s.write().unwrap();
    let whole = summary(temp.path());
    assert_eq!((whole.lost, whole.events), (10 - taken as u64, taken as u64 + 1));
}

#[test]
fn a_line_that_is_being_written_is_no_finding() {
    let temp = tempfile::tempdir().unwrap();
    drop(trail(temp.path(), SMALL, 3));
    let last = list(temp.path()).unwrap().pop().unwrap().path;
    let line = lines_of(&last).pop().unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&last).unwrap();
    file.write_all(b"{\"n\":9").unwrap();
    let s = summary(temp.path());
    assert_eq!((s.torn_bytes, &s.head), (6, &hash(line.as_bytes())));
    assert_eq!(Head::parse(line.as_bytes()).map(|h| h.sequence), Some(s.last));
}

/// The chain of management events was told where the other stands.
#[test]
fn a_cut_chain_of_objects_shows() {
    let temp = tempfile::tempdir().unwrap();
    let (m, d) = (temp.path().join(MANAGEMENT), temp.path().join(DATA));
    drop(trail(&d, SMALL, 3));
    let told = head(&d);
    let mut s = trail(&m, SMALL, 1);
    let note = format!(",\"sequence\":{},\"hash\":\"{}\"", told.sequence, told.hash);
    s.add(Kind::Objects, 1, &note).unwrap();
    s.write().unwrap();
    drop(s);
    let whole = verify(temp.path(), &[]).unwrap().unwrap();
    assert_eq!((whole.data.heads, whole.data.events, whole.management.events), (1, 3, 1));
    let last = list(&d).unwrap().pop().unwrap().path;
    let mut lines = lines_of(&last);
    lines.pop();
    put_lines(&last, &lines);
    let found = verify(temp.path(), &[]).unwrap().unwrap_err();
    assert!(found.what.contains("cut off") && found.what.contains("management events was told"), "{found}");
}
