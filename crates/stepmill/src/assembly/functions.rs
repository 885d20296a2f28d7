//! A template's Lambda functions whose code is beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use serde_json::{Map, Value as Json};
use stepmill::constructs::template::{Names, evaluates_expressions, from_template};
use stepmill::integrations::lambda::Function;

use super::Template;
use crate::problem::Problem;

/// How many hexadecimal digits the hash in an asset's name has.
const HASH: usize = 64;

/// The functions of a template that can run here: their code is an asset of the assembly, or stands in the template.
/// Functions that evaluate expressions need neither.
pub(super) fn of(template: &Template, names: &Names) -> Result<Vec<Function>, Problem> {
    let resources = template.body["Resources"].as_object().into_iter().flatten();
    let functions = resources.filter(|(_, resource)| resource["Type"] == "AWS::Lambda::Function");
    let mut found = Vec::new();
    for (id, resource) in functions {
        let properties = &resource["Properties"];
        let name = names.name(id).unwrap_or(id);
        let mut function = match code(template, id, properties)? {
            // Handlers differ from one version of the CDK to another: the one that is there is meant.
            code if evaluates_expressions(id, properties) => Function {
                code,
                ..Function::evaluate_expression(name)
            },
            Some(code) => function(template, names, name, properties, code)?,
            None => continue,
        };
        limit(&mut function, properties);
        let shown = template.path.display();
        let valid = function.validate();
        valid.map_err(|error| Problem::new(format!("{shown}: {error}")))?;
        found.push(function);
    }
    Ok(found)
}

fn function(
    template: &Template,
    names: &Names,
    name: &str,
    properties: &Json,
    code: PathBuf,
) -> Result<Function, Problem> {
    let text = |property: &str| properties[property].as_str().unwrap_or_default();
    let shown = template.path.display();
    let runtime = text("Runtime")
        .parse()
        .map_err(|error| Problem::new(format!("{shown}: {name}: {error}")))?;
    let mut function = Function::new(name, runtime, text("Handler"), code);
    let none = Map::new();
    let variables = properties["Environment"]["Variables"]
        .as_object()
        .unwrap_or(&none);
    for (variable, value) in variables {
        // What is only known after a deployment stays unset, as the function may never need it here.
        if let Ok(Json::String(value)) =
            names.resolve(&from_template(value, template.stack.id_in_app()))
        {
            function.environment.insert(variable.clone(), value);
        }
    }
    Ok(function)
}

fn limit(function: &mut Function, properties: &Json) {
    if let Some(seconds) = properties["Timeout"].as_u64() {
        function.timeout = Duration::from_secs(seconds);
    }
    if let Some(memory) = properties["MemorySize"]
        .as_u64()
        .and_then(|memory| u32::try_from(memory).ok())
    {
        function.memory = memory;
    }
}

/// The directory of a function's code; none if it is not here.
fn code(template: &Template, id: &str, properties: &Json) -> Result<Option<PathBuf>, Problem> {
    let directory = template.path.parent().unwrap_or(Path::new("."));
    let code = &properties["Code"];
    if let Some(text) = code["ZipFile"].as_str() {
        let written = inline(
            directory,
            id,
            text,
            properties["Runtime"].as_str().unwrap_or_default(),
        );
        return written.map(Some).map_err(|error| {
            Problem::new(format!(
                "{}: the code of {id} cannot be written: {error}",
                directory.display()
            ))
        });
    }
    let asset = asset_hash(&code.to_string()).map(|hash| directory.join(format!("asset.{hash}")));
    Ok(asset.filter(|asset| asset.is_dir()))
}

/// The hash of an asset in a text: digits and letters to f, exactly 64 of them.
fn asset_hash(text: &str) -> Option<&str> {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let is_hash = |start: &usize| {
        text.get(*start..start + HASH)
            .is_some_and(|hash| hash.chars().all(is_hex))
    };
    let start = (0..text.len()).find(is_hash)?;
    text.get(start..start + HASH)
}

/// Writes code that stands in a template to the file that its runtime looks for.
fn inline(directory: &Path, id: &str, text: &str, runtime: &str) -> io::Result<PathBuf> {
    let directory = directory.join(format!("inline.{id}"));
    fs::create_dir_all(&directory)?;
    let file = if runtime.starts_with("python") {
        "index.py"
    } else {
        "index.js"
    };
    fs::write(directory.join(file), text)?;
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use super::asset_hash;

    #[test]
    fn an_assets_hash_is_found_in_both_kinds_of_references() {
        let hash = "4a61519d8f4df8206cfaff4e519462aa81beab9213c3642a1353cd679c697638";
        for text in [
            format!(r#"{{"S3Bucket":{{"Ref":"AssetParameters{hash}S3BucketD31E1058"}}}}"#),
            format!(r#"{{"S3Key":"{hash}.zip"}}"#),
        ] {
            assert_eq!(asset_hash(&text), Some(hash));
        }
        assert_eq!(asset_hash(r#"{"S3Key":"code.zip"}"#), None);
    }
}
