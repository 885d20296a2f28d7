//! Times and durations as they are shown.

use jiff::{SignedDuration, Timestamp};

/// `12:00:01.234Z`: the time of day, as AWS in UTC.
pub(crate) fn clock(time: Timestamp) -> String {
    let text = format!("{time:.3}");
    text.split_once('T')
        .map_or(text.clone(), |(_, clock)| clock.to_owned())
}

/// `2026-01-31T12:00:01.234Z`.
pub(crate) fn date(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// `0.21s`, `12.3s`, `2m 05s`, `3h 07m`, `2d 04h`.
pub(crate) fn span(duration: SignedDuration) -> String {
    let milliseconds = duration.as_millis().max(0);
    let seconds = milliseconds / 1_000;
    match seconds {
        0..10 => format!("{seconds}.{:02}s", milliseconds % 1_000 / 10),
        10..60 => format!("{seconds}.{}s", milliseconds % 1_000 / 100),
        60..3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{clock, date, span};

    #[test]
    fn durations_are_short() {
        for (milliseconds, text) in [
            (-5, "0.00s"),
            (214, "0.21s"),
            (9_999, "9.99s"),
            (12_345, "12.3s"),
            (125_000, "2m 05s"),
            (11_220_000, "3h 07m"),
            (187_200_000, "2d 04h"),
        ] {
            assert_eq!(span(SignedDuration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn times_have_milliseconds() {
        let time = Timestamp::from_millisecond(1_700_000_000_050).unwrap();
        assert_eq!(clock(time), "22:13:20.050Z");
        assert_eq!(date(time), "2023-11-14T22:13:20.050Z");
    }
}
