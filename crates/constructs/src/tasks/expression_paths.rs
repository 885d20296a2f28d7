//! Paths of the workflow's data in JavaScript expressions.

/// What kind of text a path stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    /// Between quotes.
    Plain,
    /// Between backquotes, outside of `${…}`.
    Template,
}

/// The paths, and where each begins: `$.` or `$[` with all that can go on a path.
pub(super) fn paths(expression: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + expression[from..].find('$')?;
            let rest = &expression[start + 1..];
            let end = rest.find(|c| !continues(c)).unwrap_or(rest.len());
            from = start + 1 + end;
            // One character after the `.` or `[` at least.
            if rest.starts_with(['.', '[']) && end > 1 {
                return Some((start, &expression[start..from]));
            }
        }
    })
}

fn continues(c: char) -> bool {
    c.is_ascii_alphanumeric() || ".[]-_".contains(c)
}

/// The paths that are part of a text, each once for each kind.
pub(super) fn paths_in_literals(expression: &str) -> Vec<(&str, Literal)> {
    let literals = literals(expression);
    let mut found = Vec::new();
    for (start, path) in paths(expression) {
        if let Some(literal) = literals[start] {
            let path = (path, literal);
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

/// What a place in an expression is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Code, with the number of braces that are open; in `${…}` one more closes it.
    Code {
        braces: usize,
        interpolated: bool,
    },
    Quotes(u8),
    Backquotes,
    Regex,
}

/// For each byte of an expression, the kind of text that it is in.
fn literals(expression: &str) -> Vec<Option<Literal>> {
    let bytes = expression.as_bytes();
    let mut literals = vec![None; bytes.len()];
    let mut within = vec![Within::Code {
        braces: 0,
        interpolated: false,
    }];
    let mut at = 0;
    while let (Some(byte), Some(inner)) = (bytes.get(at).copied(), within.last().copied()) {
        let mut length = 1;
        match inner {
            Within::Code {
                braces,
                interpolated,
            } => match byte {
                b'\'' | b'"' => within.push(Within::Quotes(byte)),
                b'`' => within.push(Within::Backquotes),
                b'/' if begins_regex(&expression[..at]) => within.push(Within::Regex),
                b'{' => replace(
                    &mut within,
                    Within::Code {
                        braces: braces + 1,
                        interpolated,
                    },
                ),
                b'}' if braces > 0 => {
                    replace(
                        &mut within,
                        Within::Code {
                            braces: braces - 1,
                            interpolated,
                        },
                    );
                }
                b'}' if interpolated => drop(within.pop()),
                _ => {}
            },
            Within::Backquotes if bytes[at..].starts_with(b"${") => {
                length = 2;
                within.push(Within::Code {
                    braces: 0,
                    interpolated: true,
                });
            }
            Within::Quotes(_) | Within::Backquotes | Within::Regex => {
                let (literal, close) = match inner {
                    Within::Quotes(quote) => (Some(Literal::Plain), quote),
                    Within::Backquotes => (Some(Literal::Template), b'`'),
                    _ => (None, b'/'),
                };
                length = if byte == b'\\' { 2 } else { 1 };
                let end = (at + length).min(bytes.len());
                literals[at..end].fill(literal);
                if byte == close {
                    within.pop();
                }
            }
        }
        at += length;
    }
    literals
}

fn replace(within: &mut [Within], inner: Within) {
    if let Some(last) = within.last_mut() {
        *last = inner;
    }
}

/// Whether a `/` after some code begins a regular expression: where no value has just ended, which could be divided.
fn begins_regex(before: &str) -> bool {
    let last = before.trim_end().chars().next_back();
    last.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_$)]".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expression: &str) -> Vec<&str> {
        paths(expression).map(|(_, path)| path).collect()
    }

    #[test]
    fn paths_are_what_the_cdk_takes_for_paths() {
        assert_eq!(found("$.a + $[0] * $.b.c[1]"), ["$.a", "$[0]", "$.b.c[1]"]);
        assert_eq!(found("`${$.a} costs $5 or $$.b`"), ["$.a", "$.b"]);
        assert_eq!(found("$.a-b_c"), ["$.a-b_c"]);
        assert_eq!(found("$. $ $[ ä$.ö"), Vec::<&str>::new());
    }

    #[test]
    fn paths_in_texts_are_told_from_those_in_code() {
        use Literal::{Plain, Template};

        let cases: [(&str, &[(&str, Literal)]); 8] = [
            ("'a $.b' + $.b", &[("$.b", Plain)]),
            (r#""it\" $.b" + $.c"#, &[("$.b", Plain)]),
            ("`x ${$.a} $.b`", &[("$.b", Template)]),
            ("`x ${ {a: '$.c'}.a + $.a } y`", &[("$.c", Plain)]),
            ("`${`${$.a}`}` + $.b", &[]),
            ("/'/.test($.a)", &[]),
            ("$.a / 2 + '$.b' / 3", &[("$.b", Plain)]),
            ("'$.a' + '$.a'", &[("$.a", Plain)]),
        ];
        for (expression, expected) in cases {
            assert_eq!(paths_in_literals(expression), expected, "{expression}");
        }
    }
}
