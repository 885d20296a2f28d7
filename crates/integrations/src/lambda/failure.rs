//! The error payloads that Lambda itself makes, when no runtime lives to report.
//!
//! Texts as returned by AWS; see the AWS Lambda Developer Guide, "Troubleshoot invocation issues".

use std::process::ExitStatus;
use std::time::Duration;

use serde_json::json;

/// The largest response in bytes: 6 MiB and AWS's allowance of 100.
pub(super) const MAX_RESPONSE: usize = 6 * 1024 * 1024 + 100;

/// The handler took longer than the function's timeout.
pub(super) fn timed_out(request_id: &str, timeout: Duration) -> Vec<u8> {
    let seconds = timeout.as_secs_f64();
    error(
        "Sandbox.Timedout",
        &format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"),
    )
}

/// The process ended without an answer.
pub(super) fn exited(request_id: &str, status: ExitStatus) -> Vec<u8> {
    let reason = reason(status);
    error(
        "Runtime.ExitError",
        &format!("RequestId: {request_id} Error: {reason}"),
    )
}

/// The process was ended because it wanted more memory than it may have: an error of its own since 2023, where an
/// `ExitError` was before.
pub(super) fn out_of_memory(request_id: &str) -> Vec<u8> {
    error(
        "Runtime.OutOfMemory",
        &format!("RequestId: {request_id} Error: Runtime exited with error: signal: killed"),
    )
}

/// The handler's result is over the limit.
pub(super) fn response_too_large() -> Vec<u8> {
    error(
        "Function.ResponseSizeTooLarge",
        &format!(
            "Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
        ),
    )
}

fn error(kind: &str, message: &str) -> Vec<u8> {
    json!({"errorType": kind, "errorMessage": message})
        .to_string()
        .into_bytes()
}

fn reason(status: ExitStatus) -> String {
    match status.code() {
        Some(0) => "Runtime exited without providing a reason".to_owned(),
        Some(code) => format!("Runtime exited with error: exit status {code}"),
        None => format!("Runtime exited with error: signal: {}", signal(status)),
    }
}

/// Signals by the names that Lambda's supervisor gives them.
#[cfg(unix)]
fn signal(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;

    let number = status.signal().unwrap_or_default();
    let name = match number {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        _ => return number.to_string(),
    };
    let core = if status.core_dumped() {
        " (core dumped)"
    } else {
        ""
    };
    format!("{name}{core}")
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> String {
    "killed".to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn texts() {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let exit = |raw| text(exited("r", ExitStatus::from_raw(raw)));
        let message = |reason: &str| {
            format!(
                r#"{{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r Error: {reason}"}}"#
            )
        };
        assert_eq!(
            exit(0),
            message("Runtime exited without providing a reason")
        );
        assert_eq!(
            exit(1 << 8),
            message("Runtime exited with error: exit status 1")
        );
        assert_eq!(
            exit(9),
            message("Runtime exited with error: signal: killed")
        );
        assert_eq!(
            text(timed_out("r", Duration::from_secs(3))),
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r Error: Task timed out after 3.00 seconds"}"#
        );
    }
}
