//! What is kept of functions, in the shapes of Lambda's API.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stepmill_integrations::lambda::{Function, LATEST, Owner};
use uuid::Uuid;

use super::code::base64_of;
use super::model::{Alias, Code, Settings, Version};
use super::settings::log_group;

/// A function's ARN.
pub(super) fn arn(owner: &Owner, name: &str) -> String {
    let Owner { account, region } = owner;
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

/// The ARN of a version or alias.
pub(super) fn qualified(owner: &Owner, name: &str, qualifier: &str) -> String {
    format!("{}:{qualifier}", arn(owner, name))
}

/// `FunctionConfiguration`. What has been asked for by its version or in a list of versions is shown
/// with its qualified ARN; and only what was asked for alone has a state (observed on AWS).
pub(super) fn configuration(
    owner: &Owner,
    name: &str,
    version: &Version,
    with_qualifier: bool,
    with_state: bool,
) -> Map<String, Value> {
    let Settings {
        runtime,
        handler,
        role,
        description,
        timeout,
        memory,
        environment,
        architectures,
        ephemeral_storage,
    } = &version.settings;
    let arn = if with_qualifier {
        qualified(owner, name, &version.version)
    } else {
        arn(owner, name)
    };
    let optimized = json!({"ApplyOn": "None", "OptimizationStatus": "Off"});
    let mut shape = Map::new();
    let mut put = |key: &str, value: Value| shape.insert(key.to_owned(), value);
    put("FunctionName", json!(name));
    put("FunctionArn", json!(arn));
    put("Runtime", json!(runtime));
    // What the project file declares has neither a role nor revisions.
    if !role.is_empty() {
        put("Role", json!(role));
    }
    put("Handler", json!(handler));
    // A directory has neither: it is what it is when a process starts.
    if let Code::Archive { sha256, size, .. } = &version.code {
        put("CodeSize", json!(size));
        put("CodeSha256", json!(base64_of(sha256)));
    }
    put("Description", json!(description));
    put("Timeout", json!(timeout));
    put("MemorySize", json!(memory));
    put("LastModified", json!(modified(version.modified)));
    put("Version", json!(version.version));
    if let Some(variables) = environment {
        put("Environment", json!({"Variables": variables}));
    }
    put("TracingConfig", json!({"Mode": "PassThrough"}));
    if !version.revision.is_nil() {
        put("RevisionId", json!(version.revision));
    }
    if with_state {
        put("State", json!("Active"));
        put("LastUpdateStatus", json!("Successful"));
    }
    put("PackageType", json!("Zip"));
    put("Architectures", json!(architectures));
    put("EphemeralStorage", json!({"Size": ephemeral_storage}));
    put("SnapStart", optimized);
    put(
        "LoggingConfig",
        json!({"LogFormat": "Text", "LogGroup": log_group(name)}),
    );
    shape
}

/// `Code` of `GetFunction`: the directory that has it, because there is no S3 to load it from.
pub(super) fn location(directory: &std::path::Path) -> Value {
    json!({
        "RepositoryType": "Directory",
        "Location": format!("file://{}", directory.display()),
    })
}

/// A function of the project file as the API shows it, with the caller's account and region.
pub(super) fn declared(function: &Function, modified: Timestamp) -> Version {
    Version {
        version: LATEST.to_owned(),
        settings: Settings {
            runtime: function.runtime.to_string(),
            handler: function.handler.clone(),
            role: String::new(),
            description: "Declared in the project file".to_owned(),
            timeout: u32::try_from(function.timeout.as_secs()).unwrap_or(u32::MAX),
            memory: function.memory,
            environment: Some(function.environment.clone()),
            architectures: vec![architecture().to_owned()],
            ephemeral_storage: 512,
        },
        code: Code::Directory(function.code.clone().unwrap_or_default()),
        modified,
        revision: Uuid::nil(),
    }
}

/// This machine's, in AWS's words.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}

/// `AliasConfiguration`
pub(super) fn alias(owner: &Owner, name: &str, alias: &Alias) -> Value {
    let mut shape = json!({
        "AliasArn": qualified(owner, name, &alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    });
    if !alias.weights.is_empty() {
        shape["RoutingConfig"] = json!({"AdditionalVersionWeights": alias.weights});
    }
    shape
}

/// `LastModified`: `2024-03-27T09:14:35.123+0000`.
fn modified(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}
