"""Runs the state machines of the CDK's examples, and compares what services were asked with what the examples say.

    python snippets.py STEPMILL DIRECTORY

It says the network that programs look up, as a line of JSON, and waits for a line: then DIRECTORY has a cloud assembly
for each example. It says a line for each example, and ends with 1 if one of them differs, after what differs.
"""

import difflib
import json
import os
import pathlib
import sys

from services import Server, Services, until

import surroundings
from snippet import Snippet

HERE = pathlib.Path(__file__).parent
# What is called where no service is asked, and whom.
CALLED = {
    "function": ("lambda:Invoke", "a local function"),
    "execution": ("states:StartExecution", "the server itself"),
    "worker": ("an activity", "a worker"),
    "API": ("an API", "an HTTP server"),
    "cluster": ("the Kubernetes API", "an HTTPS server"),
}


class Run:
    """A machine that runs, and what is seen of it."""

    def __init__(self, snippet, services, sfn):
        self.snippet, self.services, self.sfn = snippet, services, sfn
        self.arns = {machine["name"]: machine["stateMachineArn"] for machine in sfn.list_state_machines()["stateMachines"]}

    def play(self):
        """How the execution has ended, and what others than services have received."""
        names, wanted = self.snippet.names, self.snippet.get("received", [])
        activity = self.sfn.create_activity(name=names["activity"])["activityArn"] if "activity" in names else None
        started = {"name": self.snippet.name, "input": json.dumps(self.snippet.get("input", {}))}
        execution = self.sfn.start_execution(stateMachineArn=self.arns[self.snippet.machine], **started)["executionArn"]
        worked = [self.work(activity)] if activity else []

        def received():
            found = worked + self.snippet.letters() + self.services.taken() + self.children()
            return found if len(found) >= len(wanted) or self.described(execution) else None

        found = until("what is received", received) if wanted else []
        if "reply" in self.snippet.expected and found:
            token = token_in(found[0][1])
            self.sfn.send_task_success(taskToken=token, output=json.dumps(self.snippet.get("reply")))
        ended = until("the end", lambda: self.described(execution))
        # An event may come after the end of its execution.
        return ended, until("what is received", lambda: enough(received(), wanted)) if wanted else []

    def described(self, execution):
        described = self.sfn.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    def work(self, activity):
        """What a worker is given."""
        task = self.sfn.get_activity_task(activityArn=activity)
        return ["worker", {"token": task["taskToken"], "input": json.loads(task["input"])}]

    def children(self):
        """The executions that were started of a machine that the snippet refers to."""
        child = self.arns.get(self.snippet.names.get("child"))
        found = self.sfn.list_executions(stateMachineArn=child)["executions"] if child else []
        described = [self.sfn.describe_execution(executionArn=execution["executionArn"]) for execution in found]
        return [["execution", {"name": one["name"], "input": json.loads(one["input"])}] for one in described]


def token_in(received):
    return received.get("token") or received["input"]["token"]


def enough(found, wanted):
    return found if found and len(found) >= len(wanted) else None


def run(snippet, services, stepmill):
    """The line to say, and what differs."""
    record = snippet.prepare(services)
    server = Server(stepmill, snippet.home, snippet.name)
    try:
        ended, received = Run(snippet, services, server.sfn).play()
        log = server.errors()
    finally:
        server.end()
    asked, expected = once(record.asked()), snippet.get("asked", [])
    if snippet.get("apart"):
        asked, expected = sorted(asked, key=json.dumps), sorted(expected, key=json.dumps)
    found = {
        "asked": asked,
        "received": received,
        "status": ended["status"],
        "error": ended.get("error"),
        "output": json.loads(ended.get("output", "null")),
    }
    expected = {
        "asked": expected,
        "received": snippet.get("received", []),
        "status": "FAILED" if "error" in snippet.expected else "SUCCEEDED",
        "error": snippet.get("error"),
        "output": snippet.get("output", None if "error" in snippet.expected else "*"),
    }
    differs = difference(snippet.name, expected, found)
    if differs:
        differs += [f"{key}: {ended[key]}" for key in ("error", "cause") if key in ended] + log.splitlines()
    return said(snippet, found), differs


def said(snippet, found):
    """What was called, whom, and how it ended."""
    lacks, note = snippet.get("lacks"), snippet.get("note")
    services = f"the strict server: moto has no {lacks}" if lacks else "moto"
    calls = [(name.replace(".", ":"), services) for name, *_ in found["asked"]]
    calls += [CALLED[who] for who, _ in found["received"]]
    actions, called = (", ".join(dict.fromkeys(of)) for of in zip(*calls))
    end = " ".join(part for part in (found["status"], found["error"], note and f"({note})") if part)
    return f"{snippet.title} | {actions} | {called} | {end}"


def once(requests):
    """Requests, where those that are the same as the one before are one: jobs are asked for again and again."""
    return [r for i, r in enumerate(requests) if i == 0 or r != requests[i - 1]]


def difference(what, expected, found):
    """How what was found differs from what was expected, in lines."""
    both = [expected, seen(expected, found)]
    lines = [json.dumps(one, indent=1, sort_keys=True, ensure_ascii=False).splitlines() for one in both]
    return list(difflib.unified_diff(*lines, f"{what}, as expected", "as found", lineterm="", n=8))


def seen(expected, found):
    """What was found, with `*` where anything is expected."""
    if expected == "*":
        return "*"
    if isinstance(expected, dict) and isinstance(found, dict):
        return {k: seen(expected.get(k), v) for k, v in found.items()}
    if isinstance(expected, list) and isinstance(found, list):
        return [seen(e, f) for e, f in zip(expected, found)] + found[len(expected) :]
    return found


def main(stepmill, directory):
    services = Services()
    print(json.dumps(surroundings.network(services.clients)), flush=True)
    input()
    expectations = json.loads((HERE / "snippets.json").read_text())
    only = os.environ.get("SNIPPET", "")
    names = [name for name in expectations if name.startswith(only)]
    differences = []
    # What was looked up is there until all is forgotten, so they come first.
    for name in sorted(names, key=lambda name: not expectations[name].get("looks-up")):
        snippet = Snippet(name, expectations[name], pathlib.Path(directory))
        try:
            line, differs = run(snippet, services, stepmill)
        except Exception as error:
            line, differs = snippet.title, [f"{name}: {type(error).__name__}: {error}"]
        print(f"{line} | IT DIFFERS" if differs else line, flush=True)
        differences += differs
        services.forget()
        if not snippet.get("looks-up"):
            services.control("reset")
    print("\n".join(differences), end="", flush=True)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
