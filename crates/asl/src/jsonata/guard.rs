//! Rewrites an expression so that the engine cannot be made to work or collect without end.
//!
//! The engine looks at its limits between calls, and it does not count memory. So calls of
//! functions that can do much in one call go to [`super::builtins`], `&` goes to [`super::text`],
//! and values are passed through [`hosts::CHARGE`] or [`hosts::BOUND`] where they are kept: bound
//! to a name, given to a function, returned by one, or put into an array. Nothing else about an
//! expression changes.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::value::with_stack;

use super::analysis::Facts;
use super::builtins::{self, gives_scalar};
use super::error::ParseError;
use super::hosts;
use super::keep::{Enclosing, Keep, Scope};
use super::regexes::{Largest, Pattern};

/// A rewritten expression.
pub(super) struct Guarded {
    pub(super) node: AstNode,
    /// The host functions it calls.
    pub(super) hosts: BTreeSet<&'static str>,
    /// Its regular expressions.
    pub(super) patterns: Vec<Pattern>,
}

/// Rewrites `node`, about which `facts` have been found.
pub(super) fn guard(node: AstNode, facts: &Facts) -> Result<Guarded, ParseError> {
    let mut guard = Guard {
        scope: Scope {
            facts,
            enclosing: Enclosing::default(),
        },
        hosts: BTreeSet::new(),
        patterns: Vec::new(),
    };
    // The result is weighed when it is converted; before that the engine walks it only for what
    // paths carry along.
    let node = if facts.carries {
        guard.kept(node, false)?
    } else {
        guard.node(node, false)?
    };
    Ok(Guarded {
        node,
        hosts: guard.hosts,
        patterns: guard.patterns,
    })
}

/// The name under which the engine knows the variable or function `name`.
///
/// A watched function's name is replaced wherever it stands, so a binding of that name hides it as
/// before.
fn rename(name: &str) -> &str {
    match name {
        "eval" => "function that Step Functions lacks",
        _ => builtins::find(name).map_or(name, |builtin| builtin.watched),
    }
}

/// All names that a variable `name` from outside has to be bound to.
pub(super) fn engine_names(name: &str) -> impl Iterator<Item = &str> {
    let contextual = builtins::find(name).map(|builtin| builtin.contextual);
    std::iter::once(rename(name)).chain(contextual)
}

/// Array constructors with no more items than this are not watched item by item outside of loops.
const FEW_ITEMS: usize = 8;

struct Guard<'f> {
    scope: Scope<'f>,
    hosts: BTreeSet<&'static str>,
    patterns: Vec<Pattern>,
}

type Rewritten = Result<AstNode, ParseError>;

impl Guard<'_> {
    fn host(&mut self, name: &'static str, args: Vec<AstNode>) -> AstNode {
        self.hosts.insert(name);
        AstNode::Function {
            name: name.to_owned(),
            args,
            is_builtin: true,
        }
    }

    /// Rewrites `node`, and watches its value. `looped`: whether it is evaluated again and again.
    fn kept(&mut self, node: AstNode, looped: bool) -> Rewritten {
        with_stack(|| match node {
            AstNode::Block(mut items) => {
                let last = items.pop();
                let mut items = self.all(items, looped)?;
                if let Some(last) = last {
                    items.push(self.kept(last, looped)?);
                }
                Ok(AstNode::Block(items))
            }
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => Ok(AstNode::Conditional {
                condition: self.boxed(condition, looped)?,
                then_branch: Box::new(self.kept(*then_branch, looped)?),
                else_branch: match else_branch {
                    Some(branch) => Some(Box::new(self.kept(*branch, looped)?)),
                    None => None,
                },
            }),
            node => {
                let keep = self.scope.keep(&node, looped);
                let node = self.node(node, looped)?;
                Ok(match keep {
                    Keep::Free => node,
                    Keep::Charge => self.host(hosts::CHARGE, vec![node]),
                    Keep::Bound => self.host(hosts::BOUND, vec![node]),
                    Keep::Fresh => self.host(hosts::FRESH, vec![node]),
                })
            }
        })
    }

    /// Rewrites `node`, whose value goes into a larger one or is used up at once.
    fn node(&mut self, node: AstNode, looped: bool) -> Rewritten {
        with_stack(|| self.node_here(node, looped))
    }

    fn node_here(&mut self, node: AstNode, looped: bool) -> Rewritten {
        Ok(match node {
            AstNode::Variable(name) => AstNode::Variable(self.named(&name)),
            AstNode::Regex { pattern, flags } => self.regex(&pattern, flags, Largest::Anywhere)?,
            AstNode::Path { steps } => AstNode::Path {
                steps: self.steps(steps, looped)?,
            },
            AstNode::Binary { op, lhs, rhs } => self.binary(op, *lhs, *rhs, looped)?,
            AstNode::Unary { op, operand } => AstNode::Unary {
                op,
                operand: self.boxed(operand, looped)?,
            },
            AstNode::Function {
                name,
                args,
                is_builtin,
            } => self.call(&name, args, is_builtin, looped, false)?,
            AstNode::Call { procedure, args } => AstNode::Call {
                procedure: self.boxed(procedure, looped)?,
                args: self.all_kept(args, looped)?,
            },
            lambda @ AstNode::Lambda { .. } => self.lambda(lambda, Enclosing::default())?,
            AstNode::Array(items) => AstNode::Array(self.items(items, looped)?),
            AstNode::ArrayGroup(items) => AstNode::ArrayGroup(self.items(items, looped)?),
            AstNode::Object(pairs) => AstNode::Object(self.pairs(pairs, looped)?),
            AstNode::ObjectTransform { input, pattern } => AstNode::ObjectTransform {
                input: self.boxed(input, looped)?,
                pattern: self.pairs(pattern, true)?,
            },
            AstNode::Block(items) => AstNode::Block(self.all(items, looped)?),
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => AstNode::Conditional {
                condition: self.boxed(condition, looped)?,
                then_branch: self.boxed(then_branch, looped)?,
                else_branch: match else_branch {
                    Some(branch) => Some(self.boxed(branch, looped)?),
                    None => None,
                },
            },
            AstNode::FunctionApplication(inner) => {
                AstNode::FunctionApplication(Box::new(self.step_result(*inner, looped)?))
            }
            AstNode::Sort { input, terms } => AstNode::Sort {
                input: self.boxed(input, looped)?,
                terms: terms
                    .into_iter()
                    .map(|(term, ascending)| Ok((self.node(term, true)?, ascending)))
                    .collect::<Result<_, ParseError>>()?,
            },
            AstNode::Transform {
                location,
                update,
                delete,
            } => AstNode::Transform {
                location: self.boxed(location, true)?,
                update: self.boxed(update, true)?,
                delete: match delete {
                    Some(delete) => Some(self.boxed(delete, true)?),
                    None => None,
                },
            },
            leaf @ (AstNode::String(_)
            | AstNode::Name(_)
            | AstNode::Number(_)
            | AstNode::Boolean(_)
            | AstNode::Null
            | AstNode::Undefined
            | AstNode::Placeholder
            | AstNode::ParentVariable(_)
            | AstNode::Wildcard
            | AstNode::Descendant
            | AstNode::Parent(_)) => leaf,
        })
    }

    fn lambda(&mut self, lambda: AstNode, enclosing: Enclosing) -> Rewritten {
        let AstNode::Lambda {
            params,
            body,
            signature,
            thunk,
        } = lambda
        else {
            return self.node(lambda, true);
        };
        let replaces = enclosing.replaces;
        let outer = std::mem::replace(&mut self.scope.enclosing, enclosing);
        let body = if replaces {
            self.replacing(*body)
        } else {
            self.kept(*body, true)
        };
        self.scope.enclosing = outer;
        Ok(AstNode::Lambda {
            params: params.iter().map(|param| self.named(param)).collect(),
            body: Box::new(body?),
            signature,
            thunk,
        })
    }

    /// Rewrites the body of a function whose result takes the place of an argument.
    fn replacing(&mut self, body: AstNode) -> Rewritten {
        if matches!(body, AstNode::Block(_) | AstNode::Conditional { .. }) {
            return self.kept(body, true);
        }
        let checked = self.scope.keep(&body, true) >= Keep::Bound;
        let body = self.node(body, true)?;
        Ok(if checked {
            self.host(hosts::CHECK, vec![body])
        } else {
            body
        })
    }

    #[allow(clippy::boxed_local)] // the nodes of a tree are boxed
    fn boxed(&mut self, node: Box<AstNode>, looped: bool) -> Result<Box<AstNode>, ParseError> {
        self.node(*node, looped).map(Box::new)
    }

    fn all(&mut self, nodes: Vec<AstNode>, looped: bool) -> Result<Vec<AstNode>, ParseError> {
        nodes
            .into_iter()
            .map(|node| self.node(node, looped))
            .collect()
    }

    fn all_kept(&mut self, nodes: Vec<AstNode>, looped: bool) -> Result<Vec<AstNode>, ParseError> {
        nodes
            .into_iter()
            .map(|node| self.kept(node, looped))
            .collect()
    }

    fn pairs(
        &mut self,
        pairs: Vec<(AstNode, AstNode)>,
        looped: bool,
    ) -> Result<Vec<(AstNode, AstNode)>, ParseError> {
        pairs
            .into_iter()
            .map(|(key, value)| {
                let value = if looped {
                    self.part(value, looped)?
                } else {
                    self.node(value, looped)?
                };
                Ok((self.node(key, looped)?, value))
            })
            .collect()
    }

    /// The items of an array constructor, each of which may be spliced in.
    fn items(&mut self, items: Vec<AstNode>, looped: bool) -> Result<Vec<AstNode>, ParseError> {
        let watched = looped || items.len() > FEW_ITEMS;
        items
            .into_iter()
            .map(|item| {
                let spliced = match &item {
                    AstNode::Binary {
                        op: BinaryOp::Range,
                        ..
                    } => true,
                    AstNode::Variable(_) | AstNode::Name(_) => {
                        watched && !self.scope.is_of_item(&item)
                    }
                    _ => return self.part(item, watched),
                };
                let item = self.node(item, looped)?;
                Ok(if spliced {
                    self.host(hosts::SPLICE, vec![item])
                } else {
                    item
                })
            })
            .collect()
    }

    /// A part of a constructor. The engine must see which parts are constructors themselves.
    fn part(&mut self, node: AstNode, looped: bool) -> Rewritten {
        let watched = match &node {
            AstNode::Array(_) | AstNode::Object(_) | AstNode::ArrayGroup(_) => false,
            // The engine looks for the names of `%` in the parts themselves.
            AstNode::Path { steps } => !matches!(
                steps.first().map(|step| &step.node),
                Some(AstNode::Array(_) | AstNode::Parent(_))
            ),
            node => self.scope.keep(node, looped) == Keep::Charge,
        };
        let node = self.node(node, looped)?;
        Ok(if watched && looped {
            self.host(hosts::CHARGE, vec![node])
        } else {
            node
        })
    }

    fn binary(&mut self, op: BinaryOp, lhs: AstNode, rhs: AstNode, looped: bool) -> Rewritten {
        let (lhs, rhs) = match op {
            BinaryOp::Concatenate => {
                let args = vec![self.node(lhs, looped)?, self.node(rhs, looped)?];
                return Ok(self.host(hosts::CONCAT, args));
            }
            BinaryOp::ColonEqual if matches!(rhs, AstNode::Lambda { .. }) => {
                (self.node(lhs, looped)?, self.node(rhs, looped)?)
            }
            BinaryOp::ColonEqual => (self.node(lhs, looped)?, self.kept(rhs, looped)?),
            BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In => {
                (self.bounded(lhs, looped)?, self.bounded(rhs, looped)?)
            }
            BinaryOp::ChainPipe => (self.kept(lhs, looped)?, self.chained(rhs, looped)?),
            _ => (self.node(lhs, looped)?, self.node(rhs, looped)?),
        };
        Ok(AstNode::Binary {
            op,
            lhs: Box::new(lhs),
            rhs: Box::new(rhs),
        })
    }

    /// An operand that is walked through, but not kept.
    fn bounded(&mut self, node: AstNode, looped: bool) -> Rewritten {
        if self.scope.keep(&node, looped) == Keep::Bound {
            self.kept(node, looped)
        } else {
            self.node(node, looped)
        }
    }

    /// The right side of `~>`, where a call gets the left side as its first argument.
    fn chained(&mut self, node: AstNode, looped: bool) -> Rewritten {
        match node {
            AstNode::Function {
                name,
                args,
                is_builtin,
            } => self.call(&name, args, is_builtin, looped, true),
            AstNode::Path { mut steps } if steps.len() == 1 => {
                let step = steps.remove(0);
                let PathStep { node, stages, .. } = step.clone();
                let mut step = PathStep {
                    stages: self.stages(stages)?,
                    ..step
                };
                step.node = self.chained(node, looped)?;
                Ok(AstNode::Path { steps: vec![step] })
            }
            other => self.node(other, looped),
        }
    }

    fn call(
        &mut self,
        name: &str,
        args: Vec<AstNode>,
        dollar: bool,
        looped: bool,
        chained: bool,
    ) -> Rewritten {
        let own = dollar && !self.scope.facts.bound.contains(name);
        let partial = args.iter().any(|arg| matches!(arg, AstNode::Placeholder));
        let given = args.len() + usize::from(chained);
        let scalar = own && gives_scalar(name);
        let walks = own && walks_items(name);
        let mut args = args
            .into_iter()
            .map(|arg| match arg {
                AstNode::Lambda { ref params, .. } if walks => {
                    let enclosing = Enclosing {
                        items: params
                            .iter()
                            .skip(usize::from(name == "reduce"))
                            .take(1)
                            .filter(|param| !self.scope.facts.assigned.contains(*param))
                            .cloned()
                            .collect(),
                        replaces: name == "reduce",
                    };
                    self.lambda(arg, enclosing)
                }
                arg => self.argument(arg, looped, scalar),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if !dollar {
            return Ok(AstNode::Function {
                name: name.to_owned(),
                args,
                is_builtin: false,
            });
        }
        if let Some(builtin) = builtins::find(name).filter(|_| own && !partial) {
            if given > builtin.max() {
                // The engine says what is wrong with it.
                return Ok(AstNode::Function {
                    name: name.to_owned(),
                    args,
                    is_builtin: true,
                });
            }
            if !chained && builtin.may_take_context(given) {
                args.insert(0, AstNode::Variable(String::new()));
                return Ok(self.host(builtin.contextual, args));
            }
        }
        Ok(AstNode::Function {
            name: self.named(name),
            args,
            is_builtin: true,
        })
    }

    fn regex(&mut self, pattern: &str, flags: String, largest: Largest) -> Rewritten {
        let parsed = Pattern::parse(pattern, &flags, largest)?;
        let node = AstNode::Regex {
            pattern: parsed.text.clone(),
            flags,
        };
        self.patterns.push(parsed);
        Ok(node)
    }

    fn argument(&mut self, node: AstNode, looped: bool, scalar: bool) -> Rewritten {
        match node {
            AstNode::Regex { pattern, flags } => self.regex(&pattern, flags, Largest::Argument),
            node if scalar => self.bounded(node, looped),
            node => self.kept(node, looped),
        }
    }

    fn steps(&mut self, steps: Vec<PathStep>, looped: bool) -> Result<Vec<PathStep>, ParseError> {
        let mut out = Vec::with_capacity(steps.len());
        for (index, mut step) in steps.into_iter().enumerate() {
            let node = std::mem::replace(&mut step.node, AstNode::Null);
            step.node = match node {
                // The engine takes the inner path's bindings out of such a step.
                node if step.inner_tuple => self.inner_tuple(node, looped || index > 0)?,
                AstNode::Block(_) | AstNode::FunctionApplication(_) if index > 0 => {
                    self.step_result(node, true)?
                }
                node => self.node(node, looped || index > 0)?,
            };
            step.stages = self.stages(std::mem::take(&mut step.stages))?;
            step.focus = step.focus.map(|name| self.named(&name));
            step.index_var = step.index_var.map(|name| self.named(&name));
            out.push(step);
        }
        Ok(out)
    }

    /// A step whose own bindings the path reads, so that nothing may stand around its result.
    fn inner_tuple(&mut self, node: AstNode, looped: bool) -> Rewritten {
        match node {
            AstNode::FunctionApplication(inner) => Ok(AstNode::FunctionApplication(Box::new(
                self.inner_tuple(*inner, looped)?,
            ))),
            node => self.node(node, looped),
        }
    }

    /// The result of a step, which the path collects.
    fn step_result(&mut self, node: AstNode, looped: bool) -> Rewritten {
        match node {
            AstNode::FunctionApplication(inner) => Ok(AstNode::FunctionApplication(Box::new(
                self.step_result(*inner, looped)?,
            ))),
            AstNode::Block(mut items) => {
                let last = items.pop();
                let mut items = self.all(items, looped)?;
                if let Some(last) = last {
                    items.push(self.step_result(last, looped)?);
                }
                Ok(AstNode::Block(items))
            }
            node => self.part(node, looped),
        }
    }

    fn stages(&mut self, stages: Vec<Stage>) -> Result<Vec<Stage>, ParseError> {
        stages
            .into_iter()
            .map(|stage| {
                Ok(match stage {
                    Stage::Filter(predicate) => Stage::Filter(self.boxed(predicate, true)?),
                    Stage::Index(name) => Stage::Index(self.named(&name)),
                    Stage::KeepArray => Stage::KeepArray,
                })
            })
            .collect()
    }

    fn named(&mut self, name: &str) -> String {
        let renamed = rename(name);
        if let Some(host) = hosts::find(renamed) {
            self.hosts.insert(host);
        }
        renamed.to_owned()
    }
}

/// The built-ins that call a function for each item of an array or object.
fn walks_items(name: &str) -> bool {
    matches!(
        name,
        "map" | "filter" | "single" | "each" | "sift" | "reduce"
    )
}
