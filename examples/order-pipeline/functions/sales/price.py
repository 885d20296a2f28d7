"""Prices one order: volume discounts, shipping by weight, tax by region.

All arithmetic is decimal. Amounts leave in cents, as whole numbers, so that later states can add
them up without rounding.
"""

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CATALOG = json.loads(Path(__file__).with_name("catalog.json").read_text(encoding="utf-8"))
CENT = Decimal("0.01")

# From this many pieces of one product on, so much is taken off the line.
VOLUME_DISCOUNTS = [(50, Decimal("0.15")), (25, Decimal("0.10")), (10, Decimal("0.05"))]

# Tax on goods, tax on food (percent), shipping up to 2 kg, shipping for each further kilogram
# begun, and the value of goods from which shipping is free. Figures for illustration.
REGIONS = {
    "AT": ("20", "10", "5.90", "0.80", "120"),
    "CH": ("8.1", "2.6", "11.90", "2.10", "250"),
    "DE": ("19", "7", "4.90", "0.60", "90"),
    "FR": ("20", "5.5", "6.50", "0.90", "120"),
    "IT": ("22", "10", "6.90", "0.95", "120"),
    "NL": ("21", "9", "5.50", "0.70", "100"),
}
INCLUDED_GRAMS = 2000


class UnknownProduct(Exception):
    """The number is well formed, but nothing is sold under it."""


def handler(event, context):
    rate = Decimal(CATALOG["currencies"][event["currency"]])
    goods_tax, food_tax, base, per_kilogram, free_from = map(Decimal, REGIONS[event["region"]])
    tax_rates = {"goods": goods_tax / 100, "food": food_tax / 100}

    lines, goods, discounts, tax, grams = [], Decimal(0), Decimal(0), Decimal(0), 0
    for item in event["items"]:
        sku, quantity = item["sku"], item["quantity"]
        product = CATALOG["products"].get(sku)
        if product is None:
            raise UnknownProduct(f"{sku} is not in the catalogue")
        full = cents(Decimal(product["price"]) * rate) * quantity
        discount = cents(full * volume_discount(quantity))
        net = full - discount
        goods += net
        discounts += discount
        tax += cents(net * tax_rates[product["tax"]])
        grams += product["grams"] * quantity
        lines.append({"sku": sku, "quantity": quantity, "netCents": whole(net)})

    shipping = Decimal(0) if goods >= free_from * rate else cents(
        (base + per_kilogram * kilograms_begun(grams - INCLUDED_GRAMS)) * rate
    )
    tax += cents(shipping * tax_rates["goods"])
    return {
        "lines": lines,
        "units": sum(line["quantity"] for line in lines),
        "grams": grams,
        "goodsCents": whole(goods),
        "discountCents": whole(discounts),
        "shippingCents": whole(shipping),
        "taxCents": whole(tax),
        "totalCents": whole(goods + shipping + tax),
    }


def volume_discount(quantity):
    return next((part for pieces, part in VOLUME_DISCOUNTS if quantity >= pieces), Decimal(0))


def kilograms_begun(grams):
    return max(0, -(-grams // 1000))


def cents(amount):
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def whole(amount):
    return int(amount * 100)
