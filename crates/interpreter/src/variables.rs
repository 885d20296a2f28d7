//! Workflow variables of one scope.

use std::sync::Arc;

use crate::payload::Payload;

/// The variables of one `States` object, shared until changed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Variables(Option<Arc<Assigned>>);

/// Names with their values, in the order first assigned.
type Assigned = Vec<(Arc<str>, Payload)>;

impl Variables {
    /// The variable of that name.
    pub fn get(&self, name: &str) -> Option<&Payload> {
        self.iter()
            .find(|(n, _)| &**n == name)
            .map(|(_, value)| value)
    }

    /// All of them, in the order first assigned.
    pub fn iter(&self) -> impl Iterator<Item = &(Arc<str>, Payload)> {
        self.0.iter().flat_map(|list| list.iter())
    }

    /// Assigns new values.
    pub fn assign(&mut self, assigned: &[(Arc<str>, Payload)]) {
        if assigned.is_empty() {
            return;
        }
        let list = Arc::make_mut(self.0.get_or_insert_default());
        for (name, value) in assigned {
            match list.iter_mut().find(|(n, _)| n == name) {
                Some(entry) => entry.1 = value.clone(),
                None => list.push((name.clone(), value.clone())),
            }
        }
    }

    /// Bytes of all values as JSON text.
    pub fn bytes(&self) -> usize {
        self.iter().map(|(_, value)| value.text().len()).sum()
    }
}
