//! The settings that are in force: an option's, else its environment variable's, else the file's,
//! else the default.

use std::env;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use stepmill::api::{Access, AccessKey};
use stepmill::engine::{
    ACCOUNT, Caller, EngineLimits, EventsConfig, Interrupted, LogsConfig, MetricsConfig, Quotas,
    REGION, TracesConfig,
};
use stepmill::integrations::project::{
    AwsSettings, Days, Host, HttpSettings, InterruptedTasks, Key, LogFormat, LogLevel, Settings,
    StorePlace,
};

use crate::cli::ServeArgs;
use crate::mocks;
use crate::problem::Problem;

/// The port that Step Functions Local has, too.
const PORT: u16 = 8083;
/// Docker waits so long before it kills, in seconds.
const GRACE: u64 = 10;
/// Where things are kept unless told otherwise.
const STORE: &str = ".stepmill";
/// Where Step Functions Local is told its mock configuration.
const SFN_MOCK_CONFIG: &str = "SFN_MOCK_CONFIG";

/// The settings that are in force.
pub(super) struct Effective {
    pub(super) address: SocketAddr,
    pub(super) store: StorePlace,
    /// A mock configuration, and the test case of executions that name none.
    pub(super) mock: Option<(PathBuf, Option<String>)>,
    pub(super) ready_file: Option<PathBuf>,
    pub(super) grace: Duration,
    pub(super) log_format: LogFormat,
    pub(super) log_level: LogLevel,
    pub(super) access: Access,
    /// Whether anybody may call though other machines reach the port.
    pub(super) unprotected: bool,
    /// Who those are that do not say it.
    pub(super) caller: Caller,
    pub(super) interrupted: Interrupted,
    pub(super) retention: Option<Duration>,
    pub(super) quotas: Quotas,
    pub(super) limits: EngineLimits,
    pub(super) connections: Option<usize>,
    pub(super) aws: AwsSettings,
    pub(super) http: HttpSettings,
    pub(super) logs: LogsConfig,
    /// Whether log groups are in CloudWatch Logs.
    pub(super) cloudwatch_logs: bool,
    pub(super) events: EventsConfig,
    pub(super) traces: TracesConfig,
    pub(super) metrics: MetricsConfig,
}

/// The settings that are in force; `root` is where the store is by default.
pub(super) fn resolve(
    args: &ServeArgs,
    file: &Settings,
    root: &Path,
) -> Result<Effective, Problem> {
    let host = args.host.or(file.server.host);
    let Host(ip) = host.unwrap_or(Host(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let port = args.port.or(file.server.port).unwrap_or(PORT);
    let caller = Caller {
        account: either(args.access.account.as_ref(), file.server.account.as_ref())
            .map_or_else(|| ACCOUNT.to_owned(), |account| account.0),
        region: either(args.access.region.as_ref(), file.server.region.as_ref())
            .map_or_else(|| REGION.to_owned(), |region| region.0),
    };
    let disabled = args.access.no_auth || file.auth.disabled == Some(true);
    let unprotected = disabled && args.access.auth_keys.is_empty();
    let access = if unprotected {
        Access::Open
    } else {
        access(args, file, &caller)?
    };
    let address = SocketAddr::new(ip, port);
    if matches!(access, Access::Open) && !ip.is_loopback() && !unprotected {
        let message = format!("{ip} can be reached from other machines, and anybody could call");
        return Err(Problem::new(message).help(
            "demand signed requests: keys = [{ id = \"…\", secret = \"…\" }] under [auth] in the \
             stepmill.toml, or STEPMILL_AUTH_KEYS=ID:SECRET; or let anybody call with --no-auth",
        ));
    }
    let grace = args.grace.or(file.server.grace).unwrap_or(GRACE);
    let place = either(args.store.as_ref(), file.store.path.as_ref());
    let given = env::var_os(SFN_MOCK_CONFIG).filter(|path| !path.is_empty());
    let mock = args.mock.clone().or(given.map(PathBuf::from));
    let mock = either(mock.as_ref(), file.mock.file.as_ref());
    let test_case = either(args.test_case.as_ref(), file.mock.test_case.as_ref());
    if let (None, Some(case)) = (&mock, &test_case) {
        return Err(mocks::without_file(case));
    }
    let interrupted = args.limits.interrupted.map(InterruptedTasks::from);
    let days = args.limits.retention_days.or(file.retention.days);
    let log_format = args.log_format.map(LogFormat::from);
    let log_level = args.log_level.map(LogLevel::from);
    Ok(Effective {
        address,
        store: place.unwrap_or_else(|| StorePlace::Directory(root.join(STORE))),
        mock: mock.map(|mock| (mock, test_case)),
        ready_file: either(args.ready_file.as_ref(), file.server.ready_file.as_ref()),
        grace: Duration::from_secs(grace),
        log_format: log_format.or(file.server.log_format).unwrap_or_default(),
        log_level: log_level.or(file.server.log_level).unwrap_or_default(),
        access,
        unprotected,
        caller,
        interrupted: match interrupted
            .or(file.recovery.interrupted)
            .unwrap_or_default()
        {
            InterruptedTasks::Rerun => Interrupted::Rerun,
            InterruptedTasks::Fail => Interrupted::Fail,
        },
        retention: match days.unwrap_or(Days::Number(90)) {
            Days::Number(days) => Some(Duration::from_secs(u64::from(days) * 24 * 60 * 60)),
            Days::Forever => None,
        },
        quotas: quotas(args, file),
        limits: limits(args, file),
        connections: args
            .limits
            .max_connections
            .or(file.limits.connections)
            .map(size),
        aws: aws(args, file),
        http: file.http.clone(),
        logs: logs(args, file),
        cloudwatch_logs: args.observing.logs_cloudwatch || file.logs.cloudwatch == Some(true),
        events: EventsConfig {
            endpoint: either(
                args.observing.events_endpoint.as_ref(),
                file.events.endpoint.as_ref(),
            ),
            event_bus: either(
                args.observing.events_bus.as_ref(),
                file.events.event_bus.as_ref(),
            ),
        },
        traces: TracesConfig {
            endpoint: either(
                args.observing.traces_endpoint.as_ref(),
                file.traces.endpoint.as_ref(),
            ),
            service_name: either(
                args.observing.traces_service_name.as_ref(),
                file.traces.service_name.as_ref(),
            ),
        },
        metrics: MetricsConfig {
            max_series: number(
                args.observing.metrics_max_series,
                file.metrics.max_series,
                MetricsConfig::default().max_series,
            ),
        },
    })
}

fn either<T: Clone>(given: Option<&T>, file: Option<&T>) -> Option<T> {
    given.or(file).cloned()
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn number(given: Option<u32>, file: Option<u32>, default: usize) -> usize {
    given.or(file).map_or(default, size)
}

fn access(args: &ServeArgs, file: &Settings, caller: &Caller) -> Result<Access, Problem> {
    let given = args.access.auth_keys.iter().map(|key| key.parse());
    let given: Vec<Key> = given.collect::<Result<_, _>>().map_err(|error| {
        Problem::new(format!(
            "a key of --auth-key or STEPMILL_AUTH_KEYS: {error}"
        ))
        .help("write ID:SECRET or ID:SECRET:ACCOUNT; commas stand between keys")
    })?;
    let keys: &[Key] = match (&*given, &file.auth.keys) {
        ([], Some(keys)) => keys,
        (given, _) => given,
    };
    if keys.is_empty() {
        // An empty list is no way to say that anybody may call.
        return match &file.auth.keys {
            Some(_) => Err(Problem::new("[auth] has no keys: nobody could call")
                .help("give it keys, or say `disabled = true`")),
            None => Ok(Access::Open),
        };
    }
    let mut access: Vec<AccessKey> = Vec::with_capacity(keys.len());
    for key in keys {
        if key.id.is_empty() || key.secret.is_empty() {
            return Err(Problem::new("[auth]: a key has an id and a secret"));
        }
        if access.iter().any(|other| other.id == key.id) {
            let message = format!("[auth]: there are two keys with the id {}", key.id);
            return Err(Problem::new(message));
        }
        let account = key.account.as_ref();
        access.push(AccessKey {
            id: key.id.clone(),
            secret: key.secret.clone(),
            account: account.map_or_else(|| caller.account.clone(), |account| account.0.clone()),
        });
    }
    Ok(Access::Keys(access))
}

fn limits(args: &ServeArgs, file: &Settings) -> EngineLimits {
    let default = EngineLimits::default();
    let (given, file) = (&args.limits, &file.limits);
    let open = given.max_open_executions.or(file.open_executions);
    EngineLimits {
        open_executions: open.map_or(default.open_executions, i64::from),
        activity_workers: number(
            given.max_activity_workers,
            file.activity_workers,
            default.activity_workers,
        ),
        ..default
    }
}

fn quotas(args: &ServeArgs, file: &Settings) -> Quotas {
    let default = Quotas::default();
    let (given, file) = (&args.limits, &file.limits);
    Quotas {
        state_machines: number(
            given.max_state_machines,
            file.state_machines,
            default.state_machines,
        ),
        activities: number(given.max_activities, file.activities, default.activities),
        versions: number(given.max_versions, file.versions, default.versions),
        aliases: number(given.max_aliases, file.aliases, default.aliases),
        tags: number(given.max_tags, file.tags, default.tags),
    }
}

fn aws(args: &ServeArgs, file: &Settings) -> AwsSettings {
    AwsSettings {
        assume_roles: args.assume_roles.then_some(true).or(file.aws.assume_roles),
        ..file.aws.clone()
    }
}

fn logs(args: &ServeArgs, file: &Settings) -> LogsConfig {
    let default = LogsConfig::default();
    let (given, file) = (&args.observing, &file.logs);
    LogsConfig {
        directory: either(given.logs_directory.as_ref(), file.directory.as_ref()),
        stdout: given.logs_stdout || file.stdout == Some(true),
        queue_mib: number(given.logs_queue_mib, file.queue_mib, default.queue_mib),
    }
}
