//! The machine as a whole, and the workflows within it.

use crate::diagnostic::Code;
use crate::model::{QueryLanguage, State, StateId, StateMachine, Workflow, WorkflowId};

use super::assign::Scope;
use super::checker::Checker;
use super::fields::{Field, Object, both};
use super::graph::{Targets, can_be_followed};
use super::number::{Bounds, MAX_SECONDS};
use super::source::{Kind, Node, Place};

const MACHINE: &[Field] = &[
    both("Comment"),
    both("QueryLanguage"),
    both("StartAt"),
    both("States"),
    both("TimeoutSeconds"),
    both("Version"),
];

const BRANCH: &[Field] = &[both("Comment"), both("StartAt"), both("States")];

const PROCESSOR: &[Field] = &[
    both("Comment"),
    both("ProcessorConfig"),
    both("StartAt"),
    both("States"),
];

/// The longest name of a state, in characters.
const MAX_STATE_NAME: usize = 80;

/// Where a workflow stands.
#[derive(Clone, Copy)]
pub(crate) enum Around<'s> {
    /// It is the machine's own.
    Machine,
    /// It is a branch of a Parallel state.
    Branch(StateId, &'s Scope<'s>),
    /// It is the item processor of a Map state; a distributed one's does not see the variables.
    Processor(StateId, Option<&'s Scope<'s>>),
}

/// What the states of one workflow have in common.
pub(crate) struct Inside<'s> {
    pub(crate) workflow: WorkflowId,
    pub(crate) targets: &'s Targets<'s>,
    pub(crate) scope: &'s Scope<'s>,
}

impl Checker<'_> {
    /// The whole definition.
    pub(crate) fn machine(&mut self, root: &Node) -> Option<StateMachine> {
        let head = root.bytes.start..root.bytes.start + 1;
        let object = self.object(root, Place::ROOT, head)?;
        self.known_fields(&object, "a state machine", MACHINE, None);
        let comment = self.comment(&object);
        let version = self.version(&object);
        self.language = self.query_language(&object, QueryLanguage::default());
        let bounds = Bounds {
            least: 0,
            most: MAX_SECONDS,
        };
        let timeout_seconds = self.integer(&object, "TimeoutSeconds", bounds);
        self.workflow(&object, Around::Machine);
        Some(StateMachine {
            comment,
            version,
            query_language: self.language,
            timeout_seconds,
            workflows: self.workflows.drain(..).collect::<Option<_>>()?,
            states: self.states.drain(..).collect::<Option<_>>()?,
        })
    }

    fn version(&mut self, object: &Object<'_>) -> Option<String> {
        let version = self.text(object, "Version")?;
        if version != "1.0" {
            let message = "Value should be one of the following: [1.0]";
            let help = "\"1.0\" is the only version; it may be left out";
            self.bad_value(object, "Version", message, help);
            return None;
        }
        Some(version.to_owned())
    }

    /// `QueryLanguage`. Any value other than `JSONPath` counts as JSONata, as observed on AWS.
    pub(crate) fn query_language(
        &mut self,
        object: &Object<'_>,
        inherited: QueryLanguage,
    ) -> QueryLanguage {
        match object.get("QueryLanguage").map(|node| &node.kind) {
            None => inherited,
            Some(Kind::String(text)) if text == "JSONPath" => QueryLanguage::JsonPath,
            Some(_) => self
                .keyword(object, "QueryLanguage")
                .unwrap_or(QueryLanguage::Jsonata),
        }
    }

    /// One `States` object with its `StartAt`. Its id is given out even if it is broken.
    pub(crate) fn workflow(&mut self, object: &Object<'_>, around: Around<'_>) -> WorkflowId {
        let (parent, outer) = match around {
            Around::Machine => (None, None),
            Around::Branch(parent, scope) => {
                self.known_fields(object, "a branch", BRANCH, None);
                (Some(parent), Some(scope))
            }
            Around::Processor(parent, scope) => {
                self.known_fields(object, "an item processor", PROCESSOR, None);
                (Some(parent), scope)
            }
        };
        let id = WorkflowId(index(self.workflows.len()));
        self.workflows.push(None);
        self.required(object, &["States", "StartAt"]);
        let comment = match around {
            Around::Machine => None,
            _ => self.comment(object),
        };
        let states = self.object_field(object, "States");
        let Some(states) = states else {
            self.text(object, "StartAt");
            return id;
        };
        if states.members.is_empty() {
            let help = "add a state";
            self.bad_value(object, "States", "Value cannot be empty", help);
            return id;
        }
        let first = index(self.states.len());
        self.states
            .resize_with(self.states.len() + states.members.len(), || None);
        let targets = Targets::new(states.members, first);
        let start_at = self.target(object, "StartAt", &targets);
        let scope = Scope::new(states.members, outer);
        let inside = Inside {
            workflow: id,
            targets: &targets,
            scope: &scope,
        };
        for (at, member) in states.members.iter().enumerate() {
            let place = states.place.key(&member.key);
            let state_id = StateId(first + index(at));
            // The same key twice in one object has been told of by the reader.
            if targets.is(&member.key, state_id) {
                self.state_name(&member.key, &place, &member.key_bytes);
            }
            let state = self.object(&member.value, place, member.key_bytes.clone());
            let state: Option<State> =
                state.and_then(|object| self.state(&object, &member.key, state_id, &inside));
            if let Some(slot) = self.states.get_mut(state_id.0 as usize) {
                *slot = state;
            }
        }
        let start = object.get("StartAt").and_then(Node::as_str);
        // What a broken transition leads to is unknown; that it is broken has been told of.
        if let Some(start) = start
            && can_be_followed(states.members)
            && (parent.is_some() || self.ends(states.members, &states.head))
        {
            self.reachable(states.members, start, &states.place);
        }
        if let (Some(start_at), Some(slot)) = (start_at, self.workflows.get_mut(id.0 as usize)) {
            *slot = Some(Workflow {
                start_at,
                states: (first..).map(StateId).take(states.members.len()).collect(),
                parent,
                comment,
            });
        }
        id
    }

    fn state_name(&mut self, name: &str, place: &Place<'_>, bytes: &std::ops::Range<usize>) {
        let code = Code::InvalidStateName;
        if name.is_empty() {
            let message = "Invalid State name: the name is empty";
            self.report(code, Some(place), bytes, message, "name the state");
        } else if name.chars().count() > MAX_STATE_NAME {
            let message = format!(
                "Invalid State name: {name} exceeds the {MAX_STATE_NAME}-character limit allowed by the service"
            );
            let help = format!("it has {} characters", name.chars().count());
            self.report(code, Some(place), bytes, message, help);
        }
        if !self.state_names.insert(name.to_owned()) {
            let message = format!("Duplicate State name: {name}");
            let help =
                "a name is used once in the whole machine, branches and item processors included";
            let code = Code::DuplicateStateName;
            self.report(code, Some(place), bytes, message, help);
        }
    }
}

/// An index as the ids have it. A definition of 1 MiB has far fewer states.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
