//! The figures in words.

use std::fmt::Write as _;

use crate::measure::Figure;

/// One line for the terminal.
pub(crate) fn text(figure: &Figure) -> String {
    format!(
        "{:<62} {:>12} {}/s  {:.1} allocations each",
        figure.name,
        grouped(figure.per_second),
        figure.unit,
        figure.allocations
    )
}

/// What begins a part of the page. The first is written here, the others stay as they are.
const PART: &str = "\n## ";

/// The page for the repository; what others have written to it stays.
pub(crate) fn markdown(figures: &[Figure], known: &str) -> String {
    let mut page = String::from(
        "# Benchmarks\n\n\
         ## The interpreter\n\n\
         One core, one run: the best of ten parts of it, since what disturbs only makes slower.\n\
         Compare the figures with each other rather than with another machine's. A state\n\
         transition is a state entered; the interpreter alone is measured, without storage.\n\n\
         This part is generated, by\n\n    \
         cargo run --release -p stepmill-bench -- --document docs/benchmarks.md\n\n\
         | what | per second | unit | allocations each | relative |\n\
         |---|---:|---|---:|---:|\n",
    );
    let first = figures.first().map_or(1.0, |figure| figure.per_second);
    for figure in figures {
        let relative = if figure.unit == "state transitions" {
            format!("{:.2}", figure.per_second / first)
        } else {
            String::new()
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} | {:.1} | {relative} |",
            figure.name,
            grouped(figure.per_second),
            figure.unit,
            figure.allocations
        );
    }
    if let Some((at, _)) = known.match_indices(PART).nth(1) {
        page.push_str(&known[at..]);
    }
    page
}

/// A number with its thousands apart.
fn grouped(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
