//! `stepmill validate`.

use std::path::Path;

use serde_json::{Value, json};
use stepmill::asl::{Diagnostic, Severity};

use crate::Exit;
use crate::cli::ValidateArgs;
use crate::problem::Problem;
use crate::source::Source;
use crate::terminal;

/// Findings shown of one definition; `--json` gives all.
pub(crate) const MOST_SHOWN: usize = 50;

pub(crate) fn validate(args: &ValidateArgs) -> Result<Exit, Problem> {
    let mut count = Count::default();
    let mut files = Vec::new();
    for path in &args.paths {
        files.push(check(path, args, &mut count));
    }
    if args.json {
        let report = json!({
            "valid": count.invalid == 0,
            "errors": count.errors,
            "warnings": count.warnings,
            "files": files,
        });
        terminal::print(&format!("{report:#}\n"))?;
    } else {
        terminal::note(&count.summary());
    }
    Ok(if count.invalid == 0 {
        Exit::Succeeded
    } else {
        Exit::Unusable
    })
}

#[derive(Debug, Default)]
struct Count {
    files: usize,
    invalid: usize,
    errors: usize,
    warnings: usize,
}

/// Checks one definition and shows what was found, or gives it as JSON.
fn check(path: &Path, args: &ValidateArgs, count: &mut Count) -> Value {
    count.files += 1;
    let source = match Source::open(path) {
        Ok(source) => source,
        Err(problem) => {
            count.errors += 1;
            count.invalid += 1;
            if !args.json {
                problem.print();
            }
            return json!({
                "path": path.display().to_string(),
                "valid": false,
                "problem": problem.to_string(),
                "diagnostics": [],
            });
        }
    };
    let parsed = source.parse(source.machine_type(args.express));
    let errors = parsed.errors().count();
    count.errors += errors;
    count.warnings += parsed.diagnostics.len() - errors;
    count.invalid += usize::from(errors > 0);
    if !args.json {
        show(&source, &parsed.diagnostics);
    }
    json!({
        "path": source.path.display().to_string(),
        "valid": errors == 0,
        "diagnostics": parsed.diagnostics,
    })
}

/// Shows findings on standard error, errors first if not all can be shown.
pub(crate) fn show(source: &Source, diagnostics: &[Diagnostic]) {
    let mut shown: Vec<_> = diagnostics.iter().collect();
    if shown.len() > MOST_SHOWN {
        shown.sort_by_key(|diagnostic| diagnostic.severity);
        shown.truncate(MOST_SHOWN);
    }
    for diagnostic in &shown {
        source.problem(diagnostic).print();
        terminal::note("");
    }
    let left = diagnostics.len() - shown.len();
    if left > 0 {
        let rest = format!(
            "{}: {left} more findings (--json gives all)",
            source.path.display()
        );
        terminal::note(&rest);
    }
}

/// Says how many errors a definition has, for verbs that need it without any.
pub(crate) fn refusal(source: &Source, diagnostics: &[Diagnostic]) -> Problem {
    let errors = diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .count();
    let errors = plural(errors, "error");
    Problem::new(format!(
        "{}: not a valid definition ({errors})",
        source.path.display()
    ))
}

impl Count {
    fn summary(&self) -> String {
        let found = match (self.errors, self.warnings) {
            (0, 0) => String::new(),
            (0, warnings) => format!(" ({})", plural(warnings, "warning")),
            (errors, 0) => format!(" ({})", plural(errors, "error")),
            (errors, warnings) => {
                format!(
                    " ({}, {})",
                    plural(errors, "error"),
                    plural(warnings, "warning")
                )
            }
        };
        let text = match (self.files, self.invalid) {
            (1, 0) => "valid".to_owned(),
            (1, _) => "not valid".to_owned(),
            (files, 0) => format!("all {files} definitions are valid"),
            (files, invalid) => format!("{invalid} of {files} definitions are not valid"),
        };
        let style = console::Style::new().for_stderr().bold();
        let style = if self.invalid == 0 {
            style.green()
        } else {
            style.red()
        };
        format!("{}{found}", style.apply_to(text))
    }
}

fn plural(count: usize, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {word}{ending}")
}
