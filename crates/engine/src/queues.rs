//! Activities' tasks that wait for workers, and workers that wait for tasks.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use stepmill_interpreter::EventId;
use stepmill_store::{Store, StoreError};
use tokio::sync::oneshot;

/// An execution's number and the task in it.
pub(crate) type Waiting = (u64, EventId);

/// The queues of all activities that were asked for.
#[derive(Default)]
pub(crate) struct Queues {
    queues: Mutex<FxHashMap<u64, Queue>>,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Waiting>,
    workers: VecDeque<oneshot::Sender<Waiting>>,
}

/// What a worker gets.
pub(crate) enum Poll {
    /// A task that waited.
    Task(Waiting),
    /// The next one that comes.
    Wait(oneshot::Receiver<Waiting>),
    /// Too many workers wait already.
    Full,
}

impl Queues {
    /// A task waits: the first worker who waits gets it.
    pub(crate) fn offer(&self, queue: u64, task: Waiting) {
        // A queue that nobody has asked for yet is on the disk, this task among the others.
        if let Some(queue) = self.lock().get_mut(&queue) {
            queue.offer(task);
        }
    }

    /// A worker wants a task; at most `most` wait.
    pub(crate) fn poll(
        &self,
        store: &dyn Store,
        queue: u64,
        most: usize,
    ) -> Result<Poll, StoreError> {
        let mut queues = self.lock();
        let queue = match queues.entry(queue) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                let tasks = store.queued(*new.key(), usize::MAX)?;
                new.insert(Queue {
                    tasks: tasks.into(),
                    workers: VecDeque::new(),
                })
            }
        };
        if let Some(task) = queue.tasks.pop_front() {
            return Ok(Poll::Task(task));
        }
        queue.workers.retain(|worker| !worker.is_closed());
        if queue.workers.len() >= most {
            return Ok(Poll::Full);
        }
        let (worker, task) = oneshot::channel();
        queue.workers.push_back(worker);
        Ok(Poll::Wait(task))
    }

    /// The activity is gone: its workers wait no longer.
    pub(crate) fn close(&self, queue: u64) {
        self.lock().remove(&queue);
    }

    /// Nobody waits any longer.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<u64, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn offer(&mut self, mut task: Waiting) {
        while let Some(worker) = self.workers.pop_front() {
            match worker.send(task) {
                Ok(()) => return,
                Err(back) => task = back,
            }
        }
        self.tasks.push_back(task);
    }
}
