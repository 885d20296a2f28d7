//! What goes to the terminal and to standard output.

use std::borrow::Cow;
use std::io::{self, Write};

use console::Term;

use crate::problem::Problem;

/// The terminal's columns, or what suits a file.
pub(crate) fn columns() -> usize {
    let (_, columns) = Term::stderr().size();
    if Term::stderr().is_term() {
        usize::from(columns).clamp(40, 120)
    } else {
        100
    }
}

/// Writes a result to standard output. A reader that has gone away, as `head` does, is no error.
pub(crate) fn print(text: &str) -> Result<(), Problem> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Problem::new(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Writes a line to standard error, which may be closed.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Text from outside without what a terminal would obey.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let harmful = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let stripped = console::strip_ansi_codes(text);
    Cow::Owned(stripped.replace(harmful, "\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn escape_sequences_are_taken_out() {
        assert_eq!(harmless("plain\n\ttext"), "plain\n\ttext");
        assert_eq!(harmless("\u{1b}[31mred\u{1b}[0m\u{7}"), "red\u{fffd}");
        assert_eq!(harmless("\u{1b}]0;title\u{7}x").find('\u{1b}'), None);
    }
}
