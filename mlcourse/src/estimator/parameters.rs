//! Hyperparameters by name, as searches, run logs and tables need them.

use super::value::Value as _;
use crate::Result;
use std::fmt;

/// The value of a hyperparameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// Nothing: no limit, no seed.
    None,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A choice, by scikit-learn's word for it.
    Text(String),
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(value) => value.fmt(f),
        }
    }
}

/// A value whose hyperparameters can be read and set by scikit-learn's names.
///
/// ```
/// use mlcourse::estimator::{Parameter, Parameters};
/// use mlcourse::prelude::*;
///
/// let mut model = LogisticRegression::new();
/// model.set_parameter("c", &Parameter::Float(0.1))?;
/// assert_eq!(model, LogisticRegression::new().c(0.1));
/// # Ok::<(), mlcourse::Error>(())
/// ```
pub trait Parameters {
    /// The hyperparameters and what they are now.
    fn parameters(&self) -> Vec<(&'static str, Parameter)>;

    /// Sets one.
    ///
    /// # Errors
    /// When there is none of this name, or the value is of another kind.
    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<()>;
}

/// A word that is none of a hyperparameter's choices; holds the choices there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownChoice(pub String);

macro_rules! into_parameter {
    ($($from:ty => |$value:ident| $to:expr),* $(,)?) => {$(
        impl From<$from> for Parameter {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

into_parameter! {
    bool => |value| Self::Bool(value),
    f64 => |value| Self::Float(value),
    i32 => |value| Self::Integer(value.into()),
    i64 => |value| Self::Integer(value),
    u64 => |value| value.to_parameter(),
    usize => |value| value.to_parameter(),
    &str => |value| Self::Text(value.to_owned()),
    String => |value| Self::Text(value),
}

impl<T: Into<Parameter>> From<Option<T>> for Parameter {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

/// `parameters!(Model { alpha, max_iter })`: the fields are the hyperparameters.
macro_rules! parameters {
    ($model:ty { $($field:ident),* $(,)? }) => {
        impl $crate::estimator::Parameters for $model {
            fn parameters(&self) -> Vec<(&'static str, $crate::estimator::Parameter)> {
                vec![$((stringify!($field), $crate::estimator::value::to_parameter(&self.$field))),*]
            }

            fn set_parameter(
                &mut self,
                name: &str,
                value: &$crate::estimator::Parameter,
            ) -> $crate::Result<()> {
                let _ = value; // Unused where there is no hyperparameter.
                match name {
                    $(stringify!($field) => $crate::estimator::value::set(
                        &mut self.$field,
                        stringify!($field),
                        value,
                    ),)*
                    _ => Err($crate::estimator::value::unknown(name, &[$(stringify!($field)),*])),
                }
            }
        }
    };
}

/// `choice!(Criterion { Gini = "gini", Entropy = "entropy" })`: an enum that is a hyperparameter by its words.
macro_rules! choice {
    ($choice:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl std::fmt::Display for $choice {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $word),*
                })
            }
        }

        impl std::str::FromStr for $choice {
            type Err = $crate::estimator::UnknownChoice;

            fn from_str(word: &str) -> std::result::Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::estimator::UnknownChoice([$($word),*].join(", "))),
                }
            }
        }

        impl $crate::estimator::value::Value for $choice {
            fn expected() -> String {
                format!("one of {}", [$($word),*].join(", "))
            }
            fn to_parameter(&self) -> $crate::estimator::Parameter {
                $crate::estimator::Parameter::Text(self.to_string())
            }
            fn from_parameter(value: &$crate::estimator::Parameter) -> Option<Self> {
                match value {
                    $crate::estimator::Parameter::Text(word) => word.parse().ok(),
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {choice, parameters};
