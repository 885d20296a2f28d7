//! Credentials that a program prints.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Process credential provider".

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use super::Credentials;
use crate::error::CredentialError;

/// What the program calls the parts of credentials.
const NAMES: [&str; 4] = [
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
];

/// Runs a command line and reads the credentials that it prints.
pub(super) async fn run(line: &str) -> Result<Credentials, CredentialError> {
    let (shell, flag) = match cfg!(windows) {
        true => ("cmd", "/C"),
        false => ("sh", "-c"),
    };
    let output = Command::new(shell)
        .args([flag, line])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await;
    let output = output.map_err(CredentialError::Process)?;
    if !output.status.success() {
        return Err(CredentialError::ProcessFailed(output.status));
    }
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let version = printed.get("Version").and_then(Value::as_u64);
    let found = Credentials::of_json(&printed, NAMES).filter(|_| version == Some(1));
    found.ok_or_else(|| CredentialError::Unusable {
        place: "the profile's credential_process".to_owned(),
    })
}
