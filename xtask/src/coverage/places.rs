//! What stands elsewhere in Rust than its name says, or has no place there: `places.tsv`.

use std::cell::Cell;

use crate::error::TaskError;

const FILE: &str = include_str!("places.tsv");

/// The rows of the file.
pub(super) struct Places(Vec<Row>);

/// What is said of a type, or of a member of it.
pub(super) struct Row {
    /// The CDK's type, or `each Base` for all subclasses of one.
    of: String,
    /// The member; empty for the type as a whole.
    member: String,
    pub(super) place: Place,
    used: Cell<bool>,
}

/// Where something is.
#[derive(Clone)]
pub(super) enum Place {
    /// Paths in Rust: types, or one member of a type.
    Rust(Vec<String>),
    /// Nowhere, for a reason.
    Nowhere(String),
}

impl Places {
    pub(super) fn read() -> Result<Self, TaskError> {
        Self::parse(FILE)
    }

    fn parse(text: &str) -> Result<Self, TaskError> {
        let rows = text.lines().enumerate();
        let rows = rows.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let rows = rows.map(|(index, line)| {
            Row::parse(line).ok_or_else(|| {
                let form = "TYPE, MEMBER, PLACE or TYPE, MEMBER, -, REASON";
                TaskError::Coverage(vec![format!("places.tsv, line {}: not {form}", index + 1)])
            })
        });
        rows.collect::<Result<_, _>>().map(Self)
    }

    /// What is said of a type, or of its member.
    pub(super) fn get(&self, of: &str, member: &str) -> Option<&Place> {
        let mut rows = self.0.iter();
        let row = rows.find(|row| row.of == of && row.member == member)?;
        row.used.set(true);
        Some(&row.place)
    }

    /// Rows about what the inventories do not have.
    pub(super) fn unused(&self) -> impl Iterator<Item = String> {
        let unused = self.0.iter().filter(|row| !row.used.get());
        unused.map(|row| format!("places.tsv: `{} {}` is not needed", row.of, row.member))
    }
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split('\t').collect();
        let (of, member, place) = match columns.as_slice() {
            [of, member, "-", reason] if !reason.is_empty() => {
                (of, member, Place::Nowhere((*reason).to_owned()))
            }
            [of, member, places] if !places.is_empty() && *places != "-" => {
                let places = places.split(", ").map(str::to_owned).collect();
                (of, member, Place::Rust(places))
            }
            _ => return None,
        };
        Some(Self {
            of: (*of).to_owned(),
            member: (*member).to_owned(),
            place,
            used: Cell::new(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Places};

    #[test]
    fn a_row_has_a_place_or_a_reason() {
        let text = "# a comment\nA\t\tB, C\nA\tb\t-\tbecause\neach D\te\tF::e\n";
        let places = Places::parse(text).unwrap();
        assert!(matches!(places.get("A", ""), Some(Place::Rust(paths)) if *paths == ["B", "C"]));
        assert!(
            matches!(places.get("A", "b"), Some(Place::Nowhere(reason)) if reason == "because")
        );
        assert_eq!(
            places.unused().collect::<Vec<_>>(),
            ["places.tsv: `each D e` is not needed"]
        );
        for wrong in ["A\tb\t-", "A\tb", "A\tb\t-\t", "A\tb\tC\tbecause"] {
            assert!(Places::parse(wrong).is_err(), "{wrong}");
        }
    }
}
