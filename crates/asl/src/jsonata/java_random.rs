//! The generator of `java.util.Random`, which a seeded `$random` draws from (observed on AWS).

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

/// The first `nextDouble()` of `new java.util.Random(seed)`.
pub(super) fn first_double(seed: i64) -> f64 {
    let mut state = (seed.cast_unsigned() ^ MULTIPLIER) & MASK;
    let mut bits = |count: u32| {
        state = (state.wrapping_mul(MULTIPLIER).wrapping_add(0xB)) & MASK;
        state >> (48 - count)
    };
    let high = bits(26) << 27;
    #[allow(clippy::cast_precision_loss)] // 53 bits are exact in an f64
    let (mantissa, range) = ((high + bits(27)) as f64, (1_u64 << 53) as f64);
    mantissa / range
}
