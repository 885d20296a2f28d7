//! Choice: goes on by conditions.

use super::chain::{Chain, Chainable};
use super::condition::Condition;
use super::options::{
    Assigning, InputOutput, QueryLanguage, StateBuilder, StateOptions, state_builder,
};
use super::reach::FindStateOptions;
use super::render::{Members, Rendering};
use super::state::{Kind, Node, State, StateIndex};
use crate::core::{Problem, Scope};
use crate::value::Value;

/// A state that goes on with the first branch whose condition is true.
#[derive(Debug, Clone)]
#[must_use]
pub struct Choice {
    scope: Scope,
    options: StateOptions,
    branches: Vec<(Condition, State, ChoiceTransitionOptions)>,
    otherwise: Vec<State>,
}

/// What else can be said of a branch of a Choice state.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct ChoiceTransitionOptions {
    comment: Option<String>,
    assign: Option<Value>,
    outputs: Option<Value>,
}

/// Which of the states that can be reached from a Choice state the chain goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AfterwardsOptions {
    /// Also those that are only reached after errors.
    pub include_error_handlers: bool,
    /// Also the Choice state itself, where no branch's condition is true: what follows becomes its `otherwise`.
    pub include_otherwise: bool,
}

/// The branches of a Choice state in the arena.
#[derive(Debug, Default)]
pub(crate) struct Branches {
    pub(super) branches: Vec<Branch>,
    pub(super) default: Option<StateIndex>,
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) condition: Condition,
    pub(super) next: StateIndex,
    pub(super) options: ChoiceTransitionOptions,
}

impl Choice {
    /// A state without branches; at least one must be added.
    pub fn new(scope: &Scope, id: &str) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            branches: Vec::new(),
            otherwise: Vec::new(),
        }
    }

    /// If the condition is true, goes on with a state or a chain.
    pub fn when(self, condition: Condition, next: impl Chainable) -> Self {
        self.when_with(condition, next, ChoiceTransitionOptions::default())
    }

    /// If the condition is true, goes on with a state or a chain; with a comment, variables or an output for this branch.
    pub fn when_with(
        mut self,
        condition: Condition,
        next: impl Chainable,
        options: ChoiceTransitionOptions,
    ) -> Self {
        let next = next.into_chain().start_state().clone();
        self.branches.push((condition, next, options));
        self
    }

    /// If no condition is true, goes on with a state or a chain. Without it the execution fails then.
    pub fn otherwise(mut self, next: impl Chainable) -> Self {
        self.otherwise.push(next.into_chain().start_state().clone());
        self
    }

    /// A chain that goes on from the ends of all branches.
    pub fn afterwards(self) -> Chain {
        self.afterwards_with(AfterwardsOptions::default())
    }

    /// A chain that goes on from the ends of all branches, and from what the options say.
    pub fn afterwards_with(self, options: AfterwardsOptions) -> Chain {
        self.build().afterwards(options)
    }
}

state_builder!(Choice, build);

impl Assigning for Choice {}
impl InputOutput for Choice {}

fn build(choice: Choice) -> State {
    let kind = Kind::Choice(Branches::default());
    let state = State::new(&choice.scope, choice.options, kind);
    for (condition, next, options) in choice.branches {
        state.add_choice(condition, next, options);
    }
    for next in choice.otherwise {
        state.make_default(next);
    }
    state
}

impl ChoiceTransitionOptions {
    /// A comment for people who read the definition.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Variables to assign if the branch is taken.
    pub fn assign(mut self, variables: impl Into<Value>) -> Self {
        self.assign = Some(variables.into());
        self
    }

    /// The output if the branch is taken. JSONata only.
    pub fn outputs(mut self, outputs: impl Into<Value>) -> Self {
        self.outputs = Some(outputs.into());
        self
    }
}

impl State {
    /// Adds a branch to a Choice state.
    pub fn add_choice(
        &self,
        condition: Condition,
        next: impl Chainable,
        options: ChoiceTransitionOptions,
    ) {
        if let Some(problem) = condition.problem() {
            self.report(Problem::property("condition", problem));
        }
        let next = next.into_chain().start_state().clone();
        if !self.check_same_app(&next) {
            return;
        }
        let branch = Branch {
            condition,
            next: next.index(),
            options,
        };
        let added = self.change(|node| match &mut node.kind {
            Kind::Choice(choice) => {
                choice.branches.push(branch);
                true
            }
            _ => false,
        });
        match added {
            true => self.leads_to(&next),
            false => self.is_no("Choice"),
        }
    }

    /// Where a Choice state goes on if no condition is true.
    pub fn make_default(&self, next: impl Chainable) {
        let next = next.into_chain().start_state().clone();
        if !self.check_same_app(&next) {
            return;
        }
        let before = self.change(|node| match &mut node.kind {
            Kind::Choice(choice) => Some(choice.default.replace(next.index())),
            _ => None,
        });
        match before {
            Some(None) => self.leads_to_by_default(&next),
            Some(Some(_)) => {
                let message = format!("Choice '{}' already has a default next state", self.id());
                self.report(Problem::graph(message, [self.id()]));
            }
            None => self.is_no("Choice"),
        }
    }

    /// A chain that starts with a Choice state and goes on from the ends of all its branches.
    pub fn afterwards(&self, options: AfterwardsOptions) -> Chain {
        let found = FindStateOptions {
            include_error_handlers: options.include_error_handlers,
        };
        let mut ends = Self::filter_nextables(Self::find_reachable_end_states(self, found));
        let has_default =
            matches!(&self.node().kind, Kind::Choice(choice) if choice.default.is_some());
        if options.include_otherwise && has_default {
            let message = format!(
                "'includeOtherwise' set but Choice state {} already has an 'otherwise' transition",
                self.state_id()
            );
            self.report(Problem::graph(message, [self.state_id()]));
        } else if options.include_otherwise {
            ends.push(self.clone());
        }
        Chain::custom(self.clone(), ends, self.id())
    }
}

impl Branches {
    /// The states that it may go on with, in the CDK's order.
    pub(super) fn outgoing(&self) -> impl Iterator<Item = StateIndex> {
        let branches = self.branches.iter().map(|branch| branch.next);
        self.default.into_iter().chain(branches)
    }
}

impl Rendering<'_> {
    pub(super) fn choices(&self, node: &Node, choice: &Branches, members: &mut Members) {
        let branches = choice.branches.iter();
        let branches: Vec<Value> = branches.map(|branch| self.choice(node, branch)).collect();
        members.add("Choices", Some(branches));
        members.add("Default", choice.default.map(|state| self.state_id(state)));
    }

    fn choice(&self, node: &Node, branch: &Branch) -> Value {
        let language = self.language(node);
        if branch.condition.language() != Some(language) {
            let message = match branch.condition.language() {
                Some(other) => format!(
                    "The condition is in {}, but the query language of the state is {}",
                    other.name(),
                    language.name()
                ),
                None => "A JSONata condition cannot be part of another: combine conditions within the expression".to_owned(),
            };
            node.place.report(Problem::property("condition", message));
        }
        let mut members = Members(branch.condition.render_condition());
        let options = &branch.options;
        if options.outputs.is_some() {
            self.only_in(node, QueryLanguage::Jsonata, "outputs");
        }
        members.add(
            "Output",
            self.template(node, "outputs", options.outputs.as_ref()),
        );
        members.add(
            "Assign",
            self.template(node, "assign", options.assign.as_ref()),
        );
        members.add("Next", Some(self.state_id(branch.next)));
        members.add("Comment", options.comment.clone());
        members.0.into()
    }
}
