"""Asking the client, and counting what differs from botocore.

Each question is a line of JSON on standard output, each answer one on standard input. The last line
says how many answers there were, and which were wrong.
"""

import json
import sys

import botocore


class Peer:
    """The client that is asked."""

    def __init__(self, explained=None):
        self.explained = explained or {}
        self.counts = {}
        self.failures = []

    def ask(self, **question):
        print(json.dumps(question), flush=True)
        return json.loads(sys.stdin.readline())

    def check(self, what, label, found, expected):
        self.counts[what] = self.counts.get(what, 0) + 1
        if label in self.explained:
            assert found != expected, f"{label} is explained, but does not differ"
            self.counts["explained"] = self.counts.get("explained", 0) + 1
        elif found != expected:
            found, expected = str(found)[:1500], str(expected)[:1500]
            self.failures.append(f"{what} {label}\n  found    {found}\n  expected {expected}")

    def report(self, **more):
        report = {
            "botocore": botocore.__version__,
            "counts": self.counts,
            "failures": self.failures,
            **more,
        }
        print(json.dumps({"report": report}), flush=True)
