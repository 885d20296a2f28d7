//! How large a value is when every shared part is counted wherever it stands.
//!
//! Values share their parts, so a few steps of `[[$x], [$x]]` make a value that takes no memory
//! and that no walk over it would ever finish. Everything that walks a value is safe once no value
//! weighs more than [`MAX_VALUE`].

use jsonata_core::value::JValue;

/// The most a value may weigh, in bytes.
pub(super) const MAX_VALUE: usize = 32 << 20;

/// The deepest a value may nest.
pub(super) const MAX_DEPTH: usize = 1000;

/// What an array's item or a scalar weighs.
pub(super) const ITEM: usize = 24;

/// What an object's entry weighs besides its key and value.
const ENTRY: usize = 64;

/// The measure of a value.
pub(super) struct Weight {
    /// Its size in bytes, roughly.
    pub(super) bytes: usize,
    /// How many arrays and objects it nests.
    pub(super) depth: usize,
    /// How many scalars, arrays and objects it consists of.
    pub(super) nodes: usize,
}

/// A value is larger than a walk over it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooLarge {
    /// Heavier than the given limit.
    Heavy,
    /// Nested deeper than [`MAX_DEPTH`].
    Deep,
}

/// Weighs `value`, giving up once it is heavier than `limit` bytes.
pub(super) fn weigh(value: &JValue, limit: usize) -> Result<Weight, TooLarge> {
    let mut weight = Weight {
        bytes: shallow(value),
        depth: 0,
        nodes: 1,
    };
    let mut open: Vec<Items> = Items::of(value).into_iter().collect();
    weight.depth = open.len();
    while let Some(items) = open.last_mut() {
        let Some(item) = items.next() else {
            open.pop();
            continue;
        };
        weight.nodes += 1;
        // The item itself has been counted with what it stands in.
        weight.bytes += shallow(item) - ITEM;
        if weight.bytes > limit {
            return Err(TooLarge::Heavy);
        }
        if let Some(inner) = Items::of(item) {
            if open.len() == MAX_DEPTH {
                return Err(TooLarge::Deep);
            }
            open.push(inner);
            weight.depth = weight.depth.max(open.len());
        }
    }
    Ok(weight)
}

/// The bytes of a value without what stands in its items.
pub(super) fn shallow(value: &JValue) -> usize {
    match value {
        JValue::String(text) => ITEM + text.len(),
        JValue::Array(items) => ITEM + items.len() * ITEM,
        JValue::Object(entries) => {
            ITEM + entries
                .iter()
                .map(|(key, _)| key.len() + ENTRY)
                .sum::<usize>()
        }
        _ => ITEM,
    }
}

enum Items<'v> {
    Array(std::slice::Iter<'v, JValue>),
    Object(indexmap::map::Values<'v, String, JValue>),
}

impl<'v> Items<'v> {
    fn of(value: &'v JValue) -> Option<Self> {
        match value {
            JValue::Array(items) if !items.is_empty() => Some(Self::Array(items.iter())),
            JValue::Object(entries) if !entries.is_empty() => Some(Self::Object(entries.values())),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<&'v JValue> {
        match self {
            Self::Array(items) => items.next(),
            Self::Object(items) => items.next(),
        }
    }
}
