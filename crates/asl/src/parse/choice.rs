//! Choice states.

use crate::diagnostic::Code;
use crate::jsonpath::Path;
use crate::model::{
    Choice, Comparison, Condition, Dynamic, Operand, Operator, Ordering, QueryLanguage, Rule,
    ValueType,
};

use super::checker::Checker;
use super::fields::{Field, Object, both, jsonata, jsonpath};
use super::query::{Env, PathRule, Reads};
use super::source::{Kind, Node};
use super::state::Reading;
use super::template::{gather, looks_like_query};

/// What a rule may be, in AWS's order.
const SELECTORS: [&str; 5] = ["And", "Or", "Not", "Variable", "Condition"];

/// The comparison operators.
const OPERATORS: [&str; 39] = [
    "BooleanEquals",
    "BooleanEqualsPath",
    "IsBoolean",
    "IsNull",
    "IsNumeric",
    "IsPresent",
    "IsString",
    "IsTimestamp",
    "NumericEquals",
    "NumericEqualsPath",
    "NumericGreaterThan",
    "NumericGreaterThanPath",
    "NumericGreaterThanEquals",
    "NumericGreaterThanEqualsPath",
    "NumericLessThan",
    "NumericLessThanPath",
    "NumericLessThanEquals",
    "NumericLessThanEqualsPath",
    "StringEquals",
    "StringEqualsPath",
    "StringGreaterThan",
    "StringGreaterThanPath",
    "StringGreaterThanEquals",
    "StringGreaterThanEqualsPath",
    "StringLessThan",
    "StringLessThanPath",
    "StringLessThanEquals",
    "StringLessThanEqualsPath",
    "StringMatches",
    "TimestampEquals",
    "TimestampEqualsPath",
    "TimestampGreaterThan",
    "TimestampGreaterThanPath",
    "TimestampGreaterThanEquals",
    "TimestampGreaterThanEqualsPath",
    "TimestampLessThan",
    "TimestampLessThanPath",
    "TimestampLessThanEquals",
    "TimestampLessThanEqualsPath",
];

/// Fields of any rule besides its operator.
const COMMON: usize = 6;
/// The number of fields of a rule within another.
const INNER: usize = COMMON + OPERATORS.len();

/// The fields of an entry of `Choices`; those of a rule within another come first.
const RULE: [Field; INNER + 3] = {
    let mut fields = [both("Comment"); INNER + 3];
    fields[1] = jsonpath("And");
    fields[2] = jsonpath("Or");
    fields[3] = jsonpath("Not");
    fields[4] = jsonpath("Variable");
    fields[5] = jsonata("Condition");
    let mut at = 0;
    while at < OPERATORS.len() {
        fields[COMMON + at] = jsonpath(OPERATORS[at]);
        at += 1;
    }
    fields[INNER] = both("Next");
    fields[INNER + 1] = both("Assign");
    fields[INNER + 2] = jsonata("Output");
    fields
};

/// The fields of a rule within `And`, `Or` or `Not`.
const INNER_RULE: &[Field] = RULE.split_at(INNER).0;

impl Checker<'_> {
    /// A Choice state.
    pub(crate) fn choice(&mut self, reading: &Reading<'_, '_>) -> Option<Choice> {
        let object = reading.object;
        self.required(object, &["Choices"]);
        let place = object.place.key("Choices");
        let items = self.array(object, "Choices", false).unwrap_or_default();
        let mut rules = Vec::with_capacity(items.len());
        for (at, node) in items.iter().enumerate() {
            let head = node.bytes.start..node.bytes.start + 1;
            if let Some(rule) = self.object(node, place.index(at), head) {
                rules.extend(self.rule(&rule, reading));
            }
        }
        let default = self.target(object, "Default", reading.inside.targets);
        (!rules.is_empty()).then_some(Choice { rules, default })
    }

    fn rule(&mut self, rule: &Object<'_>, reading: &Reading<'_, '_>) -> Option<Rule> {
        let env = Env::plain(reading.language);
        self.known_fields(rule, "a choice rule", &RULE, Some(env.language));
        self.required(rule, &["Next"]);
        let condition = match env.language {
            QueryLanguage::JsonPath => self.condition(rule),
            QueryLanguage::Jsonata => self.jsonata_condition(rule),
        };
        let next = self.target(rule, "Next", reading.inside.targets);
        let assign = self.assign(rule, env, reading.inside.scope);
        let output = self.inner_output(rule, env);
        let comment = self.comment(rule);
        Some(Rule {
            condition: condition?,
            next: next?,
            assign,
            output,
            comment,
        })
    }

    fn jsonata_condition(&mut self, rule: &Object<'_>) -> Option<Condition> {
        let Some(node) = rule.get("Condition") else {
            // A rule of the other language has been told of.
            if !SELECTORS.iter().any(|name| rule.has(name)) {
                self.required(rule, &["Condition"]);
            }
            return None;
        };
        let condition = match node.kind {
            Kind::Bool(value) => Dynamic::Literal(value),
            _ => Dynamic::Expression(self.jsonata_field(rule, "Condition", Reads::default())?),
        };
        Some(Condition::Jsonata(condition))
    }

    /// A rule's condition in JSONPath, or a rule within another.
    fn condition(&mut self, rule: &Object<'_>) -> Option<Condition> {
        let mut present = SELECTORS.iter().copied().filter(|name| rule.has(name));
        let (first, second) = (present.next(), present.next());
        if first.is_none() || second.is_some() {
            let message = format!(
                "The object must have only one of the following fields, [{}]",
                SELECTORS.join(", ")
            );
            let help = match second {
                Some(_) => {
                    "a rule is either a comparison, or And, Or or Not of other rules: nest them"
                }
                None => {
                    "add Variable and a comparison operator, or And, Or or Not with rules in it"
                }
            };
            self.schema(&rule.place, &rule.head, message, help);
            return None;
        }
        match first? {
            "And" => self.conditions(rule, "And").map(Condition::And),
            "Or" => self.conditions(rule, "Or").map(Condition::Or),
            "Not" => {
                let inner = self.object_field(rule, "Not")?;
                let inner = self.inner_condition(&inner)?;
                Some(Condition::Not(Box::new(inner)))
            }
            "Variable" => self.comparison(rule).map(Condition::Comparison),
            // Condition is a field of JSONata, which has been told.
            _ => None,
        }
    }

    fn conditions(&mut self, rule: &Object<'_>, name: &str) -> Option<Vec<Condition>> {
        let place = rule.place.key(name);
        let items = self.array(rule, name, false)?.iter().enumerate();
        gather(items.map(|(at, node)| {
            let head = node.bytes.start..node.bytes.start + 1;
            let inner = self.object(node, place.index(at), head)?;
            self.inner_condition(&inner)
        }))
    }

    fn inner_condition(&mut self, rule: &Object<'_>) -> Option<Condition> {
        let language = Some(QueryLanguage::JsonPath);
        self.known_fields(rule, "a rule within another", INNER_RULE, language);
        self.comment(rule);
        self.condition(rule)
    }

    fn comparison(&mut self, rule: &Object<'_>) -> Option<Comparison> {
        let variable = self.choice_path(rule, "Variable");
        let mut operators = OPERATORS.iter().copied().filter(|name| rule.has(name));
        let (first, second) = (operators.next(), operators.next());
        let Some(name) = first else {
            let message = format!(
                "This object should have only one of the following fields: [{}]",
                OPERATORS.join(", ")
            );
            let help =
                "add a comparison operator such as StringEquals, NumericLessThan or IsPresent";
            self.schema(&rule.place, &rule.head, message, help);
            return None;
        };
        if let Some(second) = second {
            let list: Vec<_> = OPERATORS
                .iter()
                .copied()
                .filter(|name| rule.has(name))
                .collect();
            let list = list.join(", ");
            let message = format!("There should only be one of the following fields: [{list}]");
            let bytes = rule.member(second).map_or(&rule.head, |m| &m.key_bytes);
            let help = "a comparison has one operator; combine several with And";
            self.schema(&rule.place, bytes, message, help);
            return None;
        }
        let operator = self.operator(rule, name)?;
        Some(Comparison {
            variable: variable?,
            operator,
        })
    }

    fn operator(&mut self, rule: &Object<'_>, name: &str) -> Option<Operator> {
        if name == "StringMatches" {
            return self.pattern(rule, name).map(Operator::StringMatches);
        }
        if let Some(tested) = name.strip_prefix("Is") {
            let wanted = self.boolean(rule, name)?;
            return Some(match tested {
                "Present" => Operator::IsPresent(wanted),
                "Null" => Operator::Is(ValueType::Null, wanted),
                "Numeric" => Operator::Is(ValueType::Numeric, wanted),
                "String" => Operator::Is(ValueType::String, wanted),
                "Boolean" => Operator::Is(ValueType::Boolean, wanted),
                _ => Operator::Is(ValueType::Timestamp, wanted),
            });
        }
        let (base, path) = match name.strip_suffix("Path") {
            Some(base) => (base, Some(self.choice_path(rule, name)?)),
            None => (name, None),
        };
        if base == "BooleanEquals" {
            let operand = match path {
                Some(path) => Operand::Path(path),
                None => Operand::Literal(self.boolean(rule, name)?),
            };
            return Some(Operator::BooleanEquals(operand));
        }
        if let Some(ordering) = base.strip_prefix("Numeric").and_then(ordering) {
            let operand = match path {
                Some(path) => Operand::Path(path),
                None => Operand::Literal(self.number_operand(rule, name)?),
            };
            return Some(Operator::Numeric(ordering, operand));
        }
        if let Some(ordering) = base.strip_prefix("String").and_then(ordering) {
            let operand = match path {
                Some(path) => Operand::Path(path),
                None => Operand::Literal(self.text_operand(rule, name)?),
            };
            return Some(Operator::String(ordering, operand));
        }
        let ordering = base.strip_prefix("Timestamp").and_then(ordering)?;
        let operand = if let Some(path) = path {
            Operand::Path(path)
        } else {
            let text = self.text(rule, name)?;
            let place = rule.place.key(name);
            let instant = self.timestamp(text, &place, &rule.get(name)?.bytes)?;
            Operand::Literal((instant, text.to_owned()))
        };
        Some(Operator::Timestamp(ordering, operand))
    }

    fn number_operand(&mut self, rule: &Object<'_>, name: &str) -> Option<serde_json::Number> {
        let node = rule.get(name)?;
        if let Kind::Number(number) = &node.kind {
            return Some(number.clone());
        }
        self.wrong_type(&rule.place.key(name), node, "Number", "a number");
        None
    }

    fn text_operand(&mut self, rule: &Object<'_>, name: &str) -> Option<String> {
        let text = self.text(rule, name)?;
        if looks_like_query(text) {
            let bytes = rule.get(name).map_or(&rule.head, |node: &Node| &node.bytes);
            let message =
                format!("The value of '{name}' looks like a path, but is taken as a text");
            let help = format!("to compare with what the path selects, name the field {name}Path");
            self.warn(Code::NoPath, &rule.place.key(name), bytes, message, help);
        }
        Some(text.to_owned())
    }

    fn pattern(&mut self, rule: &Object<'_>, name: &str) -> Option<String> {
        self.text(rule, name).map(str::to_owned)
    }

    /// `Variable` or the path of an operator. AWS has its own words for these (observed).
    fn choice_path(&mut self, rule: &Object<'_>, name: &str) -> Option<Path> {
        let text = self.text(rule, name)?;
        if !text.starts_with('$') {
            let message = "Value is not a Reference Path: Reference path didn't start with '$'";
            let help =
                "write a path such as $.order.total; functions and literals do not work here";
            self.bad_value(rule, name, message, help);
            return None;
        }
        self.path(rule, name, PathRule::Reference)
    }
}

fn ordering(name: &str) -> Option<Ordering> {
    let all = [
        Ordering::Equals,
        Ordering::LessThan,
        Ordering::LessThanEquals,
        Ordering::GreaterThan,
        Ordering::GreaterThanEquals,
    ];
    all.into_iter().find(|ordering| ordering.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_understood() {
        for name in OPERATORS {
            let base = name.strip_suffix("Path").unwrap_or(name);
            let known = base.starts_with("Is")
                || matches!(base, "BooleanEquals" | "StringMatches")
                || ["Numeric", "String", "Timestamp"]
                    .iter()
                    .any(|kind| base.strip_prefix(kind).and_then(ordering).is_some());
            assert!(known, "{name}");
        }
        assert!(RULE.iter().filter(|field| field.name == "Comment").count() == 1);
        assert!(
            INNER_RULE
                .iter()
                .filter(|field| field.name == "Comment")
                .count()
                == 1
        );
    }
}
