#![no_main]

use libfuzzer_sys::fuzz_target;
use stepmill_fuzz::asl::query::jsonpath;

fuzz_target!(|text: &str| jsonpath(text));
