//! Distributed Map: does the same for very many items, each in an execution of its own.

mod bucket;
mod item_batcher;
mod item_reader;
mod result_writer;

pub use item_batcher::ItemBatcher;
pub use item_reader::{
    CsvDelimiter, CsvHeaderLocation, CsvHeaders, ItemReader, S3CsvItemReader, S3JsonItemReader,
    S3JsonLItemReader, S3ManifestItemReader, S3ObjectsItemReader,
};
pub use result_writer::{OutputType, ResultWriter, ResultWriterV2, Transformation, WriterConfig};

use result_writer::Writer;

use super::chain::{Chain, Chainable};
use super::map::{MapBase, MapOptions, MapState, ProcessorConfig, ProcessorMode, ProcessorType};
use super::options::{
    Assigning, Catching, InputOutput, QueryLanguage, ResultOptions, StateOptions, state_builder,
};
use super::render::{Members, Rendering, whole_number};
use super::state::{Kind, Node, State};
use crate::core::{Feature, Problem, Scope};
use crate::iam::Statement;
use crate::machine::StateMachineType;
use crate::policy;
use crate::value::{JsonPath, Object, Pseudo, Text, Value};

/// A state that does the same for each of many items, each in an execution of its own.
///
/// The role of a machine with one may start, watch and redrive executions of the machine.
#[derive(Debug, Clone)]
#[must_use]
pub struct DistributedMap {
    scope: Scope,
    options: StateOptions,
    common: MapOptions,
    processor: Option<Chain>,
    execution_type: Option<StateMachineType>,
    item_reader: Option<ItemReader>,
    item_batcher: Option<ItemBatcher>,
    tolerated_failure_percentage: Option<f64>,
    tolerated_failure_percentage_path: Option<JsonPath>,
    tolerated_failure_count: Option<u32>,
    tolerated_failure_count_path: Option<JsonPath>,
    label: Option<String>,
    result_writer: Option<ResultWriter>,
    result_writer_v2: Option<ResultWriterV2>,
}

impl DistributedMap {
    /// A state without anything to do; an item processor must be added.
    pub fn new(scope: &Scope, id: &str) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            common: MapOptions::default(),
            processor: None,
            execution_type: None,
            item_reader: None,
            item_batcher: None,
            tolerated_failure_percentage: None,
            tolerated_failure_percentage_path: None,
            tolerated_failure_count: None,
            tolerated_failure_count_path: None,
            label: None,
            result_writer: None,
            result_writer_v2: None,
        }
    }

    /// What is done for each item or batch of items.
    pub fn item_processor(mut self, processor: impl Chainable) -> Self {
        self.processor = Some(processor.into_chain());
        self
    }

    /// As which kind of execution the items are processed; standard unless said.
    pub fn map_execution_type(mut self, kind: StateMachineType) -> Self {
        self.execution_type = Some(kind);
        self
    }

    /// Where the items are read from, if not from the state's input.
    pub fn item_reader(mut self, reader: impl Into<ItemReader>) -> Self {
        self.item_reader = Some(reader.into());
        self
    }

    /// Items are processed in batches.
    pub fn item_batcher(mut self, batcher: ItemBatcher) -> Self {
        self.item_batcher = Some(batcher);
        self
    }

    /// How many of the items may fail, from 0 to 100 percent; none unless said.
    pub fn tolerated_failure_percentage(mut self, percentage: impl Into<f64>) -> Self {
        self.tolerated_failure_percentage = Some(percentage.into());
        self
    }

    /// Where in the input it says how many percent of the items may fail. JSONPath only.
    pub fn tolerated_failure_percentage_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.tolerated_failure_percentage_path = Some(path.into());
        self
    }

    /// How many items may fail; none unless said.
    pub fn tolerated_failure_count(mut self, count: u32) -> Self {
        self.tolerated_failure_count = Some(count);
        self
    }

    /// Where in the input it says how many items may fail. JSONPath only.
    pub fn tolerated_failure_count_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.tolerated_failure_count_path = Some(path.into());
        self
    }

    /// What the ARNs of its map runs have in them, at most 40 characters.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Where the results are written to, if not to the state's result.
    pub fn result_writer(mut self, writer: ResultWriter) -> Self {
        self.result_writer = Some(writer);
        self
    }

    /// Where, and how, the results are written. Only with [`Feature::DistributedMapResultWriterV2`], and then instead of
    /// [`result_writer`](Self::result_writer).
    pub fn result_writer_v2(mut self, writer: ResultWriterV2) -> Self {
        self.result_writer_v2 = Some(writer);
        self
    }

    fn problems(&self) -> Vec<Problem> {
        let percentage = self.tolerated_failure_percentage;
        let has_percentage = percentage.is_some_and(|percentage| percentage != 0.0);
        let has_count = self.tolerated_failure_count.is_some_and(|count| count > 0);
        let version_2 = self.scope.has(Feature::DistributedMapResultWriterV2);
        let label = self.label.as_deref().unwrap_or_default();
        let rules = [
            (
                self.common.items_path().is_some() && self.item_reader.is_some(),
                "item_reader",
                "Provide either `itemsPath` or `itemReader`, but not both",
            ),
            (
                has_percentage && self.tolerated_failure_percentage_path.is_some(),
                "tolerated_failure_percentage",
                "Provide either `toleratedFailurePercentage` or `toleratedFailurePercentagePath`, but not both",
            ),
            (
                percentage.is_some_and(|percentage| !(0.0..=100.0).contains(&percentage)),
                "tolerated_failure_percentage",
                "toleratedFailurePercentage must be between 0 and 100",
            ),
            (
                has_count && self.tolerated_failure_count_path.is_some(),
                "tolerated_failure_count",
                "Provide either `toleratedFailureCount` or `toleratedFailureCountPath`, but not both",
            ),
            (
                label.chars().count() > 40,
                "label",
                "label must be 40 characters or less",
            ),
            (
                label.chars().any(is_special),
                "label",
                "label cannot contain any whitespace or special characters",
            ),
            (
                self.result_writer.is_some() && version_2,
                "result_writer",
                "With the feature DistributedMapResultWriterV2 only `resultWriterV2` is written",
            ),
            (
                self.result_writer_v2.is_some() && !version_2,
                "result_writer_v2",
                "`resultWriterV2` is only written with the feature DistributedMapResultWriterV2",
            ),
        ];
        let broken = rules.into_iter().filter(|(broken, ..)| *broken);
        let broken = broken.map(|(_, property, message)| Problem::property(property, message));
        let batcher = self.item_batcher.iter().flat_map(ItemBatcher::problems);
        let writer = self
            .result_writer_v2
            .iter()
            .flat_map(ResultWriterV2::problems);
        broken.chain(batcher).chain(writer).collect()
    }
}

fn is_special(c: char) -> bool {
    c.is_whitespace() || c.is_control() || r#"?*<>{}\[]:;,|^~$#%&`""#.contains(c)
}

state_builder!(DistributedMap, build);

impl Assigning for DistributedMap {}
impl InputOutput for DistributedMap {}
impl ResultOptions for DistributedMap {}
impl Catching for DistributedMap {}

impl MapBase for DistributedMap {
    fn map_options(&mut self) -> &mut MapOptions {
        &mut self.common
    }
}

fn build(map: DistributedMap) -> State {
    for problem in map.problems() {
        map.scope.report(problem);
    }
    let writer = map.result_writer_v2.map(Writer::from);
    let writer = writer.or(map.result_writer.map(Writer::from));
    let written = writer
        .iter()
        .flat_map(|writer| writer.statements(&map.scope));
    let read = map
        .item_reader
        .iter()
        .flat_map(|reader| reader.statements(&map.scope));
    let distributed = Distributed {
        execution_type: match map.execution_type {
            Some(StateMachineType::Express) => ProcessorType::Express,
            _ => ProcessorType::Standard,
        },
        statements: written.chain(read).collect(),
        item_reader: map.item_reader,
        item_batcher: map.item_batcher,
        tolerated_failure_percentage: map.tolerated_failure_percentage,
        tolerated_failure_percentage_path: map.tolerated_failure_percentage_path,
        tolerated_failure_count: map.tolerated_failure_count,
        tolerated_failure_count_path: map.tolerated_failure_count_path,
        label: map.label,
        writer,
    };
    let kind = Kind::Map(Box::new(MapState {
        options: map.common,
        iterator: None,
        processor: None,
        distributed: Some(distributed),
    }));
    let state = State::new(&map.scope, map.options, kind);
    if let Some(processor) = map.processor {
        let config = ProcessorConfig {
            mode: ProcessorMode::Distributed,
            execution_type: None,
        };
        state.add_item_processor(processor, config);
    }
    state
}

/// What only a distributed Map state has.
#[derive(Debug)]
pub(crate) struct Distributed {
    execution_type: ProcessorType,
    item_reader: Option<ItemReader>,
    item_batcher: Option<ItemBatcher>,
    tolerated_failure_percentage: Option<f64>,
    tolerated_failure_percentage_path: Option<JsonPath>,
    tolerated_failure_count: Option<u32>,
    tolerated_failure_count_path: Option<JsonPath>,
    label: Option<String>,
    writer: Option<Writer>,
    statements: Vec<Statement>,
}

impl Distributed {
    pub(super) fn execution_type(&self) -> ProcessorType {
        self.execution_type
    }

    pub(super) fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// What the machine's role must be allowed to read items and write results.
    pub(super) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

/// What a distributed Map reads from or writes to, as it stands in a definition.
struct MapResource {
    /// `s3:getObject`
    name: &'static str,
    parameters: Value,
    /// ARNs of resources that the parameters name otherwise.
    known: Vec<(Text, Text)>,
}

impl MapResource {
    fn arn(&self) -> Text {
        Text::concat([
            Text::from("arn:"),
            Pseudo::Partition.into(),
            format!(":states:::{}", self.name).into(),
        ])
    }

    fn statements(&self, scope: &Scope) -> Vec<Statement> {
        policy::map_resource(scope, self.name, &self.parameters, &self.known)
    }
}

impl Rendering<'_> {
    pub(super) fn distributed(&self, node: &Node, map: &Distributed, members: &mut Members) {
        if let Some(reader) = &map.item_reader {
            let mut item_reader = Members::default();
            self.map_resource(node, "item_reader", &reader.resource(), &mut item_reader);
            item_reader.add("ReaderConfig", reader.config());
            members.add("ItemReader", Some(item_reader.0));
        }
        if let Some(batcher) = &map.item_batcher {
            members.add("ItemBatcher", Some(self.item_batcher(node, batcher)));
        }
        let percentage = map
            .tolerated_failure_percentage
            .filter(|percentage| *percentage != 0.0);
        members.add("ToleratedFailurePercentage", percentage);
        let (name, property) = (
            "ToleratedFailurePercentagePath",
            "tolerated_failure_percentage_path",
        );
        self.path(
            node,
            name,
            property,
            map.tolerated_failure_percentage_path.as_ref(),
            members,
        );
        members.add(
            "ToleratedFailureCount",
            whole_number(map.tolerated_failure_count),
        );
        let (name, property) = ("ToleratedFailureCountPath", "tolerated_failure_count_path");
        self.path(
            node,
            name,
            property,
            map.tolerated_failure_count_path.as_ref(),
            members,
        );
        members.add("Label", map.label.as_deref());
        if let Some(writer) = &map.writer {
            let mut result_writer = Members::default();
            if let Some(resource) = writer.resource() {
                self.map_resource(node, "result_writer", &resource, &mut result_writer);
            }
            result_writer.add("WriterConfig", writer.config());
            members.add("ResultWriter", Some(result_writer.0));
        }
    }

    fn map_resource(
        &self,
        node: &Node,
        property: &'static str,
        resource: &MapResource,
        members: &mut Members,
    ) {
        members.add("Resource", Some(resource.arn()));
        let name = match self.language(node) {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        members.add(
            name,
            self.template(node, property, Some(&resource.parameters)),
        );
    }

    fn item_batcher(&self, node: &Node, batcher: &ItemBatcher) -> Object {
        let mut members = Members::default();
        members.add(
            "MaxItemsPerBatch",
            whole_number(batcher.max_items_per_batch),
        );
        let path = batcher.max_items_per_batch_path.as_ref();
        self.path(
            node,
            "MaxItemsPerBatchPath",
            "max_items_per_batch_path",
            path,
            &mut members,
        );
        members.add(
            "MaxInputBytesPerBatch",
            whole_number(batcher.max_input_bytes_per_batch),
        );
        let path = batcher.max_input_bytes_per_batch_path.as_ref();
        let (name, property) = (
            "MaxInputBytesPerBatchPath",
            "max_input_bytes_per_batch_path",
        );
        self.path(node, name, property, path, &mut members);
        members.add(
            "BatchInput",
            self.template(node, "batch_input", batcher.batch_input.as_ref()),
        );
        members.0
    }
}
