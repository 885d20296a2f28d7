//! Requests read by the API's model.

use std::sync::LazyLock;

use serde_json::Value;
use stepmill_api::{Model, Operation, Refusal};

static MODEL: LazyLock<Model> = LazyLock::new(|| match Model::load() {
    Ok(model) => model,
    Err(error) => unreachable!("{error}"),
});

/// The first line names the action, the rest is the body. Whatever is read reads the same again when
/// it is written; whatever is refused is refused with a text that is not much longer than what was
/// wrong.
pub fn request(input: &[u8]) {
    let (name, body) = match input.iter().position(|byte| *byte == b'\n') {
        Some(line) => (&input[..line], &input[line + 1..]),
        None => (input, &b""[..]),
    };
    let named = std::str::from_utf8(name).ok().and_then(Operation::named);
    let any = usize::from(name.first().copied().unwrap_or_default());
    let operation = named.unwrap_or(Operation::ALL[any % Operation::ALL.len()]);
    match MODEL.read(operation, body) {
        Ok(request) => {
            let written = Value::Object(request.clone()).to_string();
            assert_eq!(MODEL.read(operation, written.as_bytes()), Ok(request));
        }
        Err(Refusal::Serialization(text)) => {
            assert!(text.is_none_or(|text| text.len() < 100));
        }
        Err(Refusal::Validation(text)) => {
            assert!(text.contains(" detected: "), "{text}");
            assert!(text.len() < 30_000 + 20 * body.len(), "{}", text.len());
        }
    }
}
