//! `cargo xtask coverage`: where each type and member of the CDK is in Rust.

mod expand;
mod inventory;
mod page;
mod places;
mod source;

use std::fs;
use std::path::Path;

use inventory::{CdkMember, CdkType, Inventory};
use places::{Place, Places};
use source::Source;

use crate::command::root;
use crate::error::TaskError;

const PAGE: &str = "docs/cdk-coverage.md";
const SOURCE: &str = "crates/constructs/src";
const INVENTORIES: [&str; 2] = [
    "crates/constructs/tests/data/cdk/inventory-tasks.json",
    "crates/constructs/tests/data/cdk/inventory-stepfunctions.json",
];

/// A package with where everything in it is.
struct Package {
    name: String,
    version: String,
    types: Vec<Entry>,
}

/// A type with where it and its members are.
struct Entry {
    name: String,
    found: Found,
    /// None for a type that has no place.
    members: Vec<(String, Found)>,
    /// How many members it has in the CDK.
    member_count: usize,
}

/// Where something is.
enum Found {
    /// In Rust: paths, and for a type the file.
    Rust(Vec<(String, Option<String>)>),
    /// Nowhere, for a reason.
    Nowhere(String),
    /// Nobody knows.
    Missing,
}

/// Writes the page, or only checks that it is up to date and without gaps.
pub(crate) fn run(check: bool) -> Result<(), TaskError> {
    let coverage = Coverage::read(root())?;
    let packages = coverage.packages();
    let mut wrong = coverage.wrong_rows(&packages);
    wrong.extend(gaps(&packages));
    let text = page::text(&packages, INVENTORIES);
    let path = root().join(PAGE);
    if check {
        let current = fs::read_to_string(&path).is_ok_and(|current| current == text);
        if !current {
            wrong.push(format!(
                "{PAGE} is not up to date: run `cargo xtask coverage`"
            ));
        }
    } else {
        fs::write(&path, text).map_err(|source| TaskError::File { path, source })?;
        println!("wrote {PAGE}");
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(TaskError::Coverage(wrong)),
    }
}

struct Coverage {
    source: Source,
    places: Places,
    inventories: Vec<Inventory>,
}

impl Coverage {
    fn read(root: &Path) -> Result<Self, TaskError> {
        let inventories = INVENTORIES
            .iter()
            .map(|path| Inventory::read(&root.join(path)));
        Ok(Self {
            source: Source::read(&root.join(SOURCE))?,
            places: Places::read()?,
            inventories: inventories.collect::<Result<_, _>>()?,
        })
    }

    fn packages(&self) -> Vec<Package> {
        let package = |inventory: &Inventory| Package {
            name: inventory.package.clone(),
            version: inventory.version.clone(),
            types: inventory
                .types
                .iter()
                .map(|(name, kind)| self.entry(name, kind))
                .collect(),
        };
        self.inventories.iter().map(package).collect()
    }

    fn entry(&self, name: &str, kind: &CdkType) -> Entry {
        let rust = self.rust_types(name, kind);
        let member_count = kind.all().count();
        let (found, members) = match rust {
            Err(found) => (found, Vec::new()),
            Ok(types) => {
                let members = kind
                    .all()
                    .map(|member| (member.name.clone(), self.member(name, kind, member, &types)));
                let members = members.collect();
                let types = types.into_iter().map(|name| {
                    let file = self.source.get(&name).and_then(|kind| kind.file.as_ref());
                    let file = file.map(|file| format!("../{SOURCE}/{}", file.display()));
                    (name, file)
                });
                (Found::Rust(types.collect()), members)
            }
        };
        Entry {
            name: name.to_owned(),
            found,
            members,
            member_count,
        }
    }

    /// The types that a type of the CDK is in Rust, or why there are none.
    fn rust_types(&self, name: &str, kind: &CdkType) -> Result<Vec<String>, Found> {
        match self.places.get(name, "") {
            Some(Place::Rust(types)) => return Ok(types.clone()),
            Some(Place::Nowhere(reason)) => return Err(Found::Nowhere(reason.clone())),
            None => {}
        }
        if let Some(instead) = &kind.deprecated {
            return Err(Found::Nowhere(deprecated(instead)));
        }
        if name.starts_with("Cfn") {
            let reason = "the CDK's level 1: `CfnResource` is any resource, with any property";
            return Err(Found::Nowhere(reason.to_owned()));
        }
        // A type within a class has a name of its own.
        let name = name.rsplit('.').next().unwrap_or(name);
        let of_props = name.strip_suffix("Props");
        let of_options = name.strip_suffix("Options");
        let of_interface = name
            .strip_prefix('I')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        let candidates = [Some(name), of_props, of_options, of_interface]
            .into_iter()
            .flatten();
        let mut found = candidates.filter(|name| self.source.get(name).is_some());
        found
            .next()
            .map(|name| vec![name.to_owned()])
            .ok_or(Found::Missing)
    }

    fn member(&self, of: &str, kind: &CdkType, member: &CdkMember, types: &[String]) -> Found {
        let own = self.places.get(of, &member.name);
        let place = own.or_else(|| {
            let mut classes = std::iter::once(of.to_owned()).chain(self.bases(kind));
            classes.find_map(|class| self.places.get(&format!("each {class}"), &member.name))
        });
        match place {
            Some(Place::Rust(places)) => {
                return Found::Rust(places.iter().map(|place| (place.clone(), None)).collect());
            }
            Some(Place::Nowhere(reason)) => return Found::Nowhere(reason.clone()),
            None => {}
        }
        let mut found = types
            .iter()
            .filter_map(|name| self.source.member(name, &member.name));
        match (found.next(), &member.deprecated) {
            (Some(found), _) => Found::Rust(vec![(found.place.clone(), None)]),
            (None, Some(instead)) => Found::Nowhere(deprecated(instead)),
            (None, None) => Found::Missing,
        }
    }

    /// The classes that a class is a subclass of, the nearest first.
    fn bases(&self, kind: &CdkType) -> Vec<String> {
        let mut bases = Vec::new();
        let mut next = kind.base.as_deref();
        while let Some(base) = next {
            let name = base.rsplit('.').next().unwrap_or(base);
            bases.push(name.to_owned());
            let mut types = self
                .inventories
                .iter()
                .filter_map(|all| all.types.get(name));
            next = types.next().and_then(|kind| kind.base.as_deref());
        }
        bases
    }

    /// Rows of the file of places that lead nowhere, or that nothing needs.
    fn wrong_rows(&self, packages: &[Package]) -> Vec<String> {
        let mut wrong: Vec<String> = self.places.unused().collect();
        for (what, found) in packages.iter().flat_map(Package::everything) {
            let places = match found {
                Found::Rust(places) => places.as_slice(),
                _ => &[],
            };
            let lost = places.iter().filter(|(place, _)| !self.source.has(place));
            wrong.extend(lost.map(|(place, _)| format!("{what}: there is no `{place}`")));
        }
        wrong
    }
}

impl Package {
    /// Everything in it by its name: `BatchSubmitJobProps.arraySize`.
    fn everything(&self) -> impl Iterator<Item = (String, &Found)> {
        self.types.iter().flat_map(|entry| {
            let members = entry.members.iter();
            let members = members.map(|(name, found)| (format!("{}.{name}", entry.name), found));
            std::iter::once((entry.name.clone(), &entry.found)).chain(members)
        })
    }
}

fn gaps(packages: &[Package]) -> Vec<String> {
    let everything = packages.iter().flat_map(Package::everything);
    let missing = everything.filter(|(_, found)| matches!(found, Found::Missing));
    missing
        .map(|(what, _)| format!("{what} has neither a place in Rust nor a reason"))
        .collect()
}

fn deprecated(instead: &str) -> String {
    let instead = instead.trim_start_matches("- ");
    format!("deprecated: {instead}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn everything_has_a_place_or_a_reason() {
        super::run(true).unwrap();
    }
}
