//! Map states.

use crate::diagnostic::Code;
use crate::model::Distributed;
use crate::model::{
    ExecutionType, ItemBatcher, ItemReader, Items, Map, ProcessorMode, QueryLanguage, ResultWriter,
    StateMachineType, WorkflowId,
};
use crate::template::Template;

use super::checker::Checker;
use super::fields::{Field, Object, both};
use super::machine::Around;
use super::number::Bounds;
use super::query::{Env, PathRule};
use super::source::Kind;
use super::state::Reading;

const PROCESSOR_CONFIG: &[Field] = &[both("Mode"), both("ExecutionType")];

/// The fields that only a distributed Map state has.
const DISTRIBUTED_ONLY: [&str; 4] = ["ItemBatcher", "ItemReader", "Label", "ResultWriter"];

/// The longest `Label`, in characters.
const MAX_LABEL: usize = 40;

/// Characters that a `Label` must not have, besides blanks and control characters.
const LABEL_FORBIDS: &str = "?*<>{}[]:;,\\|^~$#%&`\"/";

/// `ProcessorConfig` as far as it decides what else the state may have.
#[derive(Clone, Copy)]
enum Mode {
    Inline,
    Distributed(Option<ExecutionType>),
}

/// The parts of a distributed Map state besides its processor.
#[derive(Default)]
struct Parts {
    label: Option<String>,
    item_reader: Option<ItemReader>,
    item_batcher: Option<ItemBatcher>,
    result_writer: Option<ResultWriter>,
}

impl Checker<'_> {
    /// A Map state.
    pub(crate) fn map(&mut self, reading: &Reading<'_, '_>) -> Option<Map> {
        let (object, language) = (reading.object, reading.language);
        let items = self.items(object, language);
        let item_selector = self.item_selector(object, language);
        let any = Bounds {
            least: 0,
            most: u64::MAX,
        };
        // Paths into the context object are refused for all numbers (observed).
        let rule = PathRule::ReferenceToData;
        let names = ["MaxConcurrency", "MaxConcurrencyPath"];
        let max_concurrency = self.dynamic_integer(object, names, any, language, rule);
        let names = [
            "ToleratedFailurePercentage",
            "ToleratedFailurePercentagePath",
        ];
        let percent = Bounds {
            least: 0.0,
            most: 100.0,
        };
        let tolerated_failure_percentage =
            self.dynamic_float(object, names, percent, language, rule);
        let names = ["ToleratedFailureCount", "ToleratedFailureCountPath"];
        let tolerated_failure_count = self.dynamic_integer(object, names, any, language, rule);
        let processor = self.one_of(object, &["ItemProcessor", "Iterator"], true);
        let processor = processor.and_then(|name| self.object_field(object, name));
        let mode = processor.as_ref().map(|processor| self.mode(processor));
        let parts = match mode {
            Some(Mode::Inline) => {
                self.inline_only(object);
                Parts::default()
            }
            _ => Parts {
                label: self.label(object),
                item_reader: self.item_reader(object, language),
                item_batcher: self.item_batcher(object, language),
                result_writer: self.result_writer(object, language),
            },
        };
        let processor =
            processor.and_then(|processor| Some(self.processor(&processor, mode?, reading)));
        let errors = self.error_handling(reading);
        let mode = match mode? {
            Mode::Inline => ProcessorMode::Inline,
            Mode::Distributed(execution_type) => {
                ProcessorMode::Distributed(Box::new(Distributed {
                    execution_type: execution_type?,
                    label: parts.label,
                    item_reader: parts.item_reader,
                    item_batcher: parts.item_batcher,
                    result_writer: parts.result_writer,
                }))
            }
        };
        Some(Map {
            items: items?,
            item_selector,
            max_concurrency,
            tolerated_failure_percentage,
            tolerated_failure_count,
            processor: processor?,
            mode,
            errors,
        })
    }

    fn items(&mut self, object: &Object<'_>, language: QueryLanguage) -> Option<Items> {
        match language {
            QueryLanguage::JsonPath if object.has("ItemsPath") => self
                .path(object, "ItemsPath", PathRule::Reference)
                .map(Items::Path),
            QueryLanguage::Jsonata if object.has("Items") => {
                let node = object.get("Items")?;
                let is_text = matches!(node.kind, Kind::String(_));
                if !is_text && !matches!(node.kind, Kind::Array(_) | Kind::Object(_)) {
                    let place = object.place.key("Items");
                    let expected = "an array, or an expression that gives one";
                    self.wrong_type(&place, node, "[ARRAY, STRING]", expected);
                    return None;
                }
                if is_text {
                    let reads = Env::plain(language).reads;
                    self.jsonata_field(object, "Items", reads)?;
                }
                let template = self.template(object, "Items", Env::plain(language))?;
                Some(Items::Template(template))
            }
            _ => Some(Items::Input),
        }
    }

    /// `ItemSelector`, or `Parameters` as it was called before.
    fn item_selector(&mut self, object: &Object<'_>, language: QueryLanguage) -> Option<Template> {
        let names: &[&str] = match language {
            QueryLanguage::JsonPath => &["ItemSelector", "Parameters"],
            QueryLanguage::Jsonata => &["ItemSelector"],
        };
        let name = self.one_of(object, names, false)?;
        self.template(object, name, Env::plain(language))
    }

    fn mode(&mut self, processor: &Object<'_>) -> Mode {
        let Some(config) = self.object_field(processor, "ProcessorConfig") else {
            return Mode::Inline;
        };
        self.known_fields(&config, "ProcessorConfig", PROCESSOR_CONFIG, None);
        let distributed = match self.text(&config, "Mode") {
            None | Some("INLINE") => false,
            Some("DISTRIBUTED") => true,
            Some(_) => {
                let message = "Value should be one of the following: [INLINE, DISTRIBUTED]";
                let help = "INLINE runs the items within the execution, DISTRIBUTED as executions of their own";
                self.bad_value(&config, "Mode", message, help);
                return Mode::Distributed(None);
            }
        };
        if !distributed {
            if let Some(member) = config.member("ExecutionType") {
                let message = "Field 'ExecutionType' is not supported";
                let help = "only \"Mode\": \"DISTRIBUTED\" has an execution type";
                self.schema(&config.place, &member.key_bytes, message, help);
            }
            return Mode::Inline;
        }
        if self.machine_type == StateMachineType::Express {
            let message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines";
            let help = "use INLINE, or a standard workflow";
            self.bad_value(&config, "Mode", message, help);
        }
        self.required(&config, &["ExecutionType"]);
        Mode::Distributed(self.keyword(&config, "ExecutionType"))
    }

    fn inline_only(&mut self, object: &Object<'_>) {
        for name in DISTRIBUTED_ONLY {
            if let Some(member) = object.member(name) {
                let message = format!("Field '{name}' is not supported");
                let help = format!(
                    "{name} needs \"ProcessorConfig\": {{\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"STANDARD\"}}"
                );
                self.schema(&object.place, &member.key_bytes, message, help);
            }
        }
    }

    fn processor(
        &mut self,
        processor: &Object<'_>,
        mode: Mode,
        reading: &Reading<'_, '_>,
    ) -> WorkflowId {
        let around = |scope| Around::Processor(reading.id, scope);
        let outer_type = self.machine_type;
        let around = match mode {
            Mode::Inline => around(Some(reading.inside.scope)),
            Mode::Distributed(execution_type) => {
                // Its iterations are executions of that type, with that type's limits.
                if execution_type == Some(ExecutionType::Express) {
                    self.machine_type = StateMachineType::Express;
                }
                around(None)
            }
        };
        let workflow = self.workflow(processor, around);
        self.machine_type = outer_type;
        workflow
    }

    fn label(&mut self, object: &Object<'_>) -> Option<String> {
        let label = self.text(object, "Label")?;
        let place = object.place.key("Label");
        let bytes = &object.get("Label")?.bytes;
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || LABEL_FORBIDS.contains(c);
        let length = label.chars().count();
        let problem = if label.is_empty() {
            Some("Invalid Label name: the label is empty".to_owned())
        } else if length > MAX_LABEL {
            Some(format!(
                "Invalid Label name: {label} exceeds the {MAX_LABEL}-character limit allowed by the service"
            ))
        } else if label.contains(forbidden) {
            Some(format!(
                "Invalid Label name: {label} contains invalid characters"
            ))
        } else {
            None
        };
        if let Some(message) = problem {
            let help = format!(
                "a label has 1 to {MAX_LABEL} characters, no blanks, control characters or {LABEL_FORBIDS}"
            );
            self.report(Code::InvalidLabelName, Some(&place), bytes, message, help);
            return None;
        }
        if !self.labels.insert(label.to_owned()) {
            let message = format!("Duplicate Label name: {label}");
            let help = "give every Map state of the machine a label of its own";
            self.report(Code::DuplicateLabelName, Some(&place), bytes, message, help);
            return None;
        }
        Some(label.to_owned())
    }
}
