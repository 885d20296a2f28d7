//! Errors of AWS services as executions show them: names and causes as observed on AWS.

use stepmill_catalog::{self as catalog, ErrorNames, SdkService};

use crate::call::Outcome;

/// An error that a service has answered with.
pub(crate) struct Failure<'a> {
    /// What the service calls it: `QueueDoesNotExist`.
    pub(crate) code: &'a str,
    /// Its name in the API's model, if it has it.
    pub(crate) name: Option<&'a str>,
    pub(crate) message: &'a str,
    /// The HTTP status.
    pub(crate) status: u16,
    pub(crate) request_id: &'a str,
    /// S3's second id of the request.
    pub(crate) extended_request_id: Option<&'a str>,
    /// How often the call was tried.
    pub(crate) attempts: u32,
}

impl Failure<'_> {
    /// As optimised integrations of a service have it, by the service's name in resource ARNs.
    pub(crate) fn of_optimised_service(&self, name: &str) -> Outcome {
        let service = catalog::service(name);
        match service.and_then(|service| service.error_names.as_ref()) {
            Some(names) => self.of_optimised(names),
            None => Outcome::failed(exception(self.code), self.message),
        }
    }

    /// As AWS SDK integrations of a service have it, by the service's name in resource ARNs.
    pub(crate) fn of_sdk_service(&self, name: &str) -> Outcome {
        match catalog::sdk_service(name) {
            Some(service) => self.of_sdk(service),
            None => Outcome::failed(exception(self.code), self.message),
        }
    }

    /// As optimised integrations have it, which look like AWS's SDK for Java 1.
    pub(crate) fn of_optimised(&self, names: &ErrorNames) -> Outcome {
        let unmodelled = || {
            let base = names.base_exception.as_deref();
            base.map_or_else(|| exception(self.code), str::to_owned)
        };
        let cause = format!(
            "{} (Service: {}; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
            self.message,
            names.service_name(),
            self.status,
            self.code,
            self.request_id
        );
        let name = self.name.map_or_else(unmodelled, exception);
        Outcome::failed(format!("{}.{name}", names.prefix), cause)
    }

    /// As AWS SDK integrations have it, which look like AWS's SDK for Java 2.
    pub(crate) fn of_sdk(&self, service: &SdkService) -> Outcome {
        let prefix = &service.exception_prefix;
        let extended = self
            .extended_request_id
            .map(|id| format!(", Extended Request ID: {id}"));
        let attempts = service
            .attempt_count
            .then(|| format!(" (SDK Attempt Count: {})", self.attempts));
        let cause = format!(
            "{} (Service: {prefix}, Status Code: {}, Request ID: {}{}){}",
            self.message,
            self.status,
            self.request_id,
            extended.unwrap_or_default(),
            attempts.unwrap_or_default()
        );
        let name = exception(self.name.unwrap_or(prefix));
        Outcome::failed(format!("{prefix}.{name}"), cause)
    }
}

/// The name as a Java class: each ends with `Exception`.
pub(crate) fn exception(name: &str) -> String {
    format!(
        "{}Exception",
        name.strip_suffix("Exception").unwrap_or(name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURE: Failure<'_> = Failure {
        code: "NoSuch",
        name: None,
        message: "It is not there.",
        status: 404,
        request_id: "id",
        extended_request_id: None,
        attempts: 2,
    };

    fn optimised(name: &str, failure: &Failure<'_>) -> Outcome {
        failure.of_optimised_service(name)
    }

    fn sdk(name: &str, failure: &Failure<'_>) -> Outcome {
        failure.of_sdk_service(name)
    }

    #[test]
    fn names_and_causes_are_those_of_the_generation() {
        let modelled = Failure {
            name: Some("NoSuch"),
            extended_request_id: Some("more"),
            ..FAILURE
        };
        let text = "It is not there. (Service: AmazonDynamoDBv2; Status Code: 404; Error Code: \
                    NoSuch; Request ID: id; Proxy: null)";
        assert_eq!(
            optimised("dynamodb", &modelled),
            Outcome::failed("DynamoDB.NoSuchException", text)
        );
        assert_eq!(
            optimised("dynamodb", &FAILURE),
            Outcome::failed("DynamoDB.AmazonDynamoDBException", text)
        );
        assert_eq!(
            optimised("glue", &FAILURE),
            Outcome::failed(
                "Glue.AWSGlueException",
                text.replace("AmazonDynamoDBv2", "AWSGlue")
            )
        );
        let text = "It is not there. (Service: S3, Status Code: 404, Request ID: id, Extended \
                    Request ID: more)";
        assert_eq!(
            sdk("s3", &modelled),
            Outcome::failed("S3.NoSuchException", text)
        );
        let text = "It is not there. (Service: DynamoDb, Status Code: 404, Request ID: id)";
        assert_eq!(
            sdk("dynamodb", &FAILURE),
            Outcome::failed("DynamoDb.DynamoDbException", text)
        );
        let text = "It is not there. (Service: Sfn, Status Code: 404, Request ID: id) (SDK \
                    Attempt Count: 2)";
        assert_eq!(
            sdk("sfn", &FAILURE),
            Outcome::failed("Sfn.SfnException", text)
        );
    }
}
