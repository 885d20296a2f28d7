//! Endpoint rules: AWS's small language that says where a service is.
//!
//! Source: "Endpoint rules" of the Smithy specification.

use serde_json::{Map, Value};

use super::functions;
use crate::error::EndpointError;
use crate::model::{Service, rules_template};

/// The endpoint rules of one service.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) parameters: Vec<Parameter>,
    rules: Vec<Rule>,
}

/// What the rules want to know.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// What of the client's settings it is.
    pub(crate) setting: Option<String>,
    default: Option<Value>,
    required: bool,
}

#[derive(Debug)]
struct Rule {
    conditions: Vec<Call>,
    then: Then,
}

#[derive(Debug)]
enum Then {
    Rules(Vec<Rule>),
    Error(Expression),
    Endpoint {
        url: Expression,
        properties: Expression,
        headers: Expression,
    },
}

#[derive(Debug)]
struct Call {
    function: String,
    arguments: Vec<Expression>,
    assign: Option<String>,
}

#[derive(Debug)]
enum Expression {
    /// A text in which `{Name}` and `{Name#member}` stand for values.
    Template(String),
    Literal(Value),
    Variable(String),
    Call(Call),
    List(Vec<Expression>),
    Record(Vec<(String, Expression)>),
}

/// Where a service is, as its rules say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) url: String,
    pub(crate) properties: Value,
    pub(crate) headers: Value,
}

impl Rules {
    /// The rules of a service; none if its model is broken.
    pub(crate) fn of(service: &Service) -> Option<Self> {
        let template: Value = serde_json::from_str(rules_template(service.rules)?).ok()?;
        let reader = Reader {
            texts: &service.texts,
        };
        let parameters = template.get("parameters")?.as_object()?.iter();
        let parameters = parameters.map(|(name, parameter)| Parameter {
            name: name.clone(),
            setting: parameter.get("builtIn").and_then(|at| reader.text(at)),
            default: parameter.get("default").map(|value| reader.plain(value)),
            required: parameter.get("required") == Some(&Value::Bool(true)),
        });
        Some(Self {
            parameters: parameters.collect(),
            rules: reader.rules(template.get("rules")?)?,
        })
    }

    /// Where the service is, for parameters by their names.
    pub(crate) fn resolve(&self, mut known: Map<String, Value>) -> Result<Resolved, EndpointError> {
        for parameter in &self.parameters {
            if known.contains_key(&parameter.name) {
                continue;
            }
            match &parameter.default {
                Some(default) => {
                    known.insert(parameter.name.clone(), default.clone());
                }
                None if parameter.required => {
                    return Err(EndpointError::Missing {
                        parameter: parameter.name.clone(),
                    });
                }
                None => {}
            }
        }
        let mut scope: Scope = known.into_iter().collect();
        let found = walk(&self.rules, &mut scope)?;
        found.ok_or(EndpointError::NoRule)
    }
}

/// Makes rules of a template, whose texts stand in a list.
struct Reader<'a> {
    texts: &'a [String],
}

impl Reader<'_> {
    fn text(&self, at: &Value) -> Option<String> {
        self.texts.get(usize::try_from(at.as_u64()?).ok()?).cloned()
    }

    /// A value without expressions in it.
    fn plain(&self, at: &Value) -> Value {
        match at {
            Value::Number(_) => self.text(at).map_or(Value::Null, Value::String),
            Value::Array(items) => items.iter().map(|item| self.plain(item)).collect(),
            other => other.clone(),
        }
    }

    fn rules(&self, at: &Value) -> Option<Vec<Rule>> {
        at.as_array()?.iter().map(|rule| self.rule(rule)).collect()
    }

    fn rule(&self, at: &Value) -> Option<Rule> {
        let conditions = at.get("conditions")?.as_array()?.iter();
        let then = if let Some(rules) = at.get("rules") {
            Then::Rules(self.rules(rules)?)
        } else if let Some(error) = at.get("error") {
            Then::Error(self.expression(error)?)
        } else {
            let endpoint = at.get("endpoint")?;
            let nothing = || Some(Expression::Record(Vec::new()));
            let part = |name| match endpoint.get(name) {
                Some(part) => self.record(part),
                None => nothing(),
            };
            Then::Endpoint {
                url: self.expression(endpoint.get("url")?)?,
                properties: part("properties")?,
                headers: part("headers")?,
            }
        };
        Some(Rule {
            conditions: conditions
                .map(|call| self.call(call))
                .collect::<Option<_>>()?,
            then,
        })
    }

    fn call(&self, at: &Value) -> Option<Call> {
        let arguments = at.get("argv")?.as_array()?.iter();
        Some(Call {
            function: self.text(at.get("fn")?)?,
            arguments: arguments
                .map(|argument| self.expression(argument))
                .collect::<Option<_>>()?,
            assign: at.get("assign").and_then(|name| self.text(name)),
        })
    }

    fn expression(&self, at: &Value) -> Option<Expression> {
        Some(match at {
            Value::Number(_) => Expression::Template(self.text(at)?),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.expression(item));
                Expression::List(items.collect::<Option<_>>()?)
            }
            Value::Object(object) => {
                if let Some(name) = object.get("ref") {
                    Expression::Variable(self.text(name)?)
                } else if let Some(number) = object.get("number") {
                    Expression::Literal(number.clone())
                } else if object.contains_key("fn") {
                    Expression::Call(self.call(at)?)
                } else {
                    self.record(at)?
                }
            }
            other => Expression::Literal(other.clone()),
        })
    }

    /// An object whose values are expressions, whatever its names.
    fn record(&self, at: &Value) -> Option<Expression> {
        let members = at.as_object()?.iter();
        let members = members.map(|(name, value)| Some((name.clone(), self.expression(value)?)));
        Some(Expression::Record(members.collect::<Option<_>>()?))
    }
}

/// What names mean; rules see what those above them have named.
type Scope = Vec<(String, Value)>;

fn walk(rules: &[Rule], scope: &mut Scope) -> Result<Option<Resolved>, EndpointError> {
    for rule in rules {
        let outside = scope.len();
        let found = match holds(&rule.conditions, scope) {
            true => follow(&rule.then, scope)?,
            false => None,
        };
        scope.truncate(outside);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn holds(conditions: &[Call], scope: &mut Scope) -> bool {
    conditions.iter().all(|condition| {
        let value = call(condition, scope);
        if let (Some(name), Some(value)) = (&condition.assign, &value) {
            scope.push((name.clone(), value.clone()));
        }
        !matches!(value, None | Some(Value::Null | Value::Bool(false)))
    })
}

fn follow(then: &Then, scope: &mut Scope) -> Result<Option<Resolved>, EndpointError> {
    let text = |expression, scope: &Scope| match value(expression, scope) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    match then {
        Then::Rules(rules) => walk(rules, scope),
        Then::Error(message) => Err(EndpointError::Refused(text(message, scope))),
        Then::Endpoint {
            url,
            properties,
            headers,
        } => Ok(Some(Resolved {
            url: text(url, scope),
            properties: value(properties, scope).unwrap_or_default(),
            headers: value(headers, scope).unwrap_or_default(),
        })),
    }
}

fn call(call: &Call, scope: &Scope) -> Option<Value> {
    let arguments = call.arguments.iter();
    let arguments: Vec<Value> = arguments
        .map(|argument| value(argument, scope).unwrap_or_default())
        .collect();
    functions::call(&call.function, &arguments)
}

fn variable<'a>(name: &str, scope: &'a Scope) -> Option<&'a Value> {
    let mut known = scope.iter().rev();
    known
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

/// A value; none if it is not there.
fn value(expression: &Expression, scope: &Scope) -> Option<Value> {
    Some(match expression {
        Expression::Literal(value) => value.clone(),
        Expression::Variable(name) => return variable(name, scope).cloned(),
        Expression::Call(inner) => return call(inner, scope),
        Expression::Template(template) => Value::String(fill(template, scope)),
        Expression::List(items) => {
            let items = items
                .iter()
                .map(|item| value(item, scope).unwrap_or_default());
            items.collect()
        }
        Expression::Record(members) => {
            let members = members.iter();
            let members = members
                .map(|(name, member)| (name.clone(), value(member, scope).unwrap_or_default()));
            Value::Object(members.collect())
        }
    })
}

fn fill(template: &str, scope: &Scope) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((literal, behind)) = rest.split_once('{') {
        text.push_str(literal);
        let Some((name, behind)) = behind.split_once('}') else {
            text.push('{');
            rest = behind;
            continue;
        };
        let mut path = name.split('#');
        let first = path.next().and_then(|name| variable(name, scope));
        let found = path.fold(first, |value, member| value?.get(member));
        match found {
            Some(Value::String(value)) => text.push_str(value),
            Some(value) => text.push_str(&value.to_string()),
            None => {}
        }
        rest = behind;
    }
    text + rest
}
