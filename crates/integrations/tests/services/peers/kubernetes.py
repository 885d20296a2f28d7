"""As much of Kubernetes as jobs need: a job runs until it has been looked at twice."""

import json
import threading
from urllib.parse import parse_qs

import signatures

LOCK = threading.Lock()
JOBS, LOOKS, CREATED = {}, {}, []


def status(code, reason):
    return code, {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": reason,
        "reason": reason,
        "code": code,
    }


def serve(handler, path, query, body):
    json_type = [("Content-Type", "application/json")]
    given = handler.headers.get("authorization", "")
    bearer = signatures.of_token(given.removeprefix("Bearer ")) if given.startswith("Bearer ") else None
    if bearer is None or bearer[0] != "mine":
        return *status(401, "Unauthorized"), json_type
    with LOCK:
        code, answer = at(handler, path, parse_qs(query), body, bearer[1])
    return code, answer if isinstance(answer, bytes) else json.dumps(answer).encode(), json_type


def at(handler, path, query, body, region):
    match [handler.command, *path.strip("/").split("/")]:
        case ["POST", "apis", "batch", "v1", "namespaces", namespace, "jobs"]:
            return create(namespace, json.loads(body))
        case ["GET", "apis", "batch", "v1", "namespaces", namespace, "jobs", name]:
            return look(namespace, name)
        case ["GET", "api", "v1", "namespaces", namespace, "pods"]:
            return pods(namespace, query["labelSelector"][0].removeprefix("job-name="))
        case ["GET", "api", "v1", "namespaces", namespace, "pods", pod, "log"]:
            return log(pod, query)
        case ["GET", "api", "created"]:
            return 200, CREATED
        case _:
            kind = handler.headers.get("content-type")
            return 200, {"method": handler.command, "region": region, "type": kind, "body": body.decode(), "query": query}


def create(namespace, job):
    name = job["metadata"].get("name") or job["metadata"]["generateName"] + "x1"
    CREATED.append(f"{namespace}/{name}")
    if (namespace, name) in JOBS:
        return status(409, "AlreadyExists")
    job["metadata"] |= {"name": name, "namespace": namespace, "uid": "u"}
    JOBS[namespace, name] = job
    return 201, job | {"status": {}}


def look(namespace, name):
    if (namespace, name) not in JOBS:
        return status(404, "NotFound")
    looks = LOOKS[namespace, name] = LOOKS.get((namespace, name), 0) + 1
    if name == "shaky" and looks < 4:
        return status(503, "ServiceUnavailable")
    if name == "gone" or looks < 3:
        return (404, status(404, "NotFound")[1]) if name == "gone" else (200, JOBS[namespace, name] | {"status": {"active": 1}})
    kind = "Failed" if name == "bad" else "Complete"
    return 200, JOBS[namespace, name] | {"status": {"conditions": [{"type": kind, "status": "True"}]}}


def pods(namespace, job):
    containers = JOBS[namespace, job]["spec"]["template"]["spec"]["containers"]
    names = [{"name": container["name"]} for container in containers]
    return 200, {"items": [{"metadata": {"name": f"{job}-p"}, "spec": {"containers": names}}]}


def log(pod, query):
    match query["container"][0]:
        case "json":
            return 200, b'{"pi": 3.5}'
        case "text":
            return 200, f"{pod} {query.get('tailLines')}\n".encode()
        case _:
            return status(400, "BadRequest")
