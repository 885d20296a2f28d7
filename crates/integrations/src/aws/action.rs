//! Which API action a resource stands for.

use stepmill_asl::model::ServiceResource;
use stepmill_aws_client::{Blobs, Names, Style, Timestamps};
use stepmill_catalog::{self as catalog, ErrorNames, Integration, SdkService, Times};

use crate::call::Outcome;

/// An API action, and how tasks see it.
pub(super) struct Action {
    /// The service's model, by its directory in botocore.
    pub(super) model: &'static str,
    /// The operation: `RunJobFlow`.
    pub(super) operation: String,
    pub(super) integration: Kind,
}

/// The generation of an integration: it decides how results and errors look.
pub(super) enum Kind {
    /// An AWS SDK integration.
    Sdk(&'static SdkService),
    /// An optimised one.
    Optimised {
        row: &'static Integration,
        errors: &'static ErrorNames,
        times: Times,
    },
}

impl Action {
    pub(super) fn of(resource: &ServiceResource) -> Result<Self, Outcome> {
        let unknown = || {
            let text = format!("Stepmill knows no API of AWS for {} to call.", resource.arn);
            Outcome::Impossible(text)
        };
        let action = catalog::api_action(resource).ok_or_else(unknown)?;
        let integration = match resource.sdk {
            true => catalog::sdk_service(&resource.service).map(Kind::Sdk),
            false => Kind::optimised(resource),
        };
        Ok(Self {
            model: action.model.ok_or_else(unknown)?,
            operation: action.action,
            integration: integration.ok_or_else(unknown)?,
        })
    }

    /// How parameters and results are written.
    pub(super) fn style(&self) -> Style {
        match self.integration {
            Kind::Sdk(_) => Style {
                names: Names::Java,
                blobs: Blobs::Text,
                timestamps: Timestamps::Iso,
            },
            Kind::Optimised { times, .. } => Style {
                names: Names::Pascal,
                blobs: Blobs::Text,
                timestamps: match times {
                    Times::Milliseconds => Timestamps::Milliseconds,
                    Times::Text => Timestamps::Iso,
                },
            },
        }
    }
}

impl Kind {
    fn optimised(resource: &ServiceResource) -> Option<Self> {
        let service = catalog::service(&resource.service)?;
        Some(Self::Optimised {
            row: catalog::integration(&resource.service, &resource.action)?,
            errors: service.error_names.as_ref()?,
            times: service.times,
        })
    }

    /// The catalog's row of an optimised integration.
    pub(super) fn row(&self) -> Option<&'static Integration> {
        match self {
            Self::Sdk(_) => None,
            Self::Optimised { row, .. } => Some(row),
        }
    }

    /// What names of its errors begin with.
    pub(super) fn prefix(&self) -> &'static str {
        match self {
            Self::Sdk(service) => &service.exception_prefix,
            Self::Optimised { errors, .. } => &errors.prefix,
        }
    }
}
