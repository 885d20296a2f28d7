//! The executions that are in memory.

use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::{Notify, mpsc};

use crate::message::Message;

/// Executions that were brought into memory and have not yet come to a rest: what bounds how many are
/// brought there at once. Those that then wait for a task, perhaps for days, do not count.
#[derive(Default)]
pub(crate) struct Crowd {
    count: AtomicUsize,
    left: Notify,
}

/// One of a [`Crowd`], until it is dropped.
pub(crate) struct Woken(Arc<Crowd>);

impl Crowd {
    /// One more is being brought into memory.
    pub(crate) fn enter(self: &Arc<Self>) -> Woken {
        self.count.fetch_add(1, Ordering::AcqRel);
        Woken(self.clone())
    }

    /// Waits until there are at most `most`.
    pub(crate) async fn at_most(&self, most: usize) {
        loop {
            let left = self.left.notified();
            if self.count.load(Ordering::Acquire) <= most {
                return;
            }
            left.await;
        }
    }
}

impl Drop for Woken {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.left.notify_waiters();
    }
}

/// The executions that are in memory, by number, with where to write to them.
#[derive(Default)]
pub(crate) struct Live {
    drivers: Mutex<FxHashMap<u64, mpsc::UnboundedSender<Message>>>,
    left: Notify,
}

impl Live {
    /// A new execution is in memory.
    pub(crate) fn enter(&self, number: u64, address: mpsc::UnboundedSender<Message>) {
        self.lock().insert(number, address);
    }

    /// Writes to an execution. If it is not in memory, the receiver is for whoever brings it there.
    pub(crate) fn send(
        &self,
        number: u64,
        message: Option<Message>,
    ) -> Option<(
        mpsc::UnboundedSender<Message>,
        mpsc::UnboundedReceiver<Message>,
    )> {
        let mut drivers = self.lock();
        match drivers.entry(number) {
            Entry::Occupied(driver) => {
                if let Some(message) = message {
                    // A driver that broke down has no mailbox; its guard takes it out of here.
                    let _ = driver.get().send(message);
                }
                None
            }
            Entry::Vacant(vacant) => {
                let (address, mailbox) = mpsc::unbounded_channel();
                if let Some(message) = message {
                    let _ = address.send(message);
                }
                vacant.insert(address.clone());
                Some((address, mailbox))
            }
        }
    }

    /// Leaves memory, unless something is still to be read.
    pub(crate) fn leave(
        &self,
        number: u64,
        mailbox: &mut mpsc::UnboundedReceiver<Message>,
    ) -> Option<Message> {
        let mut drivers = self.lock();
        if let Ok(message) = mailbox.try_recv() {
            return Some(message);
        }
        drivers.remove(&number);
        drop(drivers);
        self.left.notify_waiters();
        None
    }

    /// Takes out an execution whose driver has gone without leaving.
    pub(crate) fn remove(&self, number: u64) {
        self.lock().remove(&number);
        self.left.notify_waiters();
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Waits until there are at most `most`.
    pub(crate) async fn at_most(&self, most: usize) {
        loop {
            let left = self.left.notified();
            if self.len() <= most {
                return;
            }
            left.await;
        }
    }

    /// Writes to all of them.
    pub(crate) fn broadcast(&self, message: impl Fn() -> Message) {
        for address in self.lock().values() {
            let _ = address.send(message());
        }
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<u64, mpsc::UnboundedSender<Message>>> {
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
