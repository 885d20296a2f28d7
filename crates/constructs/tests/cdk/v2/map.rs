//! Map states and distributed Map states.

use stepmill::prelude::*;

use super::states::machine;

super::examples![
    map_processor,
    map_distributed_config,
    dmap_s3_objects,
    dmap_csv,
    dmap_csv_first,
    dmap_json,
    dmap_jsonl,
    dmap_manifest,
    dmap_s3_objects_all,
    dmap_writer_v2: [DistributedMapResultWriterV2],
    dmap_writer_v2_none: [DistributedMapResultWriterV2],
    dmap_paths,
    dmap_jsonata,
];

fn bucket(stack: &Stack) -> Bucket {
    Bucket::from_bucket_name(stack, "Bucket", "bkt")
}

fn distributed(stack: &Stack) -> DistributedMap {
    DistributedMap::new(stack, "D").item_processor(Pass::new(stack, "P"))
}

fn map_processor(stack: &Stack) {
    let map = Map::new(stack, "M")
        .items_path("$.l")
        .item_selector(object! {"v": JsonPath::string_at("$$.Map.Item.Value")})
        .item_processor(Pass::new(stack, "P"))
        .max_concurrency_path("$.mc");
    machine(stack, map);
}

fn map_distributed_config(stack: &Stack) {
    let config = ProcessorConfig {
        mode: ProcessorMode::Distributed,
        execution_type: Some(ProcessorType::Standard),
    };
    let map = Map::new(stack, "M").item_processor_with(Pass::new(stack, "P"), config);
    machine(stack, map);
}

fn dmap_s3_objects(stack: &Stack) {
    let bucket = bucket(stack);
    let reader = S3ObjectsItemReader::new(&bucket)
        .prefix("pre/")
        .max_items(9);
    let batcher = ItemBatcher::new()
        .max_items_per_batch(4)
        .max_input_bytes_per_batch(1000)
        .batch_input(object! {"k": "v"});
    let map = distributed(stack)
        .map_execution_type(StateMachineType::Express)
        .max_concurrency(7)
        .item_reader(reader)
        .item_batcher(batcher)
        .tolerated_failure_percentage(5)
        .tolerated_failure_count(3)
        .label("lab")
        .result_writer(ResultWriter::new(&bucket).prefix("out"));
    machine(stack, map);
}

fn dmap_csv(stack: &Stack) {
    let reader = S3CsvItemReader::new(&bucket(stack), "f.csv")
        .csv_headers(CsvHeaders::given(["a", "b"]))
        .csv_delimiter(CsvDelimiter::Semicolon);
    machine(stack, distributed(stack).item_reader(reader));
}

fn dmap_csv_first(stack: &Stack) {
    let reader = S3CsvItemReader::new(&bucket(stack), "f.csv");
    machine(stack, distributed(stack).item_reader(reader));
}

fn dmap_json(stack: &Stack) {
    let reader = S3JsonItemReader::bucket_name_path("$.b", JsonPath::string_at("$.k"));
    machine(stack, distributed(stack).item_reader(reader));
}

fn dmap_jsonl(stack: &Stack) {
    let reader = S3JsonLItemReader::new(&bucket(stack), "f.jsonl");
    machine(stack, distributed(stack).item_reader(reader));
}

fn dmap_manifest(stack: &Stack) {
    let reader = S3ManifestItemReader::new(&bucket(stack), "manifest.json");
    machine(stack, distributed(stack).item_reader(reader));
}

fn dmap_s3_objects_all(stack: &Stack) {
    let reader = S3ObjectsItemReader::new(&bucket(stack)).max_items(2);
    machine(stack, distributed(stack).item_reader(reader));
}

fn dmap_writer_v2(stack: &Stack) {
    let writer = ResultWriterV2::new()
        .bucket(&bucket(stack))
        .prefix("o")
        .writer_config(WriterConfig {
            output_type: OutputType::Jsonl,
            transformation: Transformation::Compact,
        });
    machine(stack, distributed(stack).result_writer_v2(writer));
}

fn dmap_writer_v2_none(stack: &Stack) {
    let writer = ResultWriterV2::new().writer_config(WriterConfig {
        output_type: OutputType::Json,
        transformation: Transformation::Flatten,
    });
    machine(stack, distributed(stack).result_writer_v2(writer));
}

fn dmap_paths(stack: &Stack) {
    let batcher = ItemBatcher::new()
        .max_items_per_batch_path("$.n")
        .max_input_bytes_per_batch_path("$.b");
    let map = distributed(stack)
        .items_path("$.l")
        .item_batcher(batcher)
        .tolerated_failure_percentage_path("$.p")
        .tolerated_failure_count_path("$.c");
    machine(stack, map);
}

fn dmap_jsonata(stack: &Stack) {
    let map = DistributedMap::new(stack, "D")
        .jsonata()
        .items(ProvideItems::jsonata("{% $l %}"))
        .item_processor(Pass::new(stack, "P").jsonata())
        .outputs("{% 1 %}");
    machine(stack, map);
}
