//! Instances of clusters, and how they are emptied before they end.

use std::cell::RefCell;
use std::rc::Rc;

use super::cluster::Cluster;
use crate::core::{CfnResource, Duration, Feature, Scope};
use crate::iam::{Grantable, Principal, Role, Statement};
use crate::resources::ec2::{
    Connectable, Connections, InstanceType, SecurityGroup, SubnetSelection, Vpc,
};
use crate::value::{Fn, Text, Value};

/// Where AWS says what the newest image of Amazon Linux 2 with ECS's agent is.
const IMAGE_PARAMETER: &str = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id";
/// What tells the CDK's parameters for images from others.
const PARAMETER_KIND: &str = "C96584B6-F00A-464E-AD19-53AFF4B05118";
/// The longest that a function may run, in seconds.
const MAX_FUNCTION_SECONDS: u64 = 900;
/// What a function may take longer than the tasks it waits for, in seconds.
const MARGIN_SECONDS: u64 = 10;

/// What instances a cluster is given.
#[derive(Debug, Clone)]
#[must_use]
pub struct AddCapacityOptions {
    instance_type: InstanceType,
    min_capacity: u32,
    max_capacity: Option<u32>,
    desired_capacity: Option<u32>,
    vpc_subnets: SubnetSelection,
    machine_image: Option<Text>,
    can_containers_access_instance_role: bool,
    task_drain_time: Duration,
    spot_price: Option<String>,
}

impl AddCapacityOptions {
    /// One instance of a type.
    pub fn new(instance_type: impl Into<InstanceType>) -> Self {
        Self {
            instance_type: instance_type.into(),
            min_capacity: 1,
            max_capacity: None,
            desired_capacity: None,
            vpc_subnets: SubnetSelection::default(),
            machine_image: None,
            can_containers_access_instance_role: false,
            task_drain_time: Duration::minutes(5),
            spot_price: None,
        }
    }

    /// How many there are at least; 1 unless said.
    pub fn min_capacity(mut self, count: u32) -> Self {
        self.min_capacity = count;
        self
    }

    /// How many there are at most; as many as are wanted at the beginning unless said.
    pub fn max_capacity(mut self, count: u32) -> Self {
        self.max_capacity = Some(count);
        self
    }

    /// How many there are at the beginning, and after each deployment.
    pub fn desired_capacity(mut self, count: u32) -> Self {
        self.desired_capacity = Some(count);
        self
    }

    /// The subnets that they are in; private ones unless said.
    pub fn vpc_subnets(mut self, subnets: impl Into<SubnetSelection>) -> Self {
        self.vpc_subnets = subnets.into();
        self
    }

    /// The id of the image that they run; Amazon Linux 2 with ECS's agent unless said.
    pub fn machine_image(mut self, image_id: impl Into<Text>) -> Self {
        self.machine_image = Some(image_id.into());
        self
    }

    /// Whether containers may act with the instances' role; not unless said.
    pub fn can_containers_access_instance_role(mut self, can: bool) -> Self {
        self.can_containers_access_instance_role = can;
        self
    }

    /// How long tasks may take to end before their instance does; 5 minutes unless said, none if zero.
    pub fn task_drain_time(mut self, time: Duration) -> Self {
        self.task_drain_time = time;
        self
    }

    /// The most to pay for an instance and hour, in US dollars: then they are spot instances.
    pub fn spot_price(mut self, price: impl Into<String>) -> Self {
        self.spot_price = Some(price.into());
        self
    }
}

/// Instances of a cluster.
///
/// It is a handle: clones are the same group.
#[derive(Debug, Clone)]
pub struct AutoScalingGroup {
    scope: Scope,
    resource: CfnResource,
    role: Role,
    connections: Connections,
    user_data: Rc<RefCell<Vec<Text>>>,
}

impl AutoScalingGroup {
    /// The instances of a cluster, which register with it and are emptied before they end.
    pub(super) fn for_cluster(cluster: &Cluster, id: &str, options: AddCapacityOptions) -> Self {
        let scope = cluster.scope().child(id);
        let drain_time = options.task_drain_time;
        let isolated = !options.can_containers_access_instance_role;
        let group = Self::new(scope, cluster, options);
        group.join(cluster, isolated);
        if drain_time.to_seconds() > 0 {
            group.drain(cluster, drain_time);
        }
        group
    }

    fn new(scope: Scope, cluster: &Cluster, options: AddCapacityOptions) -> Self {
        let (vpc_groups, subnets) = match cluster.vpc() {
            Ok(vpc) => (
                Some(security_group(&scope, vpc)),
                vpc.select_subnets(&options.vpc_subnets),
            ),
            Err(problem) => (None, Err(problem)),
        };
        let subnets = subnets.unwrap_or_else(|problem| {
            scope.report(problem);
            crate::resources::ec2::SelectedSubnets::default()
        });
        let role = Role::new(
            &scope,
            "InstanceRole",
            Principal::service("ec2.amazonaws.com"),
        );
        role.property("Tags", name_tag(&scope));
        let profile = CfnResource::new(&scope, "InstanceProfile", "AWS::IAM::InstanceProfile")
            .property("Roles", [role.role_name()]);
        let user_data = Rc::new(RefCell::new(vec![Text::from("#!/bin/bash")]));
        let written = user_data.clone();
        let group_ids: Vec<Text> = vpc_groups
            .iter()
            .map(SecurityGroup::security_group_id)
            .collect();
        let image = options
            .machine_image
            .unwrap_or_else(|| newest_image(&scope));
        let configuration = CfnResource::new(
            &scope,
            "LaunchConfig",
            "AWS::AutoScaling::LaunchConfiguration",
        )
        .property("ImageId", image)
        .property("InstanceType", options.instance_type.name())
        .property("IamInstanceProfile", profile.reference())
        .property("SecurityGroups", group_ids)
        .optional("SpotPrice", options.spot_price)
        .lazy_property("UserData", move || {
            let lines = written.borrow().clone();
            Some(Fn::base64(Text::join("\n", lines)).into())
        });
        configuration.depends_on(role.scope());
        let min = options.min_capacity;
        let max = options
            .max_capacity
            .or(options.desired_capacity)
            .unwrap_or(min.max(1));
        let tag =
            crate::object! {"Key": "Name", "PropagateAtLaunch": true, "Value": scope.path_text()};
        let resource = CfnResource::new(&scope, "ASG", "AWS::AutoScaling::AutoScalingGroup")
            .property("MaxSize", max.to_string())
            .property("MinSize", min.to_string())
            .optional(
                "DesiredCapacity",
                options.desired_capacity.map(|count| count.to_string()),
            )
            .property("LaunchConfigurationName", configuration.reference())
            .property("Tags", [tag])
            .property("VPCZoneIdentifier", subnets.subnet_ids());
        resource.attribute_of_resource(
            "UpdatePolicy",
            serde_json::json!({
                "AutoScalingReplacingUpdate": {"WillReplace": true},
                "AutoScalingScheduledAction": {"IgnoreUnmodifiedGroupSizeProperties": true},
            }),
        );
        Self {
            connections: Connections::of_groups(vpc_groups),
            scope,
            resource,
            role,
            user_data,
        }
    }

    /// Adds commands to run when an instance starts.
    pub fn add_user_data<T: Into<Text>>(&self, commands: impl IntoIterator<Item = T>) {
        let commands = commands.into_iter().map(Into::into);
        self.user_data.borrow_mut().extend(commands);
    }

    /// Its name.
    pub fn auto_scaling_group_name(&self) -> Text {
        self.resource.reference()
    }

    /// Its ARN.
    pub fn auto_scaling_group_arn(&self) -> Text {
        let name = Text::from("autoScalingGroup:*:autoScalingGroupName/");
        let name = name.then(self.auto_scaling_group_name());
        self.scope.arn("autoscaling", name)
    }

    /// Lets instances register with their cluster; containers of isolated ones cannot act with the instances' role.
    fn join(&self, cluster: &Cluster, isolated: bool) {
        let register = Text::from("echo ECS_CLUSTER=").then(cluster.name());
        self.add_user_data([register.then(" >> /etc/ecs/ecs.config")]);
        if isolated {
            self.add_user_data([
                "sudo iptables --insert FORWARD 1 --in-interface docker+ --destination 169.254.169.254/32 --jump DROP",
                "sudo service iptables save",
                "echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config",
            ]);
        }
        let register = [
            "ecs:DeregisterContainerInstance",
            "ecs:RegisterContainerInstance",
            "ecs:Submit*",
        ];
        let poll = ["ecs:Poll", "ecs:StartTelemetrySession"];
        let others = [
            "ecs:DiscoverPollEndpoint",
            "ecr:GetAuthorizationToken",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ];
        self.role
            .add_to_policy(Statement::allow(register, [cluster.cluster_arn()]));
        self.role.add_to_policy(within(cluster, poll));
        self.role.add_to_policy(Statement::allow(others, ["*"]));
    }

    /// Lets a function move tasks away from an instance before it ends.
    fn drain(&self, cluster: &Cluster, time: Duration) {
        let place = self.scope.child("LifecycleHookDrainHook");
        let topic_place = place.child("Topic");
        let topic = CfnResource::new(&topic_place, "Resource", "AWS::SNS::Topic")
            .property("Tags", name_tag(&self.scope));
        let function_place = self.scope.child("DrainECSHook").child("Function");
        let function = self.drain_function(&function_place, cluster, time);
        let allowed = format!("AllowInvoke:{}", topic_place.unique_name());
        CfnResource::new(&function_place, &allowed, "AWS::Lambda::Permission")
            .property("Action", "lambda:InvokeFunction")
            .property("FunctionName", function.attribute("Arn"))
            .property("Principal", "sns.amazonaws.com")
            .property("SourceArn", topic.reference());
        CfnResource::new(
            &function_place.child("Topic"),
            "Resource",
            "AWS::SNS::Subscription",
        )
        .property("Protocol", "lambda")
        .property("TopicArn", topic.reference())
        .property("Endpoint", function.attribute("Arn"));
        let role = Role::new(
            &place,
            "Role",
            Principal::service("autoscaling.amazonaws.com"),
        );
        role.property("Tags", name_tag(&self.scope));
        role.add_to_policy(Statement::allow(["sns:Publish"], [topic.reference()]));
        CfnResource::new(&place, "Resource", "AWS::AutoScaling::LifecycleHook")
            .property("AutoScalingGroupName", self.auto_scaling_group_name())
            .property(
                "LifecycleTransition",
                "autoscaling:EC2_INSTANCE_TERMINATING",
            )
            .property("DefaultResult", "CONTINUE")
            .property("HeartbeatTimeout", time.to_seconds())
            .property("NotificationTargetARN", topic.reference())
            .property("RoleARN", role.role_arn())
            .depends_on(role.scope());
    }

    /// The function that moves tasks away.
    fn drain_function(&self, place: &Scope, cluster: &Cluster, time: Duration) -> CfnResource {
        let role = Role::new(
            place,
            "ServiceRole",
            Principal::service("lambda.amazonaws.com"),
        );
        role.add_aws_managed_policy("service-role/AWSLambdaBasicExecutionRole");
        role.property("Tags", name_tag(&self.scope));
        let describe = [
            "ec2:DescribeInstances",
            "ec2:DescribeInstanceAttribute",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeHosts",
        ];
        let complete = ["autoscaling:CompleteLifecycleAction"];
        let tasks = ["ecs:DescribeContainerInstances", "ecs:DescribeTasks"];
        let instances = [
            "ecs:ListContainerInstances",
            "ecs:SubmitContainerStateChange",
            "ecs:SubmitTaskStateChange",
        ];
        let change = ["ecs:UpdateContainerInstancesState", "ecs:ListTasks"];
        for statement in [
            Statement::allow(describe, ["*"]),
            Statement::allow(complete, [self.auto_scaling_group_arn()]),
            within(cluster, tasks),
            Statement::allow(instances, [cluster.cluster_arn()]),
            within(cluster, change),
        ] {
            role.add_to_policy(statement);
        }
        let runtime = match self.scope.has(Feature::Version2) {
            true => "python3.13",
            false => "python3.9",
        };
        let seconds = (time.to_seconds() + MARGIN_SECONDS).min(MAX_FUNCTION_SECONDS);
        let variables = crate::object! {"CLUSTER": cluster.name()};
        let function = CfnResource::new(place, "Resource", "AWS::Lambda::Function")
            .property("Code", crate::object! {"ZipFile": include_str!("drain.py")})
            .property("Role", role.role_arn())
            .property("Environment", crate::object! {"Variables": variables})
            .property("Handler", "index.lambda_handler")
            .property("Runtime", runtime)
            .property("Tags", name_tag(&self.scope))
            .property("Timeout", seconds);
        function.depends_on(role.scope());
        function
    }
}

impl Connectable for AutoScalingGroup {
    fn connections(&self) -> Connections {
        self.connections.clone()
    }
}

impl Grantable for AutoScalingGroup {
    fn grant_role(&self) -> Option<Role> {
        Some(self.role.clone())
    }
}

/// Allows actions on whatever is in a cluster.
fn within<const N: usize>(cluster: &Cluster, actions: [&str; N]) -> Statement {
    let statement = Statement::allow(actions, ["*"]);
    statement.condition("ArnEquals", "ecs:cluster", cluster.cluster_arn())
}

fn security_group(scope: &Scope, vpc: &Vpc) -> SecurityGroup {
    SecurityGroup::new(scope, "InstanceSecurityGroup", vpc).property("Tags", name_tag(scope))
}

/// What belongs to instances is named like them.
fn name_tag(scope: &Scope) -> Value {
    Value::List(vec![
        crate::object! {"Key": "Name", "Value": scope.path_text()},
    ])
}

/// The image, which CloudFormation asks for at deployment.
fn newest_image(scope: &Scope) -> Text {
    let path = IMAGE_PARAMETER.replace('/', "--");
    let name = format!("SsmParameterValue:{path}:{PARAMETER_KIND}.Parameter");
    let id: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let properties = crate::object! {
        "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "Default": IMAGE_PARAMETER,
    };
    scope.parameter(&id, properties)
}
