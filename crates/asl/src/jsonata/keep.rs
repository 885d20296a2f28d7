//! What is worth watching about the values of an expression's nodes, told from the nodes alone.

use jsonata_core::ast::{AstNode, BinaryOp, PathStep};
use jsonata_core::value::with_stack;

use super::analysis::Facts;
use super::builtins::{self, gives_scalar};

/// What is to be watched about a value that is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Keep {
    /// Nothing: it is small, or was watched when it was made.
    Free,
    /// How many items or bytes it has.
    Charge,
    /// That too, and that it does not repeat shared parts without end.
    Bound,
    /// All its parts, which are all new.
    Fresh,
}

/// The function literal that is being rewritten.
#[derive(Clone, Default)]
pub(super) struct Enclosing {
    /// Its parameters that are items of an array or object some built-in goes through. What is made
    /// of one item's own parts alone is no larger than the array or object, so it is not watched.
    pub(super) items: Vec<String>,
    /// Whether its result takes the place of an argument, as in `$reduce`, so that results do not
    /// add up.
    pub(super) replaces: bool,
}

/// What is known where a node stands.
pub(super) struct Scope<'f> {
    pub(super) facts: &'f Facts,
    pub(super) enclosing: Enclosing,
}

impl Scope<'_> {
    /// What to watch about the value of `node` where it is kept. `looped`: whether that happens
    /// again and again.
    pub(super) fn keep(&self, node: &AstNode, looped: bool) -> Keep {
        let charge = if looped { Keep::Charge } else { Keep::Free };
        match node {
            _ if self.is_scalar(node) => Keep::Free,
            _ if self.is_of_item(node) => Keep::Free,
            AstNode::Array(items) | AstNode::ArrayGroup(items)
                if items.iter().all(|item| self.is_small(item)) =>
            {
                Keep::Free
            }
            AstNode::Object(pairs) if pairs.iter().all(|(_, value)| self.is_small(value)) => {
                Keep::Free
            }
            AstNode::Array(_)
            | AstNode::ArrayGroup(_)
            | AstNode::Object(_)
            | AstNode::ObjectTransform { .. }
            | AstNode::Descendant => Keep::Bound,
            AstNode::Path { steps } => match steps.split_first() {
                Some((first, _)) if matches!(first.node, AstNode::Parent(_)) => Keep::Free,
                Some((first, [])) if first.stages.is_empty() => self.keep(&first.node, looped),
                Some((first, [])) => self.keep(&first.node, looped).max(charge),
                Some((first, rest))
                    if self.repeats(rest) || self.keep(&first.node, looped) == Keep::Bound =>
                {
                    Keep::Bound
                }
                _ => charge,
            },
            AstNode::Function {
                name,
                is_builtin: true,
                ..
            } => match name.as_str() {
                "map" | "each" | "partition" => Keep::Bound,
                _ if builtins::find(name).is_some() => Keep::Free,
                _ if builtins::is_builtin(name) => charge,
                _ => Keep::Free,
            },
            AstNode::Binary {
                op: BinaryOp::ChainPipe,
                rhs,
                ..
            } => match **rhs {
                AstNode::Transform { .. } => Keep::Fresh,
                AstNode::Function { .. } => self.keep(rhs, looped),
                _ => charge,
            },
            AstNode::Sort { .. } | AstNode::Wildcard => charge,
            _ => Keep::Free,
        }
    }

    /// Whether the steps behind a path's first can give the same value more than once.
    fn repeats(&self, steps: &[PathStep]) -> bool {
        steps.iter().any(|step| match &step.node {
            AstNode::Name(_) | AstNode::Wildcard | AstNode::Sort { .. } => false,
            AstNode::Variable(name) => !name.is_empty(),
            node => !self.is_scalar(node),
        })
    }

    /// Whether `node` gives a scalar, or some of the item that the enclosing function is called
    /// with.
    fn is_small(&self, node: &AstNode) -> bool {
        self.is_scalar(node) || self.is_of_item(node)
    }

    /// Whether `node` is the item that the enclosing function is called with, or a field of it.
    pub(super) fn is_of_item(&self, node: &AstNode) -> bool {
        let items = &self.enclosing.items;
        let item = |node: &AstNode| matches!(node, AstNode::Variable(name) if items.contains(name));
        match node {
            AstNode::Path { steps } => match steps.split_first() {
                Some((first, rest)) => {
                    item(&first.node)
                        && first.stages.is_empty()
                        && rest.iter().all(|step| {
                            matches!(step.node, AstNode::Name(_)) && step.stages.is_empty()
                        })
                }
                None => false,
            },
            node => item(node),
        }
    }

    /// Whether `node` can give nothing but a scalar.
    fn is_scalar(&self, node: &AstNode) -> bool {
        match node {
            AstNode::String(_)
            | AstNode::Number(_)
            | AstNode::Boolean(_)
            | AstNode::Null
            | AstNode::Undefined
            | AstNode::Unary { .. }
            | AstNode::Regex { .. } => true,
            AstNode::Binary { op, .. } => !matches!(
                op,
                BinaryOp::Range | BinaryOp::ColonEqual | BinaryOp::ChainPipe
            ),
            AstNode::Function {
                name,
                is_builtin: true,
                ..
            } => gives_scalar(name) && !self.facts.bound.contains(name),
            AstNode::Conditional {
                then_branch,
                else_branch,
                ..
            } => with_stack(|| {
                self.is_scalar(then_branch)
                    && else_branch
                        .as_ref()
                        .is_none_or(|branch| self.is_scalar(branch))
            }),
            AstNode::Block(items) => {
                with_stack(|| items.last().is_none_or(|last| self.is_scalar(last)))
            }
            AstNode::FunctionApplication(inner) => with_stack(|| self.is_scalar(inner)),
            _ => false,
        }
    }
}
