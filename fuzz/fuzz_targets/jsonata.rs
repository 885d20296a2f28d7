#![no_main]

use libfuzzer_sys::fuzz_target;
use stepmill_fuzz::asl::query::jsonata;

fuzz_target!(
    // A panic of the engine is contained by the evaluation: only one that leaves it is a finding,
    // and libFuzzer's hook would abort at each.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |text: &str| jsonata(text)
);
