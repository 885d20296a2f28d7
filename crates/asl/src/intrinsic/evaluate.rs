//! The value of a call.

use std::borrow::Cow;
use std::cell::Cell;

use serde_json::Value;

use super::arguments::Arguments;
use super::call::{Argument, Call, Function};
use super::error::{FailureReason, IntrinsicFailure};
use super::{MAX_BYTES, arrays, numbers, text};
use crate::World;
use crate::jsonpath::{Data, NotFound, Path, weigh};

pub(super) fn evaluate(
    call: &Call,
    data: &dyn Data,
    world: &World,
) -> Result<Value, IntrinsicFailure> {
    let evaluation = Evaluation {
        data,
        world,
        room: Cell::new(MAX_BYTES),
    };
    evaluation.call(call).map_err(|reason| IntrinsicFailure {
        expression: call.text().to_owned(),
        reason,
    })
}

struct Evaluation<'e> {
    data: &'e dyn Data,
    world: &'e World,
    /// The bytes that arguments and results may still take up.
    room: Cell<usize>,
}

impl<'e> Evaluation<'e> {
    /// Recursion ends with the depth that the parser allows.
    fn call(&self, call: &'e Call) -> Result<Value, FailureReason> {
        let values = call
            .arguments
            .iter()
            .map(|argument| self.argument(argument));
        let arguments = Arguments {
            function: call.function,
            values: values.collect::<Result<_, _>>()?,
        };
        let value = match call.function {
            Function::Format => {
                let slots = match call.arguments.first() {
                    Some(Argument::Text(literal)) => Some(literal.slots.as_slice()),
                    _ => None,
                };
                text::format(&arguments, slots)
            }
            Function::StringToJson => text::parse(&arguments),
            Function::JsonToString => Ok(arguments.value(0).to_string().into()),
            Function::Array => Ok(arguments.values.into_iter().map(Cow::into_owned).collect()),
            Function::ArrayPartition => arrays::partition(&arguments),
            Function::ArrayContains => arrays::contains(&arguments),
            Function::ArrayRange => arrays::range(&arguments),
            Function::ArrayGetItem => arrays::get_item(&arguments),
            Function::ArrayLength => Ok(arguments.array(0)?.len().into()),
            Function::ArrayUnique => arrays::unique(&arguments),
            Function::Base64Encode => text::encode(&arguments),
            Function::Base64Decode => text::decode(&arguments),
            Function::Hash => text::hash(&arguments),
            Function::JsonMerge => arrays::merge(&arguments),
            Function::MathRandom => numbers::random(&arguments, self.world),
            Function::MathAdd => numbers::add(&arguments),
            Function::StringSplit => text::split(&arguments),
            Function::Uuid => Ok(self.world.random.uuid().to_string().into()),
        }?;
        self.charge(&value)?;
        Ok(value)
    }

    fn argument(&self, argument: &'e Argument) -> Result<Cow<'e, Value>, FailureReason> {
        match argument {
            Argument::Value(value) => Ok(Cow::Borrowed(value)),
            Argument::Text(literal) => match &literal.open_escape {
                Some(text) => Err(FailureReason::OpenEscape {
                    text: text.to_string(),
                }),
                None => Ok(Cow::Borrowed(&literal.value)),
            },
            Argument::Call(call) => self.call(call).map(Cow::Owned),
            Argument::Path(path) => {
                let selected = self.select(path)?;
                self.charge(&selected)?;
                Ok(selected)
            }
        }
    }

    fn select(&self, path: &Path) -> Result<Cow<'e, Value>, FailureReason> {
        path.select(self.data)
            .map(Cow::from)
            .map_err(|error| match error {
                NotFound::TooMuch { .. } => FailureReason::PathLimit(error),
                _ => FailureReason::PathNotFound {
                    path: path.text().to_owned(),
                    input: self.data.input().to_string(),
                },
            })
    }

    fn charge(&self, value: &Value) -> Result<(), FailureReason> {
        let room = self.room.get();
        let size = weigh(value, room).ok_or(FailureReason::TooMuch)?;
        self.room.set(room - size);
        Ok(())
    }
}
