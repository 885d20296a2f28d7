//! JSONPath against a table of Jayway's answers and a list of what AWS does.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stepmill_asl::jsonpath::{Data, JsonPath, NotFound, Path, Root, Selected, WriteError};

#[derive(Deserialize)]
struct Table {
    doc: Value,
    paths: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    definite: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    v: Option<Value>,
    err: Option<String>,
}

/// Tells a null that is there from a member that is not.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Where Stepmill deliberately answers something else than Jayway 2.0.0, and why. `None`: an error.
fn differences() -> BTreeMap<&'static str, (Option<Value>, &'static str)> {
    let double_quotes = "double quotes quote, as in later versions of Jayway";
    let operators = "the operators of later versions are known";
    let rooted = "a path of a definition starts with `$`";
    BTreeMap::from([
        (
            "$.arr[-1]",
            (Some(json!(5)), "an index may count from the end"),
        ),
        (
            "$.arr[0:4:2]",
            (Some(json!([1, 3])), "a slice may have a step"),
        ),
        (
            "$.arr[0,9]",
            (
                Some(json!([1, null])),
                "an index beyond the array is null on AWS",
            ),
        ),
        ("$[\"a.b\"]", (Some(json!(1)), double_quotes)),
        (
            "$.store.book[?(@.author == \"Eve\")]",
            (
                Some(json!([
                    {"category": "fiction", "author": "Eve", "title": "M", "price": 12.99}
                ])),
                double_quotes,
            ),
        ),
        (
            "$.store.book[?(@.category in ['fiction'])].title",
            (Some(json!(["M", "L"])), operators),
        ),
        (
            "$.store.book[?(@.tags size 2)].title",
            (Some(json!(["L"])), operators),
        ),
        (
            "$.store.book[?(@.tags contains 'a')].title",
            (Some(json!(["L"])), operators),
        ),
        (
            "$.store.book[?(@.tags empty false)].title",
            (Some(json!(["L"])), operators),
        ),
        (
            "$.arr[1.5]",
            (
                None,
                "a fractional index is a mistake; Jayway drops the fraction",
            ),
        ),
        ("exp", (None, rooted)),
        ("@.exp", (None, rooted)),
    ])
}

#[test]
fn agrees_with_jayway_but_for_the_known_differences() {
    let table: Table =
        serde_json::from_str(include_str!("data/jsonpath/cases.json")).expect("the paths");
    let mut answers: BTreeMap<String, Answer> =
        serde_json::from_str(include_str!("data/jsonpath/jayway.json")).expect("the answers");
    let mut differences = differences();
    let mut wrong = Vec::new();
    assert_eq!(table.paths.len(), 112);
    for path in &table.paths {
        let answer = answers.remove(path).expect("an answer for every path");
        assert!(
            answer.v.is_some() != answer.err.is_some(),
            "{path}: a value or an error"
        );
        let parsed = JsonPath::parse(path).ok();
        let ours = parsed
            .as_ref()
            .and_then(|p| p.select(&table.doc).ok().map(Selected::into_owned));
        if let Some((expected, reason)) = differences.remove(path.as_str()) {
            assert_ne!(expected, answer.v, "{path} is no difference ({reason})");
            if ours != expected {
                wrong.push(format!(
                    "{path}: {ours:?}, not {expected:?} though {reason}"
                ));
            }
            continue;
        }
        let definite = parsed.as_ref().map(JsonPath::is_definite);
        if definite.is_some() && answer.definite.is_some() && definite != answer.definite {
            wrong.push(format!(
                "{path}: definite {definite:?}, not {:?}",
                answer.definite
            ));
        }
        // The table lost the order of the fields, and with it that of what `*` and `..` find.
        let sorted = |value: &Value| match value {
            Value::Array(list) if definite == Some(false) => {
                let mut list: Vec<String> = list.iter().map(canonical).collect();
                list.sort();
                list.concat()
            }
            other => canonical(other),
        };
        if ours.as_ref().map(sorted) != answer.v.as_ref().map(sorted) {
            wrong.push(format!(
                "{path}: {ours:?}, not {:?} {:?}",
                answer.v, answer.err
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        differences.is_empty(),
        "not in the table: {:?}",
        differences.keys()
    );
}

/// JSON with the fields of objects in order.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .map(|(k, v)| format!("{k:?}:{}", canonical(v)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(list) => {
            format!(
                "[{}]",
                list.iter().map(canonical).collect::<Vec<_>>().join(",")
            )
        }
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    about: String,
    document: Value,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    path: String,
    #[serde(default, deserialize_with = "present")]
    value: Option<Value>,
    error: Option<String>,
}

#[test]
fn answers_as_aws_does() {
    let groups: Vec<Group> =
        serde_json::from_str(include_str!("data/jsonpath/aws.json")).expect("the cases");
    let mut wrong = Vec::new();
    for Group {
        about,
        document,
        cases,
    } in groups
    {
        for case in cases {
            let expected = case
                .value
                .clone()
                .ok_or_else(|| case.error.clone().unwrap_or_default());
            let ours = JsonPath::parse(&case.path)
                .map_err(|error| error.to_string())
                .and_then(|path| {
                    path.select(&document)
                        .map(Selected::into_owned)
                        .map_err(|e| e.to_string())
                });
            if ours != expected {
                wrong.push(format!(
                    "{about}: {}: {ours:?}, not {expected:?}",
                    case.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn refuses_what_is_not_a_path_and_says_where() {
    for (text, position, reason) in [
        ("", 1, "`$` expected"),
        ("a", 1, "`$` expected"),
        ("$.", 3, "a field's name, `*` or `[` expected"),
        ("$..", 4, "a field's name, `*` or `[` expected"),
        ("$...a", 4, "a field's name, `*` or `[` expected"),
        ("$.a b", 4, "unexpected ` `"),
        ("$.a[", 5, "an index, a quoted name, `*` or `?(` expected"),
        ("$.a[0", 6, "`]` expected"),
        ("$.a[b]", 5, "an index, a quoted name, `*` or `?(` expected"),
        ("$['a", 4, "the quoted name is not closed"),
        ("$.é[1.5]", 6, "an index is a whole number"),
        ("$$.a[", 6, "an index, a quoted name, `*` or `?(` expected"),
        (
            "$name.é[",
            9,
            "an index, a quoted name, `*` or `?(` expected",
        ),
        ("$1x", 1, "`1x` cannot be a variable's name"),
        ("$.a[?@.b]", 6, "`(` expected"),
        ("$.a[?(@.b <)]", 12, "a value expected"),
        ("$.a[?(1)]", 8, "an operator expected"),
        (
            "$.a[?(!1)]",
            8,
            "`!` negates a path or what stands in parentheses",
        ),
        ("$.a[?(@ =~ /(?=x)/)]", 19, ""),
        ("$.a[?(@ =~ /x/q)]", 16, "unknown flag `q` of a pattern"),
        ("$.a[::0]", 8, "the step of a slice is positive"),
        (
            "$['a','b'].c",
            13,
            "only the last step may take several fields",
        ),
        (
            "$.a[99999999999999999999]",
            5,
            "the number is too large for an index",
        ),
    ] {
        let error = Path::parse(text).expect_err(text);
        assert_eq!(error.position(), position, "{error}");
        assert!(error.reason().starts_with(reason), "{error}");
        assert_eq!(error.text(), text);
    }
}

#[test]
fn refuses_texts_beyond_the_limits() {
    let nested = format!("$.a[?{}@.b{}]", "(".repeat(40), ")".repeat(40));
    let filters = format!("$.a{}1{}", "[?(@".repeat(40), ")]".repeat(40));
    let pattern = format!("$.a[?(@ =~ /{}/)]", "(a{1000}){1000}");
    for text in [
        format!("$.{}", "a".repeat(10_000)),
        format!("${}", ".a".repeat(300)),
        nested,
        filters,
        pattern,
    ] {
        JsonPath::parse(&text).expect_err("beyond a limit");
    }
}

#[test]
fn stops_what_would_select_too_much() {
    let mut document = json!([1, 2, 3]);
    for _ in 0..20 {
        document = json!({"a": document, "b": [document, document]});
        if document.to_string().len() > 200_000 {
            break;
        }
    }
    for path in [
        "$..*..*..*..*",
        "$..*[?(@..* == $..*)]",
        "$..[?($..* subsetof $..*)]",
    ] {
        let outcome = JsonPath::parse(path).expect(path).select(&document);
        assert!(matches!(outcome, Err(NotFound::TooMuch { .. })), "{path}");
    }
}

#[test]
fn stops_at_a_document_nested_too_deeply() {
    let mut document = Value::Null;
    for _ in 0..1_100 {
        document = Value::Array(vec![document]);
    }
    let outcome = JsonPath::parse("$..a").expect("a path").select(&document);
    assert!(matches!(outcome, Err(NotFound::TooMuch { .. })));
}

#[test]
fn knows_reference_paths() {
    for text in [
        "$",
        "$.a",
        "$.a[0].b",
        "$['a b']['c']",
        "$['x,y:z']",
        "$.a-b",
        "$$.a",
        "$v.a[1]",
    ] {
        assert!(Path::parse(text).expect(text).is_reference(), "{text}");
    }
    for text in [
        "$..a",
        "$.*",
        "$[*]",
        "$[0,1]",
        "$[1:]",
        "$['a','b']",
        "$.a[?(@.b)]",
        "$.a.length()",
        "$.@x",
    ] {
        assert!(!Path::parse(text).expect(text).is_reference(), "{text}");
    }
}

struct World {
    input: Value,
    context: Value,
    variables: Map<String, Value>,
}

impl Data for World {
    fn input(&self) -> &Value {
        &self.input
    }

    fn context(&self) -> &Value {
        &self.context
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }
}

#[test]
fn paths_start_from_the_input_the_context_or_a_variable() {
    let data = World {
        input: json!({"a": 1, "foo": 2}),
        context: json!({"Execution": {"Name": "n"}}),
        variables: json!({"foo": {"bar": [7]}, "größe": 3})
            .as_object()
            .expect("an object")
            .clone(),
    };
    for (text, root, expected) in [
        ("$", Root::Input, json!({"a": 1, "foo": 2})),
        ("$.a", Root::Input, json!(1)),
        ("$['a']", Root::Input, json!(1)),
        ("$$", Root::Context, json!({"Execution": {"Name": "n"}})),
        ("$$.Execution.Name", Root::Context, json!("n")),
        ("$$['Execution']['Name']", Root::Context, json!("n")),
        ("$foo", Root::Variable("foo".into()), json!({"bar": [7]})),
        ("$foo.bar[0]", Root::Variable("foo".into()), json!(7)),
        ("$foo['bar'][*]", Root::Variable("foo".into()), json!([7])),
        ("$größe", Root::Variable("größe".into()), json!(3)),
    ] {
        let path = Path::parse(text).expect(text);
        assert_eq!(path.root, root, "{text}");
        assert_eq!(path.text(), text);
        assert_eq!(path.is_whole(), text == "$");
        assert_eq!(*path.select(&data).expect(text), expected, "{text}");
    }
    let undefined = Path::parse("$bar.x").expect("a path");
    let error = undefined.select(&data).expect_err("no such variable");
    assert_eq!(error.to_string(), "The variable $bar has no value");
    assert!(Path::parse(&format!("${}", "v".repeat(80))).is_ok());
    assert!(Path::parse(&format!("${}", "v".repeat(81))).is_err());
}

#[test]
fn an_index_out_of_range_is_told_apart() {
    let document = json!({"items": [1]});
    let select = |text: &str| {
        let error = JsonPath::parse(text)
            .expect(text)
            .select(&document)
            .expect_err(text);
        error.is_index_out_of_range()
    };
    assert!(select("$.items[5]"));
    assert!(select("$.items[-5]"));
    assert!(select("$.items[(@.length-9)]"));
    assert!(!select("$.items[5].x"));
    assert!(!select("$.none[5]"));
    assert!(!select("$.none"));
}

#[test]
fn a_definite_path_borrows() {
    let document = json!({"a": {"b": [1, 2]}});
    let path = JsonPath::parse("$.a.b").expect("a path");
    let Ok(Selected::Borrowed(found)) = path.select(&document) else {
        panic!("not borrowed")
    };
    assert!(std::ptr::eq(found, &raw const document["a"]["b"]));
}

#[test]
fn writes_where_a_reference_path_points() {
    let target = json!({"a": {"b": 1}, "list": [1, {"x": 2}], "text": "t", "nul": null});
    for (path, expected) in [
        ("$", json!("new")),
        (
            "$.a.b",
            json!({"a": {"b": "new"}, "list": [1, {"x": 2}], "text": "t", "nul": null}),
        ),
        (
            "$.a.c.d",
            json!({"a": {"b": 1, "c": {"d": "new"}}, "list": [1, {"x": 2}], "text": "t", "nul": null}),
        ),
        (
            "$.list[0]",
            json!({"a": {"b": 1}, "list": ["new", {"x": 2}], "text": "t", "nul": null}),
        ),
        (
            "$.list[-1].y",
            json!({"a": {"b": 1}, "list": [1, {"x": 2, "y": "new"}], "text": "t", "nul": null}),
        ),
        (
            "$['text']",
            json!({"a": {"b": 1}, "list": [1, {"x": 2}], "text": "new", "nul": null}),
        ),
        (
            "$.nul",
            json!({"a": {"b": 1}, "list": [1, {"x": 2}], "text": "t", "nul": "new"}),
        ),
    ] {
        let parsed = JsonPath::parse(path).expect(path);
        assert_eq!(
            parsed.write(target.clone(), json!("new")),
            Ok(expected),
            "{path}"
        );
    }
    for (path, message) in [
        ("$.text.x", "Unable to apply step \"x\" to input \"t\""),
        ("$.nul.x", "Unable to apply step \"x\" to input null"),
        (
            "$.list.x",
            "Unable to apply step \"x\" to input [1,{\"x\":2}]",
        ),
        (
            "$.list[2]",
            "Unable to apply step \"2\" to input [1,{\"x\":2}]",
        ),
        ("$.new[0]", "Unable to apply step \"0\" to input {}"),
        ("$.a[0]", "Unable to apply step \"0\" to input {\"b\":1}"),
    ] {
        let error = JsonPath::parse(path)
            .expect(path)
            .write(target.clone(), json!(1));
        assert_eq!(error.expect_err(path).to_string(), message);
    }
    let wild = JsonPath::parse("$.*")
        .expect("a path")
        .write(target, json!(1));
    assert_eq!(wild, Err(WriteError::NotAReference { path: "$.*".into() }));
}

/// A few fields, so that paths and documents meet.
fn field() -> impl Strategy<Value = String> {
    prop_oneof!["[abc]", "[a-z é.]{0,3}"]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((field(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Texts that look like paths.
fn path_text() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        field().prop_map(|name| format!("['{name}']")),
        Just(".a".to_owned()),
        Just("..b".to_owned()),
        Just("..*".to_owned()),
        Just("[*]".to_owned()),
        (-4_i64..4).prop_map(|index| format!("[{index}]")),
        (-4_i64..4, -4_i64..4).prop_map(|(from, to)| format!("[{from}:{to}]")),
        Just("[?(@.a == 1 || !@.b)]".to_owned()),
        Just("[?(@ =~ /a.*/i)]".to_owned()),
        "[\\[\\]().?@*:,'\"a0 !=<>&|~/-]{1,6}",
    ];
    prop::collection::vec(step, 0..5).prop_map(|steps| format!("${}", steps.concat()))
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC*") {
        let _ = Path::parse(&text);
    }

    #[test]
    fn selecting_never_panics(text in path_text(), document in document()) {
        if let Ok(path) = JsonPath::parse(&text) {
            let selected = path.select(&document);
            if !path.is_definite() && let Ok(selected) = selected {
                prop_assert!(selected.is_array());
            }
        }
    }

    #[test]
    fn what_is_written_is_selected(
        names in prop::collection::vec("[a-zé ]{1,4}", 0..5),
        document in document(),
        value in document(),
    ) {
        let steps: Vec<String> = names.iter().map(|name| format!("['{name}']")).collect();
        let path = JsonPath::parse(&format!("${}", steps.concat())).expect("quoted names");
        if let Ok(written) = path.write(document, value.clone()) {
            prop_assert_eq!(&*path.select(&written).expect("it was written"), &value);
        }
    }
}
