//! What shows that AWS is written in Java: how values print, and how its random numbers follow from
//! a seed.

use std::fmt::Write as _;

use serde_json::Value;

/// Appends the value as Java prints maps, lists and numbers: `{a=1, b=[x, null]}` (observed on AWS).
pub(super) fn print(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => print_double(float, out),
            // Writing to a String cannot fail.
            _ => _ = write!(out, "{number}"),
        },
        Value::String(text) => out.push_str(text),
        Value::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                print(element, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (at, (name, field)) in fields.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(name);
                out.push('=');
                print(field, out);
            }
            out.push('}');
        }
    }
}

/// `Double.toString`: plain from 0.001 up to ten million, else with one digit before the point and
/// an `E`.
fn print_double(value: f64, out: &mut String) {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        _ = write!(out, "{value:?}");
        return;
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let fraction = if digits.contains('.') { "" } else { ".0" };
    _ = write!(out, "{digits}{fraction}E{exponent}");
}

/// `java.util.Random`: the linear congruential generator that its documentation prescribes.
pub(super) struct JavaRandom(u64);

impl JavaRandom {
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;
    const MASK: u64 = (1 << 48) - 1;

    pub(super) fn new(seed: i64) -> Self {
        Self((seed.cast_unsigned() ^ Self::MULTIPLIER) & Self::MASK)
    }

    /// The next 32 bits.
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(Self::MULTIPLIER).wrapping_add(0xB) & Self::MASK;
        // 48 bits less 16 are 32.
        u32::try_from(self.0 >> 16).unwrap_or(u32::MAX)
    }

    /// A number from `low`, included, to `high`, excluded, which is larger; as `ints(low, high)`.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        match i32::try_from(high.abs_diff(low)) {
            Ok(bound) => low + self.below(bound),
            Err(_) => loop {
                let number = self.next().cast_signed();
                if (low..high).contains(&number) {
                    return number;
                }
            },
        }
    }

    /// `nextInt(bound)` of a positive bound.
    fn below(&mut self, bound: i32) -> i32 {
        loop {
            let bits = (self.next() >> 1).cast_signed();
            if bound & (bound - 1) == 0 {
                let product = i64::from(bound) * i64::from(bits);
                return i32::try_from(product >> 31).unwrap_or(0);
            }
            let number = bits % bound;
            // Rejected where the last, incomplete run of numbers would favour the small ones.
            if bits
                .checked_sub(number)
                .and_then(|run| run.checked_add(bound - 1))
                .is_some()
            {
                return number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prints_as_java() {
        for (value, expected) in [
            (
                json!({"a": 1, "b": ["x", null, true], "c": {}}),
                "{a=1, b=[x, null, true], c={}}",
            ),
            (json!([]), "[]"),
            (json!(1.1), "1.1"),
            (json!(1.0), "1.0"),
            (json!(-0.0), "-0.0"),
            (json!(1e7), "1.0E7"),
            (json!(9_999_999.0), "9999999.0"),
            (json!(123_456_789.125), "1.23456789125E8"),
            (json!(0.001), "0.001"),
            (json!(1.25e-5), "1.25E-5"),
            (json!(1e20), "1.0E20"),
            (json!(-1.5e300), "-1.5E300"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!(i64::MIN), "-9223372036854775808"),
        ] {
            let mut text = String::new();
            print(&value, &mut text);
            assert_eq!(text, expected);
        }
    }

    /// Values that `java.util.Random` of OpenJDK 17 gave.
    #[test]
    fn draws_as_java() {
        for (seed, below_10, below_100, below_64, range, all) in [
            (42, 0, 30, 46, 125, -1_170_105_035),
            (0, 0, 60, 46, 355, -1_155_484_576),
            (-7, 2, 62, 17, 657, 1_155_869_324),
            (123_456_789, 5, 65, 42, 960, -1_442_945_365),
        ] {
            let between = |low, high| JavaRandom::new(seed).between(low, high);
            assert_eq!(between(0, 10), below_10);
            assert_eq!(between(0, 100), below_100);
            assert_eq!(between(0, 64), below_64);
            assert_eq!(between(-5, 995), range);
            assert_eq!(between(i32::MIN, i32::MAX), all);
        }
    }
}
