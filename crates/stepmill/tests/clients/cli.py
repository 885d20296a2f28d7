"""The AWS CLI: what it prints, and its exit codes."""

import json
import os
import subprocess
import sys
import time
import unittest

from support import ACCOUNT, ENDPOINT, REGION, ROLE, Case, arn, chain, package, until

AWS = os.path.join(os.path.dirname(sys.executable), "aws")
# The exit code of version 1 of the CLI for an answer that is an error; version 2 has 254.
SERVICE_ERROR = 255
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.environ["STEPMILL_MAILBOX"],
    "AWS_ACCESS_KEY_ID": ACCOUNT,
    "AWS_SECRET_ACCESS_KEY": "any",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_PAGER": "",
}


def aws(*words):
    """A command's exit code, its output as JSON, and what it says on standard error."""
    command = [AWS, *words, "--endpoint-url", ENDPOINT, "--output", "json"]
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    output = json.loads(ended.stdout) if ended.stdout.strip() else None
    return ended.returncode, output, ended.stderr


def sfn(*words):
    """What a command prints that must succeed."""
    code, output, said = aws("stepfunctions", *words)
    assert code == 0, (words, code, said)
    return output


class Cli(Case):
    def test_state_machines(self):
        definition = chain(("Double", {"Type": "Pass"}))
        created = sfn(
            "create-state-machine", "--name", "cli", "--role-arn", ROLE,
            "--definition", definition, "--publish", "--tags", "key=a,value=1",
        )
        machine = created["stateMachineArn"]
        self.assertEqual(arn("stateMachine", "cli"), machine)
        self.assertEqual(f"{machine}:1", created["stateMachineVersionArn"])
        described = sfn("describe-state-machine", "--state-machine-arn", machine)
        self.assertEqual(definition, described["definition"])
        self.assertLess(abs(described["creationDate"] - time.time()), 300)
        listed = sfn("list-state-machines")["stateMachines"]
        self.assertIn("cli", [item["name"] for item in listed])
        self.assertIsNone(sfn("tag-resource", "--resource-arn", machine, "--tags", "key=b,value=2"))
        self.assertIsNone(sfn("untag-resource", "--resource-arn", machine, "--tag-keys", "a"))
        tags = sfn("list-tags-for-resource", "--resource-arn", machine)
        self.assertEqual({"tags": [{"key": "b", "value": "2"}]}, tags)
        changed = chain(("Other", {"Type": "Pass"}))
        sfn("update-state-machine", "--state-machine-arn", machine, "--definition", changed)
        published = sfn("publish-state-machine-version", "--state-machine-arn", machine)
        self.assertEqual(f"{machine}:2", published["stateMachineVersionArn"])
        alias = sfn(
            "create-state-machine-alias", "--name", "live", "--routing-configuration",
            f"stateMachineVersionArn={machine}:1,weight=90",
            f"stateMachineVersionArn={machine}:2,weight=10",
        )["stateMachineAliasArn"]
        routes = sfn("describe-state-machine-alias", "--state-machine-alias-arn", alias)
        self.assertEqual([90, 10], [item["weight"] for item in routes["routingConfiguration"]])
        self.assertIsNone(sfn("delete-state-machine", "--state-machine-arn", machine))

    def test_executions(self):
        self.function("cli-work", "def handler(event, context):\n    raise OSError('full')\n")
        work = {"Type": "Task", "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:cli-work"}
        machine = self.machine("cli-runs", ("Work", work))
        started = sfn(
            "start-execution", "--state-machine-arn", machine, "--name", "a", "--input", '{"n":1}'
        )
        execution = started["executionArn"]
        self.assertEqual(arn("execution", "cli-runs:a"), execution)

        def ended():
            described = sfn("describe-execution", "--execution-arn", execution)
            return described if described["status"] != "RUNNING" else None

        described = until("the end", ended)
        self.assertEqual(("FAILED", "OSError"), (described["status"], described["error"]))
        fixed = os.path.join(os.environ["STEPMILL_MAILBOX"], "fixed.zip")
        with open(fixed, "wb") as file:
            file.write(package("def handler(event, context):\n    return event\n"))
        code, updated, said = aws(
            "lambda", "update-function-code", "--function-name", "cli-work",
            "--zip-file", f"fileb://{fixed}",
        )
        self.assertEqual(("cli-work", 0), (updated["FunctionName"], code), said)
        code, _, said = aws("lambda", "wait", "function-updated-v2", "--function-name", "cli-work")
        self.assertEqual(0, code, said)
        self.assertIn("redriveDate", sfn("redrive-execution", "--execution-arn", execution))
        described = until("the end", ended)
        self.assertEqual(("SUCCEEDED", '{"n":1}'), (described["status"], described["output"]))
        history = sfn("get-execution-history", "--execution-arn", execution, "--page-size", "3")
        history = history["events"]
        self.assertEqual(list(range(1, len(history) + 1)), [event["id"] for event in history])
        self.assertEqual("ExecutionSucceeded", history[-1]["type"])
        listed = sfn(
            "list-executions", "--state-machine-arn", machine, "--status-filter", "SUCCEEDED"
        )
        self.assertEqual([execution], [item["executionArn"] for item in listed["executions"]])

        waits = self.machine("cli-waits", ("Wait", {"Type": "Wait", "Seconds": 3600}))
        waiting = self.start(waits)
        stopped = sfn("stop-execution", "--execution-arn", waiting, "--error", "E", "--cause", "C")
        self.assertIn("stopDate", stopped)
        described = sfn("describe-execution", "--execution-arn", waiting)
        self.assertEqual("ABORTED", described["status"])
        self.assertEqual(("E", "C"), (described["error"], described["cause"]))

    def test_definitions(self):
        definition = chain(("A", {"Type": "Nope"}))
        validated = sfn("validate-state-machine-definition", "--definition", definition)
        self.assertEqual("FAIL", validated["result"])
        self.assertEqual("/States/A/Type", validated["diagnostics"][0]["location"])

    def test_activities(self):
        activity = sfn("create-activity", "--name", "cli-work")["activityArn"]
        works = self.machine("cli-activity", ("Work", {"Type": "Task", "Resource": activity}))
        execution = self.start(works)
        task = sfn("get-activity-task", "--activity-arn", activity, "--worker-name", "cli")
        self.assertIsNone(sfn("send-task-heartbeat", "--task-token", task["taskToken"]))
        token = task["taskToken"]
        success = ("--task-token", token, "--task-output", '"done"')
        self.assertIsNone(sfn("send-task-success", *success))
        self.assertEqual("done", self.succeeded(execution))

    def test_errors(self):
        missing = arn("stateMachine", "missing")
        describe = ("describe-state-machine", "--state-machine-arn", missing)
        code, output, said = aws("stepfunctions", *describe)
        self.assertEqual((SERVICE_ERROR, None), (code, output))
        self.assertIn(
            "An error occurred (StateMachineDoesNotExist) when calling the DescribeStateMachine "
            f"operation: State Machine Does Not Exist: '{missing}'",
            said,
        )
        code, _, said = aws("lambda", "get-function", "--function-name", "missing")
        self.assertEqual(SERVICE_ERROR, code)
        self.assertIn("An error occurred (ResourceNotFoundException)", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
