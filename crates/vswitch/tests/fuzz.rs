//! The fuzz targets, with bounded random inputs.

use proptest::prelude::*;
use vswitch::fuzz;

/// A DHCP message that is nearly right: the fixed part as a client writes it, any options.
fn dhcp_message() -> impl Strategy<Value = Vec<u8>> {
    let option = prop_oneof![
        (1u8..9).prop_map(|kind| vec![53, 1, kind]),
        any::<[u8; 4]>().prop_map(|a| [&[50, 4], &a[..]].concat()),
        Just(vec![54, 4, 10, 0, 0, 1]),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    (prop::collection::vec(option, 0..5), any::<[u8; 8]>()).prop_map(|(options, junk)| {
        let mut m = vec![0; 240];
        m[..4].copy_from_slice(&[1, 1, 6, 0]);
        m[4..12].copy_from_slice(&junk);
        m[28..34].copy_from_slice(&[6, 0, 0, 0, 0, 0]);
        m[236..].copy_from_slice(&[99, 130, 83, 99]);
        m.extend(options.concat());
        m
    })
}

/// An extension header that is nearly right.
fn extension() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![Just(60u8), Just(43), Just(44), Just(0), Just(17), Just(58), any::<u8>()];
    (number, 0u8..3, any::<[u8; 6]>()).prop_map(|(next, units, junk)| {
        let mut h = vec![next, units];
        h.extend_from_slice(&junk);
        h.resize(8 * (1 + usize::from(units)), 0);
        h
    })
}

/// A DHCPv6 message that is nearly right.
fn dhcp6_message() -> impl Strategy<Value = Vec<u8>> {
    let option = prop_oneof![
        Just(vec![0, 1, 0, 10, 0, 3, 0, 1, 6, 0, 0, 0, 0, 0]),
        Just(vec![0, 2, 0, 10, 0, 3, 0, 1, 2, 0x53, 0x54, 0x52, 0, 1]),
        any::<[u8; 12]>().prop_map(|ia| [&[0, 3, 0, 12], &ia[..]].concat()),
        Just(vec![0, 14, 0, 0]),
        Just(vec![0, 6, 0, 4, 0, 23, 0, 24]),
        prop::collection::vec(any::<u8>(), 0..9),
    ];
    (0u8..14, prop::collection::vec(option, 0..6)).prop_map(|(kind, options)| [&[kind, 1, 2, 3], &options.concat()[..]].concat())
}

/// A question that is nearly right: labels of any bytes, any type and class, sometimes a second question.
fn dns_message() -> impl Strategy<Value = Vec<u8>> {
    let label = prop_oneof![
        Just(b"\x02ip".to_vec()),
        Just(b"\x0cip-10-0-0-11\x03ec2\x08internal".to_vec()),
        Just(b"\x0211\x010\x010\x0210\x07in-addr\x04arpa".to_vec()),
        Just(vec![0xc0, 12]),
        prop::collection::vec(any::<u8>(), 0..70).prop_map(|b| [&[b.len() as u8], &b[..]].concat()),
    ];
    let ends = (prop_oneof![Just(1u16), Just(12), Just(255), any::<u16>()], prop_oneof![Just(1u16), any::<u16>()]);
    (any::<[u8; 4]>(), 0u8..3, prop::collection::vec(label, 0..5), ends).prop_map(|(head, count, labels, (kind, class))| {
        let mut m = head.to_vec();
        m.extend_from_slice(&[0, count, 0, 0, 0, 0, 0, 0]);
        m.extend(labels.concat());
        m.push(0);
        m.extend_from_slice(&kind.to_be_bytes());
        m.extend_from_slice(&class.to_be_bytes());
        m
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_frames(script in prop::collection::vec(any::<u8>(), 0..600)) {
        fuzz::frames(&script);
    }

    #[test]
    fn any_dhcp_message(any in prop::collection::vec(any::<u8>(), 0..320), near in dhcp_message()) {
        fuzz::dhcp(&any);
        fuzz::dhcp(&near);
    }

    #[test]
    fn any_packet_of_ipv6(any in prop::collection::vec(any::<u8>(), 0..200), chain in prop::collection::vec(extension(), 0..9)) {
        fuzz::parse6(&any);
        let mut packet = vec![0x60, 0, 0, 0, 0, 0, 60, 64];
        packet.extend_from_slice(&[0x20; 32]);
        packet.extend(chain.concat());
        let payload = (packet.len() - 40) as u16;
        packet[4..6].copy_from_slice(&payload.to_be_bytes());
        fuzz::parse6(&packet);
    }

    #[test]
    fn any_dhcp6_message(any in prop::collection::vec(any::<u8>(), 0..320), near in dhcp6_message()) {
        fuzz::dhcp6(&any);
        fuzz::dhcp6(&near);
    }

    #[test]
    fn any_question(any in prop::collection::vec(any::<u8>(), 0..300), near in dns_message()) {
        fuzz::dns(&any);
        fuzz::dns(&near);
    }
}
