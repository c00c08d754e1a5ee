//! vhost-user messages: bytes to [`Request`], replies to bytes. Pure; a fuzz target.
//!
//! A message is a header of three little-endian u32 (request, flags, body size) and a body; file descriptors travel
//! beside it. Parsing checks the version, the body's exact size for the request and how many descriptors came with it.

pub const HEADER_BYTES: usize = 12;
/// The longest body of a request that is understood here is the memory table: 8 + 8 * 32.
pub const BODY_BYTES_MAX: usize = 512;
/// As many descriptors as the largest memory table has regions.
pub const FDS_MAX: usize = 8;
pub const REGIONS_MAX: usize = 8;
/// One receive and one transmit queue.
pub const QUEUES: usize = 2;
pub const QUEUE_SIZE_MAX: u16 = 32768;

const VERSION: u32 = 1;
const VERSION_MASK: u32 = 0x3;
const FLAG_REPLY: u32 = 1 << 2;
const FLAG_NEED_REPLY: u32 = 1 << 3;

/// Feature bits (virtio 1.2 section 5.1.3 and 6; bit 30 is vhost-user's own).
pub mod feature {
    pub const MRG_RXBUF: u64 = 1 << 15;
    pub const INDIRECT_DESC: u64 = 1 << 28;
    pub const EVENT_IDX: u64 = 1 << 29;
    /// Without it QEMU silently takes its own userspace virtio and no frame arrives.
    pub const PROTOCOL_FEATURES: u64 = 1 << 30;
    pub const VERSION_1: u64 = 1 << 32;
    pub const OFFERED: u64 = MRG_RXBUF | INDIRECT_DESC | EVENT_IDX | PROTOCOL_FEATURES | VERSION_1;
}

pub mod protocol_feature {
    pub const REPLY_ACK: u64 = 1 << 3;
    pub const OFFERED: u64 = REPLY_ACK;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    #[error("header of {0} bytes, it has 12")]
    ShortHeader(usize),
    #[error("protocol version {0}, known is 1")]
    Version(u32),
    #[error("a reply where a request was expected")]
    UnexpectedReply,
    #[error("body of {size} bytes for request {request}")]
    BodySize { request: u32, size: usize },
    #[error("{count} file descriptors with request {request}")]
    Descriptors { request: u32, count: usize },
    #[error("request {0} is not supported")]
    Unsupported(u32),
    #[error("memory table of {0} regions")]
    Regions(u32),
    #[error("ring {0} does not exist")]
    RingIndex(u64),
    #[error("ring size {0} is not a power of two up to 32768")]
    RingSize(u32),
    #[error("ring base {0} has more than 16 bits")]
    RingBase(u32),
    #[error("a ring without a kick descriptor (polling) is not supported")]
    PollingRing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub request: u32,
    pub need_reply: bool,
    pub body_bytes: usize,
}

impl Header {
    pub fn parse(bytes: &[u8]) -> Result<Self, ProtocolError> {
        let [request, flags, size] = words::<3>(bytes).ok_or(ProtocolError::ShortHeader(bytes.len()))?;
        if flags & VERSION_MASK != VERSION {
            return Err(ProtocolError::Version(flags & VERSION_MASK));
        }
        if flags & FLAG_REPLY != 0 {
            return Err(ProtocolError::UnexpectedReply);
        }
        let size = size as usize;
        if size > BODY_BYTES_MAX {
            return Err(ProtocolError::BodySize { request, size });
        }
        Ok(Self { request, need_reply: flags & FLAG_NEED_REPLY != 0, body_bytes: size })
    }
}

/// One region of guest memory, as the front end describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RegionSpec {
    pub guest_addr: u64,
    pub size_bytes: u64,
    /// The front end's own address of the region: ring addresses are given in these.
    pub user_addr: u64,
    pub file_offset: u64,
}

/// Addresses of a ring, in the front end's address space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RingAddrs {
    pub index: usize,
    pub descriptors: u64,
    pub used: u64,
    pub available: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    GetFeatures,
    SetFeatures(u64),
    SetOwner,
    ResetOwner,
    /// One descriptor a region, in order.
    SetMemTable(Vec<RegionSpec>),
    SetVringNum {
        index: usize,
        size: u16,
    },
    SetVringAddr(RingAddrs),
    SetVringBase {
        index: usize,
        base: u16,
    },
    GetVringBase {
        index: usize,
    },
    SetVringKick {
        index: usize,
    },
    /// Without a descriptor: the driver polls, no interrupts.
    SetVringCall {
        index: usize,
        has_fd: bool,
    },
    SetVringErr {
        index: usize,
        has_fd: bool,
    },
    GetProtocolFeatures,
    SetProtocolFeatures(u64),
    GetQueueNum,
    SetVringEnable {
        index: usize,
        enable: bool,
    },
    GetMaxMemSlots,
    /// Not vhost-user's but ours, from a sandbox's monitor: the one descriptor beside it carries frames, a TAP's or a packet
    /// socket's. The connection's end takes it back.
    AttachFrames,
}

/// Far from the numbers that vhost-user gives out one after the other.
pub const ATTACH_FRAMES: u32 = 0x5343_0001;

impl Request {
    /// Reads the body of a message whose header was read, with `fds` descriptors beside it.
    pub fn parse(header: Header, body: &[u8], fds: usize) -> Result<Self, ProtocolError> {
        let request = header.request;
        let size_error = ProtocolError::BodySize { request, size: body.len() };
        if body.len() != header.body_bytes {
            return Err(size_error);
        }
        let empty = || if body.is_empty() { Ok(()) } else { Err(size_error.clone()) };
        let word = || exact::<8>(body).map(u64::from_le_bytes).ok_or(size_error.clone());
        let state = || {
            let [index, num] = words::<2>(body).ok_or(size_error.clone())?;
            Ok((ring_index(u64::from(index))?, num))
        };
        // The u64 of the descriptor messages: ring index in the low byte, bit 8 set when no descriptor comes with it.
        let ring_fd = || {
            let v = word()?;
            let has_fd = v & 0x100 == 0;
            if fds != usize::from(has_fd) {
                return Err(ProtocolError::Descriptors { request, count: fds });
            }
            Ok((ring_index(v & 0xff)?, has_fd))
        };
        let takes_fds = matches!(request, 5 | 12..=14 | ATTACH_FRAMES);
        if !takes_fds && fds != 0 {
            return Err(ProtocolError::Descriptors { request, count: fds });
        }
        Ok(match request {
            1 => empty().map(|()| Self::GetFeatures)?,
            2 => Self::SetFeatures(word()?),
            3 => empty().map(|()| Self::SetOwner)?,
            4 => empty().map(|()| Self::ResetOwner)?,
            5 => Self::SetMemTable(mem_table(body, fds)?),
            8 => {
                let (index, num) = state()?;
                let size = u16::try_from(num).ok().filter(|n| n.is_power_of_two() && *n <= QUEUE_SIZE_MAX);
                Self::SetVringNum { index, size: size.ok_or(ProtocolError::RingSize(num))? }
            }
            9 => {
                // index u32, flags u32 (bit 0: log, not offered), descriptors, used, available, log
                let b = exact::<40>(body).ok_or(size_error)?;
                let at = |i: usize| u64::from_le_bytes(exact::<8>(&b[i..i + 8]).unwrap_or_default());
                let index = ring_index(at(0) & 0xffff_ffff)?;
                Self::SetVringAddr(RingAddrs { index, descriptors: at(8), used: at(16), available: at(24) })
            }
            10 => {
                let (index, num) = state()?;
                Self::SetVringBase { index, base: u16::try_from(num).map_err(|_| ProtocolError::RingBase(num))? }
            }
            11 => Self::GetVringBase { index: state()?.0 },
            12 => match ring_fd()? {
                (index, true) => Self::SetVringKick { index },
                (_, false) => return Err(ProtocolError::PollingRing),
            },
            13 => ring_fd().map(|(index, has_fd)| Self::SetVringCall { index, has_fd })?,
            14 => ring_fd().map(|(index, has_fd)| Self::SetVringErr { index, has_fd })?,
            15 => empty().map(|()| Self::GetProtocolFeatures)?,
            16 => Self::SetProtocolFeatures(word()?),
            17 => empty().map(|()| Self::GetQueueNum)?,
            18 => state().map(|(index, num)| Self::SetVringEnable { index, enable: num != 0 })?,
            ATTACH_FRAMES => {
                empty()?;
                if fds != 1 {
                    return Err(ProtocolError::Descriptors { request, count: fds });
                }
                Self::AttachFrames
            }
            36 => empty().map(|()| Self::GetMaxMemSlots)?,
            other => return Err(ProtocolError::Unsupported(other)),
        })
    }
}

fn mem_table(body: &[u8], fds: usize) -> Result<Vec<RegionSpec>, ProtocolError> {
    let request = 5;
    let size_error = || ProtocolError::BodySize { request, size: body.len() };
    let [count, _padding] = body.get(..8).and_then(words::<2>).ok_or_else(size_error)?;
    if count == 0 || count as usize > REGIONS_MAX {
        return Err(ProtocolError::Regions(count));
    }
    let regions = &body[8..];
    // QEMU sends as many regions as it has; some front ends always send the whole table of eight.
    if !regions.len().is_multiple_of(32) || regions.len() / 32 < count as usize {
        return Err(size_error());
    }
    if fds != count as usize {
        return Err(ProtocolError::Descriptors { request, count: fds });
    }
    Ok(regions
        .chunks_exact(32)
        .take(count as usize)
        .map(|r| {
            let at = |i: usize| u64::from_le_bytes(exact::<8>(&r[i..i + 8]).unwrap_or_default());
            RegionSpec { guest_addr: at(0), size_bytes: at(8), user_addr: at(16), file_offset: at(24) }
        })
        .collect())
}

fn ring_index(v: u64) -> Result<usize, ProtocolError> {
    usize::try_from(v).ok().filter(|i| *i < QUEUES).ok_or(ProtocolError::RingIndex(v))
}

fn exact<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn words<const N: usize>(bytes: &[u8]) -> Option<[u32; N]> {
    if bytes.len() != N * 4 {
        return None;
    }
    let mut out = [0; N];
    for (o, c) in out.iter_mut().zip(bytes.chunks_exact(4)) {
        *o = u32::from_le_bytes(exact(c)?);
    }
    Some(out)
}

/// A reply's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Word(u64),
    VringState { index: u32, num: u32 },
}

impl Reply {
    /// The whole reply to `request`: always 20 bytes.
    pub fn encode(self, request: u32) -> [u8; HEADER_BYTES + 8] {
        let mut out = [0; HEADER_BYTES + 8];
        out[0..4].copy_from_slice(&request.to_le_bytes());
        out[4..8].copy_from_slice(&(VERSION | FLAG_REPLY).to_le_bytes());
        out[8..12].copy_from_slice(&8u32.to_le_bytes());
        match self {
            Self::Word(v) => out[12..20].copy_from_slice(&v.to_le_bytes()),
            Self::VringState { index, num } => {
                out[12..16].copy_from_slice(&index.to_le_bytes());
                out[16..20].copy_from_slice(&num.to_le_bytes());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(request: u32, body: &[u8], fds: usize) -> Result<Request, ProtocolError> {
        let mut h = Vec::new();
        for w in [request, 1 | 8, body.len() as u32] {
            h.extend_from_slice(&w.to_le_bytes());
        }
        let header = Header::parse(&h)?;
        assert!(header.need_reply);
        Request::parse(header, body, fds)
    }

    fn pair(a: u32, b: u32) -> Vec<u8> {
        [a.to_le_bytes(), b.to_le_bytes()].concat()
    }

    #[test]
    fn requests_and_their_refusals() {
        assert_eq!(parse(1, &[], 0), Ok(Request::GetFeatures));
        assert_eq!(parse(2, &5u64.to_le_bytes(), 0), Ok(Request::SetFeatures(5)));
        assert_eq!(parse(8, &pair(1, 256), 0), Ok(Request::SetVringNum { index: 1, size: 256 }));
        assert_eq!(parse(12, &1u64.to_le_bytes(), 1), Ok(Request::SetVringKick { index: 1 }));
        assert_eq!(parse(13, &0x100u64.to_le_bytes(), 0), Ok(Request::SetVringCall { index: 0, has_fd: false }));
        assert_eq!(parse(18, &pair(0, 1), 0), Ok(Request::SetVringEnable { index: 0, enable: true }));
        let refused = [
            (1, vec![0], 0),
            (1, vec![], 1),
            (2, vec![0; 7], 0),
            (5, pair(9, 0), 9),
            (5, pair(1, 0), 1),
            (5, [pair(1, 0), vec![0; 32]].concat(), 0),
            (8, pair(0, 0), 0),
            (8, pair(0, 65536), 0),
            (8, pair(0, 300), 0),
            (8, pair(2, 256), 0),
            (10, pair(0, 65536), 0),
            (12, 0x100u64.to_le_bytes().to_vec(), 0),
            (12, 0u64.to_le_bytes().to_vec(), 0),
            (13, 0u64.to_le_bytes().to_vec(), 2),
            (99, vec![], 0),
        ];
        for (request, body, fds) in refused {
            assert!(parse(request, &body, fds).is_err(), "request {request}");
        }
        assert_eq!(Header::parse(&[0; 11]), Err(ProtocolError::ShortHeader(11)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(header in prop::collection::vec(any::<u8>(), 0..16),
                                           request in 0u32..40, body in prop::collection::vec(any::<u8>(), 0..300), fds in 0usize..10) {
            let _ = Header::parse(&header);
            let _ = Request::parse(Header { request, need_reply: false, body_bytes: body.len() }, &body, fds);
        }
    }
}
