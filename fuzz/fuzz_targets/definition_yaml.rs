#![no_main]

use libfuzzer_sys::fuzz_target;
use stepmill_fuzz::asl::definition::yaml;

fuzz_target!(|text: &str| yaml(text));
