'use strict';

// Calls an action of an AWS service in another region with the AWS SDK that the runtime brings along:
// {"region": "eu-west-1", "service": "s3", "action": "getObject", "parameters": {"Bucket": "b", "Key": "k"}}.

exports.handler = async ({ region, endpoint, service, action, parameters = {} }) => {
  const sdk = require(`@aws-sdk/client-${service}`);
  const Client = clientOf(sdk, service);
  const Command = commandOf(sdk, service, action);
  const response = await new Client({ region, endpoint }).send(new Command(parameters));
  if (response.Payload instanceof Uint8Array) {
    response.Payload = parsed(new TextDecoder().decode(response.Payload));
  }
  // What JSON cannot express, such as streams, stays behind.
  return JSON.parse(JSON.stringify(response));
};

// A package exports one client, beside the one that all its commands are methods of.
function clientOf(sdk, service) {
  const names = Object.keys(sdk).filter((name) => name.endsWith('Client') && name !== '__Client');
  if (names.length !== 1) {
    throw new Error(`@aws-sdk/client-${service} has ${names.length} clients: ${names.join(', ')}`);
  }
  return sdk[names[0]];
}

function commandOf(sdk, service, action) {
  const wanted = `${action}Command`.toLowerCase();
  const name = Object.keys(sdk).find((name) => name.toLowerCase() === wanted);
  if (name === undefined) {
    throw new Error(`@aws-sdk/client-${service} has no action ${action}`);
  }
  return sdk[name];
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
