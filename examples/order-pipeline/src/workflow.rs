//! The day's orders: read from a file, each processed, then reported.

use stepmill::prelude::*;

use crate::functions::Functions;
use crate::order::process_order;

/// Takes a day's orders from a file: checks, prices and charges each of them, then reports.
pub(crate) fn order_pipeline(stack: &Stack, functions: &Functions) -> StateMachine {
    // What the state assigns, all later states read, those inside the Map too.
    let load = LambdaInvoke::new(stack, "LoadOrders", &functions.load_orders)
        .payload_response_only(true)
        .payload(TaskInput::from_object(
            object! { "file": JsonPath::string_at("$.orderFile") },
        ))
        .assign(object! {
            "runDate": JsonPath::string_at("$$.Execution.Input.runDate"),
            "currency": JsonPath::string_at("$$.Execution.Input.currency"),
            "orderCount": JsonPath::number_at("$.count"),
            "repeated": JsonPath::list_at("$.repeated"),
        });

    let orders = Map::new(stack, "ProcessOrders")
        .comment("Eight orders at a time.")
        .items_path("$.orders")
        .item_selector(object! {
            "order": JsonPath::object_at("$$.Map.Item.Value"),
            "position": JsonPath::number_at("$$.Map.Item.Index"),
        })
        .max_concurrency(8)
        .item_processor(process_order(stack, functions));

    let report = Parallel::new(stack, "Report")
        .comment("Both reports at once, from the same list of outcomes.")
        .branch(sales_report(stack, functions))
        .branch(shipping_manifest(stack))
        .result_selector(object! {
            "sales": JsonPath::object_at("$[0]"),
            "manifest": JsonPath::object_at("$[1]"),
        });

    // Python and JSONata have each added up the money: both must come to the same cent.
    let balance = Condition::number_equals_json_path("$.sales.revenueCents", "$tally.chargedCents");
    let difference = JsonPath::format(
        "The report comes to {} cents, the charges to {}.",
        [
            JsonPath::number_at("$.sales.revenueCents"),
            JsonPath::number_at("$tally.chargedCents"),
        ],
    );
    let unbalanced = Fail::new(stack, "BooksDoNotBalance")
        .comment("Better no report than a wrong one.")
        .error("BooksDoNotBalance")
        .cause_path(difference);
    let books = Choice::new(stack, "DoTheBooksBalance")
        .when(balance, summary(stack))
        .otherwise(unbalanced);

    let definition = load
        .next(orders)
        .next(tally(stack))
        .next(report)
        .next(books);
    StateMachine::new(stack, "OrderPipeline", definition).timeout(Duration::minutes(10))
}

/// A JSONata state in a JSONPath machine: counts the outcomes into variables and hands its input on unchanged.
fn tally(stack: &Stack) -> Pass {
    Pass::new(stack, "TallyOrders").jsonata().assign(object! {
        "tally": object! {
            "charged": "{% $count($states.input[status = 'charged']) %}",
            "chargedAfterRetry": "{% $count($states.input[status = 'charged' and attempts > 1]) %}",
            "rejected": "{% $count($states.input[status = 'rejected']) %}",
            "declined": "{% $count($states.input[status = 'declined']) %}",
            "postponed": "{% $count($states.input[status = 'postponed']) %}",
            "chargedCents": "{% $sum([0, $states.input[status = 'charged'].totalCents]) %}",
            "unpaidCents": "{% $sum([0, $states.input[status in ['declined', 'postponed']].totalCents]) %}",
            "unitsReleased": "{% $sum([0, $states.input.released]) %}",
        },
        "rejectedFor": "{% $states.input[status = 'rejected'].problems{$substringBefore($, ':'): $count($)} %}",
        "postponedOrders": "{% [$states.input[status = 'postponed'].orderId] %}",
        "unpaidNotes": "{% [$states.input[note].(orderId & ': ' & note)] %}",
    })
}

/// Statistics over the charged orders, which a JSONPath filter picks.
fn sales_report(stack: &Stack, functions: &Functions) -> LambdaInvoke {
    LambdaInvoke::new(stack, "SalesReport", &functions.sales_report)
        .payload(TaskInput::from_object(object! {
            "orders": JsonPath::list_at("$[?(@.status == 'charged')]"),
            "currency": JsonPath::string_at("$currency"),
        }))
        .output_path("$.Payload")
}

/// Needs no function: JSONata groups the charged orders by region and counts parcels of at most 30 kg.
fn shipping_manifest(stack: &Stack) -> Pass {
    Pass::new(stack, "ShippingManifest").jsonata().outputs(object! {
        "byRegion": "{% $states.input[status = 'charged']{region: ($orders := $; {'orders': $count($orders), 'parcels': $sum($orders.grams.$ceil($ / 30000)), 'kilograms': $round($sum($orders.grams) / 1000, 1), 'warehouses': $orders^(warehouse){warehouse: $count($)}})} %}",
        "parcels": "{% $sum([0, $states.input[status = 'charged'].grams.$ceil($ / 30000)]) %}",
        "kilograms": "{% $round($sum([0, $states.input[status = 'charged'].grams]) / 1000, 1) %}",
    })
}

/// The execution's output: the day on one page.
fn summary(stack: &Stack) -> Succeed {
    Succeed::new(stack, "Summary").jsonata().outputs(object! {
        "pipeline": "{% $states.context.StateMachine.Name %}",
        "runDate": "{% $runDate %}",
        "orders": object! {
            "read": "{% $orderCount %}",
            "charged": "{% $tally.charged %}",
            "chargedAfterRetry": "{% $tally.chargedAfterRetry %}",
            "rejected": "{% $tally.rejected %}",
            "declined": "{% $tally.declined %}",
            "postponed": "{% $tally.postponed %}",
        },
        "revenue": "{% $sift($states.input.sales, function($value, $key) { $not($key in ['revenueCents', 'byRegion', 'topProducts']) }) %}",
        "regions": "{% [$each($states.input.manifest.byRegion, function($shipping, $region) { $merge([{'region': $region, 'revenue': $lookup($states.input.sales.byRegion, $region)}, $shipping]) })^(>revenue)] %}",
        "topProducts": "{% $states.input.sales.topProducts %}",
        "shipping": object! {
            "parcels": "{% $states.input.manifest.parcels %}",
            "kilograms": "{% $states.input.manifest.kilograms %}",
        },
        "unpaid": object! {
            "amount": "{% $tally.unpaidCents / 100 %}",
            "unitsBackOnTheShelf": "{% $tally.unitsReleased %}",
            "chargeAgainTomorrow": "{% $postponedOrders %}",
            "notes": "{% $unpaidNotes %}",
        },
        "rejectedFor": "{% $rejectedFor %}",
        "repeatedLines": "{% $repeated %}",
    })
}
