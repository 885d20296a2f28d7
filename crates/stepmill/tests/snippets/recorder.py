"""What stands between the engine and the services: each request is read by AWS's models, taken strictly and written
down, and then answered by moto, or by a script as the strict server does it.

Each access key is a snippet with a record of its own.
"""

import http.client
import pathlib
import sys
import threading
from http.server import ThreadingHTTPServer

CRATES = pathlib.Path(__file__).parents[3]
sys.path += [str(CRATES / "aws-client/tests" / directory) for directory in ("strict", "botocore")]

import server
from answers import Account

# Headers that are about a connection, and not about what is said.
OF_CONNECTIONS = ("connection", "date", "server", "transfer-encoding", "content-length", "content-type")


class Recorded(Account):
    """What one snippet asks."""

    def __init__(self, moto):
        super().__init__()
        # Where requests go on to; without it the script answers.
        self.moto = moto

    def asked(self):
        """The requests: operation, parameters without the token that makes a call repeatable, and any refusal of them."""
        with self.lock:
            return [stated(request) for request in self.requests]


def stated(request):
    parameters = dict(request["parameters"])
    token = request["token"]
    if token and "Token" in token:
        # It must be there, or a task that is done again would do its work twice.
        parameters.pop(token)
    said = [f"{request['service']}.{request['operation']}", parameters]
    # No script has errors, and moto's are not written down: the request was wrong.
    return [*said, {"refused": request["error"]}] if "error" in request else said


class Handler(server.Handler):
    def forwarded(self, content):
        """Moto's answer to the request."""
        connection = http.client.HTTPConnection(self.server.moto)
        try:
            connection.request(self.command, self.path, content, dict(self.headers.items()))
            answer = connection.getresponse()
            headers = {n: v for n, v in answer.getheaders() if n.lower() not in OF_CONNECTIONS}
            return answer.status, headers, answer.read(), answer.getheader("Content-Type")
        finally:
            connection.close()

    def answer_to(self, call, content):
        account = self.accounts.of(call.who)
        if not account.moto:
            return super().answer_to(call, content)
        with account.lock:
            account.record(call)
        return self.forwarded(content)


class Recorder(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, moto):
        super().__init__(("127.0.0.1", 0), Handler)
        self.moto = moto
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def record(self, key, script=None):
        """Begins a snippet's record; with a script, that answers instead of moto."""
        account = Recorded(moto=script is None)
        account.prepare(script or {})
        with Handler.accounts.lock:
            Handler.accounts.by_key[key] = account
        return account
