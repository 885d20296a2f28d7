//! `stepmill store`.

use std::io::IsTerminal;

use serde_json::json;
use stepmill::store::sqlite::{Progress, Report};
use stepmill::store::{Sqlite, StoreError};

use crate::Exit;
use crate::cli::{CheckArgs, StoreArgs, StoreVerb};
use crate::problem::Problem;
use crate::serve::store::{file, refused};
use crate::terminal::{self, harmless, note};

/// Problems that are shown; `--json` gives all that are kept.
const MOST_SHOWN: usize = 50;

pub(crate) fn store(args: &StoreArgs) -> Result<Exit, Problem> {
    match &args.verb {
        StoreVerb::Check(args) => check(args),
    }
}

fn check(args: &CheckArgs) -> Result<Exit, Problem> {
    let path = file(&args.path);
    if !path.is_file() {
        let message = format!("{}: there is no store", args.path.display());
        return Err(Problem::new(message).help("name the directory that `stepmill serve` names"));
    }
    let live = std::io::stderr().is_terminal() && !args.json;
    let report = Sqlite::check(&path, |progress| {
        if live {
            show(progress);
        }
    });
    if live {
        let _ = console::Term::stderr().clear_line();
    }
    let report = match report {
        // So damaged that it cannot be looked through.
        Err(StoreError::Damaged(what)) => Report {
            problems: vec![what],
            ..Report::default()
        },
        report => report.map_err(|error| refused(&error))?,
    };
    if args.json {
        let Report {
            executions,
            entries,
            documents,
            problems,
            more,
        } = &report;
        let found = json!({
            "path": path.display().to_string(),
            "whole": report.is_well(),
            "executions": executions,
            "entries": entries,
            "documents": documents,
            "problems": problems,
            "moreProblems": more,
        });
        terminal::print(&format!("{found:#}\n"))?;
    } else {
        tell(&report);
    }
    Ok(if report.is_well() {
        Exit::Succeeded
    } else {
        Exit::Failed
    })
}

/// One line, written over and over.
fn show(progress: Progress) {
    let Progress { stage, done, total } = progress;
    let term = console::Term::stderr();
    // A line that cannot be shown is no reason to stop.
    let _ = term.clear_line();
    let _ = match total {
        0 => term.write_str(&format!("{stage}: {done}")),
        total => term.write_str(&format!("{stage}: {done} of {total}")),
    };
}

fn tell(report: &Report) {
    for problem in report.problems.iter().take(MOST_SHOWN) {
        note(&harmless(problem));
    }
    let hidden = report.problems.len().saturating_sub(MOST_SHOWN) as u64 + report.more;
    if hidden > 0 {
        note(&format!(
            "{hidden} more problems (--json gives the first thousand)"
        ));
    }
    let style = console::Style::new().for_stderr().bold();
    let verdict = if report.is_well() {
        style.green().apply_to("the store is whole")
    } else {
        style.red().apply_to("the store is damaged")
    };
    note(&format!(
        "{verdict} ({} executions, {} entries, {} documents)",
        report.executions, report.entries, report.documents
    ));
}
