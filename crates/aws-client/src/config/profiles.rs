//! The files `config` and `credentials`.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".

use std::collections::HashMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use super::Environment;
use crate::error::ConfigError;

/// What the files have: profiles, SSO sessions, sets of services' endpoints.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profiles {
    by_name: HashMap<String, Section>,
    sessions: HashMap<String, Section>,
    services: HashMap<String, Section>,
}

/// A section of a file: its settings; those below another's name have that name before a dot.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Section(HashMap<String, String>);

impl Section {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

impl fmt::Debug for Section {
    /// Without values: they have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Profiles {
    /// Reads the files; those that are not there are empty.
    pub(crate) fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let mut found = Self::default();
        let config = environment.file("AWS_CONFIG_FILE", ".aws/config");
        let credentials = environment.file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
        for (path, is_config) in [(config, true), (credentials, false)] {
            let Some(path) = path else {
                continue;
            };
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(source) => return Err(ConfigError::File { path, source }),
            };
            found.add(&text, is_config, &path)?;
        }
        Ok(found)
    }

    pub(crate) fn profile(&self, name: &str) -> Option<&Section> {
        self.by_name.get(name)
    }

    pub(crate) fn session(&self, name: &str) -> Option<&Section> {
        self.sessions.get(name)
    }

    /// The endpoints that a profile has for single services.
    pub(super) fn endpoints(&self, profile: Option<&Section>) -> HashMap<String, String> {
        let named = profile.and_then(|profile| profile.get("services"));
        let section = named.and_then(|name| self.services.get(name));
        let settings = section.iter().flat_map(|section| &section.0);
        let endpoints = settings.filter_map(|(key, value)| {
            let service = key.strip_suffix(".endpoint_url")?;
            Some((service.to_owned(), value.clone()))
        });
        endpoints.collect()
    }

    fn add(&mut self, text: &str, is_config: bool, path: &Path) -> Result<(), ConfigError> {
        let mut section = None;
        let mut above = String::new();
        for (number, line) in text.lines().enumerate() {
            let broken = || ConfigError::Line {
                path: path.to_owned(),
                line: number + 1,
            };
            let content = line.trim();
            if content.is_empty() || content.starts_with(['#', ';']) {
                continue;
            }
            if let Some(header) = content.strip_prefix('[') {
                let (header, _) = header.split_once(']').ok_or_else(broken)?;
                section = self.section(header.trim(), is_config);
                continue;
            }
            let (key, value) = content.split_once('=').ok_or_else(broken)?;
            let key = key.trim().to_ascii_lowercase();
            let (value, _) = value.split_once(" #").unwrap_or((value, ""));
            let value = value.trim();
            // Settings of a kind that is not known here are not ours to judge.
            let Some(section) = &mut section else {
                continue;
            };
            if line.starts_with([' ', '\t']) {
                section.0.insert(format!("{above}.{key}"), value.to_owned());
            } else {
                section.0.insert(key.clone(), value.to_owned());
                above = key;
            }
        }
        Ok(())
    }

    fn section(&mut self, header: &str, is_config: bool) -> Option<&mut Section> {
        let (kind, name) = match header.split_once(char::is_whitespace) {
            Some((kind, name)) if is_config => (kind, name.trim()),
            _ if is_config && header != "default" => return None,
            _ => ("profile", header),
        };
        let all = match kind {
            "profile" => &mut self.by_name,
            "sso-session" => &mut self.sessions,
            "services" => &mut self.services,
            _ => return None,
        };
        Some(all.entry(name.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_make_one_profile() {
        let mut profiles = Profiles::default();
        let config = "[profile a]\nregion = r # why\n# no\nsso_session=s\n[sso-session s]\nsso_region=x\n[a]\nregion=n\n";
        profiles.add(config, true, Path::new("config")).unwrap();
        let credentials = "[a]\naws_secret_access_key = h1=dden\n";
        profiles
            .add(credentials, false, Path::new("credentials"))
            .unwrap();
        let profile = profiles.profile("a").unwrap();
        assert_eq!(profile.get("region"), Some("r"));
        assert_eq!(profile.get("aws_secret_access_key"), Some("h1=dden"));
        assert_eq!(profiles.session("s").unwrap().get("sso_region"), Some("x"));
        assert!(!format!("{profiles:?}").contains("dden"));
    }

    #[test]
    fn a_broken_line_is_told() {
        let error = Profiles::default()
            .add("[a]\nb", false, Path::new("f"))
            .unwrap_err();
        assert!(error.to_string().starts_with("f:2:"), "{error}");
    }
}
