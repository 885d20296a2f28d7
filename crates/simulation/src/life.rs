//! One life of an engine: from opening the store to the end of all work, or to a crash.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use stepmill_engine::{
    Caller, Chance, Clock, Config, CreateActivity, CreateStateMachine, Engine, Executions,
    StartExecution,
};
use stepmill_integrations::Integrations;
use stepmill_interpreter::Reason;
use stepmill_store::{Memory, Store};

use crate::disk::Disk;
use crate::outside::{Outside, Services};
use crate::power::Power;
use crate::random::fixed;
use crate::workload::{Job, MACHINES, definition};

/// Longer than any work takes, in the time that executions see.
const PATIENCE: Duration = Duration::from_secs(4 * 60 * 60);

/// What outlives crashes.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) safe: Arc<Memory>,
    pub(crate) outside: Arc<Outside>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) clients: Arc<Mutex<Clients>>,
    /// Milliseconds since 1970.
    pub(crate) time: Arc<AtomicI64>,
    pub(crate) drop_fsync: bool,
}

/// What clients were told.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    pub(crate) started: Vec<Acknowledged>,
    pub(crate) stopped: Vec<Acknowledged>,
}

/// Something that was acknowledged of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    pub(crate) job: String,
    pub(crate) execution_arn: String,
    pub(crate) date: Timestamp,
}

/// How a life ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// All work is done.
    Done,
    /// The power failed.
    Crashed,
    /// Something does not come to its end.
    Stuck(String),
}

/// Lives until the power fails or all work is done.
pub(crate) fn live(world: &World, life: u64, power: &Arc<Power>, stops: bool) -> End {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return End::Stuck(error.to_string()),
    };
    let end = runtime.block_on(async {
        tokio::select! {
            biased;
            () = power.failure() => End::Crashed,
            end = work(world, life, power.clone(), stops) => end,
        }
    });
    // Whatever still runs is gone, as with a process that is killed.
    drop(runtime);
    end
}

async fn work(world: &World, life: u64, power: Arc<Power>, stops: bool) -> End {
    match try_to_work(world, life, &power, stops).await {
        Ok(end) => end,
        Err(error) if power.has_failed() => {
            power.note(&error);
            End::Crashed
        }
        Err(error) => End::Stuck(error),
    }
}

async fn try_to_work(
    world: &World,
    life: u64,
    power: &Arc<Power>,
    stops: bool,
) -> Result<End, String> {
    let disk = Arc::new(Disk::new(
        world.safe.clone(),
        power.clone(),
        world.drop_fsync,
    ));
    tokio::spawn(disk.clone().write());
    let mut key = [0; 32];
    key[..8].copy_from_slice(&fixed(world.seed, &["key", &life.to_string()]).to_be_bytes());
    let chance = fixed(world.seed, &["chance", &life.to_string()]);
    let mut config = Config::new(Chance::new(chance, key));
    config.clock = Clock::simulated(world.time.clone());
    config.retention = None;
    let (seed, outside) = (world.seed, world.outside.clone());
    let services_power = power.clone();
    let services = move |executions: Executions| -> Arc<dyn stepmill_engine::Tasks> {
        Arc::new(Services {
            seed,
            outside,
            power: services_power,
            integrations: Integrations::new().with_executions(Arc::new(executions)),
        })
    };
    let engine = Engine::open(disk, services, config).map_err(|error| error.to_string())?;
    let engine = Arc::new(engine);
    register(&engine).await?;
    tokio::spawn(world.outside.clone().tell(engine.clone(), power.clone()));
    tokio::spawn(
        world
            .outside
            .clone()
            .work(world.seed, engine.clone(), power.clone()),
    );
    tokio::spawn(jump(world.time.clone(), power.clone()));
    for job in &world.jobs {
        let clients = world.clients.clone();
        tokio::spawn(client(
            job.clone(),
            engine.clone(),
            power.clone(),
            clients,
            stops,
        ));
    }
    let begun = tokio::time::Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let running = world
            .safe
            .count(&[0, 8])
            .map_err(|error| error.to_string())?;
        let started = world.clients().started.len();
        if running == 0 && started == world.jobs.len() {
            return Ok(End::Done);
        }
        if begun.elapsed() > PATIENCE {
            let started = &world.clients().started;
            let all = started.iter().map(|known| {
                let described = engine.describe_execution(&known.execution_arn);
                described.map_or_else(
                    |error| error.to_string(),
                    |it| format!("{} {}", it.execution_arn, it.status),
                )
            });
            let all = all.collect::<Vec<_>>().join("; ");
            return Ok(End::Stuck(format!(
                "{running} executions do not end: {all}"
            )));
        }
    }
}

impl World {
    pub(crate) fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn register(engine: &Engine) -> Result<(), String> {
    let caller = Caller::default();
    let activity = CreateActivity {
        name: "work".to_owned(),
        ..CreateActivity::default()
    };
    let created = engine.machines().create_activity(&caller, activity).await;
    created.map_err(|error| error.to_string())?;
    for name in MACHINES {
        let machine = CreateStateMachine {
            name: name.to_owned(),
            definition: definition(name).to_string(),
            role_arn: "arn:aws:iam::000000000000:role/r".to_owned(),
            ..CreateStateMachine::default()
        };
        let created = engine
            .machines()
            .create_state_machine(&caller, machine)
            .await;
        created.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Starts a job until it is told that it is started, and perhaps stops it.
async fn client(
    job: Job,
    engine: Arc<Engine>,
    power: Arc<Power>,
    clients: Arc<Mutex<Clients>>,
    stops: bool,
) {
    let lock = || clients.lock().unwrap_or_else(PoisonError::into_inner);
    tokio::time::sleep(Duration::from_millis(power.random.below(2_000))).await;
    if !lock().started.iter().any(|known| known.job == job.name) {
        if !power.step("ask for a start") {
            return;
        }
        let start = StartExecution {
            state_machine_arn: job.machine_arn(),
            name: Some(job.name.clone()),
            input: Some(job.input.clone()),
            ..StartExecution::default()
        };
        let answer = engine.start_execution(start).await;
        if power.has_failed() {
            return;
        }
        match answer {
            Ok(started) => lock().started.push(Acknowledged {
                job: job.name.clone(),
                execution_arn: started.execution_arn,
                date: started.start_date,
            }),
            // It was started in an earlier life, and has ended: whoever asks is told that it is there.
            Err(error) if error.code == stepmill_engine::Code::ExecutionAlreadyExists => {
                lock().started.push(Acknowledged {
                    job: job.name.clone(),
                    execution_arn: job.machine_arn().replace(":stateMachine:", ":execution:")
                        + ":"
                        + &job.name,
                    date: Timestamp::UNIX_EPOCH,
                });
            }
            Err(error) => power.note(&format!("start refused: {error}")),
        }
    }
    if stops && job.stopped && !lock().stopped.iter().any(|known| known.job == job.name) {
        tokio::time::sleep(Duration::from_millis(power.random.below(20_000))).await;
        let execution_arn = lock()
            .started
            .iter()
            .find(|known| known.job == job.name)
            .map(|known| known.execution_arn.clone());
        let Some(execution_arn) = execution_arn else {
            return;
        };
        if !power.step("ask for a stop") {
            return;
        }
        let stopped = engine
            .stop_execution(&execution_arn, Reason::default())
            .await;
        if power.has_failed() {
            return;
        }
        if let Ok(date) = stopped {
            lock().stopped.push(Acknowledged {
                job: job.name,
                execution_arn,
                date,
            });
        }
    }
}

/// Now and then the clock jumps, also back.
async fn jump(time: Arc<AtomicI64>, power: Arc<Power>) {
    loop {
        tokio::time::sleep(Duration::from_millis(5_000 + power.random.below(60_000))).await;
        let by = i64::try_from(power.random.below(40_000)).unwrap_or(0) - 10_000;
        time.fetch_add(by, Ordering::Relaxed);
    }
}
