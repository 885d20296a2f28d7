//! What an expression reads, found without evaluating it; and what of it JSONata 2.0.6 does not
//! have.

use std::collections::{BTreeSet, HashSet};

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::value::with_stack;

use super::builtins::takes_functions;
use super::error::ParseError;
use super::hosts::is_function;

/// The parts of `$states` that an expression may read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // one for each part, as AWS names them
pub struct StatesUse {
    /// `$states.input`.
    pub input: bool,
    /// `$states.context`.
    pub context: bool,
    /// `$states.result`.
    pub result: bool,
    /// `$states.errorOutput`.
    pub error_output: bool,
    /// `$states` other than by the name of a part: any part may be read.
    pub whole: bool,
}

impl StatesUse {
    /// Whether anything of `$states` may be read.
    pub fn any(self) -> bool {
        self.input || self.context || self.result || self.error_output || self.whole
    }
}

/// What an expression reads and binds.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The variables read.
    pub(super) variables: BTreeSet<String>,
    /// All names that a binding from outside would give a meaning: `variables`, and functions
    /// called.
    pub(super) names: BTreeSet<String>,
    pub(super) states: StatesUse,
    /// Whether it reads an input document: `$`, `$$` or a bare field name outside of any path.
    pub(super) document: bool,
    /// Of these, the bare field names, and `$$`.
    pub(super) document_names: BTreeSet<String>,
    /// Whether a path in it carries bindings along (`@`, `#`, `%`).
    pub(super) carries: bool,
    /// The names it binds somewhere.
    pub(super) bound: HashSet<String>,
    /// Those of them that are bound otherwise than as parameters.
    pub(super) assigned: HashSet<String>,
}

/// Finds what `node` reads.
pub(super) fn analyse(node: &AstNode) -> Result<Facts, ParseError> {
    let mut walk = Walk {
        facts: Facts::default(),
        scopes: vec![HashSet::new()],
    };
    walk.node(node, true)?;
    Ok(walk.facts)
}

struct Walk {
    facts: Facts,
    scopes: Vec<HashSet<String>>,
}

type Walked = Result<(), ParseError>;

impl Walk {
    /// `rooted`: whether the context value is the expression's own input document.
    fn node(&mut self, node: &AstNode, rooted: bool) -> Walked {
        with_stack(|| self.node_here(node, rooted))
    }

    fn node_here(&mut self, node: &AstNode, rooted: bool) -> Walked {
        match node {
            AstNode::Variable(name) if name.is_empty() => {
                self.facts.document |= rooted;
                Ok(())
            }
            AstNode::Variable(name) if name == "$" => {
                self.facts.document = true;
                self.facts.document_names.insert("$$".to_owned());
                Ok(())
            }
            AstNode::Variable(name) => {
                self.read(name, false);
                Ok(())
            }
            AstNode::ParentVariable(_) => {
                self.facts.document = true;
                Ok(())
            }
            AstNode::Name(name) if rooted => {
                self.facts.document = true;
                self.facts.document_names.insert(name.clone());
                Ok(())
            }
            AstNode::Name(_) | AstNode::Wildcard | AstNode::Descendant => {
                self.facts.document |= rooted;
                Ok(())
            }
            AstNode::String(_)
            | AstNode::Number(_)
            | AstNode::Boolean(_)
            | AstNode::Null
            | AstNode::Undefined
            | AstNode::Placeholder
            | AstNode::Regex { .. }
            | AstNode::Parent(_) => Ok(()),
            AstNode::Path { steps } => self.scoped(|walk| walk.path(steps, rooted)),
            AstNode::Binary { op, lhs, rhs } => self.binary(*op, lhs, rhs, rooted),
            AstNode::Unary { operand, .. } => self.node(operand, rooted),
            AstNode::Function {
                name,
                args,
                is_builtin,
            } => {
                if *is_builtin && !self.is_bound(name) {
                    self.facts.names.insert(name.clone());
                }
                self.facts.document |= rooted && !is_builtin;
                for (index, arg) in args.iter().enumerate() {
                    self.argument(arg, rooted, index > 0 && takes_functions(name))?;
                }
                Ok(())
            }
            AstNode::Call { procedure, args } => {
                self.argument(procedure, rooted, true)?;
                self.all(args, rooted)
            }
            AstNode::Lambda { params, body, .. } => self.scoped(|walk| {
                for param in params {
                    walk.bind_parameter(param);
                }
                walk.node(body, rooted)
            }),
            AstNode::Array(items) | AstNode::ArrayGroup(items) => self.all(items, rooted),
            AstNode::Object(pairs) => self.pairs(pairs, rooted),
            AstNode::ObjectTransform { input, pattern } => self.scoped(|walk| {
                walk.open(input, rooted)?;
                walk.pairs(pattern, false)
            }),
            AstNode::Block(items) => self.scoped(|walk| walk.all(items, rooted)),
            AstNode::FunctionApplication(inner) => self.node(inner, rooted),
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => {
                self.node(condition, rooted)?;
                self.node(then_branch, rooted)?;
                else_branch
                    .as_ref()
                    .map_or(Ok(()), |branch| self.node(branch, rooted))
            }
            AstNode::Sort { input, terms } => self.scoped(|walk| {
                walk.open(input, rooted)?;
                terms
                    .iter()
                    .try_for_each(|(term, _)| walk.node(term, false))
            }),
            AstNode::Transform {
                location,
                update,
                delete,
            } => {
                self.node(location, false)?;
                self.node(update, false)?;
                delete
                    .as_ref()
                    .map_or(Ok(()), |delete| self.node(delete, false))
            }
        }
    }

    fn all(&mut self, nodes: &[AstNode], rooted: bool) -> Walked {
        nodes.iter().try_for_each(|node| self.node(node, rooted))
    }

    fn pairs(&mut self, pairs: &[(AstNode, AstNode)], rooted: bool) -> Walked {
        pairs.iter().try_for_each(|(key, value)| {
            self.node(key, rooted)?;
            self.node(value, rooted)
        })
    }

    /// An argument, which may name a function where functions are wanted.
    fn argument(&mut self, node: &AstNode, rooted: bool, function: bool) -> Walked {
        match node {
            AstNode::Variable(name) if function && !name.is_empty() && name != "$" => {
                self.read(name, true);
                Ok(())
            }
            other => self.node(other, rooted),
        }
    }

    fn binary(&mut self, op: BinaryOp, lhs: &AstNode, rhs: &AstNode, rooted: bool) -> Walked {
        match (op, lhs) {
            (BinaryOp::Coalesce, _) => Err(ParseError::new(
                "S0211",
                "The symbol \"?\" cannot be used as a unary operator (?? is not in JSONata 2.0.6)",
            )),
            (BinaryOp::Default, _) => Err(ParseError::new(
                "S0211",
                "The symbol \":\" cannot be used as a unary operator (?: is not in JSONata 2.0.6)",
            )),
            (BinaryOp::ColonEqual, AstNode::Variable(name)) => {
                // A function may call itself by the name it gets.
                if matches!(rhs, AstNode::Lambda { .. }) {
                    self.bind(name);
                }
                self.node(rhs, rooted)?;
                self.bind(name);
                Ok(())
            }
            (BinaryOp::ChainPipe, _) => {
                self.argument(lhs, rooted, true)?;
                self.argument(rhs, rooted, true)
            }
            _ => {
                self.node(lhs, rooted)?;
                self.node(rhs, rooted)
            }
        }
    }

    /// What a sort or a grouping works on, whose bindings its terms see.
    fn open(&mut self, input: &AstNode, rooted: bool) -> Walked {
        match input {
            AstNode::Path { steps } => self.path(steps, rooted),
            AstNode::Sort { input, terms } => {
                with_stack(|| self.open(input, rooted))?;
                terms
                    .iter()
                    .try_for_each(|(term, _)| self.node(term, false))
            }
            other => self.node(other, rooted),
        }
    }

    fn path(&mut self, steps: &[PathStep], rooted: bool) -> Walked {
        if let [first, rest @ ..] = steps {
            if matches!(&first.node, AstNode::Variable(name) if name == "states")
                && !self.is_bound("states")
            {
                self.states(
                    rest.first()
                        .filter(|_| first.stages.is_empty() && first.focus.is_none()),
                );
            } else if let AstNode::Sort { .. } = first.node {
                self.open(&first.node, rooted)?;
            } else {
                self.node(&first.node, rooted)?;
            }
        }
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                self.node(&step.node, false)?;
            }
            self.facts.carries |=
                step.is_tuple || step.inner_tuple || step.ancestor_label.is_some();
            for name in step.focus.iter().chain(&step.index_var) {
                self.facts.carries = true;
                self.bind(name);
            }
            for stage in &step.stages {
                match stage {
                    Stage::Filter(predicate) => self.node(predicate, false)?,
                    Stage::Index(name) => {
                        self.facts.carries = true;
                        self.bind(name);
                    }
                    Stage::KeepArray => {}
                }
            }
        }
        Ok(())
    }

    fn states(&mut self, field: Option<&PathStep>) {
        let states = &mut self.facts.states;
        match field.map(|step| &step.node) {
            Some(AstNode::Name(name)) => match name.as_str() {
                "input" => states.input = true,
                "context" => states.context = true,
                "result" => states.result = true,
                "errorOutput" => states.error_output = true,
                _ => {}
            },
            _ => states.whole = true,
        }
    }

    fn read(&mut self, name: &str, function: bool) {
        if self.is_bound(name) {
            return;
        }
        if name == "states" {
            self.facts.states.whole = true;
            return;
        }
        self.facts.names.insert(name.to_owned());
        if !(function && is_function(name)) {
            self.facts.variables.insert(name.to_owned());
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name))
    }

    fn bind(&mut self, name: &str) {
        self.facts.assigned.insert(name.to_owned());
        self.bind_parameter(name);
    }

    fn bind_parameter(&mut self, name: &str) {
        self.facts.bound.insert(name.to_owned());
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned());
        }
    }

    fn scoped(&mut self, walk: impl FnOnce(&mut Self) -> Walked) -> Walked {
        self.scopes.push(HashSet::new());
        let walked = walk(self);
        self.scopes.pop();
        walked
    }
}
