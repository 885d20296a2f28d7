//! Every property of EMR's tasks stands in the task's parameters where the service wants it.

#![allow(clippy::unwrap_used, clippy::too_many_lines)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;
use stepmill::value::flatten;

/// The parameters of the one task of a machine.
fn parameters(task: impl FnOnce(&Stack) -> State) -> Json {
    let stack = Stack::new(&App::new(), "Stack");
    StateMachine::new(&stack, "Machine", task(&stack));
    let template = stack.template().unwrap().body;
    let resources = template["Resources"].as_object().unwrap();
    let machine = resources
        .values()
        .find(|resource| resource["Type"] == "AWS::StepFunctions::StateMachine");
    let definition = flatten(&machine.unwrap()["Properties"]["DefinitionString"]);
    let definition: Json = serde_json::from_str(&definition).unwrap();
    definition["States"]["T"]["Parameters"].clone()
}

fn volumes() -> EbsConfigurationProperty {
    let volume =
        VolumeSpecificationProperty::new(Size::gibibytes(32), EbsBlockDeviceVolumeType::Io1);
    let device = EbsBlockDeviceConfigProperty::new(volume.iops(500)).volumes_per_instance(2);
    EbsConfigurationProperty::new()
        .ebs_block_device_configs([device])
        .ebs_optimized(true)
}

fn settings() -> ConfigurationProperty {
    let nested = ConfigurationProperty::new().classification("export");
    ConfigurationProperty::new()
        .classification("hadoop-env")
        .properties(object! {"JAVA_HOME": JsonPath::string_at("$.java")})
        .configurations([nested])
}

fn expected_volumes() -> Json {
    json!({
        "EbsBlockDeviceConfigs": [{
            "VolumeSpecification": {"SizeInGB": 32, "VolumeType": "io1", "Iops": 500},
            "VolumesPerInstance": 2,
        }],
        "EbsOptimized": true,
    })
}

fn expected_settings() -> Json {
    json!({
        "Classification": "hadoop-env",
        "Properties": {"JAVA_HOME.$": "$.java"},
        "Configurations": [{"Classification": "export"}],
    })
}

#[test]
#[allow(clippy::too_many_lines)] // one value after the other
fn a_cluster_of_groups() {
    let alarm = CloudWatchAlarmDefinitionProperty::new(
        CloudWatchAlarmComparisonOperator::GreaterThan,
        "YARNMemoryAvailablePercentage",
        Duration::minutes(5),
    )
    .dimensions([MetricDimensionProperty::new("JobFlowId", "id")])
    .evaluation_periods(2)
    .namespace("Mine")
    .statistic(CloudWatchAlarmStatistic::SampleCount)
    .threshold(0.5)
    .unit(CloudWatchAlarmUnit::KiloBytesPerSecond);
    let adjustment = SimpleScalingPolicyConfigurationProperty::new(-1)
        .adjustment_type(ScalingAdjustmentType::ChangeInCapacity)
        .cool_down(60);
    let rule = ScalingRuleProperty::new(
        "out",
        ScalingActionProperty::new(adjustment).market(InstanceMarket::OnDemand),
        ScalingTriggerProperty::new(alarm),
    )
    .description("more");
    let policy = AutoScalingPolicyProperty::new(ScalingConstraintsProperty::new(1, 4), [rule]);
    let group = InstanceGroupConfigProperty::new(InstanceRoleType::Core, "m5.xlarge", 2)
        .auto_scaling_policy(policy)
        .bid_price("0.5")
        .configurations([settings()])
        .ebs_configuration(volumes())
        .market(InstanceMarket::Spot)
        .name("core");
    let placement = PlacementTypeProperty::new().availability_zone("eu-west-1a");
    let instances = InstancesConfigProperty::new()
        .additional_master_security_groups(["sg-1"])
        .additional_slave_security_groups(["sg-2"])
        .ec2_key_name("key")
        .ec2_subnet_id("subnet-1")
        .emr_managed_master_security_group("sg-3")
        .emr_managed_slave_security_group("sg-4")
        .hadoop_version("2")
        .instance_count(JsonPath::string_at("$.count"))
        .instance_groups([group])
        .master_instance_type("m5.xlarge")
        .placement(placement)
        .service_access_security_group("sg-5")
        .slave_instance_type("m5.large")
        .termination_protected(true);
    let found = parameters(|stack| EmrCreateCluster::new(stack, "T", "name", instances).build());
    assert_eq!(
        found["Instances"],
        json!({
            "AdditionalMasterSecurityGroups": ["sg-1"],
            "AdditionalSlaveSecurityGroups": ["sg-2"],
            "Ec2KeyName": "key",
            "Ec2SubnetId": "subnet-1",
            "EmrManagedMasterSecurityGroup": "sg-3",
            "EmrManagedSlaveSecurityGroup": "sg-4",
            "HadoopVersion": "2",
            "InstanceCount.$": "$.count",
            "InstanceGroups": [{
                "InstanceRole": "CORE",
                "InstanceType": "m5.xlarge",
                "InstanceCount": 2,
                "AutoScalingPolicy": {
                    "Constraints": {"MinCapacity": 1, "MaxCapacity": 4},
                    "Rules": [{
                        "Name": "out",
                        "Description": "more",
                        "Action": {
                            "Market": "ON_DEMAND",
                            "SimpleScalingPolicyConfiguration": {
                                "AdjustmentType": "CHANGE_IN_CAPACITY",
                                "CoolDown": 60,
                                "ScalingAdjustment": -1,
                            },
                        },
                        "Trigger": {
                            "CloudWatchAlarmDefinition": {
                                "ComparisonOperator": "GREATER_THAN",
                                "Dimensions": [{"Key": "JobFlowId", "Value": "id"}],
                                "EvaluationPeriods": 2,
                                "MetricName": "YARNMemoryAvailablePercentage",
                                "Namespace": "Mine",
                                "Period": 300,
                                "Statistic": "SAMPLE_COUNT",
                                "Threshold": 0.5,
                                "Unit": "KILO_BYTES_PER_SECOND",
                            },
                        },
                    }],
                },
                "BidPrice": "0.5",
                "Configurations": [expected_settings()],
                "EbsConfiguration": expected_volumes(),
                "Market": "SPOT",
                "Name": "core",
            }],
            "KeepJobFlowAliveWhenNoSteps": true,
            "MasterInstanceType": "m5.xlarge",
            "Placement": {"AvailabilityZone": "eu-west-1a"},
            "ServiceAccessSecurityGroup": "sg-5",
            "SlaveInstanceType": "m5.large",
            "TerminationProtected": true,
        })
    );
}

#[test]
fn a_cluster_of_fleets() {
    let of_type = InstanceTypeConfigProperty::new("m5.xlarge")
        .bid_price_as_percentage_of_on_demand_price(80)
        .configurations([settings()])
        .ebs_configuration(volumes())
        .priority(0)
        .weighted_capacity(2);
    let spot = SpotProvisioningSpecificationProperty::new(SpotTimeoutAction::TerminateCluster)
        .allocation_strategy(SpotAllocationStrategy::PriceCapacityOptimized)
        .block_duration_minutes(60)
        .timeout(Duration::hours(1));
    let on_demand =
        OnDemandProvisioningSpecificationProperty::new(OnDemandAllocationStrategy::Prioritized);
    let launch = InstanceFleetProvisioningSpecificationsProperty::new()
        .spot_specification(spot)
        .on_demand_specification(on_demand);
    let fleet = InstanceFleetConfigProperty::new(InstanceRoleType::Task)
        .instance_type_configs([of_type])
        .launch_specifications(launch)
        .name("fleet")
        .target_on_demand_capacity(JsonPath::string_at("$.units"))
        .target_spot_capacity(3);
    let placement = PlacementTypeProperty::new().availability_zones(["eu-west-1a"]);
    let instances = InstancesConfigProperty::new()
        .ec2_subnet_ids(["subnet-1"])
        .placement(placement)
        .instance_fleets([fleet]);
    let found = parameters(|stack| EmrCreateCluster::new(stack, "T", "name", instances).build());
    assert_eq!(found.get("AutoScalingRole"), None);
    assert_eq!(
        found["Instances"],
        json!({
            "Ec2SubnetIds": ["subnet-1"],
            "InstanceFleets": [{
                "InstanceFleetType": "TASK",
                "InstanceTypeConfigs": [{
                    "BidPriceAsPercentageOfOnDemandPrice": 80,
                    "Configurations": [expected_settings()],
                    "EbsConfiguration": expected_volumes(),
                    "InstanceType": "m5.xlarge",
                    "Priority": 0,
                    "WeightedCapacity": 2,
                }],
                "LaunchSpecifications": {
                    "OnDemandSpecification": {"AllocationStrategy": "prioritized"},
                    "SpotSpecification": {
                        "AllocationStrategy": "price-capacity-optimized",
                        "BlockDurationMinutes": 60,
                        "TimeoutAction": "TERMINATE_CLUSTER",
                        "TimeoutDurationMinutes": 60,
                    },
                },
                "Name": "fleet",
                "TargetOnDemandCapacity.$": "$.units",
                "TargetSpotCapacity": 3,
            }],
            "KeepJobFlowAliveWhenNoSteps": true,
            "Placement": {"AvailabilityZones": ["eu-west-1a"]},
        })
    );
}

#[test]
fn a_cluster() {
    let found = parameters(|stack| {
        let script = ScriptBootstrapActionConfigProperty::new("s3://bucket/script").args(["-v"]);
        let application = ApplicationConfigProperty::new("Spark")
            .args(["a"])
            .version("3")
            .additional_info(object! {"k": "v"});
        let kerberos = KerberosAttributesProperty::new("EC2.INTERNAL")
            .ad_domain_join_password("p1")
            .ad_domain_join_user("user")
            .cross_realm_trust_principal_password("p2")
            .kdc_admin_password("p3");
        let role = |id: &str| Role::from_role_arn(stack, id, format!("arn:aws:iam::1:role/{id}"));
        EmrCreateCluster::new(stack, "T", "name", InstancesConfigProperty::new())
            .additional_info("{}")
            .applications([application])
            .auto_scaling_role(&role("Scaling"))
            .bootstrap_actions([BootstrapActionConfigProperty::new("first", script)])
            .cluster_role(&role("Cluster"))
            .configurations([settings()])
            .custom_ami_id("ami-1")
            .ebs_root_volume_iops(3000)
            .ebs_root_volume_size(Size::gibibytes(20))
            .ebs_root_volume_throughput(125)
            .kerberos_attributes(kerberos)
            .log_uri("s3://bucket/logs")
            .release_label("emr-6.15.0")
            .scale_down_behavior(EmrClusterScaleDownBehavior::TerminateAtTaskCompletion)
            .security_configuration("secure")
            .service_role(&role("Service"))
            .step_concurrency_level(2)
            .tags([("team", "data")])
            .visible_to_all_users(false)
            .build()
    });
    assert_eq!(
        found,
        json!({
            "Instances": {"KeepJobFlowAliveWhenNoSteps": true},
            "JobFlowRole": "Cluster",
            "Name": "name",
            "ServiceRole": "Service",
            "AdditionalInfo": "{}",
            "Applications": [{
                "Name": "Spark", "Args": ["a"], "Version": "3", "AdditionalInfo": {"k": "v"},
            }],
            "AutoScalingRole": "Scaling",
            "BootstrapActions": [{
                "Name": "first",
                "ScriptBootstrapAction": {"Path": "s3://bucket/script", "Args": ["-v"]},
            }],
            "Configurations": [expected_settings()],
            "CustomAmiId": "ami-1",
            "EbsRootVolumeIops": 3000,
            "EbsRootVolumeSize": 20,
            "EbsRootVolumeThroughput": 125,
            "KerberosAttributes": {
                "ADDomainJoinPassword": "p1",
                "ADDomainJoinUser": "user",
                "CrossRealmTrustPrincipalPassword": "p2",
                "KdcAdminPassword": "p3",
                "Realm": "EC2.INTERNAL",
            },
            "LogUri": "s3://bucket/logs",
            "ReleaseLabel": "emr-6.15.0",
            "ScaleDownBehavior": "TERMINATE_AT_TASK_COMPLETION",
            "SecurityConfiguration": "secure",
            "StepConcurrencyLevel": 2,
            "Tags": [{"Key": "team", "Value": "data"}],
            "VisibleToAllUsers": false,
        })
    );
}

#[test]
fn a_step() {
    let found = parameters(|stack| {
        EmrAddStep::new(stack, "T", "id", "name", "jar")
            .action_on_failure(ActionOnFailure::TerminateCluster)
            .args(["a", "b"])
            .execution_role_arn("arn:aws:iam::1:role/Step")
            .main_class("Main")
            .properties([("k", "v")])
            .build()
    });
    assert_eq!(
        found,
        json!({
            "ClusterId": "id",
            "ExecutionRoleArn": "arn:aws:iam::1:role/Step",
            "Step": {
                "Name": "name",
                "ActionOnFailure": "TERMINATE_CLUSTER",
                "HadoopJarStep": {
                    "Jar": "jar",
                    "MainClass": "Main",
                    "Args": ["a", "b"],
                    "Properties": [{"Key": "k", "Value": "v"}],
                },
            },
        })
    );
}

#[test]
fn a_group_that_shrinks() {
    let found = parameters(|stack| {
        let resize = InstanceResizePolicyProperty::new()
            .instances_to_protect(["i-1"])
            .instances_to_terminate(["i-2"])
            .instance_termination_timeout(Duration::minutes(2));
        let shrink = ShrinkPolicyProperty::new()
            .decommission_timeout(Duration::minutes(1))
            .instance_resize_policy(resize);
        let group = InstanceGroupModifyConfigProperty::new()
            .configurations([settings()])
            .ec2_instance_ids_to_terminate(["i-3"])
            .instance_count(1)
            .shrink_policy(shrink);
        EmrModifyInstanceGroupByName::new(stack, "T", "id", "group", group).build()
    });
    assert_eq!(
        found["InstanceGroup"],
        json!({
            "Configurations": [expected_settings()],
            "EC2InstanceIdsToTerminate": ["i-3"],
            "InstanceCount": 1,
            "ShrinkPolicy": {
                "DecommissionTimeout": 60,
                "InstanceResizePolicy": {
                    "InstancesToProtect": ["i-1"],
                    "InstancesToTerminate": ["i-2"],
                    "InstanceTerminationTimeout": 120,
                },
            },
        })
    );
}

#[test]
fn the_newer_policy_of_the_service_wants_a_tag() {
    let app = App::new()
        .feature(Feature::Version2)
        .feature(Feature::EmrServicePolicyV2);
    let stack = Stack::new(&app, "Stack");
    let task = EmrCreateCluster::new(&stack, "T", "name", InstancesConfigProperty::new())
        .tags([("team", "data")]);
    StateMachine::new(&stack, "Machine", task);
    let template = flattened(&stack.template().unwrap().body);
    let has = |text: &str| assert!(template.contains(text), "{text} is not in {template}");
    has(r#"iam::aws:policy/service-role/AmazonEMRServicePolicy_v2""#);
    has(
        r#""Tags":[{"Key":"team","Value":"data"},{"Key":"for-use-with-amazon-emr-managed-policies","Value":"true"}]"#,
    );
    has(
        r#"{"Action":"elasticmapreduce:AddTags","Effect":"Allow","Resource":"arn:${Ref:AWS::Partition}:elasticmapreduce:"#,
    );
    has(r#"{"Action":"iam:PassRole","Effect":"Allow","Resource":"${GetAtt:TInstanceRole"#);
}

/// JSON as a text, in which what is only known at deployment is text too.
fn flattened(json: &Json) -> String {
    fn flat(json: &Json) -> Json {
        match json {
            Json::Object(members)
                if members
                    .keys()
                    .any(|name| name == "Ref" || name.starts_with("Fn::")) =>
            {
                flatten(json).into()
            }
            Json::Object(members) => {
                let members = members.iter();
                Json::Object(
                    members
                        .map(|(name, value)| (name.clone(), flat(value)))
                        .collect(),
                )
            }
            Json::Array(items) => items.iter().map(flat).collect(),
            other => other.clone(),
        }
    }
    flat(json).to_string().replace("\\\"", "\"")
}
