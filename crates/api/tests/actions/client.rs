//! A server over an engine in memory, and a client of it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_api::{Health, Operations, PageKey, Probes, ServerConfig, Services, serve};
use stepmill_engine::{Chance, Config, Engine};
use stepmill_integrations::Integrations;
use stepmill_store::Memory;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/r";
pub(crate) const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:m";

pub(crate) struct Client {
    address: SocketAddr,
    account: &'static str,
    /// What the server lives on.
    runtime: Arc<Runtime>,
}

/// What an error was: its code and message.
pub(crate) type Refused = (String, String);

impl Client {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let address = runtime.block_on(async {
            let chance = Chance::new(1, [1; 32]);
            let tasks = |_| Arc::new(Integrations::new()) as Arc<dyn stepmill_engine::Tasks>;
            let store = Arc::new(Memory::new());
            let engine = Engine::open(store, tasks, Config::new(chance)).unwrap();
            let pages = PageKey::new([2; 32]);
            let well = Arc::new(|| Health::Well);
            let services = Services {
                step_functions: Arc::new(Operations::new(Arc::new(engine), pages)),
                lambda: None,
                probes: Probes {
                    health: well.clone(),
                    ready: well,
                    metrics: Arc::new(String::new),
                },
                observe: Arc::new(|_| {}),
            };
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let config = ServerConfig::default();
            tokio::spawn(serve(listener, services, config, std::future::pending()));
            address
        });
        Self {
            address,
            account: "000000000000",
            runtime: Arc::new(runtime),
        }
    }

    /// The same server for another account.
    pub(crate) fn of(&self, account: &'static str) -> Self {
        Self {
            address: self.address,
            account,
            runtime: Arc::clone(&self.runtime),
        }
    }

    pub(crate) fn call(&self, operation: &str, request: &Value) -> Result<Value, Refused> {
        let body = request.to_string();
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/x-amz-json-1.0\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/states/aws4_request\r\n\
             X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
            self.account,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let json: Value = serde_json::from_str(body).unwrap();
        if head.starts_with("HTTP/1.1 200") {
            return Ok(json);
        }
        assert!(head.starts_with("HTTP/1.1 400"), "{head} {body}");
        let code = json["__type"].as_str().unwrap();
        let code = code.rsplit('#').next().unwrap().to_owned();
        Err((code, json["message"].as_str().unwrap().to_owned()))
    }

    pub(crate) fn ok(&self, operation: &str, request: &Value) -> Value {
        let answer = self.call(operation, request);
        answer.unwrap_or_else(|(code, message)| unreachable!("{operation}: {code}: {message}"))
    }

    /// The code and message of a refusal.
    pub(crate) fn refused(&self, operation: &str, request: &Value) -> Refused {
        let answer = self.call(operation, request);
        answer.unwrap_err()
    }

    pub(crate) fn create(&self, name: &str, machine_type: &str, state: &Value) -> String {
        let definition = json!({"StartAt": "S", "States": {"S": state}});
        let created = self.ok(
            "CreateStateMachine",
            &json!({
                "name": name,
                "definition": definition.to_string(),
                "roleArn": ROLE,
                "type": machine_type,
            }),
        );
        created["stateMachineArn"].as_str().unwrap().to_owned()
    }

    /// Describes an execution as soon as it has ended.
    pub(crate) fn ended(&self, arn: &Value) -> Value {
        loop {
            let described = self.ok("DescribeExecution", &json!({"executionArn": arn}));
            if described["status"] != "RUNNING" {
                return described;
            }
            std::thread::yield_now();
        }
    }
}

pub(crate) fn pass() -> Value {
    json!({"Type": "Pass", "End": true})
}

pub(crate) fn wait() -> Value {
    json!({"Type": "Wait", "Seconds": 1000, "End": true})
}

/// The members of an object, sorted.
pub(crate) fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

pub(crate) fn is_time(value: &Value) -> bool {
    value.as_f64().is_some_and(|seconds| seconds > 1.7e9)
}
