//! `stepmill serve`.

mod functions;
mod log;
mod metrics;
mod observers;
mod project;
mod requests;
mod settings;
pub(crate) mod store;
mod welcome;

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use stepmill::api::{self, Limits, Operations, PageKey, ServeError, ServerConfig, Services};
use stepmill::engine::functions::{Functions, FunctionsOptions};
use stepmill::engine::{Chance, CloudWatchLogGroups, Config, Engine, Keeper, LogGroups};
use stepmill::integrations::lambda::Host;
use stepmill::integrations::mock::MockFile;
use stepmill::integrations::{Aws, AwsClient, Endpoints, Integrations};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Exit;
use crate::cli::ServeArgs;
use crate::problem::Problem;
use crate::signals::interrupts;
use metrics::Probed;
use observers::Observers;
use project::{Installed, Served};
use requests::Requests;
use settings::Effective;
use store::Opened;
use welcome::Welcome;

/// Threads that are busy elsewhere get this long to end.
const THREADS_GRACE: Duration = Duration::from_secs(2);

pub(crate) fn serve(args: &ServeArgs) -> Result<Exit, Problem> {
    let served = Served::read(args)?;
    let settings = settings::resolve(args, &served.settings, &served.root)?;
    log::start(settings.log_format, settings.log_level);
    let cores = thread::available_parallelism().map_or(2, NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.max(2))
        .enable_all()
        .build()
        .map_err(|error| Problem::new(format!("cannot start threads: {error}")))?;
    let exit = runtime.block_on(run(served, settings));
    // Dropping what still runs kills the processes of functions.
    runtime.shutdown_timeout(THREADS_GRACE);
    exit
}

async fn run(served: Served, settings: Effective) -> Result<Exit, Problem> {
    let mut interrupts = interrupts()?;
    let grace = settings.grace;
    let mut running = Running::start(served, settings).await?;
    tokio::select! {
        ended = &mut running.server => {
            return match ended {
                Ok(Err(error)) => Err(Problem::new(error.to_string())),
                // It ends when it is told to; anything else is a panic, whose message was printed.
                Ok(Ok(())) | Err(_) => Err(Problem::new("the server broke down")),
            };
        }
        _ = interrupts.recv() => {}
    }
    tracing::info!("stopping");
    tokio::select! {
        stopped = running.stop(grace) => {
            stopped?;
            tracing::info!("stopped");
            Ok(Exit::Succeeded)
        }
        _ = interrupts.recv() => Ok(Exit::Interrupted),
    }
}

/// A server that runs.
struct Running {
    server: JoinHandle<Result<(), ServeError>>,
    stop: oneshot::Sender<()>,
    engine: Arc<Engine>,
    host: Arc<Host>,
    observers: Observers,
    store: Opened,
}

impl Running {
    async fn start(served: Served, settings: Effective) -> Result<Self, Problem> {
        let listener = listen(settings.address).await?;
        let address = listener
            .local_addr()
            .map_err(|error| cannot_listen(settings.address, &error))?;
        let url = functions::local_url(address);
        let mocks = settings.mock.as_ref().map(mocks).transpose()?;
        let store = Opened::open(&settings.store)?;
        let keeper = Keeper::new(store.store.clone()).map_err(|error| store::refused(&error))?;
        let mut names: Vec<_> = served.functions.iter().map(|f| f.name.clone()).collect();
        names.sort_unstable();
        let host = functions::host(
            served.functions,
            &settings.caller,
            &settings.access,
            url.clone(),
        )
        .await?;
        let host = Arc::new(host);
        let lambda = registry(&keeper, &host, &store)?;
        let aws = Aws::of_process(settings.aws.clone());
        let cloudwatch = cloudwatch(&settings, &aws)?;
        let observers = Observers::open(&settings, cloudwatch.clone())?;
        let chance = Chance::from_system()
            .map_err(|error| Problem::new(format!("the system has no random numbers: {error}")))?;
        let limits = limits(&settings);
        let config = Config {
            quotas: settings.quotas,
            limits: settings.limits,
            interrupted: settings.interrupted,
            retention: settings.retention,
            mocks,
            observers: observers.all(),
            log_groups: cloudwatch.map(log_groups),
            ..Config::new(chance)
        };
        let pages = PageKey::random();
        let own = own_api(&pages)?;
        let integrations = Integrations::new()
            .with_aws(aws)
            .with_endpoints(Endpoints::of_process(settings.http.clone()))
            .with_lambda(host.clone())
            .with_events(Arc::new(lambda.clone()))
            .with_step_functions(own.clone());
        let tasks = |executions| -> Arc<dyn stepmill::engine::Tasks> {
            Arc::new(integrations.with_executions(Arc::new(executions)))
        };
        let engine = Engine::over(keeper, tasks, config)
            .map_err(|error| Problem::new(format!("the store cannot be used: {error}")))?;
        let engine = Arc::new(engine);
        own.attach(&engine);
        let mut machines: Vec<Installed> = Vec::with_capacity(served.machines.len());
        for definition in served.machines {
            let installed = definition.install(engine.machines(), &settings.caller);
            machines.push(installed.await?);
        }
        let requests = Arc::new(Requests::default());
        let probed = Probed::new(&engine, &requests, observers.metrics());
        let operations = Operations::new(engine.clone(), pages);
        let services = Services {
            step_functions: Arc::new(operations),
            lambda: Some(api::lambda::handler(lambda)),
            probes: probed.probes(),
            observe: Arc::new(move |answered| requests.note(answered)),
        };
        let signed = matches!(settings.access, api::Access::Keys(_));
        let config = ServerConfig {
            access: settings.access,
            unprotected: settings.unprotected,
            default: settings.caller.clone(),
            limits,
        };
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(api::serve(listener, services, config, async {
            // An error means that whoever could stop it is gone, which stops it, too.
            let _ = stopped.await;
        }));
        if let Some(file) = &settings.ready_file {
            write_ready(file, &url)?;
        }
        Welcome {
            address,
            url: &url,
            store: store.directory.as_deref(),
            machines: &machines,
            functions: &names,
            region: &settings.caller.region,
            signed,
        }
        .say(settings.log_format)?;
        Ok(Self {
            server,
            stop,
            engine,
            host,
            observers,
            store,
        })
    }

    /// Stops in good order: no new requests, what runs ends, everything is kept.
    async fn stop(self, grace: Duration) -> Result<(), Problem> {
        let begun = Instant::now();
        let _ = self.stop.send(());
        // How a server ends that was told to end does not matter any more.
        let _ = self.server.await;
        self.engine
            .shutdown(grace.saturating_sub(begun.elapsed()))
            .await;
        self.host.shutdown().await;
        let (observers, store) = (self.observers, self.store);
        let closed = tokio::task::spawn_blocking(move || {
            observers.finish();
            store.close()
        });
        match closed.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Problem::new(format!("cannot close the store: {error}"))),
            Err(error) => Err(Problem::new(format!("cannot close the store: {error}"))),
        }
    }
}

fn limits(settings: &Effective) -> Limits {
    let default = Limits::default();
    Limits {
        drain_time: settings.grace,
        connections: settings.connections.unwrap_or(default.connections),
        ..default
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Problem> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| cannot_listen(address, &error))
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> Problem {
    let problem = Problem::new(format!("cannot listen on {address}: {error}"));
    match error.kind() {
        io::ErrorKind::AddrInUse => problem
            .help("another process listens there; choose another port with --port, 0 for any"),
        io::ErrorKind::AddrNotAvailable => {
            problem.help("this machine has no such address; choose another one with --host")
        }
        _ => problem,
    }
}

fn mocks((path, test_case): &(PathBuf, Option<String>)) -> Result<MockFile, Problem> {
    MockFile::open(path, test_case.clone()).map_err(|error| {
        Problem::new(format!("{}: {error}", path.display()))
            .help("--mock names a mock configuration in the format of Step Functions Local")
    })
}

fn log_groups(client: AwsClient) -> Arc<dyn LogGroups> {
    Arc::new(CloudWatchLogGroups::new(client))
}

/// The client of CloudWatch Logs, if log groups are there.
fn cloudwatch(settings: &Effective, aws: &Aws) -> Result<Option<AwsClient>, Problem> {
    if !settings.cloudwatch_logs {
        return Ok(None);
    }
    let client = aws.client(&settings.caller.region);
    client.map(Some).map_err(|error| {
        Problem::new(format!("CloudWatch Logs cannot be called: {error}"))
            .help("--logs-cloudwatch, or `cloudwatch` under [logs], asks for it")
    })
}

/// The API as tasks of this process ask it.
fn own_api(pages: &PageKey) -> Result<Arc<api::InProcess>, Problem> {
    let own = api::InProcess::new(pages.clone());
    let own =
        own.map_err(|error| Problem::new(format!("the API's model cannot be read: {error}")))?;
    Ok(Arc::new(own))
}

/// The functions that the store has.
fn registry(keeper: &Keeper, host: &Arc<Host>, store: &Opened) -> Result<Functions, Problem> {
    let options = FunctionsOptions {
        code: store
            .directory
            .as_deref()
            .map(|store| store.join("functions")),
        ..FunctionsOptions::default()
    };
    let functions = Functions::open(keeper.clone(), host.clone(), options)
        .map_err(|error| Problem::new(error.to_string()))?;
    for problem in functions.problems() {
        tracing::warn!(%problem, "a function in the store cannot run");
    }
    Ok(functions)
}

fn write_ready(file: &Path, url: &str) -> Result<(), Problem> {
    // Written elsewhere and moved, so that nobody reads a part of it.
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let write = || {
        std::fs::write(&part, format!("{url}\n"))?;
        std::fs::rename(&part, file)
    };
    write().map_err(|error| {
        Problem::new(format!("{}: cannot be written: {error}", file.display()))
            .help("--ready-file names a file in a directory that exists")
    })
}
