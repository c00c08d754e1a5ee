//! Keys of session tickets: made for those that speak TLS, turned, and in every node's document the same.

use super::documents::Cells;
use super::*;
use kms::RootKey;
use platform::SeededRng;
use types::TimestampMs;
use wire::balancer::{TicketKey, ticket_key_purpose};

const TURN: u64 = 6 * 3600 * 1000;

#[test]
fn keys_are_made_and_turned() {
    let mut w = world().with_balancers();
    let (root, mut rng) = (RootKey::generate().unwrap(), SeededRng::new(7));
    let mut cells = Cells::default();
    cells.settle(&mut w, |_, _| None);
    let mut turn = |w: &mut World, ms: u64| {
        w.h.now = TimestampMs(w.h.now.0 + ms);
        crate::elb::turn_ticket_keys(&mut w.h.db, w.h.now, &root, &mut rng);
        w.h.db.take_mutations();
    };
    let keys = |cells: &Cells, w: &World| -> Vec<(String, Vec<u8>)> {
        let [a, b] = ['a', 'b'].map(|zone| cells.web(w, zone).config.ticket_keys);
        assert_eq!(a, b, "the nodes share them");
        let one = |k: TicketKey| {
            let TicketKey::Sealed { id, sealed_key } = k else { panic!("{k:?}") };
            let key = root.open(&ticket_key_purpose(&id), &sealed_key).expect("sealed for its id").to_vec();
            assert_eq!(key.len(), 32);
            assert!(root.open(&ticket_key_purpose("another"), &sealed_key).is_none());
            (id, key)
        };
        a.into_iter().map(one).collect()
    };
    turn(&mut w, 0);
    assert!(keys(&cells, &w).is_empty(), "it speaks plainly");
    w.listen_by_tls();
    turn(&mut w, 0);
    let first = keys(&cells, &w);
    assert!(first.len() == 2 && first[0] != first[1]);
    turn(&mut w, TURN - 1);
    assert_eq!(keys(&cells, &w), first, "they have their time");
    turn(&mut w, 1);
    let second = keys(&cells, &w);
    assert_eq!((&second[0], &second[2]), (&first[1], &first[0]));
    turn(&mut w, TURN);
    let third = keys(&cells, &w);
    assert_eq!((&third[0], &third[2]), (&second[1], &second[0]));
    assert!(!third.contains(&first[0]), "the oldest is gone");
    let network = cells.config(&w, 'a').balancers.into_iter().find(|b| b.config.name.starts_with("net/")).unwrap();
    assert!(network.config.ticket_keys.is_empty());
}
