//! The Rust types that hyperparameters have.

use super::Parameter;
use crate::{Error, Result};

/// A Rust type that a hyperparameter can have.
pub(crate) trait Value: Sized {
    /// What is expected, for an error.
    fn expected() -> String;
    fn to_parameter(&self) -> Parameter;
    fn from_parameter(value: &Parameter) -> Option<Self>;
}

impl Value for bool {
    fn expected() -> String {
        "true or false".into()
    }
    fn to_parameter(&self) -> Parameter {
        Parameter::Bool(*self)
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl Value for f64 {
    fn expected() -> String {
        "a number".into()
    }
    fn to_parameter(&self) -> Parameter {
        Parameter::Float(*self)
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::Float(value) => Some(*value),
            Parameter::Integer(value) => Some(*value as f64),
            _ => None,
        }
    }
}

macro_rules! whole_number {
    ($($name:ty),*) => {$(
        impl Value for $name {
            fn expected() -> String {
                "a whole number, 0 or more".into()
            }
            fn to_parameter(&self) -> Parameter {
                i64::try_from(*self).map_or(Parameter::Float(*self as f64), Parameter::Integer)
            }
            fn from_parameter(value: &Parameter) -> Option<Self> {
                match value {
                    Parameter::Integer(value) => Self::try_from(*value).ok(),
                    _ => None,
                }
            }
        }
    )*};
}

whole_number!(usize, u64);

/// Two numbers, as the text `(0.0, 1.0)`.
impl Value for (f64, f64) {
    fn expected() -> String {
        "two numbers as text, (0.0, 1.0)".into()
    }
    fn to_parameter(&self) -> Parameter {
        Parameter::Text(format!("({:?}, {:?})", self.0, self.1))
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        let Parameter::Text(text) = value else {
            return None;
        };
        let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
        let (first, second) = inner.split_once(',')?;
        Some((first.trim().parse().ok()?, second.trim().parse().ok()?))
    }
}

impl<T: Value> Value for Option<T> {
    fn expected() -> String {
        format!("{}, or none", T::expected())
    }
    fn to_parameter(&self) -> Parameter {
        self.as_ref().map_or(Parameter::None, Value::to_parameter)
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::None => Some(None),
            value => T::from_parameter(value).map(Some),
        }
    }
}

/// A field as a parameter.
pub(crate) fn to_parameter(field: &impl Value) -> Parameter {
    field.to_parameter()
}

/// Sets a field from a parameter, or says what was expected.
pub(crate) fn set<T: Value>(field: &mut T, name: &'static str, value: &Parameter) -> Result<()> {
    *field =
        T::from_parameter(value).ok_or_else(|| Error::parameter(name, T::expected(), value))?;
    Ok(())
}

/// An error for a name that is no hyperparameter.
pub(crate) fn unknown(name: &str, known: &[&str]) -> Error {
    Error::UnknownName {
        what: "hyperparameter",
        name: name.to_owned(),
        known: known.join(", "),
    }
}
