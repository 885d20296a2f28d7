//! Map states, inline and distributed.

use crate::jsonpath::Path;
use crate::model::{Dynamic, ErrorHandling, Resource, WorkflowId};
use crate::template::Template;

/// A Map state.
#[derive(Debug, Clone)]
pub struct Map {
    /// Where its items come from (unless an `ItemReader` reads them).
    pub items: Items,
    /// `ItemSelector`, or the older `Parameters`: what an iteration gets instead of its item.
    pub item_selector: Option<Template>,
    /// `MaxConcurrency` or `MaxConcurrencyPath`; 0 is no limit.
    pub max_concurrency: Option<Dynamic<u64>>,
    /// `ToleratedFailurePercentage` or its `Path` form.
    pub tolerated_failure_percentage: Option<Dynamic<f64>>,
    /// `ToleratedFailureCount` or its `Path` form.
    pub tolerated_failure_count: Option<Dynamic<u64>>,
    /// `ItemProcessor`, or the older `Iterator`.
    pub processor: WorkflowId,
    /// `ProcessorConfig`.
    pub mode: ProcessorMode,
    /// `Retry` and `Catch`.
    pub errors: ErrorHandling,
}

/// Where a Map state's items come from.
#[derive(Debug, Clone)]
pub enum Items {
    /// The whole (effective) input: neither `ItemsPath` nor `Items` is given.
    Input,
    /// `ItemsPath` (JSONPath).
    Path(Path),
    /// `Items` (JSONata): an array, or an expression that gives one.
    Template(Template),
}

/// `ProcessorConfig.Mode`.
#[derive(Debug, Clone)]
pub enum ProcessorMode {
    /// Iterations are part of the execution; the default.
    Inline,
    /// Each item or batch is an execution of its own.
    Distributed(Box<Distributed>),
}

/// What only a distributed Map state has.
#[derive(Debug, Clone)]
pub struct Distributed {
    /// `ProcessorConfig.ExecutionType`.
    pub execution_type: ExecutionType,
    /// `Label`.
    pub label: Option<String>,
    /// `ItemReader`.
    pub item_reader: Option<ItemReader>,
    /// `ItemBatcher`.
    pub item_batcher: Option<ItemBatcher>,
    /// `ResultWriter`.
    pub result_writer: Option<ResultWriter>,
}

/// `ProcessorConfig.ExecutionType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionType {
    /// `STANDARD`
    Standard,
    /// `EXPRESS`
    Express,
}

/// `ItemReader`: reads the items from S3.
#[derive(Debug, Clone)]
pub struct ItemReader {
    /// `Resource`: `s3:getObject` or `s3:listObjectsV2`.
    pub resource: Resource,
    /// `Parameters` (JSONPath) or `Arguments` (JSONata).
    pub arguments: Option<Template>,
    /// `ReaderConfig`.
    pub config: ReaderConfig,
}

/// `ReaderConfig`.
#[derive(Debug, Clone, Default)]
pub struct ReaderConfig {
    /// `InputType`.
    pub input_type: Option<InputType>,
    /// `Transformation`.
    pub transformation: Option<ReaderTransformation>,
    /// `ManifestType`.
    pub manifest_type: Option<ManifestType>,
    /// `CSVDelimiter`.
    pub csv_delimiter: Option<CsvDelimiter>,
    /// `CSVHeaderLocation` with `CSVHeaders`.
    pub csv_headers: Option<CsvHeaders>,
    /// `ItemsPointer`: a JSON pointer into a JSON file.
    pub items_pointer: Option<String>,
    /// `MaxItems` or `MaxItemsPath`.
    pub max_items: Option<Dynamic<u64>>,
}

/// `InputType` of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputType {
    /// `CSV`
    Csv,
    /// `JSON`
    Json,
    /// `JSONL`
    Jsonl,
    /// `PARQUET`
    Parquet,
    /// `MANIFEST`
    Manifest,
}

/// `Transformation` of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderTransformation {
    /// `NONE`
    None,
    /// `LOAD_AND_FLATTEN`
    LoadAndFlatten,
}

/// `ManifestType` of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestType {
    /// `ATHENA_DATA`
    AthenaData,
    /// `S3_INVENTORY`
    S3Inventory,
}

/// `CSVDelimiter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvDelimiter {
    /// `COMMA`
    Comma,
    /// `PIPE`
    Pipe,
    /// `SEMICOLON`
    Semicolon,
    /// `SPACE`
    Space,
    /// `TAB`
    Tab,
}

/// `CSVHeaderLocation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CsvHeaders {
    /// `FIRST_ROW`
    FirstRow,
    /// `GIVEN`, with `CSVHeaders`.
    Given(Vec<String>),
}

/// `ItemBatcher`.
#[derive(Debug, Clone, Default)]
pub struct ItemBatcher {
    /// `BatchInput`: a part of each batch's input.
    pub batch_input: Option<Template>,
    /// `MaxItemsPerBatch` or its `Path` form.
    pub max_items_per_batch: Option<Dynamic<u64>>,
    /// `MaxInputBytesPerBatch` or its `Path` form.
    pub max_input_bytes_per_batch: Option<Dynamic<u64>>,
}

/// `ResultWriter`.
#[derive(Debug, Clone)]
pub struct ResultWriter {
    /// `Resource`: `s3:putObject`.
    pub resource: Option<Resource>,
    /// `Parameters` (JSONPath) or `Arguments` (JSONata).
    pub arguments: Option<Template>,
    /// `WriterConfig`.
    pub config: Option<WriterConfig>,
}

/// `WriterConfig`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriterConfig {
    /// `Transformation`.
    pub transformation: Option<WriterTransformation>,
    /// `OutputType`.
    pub output_type: Option<OutputType>,
}

/// `Transformation` of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriterTransformation {
    /// `NONE`
    None,
    /// `COMPACT`
    Compact,
    /// `FLATTEN`
    Flatten,
}

/// `OutputType` of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputType {
    /// `JSON`
    Json,
    /// `JSONL`
    Jsonl,
}
