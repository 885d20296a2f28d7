"""Runs one Python handler against the Lambda Runtime API, as the managed Python runtimes do.

Behaviour: AWS Lambda Developer Guide, "Building Lambda functions with Python". An exception becomes
`errorMessage`, `errorType`, `requestId`, `stackTrace`; paths of the function's code are shown below
/var/task, where AWS keeps them.
"""

import decimal
import http.client
import importlib
import json
import logging
import os
import re
import sys
import time
import traceback
import uuid

API = "/2018-06-01/runtime"
TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
OWN_FILE = os.path.abspath(__file__)
# From Python 3.12 on, the managed runtimes leave characters beyond ASCII as they are.
ASCII_ONLY = os.environ.get("AWS_EXECUTION_ENV", "") in {
    "AWS_Lambda_python3.%d" % minor for minor in range(12)
}

request_id = ""


class Fault(Exception):
    """A failure that the runtime reports under a name of its own."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)


class Api:
    """The Runtime API of this process: one connection, kept open."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, API + path, body, headers or {})
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()

    def next(self):
        status, headers, body = self.call("GET", "/invocation/next")
        if status != 200:
            raise ConnectionError("the Runtime API answered %d" % status)
        return headers, body

    def respond(self, body, content_type):
        path = "/invocation/%s/response" % request_id
        self.call("POST", path, body, {"Content-Type": content_type})

    def fail(self, path, error):
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Function-Error-Type": "Unhandled",
        }
        body = json.dumps(error, ensure_ascii=ASCII_ONLY).encode("utf-8", "backslashreplace")
        self.call("POST", path, body, headers)


class Record:
    """An object whose attributes are named fields of a JSON object."""

    def __init__(self, fields, source):
        for field in fields:
            setattr(self, field, source.get(field))


class LambdaContext:
    """The second argument of a handler."""

    def __init__(self, headers):
        environment = os.environ.get
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = environment("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment("AWS_LAMBDA_LOG_STREAM_NAME")
        self.client_context = client_context(headers)
        self.identity = Record(["cognito_identity_id", "cognito_identity_pool_id"], {})
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


def client_context(headers):
    text = headers.get("Lambda-Runtime-Client-Context")
    if text is None:
        return None
    # Header bytes are UTF-8, which http.client reads as Latin-1.
    source = json.loads(text.encode("latin-1").decode("utf-8"))
    context = Record(["custom", "env", "client"], source)
    if isinstance(context.client, dict):
        fields = ["installation_id", "app_title", "app_version_name"]
        fields += ["app_version_code", "app_package_name"]
        context.client = Record(fields, context.client)
    return context


def shown(text):
    """A text with paths as AWS would show them."""
    return text.replace(TASK_ROOT + os.sep, "/var/task/")


def stack_trace(tb):
    frames = traceback.extract_tb(tb)
    while frames and frames[0].filename == OWN_FILE:
        frames = frames[1:]
    # Bare tuples, so that the lines of carets that newer versions draw stay out.
    frames = [(shown(frame.filename), frame.lineno, frame.name, frame.line) for frame in frames]
    return traceback.format_list(frames)


def describe(exception, invocation):
    if isinstance(exception, Fault):
        error_type, trace = exception.error_type, exception.trace
    else:
        error_type = type(exception).__name__
        trace = stack_trace(exception.__traceback__)
    return {
        "errorMessage": shown(str(exception)),
        "errorType": error_type,
        "requestId": invocation,
        "stackTrace": trace,
    }


def log_error(error):
    message = "[ERROR] " + error["errorType"]
    if error["errorMessage"]:
        message += ": " + error["errorMessage"]
    trace = "".join(error["stackTrace"])
    print(message + "\nTraceback (most recent call last):\n" + trace.rstrip("\n"))


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = request_id
        return True


def set_up_logging():
    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
        "%Y-%m-%dT%H:%M:%S",
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


def load(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        message = "Bad handler '%s': %s" % (name, error)
        raise Fault("Runtime.MalformedHandlerName", message) from None
    dotted = module_name.replace("/", ".")
    if dotted.split(".")[0] in sys.builtin_module_names:
        message = "Cannot use built-in module %s as a handler module" % module_name
        raise Fault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(dotted)
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        raise Fault("Runtime.ImportModuleError", message) from None
    except SyntaxError as error:
        message = "Syntax error in module '%s': %s" % (module_name, error)
        trace = '  File "%s" Line %s\n    %s' % (shown(str(error.filename)), error.lineno, error.text)
        raise Fault("Runtime.UserCodeSyntaxError", message, [trace]) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        raise Fault("Runtime.HandlerNotFound", message) from None


def to_json(value):
    """JSON text with the managed runtime's separators and its treatment of Decimal and bytes."""
    decimals = []
    mark = uuid.uuid4().hex

    def default(other):
        if isinstance(other, decimal.Decimal):
            decimals.append("NaN" if other.is_nan() else str(other))
            return "%s:%d" % (mark, len(decimals) - 1)
        if isinstance(other, bytes):
            return other.decode("utf-8")
        message = "Object of type %s is not JSON serializable" % type(other).__name__
        raise TypeError(message)

    text = json.dumps(value, ensure_ascii=ASCII_ONLY, default=default)
    if decimals:
        # json has no way to write a number's digits as given, so they replace a marked string.
        pattern = '"%s:([0-9]+)"' % mark
        text = re.sub(pattern, lambda match: decimals[int(match.group(1))], text)
    return text


def marshal(value):
    if isinstance(value, bytes):
        return value, "application/unknown"
    try:
        return to_json(value).encode("utf-8"), "application/json"
    except Exception as error:
        message = "Unable to marshal response: %s" % error
        raise Fault("Runtime.MarshalError", message) from None


def unmarshal(body):
    try:
        return json.loads(body)
    except Exception as error:
        message = "Unable to unmarshal input: %s" % error
        raise Fault("Runtime.UnmarshalError", message) from None


def invoke(api, handler, headers, body):
    try:
        context = LambdaContext(headers)
        result = handler(unmarshal(body), context)
        payload, content_type = marshal(result)
    except Exception as exception:
        error = describe(exception, request_id)
        log_error(error)
        sys.stdout.flush()
        sys.stderr.flush()
        api.fail("/invocation/%s/error" % request_id, error)
    else:
        sys.stdout.flush()
        sys.stderr.flush()
        api.respond(payload, content_type)


def main():
    global request_id
    if sys.path and sys.path[0] == os.path.dirname(OWN_FILE):
        del sys.path[0]
    sys.path.insert(0, TASK_ROOT)
    set_up_logging()
    api = Api()
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as exception:
        # No invocation has been handed out yet, so the id is empty, as on AWS.
        error = describe(exception, "")
        log_error(error)
        api.fail("/init/error", error)
        sys.exit(1)
    while True:
        try:
            headers, body = api.next()
        except (OSError, http.client.HTTPException):
            # The host is gone; threads of the function must not keep the process.
            os._exit(1)
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
        invoke(api, handler, headers, body)


main()
