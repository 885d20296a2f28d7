//! A server whose actions are made up, and a client that sends any bytes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use stepmill_api::{
    BoxFuture, Call, Failure, Health, Operation, Probes, ServeError, ServerConfig, Services,
    StepFunctions, serve,
};
use stepmill_engine::Error;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Answers with what it was called with.
#[derive(Default)]
pub(crate) struct Echo {
    pub(crate) calls: AtomicUsize,
    pub(crate) ended: AtomicUsize,
    pub(crate) release: tokio::sync::Notify,
}

/// The same for all connections.
struct Shared(Arc<Echo>);

impl StepFunctions for Shared {
    fn call(&self, mut call: Call) -> BoxFuture<Result<Bytes, Failure>> {
        let echo = Arc::clone(&self.0);
        Box::pin(async move {
            echo.calls.fetch_add(1, Ordering::SeqCst);
            match call.operation {
                Operation::DescribeExecution => return Err(Error::no_execution("x").into()),
                Operation::DescribeActivity => return Err(Error::internal("a secret").into()),
                Operation::ListActivities => unreachable!("a handler that panics"),
                Operation::GetActivityTask => {
                    call.closing.closed().await;
                    return Ok(Bytes::from_static(b"{}"));
                }
                Operation::StartSyncExecution => echo.release.notified().await,
                _ => {}
            }
            echo.ended.fetch_add(1, Ordering::SeqCst);
            let answer = json!({
                "operation": call.operation.name(),
                "account": call.caller.account,
                "region": call.caller.region,
                "request": call.request,
            });
            Ok(Bytes::from(answer.to_string()))
        })
    }
}

/// What was observed of a request: the code, what was wrong inside, the bytes of the body.
pub(crate) type Observed = (Option<String>, Option<String>, usize);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) echo: Arc<Echo>,
    pub(crate) observed: Arc<Mutex<Vec<Observed>>>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<Result<(), ServeError>>>,
    runtime: Runtime,
}

impl Server {
    pub(crate) fn start(config: ServerConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let echo = Arc::new(Echo::default());
        let observed = Arc::new(Mutex::new(Vec::new()));
        let services = services(&echo, &observed);
        let (stop, stopped) = oneshot::channel();
        let served = runtime.spawn(serve(listener, services, config, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            echo,
            observed,
            stop: Some(stop),
            served: Some(served),
            runtime,
        }
    }

    pub(crate) fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        Client { stream }
    }

    /// Sends one request on a connection of its own; the answer.
    pub(crate) fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect();
        client.write(request.as_ref());
        client.answer()
    }

    /// Calls an action.
    pub(crate) fn call(&self, target: &str, body: &[u8]) -> Answer {
        self.send(post(target, body))
    }

    /// Stops it; what serving came to.
    pub(crate) fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub(crate) fn stopped(&mut self) -> Result<(), ServeError> {
        let served = self.served.take().unwrap();
        self.runtime.block_on(served).unwrap()
    }
}

pub(crate) fn services(echo: &Arc<Echo>, observed: &Arc<Mutex<Vec<Observed>>>) -> Services {
    let observed = Arc::clone(observed);
    Services {
        step_functions: Arc::new(Shared(Arc::clone(echo))),
        lambda: Some(Arc::new(|caller, parts, body| {
            Box::pin(async move {
                let text = format!("{} {} {}", caller.account, parts.uri.path(), body.len());
                let mut response = Response::new(Bytes::from(text));
                *response.status_mut() = StatusCode::ACCEPTED;
                response
            })
        })),
        probes: Probes {
            health: Arc::new(|| Health::Well),
            ready: Arc::new(|| Health::Failing("recovering".to_owned())),
            metrics: Arc::new(|| "ExecutionsStarted 1\n".to_owned()),
        },
        observe: Arc::new(move |answered| {
            observed.lock().unwrap().push((
                answered.code.map(str::to_owned),
                answered.internal.map(str::to_owned),
                answered.bytes,
            ));
        }),
    }
}

/// A request as SDKs send it.
pub(crate) fn post(target: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: {target}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// The head of a request whose body comes in chunks.
pub(crate) const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.StopExecution\r\n\
    Transfer-Encoding: chunked\r\n\r\n";

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

impl Client {
    /// Writes as much as the server takes; how much that was.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            match self.stream.write(&bytes[written..]) {
                Ok(0) | Err(_) => break,
                Ok(length) => written += length,
            }
        }
        written
    }

    pub(crate) fn finish(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Whether the server has closed the connection without another word.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        match self.stream.read(&mut byte) {
            Ok(length) => length == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }

    /// The status that a request is answered with, if the connection is served.
    pub(crate) fn answer_to(&mut self, request: &[u8]) -> Option<u16> {
        self.write(request);
        let mut head = [0; 12];
        self.stream.read_exact(&mut head).ok()?;
        std::str::from_utf8(&head[9..]).ok()?.parse().ok()
    }

    /// Reads one answer.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            let length = self.stream.read(&mut byte).unwrap();
            assert!(
                length > 0,
                "closed after {}",
                String::from_utf8_lossy(&head)
            );
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let status = head[9..12].parse().unwrap();
        let length = head.split("content-length: ").nth(1).map_or(0, |rest| {
            rest.split("\r\n").next().unwrap().parse().unwrap()
        });
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        Answer {
            status,
            head,
            body: String::from_utf8(body).unwrap(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The status and the code after the namespace.
    pub(crate) fn error(&self) -> (u16, String) {
        let json = self.json();
        let code = json["__type"].as_str().unwrap_or_default();
        (self.status, code.rsplit('#').next().unwrap().to_owned())
    }
}

pub(crate) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
