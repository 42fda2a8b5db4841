//! How much each class counts: for data where one class is rare.
//!
//! ```
//! use mlcourse::prelude::*;
//! use mlcourse::class_weight::ClassWeight;
//!
//! let (x, y) = (array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], array![0, 0, 0, 0, 0, 1]);
//! let model = LogisticRegression::new().class_weight(ClassWeight::Balanced).fit((&x, &y))?;
//! assert_eq!(model.predict(&array![[4.5]])?, array![1]);
//! # Ok::<(), mlcourse::Error>(())
//! ```

use crate::estimator::Parameter;
use crate::estimator::value::Value;
use crate::{Error, Result};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much the samples of each class count in a fit; a sample's weight is multiplied by its class's.
///
/// | choice | weight of class k |
/// |---|---|
/// | `None` | 1 |
/// | `Balanced` | n / (K · n_k): all K classes weigh the same together, n_k samples of class k out of n |
/// | `Given` | as given, 1 for a label that is not |
///
/// By name, as a hyperparameter: `None`, `"balanced"`, or `"0: 1.0, 1: 5.0"`.
///
/// Source: scikit-learn, *compute_class_weight*; the rule for `Balanced` is G. King and L. Zeng's (2001).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum ClassWeight {
    /// All the same.
    #[default]
    None,
    /// In inverse proportion to the classes' frequencies.
    Balanced,
    /// Label and weight, each 0 or more.
    Given(Vec<(usize, f64)>),
}

impl ClassWeight {
    /// The weight of each class; `indices` are the samples' places in `classes`.
    pub(crate) fn weights(
        &self,
        classes: &[usize],
        indices: &[usize],
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<Vec<f64>> {
        match self {
            Self::None => Ok(vec![1.0; classes.len()]),
            Self::Balanced => {
                let mut counts = vec![0.0; classes.len()];
                for (row, &class) in indices.iter().enumerate() {
                    counts[class] += sample_weight.map_or(1.0, |weights| weights[row]);
                }
                let total: f64 = counts.iter().sum();
                let of_all = classes.len() as f64;
                Ok(counts
                    .iter()
                    .map(|count| total / (of_all * count))
                    .collect())
            }
            Self::Given(given) => {
                for &(label, weight) in given {
                    if !(weight.is_finite() && weight >= 0.0) {
                        let expected = format!("a weight of 0 or more for class {label}");
                        return Err(Error::parameter("class_weight", expected, weight));
                    }
                    if !classes.contains(&label) {
                        return Err(Error::UnknownName {
                            what: "class",
                            name: label.to_string(),
                            known: join(classes),
                        });
                    }
                }
                let of = |class| given.iter().find(|(label, _)| label == class);
                Ok(classes
                    .iter()
                    .map(|class| of(class).map_or(1.0, |(_, weight)| *weight))
                    .collect())
            }
        }
    }

    /// The weight of each sample, class and sample weight multiplied; none when all are 1.
    pub(crate) fn sample_weights(
        &self,
        classes: &[usize],
        indices: &[usize],
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<Option<Vec<f64>>> {
        if *self == Self::None {
            return Ok(sample_weight.map(|weights| weights.to_vec()));
        }
        let of_class = self.weights(classes, indices, sample_weight)?;
        let of_row = |row| sample_weight.map_or(1.0, |weights| weights[row]);
        Ok(Some(
            indices
                .iter()
                .enumerate()
                .map(|(row, &class)| of_class[class] * of_row(row))
                .collect(),
        ))
    }
}

fn join(classes: &[usize]) -> String {
    let words: Vec<String> = classes.iter().map(usize::to_string).collect();
    words.join(", ")
}

impl fmt::Display for ClassWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Balanced => f.write_str("balanced"),
            Self::Given(given) => {
                for (place, (label, weight)) in given.iter().enumerate() {
                    let separator = if place == 0 { "" } else { ", " };
                    write!(f, "{separator}{label}: {weight:?}")?;
                }
                Ok(())
            }
        }
    }
}

impl Value for ClassWeight {
    fn expected() -> String {
        "none, balanced, or weights by label such as `0: 1.0, 1: 5.0`".into()
    }

    fn to_parameter(&self) -> Parameter {
        match self {
            Self::None => Parameter::None,
            other => Parameter::Text(other.to_string()),
        }
    }

    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::None => Some(Self::None),
            Parameter::Text(word) if word == "balanced" => Some(Self::Balanced),
            Parameter::Text(pairs) => pairs
                .split(',')
                .map(|pair| {
                    let (label, weight) = pair.split_once(':')?;
                    Some((label.trim().parse().ok()?, weight.trim().parse().ok()?))
                })
                .collect::<Option<Vec<_>>>()
                .map(Self::Given),
            _ => None,
        }
    }
}
