//! `stepmill validate`.

use serde_json::json;

use crate::support::Directory;

const BAD: &str = r#"{
  "StartAt": "Fetch",
  "States": {
    "Fetch": {
      "Type": "Wait",
      "Second": 5,
      "Next": "Stroe"
    },
    "Store": {"Type": "Succeed"}
  }
}
"#;

fn directory() -> Directory {
    Directory::new()
        .with("bad.asl.json", BAD)
        .with(
            "good.asl.yaml",
            "StartAt: A\nStates:\n  A: {Type: Succeed}\n",
        )
        .with(
            "p/stepmill.toml",
            "definition = \"../good.asl.yaml\"\ntype = \"EXPRESS\"\n",
        )
        .with(
            "broken.asl.json",
            format!("{{\"StartAt\": \"{}\", }}", "x".repeat(100_000)),
        )
}

#[test]
fn valid_definitions_are_valid() {
    let ran = directory().run(&["validate", "good.asl.yaml", "p"]);
    ran.expect(0, &["all 2 definitions are valid"]);
    assert_eq!(ran.out, "");
    directory()
        .run(&["validate", "good.asl.yaml"])
        .expect(0, &["valid"]);
}

#[test]
fn errors_are_shown_where_they_are() {
    let ran = directory().run(&["validate", "bad.asl.json", "good.asl.yaml", "no.asl.json"]);
    ran.expect(
        2,
        &[
            "MISSING_TRANSITION_TARGET at /States/Fetch/Next",
            "[bad.asl.json:7:15]",
            "7 │       \"Next\": \"Stroe\"\n   ·               ───────",
            "help: did you mean 'Store'?",
            "no.asl.json: there is no such file",
            "2 of 3 definitions are not valid",
        ],
    );
    assert_eq!(ran.out, "");
}

#[test]
fn a_long_line_is_not_shown_whole() {
    let ran = directory().run(&["validate", "broken.asl.json"]);
    ran.expect(2, &["INVALID_JSON_DESCRIPTION", "[broken.asl.json:1:"]);
    assert!(ran.err.len() < 1_000, "{}", ran.err);
}

#[test]
fn json_gives_everything() {
    let ran = directory().run(&[
        "validate",
        "--json",
        "bad.asl.json",
        "good.asl.yaml",
        "no.asl.json",
    ]);
    ran.expect(2, &[]);
    assert_eq!(ran.err, "");
    let report = ran.json();
    assert_eq!(report["valid"], false);
    let files = report["files"].as_array().unwrap();
    let valid: Vec<_> = files
        .iter()
        .map(|file| file["valid"].as_bool().unwrap())
        .collect();
    assert_eq!(valid, [false, true, false]);
    let found = files[0]["diagnostics"].as_array().unwrap();
    let target = found
        .iter()
        .find(|found| found["code"] == "MISSING_TRANSITION_TARGET")
        .unwrap();
    assert_eq!(target["location"], "/States/Fetch/Next");
    assert_eq!(target["span"]["line"], 7);
    assert!(
        files[2]["problem"]
            .as_str()
            .unwrap()
            .contains("no such file")
    );
    let ran = directory().run(&["validate", "--json", "good.asl.yaml"]);
    ran.expect(0, &[]);
    assert_eq!(ran.json()["valid"], json!(true));
}
