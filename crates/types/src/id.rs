//! AWS resource ids: a prefix and 17 lower-case hexadecimal digits (8 in ids of before 2016, accepted on input).
//!
//! Each kind of resource has its own type, so that a subnet id cannot be passed where a VPC id is meant. The random part
//! is given by the caller (ids are decided by the pure cores, with the caller's randomness).

use std::fmt;
use std::str::FromStr;

/// Why a string is not an id of the wanted kind. AWS answers `Invalid<Kind>.Malformed` (or `InvalidParameterValue`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not of the form {prefix}-0123456789abcdef0")]
pub struct ParseIdError {
    pub given: String,
    pub prefix: &'static str,
}

fn parse(given: &str, prefix: &'static str) -> Result<[u8; 17], ParseIdError> {
    let err = || ParseIdError { given: given.chars().take(64).collect(), prefix };
    let hex = given.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).ok_or_else(err)?;
    if !(hex.len() == 17 || hex.len() == 8) || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(err());
    }
    let mut digits = [b' '; 17];
    digits[..hex.len()].copy_from_slice(hex.as_bytes());
    Ok(digits)
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 17]);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// The id whose digits are the low 68 bits of `random`.
            pub fn from_random(random: u128) -> Self {
                let mut digits = [0u8; 17];
                for (i, d) in digits.iter_mut().enumerate() {
                    *d = b"0123456789abcdef"[((random >> (4 * (16 - i))) & 0xf) as usize];
                }
                Self(digits)
            }

            /// The digits after the dash, padded with spaces.
            pub fn digits(&self) -> [u8; 17] {
                self.0
            }

            /// The id with these [`Self::digits`]; `None` when they are not such.
            pub fn from_digits(digits: [u8; 17]) -> Option<Self> {
                let hex = |d: &[u8]| d.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                let short = digits[8..] == *b"         ";
                (hex(&digits) || short && hex(&digits[..8])).then_some(Self(digits))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let hex = std::str::from_utf8(&self.0).unwrap_or("").trim_end();
                f.pad(&format!("{}-{hex}", $prefix))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(s: &str) -> Result<Self, ParseIdError> { parse(s, $prefix).map(Self) }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let s = std::borrow::Cow::<'de, str>::deserialize(d)?;
                s.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

id! {
    InstanceId = "i";
    ReservationId = "r";
    ImageId = "ami";
    VolumeId = "vol";
    SnapshotId = "snap";
    KeyPairId = "key";
    LaunchTemplateId = "lt";
    PlacementGroupId = "pg";
    CapacityReservationId = "cr";
    /// `h-…`: a host as the account knows it that it is kept for.
    DedicatedHostId = "h";
    /// Of spot instances.
    SpotRequestId = "sir";
    VpcId = "vpc";
    /// `vpc-cidr-assoc-…`
    VpcCidrAssociationId = "vpc-cidr-assoc";
    SubnetId = "subnet";
    /// `subnet-cidr-assoc-…`: of a subnet's IPv6 block.
    SubnetCidrAssociationId = "subnet-cidr-assoc";
    SecurityGroupId = "sg";
    SecurityGroupRuleId = "sgr";
    RouteTableId = "rtb";
    RouteTableAssociationId = "rtbassoc";
    InternetGatewayId = "igw";
    EgressOnlyInternetGatewayId = "eigw";
    NetworkAclId = "acl";
    NetworkAclAssociationId = "aclassoc";
    NatGatewayId = "nat";
    PeeringId = "pcx";
    TransitGatewayId = "tgw";
    TransitAttachmentId = "tgw-attach";
    TransitRouteTableId = "tgw-rtb";
    VpcEndpointId = "vpce";
    PrefixListId = "pl";
    FlowLogId = "fl";
    DhcpOptionsId = "dopt";
    /// An elastic network interface (ENI).
    InterfaceId = "eni";
    InterfaceAttachmentId = "eni-attach";
    /// An elastic IP address's allocation.
    AllocationId = "eipalloc";
    AddressAssociationId = "eipassoc";
    /// Of an instance with an instance profile.
    ProfileAssociationId = "iip-assoc";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses() {
        let id = InstanceId::from_random(0xf_0123_4567_89ab_cdef_u128);
        assert_eq!(id.to_string(), "i-f0123456789abcdef");
        assert_eq!(id.to_string().parse::<InstanceId>().unwrap(), id);
        assert_eq!("i-1234abcd".parse::<InstanceId>().unwrap().to_string(), "i-1234abcd");
        for bad in ["", "i-", "i-xyz", "vpc-1234abcd", "i-1234ABCD", "i-12345678901234567890", "i1234abcd"] {
            assert!(bad.parse::<InstanceId>().is_err(), "{bad}");
        }
        for id in [id, "i-1234abcd".parse().unwrap()] {
            assert_eq!(InstanceId::from_digits(id.digits()), Some(id));
        }
        for bad in [[b' '; 17], [b'g'; 17], *b"1234abcd 12345678"] {
            assert_eq!(InstanceId::from_digits(bad), None);
        }
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<InstanceId>(&json).unwrap(), id);
    }
}
