//! AdaBoost: each model looks hardest at what the ones before got wrong.

use super::forest::{cumulated, draw};
use super::loss::Loss;
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, choice, classifier, parameters, regressor};
use crate::random::Random;
use crate::tree::{
    ClassTrees, DecisionTreeClassifier, DecisionTreeRegressor, NumberTrees, Ranks, Space, Tree,
    at_least, labelled, largest, normalised, numbered, predictable,
};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a distance, as a share of the largest, becomes a loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DistanceLoss {
    /// d.
    #[default]
    Linear,
    /// d².
    Square,
    /// 1 − e^{−d}.
    Exponential,
}

choice!(DistanceLoss {
    Linear = "linear",
    Square = "square",
    Exponential = "exponential"
});

fn check(n_estimators: usize, learning_rate: f64) -> Result<()> {
    at_least("n_estimators", 1, n_estimators)?;
    if learning_rate.is_finite() && learning_rate > 0.0 {
        return Ok(());
    }
    Err(Error::parameter(
        "learning_rate",
        "a number above 0",
        learning_rate,
    ))
}

/// What both models have alike.
macro_rules! ada_boost {
    ($model:ident => $fitted:ident, $tree:ident) => {
        impl $model {
            /// A model with the default parameters.
            pub fn new() -> Self {
                Self::default()
            }

            /// The tree that is boosted.
            #[must_use]
            pub fn estimator(mut self, estimator: $tree) -> Self {
                self.estimator = estimator;
                self
            }

            /// The most trees, from 1; fewer where one is perfect.
            #[must_use]
            pub fn n_estimators(mut self, n_estimators: usize) -> Self {
                self.n_estimators = n_estimators;
                self
            }

            /// How much each tree counts.
            #[must_use]
            pub fn learning_rate(mut self, learning_rate: f64) -> Self {
                self.learning_rate = learning_rate;
                self
            }

            /// The seed of all draws (scikit-learn's `random_state`).
            #[must_use]
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }
        }

        impl $fitted {
            /// The trees, in order.
            pub fn trees(&self) -> &[Tree] {
                &self.trees
            }

            /// How much each tree counts.
            pub fn estimator_weights(&self) -> &[f64] {
                &self.weights
            }

            /// The error of each tree on the samples as they were weighted for it.
            pub fn estimator_errors(&self) -> &[f64] {
                &self.errors
            }

            /// How much of the decrease of the impurity is each feature's, in trees that count so much, shape
            /// (n_features); they add up to 1.
            pub fn feature_importances(&self) -> Array1<f64> {
                let mut sums = vec![0.0; self.trees[0].n_features()];
                for (tree, weight) in self.trees.iter().zip(&self.weights) {
                    for (sum, share) in sums.iter_mut().zip(tree.importances()) {
                        *sum += weight * share;
                    }
                }
                normalised(sums).into()
            }

            fn table(&self) -> Table {
                let caption = format!(
                    "{} fitted on {} features: {} trees",
                    stringify!($model),
                    self.trees[0].n_features(),
                    self.trees.len()
                );
                let columns = ["tree", "leaves", "error", "weight"];
                let mut table = Table::new(&columns).caption(caption).decimals(4);
                let weights = self.errors.iter().zip(&self.weights);
                for (place, (tree, (&error, &weight))) in self.trees.iter().zip(weights).enumerate()
                {
                    table.push(vec![
                        Cell::from(place),
                        tree.n_leaves().into(),
                        error.into(),
                        weight.into(),
                    ]);
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

/// AdaBoost (SAMME): small trees, each of which weighs the samples more that those before got wrong.
///
/// Tree m, fitted with weights w, has the error e = Σ w_i \[ŷ_i ≠ y_i] / Σ w_i and counts
///
/// α = ν (ln((1 − e) / e) + ln(K − 1))
///
/// for K classes; then the weights of the samples that it got wrong are multiplied by e^α. The class with the largest sum
/// of α is predicted.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `estimator` | a tree of one split | the tree that is boosted | |
/// | `n_estimators` | 50 | the most trees | from 1 |
/// | `learning_rate` | 1 | ν | (0, ∞) |
/// | `seed` | 0 | of the tree's draws | |
///
/// ```
/// use mlcourse::ensemble::AdaBoostClassifier;
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let model = AdaBoostClassifier::new().fit(&train)?;
/// assert!(test.assess(&model)?.score() > 0.9);
/// println!("{model}"); // each tree's error and weight
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 2 (*Ensemble*); scikit-learn, *AdaBoostClassifier*; J. Zhu, H. Zou, S. Rosset and T. Hastie,
/// *Multi-class AdaBoost*, 2009.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdaBoostClassifier {
    estimator: DecisionTreeClassifier,
    n_estimators: usize,
    learning_rate: f64,
    seed: u64,
}

impl Default for AdaBoostClassifier {
    fn default() -> Self {
        Self {
            estimator: DecisionTreeClassifier::new().max_depth(1),
            n_estimators: 50,
            learning_rate: 1.0,
            seed: 0,
        }
    }
}

/// An [`AdaBoostClassifier`] that has learnt. It shows as a table of its trees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedAdaBoostClassifier {
    classes: Vec<usize>,
    trees: Vec<Tree>,
    weights: Vec<f64>,
    errors: Vec<f64>,
    lineage: Lineage,
}

ada_boost!(AdaBoostClassifier => FittedAdaBoostClassifier, DecisionTreeClassifier);
classifier!(AdaBoostClassifier => FittedAdaBoostClassifier);
parameters!(AdaBoostClassifier {
    n_estimators,
    learning_rate,
    seed
});

/// Weights that add up to 1.
fn shares(weight: &mut [f64]) -> f64 {
    let sum: f64 = weight.iter().sum();
    weight.iter_mut().for_each(|weight| *weight /= sum);
    sum
}

impl AdaBoostClassifier {
    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedAdaBoostClassifier> {
        check(self.n_estimators, self.learning_rate)?;
        let settings = self.estimator.settings();
        let limits = settings.limits(x.ncols().max(1))?;
        let data = labelled(x, y, sample_weight)?;
        let (rows, n_classes) = (&data.rows, data.classes.len());
        let of_class = match self.estimator.weights_of_classes() {
            None => vec![1.0; n_classes],
            Some(weight) => weight.weights(&data.classes, &rows.y)?,
        };
        let ranks = Ranks::new(rows.x.view());
        let mut trees = ClassTrees {
            ranks: &ranks,
            y: &rows.y,
            n_classes,
            criterion: self.estimator.impurity(),
            limits,
            ccp_alpha: settings.ccp_alpha,
        };
        let mut weight: Vec<f64> = (0..rows.y.len()).map(|row| rows.weight_of(row)).collect();
        shares(&mut weight);
        let mut fitted = FittedAdaBoostClassifier {
            classes: data.classes.clone(),
            trees: Vec::new(),
            weights: Vec::new(),
            errors: Vec::new(),
            lineage: Lineage::default(),
        };
        let x = rows.x.as_standard_layout();
        let mut space = Space::default();
        for stage in 0..self.n_estimators {
            weight
                .iter_mut()
                .for_each(|weight| *weight = weight.max(f64::EPSILON));
            let seen: Vec<f64> = weight
                .iter()
                .zip(&rows.y)
                .map(|(weight, &class)| weight * of_class[class as usize])
                .collect();
            trees.limits = limits.min_weight(settings.min_weight_fraction_leaf, seen.iter().sum());
            let mut random = Random::stream(self.seed, stage as u64);
            let tree = trees.weighted(&seen, &mut random, &mut space);
            let leaves = tree.apply(&x);
            let wrong: Vec<bool> = leaves
                .iter()
                .zip(&rows.y)
                .map(|(&leaf, &class)| largest(tree.value(leaf)) != class as usize)
                .collect();
            let missed = weight.iter().zip(&wrong).filter(|(_, wrong)| **wrong);
            let error = missed.map(|(weight, _)| weight).sum::<f64>() / weight.iter().sum::<f64>();
            if error <= 0.0 {
                fitted.push(tree, 1.0, 0.0);
                break;
            }
            if error >= 1.0 - 1.0 / n_classes as f64 {
                break;
            }
            let k = n_classes as f64;
            let alpha = self.learning_rate * (((1.0 - error) / error).ln() + (k - 1.0).ln());
            fitted.push(tree, alpha, error);
            let factor = alpha.exp();
            for (weight, wrong) in weight.iter_mut().zip(wrong) {
                *weight *= if wrong { factor } else { 1.0 };
            }
            if !shares(&mut weight).is_finite() {
                break;
            }
        }
        if fitted.trees.is_empty() {
            return Err(Error::parameter(
                "estimator",
                "a tree that is right more often than by chance on the training samples",
                "one that is not; let it split more",
            ));
        }
        Ok(fitted)
    }
}

impl FittedAdaBoostClassifier {
    fn push(&mut self, tree: Tree, weight: f64, error: f64) {
        self.trees.push(tree);
        self.weights.push(weight);
        self.errors.push(error);
    }

    /// For each class Σ α where a tree names it, less Σ α / (K − 1) where not, over Σ α.
    fn votes(&self, operation: &'static str, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let x = predictable(operation, self.trees[0].n_features(), &x)?;
        let k = self.classes.len();
        let total: f64 = self.weights.iter().sum();
        let mut votes = Array2::zeros((x.nrows(), k));
        for (tree, &weight) in self.trees.iter().zip(&self.weights) {
            let mut votes = votes.outer_iter_mut();
            for leaf in tree.apply(&x) {
                let class = largest(tree.value(leaf));
                let Some(mut votes) = votes.next() else { break };
                votes -= weight / (k as f64 - 1.0);
                votes[class] += weight + weight / (k as f64 - 1.0);
            }
        }
        Ok(votes / total)
    }

    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let votes = self.votes("AdaBoostClassifier::predict", x)?;
        Ok(votes
            .outer_iter()
            .map(|votes| self.classes[largest(&votes.to_vec())])
            .collect())
    }

    /// softmax(f / (K − 1)).
    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let k = self.classes.len();
        let votes = self.votes("AdaBoostClassifier::predict_proba", x)? / (k as f64 - 1.0);
        Ok(super::boosting_models::probabilities(
            Loss::Multinomial(k),
            &votes,
            k,
        ))
    }

    /// The weighted votes f, shape (n_samples, n_classes), or (n_samples, 1) for two classes: positive means the second.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function(&self, x: &impl Features) -> Result<Array2<f64>> {
        let votes = self.votes("AdaBoostClassifier::decision_function", x.rows()?)?;
        if self.classes.len() > 2 {
            return Ok(votes);
        }
        Ok(Array2::from_shape_fn((votes.nrows(), 1), |(row, _)| {
            votes[[row, 1]] - votes[[row, 0]]
        }))
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }
}

/// AdaBoost.R2: trees for a number, each of which sees the samples more often that those before were far from.
///
/// Tree m learns from n samples drawn in proportion to their weights w. With d_i = |y_i − ŷ_i| / max d made a loss L_i, its
/// error is e = Σ w_i L_i; β = e / (1 − e), the weights are multiplied by β^(ν (1 − L_i)), and the tree counts
/// ν ln(1 / β). It ends where e is 0 or from ½ up. The weighted median of the trees is predicted.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `estimator` | a tree of depth 3 | the tree that is boosted | |
/// | `n_estimators` | 50 | the most trees | from 1 |
/// | `learning_rate` | 1 | ν | (0, ∞) |
/// | `loss` | linear | L: `linear`, `square` or `exponential` | |
/// | `seed` | 0 | of all draws | |
///
/// ```
/// use mlcourse::ensemble::AdaBoostRegressor;
/// use mlcourse::prelude::*;
///
/// let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64 / 20.0);
/// let y = x.column(0).mapv(f64::sin);
/// assert!(AdaBoostRegressor::new().fit((&x, &y))?.score(&x, &y)? > 0.9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *AdaBoostRegressor*; H. Drucker, *Improving Regressors using Boosting Techniques*, 1997.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdaBoostRegressor {
    estimator: DecisionTreeRegressor,
    n_estimators: usize,
    learning_rate: f64,
    loss: DistanceLoss,
    seed: u64,
}

impl Default for AdaBoostRegressor {
    fn default() -> Self {
        Self {
            estimator: DecisionTreeRegressor::new().max_depth(3),
            n_estimators: 50,
            learning_rate: 1.0,
            loss: DistanceLoss::Linear,
            seed: 0,
        }
    }
}

/// An [`AdaBoostRegressor`] that has learnt. It shows as a table of its trees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedAdaBoostRegressor {
    trees: Vec<Tree>,
    weights: Vec<f64>,
    errors: Vec<f64>,
    lineage: Lineage,
}

ada_boost!(AdaBoostRegressor => FittedAdaBoostRegressor, DecisionTreeRegressor);
regressor!(AdaBoostRegressor => FittedAdaBoostRegressor);
parameters!(AdaBoostRegressor {
    n_estimators,
    learning_rate,
    loss,
    seed
});

impl AdaBoostRegressor {
    /// How distances become losses.
    #[must_use]
    pub fn loss(mut self, loss: DistanceLoss) -> Self {
        self.loss = loss;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedAdaBoostRegressor> {
        check(self.n_estimators, self.learning_rate)?;
        let settings = self.estimator.settings();
        let limits = settings.limits(x.ncols().max(1))?;
        let rows = numbered(x, y, sample_weight)?;
        let ranks = Ranks::new(rows.x.view());
        let n = rows.y.len();
        let trees = NumberTrees {
            ranks: &ranks,
            y: &rows.y,
            criterion: self.estimator.impurity(),
            limits: limits.min_weight(settings.min_weight_fraction_leaf, n as f64),
            ccp_alpha: settings.ccp_alpha,
        };
        let mut weight: Vec<f64> = (0..n).map(|row| rows.weight_of(row)).collect();
        shares(&mut weight);
        let mut fitted = FittedAdaBoostRegressor {
            trees: Vec::new(),
            weights: Vec::new(),
            errors: Vec::new(),
            lineage: Lineage::default(),
        };
        let x = rows.x.as_standard_layout();
        let mut space = Space::default();
        for stage in 0..self.n_estimators {
            weight
                .iter_mut()
                .for_each(|weight| *weight = weight.max(f64::EPSILON));
            let mut random = Random::stream(self.seed, stage as u64);
            let cumulative = cumulated(&weight);
            let mut counts = vec![0_u32; n];
            for _ in 0..n {
                counts[draw(&mut random, n, Some(&cumulative))] += 1;
            }
            let tree = trees.weighted(|row| f64::from(counts[row]), &mut random, &mut space);
            let losses = self.losses(&tree, &tree.apply(&x), &rows.y);
            let error: f64 = weight
                .iter()
                .zip(&losses)
                .map(|(weight, loss)| weight * loss)
                .sum();
            if error <= 0.0 {
                fitted.push(tree, 1.0, 0.0);
                break;
            }
            if error >= 0.5 {
                if fitted.trees.is_empty() {
                    fitted.push(tree, 1.0, error);
                }
                break;
            }
            let beta = error / (1.0 - error);
            fitted.push(tree, -self.learning_rate * beta.ln(), error);
            for (weight, loss) in weight.iter_mut().zip(losses) {
                *weight *= beta.powf((1.0 - loss) * self.learning_rate);
            }
            shares(&mut weight);
        }
        Ok(fitted)
    }

    fn losses(&self, tree: &Tree, leaves: &Array1<usize>, y: &[f64]) -> Vec<f64> {
        let distance = |(&leaf, &y): (&usize, &f64)| (tree.value(leaf)[0] - y).abs();
        let distances: Vec<f64> = leaves.iter().zip(y).map(distance).collect();
        let largest = distances.iter().copied().fold(0.0, f64::max);
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let loss = |distance: f64| match self.loss {
            DistanceLoss::Linear => distance,
            DistanceLoss::Square => distance * distance,
            DistanceLoss::Exponential => 1.0 - (-distance).exp(),
        };
        distances
            .into_iter()
            .map(|distance| loss(distance / scale))
            .collect()
    }
}

impl FittedAdaBoostRegressor {
    fn push(&mut self, tree: Tree, weight: f64, error: f64) {
        self.trees.push(tree);
        self.weights.push(weight);
        self.errors.push(error);
    }

    /// The weighted median of the trees.
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let x = predictable("AdaBoostRegressor::predict", self.trees[0].n_features(), &x)?;
        let leaves: Vec<Array1<usize>> = self.trees.iter().map(|tree| tree.apply(&x)).collect();
        let half = 0.5 * self.weights.iter().sum::<f64>();
        let median = |row: usize| {
            let values = self.trees.iter().zip(&leaves);
            let mut values: Vec<(f64, f64)> = values
                .map(|(tree, leaves)| tree.value(leaves[row])[0])
                .zip(self.weights.iter().copied())
                .collect();
            values.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut sum = 0.0;
            let reached = values.iter().position(|(_, weight)| {
                sum += weight;
                sum >= half
            });
            values[reached.unwrap_or(values.len() - 1)].0
        };
        Ok((0..x.nrows()).map(median).collect())
    }
}
