"""The compensation of a reservation: gives the items back if the order cannot be paid."""

import hmac

from reservation import sign


class UnknownReservation(Exception):
    """The reservation was not made by this inventory, or was changed since."""


def handler(event, context):
    held, failure = event["reservation"], event["failure"]
    expected = sign(held["orderId"], held["warehouse"], held["units"], held["holdUntil"])
    if not hmac.compare_digest(expected, held["signature"]):
        raise UnknownReservation(f"nothing is held for {held['orderId']}")
    units = f"{held['units']} unit{'' if held['units'] == 1 else 's'}"
    return {
        "released": held["units"],
        "note": f"{failure['errorMessage']}; {units} back on the shelf in {held['warehouse']}",
    }
