//! A bounded queue between turns and a thread that delivers.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Taken out of the queue at once, at most.
const BATCH: usize = 1_000;

/// What waits to be delivered, bounded in number and in bytes.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    /// There is something to take, or the state is another.
    changed: Condvar,
    most_items: usize,
    most_bytes: usize,
    lost: AtomicU64,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    bytes: usize,
    closed: bool,
    /// Everything that was to be delivered has been.
    done: bool,
}

impl<T: Send + 'static> Queue<T> {
    pub(crate) fn new(most_items: usize, most_bytes: usize) -> Self {
        Self {
            state: Mutex::new(State {
                items: VecDeque::new(),
                bytes: 0,
                closed: false,
                done: false,
            }),
            changed: Condvar::new(),
            most_items,
            most_bytes,
            lost: AtomicU64::new(0),
        }
    }

    /// Puts an item of so many bytes in, or counts it as lost.
    pub(crate) fn offer(&self, item: T, bytes: usize) {
        let mut state = self.lock();
        let full = state.items.len() >= self.most_items || state.bytes + bytes > self.most_bytes;
        if full || state.closed {
            drop(state);
            self.lose(1);
            return;
        }
        state.bytes += bytes;
        state.items.push_back((item, bytes));
        // A thread that is busy looks again by itself.
        let waits = state.items.len() == 1;
        drop(state);
        if waits {
            self.changed.notify_all();
        }
    }

    /// Counts what could not be delivered.
    pub(crate) fn lose(&self, items: usize) {
        self.lost
            .fetch_add(u64::try_from(items).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Waits for so long; false if the queue was closed meanwhile or before.
    pub(crate) fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut state = self.lock();
        while !state.closed {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return true;
            };
            state = self.wait(state, left);
        }
        false
    }

    /// Runs a thread that carries what comes into the queue away. `what` names it, in plural.
    pub(crate) fn deliver(
        self: Arc<Self>,
        what: &'static str,
        mut carry: impl FnMut(Vec<T>) + Send + 'static,
    ) -> io::Result<Delivery> {
        let queue = self.clone();
        let run = move || {
            let _done = Done(&*queue);
            let mut said = 0;
            while let Some(items) = queue.take() {
                carry(items);
                let lost = queue.lost();
                if lost > said {
                    tracing::warn!(lost = lost - said, "{what} were lost");
                    said = lost;
                }
            }
        };
        std::thread::Builder::new()
            .name(format!("deliver {what}"))
            .spawn(run)?;
        Ok(Delivery(self))
    }

    /// What has come in, first come first; `None` once the queue is closed and empty.
    fn take(&self) -> Option<Vec<T>> {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.closed {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let count = state.items.len().min(BATCH);
        let mut taken = Vec::with_capacity(count);
        let mut freed = 0;
        for (item, bytes) in state.items.drain(..count) {
            freed += bytes;
            taken.push(item);
        }
        state.bytes -= freed;
        Some(taken)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State<T>>,
        left: Duration,
    ) -> MutexGuard<'a, State<T>> {
        self.changed
            .wait_timeout(state, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}

/// Says that the thread has come to its end, however it did.
struct Done<'a, T: Send + 'static>(&'a Queue<T>);

impl<T: Send + 'static> Drop for Done<'_, T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closed = true;
        state.done = true;
        drop(state);
        self.0.changed.notify_all();
    }
}

trait Carried: Send + Sync {
    fn close(&self);
    fn ends_within(&self, patience: Duration) -> bool;
    fn lost(&self) -> u64;
}

impl<T: Send + 'static> Carried for Queue<T> {
    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn ends_within(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        while !state.done {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return false;
            };
            state = self.wait(state, left);
        }
        true
    }

    fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// The thread that delivers what an observer saw. Dropping it lets the thread end when all that is
/// queued has been delivered, without waiting for that.
pub struct Delivery(Arc<dyn Carried>);

impl Delivery {
    /// How many items were lost so far: the queue was full, or they could not be delivered.
    pub fn lost(&self) -> u64 {
        self.0.lost()
    }

    /// The same count for those who outlive the delivery, such as metrics.
    pub fn losses(&self) -> impl Fn() -> u64 + Send + Sync + 'static {
        let queue = self.0.clone();
        move || queue.lost()
    }

    /// Takes on no more and waits until everything is delivered; false if that takes longer than
    /// `patience`. It blocks: call it after the engine's shutdown, where blocking is no harm.
    pub fn finish(self, patience: Duration) -> bool {
        self.0.close();
        self.0.ends_within(patience)
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // what helps a test may fail it

    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::Queue;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn what_does_not_fit_is_counted() {
        let queue = Queue::new(3, 10);
        queue.offer('a', 4);
        queue.offer('b', 7); // too many bytes
        queue.offer('c', 6);
        queue.offer('d', 0);
        queue.offer('e', 0); // too many items
        let (sender, receiver) = mpsc::channel();
        let queue = Arc::new(queue);
        let delivery = queue
            .clone()
            .deliver("letters", move |items| sender.send(items).unwrap())
            .unwrap();
        assert_eq!(receiver.recv_timeout(PATIENCE).unwrap(), ['a', 'c', 'd']);
        assert_eq!(delivery.lost(), 2);
        queue.offer('f', 10);
        let losses = delivery.losses();
        assert!(delivery.finish(PATIENCE));
        assert_eq!(receiver.recv_timeout(PATIENCE).unwrap(), ['f']);
        queue.offer('g', 0); // nobody delivers any more
        assert_eq!(losses(), 3);
        assert!(!queue.pause(PATIENCE));
    }

    #[test]
    fn a_delivery_that_hangs_is_not_waited_for() {
        let queue = Arc::new(Queue::new(1, 1));
        let (hold, held) = mpsc::channel::<()>();
        let delivery = queue
            .clone()
            .deliver("letters", move |_| {
                held.recv().unwrap_err();
            })
            .unwrap();
        queue.offer('a', 0);
        assert!(!delivery.finish(Duration::ZERO));
        drop(hold);
    }
}
