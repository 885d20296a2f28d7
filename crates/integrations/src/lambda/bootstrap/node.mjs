// Runs one Node.js handler against the Lambda Runtime API, as the managed Node.js runtimes do.
//
// Behaviour: AWS Lambda Developer Guide, "Building Lambda functions with Node.js". An error becomes
// `errorType`, `errorMessage`, `trace`; paths of the function's code are shown below /var/task,
// where AWS keeps them.

import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import util from 'node:util';

const API = '/2018-06-01/runtime';
const TASK_ROOT = process.env.LAMBDA_TASK_ROOT;
const OWN_URL = import.meta.url;
const OWN_FILE = fileURLToPath(OWN_URL);
const [HOST, PORT] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const require = createRequire(OWN_URL);

function call(method, url, body, headers = {}) {
  return new Promise((resolve, reject) => {
    if (body !== undefined) {
      headers['Content-Length'] = Buffer.byteLength(body);
    }
    const options = { host: HOST, port: PORT, method, path: API + url, headers, agent };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function fail(url, error) {
  const headers = {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': 'Unhandled',
  };
  return call('POST', url, JSON.stringify(error), headers);
}

// Errors that the runtime reports under names of its own.
function runtimeError(name) {
  const type = class extends Error {};
  Object.defineProperty(type.prototype, 'name', { value: `Runtime.${name}` });
  return type;
}
const ImportModuleError = runtimeError('ImportModuleError');
const HandlerNotFound = runtimeError('HandlerNotFound');
const MalformedHandlerName = runtimeError('MalformedHandlerName');
const UserCodeSyntaxError = runtimeError('UserCodeSyntaxError');
const UnhandledPromiseRejection = runtimeError('UnhandledPromiseRejection');
const NodeJsExit = runtimeError('NodeJsExit');

// A text with paths as AWS would show them.
function shown(text) {
  return text
    .replaceAll(OWN_URL, 'file:///var/runtime/index.mjs')
    .replaceAll(OWN_FILE, '/var/runtime/index.mjs')
    .replaceAll(pathToFileURL(TASK_ROOT).href, 'file:///var/task')
    .replaceAll(TASK_ROOT, '/var/task');
}

// The stack up to where the handler was called from.
function trace(error) {
  const lines = error.stack.split('\n');
  const own = (line) => /^\s+at /.test(line) && (line.includes(OWN_URL) || line.includes(OWN_FILE));
  const end = lines.findIndex(own);
  return (end < 0 ? lines : lines.slice(0, end)).map(shown);
}

function isErrorLike(error) {
  const text = (key) => typeof error[key] === 'string' && error[key] !== '';
  return Boolean(error) && text('name') && text('message') && text('stack');
}

function describe(error) {
  try {
    if (util.types.isNativeError(error) || isErrorLike(error)) {
      return { errorType: error.name, errorMessage: shown(error.message), trace: trace(error) };
    }
    return { errorType: typeof error, errorMessage: shown(error.toString()), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

function usesModules(folder) {
  for (let at = folder; !at.endsWith(`${path.sep}node_modules`); at = path.dirname(at)) {
    const file = path.join(at, 'package.json');
    if (fs.existsSync(file)) {
      try {
        return JSON.parse(fs.readFileSync(file, 'utf8')).type === 'module';
      } catch {
        console.warn(`${shown(file)} cannot be read; it is ignored for ES module detection.`);
        return false;
      }
    }
    if (at === path.dirname(at)) {
      break;
    }
  }
  return false;
}

async function loadModule(root, name) {
  const base = path.resolve(TASK_ROOT, root, name);
  const isModule = usesModules(path.dirname(base));
  const ways = [
    ['', require],
    ['.js', isModule ? (file) => import(pathToFileURL(file).href) : require],
    ['.mjs', (file) => import(pathToFileURL(file).href)],
    ['.cjs', require],
  ];
  for (const [extension, load] of ways) {
    if (fs.existsSync(base + extension)) {
      return await load(base + extension);
    }
  }
  return require(require.resolve(name, { paths: [TASK_ROOT, path.resolve(TASK_ROOT, root)] }));
}

async function loadHandler(full) {
  if (full.includes('..')) {
    throw new MalformedHandlerName(
      `'${full}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const file = path.basename(full);
  const [, name, member] = /^([^.]*)\.(.*)$/.exec(file) ?? [];
  if (name === undefined) {
    throw new MalformedHandlerName('Bad handler');
  }
  let loaded;
  try {
    loaded = await loadModule(full.slice(0, full.length - file.length), name);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new UserCodeSyntaxError(error);
    }
    if (error?.code === 'MODULE_NOT_FOUND') {
      throw new ImportModuleError(error);
    }
    throw error;
  }
  const handler = member.split('.').reduce((object, key) => object && object[key], loaded);
  if (!handler) {
    throw new HandlerNotFound(`${full} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new HandlerNotFound(`${full} is not a function`);
  }
  return handler;
}

function stringify(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    // Header bytes are UTF-8, which node reads as Latin-1.
    clientContext: client && JSON.parse(Buffer.from(client, 'latin1').toString('utf8')),
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// What to do when the event loop runs dry before an answer was given.
let onIdle = null;
process.on('beforeExit', () => {
  const action = onIdle;
  onIdle = null;
  action?.();
});

// Where an error goes that no handler caught: first initialisation, then the running invocation.
let errorUrl = '/init/error';
function die(kind, error, status) {
  const described = describe(error);
  console.error(kind, JSON.stringify(described));
  const exit = () => process.exit(status);
  fail(errorUrl, described).then(exit, exit);
}
process.on('uncaughtException', (error) => die('Uncaught Exception', error, 129));
process.on('unhandledRejection', (reason) => {
  die('Unhandled Promise Rejection', new UnhandledPromiseRejection(reason), 128);
});

globalThis.awslambda = {
  streamifyResponse() {
    throw new Error('Response streaming (awslambda.streamifyResponse) does not run locally');
  },
};

class Runtime {
  constructor(handler) {
    this.handler = handler;
  }

  // Calls the handler; resolves once its answer has been delivered.
  run(headers, text) {
    const id = headers['lambda-runtime-aws-request-id'];
    const url = `/invocation/${id}`;
    errorUrl = `${url}/error`;
    return new Promise((resolve, reject) => {
      let answered = false;
      let called = false;
      const answer = (send) => {
        if (!answered) {
          answered = true;
          onIdle = null;
          send().then(resolve, reject);
        }
      };
      const failed = (error) =>
        answer(() => {
          const described = describe(error ?? 'handled');
          console.error('Invoke Error', JSON.stringify(described));
          return fail(errorUrl, described);
        });
      const succeeded = (result) => {
        let body;
        try {
          body = stringify(result);
        } catch (error) {
          failed(error);
          return;
        }
        const type = { 'Content-Type': 'application/json' };
        answer(() => call('POST', `${url}/response`, body, type));
      };
      const done = (error, result) => {
        if (error === undefined || error === null) {
          succeeded(result);
        } else {
          failed(error);
        }
      };
      const context = Object.assign(contextOf(headers), {
        succeed: succeeded,
        fail: failed,
        done,
      });
      const callback = (error, result) => {
        if (called) {
          return;
        }
        called = true;
        const failing = error !== undefined && error !== null;
        if (failing || !context.callbackWaitsForEmptyEventLoop) {
          done(error, result);
        } else {
          onIdle = () => succeeded(result);
        }
      };
      const isAsync = this.handler.constructor?.name === 'AsyncFunction';
      onIdle = () => {
        if (isAsync) {
          failed(
            new NodeJsExit(
              'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
            ),
          );
        } else {
          succeeded(null);
        }
      };
      try {
        const result = this.handler(JSON.parse(text), context, callback);
        if (typeof result?.then === 'function') {
          result.then(succeeded, failed);
        }
      } catch (error) {
        failed(error);
      }
    });
  }
}

async function main() {
  let runtime;
  try {
    runtime = new Runtime(await loadHandler(process.env._HANDLER));
  } catch (error) {
    die('Init Error', error, 1);
    return;
  }
  for (;;) {
    let next;
    try {
      next = await call('GET', '/invocation/next');
    } catch {
      // The host is gone; timers of the function must not keep the process.
      process.exit(1);
    }
    if (next.status !== 200) {
      process.exit(1);
    }
    process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'];
    await runtime.run(next.headers, next.text);
  }
}

main();
