//! A directory of functions, a host that runs them, and waiting without hoping.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use stepmill_integrations::lambda::{
    Function, FunctionErrorKind, Host, HostOptions, Invocation, InvokeResult, LogLine, Runtime,
};
use tempfile::TempDir;

/// Far longer than anything here takes: reaching it is a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const PYTHON: Runtime = Runtime::Python { minor: 12 };
pub(crate) const NODE: Runtime = Runtime::Node { major: 20 };

pub(crate) struct Fixture {
    directory: TempDir,
    lines: Arc<Mutex<Vec<LogLine>>>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            lines: Arc::default(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A Python function whose module `handler` is `source`.
    pub(crate) fn python(&self, name: &str, source: &str) -> Function {
        self.write(&format!("{name}/handler.py"), source);
        self.function(name, PYTHON, "handler.handler")
    }

    /// A Node function whose file `index` with `extension` is `source`.
    pub(crate) fn node(&self, name: &str, extension: &str, source: &str) -> Function {
        self.write(&format!("{name}/index.{extension}"), source);
        self.function(name, NODE, "index.handler")
    }

    /// A function with time enough for a loaded machine, and a directory `SHARED` to meet the test.
    pub(crate) fn function(&self, name: &str, runtime: Runtime, handler: &str) -> Function {
        let code = self.path(name);
        fs::create_dir_all(&code).unwrap();
        let shared = self.shared();
        fs::create_dir_all(&shared).unwrap();
        let mut function = Function::new(name, runtime, handler, code);
        function.timeout = PATIENCE;
        let shared = shared.to_str().unwrap().to_owned();
        function.environment.insert("SHARED".to_owned(), shared);
        function
    }

    pub(crate) fn shared(&self) -> PathBuf {
        self.path("shared")
    }

    pub(crate) fn options(&self) -> HostOptions {
        let lines = Arc::clone(&self.lines);
        HostOptions {
            logs: Some(Arc::new(move |line| lines.lock().unwrap().push(line))),
            init_timeout: PATIENCE,
            ..HostOptions::default()
        }
    }

    pub(crate) async fn host(&self, functions: impl IntoIterator<Item = Function>) -> Host {
        Host::start(functions, self.options()).await.unwrap()
    }

    /// The first line that matches, as soon as there is one.
    pub(crate) async fn line(&self, matches: impl Fn(&LogLine) -> bool) -> LogLine {
        eventually(|| {
            self.lines
                .lock()
                .unwrap()
                .iter()
                .find(|line| matches(line))
                .cloned()
        })
        .await
    }
}

/// Asks again until there is an answer.
pub(crate) async fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Files of the directory whose names start so, once there are `count`.
pub(crate) async fn files(directory: &Path, prefix: &str, count: usize) -> Vec<PathBuf> {
    eventually(|| {
        let found: Vec<_> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_name().to_str().unwrap().starts_with(prefix))
            .map(|entry| entry.path())
            .collect();
        (found.len() >= count).then_some(found)
    })
    .await
}

/// The process id in a file's name, after its first `-`.
pub(crate) fn pid_of(path: &Path) -> u32 {
    path.file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .split('-')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

/// Whether a process runs; one that only waits to be reaped does not.
pub(crate) fn is_running(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap()
            .trim_start()
            .starts_with('Z')
    })
}

pub(crate) async fn call(host: &Host, function: &str, payload: &str) -> InvokeResult {
    let result = host
        .invoke(Invocation::new(function, payload))
        .await
        .unwrap();
    assert_eq!(
        (result.status, result.executed_version.as_str()),
        (200, "$LATEST")
    );
    result
}

/// The payload of a success, as text.
pub(crate) async fn succeed(host: &Host, function: &str, payload: &str) -> String {
    let result = call(host, function, payload).await;
    let text = String::from_utf8(result.payload).unwrap();
    assert_eq!(result.function_error, None, "{text}");
    text
}

/// The payload of a success, as JSON.
pub(crate) async fn value(host: &Host, function: &str, payload: &str) -> Value {
    serde_json::from_str(&succeed(host, function, payload).await).unwrap()
}

/// The payload of a failure, as text with the request id replaced by `ID`.
pub(crate) async fn fail(host: &Host, function: &str, payload: &str) -> String {
    let result = call(host, function, payload).await;
    let text = String::from_utf8(result.payload).unwrap();
    assert_eq!(
        result.function_error,
        Some(FunctionErrorKind::Unhandled),
        "{text}"
    );
    text.replace(&result.request_id, "ID")
}
