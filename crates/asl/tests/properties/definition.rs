//! Definitions.

use stepmill_asl::model::StateMachineType;
use stepmill_asl::{Format, Options, Parsed, Severity, parse, variable_references};

/// Any text, read as JSON.
pub fn json(text: &str) {
    definition(text, Format::Json);
}

/// Any text, read as YAML.
pub fn yaml(text: &str) {
    definition(text, Format::Yaml);
}

fn definition(text: &str, format: Format) {
    for machine_type in [StateMachineType::Standard, StateMachineType::Express] {
        let options = Options {
            format,
            machine_type,
            ..Options::default()
        };
        let parsed = parse(text, &options);
        diagnostics_fit(text, &parsed);
        let Some(machine) = &parsed.machine else {
            continue;
        };
        assert!(parsed.document.is_some(), "a machine without a document");
        let _ = variable_references(machine);
        let written = machine.to_json();
        let options = Options {
            format: Format::Json,
            max_bytes: usize::MAX,
            ..options
        };
        let again = parse(&written.to_string(), &options);
        let errors: Vec<_> = again.errors().collect();
        assert!(errors.is_empty(), "{written}: {errors:?}");
        let again = again.machine.map(|machine| machine.to_json());
        assert_eq!(Some(written), again, "written again");
    }
}

fn diagnostics_fit(text: &str, parsed: &Parsed) {
    let failed = parsed.errors().next().is_some();
    assert_eq!(parsed.machine.is_none(), failed, "a machine or an error");
    for diagnostic in &parsed.diagnostics {
        assert!(matches!(
            diagnostic.severity,
            Severity::Error | Severity::Warning
        ));
        let _ = diagnostic.aws_text();
        if let Some(span) = diagnostic.span {
            let found = text.get(span.offset..span.offset + span.length);
            assert!(found.is_some(), "{span:?} is no part of the text");
            let lines = text[..span.offset].matches('\n').count() + 1;
            assert_eq!(span.line, lines, "{span:?}");
        }
    }
}
