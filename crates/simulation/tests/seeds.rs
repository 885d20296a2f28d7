//! Seeds hold, repeat themselves, and notice what is broken on purpose.

use stepmill_simulation::{Faults, Totals, simulate};

/// `cargo xtask simulate` runs more of them.
const SEEDS: u64 = 300;
/// Within so many seeds a fault must be noticed.
const NOTICED: u64 = 100;

#[test]
#[cfg_attr(feature = "effects-first", ignore = "the engine is broken on purpose")]
fn every_promise_is_kept() {
    let mut totals = Totals::default();
    for seed in 0..SEEDS {
        match simulate(seed, Faults::default()).verdict() {
            Ok(counted) => totals.add(counted),
            Err(violation) => panic!("seed {seed}: {violation}"),
        }
    }
    // Otherwise nothing much was simulated.
    assert!(totals.crashes >= SEEDS / 2, "{totals}");
    assert!(totals.executions >= 3 * SEEDS, "{totals}");
    assert!(totals.events >= 10 * totals.executions, "{totals}");
}

#[test]
fn a_missing_flush_of_the_disk_is_noticed() {
    let faults = Faults { drop_fsync: true };
    let noticed = (0..NOTICED).find(|seed| simulate(*seed, faults).verdict().is_err());
    assert!(noticed.is_some(), "{NOTICED} seeds held without it");
}

#[test]
#[cfg_attr(not(feature = "effects-first"), ignore = "the engine is whole")]
fn effects_before_records_are_noticed() {
    let noticed = (0..NOTICED).find(|seed| simulate(*seed, Faults::default()).verdict().is_err());
    assert!(noticed.is_some(), "{NOTICED} seeds held without the rule");
}

#[test]
fn a_seed_repeats_itself() {
    for seed in 0..20 {
        let (once, again) = (
            simulate(seed, Faults::default()),
            simulate(seed, Faults::default()),
        );
        assert!(once.trace().len() > 10, "seed {seed}: {:?}", once.trace());
        assert_eq!(once.trace(), again.trace(), "seed {seed}");
    }
    let traces = |seed| simulate(seed, Faults::default()).trace().to_vec();
    assert_ne!(traces(1), traces(2));
}
