//! Colours of states by their type.

/// The colour that tells the type, and a light one for the background.
pub(super) fn colours(type_name: &str) -> (&'static str, &'static str) {
    match type_name {
        "Task" => ("#d9730d", "#fffaf4"),
        "Choice" => ("#7c4dcc", "#faf7ff"),
        "Wait" => ("#0b7fab", "#f4fafd"),
        "Parallel" => ("#2563c9", "#f5f8fe"),
        "Map" => ("#0f8a6d", "#f3fbf8"),
        "Succeed" => ("#2e8b3d", "#f4fbf5"),
        "Fail" => ("#c0392b", "#fef6f5"),
        _ => ("#6b7785", "#f8f9fb"),
    }
}

/// Text.
pub(super) const INK: &str = "#16202c";
/// Text of less weight.
pub(super) const MUTED: &str = "#5b6776";
/// Ways.
pub(super) const LINE: &str = "#8b97a5";
/// Frames.
pub(super) const BORDER: &str = "#c5ced8";
/// Ways that errors take.
pub(super) const CATCH: &str = "#c0392b";
