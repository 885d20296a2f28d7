//! The Lambda functions that the pipeline calls.

use std::path::Path;

use stepmill::prelude::*;

/// The Lambda functions that the pipeline calls.
pub(crate) struct Functions {
    pub(crate) load_orders: Function,
    pub(crate) validate_order: Function,
    pub(crate) price_order: Function,
    pub(crate) reserve_stock: Function,
    pub(crate) release_stock: Function,
    pub(crate) charge_card: Function,
    pub(crate) sales_report: Function,
}

impl Functions {
    /// The functions in a stack, with their code below a directory.
    pub(crate) fn new(stack: &Stack, code: &Path) -> Self {
        let function = |id: &str, runtime: &Runtime, handler: &str, directory: &str| {
            let code = Code::from_asset(code.join(directory));
            Function::new(stack, id, runtime, handler, code).timeout(Duration::seconds(10))
        };
        let python = Runtime::PYTHON_3_12;
        let node = Runtime::NODEJS_22_X;
        let key = "for-the-example-only";
        Self {
            load_orders: function("load-orders", &python, "app.handler", "load-orders"),
            validate_order: function("validate-order", &node, "index.handler", "validate-order")
                .environment("SHIPS_TO", "AT CH DE FR IT NL"),
            // Two functions of one package: they share the catalogue.
            price_order: function("price-order", &python, "price.handler", "sales"),
            sales_report: function("sales-report", &python, "report.handler", "sales"),
            // Two functions of one package: they share the way reservations are signed.
            reserve_stock: function("reserve-stock", &python, "reserve.handler", "inventory")
                .environment("RESERVATION_KEY", key),
            release_stock: function("release-stock", &python, "release.handler", "inventory")
                .environment("RESERVATION_KEY", key),
            charge_card: function("charge-card", &node, "index.handler", "charge-card")
                .environment("GATEWAY_KEY", key),
        }
    }
}
