//! What Step Functions shows of the HTTP response to an optimised integration's call.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// `SdkHttpMetadata` and `SdkResponseMetadata` of a response with those headers.
pub(crate) fn sdk_metadata(
    status: u16,
    request_id: &str,
    headers: &[(&str, &str)],
) -> [(&'static str, Value); 2] {
    let mut all = Map::new();
    let mut single = Map::new();
    for (name, value) in headers {
        all.insert((*name).to_owned(), json!([value]));
        single.insert((*name).to_owned(), json!(value));
    }
    let http = json!({
        "AllHttpHeaders": all,
        "HttpHeaders": single,
        "HttpStatusCode": status,
    });
    let response = json!({ "RequestId": request_id });
    [("SdkHttpMetadata", http), ("SdkResponseMetadata", response)]
}

/// A result without what [`sdk_metadata`] adds to it.
pub(crate) fn without_metadata(result: &Value) -> Value {
    let mut result = result.clone();
    if let Some(members) = result.as_object_mut() {
        members.shift_remove("SdkHttpMetadata");
        members.shift_remove("SdkResponseMetadata");
    }
    result
}

/// A header's name as AWS's services spell it (observed): HTTP clients know it in small letters.
pub(crate) fn spelled(name: &str) -> &str {
    match name {
        "content-length" => "Content-Length",
        "content-type" => "Content-Type",
        "date" => "Date",
        "server" => "Server",
        "x-amzn-requestid" => "x-amzn-RequestId",
        other => other,
    }
}

/// The time as the header `Date` has it.
pub(crate) fn http_date(time: Timestamp) -> String {
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .unwrap_or_default()
}
