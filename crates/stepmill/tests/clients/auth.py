"""boto3 against a server that demands signed requests: what passes, and what is refused."""

import http.client
import json
import os
import unittest
import uuid
from datetime import datetime, timedelta, timezone
from unittest.mock import patch
from urllib.parse import urlsplit

from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support import ENDPOINT, REGION, ROLE, Case, client, package

KEY = os.environ["STEPMILL_KEY"]
SECRET = os.environ["STEPMILL_SECRET"]
ACCOUNT = os.environ["STEPMILL_ACCOUNT_OF_KEY"]
DIFFERS = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def signed(body, at=None, service="states", headers=()):
    """The headers of a request for ListStateMachines, signed at a time."""
    request = AWSRequest(
        "POST",
        ENDPOINT + "/",
        data=body,
        headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "AWSStepFunctions.ListStateMachines",
            **dict(headers),
        },
    )
    at = at or datetime.now(timezone.utc)
    with patch("botocore.auth.get_current_datetime", lambda: at):
        SigV4Auth(Credentials(KEY, SECRET), service, REGION).add_auth(request)
    return dict(request.headers)


def send(body, headers):
    """The answer's status, code and message."""
    address = urlsplit(ENDPOINT)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request("POST", "/", body=body, headers=headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer.get("__type", "").split("#")[-1], answer.get("message")


class Auth(Case):
    @classmethod
    def setUpClass(cls):
        cls.sfn = client("stepfunctions", KEY, SECRET)
        cls.functions = client("lambda", KEY, SECRET)

    def test_signed_requests_pass(self):
        created = self.sfn.create_state_machine(name="signed", definition=DEFINITION, roleArn=ROLE)
        machine = created["stateMachineArn"]
        self.assertEqual(f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:signed", machine)
        # Equal requests in the same second are two requests, not one that is repeated.
        for _ in range(20):
            self.sfn.list_state_machines()
        self.assertEqual({}, self.succeeded(self.start(machine)))
        created = self.functions.create_function(
            FunctionName="signed",
            Runtime="python3.12",
            Handler="app.handler",
            Role=ROLE,
            Timeout=60,
            Code={"ZipFile": package("def handler(event, context):\n    return 1\n")},
        )
        function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:signed"
        self.assertEqual(function, created["FunctionArn"])
        # A path and a query that must be encoded to be signed.
        answer = self.functions.invoke(FunctionName="signed:$LATEST", Payload=b'{"a": "\xc3\xbc"}')
        self.assertEqual(b"1", answer["Payload"].read())
        self.functions.list_functions(MaxItems=5)

    def test_unsigned_requests(self):
        unsigned = client("stepfunctions", signature_version=UNSIGNED)
        message = "Missing Authentication Token"
        self.refused("MissingAuthenticationTokenException", message, unsigned.list_state_machines)
        unsigned = client("lambda", signature_version=UNSIGNED)
        with self.assertRaises(unsigned.exceptions.ClientError) as caught:
            unsigned.list_functions()
        self.assertIn("MissingAuthenticationToken", caught.exception.response["Error"]["Code"])

    def test_a_wrong_secret(self):
        wrong = client("stepfunctions", KEY, SECRET + "x")
        self.refused("InvalidSignatureException", DIFFERS, wrong.list_state_machines)
        wrong = client("lambda", KEY, SECRET + "x")
        with self.assertRaises(wrong.exceptions.ClientError) as caught:
            wrong.list_functions()
        self.assertEqual("InvalidSignatureException", caught.exception.response["Error"]["Code"])

    def test_an_unknown_key(self):
        unknown = client("stepfunctions", "AKIAUNKNOWN", SECRET)
        message = "The security token included in the request is invalid."
        self.refused("UnrecognizedClientException", message, unknown.list_state_machines)

    def test_times(self):
        now = datetime.now(timezone.utc)
        self.assertEqual(200, send(b"{}", signed(b"{}", now - timedelta(minutes=3)))[0])
        for away, said in (
            (timedelta(minutes=-6), "Signature expired: "),
            (timedelta(days=-400), "Signature expired: "),
            (timedelta(minutes=6), "Signature not yet current: "),
        ):
            status, code, message = send(b"{}", signed(b"{}", now + away))
            self.assertEqual((400, "InvalidSignatureException"), (status, code))
            stamp = (now + away).strftime("%Y%m%dT%H%M%SZ")
            self.assertTrue(message.startswith(said + stamp), message)

    def test_what_was_changed_on_the_way(self):
        body = b'{"maxResults":1}'
        headers = signed(body)
        refused = (400, "InvalidSignatureException", DIFFERS)
        self.assertEqual(refused, send(b'{"maxResults":9}', headers))
        target = {**headers, "X-Amz-Target": "AWSStepFunctions.ListActivities"}
        self.assertEqual(refused, send(body, target))
        date = datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ") + timedelta(seconds=1)
        later = {**headers, "X-Amz-Date": date.strftime("%Y%m%dT%H%M%SZ")}
        status, code, _ = send(body, later)
        self.assertEqual((400, "InvalidSignatureException"), (status, code))
        # A header of AWS's that nobody signed could be anybody's.
        status, code, message = send(body, {**headers, "X-Amz-Other": "x"})
        self.assertEqual((400, "InvalidSignatureException"), (status, code))
        self.assertIn("must be a 'SignedHeader'", message)
        # All that was refused has not used the signature up.
        self.assertEqual(200, send(body, headers)[0])

    def test_another_service(self):
        status, code, message = send(b"{}", signed(b"{}", service="lambda"))
        self.assertEqual((400, "InvalidSignatureException"), (status, code))
        self.assertIn("Credential should be scoped to correct service: 'states'", message)

    def test_a_request_that_is_sent_again(self):
        body = b'{"maxResults":2}'
        invocation = {"amz-sdk-invocation-id": str(uuid.uuid4())}
        for headers in (signed(body), signed(body, headers=invocation.items())):
            headers = {**headers, **invocation}
            self.assertEqual(200, send(body, headers)[0])
            for _ in range(2):
                status, code, message = send(body, headers)
                self.assertEqual((400, "InvalidSignatureException"), (status, code))
                self.assertIn("used before", message)

    def test_pages_for_machines_need_no_signature(self):
        address = urlsplit(ENDPOINT)
        for path in ("/health", "/ready", "/metrics"):
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
            connection.request("GET", path)
            self.assertEqual(200, connection.getresponse().status, path)
            connection.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
