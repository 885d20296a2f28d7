//! When a cluster grows and shrinks.

use super::instances::InstanceMarket;
use crate::core::Duration;
use crate::tasks::property::{names, property};
use crate::value::{Text, Value};

property! {
    /// When an instance group grows and shrinks, and how far.
    pub struct AutoScalingPolicyProperty(
        constraints: ScalingConstraintsProperty => "Constraints",
        rules: [ScalingRuleProperty] => "Rules",
    ) {}
}

property! {
    /// The least and the most instances that an automatic policy leaves in a group.
    pub struct ScalingConstraintsProperty(
        min_capacity: Value => "MinCapacity",
        max_capacity: Value => "MaxCapacity",
    ) {}
}

property! {
    /// A rule by which a group grows or shrinks; its name, what is done, and when.
    pub struct ScalingRuleProperty(
        name: Text => "Name",
        action: ScalingActionProperty => "Action",
        trigger: ScalingTriggerProperty => "Trigger",
    ) {
        /// What the rule is for.
        description: Text => "Description",
    }
}

property! {
    /// What a rule does.
    pub struct ScalingActionProperty(
        simple_scaling_policy_configuration: SimpleScalingPolicyConfigurationProperty
            => "SimpleScalingPolicyConfiguration",
    ) {
        /// How instances are bought; not for instance groups.
        market: InstanceMarket => "Market",
    }
}

property! {
    /// By how much a group grows, or with a negative number shrinks.
    pub struct SimpleScalingPolicyConfigurationProperty(
        scaling_adjustment: Value => "ScalingAdjustment",
    ) {
        /// What the number means; a change of the number of instances unless said.
        adjustment_type: ScalingAdjustmentType => "AdjustmentType",
        /// For how many seconds no rule applies again; 0 unless said.
        cool_down: Value => "CoolDown",
    }
}

names! {
    /// What the number in a rule means.
    pub enum ScalingAdjustmentType {
        /// So many instances more.
        ChangeInCapacity = "CHANGE_IN_CAPACITY",
        /// So many percent more.
        PercentChangeInCapacity = "PERCENT_CHANGE_IN_CAPACITY",
        /// So many instances.
        ExactCapacity = "EXACT_CAPACITY",
    }
}

property! {
    /// When a rule applies.
    pub struct ScalingTriggerProperty(
        cloud_watch_alarm_definition: CloudWatchAlarmDefinitionProperty => "CloudWatchAlarmDefinition",
    ) {}
}

property! {
    /// An alarm: how a metric's statistic over a period, a multiple of 5 minutes, compares to a threshold.
    pub struct CloudWatchAlarmDefinitionProperty(
        comparison_operator: CloudWatchAlarmComparisonOperator => "ComparisonOperator",
        metric_name: Text => "MetricName",
        period: Duration => "Period",
    ) {
        /// The metric's dimensions; the cluster's id unless said.
        dimensions: [MetricDimensionProperty] => "Dimensions",
        /// For how many periods of 5 minutes; 1 unless said.
        evaluation_periods: Value => "EvaluationPeriods",
        /// The metric's namespace; `AWS/ElasticMapReduce` unless said.
        namespace: Text => "Namespace",
        /// Which statistic of the metric; the average unless said.
        statistic: CloudWatchAlarmStatistic => "Statistic",
        /// What the statistic is compared to.
        threshold: Value => "Threshold",
        /// The metric's unit.
        unit: CloudWatchAlarmUnit => "Unit",
    }
}

property! {
    /// A dimension of a metric.
    pub struct MetricDimensionProperty(
        key: Text => "Key",
        value: Text => "Value",
    ) {}
}

names! {
    /// How a statistic compares to a threshold.
    pub enum CloudWatchAlarmComparisonOperator {
        /// It is not below it.
        GreaterThanOrEqual = "GREATER_THAN_OR_EQUAL",
        /// It is above it.
        GreaterThan = "GREATER_THAN",
        /// It is below it.
        LessThan = "LESS_THAN",
        /// It is not above it.
        LessThanOrEqual = "LESS_THAN_OR_EQUAL",
    }
}

names! {
    /// A statistic of a metric.
    pub enum CloudWatchAlarmStatistic {
        /// How many values there are.
        SampleCount = "SAMPLE_COUNT",
        /// Their average.
        Average = "AVERAGE",
        /// Their sum.
        Sum = "SUM",
        /// The least.
        Minimum = "MINIMUM",
        /// The greatest.
        Maximum = "MAXIMUM",
    }
}

names! {
    /// A metric's unit.
    pub enum CloudWatchAlarmUnit {
        /// None.
        None = "NONE",
        /// Seconds.
        Seconds = "SECONDS",
        /// Microseconds.
        MicroSeconds = "MICRO_SECONDS",
        /// Milliseconds.
        MilliSeconds = "MILLI_SECONDS",
        /// Bytes.
        Bytes = "BYTES",
        /// Kilobytes.
        KiloBytes = "KILO_BYTES",
        /// Megabytes.
        MegaBytes = "MEGA_BYTES",
        /// Gigabytes.
        GigaBytes = "GIGA_BYTES",
        /// Terabytes.
        TeraBytes = "TERA_BYTES",
        /// Bits.
        Bits = "BITS",
        /// Kilobits.
        KiloBits = "KILO_BITS",
        /// Megabits.
        MegaBits = "MEGA_BITS",
        /// Gigabits.
        GigaBits = "GIGA_BITS",
        /// Terabits.
        TeraBits = "TERA_BITS",
        /// Hundredths.
        Percent = "PERCENT",
        /// A number.
        Count = "COUNT",
        /// Bytes per second.
        BytesPerSecond = "BYTES_PER_SECOND",
        /// Kilobytes per second.
        KiloBytesPerSecond = "KILO_BYTES_PER_SECOND",
        /// Megabytes per second.
        MegaBytesPerSecond = "MEGA_BYTES_PER_SECOND",
        /// Gigabytes per second.
        GigaBytesPerSecond = "GIGA_BYTES_PER_SECOND",
        /// Terabytes per second.
        TeraBytesPerSecond = "TERA_BYTES_PER_SECOND",
        /// Bits per second.
        BitsPerSecond = "BITS_PER_SECOND",
        /// Kilobits per second.
        KiloBitsPerSecond = "KILO_BITS_PER_SECOND",
        /// Megabits per second.
        MegaBitsPerSecond = "MEGA_BITS_PER_SECOND",
        /// Gigabits per second.
        GigaBitsPerSecond = "GIGA_BITS_PER_SECOND",
        /// Terabits per second.
        TeraBitsPerSecond = "TERA_BITS_PER_SECOND",
        /// A number per second.
        CountPerSecond = "COUNT_PER_SECOND",
    }
}

property! {
    /// The limits within which EMR itself lets a cluster grow and shrink.
    pub struct ManagedScalingPolicyProperty() {
        /// The least and the most of the cluster.
        compute_limits: ManagedScalingComputeLimitsProperty => "ComputeLimits",
    }
}

property! {
    /// The least and the most of a cluster, in a unit.
    pub struct ManagedScalingComputeLimitsProperty(
        unit_type: ComputeLimitsUnitType => "UnitType",
        minimum_capacity_units: Value => "MinimumCapacityUnits",
        maximum_capacity_units: Value => "MaximumCapacityUnits",
    ) {
        /// The most that is bought on demand; the rest is spot capacity.
        maximum_on_demand_capacity_units: Value => "MaximumOnDemandCapacityUnits",
        /// The most that keeps data; the rest runs tasks only.
        maximum_core_capacity_units: Value => "MaximumCoreCapacityUnits",
    }
}

names! {
    /// What the limits of a cluster count.
    pub enum ComputeLimitsUnitType {
        /// Units of instance fleets.
        InstanceFleetUnits = "InstanceFleetUnits",
        /// Instances, for instance groups.
        Instances = "Instances",
        /// Virtual cores, for instance groups.
        Vcpu = "VCPU",
    }
}
