//! intrinsic
