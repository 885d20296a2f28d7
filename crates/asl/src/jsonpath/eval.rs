//! Walking a document along the steps of a path.

use std::cell::Cell;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::ast::{Filter, Operand, Operator, Origin, Query, Slice, Step};
use super::error::{NotFound, describe};
use super::filter::text_of;
use super::selected::Selected;
use super::weight::weigh;
use super::{MAX_DOCUMENT_DEPTH, MAX_SELECTED_BYTES, MAX_VISITS};

/// What an index beyond the array leads to where the path goes on, or selects several nodes.
static NULL: Value = Value::Null;

const VISITS: NotFound = NotFound::TooMuch {
    limit: "10,000,000 visited nodes",
};
const BYTES: NotFound = NotFound::TooMuch {
    limit: "64 MiB of selected values",
};
const DEPTH: NotFound = NotFound::TooMuch {
    limit: "1,000 levels of nesting",
};

/// What the steps select in `root`.
pub(super) fn select<'v>(
    steps: &[Step],
    definite: bool,
    root: &'v Value,
) -> Result<Selected<'v>, NotFound> {
    let visits = Cell::new(MAX_VISITS);
    let mut walk = Walk::new(root, definite, false, &visits);
    walk.go(root, steps, &Trail::Root)
        .map_err(|stop| stop.why)?;
    match walk.found {
        Found::One(Some(selected)) => Ok(selected),
        Found::One(None) => Err(NotFound::NoResults {
            path: Trail::Root.text(),
        }),
        Found::Many(list) => {
            let mut left = MAX_SELECTED_BYTES;
            for selected in &list {
                left -= weigh(selected, left).ok_or(BYTES)?;
            }
            Ok(Selected::Owned(
                list.into_iter().map(Selected::into_owned).collect(),
            ))
        }
    }
}

/// Why the walk ends early.
struct Stop {
    /// A wildcard over an array passes over the element that could not be followed.
    forgivable: bool,
    why: NotFound,
}

impl Stop {
    fn miss(why: NotFound) -> Self {
        Self {
            forgivable: true,
            why,
        }
    }

    fn fatal(why: NotFound) -> Self {
        Self {
            forgivable: false,
            why,
        }
    }
}

/// The way from the root to a node, kept on the stack for the messages.
enum Trail<'t> {
    Root,
    Name(&'t Trail<'t>, &'t str),
    Index(&'t Trail<'t>, i64),
}

impl Trail<'_> {
    fn text(&self) -> String {
        match self {
            Self::Root => String::from("$"),
            Self::Name(before, name) => {
                let mut text = before.text();
                // Writing to a String cannot fail.
                let _ = write!(text, "['{name}']");
                text
            }
            Self::Index(before, index) => {
                let mut text = before.text();
                let _ = write!(text, "[{index}]");
                text
            }
        }
    }
}

/// What was found: a definite path needs no list.
enum Found<'v> {
    One(Option<Selected<'v>>),
    Many(Vec<Selected<'v>>),
}

impl<'v> Found<'v> {
    fn push(&mut self, selected: Selected<'v>) -> Result<(), Stop> {
        match self {
            Self::One(place) => *place = Some(selected),
            Self::Many(list) if list.len() < MAX_SELECTED_BYTES / size_of::<Selected<'_>>() => {
                list.push(selected);
            }
            Self::Many(_) => return Err(Stop::fatal(BYTES)),
        }
        Ok(())
    }
}

struct Walk<'v, 'b> {
    root: &'v Value,
    definite: bool,
    /// A filter asks: nobody reads the messages.
    quiet: bool,
    /// A wildcard over an array is going on: nobody reads of what can be forgiven.
    forgiving: bool,
    /// How deep below the root `..` has come.
    depth: usize,
    visits: &'b Cell<usize>,
    found: Found<'v>,
}

impl<'v, 'b> Walk<'v, 'b> {
    fn new(root: &'v Value, definite: bool, quiet: bool, visits: &'b Cell<usize>) -> Self {
        let found = if definite {
            Found::One(None)
        } else {
            Found::Many(Vec::new())
        };
        Self {
            root,
            definite,
            quiet,
            forgiving: false,
            depth: 0,
            visits,
            found,
        }
    }

    /// Takes so much from what may still be visited.
    fn charge(&self, nodes: usize) -> Result<(), Stop> {
        match self.visits.get().checked_sub(nodes) {
            Some(left) => {
                self.visits.set(left);
                Ok(())
            }
            None => Err(Stop::fatal(VISITS)),
        }
    }

    fn text(&self, trail: &Trail<'_>) -> String {
        if self.quiet || self.forgiving {
            String::new()
        } else {
            trail.text()
        }
    }

    fn quote(&self, value: &Value) -> String {
        if self.quiet {
            String::new()
        } else {
            describe(value)
        }
    }

    /// Follows the steps from `value`, at `trail`.
    fn go(&mut self, value: &'v Value, steps: &[Step], trail: &Trail<'_>) -> Result<(), Stop> {
        self.charge(1)?;
        let Some((step, rest)) = steps.split_first() else {
            return self.found.push(Selected::Borrowed(value));
        };
        match step {
            Step::Name(name) => self.field(value, name, step, rest, trail),
            Step::Names(names) => self.fields(value, names, step, trail),
            Step::Wildcard => self.children(value, rest, trail),
            Step::Descent => self.descend(value, rest, trail),
            Step::Filter(filter) => self.filter(value, filter, rest, trail),
            Step::Index(_) | Step::Indexes(_) | Step::BeforeEnd(_) | Step::Slice(_) => {
                let elements = self.elements(value, step, trail)?;
                match step {
                    Step::Index(index) => self.element(elements, *index, rest, trail),
                    Step::Indexes(indexes) => indexes
                        .iter()
                        .try_for_each(|i| self.element(elements, *i, rest, trail)),
                    Step::BeforeEnd(count) => {
                        let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
                        match length.checked_sub(*count).filter(|index| *index >= 0) {
                            Some(index) => self.element(elements, index, rest, trail),
                            None => self.nothing(-count, rest, trail),
                        }
                    }
                    Step::Slice(slice) => self.slice(elements, *slice, rest, trail),
                    _ => Ok(()),
                }
            }
        }
    }

    fn field(
        &mut self,
        value: &'v Value,
        name: &str,
        step: &Step,
        rest: &[Step],
        trail: &Trail<'_>,
    ) -> Result<(), Stop> {
        let Value::Object(fields) = value else {
            return Err(self.not_an_object(step, trail));
        };
        let here = Trail::Name(trail, name);
        match fields.get(name) {
            Some(field) => self.go(field, rest, &here),
            None if rest.is_empty() => Err(Stop::miss(NotFound::NoResults {
                path: self.text(&here),
            })),
            None if self.definite => Err(Stop::miss(NotFound::MissingProperty {
                path: self.text(&here),
            })),
            // A path that selects several nodes selects none of these (observed on AWS).
            None => Ok(()),
        }
    }

    fn fields(
        &mut self,
        value: &'v Value,
        names: &[Box<str>],
        step: &Step,
        trail: &Trail<'_>,
    ) -> Result<(), Stop> {
        let Value::Object(fields) = value else {
            return Err(self.not_an_object(step, trail));
        };
        let mut taken = Map::new();
        for name in names {
            if let Some(field) = fields.get(&**name) {
                let size = weigh(field, MAX_SELECTED_BYTES).ok_or_else(|| Stop::fatal(BYTES))?;
                // Copied now, so paid for now.
                self.charge(size / 32)?;
                taken.insert(name.to_string(), field.clone());
            }
        }
        self.found.push(Selected::Owned(Value::Object(taken)))
    }

    fn not_an_object(&self, step: &Step, trail: &Trail<'_>) -> Stop {
        let silent = self.quiet || self.forgiving;
        let property = if silent {
            String::new()
        } else {
            step.to_string()
        };
        Stop::miss(NotFound::NotAnObject {
            property,
            path: self.text(trail),
        })
    }

    fn children(&mut self, value: &'v Value, rest: &[Step], trail: &Trail<'_>) -> Result<(), Stop> {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.go(field, rest, &Trail::Name(trail, name))?;
                }
            }
            Value::Array(elements) => {
                for (index, element) in (0..).zip(elements) {
                    let (depth, forgiving) = (self.depth, self.forgiving);
                    self.forgiving = true;
                    let outcome = self.go(element, rest, &Trail::Index(trail, index));
                    (self.depth, self.forgiving) = (depth, forgiving);
                    match outcome {
                        Err(stop) if !stop.forgivable => return Err(stop),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Follows the steps from every node at or below `value` that the first of them fits.
    fn descend(&mut self, value: &'v Value, steps: &[Step], trail: &Trail<'_>) -> Result<(), Stop> {
        if self.depth > MAX_DOCUMENT_DEPTH {
            return Err(Stop::fatal(DEPTH));
        }
        self.charge(1)?;
        self.depth += 1;
        match value {
            Value::Object(fields) => {
                if self.fits(value, fields, steps)? {
                    self.go(value, steps, trail)?;
                }
                for (name, field) in fields {
                    self.descend(field, steps, &Trail::Name(trail, name))?;
                }
            }
            Value::Array(elements) => {
                if !matches!(
                    steps.first(),
                    Some(Step::Name(_) | Step::Names(_) | Step::Filter(_))
                ) {
                    self.go(value, steps, trail)?;
                }
                for (index, element) in (0..).zip(elements) {
                    self.descend(element, steps, &Trail::Index(trail, index))?;
                }
            }
            _ => {}
        }
        self.depth -= 1;
        Ok(())
    }

    /// Whether `..` stops at this object for its next step.
    fn fits(
        &self,
        object: &'v Value,
        fields: &Map<String, Value>,
        steps: &[Step],
    ) -> Result<bool, Stop> {
        Ok(match steps.first() {
            Some(Step::Name(name)) => fields.contains_key(&**name),
            Some(Step::Names(names)) => names.iter().all(|name| fields.contains_key(&**name)),
            Some(Step::Filter(filter)) => self.accepts(filter, object)?,
            Some(Step::Wildcard) => true,
            _ => false,
        })
    }

    /// Goes on from the elements that the filter accepts, or from an object if it does.
    fn filter(
        &mut self,
        value: &'v Value,
        filter: &Filter,
        rest: &[Step],
        trail: &Trail<'_>,
    ) -> Result<(), Stop> {
        match value {
            Value::Object(_) => {
                if self.accepts(filter, value)? {
                    self.go(value, rest, trail)?;
                }
                Ok(())
            }
            Value::Array(elements) => {
                for (index, element) in (0..).zip(elements) {
                    if self.accepts(filter, element)? {
                        self.go(element, rest, &Trail::Index(trail, index))?;
                    }
                }
                Ok(())
            }
            _ => Err(Stop::fatal(NotFound::NotAContainer {
                found: self.quote(value),
            })),
        }
    }

    fn elements(
        &self,
        value: &'v Value,
        step: &Step,
        trail: &Trail<'_>,
    ) -> Result<&'v [Value], Stop> {
        match value {
            Value::Array(elements) => Ok(elements),
            Value::Null => Err(Stop::miss(NotFound::IsNull {
                path: self.text(trail),
            })),
            _ => {
                let step = if self.quiet {
                    String::new()
                } else {
                    step.to_string()
                };
                Err(Stop::fatal(NotFound::NotAnArray {
                    step,
                    found: self.quote(value),
                }))
            }
        }
    }

    fn element(
        &mut self,
        elements: &'v [Value],
        index: i64,
        rest: &[Step],
        trail: &Trail<'_>,
    ) -> Result<(), Stop> {
        match position(index, elements.len()).and_then(|at| elements.get(at)) {
            Some(element) => self.go(element, rest, &Trail::Index(trail, index)),
            None => self.nothing(index, rest, trail),
        }
    }

    /// Goes on from an index that is beyond its array.
    fn nothing(&mut self, index: i64, rest: &[Step], trail: &Trail<'_>) -> Result<(), Stop> {
        let here = Trail::Index(trail, index);
        if self.definite && rest.is_empty() {
            return Err(Stop::miss(NotFound::IndexOutOfRange {
                path: self.text(&here),
            }));
        }
        self.go(&NULL, rest, &here)
    }

    fn slice(
        &mut self,
        elements: &'v [Value],
        slice: Slice,
        rest: &[Step],
        trail: &Trail<'_>,
    ) -> Result<(), Stop> {
        let bound = |bound: i64| {
            let negative = bound < 0;
            position(bound, elements.len()).unwrap_or(if negative { 0 } else { elements.len() })
        };
        let from = slice.from.map_or(0, bound);
        let to = slice.to.map_or(elements.len(), bound);
        for (index, element) in (0_i64..)
            .zip(elements)
            .take(to)
            .skip(from)
            .step_by(slice.step)
        {
            self.go(element, rest, &Trail::Index(trail, index))?;
        }
        Ok(())
    }

    /// Whether the filter's condition holds at `here`. What cannot be found makes it false.
    fn accepts(&self, filter: &Filter, here: &'v Value) -> Result<bool, Stop> {
        self.charge(1)?;
        match filter {
            Filter::Any(filters) => {
                for filter in filters {
                    if self.accepts(filter, here)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Filter::All(filters) => {
                for filter in filters {
                    if !self.accepts(filter, here)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Filter::Not(filter) => Ok(!self.accepts(filter, here)?),
            Filter::Exists(query) => Ok(match self.ask(query, here)? {
                // Null counts as absent (observed on Step Functions Local).
                Some(selected) if query.definite => !selected.is_null(),
                Some(selected) => selected.as_array().is_some_and(|list| !list.is_empty()),
                None => false,
            }),
            Filter::Compare(left, operator, right) => {
                let (Some(left), Some(right)) =
                    (self.operand(left, here)?, self.operand(right, here)?)
                else {
                    return Ok(false);
                };
                self.charge(effort(*operator, &left, &right))?;
                Ok(operator.holds(&left, &right))
            }
            Filter::Matches(left, regex) => {
                let Some(left) = self.operand(left, here)? else {
                    return Ok(false);
                };
                let Some(text) = text_of(&left) else {
                    return Ok(false);
                };
                self.charge(text.len() / 16)?;
                Ok(regex.is_match(&text))
            }
        }
    }

    fn operand<'s>(
        &self,
        operand: &'s Operand,
        here: &'v Value,
    ) -> Result<Option<Selected<'s>>, Stop>
    where
        'v: 's,
    {
        match operand {
            Operand::Literal(value) => Ok(Some(Selected::Borrowed(value))),
            Operand::Query(query) => self.ask(query, here),
        }
    }

    /// What a path inside a filter selects, if anything.
    fn ask(&self, query: &Query, here: &'v Value) -> Result<Option<Selected<'v>>, Stop> {
        let start = match query.from {
            Origin::Here => here,
            Origin::Document => self.root,
        };
        let mut walk = Walk::new(self.root, query.definite, true, self.visits);
        match walk.go(start, &query.steps, &Trail::Root) {
            Ok(()) => {}
            Err(stop) if matches!(stop.why, NotFound::TooMuch { .. }) => return Err(stop),
            Err(_) => return Ok(None),
        }
        match walk.found {
            Found::One(one) => Ok(one),
            Found::Many(list) => {
                for selected in &list {
                    let size =
                        weigh(selected, MAX_SELECTED_BYTES).ok_or_else(|| Stop::fatal(BYTES))?;
                    self.charge(size / 32)?;
                }
                let list = list.into_iter().map(Selected::into_owned).collect();
                Ok(Some(Selected::Owned(Value::Array(list))))
            }
        }
    }
}

/// An index counted from the start, if the array reaches there.
pub(super) fn position(index: i64, length: usize) -> Option<usize> {
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 {
        length.checked_sub(distance)
    } else {
        Some(distance).filter(|at| *at < length)
    }
}

/// What a comparison costs, in visited nodes.
fn effort(operator: Operator, left: &Value, right: &Value) -> usize {
    let size = |value: &Value| match value {
        Value::String(text) => text.len() / 32,
        Value::Array(_) | Value::Object(_) => {
            weigh(value, MAX_SELECTED_BYTES).map_or(MAX_VISITS, |bytes| bytes / 32)
        }
        _ => 0,
    };
    match operator {
        Operator::SubsetOf | Operator::AnyOf | Operator::NoneOf | Operator::All => {
            size(left).saturating_mul(size(right))
        }
        Operator::Size | Operator::Empty => 1,
        _ => size(left).saturating_add(size(right)),
    }
}
