"""Executions that a server's end interrupts: `restart.py begin`, then `restart.py finish`.

What was begun stands in a file between the two.
"""

import json
import os
import sys
import unittest

from support import MAILBOX, Case, letter, until

STATE = os.path.join(MAILBOX, "begun.json")
# Longer than it takes to end the server after the last start, in seconds.
WAIT = 8

POSTMAN = """\
import os
def handler(event, context):
    path = os.path.join(os.environ['MAILBOX'], event['name'])
    with open(path + '.part', 'w') as file:
        file.write(event['token'])
    os.rename(path + '.part', path)
"""
# Runs until there is a file `gate`; says that it runs first.
GATED = """\
import os, time
def handler(event, context):
    box = os.environ['MAILBOX']
    open(os.path.join(box, 'working'), 'w').close()
    while not os.path.exists(os.path.join(box, 'gate')):
        time.sleep(0.01)
    return 'through'
"""


class Begin(Case):
    def test_begin(self):
        sfn = self.sfn
        settings = {"Environment": {"Variables": {"MAILBOX": MAILBOX}}, "Timeout": 300}
        self.function("postman", POSTMAN, **settings)
        gated = self.function("gated", GATED, **settings)
        activity = sfn.create_activity(name="work")["activityArn"]
        begun = {"activity": activity, "executions": {}}
        executions = begun["executions"]
        ask = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {
                "FunctionName": "postman",
                "Payload": {"token.$": "$$.Task.Token", "name": "callback"},
            },
        }
        work = {"Type": "Task", "Resource": activity}
        executions["callback"] = self.start(self.machine("callback", ("Ask", ask)))
        begun["token"] = letter("callback")
        works = self.machine("works", ("Work", work))
        executions["at work"] = self.start(works, input='"at work"')
        task = sfn.get_activity_task(activityArn=activity)
        begun["task"] = task["taskToken"]
        self.assertEqual('"at work"', task["input"])
        executions["not yet taken"] = self.start(works, input='"not yet taken"')
        executions["invoking"] = self.start(
            self.machine("invoking", ("Run", {"Type": "Task", "Resource": gated}))
        )
        until("the function", lambda: os.path.exists(os.path.join(MAILBOX, "working")))
        executions["parked"] = self.start(
            self.machine("parked", ("Wait", {"Type": "Wait", "Seconds": 86400}))
        )
        done = self.machine("done", ("Say", {"Type": "Pass", "Result": "before"}))
        executions["done"] = self.start(done)
        self.assertEqual("before", self.succeeded(executions["done"]))
        waits = self.machine("waits", ("Wait", {"Type": "Wait", "Seconds": WAIT}))
        nested = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": waits, "Input": {"from": "parent"}},
        }
        executions["parent"] = self.start(self.machine("parent", ("Call", nested)))
        executions["waits"] = self.start(waits)
        with open(STATE, "w") as file:
            json.dump(begun, file)


class Finish(Case):
    def test_finish(self):
        sfn = self.sfn
        restarted = float(os.environ["STEPMILL_RESTARTED"])
        with open(STATE) as file:
            begun = json.load(file)
        executions = begun["executions"]
        for name, execution in executions.items():
            if name not in ("done", "waits", "parent"):
                described = sfn.describe_execution(executionArn=execution)
                self.assertEqual("RUNNING", described["status"], name)
        self.assertEqual("before", self.succeeded(executions["done"]))

        sfn.send_task_success(taskToken=begun["token"], output='"called back"')
        self.assertEqual("called back", self.succeeded(executions["callback"]))
        sfn.send_task_heartbeat(taskToken=begun["task"])
        sfn.send_task_success(taskToken=begun["task"], output='"worked"')
        self.assertEqual("worked", self.succeeded(executions["at work"]))
        task = sfn.get_activity_task(activityArn=begun["activity"])
        self.assertEqual('"not yet taken"', task["input"])
        sfn.send_task_success(taskToken=task["taskToken"], output=task["input"])
        self.assertEqual("not yet taken", self.succeeded(executions["not yet taken"]))
        open(os.path.join(MAILBOX, "gate"), "w").close()
        self.assertEqual("through", self.succeeded(executions["invoking"]))

        self.assertEqual({}, self.succeeded(executions["waits"]))
        self.assertEqual({"from": "parent"}, self.succeeded(executions["parent"])["Output"])
        events, types = self.events(executions["waits"])
        entered, left = (
            events[types.index(name)]["timestamp"].timestamp()
            for name in ("WaitStateEntered", "WaitStateExited")
        )
        self.assertGreaterEqual(left - entered, WAIT)
        self.assertGreater(left, restarted, "it had ended before the server did")

        stopped = sfn.stop_execution(executionArn=executions["parked"])
        self.assertGreater(stopped["stopDate"].timestamp(), restarted)
        self.assertEqual("ABORTED", self.ended(executions["parked"])["status"])
        for name, execution in executions.items():
            _, types = self.events(execution)
            ends = [kind for kind in types if kind in (
                "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut",
            )]
            self.assertEqual((1, 1), (types.count("ExecutionStarted"), len(ends)), name)


if __name__ == "__main__":
    phase = {"begin": "Begin", "finish": "Finish"}[sys.argv[1]]
    unittest.main(argv=[sys.argv[0], phase], verbosity=2)
