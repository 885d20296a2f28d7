//! The execution's input.

use std::io::{self, Read};
use std::path::Path;

use stepmill::integrations::project::Project;
use stepmill::interpreter::Payload;

use crate::problem::Problem;
use crate::source;

/// Reads the input that `--input` gives, else the project's, else an empty object.
pub(crate) fn read(
    given: Option<&str>,
    project: Option<&Project>,
    most: usize,
) -> Result<Payload, Problem> {
    let (name, text) = match given {
        Some("-") => ("standard input".to_owned(), standard_input(most)?),
        Some(given) => match given.strip_prefix('@') {
            Some(file) => (
                file.to_owned(),
                source::read(Path::new(file), "the file of --input")?,
            ),
            None => ("--input".to_owned(), given.to_owned()),
        },
        None => match project.and_then(|project| project.input.as_deref()) {
            Some(file) => (
                file.display().to_string(),
                source::read(file, "`input` of the project")?,
            ),
            None => return Ok(Payload::from(serde_json::json!({}))),
        },
    };
    if text.len() > most {
        let message = format!("{name}: the input has {} bytes", text.len());
        let help = format!("an execution's input has at most {most} bytes");
        return Err(Problem::new(message).help(help));
    }
    Payload::from_text(text.trim()).map_err(|_| invalid(&name, text.trim()))
}

fn standard_input(most: usize) -> Result<String, Problem> {
    let mut text = String::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    match io::stdin().lock().take(most).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Problem::new(format!(
            "standard input: cannot be read: {error}"
        ))),
    }
}

fn invalid(name: &str, text: &str) -> Problem {
    let Err(error) = serde_json::from_str::<serde_json::Value>(text) else {
        return Problem::new(format!("{name}: is not valid JSON"));
    };
    let help = if text.is_empty() {
        "it is empty; the smallest input is {}".to_owned()
    } else if Path::new(text).is_file() {
        format!("to read the input from a file, write --input @{text}")
    } else {
        "write JSON, @FILE to read a file, or - for standard input".to_owned()
    };
    let at = offset(text, error.line(), error.column());
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    let problem = Problem::new(format!("the input is not valid JSON: {reason}")).help(help);
    problem.at(name, text, at..at + 1)
}

/// The byte that serde_json's line and column (in bytes, the last one read) speak of.
pub(crate) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column.saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::{offset, read};

    #[test]
    fn input_is_kept_as_it_was_written() {
        let input = read(Some(" {\"a\": [1, 2]} "), None, 100).unwrap();
        assert_eq!(input.text(), "{\"a\": [1, 2]}");
        assert_eq!(read(None, None, 100).unwrap().text(), "{}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (input, expected) in [
            ("{a}", "not valid JSON: key must be a string"),
            ("", "not valid JSON: EOF"),
            ("Cargo.toml", "--input @Cargo.toml"),
            ("@no-such-file.json", "no such file"),
            ("\"too long\"", "at most 8 bytes"),
        ] {
            let most = if input.contains("long") { 8 } else { 100 };
            let problem = read(Some(input), None, most).unwrap_err().render();
            assert!(problem.contains(expected), "{problem}");
        }
    }

    #[test]
    fn lines_and_columns_become_bytes() {
        assert_eq!(offset("{\n  a\n}", 2, 3), 4);
        assert_eq!(offset("", 1, 0), 0);
        assert_eq!(offset("ab", 9, 9), 2);
    }
}
