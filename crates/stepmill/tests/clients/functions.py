"""boto3: the life of Lambda functions, and tasks that call them."""

import base64
import io
import json
import unittest
import zipfile

from support import ACCOUNT, MAILBOX, REGION, ROLE, Case, letter, package

ADD = "def handler(event, context):\n    print('adding')\n    return event['a'] + event['b']\n"
SUBTRACT = "def handler(event, context):\n    return event['a'] - event['b']\n"
NOTE = """\
import os
def handler(event, context):
    path = os.path.join(os.environ['MAILBOX'], event.get('name', 'noted'))
    with open(path + '.part', 'w') as file:
        file.write(event['text'])
    os.rename(path + '.part', path)
"""
NODE = "exports.handler = async (event) => ({ hello: event.name });\n"


def function_arn(name):
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


class Functions(Case):
    def invoke(self, name, payload, **more):
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(payload), **more)
        return answer, answer["Payload"].read().decode()

    def test_life(self):
        functions = self.functions
        settings = {
            "FunctionName": "calc",
            "Runtime": "python3.12",
            "Handler": "app.handler",
            "Role": ROLE,
            "Timeout": 60,
            "Description": "adds",
        }
        created = functions.create_function(Code={"ZipFile": package(ADD)}, **settings)
        self.assertEqual(function_arn("calc"), created["FunctionArn"])
        self.assertEqual("$LATEST", created["Version"])
        self.assertEqual(len(package(ADD)), created["CodeSize"])
        for waiter in ("function_exists", "function_active_v2", "function_updated_v2"):
            functions.get_waiter(waiter).wait(FunctionName="calc")
        self.refused(
            functions.exceptions.ResourceConflictException,
            "Function already exist: calc",
            functions.create_function,
            Code={"ZipFile": package(ADD)},
            **settings,
        )

        answer, text = self.invoke("calc", {"a": 2, "b": 3}, LogType="Tail")
        self.assertEqual(
            (200, "5", "$LATEST"), (answer["StatusCode"], text, answer["ExecutedVersion"])
        )
        self.assertNotIn("FunctionError", answer)
        self.assertIn("adding", base64.b64decode(answer["LogResult"]).decode())
        answer, text = self.invoke("calc", {})
        self.assertEqual((200, "Unhandled"), (answer["StatusCode"], answer["FunctionError"]))
        self.assertEqual("KeyError", json.loads(text)["errorType"])

        functions.update_function_configuration(FunctionName="calc", Description="new", Timeout=50)
        functions.get_waiter("function_updated_v2").wait(FunctionName="calc")
        described = functions.get_function(FunctionName="calc")["Configuration"]
        self.assertEqual(("new", 50), (described["Description"], described["Timeout"]))
        listed = functions.get_paginator("list_functions").paginate()
        names = [item["FunctionName"] for page in listed for item in page["Functions"]]
        self.assertIn("calc", names)

        one = functions.publish_version(FunctionName="calc", Description="first")
        self.assertEqual("1", one["Version"])
        functions.update_function_code(FunctionName="calc", ZipFile=package(SUBTRACT))
        functions.get_waiter("function_updated_v2").wait(FunctionName="calc")
        self.assertEqual("2", functions.publish_version(FunctionName="calc")["Version"])
        self.assertEqual("5", self.invoke("calc:1", {"a": 2, "b": 3})[1])
        self.assertEqual("-1", self.invoke("calc", {"a": 2, "b": 3}, Qualifier="2")[1])
        versions = functions.list_versions_by_function(FunctionName="calc")["Versions"]
        self.assertEqual(["$LATEST", "1", "2"], [item["Version"] for item in versions])

        functions.create_alias(FunctionName="calc", Name="live", FunctionVersion="1")
        self.assertEqual("5", self.invoke("calc:live", {"a": 2, "b": 3})[1])
        functions.update_alias(FunctionName="calc", Name="live", FunctionVersion="2")
        self.assertEqual("-1", self.invoke(function_arn("calc:live"), {"a": 2, "b": 3})[1])
        alias = functions.get_alias(FunctionName="calc", Name="live")
        self.assertEqual("2", alias["FunctionVersion"])
        aliases = functions.list_aliases(FunctionName="calc")["Aliases"]
        self.assertEqual(["live"], [item["Name"] for item in aliases])
        functions.delete_alias(FunctionName="calc", Name="live")

        functions.tag_resource(Resource=function_arn("calc"), Tags={"a": "1", "b": "2"})
        functions.untag_resource(Resource=function_arn("calc"), TagKeys=["a"])
        self.assertEqual({"b": "2"}, functions.list_tags(Resource=function_arn("calc"))["Tags"])

        functions.delete_function(FunctionName="calc")
        self.refused(
            functions.exceptions.ResourceNotFoundException,
            f"Function not found: {function_arn('calc')}",
            functions.get_function,
            FunctionName="calc",
        )
        self.refused(
            functions.exceptions.ResourceNotFoundException,
            f"Function not found: {function_arn('calc:$LATEST')}",
            functions.invoke,
            FunctionName="calc",
        )

    def test_invocation_types(self):
        self.function("notes", NOTE, Environment={"Variables": {"MAILBOX": MAILBOX}})
        answer, text = self.invoke("notes", {"text": "never"}, InvocationType="DryRun")
        self.assertEqual((204, ""), (answer["StatusCode"], text))
        answer, text = self.invoke("notes", {"text": "later"}, InvocationType="Event")
        self.assertEqual((202, ""), (answer["StatusCode"], text))
        self.assertEqual("later", letter("noted"))

    def test_node(self):
        functions = self.functions
        functions.create_function(
            FunctionName="greet",
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=ROLE,
            Timeout=60,
            Code={"ZipFile": package(NODE, "index.js")},
        )
        self.assertEqual('{"hello":"Ada"}', self.invoke("greet", {"name": "Ada"})[1])

    def test_archives_that_lead_elsewhere_are_refused(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("../../outside.py", "x = 1\n")
        for code in (archive.getvalue(), b"no archive", b""):
            with self.assertRaises(self.functions.exceptions.ClientError) as caught:
                self.functions.create_function(
                    FunctionName="elsewhere",
                    Runtime="python3.12",
                    Handler="app.handler",
                    Role=ROLE,
                    Code={"ZipFile": code},
                )
            status = caught.exception.response["ResponseMetadata"]["HTTPStatusCode"]
            self.assertEqual(400, status, caught.exception)

    def test_tasks(self):
        self.function("add", ADD)
        direct = self.machine("direct", ("Add", {"Type": "Task", "Resource": function_arn("add")}))
        execution = self.start(direct, input='{"a":1,"b":2}')
        self.assertEqual(3, self.succeeded(execution))
        _, types = self.events(execution)
        expected = ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
        self.assertEqual(expected, [name for name in types if name.startswith("Lambda")])
        invoke = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "add", "Payload.$": "$"},
        }
        machine = self.machine("invoke", ("Add", invoke))
        output = self.succeeded(self.start(machine, input='{"a":1,"b":2}'))
        self.assertEqual((3, 200), (output["Payload"], output["StatusCode"]))
        self.assertEqual("$LATEST", output["ExecutedVersion"])
        absent = {**invoke, "Parameters": {"FunctionName": "absent"}}
        failed = self.ended(self.start(self.machine("absent", ("Add", absent))))
        self.assertEqual(
            ("FAILED", "Lambda.ResourceNotFoundException"), (failed["status"], failed["error"])
        )

    def test_tasks_that_wait_for_no_answer(self):
        self.function("later", NOTE, Environment={"Variables": {"MAILBOX": MAILBOX}})
        for kind, status in (("DryRun", 204), ("Event", 202)):
            task = {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "later", "InvocationType": kind, "Payload": {"name": "by-task", "text": kind}},
            }
            output = self.succeeded(self.start(self.machine(f"note-{kind}", ("Note", task))))
            self.assertEqual(("", status), (output["Payload"], output["StatusCode"]))
            self.assertNotIn("ExecutedVersion", output)
        # The dry run has left nothing.
        self.assertEqual("Event", letter("by-task"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
