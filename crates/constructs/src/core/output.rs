//! Outputs of stacks.

use super::scope::Scope;
use crate::value::{Fn, Text, Value};

/// A value that is written out where people and other programs read it.
///
/// It is a handle: clones are the same output.
#[derive(Clone, Debug)]
pub struct Output {
    scope: Scope,
    id: String,
}

impl Output {
    /// A value under an id below a construct.
    pub fn new(scope: &Scope, id: &str, value: impl Into<Value>) -> Self {
        let scope = scope.child(id);
        let id = scope.logical_id();
        let output = Self { scope, id };
        output.set("Value", value.into());
        output
    }

    fn set(&self, name: &str, value: Value) {
        let mut outputs = self.scope.stack.outputs.borrow_mut();
        let output = outputs.entry(self.id.clone());
        if let Value::Object(members) = output.or_insert_with(|| Value::object([])) {
            members.insert(name.to_owned(), value);
        }
    }

    /// What it is.
    #[allow(clippy::return_self_not_must_use)]
    pub fn description(self, description: &str) -> Self {
        self.set("Description", description.into());
        self
    }

    /// The name under which other stacks of the account and region import it.
    #[allow(clippy::return_self_not_must_use)]
    pub fn export_name(self, name: impl Into<Text>) -> Self {
        let name = Value::Text(name.into());
        self.set("Export", crate::object! {"Name": name});
        self
    }

    /// The value as another stack, also of another app, imports it; none if it has no export name.
    pub fn import_value(&self) -> Option<Text> {
        let outputs = self.scope.stack.outputs.borrow();
        match outputs.get(&self.id)?.get("Export")?.get("Name")? {
            Value::Text(name) => Some(Fn::import_value(name)),
            _ => None,
        }
    }
}
