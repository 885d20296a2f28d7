"""Reserves an order's items in the warehouse nearest to the customer that has them all."""

from datetime import date, timedelta

from reservation import sign

# Product families by warehouse; Hamburg has everything.
STOCKED = {
    "HAM": {"BR", "CF", "CH", "FL", "GR", "KT", "MG", "TE"},
    "LYO": {"CF", "CH", "FL", "MG", "TE"},
    "VRN": {"BR", "CF", "FL", "GR"},
}
NEAREST_FIRST = {
    "AT": ["VRN", "HAM"],
    "CH": ["LYO", "VRN", "HAM"],
    "DE": ["HAM"],
    "FR": ["LYO", "HAM"],
    "IT": ["VRN", "LYO", "HAM"],
    "NL": ["HAM"],
}
HELD_FOR = timedelta(days=2)


def handler(event, context):
    families = {line["sku"][:2] for line in event["lines"]}
    warehouse = next(w for w in NEAREST_FIRST[event["region"]] if families <= STOCKED[w])
    units = sum(line["quantity"] for line in event["lines"])
    hold_until = (date.fromisoformat(event["runDate"]) + HELD_FOR).isoformat()
    return {
        "orderId": event["orderId"],
        "warehouse": warehouse,
        "units": units,
        "holdUntil": hold_until,
        "signature": sign(event["orderId"], warehouse, units, hold_until),
    }
