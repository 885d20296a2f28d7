//! `ItemBatcher`: the items of a distributed Map state, several to an iteration.
//!
//! Source: Step Functions Developer Guide, "ItemBatcher (Map)".

use serde_json::{Map, Value};
use stepmill_asl::model::{Dynamic, ItemBatcher};

use crate::failure::Failure;
use crate::template::Scope;

/// The longest input of a batch in bytes, unless the batcher says less.
const BATCH_BYTES: u64 = 256 * 1024;

impl Scope<'_> {
    /// The input of each batch: `{"BatchInput": …, "Items": […]}`.
    pub(crate) fn batches(
        &self,
        batcher: &ItemBatcher,
        items: Vec<Value>,
    ) -> Result<Vec<Value>, Failure> {
        let most = |field: &Option<Dynamic<u64>>, name| {
            field
                .as_ref()
                .map(|field| self.count(field, name))
                .transpose()
        };
        let most_items = most(&batcher.max_items_per_batch, "MaxItemsPerBatch")?;
        let most_bytes = most(&batcher.max_input_bytes_per_batch, "MaxInputBytesPerBatch")?;
        let most_items = most_items
            .filter(|most| *most > 0)
            .map_or(usize::MAX, |most| {
                usize::try_from(most).unwrap_or(usize::MAX)
            });
        let most_bytes = most_bytes.filter(|most| *most > 0).unwrap_or(BATCH_BYTES);
        let most_bytes = usize::try_from(most_bytes).unwrap_or(usize::MAX);
        let around = match &batcher.batch_input {
            Some(template) => {
                let input = self.template(template, "ItemBatcher/BatchInput")?;
                Map::from_iter([("BatchInput".to_owned(), input)])
            }
            None => Map::new(),
        };
        let empty = batch(&around, Vec::new()).to_string().len();
        let mut batches = Vec::new();
        let (mut gathered, mut bytes) = (Vec::new(), empty);
        for item in items {
            // With its comma; the first item of a batch has none, a byte that does not count.
            let length = item.to_string().len() + 1;
            let full = gathered.len() >= most_items || bytes + length > most_bytes + 1;
            if full && !gathered.is_empty() {
                batches.push(batch(&around, std::mem::take(&mut gathered)));
                bytes = empty;
            }
            gathered.push(item);
            bytes += length;
        }
        if !gathered.is_empty() {
            batches.push(batch(&around, gathered));
        }
        Ok(batches)
    }
}

fn batch(around: &Map<String, Value>, items: Vec<Value>) -> Value {
    let mut batch = around.clone();
    batch.insert("Items".to_owned(), Value::Array(items));
    Value::Object(batch)
}
