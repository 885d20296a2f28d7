//! `ItemReader`, `ItemBatcher` and `ResultWriter` of distributed Map states.

use crate::model::{
    CsvHeaders, InputType, ItemBatcher, ItemReader, ManifestType, QueryLanguage, ReaderConfig,
    ReaderTransformation, Resource, ResultWriter, WriterConfig,
};
use crate::template::Template;

use super::checker::Checker;
use super::fields::{Field, Object, both, jsonata, jsonpath};
use super::number::Bounds;
use super::query::{Env, PathRule};
use super::source::Kind;

const READER: &[Field] = &[
    both("ReaderConfig"),
    both("Resource"),
    jsonpath("Parameters"),
    jsonata("Arguments"),
];

const READER_CONFIG: &[Field] = &[
    both("CSVDelimiter"),
    both("CSVHeaderLocation"),
    both("CSVHeaders"),
    both("InputType"),
    both("ItemsPointer"),
    both("ManifestType"),
    both("MaxItems"),
    both("Transformation"),
    jsonpath("MaxItemsPath"),
];

const BATCHER: &[Field] = &[
    both("BatchInput"),
    both("MaxInputBytesPerBatch"),
    both("MaxItemsPerBatch"),
    jsonpath("MaxInputBytesPerBatchPath"),
    jsonpath("MaxItemsPerBatchPath"),
];

const WRITER: &[Field] = &[
    both("Resource"),
    both("WriterConfig"),
    jsonpath("Parameters"),
    jsonata("Arguments"),
];

const WRITER_CONFIG: &[Field] = &[both("OutputType"), both("Transformation")];

const MAX_ITEMS: u64 = 100_000_000;
const MAX_BATCH_BYTES: u64 = 262_144;
/// The length that an `ItemsPointer` stays below, in characters.
const POINTER_LENGTH: usize = 2_000;
/// The longest `CSVHeaders`, in bytes.
const MAX_HEADERS: usize = 10 * 1_024;

impl Checker<'_> {
    /// `ItemReader`, if it is there.
    pub(crate) fn item_reader(
        &mut self,
        map: &Object<'_>,
        language: QueryLanguage,
    ) -> Option<ItemReader> {
        let object = self.object_field(map, "ItemReader")?;
        self.known_fields(&object, "ItemReader", READER, Some(language));
        self.required(&object, &["Resource"]);
        let resource = self.s3_resource(&object, &["getObject", "listObjectsV2"]);
        let lists = resource.as_ref().is_none_or(|resource| match resource {
            Resource::Service(service) => &*service.action == "listObjectsV2",
            _ => false,
        });
        let arguments = self.s3_arguments(&object, language);
        let config = match self.object_field(&object, "ReaderConfig") {
            Some(config) => self.reader_config(&config, language, lists),
            None => ReaderConfig::default(),
        };
        Some(ItemReader {
            resource: resource?,
            arguments,
            config,
        })
    }

    fn s3_resource(&mut self, object: &Object<'_>, actions: &[&str]) -> Option<Resource> {
        let arn = self.text(object, "Resource")?;
        let resource = Resource::parse(arn);
        let known = match &resource {
            Some(Resource::Service(service)) => {
                let action = service.resource();
                !service.sdk && &*service.service == "s3" && actions.contains(&action.as_str())
            }
            _ => false,
        };
        if known {
            return resource;
        }
        let message = "The field 'Resource' does not match any of the allowed values";
        let allowed: Vec<_> = actions
            .iter()
            .map(|action| format!("arn:aws:states:::s3:{action}"))
            .collect();
        self.bad_value(
            object,
            "Resource",
            message,
            format!("write {}", allowed.join(" or ")),
        );
        None
    }

    fn s3_arguments(&mut self, object: &Object<'_>, language: QueryLanguage) -> Option<Template> {
        let name = match language {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        self.template(object, name, Env::plain(language))
    }

    fn reader_config(
        &mut self,
        config: &Object<'_>,
        language: QueryLanguage,
        lists: bool,
    ) -> ReaderConfig {
        self.known_fields(config, "ReaderConfig", READER_CONFIG, Some(language));
        let input_type = self.keyword(config, "InputType");
        let transformation = self.keyword(config, "Transformation");
        let manifest_type = self.keyword(config, "ManifestType");
        if manifest_type == Some(ManifestType::S3Inventory)
            && input_type.is_some_and(|input| input != InputType::Manifest)
        {
            self.unsupported(
                config,
                "InputType",
                "an S3 inventory says itself how it is written",
            );
        }
        if transformation == Some(ReaderTransformation::LoadAndFlatten) && !lists {
            let help = "LOAD_AND_FLATTEN reads the objects that s3:listObjectsV2 finds";
            self.unsupported(config, "Transformation", help);
        }
        // AWS's names for both languages differ by Path only.
        let names = ["MaxItems", "MaxItemsPath"];
        let bounds = Bounds {
            least: 0,
            most: MAX_ITEMS,
        };
        let rule = PathRule::ReferenceToData;
        let max_items = self.dynamic_integer(config, names, bounds, language, rule);
        ReaderConfig {
            input_type,
            transformation,
            manifest_type,
            csv_delimiter: self.keyword(config, "CSVDelimiter"),
            csv_headers: self.csv_headers(config, input_type, manifest_type),
            items_pointer: self.items_pointer(config, input_type),
            max_items,
        }
    }

    fn csv_headers(
        &mut self,
        config: &Object<'_>,
        input: Option<InputType>,
        manifest: Option<ManifestType>,
    ) -> Option<CsvHeaders> {
        let csv = input == Some(InputType::Csv);
        if !csv && input.is_some() {
            for name in ["CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"] {
                self.unsupported(config, name, "it needs \"InputType\": \"CSV\"");
            }
            return None;
        }
        let Some(location) = self.text(config, "CSVHeaderLocation") else {
            if csv && manifest.is_none() && !config.has("CSVHeaderLocation") {
                let message = "The field 'CSVHeaderLocation' is required";
                let help = "add \"CSVHeaderLocation\": \"FIRST_ROW\", or \"GIVEN\" with CSVHeaders";
                self.schema(&config.place, &config.head, message, help);
            }
            return None;
        };
        match location {
            "FIRST_ROW" => {
                let help =
                    "with FIRST_ROW the file's first row has the headers; write GIVEN to give them";
                self.unsupported(config, "CSVHeaders", help);
                Some(CsvHeaders::FirstRow)
            }
            "GIVEN" => {
                self.required(config, &["CSVHeaders"]);
                self.given_headers(config).map(CsvHeaders::Given)
            }
            _ => {
                let message = "Value should be one of the following: [FIRST_ROW, GIVEN]";
                let help = "the headers are the file's first row, or given in CSVHeaders";
                self.bad_value(config, "CSVHeaderLocation", message, help);
                None
            }
        }
    }

    fn given_headers(&mut self, config: &Object<'_>) -> Option<Vec<String>> {
        let name = "CSVHeaders";
        let place = config.place.key(name);
        let mut headers = Vec::new();
        for (at, node) in self.array(config, name, false)?.iter().enumerate() {
            match &node.kind {
                Kind::String(header) => headers.push(header.clone()),
                _ => self.wrong_type(&place.index(at), node, "[STRING]", "a header"),
            }
        }
        if headers.iter().map(String::len).sum::<usize>() > MAX_HEADERS {
            let message = format!("The headers are longer than {MAX_HEADERS} bytes");
            self.bad_value(
                config,
                name,
                message,
                "use FIRST_ROW and keep the headers in the file",
            );
        }
        let mut sorted: Vec<_> = headers.iter().collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            let message = "CSV headers cannot contain duplicates.";
            self.bad_value(config, name, message, "name each column differently");
        }
        Some(headers)
    }

    fn items_pointer(&mut self, config: &Object<'_>, input: Option<InputType>) -> Option<String> {
        let name = "ItemsPointer";
        let pointer = self.text(config, name)?;
        if input.is_some_and(|input| input != InputType::Json) {
            self.unsupported(config, name, "it needs \"InputType\": \"JSON\"");
            return None;
        }
        let mut tildes = pointer.split('~').skip(1);
        let escaped = tildes.all(|rest| rest.starts_with(['0', '1']));
        let begins = pointer.is_empty() || pointer.starts_with('/');
        if !begins || !escaped || pointer.chars().count() >= POINTER_LENGTH {
            let message = "Value is not a valid JSON Pointer";
            let help = format!(
                "write it as in /orders/items, with fewer than {POINTER_LENGTH} characters"
            );
            self.bad_value(config, name, message, help);
            return None;
        }
        Some(pointer.to_owned())
    }

    /// Tells of a field that does not fit the others.
    fn unsupported(&mut self, object: &Object<'_>, name: &str, help: &str) {
        if let Some(member) = object.member(name) {
            let message = format!("Field '{name}' is not supported");
            self.schema(&object.place, &member.key_bytes, message, help);
        }
    }

    /// `ItemBatcher`, if it is there.
    pub(crate) fn item_batcher(
        &mut self,
        map: &Object<'_>,
        language: QueryLanguage,
    ) -> Option<ItemBatcher> {
        let object = self.object_field(map, "ItemBatcher")?;
        self.known_fields(&object, "ItemBatcher", BATCHER, Some(language));
        let rule = PathRule::ReferenceToData;
        let mut limit = |names, most| {
            let bounds = Bounds { least: 0, most };
            self.dynamic_integer(&object, names, bounds, language, rule)
        };
        let names = ["MaxItemsPerBatch", "MaxItemsPerBatchPath"];
        let max_items_per_batch = limit(names, u64::MAX);
        let names = ["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"];
        let max_input_bytes_per_batch = limit(names, MAX_BATCH_BYTES);
        if !BATCHER
            .iter()
            .any(|field| field.name.starts_with("Max") && object.has(field.name))
        {
            let message = "This object should have at least one of the following fields: [MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]";
            let help = "say how large a batch may get";
            self.schema(&object.place, &object.head, message, help);
        }
        Some(ItemBatcher {
            batch_input: self.template(&object, "BatchInput", Env::plain(language)),
            max_items_per_batch,
            max_input_bytes_per_batch,
        })
    }

    /// `ResultWriter`, if it is there.
    pub(crate) fn result_writer(
        &mut self,
        map: &Object<'_>,
        language: QueryLanguage,
    ) -> Option<ResultWriter> {
        let object = self.object_field(map, "ResultWriter")?;
        self.known_fields(&object, "ResultWriter", WRITER, Some(language));
        let (place, head) = (&object.place, &object.head);
        let arguments_name = match language {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        let (resource, arguments) = (object.has("Resource"), object.has(arguments_name));
        if object.members.is_empty() {
            let help = format!("add Resource and {arguments_name}, WriterConfig, or all three");
            self.schema(place, head, "Value cannot be empty", help);
        } else if resource != arguments {
            let missing = if resource { arguments_name } else { "Resource" };
            self.required(&object, &[missing]);
        }
        let config = self.object_field(&object, "WriterConfig");
        let config = config.map(|config| {
            self.known_fields(&config, "WriterConfig", WRITER_CONFIG, None);
            WriterConfig {
                transformation: self.keyword(&config, "Transformation"),
                output_type: self.keyword(&config, "OutputType"),
            }
        });
        Some(ResultWriter {
            resource: self.s3_resource(&object, &["putObject"]),
            arguments: self.s3_arguments(&object, language),
            config,
        })
    }
}
