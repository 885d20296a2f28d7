//! What a store costs: commits per second and the writer's time for each, then the disk and memory
//! that executions take which only wait.
//!
//! ```sh
//! cargo run --release -p stepmill-store --example throughput -- DIRECTORY [PARKED] [SECONDS] [THREADS]
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use stepmill_store::sqlite::Options;
use stepmill_store::{Change, Entry, ExecutionRow, ListExecutions, Sqlite, Store, Update};

/// Bytes of the entry of an execution that ends in one turn: ten states.
const ENTRY: usize = 2_048;
/// Bytes of the entry of an execution that waits.
const PARKED_ENTRY: usize = 250;
/// Bytes of what the engine knows beside: ids and times.
const DETAIL: usize = 64;
const RUNNING: u8 = 0;
const SUCCEEDED: u8 = 1;
const NOW: i64 = 1_767_225_600_000;
/// Commits on their way while executions are parked.
const WINDOW: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("name a directory for the store")?;
    let mut number = |default: u64| {
        let given = arguments.next();
        given.map_or(Ok(default), |given| given.parse())
    };
    let parked = number(1_000_000)?;
    let time = Duration::from_secs(number(10)?);
    let threads = number(64)?;
    let options = Options::new(Path::new(&directory).join("stepmill.db"));
    alone(&options)?;
    commits(&options, time, threads)?;
    park(&options, parked)?;
    commits(&options, time, threads)
}

/// One client: the latency of a commit.
fn alone(options: &Options) -> Result<(), Box<dyn Error>> {
    let store = Sqlite::open(options)?;
    let mut times = Vec::new();
    for number in numbers(&store, 500)? {
        let start = Instant::now();
        store.commit(whole(number)).blocking_recv()??;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    println!(
        "one client: commit in {:?} (median), {:?} (99 of 100)",
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
    store.close()?;
    Ok(())
}

/// Many clients, each waiting for its receipt.
fn commits(options: &Options, time: Duration, threads: u64) -> Result<(), Box<dyn Error>> {
    let store = Sqlite::open(options)?;
    let next = AtomicU64::new(store.last_number()?);
    let start = Instant::now();
    let cpu = writer_time(&store)?;
    let mut times = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    while start.elapsed() < time {
                        let number = next.fetch_add(1, Ordering::Relaxed) + 1;
                        let begin = Instant::now();
                        match store.commit(whole(number)).blocking_recv() {
                            Ok(Ok(())) => times.push(begin.elapsed()),
                            other => eprintln!("not kept: {other:?}"),
                        }
                    }
                    times
                })
            })
            .collect();
        let joined = clients.into_iter().filter_map(|client| client.join().ok());
        joined.flatten().collect::<Vec<_>>()
    });
    let elapsed = start.elapsed();
    let cpu = writer_time(&store)?.saturating_sub(cpu);
    times.sort_unstable();
    let count = u32::try_from(times.len())?;
    println!(
        "{threads} clients: {:.0} commits/s, {:?} of the writer's time each, {:?} (median), {:?} (99 of 100)",
        f64::from(count) / elapsed.as_secs_f64(),
        cpu / count,
        times[times.len() / 2],
        times[times.len() * 99 / 100],
    );
    store.close()?;
    Ok(())
}

/// Executions that wait.
fn park(options: &Options, count: u64) -> Result<(), Box<dyn Error>> {
    let store = Sqlite::open(options)?;
    let before = fs::metadata(&options.path)?.len();
    let start = Instant::now();
    let cpu = writer_time(&store)?;
    let mut receipts = std::collections::VecDeque::with_capacity(WINDOW);
    for number in numbers(&store, count)? {
        if receipts.len() == WINDOW
            && let Some(receipt) = receipts.pop_front()
        {
            tokio::sync::oneshot::Receiver::blocking_recv(receipt)??;
        }
        receipts.push_back(store.commit(waiting(number)));
    }
    for receipt in receipts {
        receipt.blocking_recv()??;
    }
    let elapsed = start.elapsed();
    let cpu = writer_time(&store)?.saturating_sub(cpu);
    let each = u32::try_from(count)?;
    println!(
        "{count} parked: {:.0}/s, {:?} of the writer's time each; {} in memory",
        f64::from(each) / elapsed.as_secs_f64(),
        cpu / each,
        status("VmRSS")?
    );
    let start = Instant::now();
    let due = store.due((i64::MIN, 0), i64::MAX, 256)?.len();
    println!("first {due} that are due: {:?}", start.elapsed());
    let start = Instant::now();
    let counted = store.count(&[RUNNING])?;
    println!("counting {counted}: {:?}", start.elapsed());
    let query = ListExecutions {
        scope: 1,
        statuses: Vec::new(),
        version: None,
        alias: None,
        after: None,
        limit: 100,
    };
    let start = Instant::now();
    let listed = store.executions(&query)?.len();
    println!("listing {listed}: {:?}", start.elapsed());
    store.close()?;
    let size = fs::metadata(&options.path)?.len() - before;
    println!("{} bytes of disk for each", size / count);
    let start = Instant::now();
    drop(Sqlite::open(options)?);
    println!("opened and closed in {:?}", start.elapsed());
    Ok(())
}

/// The next numbers of a store.
fn numbers(store: &Sqlite, count: u64) -> Result<std::ops::Range<u64>, Box<dyn Error>> {
    let first = store.last_number()? + 1;
    Ok(first..first + count)
}

/// An execution from start to end.
fn whole(number: u64) -> Vec<Change> {
    let update = Update {
        status: SUCCEEDED,
        sorted: NOW + number.cast_signed() / 8,
        due: None,
        busy: false,
    };
    let mut changes = start(number, ENTRY, None);
    changes.push(Change::Update {
        execution: number,
        update,
    });
    changes
}

/// An execution that waits.
fn waiting(number: u64) -> Vec<Change> {
    let due = NOW + (mix(number) % 86_400_000).cast_signed();
    start(number, PARKED_ENTRY, Some(due))
}

fn start(number: u64, entry: usize, due: Option<i64>) -> Vec<Change> {
    let row = ExecutionRow {
        number,
        scope: 1,
        name: name(number),
        version: None,
        alias: None,
        update: Update {
            status: RUNNING,
            sorted: NOW + number.cast_signed() / 8,
            due,
            busy: due.is_none(),
        },
        detail: vec![b'd'; DETAIL],
    };
    let entry = Entry {
        turn: 0,
        bytes: vec![b'e'; entry],
    };
    vec![
        Change::Open(row),
        Change::Append {
            execution: number,
            entry,
        },
    ]
}

/// A name like those that are given when nobody chooses one.
fn name(number: u64) -> String {
    let (high, low) = (mix(number), mix(number ^ u64::MAX));
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// SplitMix64: numbers without order.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How long the writer's thread has been on a processor (Linux).
fn writer_time(store: &Sqlite) -> Result<Duration, Box<dyn Error>> {
    // Once it has done something, its name can be seen.
    store.commit(Vec::new()).blocking_recv()??;
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if fs::read_to_string(task.join("comm"))?.trim() == "stepmill-store" {
            let times = fs::read_to_string(task.join("schedstat"))?;
            let nanoseconds = times.split(' ').next().unwrap_or("0").parse()?;
            return Ok(Duration::from_nanos(nanoseconds));
        }
    }
    Err("there is no writer".into())
}

/// A line of this process' status (Linux).
fn status(name: &str) -> Result<String, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    Ok(line
        .unwrap_or_default()
        .trim_start_matches(':')
        .trim()
        .to_owned())
}
