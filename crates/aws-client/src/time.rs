//! Points in time, as protocols write them.

use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::Number;

use crate::model::TimestampFormat;

static HTTP_PARSER: DateTimeParser = DateTimeParser::new();
static HTTP_PRINTER: DateTimePrinter = DateTimePrinter::new();

/// The seconds since 1970: a whole number if they are whole.
pub(crate) fn seconds(time: Timestamp) -> Number {
    if time.subsec_nanosecond() == 0 {
        return time.as_second().into();
    }
    // What microseconds and JSON lose of a nanosecond, services do not keep either.
    #[allow(clippy::cast_precision_loss)]
    let seconds = time.as_microsecond() as f64 / 1e6;
    Number::from_f64(seconds).unwrap_or_else(|| time.as_second().into())
}

/// A point in time as text.
pub(crate) fn write(time: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Iso => time.to_string(),
        TimestampFormat::Http => HTTP_PRINTER
            .timestamp_to_rfc9110_string(&time)
            .unwrap_or_else(|_| time.to_string()),
        TimestampFormat::Epoch => seconds(time).to_string(),
    }
}

/// The point in time that a text means, in whichever of the formats; without an offset it is UTC.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let iso = || text.parse::<Timestamp>().ok();
    let local = || {
        let time = text.parse::<civil::DateTime>().ok()?;
        Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let http = || HTTP_PARSER.parse_timestamp(text).ok();
    let epoch = || of_seconds(text.parse().ok()?);
    epoch().or_else(iso).or_else(local).or_else(http)
}

/// The point in time so many seconds after 1970, to the microsecond.
pub(crate) fn of_seconds(seconds: f64) -> Option<Timestamp> {
    let microseconds = (seconds * 1e6).round();
    // Far beyond the years that there are, and exact in both types.
    if !microseconds.is_finite() || microseconds.abs() > 1e18 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)]
    Timestamp::from_microsecond(microseconds as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_read() {
        let time: Timestamp = "2026-11-23T01:02:03Z".parse().unwrap();
        for text in [
            "2026-11-23T01:02:03Z",
            "2026-11-23T02:02:03+01:00",
            "2026-11-23T01:02:03",
            "Mon, 23 Nov 2026 01:02:03 GMT",
            "1795395723",
            "1795395723.0",
        ] {
            assert_eq!(read(text), Some(time), "{text}");
        }
        for text in ["", "soon", "1e300", "NaN", "2026-13-01T00:00:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let time: Timestamp = "2026-11-23T01:02:03Z".parse().unwrap();
        for (format, text) in [
            (TimestampFormat::Iso, "2026-11-23T01:02:03Z"),
            (TimestampFormat::Http, "Mon, 23 Nov 2026 01:02:03 GMT"),
            (TimestampFormat::Epoch, "1795395723"),
        ] {
            assert_eq!(write(time, format), text);
            assert_eq!(read(text), Some(time));
        }
    }
}
