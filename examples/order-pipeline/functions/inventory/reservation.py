"""What reserving and releasing share: a reservation proves itself by its signature."""

import hashlib
import hmac
import os


def sign(order_id, warehouse, units, hold_until):
    message = f"{order_id}|{warehouse}|{units}|{hold_until}".encode()
    return hmac.new(os.environ["RESERVATION_KEY"].encode(), message, hashlib.sha256).hexdigest()[:16]
