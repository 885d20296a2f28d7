"""boto3: state machines, their tags, versions and aliases."""

import json
import unittest
from datetime import datetime, timedelta, timezone

from support import REGION, ROLE, Case, arn, chain, client, until

PASS = ("Pass", {"Type": "Pass"})
WAIT = ("Wait", {"Type": "Wait", "Seconds": 3600})


class StateMachines(Case):
    def test_create_describe_update_delete(self):
        sfn = self.sfn
        definition = chain(PASS)
        given = {"name": "life", "definition": definition, "roleArn": ROLE}
        created = sfn.create_state_machine(**given)
        machine = arn("stateMachine", "life")
        self.assertEqual(machine, created["stateMachineArn"])
        age = datetime.now(timezone.utc) - created["creationDate"]
        self.assertLess(abs(age), timedelta(minutes=5))

        again = sfn.create_state_machine(**given)
        self.assertEqual(created["creationDate"], again["creationDate"])
        self.refused(
            sfn.exceptions.StateMachineAlreadyExists,
            f"State Machine Already Exists: '{machine}'",
            sfn.create_state_machine,
            **{**given, "definition": chain(WAIT)},
        )

        described = sfn.describe_state_machine(stateMachineArn=machine)
        del described["ResponseMetadata"]
        self.assertEqual(
            {
                "stateMachineArn": machine,
                "name": "life",
                "status": "ACTIVE",
                "definition": definition,
                "roleArn": ROLE,
                "type": "STANDARD",
                "creationDate": created["creationDate"],
                "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
                "tracingConfiguration": {"enabled": False},
                "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
            },
            described,
        )

        updated = sfn.update_state_machine(stateMachineArn=machine, definition=chain(WAIT))
        described = sfn.describe_state_machine(stateMachineArn=machine)
        self.assertEqual(chain(WAIT), described["definition"])
        self.assertEqual(updated["revisionId"], described["revisionId"])
        bare = sfn.describe_state_machine(stateMachineArn=machine, includedData="METADATA_ONLY")
        self.assertEqual("{}", bare["definition"])
        self.refused(
            sfn.exceptions.MissingRequiredParameter,
            "Either the definition, the role ARN, the LoggingConfiguration, or the "
            "TracingConfiguration must be specified",
            sfn.update_state_machine,
            stateMachineArn=machine,
        )

        execution = self.start(machine)
        for_execution = sfn.describe_state_machine_for_execution(executionArn=execution)
        self.assertEqual(chain(WAIT), for_execution["definition"])
        self.assertEqual(updated["revisionId"], for_execution["revisionId"])
        sfn.stop_execution(executionArn=execution)

        sfn.delete_state_machine(stateMachineArn=machine)
        sfn.delete_state_machine(stateMachineArn=machine)

        def gone():
            try:
                sfn.describe_state_machine(stateMachineArn=machine)
            except sfn.exceptions.StateMachineDoesNotExist as error:
                return error.response["Error"]["Message"]

        message = until("the state machine's end", gone)
        self.assertEqual(f"State Machine Does Not Exist: '{machine}'", message)

    def test_errors_are_botocores_exceptions(self):
        sfn = self.sfn
        create = sfn.create_state_machine
        self.refused(
            sfn.exceptions.InvalidDefinition,
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are "
            "required: [States, StartAt] at /'",
            create,
            name="broken",
            definition="{}",
            roleArn=ROLE,
        )
        self.refused(
            sfn.exceptions.InvalidName,
            "Invalid Name: 'no blanks'",
            create,
            name="no blanks",
            definition=chain(PASS),
            roleArn=ROLE,
        )
        self.refused(
            sfn.exceptions.InvalidArn,
            "Invalid Arn: 'Invalid ARN prefix: nothing'",
            sfn.describe_state_machine,
            stateMachineArn="nothing",
        )
        response = self.refused(
            sfn.exceptions.ValidationException,
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy "
            "constraint: Member must have value less than or equal to 1000",
            sfn.list_state_machines,
            maxResults=1001,
        )
        self.assertEqual(400, response["ResponseMetadata"]["HTTPStatusCode"])
        missing = arn("stateMachine", "missing")
        self.refused(
            sfn.exceptions.StateMachineDoesNotExist,
            f"State Machine Does Not Exist: '{missing}'",
            sfn.start_execution,
            stateMachineArn=missing,
        )
        self.refused(
            sfn.exceptions.InvalidToken,
            "Invalid Token: 'Invalid token'",
            sfn.list_state_machines,
            nextToken="made-up",
        )

    def test_lists_come_in_pages(self):
        names = {f"listed-{number}" for number in range(7)}
        for name in names:
            self.machine(name, PASS)
        pages = self.sfn.get_paginator("list_state_machines").paginate(
            PaginationConfig={"PageSize": 3}
        )
        pages = [page["stateMachines"] for page in pages]
        self.assertTrue(all(len(page) <= 3 for page in pages))
        found = [item["name"] for page in pages for item in page]
        self.assertEqual(len(found), len(set(found)))
        self.assertLessEqual(names, set(found))
        item = next(item for page in pages for item in page if item["name"] == "listed-0")
        self.assertEqual(arn("stateMachine", "listed-0"), item["stateMachineArn"])
        self.assertEqual("STANDARD", item["type"])

    def test_tags(self):
        sfn = self.sfn
        created = sfn.create_state_machine(
            name="tagged",
            definition=chain(PASS),
            roleArn=ROLE,
            tags=[{"key": "team", "value": "a"}, {"key": "stage", "value": "test"}],
        )
        machine = created["stateMachineArn"]
        sfn.tag_resource(
            resourceArn=machine, tags=[{"key": "team", "value": "b"}, {"key": "new", "value": ""}]
        )
        sfn.untag_resource(resourceArn=machine, tagKeys=["stage", "never-there"])
        tags = sfn.list_tags_for_resource(resourceArn=machine)["tags"]
        self.assertEqual({"team": "b", "new": ""}, {tag["key"]: tag["value"] for tag in tags})
        nobody = arn("stateMachine", "nobody")
        self.refused(
            sfn.exceptions.ResourceNotFound,
            f"Resource not found: '{nobody}'",
            sfn.tag_resource,
            resourceArn=nobody,
            tags=[],
        )

    def test_versions_and_aliases(self):
        sfn = self.sfn
        text = lambda value: chain(("Say", {"Type": "Pass", "Result": value}))
        created = sfn.create_state_machine(
            name="released", definition=text("one"), roleArn=ROLE, publish=True
        )
        machine = created["stateMachineArn"]
        one = created["stateMachineVersionArn"]
        self.assertEqual(f"{machine}:1", one)
        updated = sfn.update_state_machine(stateMachineArn=machine, definition=text("two"))
        published = sfn.publish_state_machine_version(
            stateMachineArn=machine, revisionId=updated["revisionId"], description="the second"
        )
        two = published["stateMachineVersionArn"]
        self.assertEqual(f"{machine}:2", two)
        again = sfn.publish_state_machine_version(stateMachineArn=machine)
        self.assertEqual(two, again["stateMachineVersionArn"])
        self.refused(
            sfn.exceptions.ConflictException,
            "Failed to publish the State Machine version for revision other. The current State "
            f"Machine revision is {updated['revisionId']}.",
            sfn.publish_state_machine_version,
            stateMachineArn=machine,
            revisionId="other",
        )
        listed = sfn.list_state_machine_versions(stateMachineArn=machine)
        arns = [item["stateMachineVersionArn"] for item in listed["stateMachineVersions"]]
        self.assertEqual([two, one], arns)
        described = sfn.describe_state_machine(stateMachineArn=two)
        self.assertEqual("the second", described["description"])

        route = lambda *weights: [
            {"stateMachineVersionArn": version, "weight": weight}
            for version, weight in zip((one, two), weights)
            if weight
        ]
        alias = sfn.create_state_machine_alias(name="live", routingConfiguration=route(100, 0))
        alias = alias["stateMachineAliasArn"]
        self.assertEqual(f"{machine}:live", alias)
        self.refused(
            sfn.exceptions.ValidationException,
            "Sum of routing configuration weights must equal 100. Received: [70, 29]",
            sfn.update_state_machine_alias,
            stateMachineAliasArn=alias,
            routingConfiguration=route(70, 29),
        )
        sfn.update_state_machine_alias(
            stateMachineAliasArn=alias, routingConfiguration=route(50, 50)
        )
        described = sfn.describe_state_machine_alias(stateMachineAliasArn=alias)
        self.assertEqual(route(50, 50), described["routingConfiguration"])
        # That 40 executions all take one of two ways happens once in 2³⁹ times.
        executions = [self.start(alias) for _ in range(40)]
        outputs = {self.succeeded(execution) for execution in executions}
        self.assertEqual({"one", "two"}, outputs)
        ended = self.ended(executions[0])
        self.assertEqual(alias, ended["stateMachineAliasArn"])
        self.assertIn(ended["stateMachineVersionArn"], (one, two))
        through_alias = sfn.get_paginator("list_executions").paginate(stateMachineArn=alias)
        self.assertEqual(40, sum(len(page["executions"]) for page in through_alias))

        sfn.update_state_machine_alias(
            stateMachineAliasArn=alias, routingConfiguration=route(0, 100)
        )
        self.assertEqual("two", self.succeeded(self.start(alias)))
        aliases = sfn.list_state_machine_aliases(stateMachineArn=machine)
        arns = [item["stateMachineAliasArn"] for item in aliases["stateMachineAliases"]]
        self.assertEqual([alias], arns)
        self.refused(
            sfn.exceptions.ConflictException,
            "Version to be deleted must not be referenced by an alias. Current list of aliases "
            "referencing this version: [live]",
            sfn.delete_state_machine_version,
            stateMachineVersionArn=two,
        )
        sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
        sfn.delete_state_machine_version(stateMachineVersionArn=two)
        listed = sfn.list_state_machine_versions(stateMachineArn=machine)
        arns = [item["stateMachineVersionArn"] for item in listed["stateMachineVersions"]]
        self.assertEqual([one], arns)

    def test_accounts_and_regions_are_apart(self):
        self.machine("mine", PASS)
        other = client("stepfunctions", key="999999999999")
        names = [item["name"] for item in other.list_state_machines()["stateMachines"]]
        self.assertNotIn("mine", names)
        created = other.create_state_machine(name="mine", definition=chain(PASS), roleArn=ROLE)
        self.assertEqual(
            f"arn:aws:states:{REGION}:999999999999:stateMachine:mine", created["stateMachineArn"]
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
