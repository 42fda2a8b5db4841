//! Hyperparameters that all trees share, and the data they learn from.

use super::criterion::LeafLimits;
use super::grow::Limits;
use crate::estimator::Parameter;
use crate::estimator::value::Value;
use crate::{Error, Result, check};
use ndarray::{ArrayRef1, ArrayRef2, ArrayView1, ArrayView2, Axis, CowArray, Ix2};
use serde::{Deserialize, Serialize};

/// How many features, drawn anew at each split, a tree looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum MaxFeatures {
    /// All of them; nothing is random then.
    #[default]
    All,
    /// √p of p features, rounded down.
    Sqrt,
    /// log₂ p of p features, rounded down.
    Log2,
    /// This many; more than there are is all of them.
    Count(usize),
    /// This share of them, in (0, 1], rounded down, at least one.
    Fraction(f64),
}

impl MaxFeatures {
    pub(crate) fn resolve(self, n_features: usize) -> Result<usize> {
        let p = n_features as f64;
        let count = match self {
            Self::All => n_features,
            Self::Sqrt => p.sqrt() as usize,
            Self::Log2 => p.log2() as usize,
            Self::Count(count) if count > 0 => count,
            Self::Fraction(share) if share > 0.0 && share <= 1.0 => (share * p) as usize,
            Self::Count(count) => return Err(Self::wrong(count)),
            Self::Fraction(share) => return Err(Self::wrong(share)),
        };
        Ok(count.clamp(1, n_features))
    }

    fn wrong(found: impl ToString) -> Error {
        Error::parameter("max_features", Self::expected(), found)
    }
}

impl Value for MaxFeatures {
    fn expected() -> String {
        "sqrt, log2, a whole number from 1, a fraction in (0, 1], or none for all".into()
    }
    fn to_parameter(&self) -> Parameter {
        match *self {
            Self::All => Parameter::None,
            Self::Sqrt => Parameter::Text("sqrt".into()),
            Self::Log2 => Parameter::Text("log2".into()),
            Self::Count(count) => count.to_parameter(),
            Self::Fraction(share) => Parameter::Float(share),
        }
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::None => Some(Self::All),
            Parameter::Text(word) if word == "sqrt" => Some(Self::Sqrt),
            Parameter::Text(word) if word == "log2" => Some(Self::Log2),
            Parameter::Integer(_) => usize::from_parameter(value).map(Self::Count),
            Parameter::Float(share) => Some(Self::Fraction(*share)),
            _ => None,
        }
    }
}

/// How much the samples of each class count, beside their own weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ClassWeight {
    /// n_samples / (n_classes · samples of the class): all classes count the same together.
    Balanced,
    /// In a forest, the same from the samples that each tree draws.
    BalancedSubsample,
    /// These weights of these labels; others count 1.
    Each(Vec<(usize, f64)>),
}

impl Value for ClassWeight {
    fn expected() -> String {
        "balanced or balanced_subsample".into()
    }
    fn to_parameter(&self) -> Parameter {
        Parameter::Text(match self {
            Self::Balanced => "balanced".into(),
            Self::BalancedSubsample => "balanced_subsample".into(),
            Self::Each(weights) => format!("{weights:?}"),
        })
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::Text(word) if word == "balanced" => Some(Self::Balanced),
            Parameter::Text(word) if word == "balanced_subsample" => Some(Self::BalancedSubsample),
            _ => None,
        }
    }
}

impl ClassWeight {
    /// The weight of each class; `class` says that of each sample.
    pub(crate) fn weights(&self, classes: &[usize], class: &[u32]) -> Result<Vec<f64>> {
        match self {
            Self::Balanced | Self::BalancedSubsample => Ok(balanced(
                classes.len(),
                class.iter().map(|&class| (class, 1.0)),
            )),
            Self::Each(weights) => {
                let wrong = |(_, weight): &&(usize, f64)| !weight.is_finite() || *weight < 0.0;
                if let Some((label, weight)) = weights.iter().find(wrong) {
                    return Err(Error::parameter(
                        "class_weight",
                        "0 or more for each class",
                        format!("{weight} for class {label}"),
                    ));
                }
                let of = |label| weights.iter().find(|(of, _)| of == label);
                let weight = |label| of(label).map_or(1.0, |(_, weight)| *weight);
                Ok(classes.iter().map(weight).collect())
            }
        }
    }
}

/// n / (k · n_c) for each class c, of rows that count some number of times. Scikit-learn's n and k are of the classes
/// that occur.
pub(crate) fn balanced(n_classes: usize, rows: impl Iterator<Item = (u32, f64)>) -> Vec<f64> {
    let mut counts = vec![0.0; n_classes];
    for (class, count) in rows {
        counts[class as usize] += count;
    }
    let total: f64 = counts.iter().sum();
    let occurring = counts.iter().filter(|count| **count > 0.0).count() as f64;
    counts
        .into_iter()
        .map(|count| {
            if count > 0.0 {
                total / (occurring * count)
            } else {
                0.0
            }
        })
        .collect()
}

/// What the fields of a model that grows trees say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) max_depth: Option<usize>,
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) min_weight_fraction_leaf: f64,
    pub(crate) max_features: MaxFeatures,
    pub(crate) max_leaf_nodes: Option<usize>,
    pub(crate) min_impurity_decrease: f64,
    pub(crate) ccp_alpha: f64,
}

impl Settings {
    /// The limits for data of `n_features`, or what is out of range.
    pub(crate) fn limits(&self, n_features: usize) -> Result<Limits> {
        at_least("max_depth", 1, self.max_depth.unwrap_or(1))?;
        at_least("min_samples_split", 2, self.min_samples_split)?;
        at_least("min_samples_leaf", 1, self.min_samples_leaf)?;
        at_least("max_leaf_nodes", 2, self.max_leaf_nodes.unwrap_or(2))?;
        not_negative("min_impurity_decrease", self.min_impurity_decrease)?;
        not_negative("ccp_alpha", self.ccp_alpha)?;
        if !(0.0..=0.5).contains(&self.min_weight_fraction_leaf) {
            return Err(Error::parameter(
                "min_weight_fraction_leaf",
                "a number in [0, 0.5]",
                self.min_weight_fraction_leaf,
            ));
        }
        Ok(Limits {
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_split: self.min_samples_split,
            leaf: LeafLimits {
                min_samples: self.min_samples_leaf,
                min_weight: 0.0,
            },
            min_impurity_decrease: self.min_impurity_decrease,
            max_leaf_nodes: self.max_leaf_nodes,
            max_features: self.max_features.resolve(n_features)?,
            random_thresholds: false,
        })
    }
}

impl Limits {
    /// The same with the least weight of a leaf, as a share of all.
    pub(crate) fn min_weight(mut self, fraction: f64, total: f64) -> Self {
        self.leaf.min_weight = fraction * total;
        self
    }
}

pub(crate) fn at_least(name: &'static str, least: usize, found: usize) -> Result<()> {
    if found >= least {
        return Ok(());
    }
    Err(Error::parameter(
        name,
        format!("a whole number from {least}"),
        found,
    ))
}

pub(crate) fn not_negative(name: &'static str, found: f64) -> Result<()> {
    if found.is_finite() && found >= 0.0 {
        return Ok(());
    }
    Err(Error::parameter(name, "0 or more", found))
}

/// `tree_settings!(Model)`: the builder methods of the hyperparameters that all trees have.
macro_rules! tree_settings {
    ($model:ident) => {
        impl $model {
            /// The most splits between the root and a leaf, from 1; without it, none is too many.
            #[must_use]
            pub fn max_depth(mut self, max_depth: usize) -> Self {
                self.max_depth = Some(max_depth);
                self
            }

            /// A node of fewer samples stays a leaf; from 2.
            #[must_use]
            pub fn min_samples_split(mut self, min_samples_split: usize) -> Self {
                self.min_samples_split = min_samples_split;
                self
            }

            /// The least samples of a leaf, from 1.
            #[must_use]
            pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
                self.min_samples_leaf = min_samples_leaf;
                self
            }

            /// The least weight of a leaf, as a share of all weights, in [0, 0.5].
            #[must_use]
            pub fn min_weight_fraction_leaf(mut self, min_weight_fraction_leaf: f64) -> Self {
                self.min_weight_fraction_leaf = min_weight_fraction_leaf;
                self
            }

            /// How many features, drawn anew at each split, it looks at.
            #[must_use]
            pub fn max_features(mut self, max_features: $crate::tree::MaxFeatures) -> Self {
                self.max_features = max_features;
                self
            }

            /// The most leaves, from 2. The splits that decrease the impurity most come first then.
            #[must_use]
            pub fn max_leaf_nodes(mut self, max_leaf_nodes: usize) -> Self {
                self.max_leaf_nodes = Some(max_leaf_nodes);
                self
            }

            /// A split that decreases the impurity by less, weighted by its share of all samples, is not made.
            #[must_use]
            pub fn min_impurity_decrease(mut self, min_impurity_decrease: f64) -> Self {
                self.min_impurity_decrease = min_impurity_decrease;
                self
            }

            /// Afterwards, the splits that decrease the impurity by at most this per leaf are removed; 0 removes none.
            #[must_use]
            pub fn ccp_alpha(mut self, ccp_alpha: f64) -> Self {
                self.ccp_alpha = ccp_alpha;
                self
            }

            /// The seed of everything random (scikit-learn's `random_state`).
            #[must_use]
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }

            pub(crate) fn settings(&self) -> $crate::tree::Settings {
                $crate::tree::Settings {
                    max_depth: self.max_depth,
                    min_samples_split: self.min_samples_split,
                    min_samples_leaf: self.min_samples_leaf,
                    min_weight_fraction_leaf: self.min_weight_fraction_leaf,
                    max_features: self.max_features,
                    max_leaf_nodes: self.max_leaf_nodes,
                    min_impurity_decrease: self.min_impurity_decrease,
                    ccp_alpha: self.ccp_alpha,
                }
            }
        }
    };
}

pub(crate) use tree_settings;

/// Checked rows to learn from, without those that weigh nothing.
#[derive(Debug)]
pub(crate) struct Learnable<'a, T> {
    pub(crate) x: CowArray<'a, f64, Ix2>,
    pub(crate) y: Vec<T>,
    pub(crate) weight: Option<Vec<f64>>,
}

/// Labels as places in `classes`.
#[derive(Debug)]
pub(crate) struct Labelled<'a> {
    pub(crate) rows: Learnable<'a, u32>,
    pub(crate) classes: Vec<usize>,
}

impl<T> Learnable<'_, T> {
    pub(crate) fn weight_of(&self, row: usize) -> f64 {
        self.weight.as_ref().map_or(1.0, |weight| weight[row])
    }

    pub(crate) fn total_weight(&self) -> f64 {
        match &self.weight {
            None => self.y.len() as f64,
            Some(weight) => weight.iter().sum(),
        }
    }
}

fn learnable<'a, T: Copy>(
    x: ArrayView2<'a, f64>,
    y: &ArrayRef1<T>,
    sample_weight: Option<ArrayView1<'_, f64>>,
) -> Result<Learnable<'a, T>> {
    check::same_length("x", x.nrows(), "y", y.len())?;
    if u32::try_from(x.nrows()).is_err() {
        return Err(Error::parameter("x", "fewer than 2³² rows", x.nrows()));
    }
    let Some(weight) = sample_weight else {
        return Ok(Learnable {
            x: x.into(),
            y: y.iter().copied().collect(),
            weight: None,
        });
    };
    check::sample_weight(&weight, x.nrows())?;
    let kept: Vec<usize> = (0..x.nrows()).filter(|&row| weight[row] > 0.0).collect();
    Ok(Learnable {
        y: kept.iter().map(|&row| y[row]).collect(),
        weight: Some(kept.iter().map(|&row| weight[row]).collect()),
        x: if kept.len() == x.nrows() {
            x.into()
        } else {
            x.select(Axis(0), &kept).into()
        },
    })
}

/// Labels to learn from.
pub(crate) fn labelled<'a>(
    x: ArrayView2<'a, f64>,
    y: ArrayView1<'_, usize>,
    sample_weight: Option<ArrayView1<'_, f64>>,
) -> Result<Labelled<'a>> {
    check::table("x", &x)?;
    labelled_unchecked(x, y, sample_weight)
}

/// Labels to learn from, of features that may be missing.
pub(crate) fn labelled_unchecked<'a>(
    x: ArrayView2<'a, f64>,
    y: ArrayView1<'_, usize>,
    sample_weight: Option<ArrayView1<'_, f64>>,
) -> Result<Labelled<'a>> {
    let rows = learnable(x, &y, sample_weight)?;
    let classes = check::distinct(rows.y.iter().copied());
    if let [label] = *classes {
        return Err(Error::SingleClass {
            label,
            n_samples: y.len(),
        });
    }
    let place = |label: usize| classes.partition_point(|&class| class < label) as u32;
    Ok(Labelled {
        rows: Learnable {
            y: rows.y.iter().map(|&label| place(label)).collect(),
            x: rows.x,
            weight: rows.weight,
        },
        classes,
    })
}

impl Labelled<'_> {
    /// Multiplies the weights by those of the classes, and drops what then weighs nothing.
    pub(crate) fn weigh(mut self, class_weight: Option<&ClassWeight>) -> Result<Self> {
        let Some(class_weight) = class_weight else {
            return Ok(self);
        };
        let weights = class_weight.weights(&self.classes, &self.rows.y)?;
        let rows = &mut self.rows;
        let weight =
            (0..rows.y.len()).map(|row| weights[rows.y[row] as usize] * rows.weight_of(row));
        let weight: Vec<f64> = weight.collect();
        let kept: Vec<usize> = (0..weight.len()).filter(|&row| weight[row] > 0.0).collect();
        if kept.is_empty() {
            return Err(Error::parameter(
                "class_weight",
                "above 0 for at least one class that occurs",
                "0 for all",
            ));
        }
        if kept.len() < weight.len() {
            rows.x = rows.x.select(Axis(0), &kept).into();
            rows.y = kept.iter().map(|&row| rows.y[row]).collect();
        }
        rows.weight = Some(kept.iter().map(|&row| weight[row]).collect());
        Ok(self)
    }
}

/// Numbers to learn from.
pub(crate) fn numbered<'a>(
    x: ArrayView2<'a, f64>,
    y: ArrayView1<'_, f64>,
    sample_weight: Option<ArrayView1<'_, f64>>,
) -> Result<Learnable<'a, f64>> {
    check::table("x", &x)?;
    check::column("y", &y)?;
    learnable(x, &y, sample_weight)
}

/// Numbers to learn from, of features that may be missing.
pub(crate) fn numbered_unchecked<'a>(
    x: ArrayView2<'a, f64>,
    y: ArrayView1<'_, f64>,
    sample_weight: Option<ArrayView1<'_, f64>>,
) -> Result<Learnable<'a, f64>> {
    learnable(x, &y, sample_weight)
}

/// What may be predicted for: as many finite features as at `fit`.
pub(crate) fn predictable<'a>(
    operation: &'static str,
    n_features: usize,
    x: &'a ArrayRef2<f64>,
) -> Result<CowArray<'a, f64, Ix2>> {
    check::n_features(operation, n_features, x)?;
    check::table("x", x)?;
    Ok(x.as_standard_layout())
}
