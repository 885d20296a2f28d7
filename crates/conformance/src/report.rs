//! The outcome of all cases, written down.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::known;
use crate::outcome::{CaseResult, Outcome};

/// A reason is shown up to this many characters.
const REASON: usize = 240;

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// All of them.
    pub cases: usize,
    /// Passed by the strict verdict.
    pub strict: usize,
    /// Passed by the lenient verdict, those passed by the strict one included.
    pub lenient: usize,
    /// Not run.
    pub skipped: usize,
}

impl Score {
    fn add(&mut self, result: &CaseResult) {
        self.cases += 1;
        self.strict += usize::from(result.strict == Outcome::Passed);
        self.lenient += usize::from(result.lenient == Outcome::Passed);
        self.skipped += usize::from(matches!(result.lenient, Outcome::Skipped { .. }));
    }

    /// Those that the strict or the lenient verdict passed.
    pub fn passed(&self, strict: bool) -> usize {
        if strict { self.strict } else { self.lenient }
    }

    /// Those that ran and did not pass.
    pub fn failed(&self, strict: bool) -> usize {
        self.cases - self.skipped - self.passed(strict)
    }

    /// The score of `results`.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut score = Self::default();
        results.into_iter().for_each(|result| score.add(result));
        score
    }
}

/// The scores by area, in the order of their names.
pub fn by_area(results: &[CaseResult]) -> BTreeMap<&str, Score> {
    let mut areas: BTreeMap<&str, Score> = BTreeMap::new();
    for result in results {
        areas.entry(&result.area).or_default().add(result);
    }
    areas
}

/// For the terminal: a table by area, each case that did not pass with its reason (all of its
/// differences if `verbose`), and the line `N passed, N failed, N skipped`.
pub fn to_text(results: &[CaseResult], strict: bool, verbose: bool) -> String {
    let mut text = String::new();
    let areas = by_area(results);
    let width = areas
        .keys()
        .map(|area| area.len())
        .max()
        .unwrap_or_default()
        .max("area".len());
    line(
        &mut text,
        format_args!(
            "{:width$}  {:>6}  {:>6}  {:>7}  {:>6}  {:>7}",
            "area", "cases", "strict", "lenient", "failed", "skipped"
        ),
    );
    for (area, score) in &areas {
        line(
            &mut text,
            format_args!(
                "{area:width$}  {:>6}  {:>6}  {:>7}  {:>6}  {:>7}",
                score.cases,
                score.strict,
                score.lenient,
                score.failed(strict),
                score.skipped
            ),
        );
    }
    for result in results {
        match result.outcome(strict) {
            Outcome::Passed => {}
            Outcome::Failed { failures } if verbose => {
                line(
                    &mut text,
                    format_args!("\nfailed   {}  {}", result.area, result.id),
                );
                for failure in failures {
                    line(&mut text, format_args!("    {failure}"));
                }
            }
            outcome => {
                let word = if matches!(outcome, Outcome::Skipped { .. }) {
                    "skipped"
                } else {
                    "failed"
                };
                line(
                    &mut text,
                    format_args!(
                        "{word:7}  {}  {}: {}",
                        result.area,
                        result.id,
                        cut(&outcome.reason())
                    ),
                );
            }
        }
    }
    line(
        &mut text,
        format_args!("{}", summary(&Score::of(results), strict)),
    );
    text
}

/// `N passed, N failed, N skipped`.
pub fn summary(score: &Score, strict: bool) -> String {
    let (passed, failed) = (score.passed(strict), score.failed(strict));
    format!(
        "{passed} passed, {failed} failed, {} skipped",
        score.skipped
    )
}

/// For the repository: a page in Markdown. `command` is the command that wrote it. It says where a
/// case differs and what the engine gave, not what was recorded: that belongs to the data set.
pub fn to_markdown(results: &[CaseResult], command: &str) -> String {
    let mut page = String::new();
    let total = Score::of(results);
    let scope: Vec<&CaseResult> = results.iter().filter(|result| result.in_scope).collect();
    let in_scope = Score::of(scope.iter().copied());
    line(
        &mut page,
        format_args!(
            "# Conformance with AWS Step Functions\n\n\
         Each case is a recorded answer of AWS. The *strict* verdict compares all that AWS sent; the\n\
         *lenient* one leaves out the fields that the recording suite itself does not check.\n\
         A case is *in scope* if it needs no service but Lambda, and no distributed Map.\n\n\
         This page is generated, by\n\n    {command}\n"
        ),
    );
    line(
        &mut page,
        format_args!(
            "In scope: {} of {} cases pass strictly, {} leniently. All: {} of {} strictly, {} leniently; {} skipped.\n",
            in_scope.strict,
            in_scope.cases,
            in_scope.lenient,
            total.strict,
            total.cases,
            total.lenient,
            total.skipped
        ),
    );
    score_table(&mut page, results, &total, &in_scope);
    let failing = |wanted: fn(&CaseResult) -> bool| {
        scope.iter().copied().filter(move |result| wanted(result))
    };
    reasons(
        &mut page,
        "In scope and not passing",
        failing(|result| result.lenient != Outcome::Passed).map(|result| (result, &result.lenient)),
    );
    reasons(
        &mut page,
        "In scope and passing only leniently",
        failing(|result| result.lenient == Outcome::Passed && result.strict != Outcome::Passed)
            .map(|result| (result, &result.strict)),
    );
    skipped(&mut page, results);
    page
}

fn score_table(page: &mut String, results: &[CaseResult], total: &Score, in_scope: &Score) {
    line(
        page,
        format_args!(
            "## Score by area\n\n\
         | area | cases | strict | lenient | skipped | in scope | strict | lenient |\n\
         |---|---|---|---|---|---|---|---|"
        ),
    );
    let mut row = |area: &str, all: &Score, scope: &Score| {
        line(
            page,
            format_args!(
                "| {area} | {} | {} | {} | {} | {} | {} | {} |",
                all.cases,
                all.strict,
                all.lenient,
                all.skipped,
                scope.cases,
                scope.strict,
                scope.lenient
            ),
        );
    };
    for (area, score) in by_area(results) {
        let scope = Score::of(
            results
                .iter()
                .filter(|result| result.in_scope && result.area == area),
        );
        row(area, &score, &scope);
    }
    row("**all**", total, in_scope);
}

fn reasons<'a>(
    page: &mut String,
    title: &str,
    results: impl Iterator<Item = (&'a CaseResult, &'a Outcome)>,
) {
    line(page, format_args!("\n## {title}\n"));
    let mut none = true;
    for (result, outcome) in results {
        none = false;
        let came = cut(&outcome.own_reason()).replace('`', "'");
        let reason = match (known::reason(&result.id), outcome) {
            (Some(reason), _) => format!("{reason} "),
            (None, Outcome::Skipped { .. }) => String::new(),
            (None, _) => "not explained yet. ".to_owned(),
        };
        line(
            page,
            format_args!("* {} `{}`: {reason}`{came}`", result.area, result.id),
        );
    }
    if none {
        line(page, format_args!("None."));
    }
}

fn skipped(page: &mut String, results: &[CaseResult]) {
    let mut needs: BTreeMap<String, usize> = BTreeMap::new();
    for result in results {
        if let Outcome::Skipped { needs: lacking } = &result.lenient {
            *needs.entry(lacking.join(", ")).or_default() += 1;
        }
    }
    line(page, format_args!("\n## Skipped, by what they need\n"));
    if needs.is_empty() {
        line(page, format_args!("None."));
        return;
    }
    line(page, format_args!("| needs | cases |\n|---|---|"));
    for (need, count) in needs {
        line(
            page,
            format_args!("| {} | {count} |", need.replace('|', "\\|")),
        );
    }
}

fn cut(reason: &str) -> String {
    match reason.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason.to_owned(),
    }
}

/// Writing to a text cannot fail.
fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{content}");
}
