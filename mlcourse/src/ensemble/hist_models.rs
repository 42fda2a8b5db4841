//! The two models of gradient boosting on bins.

use super::boosting_models::probabilities;
use super::hist::{Boosted, Plan, Rows, finite_or_missing};
use super::loss::Loss;
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, choice, classifier, parameters, regressor};
use crate::tree::{ClassWeight, labelled_unchecked, largest, numbered_unchecked};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What boosting on bins descends for numbers; r = y − f.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HistLoss {
    /// ½ r²; predicts the mean.
    #[default]
    SquaredError,
    /// |r|; predicts the median.
    AbsoluteError,
    /// The pinball loss; predicts the quantile `quantile`.
    Quantile,
}

choice!(HistLoss {
    SquaredError = "squared_error",
    AbsoluteError = "absolute_error",
    Quantile = "quantile"
});

/// What both models have alike.
macro_rules! hist_boosting {
    ($model:ident => $fitted:ident) => {
        impl $model {
            /// A model with the default parameters.
            pub fn new() -> Self {
                Self::default()
            }

            /// How much of each tree is added.
            #[must_use]
            pub fn learning_rate(mut self, learning_rate: f64) -> Self {
                self.learning_rate = learning_rate;
                self
            }

            /// The most iterations, from 1.
            #[must_use]
            pub fn max_iter(mut self, max_iter: usize) -> Self {
                self.max_iter = max_iter;
                self
            }

            /// The most leaves of a tree, from 2.
            #[must_use]
            pub fn max_leaf_nodes(mut self, max_leaf_nodes: usize) -> Self {
                self.max_leaf_nodes = Some(max_leaf_nodes);
                self
            }

            /// The most splits between the root and a leaf, from 1.
            #[must_use]
            pub fn max_depth(mut self, max_depth: usize) -> Self {
                self.max_depth = Some(max_depth);
                self
            }

            /// The least samples of a leaf, from 1.
            #[must_use]
            pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
                self.min_samples_leaf = min_samples_leaf;
                self
            }

            /// λ, which shrinks the values of leaves.
            #[must_use]
            pub fn l2_regularization(mut self, l2_regularization: f64) -> Self {
                self.l2_regularization = l2_regularization;
                self
            }

            /// The share of the features, drawn anew at each split, that it looks at, in (0, 1].
            #[must_use]
            pub fn max_features(mut self, max_features: f64) -> Self {
                self.max_features = max_features;
                self
            }

            /// The most bins of a feature, in [2, 255], beside one for what is missing.
            #[must_use]
            pub fn max_bins(mut self, max_bins: usize) -> Self {
                self.max_bins = max_bins;
                self
            }

            /// The columns whose numbers are names of categories, without an order.
            #[must_use]
            pub fn categorical_features(mut self, columns: &[usize]) -> Self {
                self.categorical_features = columns.to_vec();
                self
            }

            /// Whether it stops when held-out samples are predicted no better; by default from 10 001 samples on.
            #[must_use]
            pub fn early_stopping(mut self, early_stopping: bool) -> Self {
                self.early_stopping = Some(early_stopping);
                self
            }

            /// The share of the samples held out for early stopping, in (0, 1).
            #[must_use]
            pub fn validation_fraction(mut self, validation_fraction: f64) -> Self {
                self.validation_fraction = validation_fraction;
                self
            }

            /// After how many iterations without a better score it stops, from 1.
            #[must_use]
            pub fn n_iter_no_change(mut self, n_iter_no_change: usize) -> Self {
                self.n_iter_no_change = n_iter_no_change;
                self
            }

            /// How much better a score has to be to count.
            #[must_use]
            pub fn tol(mut self, tol: f64) -> Self {
                self.tol = tol;
                self
            }

            /// The seed of all draws (scikit-learn's `random_state`).
            #[must_use]
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }

            fn plan(&self) -> Plan<'_> {
                Plan {
                    learning_rate: self.learning_rate,
                    max_iter: self.max_iter,
                    max_leaf_nodes: self.max_leaf_nodes,
                    max_depth: self.max_depth,
                    min_samples_leaf: self.min_samples_leaf,
                    l2_regularization: self.l2_regularization,
                    max_features: self.max_features,
                    max_bins: self.max_bins,
                    categorical_features: &self.categorical_features,
                    early_stopping: self.early_stopping,
                    validation_fraction: self.validation_fraction,
                    n_iter_no_change: self.n_iter_no_change,
                    tol: self.tol,
                    seed: self.seed,
                }
            }
        }

        impl $fitted {
            /// The number of iterations: fewer than `max_iter` where it stopped early.
            pub fn n_iter(&self) -> usize {
                self.boosted.n_iter()
            }

            /// Minus the mean loss of the training samples, before the first iteration and after each.
            pub fn train_score(&self) -> &[f64] {
                &self.boosted.train_score
            }

            /// The same of the held-out samples; empty without early stopping.
            pub fn validation_score(&self) -> &[f64] {
                &self.boosted.validation_score
            }

            /// How much of the fall of the loss is each feature's, shape (n_features); they add up to 1.
            pub fn feature_importances(&self) -> Array1<f64> {
                self.boosted.importances()
            }

            fn table(&self) -> Table {
                let scores = self.train_score();
                let caption = format!(
                    "{} fitted on {} features: {} iterations, {} leaves in all, training loss {:.4} before the first and {:.4} after the last",
                    stringify!($model),
                    self.boosted.n_features(),
                    self.n_iter(),
                    self.boosted.n_leaves(),
                    -scores[0],
                    -scores[scores.len() - 1]
                );
                let mut table = Table::new(&["feature", "importance"]).caption(caption).decimals(4);
                for (feature, &share) in self.feature_importances().iter().enumerate() {
                    table.push(vec![Cell::from(feature), share.into()]);
                }
                table
            }
        }

        impl fmt::Display for $fitted {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.table().fmt(f)
            }
        }

        impl Display for $fitted {
            fn bundle(&self) -> MimeBundle {
                self.table().bundle()
            }
        }
    };
}

/// Gradient boosting on bins: fast on many samples, at home with missing values and categories.
///
/// Each feature falls into at most 255 bins of about as many samples, so that a split is looked for among 254 thresholds in
/// histograms of the slopes g and curvatures h of the loss, where the larger child of a node is the node minus the smaller.
/// A split gains G_L² / (H_L + λ) + G_R² / (H_R + λ) − G² / (H + λ), with G and H the sums over a side, and a leaf adds
/// −ν G / (H + λ). The best leaf is split first.
///
/// Missing values (NaN) go to the side where they help more; a split by category sends a set of categories left.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `learning_rate` | 0.1 | ν, how much of each tree is added | \[0, ∞) |
/// | `max_iter` | 100 | the most iterations, each with a tree for each class of more than two | from 1 |
/// | `max_leaf_nodes` | 31 | the most leaves of a tree | from 2 |
/// | `max_depth` | none | the most splits between the root and a leaf | from 1 |
/// | `min_samples_leaf` | 20 | the least samples of a leaf | from 1 |
/// | `l2_regularization` | 0 | λ | \[0, ∞) |
/// | `max_features` | 1 | the share of the features that a split looks at | (0, 1] |
/// | `max_bins` | 255 | the most bins of a feature | \[2, 255] |
/// | `categorical_features` | none | columns whose numbers are names of categories | |
/// | `early_stopping` | from 10 001 samples on | whether to stop when held-out samples are predicted no better | |
/// | `validation_fraction` | 0.1 | the share held out for that | (0, 1) |
/// | `n_iter_no_change` | 10 | after how many iterations without a better score it stops | from 1 |
/// | `tol` | 1e-7 | how much better a score has to be to count | \[0, ∞) |
/// | `class_weight` | none | how much the samples of each class count | |
/// | `seed` | 0 | of all draws | |
///
/// ```
/// use mlcourse::ensemble::HistGradientBoostingClassifier;
/// use mlcourse::prelude::*;
///
/// let x = Array2::from_shape_fn((200, 1), |(row, _)| if row % 4 == 0 { f64::NAN } else { row as f64 });
/// let y = Array1::from_shape_fn(200, |row| usize::from(row % 4 == 0 || row > 100));
/// let model = HistGradientBoostingClassifier::new().fit((&x, &y))?;
/// assert_eq!(model.score(&x, &y)?, 1.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, sections 2 (*Ensemble*) and 3.1.1 (*LightGBM*); scikit-learn, *HistGradientBoostingClassifier*;
/// G. Ke and others, *LightGBM: A Highly Efficient Gradient Boosting Decision Tree*, 2017.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistGradientBoostingClassifier {
    learning_rate: f64,
    max_iter: usize,
    max_leaf_nodes: Option<usize>,
    max_depth: Option<usize>,
    min_samples_leaf: usize,
    l2_regularization: f64,
    max_features: f64,
    max_bins: usize,
    categorical_features: Vec<usize>,
    early_stopping: Option<bool>,
    validation_fraction: f64,
    n_iter_no_change: usize,
    tol: f64,
    class_weight: Option<ClassWeight>,
    seed: u64,
}

impl Default for HistGradientBoostingClassifier {
    fn default() -> Self {
        Self {
            learning_rate: 0.1,
            max_iter: 100,
            max_leaf_nodes: Some(31),
            max_depth: None,
            min_samples_leaf: 20,
            l2_regularization: 0.0,
            max_features: 1.0,
            max_bins: 255,
            categorical_features: Vec::new(),
            early_stopping: None,
            validation_fraction: 0.1,
            n_iter_no_change: 10,
            tol: 1e-7,
            class_weight: None,
            seed: 0,
        }
    }
}

/// A [`HistGradientBoostingClassifier`] that has learnt. It shows as a table of its features' importances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedHistGradientBoostingClassifier {
    classes: Vec<usize>,
    boosted: Boosted,
    lineage: Lineage,
}

hist_boosting!(HistGradientBoostingClassifier => FittedHistGradientBoostingClassifier);
classifier!(HistGradientBoostingClassifier => FittedHistGradientBoostingClassifier);
parameters!(HistGradientBoostingClassifier {
    learning_rate,
    max_iter,
    max_leaf_nodes,
    max_depth,
    min_samples_leaf,
    l2_regularization,
    max_features,
    max_bins,
    early_stopping,
    validation_fraction,
    n_iter_no_change,
    tol,
    class_weight,
    seed
});

impl HistGradientBoostingClassifier {
    /// How much the samples of each class count.
    #[must_use]
    pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.class_weight = Some(class_weight);
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedHistGradientBoostingClassifier> {
        finite_or_missing(&x)?;
        let data = labelled_unchecked(x, y, sample_weight)?.weigh(self.class_weight.as_ref())?;
        let loss = loss_of(data.classes.len());
        let rows = Rows {
            x: data.rows.x,
            y: data.rows.y.iter().map(|&class| f64::from(class)).collect(),
            weight: data.rows.weight,
        };
        Ok(FittedHistGradientBoostingClassifier {
            classes: data.classes,
            boosted: self.plan().boost(loss, rows, true)?,
            lineage: Lineage::default(),
        })
    }
}

fn loss_of(n_classes: usize) -> Loss {
    if n_classes == 2 {
        Loss::Binary
    } else {
        Loss::Multinomial(n_classes)
    }
}

impl FittedHistGradientBoostingClassifier {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let raw = self
            .boosted
            .raw("HistGradientBoostingClassifier::predict", &x)?;
        let class = |raw: ArrayView1<'_, f64>| match raw.len() {
            1 => usize::from(raw[0] > 0.0),
            _ => largest(&raw.to_vec()),
        };
        Ok(raw
            .outer_iter()
            .map(|raw| self.classes[class(raw)])
            .collect())
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let raw = self
            .boosted
            .raw("HistGradientBoostingClassifier::predict_proba", &x)?;
        Ok(probabilities(
            loss_of(self.classes.len()),
            &raw,
            self.classes.len(),
        ))
    }

    /// The raw scores, shape (n_samples, n_classes), or (n_samples, 1) for two classes: positive means the second.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function(&self, x: &impl Features) -> Result<Array2<f64>> {
        self.boosted.raw(
            "HistGradientBoostingClassifier::decision_function",
            &x.rows()?,
        )
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }
}

/// Gradient boosting of a number on bins: fast on many samples, at home with missing values and categories.
///
/// It works as [`HistGradientBoostingClassifier`] does, and has its parameters, except:
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `loss` | squared_error | `squared_error`, `absolute_error` or `quantile` | |
/// | `quantile` | 0.5 | which quantile the loss `quantile` predicts | (0, 1) |
///
/// ```
/// use mlcourse::ensemble::HistGradientBoostingRegressor;
/// use mlcourse::prelude::*;
///
/// let x = Array2::from_shape_fn((500, 1), |(row, _)| row as f64 / 50.0);
/// let y = x.column(0).mapv(f64::sin);
/// let model = HistGradientBoostingRegressor::new().fit((&x, &y))?;
/// assert!(model.score(&x, &y)? > 0.99);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *HistGradientBoostingRegressor*; G. Ke and others, *LightGBM: A Highly Efficient Gradient Boosting
/// Decision Tree*, 2017.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistGradientBoostingRegressor {
    loss: HistLoss,
    quantile: f64,
    learning_rate: f64,
    max_iter: usize,
    max_leaf_nodes: Option<usize>,
    max_depth: Option<usize>,
    min_samples_leaf: usize,
    l2_regularization: f64,
    max_features: f64,
    max_bins: usize,
    categorical_features: Vec<usize>,
    early_stopping: Option<bool>,
    validation_fraction: f64,
    n_iter_no_change: usize,
    tol: f64,
    seed: u64,
}

impl Default for HistGradientBoostingRegressor {
    fn default() -> Self {
        Self {
            loss: HistLoss::SquaredError,
            quantile: 0.5,
            learning_rate: 0.1,
            max_iter: 100,
            max_leaf_nodes: Some(31),
            max_depth: None,
            min_samples_leaf: 20,
            l2_regularization: 0.0,
            max_features: 1.0,
            max_bins: 255,
            categorical_features: Vec::new(),
            early_stopping: None,
            validation_fraction: 0.1,
            n_iter_no_change: 10,
            tol: 1e-7,
            seed: 0,
        }
    }
}

/// A [`HistGradientBoostingRegressor`] that has learnt. It shows as a table of its features' importances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedHistGradientBoostingRegressor {
    boosted: Boosted,
    lineage: Lineage,
}

hist_boosting!(HistGradientBoostingRegressor => FittedHistGradientBoostingRegressor);
regressor!(HistGradientBoostingRegressor => FittedHistGradientBoostingRegressor);
parameters!(HistGradientBoostingRegressor {
    loss,
    quantile,
    learning_rate,
    max_iter,
    max_leaf_nodes,
    max_depth,
    min_samples_leaf,
    l2_regularization,
    max_features,
    max_bins,
    early_stopping,
    validation_fraction,
    n_iter_no_change,
    tol,
    seed
});

impl HistGradientBoostingRegressor {
    /// What is descended.
    #[must_use]
    pub fn loss(mut self, loss: HistLoss) -> Self {
        self.loss = loss;
        self
    }

    /// Which quantile the loss `quantile` predicts, in (0, 1).
    #[must_use]
    pub fn quantile(mut self, quantile: f64) -> Self {
        self.quantile = quantile;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedHistGradientBoostingRegressor> {
        finite_or_missing(&x)?;
        check::column("y", &y)?;
        if !(self.quantile > 0.0 && self.quantile < 1.0) {
            return Err(Error::parameter(
                "quantile",
                "a number in (0, 1)",
                self.quantile,
            ));
        }
        let rows = numbered_unchecked(x, y, sample_weight)?;
        let loss = match self.loss {
            HistLoss::SquaredError => Loss::Squared,
            HistLoss::AbsoluteError => Loss::Absolute,
            HistLoss::Quantile => Loss::Quantile(self.quantile),
        };
        let rows = Rows {
            x: rows.x,
            y: rows.y,
            weight: rows.weight,
        };
        Ok(FittedHistGradientBoostingRegressor {
            boosted: self.plan().boost(loss, rows, false)?,
            lineage: Lineage::default(),
        })
    }
}

impl FittedHistGradientBoostingRegressor {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let raw = self
            .boosted
            .raw("HistGradientBoostingRegressor::predict", &x)?;
        Ok(raw.column(0).to_owned())
    }
}
