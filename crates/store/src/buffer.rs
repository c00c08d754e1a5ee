//! Rows of a range in one piece of memory, for those who read many of them: reading a row allocates nothing.

/// Keys and values in the order of the range. Kept between reads, it keeps its memory.
#[derive(Debug, Default)]
pub struct RowBuffer {
    bytes: Vec<u8>,
    /// Where each row's key begins, its value begins, and it ends.
    rows: Vec<[usize; 3]>,
}

impl RowBuffer {
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }

    pub fn push(&mut self, key: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        let middle = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.rows.push([start, middle, self.bytes.len()]);
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Keys and values together.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Key and value of the n-th row.
    pub fn get(&self, n: usize) -> Option<(&[u8], &[u8])> {
        let [start, middle, end] = *self.rows.get(n)?;
        Some((&self.bytes[start..middle], &self.bytes[middle..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_pushed() {
        let mut rows = RowBuffer::default();
        for round in 0..2 {
            rows.clear();
            rows.push(b"a", b"");
            rows.push(b"", b"bc");
            assert_eq!((rows.len(), rows.bytes()), (2, 3), "{round}");
            assert_eq!([rows.get(0), rows.get(1), rows.get(2)], [Some((&b"a"[..], &b""[..])), Some((b"", b"bc")), None]);
        }
    }
}
