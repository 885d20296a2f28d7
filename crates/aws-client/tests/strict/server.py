"""AWS services as their models have them: requests are taken strictly, responses are made of the model.

    python strict/server.py

It listens on a free port of the loopback interface and says on standard error where it is. Each access key is an account
of its own, with its own script and its own record of requests, so that tests can share a server:

    PUT    /_control/ACCESS-KEY  {"athena.GetQueryExecution": [answer, …], …}
    GET    /_control/ACCESS-KEY  [{"service", "operation", "region", "parameters", "token", "result" or "error"}, …]
    DELETE /_control/ACCESS-KEY

An answer is `{"result": {…}}`, members that replace those of the generated response (null takes one
away), or `{"error": {"code", "message", "status"}}`. The last one of an operation stays. An answer with
`"then"`, a script, changes what is answered after it: so a job is stopped by the call that stops it. A
call with the idempotency token of an earlier one has that one's response.

An event stream is a list in a result. Not checked are the patterns of texts, whose language is not
Python's, and the signature itself. Bodies that are sent in chunks, and streams of events from clients, are
not supported.
"""

import json
import pathlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "botocore"))

import reader
from answers import Account

CONTROL = "/_control/"
TYPES = {
    "json": "application/x-amz-json-1.1",
    "rest-json": "application/json",
    "smithy-rpc-v2-cbor": "application/cbor",
}


class Accounts:
    def __init__(self):
        self.lock = threading.Lock()
        self.by_key = {}

    def of(self, key):
        with self.lock:
            return self.by_key.setdefault(key, Account())

    def forget(self, key):
        with self.lock:
            self.by_key.pop(key, None)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    accounts = Accounts()

    def answer(self):
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith(CONTROL):
            self.send(*self.control(self.path.removeprefix(CONTROL), content))
            return
        try:
            if "Transfer-Encoding" in self.headers:
                raise reader.Refused("NotImplemented", "Bodies in chunks are not supported", 501)
            call = reader.read(self.command, self.path, self.headers, content)
            if call.operation.has_event_stream_input:
                raise reader.Refused("NotImplemented", "Streams of events from clients are not supported", 501, call)
            self.send(*self.answer_to(call, content))
        except reader.Refused as refused:
            if refused.call:
                answer = self.accounts.of(refused.call.who).refuse(refused)
                self.send(*answer, TYPES.get(refused.call.protocol, "text/xml"))
            else:
                error = {"__type": refused.code, "message": refused.message}
                self.send(refused.status, {}, json.dumps(error))

    def answer_to(self, call, content):
        """Status, headers, body and type of the answer to a request that is right."""
        return *self.accounts.of(call.who).answer(call), TYPES.get(call.protocol, "text/xml")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer

    def control(self, key, content):
        if self.command == "DELETE":
            self.accounts.forget(key)
            return 200, {}, "{}"
        account = self.accounts.of(key)
        with account.lock:
            if self.command == "GET":
                return 200, {}, json.dumps(account.requests)
            try:
                account.prepare(json.loads(content))
            except Exception as error:
                return 400, {}, json.dumps({"message": str(error)})
        return 200, {}, "{}"

    def send(self, status, headers, content, kind="application/json"):
        content = content if isinstance(content, bytes) else str(content).encode()
        self.send_response(status)
        sent = {"Content-Type": kind, "x-amzn-RequestId": "00000000-0000-4000-8000-000000000000", **headers}
        for name, value in {**sent, "Content-Length": len(content)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_):
        """Says nothing."""


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"Running on http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
