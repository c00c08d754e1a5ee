//! What segment files hold, byte for byte. Pure: no files here. Called by the log, by recovery and by the scrubber.
//!
//! ```text
//!  seg-N   segment header (64) | records, each at a multiple of 64
//!  record  header (64) | payload | CRC-64/NVME of each 64 KiB of it (8 each) | zeros up to a multiple of 64
//!  header  magic 4 | version 1 | kind 1 | gap 2 | sequence 8 | time 8 | batch 4 | payload length 4 | shard id 19 | 0 x 5 | crc 8
//! ```
//! Everything is little endian; places are counted in units of 64 bytes. Each checksum is mixed with where the bytes belong
//! (header: the node's salt, segment and place; block: shard and block number), so that bytes which the disk returns from
//! elsewhere, left-overs of an older file and payloads that imitate a record are all noticed.
//!
//! Payloads of 64 KiB and more begin at a page, so that their space can be given back when they die; the unused bytes before
//! their header are the gap. `batch` says where the group began that was made durable together: all before it was durable
//! when this record was written, so what is broken there is rot and not a torn write.

use crate::id::ShardId;

pub type Key = [u8; ShardId::BYTES];

pub const FORMAT_VERSION: u8 = 1;
pub const UNIT_BYTES: u64 = 64;
pub const PAGE_BYTES: u64 = 4096;
pub const BLOCK_BYTES: usize = 64 << 10;
pub const HEADER_BYTES: usize = 64;
/// Largest shard: a chunk of 1 MiB and what encryption adds, with room.
pub const PAYLOAD_BYTES_MAX: usize = 4 << 20;
/// Payloads from this on begin at a page.
pub const ALIGNED_FROM_BYTES: usize = 64 << 10;

const RECORD_MAGIC: [u8; 4] = *b"SCR\x01";
const SEGMENT_MAGIC: [u8; 4] = *b"SCS\x01";
const INDEX_MAGIC: [u8; 4] = *b"SCI\x01";
const INDEX_HEADER_BYTES: usize = 32;
const INDEX_ENTRY_BYTES: usize = 48;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Put = 1,
    /// The shard's chunk was deleted, for ever and everywhere.
    Delete = 2,
    /// The shard is not kept here any more: it has gone home.
    Forget = 3,
    /// Nothing: fills the place of a record that was torn.
    Void = 4,
}

/// A record's header, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub kind: Kind,
    pub key: Key,
    /// Grows with every record written first hand; a record that compaction moves keeps its own.
    pub sequence: u64,
    /// When it was deleted; 0 of others.
    pub at_ms: u64,
    pub length: u32,
    /// Unused units before this record.
    pub gap: u16,
    /// The unit where the batch begins.
    pub batch: u32,
    /// The unit where this header is.
    pub unit: u32,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HeaderError {
    #[error("no intact record begins here")]
    Broken,
    /// Intact, and written by a newer program.
    #[error("its format is version {0}; this program knows {FORMAT_VERSION}")]
    Version(u8),
}

pub fn blocks(length: usize) -> usize {
    length.div_ceil(BLOCK_BYTES)
}

pub fn padded(bytes: u64) -> u64 {
    bytes.next_multiple_of(UNIT_BYTES)
}

/// Bytes of a record, from its header to the next one's earliest place.
pub fn record_bytes(kind: Kind, length: u32) -> u64 {
    let body = match kind {
        Kind::Put => u64::from(length) + 8 * blocks(length as usize) as u64,
        Kind::Void => u64::from(length),
        Kind::Delete | Kind::Forget => 0,
    };
    padded(HEADER_BYTES as u64 + body)
}

/// Where a record goes that may begin at `unit`: the gap before it, in units.
pub fn gap_units(unit: u32, kind: Kind, length: u32) -> u16 {
    if kind != Kind::Put || (length as usize) < ALIGNED_FROM_BYTES {
        return 0;
    }
    let per_page = (PAGE_BYTES / UNIT_BYTES) as u32;
    ((per_page - (unit + 1) % per_page) % per_page) as u16
}

/// SplitMix64's finisher.
fn mix(n: u64) -> u64 {
    let z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

pub fn crc(bytes: &[u8]) -> u64 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes)
}

fn place_tag(salt: u64, segment: u32, unit: u32) -> u64 {
    mix(salt ^ (u64::from(segment) << 32 | u64::from(unit)))
}

fn u32_at(b: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]])
}

fn u64_at(b: &[u8], at: usize) -> u64 {
    u64::from(u32_at(b, at)) | u64::from(u32_at(b, at + 4)) << 32
}

impl Header {
    pub fn bytes(&self) -> u64 {
        record_bytes(self.kind, self.length)
    }

    pub fn to_bytes(self, salt: u64, segment: u32) -> [u8; HEADER_BYTES] {
        let mut b = [0; HEADER_BYTES];
        b[..4].copy_from_slice(&RECORD_MAGIC);
        b[4] = FORMAT_VERSION;
        b[5] = self.kind as u8;
        b[6..8].copy_from_slice(&self.gap.to_le_bytes());
        b[8..16].copy_from_slice(&self.sequence.to_le_bytes());
        b[16..24].copy_from_slice(&self.at_ms.to_le_bytes());
        b[24..28].copy_from_slice(&self.batch.to_le_bytes());
        b[28..32].copy_from_slice(&self.length.to_le_bytes());
        b[32..51].copy_from_slice(&self.key);
        let sum = crc(&b[..56]) ^ place_tag(salt, segment, self.unit);
        b[56..].copy_from_slice(&sum.to_le_bytes());
        b
    }

    /// `b`: at least 64 bytes, read from `unit` of `segment`.
    pub fn parse(b: &[u8], salt: u64, segment: u32, unit: u32) -> Result<Self, HeaderError> {
        if b.len() < HEADER_BYTES || b[..4] != RECORD_MAGIC || u64_at(b, 56) != crc(&b[..56]) ^ place_tag(salt, segment, unit) {
            return Err(HeaderError::Broken);
        }
        if b[4] != FORMAT_VERSION {
            return Err(HeaderError::Version(b[4]));
        }
        let kind = kind_of(b[5]).ok_or(HeaderError::Broken)?;
        let mut key = [0; ShardId::BYTES];
        key.copy_from_slice(&b[32..51]);
        let length = u32_at(b, 28);
        if kind == Kind::Put && length as usize > PAYLOAD_BYTES_MAX {
            return Err(HeaderError::Broken);
        }
        let gap = u16::from_le_bytes([b[6], b[7]]);
        Ok(Self { kind, key, sequence: u64_at(b, 8), at_ms: u64_at(b, 16), length, gap, batch: u32_at(b, 24), unit })
    }
}

fn kind_of(b: u8) -> Option<Kind> {
    [Kind::Put, Kind::Delete, Kind::Forget, Kind::Void].into_iter().find(|k| *k as u8 == b)
}

// ------------------------------------------------------------------------------------------------------- blocks

fn block_sum(key: &Key, number: usize, block: &[u8]) -> u64 {
    crc(block) ^ mix(crc(key) ^ number as u64)
}

/// The checksums behind a payload.
pub fn table(key: &Key, payload: &[u8]) -> Vec<u8> {
    payload.chunks(BLOCK_BYTES).enumerate().flat_map(|(n, block)| block_sum(key, n, block).to_le_bytes()).collect()
}

/// Are these whole blocks, of which the first is number `first`, those that the table (whole) speaks of?
pub fn verify(key: &Key, first: usize, bytes: &[u8], table: &[u8]) -> bool {
    let sums = table.chunks_exact(8).skip(first);
    bytes.len().div_ceil(BLOCK_BYTES) <= sums.len()
        && bytes
            .chunks(BLOCK_BYTES)
            .zip(sums)
            .enumerate()
            .all(|(n, (block, sum))| block_sum(key, first + n, block) == u64_at(sum, 0))
}

// ------------------------------------------------------------------------------------------------------ segments

/// For people and other programs; records are checked by themselves.
pub fn segment_header(salt: u64, segment: u32) -> [u8; HEADER_BYTES] {
    let mut b = [0; HEADER_BYTES];
    b[..4].copy_from_slice(&SEGMENT_MAGIC);
    b[4] = FORMAT_VERSION;
    b[8..12].copy_from_slice(&segment.to_le_bytes());
    let sum = crc(&b[..56]) ^ place_tag(salt, segment, 0);
    b[56..].copy_from_slice(&sum.to_le_bytes());
    b
}

/// None: broken, or another node's.
pub fn segment_version(b: &[u8], salt: u64, segment: u32) -> Option<u8> {
    let whole = b.len() >= HEADER_BYTES
        && b[..4] == SEGMENT_MAGIC
        && u64_at(b, 56) == crc(&b[..56]) ^ place_tag(salt, segment, 0)
        && u32_at(b, 8) == segment;
    whole.then(|| b[4])
}

/// The headers of a sealed segment of `bytes`, for its index file: magic, version, segment, bytes, count; 48 bytes each; crc.
pub fn index_to_bytes(salt: u64, segment: u32, bytes: u64, headers: &[Header]) -> Vec<u8> {
    let mut b = Vec::with_capacity(INDEX_HEADER_BYTES + headers.len() * INDEX_ENTRY_BYTES + 8);
    b.extend_from_slice(&INDEX_MAGIC);
    b.extend_from_slice(&[FORMAT_VERSION, 0, 0, 0]);
    b.extend_from_slice(&segment.to_le_bytes());
    b.extend_from_slice(&(headers.len() as u32).to_le_bytes());
    b.extend_from_slice(&bytes.to_le_bytes());
    b.extend_from_slice(&[0; 8]);
    for h in headers {
        b.extend_from_slice(&h.key);
        b.push(h.kind as u8);
        b.extend_from_slice(&h.sequence.to_le_bytes());
        b.extend_from_slice(&h.at_ms.to_le_bytes());
        b.extend_from_slice(&h.unit.to_le_bytes());
        b.extend_from_slice(&h.length.to_le_bytes());
        b.extend_from_slice(&h.batch.to_le_bytes());
    }
    let sum = crc(&b) ^ place_tag(salt, segment, u32::MAX);
    b.extend_from_slice(&sum.to_le_bytes());
    b
}

/// None: it is not the intact index of this segment at this length; scan the segment instead.
pub fn index_from_bytes(b: &[u8], salt: u64, segment: u32, bytes: u64) -> Option<Vec<Header>> {
    let end = b.len().checked_sub(8)?;
    let body = b.get(INDEX_HEADER_BYTES..end)?;
    let whole = b[..4] == INDEX_MAGIC
        && b[4] == FORMAT_VERSION
        && u64_at(b, end) == crc(&b[..end]) ^ place_tag(salt, segment, u32::MAX)
        && u32_at(b, 8) == segment
        && u64_at(b, 16) == bytes
        && body.len() == u32_at(b, 12) as usize * INDEX_ENTRY_BYTES;
    if !whole {
        return None;
    }
    body.chunks_exact(INDEX_ENTRY_BYTES)
        .map(|e| {
            let mut key = [0; ShardId::BYTES];
            key.copy_from_slice(&e[..19]);
            Some(Header {
                kind: kind_of(e[19])?,
                key,
                sequence: u64_at(e, 20),
                at_ms: u64_at(e, 28),
                unit: u32_at(e, 36),
                length: u32_at(e, 40),
                gap: 0,
                batch: u32_at(e, 44),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header { kind: Kind::Put, key: [7; 19], sequence: 5, at_ms: 9, length: 70_000, gap: 3, batch: 1, unit: 63 }
    }

    #[test]
    fn a_header_is_read_back_only_where_it_was_written() {
        let b = header().to_bytes(11, 2);
        assert_eq!(Header::parse(&b, 11, 2, 63), Ok(header()));
        for (salt, segment, unit) in [(12, 2, 63), (11, 3, 63), (11, 2, 64)] {
            assert_eq!(Header::parse(&b, salt, segment, unit), Err(HeaderError::Broken));
        }
        for bit in 0..512 {
            let mut bad = b;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::parse(&bad, 11, 2, 63), Err(HeaderError::Broken), "bit {bit}");
        }
        let mut newer = b;
        newer[4] = 2;
        let sum = crc(&newer[..56]) ^ place_tag(11, 2, 63);
        newer[56..].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(Header::parse(&newer, 11, 2, 63), Err(HeaderError::Version(2)));
    }

    /// A change of these bytes is a new version of the format.
    #[test]
    fn the_bytes_of_version_1_stay() {
        let all = [
            header().to_bytes(11, 2).to_vec(),
            segment_header(11, 2).to_vec(),
            table(&[7; 19], &[3; 70_000]),
            index_to_bytes(11, 2, 4096, &[header()]),
        ];
        let sums = all.map(|b| format!("{} {:016x}", b.len(), crc(&b)));
        assert_eq!(sums, ["64 354e62ea8cace839", "64 d654e8550e15b9ba", "16 2a16299e6fcf484b", "88 f6241691b94318fb"]);
    }

    #[test]
    fn blocks_are_bound_to_their_shard_and_number() {
        let payload: Vec<u8> = (0..150_000u32).map(|i| (i / 7) as u8).collect();
        let sums = table(&[1; 19], &payload);
        assert_eq!(sums.len(), 24);
        assert!(verify(&[1; 19], 0, &payload, &sums));
        assert!(verify(&[1; 19], 1, &payload[BLOCK_BYTES..2 * BLOCK_BYTES], &sums));
        assert!(verify(&[1; 19], 2, &payload[2 * BLOCK_BYTES..], &sums));
        assert!(!verify(&[2; 19], 0, &payload, &sums));
        assert!(!verify(&[1; 19], 0, &payload[BLOCK_BYTES..2 * BLOCK_BYTES], &sums));
        assert!(!verify(&[1; 19], 3, &payload[..1], &sums), "no checksum, not verified");
        let mut bad = payload.clone();
        bad[149_999] ^= 1;
        assert!(!verify(&[1; 19], 0, &bad, &sums));
    }

    #[test]
    fn large_payloads_begin_at_a_page() {
        for unit in 1..200 {
            let gap = u32::from(gap_units(unit, Kind::Put, 64 << 10));
            assert!(gap < 64 && (unit + gap + 1) % 64 == 0, "{unit} {gap}");
            assert_eq!(gap_units(unit, Kind::Put, 100), 0);
            assert_eq!(gap_units(unit, Kind::Delete, 64 << 10), 0);
        }
        assert_eq!(record_bytes(Kind::Put, 0), 64);
        assert_eq!(record_bytes(Kind::Put, 56), 128);
        assert_eq!(record_bytes(Kind::Put, 57), 192);
    }

    #[test]
    fn an_index_is_whole_or_nothing() {
        let second = Header { kind: Kind::Delete, at_ms: 77, unit: 90, gap: 0, length: 0, ..header() };
        let headers = [Header { gap: 0, ..header() }, second];
        let b = index_to_bytes(1, 2, 999, &headers);
        assert_eq!(index_from_bytes(&b, 1, 2, 999).unwrap(), headers);
        for (salt, segment, bytes) in [(2, 2, 999), (1, 3, 999), (1, 2, 1000)] {
            assert!(index_from_bytes(&b, salt, segment, bytes).is_none());
        }
        for cut in 0..b.len() {
            assert!(index_from_bytes(&b[..cut], 1, 2, 999).is_none());
        }
        for at in 0..b.len() {
            let mut bad = b.clone();
            bad[at] ^= 4;
            assert!(index_from_bytes(&bad, 1, 2, 999).is_none(), "byte {at}");
        }
    }
}
