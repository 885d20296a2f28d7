//! Variables and the home directory, as values.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The variables and the home directory that settings and credentials are looked for in.
#[derive(Clone, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
    home: Option<PathBuf>,
}

impl Environment {
    /// Those of this process.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let home = std::env::home_dir();
        Self::new(std::env::vars_os().filter_map(text), home)
    }

    /// These. Variables that are empty count as not set.
    pub fn new(
        variables: impl IntoIterator<Item = (String, String)>,
        home: Option<PathBuf>,
    ) -> Self {
        let variables = variables.into_iter();
        Self {
            variables: variables.filter(|(_, value)| !value.is_empty()).collect(),
            home,
        }
    }

    /// A variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Whether anything is set up for AWS: a variable whose name begins with `AWS_`, or a file.
    pub fn mentions_aws(&self) -> bool {
        let files = [
            self.file("AWS_CONFIG_FILE", ".aws/config"),
            self.file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        ];
        self.variables.keys().any(|name| name.starts_with("AWS_"))
            || files.iter().flatten().any(|file| file.exists())
    }

    /// With another profile in force.
    #[must_use]
    pub fn with_profile(mut self, profile: &str) -> Self {
        self.variables
            .insert("AWS_PROFILE".to_owned(), profile.to_owned());
        self
    }

    /// With no look at the metadata service that machines of EC2 have.
    #[must_use]
    pub fn without_instance_metadata(mut self) -> Self {
        let disabled = "AWS_EC2_METADATA_DISABLED".to_owned();
        self.variables.insert(disabled, "true".to_owned());
        self
    }

    pub(super) fn either(&self, name: &str, other: &str) -> Option<String> {
        self.get(name)
            .or_else(|| self.get(other))
            .map(str::to_owned)
    }

    /// The variables with a prefix: what stands behind it in small letters, and their values.
    pub(super) fn with_prefix(&self, prefix: &str) -> impl Iterator<Item = (String, String)> {
        self.variables.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest.to_ascii_lowercase(), value.clone()))
        })
    }

    pub(super) fn names_profile(&self) -> bool {
        self.get("AWS_PROFILE").is_some()
    }

    /// The name of the profile in force.
    pub(crate) fn profile(&self) -> String {
        self.get("AWS_PROFILE").unwrap_or("default").to_owned()
    }

    /// A file that a variable names, or that stands in the home directory.
    pub(crate) fn file(&self, variable: &str, default: &str) -> Option<PathBuf> {
        match self.get(variable) {
            Some(path) => match (path.strip_prefix("~/"), &self.home) {
                (Some(rest), Some(home)) => Some(home.join(rest)),
                _ => Some(PathBuf::from(path)),
            },
            None => self.in_home(default),
        }
    }

    /// A file in the home directory.
    pub(crate) fn in_home(&self, path: impl AsRef<Path>) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(path))
    }
}

impl fmt::Debug for Environment {
    /// Without values: they have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self
            .variables
            .keys()
            .filter(|name| name.starts_with("AWS_"));
        f.debug_set().entries(names).finish()
    }
}
