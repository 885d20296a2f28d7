//! Writing a model out as JSON, with the keys in the order that definitions customarily have.

use serde_json::{Map as Object, Value, json};

use crate::intrinsic;
use crate::jsonata;
use crate::template::{Node, Template};

use super::{
    Catcher, Choice, Condition, CsvHeaders, Data, Distributed, Dynamic, ErrorHandling, Fail,
    ItemBatcher, ItemReader, Items, Keyword, Map, Operand, Operator, Parallel, ProcessorMode,
    QueryLanguage, ReaderConfig, ResultPath, ResultWriter, Retrier, Rule, Selection, State,
    StateId, StateKind, StateMachine, Task, Transition, ValueType, Wait, WorkflowId,
};

impl StateMachine {
    /// The definition as JSON. Parsing it again gives a model that writes the same JSON.
    ///
    /// Where the language has an older name for a field (`Iterator`, a Map state's `Parameters`),
    /// the newer one is written. Comments of rules within other rules are not part of the model.
    pub fn to_json(&self) -> Value {
        let mut fields = Fields::default();
        fields.text("Comment", self.comment.as_deref());
        fields.text("Version", self.version.as_deref());
        if self.query_language == QueryLanguage::Jsonata {
            fields.add("QueryLanguage", QueryLanguage::Jsonata.as_str());
        }
        fields.maybe("TimeoutSeconds", self.timeout_seconds);
        self.workflow_fields(Self::ROOT, &mut fields);
        fields.into()
    }

    fn workflow_fields(&self, id: WorkflowId, fields: &mut Fields) {
        let workflow = self.workflow(id);
        fields.add("StartAt", self.name(workflow.start_at));
        let states = workflow.states.iter();
        let states = states.map(|id| (self.name(*id), self.state_json(self.state(*id))));
        fields.add("States", Value::Object(states.collect()));
    }

    fn name(&self, id: StateId) -> String {
        self.state(id).name.to_string()
    }

    fn state_json(&self, state: &State) -> Value {
        let mut fields = Fields::default();
        fields.add("Type", state.kind.type_name());
        fields.text("Comment", state.comment.as_deref());
        if state.query_language() != self.query_language {
            fields.add("QueryLanguage", state.query_language().as_str());
        }
        self.kind_fields(&state.kind, &mut fields);
        data_fields(&state.data, &mut fields);
        fields.template("Assign", state.assign.as_ref());
        if let Some(errors) = state.error_handling() {
            self.error_fields(errors, &mut fields);
        }
        match state.transition {
            Some(Transition::Next(next)) => fields.add("Next", self.name(next)),
            Some(Transition::End) => fields.add("End", true),
            None => {}
        }
        fields.into()
    }

    fn kind_fields(&self, kind: &StateKind, fields: &mut Fields) {
        match kind {
            StateKind::Pass { result } => fields.maybe("Result", result.clone()),
            StateKind::Task(task) => task_fields(task, fields),
            StateKind::Choice(choice) => self.choice_fields(choice, fields),
            StateKind::Wait(wait) => wait_fields(wait, fields),
            StateKind::Succeed => {}
            StateKind::Fail(fail) => fail_fields(fail, fields),
            StateKind::Parallel(parallel) => self.parallel_fields(parallel, fields),
            StateKind::Map(map) => self.map_fields(map, fields),
        }
    }

    fn choice_fields(&self, choice: &Choice, fields: &mut Fields) {
        let rules = choice.rules.iter().map(|rule| self.rule(rule));
        fields.add("Choices", rules.collect::<Vec<_>>());
        fields.maybe("Default", choice.default.map(|id| self.name(id)));
    }

    fn rule(&self, rule: &Rule) -> Value {
        let mut fields = Fields::default();
        fields.text("Comment", rule.comment.as_deref());
        condition_fields(&rule.condition, &mut fields);
        fields.template("Assign", rule.assign.as_ref());
        fields.template("Output", rule.output.as_ref());
        fields.add("Next", self.name(rule.next));
        fields.into()
    }

    fn parallel_fields(&self, parallel: &Parallel, fields: &mut Fields) {
        let branches = parallel.branches.iter().map(|id| {
            let mut branch = Fields::default();
            branch.text("Comment", self.workflow(*id).comment.as_deref());
            self.workflow_fields(*id, &mut branch);
            branch.into()
        });
        fields.add("Branches", branches.collect::<Vec<Value>>());
    }

    fn map_fields(&self, map: &Map, fields: &mut Fields) {
        match &map.items {
            Items::Input => {}
            Items::Path(path) => fields.add("ItemsPath", path.text()),
            Items::Template(items) => fields.template("Items", Some(items)),
        }
        let distributed = match &map.mode {
            ProcessorMode::Inline => None,
            ProcessorMode::Distributed(distributed) => Some(&**distributed),
        };
        if let Some(distributed) = distributed {
            fields.text("Label", distributed.label.as_deref());
            let reader = distributed.item_reader.as_ref();
            fields.maybe("ItemReader", reader.map(item_reader));
        }
        fields.template("ItemSelector", map.item_selector.as_ref());
        if let Some(batcher) = distributed.and_then(|distributed| distributed.item_batcher.as_ref())
        {
            fields.add("ItemBatcher", item_batcher(batcher));
        }
        fields.dynamic("MaxConcurrency", map.max_concurrency.as_ref());
        let percentage = map.tolerated_failure_percentage.as_ref();
        fields.dynamic("ToleratedFailurePercentage", percentage);
        let count = map.tolerated_failure_count.as_ref();
        fields.dynamic("ToleratedFailureCount", count);
        fields.add("ItemProcessor", self.processor(map.processor, distributed));
        if let Some(writer) = distributed.and_then(|distributed| distributed.result_writer.as_ref())
        {
            fields.add("ResultWriter", result_writer(writer));
        }
    }

    fn processor(&self, id: WorkflowId, distributed: Option<&Distributed>) -> Value {
        let mut fields = Fields::default();
        fields.text("Comment", self.workflow(id).comment.as_deref());
        let config = match distributed {
            None => json!({"Mode": "INLINE"}),
            Some(distributed) => {
                let execution_type = distributed.execution_type.as_str();
                json!({"Mode": "DISTRIBUTED", "ExecutionType": execution_type})
            }
        };
        fields.add("ProcessorConfig", config);
        self.workflow_fields(id, &mut fields);
        fields.into()
    }

    fn error_fields(&self, errors: &ErrorHandling, fields: &mut Fields) {
        if !errors.retry.is_empty() {
            let retry = errors.retry.iter().map(retrier);
            fields.add("Retry", retry.collect::<Vec<_>>());
        }
        if !errors.catch.is_empty() {
            let catch = errors.catch.iter().map(|catcher| self.catcher(catcher));
            fields.add("Catch", catch.collect::<Vec<_>>());
        }
    }

    fn catcher(&self, catcher: &Catcher) -> Value {
        let mut fields = Fields::default();
        fields.text("Comment", catcher.comment.as_deref());
        fields.add("ErrorEquals", catcher.error_equals.clone());
        result_path(&catcher.result_path, &mut fields);
        fields.template("Assign", catcher.assign.as_ref());
        fields.template("Output", catcher.output.as_ref());
        fields.add("Next", self.name(catcher.next));
        fields.into()
    }
}

/// The fields of an object that is being written.
#[derive(Default)]
struct Fields(Object<String, Value>);

impl Fields {
    fn add(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn text(&mut self, name: &str, text: Option<&str>) {
        self.maybe(name, text);
    }

    fn keyword(&mut self, name: &str, value: Option<impl Keyword>) {
        self.maybe(name, value.map(Keyword::as_str));
    }

    fn template(&mut self, name: &str, template: Option<&Template>) {
        self.maybe(name, template.map(template_json));
    }

    /// A literal, an expression, or a query under the name's `Path` form.
    fn dynamic<T: Clone + Into<Value>>(&mut self, name: &str, value: Option<&Dynamic<T>>) {
        match value {
            None => {}
            Some(Dynamic::Literal(value)) => self.add(name, value.clone()),
            Some(Dynamic::Query(query)) => self.add(&format!("{name}Path"), query.text()),
            Some(Dynamic::Expression(expression)) => self.add(name, delimited(expression)),
        }
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Object(fields.0)
    }
}

fn delimited(expression: &jsonata::Expression) -> String {
    format!("{{% {} %}}", expression.source())
}

fn template_json(template: &Template) -> Value {
    match template {
        Template::JsonPath(node) => payload(node),
        Template::Jsonata(node) => jsonata_json(node),
    }
}

fn payload(node: &Node<intrinsic::Expression>) -> Value {
    match node {
        Node::Literal(value) => value.clone(),
        Node::Query(query) => query.text().into(),
        Node::Array(items) => items.iter().map(payload).collect(),
        Node::Object(members) => {
            let members = members.iter().map(|(key, node)| match node {
                Node::Query(_) => (format!("{key}.$"), payload(node)),
                _ => (key.clone(), payload(node)),
            });
            Value::Object(members.collect())
        }
    }
}

fn jsonata_json(node: &Node<jsonata::Expression>) -> Value {
    match node {
        Node::Literal(value) => value.clone(),
        Node::Query(expression) => delimited(expression).into(),
        Node::Array(items) => items.iter().map(jsonata_json).collect(),
        Node::Object(members) => {
            let members = members.iter();
            let members = members.map(|(key, node)| (key.clone(), jsonata_json(node)));
            Value::Object(members.collect())
        }
    }
}

fn data_fields(data: &Data, fields: &mut Fields) {
    match data {
        Data::JsonPath(data) => {
            selection("InputPath", &data.input_path, fields);
            fields.template("Parameters", data.parameters.as_ref());
            fields.template("ResultSelector", data.result_selector.as_ref());
            result_path(&data.result_path, fields);
            selection("OutputPath", &data.output_path, fields);
        }
        Data::Jsonata(data) => {
            fields.template("Arguments", data.arguments.as_ref());
            fields.template("Output", data.output.as_ref());
        }
    }
}

fn selection(name: &str, selection: &Selection, fields: &mut Fields) {
    match selection {
        Selection::Whole => {}
        Selection::Nothing => fields.add(name, Value::Null),
        Selection::Path(path) => fields.add(name, path.text()),
    }
}

fn result_path(path: &ResultPath, fields: &mut Fields) {
    match path {
        ResultPath::Whole => {}
        ResultPath::Discard => fields.add("ResultPath", Value::Null),
        ResultPath::Path(path) => fields.add("ResultPath", path.text()),
    }
}

fn task_fields(task: &Task, fields: &mut Fields) {
    fields.add("Resource", task.resource.arn().to_string());
    fields.template("Credentials", task.credentials.as_ref());
    fields.dynamic("TimeoutSeconds", task.timeout_seconds.as_ref());
    fields.dynamic("HeartbeatSeconds", task.heartbeat_seconds.as_ref());
}

fn wait_fields(wait: &Wait, fields: &mut Fields) {
    match wait {
        Wait::Seconds(seconds) => fields.dynamic("Seconds", Some(seconds)),
        Wait::Timestamp(Dynamic::Literal(timestamp)) => {
            fields.add("Timestamp", timestamp.text.clone());
        }
        Wait::Timestamp(Dynamic::Query(query)) => fields.add("TimestampPath", query.text()),
        Wait::Timestamp(Dynamic::Expression(expression)) => {
            fields.add("Timestamp", delimited(expression));
        }
    }
}

fn fail_fields(fail: &Fail, fields: &mut Fields) {
    fields.dynamic("Error", fail.error.as_ref());
    fields.dynamic("Cause", fail.cause.as_ref());
}

fn condition_fields(condition: &Condition, fields: &mut Fields) {
    let rules = |conditions: &[Condition]| {
        let rules = conditions.iter().map(|condition| {
            let mut fields = Fields::default();
            condition_fields(condition, &mut fields);
            fields.into()
        });
        rules.collect::<Vec<Value>>()
    };
    match condition {
        Condition::Jsonata(condition) => fields.dynamic("Condition", Some(condition)),
        Condition::And(conditions) => fields.add("And", rules(conditions)),
        Condition::Or(conditions) => fields.add("Or", rules(conditions)),
        Condition::Not(condition) => {
            let mut inner = Fields::default();
            condition_fields(condition, &mut inner);
            fields.add("Not", inner);
        }
        Condition::Comparison(comparison) => {
            fields.add("Variable", comparison.variable.text());
            operator_field(&comparison.operator, fields);
        }
    }
}

fn operator_field(operator: &Operator, fields: &mut Fields) {
    match operator {
        Operator::BooleanEquals(operand) => operand_field("BooleanEquals", operand, fields),
        Operator::Numeric(ordering, operand) => {
            let name = format!("Numeric{}", ordering.name());
            operand_field(&name, &number(operand), fields);
        }
        Operator::String(ordering, operand) => {
            operand_field(&format!("String{}", ordering.name()), operand, fields);
        }
        Operator::Timestamp(ordering, operand) => {
            let operand = match operand {
                Operand::Literal((_, text)) => Operand::Literal(text.clone()),
                Operand::Path(path) => Operand::Path(path.clone()),
            };
            operand_field(&format!("Timestamp{}", ordering.name()), &operand, fields);
        }
        Operator::StringMatches(pattern) => fields.add("StringMatches", pattern.clone()),
        Operator::IsPresent(wanted) => fields.add("IsPresent", *wanted),
        Operator::Is(kind, wanted) => {
            let name = match kind {
                ValueType::Null => "IsNull",
                ValueType::Numeric => "IsNumeric",
                ValueType::String => "IsString",
                ValueType::Boolean => "IsBoolean",
                ValueType::Timestamp => "IsTimestamp",
            };
            fields.add(name, *wanted);
        }
    }
}

fn number(operand: &Operand<serde_json::Number>) -> Operand<Value> {
    match operand {
        Operand::Literal(number) => Operand::Literal(Value::Number(number.clone())),
        Operand::Path(path) => Operand::Path(path.clone()),
    }
}

fn operand_field<T: Clone + Into<Value>>(name: &str, operand: &Operand<T>, fields: &mut Fields) {
    match operand {
        Operand::Literal(value) => fields.add(name, value.clone()),
        Operand::Path(path) => fields.add(&format!("{name}Path"), path.text()),
    }
}

fn retrier(retrier: &Retrier) -> Value {
    let mut fields = Fields::default();
    fields.text("Comment", retrier.comment.as_deref());
    fields.add("ErrorEquals", retrier.error_equals.clone());
    fields.maybe("IntervalSeconds", retrier.interval_seconds);
    fields.maybe("MaxAttempts", retrier.max_attempts);
    fields.maybe("BackoffRate", retrier.backoff_rate);
    fields.maybe("MaxDelaySeconds", retrier.max_delay_seconds);
    fields.keyword("JitterStrategy", retrier.jitter);
    fields.into()
}

/// `Parameters` or `Arguments`, by the language of the template.
fn arguments(template: Option<&Template>, fields: &mut Fields) {
    let name = match template {
        Some(Template::Jsonata(_)) => "Arguments",
        _ => "Parameters",
    };
    fields.template(name, template);
}

fn item_reader(reader: &ItemReader) -> Value {
    let mut fields = Fields::default();
    fields.add("Resource", reader.resource.arn().to_string());
    let config = Value::from(reader_config(&reader.config));
    if config.as_object().is_some_and(|config| !config.is_empty()) {
        fields.add("ReaderConfig", config);
    }
    arguments(reader.arguments.as_ref(), &mut fields);
    fields.into()
}

fn reader_config(config: &ReaderConfig) -> Fields {
    let mut fields = Fields::default();
    fields.keyword("InputType", config.input_type);
    fields.keyword("Transformation", config.transformation);
    fields.keyword("ManifestType", config.manifest_type);
    fields.keyword("CSVDelimiter", config.csv_delimiter);
    match &config.csv_headers {
        None => {}
        Some(CsvHeaders::FirstRow) => fields.add("CSVHeaderLocation", "FIRST_ROW"),
        Some(CsvHeaders::Given(headers)) => {
            fields.add("CSVHeaderLocation", "GIVEN");
            fields.add("CSVHeaders", headers.clone());
        }
    }
    fields.text("ItemsPointer", config.items_pointer.as_deref());
    fields.dynamic("MaxItems", config.max_items.as_ref());
    fields
}

fn item_batcher(batcher: &ItemBatcher) -> Value {
    let mut fields = Fields::default();
    fields.dynamic("MaxItemsPerBatch", batcher.max_items_per_batch.as_ref());
    let bytes = batcher.max_input_bytes_per_batch.as_ref();
    fields.dynamic("MaxInputBytesPerBatch", bytes);
    fields.template("BatchInput", batcher.batch_input.as_ref());
    fields.into()
}

fn result_writer(writer: &ResultWriter) -> Value {
    let mut fields = Fields::default();
    let resource = writer.resource.as_ref();
    fields.maybe(
        "Resource",
        resource.map(|resource| resource.arn().to_string()),
    );
    if let Some(config) = &writer.config {
        let mut inner = Fields::default();
        inner.keyword("Transformation", config.transformation);
        inner.keyword("OutputType", config.output_type);
        fields.add("WriterConfig", inner);
    }
    arguments(writer.arguments.as_ref(), &mut fields);
    fields.into()
}
