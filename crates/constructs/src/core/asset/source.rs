//! What an asset consists of, and staging it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::AssetOptions;
use super::exclude::Exclude;
use crate::core::error::Problem;

/// Which symbolic links in an asset are followed. A link that is not followed is published as a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SymlinkFollowMode {
    /// None.
    Never,
    /// All.
    Always,
    /// Those that lead out of the asset.
    #[default]
    External,
    /// Those that stay within the asset.
    BlockExternal,
}

impl SymlinkFollowMode {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Always => "always",
            Self::External => "external",
            Self::BlockExternal => "internal-only",
        }
    }

    /// Whether a link to a target is followed. One that leads nowhere is not.
    fn follows(self, root: &Path, target: &Path) -> bool {
        let internal = target.starts_with(root);
        let wanted = match self {
            Self::Never => false,
            Self::Always => true,
            Self::External => !internal,
            Self::BlockExternal => internal,
        };
        wanted && target.exists()
    }
}

/// A file that is part of the program.
#[derive(Debug)]
pub(crate) struct EmbeddedFile {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// What an asset consists of, in the order of paths. Directories without files do not count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content(Vec<Entry>);

/// A part of an asset; the name is its path below the asset's root, empty for a single file.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    File { name: String, path: PathBuf },
    Link { name: String, target: PathBuf },
    Embedded(&'static EmbeddedFile),
}

impl Content {
    /// The file or directory at a path without links.
    pub(super) fn read(root: &Path, options: &AssetOptions) -> Result<Self, Problem> {
        let mut walk = Walk {
            root,
            exclude: Exclude::new(&options.exclude)?,
            follow: options.follow_symlinks,
            entries: Vec::new(),
            open: Vec::new(),
        };
        walk.visit(String::new(), root)?;
        Ok(Self(walk.entries))
    }

    pub(super) fn embedded(files: &'static [EmbeddedFile]) -> Self {
        Self(files.iter().map(Entry::Embedded).collect())
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Copies it to a place where nothing is yet.
    pub(crate) fn stage(&self, place: &Path) -> Result<(), Problem> {
        for entry in &self.0 {
            let name = match entry {
                Entry::File { name, .. } | Entry::Link { name, .. } => name.as_str(),
                Entry::Embedded(file) => file.name,
            };
            let to = match name {
                "" => place.to_owned(),
                name => place.join(name),
            };
            entry
                .copy(&to)
                .map_err(|error| Problem::file(&to, &error))?;
        }
        Ok(())
    }
}

impl Entry {
    fn copy(&self, to: &Path) -> io::Result<()> {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        match self {
            Self::File { path, .. } => fs::copy(path, to).map(drop),
            Self::Link { target, .. } => link(target, to),
            Self::Embedded(file) => fs::write(to, file.text),
        }
    }
}

#[cfg(unix)]
fn link(target: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, to)
}

#[cfg(windows)]
fn link(target: &Path, to: &Path) -> io::Result<()> {
    let resolved = to.parent().map(|parent| parent.join(target));
    match resolved.is_some_and(|path| path.is_dir()) {
        true => std::os::windows::fs::symlink_dir(target, to),
        false => std::os::windows::fs::symlink_file(target, to),
    }
}

/// A walk through a directory.
struct Walk<'a> {
    root: &'a Path,
    exclude: Exclude,
    follow: SymlinkFollowMode,
    entries: Vec<Entry>,
    /// The directories that are being read, to find links that lead back to one of them.
    open: Vec<PathBuf>,
}

impl Walk<'_> {
    /// Adds what is at a path under a name.
    fn visit(&mut self, name: String, path: &Path) -> Result<(), Problem> {
        if !name.is_empty() && self.exclude.has(&name) {
            return Ok(());
        }
        let failed = |error: &io::Error| Problem::file(path, error);
        let kind = fs::symlink_metadata(path)
            .map_err(|error| failed(&error))?
            .file_type();
        if kind.is_symlink() {
            let target = fs::read_link(path).map_err(|error| failed(&error))?;
            let resolved = path.parent().unwrap_or(path).join(&target);
            // A target that is not there stays as it is written, and is not followed.
            let resolved = resolved.canonicalize().unwrap_or(resolved);
            if self.follow.follows(self.root, &resolved) {
                return self.visit(name, &resolved);
            }
            self.entries.push(Entry::Link { name, target });
        } else if kind.is_file() {
            let path = path.to_owned();
            self.entries.push(Entry::File { name, path });
        } else if kind.is_dir() {
            self.directory(&name, path)?;
        } else {
            return Err(Problem::File {
                path: path.display().to_string(),
                reason: "it is neither a file nor a directory".to_owned(),
            });
        }
        Ok(())
    }

    fn directory(&mut self, name: &str, path: &Path) -> Result<(), Problem> {
        if self.open.iter().any(|open| open == path) {
            return Err(Problem::File {
                path: path.display().to_string(),
                reason: "a symbolic link in it leads back to it".to_owned(),
            });
        }
        let names = names(path).map_err(|error| Problem::file(path, &error))?;
        self.open.push(path.to_owned());
        for inner in names {
            let path = path.join(&inner);
            let name = match name {
                "" => inner,
                outer => format!("{outer}/{inner}"),
            };
            self.visit(name, &path)?;
        }
        self.open.pop();
        Ok(())
    }
}

/// The names in a directory, sorted.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().into_string().map_err(|name| {
            let name = name.to_string_lossy();
            io::Error::other(format!("the name `{name}` is not UTF-8"))
        })?;
        names.push(name);
    }
    names.sort();
    Ok(names)
}
