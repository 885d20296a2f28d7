//! The state to test: one by itself, or one of a state machine.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use stepmill_asl::model::{
    Distributed, ItemReader, Map, ProcessorMode, State, StateId, StateKind, StateMachine,
    WorkflowId,
};
use stepmill_asl::parse::{Options, Parsed, parse};

use crate::error::Error;
use crate::machines::definition::refusal;

/// What a state that stands by itself is called (observed on AWS).
const NAME: &str = "StateName";

/// A state with the machine that it is part of.
pub(super) struct Tested {
    pub(super) machine: StateMachine,
    pub(super) id: StateId,
}

impl Tested {
    /// Reads a definition: a state, or a state machine with a state of that name.
    pub(super) fn new(definition: &str, name: Option<&str>) -> Result<Self, Error> {
        let machine = match name {
            Some(_) => machine(parse(definition, &options()))?,
            None => machine_around(definition)?,
        };
        let name = name.unwrap_or(NAME);
        // Names are unique in the whole machine, nested states included.
        let states = machine.states.iter().zip(0..);
        let found = states
            .filter(|(state, _)| &*state.name == name)
            .map(|(_, index)| StateId(index))
            .next();
        match found {
            Some(id) => Ok(Self { machine, id }),
            None => Err(Error::validation("State not found in definition")),
        }
    }

    pub(super) fn state(&self) -> &State {
        self.machine.state(self.id)
    }

    /// The Map state that it is, if it is one.
    pub(super) fn map(&self) -> Option<&Map> {
        match &self.state().kind {
            StateKind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The distributed Map state that it is, if it is one.
    pub(super) fn distributed(&self) -> Option<&Distributed> {
        match &self.map()?.mode {
            ProcessorMode::Distributed(distributed) => Some(distributed),
            ProcessorMode::Inline => None,
        }
    }

    /// Its `ItemReader`, which must exist.
    pub(super) fn item_reader(&self) -> Result<&ItemReader, Error> {
        self.distributed()
            .and_then(|distributed| distributed.item_reader.as_ref())
            .ok_or_else(|| {
                Error::validation(
                    "TestState supports MapItemReaderData only for Map states with an ItemReader.",
                )
            })
    }

    /// Whether it is run for the items of a Map state.
    pub(super) fn is_in_map(&self) -> bool {
        self.around(self.state().workflow)
            .any(|state| matches!(state.kind, StateKind::Map(_)))
    }

    /// Whether the state of that name is part of a branch or iteration of this one.
    pub(super) fn holds(&self, name: &str) -> bool {
        let states = self.machine.states.iter();
        let mut named = states.filter(|state| &*state.name == name);
        named.any(|state| {
            self.around(state.workflow)
                .any(|around| std::ptr::eq(around, self.state()))
        })
    }

    /// The states around a workflow, from within.
    fn around(&self, workflow: WorkflowId) -> impl Iterator<Item = &State> {
        let mut workflow = workflow;
        std::iter::from_fn(move || {
            let state = self.machine.state(self.machine.workflow(workflow).parent?);
            workflow = state.workflow;
            Some(state)
        })
    }
}

fn options() -> Options<'static> {
    Options {
        services: &stepmill_catalog::recognizes,
        ..Options::default()
    }
}

fn machine(parsed: Parsed) -> Result<StateMachine, Error> {
    match parsed.machine {
        Some(machine) => Ok(machine),
        None => Err(refusal(&parsed)),
    }
}

/// The least machine that a state by itself can be part of: all its targets end it.
fn machine_around(definition: &str) -> Result<StateMachine, Error> {
    let alone = parse(definition, &options());
    // As a machine it lacks everything; whether it can be read as JSON is known.
    let Some(state) = &alone.document else {
        return Err(refusal(&alone));
    };
    let mut targets = BTreeSet::new();
    targets_of(state, &mut targets);
    targets.remove(NAME);
    let mut around = format!(r#"{{"StartAt":"{NAME}","States":{{"{NAME}":{definition}"#);
    for target in targets {
        // Writing to a text cannot fail.
        let _ = write!(around, r#",{}:{{"Type":"Succeed"}}"#, Value::from(target));
    }
    around.push_str("}}");
    let options = Options {
        max_bytes: around.len(),
        ..options()
    };
    machine(parse(&around, &options))
}

/// Where a state leads, itself or by a rule or a catcher.
fn targets_of<'a>(state: &'a Value, targets: &mut BTreeSet<&'a str>) {
    let lists = ["Choices", "Catch"].map(|name| state.get(name).and_then(Value::as_array));
    let fields = [state.get("Next"), state.get("Default")];
    let entries = lists.into_iter().flatten().flatten();
    let next = entries.map(|entry| entry.get("Next"));
    let texts = fields.into_iter().chain(next).flatten();
    targets.extend(texts.filter_map(Value::as_str));
}
