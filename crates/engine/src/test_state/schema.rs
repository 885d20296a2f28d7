//! A mocked result against the response that the API would have sent.

use serde_json::Value;
use stepmill_asl::model::ServiceResource;
use stepmill_aws_client::{Reference, Service, Shape, ShapeType};
use stepmill_catalog::response_of;

use super::request::FieldValidationMode;
use crate::error::Error;

/// Checks the mocked result of a task, as far as it is an API's response.
pub(super) fn check(
    service: &ServiceResource,
    result: &Value,
    mode: FieldValidationMode,
) -> Result<(), Error> {
    if mode == FieldValidationMode::None {
        return Ok(());
    }
    let Some(response) = response_of(service) else {
        return Ok(());
    };
    let api = response.model.and_then(Service::named);
    let Some((api, output)) = api.as_ref().and_then(|api| {
        let operation = api.operation(&response.action)?;
        Some((api, &operation.output))
    }) else {
        return Err(Error::validation(format!(
            "Mock result schema validation error: Stepmill has no API model of {} to check the \
             result of {} against: set fieldValidationMode to NONE",
            response.action, service.arn
        )));
    };
    if !result.is_object() {
        return Err(Error::validation("Mocked result must be a JSON object."));
    }
    let Some(output) = output else {
        return Ok(());
    };
    let checking = Checking {
        api,
        strict: mode == FieldValidationMode::Strict,
    };
    checking
        .structure(api.shape(output), result, "", &response.parsed)
        .map_err(|reason| {
            Error::validation(format!("Mock result schema validation error: {reason}"))
        })
}

struct Checking<'a> {
    api: &'a Service,
    strict: bool,
}

impl Checking<'_> {
    /// Checks the value of the field `name`.
    fn value(&self, at: &Reference, value: &Value, name: &str) -> Result<(), String> {
        let shape = self.api.shape(at);
        match shape.is {
            ShapeType::Document | ShapeType::EventStream => Ok(()),
            ShapeType::Structure => self.structure(shape, value, name, &[]),
            ShapeType::String => text(shape, value, name),
            // Step Functions shows these as texts.
            ShapeType::Blob | ShapeType::Timestamp if value.is_string() => Ok(()),
            ShapeType::Blob | ShapeType::Timestamp => Err(must_be("a string", name)),
            ShapeType::Integer | ShapeType::Long | ShapeType::Float | ShapeType::Double => {
                number(shape, value, name)
            }
            ShapeType::Boolean if value.is_boolean() => Ok(()),
            ShapeType::Boolean => Err(must_be("a boolean", name)),
            ShapeType::List => {
                let items = value.as_array().ok_or_else(|| must_be("an array", name))?;
                length(shape, items.len(), name)?;
                self.values(shape, items, name)
            }
            ShapeType::Map => {
                let entries = value
                    .as_object()
                    .ok_or_else(|| must_be("an object", name))?;
                self.values(shape, entries.values(), name)
            }
        }
    }

    fn values<'v>(
        &self,
        shape: &Shape,
        values: impl IntoIterator<Item = &'v Value>,
        name: &str,
    ) -> Result<(), String> {
        let Some(of) = &shape.of else {
            return Ok(());
        };
        values
            .into_iter()
            .try_for_each(|value| self.value(of, value, name))
    }

    /// Checks the members of a structure that the API has; `parsed` may be anything.
    fn structure(
        &self,
        shape: &Shape,
        value: &Value,
        name: &str,
        parsed: &[&str],
    ) -> Result<(), String> {
        let fields = value
            .as_object()
            .ok_or_else(|| must_be("an object", name))?;
        for (member, at) in &shape.members {
            let field = fields.iter().find(|(field, _)| is_called(field, member));
            match field.filter(|(_, value)| !value.is_null()) {
                Some((field, _)) if parsed.contains(&field.as_str()) => {}
                Some((field, value)) => self.value(at, value, field)?,
                None if self.strict && shape.required.contains(member) => {
                    return Err(format!("Required field '{}' is missing", shown(member)));
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// Whether a field of a task's result is that member of the API's response. Step Functions writes
/// members with a capital, and some of their other capitals small: `Etag` (observed on AWS).
fn is_called(field: &str, member: &str) -> bool {
    field.starts_with(|first: char| !first.is_ascii_lowercase())
        && field.eq_ignore_ascii_case(member)
}

/// A member as Step Functions writes it.
fn shown(member: &str) -> String {
    let mut letters = member.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn text(shape: &Shape, value: &Value, name: &str) -> Result<(), String> {
    let text = value.as_str().ok_or_else(|| must_be("a string", name))?;
    if !shape.values.is_empty() && !shape.values.iter().any(|known| known == text) {
        return Err(format!("Field '{name}' is not an expected value"));
    }
    length(shape, text.chars().count(), name)
}

fn number(shape: &Shape, value: &Value, name: &str) -> Result<(), String> {
    let number = value.as_f64().ok_or_else(|| must_be("a number", name))?;
    if shape.min.is_some_and(|min| number < min) {
        return Err(format!("Field '{name}' is less than the minimum value"));
    }
    if shape.max.is_some_and(|max| number > max) {
        return Err(format!("Field '{name}' exceeds the maximum value"));
    }
    Ok(())
}

fn length(shape: &Shape, length: usize, name: &str) -> Result<(), String> {
    #[allow(clippy::cast_precision_loss)] // texts are far shorter than 2⁵³
    let length = length as f64;
    if shape.min.is_some_and(|min| length < min) {
        return Err(format!("Field '{name}' is smaller than the minimum length"));
    }
    if shape.max.is_some_and(|max| length > max) {
        return Err(format!("Field '{name}' exceeds the maximum length"));
    }
    Ok(())
}

fn must_be(what: &str, name: &str) -> String {
    format!("Field '{name}' must be {what}")
}

#[cfg(test)]
mod tests {
    use stepmill_asl::model::Resource;
    use stepmill_catalog::{catalog, sdk};

    use super::*;

    #[test]
    fn every_service_has_its_model() {
        for (name, service) in &sdk().services {
            if let Some(model) = &service.model {
                assert!(Service::named(model).is_some(), "{name}: {model}");
            }
        }
    }

    #[test]
    fn every_integration_has_its_operation() {
        for (service, row) in &catalog().services {
            for (action, row) in &row.actions {
                for pattern in &row.patterns {
                    let arn = format!("arn:aws:states:::{service}:{action}{}", pattern.suffix());
                    let Some(Resource::Service(resource)) = Resource::parse(&arn) else {
                        panic!("{arn}");
                    };
                    let Some(response) = response_of(&resource) else {
                        continue;
                    };
                    let api = response.model.and_then(Service::named);
                    let api = api.unwrap_or_else(|| panic!("{arn} has no model"));
                    assert!(api.operation(&response.action).is_some(), "{arn}");
                }
            }
        }
    }
}
