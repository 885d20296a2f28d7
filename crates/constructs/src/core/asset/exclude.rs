//! Patterns of what is left out of an asset.

use glob::{MatchOptions, Pattern};

use crate::core::error::Problem;

/// As a shell matches names: `*` stops at `/` and does not begin with a point.
const AS_A_SHELL: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// What is left out of an asset: each pattern that matches decides anew.
pub(super) struct Exclude {
    patterns: Vec<Rule>,
}

struct Rule {
    pattern: Pattern,
    /// It is compared with the name alone.
    name_only: bool,
    /// It takes in again what was left out.
    include: bool,
}

impl Exclude {
    pub(super) fn new(patterns: &[String]) -> Result<Self, Problem> {
        let patterns = patterns.iter().map(|text| Rule::new(text));
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
        })
    }

    /// Whether what has a path below the asset's root, with `/` between its names, is left out.
    pub(super) fn has(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let matching = self.patterns.iter().rfind(|rule| {
            let compared = if rule.name_only { name } else { path };
            rule.pattern.matches_with(compared, AS_A_SHELL)
        });
        matching.is_some_and(|rule| !rule.include)
    }
}

impl Rule {
    fn new(text: &str) -> Result<Self, Problem> {
        let wrong = |reason: &str| {
            let message = format!("`{text}` is no pattern of files: {reason}");
            Problem::property("exclude", message)
        };
        let (pattern, include) = match text.strip_prefix('!') {
            Some(pattern) => (pattern, true),
            None => (text, false),
        };
        if pattern.contains('{') {
            return Err(wrong(
                "write a pattern for each alternative instead of `{a,b}`",
            ));
        }
        Ok(Self {
            pattern: Pattern::new(pattern).map_err(|error| wrong(error.msg))?,
            name_only: !pattern.contains('/'),
            include,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let patterns = ["*.ts", "!keep.ts", "build", "src/*/x", "deep/**/y", "*d"];
        let exclude = Exclude::new(&patterns.map(str::to_owned)).unwrap();
        let excluded = [
            "a.ts",
            "lib/a.ts",
            "build",
            "lib/build",
            "src/a/x",
            "deep/a/b/y",
            "a.d",
        ];
        let kept = [
            "a.js",
            "keep.ts",
            "lib/keep.ts",
            "src/a/b/x",
            "builder",
            ".d",
        ];
        for path in excluded {
            assert!(exclude.has(path), "{path}");
        }
        for path in kept {
            assert!(!exclude.has(path), "{path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_named() {
        let message = |pattern: &str| match Exclude::new(&[pattern.to_owned()]) {
            Err(problem) => problem.to_string(),
            Ok(_) => String::new(),
        };
        assert!(message("a[").starts_with("`a[` is no pattern of files: "));
        assert_eq!(
            message("*.{js,ts}"),
            "`*.{js,ts}` is no pattern of files: write a pattern for each alternative instead of `{a,b}`"
        );
    }
}
