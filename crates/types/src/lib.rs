//! Names and units shared by every crate: typed resource ids, addresses, generations, AWS ARNs.
//!
//! No I/O and no clocks. AWS spellings (`i-0abc…`) are the string form of the typed ids; code passes the types.

pub mod id;
pub mod net;
pub mod topology;

pub use id::*;
pub use net::{Cidr, IpBits, IpCidr, Ipv4Cidr, Ipv6Cidr, MacAddr, ParseNetError, Vni};
pub use topology::{AccountId, AzName, CellId, Generation, HostId, ParseNameError, RegionName, StorageId, TimestampMs};
