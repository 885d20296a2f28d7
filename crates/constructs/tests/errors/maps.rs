//! Map states. Impossible by the types: a bucket and a path of its name, or neither, for what a distributed Map reads; an inline
//! item processor, or an execution type beside its own, in a distributed Map; concurrencies that are no whole numbers.

use stepmill::prelude::*;

use super::states::{problems, refused_at};

fn bucket(stack: &Stack) -> Bucket {
    Bucket::from_bucket_name(stack, "Bucket", "bucket")
}

#[test]
fn map_states() {
    let map = |problem: &str, map: fn(Map) -> Map| {
        refused_at(problem, |stack| {
            map(Map::new(stack, "S").item_processor(Pass::new(stack, "A"))).build()
        });
    };
    refused_at(
        ".item_processor: Map state must either have a non-empty iterator or a non-empty item processor",
        |stack| Map::new(stack, "S").build(),
    );
    refused_at(
        ".item_processor: Map state cannot have both an iterator and an item processor",
        |stack| {
            let map = Map::new(stack, "S").iterator(Pass::new(stack, "A"));
            map.item_processor(Pass::new(stack, "B")).build()
        },
    );
    map(
        ".item_selector: Map state cannot have both parameters and an item selector",
        |map| {
            map.parameters(object! {"a": 1})
                .item_selector(object! {"a": 1})
        },
    );
    map(
        ".max_concurrency: Provide either `maxConcurrency` or `maxConcurrencyPath`, but not both",
        |map| map.max_concurrency(1).max_concurrency_path("$.a"),
    );
    refused_at(
        ".item_processor: You must specify an execution type for the distributed Map workflow",
        |stack| {
            let config = ProcessorConfig {
                mode: ProcessorMode::Distributed,
                execution_type: None,
            };
            Map::new(stack, "S")
                .item_processor_with(Pass::new(stack, "A"), config)
                .build()
        },
    );
    let jsonata = |problem: &str, map: fn(Map) -> Map| {
        refused_at(problem, |stack| {
            let processor = Pass::new(stack, "A").jsonata();
            map(Map::new(stack, "S").jsonata().item_processor(processor)).build()
        });
    };
    jsonata(
        ".jsonata_max_concurrency: Provide either `maxConcurrency` or `jsonataMaxConcurrency`, but not both",
        |map| map.max_concurrency(1).jsonata_max_concurrency("{% 1 %}"),
    );
    jsonata(
        ".jsonata_max_concurrency: The `jsonataMaxConcurrency` property must be a valid JSONata expression",
        |map| map.jsonata_max_concurrency("1"),
    );
    jsonata(
        ".jsonata_item_selector: Provide either `itemSelector` or `jsonataItemSelector`, but not both",
        |map| {
            map.item_selector(object! {"a": 1})
                .jsonata_item_selector("{% 1 %}")
        },
    );
    jsonata(
        ".jsonata_item_selector: The `jsonataItemSelector` property must be a valid JSONata expression",
        |map| map.jsonata_item_selector("1"),
    );
}

#[test]
fn distributed_maps() {
    let refused =
        |features: &[Feature], problem: &str, map: fn(DistributedMap, &Stack) -> DistributedMap| {
            let found = problems(features, |stack| {
                let state = DistributedMap::new(stack, "S").item_processor(Pass::new(stack, "A"));
                StateMachine::new(stack, "Machine", map(state, stack));
            });
            assert_eq!(found, [format!("Stack/S{problem}")]);
        };
    let version_2 = [Feature::DistributedMapResultWriterV2];
    refused(
        &[],
        ".item_reader: Provide either `itemsPath` or `itemReader`, but not both",
        |map, stack| {
            map.items_path("$.a")
                .item_reader(S3JsonItemReader::new(&bucket(stack), "key"))
        },
    );
    refused(
        &[],
        ".tolerated_failure_percentage: Provide either `toleratedFailurePercentage` or `toleratedFailurePercentagePath`, but not both",
        |map, _| {
            map.tolerated_failure_percentage(1)
                .tolerated_failure_percentage_path("$.a")
        },
    );
    refused(
        &[],
        ".tolerated_failure_percentage: toleratedFailurePercentage must be between 0 and 100",
        |map, _| map.tolerated_failure_percentage(100.5),
    );
    refused(
        &[],
        ".tolerated_failure_count: Provide either `toleratedFailureCount` or `toleratedFailureCountPath`, but not both",
        |map, _| {
            map.tolerated_failure_count(1)
                .tolerated_failure_count_path("$.a")
        },
    );
    refused(
        &[],
        ".label: label must be 40 characters or less",
        |map, _| map.label("a".repeat(41)),
    );
    refused(
        &[],
        ".label: label cannot contain any whitespace or special characters",
        |map, _| map.label("a b"),
    );
    refused(
        &[],
        ".item_batcher: Provide either `maxItemsPerBatch` or `maxItemsPerBatchPath`, but not both",
        |map, _| {
            map.item_batcher(
                ItemBatcher::new()
                    .max_items_per_batch(1)
                    .max_items_per_batch_path("$.a"),
            )
        },
    );
    refused(
        &[],
        ".item_batcher: Provide either `maxInputBytesPerBatch` or `maxInputBytesPerBatchPath`, but not both",
        |map, _| {
            let batcher = ItemBatcher::new().max_input_bytes_per_batch(1);
            map.item_batcher(batcher.max_input_bytes_per_batch_path("$.a"))
        },
    );
    refused(
        &[],
        ".item_batcher: Provide at least one value to the ItemBatcher",
        |map, _| map.item_batcher(ItemBatcher::new()),
    );
    refused(
        &version_2,
        ".result_writer_v2: Provide either `bucket` or `bucketNamePath`, but not both",
        |map, stack| {
            let writer = ResultWriterV2::new().bucket(&bucket(stack));
            map.result_writer_v2(writer.bucket_name_path("$.a"))
        },
    );
    refused(
        &version_2,
        ".result_writer_v2: ResultWriter should specify at least the WriterConfig or the Bucket and Prefix",
        |map, _| map.result_writer_v2(ResultWriterV2::new()),
    );
    refused(
        &version_2,
        ".result_writer: With the feature DistributedMapResultWriterV2 only `resultWriterV2` is written",
        |map, stack| map.result_writer(ResultWriter::new(&bucket(stack))),
    );
    refused(
        &[],
        ".result_writer_v2: `resultWriterV2` is only written with the feature DistributedMapResultWriterV2",
        |map, stack| map.result_writer_v2(ResultWriterV2::new().bucket(&bucket(stack))),
    );
}
