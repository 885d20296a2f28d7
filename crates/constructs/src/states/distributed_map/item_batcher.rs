//! Batches of items.

use crate::core::Problem;
use crate::value::{JsonPath, Value};

/// How items are put into batches. At least one thing must be said.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct ItemBatcher {
    pub(super) max_items_per_batch: Option<u32>,
    pub(super) max_items_per_batch_path: Option<JsonPath>,
    pub(super) max_input_bytes_per_batch: Option<u32>,
    pub(super) max_input_bytes_per_batch_path: Option<JsonPath>,
    pub(super) batch_input: Option<Value>,
}

impl ItemBatcher {
    /// A batcher of which nothing is said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many items a batch has at most.
    pub fn max_items_per_batch(mut self, items: u32) -> Self {
        self.max_items_per_batch = Some(items);
        self
    }

    /// Where in the input it says how many items a batch has at most. JSONPath only.
    pub fn max_items_per_batch_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.max_items_per_batch_path = Some(path.into());
        self
    }

    /// How many bytes a batch has at most.
    pub fn max_input_bytes_per_batch(mut self, bytes: u32) -> Self {
        self.max_input_bytes_per_batch = Some(bytes);
        self
    }

    /// Where in the input it says how many bytes a batch has at most. JSONPath only.
    pub fn max_input_bytes_per_batch_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.max_input_bytes_per_batch_path = Some(path.into());
        self
    }

    /// What each batch is given besides its items: a payload template, or in JSONata an object with expressions.
    pub fn batch_input(mut self, input: impl Into<Value>) -> Self {
        self.batch_input = Some(input.into());
        self
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let has_items = self.max_items_per_batch.is_some_and(|items| items > 0);
        let has_bytes = self
            .max_input_bytes_per_batch
            .is_some_and(|bytes| bytes > 0);
        let has_items_path = self.max_items_per_batch_path.is_some();
        let has_bytes_path = self.max_input_bytes_per_batch_path.is_some();
        let has_input = self.batch_input.is_some();
        let rules = [
            (
                has_items && has_items_path,
                "Provide either `maxItemsPerBatch` or `maxItemsPerBatchPath`, but not both",
            ),
            (
                has_bytes && has_bytes_path,
                "Provide either `maxInputBytesPerBatch` or `maxInputBytesPerBatchPath`, but not both",
            ),
            (
                !(has_items || has_items_path || has_bytes || has_bytes_path || has_input),
                "Provide at least one value to the ItemBatcher",
            ),
        ];
        let broken = rules.into_iter().filter(|(broken, _)| *broken);
        broken
            .map(|(_, message)| Problem::property("item_batcher", message))
            .collect()
    }
}
