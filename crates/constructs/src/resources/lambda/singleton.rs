//! Functions that a stack has once, however many constructs ask for them.

use std::ops::Deref;

use super::{Code, Function, Runtime};
use crate::core::Scope;

/// A function that a stack has once: constructs that name it by the same UUID and purpose share it.
///
/// What is said when it is first asked for decides; it is a [`Function`] in all else.
#[derive(Debug, Clone)]
pub struct SingletonFunction {
    function: Function,
}

impl SingletonFunction {
    /// The stack's function of a UUID.
    ///
    /// The purpose is what its id in the template begins with: `Eval`.
    pub fn new(
        scope: &Scope,
        id: &str,
        uuid: &str,
        lambda_purpose: &str,
        runtime: &Runtime,
        handler: &str,
        code: Code,
    ) -> Self {
        scope.child(id);
        let uuid: String = uuid.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("{lambda_purpose}{uuid}");
        let stack = scope.stack_scope();
        let function = if let Some(role) = stack.singleton(&name) {
            Function::existing(&stack.existing_child(&name), role, runtime)
        } else {
            let function = Function::new(&stack, &name, runtime, handler, code);
            if let Some(role) = function.role() {
                stack.add_singleton(&name, role.detached());
            }
            function
        };
        Self { function }
    }
}

impl Deref for SingletonFunction {
    type Target = Function;

    fn deref(&self) -> &Function {
        &self.function
    }
}
