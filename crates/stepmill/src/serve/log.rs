//! The server's own log, on standard error.

use std::io;

use stepmill::integrations::project::{LogFormat, LogLevel};
use tracing::level_filters::LevelFilter;

/// From here on, events are logged.
pub(super) fn start(format: LogFormat, level: LogLevel) {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let builder = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(level);
    match format {
        LogFormat::Text => builder.with_ansi(console::colors_enabled_stderr()).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
