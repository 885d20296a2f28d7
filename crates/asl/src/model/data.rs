//! How data moves through a state, in either query language.

use crate::intrinsic;
use crate::jsonata;
use crate::jsonpath::{JsonPath, Path};
use crate::template::Template;

/// The data fields of a state.
#[derive(Debug, Clone)]
pub enum Data {
    /// A state whose query language is JSONPath.
    JsonPath(Box<JsonPathData>),
    /// A state whose query language is JSONata.
    Jsonata(Box<JsonataData>),
}

/// `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`; a field that the state's
/// type does not have stays at its default, which changes nothing.
#[derive(Debug, Clone, Default)]
pub struct JsonPathData {
    /// `InputPath`.
    pub input_path: Selection,
    /// `Parameters` (of a Map state: its `ItemSelector`, see [`super::Map`]).
    pub parameters: Option<Template>,
    /// `ResultSelector`.
    pub result_selector: Option<Template>,
    /// `ResultPath`.
    pub result_path: ResultPath,
    /// `OutputPath`.
    pub output_path: Selection,
}

/// `Arguments` and `Output`.
#[derive(Debug, Clone, Default)]
pub struct JsonataData {
    /// `Arguments`: what a Task or Parallel state works on instead of its input.
    pub arguments: Option<Template>,
    /// `Output`: what the state gives instead of its result.
    pub output: Option<Template>,
}

/// `InputPath` or `OutputPath`.
#[derive(Debug, Clone, Default)]
pub enum Selection {
    /// `$`, the default: everything.
    #[default]
    Whole,
    /// `null`: an empty object.
    Nothing,
    /// What the path selects.
    Path(Path),
}

/// `ResultPath`: where in the state's input its result goes.
#[derive(Debug, Clone, Default)]
pub enum ResultPath {
    /// `$`, the default: the result takes the input's place.
    #[default]
    Whole,
    /// `null`: the result is dropped, the input stays.
    Discard,
    /// A reference path.
    Path(JsonPath),
}

/// A field that is a literal, or a query for it.
#[derive(Debug, Clone)]
pub enum Dynamic<T> {
    /// The value itself.
    Literal(T),
    /// The field's `…Path` form: a path, or in Fail states also an intrinsic function.
    Query(intrinsic::Expression),
    /// A JSONata expression.
    Expression(jsonata::Expression),
}
