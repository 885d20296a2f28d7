//! Which test has executed an integration with a pattern, and against what.

use std::fs;

use super::data::{Case, Catalog, Elsewhere, Table};
use crate::command::root;

const STRICT: Test = Test {
    file: "crates/integrations/tests/services/cases/strict.rs",
    name: "requests_are_those_of_the_model_and_results_have_all_of_the_response",
};
const STRICT_JOBS: Test = Test {
    file: "crates/integrations/tests/services/cases/jobs.rs",
    name: "jobs_are_started_asked_for_and_shown",
};
const MOTO: Test = Test {
    file: "crates/integrations/tests/services/cases/moto.rs",
    name: "moto_does_what_is_asked",
};
const MOTO_JOBS: Test = Test {
    file: "crates/integrations/tests/services/cases/moto.rs",
    name: "jobs_in_moto_come_to_their_end",
};

/// A test, by its file and its name there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Test<'a> {
    pub(super) file: &'a str,
    pub(super) name: &'a str,
}

/// An integration with a pattern, and what has tested it.
pub(super) struct Row<'a> {
    pub(super) service: &'a str,
    pub(super) action: &'a str,
    pub(super) pattern: &'a str,
    pub(super) tests: Vec<Test<'a>>,
    pub(super) against: String,
}

/// All rows of the catalog, and what is wrong with them.
pub(super) fn of<'a>(catalog: &'a Catalog, table: &'a Table) -> (Vec<Row<'a>>, Vec<String>) {
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    for (service, row) in &catalog.services {
        for (action, row) in &row.actions {
            let name = format!("{service}:{action}");
            for pattern in &row.patterns {
                let elsewhere = table.elsewhere.get(&name);
                let elsewhere = elsewhere.and_then(|by_pattern| by_pattern.get(pattern));
                let found = match (elsewhere, table.cases.get(&name)) {
                    (Some(elsewhere), _) => there(elsewhere),
                    (None, Some(case)) => here(case, pattern),
                    (None, None) => None,
                };
                let Some((tests, against)) = found else {
                    wrong.push(format!("{name} ({pattern}) has no test"));
                    continue;
                };
                for test in &tests {
                    if !exists(*test) {
                        wrong.push(format!(
                            "{name} ({pattern}): {} has no test {}",
                            test.file, test.name
                        ));
                    }
                }
                rows.push(Row {
                    service,
                    action,
                    pattern,
                    tests,
                    against,
                });
            }
        }
    }
    (rows, wrong)
}

/// What tests a case with a pattern, and against what.
fn here<'a>(case: &Case, pattern: &str) -> Option<(Vec<Test<'a>>, String)> {
    let job = match pattern {
        "request-response" | "waitForTaskToken" => false,
        "sync" if case.sync.is_some() => true,
        _ => return None,
    };
    let (strict, moto) = match job {
        true => (STRICT_JOBS, MOTO_JOBS),
        false => (STRICT, MOTO),
    };
    let lacks = case.lacks.as_ref();
    let lacks = lacks.map(|operation| format!("lacks `{operation}`"));
    let no_sync = case.moto.as_ref().and_then(|moto| moto.no_sync.clone());
    Some(match lacks.or(no_sync.filter(|_| job)) {
        Some(why) => (vec![strict], format!("strict server (moto {why})")),
        None => (vec![moto, strict], "moto server; strict server".to_owned()),
    })
}

/// The same for what is tested elsewhere.
fn there(elsewhere: &Elsewhere) -> Option<(Vec<Test<'_>>, String)> {
    let tests = elsewhere.tests.iter().map(|test| test.rsplit_once("::"));
    let tests = tests.map(|test| test.map(|(file, name)| Test { file, name }));
    Some((tests.collect::<Option<_>>()?, elsewhere.against.clone()))
}

/// Whether there is a function of that name in the file.
fn exists(test: Test<'_>) -> bool {
    let text = fs::read_to_string(root().join(test.file)).unwrap_or_default();
    ["fn ", "def "]
        .iter()
        .any(|keyword| text.contains(&format!("{keyword}{}(", test.name)))
}
