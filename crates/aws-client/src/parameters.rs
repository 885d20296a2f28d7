//! Parameters: JSON checked against the model.

use serde_json::{Map, Value};

use crate::data::{Data, Fields, read_double};
use crate::error::{ParameterError, Problem};
use crate::model::{Operation, Reference, Service, Shape, ShapeType};
use crate::style::{Blobs, Names, Style};
use crate::time;

/// How deep parameters may be: deeper than any API's, and no risk for the stack.
const DEPTH: usize = 128;

/// Checks the parameters of an operation.
///
/// What a service requires is the service's to say: its answer is an error that callers know by name.
/// Only what no request can be made without is required here. `token` makes the call the same call
/// when it is repeated: it takes the place of the parameter that the model has for that.
pub(crate) fn read(
    service: &Service,
    operation: &Operation,
    parameters: &Value,
    style: Style,
    token: impl FnOnce() -> String,
) -> Result<Fields, ParameterError> {
    let reader = Reader { service, style };
    let path = Path::root();
    let object = match parameters {
        Value::Object(object) => object,
        Value::Null => &Map::new(),
        other => return Err(path.wrong("an object", other)),
    };
    let Some(input) = &operation.input else {
        return match object.keys().next() {
            None => Ok(Fields::new()),
            Some(name) => Err(path.member(name).error(Problem::Unknown { known: None })),
        };
    };
    let shape = service.shape(input);
    let mut fields = reader.structure(shape, object, &path)?;
    let of_token = shape.members.values().position(|member| member.token);
    if let Some(index) = of_token
        && !fields.iter().any(|(there, _)| *there == index)
    {
        fields.push((index, Data::String(token())));
    }
    Ok(fields)
}

/// Where in the parameters a value stands.
struct Path<'a> {
    above: Option<&'a Path<'a>>,
    step: Step<'a>,
    depth: usize,
}

enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl<'a> Path<'a> {
    fn root() -> Self {
        Self {
            above: None,
            step: Step::Root,
            depth: 0,
        }
    }

    fn below(&'a self, step: Step<'a>) -> Self {
        Self {
            above: Some(self),
            step,
            depth: self.depth + 1,
        }
    }

    fn member(&'a self, name: &'a str) -> Self {
        self.below(Step::Member(name))
    }

    fn text(&self) -> String {
        let above = self.above.map(Path::text).unwrap_or_default();
        match self.step {
            Step::Root => above,
            Step::Member(name) if above.is_empty() => name.to_owned(),
            Step::Member(name) => format!("{above}.{name}"),
            Step::Item(index) => format!("{above}[{index}]"),
        }
    }

    fn error(&self, problem: Problem) -> ParameterError {
        ParameterError {
            path: self.text(),
            problem,
        }
    }

    fn wrong(&self, expected: &'static str, found: &Value) -> ParameterError {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.error(Problem::Type { expected, found })
    }
}

struct Reader<'a> {
    service: &'a Service,
    style: Style,
}

impl Reader<'_> {
    fn value(&self, at: &Reference, value: &Value, path: &Path) -> Result<Data, ParameterError> {
        if path.depth > DEPTH {
            return Err(path.error(Problem::Deep));
        }
        let shape = self.service.shape(at);
        match (shape.is, value) {
            (ShapeType::Document, value) => Ok(Data::Document(value.clone())),
            // A header that has JSON takes any.
            (ShapeType::String, value) if at.json => Ok(Data::Document(value.clone())),
            (ShapeType::String, Value::String(text)) => Ok(Data::String(match at.segment {
                true => text.rsplit('/').next().unwrap_or_default().to_owned(),
                false => text.clone(),
            })),
            (ShapeType::Boolean, Value::Bool(value)) => Ok(Data::Boolean(*value)),
            (ShapeType::Integer | ShapeType::Long, Value::Number(number)) => {
                let number = whole(number).ok_or_else(|| path.error(Problem::NotWhole))?;
                match shape.is {
                    ShapeType::Integer if i32::try_from(number).is_err() => {
                        Err(path.error(Problem::NotWhole))
                    }
                    _ => Ok(Data::Integer(number)),
                }
            }
            (ShapeType::Float | ShapeType::Double, Value::Number(number)) => {
                // A whole number stays one, as others write it.
                let whole = whole(number).map(Data::Integer);
                let double = || number.as_f64().map(Data::Double);
                match number.is_f64() {
                    true => double(),
                    false => whole.or_else(double),
                }
                .ok_or_else(|| path.wrong("a number", value))
            }
            (ShapeType::Float | ShapeType::Double, Value::String(text))
                if read_double(text).is_some_and(|number| !number.is_finite()) =>
            {
                Ok(Data::Double(read_double(text).unwrap_or(f64::NAN)))
            }
            (ShapeType::Blob, Value::String(text)) => {
                let bytes = self.style.blobs.read(text);
                let bytes = bytes.ok_or_else(|| path.error(Problem::NotBase64))?;
                Ok(Data::Blob(bytes))
            }
            (ShapeType::Blob, value) if self.style.blobs == Blobs::Text => {
                Ok(Data::Blob(value.to_string().into_bytes()))
            }
            (ShapeType::Timestamp, Value::String(text)) => {
                let time = time::read(text).ok_or_else(|| path.error(Problem::NotATime))?;
                Ok(Data::Timestamp(time))
            }
            (ShapeType::Timestamp, Value::Number(number)) => {
                let time = number.as_f64().and_then(time::of_seconds);
                let time = time.ok_or_else(|| path.error(Problem::NotATime))?;
                Ok(Data::Timestamp(time))
            }
            (ShapeType::Structure, Value::Object(object)) => {
                Ok(Data::Structure(self.structure(shape, object, path)?))
            }
            (ShapeType::List, Value::Array(items)) => {
                let Some(of) = &shape.of else {
                    return Ok(Data::List(Vec::new()));
                };
                let items = items.iter().enumerate();
                let items = items.map(|(n, item)| self.value(of, item, &path.below(Step::Item(n))));
                Ok(Data::List(items.collect::<Result<_, _>>()?))
            }
            (ShapeType::Map, Value::Object(object)) => {
                let Some(of) = &shape.of else {
                    return Ok(Data::Map(Vec::new()));
                };
                let entries = object.iter().map(|(key, value)| {
                    let value = self.value(of, value, &path.member(key))?;
                    Ok((key.clone(), value))
                });
                Ok(Data::Map(entries.collect::<Result<_, ParameterError>>()?))
            }
            (ShapeType::EventStream, _) => Err(path.error(Problem::EventStream)),
            (kind, value) => Err(path.wrong(expected(kind), value)),
        }
    }

    fn structure(
        &self,
        shape: &Shape,
        object: &Map<String, Value>,
        path: &Path,
    ) -> Result<Fields, ParameterError> {
        let mut fields = Fields::with_capacity(object.len());
        for (name, value) in object {
            let path = path.member(name);
            let Some((index, member)) = self.member(shape, name) else {
                let known = closest(shape, name, self.style.names);
                return Err(path.error(Problem::Unknown { known }));
            };
            if !value.is_null() {
                fields.push((index, self.value(member, value, &path)?));
            }
        }
        if shape.union && fields.len() != 1 {
            return Err(path.error(Problem::Union {
                members: fields.len(),
            }));
        }
        Ok(fields)
    }

    fn member<'a>(&self, shape: &'a Shape, name: &str) -> Option<(usize, &'a Reference)> {
        let names = self.style.names;
        let same = shape.members.get_full(name);
        let same = same.filter(|(_, member, _)| names.of(member) == *name);
        same.map(|(index, _, at)| (index, at)).or_else(|| {
            let mut members = shape.members.iter().enumerate();
            let found = members.find(|(_, (member, _))| names.of(member) == *name);
            found.map(|(index, (_, at))| (index, at))
        })
    }
}

/// The whole number that a number is, also if it is written with a fraction of zero.
fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        // Up to here, every whole number is exact.
        #[allow(clippy::cast_possible_truncation)]
        (number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
    })
}

/// What a member is that differs in capitals only.
fn closest(shape: &Shape, name: &str, names: Names) -> Option<String> {
    let mut members = shape.members.keys().map(|member| names.of(member));
    let found = members.find(|member| member.eq_ignore_ascii_case(name));
    found.map(std::borrow::Cow::into_owned)
}

fn expected(kind: ShapeType) -> &'static str {
    match kind {
        ShapeType::String => "a string",
        ShapeType::Integer | ShapeType::Long => "a whole number",
        ShapeType::Float | ShapeType::Double => "a number",
        ShapeType::Boolean => "a boolean",
        ShapeType::Blob => "bytes, as a string",
        ShapeType::Timestamp => "a timestamp",
        ShapeType::Structure | ShapeType::Map => "an object",
        ShapeType::List => "an array",
        ShapeType::Document => "any JSON",
        ShapeType::EventStream => "an event stream",
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::protocol;
    use crate::style::Blobs;

    #[derive(Deserialize)]
    struct Case {
        service: String,
        operation: String,
        parameters: Value,
        #[serde(default)]
        names: String,
        #[serde(default)]
        blobs: String,
        error: Option<String>,
        body: Option<Value>,
    }

    #[test]
    fn parameters_are_checked() {
        let cases = include_str!("../tests/data/parameters.json");
        let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
        for case in cases {
            let service = Service::named(&case.service).unwrap();
            let operation = service.operation(&case.operation).unwrap();
            let style = Style {
                names: match case.names.as_str() {
                    "pascal" => Names::Pascal,
                    _ => Names::Model,
                },
                blobs: match case.blobs.as_str() {
                    "text" => Blobs::Text,
                    _ => Blobs::Base64,
                },
                ..Style::default()
            };
            let token = || "the token".to_owned();
            let fields = read(&service, operation, &case.parameters, style, token);
            let request = fields.and_then(|fields| {
                protocol::request(&service, &case.operation, operation, &fields)
            });
            match request {
                Ok(request) => {
                    let body: Value = serde_json::from_slice(&request.body).unwrap();
                    assert_eq!(Some(body), case.body, "{}", case.parameters);
                }
                Err(error) => assert_eq!(Some(error.to_string()), case.error),
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let service = Service::named("dynamodb").unwrap();
        let operation = service.operation("PutItem").unwrap();
        let deep = (0..200).fold(json!({ "NULL": true }), |value, _| json!({ "L": [value] }));
        let parameters = json!({ "Item": { "k": deep } });
        let found = read(
            &service,
            operation,
            &parameters,
            Style::default(),
            String::new,
        );
        assert_eq!(found.unwrap_err().problem, Problem::Deep);
    }
}
