//! How wide text is, and where it breaks.
//!
//! An SVG image is drawn with whatever font its reader has, so widths are those of Helvetica,
//! which the usual sans-serif fonts follow, rounded up.

/// The width of `text` in pixels at a font size of `size` pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

fn em(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 0.28,
        ' ' | 'f' | 't' | 'I' | '(' | ')' | '[' | ']' | '/' | '\\' | '-' | 'r' => 0.34,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.94,
        'A'..='Z' | '&' => 0.72,
        ' '..='~' => 0.58,
        // East Asian scripts and emoji fill a square.
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffef}' | '\u{1f000}'.. => 1.05,
        _ => 0.66,
    }
}

/// `text` in at most `lines` lines no wider than `most` pixels; what does not fit becomes `…`.
pub(super) fn wrap(text: &str, size: f64, most: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if line.is_empty() || width(&longer, size) <= most {
            line = longer;
            continue;
        }
        if wrapped.len() + 1 == lines {
            let rest = words.collect::<Vec<_>>().join(" ");
            line = format!("{longer} {rest}");
            break;
        }
        wrapped.push(cut(&line, size, most));
        word.clone_into(&mut line);
    }
    wrapped.push(cut(&line, size, most));
    wrapped
}

/// `text`, or as much of its beginning as fits, with `…` behind it.
fn cut(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut left = most / size - em('…');
    for character in text.chars() {
        left -= em(character);
        if left < 0.0 {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{width, wrap};

    #[test]
    fn short_text_stays() {
        assert_eq!(wrap("Charge card", 13.0, 200.0, 2), ["Charge card"]);
        assert_eq!(wrap("", 13.0, 200.0, 2), [""]);
    }

    #[test]
    fn long_text_breaks_between_words_and_is_cut_at_the_end() {
        let lines = wrap(
            "one two three four five six seven eight nine",
            10.0,
            60.0,
            3,
        );
        assert_eq!(lines, ["one two", "three four", "five six se…"]);
        for line in &lines {
            assert!(width(line, 10.0) <= 60.0, "{line}");
        }
    }

    #[test]
    fn a_word_that_is_too_long_is_cut() {
        let lines = wrap("Supercalifragilistic word", 10.0, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with('…'), "{lines:?}");
    }
}
