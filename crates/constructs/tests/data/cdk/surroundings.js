// Writes the templates that the AWS CDK makes of the surroundings of state machines, for `tests/cdk/surroundings.rs`.
//
//   npm install @aws-cdk/aws-stepfunctions-tasks@1.204.0 @aws-cdk/core@1.204.0 constructs@3.4.344
//   node surroundings.js 1 > surroundings-1.json
//   npm install aws-cdk-lib@2.276.0 constructs@10
//   node surroundings.js 2 > surroundings-2.json

const fs = require('fs');
const path = require('path');

const version = Number(process.argv[2]);
const load = (name) => require(version === 1 ? `@aws-cdk/aws-${name}` : `aws-cdk-lib/aws-${name}`);
const core = require(version === 1 ? '@aws-cdk/core' : 'aws-cdk-lib');
const [dynamodb, events, iam, kms, logs, s3, sfn, sns, sqs, tasks] = [
  'dynamodb', 'events', 'iam', 'kms', 'logs', 's3', 'stepfunctions', 'sns', 'sqs', 'stepfunctions-tasks',
].map(load);

const lambda = () => new iam.ServicePrincipal('lambda.amazonaws.com');
const role = (stack) => new iam.Role(stack, 'Role', { assumedBy: lambda() });
const pass = (stack) => new sfn.Pass(stack, 'P');
const machineArn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:orders';

const cases = {
  machine(stack) {
    const topic = new sns.Topic(stack, 'Topic');
    const publish = new tasks.SnsPublish(stack, 'T', { topic, message: sfn.TaskInput.fromText('m') });
    const group = new logs.LogGroup(stack, 'Logs');
    new sfn.StateMachine(stack, 'M', {
      definition: publish,
      stateMachineName: 'orders',
      stateMachineType: sfn.StateMachineType.EXPRESS,
      logs: { destination: group, includeExecutionData: true, level: sfn.LogLevel.ALL },
      tracingEnabled: true,
      timeout: core.Duration.minutes(5),
    });
  },
  machine_untraced(stack) {
    new sfn.StateMachine(stack, 'M', { definition: pass(stack), tracingEnabled: false });
  },
  machine_with_role(stack) {
    const given = role(stack);
    const queue = new sqs.Queue(stack, 'Queue');
    given.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
    const send = new tasks.SqsSendMessage(stack, 'T', { queue, messageBody: sfn.TaskInput.fromText('m') });
    new sfn.StateMachine(stack, 'M', { definition: send, role: given });
  },
  machine_with_imported_role(stack) {
    const given = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/teams/orders');
    const queue = new sqs.Queue(stack, 'Queue');
    const send = new tasks.SqsSendMessage(stack, 'T', { queue, messageBody: sfn.TaskInput.fromText('m') });
    new sfn.StateMachine(stack, 'M', { definition: send, role: given });
  },
  machine_grants(stack) {
    const grantee = role(stack);
    const machine = new sfn.StateMachine(stack, 'M', { definition: pass(stack) });
    machine.grantStartExecution(grantee);
    machine.grantStartSyncExecution(grantee);
    machine.grantRead(grantee);
    machine.grantTaskResponse(grantee);
    machine.grantExecution(grantee, 'states:GetExecutionHistory');
    machine.grant(grantee, 'states:DescribeStateMachine', 'states:ListExecutions');
  },
  imported_machine_grants(stack) {
    const machine = sfn.StateMachine.fromStateMachineArn(stack, 'M', machineArn);
    machine.grantRead(role(stack));
  },
  start_execution_and_wait(stack) {
    const child = new sfn.StateMachine(stack, 'Child', { definition: pass(stack) });
    const imported = sfn.StateMachine.fromStateMachineArn(stack, 'Imported', machineArn);
    const start = (id, stateMachine) => new tasks.StepFunctionsStartExecution(stack, id, {
      stateMachine,
      integrationPattern: sfn.IntegrationPattern.RUN_JOB,
      input: sfn.TaskInput.fromObject({ a: 1 }),
      associateWithParent: true,
    });
    new sfn.StateMachine(stack, 'M', { definition: start('T', child).next(start('U', imported)) });
  },
  activity(stack) {
    const activity = new sfn.Activity(stack, 'An activity of which the id is so long that it does not fit into a name', {});
    activity.grant(role(stack), 'states:GetActivityTask');
    const imported = sfn.Activity.fromActivityName(stack, 'Imported', 'pack');
    const invoke = new tasks.StepFunctionsInvokeActivity(stack, 'T', { activity: imported });
    new sfn.StateMachine(stack, 'M', { definition: invoke });
  },
  queue(stack) {
    const key = new kms.Key(stack, 'Key');
    const dead = new sqs.Queue(stack, 'Dead', { queueName: 'dead.fifo' });
    const queue = new sqs.Queue(stack, 'Queue', {
      encryptionMasterKey: key,
      contentBasedDeduplication: true,
      visibilityTimeout: core.Duration.seconds(30),
      deadLetterQueue: { queue: dead, maxReceiveCount: 3 },
    });
    const grantee = role(stack);
    queue.grantSendMessages(grantee);
    queue.grantConsumeMessages(grantee);
    queue.grantPurge(new iam.ServicePrincipal('events.amazonaws.com'));
  },
  topic(stack) {
    const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:123456789012:key/1234');
    const topic = new sns.Topic(stack, 'Topic', {
      topicName: 'orders', displayName: 'Orders', fifo: true, contentBasedDeduplication: true, masterKey: key,
    });
    topic.grantPublish(role(stack));
    topic.grantPublish(new iam.ServicePrincipal('events.amazonaws.com'));
    topic.grantPublish(new iam.AccountPrincipal('123456789012'));
  },
  table(stack) {
    const table = new dynamodb.Table(stack, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'at', type: dynamodb.AttributeType.NUMBER },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: core.RemovalPolicy.DESTROY,
    });
    const grantee = role(stack);
    table.grantReadData(grantee);
    table.grantWriteData(grantee);
    table.grantReadWriteData(grantee);
    table.grantFullAccess(grantee);
    table.grant(grantee, 'dynamodb:Query');
  },
  bucket(stack) {
    const key = new kms.Key(stack, 'Key', { alias: 'orders' });
    const bucket = new s3.Bucket(stack, 'Bucket', { encryptionKey: key, versioned: true });
    const grantee = role(stack);
    bucket.grantRead(grantee);
    bucket.grantWrite(grantee, 'in/*');
    bucket.grantPut(grantee, 'put/*');
    bucket.grantDelete(grantee, 'gone/*');
    bucket.grantReadWrite(grantee, 'both/*');
    bucket.grantRead(new iam.ServicePrincipal('glue.amazonaws.com'), 'glue/*');
    const imported = s3.Bucket.fromBucketName(stack, 'Imported', 'orders');
    imported.grantRead(grantee);
    new core.CfnOutput(stack, 'Url', { value: imported.urlForObject('a/b') });
    new core.CfnOutput(stack, 'S3Url', { value: bucket.s3UrlForObject('/a') });
  },
  key(stack) {
    const key = new kms.Key(stack, 'Key', {
      description: 'orders', enableKeyRotation: true, pendingWindow: core.Duration.days(7),
    });
    const trusting = new kms.Key(stack, 'Trusting', { trustAccountIdentities: true });
    const grantee = role(stack);
    for (const granted of [key, trusting]) {
      granted.grantDecrypt(grantee);
      granted.grantEncrypt(grantee);
      granted.grantEncryptDecrypt(new iam.ServicePrincipal('events.amazonaws.com'));
    }
  },
  events_and_logs(stack) {
    const grantee = role(stack);
    const bus = new events.EventBus(stack, 'Bus');
    bus.grantPutEventsTo(grantee);
    events.EventBus.fromEventBusName(stack, 'Named', 'orders').grantPutEventsTo(grantee);
    events.EventBus.fromEventBusArn(stack, 'Other', 'arn:aws:events:us-east-1:123456789012:event-bus/other').grantPutEventsTo(grantee);
    events.EventBus.grantAllPutEvents(grantee);
    const group = new logs.LogGroup(stack, 'Logs', { retention: logs.RetentionDays.INFINITE });
    group.grantWrite(grantee);
    group.grantWrite(new iam.ServicePrincipal('es.amazonaws.com'));
    logs.LogGroup.fromLogGroupName(stack, 'NamedLogs', 'orders').grantWrite(grantee);
  },
  roles(stack) {
    const arn = 'arn:aws:iam::123456789012:policy/boundary';
    const full = new iam.Role(stack, 'Full', {
      assumedBy: new iam.CompositePrincipal(
        lambda(),
        new iam.AccountPrincipal('123456789012'),
        new iam.OrganizationPrincipal('o-1234567890'),
        new iam.WebIdentityPrincipal('cognito-identity.amazonaws.com', { StringEquals: { 'aud': 'x' } }),
        new iam.AccountRootPrincipal().withSessionTags(),
      ),
      externalIds: ['a', 'b'],
      roleName: 'full',
      description: 'everything',
      path: '/teams/orders/',
      maxSessionDuration: core.Duration.hours(2),
      permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', arn),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')],
      inlinePolicies: {
        Inline: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ sid: 'All', notActions: ['iam:*'], notResources: ['a'] })],
        }),
      },
    });
    full.assumeRolePolicy.addStatements(new iam.PolicyStatement({
      actions: ['sts:AssumeRole'],
      principals: [new iam.FederatedPrincipal('provider', {}), new iam.CanonicalUserPrincipal('user')],
    }));
    const other = iam.Role.fromRoleName(stack, 'Other', 'other');
    full.grantPassRole(other);
    full.grantAssumeRole(other);
    other.grantPassRole(full);
  },
  minimized(stack) {
    stack.node.setContext('@aws-cdk/aws-iam:minimizePolicies', true);
    const grantee = role(stack);
    const topics = ['A', 'B'].map((id) => new sns.Topic(stack, id));
    topics.forEach((topic) => topic.grantPublish(grantee));
    const queue = new sqs.Queue(stack, 'Queue');
    queue.grantSendMessages(grantee);
    queue.grantPurge(grantee);
    queue.grantPurge(new iam.ServicePrincipal('events.amazonaws.com'));
    queue.grantPurge(lambda());
  },
};

const second = {
  machine_key(stack) {
    const key = new kms.Key(stack, 'Key');
    const group = new logs.LogGroup(stack, 'Logs');
    new sfn.StateMachine(stack, 'M', {
      definition: pass(stack),
      stateMachineName: 'orders',
      logs: { destination: group },
      encryptionConfiguration: new sfn.CustomerManagedEncryptionConfiguration(key),
    });
  },
  activity_key(stack) {
    const key = new kms.Key(stack, 'Key');
    const activity = new sfn.Activity(stack, 'Activity', {
      activityName: 'pack',
      encryptionConfiguration: new sfn.CustomerManagedEncryptionConfiguration(key, core.Duration.minutes(1)),
    });
    const invoke = new tasks.StepFunctionsInvokeActivity(stack, 'T', { activity });
    new sfn.StateMachine(stack, 'M', {
      definition: invoke,
      encryptionConfiguration: new sfn.AwsOwnedEncryptionConfiguration(),
    });
  },
  machine_of_text(stack) {
    const machine = new sfn.StateMachine(stack, 'M', {
      definitionBody: sfn.DefinitionBody.fromString('{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'),
      definitionSubstitutions: { a: new sqs.Queue(stack, 'Queue').queueArn },
    });
    machine.grantRedriveExecution(role(stack));
    new core.CfnOutput(stack, 'Revision', { value: machine.stateMachineRevisionId });
  },
  machine_of_file(stack) {
    const definitionBody = sfn.DefinitionBody.fromFile(path.join(__dirname, 'index.json'));
    new sfn.StateMachine(stack, 'M', { definitionBody });
  },
  start_execution_in_jsonata(stack) {
    const stateMachine = sfn.StateMachine.fromStateMachineName(stack, 'Child', 'orders');
    const input = sfn.TaskInput.fromObject({ a: '{% $a %}' });
    const start = new tasks.StepFunctionsStartExecution(stack, 'T', { stateMachine, input, associateWithParent: true });
    new sfn.StateMachine(stack, 'M', { definition: start, queryLanguage: sfn.QueryLanguage.JSONATA });
  },
  encrypted_queue_task(stack) {
    const queue = new sqs.Queue(stack, 'Queue', { encryptionMasterKey: new kms.Key(stack, 'Key') });
    const send = new tasks.SqsSendMessage(stack, 'T', { queue, messageBody: sfn.TaskInput.fromText('m') });
    new sfn.StateMachine(stack, 'M', { definition: send });
  },
};

// Templates are read from the files: not every installation can read its own manifest.
function synthesized(app) {
  try {
    app.synth();
  } catch (error) {
    if (!String(error).includes('Invalid assembly manifest')) throw error;
  }
  return (name) => JSON.parse(fs.readFileSync(path.join(app.outdir, `${name}.template.json`)));
}

const outcome = {};
for (const [name, build] of Object.entries(version === 1 ? cases : { ...cases, ...second })) {
  const app = new core.App({ analyticsReporting: false });
  const stack = new core.Stack(app, 'Stack');
  build(stack);
  outcome[name] = synthesized(app)('Stack');
}
const app = new core.App({ analyticsReporting: false });
const [first, other] = [new core.Stack(app, 'First'), new core.Stack(app, 'Other')];
const queue = new sqs.Queue(first, 'Queue');
const send = new tasks.SqsSendMessage(other, 'T', { queue, messageBody: sfn.TaskInput.fromText('m') });
new sfn.StateMachine(other, 'M', { definition: send });
new core.CfnOutput(other, 'Out', { value: queue.queueName, description: 'the name', exportName: 'queue' });
const template = synthesized(app);
outcome.two_stacks_first = template('First');
outcome.two_stacks_other = template('Other');
console.log(JSON.stringify(outcome, null, 1));
