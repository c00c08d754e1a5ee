//! Entries of listings, written from the index's rows straight into the reply, without a string for every field.
//!
//! They are what `encode_element` makes of `s3::Object`, `s3::ObjectVersion` and `s3::DeleteMarkerEntry`; the tests hold
//! them to that.

use super::{Encoding, checksum_type};
use aws_protocol::s3::{self, encode_element, encode_xml, errors};
use aws_protocol::{AwsError, Shape, write_text, write_timestamp};
use objectstore::rows::{Head, Listed, Rows};
use std::fmt::Write;

/// Of an entry, beside its row: tags, and numbers in digits.
const ENTRY_BYTES: usize = 256;

/// How the owner of an account's objects is shown.
pub type OwnerOf<'a> = &'a dyn Fn(&str) -> Option<s3::Owner>;

/// A reply's body being written.
pub struct Entries<'a> {
    out: String,
    encoding: Encoding,
    /// None: owners are not shown.
    owner_of: Option<OwnerOf<'a>>,
    /// The last account and its element: most pages have one owner.
    owner: (String, String),
}

impl<'a> Entries<'a> {
    pub fn new(encoding: Encoding, owner_of: Option<OwnerOf<'a>>) -> Self {
        Self { out: String::new(), encoding, owner_of, owner: Default::default() }
    }

    /// The reply `shell`, with an entry for each row before the first element `before`, or at its end.
    pub fn within<T: Shape>(
        mut self,
        (root, shell): (&str, &T),
        before: &str,
        rows: &Rows,
        write: impl Fn(&mut Self, &Listed<'_>),
    ) -> Result<String, AwsError> {
        let shell = encode_xml(root, shell);
        // Text is escaped: what looks like an element is one.
        let at = shell.find(before).or_else(|| shell.rfind("</")).unwrap_or(shell.len());
        self.out.reserve(shell.len() + rows.bytes() + rows.len() * ENTRY_BYTES);
        self.out.push_str(&shell[..at]);
        for listed in rows {
            let listed = listed.map_err(|error| {
                tracing::error!(%error, "a page of the index cannot be read");
                errors::internal_error()
            })?;
            write(&mut self, &listed);
        }
        self.out.push_str(&shell[at..]);
        Ok(self.out)
    }

    pub fn object(&mut self, listed: &Listed<'_>) {
        self.out.push_str("<Contents>");
        self.key(listed.key);
        self.modified(&listed.head);
        self.data(&listed.head);
        self.owner(&listed.head);
        self.out.push_str("</Contents>");
    }

    pub fn version(&mut self, listed: &Listed<'_>) {
        let head = &listed.head;
        if head.delete_marker {
            self.out.push_str("<DeleteMarker>");
            self.owner(head);
            self.key(listed.key);
            self.place(listed);
            self.out.push_str("</DeleteMarker>");
        } else {
            self.out.push_str("<Version>");
            self.data(head);
            self.key(listed.key);
            self.place(listed);
            self.owner(head);
            self.out.push_str("</Version>");
        }
    }

    fn key(&mut self, key: &str) {
        self.out.push_str("<Key>");
        self.encoding.write(key, &mut self.out);
        self.out.push_str("</Key>");
    }

    fn modified(&mut self, head: &Head<'_>) {
        self.out.push_str("<LastModified>");
        write_timestamp(head.modified, &mut self.out);
        self.out.push_str("</LastModified>");
    }

    /// Which version it is, from `VersionId` to `LastModified`.
    fn place(&mut self, listed: &Listed<'_>) {
        let (id, latest) = (listed.head.id, listed.latest);
        let _ = write!(self.out, "<VersionId>{id}</VersionId><IsLatest>{latest}</IsLatest>");
        self.modified(&listed.head);
    }

    /// From `ETag` to `StorageClass`.
    fn data(&mut self, head: &Head<'_>) {
        let out = &mut self.out;
        out.push_str("<ETag>&quot;");
        write_text(head.etag, out);
        out.push_str("&quot;</ETag>");
        if let Some((algorithm, composite)) = head.checksum {
            out.push_str("<ChecksumAlgorithm>");
            write_text(algorithm, out);
            let kind = checksum_type(composite);
            let _ = write!(out, "</ChecksumAlgorithm><ChecksumType>{kind}</ChecksumType>");
        }
        out.push_str("<Size>");
        write_number(head.bytes, out);
        out.push_str("</Size><StorageClass>");
        write_text(head.storage_class, out);
        out.push_str("</StorageClass>");
    }

    fn owner(&mut self, head: &Head<'_>) {
        let Some(owner_of) = self.owner_of else { return };
        if self.owner.0 != head.owner {
            let element = owner_of(head.owner).map(|o| encode_element("Owner", &o)).unwrap_or_default();
            self.owner = (head.owner.to_owned(), element);
        }
        self.out.push_str(&self.owner.1);
    }
}

/// What `to_string` makes of it, faster.
fn write_number(mut n: u64, out: &mut String) {
    let (mut digits, mut at) = ([b'0'; 20], 20);
    loop {
        at -= 1;
        digits[at] += (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use objectstore::record::{Data, Encryption, NewVersion, ObjectChecksum, VersionId, VersionRecord};
    use objectstore::rows::{self, RowsWriter};
    use types::TimestampMs;

    fn owner_of(account: &str) -> Option<s3::Owner> {
        Some(s3::Owner { display_name: Some(format!("<{account}>")), id: Some(account.to_owned()) })
    }

    fn record(id: VersionId, delete_marker: bool, checksum: Option<bool>) -> VersionRecord {
        let checksum = checksum.map(|composite| ObjectChecksum { algorithm: "CRC32".into(), value: "AA==".into(), composite });
        let object = NewVersion {
            data: Data::None,
            bytes: u64::from(u32::MAX) + 1,
            etag: "d41d8&\"".into(),
            owner: "123456789012".parse().unwrap(),
            headers: vec![("content-type".into(), "x".into())],
            metadata: Vec::new(),
            tags: Vec::new(),
            acl: None,
            checksum,
            storage_class: "STANDARD_IA".into(),
            encryption: Encryption::S3,
            retention: None,
            legal_hold: false,
            website_redirect: None,
            replication: None,
            restore: None,
        };
        VersionRecord { id, seq: 7, modified: TimestampMs(1_800_000_000_123), delete_marker, object }
    }

    /// Written by hand, and by the shapes.
    #[test]
    fn entries_are_those_of_the_shapes() {
        let named = VersionId::Named { seq: 7, salt: 0xabc };
        for (key, latest, record, with_owner, url) in [
            ("plain", true, record(VersionId::Null, false, None), false, false),
            ("<a&b>\r \u{fffe}é", false, record(named, false, Some(true)), true, false),
            ("a b/é+", true, record(named, false, Some(false)), true, true),
            ("gone", false, record(named, true, None), true, false),
            ("gone", true, record(VersionId::Null, true, None), true, true),
        ] {
            let encoding = Encoding(url);
            let mut writer = RowsWriter::new(false);
            writer.push(key.bytes(), latest, &rows::encode(&record).unwrap()).unwrap();
            let page = writer.finish();
            let shell = s3::ListObjectsV2Output { name: Some("<Name>".into()), is_truncated: Some(false), ..Default::default() };
            let written = |write: fn(&mut Entries<'_>, &Listed<'_>)| {
                let entries = Entries::new(encoding, with_owner.then_some(&owner_of as OwnerOf<'_>));
                entries.within(("R", &shell), "<Name>", &page, write).unwrap()
            };
            let o = &record.object;
            let text = Some(encoding.text(key));
            let owner = with_owner.then(|| owner_of("123456789012")).flatten();
            let checksum_algorithm = o.checksum.as_ref().map(|c| vec![c.algorithm.clone()]);
            let checksum_type = o.checksum.as_ref().map(|c| checksum_type(c.composite).to_owned());
            let object = s3::Object {
                key: text.clone(),
                last_modified: Some(record.modified),
                e_tag: Some(format!("\"{}\"", o.etag)),
                checksum_algorithm: checksum_algorithm.clone(),
                checksum_type: checksum_type.clone(),
                size: Some(o.bytes as i64),
                storage_class: Some(o.storage_class.clone()),
                owner: owner.clone(),
                restore_status: None,
            };
            let contents = s3::ListObjectsV2Output { contents: Some(vec![object]), ..shell.clone() };
            assert_eq!(written(|e, l| e.object(l)), encode_xml("R", &contents), "{key}");
            let element = if record.delete_marker {
                let marker = s3::DeleteMarkerEntry {
                    owner,
                    key: text,
                    version_id: Some(record.id.to_string()),
                    is_latest: Some(latest),
                    last_modified: Some(record.modified),
                };
                encode_element("DeleteMarker", &marker)
            } else {
                let version = s3::ObjectVersion {
                    e_tag: Some(format!("\"{}\"", o.etag)),
                    checksum_algorithm,
                    checksum_type,
                    size: Some(o.bytes as i64),
                    storage_class: Some(o.storage_class.clone()),
                    key: text,
                    version_id: Some(record.id.to_string()),
                    is_latest: Some(latest),
                    last_modified: Some(record.modified),
                    owner,
                    restore_status: None,
                };
                encode_element("Version", &version)
            };
            let expected = encode_xml("R", &shell).replace("<Name>", &format!("{element}<Name>"));
            assert_eq!(written(|e, l| e.version(l)), expected, "{key}");
        }
    }

    #[test]
    fn numbers_are_in_digits() {
        for n in [0, 9, 10, 4096, u64::MAX] {
            let mut out = String::new();
            write_number(n, &mut out);
            assert_eq!(out, n.to_string());
        }
    }

    #[test]
    fn a_damaged_page_is_an_error() {
        let page = Rows::new(1, bytes::Bytes::from_static(b"nonsense"));
        let entries = Entries::new(Encoding(false), None);
        let shell = s3::ListObjectsV2Output::default();
        assert_eq!(entries.within(("R", &shell), "<Name>", &page, Entries::object).unwrap_err().status, 500);
    }
}
