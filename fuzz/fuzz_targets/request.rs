#![no_main]

use libfuzzer_sys::fuzz_target;
use stepmill_fuzz::api::request::request;

fuzz_target!(|input: &[u8]| request(input));
