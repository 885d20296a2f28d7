//! Choice states: rules, conditions and the 39 comparison operators.

use jiff::Timestamp;

use crate::jsonpath::Path;
use crate::model::{Dynamic, StateId};
use crate::template::Template;

/// A Choice state.
#[derive(Debug, Clone)]
pub struct Choice {
    /// `Choices`, tried in order.
    pub rules: Vec<Rule>,
    /// `Default`.
    pub default: Option<StateId>,
}

/// One entry of `Choices`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// When it applies.
    pub condition: Condition,
    /// `Next`.
    pub next: StateId,
    /// `Assign`, instead of the state's.
    pub assign: Option<Template>,
    /// `Output` (JSONata), instead of the state's.
    pub output: Option<Template>,
    /// `Comment`.
    pub comment: Option<String>,
}

/// When a rule applies.
#[derive(Debug, Clone)]
pub enum Condition {
    /// `Condition` of a JSONata state.
    Jsonata(Dynamic<bool>),
    /// `And`: all of them.
    And(Vec<Condition>),
    /// `Or`: one of them.
    Or(Vec<Condition>),
    /// `Not`.
    Not(Box<Condition>),
    /// `Variable` with a comparison operator.
    Comparison(Comparison),
}

/// `Variable` and the operator with its operand.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// `Variable`.
    pub variable: Path,
    /// The operator.
    pub operator: Operator,
}

/// A comparison operator with what it compares with.
#[derive(Debug, Clone)]
pub enum Operator {
    /// `BooleanEquals`, `BooleanEqualsPath`.
    BooleanEquals(Operand<bool>),
    /// `NumericEquals`, `NumericLessThan`, … and their `Path` forms.
    Numeric(Ordering, Operand<serde_json::Number>),
    /// `StringEquals`, `StringLessThan`, … and their `Path` forms.
    String(Ordering, Operand<String>),
    /// `TimestampEquals`, `TimestampLessThan`, … and their `Path` forms.
    Timestamp(Ordering, Operand<TimestampOperand>),
    /// `StringMatches`: a pattern with `*` wildcards.
    StringMatches(String),
    /// `IsPresent`: whether the variable exists.
    IsPresent(bool),
    /// `IsNull`, `IsString`, …: whether the variable is of a type.
    Is(ValueType, bool),
}

/// A literal timestamp of a comparison.
pub type TimestampOperand = (Timestamp, String);

/// What a variable is compared with.
#[derive(Debug, Clone)]
pub enum Operand<T> {
    /// A literal.
    Literal(T),
    /// The operator's `Path` form.
    Path(Path),
}

/// The comparison itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordering {
    /// `…Equals`
    Equals,
    /// `…LessThan`
    LessThan,
    /// `…LessThanEquals`
    LessThanEquals,
    /// `…GreaterThan`
    GreaterThan,
    /// `…GreaterThanEquals`
    GreaterThanEquals,
}

impl Ordering {
    /// Its name within an operator's, such as `LessThanEquals`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equals => "Equals",
            Self::LessThan => "LessThan",
            Self::LessThanEquals => "LessThanEquals",
            Self::GreaterThan => "GreaterThan",
            Self::GreaterThanEquals => "GreaterThanEquals",
        }
    }

    /// Whether two values that compare as `ordering` satisfy it.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

/// A type that `Is…` tests for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// `IsNull`
    Null,
    /// `IsNumeric`
    Numeric,
    /// `IsString`
    String,
    /// `IsBoolean`
    Boolean,
    /// `IsTimestamp`
    Timestamp,
}
