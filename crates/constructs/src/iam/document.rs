//! Policies.

use super::statement::Statement;
use crate::value::Value;

/// A policy's statements, each once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyDocument {
    statements: Vec<Statement>,
}

impl PolicyDocument {
    /// Adds a statement, unless the same is there already.
    pub fn add(&mut self, statement: Statement) {
        if !self.statements.contains(&statement) {
            self.statements.push(statement);
        }
    }

    /// The statements, in the order in which they were added.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether it has no statements.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The document as it stands in a template; none without statements.
    pub fn to_value(&self) -> Option<Value> {
        if self.is_empty() {
            return None;
        }
        let statements: Vec<Value> = self.statements.iter().map(Statement::to_value).collect();
        Some(crate::object! {"Statement": statements, "Version": "2012-10-17"})
    }
}
