'use strict';

// The handlers of functions that constructs bring along, as Lambda calls them.

const assert = require('node:assert');
const http = require('node:http');
const { test } = require('node:test');

const { handler: evaluate } = require('../../assets/evaluate-expression/index.js');
const { handler: call } = require('../../assets/aws-sdk-cross-region/index.js');

test('paths stand for their values', async () => {
  const values = { '$.a': 2, '$.ab': [3, { c: 'x' }], '$[0].d-e': 'it\'s' };
  const of = (expression) => evaluate({ expression, expressionAttributeValues: values });
  assert.strictEqual(await of('$.a + 1'), 3);
  assert.deepStrictEqual(await of('$.ab'), [3, { c: 'x' }]);
  assert.strictEqual(await of('`${$.a} ${$.ab[1].c} ${$[0].d-e}`'), '2 x it\'s');
});

test('an expression needs no paths and may have several statements', async () => {
  assert.strictEqual(await evaluate({ expression: '1 + 1' }), 2);
  assert.strictEqual(await evaluate({ expression: 'const x = 2; x * x' }), 4);
});

test('data is not run as code', async () => {
  const values = { '$.a': '"; process.exit(1); "', '$.b': '${process.exit(1)}' };
  const result = await evaluate({ expression: '$.a + `${$.b}`', expressionAttributeValues: values });
  assert.strictEqual(result, '"; process.exit(1); "${process.exit(1)}');
});

test('an expression that cannot be evaluated fails', async () => {
  await assert.rejects(evaluate({ expression: 'undefined_name' }), ReferenceError);
  await assert.rejects(evaluate({ expression: '1 +' }), SyntaxError);
});

test('an action of a service is called where it is said', async () => {
  const seen = [];
  const server = http.createServer((request, response) => {
    seen.push([request.headers['x-amz-target'], request.headers.authorization]);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ stateMachines: [{ name: 'orders' }] }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.AWS_ACCESS_KEY_ID = 'key';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  try {
    const response = await call({
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${server.address().port}`,
      service: 'sfn',
      action: 'listStateMachines',
      parameters: { maxResults: 1 },
    });
    assert.deepStrictEqual(response.stateMachines, [{ name: 'orders' }]);
    assert.strictEqual(seen[0][0], 'AWSStepFunctions.ListStateMachines');
    assert.match(seen[0][1], /\/eu-west-1\/states\/aws4_request/);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('what is not there is named', async () => {
  const named = (service, action, message) => assert.rejects(call({ region: 'r', service, action }), message);
  await named('sfn', 'fly', /@aws-sdk\/client-sfn has no action fly/);
  await named('not-there', 'fly', /Cannot find module '@aws-sdk\/client-not-there'/);
});
