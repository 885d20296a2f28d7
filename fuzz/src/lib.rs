//! What the fuzz targets assert: the same as the regression tests in `crates/*/tests/fuzzed.rs`.

#[path = "../../crates/api/tests/properties/mod.rs"]
pub mod api;
#[path = "../../crates/asl/tests/properties/mod.rs"]
pub mod asl;
#[path = "../../crates/interpreter/tests/properties/mod.rs"]
pub mod interpreter;
