"""AWS's services as botocore's models have them, found by the names in signatures."""

import functools
import gzip
import pathlib
import re

import botocore.loaders
from moto.core.model import ServiceModel
from moto.core.routing import ServiceOperationRouter

# Where a model's file says what its service is called; every file begins with this.
HEAD = 4096
NAMES = {key: re.compile(rf'"{key}"\s*:\s*"([^"]*)"') for key in ("signingName", "endpointPrefix")}

loader = botocore.loaders.create_loader()


class Service:
    """A service's model, without anything of moto's own, and the way to its operations."""

    def __init__(self, name):
        self.name = name
        self.model = ServiceModel(loader.load_service_model(name, "service-2"), name)
        self.router = ServiceOperationRouter(self.model)


@functools.cache
def service(name):
    return Service(name)


@functools.cache
def signed_as(signing_name):
    """The services whose requests are signed with a name: `bedrock` is several."""
    return [service(name) for name in signing_names().get(signing_name, [])]


@functools.cache
def signing_names():
    names = {}
    for name in loader.list_available_services("service-2"):
        version = loader.determine_latest_version(name, "service-2")
        signing_name = signing_name_in(head_of(name, version))
        names.setdefault(signing_name, []).append(name)
    return names


def head_of(name, version):
    for root in loader.search_paths:
        path = pathlib.Path(root, name, version, "service-2.json.gz")
        if path.exists():
            with gzip.open(path) as file:
                return file.read(HEAD).decode(errors="replace")
    raise FileNotFoundError(f"service-2.json.gz of {name}")


def signing_name_in(head):
    found = [pattern.search(head) for pattern in NAMES.values()]
    return next(match.group(1) for match in found if match)
