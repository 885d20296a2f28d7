//! Map: does the same for each item.

use super::chain::{Chain, Chainable};
use super::distributed_map::Distributed;
use super::graph::GraphId;
use super::options::{
    Assigning, Catching, InputOutput, QueryLanguage, ResultOptions, StateBuilder, StateOptions,
    state_builder,
};
use super::render::{Members, Rendering, whole_number};
use super::state::{Kind, Node, State};
use crate::core::{Problem, Scope};
use crate::value::{JsonPath, Value};

/// What can be said of [`Map`] and [`DistributedMap`](super::DistributedMap) states.
pub trait MapBase: StateBuilder {
    #[doc(hidden)]
    fn map_options(&mut self) -> &mut MapOptions;

    /// The items. JSONata only.
    #[must_use]
    fn items(mut self, items: ProvideItems) -> Self {
        self.map_options().items = Some(items.0);
        self
    }

    /// Where the array of items is in the input; the whole input unless said. JSONPath only.
    #[must_use]
    fn items_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.map_options().items_path = Some(path.into());
        self
    }

    /// What each iteration is given instead of its item: a payload template, or in JSONata an object with expressions.
    #[must_use]
    fn item_selector(mut self, selector: impl Into<Value>) -> Self {
        self.map_options().item_selector = Some(selector.into());
        self
    }

    /// What each iteration is given instead of its item: an expression. JSONata only.
    #[must_use]
    fn jsonata_item_selector(mut self, expression: impl Into<String>) -> Self {
        self.map_options().jsonata_item_selector = Some(expression.into());
        self
    }

    /// How many iterations may run at once; 0, as if nothing was said, for as many as possible.
    #[must_use]
    fn max_concurrency(mut self, iterations: u32) -> Self {
        self.map_options().max_concurrency = Some(iterations);
        self
    }

    /// Where in the input it says how many iterations may run at once. JSONPath only.
    #[must_use]
    fn max_concurrency_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.map_options().max_concurrency_path = Some(path.into());
        self
    }

    /// An expression for how many iterations may run at once. JSONata only.
    #[must_use]
    fn jsonata_max_concurrency(mut self, expression: impl Into<String>) -> Self {
        self.map_options().jsonata_max_concurrency = Some(expression.into());
        self
    }
}

/// What was said of a Map state of any kind.
#[derive(Debug, Clone, Default)]
pub struct MapOptions {
    items: Option<Value>,
    items_path: Option<JsonPath>,
    item_selector: Option<Value>,
    jsonata_item_selector: Option<String>,
    max_concurrency: Option<u32>,
    max_concurrency_path: Option<JsonPath>,
    jsonata_max_concurrency: Option<String>,
}

impl MapOptions {
    pub(super) fn items_path(&self) -> Option<&JsonPath> {
        self.items_path.as_ref()
    }
}

/// The items of a Map state in JSONata.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvideItems(Value);

impl ProvideItems {
    /// An array whose elements may be expressions.
    pub fn json_array(array: impl IntoIterator<Item = Value>) -> Self {
        Self(Value::List(array.into_iter().collect()))
    }

    /// What an expression gives: `{% $states.input.items %}`.
    pub fn jsonata(expression: impl Into<String>) -> Self {
        Self(expression.into().into())
    }
}

/// Where the iterations of a Map state run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProcessorMode {
    /// Within the execution.
    #[default]
    Inline,
    /// As executions of their own.
    Distributed,
}

impl ProcessorMode {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inline => "INLINE",
            Self::Distributed => "DISTRIBUTED",
        }
    }
}

/// As which kind of execution distributed iterations run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessorType {
    /// Standard.
    Standard,
    /// Express.
    Express,
}

impl ProcessorType {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Express => "EXPRESS",
        }
    }
}

/// How the iterations of a Map state are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProcessorConfig {
    /// Where.
    pub mode: ProcessorMode,
    /// As which kind of execution; distributed iterations must say it, others cannot.
    pub execution_type: Option<ProcessorType>,
}

/// A state that does the same for each item of an array; its result is the array of the outputs.
#[derive(Debug, Clone)]
#[must_use]
pub struct Map {
    scope: Scope,
    options: StateOptions,
    common: MapOptions,
    iterator: Option<Chain>,
    processor: Option<(Chain, ProcessorConfig)>,
}

impl Map {
    /// A state without anything to do; an iterator or an item processor must be added.
    pub fn new(scope: &Scope, id: &str) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            common: MapOptions::default(),
            iterator: None,
            processor: None,
        }
    }

    /// What is done for each item, as older definitions have it.
    pub fn iterator(mut self, iterator: impl Chainable) -> Self {
        self.iterator = Some(iterator.into_chain());
        self
    }

    /// What is done for each item, within the execution.
    pub fn item_processor(self, processor: impl Chainable) -> Self {
        self.item_processor_with(processor, ProcessorConfig::default())
    }

    /// What is done for each item, and how.
    pub fn item_processor_with(
        mut self,
        processor: impl Chainable,
        config: ProcessorConfig,
    ) -> Self {
        self.processor = Some((processor.into_chain(), config));
        self
    }

    /// What each iteration is given instead of its item, as older definitions have it: a payload template. JSONPath only.
    pub fn parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.options.parameters = Some(parameters.into());
        self
    }
}

state_builder!(Map, build);

impl Assigning for Map {}
impl InputOutput for Map {}
impl ResultOptions for Map {}
impl Catching for Map {}

impl MapBase for Map {
    fn map_options(&mut self) -> &mut MapOptions {
        &mut self.common
    }
}

fn build(map: Map) -> State {
    let kind = Kind::Map(Box::new(MapState {
        options: map.common,
        iterator: None,
        processor: None,
        distributed: None,
    }));
    let state = State::new(&map.scope, map.options, kind);
    if let Some(iterator) = map.iterator {
        state.add_iterator(iterator);
    }
    if let Some((processor, config)) = map.processor {
        state.add_item_processor(processor, config);
    }
    state
}

/// A Map state in the arena.
#[derive(Debug)]
pub(crate) struct MapState {
    pub(super) options: MapOptions,
    pub(super) iterator: Option<GraphId>,
    pub(super) processor: Option<(GraphId, ProcessorConfig)>,
    /// What only a [`DistributedMap`](super::DistributedMap) has.
    pub(super) distributed: Option<Distributed>,
}

impl MapState {
    /// Whether its iterations are executions of their own.
    pub(super) fn is_distributed(&self) -> bool {
        let mode = self.processor.as_ref().map(|(_, config)| config.mode);
        self.distributed.is_some() || mode == Some(ProcessorMode::Distributed)
    }

    /// What is wrong with how it is put together.
    pub(super) fn problems(&self, has_parameters: bool) -> Vec<Problem> {
        let options = &self.options;
        let expression = |text: &Option<String>| {
            let text = text.as_deref();
            text.is_none_or(|text| text.starts_with("{%") && text.ends_with("%}"))
        };
        let config = self.processor.as_ref().map(|(_, config)| *config);
        let config = config.unwrap_or_default();
        let is_distributed = config.mode == ProcessorMode::Distributed;
        let has_max = options.max_concurrency.is_some_and(|max| max > 0);
        let has_path = options.max_concurrency_path.is_some();
        let has_expression = options.jsonata_max_concurrency.is_some();
        let has_selector =
            options.item_selector.is_some() || options.jsonata_item_selector.is_some();
        let rules = [
            (
                is_distributed && config.execution_type.is_none() && self.distributed.is_none(),
                "item_processor",
                "You must specify an execution type for the distributed Map workflow",
            ),
            (
                !is_distributed && config.execution_type.is_some(),
                "item_processor",
                "Only a distributed Map workflow has an execution type",
            ),
            (
                has_max && has_path,
                "max_concurrency",
                "Provide either `maxConcurrency` or `maxConcurrencyPath`, but not both",
            ),
            (
                has_expression && has_max,
                "jsonata_max_concurrency",
                "Provide either `maxConcurrency` or `jsonataMaxConcurrency`, but not both",
            ),
            (
                has_expression && has_path,
                "jsonata_max_concurrency",
                "Provide either `maxConcurrencyPath` or `jsonataMaxConcurrency`, but not both",
            ),
            (
                !expression(&options.jsonata_max_concurrency),
                "jsonata_max_concurrency",
                "The `jsonataMaxConcurrency` property must be a valid JSONata expression",
            ),
            (
                options.item_selector.is_some() && options.jsonata_item_selector.is_some(),
                "jsonata_item_selector",
                "Provide either `itemSelector` or `jsonataItemSelector`, but not both",
            ),
            (
                !expression(&options.jsonata_item_selector),
                "jsonata_item_selector",
                "The `jsonataItemSelector` property must be a valid JSONata expression",
            ),
            (
                options.items.is_some() && options.items_path.is_some(),
                "items",
                "Provide either `items` or `itemsPath`, but not both",
            ),
            (
                self.iterator.is_none() && self.processor.is_none(),
                "item_processor",
                "Map state must either have a non-empty iterator or a non-empty item processor",
            ),
            (
                self.iterator.is_some() && self.processor.is_some(),
                "item_processor",
                "Map state cannot have both an iterator and an item processor",
            ),
            (
                has_parameters && has_selector,
                "item_selector",
                "Map state cannot have both parameters and an item selector",
            ),
        ];
        let broken = rules.into_iter().filter(|(broken, ..)| *broken);
        broken
            .map(|(_, property, message)| Problem::property(property, message))
            .collect()
    }
}

impl State {
    /// Gives a Map state what it does for each item, as older definitions have it.
    pub fn add_iterator(&self, iterator: impl Chainable) {
        let description = format!("Map {} Iterator", self.state_id());
        self.add_to_map(iterator, description, |map, graph| {
            map.iterator = Some(graph);
        });
    }

    /// Gives a Map state what it does for each item.
    pub fn add_item_processor(&self, processor: impl Chainable, config: ProcessorConfig) {
        let description = format!("Map {} Item Processor", self.state_id());
        self.add_to_map(processor, description, |map, graph| {
            map.processor = Some((graph, config));
        });
    }

    fn add_to_map(
        &self,
        chain: impl Chainable,
        description: String,
        add: impl FnOnce(&mut MapState, GraphId),
    ) {
        if !matches!(self.node().kind, Kind::Map(_)) {
            return self.is_no("Map");
        }
        let Some(graph) = self.inner_graph(&chain.into_chain(), description) else {
            return;
        };
        self.change(|node| {
            if let Kind::Map(map) = &mut node.kind {
                add(map, graph);
            }
        });
    }
}

impl Rendering<'_> {
    pub(super) fn map(&self, node: &Node, map: &MapState, members: &mut Members) {
        let options = &map.options;
        self.only_if(
            node,
            QueryLanguage::Jsonata,
            "items",
            options.items.is_some(),
        );
        members.add(
            "Items",
            self.template(node, "items", options.items.as_ref()),
        );
        self.path(
            node,
            "ItemsPath",
            "items_path",
            options.items_path.as_ref(),
            members,
        );
        members.add(
            "ItemSelector",
            self.template(node, "item_selector", options.item_selector.as_ref()),
        );
        if let Some(selector) = &options.jsonata_item_selector {
            self.only_in(node, QueryLanguage::Jsonata, "jsonata_item_selector");
            members.add("ItemSelector", Some(selector.as_str()));
        }
        members.add("Iterator", map.iterator.map(|graph| self.graph(graph)));
        if let Some((graph, config)) = &map.processor {
            let mut processor = Members::default();
            processor.add("ProcessorConfig", Some(processor_config(map, *config)));
            processor.0.extend(self.graph(*graph));
            members.add("ItemProcessor", Some(processor.0));
        }
        members.add("MaxConcurrency", whole_number(options.max_concurrency));
        self.path(
            node,
            "MaxConcurrencyPath",
            "max_concurrency_path",
            options.max_concurrency_path.as_ref(),
            members,
        );
        if let Some(expression) = &options.jsonata_max_concurrency {
            self.only_in(node, QueryLanguage::Jsonata, "jsonata_max_concurrency");
            members.add("MaxConcurrency", Some(expression.as_str()));
        }
        if let Some(distributed) = &map.distributed {
            self.distributed(node, distributed, members);
        }
    }
}

fn processor_config(map: &MapState, config: ProcessorConfig) -> Value {
    let (mode, kind) = match &map.distributed {
        Some(distributed) => (
            ProcessorMode::Distributed,
            Some(distributed.execution_type()),
        ),
        None => (config.mode, config.execution_type),
    };
    let kind = kind.map(|kind| kind.name().into());
    Value::object([("Mode", Some(mode.name().into())), ("ExecutionType", kind)])
}
