//! The index's rows by their keys: one space a kind (its first byte), in each the order that listings need.
//!
//! ```text
//!  B name                    bucket            b blob            who names a blob, or that it is garbage
//!  A name                    its documents
//!  O owner 0 name            its owner's list  G since kind id   work of the collector, oldest first
//!  H bucket key 0            current object    S session         a writer's session
//!  M bucket key 0            current marker    W owner           the owner's open session
//!  V bucket key 0 ^seq       older versions    E seq             an event
//!  N bucket key 0            seq of the older  C name            a counter
//!                            `null` version    T caller slot     a caller's last call, for exactly once
//!  U bucket key 0 upload     upload under way  D upload          what an upload became
//!  P upload number           a part
//!  X                         what this shard has of everything: its extent
//!  Y number                  a shard that was made of this one
//!  K name                    a bucket's row while it is changed in all its shards
//! ```
//!
//! A key has a row in `H` or one in `M` (never both) as long as it has any version, so a listing of objects meets no delete
//! markers, however many there are. `^seq` is inverted: the newest version comes first.
//!
//! S3 keys are UTF-8, whose bytes end at 0xF4. So each byte is stored one higher and 0 ends the key: nothing grows, and the
//! order of rows is the order of keys, also behind a key that begins another.

use super::map::{Keys, Number};
use crate::id::{BlobId, SessionId};
use crate::record::{BucketId, UploadId};
use store::Key;
use types::{AccountId, TimestampMs};

/// S3's limit.
pub const OBJECT_KEY_BYTES_MAX: usize = 1024;

pub const BUCKET: u8 = b'B';
pub const DOCUMENTS: u8 = b'A';
pub const OWNED: u8 = b'O';
pub const HEAD: u8 = b'H';
pub const MARKER: u8 = b'M';
pub const OLDER: u8 = b'V';
pub const NULL: u8 = b'N';
pub const UPLOAD: u8 = b'U';
pub const PART: u8 = b'P';
pub const COMPLETED: u8 = b'D';
pub const BLOB: u8 = b'b';
pub const GARBAGE: u8 = b'G';
pub const SESSION: u8 = b'S';
pub const WRITER: u8 = b'W';
pub const EVENT: u8 = b'E';
pub const COUNTER: u8 = b'C';
pub const SLOT: u8 = b'T';
pub const EXTENT: u8 = b'X';
pub const CHILD: u8 = b'Y';
pub const FROZEN: u8 = b'K';

/// Before the object's key: space and bucket.
pub const HEADER_BYTES: usize = 9;

/// A byte of an object's key in a row.
pub fn spell(byte: u8) -> u8 {
    byte + 1
}

/// The byte of an object's key that is spelled so; 0 is none.
pub fn unspell(byte: u8) -> u8 {
    byte.wrapping_sub(1)
}

fn joined(space: u8, parts: &[&[u8]]) -> Key {
    let mut key = Vec::with_capacity(1 + parts.iter().map(|p| p.len()).sum::<usize>());
    key.push(space);
    parts.iter().for_each(|p| key.extend_from_slice(p));
    key
}

pub fn bucket(name: &str) -> Key {
    joined(BUCKET, &[name.as_bytes()])
}

/// Apart from the bucket's row, which every call reads: documents may be large.
pub fn documents(name: &str) -> Key {
    joined(DOCUMENTS, &[name.as_bytes()])
}

/// `name` may be the beginning of one.
pub fn owned(owner: &AccountId, name: &str) -> Key {
    joined(OWNED, &[owner.to_string().as_bytes(), &[0], name.as_bytes()])
}

pub fn owned_name(row: &[u8]) -> Option<&str> {
    let end = row.iter().position(|b| *b == 0)?;
    std::str::from_utf8(&row[end + 1..]).ok()
}

/// Everything of a bucket in one of the spaces `H`, `M`, `V`, `N`, `U`.
pub fn of_bucket(space: u8, bucket: BucketId) -> Key {
    joined(space, &[&bucket.0.to_be_bytes()])
}

/// Where the rows of keys with this prefix begin.
pub fn of_prefix(space: u8, bucket: BucketId, prefix: &str) -> Key {
    let mut row = Vec::with_capacity(HEADER_BYTES + prefix.len() + 17);
    row.push(space);
    row.extend_from_slice(&bucket.0.to_be_bytes());
    row.extend(prefix.bytes().map(spell));
    row
}

/// Where the rows of these keys begin and end.
pub fn of_keys(space: u8, bucket: BucketId, keys: &Keys) -> (Key, Key) {
    let end = match &keys.to {
        Some(to) => of_prefix(space, bucket, to),
        None => store::prefix_end(&of_bucket(space, bucket)),
    };
    (of_prefix(space, bucket, &keys.from), end)
}

/// The row of a key in `H`, `M` or `N`; all its rows in `V` and `U` begin with it.
pub fn object(space: u8, bucket: BucketId, key: &str) -> Key {
    let mut row = of_prefix(space, bucket, key);
    row.push(0);
    row
}

pub fn older(bucket: BucketId, key: &str, seq: u64) -> Key {
    let mut row = object(OLDER, bucket, key);
    row.extend_from_slice(&(!seq).to_be_bytes());
    row
}

pub fn upload(bucket: BucketId, key: &str, id: UploadId) -> Key {
    let mut row = object(UPLOAD, bucket, key);
    row.extend_from_slice(&id.0.to_be_bytes());
    row
}

/// The part of a row's key that names the object, to its end: comparable between the spaces.
pub fn body(row: &[u8]) -> &[u8] {
    let rest = row.get(HEADER_BYTES..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == 0).map_or(rest.len(), |at| at + 1);
    &rest[..end]
}

/// The object's key. None: not such a row.
pub fn object_key(row: &[u8]) -> Option<String> {
    let (end, key) = body(row).split_last()?;
    if *end != 0 {
        return None;
    }
    String::from_utf8(key.iter().map(|b| unspell(*b)).collect()).ok()
}

pub fn part(upload: UploadId, number: u16) -> Key {
    joined(PART, &[&upload.0.to_be_bytes(), &number.to_be_bytes()])
}

pub fn parts(upload: UploadId) -> Key {
    joined(PART, &[&upload.0.to_be_bytes()])
}

pub fn completed(upload: UploadId) -> Key {
    joined(COMPLETED, &[&upload.0.to_be_bytes()])
}

pub fn blob(id: BlobId) -> Key {
    joined(BLOB, &[&id.to_bytes()])
}

/// `id` tells apart what became garbage in one moment.
pub fn garbage(since: TimestampMs, kind: u8, id: &[u8]) -> Key {
    joined(GARBAGE, &[&since.0.to_be_bytes(), &[kind], id])
}

/// When the work of such a row was put down.
pub fn garbage_since(row: &[u8]) -> Option<TimestampMs> {
    Some(TimestampMs(u64::from_be_bytes(row.get(1..9)?.try_into().ok()?)))
}

pub fn session(id: SessionId) -> Key {
    joined(SESSION, &[&id.0.to_be_bytes()])
}

pub fn writer(owner: &str) -> Key {
    joined(WRITER, &[owner.as_bytes()])
}

pub fn event(seq: u64) -> Key {
    joined(EVENT, &[&seq.to_be_bytes()])
}

pub fn counter(name: &str) -> Key {
    joined(COUNTER, &[name.as_bytes()])
}

pub fn slot(caller: u128, slot: u16) -> Key {
    joined(SLOT, &[&caller.to_be_bytes(), &slot.to_be_bytes()])
}

pub fn extent() -> Key {
    vec![EXTENT]
}

pub fn child(number: Number) -> Key {
    joined(CHILD, &[&number.to_be_bytes()])
}

pub fn frozen(name: &str) -> Key {
    joined(FROZEN, &[name.as_bytes()])
}

/// The bucket's name of a row in `B`, `A` or `K`.
pub fn bucket_name(row: &[u8]) -> Option<&str> {
    std::str::from_utf8(row.get(1..)?).ok()
}

/// The bucket of a row in one of the spaces `H`, `M`, `V`, `N`, `U`.
pub fn bucket_id(row: &[u8]) -> Option<BucketId> {
    Some(BucketId(u64::from_be_bytes(row.get(1..HEADER_BYTES)?.try_into().ok()?)))
}

/// The upload of a row in `P`.
pub fn upload_of_part(row: &[u8]) -> Option<UploadId> {
    Some(UploadId(u128::from_be_bytes(row.get(1..17)?.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const B: BucketId = BucketId(7);

    proptest! {
        #[test]
        fn rows_are_ordered_as_keys_are(a in "[\u{0}a/\u{7f}é\u{10ffff}]{0,6}", b in "[\u{0}a/\u{7f}é\u{10ffff}]{0,6}", s in any::<u64>()) {
            prop_assert_eq!(object(HEAD, B, &a).cmp(&object(HEAD, B, &b)), a.as_bytes().cmp(b.as_bytes()));
            prop_assert_eq!(object_key(&older(B, &a, s)), Some(a.clone()));
            let inside = object(HEAD, B, &a).starts_with(&of_prefix(HEAD, B, &b));
            prop_assert_eq!(inside, a.starts_with(&b));
            if a < b {
                prop_assert!(older(B, &a, s) < older(B, &b, !s));
            }
        }
    }

    #[test]
    fn the_longest_row_fits() {
        let key = "\u{10ffff}".repeat(OBJECT_KEY_BYTES_MAX / 4);
        assert!(upload(B, &key, UploadId(u128::MAX)).len() <= store::KEY_BYTES_MAX);
    }

    #[test]
    fn newer_versions_come_first() {
        assert!(older(B, "k", 9) < older(B, "k", 8) && older(B, "k", 0) < object(OLDER, B, "k\0"));
        let owner: AccountId = "123456789012".parse().unwrap();
        assert_eq!(owned_name(&owned(&owner, "name")), Some("name"));
        assert_eq!(garbage_since(&garbage(TimestampMs(5), 1, b"x")), Some(TimestampMs(5)));
    }
}
