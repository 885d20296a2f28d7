//! `cargo xtask layers`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use crate::command::{cargo, output};
use crate::error::TaskError;
use crate::floors::{FLOORS, floor_of, short};

/// What `cargo metadata` says, as far as we ask.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// A directory, where the dependency is one of ours.
    path: Option<String>,
}

/// The crates of the workspace, each with those that it imports in any way: in tests and build
/// scripts too.
struct Imports(BTreeMap<String, BTreeSet<String>>);

/// Prints the floors, and fails if a crate imports one that is not below it.
pub(crate) fn run() -> Result<(), TaskError> {
    let metadata = output(&mut cargo(&["metadata", "--no-deps", "--format-version=1"]))?;
    let imports = Imports::read(&metadata)?;
    print!("{}", imports.picture());
    let wrong = imports.check();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(TaskError::Layers(wrong))
    }
}

impl Imports {
    fn read(metadata: &[u8]) -> Result<Self, TaskError> {
        let metadata: Metadata = serde_json::from_slice(metadata)?;
        let imports = metadata.packages.into_iter().map(|package| {
            let ours = package.dependencies.into_iter();
            let ours = ours.filter(|dependency| dependency.path.is_some());
            (
                package.name,
                ours.map(|dependency| dependency.name).collect(),
            )
        });
        Ok(Self(imports.collect()))
    }

    /// What is wrong, one text for each crate or import.
    fn check(&self) -> Vec<String> {
        let mut wrong = BTreeSet::new();
        let mut place = |name: &str| {
            let floor = floor_of(name);
            if floor.is_none() {
                wrong.insert(format!(
                    "{name} stands on no floor: place it in xtask/src/floors.rs and in ARCHITECTURE.md"
                ));
            }
            floor
        };
        let mut upward = Vec::new();
        for (name, imported) in &self.0 {
            let own = place(name);
            for other in imported {
                if let (Some(own), Some(floor)) = (own, place(other))
                    && floor >= own
                {
                    upward.push(format!(
                        "{name} (floor {own}) imports {other} (floor {floor}): a crate imports only crates below it"
                    ));
                }
            }
        }
        wrong.into_iter().chain(upward).collect()
    }

    /// The floors from the top, each crate with what it imports, lowest first.
    fn picture(&self) -> String {
        let width = self.0.keys().map(|name| short(name).len()).max();
        let width = width.unwrap_or_default();
        let mut text = String::new();
        for (number, floor) in FLOORS.iter().enumerate().rev() {
            let inhabited = floor
                .crates
                .iter()
                .filter_map(|wanted| self.0.iter().find(|(name, _)| short(name) == *wanted));
            let inhabited: Vec<_> = inhabited.collect();
            if inhabited.is_empty() {
                continue;
            }
            // Writing to a string does not fail.
            let _ = writeln!(text, "{number}  {}", floor.name);
            for (name, imported) in inhabited {
                let mut imported: Vec<&str> = imported.iter().map(String::as_str).collect();
                imported.sort_by_key(|name| floor_of(name));
                let imported: Vec<&str> = imported.into_iter().map(short).collect();
                let _ = match imported.as_slice() {
                    [] => writeln!(text, "     {}", short(name)),
                    some => writeln!(text, "     {:width$} → {}", short(name), some.join(", ")),
                };
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A workspace of crates and what they import; what has no directory comes from elsewhere.
    fn workspace(crates: &[(&str, &[&str])]) -> Imports {
        let packages: Vec<Value> = crates
            .iter()
            .map(|(name, imported)| {
                let dependencies: Vec<Value> = imported
                    .iter()
                    .map(|name| match name.strip_prefix("crates.io/") {
                        Some(name) => json!({"name": name, "kind": null, "source": "registry"}),
                        None => json!({"name": name, "kind": "dev", "source": null, "path": "/x"}),
                    })
                    .collect();
                json!({"name": name, "version": "0.1.0", "dependencies": dependencies})
            })
            .collect();
        let metadata = json!({"packages": packages, "version": 1});
        Imports::read(metadata.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn imports_of_lower_floors_are_right() {
        let imports = workspace(&[
            ("stepmill-asl", &["crates.io/serde"]),
            ("stepmill-catalog", &["stepmill-asl"]),
            (
                "stepmill-interpreter",
                &["stepmill-catalog", "stepmill-asl"],
            ),
            ("xtask", &["crates.io/clap"]),
        ]);
        assert_eq!(imports.check(), Vec::<String>::new());
        let picture = "\
7  tools
     xtask
2  execution, journal, requests
     interpreter → asl, catalog
1  facts
     catalog     → asl
0  the language
     asl
";
        assert_eq!(imports.picture(), picture);
    }

    #[test]
    fn an_import_upward_is_named() {
        let imports = workspace(&[
            ("stepmill-asl", &["stepmill-engine"]),
            ("stepmill-engine", &[]),
        ]);
        assert_eq!(
            imports.check(),
            [
                "stepmill-asl (floor 0) imports stepmill-engine (floor 4): a crate imports only crates below it"
            ]
        );
    }

    #[test]
    fn an_import_on_the_same_floor_is_named() {
        let imports = workspace(&[
            ("stepmill-interpreter", &["stepmill-store"]),
            ("stepmill-store", &["stepmill-asl"]),
            ("stepmill-asl", &[]),
            ("xtask", &["stepmill-bench"]),
            ("stepmill-bench", &[]),
        ]);
        let wrong = imports.check();
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].starts_with("stepmill-interpreter (floor 2) imports stepmill-store"));
        assert!(wrong[1].starts_with("xtask (floor 7) imports stepmill-bench"));
    }

    #[test]
    fn a_crate_on_no_floor_is_named_once() {
        let imports = workspace(&[
            ("stepmill-engine", &["stepmill-attic"]),
            ("stepmill-attic", &["stepmill-engine"]),
        ]);
        assert_eq!(
            imports.check(),
            [
                "stepmill-attic stands on no floor: place it in xtask/src/floors.rs and in ARCHITECTURE.md"
            ]
        );
    }

    #[test]
    fn no_metadata_is_an_error() {
        assert!(Imports::read(b"{}").is_err());
        assert!(Imports::read(b"").is_err());
    }
}
