"""The names in the catalog's rows of optimised integrations, looked up in botocore's models.

    python model.py DIRECTORY-OF-THE-CATALOG'S-DATA
"""

import json
import pathlib
import re
import sys

import botocore.session

# What integrations take or show besides their API action's members (Developer Guide).
OWN_PARAMETERS = {
    "bedrock:invokeModel": ["Input.S3Uri", "Output.S3Uri"],
}
OWN_RESULTS = {
    "elasticmapreduce:createCluster": ["ClusterId"],
    "elasticmapreduce:addStep": ["StepId"],
}
# EMR has one where the API has lists.
RENAMED = {"elasticmapreduce:terminateCluster": ["ClusterId"], "elasticmapreduce:addStep": ["ClusterId"]}
# Errors of Step Functions itself, of clients, and of functions.
OWN_ERRORS = re.compile(r"States\..*|.*[<*].*|.*\.(SdkClientException|ClientExecutionTimeoutException|Unknown|FailedEntry)")
# Names that were seen on AWS, or stand on its pages, and that no model has.
KNOWN_ERRORS = {"Sandbox.Timedout"}
TEMPLATE = re.compile(r"\{(.*)\}")


class Check:
    def __init__(self, directory):
        self.catalog = json.loads(directory.joinpath("integrations.json").read_text())
        self.sdk = json.loads(directory.joinpath("aws-sdk.json").read_text())["services"]
        self.session = botocore.session.get_session()
        self.wrong, self.count = [], 0

    def that(self, fine, text):
        self.count += 1
        if not fine:
            self.wrong.append(text)

    def all(self):
        for service, row in self.catalog["services"].items():
            for action, details in row["actions"].items():
                name = f"{service}:{action}"
                model = self.model(service, row, details)
                api = details.get("api", action[0].upper() + action[1:])
                if model and api in model.operation_names:
                    self.action(name, row, details, model, model.operation_model(api))
                else:
                    http = service in ("http", "apigateway") or name in ("eks:call", "eks:runJob")
                    self.that(http, f"{name}: no operation {api}")

    def model(self, service, row, details):
        name = details.get("sdkModel") or row.get("sdkModel") or service
        found = self.sdk.get(name, {}).get("model")
        return self.session.get_service_model(found) if found else None

    def action(self, name, row, details, model, operation):
        given = operation.input_shape
        own = OWN_PARAMETERS.get(name, [])
        required = [path for paths in details.get("required", []) for path in paths]
        for path in [*required, *details.get("optional", []), *details.get("jsonTexts", []), *details.get("echoes", [])]:
            self.that(path in own or at(given, path), f"{name}: no parameter {path}")
        for path in details.get("jsonResults", []):
            self.that(at(operation.output_shape, path), f"{name}: no result {path}")
        for error in details.get("errors", []):
            self.error(name, row, model, error["name"])
        if "poll" in details:
            self.job(name, details, model, operation)

    def error(self, name, row, model, error):
        names = row["errorNames"]
        prefix, _, short = error.partition(".")
        if OWN_ERRORS.fullmatch(error) or error in KNOWN_ERRORS or short == names.get("baseException"):
            return
        known = {with_exception(shape.name) for shape in model.error_shapes}
        codes = {with_exception(shape.metadata.get("error", {}).get("code", "")) for shape in model.error_shapes}
        codes |= {code.rpartition(".")[2] for code in codes}
        self.that(prefix == names["prefix"] and short in known | codes, f"{name}: no error {error}")

    def job(self, name, details, model, operation):
        poll, stop = details["poll"], details.get("stop")
        # What the start of the job answers, and what the task gives.
        sources = [operation.output_shape, operation.input_shape]
        own = [*OWN_RESULTS.get(name, []), *RENAMED.get(name, [])]
        asked = self.call(name, model, poll["api"], poll["parameters"], sources, own)
        if asked is None:
            return
        if "alternative" in poll:
            self.that(poll["alternative"] in model.operation_names, f"{name}: no operation {poll['alternative']}")
        status = at(asked.output_shape, poll["status"])
        self.that(status, f"{name}: {poll['api']} has no {poll['status']}")
        words = getattr(status, "enum", None)
        for word in [*poll["success"], *poll["failure"]]:
            self.that(not words or word in words, f"{name}: {word} is none of {words}")
        gone = poll.get("successError")
        errors = [shape.name for shape in asked.error_shapes]
        self.that(gone is None or gone in errors, f"{name}: {poll['api']} has no error {gone}")
        for path in paths_of(poll.get("result")):
            known = path in own or any(at(shape, path) for shape in [asked.output_shape, *sources])
            self.that(known, f"{name}: nothing has {path} for the result")
        if stop:
            self.call(name, model, stop["api"], stop["parameters"], sources, own)

    def call(self, name, model, api, parameters, sources, own):
        """The operation, which must take the parameters, and get them."""
        self.that(api in model.operation_names, f"{name}: no operation {api}")
        if api not in model.operation_names:
            return None
        operation = model.operation_model(api)
        for parameter in parameters:
            self.that(at(operation.input_shape, parameter), f"{name}: {api} has no {parameter}")
        for member in operation.input_shape.required_members:
            self.that(pascal(member) in parameters, f"{name}: {api} needs {member}")
        for path in paths_of(parameters):
            known = path in own or any(at(shape, path) for shape in sources)
            self.that(known, f"{name}: nothing has {path} for {api}")
        return operation


def with_exception(name):
    return name if name.endswith("Exception") else f"{name}Exception"


def pascal(name):
    return name[:1].upper() + name[1:]


def at(shape, path):
    """The shape at a path of names as tasks have them: `Builds[0].BuildStatus`, `Entries[].Detail`."""
    for step in path.split("."):
        name, _, index = step.partition("[")
        members = getattr(shape, "members", {}) if shape else {}
        shape = next((member for own, member in members.items() if pascal(own) == name), None)
        if shape and index:
            shape = getattr(shape, "member", None)
    return shape


def paths_of(template):
    """The paths in a template's texts."""
    if isinstance(template, dict):
        return [path for value in template.values() for path in paths_of(value)]
    if isinstance(template, list):
        return [path for value in template for path in paths_of(value)]
    match = TEMPLATE.fullmatch(template) if isinstance(template, str) else None
    return [match.group(1)] if match else []


def main():
    check = Check(pathlib.Path(sys.argv[1]))
    check.all()
    print(f"{check.count} names looked up; {len(check.wrong)} wrong")
    print("\n".join(check.wrong), file=sys.stderr)
    return bool(check.wrong) or not check.count


if __name__ == "__main__":
    sys.exit(main())
