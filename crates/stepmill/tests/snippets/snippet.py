"""An example: what it refers to, its project, what it is expected to do."""

import json
import re

import surroundings
from recorder import CRATES

# What the machine of an app that has no other is called: the project's name.
MACHINE = "Machine"
# A function that leaves what it is given in the mailbox.
FUNCTION = """\
import json, os, time

def handler(event, context):
    path = os.path.join(os.environ["MAILBOX"], f"{time.time_ns()}.json")
    with open(path + ".part", "w") as file:
        json.dump(event, file)
    os.rename(path + ".part", path)
    return json.loads(os.environ["RETURNS"])
"""


class Snippet:
    def __init__(self, name, expected, directory):
        self.name, self.expected, self.home = name, expected, directory / name
        self.mailbox = self.home / "mailbox"
        cdk = json.loads((CRATES / "constructs/tests/data/cdk" / f"{name}.json").read_text())
        self.title = f"{name[:2]} | {', '.join(cdk['heading'])}"
        # Resources are called what the CDK itself calls them.
        template = cdk["template"]
        self.names = {k: name_of(*resource(template, v)) for k, v in expected.get("names", {}).items()}
        self.names |= {k: resource(template, v)[0] for k, v in expected.get("ids", {}).items()}
        self.names["execution"] = name
        self.machine = self.names.get("machine", MACHINE)

    def get(self, key, default=None):
        """What is expected, with the names of resources in it."""
        return self.filled(self.expected.get(key, default))

    def filled(self, value):
        if isinstance(value, dict):
            return {self.filled(k): self.filled(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.filled(v) for v in value]
        if isinstance(value, str):
            return re.sub(r"\{([a-z-]+)\}", lambda found: self.names[found[1]], value)
        return value

    def prepare(self, services):
        """Makes the resources and the project; gives the record of what is asked."""
        self.names |= services.names()
        if make := self.expected.get("make"):
            self.names |= getattr(surroundings, make)(services.clients, self.names) or {}
        settings = {"app": "cdk.out", "name": self.machine, **self.get("settings", {}), **services.settings()}
        if "function" in self.names:
            settings["lambda"] = {"functions": {self.names["function"]: self.function()}}
        (self.home / "stepmill.toml").write_text(toml(settings))
        script = self.get("script", {}) if "lacks" in self.expected else None
        return services.recorder.record(self.name, script)

    def function(self):
        """The function of a snippet, in place of the template's, which leaves nothing behind."""
        self.mailbox.mkdir()
        (self.home / "function").mkdir()
        (self.home / "function/app.py").write_text(FUNCTION)
        returns = json.dumps(self.get("returns", {"returned": True}))
        environment = {"MAILBOX": str(self.mailbox), "RETURNS": returns}
        return {"runtime": "python3.12", "handler": "app.handler", "code": "function", "environment": environment}

    def letters(self):
        """What the function was given."""
        return [["function", json.loads(path.read_text())] for path in sorted(self.mailbox.glob("*.json"))]


def resource(template, kind):
    """The template's one resource of a kind, with its logical id.

    `AWS::IAM::Role Service` is the role whose id begins with Service.
    """
    kind, _, start = kind.partition(" ")
    [found] = [(id, r) for id, r in template["Resources"].items() if r["Type"] == kind and id.startswith(start)]
    return found


def name_of(id, resource):
    """The name that a resource is given, or else its logical id."""
    properties = resource.get("Properties", {})
    own = [properties[key] for key in ("Name", "Family") if isinstance(properties.get(key), str)]
    return own[0] if own else id


def toml(settings):
    """Settings as inline tables; JSON's texts, numbers and words are TOML's."""

    def value(of):
        if isinstance(of, dict):
            return "{" + ", ".join(f"{json.dumps(k)} = {value(v)}" for k, v in of.items()) + "}"
        return json.dumps(of)

    return "".join(f"{name} = {value(of)}\n" for name, of in settings.items())
