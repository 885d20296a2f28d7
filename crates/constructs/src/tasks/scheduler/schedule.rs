//! When something happens.

use jiff::civil::DateTime;

use crate::core::{Duration, Problem};

/// When something happens: once, at a rate, or by a calendar.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Schedule(Result<String, Problem>);

/// Fields of a cron expression: texts such as `0`, `9-17`, `*/5`; what is not said is `*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct CronOptions {
    minute: Option<String>,
    hour: Option<String>,
    day: Option<String>,
    month: Option<String>,
    week_day: Option<String>,
    year: Option<String>,
}

impl CronOptions {
    /// Every minute.
    pub fn new() -> Self {
        Self::default()
    }

    /// The minutes.
    pub fn minute(mut self, minute: impl Into<String>) -> Self {
        self.minute = Some(minute.into());
        self
    }

    /// The hours.
    pub fn hour(mut self, hour: impl Into<String>) -> Self {
        self.hour = Some(hour.into());
        self
    }

    /// The days of the month; not together with days of the week.
    pub fn day(mut self, day: impl Into<String>) -> Self {
        self.day = Some(day.into());
        self
    }

    /// The months.
    pub fn month(mut self, month: impl Into<String>) -> Self {
        self.month = Some(month.into());
        self
    }

    /// The days of the week; not together with days of the month.
    pub fn week_day(mut self, day: impl Into<String>) -> Self {
        self.week_day = Some(day.into());
        self
    }

    /// The years.
    pub fn year(mut self, year: impl Into<String>) -> Self {
        self.year = Some(year.into());
        self
    }
}

impl Schedule {
    /// Once, at a time of the schedule's time zone: `2026-12-24T18:00:00`.
    pub fn one_time(time: &str) -> Self {
        let time = time.parse::<DateTime>();
        Self(match time {
            Ok(time) => Ok(time.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
            Err(error) => Err(wrong(format!("the time is none: {error}"))),
        })
    }

    /// Again and again, after a time of whole minutes.
    pub fn rate(duration: Duration) -> Self {
        const HOUR: u64 = 60;
        const DAY: u64 = 24 * HOUR;

        if duration < Duration::minutes(1) {
            let message = "Duration cannot be less than 1 minute";
            return Self(Err(wrong(message.to_owned())));
        }
        let rate = |minutes: u64| match minutes {
            minutes if minutes % DAY == 0 => format!("rate({} days)", minutes / DAY),
            minutes if minutes % HOUR == 0 => format!("rate({} hours)", minutes / HOUR),
            minutes => format!("rate({minutes} minutes)"),
        };
        Self(duration.whole_minutes().map(rate).map_err(wrong))
    }

    /// Whenever the clock and the calendar show what is said.
    pub fn cron(options: CronOptions) -> Self {
        if options.week_day.is_some() && options.day.is_some() {
            let message = "Cannot supply both 'day' and 'weekDay', use at most one";
            return Self(Err(wrong(message.to_owned())));
        }
        let any_day = if options.week_day.is_some() { "?" } else { "*" };
        let field =
            |field: Option<String>, default: &str| field.unwrap_or_else(|| default.to_owned());
        Self(Ok(format!(
            "cron({} {} {} {} {} {})",
            field(options.minute, "*"),
            field(options.hour, "*"),
            field(options.day, any_day),
            field(options.month, "*"),
            field(options.week_day, "?"),
            field(options.year, "*"),
        )))
    }

    /// It as an expression of the Scheduler.
    pub(super) fn expression(self) -> Result<String, Problem> {
        self.0
    }
}

fn wrong(message: String) -> Problem {
    Problem::property("schedule", message)
}
