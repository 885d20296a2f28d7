//! The examples of "Tasks for AWS Step Functions" of the AWS CDK, in its order, each in Rust.

use stepmill::prelude::*;

/// An example: its number and name, and what makes it.
pub(crate) struct Snippet {
    /// The name of its file: `01-paths-inputpath`.
    pub(crate) name: &'static str,
    /// Makes the example's constructs in a stack. The states that it returns are not yet in a state machine.
    pub(crate) build: fn(&Stack) -> Vec<State>,
}

macro_rules! snippets {
    ($($file:literal $module:ident;)*) => {
        $(#[path = $file] mod $module;)*

        /// All examples.
        pub(crate) const SNIPPETS: &[Snippet] = &[
            $(Snippet { name: $file.split_at($file.len() - 3).0, build: $module::build },)*
        ];
    };
}

snippets! {
    "01-paths-inputpath.rs" paths_input_path;
    "02-paths-outputpath.rs" paths_output_path;
    "03-paths-resultselector.rs" paths_result_selector;
    "04-paths-resultpath.rs" paths_result_path;
    "05-task-parameters-from-the-state-json-1.rs" task_parameters_1;
    "06-task-parameters-from-the-state-json-2.rs" task_parameters_2;
    "07-evaluate-expression.rs" evaluate_expression;
    "08-api-gateway-call-rest-api-endpoint-1.rs" api_gateway_rest_1;
    "09-api-gateway-call-rest-api-endpoint-2.rs" api_gateway_rest_2;
    "10-api-gateway-call-http-api-endpoint.rs" api_gateway_http;
    "11-api-gateway-aws-sdk-1.rs" aws_sdk_1;
    "12-api-gateway-aws-sdk-2.rs" aws_sdk_2;
    "13-athena-startqueryexecution.rs" athena_start_query_execution;
    "14-athena-getqueryexecution.rs" athena_get_query_execution;
    "15-athena-getqueryresults.rs" athena_get_query_results;
    "16-athena-stopqueryexecution.rs" athena_stop_query_execution;
    "17-batch-submitjob.rs" batch_submit_job;
    "18-codebuild-startbuild.rs" codebuild_start_build;
    "19-dynamodb-getitem.rs" dynamodb_get_item;
    "20-dynamodb-putitem.rs" dynamodb_put_item;
    "21-dynamodb-deleteitem.rs" dynamodb_delete_item;
    "22-dynamodb-updateitem.rs" dynamodb_update_item;
    "23-runtask-ec2.rs" run_task_ec2;
    "24-runtask-fargate.rs" run_task_fargate;
    "25-emr-create-cluster-1.rs" emr_create_cluster_1;
    "26-emr-create-cluster-2.rs" emr_create_cluster_2;
    "27-emr-termination-protection.rs" emr_termination_protection;
    "28-emr-terminate-cluster.rs" emr_terminate_cluster;
    "29-emr-add-step.rs" emr_add_step;
    "30-emr-cancel-step.rs" emr_cancel_step;
    "31-emr-modify-instance-fleet.rs" emr_modify_instance_fleet;
    "32-emr-modify-instance-group.rs" emr_modify_instance_group;
    "33-emr-on-eks-create-virtual-cluster-1.rs" emr_on_eks_create_virtual_cluster_1;
    "34-emr-on-eks-create-virtual-cluster-2.rs" emr_on_eks_create_virtual_cluster_2;
    "35-emr-on-eks-create-virtual-cluster-3.rs" emr_on_eks_create_virtual_cluster_3;
    "36-emr-on-eks-delete-virtual-cluster.rs" emr_on_eks_delete_virtual_cluster;
    "37-emr-on-eks-start-job-run-1.rs" emr_on_eks_start_job_run_1;
    "38-emr-on-eks-start-job-run-2.rs" emr_on_eks_start_job_run_2;
    "39-emr-on-eks-start-job-run-3.rs" emr_on_eks_start_job_run_3;
    "40-emr-on-eks-start-job-run-4.rs" emr_on_eks_start_job_run_4;
    "41-emr-on-eks-start-job-run-5.rs" emr_on_eks_start_job_run_5;
    "42-eks-call.rs" eks_call;
    "43-eventbridge-put-events.rs" eventbridge_put_events;
    "44-glue.rs" glue;
    "45-glue-databrew.rs" glue_databrew;
    "46-lambda-1.rs" lambda_1;
    "47-lambda-2.rs" lambda_2;
    "48-lambda-3.rs" lambda_3;
    "49-lambda-4.rs" lambda_4;
    "50-lambda-5.rs" lambda_5;
    "51-sagemaker-create-training-job.rs" sagemaker_create_training_job;
    "52-sagemaker-create-transform-job.rs" sagemaker_create_transform_job;
    "53-sagemaker-create-endpoint.rs" sagemaker_create_endpoint;
    "54-sagemaker-create-endpoint-config.rs" sagemaker_create_endpoint_config;
    "55-sagemaker-create-model.rs" sagemaker_create_model;
    "56-sagemaker-update-endpoint.rs" sagemaker_update_endpoint;
    "57-sns.rs" sns;
    "58-step-functions-start-execution-1.rs" step_functions_start_execution_1;
    "59-step-functions-start-execution-2.rs" step_functions_start_execution_2;
    "60-step-functions-invoke-activity.rs" step_functions_invoke_activity;
    "61-sqs.rs" sqs;
}

/// Puts states into a state machine, one after the other.
pub(crate) fn wrap(stack: &Stack, states: Vec<State>) {
    let mut states = states.into_iter();
    if let Some(first) = states.next() {
        let chain = states.fold(Chain::start(first), stepmill::states::Chainable::next);
        StateMachine::new(stack, "StateMachine", chain);
    }
}
