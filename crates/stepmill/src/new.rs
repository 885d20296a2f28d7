//! `stepmill new`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Exit;
use crate::cli::NewArgs;
use crate::problem::Problem;
use crate::terminal;

/// The files of a new project, with `{{…}}` to be filled in.
const FILES: [(&str, &str); 10] = [
    ("Cargo.toml", include_str!("../templates/new/manifest.toml")),
    ("README.md", include_str!("../templates/new/README.md")),
    (".gitignore", include_str!("../templates/new/gitignore")),
    ("cdk.json", include_str!("../templates/new/cdk.json")),
    ("input.json", include_str!("../templates/new/input.json")),
    (
        "stepmill.toml",
        include_str!("../templates/new/stepmill.toml"),
    ),
    ("src/lib.rs", include_str!("../templates/new/src/lib.rs")),
    ("src/main.rs", include_str!("../templates/new/src/main.rs")),
    (
        "tests/workflow.rs",
        include_str!("../templates/new/tests/workflow.rs"),
    ),
    (
        "functions/greet/app.py",
        include_str!("../templates/new/functions/greet/app.py"),
    ),
];

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

pub(crate) fn new(args: &NewArgs) -> Result<Exit, Problem> {
    let name = name(args)?;
    let shown = args.path.display();
    if args.path.exists()
        && fs::read_dir(&args.path).map_or(true, |mut entries| entries.next().is_some())
    {
        let message = format!("{shown} is there already");
        return Err(Problem::new(message).help("name a directory that is empty, or does not exist"));
    }
    let values = [
        ("{{name}}", name.clone()),
        ("{{crate}}", name.replace('-', "_")),
        ("{{stack}}", pascal_case(&name)),
        ("{{dependency}}", dependency(args)?),
    ];
    for (file, template) in FILES {
        let mut text = template.to_owned();
        for (place, value) in &values {
            text = text.replace(place, value);
        }
        write(&args.path.join(file), &text)?;
    }
    terminal::note(&format!(
        "{shown} is a workflow in Rust; try it:\n  cd {shown}\n  cargo test\n  stepmill run ."
    ));
    Ok(Exit::Succeeded)
}

/// The project's name, which is also a crate's: letters, digits and hyphens, a letter first.
fn name(args: &NewArgs) -> Result<String, Problem> {
    let of_directory = || {
        args.path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let name = args.name.clone().or_else(of_directory).unwrap_or_default();
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if begins && name.len() <= 64 && name.chars().all(legal) && name != "test" {
        return Ok(name);
    }
    Err(Problem::new(format!("'{name}' cannot name a project"))
        .help("use lower-case letters, digits and hyphens, a letter first: --name order-pipeline"))
}

/// What the project takes Stepmill from, as it stands in its Cargo.toml.
fn dependency(args: &NewArgs) -> Result<String, Problem> {
    let Some(checkout) = &args.stepmill else {
        return Ok(format!("{{ git = \"{REPOSITORY}\" }}"));
    };
    let library = fs::canonicalize(checkout.join("crates/stepmill")).map_err(|error| {
        let message = format!("{}: no checkout of Stepmill: {error}", checkout.display());
        Problem::new(message).help("name the directory that has Stepmill's Cargo.toml")
    })?;
    Ok(format!("{{ path = {:?} }}", library.display().to_string()))
}

/// `order-pipeline` as `OrderPipeline`.
fn pascal_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(word).collect()
}

fn write(path: &Path, text: &str) -> Result<(), Problem> {
    let parent = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    let written = fs::create_dir_all(parent).and_then(|()| fs::write(path, text));
    written.map_err(|error| Problem::new(format!("{}: cannot be written: {error}", path.display())))
}
