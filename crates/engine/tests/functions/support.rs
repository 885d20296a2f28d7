//! A store, a directory, registries opened over them, and calls by the names of Lambda's actions.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use stepmill_engine::functions::{
    Body, FunctionError, Functions, FunctionsOptions, InvocationType, Invoke, Invoked, Page,
};
use stepmill_engine::{Caller, Keeper};
use stepmill_integrations::lambda::{Function, Host, HostOptions, Runtime};
use stepmill_store::Store;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::memory::Documents;

/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Fixture {
    pub(crate) directory: TempDir,
    pub(crate) store: Arc<dyn Store>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            store: Arc::new(Documents::default()),
        }
    }

    pub(crate) fn code(&self) -> PathBuf {
        self.directory.path().join("functions")
    }

    /// A registry, with one function of the project file: `declared`.
    pub(crate) async fn open(&self) -> (Functions, Arc<Host>) {
        let project = self.directory.path().join("project");
        std::fs::create_dir_all(&project).unwrap();
        let source = "def handler(event, context): return ['declared', event]\n";
        std::fs::write(project.join("app.py"), source).unwrap();
        let python = Runtime::Python { minor: 12 };
        let declared = Function::new("declared", python, "app.handler", project);
        let options = HostOptions {
            init_timeout: PATIENCE,
            ..HostOptions::default()
        };
        let host = Arc::new(Host::start([declared], options).await.unwrap());
        let options = FunctionsOptions {
            code: Some(self.code()),
            event_retries: vec![Duration::from_millis(1); 2],
            ..FunctionsOptions::default()
        };
        let keeper = Keeper::new(Arc::clone(&self.store)).unwrap();
        let functions = Functions::open(keeper, Arc::clone(&host), options).unwrap();
        (functions, host)
    }
}

/// An archive in base64 of files that can be executed.
pub(crate) fn zip(files: &[(&str, &str)]) -> String {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    STANDARD.encode(writer.finish().unwrap().into_inner())
}

/// The body of a `CreateFunction` with a Python source.
pub(crate) fn python(name: &str, source: &str) -> Body {
    object(json!({
        "FunctionName": name,
        "Runtime": "python3.12",
        "Handler": "app.handler",
        "Role": "arn:aws:iam::000000000000:role/lambda",
        "Timeout": 60,
        "Code": {"ZipFile": zip(&[("app.py", source)])},
    }))
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}

/// Makes the call that an object describes: `action`, and the parameters beside the body.
pub(crate) async fn call(
    functions: &Functions,
    caller: &Caller,
    call: &Value,
) -> Result<Value, FunctionError> {
    let text = |name: &str| call[name].as_str();
    let name = text("function").unwrap_or_default();
    let body = call.get("body").cloned().map(object).unwrap_or_default();
    let qualifier = text("qualifier");
    let other = text("name").unwrap_or_default();
    let page = Page {
        marker: text("marker").map(str::to_owned),
        max_items: call["max"].as_i64(),
    };
    let nothing = |()| json!({});
    match text("action").unwrap() {
        "CreateFunction" => functions.create(caller, body).await,
        "GetFunction" => functions.get(caller, name, qualifier),
        "GetFunctionConfiguration" => functions.get_configuration(caller, name, qualifier),
        "ListFunctions" => functions.list(caller, call["all"] == true, &page),
        "UpdateFunctionCode" => functions.update_code(caller, name, body).await,
        "UpdateFunctionConfiguration" => functions.update_configuration(caller, name, body).await,
        "DeleteFunction" => functions.delete(caller, name, qualifier).await.map(nothing),
        "PublishVersion" => functions.publish(caller, name, body).await,
        "ListVersionsByFunction" => functions.list_versions(caller, name, &page),
        "CreateAlias" => functions.create_alias(caller, name, body).await,
        "GetAlias" => functions.get_alias(caller, name, other),
        "UpdateAlias" => functions.update_alias(caller, name, other, body).await,
        "DeleteAlias" => functions
            .delete_alias(caller, name, other)
            .await
            .map(nothing),
        "ListAliases" => functions.list_aliases(caller, name, qualifier, &page),
        "TagResource" => functions.tag(caller, name, body).await.map(nothing),
        "UntagResource" => {
            let keys = vec![other.to_owned()];
            functions.untag(caller, name, &keys).await.map(nothing)
        }
        "ListTags" => functions.list_tags(caller, name),
        "AddPermission" => {
            functions
                .add_permission(caller, name, qualifier, body)
                .await
        }
        "GetPolicy" => functions.get_policy(caller, name, qualifier),
        "RemovePermission" => functions
            .remove_permission(caller, name, qualifier, other, None)
            .await
            .map(nothing),
        "PutFunctionConcurrency" => functions.put_concurrency(caller, name, body).await,
        "GetFunctionConcurrency" => functions.get_concurrency(caller, name),
        "DeleteFunctionConcurrency" => functions
            .delete_concurrency(caller, name)
            .await
            .map(nothing),
        "Invoke" => {
            let payload = call["payload"].to_string();
            let invoked = invoke(functions, caller, name, qualifier, &payload).await?;
            Ok(json!({
                "version": invoked.executed_version,
                "error": invoked.function_error,
                "payload": serde_json::from_slice::<Value>(&invoked.payload).unwrap(),
            }))
        }
        other => panic!("no such action: {other}"),
    }
}

pub(crate) async fn invoke(
    functions: &Functions,
    caller: &Caller,
    name: &str,
    qualifier: Option<&str>,
    payload: &str,
) -> Result<Invoked, FunctionError> {
    let invoke = Invoke {
        qualifier: qualifier.map(str::to_owned),
        kind: InvocationType::RequestResponse,
        payload: payload.as_bytes().to_vec(),
        ..Invoke::default()
    };
    functions.invoke(caller, name, invoke).await
}

/// Everything that can be seen of an account's functions.
pub(crate) async fn everything(functions: &Functions, caller: &Caller) -> Value {
    let ask = async |fields: Value| match call(functions, caller, &fields).await {
        Ok(answer) => answer,
        Err(error) => json!({"error": [error.code.to_string(), error.message]}),
    };
    let listed = ask(json!({"action": "ListFunctions", "all": true})).await;
    let mut seen = json!({"ListFunctions": listed});
    for function in listed["Functions"].as_array().unwrap() {
        let name = function["FunctionName"].as_str().unwrap();
        let version = function["Version"].as_str().unwrap();
        for action in [
            "GetFunction",
            "GetPolicy",
            "ListAliases",
            "GetFunctionConcurrency",
        ] {
            let fields = json!({"action": action, "function": name, "qualifier": version});
            seen[format!("{action} {name} {version}")] = ask(fields).await;
        }
    }
    seen
}

/// Whether a directory is a package's, and not one that is being deleted.
pub(crate) fn is_package(path: &std::path::Path) -> bool {
    !path
        .file_name()
        .unwrap()
        .to_string_lossy()
        .starts_with("deleting-")
}
