"""An authorization server, and an API that wants its tokens."""

import threading
from urllib.parse import parse_qs

LOCK = threading.Lock()
# By audience: how many tokens were issued, and the one that is good now.
ISSUED, GOOD = {}, {}

SECRET = "s3cret & more"


def serve(handler, path, query, body):
    json_type = [("Content-Type", "application/json")]
    _, kind, audience, *rest = path.split("/")
    if kind == "guarded":
        with LOCK:
            good = GOOD.get(audience)
        if handler.headers.get("authorization") == f"Bearer {good}":
            return 200, {"token": good}, json_type
        return int(rest[0]) if rest else 401, {"message": "token"}, json_type
    if rest == ["revoke"]:
        with LOCK:
            GOOD[audience] = None
        return 200, {"issued": ISSUED.get(audience, 0)}, json_type
    form = parse_qs(body.decode() if handler.command == "POST" else query)
    if form.get("client_secret") != [SECRET] or form.get("grant_type") != ["client_credentials"]:
        # A server that repeats what it was told.
        return 401, {"error": "invalid_client", "error_description": SECRET}, json_type
    assert handler.command == "GET" or handler.headers["content-type"] == "application/x-www-form-urlencoded"
    assert form["client_id"] == ["client"] and form["scope"] == ["all things"], form
    assert handler.headers["x-tenant"] == "blue"
    with LOCK:
        ISSUED[audience] = ISSUED.get(audience, 0) + 1
        GOOD[audience] = f"{audience}-{ISSUED[audience]}"
        return 200, {"access_token": GOOD[audience], "expires_in": 0 if audience == "short" else 3600}, json_type
