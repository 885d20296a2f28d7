// The AWS SDK for JavaScript v3: what an application does with it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

// The packages stand elsewhere than this file.
const require = createRequire(join(process.env.STEPMILL_NODE_PROJECT, "package.json"));
const sfn = require("@aws-sdk/client-sfn");
const lambda = require("@aws-sdk/client-lambda");

const account = "123456789012";
const region = "eu-central-1";
const role = `arn:aws:iam::${account}:role/tests`;
const mailbox = process.env.STEPMILL_MAILBOX;
const deadline = 90_000;
const settings = {
  endpoint: process.env.STEPMILL_ENDPOINT,
  region,
  credentials: { accessKeyId: account, secretAccessKey: "any" },
  disableHostPrefix: true,
  maxAttempts: 1,
};
const client = new sfn.SFNClient(settings);
const functions = new lambda.LambdaClient(settings);

const send = (name, input) => client.send(new sfn[`${name}Command`](input));

/** What `found` gives as soon as that is something. */
async function until(what, found) {
  const end = Date.now() + deadline;
  while (Date.now() < end) {
    const result = await found();
    if (result) return result;
    await pause(20);
  }
  throw new Error(`${what}: not within ${deadline} ms`);
}

async function machine(name, states, type = "STANDARD") {
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const created = await send("CreateStateMachine", { name, definition, roleArn: role, type });
  return created.stateMachineArn;
}

const start = async (stateMachineArn, input = {}) =>
  (await send("StartExecution", { stateMachineArn, input: JSON.stringify(input) })).executionArn;

const ended = (executionArn) =>
  until(`the end of ${executionArn}`, async () => {
    const described = await send("DescribeExecution", { executionArn });
    return described.status !== "RUNNING" && described;
  });

/** A zip archive of one stored file. */
function archive(name, text) {
  const [file, data] = [Buffer.from(name), Buffer.from(text)];
  const sum = checksum(data);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x21, 8);
  common.writeUInt32LE(sum, 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, file, data]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x03"), common, rest, file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

/** CRC-32, for which Node.js 20.0 has no function. */
function checksum(data) {
  let sum = ~0;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

async function create(name, source, variables = {}) {
  const created = await functions.send(
    new lambda.CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: role,
      Timeout: 60,
      Environment: { Variables: variables },
      Code: { ZipFile: archive("index.js", source) },
    }),
  );
  await lambda.waitUntilFunctionActiveV2(
    { client: functions, maxWaitTime: 60 },
    { FunctionName: name },
  );
  return created.FunctionArn;
}

test("create, start, describe, list, history", async () => {
  const add = { Type: "Pass", Result: 2, ResultPath: "$.b", End: true };
  const arn = await machine("js", { Add: add });
  assert.equal(arn, `arn:aws:states:${region}:${account}:stateMachine:js`);
  const described = await send("DescribeStateMachine", { stateMachineArn: arn });
  assert.equal(described.status, "ACTIVE");
  assert.ok(described.creationDate instanceof Date);
  const execution = await start(arn, { a: 1 });
  const end = await ended(execution);
  assert.deepEqual([end.status, JSON.parse(end.output)], ["SUCCEEDED", { a: 1, b: 2 }]);
  const events = [];
  const paging = { client, pageSize: 3 };
  const pages = sfn.paginateGetExecutionHistory(paging, { executionArn: execution });
  for await (const page of pages) events.push(...page.events);
  assert.deepEqual(
    events.map((event) => event.type),
    ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
  );
  const listed = await send("ListExecutions", { stateMachineArn: arn });
  assert.deepEqual(listed.executions.map((item) => item.executionArn), [execution]);
});

test("errors are classes", async () => {
  const missing = `arn:aws:states:${region}:${account}:stateMachine:missing`;
  await assert.rejects(send("DescribeStateMachine", { stateMachineArn: missing }), (error) => {
    assert.ok(error instanceof sfn.StateMachineDoesNotExist);
    assert.equal(error.message, `State Machine Does Not Exist: '${missing}'`);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.ok(error.$metadata.requestId);
    return true;
  });
  const broken = { name: "broken", definition: "{}", roleArn: role };
  await assert.rejects(send("CreateStateMachine", broken), sfn.InvalidDefinition);
  await assert.rejects(send("SendTaskSuccess", { taskToken: "x", output: "1" }), sfn.InvalidToken);
});

test("an activity worker", async () => {
  const { activityArn } = await send("CreateActivity", { name: "js-work" });
  const work = { Type: "Task", Resource: activityArn, End: true };
  const arn = await machine("js-works", { Work: work });
  const polling = send("GetActivityTask", { activityArn, workerName: "js" });
  const execution = await start(arn, { n: 1 });
  const task = await polling;
  assert.deepEqual(JSON.parse(task.input), { n: 1 });
  const { taskToken } = task;
  await send("SendTaskHeartbeat", { taskToken });
  await send("SendTaskSuccess", { taskToken, output: '{"n":2}' });
  assert.equal((await ended(execution)).output, '{"n":2}');
  await assert.rejects(send("SendTaskSuccess", { taskToken, output: "1" }), sfn.TaskTimedOut);

  const failing = await start(arn);
  const second = await send("GetActivityTask", { activityArn });
  await send("SendTaskFailure", { taskToken: second.taskToken, error: "Mine", cause: "why" });
  const end = await ended(failing);
  assert.deepEqual([end.status, end.error, end.cause], ["FAILED", "Mine", "why"]);
});

test("a callback by task token", async () => {
  const source = `
    const fs = require("node:fs");
    exports.handler = async (event) => {
      const path = process.env.MAILBOX + "/js-token";
      fs.writeFileSync(path + ".part", event.token);
      fs.renameSync(path + ".part", path);
    };`;
  await create("js-postman", source, { MAILBOX: mailbox });
  const arn = await machine("js-asks", {
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
      Parameters: { FunctionName: "js-postman", Payload: { "token.$": "$$.Task.Token" } },
      End: true,
    },
  });
  const execution = await start(arn);
  const taskToken = await until("the token", () =>
    readFile(join(mailbox, "js-token"), "utf8").catch(() => null),
  );
  await send("SendTaskSuccess", { taskToken, output: '"yes"' });
  assert.equal((await ended(execution)).output, '"yes"');
});

test("synchronous Express executions", async () => {
  const say = { Type: "Pass", Result: "hi", End: true };
  const arn = await machine("js-sync", { Say: say }, "EXPRESS");
  const end = await send("StartSyncExecution", { stateMachineArn: arn });
  assert.deepEqual([end.status, end.output], ["SUCCEEDED", '"hi"']);
  assert.equal(end.billingDetails.billedMemoryUsedInMB, 64);
});

test("redrive after the function was fixed", async () => {
  const broken = "exports.handler = async () => { throw new RangeError('no') };";
  const work = { Type: "Task", Resource: await create("js-broken", broken), End: true };
  const arn = await machine("js-redriven", { Work: work });
  const execution = await start(arn, { n: 1 });
  const failed = await ended(execution);
  assert.deepEqual([failed.status, failed.error], ["FAILED", "RangeError"]);
  assert.equal(failed.redriveStatus, "REDRIVABLE");
  const ZipFile = archive("index.js", "exports.handler = async (event) => event;");
  const update = { FunctionName: "js-broken", ZipFile };
  await functions.send(new lambda.UpdateFunctionCodeCommand(update));
  const waiting = { client: functions, maxWaitTime: 60 };
  await lambda.waitUntilFunctionUpdatedV2(waiting, { FunctionName: "js-broken" });
  const { redriveDate } = await send("RedriveExecution", { executionArn: execution });
  assert.ok(redriveDate instanceof Date);
  const end = await ended(execution);
  assert.deepEqual([end.status, end.output, end.redriveCount], ["SUCCEEDED", '{"n":1}', 1]);
});

test("versions, aliases, tags, stop, delete", async () => {
  const arn = await machine("js-life", { Wait: { Type: "Wait", Seconds: 3600, End: true } });
  const version = await send("PublishStateMachineVersion", { stateMachineArn: arn });
  assert.equal(version.stateMachineVersionArn, `${arn}:1`);
  const routingConfiguration = [{ stateMachineVersionArn: `${arn}:1`, weight: 100 }];
  const alias = await send("CreateStateMachineAlias", { name: "live", routingConfiguration });
  const execution = await start(alias.stateMachineAliasArn);
  await send("StopExecution", { executionArn: execution, error: "Enough" });
  const end = await ended(execution);
  assert.deepEqual(
    [end.status, end.error, end.stateMachineAliasArn],
    ["ABORTED", "Enough", alias.stateMachineAliasArn],
  );
  await send("TagResource", { resourceArn: arn, tags: [{ key: "a", value: "b" }] });
  const { tags } = await send("ListTagsForResource", { resourceArn: arn });
  assert.deepEqual(tags, [{ key: "a", value: "b" }]);
  await send("DeleteStateMachine", { stateMachineArn: arn });
});

test("TestState and ValidateStateMachineDefinition", async () => {
  const task = {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: "absent" },
    OutputPath: "$.ExecutedVersion",
    Next: "After",
  };
  const tested = await send("TestState", {
    definition: JSON.stringify(task),
    mock: { result: '{"ExecutedVersion":"7","StatusCode":200}' },
    inspectionLevel: "DEBUG",
  });
  assert.deepEqual([tested.status, tested.output, tested.nextState], ["SUCCEEDED", '"7"', "After"]);
  assert.ok(tested.inspectionData.result);
  const plain = await send("TestState", {
    definition: JSON.stringify({ Type: "Pass", Result: 1, End: true }),
  });
  assert.deepEqual([plain.status, plain.output], ["SUCCEEDED", "1"]);
  const definition = JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", Next: "B" } } });
  const validated = await send("ValidateStateMachineDefinition", { definition });
  assert.equal(validated.result, "FAIL");
  assert.ok(validated.diagnostics.every((item) => item.severity === "ERROR"));
});
