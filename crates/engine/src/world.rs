//! What the executions of a process share: the time, chance, and what runs their tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use stepmill_asl::{Activities, TokenKey, World};

use crate::clock::Clock;
use crate::live::Crowd;
use crate::observer::Observer;
use crate::tasks::Tasks;

/// What the executions of a process share.
pub(crate) struct Surroundings {
    pub(crate) clock: Arc<Clock>,
    pub(crate) chance: Chance,
    pub(crate) tasks: Arc<dyn Tasks>,
    pub(crate) observers: Vec<Arc<dyn Observer>>,
    pub(crate) activities: Activities,
    /// Jobs that are being ended.
    pub(crate) stopping: Arc<Crowd>,
}

impl Surroundings {
    /// The world of a turn that is taken now.
    pub(crate) fn world(&self, now: Timestamp) -> World {
        World::with_key(now, self.chance.seed(), self.chance.key.clone())
            .with_activities(self.activities.clone())
    }
}

/// Where randomness comes from.
pub struct Chance {
    seeds: AtomicU64,
    key: TokenKey,
}

impl Chance {
    /// A sequence of seeds, and the secret that task tokens are made with.
    ///
    /// Everything random in executions follows from the two, so equal ones repeat a run.
    pub fn new(seed: u64, key: [u8; 32]) -> Self {
        Self {
            seeds: AtomicU64::new(seed),
            key: TokenKey::new(key),
        }
    }

    /// A new secret and a new seed from the operating system.
    pub fn from_system() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self::new(getrandom::u64()?, key))
    }

    /// The next seed.
    pub fn seed(&self) -> u64 {
        // The turn's generator spreads what follows from neighbouring seeds.
        self.seeds
            .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }
}
