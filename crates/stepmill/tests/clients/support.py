"""What the scripts share: clients of the server under test, waiting, packages of functions."""

import io
import json
import os
import time
import unittest
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["STEPMILL_ENDPOINT"]
# A directory for what functions leave behind.
MAILBOX = os.environ["STEPMILL_MAILBOX"]
REGION = "eu-central-1"
# An access key id of 12 digits names the account.
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tests"
# What any answer of a busy machine may take, in seconds.
DEADLINE = 90


def client(service, key=ACCOUNT, secret="any", **config):
    """A client that does not try again: every answer counts."""
    config = {"inject_host_prefix": False, "retries": {"total_max_attempts": 1}, **config}
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(connect_timeout=DEADLINE, read_timeout=DEADLINE, **config),
    )


def arn(kind, name):
    return f"arn:aws:states:{REGION}:{ACCOUNT}:{kind}:{name}"


def until(what, found):
    """What `found` gives as soon as that is something."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {DEADLINE} seconds")


def letter(name):
    """What a function has left in the mailbox under a name."""
    path = os.path.join(MAILBOX, name)

    def read():
        if os.path.exists(path):
            with open(path) as file:
                return file.read()

    return until(f"a letter {name}", read)


def chain(*states, **machine):
    """The definition in which states, given as (name, state), follow each other."""
    names = [name for name, _ in states]
    definition = {"StartAt": names[0], "States": {}, **machine}
    for index, (name, state) in enumerate(states):
        follow = {"Next": names[index + 1]} if index + 1 < len(names) else {"End": True}
        if state["Type"] not in ("Succeed", "Fail", "Choice"):
            state = {**state, **follow}
        definition["States"][name] = state
    return json.dumps(definition)


def package(source, name="app.py"):
    """A zip archive with one file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, source)
    return archive.getvalue()


class Case(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.sfn = client("stepfunctions")
        cls.functions = client("lambda")

    def refused(self, error, message, call, *args, **kwargs):
        """Asserts that a call fails as an exception of the SDK's, or as a code, with a message."""
        expected = ClientError if isinstance(error, str) else error
        with self.assertRaises(expected) as caught:
            call(*args, **kwargs)
        response = caught.exception.response
        if isinstance(error, str):
            self.assertEqual(error, response["Error"]["Code"], response)
        self.assertEqual(message, response["Error"]["Message"])
        self.assertTrue(response["ResponseMetadata"]["RequestId"])
        return response

    def machine(self, name, *states, kind="STANDARD", **machine):
        """A new state machine's ARN."""
        created = self.sfn.create_state_machine(
            name=name, definition=chain(*states, **machine), roleArn=ROLE, type=kind
        )
        self.assertEqual(arn("stateMachine", name), created["stateMachineArn"])
        return created["stateMachineArn"]

    def function(self, name, source, **settings):
        """A new Python function's ARN."""
        created = self.functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler="app.handler",
            Role=ROLE,
            Code={"ZipFile": package(source)},
            **{"Timeout": 60, **settings},
        )
        self.functions.get_waiter("function_active_v2").wait(FunctionName=name)
        return created["FunctionArn"]

    def start(self, machine, **given):
        return self.sfn.start_execution(stateMachineArn=machine, **given)["executionArn"]

    def ended(self, execution):
        """The description of an execution that has ended."""

        def described():
            answer = self.sfn.describe_execution(executionArn=execution)
            return answer if answer["status"] != "RUNNING" else None

        return until(f"the end of {execution}", described)

    def succeeded(self, execution):
        """The output of an execution that must succeed."""
        described = self.ended(execution)
        self.assertEqual("SUCCEEDED", described["status"], described)
        return json.loads(described["output"])

    def events(self, execution):
        """All events, and their types."""
        pages = self.sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
        events = [event for page in pages for event in page["events"]]
        return events, [event["type"] for event in events]
