"""The strict server, asked by AWS's own client."""

import itertools
import json
import pathlib
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "botocore"))

import models
import task
from values import Bounded

# One operation or more of each protocol, with and without labels, queries, headers and raw bodies.
OPERATIONS = {
    "athena": ["StartQueryExecution", "GetQueryExecution"],
    "batch": ["SubmitJob", "DescribeJobs"],
    "bedrock": ["CreateModelCustomizationJob", "GetModelCustomizationJob"],
    "bedrock-runtime": ["InvokeModel"],
    "cloudwatch": ["PutMetricAlarm"],
    "codepipeline": ["GetPipeline"],
    "databrew": ["StartJobRun", "ListJobRuns"],
    "ec2": ["RunInstances", "DescribeInstances"],
    "ecs": ["RunTask"],
    "eks": ["CreateNodegroup", "DescribeNodegroup"],
    "glue": ["StartJobRun", "BatchStopJobRun"],
    "iam": ["CreateRole"],
    "lambda": ["Invoke", "CreateFunction"],
    "mediaconvert": ["CreateJob"],
    "sns": ["Publish"],
    "sqs": ["SendMessage"],
    "stepfunctions": ["StartExecution"],
}
# What the client reads or writes anew, so that no text will do.
SPECIAL = {
    "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/queue",
    "UserData": None,
    "TopicArn": "arn:aws:sns:eu-west-1:123456789012:topic",
}


class StrictServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        command = [sys.executable, "-B", str(HERE / "server.py")]
        cls.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        cls.url = cls.process.stderr.readline().split()[-1]

    @classmethod
    def tearDownClass(cls):
        cls.process.kill()
        cls.process.wait()
        cls.process.stderr.close()

    def setUp(self):
        self.key = "AKIA" + self.id().rpartition(".")[2]

    def client(self, service):
        config = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False)
        more = {"region_name": "eu-west-1", "endpoint_url": self.url, "config": config}
        return boto3.client(service, aws_access_key_id=self.key, aws_secret_access_key="x", **more)

    def control(self, method, script=None):
        body = json.dumps(script).encode() if script is not None else None
        request = urllib.request.Request(f"{self.url}/_control/{self.key}", body, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["message"]) from error

    def last(self):
        return self.control("GET")[-1]

    def error(self, call, **parameters):
        with self.assertRaises(ClientError) as raised:
            call(**parameters)
        return raised.exception.response

    def test_what_is_asked_is_recorded_and_what_is_answered_is_read(self):
        for service, operations in OPERATIONS.items():
            client = self.client(service)
            for name in operations:
                with self.subTest(f"{service}.{name}"):
                    self.check(client, models.service(service).model.operation_model(name))

    def check(self, client, operation):
        shape = operation.input_shape
        parameters = Bounded(itertools.count()).of(shape)
        parameters.update({n: v for n, v in SPECIAL.items() if n in parameters})
        parameters = {n: v for n, v in parameters.items() if v is not None}
        method = {v: k for k, v in client.meta.method_to_api_mapping.items()}[operation.name]
        answer = getattr(client, method)(**parameters)
        answer.pop("ResponseMetadata")
        answer = {n: v.read() if hasattr(v, "read") else v for n, v in answer.items()}
        found = self.last()
        self.assertEqual(found["operation"], operation.name)
        self.assertEqual(found["region"], "eu-west-1")
        self.assertEqual(found["parameters"], task.shown(shape, parameters))
        times = "text" if found["service"] == "ecs" else "milliseconds"
        output = operation.output_shape
        self.assertEqual(found["result"], task.shown(output, answer, times) if output else {})

    def test_what_the_model_forbids_is_refused_with_the_operations_error(self):
        athena = self.client("athena")
        self.unchecked(athena)
        for parameters, wrong in [
            ({"QueryString": "x", "Nothing": 1}, "Nothing"),
            ({}, 'Missing required parameter in input: "QueryString"'),
            ({"QueryString": 1}, "QueryString"),
            ({"QueryString": ""}, "min length: 1"),
            ({"QueryString": "x" * 262_145}, "more than 262144"),
            ({"QueryString": "x", "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {}}}, "Enabled"),
        ]:
            response = self.error(athena.start_query_execution, **parameters)
            self.assertEqual(response["Error"]["Code"], "InvalidRequestException")
            self.assertIn(wrong, response["Error"]["Message"])
            self.assertEqual(self.last()["error"]["code"], "InvalidRequestException")
        sagemaker = self.client("sagemaker")
        self.unchecked(sagemaker)
        response = self.error(sagemaker.list_training_jobs, StatusEquals="Done")
        self.assertIn("'Done' is none of", response["Error"]["Message"])

    def unchecked(self, client):
        """Sends whatever it is told, also what botocore's serializer leaves out."""

        def send(params, model, **_):
            unknown = {n: v for n, v in client.given.items() if n not in model.input_shape.members}
            if unknown:
                params["body"] = json.dumps({**json.loads(params["body"]), **unknown}).encode()

        def keep(params, **_):
            client.given = params

        client.meta.events.register("provide-client-params", keep)
        client.meta.events.register("before-call", send)
        client._serializer._parameter_validator = None
        client._serializer = Unvalidated(client._serializer)

    def test_requests_of_nobody_and_for_nothing_are_refused(self):
        for headers, status in [
            ({}, 403),
            ({"Authorization": "AWS4-HMAC-SHA256 Credential=A/20261129/r/athena/aws4_request"}, 404),
            ({"Authorization": "AWS4-HMAC-SHA256 Credential=A/20261129/r/nothing/aws4_request"}, 404),
        ]:
            request = urllib.request.Request(f"{self.url}/", b"{}", headers)
            with self.assertRaises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(request)
            self.assertEqual(raised.exception.code, status)
            raised.exception.close()

    def test_errors_have_their_code_status_and_message_in_every_protocol(self):
        topic = {"TopicArn": SPECIAL["TopicArn"], "Message": "m"}
        for service, operation, parameters, error in [
            ("sns", "Publish", topic, {"code": "NotFoundException", "status": 404}),
            ("sns", "Publish", topic, {"code": "Odd", "status": 418}),
            ("ec2", "DescribeInstances", {}, {"code": "Odd", "status": 418}),
            ("s3", "ListBuckets", {}, {"code": "Odd", "status": 418}),
            ("eks", "DescribeCluster", {"name": "c"}, {"code": "ResourceNotFoundException", "status": 404}),
            ("eks", "DescribeCluster", {"name": "c"}, {"code": "Odd", "status": 418}),
            ("athena", "GetQueryExecution", {"QueryExecutionId": "x"}, {"code": "Odd", "status": 418}),
            ("codepipeline", "GetPipeline", {"name": "p"}, {"code": "PipelineNotFoundException", "status": 400}),
        ]:
            with self.subTest(f"{service} {error}"):
                self.control("PUT", {f"{service}.{operation}": [{"error": {**error, "message": "how <odd>"}}]})
                client = self.client(service)
                method = {v: k for k, v in client.meta.method_to_api_mapping.items()}[operation]
                response = self.error(getattr(client, method), **parameters)
                code = {"NotFoundException": "NotFound"}.get(error["code"], error["code"])
                self.assertEqual(response["Error"]["Code"], code)
                self.assertEqual(response["Error"]["Message"], "how <odd>")
                self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], error["status"])

    def test_a_script_is_followed_and_its_last_answer_stays(self):
        states = ["QUEUED", "RUNNING", "SUCCEEDED"]
        answers = [{"result": {"QueryExecution": {"Status": {"State": state}}}} for state in states]
        throttled = {"error": {"code": "TooManyRequestsException", "message": "slower", "status": 429}}
        self.control("PUT", {"athena.GetQueryExecution": [throttled, *answers]})
        athena = self.client("athena")
        response = self.error(athena.get_query_execution, QueryExecutionId="x")
        self.assertEqual(response["Error"], {"Code": "TooManyRequestsException", "Message": "slower"})
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 429)
        found = [athena.get_query_execution(QueryExecutionId="x")["QueryExecution"]["Status"] for _ in range(4)]
        self.assertEqual([status["State"] for status in found], [*states, "SUCCEEDED"])
        self.assertIn("SubmissionDateTime", found[0])

    def test_event_streams_have_the_events_of_the_script(self):
        delta = {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "ä"}}}
        stop = {"messageStop": {"stopReason": "end_turn"}}
        error = {"internalServerException": {"message": "no more"}}
        harness = {"harnessArn": "arn:aws:bedrock-agentcore:eu-west-1:123456789012:harness/h-0123456789"}
        message = {"role": "user", "content": [{"text": "hello"}]}
        given = {**harness, "runtimeSessionId": "s" * 33, "messages": [message]}
        client = self.client("bedrock-agentcore")
        for events in [[delta, stop], [delta, error]]:
            self.control("PUT", {"bedrock-agentcore.InvokeHarness": [{"result": {"stream": events}}]})
            stream = client.invoke_harness(**given)["stream"]
            if events[-1] == stop:
                self.assertEqual(list(stream), events)
            else:
                with self.assertRaisesRegex(EventStreamError, "no more"):
                    list(stream)
        with self.assertRaises(ValueError):
            self.control("PUT", {"bedrock-agentcore.InvokeHarness": [{"result": {"stream": [{"nothing": {}}]}}]})

    def test_what_is_stopped_is_stopped(self):
        def status(word):
            return [{"result": {"TrainingJobStatus": word}}]

        stopped = {"sagemaker.DescribeTrainingJob": status("Stopped")}
        stop = [{"result": {}, "then": stopped}]
        script = {"sagemaker.DescribeTrainingJob": status("InProgress"), "sagemaker.StopTrainingJob": stop}
        self.control("PUT", script)
        sagemaker, name = self.client("sagemaker"), {"TrainingJobName": "job"}
        self.assertEqual(sagemaker.describe_training_job(**name)["TrainingJobStatus"], "InProgress")
        sagemaker.stop_training_job(**name)
        self.assertEqual(sagemaker.describe_training_job(**name)["TrainingJobStatus"], "Stopped")

    def test_a_job_disappears(self):
        self.control("PUT", {"eks.DescribeCluster": [{"error": {"code": "ResourceNotFoundException"}}]})
        response = self.error(self.client("eks").describe_cluster, name="gone")
        self.assertEqual(response["Error"]["Code"], "ResourceNotFoundException")
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 404)

    def test_the_same_token_starts_the_same_job(self):
        athena = self.client("athena")

        def start(token):
            return athena.start_query_execution(QueryString="x", ClientRequestToken=token.ljust(32, "-"))

        first, other, again = (start(token)["QueryExecutionId"] for token in ("one", "other", "one"))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual([r["token"] for r in self.control("GET")], ["ClientRequestToken"] * 3)

    def test_scripts_that_do_not_fit_the_model_are_refused(self):
        for script in [
            {"athena.GetNothing": [{"result": {}}]},
            {"athena.GetQueryExecution": [{"result": {"Query": {}}}]},
            {"athena.GetQueryExecution": [{"result": {"QueryExecution": {"Status": {"State": "DONE"}}}}]},
            {"athena.GetQueryExecution": [{"answer": {}}]},
        ]:
            with self.assertRaises(ValueError):
                self.control("PUT", script)

    def test_accounts_do_not_see_each_other_and_are_forgotten(self):
        self.client("athena").get_query_execution(QueryExecutionId="x")
        self.assertEqual(len(self.control("GET")), 1)
        key, self.key = self.key, "AKIDOTHER"
        self.assertEqual(self.control("GET"), [])
        self.key = key
        self.control("DELETE")
        self.assertEqual(self.control("GET"), [])


class Unvalidated:
    """A serializer that checks nothing."""

    def __init__(self, serializer):
        self.serializer = serializer._serializer

    def serialize_to_request(self, parameters, operation):
        known = {n: v for n, v in parameters.items() if n in operation.input_shape.members}
        return self.serializer.serialize_to_request(known, operation)


if __name__ == "__main__":
    unittest.main()
