//! How Jackson, which AWS reads definitions with, writes about places and characters.

/// Jackson's location of a byte: the source up to 500 characters, the line and the column.
pub(crate) fn location(text: &str, reached: usize) -> String {
    const SNIPPET: usize = 500;
    let reached = reached.min(text.len());
    let before = text.get(..reached).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[line_start..].encode_utf16().count() + 1;
    let count = text.encode_utf16().count();
    if count <= SNIPPET {
        return format!("[Source: (String)\"{text}\"; line: {line}, column: {column}]");
    }
    let mut units = 0;
    let snippet: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= SNIPPET
        })
        .collect();
    let rest = count - snippet.encode_utf16().count();
    format!(
        "[Source: (String)\"{snippet}\"[truncated {rest} chars]; line: {line}, column: {column}]"
    )
}

/// A character as Jackson names it.
pub(crate) fn describe(c: char) -> String {
    let code = u32::from(c);
    if c.is_control() {
        format!("(CTRL-CHAR, code {code})")
    } else if code > 255 {
        format!("'{c}' (code {code} / 0x{code:x})")
    } else {
        format!("'{c}' (code {code})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sources_are_cut_in_the_location() {
        let text = " ".repeat(600);
        let location = location(&text, 600);
        assert!(
            location.ends_with("\"[truncated 100 chars]; line: 1, column: 601]"),
            "{location}"
        );
    }
}
