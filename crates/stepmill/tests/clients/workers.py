"""boto3: activity workers, and callbacks by task token."""

import json
import unittest
from concurrent.futures import ThreadPoolExecutor

from support import MAILBOX, Case, arn, client, letter

# Leaves its event for the client under the name that the event has.
POSTMAN = """\
import json, os
def handler(event, context):
    path = os.path.join(os.environ['MAILBOX'], event['name'])
    with open(path + '.part', 'w') as file:
        file.write(event['token'])
    os.rename(path + '.part', path)
    return 'sent'
"""


class Activities(Case):
    def activity(self, name, **settings):
        created = self.sfn.create_activity(name=name)
        self.assertEqual(arn("activity", name), created["activityArn"])
        work = {"Type": "Task", "Resource": created["activityArn"], **settings}
        return created["activityArn"], self.machine(f"uses-{name}", ("Work", work))

    def test_a_worker_that_waits_gets_the_task(self):
        sfn = self.sfn
        activity, machine = self.activity("quick", HeartbeatSeconds=3600)
        with ThreadPoolExecutor() as threads:
            # It may ask before there is a task, or after: both must do.
            polling = threads.submit(
                client("stepfunctions").get_activity_task, activityArn=activity, workerName="w1"
            )
            execution = self.start(machine, input='{"n": 3}')
            task = polling.result()
        self.assertEqual({"n": 3}, json.loads(task["input"]))
        token = task["taskToken"]
        sfn.send_task_heartbeat(taskToken=token)
        self.assertEqual("RUNNING", sfn.describe_execution(executionArn=execution)["status"])
        sfn.send_task_success(taskToken=token, output='{"done": true}')
        self.assertEqual({"done": True}, self.succeeded(execution))
        events, types = self.events(execution)
        started = events[types.index("ActivityStarted")]
        self.assertEqual({"workerName": "w1"}, started["activityStartedEventDetails"])
        self.assertIn("ActivitySucceeded", types)
        # A token ends its task once.
        for call in (
            lambda: sfn.send_task_success(taskToken=token, output="1"),
            lambda: sfn.send_task_failure(taskToken=token),
            lambda: sfn.send_task_heartbeat(taskToken=token),
        ):
            with self.assertRaises(sfn.exceptions.TaskTimedOut):
                call()

    def test_failure(self):
        sfn = self.sfn
        activity, machine = self.activity("fails")
        execution = self.start(machine)
        task = sfn.get_activity_task(activityArn=activity)
        sfn.send_task_failure(taskToken=task["taskToken"], error="Broken", cause="the cable")
        ended = self.ended(execution)
        self.assertEqual(
            ("FAILED", "Broken", "the cable"), (ended["status"], ended["error"], ended["cause"])
        )

    def test_a_worker_that_falls_silent(self):
        activity, machine = self.activity("silent", HeartbeatSeconds=1)
        execution = self.start(machine)
        token = self.sfn.get_activity_task(activityArn=activity)["taskToken"]
        ended = self.ended(execution)
        self.assertEqual(("FAILED", "States.Timeout"), (ended["status"], ended["error"]))
        _, types = self.events(execution)
        self.assertIn("ActivityTimedOut", types)
        with self.assertRaises(self.sfn.exceptions.TaskTimedOut):
            self.sfn.send_task_success(taskToken=token, output="{}")

    def test_workers_share_the_tasks(self):
        activity, machine = self.activity("shared")
        executions = [self.start(machine, input=str(number)) for number in range(20)]

        def work(_):
            worker = client("stepfunctions")
            task = worker.get_activity_task(activityArn=activity)
            worker.send_task_success(taskToken=task["taskToken"], output=task["input"])
            return int(task["input"])

        with ThreadPoolExecutor(4) as threads:
            self.assertEqual(list(range(20)), sorted(threads.map(work, range(20))))
        self.assertEqual(list(range(20)), [self.succeeded(execution) for execution in executions])

    def test_refusals(self):
        sfn = self.sfn
        for call in (
            lambda token: sfn.send_task_success(taskToken=token, output="{}"),
            lambda token: sfn.send_task_failure(taskToken=token),
            lambda token: sfn.send_task_heartbeat(taskToken=token),
        ):
            for token in ("x", "AAAA" * 40, "../../etc/passwd", "ü", "\0"):
                self.refused(
                    sfn.exceptions.InvalidToken, "Invalid Token: 'Invalid token'", call, token
                )
        missing = arn("activity", "missing")
        self.refused(
            sfn.exceptions.ActivityDoesNotExist,
            f"Activity Does Not Exist: '{missing}'",
            sfn.get_activity_task,
            activityArn=missing,
        )
        activity, machine = self.activity("bad-output")
        execution = self.start(machine)
        token = sfn.get_activity_task(activityArn=activity)["taskToken"]
        with self.assertRaises(sfn.exceptions.InvalidOutput):
            sfn.send_task_success(taskToken=token, output="not JSON")
        sfn.send_task_success(taskToken=token, output="null")
        self.assertIsNone(self.succeeded(execution))

    def test_life_of_an_activity(self):
        sfn = self.sfn
        created = sfn.create_activity(name="life", tags=[{"key": "a", "value": "b"}])
        activity = created["activityArn"]
        again = sfn.create_activity(name="life")
        self.assertEqual(created["creationDate"], again["creationDate"])
        self.assertEqual("life", sfn.describe_activity(activityArn=activity)["name"])
        tags = sfn.list_tags_for_resource(resourceArn=activity)["tags"]
        self.assertEqual([{"key": "a", "value": "b"}], tags)
        pages = sfn.get_paginator("list_activities").paginate(PaginationConfig={"PageSize": 1})
        names = [item["name"] for page in pages for item in page["activities"]]
        self.assertIn("life", names)
        sfn.delete_activity(activityArn=activity)
        sfn.delete_activity(activityArn=activity)
        with self.assertRaises(sfn.exceptions.ActivityDoesNotExist):
            sfn.describe_activity(activityArn=activity)


class Callbacks(Case):
    def test_a_function_passes_the_token_on(self):
        sfn = self.sfn
        self.function("postman", POSTMAN, Environment={"Variables": {"MAILBOX": MAILBOX}})
        ask = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {
                "FunctionName": "postman",
                "Payload": {"token.$": "$$.Task.Token", "name.$": "$.name"},
            },
        }
        machine = self.machine("asks", ("Ask", ask))
        accepted = self.start(machine, input='{"name": "accepted"}')
        denied = self.start(machine, input='{"name": "denied"}')
        token = letter("accepted")
        sfn.send_task_heartbeat(taskToken=token)
        sfn.send_task_success(taskToken=token, output='{"answer": "yes"}')
        sfn.send_task_failure(taskToken=letter("denied"), error="Denied", cause="no")
        self.assertEqual({"answer": "yes"}, self.succeeded(accepted))
        ended = self.ended(denied)
        self.assertEqual(
            ("FAILED", "Denied", "no"), (ended["status"], ended["error"], ended["cause"])
        )
        _, types = self.events(accepted)
        self.assertEqual(
            ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"],
            [name for name in types if name.startswith("Task") and "State" not in name],
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
