#![no_main]

use libfuzzer_sys::fuzz_target;
use stepmill_fuzz::interpreter::template::template;

fuzz_target!(
    // As for JSONata: the evaluation contains the engine's panics.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |text: &str| template(text)
);
