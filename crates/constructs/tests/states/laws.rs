//! What holds for all values and all graphs.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value as Json;
use stepmill::prelude::*;
use stepmill::value::FieldUtils;

use super::definition_in;

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        // Also what looks like a path or an expression is nothing but a text.
        "[a-z${}%.() ]{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-z]{0,4}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<Json>()),
        ]
    })
}

/// A part of a workflow.
#[derive(Debug, Clone)]
enum Shape {
    Pass,
    Wait,
    Sequence(Vec<Shape>),
    /// Branches, and whether there is an `otherwise`.
    Choice(Vec<Shape>, bool),
    Parallel(Vec<Shape>),
    /// Whether as an item processor.
    Map(Box<Shape>, bool),
    /// Done again until a choice leads out.
    Again(Box<Shape>),
    /// Done together, with a handler of errors that ends the execution or not.
    Guarded(Box<Shape>, bool),
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![Just(Shape::Pass), Just(Shape::Wait)];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        let one = inner.prop_map(Box::new);
        prop_oneof![
            several.clone().prop_map(Shape::Sequence),
            (several.clone(), any::<bool>()).prop_map(|(of, default)| Shape::Choice(of, default)),
            several.prop_map(Shape::Parallel),
            (one.clone(), any::<bool>()).prop_map(|(of, newer)| Shape::Map(of, newer)),
            one.clone().prop_map(Shape::Again),
            (one, any::<bool>()).prop_map(|(of, fails)| Shape::Guarded(of, fails)),
        ]
    })
}

/// Makes the states of shapes, each with a name of its own.
struct Builder<'a> {
    stack: &'a Stack,
    states: usize,
}

impl Builder<'_> {
    fn name(&mut self) -> String {
        self.states += 1;
        format!("S{}", self.states)
    }

    fn pass(&mut self) -> State {
        let name = self.name();
        Pass::new(self.stack, &name).build()
    }

    fn all(&mut self, shapes: &[Shape]) -> Vec<Chain> {
        shapes.iter().map(|shape| self.build(shape)).collect()
    }

    fn build(&mut self, shape: &Shape) -> Chain {
        let stack = self.stack;
        match shape {
            Shape::Pass => self.pass().into_chain(),
            Shape::Wait => {
                let time = WaitTime::duration(Duration::minutes(1));
                Wait::new(stack, &self.name(), time).into_chain()
            }
            Shape::Sequence(shapes) => {
                let chains = self.all(shapes).into_iter();
                chains.reduce(Chainable::next).unwrap()
            }
            Shape::Choice(shapes, default) => {
                let mut choice = Choice::new(stack, &self.name());
                for chain in self.all(shapes) {
                    choice = choice.when(Condition::is_present("$.x"), chain);
                }
                if *default {
                    choice = choice.otherwise(self.pass());
                }
                choice.afterwards_with(AfterwardsOptions {
                    include_error_handlers: true,
                    include_otherwise: !default,
                })
            }
            Shape::Parallel(shapes) => {
                let parallel = Parallel::new(stack, &self.name());
                let branches = self.all(shapes).into_iter();
                branches.fold(parallel, Parallel::branch).into_chain()
            }
            Shape::Map(shape, newer) => {
                let map = Map::new(stack, &self.name());
                let inside = self.build(shape);
                match newer {
                    true => map.item_processor(inside).into_chain(),
                    false => map.iterator(inside).into_chain(),
                }
            }
            Shape::Again(shape) => {
                let body = self.build(shape);
                let start = body.start_state().clone();
                let done = self.pass();
                let choice = Choice::new(stack, &self.name())
                    .when(Condition::boolean_equals("$.again", true), &start)
                    .otherwise(&done);
                body.next(choice);
                Chain::custom(start, vec![done.clone()], done.id())
            }
            Shape::Guarded(shape, fails) => {
                let handler = self.name();
                let handler = match fails {
                    true => Fail::new(stack, &handler).error("E").build(),
                    false => Pass::new(stack, &handler).build(),
                };
                let name = self.name();
                let single = self.build(shape).to_single_state(stack, &name);
                single.catch(handler, Catch::all()).into_chain()
            }
        }
    }
}

/// The names of the states of a graph and of all within it.
fn names(graph: &Json, found: &mut Vec<String>) {
    for (name, state) in graph["States"].as_object().unwrap() {
        found.push(name.clone());
        let branches = state["Branches"].as_array().into_iter().flatten();
        let inside = ["Iterator", "ItemProcessor"]
            .iter()
            .filter_map(|name| state.get(name));
        for graph in branches.chain(inside) {
            names(graph, found);
        }
    }
}

proptest! {
    #[test]
    fn a_value_without_paths_is_its_own_template(json in json()) {
        let value = Value::from(json);
        prop_assert!(FieldUtils::find_referenced_paths(&value).is_empty());
        prop_assert_eq!(FieldUtils::render_object(&value), Ok(value));
    }

    #[test]
    fn a_member_that_is_a_path_is_renamed_and_nothing_else_changes(json in json(), name in "[a-z]{1,4}") {
        let path = JsonPath::string_at("$.path");
        let mut members = Object::new();
        members.insert("before".to_owned(), json.clone().into());
        members.insert(name.clone(), path.into());
        let rendered = FieldUtils::render_object(&members.into()).unwrap();
        prop_assert_eq!(rendered.get("before"), Some(&json.into()));
        prop_assert_eq!(rendered.get(&format!("{name}.$")), Some(&"$.path".into()));
        prop_assert_eq!(rendered.as_object().unwrap().len(), 2);
    }

    #[test]
    fn logical_ids_are_plain_short_and_different(
        paths in prop::collection::btree_set(prop::collection::vec("[a-zA-Z0-9 _-]{1,90}", 2..5), 2..6)
    ) {
        let id = |path: &Vec<String>| {
            let stack = Stack::new(&App::new(), "Stack");
            let scope = path.iter().fold(stack.stack_scope(), |scope, id| scope.child(id));
            scope.logical_id()
        };
        let is_default = |path: &Vec<String>| path.iter().any(|id| id == "Default");
        let paths: Vec<_> = paths.into_iter().filter(|path| !is_default(path)).collect();
        let ids: BTreeSet<String> = paths.iter().map(id).collect();
        prop_assert_eq!(ids.len(), paths.len());
        for path in &paths {
            let plain = id(path);
            prop_assert!(plain.len() <= 248 && plain.chars().all(|c| c.is_ascii_alphanumeric()));
            let mut with_default = path.clone();
            with_default.insert(1, "Default".to_owned());
            prop_assert_eq!(id(&with_default), plain);
        }
    }

    #[test]
    fn every_graph_is_a_definition_that_has_each_state_once(shape in shape()) {
        let stack = Stack::new(&App::new(), "Stack");
        let mut builder = Builder { stack: &stack, states: 0 };
        let chain = builder.build(&shape);
        let made = builder.states;
        StateMachine::new(&stack, "Machine", chain);
        let definition = definition_in(&stack);
        let parsed = stepmill_asl::parse(&definition.to_string(), &stepmill_asl::Options::default());
        prop_assert_eq!(parsed.diagnostics, []);
        let mut found = Vec::new();
        names(&definition, &mut found);
        let all: BTreeSet<&String> = found.iter().collect();
        prop_assert_eq!((found.len(), all.len()), (made, made));
    }
}
