//! What is wrong, shown as a compiler shows it: the line, a caret, the reason, the remedy.

use std::fmt;
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, Severity, SourceCode, SourceSpan, SpanContents,
};

use crate::terminal;

/// Something wrong with what the command was given.
#[derive(Debug)]
pub(crate) struct Problem {
    message: String,
    severity: Severity,
    details: Box<Details>,
}

#[derive(Debug, Default)]
struct Details {
    code: Option<String>,
    help: Option<String>,
    excerpt: Option<Excerpt>,
}

impl Problem {
    /// A problem in a few words, beginning with what it is about.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: terminal::harmless(&message.into()).into_owned(),
            severity: Severity::Error,
            details: Box::default(),
        }
    }

    /// With what would be right.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.details.help = Some(terminal::harmless(&help.into()).into_owned());
        self
    }

    /// With what it is called.
    #[must_use]
    pub(crate) fn code(mut self, code: impl Into<String>) -> Self {
        self.details.code = Some(code.into());
        self
    }

    /// As a warning.
    #[must_use]
    pub(crate) fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// With the place in a file's text.
    #[must_use]
    pub(crate) fn at(mut self, name: &str, text: &str, bytes: Range<usize>) -> Self {
        self.details.excerpt = Some(Excerpt::new(name, text, bytes));
        self
    }

    /// As text for a terminal.
    pub(crate) fn render(&self) -> String {
        let theme = if console::colors_enabled_stderr() {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(terminal::columns());
        let mut text = String::new();
        // Writing to a text cannot fail; a failure would be miette's, and the message must be seen.
        if handler.render_report(&mut text, self).is_err() {
            text.clone_from(&self.message);
        }
        text
    }

    /// Shows it on standard error.
    pub(crate) fn print(&self) {
        terminal::note(self.render().trim_end_matches('\n'));
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.details
            .code
            .as_ref()
            .map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.details
            .help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.details
            .excerpt
            .as_ref()
            .map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.details.excerpt.as_ref()?.label.clone();
        let label = LabeledSpan::new(None, label.start, label.len());
        Some(Box::new(std::iter::once(label)))
    }
}

/// A longer line is shown in part.
const LONGEST: usize = 160;
/// What is shown of a long line before and after the place.
const AROUND: usize = 56;

/// The lines around a place, cut out so that neither a long text nor a long line costs more than
/// what is shown.
#[derive(Debug)]
struct Excerpt {
    name: String,
    text: String,
    /// The text's first line, from 0.
    line: usize,
    /// The place within the text.
    label: Range<usize>,
    /// The place's own line and column, from 0.
    label_line: usize,
    label_column: usize,
}

impl Excerpt {
    fn new(name: &str, source: &str, bytes: Range<usize>) -> Self {
        let start = boundary(source, bytes.start);
        let before = source.get(..start).unwrap_or_default();
        let first = before.rfind('\n').map_or(0, |at| at + 1);
        let last = line_end(source, start);
        // Only the first line of what spans several is marked.
        let end = boundary(source, bytes.end).clamp(start, last);
        let label_line = before.bytes().filter(|byte| *byte == b'\n').count();
        let label_column = source.get(first..start).unwrap_or_default().chars().count();
        let mut line = label_line;
        let (from, to) = if last - first > LONGEST {
            let from = boundary(source, start.saturating_sub(AROUND).max(first));
            let marked = end.min(start + AROUND);
            (from, boundary(source, (marked + AROUND).min(last)))
        } else {
            let mut from = first;
            if let Some(previous) = first.checked_sub(1) {
                let above = source.get(..previous).unwrap_or_default();
                let above = above.rfind('\n').map_or(0, |at| at + 1);
                if previous - above <= LONGEST {
                    (from, line) = (above, label_line - 1);
                }
            }
            let rest = source.get(last..).unwrap_or_default();
            let next = rest.find('\n').map_or(source.len(), |at| last + at + 1);
            let below = line_end(source, next);
            let to = if below - next <= LONGEST { below } else { last };
            (from, to)
        };
        let text = source.get(from..to).unwrap_or_default();
        Self {
            name: name.to_owned(),
            text: without_controls(text),
            line,
            label: start - from..end.min(to) - from,
            label_line,
            label_column,
        }
    }
}

fn line_end(source: &str, from: usize) -> usize {
    let rest = source.get(from..).unwrap_or_default();
    let end = rest.find('\n').map_or(source.len(), |at| from + at);
    if end > from && source.as_bytes().get(end - 1) == Some(&b'\r') {
        end - 1
    } else {
        end
    }
}

/// The nearest place at or before `at` where a character begins.
fn boundary(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The text with every control character replaced by something of its length.
fn without_controls(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            '\r' => ' ',
            control if control.is_control() => {
                if control.len_utf8() == 1 {
                    '?'
                } else {
                    '¿'
                }
            }
            other => other,
        })
        .collect()
}

impl SourceCode for Excerpt {
    /// The excerpt is all there is; without context, the place itself.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let name = self.name.clone();
        let contents = if before == 0 && after == 0 {
            let data = self.text.get(self.label.clone()).unwrap_or_default();
            let span = (self.label.start, self.label.len()).into();
            let (line, column) = (self.label_line, self.label_column);
            MietteSpanContents::new_named(name, data.as_bytes(), span, line, column, 1)
        } else {
            let span = (0, self.text.len()).into();
            let lines = self.text.lines().count();
            MietteSpanContents::new_named(name, self.text.as_bytes(), span, self.line, 0, lines)
        };
        Ok(Box::new(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::{Excerpt, Problem};

    fn shown(source: &str, bytes: std::ops::Range<usize>) -> String {
        console::set_colors_enabled_stderr(false);
        Problem::new("wrong")
            .at("file", source, bytes)
            .help("do it right")
            .render()
    }

    #[test]
    fn the_place_is_marked_between_its_neighbours() {
        let text = shown("one\ntwo here\r\nthree\nfour", 8..12);
        assert!(text.contains("[file:2:5]"), "{text}");
        assert!(
            text.contains("1 │ one\n") && text.contains("3 │ three\n"),
            "{text}"
        );
        assert!(
            text.contains("·     ──┬─") || text.contains("·     ────"),
            "{text}"
        );
        assert!(!text.contains("four"), "{text}");
        assert!(text.contains("help: do it right"), "{text}");
    }

    #[test]
    fn a_long_line_is_cut() {
        let source = format!(
            "{{\"a\":\"{}\",\"wrong\":1,\"b\":\"{}\"}}",
            "x".repeat(5_000),
            "ÿ".repeat(5_000)
        );
        let at = source.find("\"wrong\"").unwrap();
        let text = shown(&source, at..at + 7);
        assert!(text.len() < 1_000, "{text}");
        assert!(text.contains(&format!("[file:1:{}]", at + 1)), "{text}");
        assert!(text.contains("\"wrong\":1"), "{text}");
    }

    #[test]
    fn any_place_in_any_text_can_be_shown() {
        let source = "é\n\u{1b}[0m\u{85}\tx\r\n\r\n終";
        for start in 0..source.len() + 3 {
            for length in 0..source.len() + 3 {
                let excerpt = Excerpt::new("file", source, start..start + length);
                assert!(excerpt.text.get(excerpt.label.clone()).is_some());
                assert!(!shown(source, start..start + length).contains('\u{1b}'));
            }
        }
        assert!(shown("", 0..0).contains("wrong"));
    }

    #[test]
    fn only_the_first_line_of_many_is_marked() {
        let excerpt = Excerpt::new("file", "{\n  \"a\": {\n    \"b\": 1\n  }\n}", 9..30);
        assert_eq!(&excerpt.text[excerpt.label], "{");
    }
}
