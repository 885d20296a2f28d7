"""boto3: Standard executions from start to redrive, and Express ones."""

import json
import socket
import unittest
from contextlib import contextmanager
from unittest.mock import patch

from support import Case, arn, client, package, until

PASS = ("Pass", {"Type": "Pass"})
WAIT = ("Wait", {"Type": "Wait", "Seconds": 3600})


class Standard(Case):
    def test_start_is_idempotent_by_name_while_it_runs(self):
        sfn = self.sfn
        machine = self.machine("idempotent", WAIT)
        given = {"stateMachineArn": machine, "name": "first", "input": '{"a": 1}'}
        started = sfn.start_execution(**given)
        self.assertEqual(arn("execution", "idempotent:first"), started["executionArn"])
        again = sfn.start_execution(**given)
        self.assertEqual(started["executionArn"], again["executionArn"])
        self.assertEqual(started["startDate"], again["startDate"])
        exists = f"Execution Already Exists: '{started['executionArn']}'"
        already = sfn.exceptions.ExecutionAlreadyExists
        self.refused(already, exists, sfn.start_execution, **{**given, "input": "{}"})
        sfn.stop_execution(executionArn=started["executionArn"])
        self.ended(started["executionArn"])
        self.refused(already, exists, sfn.start_execution, **given)
        self.refused(
            sfn.exceptions.InvalidExecutionInput,
            "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting "
            "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')'",
            sfn.start_execution,
            **{**given, "name": "other", "input": "not JSON"},
        )

    def test_describe(self):
        sfn = self.sfn
        add = {"Type": "Pass", "Result": 1, "ResultPath": "$.b"}
        machine = self.machine("described", ("Add", add))
        execution = self.start(machine, name="x", input='{"a":  0}')
        described = self.ended(execution)
        del described["ResponseMetadata"]
        self.assertLessEqual(described.pop("startDate"), described.pop("stopDate"))
        self.assertEqual(
            {
                "executionArn": execution,
                "stateMachineArn": machine,
                "name": "x",
                "status": "SUCCEEDED",
                "input": '{"a":  0}',
                "inputDetails": {"included": True},
                "output": '{"a":0,"b":1}',
                "outputDetails": {"included": True},
                "redriveCount": 0,
                "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
            },
            described,
        )
        bare = sfn.describe_execution(executionArn=execution, includedData="METADATA_ONLY")
        self.assertNotIn("output", bare)
        missing = arn("execution", "described:missing")
        self.refused(
            sfn.exceptions.ExecutionDoesNotExist,
            f"Execution Does Not Exist: '{missing}'",
            sfn.describe_execution,
            executionArn=missing,
        )

    def test_lists_come_in_pages_the_newest_first(self):
        sfn = self.sfn
        machine = self.machine("pages", PASS)
        executions = []
        for number in range(7):
            executions.append(self.start(machine, name=f"n{number}"))
            self.succeeded(executions[-1])
        listing = sfn.get_paginator("list_executions")
        pages = list(listing.paginate(stateMachineArn=machine, PaginationConfig={"PageSize": 3}))
        self.assertEqual([3, 3, 1], [len(page["executions"]) for page in pages])
        listed = [item["executionArn"] for page in pages for item in page["executions"]]
        self.assertEqual(executions[::-1], listed)
        first = pages[0]["executions"][0]
        self.assertEqual(("n6", "SUCCEEDED"), (first["name"], first["status"]))
        self.assertEqual(0, first["redriveCount"])
        running = sfn.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
        self.assertEqual([], running["executions"])
        done = sfn.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=2)
        self.assertEqual(2, len(done["executions"]))
        # A token belongs to the list that it came with.
        self.refused(
            sfn.exceptions.InvalidToken,
            "Invalid Token: 'Invalid token'",
            sfn.list_executions,
            stateMachineArn=machine,
            statusFilter="FAILED",
            nextToken=done["nextToken"],
        )

    def test_history(self):
        sfn = self.sfn
        machine = self.machine("history", ("A", {"Type": "Pass"}), ("B", {"Type": "Succeed"}))
        execution = self.start(machine, input='{"secret":1}')
        self.succeeded(execution)
        paginator = sfn.get_paginator("get_execution_history")
        pages = list(paginator.paginate(executionArn=execution, PaginationConfig={"PageSize": 4}))
        self.assertEqual([4, 2], [len(page["events"]) for page in pages])
        events = [event for page in pages for event in page["events"]]
        self.assertEqual(
            [
                (1, 0, "ExecutionStarted"),
                (2, 0, "PassStateEntered"),
                (3, 2, "PassStateExited"),
                (4, 3, "SucceedStateEntered"),
                (5, 4, "SucceedStateExited"),
                (6, 5, "ExecutionSucceeded"),
            ],
            [(event["id"], event["previousEventId"], event["type"]) for event in events],
        )
        started = events[0]["executionStartedEventDetails"]
        self.assertEqual('{"secret":1}', started["input"])
        self.assertEqual({"truncated": False}, started["inputDetails"])
        backwards = sfn.get_execution_history(
            executionArn=execution, reverseOrder=True, maxResults=2
        )
        self.assertEqual([6, 5], [event["id"] for event in backwards["events"]])
        rest = sfn.get_execution_history(
            executionArn=execution,
            reverseOrder=True,
            maxResults=10,
            nextToken=backwards["nextToken"],
        )
        self.assertEqual([4, 3, 2, 1], [event["id"] for event in rest["events"]])
        bare = sfn.get_execution_history(executionArn=execution, includeExecutionData=False)
        self.assertEqual(6, len(bare["events"]))
        self.assertNotIn("secret", json.dumps(bare["events"], default=str))

    def test_stop(self):
        sfn = self.sfn
        execution = self.start(self.machine("stopped", WAIT))
        stopped = sfn.stop_execution(executionArn=execution, error="Enough", cause="of this")
        described = self.ended(execution)
        self.assertEqual("ABORTED", described["status"])
        self.assertEqual(("Enough", "of this"), (described["error"], described["cause"]))
        self.assertEqual(stopped["stopDate"], described["stopDate"])
        events, _ = self.events(execution)
        self.assertEqual("ExecutionAborted", events[-1]["type"])
        details = events[-1]["executionAbortedEventDetails"]
        self.assertEqual({"error": "Enough", "cause": "of this"}, details)

    def test_redrive_goes_on_with_the_function_that_was_fixed(self):
        sfn = self.sfn
        broken = "def handler(event, context):\n    raise ValueError('broken')\n"
        fixed = "def handler(event, context):\n    return {'got': event}\n"
        function = self.function("to-be-fixed", broken)
        machine = self.machine(
            "redriven",
            ("Before", {"Type": "Pass", "Result": "kept"}),
            ("Work", {"Type": "Task", "Resource": function}),
        )
        execution = self.start(machine)
        failed = self.ended(execution)
        self.assertEqual(("FAILED", "ValueError"), (failed["status"], failed["error"]))
        self.assertEqual("broken", json.loads(failed["cause"])["errorMessage"])
        self.assertEqual(("REDRIVABLE", 0), (failed["redriveStatus"], failed["redriveCount"]))
        self.functions.update_function_code(FunctionName="to-be-fixed", ZipFile=package(fixed))
        self.functions.get_waiter("function_updated_v2").wait(FunctionName="to-be-fixed")
        self.assertIn("redriveDate", sfn.redrive_execution(executionArn=execution))
        self.assertEqual({"got": "kept"}, self.succeeded(execution))
        self.assertEqual(1, self.ended(execution)["redriveCount"])
        _, types = self.events(execution)
        self.assertEqual(1, types.count("PassStateEntered"))
        self.assertEqual(1, types.count("ExecutionRedriven"))
        self.assertEqual(2, types.count("LambdaFunctionScheduled"))
        self.refused(
            sfn.exceptions.ExecutionNotRedrivable,
            self.ended(execution)["redriveStatusReason"],
            sfn.redrive_execution,
            executionArn=execution,
        )

    def parent(self, name, child):
        """The ARN of a state machine that runs another and waits for it."""
        call = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": child, "Input": {"n.$": "$.n"}},
        }
        return self.machine(name, ("Call", call))

    def test_nested_executions(self):
        double = {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": "{% {'twice': $states.input.n * 2} %}",
        }
        child = self.machine("child", ("Double", double))
        parent = self.start(self.parent("parent", child), input='{"n": 21}')
        output = self.succeeded(parent)
        self.assertEqual({"twice": 42}, output["Output"])
        self.assertEqual("SUCCEEDED", output["Status"])
        children = self.sfn.list_executions(stateMachineArn=child)["executions"]
        self.assertEqual([output["ExecutionArn"]], [item["executionArn"] for item in children])
        _, types = self.events(parent)
        self.assertEqual(
            ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"],
            [name for name in types if name.startswith("Task") and "State" not in name],
        )

    def test_a_nested_execution_that_fails(self):
        fail = {"Type": "Fail", "Error": "Mine", "Cause": "why"}
        child = self.machine("child-fails", ("No", fail))
        failed = self.ended(self.start(self.parent("parent-fails", child), input='{"n": 1}'))
        self.assertEqual(("FAILED", "States.TaskFailed"), (failed["status"], failed["error"]))
        cause = json.loads(failed["cause"])
        self.assertEqual("FAILED", cause["Status"])
        self.assertEqual(("Mine", "why"), (cause["Error"], cause["Cause"]))

    def test_a_nested_execution_stops_with_its_parent(self):
        child = self.machine("child-waits", WAIT)
        parent = self.start(self.parent("parent-stopped", child), input='{"n": 1}')
        running = until(
            "the child",
            lambda: self.sfn.list_executions(stateMachineArn=child)["executions"],
        )
        self.sfn.stop_execution(executionArn=parent)
        self.assertEqual("ABORTED", self.ended(parent)["status"])
        self.assertEqual("ABORTED", self.ended(running[0]["executionArn"])["status"])


@contextmanager
def names_with_prefix():
    """Has the host name that the SDK makes stand for the server, as a resolver could."""
    original = socket.getaddrinfo
    asked = []

    def getaddrinfo(host, *args, **kwargs):
        asked.append(host)
        return original(host.removeprefix("sync-"), *args, **kwargs)

    with patch("socket.getaddrinfo", getaddrinfo):
        yield asked


class Express(Case):
    def test_asynchronous(self):
        sfn = self.sfn
        machine = self.machine("express", PASS, kind="EXPRESS")
        first = self.start(machine, name="same")
        second = self.start(machine, name="same")
        prefix = arn("express", "express:same:")
        self.assertTrue(first.startswith(prefix) and second.startswith(prefix), first)
        self.assertNotEqual(first, second)
        wrong = "Invalid Arn: 'Resource type not valid in this context: express'"
        for call in (sfn.describe_execution, sfn.stop_execution, sfn.get_execution_history):
            self.refused(sfn.exceptions.InvalidArn, wrong, call, executionArn=first)
        self.refused(
            sfn.exceptions.StateMachineTypeNotSupported,
            "This operation is not supported by this type of state machine",
            sfn.list_executions,
            stateMachineArn=machine,
        )

    def test_synchronous(self):
        sfn = self.sfn
        machine = self.machine("sync", PASS, kind="EXPRESS")
        ended = sfn.start_sync_execution(stateMachineArn=machine, name="n", input='{"a": 1}')
        self.assertTrue(ended["executionArn"].startswith(arn("express", "sync:n:")))
        self.assertEqual(
            ("SUCCEEDED", "n", machine, '{"a":1}'),
            (ended["status"], ended["name"], ended["stateMachineArn"], ended["output"]),
        )
        self.assertEqual({"included": True}, ended["outputDetails"])
        self.assertEqual(64, ended["billingDetails"]["billedMemoryUsedInMB"])
        self.assertEqual(0, ended["billingDetails"]["billedDurationInMilliseconds"] % 100)
        fail = {"Type": "Fail", "Error": "Mine"}
        fails = self.machine("sync-fails", ("No", fail), kind="EXPRESS")
        ended = sfn.start_sync_execution(stateMachineArn=fails)
        self.assertEqual(("FAILED", "Mine"), (ended["status"], ended["error"]))
        self.assertNotIn("output", ended)
        self.refused(
            sfn.exceptions.StateMachineTypeNotSupported,
            "This operation is not supported by this type of state machine",
            sfn.start_sync_execution,
            stateMachineArn=self.machine("not-express", PASS),
        )

    def test_the_prefix_of_the_host_does_not_matter(self):
        machine = self.machine("prefixed", PASS, kind="EXPRESS")
        with names_with_prefix() as asked:
            prefixed = client("stepfunctions", inject_host_prefix=True)
            ended = prefixed.start_sync_execution(stateMachineArn=machine, input="[1]")
            self.assertEqual(("SUCCEEDED", "[1]"), (ended["status"], ended["output"]))
            state = json.dumps({"Type": "Pass", "End": True})
            tested = prefixed.test_state(definition=state, input="[2]")
            self.assertEqual(("SUCCEEDED", "[2]"), (tested["status"], tested["output"]))
        self.assertTrue(asked and all(host.startswith("sync-") for host in asked), asked)


if __name__ == "__main__":
    unittest.main(verbosity=2)
