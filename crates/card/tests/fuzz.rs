//! The fuzz targets, with bounded random inputs. Rings that are nearly right are in `hostile.rs`.

use card::fuzz;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_request_to_the_metadata_service(head in "(GET|PUT|POST) /[ -~]{0,30} HTTP/1\\.[01]", lines in "([A-Za-z-]{0,20}:? ?[ -~]{0,20}\r\n){0,5}",
                                           junk in prop::collection::vec(any::<u8>(), 0..100)) {
        fuzz::imds_http(&junk);
        fuzz::imds_http(&[head.as_bytes(), b"\r\n", lines.as_bytes(), b"\r\n", &junk].concat());
    }

    #[test]
    fn any_vhost_user_message(request in 0u32..40, size in 0u32..300, body in prop::collection::vec(any::<u8>(), 0..300),
                              count in 0u8..10, fds in 0usize..10) {
        let mut bytes: Vec<u8> = [request, 1, size].iter().flat_map(|w| w.to_le_bytes()).collect();
        bytes.push(count);
        bytes.extend(&body);
        fuzz::vhost_message(&bytes, fds);
        fuzz::vhost_message(&body, fds);
    }

    #[test]
    fn any_ring(bytes in prop::collection::vec(any::<u8>(), 0..8192)) {
        fuzz::ring(&bytes).unwrap();
    }
}
