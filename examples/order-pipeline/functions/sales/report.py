"""The sales report over all charged orders."""

import statistics
from collections import Counter

from price import CATALOG


def handler(event, context):
    orders, currency = event["orders"], event["currency"]
    totals = [order["totalCents"] for order in orders]
    report = {
        "currency": currency,
        "revenueCents": sum(totals),
        "total": money(sum(totals)),
        "goods": money(sum(order["goodsCents"] for order in orders)),
        "shipping": money(sum(order["shippingCents"] for order in orders)),
        "tax": money(sum(order["taxCents"] for order in orders)),
        "discounts": money(sum(order["discountCents"] for order in orders)),
        "byRegion": by_region(orders),
        "topProducts": top_products(orders),
    }
    # Quartiles need two values; a file with fewer charged orders has nothing to describe.
    if len(totals) >= 2:
        lower, median, upper = statistics.quantiles(totals, n=4, method="inclusive")
        report["orderValue"] = {
            "mean": money(statistics.fmean(totals)),
            "median": money(median),
            "middleHalf": [money(lower), money(upper)],
            "standardDeviation": money(statistics.stdev(totals)),
            "largest": money(max(totals)),
        }
    return report


def by_region(orders):
    revenue = Counter()
    for order in orders:
        revenue[order["region"]] += order["totalCents"]
    return {region: money(cents) for region, cents in sorted(revenue.items())}


def top_products(orders, most=5):
    units, net = Counter(), Counter()
    for order in orders:
        for line in order["lines"]:
            units[line["sku"]] += line["quantity"]
            net[line["sku"]] += line["netCents"]
    return [
        {
            "sku": sku,
            "name": CATALOG["products"][sku]["name"],
            "units": units[sku],
            "net": money(cents),
        }
        for sku, cents in sorted(net.items(), key=lambda entry: (-entry[1], entry[0]))[:most]
    ]


def money(cents):
    return round(cents) / 100
