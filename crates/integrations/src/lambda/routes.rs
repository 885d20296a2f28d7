//! Where a function's qualifiers lead: numbers of versions, and aliases.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use uuid::Uuid;

use super::pool::Pool;

/// Where an alias leads (AWS Lambda Developer Guide, "Implement Lambda canary deployments using a
/// weighted alias").
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The version that takes what the others do not.
    pub version: String,
    /// Further versions, each with its share of the invocations, 0 to 1; together at most 1.
    pub weights: BTreeMap<String, f64>,
}

impl Route {
    /// The version for a number of at least 0 and less than 1.
    fn pick(&self, chance: f64) -> &str {
        let mut below = 0.0;
        for (version, weight) in &self.weights {
            below += weight;
            if chance < below {
                return version;
            }
        }
        &self.version
    }
}

/// One function: its versions and what leads to them.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) versions: BTreeMap<String, Arc<Pool>>,
    pub(super) routes: BTreeMap<String, Route>,
    reserved: Option<Arc<Semaphore>>,
}

impl Entry {
    /// The pool of a version or alias, and the places that all versions share.
    pub(super) fn find(&self, qualifier: &str) -> Option<(Arc<Pool>, Option<Arc<Semaphore>>)> {
        let version = match self.routes.get(qualifier) {
            Some(route) => route.pick(chance()),
            None => qualifier,
        };
        let pool = self.versions.get(version)?;
        Some((Arc::clone(pool), self.reserved.clone()))
    }

    pub(super) fn reserve(&mut self, most: Option<usize>) {
        let places = most.map(|most| most.min(Semaphore::MAX_PERMITS));
        self.reserved = places.map(|places| Arc::new(Semaphore::new(places)));
    }
}

/// A random number of at least 0 and less than 1, from 32 random bits.
fn chance() -> f64 {
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_share_the_invocations() {
        let route = |weights: &[(&str, f64)]| Route {
            version: "1".to_owned(),
            weights: weights
                .iter()
                .map(|&(version, weight)| (version.to_owned(), weight))
                .collect(),
        };
        for (weights, chance, version) in [
            (&[][..], 0.0, "1"),
            (&[("2", 0.25)], 0.0, "2"),
            (&[("2", 0.25)], 0.2499, "2"),
            (&[("2", 0.25)], 0.25, "1"),
            (&[("2", 0.0)], 0.0, "1"),
            (&[("2", 1.0)], 0.9999, "2"),
            (&[("2", 0.25), ("3", 0.5)], 0.74, "3"),
            (&[("2", 0.25), ("3", 0.5)], 0.75, "1"),
        ] {
            assert_eq!(route(weights).pick(chance), version, "{weights:?} {chance}");
        }
        assert!((0.0..1.0).contains(&chance()));
    }
}
