"""Reads a file of orders that is packaged with the function."""

import csv
from pathlib import Path

HERE = Path(__file__).resolve().parent


class OrderFileNotFound(Exception):
    """The input names a file that is not packaged with the function."""


def handler(event, context):
    """Returns the orders of `event["file"]`, each once, with only what later states need."""
    name = event["file"]
    path = HERE / name
    # The name comes from the execution's input: it must not lead out of the package.
    if path.parent != HERE or not path.is_file():
        raise OrderFileNotFound(f"there is no order file '{name}'")
    orders, repeated = {}, []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            order_id = row["order_id"]
            if order_id in orders:
                repeated.append(order_id)
                continue
            orders[order_id] = {
                "orderId": order_id,
                "email": row["email"],
                "region": row["region"],
                "card": row["card"],
                "items": row["items"],
            }
    return {"orders": list(orders.values()), "count": len(orders), "repeated": repeated}
