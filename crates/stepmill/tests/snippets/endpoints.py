"""Servers that tasks name themselves: an API behind API Gateway, and a cluster's Kubernetes API.

They write down what they receive, and answer with an empty object.
"""

import base64
import json
import pathlib
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from recorder import CRATES

sys.path.append(str(CRATES / "aws-client/tests/client"))

from tls import issue


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            self.server.received.append([self.server.name, self.server.stated(self)])
        body = json.dumps({}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = serve

    def log_message(self, *_):
        """Says nothing."""


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name, stated, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.stated = name, stated
        self.lock, self.received = threading.Lock(), []
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.place = f"127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def taken(self):
        """What was received."""
        with self.lock:
            return list(self.received)

    def forget(self):
        with self.lock:
            self.received.clear()


def of_api(request):
    token = request.headers.get("TaskToken")
    return asked(request) | {"host": request.headers["Host"]} | ({"token": token} if token else {})


def of_cluster(request):
    """Who asks is told by a token, which is a signed URL of STS."""
    token = request.headers["Authorization"].removeprefix("Bearer k8s-aws-v1.")
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    return asked(request) | {"token": parse_qs(urlsplit(url).query)["Action"][0]}


def asked(request):
    return {"asked": f"{request.command} {request.path}"}


def api():
    return Endpoint("API", of_api)


def cluster():
    """The server, and its authority's certificate in base64."""
    with tempfile.TemporaryDirectory() as directory:
        context = issue(pathlib.Path(directory))
        authority = pathlib.Path(directory, "authority.pem").read_bytes()
    return Endpoint("cluster", of_cluster, context), base64.b64encode(authority).decode()
