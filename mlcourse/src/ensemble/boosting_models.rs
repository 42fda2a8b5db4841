//! The two models of gradient boosting with exact splits.

use super::boosting::{Boosted, Plan, Rows};
use super::loss::Loss;
use crate::Error;
use crate::Result;
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, choice, classifier, parameters, regressor};
use crate::tree::{MaxFeatures, Tree, labelled, largest, numbered, predictable, tree_settings};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a boosted classifier descends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClassLoss {
    /// −log P(y): sigmoid of one score for two classes, softmax of one score for each of more.
    #[default]
    LogLoss,
    /// e^{−(2 y − 1) f}, as in AdaBoost; for two classes.
    Exponential,
}

choice!(ClassLoss {
    LogLoss = "log_loss",
    Exponential = "exponential"
});

/// What a boosted regressor descends; r = y − f.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RegressionLoss {
    /// r²; predicts the mean.
    #[default]
    SquaredError,
    /// |r|; predicts the median, whatever outliers there are.
    AbsoluteError,
    /// ½ r² up to |r| = δ and straight beyond; δ is the quantile `alpha` of |r|.
    Huber,
    /// The pinball loss; predicts the quantile `alpha`.
    Quantile,
}

choice!(RegressionLoss {
    SquaredError = "squared_error",
    AbsoluteError = "absolute_error",
    Huber = "huber",
    Quantile = "quantile"
});

/// What both models have alike.
macro_rules! boosting {
    ($model:ident => $fitted:ident, $loss:ident) => {
        impl $model {
            /// A model with the default parameters.
            pub fn new() -> Self {
                Self::default()
            }

            /// What is descended.
            #[must_use]
            pub fn loss(mut self, loss: $loss) -> Self {
                self.loss = loss;
                self
            }

            /// How much of each tree is added; smaller needs more trees and generalises better.
            #[must_use]
            pub fn learning_rate(mut self, learning_rate: f64) -> Self {
                self.learning_rate = learning_rate;
                self
            }

            /// The number of stages, from 1.
            #[must_use]
            pub fn n_estimators(mut self, n_estimators: usize) -> Self {
                self.n_estimators = n_estimators;
                self
            }

            /// The share of the samples, drawn anew without replacement, that each stage learns from, in (0, 1].
            #[must_use]
            pub fn subsample(mut self, subsample: f64) -> Self {
                self.subsample = subsample;
                self
            }

            /// The share of the samples held out for early stopping, in (0, 1).
            #[must_use]
            pub fn validation_fraction(mut self, validation_fraction: f64) -> Self {
                self.validation_fraction = validation_fraction;
                self
            }

            /// Stops early: when the loss of held-out samples has not fallen by `tol` below any of this many stages before.
            #[must_use]
            pub fn n_iter_no_change(mut self, n_iter_no_change: usize) -> Self {
                self.n_iter_no_change = Some(n_iter_no_change);
                self
            }

            /// The fall of the loss that counts.
            #[must_use]
            pub fn tol(mut self, tol: f64) -> Self {
                self.tol = tol;
                self
            }

            fn plan(&self) -> Plan {
                Plan {
                    trees: self.settings(),
                    n_estimators: self.n_estimators,
                    learning_rate: self.learning_rate,
                    subsample: self.subsample,
                    validation_fraction: self.validation_fraction,
                    n_iter_no_change: self.n_iter_no_change,
                    tol: self.tol,
                    seed: self.seed,
                }
            }
        }

        impl $fitted {
            /// The trees, stage by stage; with more than two classes, one for each class in a stage.
            pub fn trees(&self) -> &[Tree] {
                &self.boosted.trees
            }

            /// The number of stages: fewer than `n_estimators` where it stopped early.
            pub fn n_estimators(&self) -> usize {
                self.boosted.n_stages()
            }

            /// The mean loss of the training samples after each stage (of those drawn, with `subsample`).
            pub fn train_score(&self) -> &[f64] {
                &self.boosted.train_score
            }

            /// By how much each stage lowered the loss of the samples that it did not draw; empty without `subsample`.
            pub fn oob_improvement(&self) -> &[f64] {
                &self.boosted.oob_improvement
            }

            /// How much of the decrease of the squared error of the slopes is each feature's, shape (n_features); they
            /// add up to 1.
            pub fn feature_importances(&self) -> Array1<f64> {
                self.boosted.importances()
            }

            fn raw(&self, operation: &'static str, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
                let x = predictable(operation, self.boosted.n_features(), &x)?;
                Ok(self.boosted.raw(&x))
            }

            fn raw_after(&self, x: ArrayView2<'_, f64>, stages: &[usize]) -> Result<Vec<Array2<f64>>> {
                let x = predictable(concat!(stringify!($model), "::staged_predict"), self.boosted.n_features(), &x)?;
                let ascending = stages.is_sorted() && stages.first() != Some(&0);
                match stages.iter().find(|&&n| !ascending || n > self.n_estimators()) {
                    None => Ok(self.boosted.raw_after(&x, stages)),
                    Some(&wrong) => {
                        let range = format!("between 1 and the {} stages, ascending", self.n_estimators());
                        Err(Error::parameter("n_estimators", range, wrong))
                    }
                }
            }

            fn table(&self) -> Table {
                let scores = self.train_score();
                let caption = format!(
                    "{} fitted on {} features: {} stages, training loss {:.4} after the first and {:.4} after the last",
                    stringify!($model),
                    self.boosted.n_features(),
                    self.n_estimators(),
                    scores[0],
                    scores[scores.len() - 1]
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

        tree_settings!($model);
    };
}

/// Gradient boosting: small trees, each for what the ones before got wrong.
///
/// From the constant F₀ that is best, stage m fits one regression tree h_m (one for each of K > 2 classes) to the negative
/// slopes of the loss, y_i − P(y_i = 1 | x_i) with P = σ(F_{m−1}), gives each leaf the Newton step
///
/// γ = Σ (y_i − p_i) / Σ p_i (1 − p_i)
///
/// and adds it: F_m = F_{m−1} + ν γ(x), with ν the learning rate.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `loss` | log_loss | what is descended: `log_loss` or `exponential` | |
/// | `learning_rate` | 0.1 | ν, how much of each tree is added | \[0, ∞) |
/// | `n_estimators` | 100 | the number of stages | from 1 |
/// | `subsample` | 1 | the share of the samples that a stage draws | (0, 1] |
/// | `max_depth` | 3 | of each tree | from 1 |
/// | `n_iter_no_change` | none | stop after so many stages without better validation loss | from 1 |
/// | `validation_fraction` | 0.1 | the share held out for that | (0, 1) |
/// | `tol` | 1e-4 | the fall of the validation loss that counts | \[0, ∞) |
/// | `seed` | 0 | of all draws | |
/// | `min_samples_split`, … | | as a [tree](crate::tree::DecisionTreeRegressor) has them | |
///
/// ```
/// use mlcourse::ensemble::GradientBoostingClassifier;
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let model = GradientBoostingClassifier::new().n_estimators(30).fit(&train)?;
/// assert!(test.assess(&model)?.score() >= 0.9);
/// assert!(model.train_score()[29] < model.train_score()[0]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 2 (*Ensemble*); scikit-learn, *GradientBoostingClassifier*; J. Friedman, *Greedy Function
/// Approximation: A Gradient Boosting Machine*, 2001.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientBoostingClassifier {
    loss: ClassLoss,
    learning_rate: f64,
    n_estimators: usize,
    subsample: f64,
    max_depth: Option<usize>,
    min_samples_split: usize,
    min_samples_leaf: usize,
    min_weight_fraction_leaf: f64,
    max_features: MaxFeatures,
    max_leaf_nodes: Option<usize>,
    min_impurity_decrease: f64,
    validation_fraction: f64,
    n_iter_no_change: Option<usize>,
    tol: f64,
    ccp_alpha: f64,
    seed: u64,
}

impl Default for GradientBoostingClassifier {
    fn default() -> Self {
        Self {
            loss: ClassLoss::LogLoss,
            learning_rate: 0.1,
            n_estimators: 100,
            subsample: 1.0,
            max_depth: Some(3),
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_weight_fraction_leaf: 0.0,
            max_features: MaxFeatures::All,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            validation_fraction: 0.1,
            n_iter_no_change: None,
            tol: 1e-4,
            ccp_alpha: 0.0,
            seed: 0,
        }
    }
}

/// A [`GradientBoostingClassifier`] that has learnt. It shows as a table of its features' importances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedGradientBoostingClassifier {
    classes: Vec<usize>,
    loss: ClassLoss,
    boosted: Boosted,
    lineage: Lineage,
}

boosting!(GradientBoostingClassifier => FittedGradientBoostingClassifier, ClassLoss);
classifier!(GradientBoostingClassifier => FittedGradientBoostingClassifier);
parameters!(GradientBoostingClassifier {
    loss,
    learning_rate,
    n_estimators,
    subsample,
    max_depth,
    min_samples_split,
    min_samples_leaf,
    min_weight_fraction_leaf,
    max_features,
    max_leaf_nodes,
    min_impurity_decrease,
    validation_fraction,
    n_iter_no_change,
    tol,
    ccp_alpha,
    seed
});

fn class_loss(loss: ClassLoss, n_classes: usize) -> Result<Loss> {
    match (loss, n_classes) {
        (ClassLoss::LogLoss, 2) => Ok(Loss::Binary),
        (ClassLoss::LogLoss, _) => Ok(Loss::Multinomial(n_classes)),
        (ClassLoss::Exponential, 2) => Ok(Loss::Exponential),
        (ClassLoss::Exponential, _) => Err(Error::parameter(
            "loss",
            "log_loss for more than two classes",
            format!("exponential for {n_classes} classes"),
        )),
    }
}

impl GradientBoostingClassifier {
    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedGradientBoostingClassifier> {
        let data = labelled(x, y, sample_weight)?;
        let loss = class_loss(self.loss, data.classes.len())?;
        let rows = Rows {
            x: data.rows.x,
            y: data.rows.y.iter().map(|&class| f64::from(class)).collect(),
            weight: data.rows.weight,
        };
        Ok(FittedGradientBoostingClassifier {
            classes: data.classes,
            loss: self.loss,
            boosted: self.plan().boost(loss, rows, true)?,
            lineage: Lineage::default(),
        })
    }
}

impl FittedGradientBoostingClassifier {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let raw = self.raw("GradientBoostingClassifier::predict", x)?;
        Ok(self.labels_of(&raw))
    }

    fn labels_of(&self, raw: &Array2<f64>) -> Array1<usize> {
        let class = |raw: ArrayView1<'_, f64>| match raw.len() {
            1 => usize::from(raw[0] >= 0.0),
            _ => largest(&raw.to_vec()),
        };
        raw.outer_iter()
            .map(|raw| self.classes[class(raw)])
            .collect()
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let raw = self.raw("GradientBoostingClassifier::predict_proba", x)?;
        let loss = class_loss(self.loss, self.classes.len())?;
        Ok(probabilities(loss, &raw, self.classes.len()))
    }

    /// The raw scores F, shape (n_samples, n_classes), or (n_samples, 1) for two classes: positive means the second.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function(&self, x: &impl Features) -> Result<Array2<f64>> {
        self.raw("GradientBoostingClassifier::decision_function", x.rows()?)
    }

    /// The labels that are predicted after some numbers of stages, ascending.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and when a number is 0, more than there are stages, or less than the one before.
    pub fn staged_predict(
        &self,
        x: &impl Features,
        n_estimators: &[usize],
    ) -> Result<Vec<Array1<usize>>> {
        let raw = self.raw_after(x.rows()?, n_estimators)?;
        Ok(raw.iter().map(|raw| self.labels_of(raw)).collect())
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }
}

/// The probabilities of raw scores, row by row.
pub(crate) fn probabilities(loss: Loss, raw: &Array2<f64>, n_classes: usize) -> Array2<f64> {
    let mut probabilities = Array2::zeros((raw.nrows(), n_classes));
    let out = probabilities
        .as_slice_mut()
        .expect("a new array is contiguous");
    let raw = raw.as_standard_layout();
    let scores = raw.as_slice().expect("the rows were made contiguous");
    for (raw, out) in scores.chunks(raw.ncols()).zip(out.chunks_mut(n_classes)) {
        loss.probabilities(raw, out);
    }
    probabilities
}

/// Gradient boosting of a number: small trees, each for what the ones before got wrong.
///
/// From the constant F₀ that is best, stage m fits a regression tree to the negative slopes of the loss, −∂L/∂F, which for
/// the squared error are the residuals y_i − F_{m−1}(x_i), gives each leaf its best value γ and adds it:
/// F_m = F_{m−1} + ν γ(x), with ν the learning rate.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `loss` | squared_error | `squared_error`, `absolute_error`, `huber` or `quantile` | |
/// | `alpha` | 0.9 | the quantile of `huber` and `quantile` | (0, 1) |
/// | `learning_rate` | 0.1 | ν, how much of each tree is added | \[0, ∞) |
/// | `n_estimators` | 100 | the number of stages | from 1 |
/// | `subsample` | 1 | the share of the samples that a stage draws | (0, 1] |
/// | `max_depth` | 3 | of each tree | from 1 |
/// | `n_iter_no_change` | none | stop after so many stages without better validation loss | from 1 |
/// | `validation_fraction` | 0.1 | the share held out for that | (0, 1) |
/// | `tol` | 1e-4 | the fall of the validation loss that counts | \[0, ∞) |
/// | `seed` | 0 | of all draws | |
/// | `min_samples_split`, … | | as a [tree](crate::tree::DecisionTreeRegressor) has them | |
///
/// ```
/// use mlcourse::ensemble::GradientBoostingRegressor;
/// use mlcourse::prelude::*;
///
/// let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64 / 20.0);
/// let y = x.column(0).mapv(f64::sin);
/// let model = GradientBoostingRegressor::new().fit((&x, &y))?;
/// assert!(model.score(&x, &y)? > 0.99);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *GradientBoostingRegressor*; J. Friedman, *Greedy Function Approximation: A Gradient Boosting
/// Machine*, 2001.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientBoostingRegressor {
    loss: RegressionLoss,
    alpha: f64,
    learning_rate: f64,
    n_estimators: usize,
    subsample: f64,
    max_depth: Option<usize>,
    min_samples_split: usize,
    min_samples_leaf: usize,
    min_weight_fraction_leaf: f64,
    max_features: MaxFeatures,
    max_leaf_nodes: Option<usize>,
    min_impurity_decrease: f64,
    validation_fraction: f64,
    n_iter_no_change: Option<usize>,
    tol: f64,
    ccp_alpha: f64,
    seed: u64,
}

impl Default for GradientBoostingRegressor {
    fn default() -> Self {
        Self {
            loss: RegressionLoss::SquaredError,
            alpha: 0.9,
            learning_rate: 0.1,
            n_estimators: 100,
            subsample: 1.0,
            max_depth: Some(3),
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_weight_fraction_leaf: 0.0,
            max_features: MaxFeatures::All,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            validation_fraction: 0.1,
            n_iter_no_change: None,
            tol: 1e-4,
            ccp_alpha: 0.0,
            seed: 0,
        }
    }
}

/// A [`GradientBoostingRegressor`] that has learnt. It shows as a table of its features' importances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedGradientBoostingRegressor {
    boosted: Boosted,
    lineage: Lineage,
}

boosting!(GradientBoostingRegressor => FittedGradientBoostingRegressor, RegressionLoss);
regressor!(GradientBoostingRegressor => FittedGradientBoostingRegressor);
parameters!(GradientBoostingRegressor {
    loss,
    alpha,
    learning_rate,
    n_estimators,
    subsample,
    max_depth,
    min_samples_split,
    min_samples_leaf,
    min_weight_fraction_leaf,
    max_features,
    max_leaf_nodes,
    min_impurity_decrease,
    validation_fraction,
    n_iter_no_change,
    tol,
    ccp_alpha,
    seed
});

impl GradientBoostingRegressor {
    /// The quantile of the losses `huber` and `quantile`, in (0, 1).
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedGradientBoostingRegressor> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(Error::parameter("alpha", "a number in (0, 1)", self.alpha));
        }
        let rows = numbered(x, y, sample_weight)?;
        let loss = match self.loss {
            RegressionLoss::SquaredError => Loss::Squared,
            RegressionLoss::AbsoluteError => Loss::Absolute,
            RegressionLoss::Huber => Loss::Huber(self.alpha),
            RegressionLoss::Quantile => Loss::Quantile(self.alpha),
        };
        let rows = Rows {
            x: rows.x,
            y: rows.y,
            weight: rows.weight,
        };
        Ok(FittedGradientBoostingRegressor {
            boosted: self.plan().boost(loss, rows, false)?,
            lineage: Lineage::default(),
        })
    }
}

impl FittedGradientBoostingRegressor {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let raw = self.raw("GradientBoostingRegressor::predict", x)?;
        Ok(raw.column(0).to_owned())
    }

    /// What is predicted after some numbers of stages, ascending.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and when a number is 0, more than there are stages, or less than the one before.
    pub fn staged_predict(
        &self,
        x: &impl Features,
        n_estimators: &[usize],
    ) -> Result<Vec<Array1<f64>>> {
        let raw = self.raw_after(x.rows()?, n_estimators)?;
        Ok(raw.iter().map(|raw| raw.column(0).to_owned()).collect())
    }
}
