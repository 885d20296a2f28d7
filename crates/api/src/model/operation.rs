//! The actions of the API.

macro_rules! operations {
    ($($name:ident)*) => {
        /// An action of AWS Step Functions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // AWS's names
        pub enum Operation {
            $($name,)*
        }

        impl Operation {
            /// All of them, in the order of their names.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name, as a request's target has it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// The action of that name.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

operations! {
    CreateActivity
    CreateStateMachine
    CreateStateMachineAlias
    DeleteActivity
    DeleteStateMachine
    DeleteStateMachineAlias
    DeleteStateMachineVersion
    DescribeActivity
    DescribeExecution
    DescribeMapRun
    DescribeStateMachine
    DescribeStateMachineAlias
    DescribeStateMachineForExecution
    GetActivityTask
    GetExecutionHistory
    ListActivities
    ListExecutions
    ListMapRuns
    ListStateMachineAliases
    ListStateMachineVersions
    ListStateMachines
    ListTagsForResource
    PublishStateMachineVersion
    RedriveExecution
    SendTaskFailure
    SendTaskHeartbeat
    SendTaskSuccess
    StartExecution
    StartSyncExecution
    StopExecution
    TagResource
    TestState
    UntagResource
    UpdateMapRun
    UpdateStateMachine
    UpdateStateMachineAlias
    ValidateStateMachineDefinition
}
