//! Where the records of a batch go, and which of their bytes go past the page cache. Pure; called by [`super::write`].
//!
//! ```text
//!  pages   |-----------|===========|===========|-----------|===========|-----------|
//!  bytes    header 1   | whole pages of        | rest 1 |  | whole     | rest 2
//!                      | payload 1             | header 2  | pages of 2
//!  written  cached     | direct ------------------------------------ > | cached
//! ```
//! The whole pages of large payloads are written directly (O_DIRECT), together with the page between two of them; all else
//! goes through the cache. No page is written both ways before a sync: a payload's pages begin and end at a page, everything
//! cached of this batch is outside of them, and the next batch begins behind. So neither way ever finds the other's bytes
//! on their way, and a page of which a part was durable is never written directly.
//!
//! A batch that overwrites prepared room ([`super::write`]) goes through the cache whole: its pages are there, and one sync
//! writes all of them at once (64 KiB: 93 us, in two ways 265).

use super::format::{BLOCK_BYTES, HEADER_BYTES, Header, Kind, PAGE_BYTES, UNIT_BYTES, gap_units, table};
use super::write::Record;
use std::io::{self, IoSlice};
use std::ops::Range;

/// Payloads up to this are copied into the batch's buffer: cheaper than a slice of their own.
const COPY_BYTES_MAX: usize = 16 << 10;
/// Payloads with as many bytes in whole pages are written directly.
pub const DIRECT_FROM_BYTES: usize = BLOCK_BYTES;
const PAGE: usize = PAGE_BYTES as usize;
/// What is copied to aligned memory at once.
const STAGE_BYTES: usize = 1 << 20;

pub(super) struct Layout<'a> {
    salt: u64,
    segment: u32,
    batch: u32,
    unit: u32,
    scratch: Vec<u8>,
    /// Payloads, each behind so many bytes of `scratch`.
    payloads: Vec<(usize, &'a [u8])>,
    pub(super) headers: Vec<Header>,
}

/// Consecutive bytes that are written in one way.
pub(super) struct Span<'a> {
    pub(super) offset: u64,
    pub(super) pieces: Vec<&'a [u8]>,
    /// Whole pages, past the cache.
    pub(super) direct: bool,
}

impl<'a> Layout<'a> {
    pub(super) fn new(unit: u32, salt: u64, segment: u32) -> Self {
        Self { salt, segment, batch: unit, unit, scratch: Vec::new(), payloads: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn add(&mut self, record: &'a Record, sequence: u64) {
        let Record { kind, key, at_ms, payload, moved } = record;
        let length = payload.len() as u32;
        let gap = gap_units(self.unit, *kind, length);
        let unit = self.unit + u32::from(gap);
        let header = Header { kind: *kind, key: *key, sequence, at_ms: *at_ms, length, gap, batch: self.batch, unit };
        let end = self.scratch.len() + usize::from(gap) * UNIT_BYTES as usize;
        self.scratch.resize(end, 0);
        self.scratch.extend_from_slice(&header.to_bytes(self.salt, self.segment));
        let sums = match moved {
            Some((_, sums)) => sums.clone(),
            None => table(key, payload).into(),
        };
        if payload.len() <= COPY_BYTES_MAX {
            self.scratch.extend_from_slice(payload);
        } else {
            self.payloads.push((self.scratch.len(), payload));
        }
        self.scratch.extend_from_slice(&sums);
        let padding = header.bytes() as usize - HEADER_BYTES - payload.len() - sums.len();
        self.scratch.resize(self.scratch.len() + padding, 0);
        self.unit = unit + (header.bytes() / UNIT_BYTES) as u32;
        self.headers.push(header);
    }

    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.unit - self.batch) * UNIT_BYTES
    }

    fn pieces(&self) -> Vec<&[u8]> {
        let mut pieces = Vec::with_capacity(self.payloads.len() * 2 + 1);
        let mut from = 0;
        for (behind, payload) in &self.payloads {
            pieces.push(&self.scratch[from..*behind]);
            pieces.push(payload);
            from = *behind;
        }
        pieces.push(&self.scratch[from..]);
        pieces
    }

    /// The batch's bytes in order; `cached`: all through the cache.
    pub(super) fn spans(&self, cached: bool) -> Vec<Span<'_>> {
        let begin = u64::from(self.batch) * UNIT_BYTES;
        let mut spans = Vec::new();
        let mut pieces = self.pieces();
        pieces.reverse();
        let mut at = begin;
        let direct = if cached { Vec::new() } else { direct_ranges(&self.headers) };
        for pages in direct {
            spans.push(Span { offset: at, pieces: take(&mut pieces, pages.start - at), direct: false });
            spans.push(Span { offset: pages.start, pieces: take(&mut pieces, pages.end - pages.start), direct: true });
            at = pages.end;
        }
        pieces.reverse();
        spans.push(Span { offset: at, pieces, direct: false });
        spans.retain(|s| s.pieces.iter().any(|p| !p.is_empty()));
        spans
    }
}

/// The pages of a batch that are written directly; behind each range follows something else.
fn direct_ranges(headers: &[Header]) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for h in headers.iter().filter(|h| h.kind == Kind::Put) {
        let from = u64::from(h.unit) * UNIT_BYTES + HEADER_BYTES as u64;
        let to = (from + u64::from(h.length)) / PAGE_BYTES * PAGE_BYTES;
        if !from.is_multiple_of(PAGE_BYTES) || to < from + DIRECT_FROM_BYTES as u64 {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if from - last.end <= PAGE_BYTES => last.end = to,
            _ => ranges.push(from..to),
        }
    }
    ranges
}

/// The next `bytes` of pieces that lie there in reverse.
fn take<'a>(pieces: &mut Vec<&'a [u8]>, mut bytes: u64) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    while bytes > 0 {
        let Some(piece) = pieces.pop() else { break };
        let (now, later) = piece.split_at(piece.len().min(bytes as usize));
        if !later.is_empty() {
            pieces.push(later);
        }
        bytes -= now.len() as u64;
        out.push(now);
    }
    out
}

/// Memory for pages whose bytes lie in several places, or not at a page's beginning.
#[derive(Default)]
pub struct Stage {
    buffer: Vec<u8>,
}

/// Whole pages in memory that begins at a page.
enum Run<'a> {
    /// As they came.
    Lent(&'a [u8]),
    /// Copied to the stage.
    Staged(Range<usize>),
}

impl Stage {
    fn memory(&mut self) -> &mut [u8] {
        if self.buffer.is_empty() {
            self.buffer = vec![0; STAGE_BYTES + PAGE];
        }
        let from = self.buffer.as_ptr().align_offset(PAGE);
        &mut self.buffer[from..from + STAGE_BYTES]
    }

    /// Hands a direct span's bytes to `write` as whole pages that begin at a page in memory too: lent where they lie so,
    /// else copied.
    pub(super) fn write(
        &mut self,
        span: &Span<'_>,
        mut write: impl FnMut(u64, &[IoSlice<'_>]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut pieces = span.pieces.iter().copied();
        let (mut offset, mut rest) = (span.offset, &[][..]);
        loop {
            let memory = self.memory();
            let mut runs: Vec<Run<'_>> = Vec::new();
            let (mut filled, mut bytes) = (0, 0);
            while filled < STAGE_BYTES {
                if rest.is_empty() {
                    match pieces.next() {
                        Some(next) => rest = next,
                        None => break,
                    }
                    continue;
                }
                let pages = rest.len() / PAGE * PAGE;
                if filled % PAGE == 0 && pages > 0 && rest.as_ptr().align_offset(PAGE) == 0 {
                    runs.push(Run::Lent(&rest[..pages]));
                    bytes += pages;
                    rest = &rest[pages..];
                    continue;
                }
                // To the end of a page begun; else as much as there is, since what is not aligned here never will be.
                let room = if filled % PAGE == 0 { STAGE_BYTES - filled } else { PAGE - filled % PAGE };
                let n = rest.len().min(room);
                memory[filled..filled + n].copy_from_slice(&rest[..n]);
                match runs.last_mut() {
                    Some(Run::Staged(last)) if last.end == filled => last.end += n,
                    _ => runs.push(Run::Staged(filled..filled + n)),
                }
                (filled, bytes, rest) = (filled + n, bytes + n, &rest[n..]);
            }
            if runs.is_empty() {
                return Ok(());
            }
            let memory = &*memory;
            let slices: Vec<IoSlice<'_>> = runs
                .iter()
                .map(|run| match run {
                    Run::Lent(pages) => IoSlice::new(pages),
                    Run::Staged(range) => IoSlice::new(&memory[range.clone()]),
                })
                .collect();
            write(offset, &slices)?;
            offset += bytes as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn record(length: usize) -> Record {
        let payload: Bytes = (0..length).map(|i| (i / 3 + length) as u8).collect();
        Record { kind: Kind::Put, key: [length as u8; 19], at_ms: 0, payload, moved: None }
    }

    fn records(lengths: &[usize]) -> Vec<Record> {
        lengths.iter().map(|n| record(*n)).collect()
    }

    fn layout(unit: u32, records: &[Record]) -> Layout<'_> {
        let mut layout = Layout::new(unit, 7, 1);
        records.iter().for_each(|r| layout.add(r, 1));
        layout
    }

    #[test]
    fn spans_are_the_batch_in_order_and_share_no_page() {
        let cases: [(&[usize], usize); 9] = [
            (&[], 0),
            (&[100], 0),
            (&[65_535], 0),
            (&[65_536], 1),
            (&[1_048_832, 1_048_832, 1_048_832], 1),
            (&[70_001, 10, 70_001], 1),
            (&[70_001, 5000, 70_001], 2),
            (&[10, 200_000], 1),
            (&[65_535, 65_536, 65_535, 150_000, 1], 2),
        ];
        for (lengths, direct) in cases {
            let records = records(lengths);
            for unit in [1, 62, 63, 64, 65, 127] {
                let layout = layout(unit, &records);
                assert!(layout.spans(true).iter().all(|s| !s.direct && s.pieces.concat() == layout.pieces().concat()));
                let spans = layout.spans(false);
                assert_eq!(spans.iter().filter(|s| s.direct).count(), direct, "{lengths:?}");
                let mut at = u64::from(unit) * UNIT_BYTES;
                for span in &spans {
                    assert_eq!(span.offset, at);
                    at += span.pieces.iter().map(|p| p.len() as u64).sum::<u64>();
                    assert!(!span.direct || (span.offset | at).is_multiple_of(PAGE_BYTES), "whole pages");
                }
                assert_eq!(at, u64::from(unit) * UNIT_BYTES + layout.bytes());
                let bytes: Vec<u8> = spans.iter().flat_map(|s| s.pieces.concat()).collect();
                assert_eq!(bytes, layout.pieces().concat());
            }
        }
    }

    #[test]
    fn what_is_written_directly_lies_at_pages_in_memory() {
        // Two of the three payloads lie at a page's beginning, one of them not to its end.
        let mut records = records(&[1_048_832, 3_000_000, 70_001, 65_536]);
        let mut aligned = 0;
        for record in records.iter_mut().skip(1).step_by(2) {
            let mut memory = vec![0; PAGE];
            memory.extend_from_slice(&record.payload);
            let from = memory.as_ptr().align_offset(PAGE);
            memory.copy_within(PAGE.., from);
            let length = record.payload.len();
            record.payload = Bytes::from(memory).slice(from..from + length);
            aligned += length / PAGE * PAGE;
        }
        let layout = layout(63, &records);
        let mut stage = Stage::default();
        let (mut written, mut lent) = (Vec::new(), 0);
        for span in layout.spans(false) {
            if !span.direct {
                span.pieces.iter().for_each(|p| written.extend_from_slice(p));
                continue;
            }
            let begin = span.offset - written.len() as u64;
            let done = stage.write(&span, |offset, pieces| {
                assert_eq!(offset, begin + written.len() as u64);
                for piece in pieces {
                    assert_eq!((piece.as_ptr().align_offset(PAGE), piece.len() % PAGE), (0, 0));
                    lent += usize::from(records.iter().any(|r| r.payload.as_ptr_range().contains(&piece.as_ptr()))) * piece.len();
                    written.extend_from_slice(piece);
                }
                Ok(())
            });
            done.unwrap();
        }
        assert!(written == layout.pieces().concat());
        assert_eq!(lent, aligned, "nothing is copied that need not be");
        let failing = layout
            .spans(false)
            .into_iter()
            .find(|s| s.direct)
            .map(|s| stage.write(&s, |_, _| Err(io::ErrorKind::InvalidInput.into())));
        assert_eq!(failing.unwrap().unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
