//! States and flows. Impossible by the types: arguments of intrinsic functions that are objects, arrays or tokens; `JsonToString`
//! of a literal; a timeout and a path of it; variables of states that end the execution.

use stepmill::core::{ConstructError, Problem};
use stepmill::prelude::*;

/// What is wrong with a machine made in a stack, with the place of each.
pub(super) fn problems(features: &[Feature], build: impl FnOnce(&Stack)) -> Vec<String> {
    let app = features.iter().copied().fold(App::new(), App::feature);
    let stack = Stack::new(&app, "Stack");
    build(&stack);
    match stack.template() {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.into_iter().map(told).collect(),
    }
}

/// An error with its place and property.
fn told(error: ConstructError) -> String {
    match error.problem {
        Problem::Property { property, message } => format!("{}.{property}: {message}", error.path),
        other => format!("{}: {other}", error.path),
    }
}

/// That a machine which starts with a state is refused for one reason.
#[track_caller]
fn refused<T: Chainable>(problem: &str, definition: impl FnOnce(&Stack) -> T) {
    let found = problems(&[], |stack| {
        StateMachine::new(stack, "Machine", definition(stack));
    });
    assert_eq!(found, [problem]);
}

/// That a state is refused for one reason: what follows its path.
#[track_caller]
pub(super) fn refused_at(problem: &str, state: impl FnOnce(&Stack) -> State) {
    refused(&format!("Stack/S{problem}"), state);
}

fn pass(stack: &Stack, id: &str) -> State {
    Pass::new(stack, id).build()
}

#[test]
fn states_that_nothing_leads_to() {
    refused(
        "Stack/Machine: Cannot be reached from the start state 'A': 'B', 'C'",
        |stack| {
            let (a, b, c) = (pass(stack, "A"), pass(stack, "B"), pass(stack, "C"));
            Chain::start(&b).next(&a);
            Chain::start(&c).next(&b);
            a
        },
    );
    refused(
        "Stack/Machine: Cannot be reached from the start state 'A': 'C', 'E'",
        |stack| {
            let a = pass(stack, "A");
            let condition = Condition::is_present("$.x");
            Choice::new(stack, "C")
                .when(condition, pass(stack, "E"))
                .otherwise(&a)
                .build();
            a
        },
    );
}

#[test]
fn states_without_an_end() {
    refused(
        "Stack/Machine: No end can be reached from 'A', 'B': add a state that ends, or a branch that leads to one",
        |stack| {
            let (a, b) = (pass(stack, "A"), pass(stack, "B"));
            Chain::start(&a).next(&b).next(&a);
            a
        },
    );
    refused(
        "Stack/Machine: No end can be reached from 'A', 'B': add a state that ends, or a branch that leads to one",
        |stack| {
            let (a, b) = (pass(stack, "A"), pass(stack, "B"));
            Chain::start(&a).next(&b).next(&a);
            let condition = Condition::is_present("$.x");
            Choice::new(stack, "C")
                .when(condition, a)
                .otherwise(Succeed::new(stack, "D"))
        },
    );
    refused(
        "Stack/Machine: No end can be reached from 'X': add a state that ends, or a branch that leads to one",
        |stack| {
            let x = pass(stack, "X");
            Chain::start(&x).next(&x);
            Parallel::new(stack, "P").branch(x)
        },
    );
}

#[test]
fn names_that_are_used_twice() {
    refused(
        "Stack/Machine: State with name 'B' occurs in both Parallel 'P' branch 1 (B) and State Machine Machine definition (A, B, P). \
         All states must have unique names.",
        |stack| {
            let inner = stack.child("Inner");
            let parallel = Parallel::new(stack, "P").branch(Pass::new(&inner, "B"));
            pass(stack, "A").next(pass(stack, "B")).next(parallel)
        },
    );
}

#[test]
fn states_of_two_graphs() {
    refused(
        "Stack/X: Trying to use state 'X' in Parallel 'P' branch 2 (), but is already in Parallel 'P' branch 1 (X). \
         Every state can only be used in one graph.",
        |stack| {
            let x = pass(stack, "X");
            Parallel::new(stack, "P").branch(&x).branch(&x)
        },
    );
    let found = problems(&[], |stack| {
        let other = Stack::new(&App::new(), "Other");
        let chain = pass(stack, "A").next(pass(&other, "B"));
        StateMachine::new(stack, "Machine", chain);
    });
    assert_eq!(found, ["Stack/A: State 'B' belongs to another app"]);
    let found = problems(&[], |stack| {
        let other = Stack::new(&App::new(), "Other");
        StateMachine::new(stack, "Machine", pass(&other, "B"));
    });
    assert_eq!(found, ["Stack/Machine: State 'B' belongs to another app"]);
}

#[test]
fn states_that_are_connected_after_the_machine_was_made() {
    let found = problems(&[], |stack| {
        let (a, b) = (pass(stack, "A"), pass(stack, "B"));
        StateMachine::new(stack, "Machine", &a);
        b.next(a);
    });
    assert_eq!(
        found,
        ["Stack/Machine: Cannot be reached from the start state 'A': 'B'"]
    );
}

#[test]
fn chains() {
    refused(
        "Stack/A: Cannot add to chain: last state in chain (B) does not allow it",
        |stack| {
            let end = Succeed::new(stack, "B");
            pass(stack, "A").next(end).next(pass(stack, "C"))
        },
    );
    refused("Stack/A: State 'A' already has a next state", |stack| {
        let a = pass(stack, "A");
        Chain::start(&a).next(pass(stack, "B"));
        Chain::start(&a).next(pass(stack, "C"));
        a
    });
    refused(
        "Stack/B: State 'B' ends the execution: no state can follow it",
        |stack| {
            let end = Succeed::new(stack, "B").build();
            let a = pass(stack, "A").next(&end);
            Chain::custom(end.clone(), vec![end], "B".to_owned()).next(pass(stack, "C"));
            a
        },
    );
}

#[test]
fn choices() {
    refused(
        "Stack/S: Choice 'S' must have at least one branch",
        |stack| Choice::new(stack, "S").otherwise(pass(stack, "A")),
    );
    refused(
        "Stack/S: Choice 'S' already has a default next state",
        |stack| {
            let condition = Condition::is_null("$.a");
            let choice = Choice::new(stack, "S").when(condition, pass(stack, "A"));
            choice
                .otherwise(pass(stack, "B"))
                .otherwise(pass(stack, "A2"))
        },
    );
    refused(
        "Stack/S: 'includeOtherwise' set but Choice state S already has an 'otherwise' transition",
        |stack| {
            let condition = Condition::is_null("$.a");
            let choice = Choice::new(stack, "S").when(condition, pass(stack, "A"));
            let options = AfterwardsOptions {
                include_otherwise: true,
                ..AfterwardsOptions::default()
            };
            choice.otherwise(pass(stack, "B")).afterwards_with(options)
        },
    );
    refused(
        "Stack/A: State 'A' is a Pass state, not a Choice state",
        |stack| {
            let a = pass(stack, "A");
            a.add_choice(
                Condition::is_null("$.a"),
                pass(stack, "B"),
                ChoiceTransitionOptions::default(),
            );
            a
        },
    );
}

#[test]
fn conditions() {
    let when = |problem: &str, condition: Condition| {
        refused_at(problem, |stack| {
            Choice::new(stack, "S")
                .when(condition, pass(stack, "A"))
                .build()
        });
    };
    when(
        ".condition: Variable reference must be '$', start with '$.', or start with '$[', got 'a'",
        Condition::is_string("a"),
    );
    when(
        ".condition: Must supply at least one inner condition for a logical combination",
        Condition::and([]),
    );
    when(
        ".condition: Must supply at least one inner condition for a logical combination",
        Condition::not(Condition::or([])),
    );
    when(
        ".condition: StringEquals compares with a literal: for what is at $.b, use the method with json_path",
        Condition::string_equals("$.a", JsonPath::string_at("$.b")),
    );
    when(
        ".condition: The condition is in JSONata, but the query language of the state is JSONPath",
        Condition::jsonata("{% true %}"),
    );
    when(
        ".condition: A JSONata condition cannot be part of another: combine conditions within the expression",
        Condition::not(Condition::jsonata("{% true %}")),
    );
    refused_at(
        ".condition: JSONata expression must start with '{%' and end with '%}', got 'true'",
        |stack| {
            let choice = Choice::new(stack, "S").jsonata();
            choice
                .when(Condition::jsonata("true"), pass(stack, "A"))
                .build()
        },
    );
    refused_at(
        ".condition: The condition is in JSONPath, but the query language of the state is JSONata",
        |stack| {
            let choice = Choice::new(stack, "S").jsonata();
            choice
                .when(Condition::is_null("$.a"), pass(stack, "A"))
                .build()
        },
    );
}

#[test]
fn failures() {
    let functions = "States.Format, States.JsonToString, States.ArrayGetItem, States.Base64Encode, States.Base64Decode, \
                     States.Hash, States.UUID";
    let fail = |problem: &str, fail: fn(Fail) -> Fail| {
        refused_at(problem, |stack| fail(Fail::new(stack, "S")).build());
    };
    fail(
        ".error_path: Fail state cannot have both error and errorPath",
        |fail| fail.error("E").error_path("$.e"),
    );
    fail(
        ".cause_path: Fail state cannot have both cause and causePath",
        |fail| fail.cause("E").cause_path("$.e"),
    );
    fail(
        &format!(
            ".error_path: You must specify a valid intrinsic function in errorPath. Must be one of {functions}"
        ),
        |fail| fail.error_path("States.MathAdd(1, 2)"),
    );
    fail(
        &format!(
            ".cause_path: You must specify a valid intrinsic function in causePath. Must be one of {functions}"
        ),
        |fail| fail.cause_path("States.Array(1)"),
    );
    fail(
        ".cause: 'cause' is taken as it stands, so that it cannot refer to $.c",
        |fail| fail.cause(JsonPath::string_at("$.c")),
    );
}

#[test]
fn parallel_states_and_error_handlers() {
    refused_at(": Parallel must have at least one branch", |stack| {
        Parallel::new(stack, "S").build()
    });
    refused_at(
        ".errors: States.ALL must appear alone in an error list",
        |stack| {
            let retry = Retry::on([Errors::ALL, Errors::TIMEOUT]);
            Parallel::new(stack, "S")
                .branch(pass(stack, "A"))
                .retry(retry)
                .build()
        },
    );
    refused_at(
        ".errors: States.ALL must appear alone in an error list",
        |stack| {
            let catch = Catch::on([Errors::ALL, Errors::TIMEOUT]);
            let parallel = Parallel::new(stack, "S").branch(pass(stack, "A"));
            parallel.catch(pass(stack, "B"), catch).build()
        },
    );
    refused_at(
        ".retry: State 'S' is a Pass state: only Task, Parallel and Map states handle errors",
        |stack| {
            let state = pass(stack, "S");
            state.add_retry(Retry::all());
            state
        },
    );
}

#[test]
fn paths_and_templates() {
    refused_at(
        ".output_path: Expected JSON path to start with '$', got: input",
        |stack| Succeed::new(stack, "S").output_path("input").build(),
    );
    refused_at(
        ".parameters: Cannot use JsonPath fields in an array, they must be used in objects",
        |stack| {
            let parameters = object! {"a": [JsonPath::string_at("$.a")]};
            Pass::new(stack, "S").parameters(parameters).build()
        },
    );
    refused_at(
        ".parameters: 'parameters' cannot be a path as a whole: write an object with a member that is $.a",
        |stack| {
            let pass = Pass::new(stack, "S");
            pass.parameters(JsonPath::string_at("$.a")).build()
        },
    );
    refused_at(
        ".parameters: Field references must be the entire string, cannot concatenate them (found 'Hello ${$.name}')",
        |stack| {
            let greeting = Text::from("Hello ").then(JsonPath::string_at("$.name"));
            Pass::new(stack, "S")
                .parameters(object! {"a": greeting})
                .build()
        },
    );
    refused_at(
        ".parameters: JSON path values must be exactly '$', '$$', start with '$', start with '$$.', start with '$[', or start with an \
         intrinsic function: States.Array, States.ArrayPartition, States.ArrayContains, States.ArrayRange, \
         States.ArrayGetItem, States.ArrayLength, States.ArrayUnique, States.Base64Encode, States.Base64Decode, \
         States.Hash, States.JsonMerge, States.StringToJson, States.JsonToString, States.MathRandom, States.MathAdd, \
         States.StringSplit, States.UUID, or States.Format. Received: input.x",
        |stack| {
            let parameters = object! {"a": JsonPath::string_at("input.x")};
            Pass::new(stack, "S").parameters(parameters).build()
        },
    );
    refused_at(
        ".state_json: The JSON of a custom state must be an object",
        |stack| CustomState::new(stack, "S", "Pass").build(),
    );
}

/// Gives a state one property.
type Given = fn(Pass) -> Pass;

#[test]
fn properties_of_the_other_query_language() {
    let wait = |time: WaitTime| move |stack: &Stack| Wait::new(stack, "S", time).build();
    let only = |property: &str, language: &str, own: &str| {
        format!(
            ".{property}: '{property}' can only be used where the query language is {language}, but it is {own}"
        )
    };
    let in_json_path = |property: &str| only(property, "JSONata", "JSONPath");
    let in_jsonata = |property: &str| only(property, "JSONPath", "JSONata");
    refused_at(&in_json_path("seconds"), wait(WaitTime::seconds("{% 1 %}")));
    refused_at(&in_json_path("outputs"), |stack| {
        Pass::new(stack, "S").outputs("{% 1 %}").build()
    });
    refused_at(&in_json_path("arguments"), |stack| {
        let parallel = Parallel::new(stack, "S").branch(Pass::new(stack, "A"));
        parallel.arguments("{% 1 %}").build()
    });
    refused_at(&in_json_path("items"), |stack| {
        let map = Map::new(stack, "S").item_processor(Pass::new(stack, "A"));
        map.items(ProvideItems::jsonata("{% [] %}")).build()
    });
    let jsonata: [(&str, Given); 6] = [
        ("input_path", |pass| pass.input_path("$.a")),
        ("output_path", |pass| pass.output_path(JsonPath::DISCARD)),
        ("result_path", |pass| pass.result_path("$.a")),
        ("result_selector", |pass| {
            pass.result_selector(object! {"a": 1})
        }),
        ("parameters", |pass| pass.parameters(object! {"a": 1})),
        ("result", |pass| pass.result(1)),
    ];
    for (property, given) in jsonata {
        refused_at(&in_jsonata(property), |stack| {
            given(Pass::new(stack, "S").jsonata()).build()
        });
    }
    refused_at(
        ".outputs: `$.a` is a JSON path, but the query language is JSONata: write an expression between {% and %}",
        |stack| {
            let outputs = object! {"a": JsonPath::string_at("$.a")};
            Pass::new(stack, "S").jsonata().outputs(outputs).build()
        },
    );
}
