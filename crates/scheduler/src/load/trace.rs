//! Load from a file: CSV with a header, one instance a line.
//!
//! Columns by name, in any order: `start_ms`, `end_ms` (empty: never), `vcpus`, `memory_mib`, and if wanted `disk_gib`,
//! `network_mbps`, `gpus`, `classes` (numbers with `+` between; empty: all). Unknown columns are an error, so that a typing
//! mistake is not silently a default.

use super::{Arrival, shapes::Shape};
use crate::cell::Pools;
use crate::room::Room;

/// More lines than this are refused.
pub const LINES_MAX: usize = 10_000_000;
const COLUMNS: [&str; 8] = ["start_ms", "end_ms", "vcpus", "memory_mib", "disk_gib", "network_mbps", "gpus", "classes"];

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TraceError {
    #[error(
        "line 1: the column \"{0}\" is not known; known are start_ms, end_ms, vcpus, memory_mib, disk_gib, network_mbps, gpus, classes"
    )]
    UnknownColumn(String),
    #[error("line 1: the column {0} is missing")]
    MissingColumn(&'static str),
    #[error("line {line}: {column} is \"{given}\"")]
    Value { line: usize, column: &'static str, given: String },
    #[error("line {line}: {given} fields, the header has {wanted}")]
    Fields { line: usize, given: usize, wanted: usize },
    #[error("more than {LINES_MAX} lines")]
    TooLong,
}

/// In order of start.
///
/// # Errors
/// The first line that is not as described.
pub fn parse(text: &str) -> Result<Vec<Arrival>, TraceError> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or("").split(',').map(str::trim).collect();
    if let Some(bad) = header.iter().find(|h| !COLUMNS.contains(h)) {
        return Err(TraceError::UnknownColumn(bad.chars().take(64).collect()));
    }
    if let Some(missing) = ["start_ms", "vcpus", "memory_mib"].into_iter().find(|c| !header.contains(c)) {
        return Err(TraceError::MissingColumn(missing));
    }
    let mut out = Vec::new();
    for (n, text) in lines.enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let line = n + 2;
        if n >= LINES_MAX {
            return Err(TraceError::TooLong);
        }
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        if fields.len() != header.len() {
            return Err(TraceError::Fields { line, given: fields.len(), wanted: header.len() });
        }
        let field = |column: &str| header.iter().position(|h| *h == column).map_or("", |i| fields[i]);
        let number = |column: &'static str, otherwise: u64| match field(column) {
            "" => Ok(otherwise),
            given => given.parse::<u64>().map_err(|_| TraceError::Value { line, column, given: given.to_owned() }),
        };
        let small = |column: &'static str| {
            let value = number(column, 0)?;
            u32::try_from(value).map_err(|_| TraceError::Value { line, column, given: value.to_string() })
        };
        let at_ms = number("start_ms", 0)?;
        let end = number("end_ms", u64::MAX)?;
        if end < at_ms {
            return Err(TraceError::Value { line, column: "end_ms", given: end.to_string() });
        }
        let pools = match field("classes") {
            "" => Pools::ANY,
            given => {
                let bad = || TraceError::Value { line, column: "classes", given: given.to_owned() };
                given.split('+').try_fold(Pools(0), |pools, class| {
                    let class: u8 = class.parse().map_err(|_| bad())?;
                    if class < Pools::CLASSES_MAX { Ok(Pools(pools.0 | (1 << class))) } else { Err(bad()) }
                })?
            }
        };
        let size = Room {
            vcpus: small("vcpus")?,
            memory_mib: small("memory_mib")?,
            disk_gib: small("disk_gib")?,
            network_mbps: small("network_mbps")?,
            gpus: small("gpus")?,
        };
        if size == Room::default() {
            return Err(TraceError::Value { line, column: "vcpus", given: "0 in every dimension".to_owned() });
        }
        out.push(Arrival { at_ms, lifetime_ms: end - at_ms, shape: Shape { size, pools } });
    }
    out.sort_by_key(|a| a.at_ms);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        let good = "vcpus,start_ms,end_ms,memory_mib,classes\n2,50,,1024,\n4,10,20,2048,0+3\n";
        let arrivals = parse(good).unwrap();
        assert_eq!((arrivals[0].at_ms, arrivals[0].lifetime_ms, arrivals[0].shape.pools), (10, 10, Pools(0b1001)));
        assert_eq!((arrivals[1].shape.size.vcpus, arrivals[1].lifetime_ms), (2, u64::MAX - 50));
        for (text, error) in [
            ("", "line 1: the column \"\" is not known"),
            ("start_ms,vcpu", "line 1: the column \"vcpu\" is not known"),
            ("start_ms,vcpus", "line 1: the column memory_mib is missing"),
            ("start_ms,vcpus,memory_mib\n1,2", "line 2: 2 fields, the header has 3"),
            ("start_ms,vcpus,memory_mib\n1,-2,3", "line 2: vcpus is \"-2\""),
            ("start_ms,vcpus,memory_mib\n1,0,0", "line 2: vcpus is \"0 in"),
            ("start_ms,vcpus,memory_mib,end_ms\n5,1,1,4", "line 2: end_ms is \"4\""),
            ("start_ms,vcpus,memory_mib,classes\n5,1,1,64", "line 2: classes is \"64\""),
            ("start_ms,vcpus,memory_mib\n1,9999999999,3", "line 2: vcpus is \"9999999999\""),
        ] {
            let given = parse(text).unwrap_err().to_string();
            assert!(given.starts_with(error), "{text:?}: {given}");
        }
    }
}
