//! The environment variables of a function's process.
//!
//! Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
//!
//! | variable | value here | may be declared |
//! |---|---|---|
//! | `_HANDLER` | the declared handler | no |
//! | `_X_AMZN_TRACE_ID` | set by the runtime for each invocation | no |
//! | `AWS_DEFAULT_REGION`, `AWS_REGION` | the function's region, else the host's | no |
//! | `AWS_EXECUTION_ENV` | `AWS_Lambda_` and the runtime; not set for custom runtimes | no |
//! | `AWS_LAMBDA_FUNCTION_NAME` | the name | no |
//! | `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` | the declared megabytes | no |
//! | `AWS_LAMBDA_FUNCTION_VERSION` | `$LATEST`, or the version's number | no |
//! | `AWS_LAMBDA_INITIALIZATION_TYPE` | `on-demand` | no |
//! | `AWS_LAMBDA_LOG_GROUP_NAME` | `/aws/lambda/` and the name | no |
//! | `AWS_LAMBDA_LOG_STREAM_NAME` | `YYYY/MM/DD/[VERSION]` and an id of the process | no |
//! | `AWS_LAMBDA_RUNTIME_API` | `127.0.0.1:PORT` of this process | no |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the host's, if set | no |
//! | `LAMBDA_TASK_ROOT` | the code directory | no |
//! | `LAMBDA_RUNTIME_DIR` | the directory of the bootstraps | no |
//! | `TZ` | `:UTC` | no |
//! | `LANG`, `PATH` | the host's | yes |
//!
//! Beyond that table: `HOME`, `AWS_PROFILE` and every `AWS_ENDPOINT_URL*` of the host are passed on,
//! because handlers call services; on AWS the execution role stands in their place. A server says
//! with [`super::HostOptions::variables`] what they are where the host has none. Nothing else of the
//! host's environment is passed on.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::function::Function;

/// Names that a declaration may not set.
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "TZ",
];

/// Variables of the host that a function sees.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "LANG",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
];

const INHERITED_PREFIX: &str = "AWS_ENDPOINT_URL";

/// Why a declared variable is refused.
pub(super) fn problem_with(key: &str, value: &str) -> Option<String> {
    let mut bytes = key.bytes();
    let starts_well = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if is_reserved(key) {
        Some(format!("'{key}' is reserved by Lambda and cannot be set"))
    } else if !starts_well
        || key.len() < 2
        || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        Some(format!(
            "'{key}' must be two or more letters, digits and '_', a letter first"
        ))
    } else if value.contains('\0') {
        Some(format!("the value of '{key}' contains a NUL character"))
    } else {
        None
    }
}

/// Whether Lambda sets the variable itself, so that a declaration may not.
pub fn is_reserved(key: &str) -> bool {
    RESERVED.contains(&key)
}

/// What the variables of one process are made from.
pub(super) struct Source<'a> {
    pub(super) function: &'a Function,
    pub(super) region: &'a str,
    /// Those that the host's go before.
    pub(super) variables: &'a [(String, String)],
    pub(super) runtime_api: &'a str,
    pub(super) runtime_dir: &'a Path,
    pub(super) task_root: &'a Path,
    pub(super) log_stream: &'a str,
    /// Replaces the host's `PATH`.
    pub(super) search_path: Option<&'a OsStr>,
}

/// The whole environment of a process; later entries replace earlier ones.
pub(super) fn build(
    source: &Source<'_>,
    host: impl IntoIterator<Item = (OsString, OsString)>,
) -> BTreeMap<OsString, OsString> {
    let function = source.function;
    let given = source.variables.iter();
    let mut variables: BTreeMap<OsString, OsString> = given
        .map(|(key, value)| (key.into(), value.into()))
        .collect();
    variables.extend(host.into_iter().filter(|(key, _)| {
        key.to_str()
            .is_some_and(|key| INHERITED.contains(&key) || key.starts_with(INHERITED_PREFIX))
    }));
    if let Some(path) = source.search_path {
        variables.insert("PATH".into(), path.to_owned());
    }
    for (key, value) in &function.environment {
        variables.insert(key.into(), value.into());
    }
    let mut set = |key: &str, value: &OsStr| variables.insert(key.into(), value.to_owned());
    if !function.runtime.is_custom() {
        set(
            "AWS_EXECUTION_ENV",
            format!("AWS_Lambda_{}", function.runtime).as_ref(),
        );
    }
    set("_HANDLER", function.handler.as_ref());
    set("AWS_DEFAULT_REGION", source.region.as_ref());
    set("AWS_REGION", source.region.as_ref());
    set("AWS_LAMBDA_FUNCTION_NAME", function.name.as_ref());
    set(
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        function.memory.to_string().as_ref(),
    );
    set("AWS_LAMBDA_FUNCTION_VERSION", function.version.as_ref());
    set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".as_ref());
    set(
        "AWS_LAMBDA_LOG_GROUP_NAME",
        format!("/aws/lambda/{}", function.name).as_ref(),
    );
    set("AWS_LAMBDA_LOG_STREAM_NAME", source.log_stream.as_ref());
    set("AWS_LAMBDA_RUNTIME_API", source.runtime_api.as_ref());
    set("LAMBDA_TASK_ROOT", source.task_root.as_ref());
    set("LAMBDA_RUNTIME_DIR", source.runtime_dir.as_ref());
    set("TZ", ":UTC".as_ref());
    variables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::Runtime;

    #[test]
    fn only_what_a_handler_needs_is_inherited() {
        let mut function = Function::new("pay", Runtime::Python { minor: 12 }, "app.handler", "/c");
        function
            .environment
            .insert("LANG".to_owned(), "de_DE.UTF-8".to_owned());
        function
            .environment
            .insert("TABLE".to_owned(), "orders".to_owned());
        let host = [
            ("PATH", "/bin"),
            ("HOME", "/home/me"),
            ("LANG", "C"),
            ("AWS_ENDPOINT_URL", "http://localhost:1"),
            ("AWS_ENDPOINT_URL_S3", "http://localhost:2"),
            ("AWS_PROFILE", "dev"),
            ("GITHUB_TOKEN", "secret"),
            ("AWS_REGION", "eu-west-1"),
            ("TZ", "Asia/Tokyo"),
        ];
        let source = Source {
            function: &function,
            region: "us-east-1",
            variables: &[
                ("AWS_ENDPOINT_URL_S3".to_owned(), "http://unused".to_owned()),
                (
                    "AWS_ENDPOINT_URL_SFN".to_owned(),
                    "http://server".to_owned(),
                ),
            ],
            runtime_api: "127.0.0.1:9",
            runtime_dir: Path::new("/run/x"),
            task_root: Path::new("/c"),
            log_stream: "2024/01/01/[$LATEST]abc",
            search_path: None,
        };
        let built = build(&source, host.map(|(key, value)| (key.into(), value.into())));
        let get = |key: &str| built.get(OsStr::new(key)).and_then(|value| value.to_str());
        for (key, value) in [
            ("PATH", "/bin"),
            ("HOME", "/home/me"),
            ("LANG", "de_DE.UTF-8"),
            ("TABLE", "orders"),
            ("AWS_ENDPOINT_URL", "http://localhost:1"),
            ("AWS_ENDPOINT_URL_S3", "http://localhost:2"),
            ("AWS_ENDPOINT_URL_SFN", "http://server"),
            ("AWS_PROFILE", "dev"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/pay"),
            ("TZ", ":UTC"),
        ] {
            assert_eq!(get(key), Some(value), "{key}");
        }
        assert_eq!(get("GITHUB_TOKEN"), None);
    }

    #[test]
    fn names_are_checked_as_on_aws() {
        assert_eq!(problem_with("KEY_1", "v"), None);
        for key in ["", "A", "1A", "A-B", "_HANDLER", "AWS_REGION"] {
            assert!(problem_with(key, "v").is_some(), "{key}");
        }
        assert!(problem_with("KEY", "a\0b").is_some());
    }
}
