//! Numeric fields, and those whose value may be a query for it.

use crate::model::{Dynamic, QueryLanguage};

use super::checker::Checker;
use super::fields::Object;
use super::query::{PathRule, Reads};
use super::source::{Kind, Node};

/// How large a number may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<T> {
    pub(crate) least: T,
    pub(crate) most: T,
}

/// The longest time of most fields in seconds, about three years.
pub(crate) const MAX_SECONDS: u64 = 99_999_999;

impl Checker<'_> {
    /// A field with a whole number, if it is there.
    pub(crate) fn integer(
        &mut self,
        object: &Object<'_>,
        name: &str,
        bounds: Bounds<u64>,
    ) -> Option<u64> {
        let node = object.get(name)?;
        let Kind::Number(number) = &node.kind else {
            self.wrong_type(&object.place.key(name), node, "Integer", "a whole number");
            return None;
        };
        if number.is_f64() && number.as_f64().is_none_or(|number| number.abs() < 1e19) {
            let help = "write a whole number without a fraction";
            self.bad_value(object, name, "Expected value of type Integer", help);
            return None;
        }
        let Bounds { least, most } = bounds;
        let range = match most {
            u64::MAX => format!("write a number of at least {least}"),
            _ => format!("write a number from {least} to {most}"),
        };
        match number.as_u64() {
            Some(value) if value < least => {
                self.bad_value(object, name, format!("Minimum value is {least}"), range);
                None
            }
            Some(value) if value <= most => Some(value),
            None if number.as_f64().is_some_and(f64::is_sign_negative) => {
                self.bad_value(object, name, format!("Minimum value is {least}"), range);
                None
            }
            _ => {
                self.bad_value(object, name, format!("Maximum value is {most}"), range);
                None
            }
        }
    }

    /// A field with any number, if it is there.
    pub(crate) fn float(
        &mut self,
        object: &Object<'_>,
        name: &str,
        bounds: Bounds<f64>,
    ) -> Option<f64> {
        let node = object.get(name)?;
        let Kind::Number(number) = &node.kind else {
            self.wrong_type(&object.place.key(name), node, "Float", "a number");
            return None;
        };
        let Bounds { least, most } = bounds;
        let value = number.as_f64()?;
        if value < least {
            let help = format!("write a number of at least {least}");
            self.bad_value(object, name, format!("Minimum value is {least:?}"), help);
            return None;
        }
        if value > most {
            let help = format!("write a number of at most {most}");
            self.bad_value(object, name, format!("Maximum value is {most:?}"), help);
            return None;
        }
        Some(value)
    }

    /// `NAME`, in JSONata perhaps an expression, or in JSONPath `NAMEPath`.
    pub(crate) fn dynamic_integer(
        &mut self,
        object: &Object<'_>,
        [name, path_name]: [&str; 2],
        bounds: Bounds<u64>,
        language: QueryLanguage,
        rule: PathRule,
    ) -> Option<Dynamic<u64>> {
        self.dynamic(object, [name, path_name], language, rule, |checker| {
            checker.integer(object, name, bounds)
        })
    }

    /// The same for any number.
    pub(crate) fn dynamic_float(
        &mut self,
        object: &Object<'_>,
        [name, path_name]: [&str; 2],
        bounds: Bounds<f64>,
        language: QueryLanguage,
        rule: PathRule,
    ) -> Option<Dynamic<f64>> {
        self.dynamic(object, [name, path_name], language, rule, |checker| {
            checker.float(object, name, bounds)
        })
    }

    fn dynamic<T>(
        &mut self,
        object: &Object<'_>,
        [name, path_name]: [&str; 2],
        language: QueryLanguage,
        rule: PathRule,
        literal: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Dynamic<T>> {
        let present = self.one_of(object, &[name, path_name], false)?;
        if present == path_name {
            return match language {
                QueryLanguage::JsonPath => self.path_query(object, path_name, rule),
                // That the field is of the other language has been told already.
                QueryLanguage::Jsonata => None,
            };
        }
        let is_text = |node: &Node| matches!(node.kind, Kind::String(_));
        if language == QueryLanguage::Jsonata && object.get(name).is_some_and(is_text) {
            let expression = self.jsonata_field(object, name, Reads::default())?;
            return Some(Dynamic::Expression(expression));
        }
        literal(self).map(Dynamic::Literal)
    }
}
