//! Models of AWS services: decoded when a service is called for the first time.

use std::hint::black_box;
use std::time::Instant;

use stepmill_aws_client::Service;

use crate::measure::Figure;

/// What the first call of a service costs before it is made: of the slowest service, and of the one in
/// the middle. A process decodes a service once, so there is one run.
pub(crate) fn decoding() -> Vec<Figure> {
    let mut decoded: Vec<(f64, u64, &str)> = Vec::new();
    for name in Service::names() {
        let mut seconds = 0.0;
        let allocated = allocation_counter::measure(|| {
            let begun = Instant::now();
            black_box(Service::named(name));
            seconds = begun.elapsed().as_secs_f64();
        });
        decoded.push((seconds, allocated.count_total, name));
    }
    decoded.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = decoded.len();
    let shown = [(count - 1, "slowest"), (count / 2, "median")];
    shown
        .into_iter()
        .filter_map(|(at, which)| {
            let (seconds, allocations, name) = decoded.get(at)?;
            #[allow(clippy::cast_precision_loss)]
            let allocations = *allocations as f64;
            Some(Figure {
                name: format!("Decode a service's model, the {which} of {count} ({name})"),
                per_second: 1.0 / seconds,
                unit: "models",
                allocations,
            })
        })
        .collect()
}
