#![no_main]

use libfuzzer_sys::fuzz_target;
use stepmill_fuzz::asl::definition::json;

fuzz_target!(|text: &str| json(text));
