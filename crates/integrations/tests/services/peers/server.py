"""Servers for tasks: over HTTP, and over TLS with an authority of its own.

    server.py HELPERS DIRECTORY

DIRECTORY gets `authority.pem`. It prints its ports as JSON, and serves.
"""

import http.server
import json
import sys
import threading
from pathlib import Path

import kubernetes
import oauth
import signatures

LARGE = 300_000


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        last = path.rsplit("/", 1)[-1]
        json_type = [("Content-Type", "application/json")]
        if path.startswith(("/oauth/", "/guarded/")):
            return self.answer(*oauth.serve(self, path, query, body))
        if path.startswith(("/api/", "/apis/")):
            return self.answer(*kubernetes.serve(self, path, query, body))
        match last:
            case "large":
                return self.answer(200, b"x" * LARGE)
            case "text":
                return self.answer(200, b"plain", [("Content-Type", "text/plain"), ("X-Two", "1"), ("X-Two", "2")])
            case "picture":
                return self.answer(200, b"text, though", [("Content-Type", "image/png")])
            case "bytes":
                return self.answer(200, b"\xff\xfe", json_type)
            case "redirect":
                return self.answer(302, b"elsewhere", [("Location", "/echo")])
            case "hang":
                self.close_connection = True
                return None
        if last.isdigit():
            return self.answer(int(last), {"message": "Missing Authentication Token"}, json_type)
        echo = {
            "method": self.command,
            "path": path,
            "query": query,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": body.decode(),
            "signature": signatures.of_request(self, body) if self.headers.get("x-amz-date") else "none",
        }
        return self.answer(200, echo, json_type)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = serve

    def log_message(self, *_):
        pass


def main(helpers, directory):
    sys.path.insert(0, helpers)
    from tls import issue

    plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure.socket = issue(Path(directory)).wrap_socket(secure.socket, server_side=True)
    print(json.dumps({"http": plain.server_address[1], "https": secure.server_address[1]}), flush=True)
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    secure.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
