"""boto3: TestState and ValidateStateMachineDefinition."""

import json
import unittest

from support import ROLE, Case

INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "pricing", "Payload.$": "$"},
    "ResultSelector": {"price.$": "$.Payload.price"},
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refund"}],
    "Next": "Charge",
}


class TestState(Case):
    # Outputs have a blank after each colon and comma, as AWS's have here and nowhere else.
    def test_without_a_mock(self):
        state = {"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.a, $.b)"}, "Next": "N"}
        answer = self.sfn.test_state(
            definition=json.dumps(state), input='{"a":1,"b":2}', inspectionLevel="DEBUG"
        )
        self.assertEqual(
            ("SUCCEEDED", '{"sum": 3}', "N"),
            (answer["status"], answer["output"], answer["nextState"]),
        )
        self.assertEqual('{"sum": 3}', answer["inspectionData"]["afterParameters"])
        choice = {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "NumericGreaterThan": 5, "Next": "Big"}],
            "Default": "Small",
        }
        for value, following in ((6, "Big"), (5, "Small")):
            answer = self.sfn.test_state(
                definition=json.dumps(choice), input=json.dumps({"a": value})
            )
            self.assertEqual(following, answer["nextState"])
            self.assertNotIn("inspectionData", answer)

    def test_a_function_is_invoked(self):
        source = "def handler(event, context):\n    return {'price': event['n'] * 5}\n"
        self.function("pricing", source)
        answer = self.sfn.test_state(definition=json.dumps(INVOKE), roleArn=ROLE, input='{"n":4}')
        self.assertEqual(("SUCCEEDED", '{"price": 20}'), (answer["status"], answer["output"]))

    def test_mocks(self):
        definition = json.dumps(INVOKE)
        result = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": '{"price":7}'}
        selected = {**INVOKE, "ResultSelector": {"version.$": "$.ExecutedVersion"}}
        answer = self.sfn.test_state(
            definition=json.dumps(selected), input="{}", mock={"result": json.dumps(result)}
        )
        self.assertEqual(
            ("SUCCEEDED", '{"version": "$LATEST"}', "Charge"),
            (answer["status"], answer["output"], answer["nextState"]),
        )
        busy = {"errorOutput": {"error": "Busy", "cause": "later"}}
        answer = self.sfn.test_state(
            definition=definition, input="{}", mock=busy, inspectionLevel="DEBUG"
        )
        self.assertEqual(("RETRIABLE", "Busy"), (answer["status"], answer["error"]))
        details = answer["inspectionData"]["errorDetails"]
        self.assertEqual({"retryIndex": 0, "retryBackoffIntervalSeconds": 3}, details)
        answer = self.sfn.test_state(
            definition=definition,
            input="{}",
            mock=busy,
            stateConfiguration={"retrierRetryCount": 2},
        )
        self.assertEqual(("CAUGHT_ERROR", "Refund"), (answer["status"], answer["nextState"]))
        self.assertEqual({"Error": "Busy", "Cause": "later"}, json.loads(answer["output"]))
        machine = {"StartAt": "Price", "States": {
            "Price": INVOKE,
            "Charge": {"Type": "Succeed"},
            "Refund": {"Type": "Fail", "Error": "No"},
        }}
        answer = self.sfn.test_state(definition=json.dumps(machine), stateName="Refund", input="{}")
        self.assertEqual(("FAILED", "No"), (answer["status"], answer["error"]))

    def test_refusals(self):
        sfn = self.sfn
        invalid = sfn.exceptions.ValidationException
        both = {"result": "{}", "errorOutput": {"error": "E"}}
        self.refused(
            invalid,
            "A test mock should have only one of the following fields: [result, errorOutput].",
            sfn.test_state,
            definition=json.dumps(INVOKE),
            mock=both,
        )
        self.refused(
            invalid,
            "State type 'Pass' is not supported when a mock is specified",
            sfn.test_state,
            definition=json.dumps({"Type": "Pass", "End": True}),
            mock={"result": "{}"},
        )
        self.refused(
            invalid,
            "RoleArn must be specified when testing a Task state",
            sfn.test_state,
            definition=json.dumps(INVOKE),
        )


class Validate(Case):
    def test_diagnostics(self):
        validate = self.sfn.validate_state_machine_definition
        good = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        answer = validate(definition=json.dumps(good))
        self.assertEqual(
            ("OK", [], False), (answer["result"], answer["diagnostics"], answer["truncated"])
        )
        wait = {"Type": "Wait", "End": True}
        bad = {"StartAt": "A", "States": {"A": {"Type": "Nope"}, "B": wait}}
        answer = validate(definition=json.dumps(bad))
        self.assertEqual("FAIL", answer["result"])
        found = {
            (item["severity"], item["code"], item["location"]) for item in answer["diagnostics"]
        }
        self.assertIn(("ERROR", "SCHEMA_VALIDATION_FAILED", "/States/A/Type"), found)
        self.assertTrue(any("/States/B" in location for _, _, location in found), found)
        answer = validate(definition=json.dumps(bad), maxResults=1)
        self.assertEqual((1, True), (len(answer["diagnostics"]), answer["truncated"]))

    def test_warnings_are_told_if_asked_for(self):
        validate = self.sfn.validate_state_machine_definition
        state = {"Type": "Pass", "Parameters": {"a": "$.path"}, "End": True}
        doubtful = json.dumps({"StartAt": "A", "States": {"A": state}})
        self.assertEqual([], validate(definition=doubtful)["diagnostics"])
        answer = validate(definition=doubtful, severity="WARNING")
        self.assertEqual("OK", answer["result"])
        self.assertEqual(
            [("WARNING", "NO_DOLLAR")],
            [(item["severity"], item["code"]) for item in answer["diagnostics"]],
        )

    def test_the_type_counts(self):
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "m"},
            "End": True,
        }
        definition = json.dumps({"StartAt": "A", "States": {"A": state}})
        validate = self.sfn.validate_state_machine_definition
        self.assertEqual("OK", validate(definition=definition)["result"])
        answer = validate(definition=definition, type="EXPRESS")
        self.assertEqual("FAIL", answer["result"])
        self.assertIn("'.sync'", answer["diagnostics"][0]["message"])

    def test_what_is_no_json(self):
        answer = self.sfn.validate_state_machine_definition(definition="{")
        self.assertEqual("FAIL", answer["result"])
        self.assertEqual("INVALID_JSON_DESCRIPTION", answer["diagnostics"][0]["code"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
