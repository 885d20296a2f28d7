"""The services that machines call, and the server that runs machines."""

import functools
import json
import logging
import os
import subprocess
import tempfile
import time
import urllib.request

# As whom moto keeps what it is asked for: the account of a template that is deployed nowhere.
ACCOUNT, REGION = "000000000000", "us-east-1"
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT

import boto3
from botocore.config import Config
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

import endpoints
from recorder import Recorder

# What a busy machine may need for any one step, in seconds.
DEADLINE = 60
LISTENING = "listening on "


def client(service, url):
    config = Config(connect_timeout=DEADLINE, read_timeout=DEADLINE, retries={"total_max_attempts": 1})
    who = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "any", "region_name": REGION}
    return boto3.client(service, endpoint_url=url, config=config, **who)


def until(what, found):
    """What `found` gives as soon as that is something."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.01)
    raise AssertionError(f"{what}: not within {DEADLINE} seconds")


class Services:
    """Moto with what stands before it, an API and a cluster."""

    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        host, port = moto.get_host_and_port()
        self.moto = f"http://{host}:{port}"
        self.control("config", {"batch": {"use_docker": False}})
        self.recorder = Recorder(f"{host}:{port}")
        self.api = endpoints.api()
        self.cluster, self.authority = endpoints.cluster()

    def control(self, what, body=None):
        content = json.dumps(body).encode() if body else b""
        request = urllib.request.Request(f"{self.moto}/moto-api/{what}", content, method="POST")
        urllib.request.urlopen(request).close()

    @functools.cache
    def clients(self, service):
        """A client whose requests nobody writes down."""
        return client(service, self.moto)

    def settings(self):
        """The project's settings by which tasks find them."""
        aws = {"endpoint": self.recorder.url, "endpoints": {"execute-api": f"http://{self.api.place}"}, "poll_ms": 10}
        return {"aws": aws, "http": {"allow": [self.cluster.place]}}

    def names(self):
        return {"kubernetes": f"https://{self.cluster.place}", "authority": self.authority}

    def taken(self):
        """What the API and the cluster have received."""
        return self.api.taken() + self.cluster.taken()

    def forget(self):
        self.api.forget()
        self.cluster.forget()


class Server:
    """`stepmill serve` in a directory; tasks call services by an access key."""

    def __init__(self, stepmill, home, key):
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "STEPMILL_"))}
        variables |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "any"}
        command = [stepmill, "serve", ".", "--port", "0", "--store", "memory"]
        self.log = tempfile.TemporaryFile("w+")
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": self.log}
        self.process = subprocess.Popen(command, cwd=home, env=variables, text=True, **streams)
        said = next((line for line in self.process.stdout if line.startswith(LISTENING)), None)
        if said is None:
            raise AssertionError(f"the server does not start:\n{self.errors()}")
        self.sfn = client("stepfunctions", said.removeprefix(LISTENING).strip())

    def errors(self):
        self.log.seek(0)
        return self.log.read()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
