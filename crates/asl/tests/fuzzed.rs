//! What the fuzz targets assert, on their seeds, on what they found and on texts that nest as deep
//! as they can: stacks overflow where a fuzzer's short texts never lead.

#![allow(clippy::unwrap_used)]

mod properties;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use properties::{definition, query};

type Property = fn(&str);

fn files(directory: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut files: Vec<_> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

#[test]
fn seeds_and_findings() {
    let targets: [(&str, Property, &str); 5] = [
        ("definition_json", definition::json, ""),
        ("definition_yaml", definition::yaml, ""),
        (
            "jsonpath",
            query::jsonpath,
            include_str!("../../../fuzz/seeds/jsonpath.txt"),
        ),
        (
            "intrinsic",
            query::intrinsic,
            include_str!("../../../fuzz/seeds/intrinsic.txt"),
        ),
        (
            "jsonata",
            query::jsonata,
            include_str!("../../../fuzz/seeds/jsonata.txt"),
        ),
    ];
    for (target, property, seeds) in targets {
        let seeds = seeds.lines().map(|line| line.replace('\t', "\n"));
        let found = files(&format!("tests/data/fuzzed/{target}"));
        for text in seeds.chain(found) {
            println!("{target}: {text}");
            property(&text);
        }
    }
    let definitions = files("tests/data/definitions");
    assert!(!definitions.is_empty());
    for text in definitions {
        println!("{text}");
        definition::json(&text);
        definition::yaml(&text);
    }
}

/// `1` within so many of `open` and `close`.
fn nested(open: &str, close: &str, levels: usize) -> String {
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn deep_definitions() {
    let brackets = [
        ("[", "]"),
        ("{\"a\":", "}"),
        ("[{\"a\":", "}]"),
        ("{", ""),
        ("\"", ""),
        ("{a: ", "}"),
        ("- ", ""),
        ("? ", ""),
        ("? - ", ""),
        ("- a:\n", ""),
        ("!!seq [", "]"),
        ("&a [", "]"),
        ("[*a,", "]"),
        ("! ", ""),
        (": ", ""),
    ];
    for (open, close) in brackets {
        for levels in [126, 127, 128, 1_000, 50_000] {
            println!("{levels} of {open}");
            let text = nested(open, close, levels);
            definition::json(&text);
            definition::yaml(&text);
        }
    }
}

/// Aliases that stand for nine of each other, thirty times over.
#[test]
fn laughing_definition() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..30 {
        let alias = format!("*a{},", level - 1).repeat(9);
        writeln!(text, "a{level}: &a{level} [{alias}]").unwrap();
    }
    definition::yaml(&text);
}

#[test]
fn deep_queries() {
    let expressions = [
        ("(", ")"),
        ("(a;", "1)"),
        ("[", "]"),
        ("{'a':", "}"),
        ("-", ""),
        ("$f(", ")"),
        ("function($x){", "}"),
        ("a[", "]"),
        ("a[0]", ""),
        ("a.", ""),
        ("a.(", ")"),
        ("a^(", ")"),
        ("a{b:", "}"),
        ("1+", ""),
        ("1&", ""),
        ("1=", ""),
        ("a..", ""),
        ("a?b:", ""),
        ("a~>", ""),
        ("$x:=", ""),
        ("|a|", "|"),
        ("**.", ""),
        ("%.", ""),
    ];
    for (open, close) in expressions {
        for levels in [100, 1_000, 50_000] {
            println!("{levels} of {open}");
            query::jsonata(&nested(open, close, levels));
        }
    }
    let paths = [
        ("[?(@", "==1)]"),
        (".a", ""),
        ("..a", ""),
        ("[0]", ""),
        ("[?(!", ")]"),
    ];
    for (open, close) in paths {
        for levels in [10, 100, 5_000] {
            println!("{levels} of {open}");
            let path = format!("${}{}", open.repeat(levels), close.repeat(levels));
            query::jsonpath(&path);
        }
    }
    query::jsonpath(&format!("$..a\n{}", nested("[", "]", 127)));
    for (open, close) in [("States.Array(", ")"), ("States.Format('{}',", ")")] {
        for levels in [9, 10, 11, 1_000] {
            query::intrinsic(&nested(open, close, levels));
        }
    }
}
