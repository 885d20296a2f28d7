//! One statement instead of several that differ in one thing only.
//!
//! The rules are those of the CDK's feature `@aws-cdk/aws-iam:minimizePolicies`.

use serde_json::Value as Json;

use super::principal::Principal;
use super::statement::Statement;
use crate::core::StackId;
use crate::value::{References, Resolver, Text};

/// The statements, of which as many as possible are made into one.
pub(super) fn merged(statements: &[Statement]) -> Vec<Statement> {
    let mut all = statements.to_vec();
    while one_pass(&mut all) {}
    all
}

/// Whether anything could be merged.
fn one_pass(all: &mut Vec<Statement>) -> bool {
    let mut changed = false;
    let mut first = 0;
    while first < all.len() {
        let mut second = first + 1;
        while second < all.len() {
            match merge(&all[first], &all[second]) {
                Some(one) => {
                    all[first] = one;
                    all.splice(second..=second, []);
                    changed = true;
                }
                None => second += 1,
            }
        }
        first += 1;
    }
    changed
}

/// Two statements as one, if at least two of actions, resources and principals are the same, and everything else.
fn merge(a: &Statement, b: &Statement) -> Option<Statement> {
    let comparable = a.effect == b.effect
        && a.sid.is_none()
        && b.sid.is_none()
        && a.conditions == b.conditions
        && same(&a.not_actions, &b.not_actions)
        && same(&a.not_resources, &b.not_resources)
        && same(&a.not_principals, &b.not_principals);
    let equal = [
        same(&a.actions, &b.actions),
        same(&a.resources, &b.resources),
        same(&a.principals, &b.principals),
    ];
    let enough = equal.iter().filter(|equal| **equal).count() >= 2;
    let has_star = |statement: &Statement| statement.principals.iter().any(Principal::is_star);
    if !comparable || !enough || has_star(a) != has_star(b) {
        return None;
    }
    let mut one = a.clone();
    unite(&mut one.actions, &b.actions);
    unite(&mut one.resources, &b.resources);
    unite(&mut one.principals, &b.principals);
    Some(one)
}

/// Whether two lists have the same elements, in whatever order.
fn same<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().all(|element| b.contains(element))
}

fn unite<T: PartialEq + Clone>(to: &mut Vec<T>, from: &[T]) {
    for element in from {
        if !to.contains(element) {
            to.push(element.clone());
        }
    }
}

/// The statement with its actions, resources and principals in the order of their JSON.
pub(super) fn sorted(mut statement: Statement) -> Statement {
    let resolver = Resolver { references: &Plain };
    let json = |text: &Text| resolver.text(text).to_string();
    statement.actions.sort_by_cached_key(json);
    statement.resources.sort_by_cached_key(json);
    statement.principals.sort_by_cached_key(|principal| {
        let one = Principal::together(std::slice::from_ref(principal));
        one.and_then(|value| resolver.value(&value))
            .unwrap_or_default()
            .to_string()
    });
    statement
}

/// References by logical id alone, which is enough to put them into an order.
struct Plain;

impl References for Plain {
    fn reference(&self, _: StackId, logical_id: &str, attribute: Option<&str>) -> Json {
        match attribute {
            None => serde_json::json!({"Ref": logical_id}),
            Some(attribute) => serde_json::json!({"Fn::GetAtt": [logical_id, attribute]}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PolicyDocument, Principal, Statement};
    use crate::value::Value;

    fn written(statements: impl IntoIterator<Item = Statement>) -> Value {
        let document = PolicyDocument::of(statements)
            .minimize(true)
            .to_value()
            .unwrap();
        document.get("Statement").unwrap().clone()
    }

    #[test]
    fn resources_and_actions_are_united_and_sorted() {
        let statements = [
            Statement::allow(["s3:PutObject", "s3:GetObject"], ["b"]),
            Statement::allow(["s3:GetObject", "s3:PutObject"], ["a"]),
            Statement::allow(["sqs:SendMessage"], ["q"]),
        ];
        let expected = Value::List(vec![
            Statement::allow(["s3:GetObject", "s3:PutObject"], ["a", "b"]).to_value(),
            Statement::allow(["sqs:SendMessage"], ["q"]).to_value(),
        ]);
        assert_eq!(written(statements), expected);
    }

    #[test]
    fn what_differs_in_two_things_or_in_its_conditions_stays_apart() {
        let get = |resource| Statement::allow(["s3:GetObject"], [resource]);
        let apart = [
            get("a"),
            Statement::allow(["s3:PutObject"], ["b"]),
            get("a").condition("Bool", "aws:SecureTransport", true),
            get("a").deny(),
            get("c").sid("Named"),
        ];
        let expected: Vec<Value> = apart.iter().map(Statement::to_value).collect();
        assert_eq!(written(apart), Value::List(expected));
    }

    #[test]
    fn everyone_as_a_star_is_never_one_of_several() {
        let to = |principal| Statement::allow(["s3:GetObject"], ["a"]).principal(principal);
        let statements = [to(Principal::star()), to(Principal::any())];
        let expected: Vec<Value> = statements.iter().map(Statement::to_value).collect();
        assert_eq!(written(statements), Value::List(expected));
    }
}
