//! How many components to keep.

use crate::estimator::Parameter;
use crate::estimator::value::Value;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How many components a [`PCA`](super::PCA) keeps: all, a number of them, or as many as explain a share of the variance.
///
/// ```
/// use mlcourse::decomposition::Components;
///
/// assert_eq!(Components::from(3), Components::Count(3));
/// assert_eq!(Components::from(0.95), Components::Variance(0.95));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Components {
    /// All there are: min(n_samples, n_features).
    #[default]
    All,
    /// This many.
    Count(usize),
    /// As few as explain more than this share of the variance, between 0 and 1.
    Variance(f64),
}

impl From<usize> for Components {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<f64> for Components {
    fn from(share: f64) -> Self {
        Self::Variance(share)
    }
}

impl Components {
    /// Whether they fit a table of which at most `most` components can be had.
    pub(super) fn check(self, most: usize) -> Result<()> {
        match self {
            Self::Count(count) if !(1..=most).contains(&count) => Err(Error::parameter(
                "n_components",
                format!("from 1 to min(n_samples, n_features) = {most}"),
                count,
            )),
            Self::Variance(share) if !(share > 0.0 && share < 1.0) => Err(Error::parameter(
                "n_components",
                "a whole number, or a share of the variance between 0 and 1",
                share,
            )),
            _ => Ok(()),
        }
    }

    /// How many that is, given the share that each explains.
    pub(super) fn count(self, ratios: &[f64]) -> usize {
        match self {
            Self::All => ratios.len(),
            Self::Count(count) => count,
            Self::Variance(share) => {
                let mut sum = 0.0;
                let below = ratios.iter().take_while(|&&ratio| {
                    sum += ratio;
                    sum <= share
                });
                (below.count() + 1).min(ratios.len())
            }
        }
    }
}

impl Value for Components {
    fn expected() -> String {
        "a whole number, a share of the variance between 0 and 1, or none".into()
    }
    fn to_parameter(&self) -> Parameter {
        match *self {
            Self::All => Parameter::None,
            Self::Count(count) => count.into(),
            Self::Variance(share) => share.into(),
        }
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::None => Some(Self::All),
            Parameter::Integer(count) => usize::try_from(*count).ok().map(Self::Count),
            Parameter::Float(share) => Some(Self::Variance(*share)),
            _ => None,
        }
    }
}
