//! A child process together with everything that it starts.

use std::io;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long the last output of an ended process is waited for, in case a descendant that left the
/// process group still holds the pipe.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);

/// Starts a child in a process group of its own, so that its descendants can be killed with it.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command.spawn()
}

/// A running child. Dropping it kills the whole group at once.
pub(super) struct Process {
    group: Arc<Group>,
}

impl Process {
    /// Watches a child from [`spawn`]; `on_exit` is told how it ended, after `readers`
    /// have handed on its output.
    pub(super) fn watch(
        child: Child,
        registry: &Registry,
        readers: Vec<JoinHandle<()>>,
        on_exit: impl FnOnce(ExitStatus) + Send + 'static,
    ) -> Self {
        let group = Arc::new(Group {
            id: child.id(),
            gone: Mutex::new(false),
            kill: Notify::new(),
            ended: watch::Sender::new(false),
        });
        registry.add(&group);
        tokio::spawn(wait(
            child,
            Process {
                group: Arc::clone(&group),
            },
            readers,
            on_exit,
        ));
        Self { group }
    }

    /// Kills the group and waits until the child is reaped.
    pub(super) async fn kill(&self) {
        self.group.kill();
        self.group.ended().await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
    }
}

async fn wait(
    mut child: Child,
    process: Process,
    readers: Vec<JoinHandle<()>>,
    on_exit: impl FnOnce(ExitStatus),
) {
    let group = &process.group;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = group.kill.notified() => {
                child.start_kill().ok();
            }
        }
    };
    // What the child left behind goes with it.
    group.kill();
    *group.gone.lock().unwrap_or_else(PoisonError::into_inner) = true;
    for reader in readers {
        let abort = reader.abort_handle();
        if timeout(DRAIN_LIMIT, reader).await.is_err() {
            abort.abort();
        }
    }
    group.ended.send_replace(true);
    on_exit(status.unwrap_or_default());
}

struct Group {
    id: Option<u32>,
    /// The child was reaped: its number may already be another's.
    gone: Mutex<bool>,
    kill: Notify,
    ended: watch::Sender<bool>,
}

impl Group {
    fn kill(&self) {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        if *gone {
            return;
        }
        #[cfg(unix)]
        self.signal();
        self.kill.notify_one();
    }

    #[cfg(unix)]
    fn signal(&self) {
        use rustix::process::{Pid, Signal, kill_process_group};

        let id = self
            .id
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        if let Some(id) = id {
            // An error means that the group is already gone.
            kill_process_group(id, Signal::KILL).ok();
        }
    }

    async fn ended(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        self.ended.subscribe().wait_for(|ended| *ended).await.ok();
    }
}

/// Every process of a host, so that the host can end them whoever holds them.
#[derive(Default)]
pub(super) struct Registry {
    groups: Mutex<Groups>,
}

#[derive(Default)]
struct Groups {
    live: Vec<Weak<Group>>,
    closed: bool,
}

impl Registry {
    fn add(&self, group: &Arc<Group>) {
        let mut groups = self.groups();
        groups.live.retain(|group| group.strong_count() > 0);
        groups.live.push(Arc::downgrade(group));
        if groups.closed {
            group.kill();
        }
    }

    /// Kills every process, and those still being started as soon as they are.
    pub(super) fn close(&self) {
        let mut groups = self.groups();
        groups.closed = true;
        for group in groups.live.iter().filter_map(Weak::upgrade) {
            group.kill();
        }
    }

    /// Waits until no process is left.
    pub(super) async fn ended(&self) {
        let live: Vec<_> = self
            .groups()
            .live
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for group in live {
            group.ended().await;
        }
    }

    fn groups(&self) -> MutexGuard<'_, Groups> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
