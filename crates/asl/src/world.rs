//! What an evaluation may see of the world: the time, a seed and a key, all given as values.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// The clock reading and the source of random numbers of one evaluation.
///
/// Two evaluations with equal worlds give equal results: nothing else varies.
#[derive(Debug, Clone)]
pub struct World {
    /// The time that `$now()` and `$millis()` tell.
    pub now: Timestamp,
    /// Random numbers, drawn in order.
    pub random: Random,
    /// What task tokens are made with.
    pub token_key: TokenKey,
    /// Which activities there are.
    pub activities: Activities,
}

/// Which activities there are.
#[derive(Clone, Default)]
pub enum Activities {
    /// Whichever is asked for.
    #[default]
    All,
    /// Those whose ARNs this function knows.
    Known(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Activities {
    /// Whether there is an activity of that ARN.
    pub fn exist(&self, arn: &str) -> bool {
        match self {
            Self::All => true,
            Self::Known(known) => known(arn),
        }
    }
}

impl fmt::Debug for Activities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "All",
            Self::Known(_) => "Known",
        })
    }
}

impl World {
    /// A world at `now` whose random numbers follow from `seed`.
    ///
    /// Its task tokens are made with a key that everybody knows: this is for tests, and for
    /// evaluations that make no token. See [`World::with_key`].
    pub fn new(now: Timestamp, seed: u64) -> Self {
        Self::with_key(now, seed, TokenKey::new([0; TokenKey::BYTES]))
    }

    /// The same, with a key of one's own for task tokens.
    pub fn with_key(now: Timestamp, seed: u64, token_key: TokenKey) -> Self {
        Self {
            now,
            random: Random::new(seed),
            token_key,
            activities: Activities::All,
        }
    }

    /// With those activities.
    #[must_use]
    pub fn with_activities(mut self, activities: Activities) -> Self {
        self.activities = activities;
        self
    }
}

/// The secret that task tokens are made with: who knows it can make them.
#[derive(Clone)]
pub struct TokenKey(Arc<[u8; Self::BYTES]>);

impl TokenKey {
    /// How long a key is.
    pub const BYTES: usize = 32;

    /// A key of those bytes, which must be random and secret.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(Arc::new(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

/// Shows nothing of the key.
impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}

/// A SplitMix64 sequence: every draw follows from the seed.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Debug, Clone)]
pub struct Random(Cell<u64>);

impl Random {
    /// The sequence that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// The next 64 random bits.
    pub fn bits(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0.0 ≤ n < 1.0` with 53 random bits.
    #[allow(clippy::cast_precision_loss)] // 53 bits are exact in an f64
    pub fn unit(&self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A version 4 UUID.
    pub fn uuid(&self) -> uuid::Uuid {
        uuid::Builder::from_random_bytes(
            (u128::from(self.bits()) << 64 | u128::from(self.bits())).to_be_bytes(),
        )
        .into_uuid()
    }
}
