//! Timestamps as Step Functions takes them.

use jiff::Timestamp;

/// Reads an RFC 3339 timestamp with an upper-case `T` and an offset; `None` if it is not one.
///
/// Source: Step Functions Developer Guide, "Wait workflow state".
pub fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes
            .get(range)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let at = |index: usize, byte: u8| bytes.get(index) == Some(&byte);
    let shaped = digits(0..4)
        && at(4, b'-')
        && digits(5..7)
        && at(7, b'-')
        && digits(8..10)
        && at(10, b'T')
        && digits(11..13)
        && at(13, b':')
        && digits(14..16)
        && at(16, b':')
        && digits(17..19);
    if !shaped {
        return None;
    }
    let mut rest = text.get(19..)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 || length > 9 {
            return None;
        }
        rest = &fraction[length..];
    }
    let offset = rest == "Z"
        || (rest.len() == 6
            && rest.starts_with(['+', '-'])
            && rest.as_bytes()[3] == b':'
            && [1, 2, 4, 5]
                .into_iter()
                .all(|i| rest.as_bytes()[i].is_ascii_digit()));
    if offset { text.parse().ok() } else { None }
}

/// Writes a timestamp in UTC with 0, 3, 6 or 9 digits of fraction, as the context object has it.
pub fn format(timestamp: Timestamp) -> String {
    let nanoseconds = timestamp.subsec_nanosecond();
    let digits = if nanoseconds == 0 {
        0
    } else if nanoseconds % 1_000_000 == 0 {
        3
    } else if nanoseconds % 1_000 == 0 {
        6
    } else {
        9
    };
    format!("{timestamp:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn formats_fractions_by_threes() {
        for text in [
            "2016-03-14T01:59:00Z",
            "2016-03-14T01:59:00.120Z",
            "2016-03-14T01:59:00.000001Z",
            "2016-03-14T01:59:00.000000001Z",
        ] {
            assert_eq!(parse(text).map(format).as_deref(), Some(text));
        }
    }

    #[test]
    fn accepts_only_rfc_3339() {
        for text in [
            "2016-03-14T01:59:00Z",
            "2016-03-14T01:59:00.123Z",
            "2016-03-14T01:59:00+02:00",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
        for text in [
            "2016-03-14",
            "2016-03-14t01:59:00Z",
            "2016-03-14 01:59:00Z",
            "2016-03-14T01:59:00",
            "2016-13-14T01:59:00Z",
            "2016-03-14T25:59:00Z",
            "2016-03-14T01:59:00.Z",
            "05-12-2016T21:29:29Z",
            "2016-03-14T01:59:00+0200",
            "",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
