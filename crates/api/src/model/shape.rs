//! Shapes of the API's model.

use super::pattern::Pattern;

/// Where a shape stands in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShapeId(pub(super) usize);

/// What a value must be.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its name in AWS's model.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Errors do not repeat the value.
    pub(super) sensitive: bool,
}

#[derive(Debug)]
pub(super) enum Kind {
    Text {
        length: Range<u64>,
        pattern: Option<Pattern>,
        /// The only values; any if empty.
        values: Vec<String>,
    },
    Integer(Range<i64>),
    Float(Range<i64>),
    Boolean,
    List {
        item: ShapeId,
        length: Range<u64>,
    },
    Structure(Vec<Member>),
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) shape: ShapeId,
    pub(super) required: bool,
}

/// Bounds, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range<T> {
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
}
