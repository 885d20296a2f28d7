//! Programs that tests need on this machine.

use std::process::{Command, Stdio};

use crate::error::TaskError;

/// A program in a version that is new enough.
struct Requirement {
    name: &'static str,
    /// Names to try in turn.
    programs: &'static [&'static str],
    /// Arguments that make it print its version, and nothing else, to standard output.
    probe: &'static [&'static str],
    /// The oldest version that serves: major and minor.
    oldest: (u32, u32),
    /// How to get it.
    install: &'static str,
}

/// What `cargo xtask test` needs: functions and examples run on Python and Node.js, and so do AWS's
/// clients, which pip and npm install.
const TEST: [Requirement; 3] = [
    Requirement {
        name: "Python",
        programs: &["python3", "python"],
        // With what virtual environments need, which some systems have in a package of its own.
        probe: &[
            "-c",
            "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])",
        ],
        oldest: (3, 10),
        install: "apt-get install python3 python3-venv, brew install python, or https://www.python.org/downloads/",
    },
    Requirement {
        name: "Node.js",
        programs: &["node"],
        probe: &["-p", "process.versions.node"],
        oldest: (20, 0),
        install: "brew install node, or https://nodejs.org/en/download",
    },
    Requirement {
        name: "npm",
        programs: &["npm"],
        probe: &["--version"],
        // The first that reads lock files of version 3.
        oldest: (7, 0),
        install: "it comes with Node.js; apt-get install npm",
    },
];

/// Checks what the tests need, says what it found, and gives the name of the Python to be used.
pub(crate) fn check_for_tests() -> Result<&'static str, TaskError> {
    let (mut found, mut lacking) = (Vec::new(), Vec::new());
    for requirement in &TEST {
        let versions: Vec<String> = requirement
            .programs
            .iter()
            .filter_map(|program| version(program, requirement.probe))
            .collect();
        match requirement.judge(&versions) {
            Ok(text) => found.push(text),
            Err(text) => lacking.push(text),
        }
    }
    if !found.is_empty() {
        eprintln!("Found {}.", found.join(", "));
    }
    let python = &TEST[0];
    match python.first() {
        Some(name) if lacking.is_empty() => Ok(name),
        _ => Err(TaskError::Requirements(lacking)),
    }
}

/// The name of a Python that is new enough.
pub(crate) fn python() -> Result<&'static str, TaskError> {
    let python = &TEST[0];
    python.first().ok_or_else(|| {
        let lacking = python.judge(&[]).err();
        TaskError::Requirements(lacking.into_iter().collect())
    })
}

impl Requirement {
    /// The first of its programs that is new enough.
    fn first(&self) -> Option<&'static str> {
        let mut programs = self.programs.iter().copied();
        programs.find(|program| {
            let version = version(program, self.probe);
            version.is_some_and(|version| self.judge(&[version]).is_ok())
        })
    }

    /// What was found that is new enough, or what to do.
    fn judge(&self, versions: &[String]) -> Result<String, String> {
        let new_enough = versions
            .iter()
            .find(|version| parse(version).is_some_and(|version| version >= self.oldest));
        if let Some(version) = new_enough {
            return Ok(format!("{} {version}", self.name));
        }
        let found = match versions.first() {
            Some(version) => format!("version {version} was found"),
            None => format!("no `{}` on the PATH runs", self.programs.join("` or `")),
        };
        let (major, minor) = self.oldest;
        Err(format!(
            "  {} {major}.{minor} or newer; {found}\n    install it: {}",
            self.name, self.install
        ))
    }
}

/// What a program says its version is; none if it does not run.
fn version(program: &str, probe: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(probe)
        .stdin(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned())
}

/// The major and the minor number.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let [python, node, npm] = &TEST;
        let judge =
            |requirement: &Requirement, version: &str| requirement.judge(&[version.to_owned()]);
        assert_eq!(judge(python, "3.11").unwrap(), "Python 3.11");
        assert_eq!(judge(node, "20.20.2").unwrap(), "Node.js 20.20.2");
        assert_eq!(judge(npm, "11.19.1").unwrap(), "npm 11.19.1");
        for (requirement, version) in [(python, "3.9"), (python, "2.7"), (node, "18.20.1")] {
            let text = judge(requirement, version).unwrap_err();
            assert!(
                text.contains(&format!("version {version} was found")),
                "{text}"
            );
            assert!(text.contains("install it: "), "{text}");
        }
        assert!(judge(python, "no version").is_err());
    }

    #[test]
    fn the_first_version_that_is_new_enough_is_taken() {
        let versions = ["2.7".to_owned(), "3.12".to_owned()];
        assert_eq!(TEST[0].judge(&versions).unwrap(), "Python 3.12");
        let text = TEST[0].judge(&[]).unwrap_err();
        assert!(
            text.contains("no `python3` or `python` on the PATH runs"),
            "{text}"
        );
    }

    #[test]
    fn a_program_that_is_not_there_has_no_version() {
        assert_eq!(version("stepmill-no-such-program", &[]), None);
    }
}
