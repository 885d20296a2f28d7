//! Data that tests compare with and that the repository does not hold.

use std::env;
use std::path::PathBuf;

use crate::error::TaskError;

/// A directory that an environment variable names.
pub(crate) struct Data {
    /// The variable.
    pub(crate) variable: &'static str,
    /// What the directory holds.
    pub(crate) what: &'static str,
    /// A file or directory in it by which it is known.
    file: &'static str,
}

/// Answers recorded on AWS.
pub(crate) const CONFORMANCE: Data = Data {
    variable: "STEPMILL_CONFORMANCE",
    what: "the answers recorded on AWS",
    file: "cases",
};

/// The JSONata project's test suite.
pub(crate) const JSONATA_SUITE: Data = Data {
    variable: "STEPMILL_JSONATA_SUITE",
    what: "the JSONata project's test suite",
    file: "cases-2.0.6.jsonl",
};

/// All that tests look for.
pub(crate) const ALL: [&Data; 2] = [&CONFORMANCE, &JSONATA_SUITE];

impl Data {
    /// The directory as an absolute path, because tests run elsewhere than in the current
    /// directory; none if the variable is not set.
    pub(crate) fn directory(&self) -> Result<Option<PathBuf>, TaskError> {
        let named = env::var_os(self.variable).filter(|value| !value.is_empty());
        named.map(|named| self.check(named.into())).transpose()
    }

    /// The directory, or an error that says which variable to set.
    pub(crate) fn required(&self) -> Result<PathBuf, TaskError> {
        self.directory()?.ok_or(TaskError::NoData {
            variable: self.variable,
            what: self.what,
        })
    }

    fn check(&self, named: PathBuf) -> Result<PathBuf, TaskError> {
        match named.canonicalize() {
            Ok(directory) if directory.join(self.file).exists() => Ok(directory),
            _ => Err(TaskError::WrongData {
                variable: self.variable,
                directory: named,
                file: self.file,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_known_by_its_file() {
        let data = Data {
            variable: "V",
            what: "crates",
            file: "Cargo.toml",
        };
        let found = data.check(".".into()).unwrap();
        assert!(found.is_absolute());
        let error = data.check("src".into()).unwrap_err();
        assert_eq!(error.to_string(), "V names src, which has no Cargo.toml");
        assert!(data.check("no-such-directory".into()).is_err());
    }
}
