//! `mapItemReaderData`: the items in what a distributed Map state's `ItemReader` reads.
//!
//! Source: Step Functions Developer Guide, "ItemReader (Map)".

use serde_json::{Map, Value};
use stepmill_asl::model::{CsvDelimiter, CsvHeaders, InputType, ItemReader, ReaderConfig};
use stepmill_interpreter::Payload;

use crate::error::Error;

/// What was read.
pub(super) struct Read {
    /// The items, a JSON array.
    pub(super) items: Payload,
    /// What `ItemsPointer` selects, if there is one.
    pub(super) after_pointer: Option<Payload>,
}

/// Reads the items.
pub(super) fn items(reader: &ItemReader, data: &str) -> Result<Read, Error> {
    let config = &reader.config;
    let mut after_pointer = None;
    let items = match config.input_type {
        // What listObjectsV2 gives is a list already.
        None | Some(InputType::Json) => {
            let mut value: Value = serde_json::from_str(data).map_err(|error| wrong(&error))?;
            if let Some(pointer) = &config.items_pointer {
                let selected = value.pointer_mut(pointer).map(Value::take);
                value = selected.ok_or_else(|| {
                    wrong(&format_args!(
                        "the ItemsPointer '{pointer}' selects nothing"
                    ))
                })?;
                after_pointer = Some(Payload::from(value.clone()));
            }
            listed(value)?
        }
        Some(InputType::Jsonl) => data
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&error))?,
        Some(InputType::Csv) => csv(config, data),
        Some(InputType::Manifest) => return Err(unsupported("MANIFEST")),
        Some(InputType::Parquet) => return Err(unsupported("PARQUET")),
    };
    Ok(Read {
        items: Payload::from(Value::Array(items)),
        after_pointer,
    })
}

fn wrong(reason: &dyn std::fmt::Display) -> Error {
    Error::validation(format!("MapItemReaderData cannot be read: {reason}"))
}

fn unsupported(input_type: &str) -> Error {
    wrong(&format_args!(
        "Stepmill does not read the InputType {input_type} yet"
    ))
}

/// An array's items; an object's members, each with `Key` and `Value`.
fn listed(value: Value) -> Result<Vec<Value>, Error> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Object(members) => Ok(members
            .into_iter()
            .map(|(key, value)| serde_json::json!({ "Key": key, "Value": value }))
            .collect()),
        _ => Err(wrong(&"it must be a JSON array or object")),
    }
}

/// The rows of a CSV file, each an object of texts by the headers' names.
fn csv(config: &ReaderConfig, data: &str) -> Vec<Value> {
    let delimiter = match config.csv_delimiter {
        None | Some(CsvDelimiter::Comma) => ',',
        Some(CsvDelimiter::Pipe) => '|',
        Some(CsvDelimiter::Semicolon) => ';',
        Some(CsvDelimiter::Space) => ' ',
        Some(CsvDelimiter::Tab) => '\t',
    };
    let mut rows = rows(data, delimiter).into_iter();
    let headers = match &config.csv_headers {
        Some(CsvHeaders::Given(headers)) => headers.clone(),
        Some(CsvHeaders::FirstRow) | None => rows.next().unwrap_or_default(),
    };
    rows.map(|row| {
        let mut cells = row.into_iter();
        let named = headers.iter().map(|header| {
            let cell = cells.next().unwrap_or_default();
            (header.clone(), Value::String(cell))
        });
        Value::Object(named.collect::<Map<_, _>>())
    })
    .collect()
}

/// Rows of cells (RFC 4180); rows without any text are left out.
fn rows(data: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut characters = data.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ if character == delimiter && !quoted => row.push(std::mem::take(&mut cell)),
            _ => cell.push(character),
        }
    }
    row.push(cell);
    rows.push(row);
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    rows
}
