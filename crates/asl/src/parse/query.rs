//! Fields that hold a query: paths, intrinsic functions, JSONata expressions.

use std::ops::Range;

use crate::diagnostic::Code;
use crate::jsonpath::{Path, Root};
use crate::model::{Dynamic, QueryLanguage, ResultPath, Selection};
use crate::{intrinsic, jsonata};

use super::checker::Checker;
use super::fields::Object;
use super::source::{Kind, Place};

/// Which paths a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathRule {
    /// Any path.
    Any,
    /// A reference path: one that names a single value.
    Reference,
    /// A reference path, but not into the context object.
    ReferenceToData,
}

/// Which fields of `$states` exist besides `input` and `context`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reads {
    /// `$states.result`: in `Output` and `Assign` of Task, Parallel and Map states.
    pub(crate) result: bool,
    /// `$states.errorOutput`: in `Output` and `Assign` of catchers.
    pub(crate) error_output: bool,
}

/// A text of a JSONata state.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Text<'t> {
    /// It has no delimiters.
    Literal,
    /// What stands between `{%` and `%}`.
    Expression(&'t str),
}

/// What may stand in a template or expression.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Env {
    pub(crate) language: QueryLanguage,
    pub(crate) reads: Reads,
}

impl Env {
    /// Without `$states.result` and `$states.errorOutput`.
    pub(crate) fn plain(language: QueryLanguage) -> Self {
        let reads = Reads::default();
        Self { language, reads }
    }
}

const PATHS: &str =
    "a path begins with $ (the data), $$ (the context object) or $name (a variable)";

impl Checker<'_> {
    /// A field with a path, if it is there.
    pub(crate) fn path(&mut self, object: &Object<'_>, name: &str, rule: PathRule) -> Option<Path> {
        let text = self.text(object, name)?;
        let path = match Path::parse(text) {
            Ok(path) => path,
            Err(error) => {
                let message = "Value must be a valid JSONPath.";
                self.bad_value(object, name, message, format!("{error}; {PATHS}"));
                return None;
            }
        };
        let message = "Value is not a Reference Path";
        if rule != PathRule::Any && !path.is_reference() {
            let help = "a reference path names one value: only .name, ['name'] and [index], without * .. : , ? @";
            self.bad_value(object, name, message, help);
            return None;
        }
        if rule == PathRule::ReferenceToData && matches!(path.root, Root::Context) {
            let help = "this field cannot read the context object ($$): put the value into the state's input or a variable first";
            self.bad_value(object, name, message, help);
            return None;
        }
        Some(path)
    }

    /// A field with a path for what could also be a literal.
    pub(crate) fn path_query<T>(
        &mut self,
        object: &Object<'_>,
        name: &str,
        rule: PathRule,
    ) -> Option<Dynamic<T>> {
        let path = self.path(object, name, rule)?;
        Some(Dynamic::Query(intrinsic::Expression::Path(path)))
    }

    /// `InputPath` or `OutputPath`.
    pub(crate) fn selection(&mut self, object: &Object<'_>, name: &str) -> Option<Selection> {
        match object.get(name).map(|node| &node.kind) {
            None => Some(Selection::Whole),
            Some(Kind::Null) => Some(Selection::Nothing),
            Some(Kind::String(text)) if text == "$" => Some(Selection::Whole),
            Some(_) => self.path(object, name, PathRule::Any).map(Selection::Path),
        }
    }

    /// `ResultPath`.
    pub(crate) fn result_path(&mut self, object: &Object<'_>) -> Option<ResultPath> {
        let name = "ResultPath";
        match object.get(name).map(|node| &node.kind) {
            None => return Some(ResultPath::Whole),
            Some(Kind::Null) => return Some(ResultPath::Discard),
            Some(Kind::String(text)) if text == "$" => return Some(ResultPath::Whole),
            Some(_) => {}
        }
        let path = self.path(object, name, PathRule::Reference)?;
        if !matches!(path.root, Root::Input) {
            let help = "a result can only go into the state's input: begin with $. (variables are set with Assign)";
            self.bad_value(object, name, "Value is not a Reference Path", help);
            return None;
        }
        Some(ResultPath::Path(path.path))
    }

    /// A path or an intrinsic function in a field whose name stands in the message.
    pub(crate) fn expression(
        &mut self,
        text: &str,
        name: &str,
        place: &Place<'_>,
        bytes: &Range<usize>,
    ) -> Option<intrinsic::Expression> {
        match intrinsic::Expression::parse(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let message = format!(
                    "The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
                );
                let help = format!(
                    "{error}; {PATHS}, an intrinsic function looks like States.Format('Hello {{}}', $.name)"
                );
                self.schema(place, bytes, message, help);
                None
            }
        }
    }

    /// A field with a JSONata expression in `{% %}`.
    pub(crate) fn jsonata_field(
        &mut self,
        object: &Object<'_>,
        name: &str,
        reads: Reads,
    ) -> Option<jsonata::Expression> {
        let text = self.text(object, name)?;
        let node = object.get(name)?;
        let place = object.place.key(name);
        match self.delimited(text, &place, &node.bytes)? {
            Text::Expression(inner) => self.jsonata(inner, &place, &node.bytes, reads),
            Text::Literal => {
                let message = "JSONata string must start with {% and end with %}";
                let help = "write an expression, as in {% $states.input.value %}, or the value itself without quotes";
                self.schema(&place, &node.bytes, message, help);
                None
            }
        }
    }

    /// Whether a text is an expression.
    pub(crate) fn delimited<'t>(
        &mut self,
        text: &'t str,
        place: &Place<'_>,
        bytes: &Range<usize>,
    ) -> Option<Text<'t>> {
        if let Some(inner) = jsonata::delimited(text) {
            return Some(Text::Expression(inner));
        }
        if jsonata::is_half_open(text) {
            let message = "JSONata string must start with {% and end with %}";
            let help = "an expression fills the whole text: {% first, %} last, no blanks around them; join texts with & inside";
            self.schema(place, bytes, message, help);
            return None;
        }
        Some(Text::Literal)
    }

    /// A JSONata expression without its delimiters.
    pub(crate) fn jsonata(
        &mut self,
        inner: &str,
        place: &Place<'_>,
        bytes: &Range<usize>,
        reads: Reads,
    ) -> Option<jsonata::Expression> {
        let expression = match jsonata::Expression::parse(inner) {
            Ok(expression) => expression,
            Err(error) => {
                let help = "check the expression's brackets, quotes and operators";
                let code = Code::InvalidJsonataExpression;
                self.report(code, Some(place), bytes, error.message, help);
                return None;
            }
        };
        let states = expression.states_fields();
        let mut refused = Vec::new();
        if states.result && !reads.result {
            let help =
                "$states.result exists in Output and Assign of Task, Parallel and Map states";
            refused.push(("Field '$states.result' does not exist.".to_owned(), help));
        }
        if states.error_output && !reads.error_output {
            let help = "$states.errorOutput exists in Output and Assign of a Catch entry";
            refused.push((
                "Field '$states.errorOutput' does not exist.".to_owned(),
                help,
            ));
        }
        for name in expression.document_names() {
            let help = "an expression has no input of its own: begin with $states.input, $states.context or $name (a variable)";
            let message = match name.as_str() {
                "$$" => "Reference to '$$' is not supported.".to_owned(),
                name => format!("Reference to '{name}' at the top level is not supported."),
            };
            refused.push((message, help));
        }
        let fine = refused.is_empty();
        for (message, help) in refused {
            let code = Code::UnsupportedJsonataExpression;
            self.report(code, Some(place), bytes, message, help);
        }
        fine.then_some(expression)
    }
}
