//! ARNs taken apart.

use crate::value::{Fn, Text};

/// How a resource's name stands in an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArnFormat {
    /// `arn:aws:sqs:eu-central-1:123456789012:orders`.
    NoName,
    /// `arn:aws:states:eu-central-1:123456789012:stateMachine:orders`.
    Colon,
    /// `arn:aws:dynamodb:eu-central-1:123456789012:table/orders`.
    Slash,
}

/// An ARN whose parts are taken out: at once where it is written out, by CloudFormation where it is a token.
pub(crate) struct Arn<'a> {
    arn: &'a Text,
    /// The parts between colons; none if they are only known at deployment.
    parts: Option<Vec<Text>>,
}

impl<'a> Arn<'a> {
    pub(crate) fn split(arn: &'a Text) -> Self {
        let parts = arn.starts_with("arn:").then(|| arn.split(":"));
        Self { arn, parts }
    }

    /// The part at an index between colons; empty if there is none.
    pub(crate) fn part(&self, index: usize) -> Text {
        match &self.parts {
            Some(parts) => parts.get(index).cloned().unwrap_or_default(),
            None => Fn::select(index, Fn::split(":", self.arn)),
        }
    }

    pub(crate) fn region(&self) -> Text {
        self.part(3)
    }

    pub(crate) fn account(&self) -> Text {
        self.part(4)
    }

    /// What stands after the resource's type, or the resource itself if the format has no name.
    pub(crate) fn resource_name(&self, format: ArnFormat) -> Text {
        let after = |parts: &[Text]| Text::join(":", parts.get(5..).unwrap_or_default());
        match (format, &self.parts) {
            (ArnFormat::NoName, _) => self.part(5),
            (ArnFormat::Colon, None) => self.part(6),
            (ArnFormat::Colon, Some(parts)) => Text::join(":", parts.get(6..).unwrap_or_default()),
            (ArnFormat::Slash, None) => Fn::select(1, Fn::split("/", self.part(5))),
            (ArnFormat::Slash, Some(parts)) => {
                Text::join("/", after(parts).split("/").get(1..).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arn, ArnFormat};
    use crate::value::{Fn, Pseudo, Text};

    #[test]
    fn known_parts_are_taken_out_at_once() {
        let arn = Text::from("arn:aws:states:eu-central-1:123456789012:stateMachine:orders");
        let arn = Arn::split(&arn);
        assert_eq!(arn.region().as_literal(), Some("eu-central-1"));
        assert_eq!(arn.account().as_literal(), Some("123456789012"));
        let name = arn.resource_name(ArnFormat::Colon);
        assert_eq!(name.as_literal(), Some("orders"));
        let role = Text::from("arn:aws:iam::123456789012:role/service-role/orders");
        let name = Arn::split(&role).resource_name(ArnFormat::Slash);
        assert_eq!(name.as_literal(), Some("service-role/orders"));
    }

    #[test]
    fn an_arn_with_tokens_in_it_is_cut_at_its_colons() {
        let arn = Text::from("arn:").then(Pseudo::Partition).then(":sqs:");
        let arn = arn.then(Pseudo::Region).then(":123456789012:orders");
        let arn = Arn::split(&arn);
        assert_eq!(arn.region(), Text::from(Pseudo::Region));
        let name = arn.resource_name(ArnFormat::NoName);
        assert_eq!(name.as_literal(), Some("orders"));
    }

    #[test]
    fn a_token_is_cut_by_cloudformation() {
        let token = Text::from(Pseudo::StackId);
        let name = Arn::split(&token).resource_name(ArnFormat::Colon);
        assert_eq!(name, Fn::select(6, Fn::split(":", Pseudo::StackId)));
    }
}
