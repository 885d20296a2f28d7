//! What happens to one order: it is checked, priced, reserved and charged, or put aside with the reasons.

use stepmill::prelude::*;

use crate::functions::Functions;

/// The states of one order. They end with one small object, whose status is charged, rejected, declined or postponed.
pub(crate) fn process_order(stack: &Stack, functions: &Functions) -> Chain {
    let validate = LambdaInvoke::new(stack, "ValidateOrder", &functions.validate_order)
        .comment("E-mail address, region, Luhn check of the card number, check digits of the products, quantities.")
        .payload(TaskInput::from_object(object! { "order": JsonPath::object_at("$.order") }))
        .result_selector(object! {
            "valid": JsonPath::string_at("$.Payload.valid"),
            "problems": JsonPath::list_at("$.Payload.problems"),
            "items": JsonPath::list_at("$.Payload.items"),
        })
        .result_path("$.validation");

    // Reached from the Choice and from a Catch; both left the reasons in the same variable.
    let reject = Pass::new(stack, "RejectOrder")
        .parameters(object! {
            "orderId": JsonPath::string_at("$.order.orderId"),
            "status": "rejected",
            "position": JsonPath::number_at("$.position"),
            "problems": JsonPath::list_at("$problems"),
        })
        .build();

    // A product that is no longer sold is one more reason to reject the order.
    let no_longer_sold = Catch::on(["UnknownProduct"])
        .assign(object! { "problems": ["product: no longer sold"] })
        .result_path(JsonPath::DISCARD);
    let price = LambdaInvoke::new(stack, "PriceOrder", &functions.price_order)
        .comment("Decimal arithmetic: volume discounts, shipping by weight, tax by region. The quote goes to a variable of this iteration.")
        .payload(TaskInput::from_object(object! {
            "items": JsonPath::list_at("$.validation.items"),
            "region": JsonPath::string_at("$.order.region"),
            "currency": JsonPath::string_at("$currency"),
        }))
        .assign(object! { "quote": JsonPath::object_at("$.Payload") })
        .result_path(JsonPath::DISCARD)
        .catch(&reject, no_longer_sold);

    let reserve = LambdaInvoke::new(stack, "ReserveStock", &functions.reserve_stock)
        .comment("Holds the items in the nearest warehouse that has them all.")
        .payload(TaskInput::from_object(object! {
            "orderId": JsonPath::string_at("$.order.orderId"),
            "region": JsonPath::string_at("$.order.region"),
            "runDate": JsonPath::string_at("$runDate"),
            "lines": JsonPath::list_at("$quote.lines"),
        }))
        .assign(object! { "reservation": JsonPath::object_at("$.Payload") })
        .result_path(JsonPath::DISCARD);

    let sound = price
        .next(reserve)
        .next(charge(stack, functions))
        .next(charged(stack));
    // Only sound orders cost anything from here on.
    let is_valid = Choice::new(stack, "IsOrderValid")
        .assign(object! { "problems": JsonPath::list_at("$.validation.problems") })
        .when(Condition::boolean_equals("$.validation.valid", true), sound)
        .otherwise(&reject);

    validate.next(is_valid)
}

/// Charges the card, again if the gateway is busy; the idempotency key makes a repeated charge the same charge.
fn charge(stack: &Stack, functions: &Functions) -> State {
    let unpaid = unpaid(stack, functions);
    // The bank says no: nothing to retry. Still busy after all attempts: another day. The cause is JSON text.
    let because = |outcome: &str, error: &str| {
        let failure = JsonPath::string_to_json(JsonPath::string_at("$.Cause"));
        Catch::on([error])
            .assign(object! { "outcome": outcome, "failure": failure })
            .result_path(JsonPath::DISCARD)
    };
    LambdaInvoke::new(stack, "ChargeCard", &functions.charge_card)
        .payload(TaskInput::from_object(object! {
            "orderId": JsonPath::string_at("$.order.orderId"),
            "card": JsonPath::string_at("$.order.card"),
            "amountCents": JsonPath::number_at("$quote.totalCents"),
            "currency": JsonPath::string_at("$currency"),
            "idempotencyKey": JsonPath::format("{}/{}", [JsonPath::string_at("$runDate"), JsonPath::string_at("$.order.orderId")]),
            "attempt": JsonPath::state_retry_count(),
        }))
        .timeout(Duration::seconds(30))
        .assign(object! { "payment": JsonPath::object_at("$.Payload") })
        .result_path(JsonPath::DISCARD)
        .retry(
            // Full jitter spreads the attempts of the orders that found the gateway busy at the same moment.
            Retry::on(["GatewayBusy"])
                .interval(Duration::seconds(1))
                .max_attempts(3)
                .backoff_rate(1.5)
                .max_delay(Duration::seconds(2))
                .jitter_strategy(JitterType::Full),
        )
        .catch(&unpaid, because("declined", "CardDeclined"))
        .catch(&unpaid, because("postponed", "GatewayBusy"))
        .build()
}

/// What the reports need, and no more: the results of all orders together must stay below 256 KiB.
fn charged(stack: &Stack) -> Pass {
    let of_quote = |name: &str| JsonPath::number_at(&format!("$quote.{name}"));
    Pass::new(stack, "OrderCharged").parameters(object! {
        "orderId": JsonPath::string_at("$.order.orderId"),
        "status": "charged",
        "region": JsonPath::string_at("$.order.region"),
        "lines": JsonPath::list_at("$quote.lines"),
        "grams": of_quote("grams"),
        "goodsCents": of_quote("goodsCents"),
        "discountCents": of_quote("discountCents"),
        "shippingCents": of_quote("shippingCents"),
        "taxCents": of_quote("taxCents"),
        "totalCents": of_quote("totalCents"),
        "warehouse": JsonPath::string_at("$reservation.warehouse"),
        "attempts": JsonPath::number_at("$payment.attempts"),
        "receipt": JsonPath::string_at("$payment.receipt"),
    })
}

/// The compensation: what was reserved for an order that cannot be paid goes back on the shelf.
fn unpaid(stack: &Stack, functions: &Functions) -> Chain {
    let release = LambdaInvoke::new(stack, "ReleaseStock", &functions.release_stock)
        .payload(TaskInput::from_object(object! {
            "reservation": JsonPath::object_at("$reservation"),
            "failure": JsonPath::object_at("$failure"),
        }))
        .result_path("$.release");
    // Notes why no money came, for the people who will write to the customer.
    let note = Pass::new(stack, "OrderUnpaid").parameters(object! {
        "orderId": JsonPath::string_at("$.order.orderId"),
        "status": JsonPath::string_at("$outcome"),
        "region": JsonPath::string_at("$.order.region"),
        "totalCents": JsonPath::number_at("$quote.totalCents"),
        "released": JsonPath::number_at("$.release.Payload.released"),
        "note": JsonPath::string_at("$.release.Payload.note"),
    });
    release.next(note)
}
