//! Which crate stands on which floor.

/// A floor: its name and the crates on it, without the prefix [`PREFIX`].
pub(crate) struct Floor {
    pub(crate) name: &'static str,
    pub(crate) crates: &'static [&'static str],
}

/// What the names of the workspace's crates begin with.
const PREFIX: &str = "stepmill-";

/// From the ground up. A crate imports only crates of lower floors.
pub(crate) const FLOORS: [Floor; 8] = [
    Floor {
        name: "the language",
        crates: &["asl"],
    },
    Floor {
        name: "facts",
        crates: &["catalog"],
    },
    Floor {
        name: "execution, journal, requests",
        crates: &["interpreter", "store", "aws-client"],
    },
    Floor {
        name: "tasks",
        crates: &["integrations", "constructs"],
    },
    Floor {
        name: "the runtime",
        crates: &["engine"],
    },
    Floor {
        name: "interfaces",
        crates: &["api", "console"],
    },
    Floor {
        name: "the command",
        crates: &["stepmill"],
    },
    Floor {
        name: "tools",
        crates: &["conformance", "bench", "load", "simulation", "xtask"],
    },
];

/// The floor of a crate, from 0; none if nobody placed it.
pub(crate) fn floor_of(name: &str) -> Option<usize> {
    let name = short(name);
    FLOORS.iter().position(|floor| floor.crates.contains(&name))
}

/// A crate's name without the prefix.
pub(crate) fn short(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}
