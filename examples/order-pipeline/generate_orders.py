#!/usr/bin/env python3
"""Writes functions/load-orders/orders.csv: invented orders of invented people, always the same.

    python3 generate_orders.py

Most orders are fine. Some have a mistake that validation must find, some are paid with a card that
the gateway's sandbox declines or keeps waiting, and two lines are there twice.

Addresses are in the domains that RFC 2606 reserves for examples; card numbers are the public test
numbers of the card schemes and those of functions/charge-card/gateway.mjs.
"""

import csv
import json
import random
from pathlib import Path

HERE = Path(__file__).resolve().parent
ORDERS = 300
SEED = 20260302

FIRST = """Ada Anouk Bastian Beatrix Carla Chiara Daan Elias Emma Fabio Femke Giulia Hanna Ines Jakob
Jonas Juliette Klara Lars Lena Luca Maja Marco Marie Matteo Mila Nina Noah Oskar Paul Pia Remy Sara
Sofie Theo Tim Valentin Vera Wim Yara""".split()
LAST = """Albrecht Bakker Bianchi Bauer Conti Dubois Egger Ferrari Fischer Gruber Hofer Huber Jansen
Keller Lambert Lang Laurent Lehmann Marino Meier Moreau Mulder Pichler Ricci Romano Schmid Schneider
Steiner Visser Vogel Wagner Weber Wolf""".split()
DOMAINS = ["example.com", "example.net", "example.org", "mail.example.com"]
REGIONS = ["DE"] * 9 + ["FR"] * 5 + ["NL"] * 4 + ["IT"] * 4 + ["AT"] * 3 + ["CH"] * 3

GOOD_CARDS = [
    "4242424242424242",
    "4111111111111111",
    "5555555555554444",
    "5105105105105100",
    "378282246310005",
    "6011111111111117",
]
DECLINED_CARDS = ["4000000000000002", "4000000000009995", "4000000000000069"]
BUSY_ONCE, BUSY_TWICE, ALWAYS_BUSY = "4000009900000012", "4000009900000020", "4000009900000095"
DISCONTINUED = "CF-1055-0"


class Dice:
    """Draws by `random()` alone, whose sequence Python promises never to change."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, limit):
        return int(self.random() * limit)

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def distinct(self, choices, count):
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(count)]


def quantity(dice):
    draw = dice.below(100)
    if draw < 3:
        return 50 + dice.below(30)
    if draw < 8:
        return 25 + dice.below(20)
    if draw < 18:
        return 10 + dice.below(12)
    return 1 + dice.below(4)


def order(dice, number, skus):
    first, last = dice.pick(FIRST), dice.pick(LAST)
    lines = dice.distinct(skus, 1 + dice.below(4))
    # Nobody buys fifty grinders or kettles.
    items = [(sku, 1 if sku[:2] in ("GR", "KT") else quantity(dice)) for sku in lines]
    return {
        "order_id": f"SO-{number}",
        "placed_at": f"2026-03-01T{dice.below(24):02}:{dice.below(60):02}:{dice.below(60):02}Z",
        "customer": f"{first} {last}",
        "email": f"{first}.{last}@{dice.pick(DOMAINS)}".lower(),
        "region": dice.pick(REGIONS),
        "card": dice.pick(GOOD_CARDS),
        "items": "; ".join(f"{sku} x {count}" for sku, count in items),
    }


def swap_digits(number):
    """The classic typing mistake: two neighbours change places."""
    at = next(i for i in range(len(number) - 3, 0, -1) if number[i] != number[i + 1])
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def wrong_check_digit(sku):
    return sku[:-1] + str((int(sku[-1]) + 1) % 10)


def spoil(dice, orders):
    """Gives some orders a mistake, and some a card with a will of its own."""
    chosen = iter(dice.distinct(orders, 60))

    def take(count):
        return [next(chosen) for _ in range(count)]

    for spoilt, domain in zip(take(4), [" at example.com", "@", "@example", "@example..com"]):
        spoilt["email"] = spoilt["email"].split("@")[0] + domain
    for spoilt in take(5):
        spoilt["card"] = swap_digits(dice.pick(GOOD_CARDS[2:5]))
    for spoilt in take(4):
        sku, rest = spoilt["items"].split(" ", 1)
        spoilt["items"] = f"{wrong_check_digit(sku)} {rest}"
    for spoilt, count in zip(take(3), ["0", "-2", "5000"]):
        spoilt["items"] = spoilt["items"].split(" x ")[0] + f" x {count}"
    for spoilt, region in zip(take(2), ["SE", "US"]):
        spoilt["region"] = region
    for spoilt in take(1):
        spoilt["email"], spoilt["items"] = "", ""
    for spoilt in take(2):
        spoilt["items"] = f"{DISCONTINUED} x 2"
    for spoilt in take(11):
        spoilt["card"] = dice.pick(DECLINED_CARDS)
    for spoilt in take(12):
        spoilt["card"] = BUSY_ONCE
    for spoilt in take(5):
        spoilt["card"] = BUSY_TWICE
    for spoilt in take(2):
        spoilt["card"] = ALWAYS_BUSY


def main():
    catalog = json.loads((HERE / "functions/sales/catalog.json").read_text(encoding="utf-8"))
    dice = Dice(SEED)
    orders = [order(dice, 10001 + i, list(catalog["products"])) for i in range(ORDERS)]
    spoil(dice, orders)
    for at in (120, 240):
        orders.insert(at, orders[at - 7])
    target = HERE / "functions/load-orders/orders.csv"
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(orders[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(orders)
    print(f"{len(orders)} lines in {target.relative_to(HERE)}")


if __name__ == "__main__":
    main()
