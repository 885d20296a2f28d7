//! The values of enumerated fields, as definitions spell them.

use super::{
    CsvDelimiter, ExecutionType, InputType, Jitter, ManifestType, OutputType, QueryLanguage,
    ReaderTransformation, StateMachineType, WriterTransformation,
};

/// An enumerated field's value.
pub trait Keyword: Copy + PartialEq + 'static {
    /// Every value with its spelling, in the order in which AWS lists them.
    const ALL: &'static [(&'static str, Self)];

    /// How definitions spell it.
    fn as_str(self) -> &'static str {
        let mut values = Self::ALL.iter();
        values
            .find(|(_, value)| *value == self)
            .map_or("", |(text, _)| text)
    }
}

macro_rules! keywords {
    ($($type:ident { $($text:literal => $variant:ident),+ $(,)? })+) => {
        $(impl Keyword for $type {
            const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];
        })+
    };
}

keywords! {
    QueryLanguage { "JSONPath" => JsonPath, "JSONata" => Jsonata }
    StateMachineType { "STANDARD" => Standard, "EXPRESS" => Express }
    ExecutionType { "STANDARD" => Standard, "EXPRESS" => Express }
    Jitter { "NONE" => None, "FULL" => Full }
    InputType {
        "CSV" => Csv, "JSON" => Json, "JSONL" => Jsonl, "PARQUET" => Parquet,
        "MANIFEST" => Manifest,
    }
    ReaderTransformation { "NONE" => None, "LOAD_AND_FLATTEN" => LoadAndFlatten }
    ManifestType { "ATHENA_DATA" => AthenaData, "S3_INVENTORY" => S3Inventory }
    CsvDelimiter {
        "COMMA" => Comma, "PIPE" => Pipe, "SEMICOLON" => Semicolon, "SPACE" => Space,
        "TAB" => Tab,
    }
    WriterTransformation { "NONE" => None, "COMPACT" => Compact, "FLATTEN" => Flatten }
    OutputType { "JSON" => Json, "JSONL" => Jsonl }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names every variant, so that a new one cannot be left out of its table.
    fn complete<K: Keyword>(count: usize) {
        assert_eq!(K::ALL.len(), count);
        for (text, value) in K::ALL {
            assert_eq!(value.as_str(), *text);
            assert!(!text.is_empty());
        }
    }

    #[test]
    fn every_value_has_a_spelling() {
        complete::<QueryLanguage>(2);
        complete::<StateMachineType>(2);
        complete::<ExecutionType>(2);
        complete::<Jitter>(2);
        complete::<InputType>(5);
        complete::<ReaderTransformation>(2);
        complete::<ManifestType>(2);
        complete::<CsvDelimiter>(5);
        complete::<WriterTransformation>(3);
        complete::<OutputType>(2);
    }
}
