//! The store's back ends against the reference model, and against death at any moment.

mod conformance;
mod crash;
mod torn;

/// `STRATOCELL_SOAK=n`: that many kills and random cases more than the suite has.
fn soak() -> u32 {
    std::env::var("STRATOCELL_SOAK").ok().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// The same cases in every run.
fn cases(cases: u32) -> proptest::test_runner::Config {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(2026);
    proptest::test_runner::Config { cases: cases + soak(), rng_seed, failure_persistence: None, ..Default::default() }
}
