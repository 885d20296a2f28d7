"""What the snippets refer to, made through the services' own APIs before a machine runs.

Each function is given a way to the clients and the names that the resources must have. What it gives are values that
only the service knows, for the snippet's input and expectation to name.
"""

import json

ROLE = "arn:aws:iam::000000000000:role/any"
# How many of the network's subnets are found.
SUBNETS = 2


def network(clients):
    """The default VPC, as the CDK's command line finds it for a program that looks it up."""
    ec2 = clients("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["RouteTables"]
    subnets = [
        {
            "subnetId": subnet["SubnetId"],
            "availabilityZone": subnet["AvailabilityZone"],
            "routeTableId": tables[0]["RouteTableId"],
        }
        for subnet in sorted(found, key=lambda subnet: subnet["AvailabilityZone"])[:SUBNETS]
    ]
    groups = [{"name": "Public", "type": "Public", "subnets": subnets}]
    return {"vpcId": vpc["VpcId"], "vpcCidrBlock": vpc["CidrBlock"], "availabilityZones": [], "subnetGroups": groups}


def roles(clients, names):
    for name in (name for key, name in names.items() if key.endswith("role")):
        clients("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")


def table(clients, names, key="MessageId"):
    clients("dynamodb").create_table(
        TableName=names["table"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
    )


def messages(clients, names):
    table(clients, names, "message_id")
    item = {"message_id": {"S": "message-007"}, "Text": {"S": "hello"}}
    clients("dynamodb").put_item(TableName=names["table"], Item=item)


def item(clients, names):
    table(clients, names)
    clients("dynamodb").put_item(TableName=names["table"], Item={"MessageId": {"S": "message-007"}})


def topic(clients, names):
    clients("sns").create_topic(Name=names["topic"])


def queue(clients, names):
    clients("sqs").create_queue(QueueName=names["queue"])


def bucket(clients, names):
    clients("s3").create_bucket(Bucket=names["bucket"])
    clients("s3").put_object(Bucket=names["bucket"], Key="greeting", Body=b"hello")


def event_bus(clients, names):
    clients("events").create_event_bus(Name=names["bus"])


def query(clients, names):
    results = {"OutputLocation": "s3://results/"}
    started = clients("athena").start_query_execution(QueryString="select 1", ResultConfiguration=results)
    return {"query": started["QueryExecutionId"]}


def finished_query(clients, names):
    """A query whose results can be had."""
    values = query(clients, names)

    def status():
        found = clients("athena").get_query_execution(QueryExecutionId=values["query"])
        return found["QueryExecution"]["Status"]["State"]

    # Moto's queries go on when they are asked for.
    if not any(status() == "SUCCEEDED" for _ in range(10)):
        raise AssertionError("the query does not succeed")
    return values


def batch(clients, names):
    roles(clients, {"role": "batch"})
    role = "arn:aws:iam::000000000000:role/batch"
    environment = clients("batch").create_compute_environment(
        computeEnvironmentName="environment", type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    clients("batch").create_job_queue(
        jobQueueName=names["queue"],
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
    )
    clients("batch").register_job_definition(
        jobDefinitionName=names["definition"],
        type="container",
        containerProperties={"image": "foo/bar", "vcpus": 1, "memory": 128},
    )


def project(clients, names):
    clients("codebuild").create_project(
        name="MyTestProject",
        serviceRole="arn:aws:iam::000000000000:role/service-role/build",
        source={"type": "S3", "location": "bucket/key"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
    )


def task_definition(clients, names, **more):
    container = {"name": "TheContainer", "image": "foo/bar", "memory": 256, "essential": True}
    clients("ecs").create_cluster(clusterName=names["cluster"])
    clients("ecs").register_task_definition(family=names["family"], containerDefinitions=[container], **more)


def container_instance(clients, names):
    """A cluster with an instance on EC2 that tasks can be placed on."""
    task_definition(clients, names)
    image = clients("ec2").describe_images()["Images"][0]["ImageId"]
    instance = clients("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]
    document = json.dumps({"instanceId": instance["InstanceId"]})
    clients("ecs").register_container_instance(cluster=names["cluster"], instanceIdentityDocument=document)


def fargate(clients, names):
    task_definition(clients, names, requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256", memory="512")
    vpc = network(clients)
    group = clients("ec2").create_security_group(GroupName="group", Description="of the task", VpcId=vpc["vpcId"])
    first, second = vpc["subnetGroups"][0]["subnets"]
    return {"first-subnet": first["subnetId"], "second-subnet": second["subnetId"], "group": group["GroupId"]}


def rest_api(clients, names):
    return {"api": clients("apigateway").create_rest_api(name="any")["id"]}


def http_api(clients, names):
    return {"api": clients("apigatewayv2").create_api(Name="any", ProtocolType="HTTP")["ApiId"]}


def my_eks_cluster(clients, names):
    eks(clients, {"cluster": "myEksCluster"})


def eks(clients, names):
    clients("eks").create_cluster(name=names["cluster"], roleArn=ROLE, resourcesVpcConfig={"subnetIds": ["subnet-1"]})


def cluster_of_that_id(clients, names):
    eks(clients, {"cluster": "clusterId"})


def virtual_cluster(clients, names):
    eks(clients, {"cluster": "kubernetes"})
    provider = {"type": "EKS", "id": "kubernetes", "info": {"eksInfo": {"namespace": "default"}}}
    created = clients("emr-containers").create_virtual_cluster(name="any", containerProvider=provider)
    return {"virtual-cluster": created["id"]}


def glue_job(clients, names):
    clients("glue").create_job(Name="my-glue-job", Role=ROLE, Command={"Name": "glueetl"})


def model(clients, names):
    clients("sagemaker").create_model(
        ModelName=names["model"], PrimaryContainer={"Image": "image"}, ExecutionRoleArn=ROLE
    )


def model_of_that_name(clients, names):
    model(clients, {"model": "MyModelName"})


def my_model(clients, names):
    model(clients, {"model": "MyModel"})


def endpoint_config(clients, names):
    model(clients, {"model": "model"})
    variant = {"VariantName": "v", "ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    clients("sagemaker").create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
