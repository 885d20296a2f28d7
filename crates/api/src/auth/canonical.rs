//! The canonical request of Signature Version 4 (IAM User Guide, "Create a signed AWS API request").

use std::fmt::Write as _;

use http::request::Parts;

/// The canonical request; `payload` is the body's SHA-256 in hexadecimal digits.
///
/// The service computes that itself, so a client that signs `UNSIGNED-PAYLOAD` instead has another
/// signature and is refused: on a connection without TLS its body would be anybody's.
pub(super) fn request(parts: &Parts, signed_headers: &str, payload: &str) -> String {
    let mut text = String::with_capacity(512);
    text.push_str(parts.method.as_str());
    text.push('\n');
    path(parts.uri.path(), &mut text);
    text.push('\n');
    query(parts.uri.query().unwrap_or_default(), &mut text);
    text.push('\n');
    for name in signed_headers.split(';') {
        text.push_str(name);
        text.push(':');
        for (index, value) in parts.headers.get_all(name).iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            // Bytes beyond ASCII are read as Latin-1 characters would be: no signer sends them.
            let value = String::from_utf8_lossy(value.as_bytes());
            for (index, word) in value.split_ascii_whitespace().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                text.push_str(word);
            }
        }
        text.push('\n');
    }
    text.push('\n');
    text.push_str(signed_headers);
    text.push('\n');
    text.push_str(payload);
    text
}

/// The path, which came encoded once, without dot segments and encoded once more.
fn path(path: &str, text: &mut String) {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    for segment in &segments {
        text.push('/');
        encode(segment.as_bytes(), text);
    }
    if segments.is_empty() || path.ends_with('/') {
        text.push('/');
    }
}

/// The parameters, each encoded once, sorted by name and value.
fn query(query: &str, text: &mut String) {
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (again(name), again(value))
        })
        .collect();
    parameters.sort_unstable();
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        let _ = write!(text, "{name}={value}");
    }
}

/// A text that may be encoded, decoded and encoded AWS's way.
fn again(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let digits = tail.split_at_checked(2);
        match digits.map(|(two, after)| (hex_value(two), after)) {
            Some((Some(byte), after)) if first == b'%' => {
                bytes.push(byte);
                rest = after;
            }
            _ => bytes.push(first),
        }
    }
    let mut text = String::with_capacity(part.len());
    encode(&bytes, &mut text);
    text
}

fn hex_value(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let hex = text.bytes().all(|c| c.is_ascii_hexdigit());
    u8::from_str_radix(text, 16).ok().filter(|_| hex)
}

fn encode(bytes: &[u8], text: &mut String) {
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
}

/// Bytes as hexadecimal digits in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
