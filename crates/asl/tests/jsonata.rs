//! Expressions as Step Functions evaluates them: results and error texts from
//! `data/jsonata/cases.json`, what an expression reads, and limits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use stepmill_asl::World;
use stepmill_asl::jsonata::{
    Bindings, EvaluationError, Expression, StatesUse, delimited, is_half_open,
};

fn world() -> World {
    World::new("2024-11-22T12:34:56.789Z".parse().unwrap(), 7)
}

/// Each case has `expr`, perhaps `variables` besides `name`, and one of: `result`; `text`, the
/// digits of a number; `error`, the error's whole text; `fails`, any failure; `parse`, the code of
/// the parser's error.
#[test]
fn cases() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/jsonata/cases.json")).unwrap();
    let input = json!({"a": 41, "nothing": null, "list": [1, 2, 3]});
    let context = json!({"Execution": {"Id": "arn:x"}});
    let name = json!("Ada");
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case.get("about").is_none()) {
        let source = case["expr"].as_str().unwrap();
        let parsed = Expression::parse(source);
        if let Some(code) = case.get("parse") {
            match parsed {
                Err(error) if error.code == *code => {}
                other => wrong.push(format!("{source}: expected {code}, is {other:?}")),
            }
            continue;
        }
        let none = Map::new();
        let mut bindings = Bindings::new()
            .input(&input)
            .context(&context)
            .variable("name", &name);
        for (name, value) in case["variables"].as_object().unwrap_or(&none) {
            bindings = bindings.variable(name, value);
        }
        let outcome = match parsed {
            Ok(expression) => expression.evaluate(&bindings, &world()),
            Err(error) => {
                wrong.push(format!("{source}: {error}"));
                continue;
            }
        };
        let right = match (&outcome, case) {
            (Ok(value), case) if case.get("result").is_some() => *value == case["result"],
            (Ok(Value::Number(number)), case) if case.get("text").is_some() => {
                let text = case["text"].as_str().unwrap();
                number.to_string() == text
                    || text.contains('e') && number.as_f64() == text.parse().ok()
            }
            (Err(error), case) if case.get("error").is_some() => case["error"] == error.to_string(),
            (Err(_), case) => case["fails"] == true,
            _ => false,
        };
        if !right {
            wrong.push(format!("{case}\n    is {outcome:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn delimiters() {
    for (text, inner) in [
        ("{% $x %}", Some("$x")),
        ("{%$x%}", Some("$x")),
        ("{%%}", Some("")),
        ("{% '{%' %}", Some("'{%'")),
        (" {% $x %}", None),
        ("{% $x %} ", None),
        ("x{% $x %}", None),
        ("plain", None),
        ("{%}", None),
        ("", None),
    ] {
        assert_eq!(delimited(text), inner, "{text:?}");
    }
    for text in ["{% $x", "$x %}", "{%}", "{% $x %} ", " {% $x %}"] {
        assert!(is_half_open(text), "{text:?}");
    }
    for text in ["{% $x %}", "plain", "", " {% $x %} ", "a {% b %} c"] {
        assert!(!is_half_open(text), "{text:?}");
    }
}

#[test]
fn variables_read() {
    for (source, expected) in [
        ("$a + $b.c + $a", vec!["a", "b"]),
        ("$states.input.x", vec![]),
        ("($x := 1; $x + $y)", vec!["y"]),
        ("($y := $x; $y)", vec!["x"]),
        ("($x := $x; $x)", vec!["x"]),
        ("(($x := 1); $x)", vec!["x"]),
        ("function($a, $b){$a + $b + $c}(1, 2)", vec!["c"]),
        (
            "($f := function($n){$n > 0 ? $f($n - 1) : $end}; $f(3))",
            vec!["end"],
        ),
        ("$map($items, function($v){$v.x})", vec!["items"]),
        ("$map($items, $uppercase)", vec!["items"]),
        ("$items ~> $sum", vec!["items"]),
        ("$items ~> $mine", vec!["items", "mine"]),
        ("$uppercase($count)", vec!["count"]),
        ("$list@$i.$list#$j[$i = $j]{$k: $i}", vec!["k", "list"]),
        ("$list^($key).x", vec!["key", "list"]),
        ("$list[$ > $low]", vec!["list", "low"]),
        ("$o ~> |a|{'x': $v}, [$d]|", vec!["d", "o", "v"]),
        ("$unknown(1)", vec![]),
        ("$z & $a & $m", vec!["a", "m", "z"]),
        ("'$no' & /* $no */ \"$no\"", vec![]),
        ("$c ? $t : $e", vec!["c", "e", "t"]),
        ("{$k: [$v]}", vec!["k", "v"]),
    ] {
        let expression = Expression::parse(source).unwrap();
        assert_eq!(expression.variables(), expected, "{source}");
    }
}

#[test]
fn states_read() {
    let none = StatesUse::default();
    for (source, expected) in [
        (
            "$states.input.x",
            StatesUse {
                input: true,
                ..none
            },
        ),
        (
            "$states.context",
            StatesUse {
                context: true,
                ..none
            },
        ),
        (
            "[$states.result, $states.errorOutput.Error]",
            StatesUse {
                result: true,
                error_output: true,
                ..none
            },
        ),
        (
            "$states",
            StatesUse {
                whole: true,
                ..none
            },
        ),
        (
            "$states.*",
            StatesUse {
                whole: true,
                ..none
            },
        ),
        (
            "$states[0].input",
            StatesUse {
                whole: true,
                ..none
            },
        ),
        (
            "$lookup($states, 'input')",
            StatesUse {
                whole: true,
                ..none
            },
        ),
        ("$states.other", none),
        ("function($states){$states.input}(1)", none),
        ("$x.states.input", none),
        (
            "$map([1], function($i){$states.input[$i]})",
            StatesUse {
                input: true,
                ..none
            },
        ),
    ] {
        let expression = Expression::parse(source).unwrap();
        assert_eq!(expression.states_fields(), expected, "{source}");
        assert_eq!(
            expression.states_fields().any(),
            expected != none,
            "{source}"
        );
    }
}

#[test]
fn document_read() {
    for source in [
        "$",
        "$$",
        "a.b",
        "*",
        "**",
        "$x[$$.y]",
        "[a]",
        "$f(b)",
        "(c)",
        "function(){d}()",
    ] {
        assert!(
            Expression::parse(source).unwrap().reads_document(),
            "{source}"
        );
    }
    for source in [
        "$x.a",
        "$x[a = 1]",
        "$x.($.y)",
        "$x{a: b}",
        "$x^(a)",
        "1",
        "$x ~> |a|{'b': c}|",
    ] {
        assert!(
            !Expression::parse(source).unwrap().reads_document(),
            "{source}"
        );
    }
}

#[test]
fn equal_worlds_give_equal_results() {
    let expression =
        Expression::parse("[$random(), $uuid(), $random(), $shuffle([1..20]), $now()]").unwrap();
    let bindings = Bindings::new();
    let first = expression.evaluate(&bindings, &world()).unwrap();
    assert_eq!(first, expression.evaluate(&bindings, &world()).unwrap());
    assert_eq!(
        first,
        expression.evaluate(&Bindings::new(), &world()).unwrap()
    );
    let world = world();
    assert_eq!(first, expression.evaluate(&bindings, &world).unwrap());
    assert_ne!(
        first,
        expression.evaluate(&bindings, &world).unwrap(),
        "the world's numbers go on"
    );
}

#[test]
fn unseeded_numbers_are_the_worlds() {
    let world = world();
    let numbers = Expression::parse("[$random(), $random()]")
        .unwrap()
        .evaluate(&Bindings::new(), &world)
        .unwrap();
    let expected = self::world();
    assert_eq!(
        numbers,
        json!([expected.random.unit(), expected.random.unit()])
    );
    assert_eq!(world.random.bits(), expected.random.bits());
}

#[test]
fn bindings_serve_many_expressions() {
    let (input, result, one, two) = (json!({"a": 1}), json!([5]), json!(10), json!(20));
    let bindings = Bindings::new()
        .input(&input)
        .result(&result)
        .variable("one", &one)
        .variable("two", &two);
    for (source, expected) in [
        ("$states.input.a", json!(1)),
        ("$states.result", json!([5])),
        ("$one", json!(10)),
        ("$two + $states.input.a", json!(21)),
        ("($one := 3; $one)", json!(3)),
        ("$one", json!(10)),
        ("$contains('abc', /b/)", json!(true)),
        ("$contains('abc', /d/)", json!(false)),
    ] {
        let expression = Expression::parse(source).unwrap();
        assert_eq!(
            expression.evaluate(&bindings, &world()).unwrap(),
            expected,
            "{source}"
        );
    }
}

#[test]
fn a_document_can_be_given() {
    let document = json!({"a": {"b": [1, 2]}});
    let expression = Expression::parse("$sum(a.b) + $count($$.a.b)").unwrap();
    let sum = expression.evaluate_on(Some(&document), &Bindings::new(), &world());
    assert_eq!(sum.unwrap(), json!(5));
}

#[test]
fn expressions_are_shared_by_threads() {
    let expression = Expression::parse("$states.input.n * 2").unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let expression = expression.clone();
            scope.spawn(move || {
                let input = json!({"n": n});
                let value = expression.evaluate(&Bindings::new().input(&input), &world());
                assert_eq!(value.unwrap(), json!(n * 2));
            });
        }
    });
}

/// The stack of a server's threads, in bytes.
const SMALL_STACK: usize = 2 << 20;

/// A source, and the limits one of which it meets; none: it may end in any way, but must end.
type Limit = (&'static str, &'static [EvaluationError]);

const TIME: &[EvaluationError] = &[EvaluationError::TimedOut];
const MEMORY: &[EvaluationError] = &[EvaluationError::MemoryExceeded];
const STACK: &[EvaluationError] = &[EvaluationError::StackOverflow];
/// On a busy machine time runs out before so much memory does, and on a fast one the other way round.
const SPENT: &[EvaluationError] = &[EvaluationError::MemoryExceeded, EvaluationError::TimedOut];
const ANY: &[EvaluationError] = &[];

const LIMITS: &[Limit] = &[
    // One call that makes much.
    ("$pad('x', 2e9)", MEMORY),
    ("$map(['x'], function($s){$pad($s, -2e9)})", MEMORY),
    ("$pad(?, 2e9)('x')", MEMORY),
    ("($p := $pad; $p('x', 2e9))", MEMORY),
    ("'x' ~> $pad(2e9)", MEMORY),
    ("[1..9999999]", MEMORY),
    ("$range(0, 1e15, 1)", MEMORY),
    ("$replace($states.input.s, 'a', $states.input.s)", MEMORY),
    ("$replace($states.input.s, /a/, $states.input.s)", ANY),
    ("$join([1..30000].('a'), $states.input.s)", MEMORY),
    ("$fromMillis(0, '[Y,2000000000]')", MEMORY),
    ("$fromMillis(0, '[Y,99999999999999999999999]')", MEMORY),
    ("$now('[Y,2000000000]')", MEMORY),
    ("$formatInteger(1e15, 'I')", MEMORY),
    ("$formatInteger(1e300, 'w')", ANY),
    ("$formatInteger(1e300, 'a')", ANY),
    ("$fromMillis(1e300)", ANY),
    ("$round(1.5, 1000000000)", ANY),
    ("$substring($states.input.s, -1e300, 1e300)", ANY),
    ("$toMillis($states.input.s, $states.input.s)", MEMORY),
    // Calls that make twice as much each time.
    (
        "$length($reduce([1..40], function($a, $b){$a & $a}, 'abc'))",
        SPENT,
    ),
    ("($f := function($s){$f($s & $s)}; $f('abc'))", SPENT),
    (
        "$count($reduce([1..40], function($a, $b){[$a, $a]}, [1]))",
        SPENT,
    ),
    (
        "$count($reduce([1..40], function($a, $b){$append($a, $a)}, [1]))",
        SPENT,
    ),
    (
        "($a := [1..1000000]; [$a, $a, $a, $a, $a, $a, $a, $a, $a, $a, $a, $a, $a])",
        SPENT,
    ),
    // Values that share their parts, and all that walks through them.
    ("$reduce([1..60], function($a, $b){[[$a], [$a]]}, 1)", SPENT),
    (
        "$string($reduce([1..60], function($a, $b){{'a': $a, 'b': $a}}, 1))",
        SPENT,
    ),
    (
        "$reduce([1..60], function($a, $b){($b := $a; {'a': $b, 'b': $b})}, 1)",
        SPENT,
    ),
    (
        "$reduce([1..60], function($a, $b){$b > 0 ? {'a': $a, 'b': $a}}, 1) = 1",
        SPENT,
    ),
    (
        "$count($reduce([1..60], function($a, $b){{'a': $a, 'b': $a}}, 1).**)",
        SPENT,
    ),
    (
        "$boolean($reduce([1..60], function($a, $b){[[$a], [$a]]}, 0))",
        SPENT,
    ),
    (
        "$reduce([1..60], function($a, $b){[[$a], [$a]]}, 0).foo",
        SPENT,
    ),
    (
        "$lookup($reduce([1..60], function($a, $b){[[$a], [$a]]}, 0), 'x')",
        SPENT,
    ),
    (
        "($b := $reduce([1..60], function($a, $b){{'a': $a, 'b': $a}}, 1); $states.input.big#$i[$i < 5]; $b)",
        SPENT,
    ),
    (
        "($f := function($x, $n){$n > 0 ? $f({'a': $x, 'b': $x}, $n - 1) : $x}; $f(1, 60))",
        SPENT,
    ),
    (
        "($f := function($x, $n){$n > 0 ? $f($map([1, 2], function($i){$x}), $n - 1) : $x}; $f(1, 60))",
        SPENT,
    ),
    // Many calls that make much each.
    (
        "$count($map([1..1000000], function($i){[1..1000000]}))",
        SPENT,
    ),
    ("[1..100000].($states.input.s & $)", SPENT),
    ("$map([1..100000], function($i){$states.input.big})", SPENT),
    ("[1..1000000].{'a': $states.input}", ANY),
    (
        "$map([1..100000], function($i){$substring($states.input.s, 1)})",
        ANY,
    ),
    ("$map([1..100000], function($i){$states.input.big.x})", ANY),
    (
        "$map([1..10000], function($i){$states.input ~> |big|{'y': $i}|})",
        ANY,
    ),
    (
        "($g := function($n){$n > 0 ? [$g($n - 1), $states.input.big.x] : []}; $count($g(100000)))",
        ANY,
    ),
    (
        "$each($merge([1..9000].{$string($): $}), function($v, $k){$k & $states.input.s})",
        ANY,
    ),
    // Recursion.
    ("(function($f){$f($f)})(function($f){$f($f)})", TIME),
    (
        "(function($f){1 + $f($f)})(function($f){1 + $f($f)})",
        STACK,
    ),
    ("($f := function($n){1 + $f($n + 1)}; $f(1))", STACK),
    ("($f := function($m){$replace('a', /a/, $f)}; $f(1))", STACK),
    (
        "$string($reduce([1..20000], function($a, $b){[[$a]]}, 1))",
        STACK,
    ),
    ("$reduce([1..20000], function($a, $b){{'a': $a}}, 1)", STACK),
    // Loops.
    ("$sort([1..500000], function($a, $b){$a < $b})[0]", ANY),
    (
        "{'a': 1}.([1..1000]@$a.([1..1000]@$b.([1..1000].($a + $b))))",
        ANY,
    ),
    (
        "$map([1..1000], function($a){$map([1..1000], function($b){$map([1..1000], function($c){1})})})",
        SPENT,
    ),
    ("$count($distinct([1..100000].{'a': $}))", TIME),
    ("$states.input.big.**.**.**.**", ANY),
    // Regular expressions.
    ("$count($match($states.input.s, /.*b|a/))", TIME),
    ("$contains($states.input.s, /(a+)+b/)", ANY),
    ("$contains($states.input.s, /(a?){900}(a?){900}b/)", TIME),
    (
        "$replace($states.input.s, /a/, function($m){$m.match & $m.match})",
        ANY,
    ),
    ("$states.input.s ~> /(a?){100}(a?){100}b/", ANY),
    ("$split($states.input.s, /a??/)", ANY),
];

/// Everything ends soon and without harm, on a stack as small as those of a server's threads.
#[test]
fn limits() {
    // Those that wait for the end of a second wait side by side; the others would lose time by it.
    const SIDE_BY_SIDE: usize = 4;
    let input = json!({
        "s": "a".repeat(200_000),
        "big": (0..20_000).map(|x| json!({"x": x})).collect::<Vec<_>>(),
    });
    let (quick, slow): (Vec<&Limit>, Vec<&Limit>) = LIMITS
        .iter()
        .partition(|(_, limits)| *limits != TIME && *limits != ANY);
    std::thread::scope(|scope| {
        let check = |limits: Vec<&'static Limit>| {
            let input = &input;
            let thread = std::thread::Builder::new().stack_size(SMALL_STACK);
            thread
                .spawn_scoped(scope, move || {
                    for limit in limits {
                        ends(limit, input);
                    }
                })
                .unwrap()
        };
        check(quick).join().unwrap();
        for first in 0..SIDE_BY_SIDE {
            check(
                slow.iter()
                    .copied()
                    .skip(first)
                    .step_by(SIDE_BY_SIDE)
                    .collect(),
            );
        }
    });
}

fn ends((source, limits): &Limit, input: &Value) {
    const SOON: Duration = Duration::from_secs(60);
    let started = Instant::now();
    let expression = Expression::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let outcome = expression.evaluate(&Bindings::new().input(input), &world());
    let met = outcome.as_ref().is_err_and(|limit| limits.contains(limit));
    assert!(
        met || limits.is_empty(),
        "{source}: expected {limits:?}, is {outcome:?}"
    );
    assert!(
        started.elapsed() < SOON,
        "{source} took {:?}",
        started.elapsed()
    );
}

/// What is too long or nested too deep is refused, on a stack as small as those of a server's
/// threads.
#[test]
fn parsing_is_bounded() {
    on_small_stack(|| {
        let deep = |open: &str, middle: &str, close: &str, times: usize| {
            format!("{}{middle}{}", open.repeat(times), close.repeat(times))
        };
        for source in [
            deep("(", "1", ")", 100_000),
            deep("[", "1", "]", 100_000),
            deep("{'a':", "1", "}", 40_000),
            deep("function(){", "1", "}", 20_000),
            deep("$f(", "1", ")", 50_000),
            deep("$x[", "1", "]", 50_000),
            deep("-", "1", "", 200_000),
            deep("1+", "1", "", 100_000),
            deep("1?", "1", ":1", 50_000),
            deep("$x.", "a", "", 80_000),
            "9".repeat(200_000),
            "(".repeat(200_000),
            format!("'{}'", "a".repeat(1_000_000)),
            format!("/{}/", "a?".repeat(20_000)),
        ] {
            let started = Instant::now();
            let shown: String = source.chars().take(12).collect();
            if let Ok(expression) = Expression::parse(&source) {
                let _ = expression.evaluate(&Bindings::new(), &world());
            }
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "{shown}… took {:?}",
                started.elapsed()
            );
        }
        for source in [deep("(", "1", ")", 300), deep("1+", "1", "", 400)] {
            assert!(
                Expression::parse(&source)
                    .unwrap()
                    .evaluate(&Bindings::new(), &world())
                    .is_ok()
            );
        }
    });
}

fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(SMALL_STACK)
        .spawn(test)
        .unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
