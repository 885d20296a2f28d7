//! Limits of names and lists.

use std::ops::RangeInclusive;

use crate::core::Problem;
use crate::value::Text;

/// What a text must look like.
pub(super) struct Form {
    /// As a regular expression, for people.
    pub(super) pattern: &'static str,
    pub(super) matches: fn(&str) -> bool,
}

/// That a text, as far as it is known, is not too short or long and has a form. The CDK's messages call the property
/// `name`.
pub(super) fn text(
    property: &'static str,
    name: &str,
    lengths: RangeInclusive<usize>,
    form: &Form,
    text: &Text,
) -> Result<(), Problem> {
    let Some(text) = text.as_literal() else {
        return Ok(());
    };
    let length = text.chars().count();
    let problem = |message| Err(Problem::property(property, message));
    if !lengths.contains(&length) {
        return problem(format!(
            "{name} must be between {} and {} characters long, got: {length}.",
            lengths.start(),
            lengths.end()
        ));
    }
    if !(form.matches)(text) {
        return problem(format!(
            "{name} must match the pattern {}, got: {text}.",
            form.pattern
        ));
    }
    Ok(())
}

/// That a list is not too short or long.
pub(super) fn list(
    property: &'static str,
    name: &str,
    lengths: RangeInclusive<usize>,
    length: usize,
) -> Result<(), Problem> {
    if lengths.contains(&length) {
        return Ok(());
    }
    let message = format!(
        "{name} must be between {} and {} items long, got: {length}.",
        lengths.start(),
        lengths.end()
    );
    Err(Problem::property(property, message))
}

/// Letters and digits with hyphens between them.
pub(super) const TOKEN: Form = Form {
    pattern: "/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/",
    matches: |text| {
        let word = |letter: char| letter.is_ascii_alphanumeric();
        text.starts_with(word)
            && text.ends_with(word)
            && text.chars().all(|letter| word(letter) || letter == '-')
    },
};

/// Letters and digits, with single hyphens and underscores after them.
pub(super) const MODEL_NAME: Form = Form {
    pattern: "/^([0-9a-zA-Z][_-]?)+$/",
    matches: |text| {
        let mut after_word = false;
        let allowed = text.chars().all(|letter| {
            let word = letter.is_ascii_alphanumeric();
            let allowed = word || (after_word && "_-".contains(letter));
            after_word = word;
            allowed
        });
        allowed && !text.is_empty()
    },
};

/// Letters, digits, `+` and `.` with hyphens between them.
pub(super) const JOB_NAME: Form = Form {
    pattern: r"/^[a-zA-Z0-9](-*[a-zA-Z0-9\+\-\.])*$/",
    matches: |text| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
        text.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && text.chars().all(allowed)
    },
};
