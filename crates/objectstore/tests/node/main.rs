//! Storage nodes: the log against a model over a disk that misbehaves; nodes that repair each other.

mod converge;
mod log;
mod repair;

/// `STRATOCELL_SOAK=n`: that many random cases more than the suite has.
fn cases(cases: u32) -> proptest::test_runner::Config {
    let soak: u32 = std::env::var("STRATOCELL_SOAK").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let rng_seed = proptest::test_runner::RngSeed::Fixed(2026);
    proptest::test_runner::Config { cases: cases + soak, rng_seed, failure_persistence: None, ..Default::default() }
}
