//! How long a text is as a JSON string.
//!
//! Logs and status events hold inputs and outputs as texts within JSON, and AWS's limit is on what
//! they come to there: 248 KiB (Developer Guide, "CloudWatch Logs payloads" and "EventBridge
//! payloads").

/// The longest input or output of a log event, and the longest input and output together of a
/// status event, in bytes of escaped text.
pub(crate) const LIMIT: usize = 248 * 1024;

/// Its length in bytes as a JSON string, without the quotes.
pub(crate) fn escaped_len(text: &str) -> usize {
    text.bytes().map(escaped_byte).sum()
}

/// As much of the beginning as is no longer than `limit` bytes when escaped.
pub(crate) fn fitting(text: &str, limit: usize) -> &str {
    let mut length = 0;
    for (at, character) in text.char_indices() {
        length += if character.is_ascii() {
            escaped_byte(character as u8)
        } else {
            character.len_utf8()
        };
        if length > limit {
            return &text[..at];
        }
    }
    text
}

fn escaped_byte(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // what helps a test may fail it

    use proptest::prelude::*;

    use super::{escaped_len, fitting};

    proptest! {
        #[test]
        fn the_length_is_the_serialisers(text in any::<String>()) {
            let length = serde_json::to_string(&text).unwrap().len() - 2;
            prop_assert_eq!(escaped_len(&text), length);
        }

        #[test]
        fn what_fits_is_the_longest_beginning(text in any::<String>(), limit in 0_usize..40) {
            let fits = fitting(&text, limit);
            prop_assert!(text.starts_with(fits) && escaped_len(fits) <= limit);
            let next = text[fits.len()..].chars().next();
            let longer = next.map(|next| format!("{fits}{next}"));
            prop_assert!(longer.is_none_or(|longer| escaped_len(&longer) > limit));
        }
    }
}
