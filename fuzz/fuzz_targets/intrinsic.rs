#![no_main]

use libfuzzer_sys::fuzz_target;
use stepmill_fuzz::asl::query::intrinsic;

fuzz_target!(|text: &str| intrinsic(text));
