"""Jobs and their faults: `jobs.py faults`; `jobs.py begin`, and after the server was killed `jobs.py finish`.

The services are a strict server of AWS's models, which says what it was asked. Step Functions is the
server under test itself.
"""

import json
import os
import sys
import unittest
import urllib.request

from support import ACCOUNT, MAILBOX, Case, until

STRICT = os.environ["STEPMILL_STRICT"]
STATE = os.path.join(MAILBOX, "begun.json")
THROTTLED = {"error": {"code": "ThrottlingException", "message": "Rate exceeded", "status": 400}}
TASK = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task/cluster/1"
CLUSTER = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:cluster/cluster"


def error(code, message="gone"):
    return {"error": {"code": code, "message": message, "status": 400}}


def ecs(status, exit_code=None, **more):
    container = {"name": "app", "exitCode": exit_code}
    more = {"stopCode": "EssentialContainerExited", **more}
    task = {"taskArn": TASK, "clusterArn": CLUSTER, "lastStatus": status, "containers": [container], **more}
    return {"result": {"tasks": [task], "failures": []}}


class Service:
    """How a service's jobs are started, what is asked of them, and how they end."""

    def __init__(self, start, parameters, ask, stop, running, done, failed, cancelled, missing, status, stopped):
        self.start, self.parameters = start, parameters
        self.ask, self.stop = ask, stop
        self.running, self.done, self.failed, self.cancelled, self.missing = running, done, failed, cancelled, missing
        # Where the result has the status; what the call that ends a job must say of it.
        self.status, self.stopped = status, stopped
        # Other answers that the service gives throughout.
        self.more = {}


def batch(status, **more):
    return {"result": {"jobs": [{"jobId": "job-1", "status": status, **more}]}}


def glue(status):
    return {"result": {"JobRun": {"Id": "jr_1", "JobName": "clean", "JobRunState": status}}}


def emr(status):
    return {"result": {"Step": {"Id": "s-1", "Status": {"State": status}}}}


def training(status):
    return {"result": {"TrainingJobName": "train", "TrainingJobStatus": status}}


SERVICES = {
    "batch:submitJob": Service(
        "batch.SubmitJob",
        {"JobName": "n", "JobQueue": "q", "JobDefinition": "d"},
        "batch.DescribeJobs",
        "batch.TerminateJob",
        batch("RUNNING"),
        batch("SUCCEEDED"),
        batch("FAILED"),
        batch("FAILED", statusReason="Terminated by a person"),
        {"result": {"jobs": []}},
        lambda result: result["Status"],
        {"JobId": "job-1"},
    ),
    "ecs:runTask": Service(
        "ecs.RunTask",
        {"TaskDefinition": "app:1", "Cluster": "cluster"},
        "ecs.DescribeTasks",
        "ecs.StopTask",
        ecs("RUNNING"),
        ecs("STOPPED", 0),
        ecs("STOPPED", 1),
        ecs("STOPPED", 137, stopCode="UserInitiated"),
        {"result": {"tasks": [], "failures": [{"arn": TASK, "reason": "MISSING"}]}},
        lambda result: result["LastStatus"],
        {"Cluster": CLUSTER, "Task": TASK},
    ),
    "glue:startJobRun": Service(
        "glue.StartJobRun",
        {"JobName": "clean"},
        "glue.GetJobRun",
        "glue.BatchStopJobRun",
        glue("RUNNING"),
        glue("SUCCEEDED"),
        glue("FAILED"),
        glue("STOPPED"),
        error("EntityNotFoundException"),
        lambda result: result["JobRunState"],
        {"JobName": "clean", "JobRunIds": ["jr_1"]},
    ),
    "elasticmapreduce:addStep": Service(
        "emr.AddJobFlowSteps",
        {"ClusterId": "j-1", "Step": {"Name": "s", "HadoopJarStep": {"Jar": "s3://b/a.jar"}}},
        "emr.DescribeStep",
        "emr.CancelSteps",
        emr("RUNNING"),
        emr("COMPLETED"),
        emr("FAILED"),
        emr("CANCELLED"),
        error("InvalidRequestException"),
        lambda result: result["Step"]["Status"]["State"],
        {"ClusterId": "j-1", "StepIds": ["s-1"]},
    ),
    "sagemaker:createTrainingJob": Service(
        "sagemaker.CreateTrainingJob",
        {
            "TrainingJobName": "train",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/sagemaker-training",
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        },
        "sagemaker.DescribeTrainingJob",
        "sagemaker.StopTrainingJob",
        training("InProgress"),
        training("Completed"),
        training("Failed"),
        training("Stopped"),
        error("ResourceNotFound"),
        lambda result: result["TrainingJobStatus"],
        {"TrainingJobName": "train"},
    ),
}
SERVICES["ecs:runTask"].more = {
    "ecs.DescribeTaskDefinition": [
        {"result": {"taskDefinition": {"containerDefinitions": [{"name": "app", "essential": True}]}}}
    ]
}
# The start calls' own answers.
STARTED = {
    "batch.SubmitJob": {"jobId": "job-1", "jobName": "n"},
    "ecs.RunTask": {"tasks": [{"taskArn": TASK, "clusterArn": CLUSTER}], "failures": []},
    "glue.StartJobRun": {"JobRunId": "jr_1"},
    "emr.AddJobFlowSteps": {"StepIds": ["s-1"]},
    "sagemaker.CreateTrainingJob": {},
}


def control(method, script=None):
    body = json.dumps(script).encode() if script is not None else None
    request = urllib.request.Request(f"{STRICT}/_control/{ACCOUNT}", body, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def prepare(service, *asked):
    """Sets what the service answers when it is asked for its job."""
    script = {
        service.start: [{"result": STARTED[service.start]}],
        service.ask: list(asked),
        # The call that ends a job makes it one that was cancelled.
        service.stop: [{"result": {}, "then": {service.ask: [service.cancelled]}}],
        **service.more,
    }
    control("PUT", script)


def requests(name):
    found = control("GET")
    return [request for request in found if f"{request['service']}.{request['operation']}" == name]


class Jobs(Case):
    def job(self, kind, name, **more):
        """A new execution of a machine whose one task is a job."""
        task = {
            "Type": "Task",
            "Resource": f"arn:aws:states:::{kind}.sync",
            "Parameters": SERVICES[kind].parameters,
            **more,
        }
        name = f"{name}-{kind.replace(':', '-')}"
        return self.start(self.machine(name, ("Job", task)))

    def failure(self, execution):
        described = self.ended(execution)
        self.assertEqual("FAILED", described["status"], described)
        return described["error"], described.get("cause")

    def asked(self, service, times=1):
        """Waits until the service was asked for its job."""
        until(f"{service.ask} to be called", lambda: len(requests(service.ask)) >= times)

    def started_once(self, service):
        self.assertEqual(1, len(requests(service.start)), service.start)

    def was_stopped(self, service):
        """That the job was ended, and what was said of it."""
        stops = until(f"{service.stop} to be called", lambda: requests(service.stop))
        self.assertEqual(1, len(stops))
        self.assertLessEqual(service.stopped.items(), stops[0]["parameters"].items())

    def was_not_stopped(self, service):
        self.assertEqual([], requests(service.stop))


def each(test):
    """The test for each service."""

    def tests(self):
        for kind, service in SERVICES.items():
            with self.subTest(kind):
                control("DELETE")
                test(self, kind, service)
                self.started_once(service)

    return tests


class Faults(Jobs):
    @each
    def test_a_job_succeeds(self, kind, service):
        prepare(service, service.running, service.running, service.done)
        execution = self.job(kind, "succeeds")
        result = self.succeeded(execution)
        self.assertNotIn("SdkHttpMetadata", result)
        events, types = self.events(execution)
        self.assertEqual(
            ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"],
            [kind for kind in types if kind.startswith("Task") and "State" not in kind],
        )
        self.assertEqual(3, len(requests(service.ask)))
        self.was_not_stopped(service)

    @each
    def test_a_job_fails(self, kind, service):
        prepare(service, service.running, service.failed)
        error, cause = self.failure(self.job(kind, "fails"))
        self.assertEqual("States.TaskFailed", error)
        self.assertIn(service.status(json.loads(cause)), ("FAILED", "Failed", "STOPPED"))
        self.was_not_stopped(service)

    @each
    def test_a_job_is_cancelled_by_others(self, kind, service):
        prepare(service, service.running, service.cancelled)
        error, cause = self.failure(self.job(kind, "cancelled"))
        self.assertEqual("States.TaskFailed", error)
        wanted = ("FAILED", "STOPPED", "CANCELLED", "Stopped")
        self.assertIn(service.status(json.loads(cause)), wanted)
        self.was_not_stopped(service)

    @each
    def test_a_job_disappears(self, kind, service):
        prepare(service, service.running, service.missing)
        error, cause = self.failure(self.job(kind, "disappears"))
        names = {
            "batch:submitJob": "States.TaskFailed",
            "ecs:runTask": "States.TaskFailed",
            "glue:startJobRun": "Glue.EntityNotFoundException",
            "elasticmapreduce:addStep": "EMR.InvalidRequestException",
            "sagemaker:createTrainingJob": "SageMaker.ResourceNotFoundException",
        }
        self.assertEqual(names[kind], error, cause)

    @each
    def test_a_job_is_not_shown_at_once(self, kind, service):
        prepare(service, service.missing, service.missing, service.running, service.done)
        self.succeeded(self.job(kind, "late"))

    @each
    def test_a_job_times_out(self, kind, service):
        prepare(service, service.running)
        execution = self.job(kind, "times-out", TimeoutSeconds=1)
        self.assertEqual("States.Timeout", self.failure(execution)[0])
        self.was_stopped(service)

    @each
    def test_questions_are_throttled(self, kind, service):
        prepare(service, service.running, *[THROTTLED] * 5, service.running, service.done)
        self.succeeded(self.job(kind, "throttled"))
        self.was_not_stopped(service)

    @each
    def test_an_execution_is_stopped(self, kind, service):
        prepare(service, service.running)
        execution = self.job(kind, "stopped")
        self.asked(service)
        self.sfn.stop_execution(executionArn=execution)
        self.was_stopped(service)
        self.assertEqual("ABORTED", self.ended(execution)["status"])

    @each
    def test_ending_a_job_is_throttled(self, kind, service):
        prepare(service, service.running)
        control("PUT", {service.stop: [*[THROTTLED] * 4, {"result": {}}]})
        execution = self.job(kind, "stop-throttled")
        self.asked(service)
        self.sfn.stop_execution(executionArn=execution)
        until("the job to be ended", lambda: [r for r in requests(service.stop) if "result" in r])

    @each
    def test_a_branch_that_fails_ends_the_others_jobs(self, kind, service):
        prepare(service, service.running)
        job = {
            "Type": "Task",
            "Resource": f"arn:aws:states:::{kind}.sync",
            "Parameters": service.parameters,
            "End": True,
        }
        pause = {"Type": "Wait", "Seconds": 1, "Next": "Fail"}
        branches = [
            {"StartAt": "Job", "States": {"Job": job}},
            {"StartAt": "Wait", "States": {"Wait": pause, "Fail": {"Type": "Fail", "Error": "Other"}}},
        ]
        name = f"branches-{kind.replace(':', '-')}"
        execution = self.start(self.machine(name, ("Both", {"Type": "Parallel", "Branches": branches})))
        self.assertEqual("Other", self.failure(execution)[0])
        self.was_stopped(service)

    def test_a_service_that_refuses_the_start(self):
        service = SERVICES["batch:submitJob"]
        control("DELETE")
        prepare(service, service.running)
        control("PUT", {service.start: [error("ClientException", "no such queue")]})
        name, cause = self.failure(self.job("batch:submitJob", "refused"))
        self.assertEqual("Batch.ClientException", name)
        self.assertIn("no such queue", cause)
        self.assertEqual([], requests(service.ask))


class Children(Case):
    """Executions that tasks start and wait for."""

    def parent(self, name, child, **more):
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": child, "Name": name},
            **more,
        }
        return self.start(self.machine(f"parent-{name}", ("Call", task)))

    def child(self, machine):
        """The child, once it runs."""

        def started():
            return self.sfn.list_executions(stateMachineArn=machine)["executions"]

        found = until("the child", started)
        self.assertEqual(1, len(found))
        return found[0]["executionArn"]

    def sleeper(self, name):
        return self.machine(name, ("Wait", {"Type": "Wait", "Seconds": 3600}))

    def failure(self, execution):
        described = self.ended(execution)
        self.assertEqual("FAILED", described["status"], described)
        return described["error"], json.loads(described["cause"]) if described.get("cause") else None

    def test_a_child_is_started_with_every_pattern(self):
        echo = self.machine("echo", ("Echo", {"Type": "Pass"}))

        def run(pattern, given):
            resource = f"arn:aws:states:::states:startExecution{pattern}"
            parameters = {"StateMachineArn": echo, "Input": given}
            task = {"Type": "Task", "Resource": resource, "Parameters": parameters}
            return self.start(self.machine("starts" + pattern.replace(".", "-").replace(":", "-"), ("Call", task)))

        for pattern, shown in [(".sync", '{"a":[1]}'), (".sync:2", {"a": [1]})]:
            output = self.succeeded(run(pattern, {"a": [1]}))
            child = self.sfn.describe_execution(executionArn=output["ExecutionArn"])
            self.assertEqual(('{"a":[1]}', "SUCCEEDED"), (child["input"], output["Status"]))
            self.assertEqual((shown, shown), (output["Input"], output["Output"]))
            self.assertNotIn("SdkHttpMetadata", output)
        output = self.succeeded(run("", {"a": [1]}))
        self.assertEqual({"ExecutionArn", "StartDate", "SdkHttpMetadata", "SdkResponseMetadata"}, set(output))
        self.assertEqual("SUCCEEDED", self.ended(output["ExecutionArn"])["status"])

        waiting = run(".waitForTaskToken", {"token.$": "$$.Task.Token"})

        def given():
            found = self.sfn.list_executions(stateMachineArn=echo)["executions"]
            inputs = [self.sfn.describe_execution(executionArn=e["executionArn"])["input"] for e in found]
            return next((json.loads(text)["token"] for text in inputs if "token" in text), None)

        self.sfn.send_task_success(taskToken=until("the token", given), output='{"b":2}')
        self.assertEqual({"b": 2}, self.succeeded(waiting))

    def test_a_child_fails(self):
        machine = self.machine("fails", ("Fail", {"Type": "Fail", "Error": "Mine", "Cause": "c"}))
        error, cause = self.failure(self.parent("child-fails", machine))
        self.assertEqual(("States.TaskFailed", "FAILED", "Mine"), (error, cause["Status"], cause["Error"]))

    def test_a_child_is_stopped_by_others(self):
        machine = self.sleeper("stopped")
        execution = self.parent("child-stopped", machine)
        self.sfn.stop_execution(executionArn=self.child(machine), error="Theirs")
        error, cause = self.failure(execution)
        self.assertEqual(("States.TaskFailed", "ABORTED", "Theirs"), (error, cause["Status"], cause["Error"]))

    def test_a_child_times_out(self):
        machine = self.machine("slow", ("Wait", {"Type": "Wait", "Seconds": 3600}), TimeoutSeconds=1)
        error, cause = self.failure(self.parent("child-slow", machine))
        self.assertEqual(("States.TaskFailed", "TIMED_OUT"), (error, cause["Status"]))

    def test_a_child_is_stopped_when_its_task_times_out(self):
        machine = self.sleeper("outlives")
        execution = self.parent("child-outlives", machine, TimeoutSeconds=1)
        self.assertEqual("States.Timeout", self.failure(execution)[0])
        self.assertEqual("ABORTED", self.ended(self.child(machine))["status"])

    def test_a_child_is_stopped_with_its_parent(self):
        machine = self.sleeper("follows")
        execution = self.parent("child-follows", machine)
        child = self.child(machine)
        self.sfn.stop_execution(executionArn=execution)
        self.assertEqual("ABORTED", self.ended(child)["status"])


class Begin(Jobs):
    def test_begin(self):
        control("DELETE")
        executions = {}
        for kind, service in SERVICES.items():
            prepare(service, service.running)
            executions[kind] = self.job(kind, "interrupted")
        for service in SERVICES.values():
            self.asked(service)
        sleeper = self.machine("sleeper", ("Wait", {"Type": "Wait", "Seconds": 3600}))
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync",
            "Parameters": {"StateMachineArn": sleeper, "Name": "child"},
        }
        executions["states"] = self.start(self.machine("parent", ("Call", task)))
        until("the child", lambda: self.sfn.list_executions(stateMachineArn=sleeper)["executions"])
        with open(STATE, "w") as file:
            json.dump({"executions": executions, "sleeper": sleeper}, file)


class Finish(Jobs):
    def test_finish(self):
        with open(STATE) as file:
            begun = json.load(file)
        counts = {service.ask: len(requests(service.ask)) for service in SERVICES.values()}
        for kind, service in SERVICES.items():
            with self.subTest(kind):
                # It is asked for again, by a server that knows it from the store alone.
                self.asked(service, counts[service.ask] + 1)
                control("PUT", {service.ask: [service.done]})
                execution = begun["executions"][kind]
                self.succeeded(execution)
                self.started_once(service)
                self.was_not_stopped(service)
                _, types = self.events(execution)
                self.assertEqual(1, types.count("TaskSubmitted"))
        children = self.sfn.list_executions(stateMachineArn=begun["sleeper"])["executions"]
        self.assertEqual(["child"], [child["name"] for child in children])
        self.sfn.stop_execution(executionArn=children[0]["executionArn"])
        self.assertEqual("FAILED", self.ended(begun["executions"]["states"])["status"])


if __name__ == "__main__":
    phase = {"faults": ["Faults", "Children"], "begin": ["Begin"], "finish": ["Finish"]}[sys.argv[1]]
    unittest.main(argv=[sys.argv[0], *phase], verbosity=2)
