use super::criterion::RegressionCriterion;
use super::export::{self, Leaves};
use super::prune::{self, PruningPath};
use super::settings::{MaxFeatures, numbered, predictable, tree_settings};
use super::{NumberTrees, Ranks, Space, Tree};
use crate::Result;
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle};
use crate::estimator::{Features, parameters, regressor};
use crate::random::Random;
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A decision tree that says a number: a function in steps.
///
/// It grows as a [`DecisionTreeClassifier`](super::DecisionTreeClassifier) does, with the impurity (1/n) Σ (y_i − ȳ)² of
/// a node's n targets around their mean ȳ, or (1/n) Σ |y_i − m| around their median m. A leaf gives that mean or median.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `criterion` | squared_error | the impurity: `squared_error`, `friedman_mse` (the same) or `absolute_error` | |
/// | `max_depth` | none | the most splits between the root and a leaf | from 1 |
/// | `min_samples_split` | 2 | a node of fewer samples stays a leaf | from 2 |
/// | `min_samples_leaf` | 1 | the least samples of a leaf | from 1 |
/// | `min_weight_fraction_leaf` | 0 | the least share of all weights in a leaf | \[0, 0.5] |
/// | `max_features` | all | how many features, drawn at each split, it looks at | |
/// | `max_leaf_nodes` | none | the most leaves; the best splits come first | from 2 |
/// | `min_impurity_decrease` | 0 | the least decrease of the impurity, times the node's share of all samples | \[0, ∞) |
/// | `ccp_alpha` | 0 | splits worth at most this per leaf are pruned | \[0, ∞) |
/// | `seed` | 0 | of the draws of `max_features` | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[1.0], [2.0], [3.0], [4.0]], array![1.0, 2.0, 7.0, 8.0]);
/// let model = DecisionTreeRegressor::new().max_depth(1).fit((&x, &y))?;
/// assert_eq!(model.predict(&array![[0.0], [9.0]])?, array![1.5, 7.5]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *DecisionTreeRegressor*; L. Breiman, J. Friedman, R. Olshen and C. Stone, *Classification and
/// Regression Trees*, 1984.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionTreeRegressor {
    criterion: RegressionCriterion,
    max_depth: Option<usize>,
    min_samples_split: usize,
    min_samples_leaf: usize,
    min_weight_fraction_leaf: f64,
    max_features: MaxFeatures,
    max_leaf_nodes: Option<usize>,
    min_impurity_decrease: f64,
    ccp_alpha: f64,
    seed: u64,
}

impl Default for DecisionTreeRegressor {
    fn default() -> Self {
        Self {
            criterion: RegressionCriterion::SquaredError,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_weight_fraction_leaf: 0.0,
            max_features: MaxFeatures::All,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            ccp_alpha: 0.0,
            seed: 0,
        }
    }
}

impl DecisionTreeRegressor {
    /// A tree with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How impurity is measured.
    #[must_use]
    pub fn criterion(mut self, criterion: RegressionCriterion) -> Self {
        self.criterion = criterion;
        self
    }

    pub(crate) fn impurity(&self) -> RegressionCriterion {
        self.criterion
    }

    /// What pruning would do to the tree of this data, step by step: the values of `ccp_alpha` that change something.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn cost_complexity_pruning_path(
        &self,
        data: impl crate::estimator::TrainingTargets,
    ) -> Result<PruningPath> {
        let unpruned = self.clone().ccp_alpha(0.0).fit(data)?;
        Ok(prune::path(unpruned.tree()))
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedDecisionTreeRegressor> {
        let limits = self.settings().limits(x.ncols().max(1))?;
        let rows = numbered(x, y, sample_weight)?;
        let ranks = Ranks::new(rows.x.view());
        let trees = NumberTrees {
            ranks: &ranks,
            y: &rows.y,
            criterion: self.criterion,
            limits: limits.min_weight(self.min_weight_fraction_leaf, rows.total_weight()),
            ccp_alpha: self.ccp_alpha,
        };
        let mut random = Random::stream(self.seed, 0);
        Ok(FittedDecisionTreeRegressor {
            tree: trees.weighted(
                |row| rows.weight_of(row),
                &mut random,
                &mut Space::default(),
            ),
            lineage: Lineage::default(),
        })
    }
}

tree_settings!(DecisionTreeRegressor);
regressor!(DecisionTreeRegressor => FittedDecisionTreeRegressor);
parameters!(DecisionTreeRegressor {
    criterion,
    max_depth,
    min_samples_split,
    min_samples_leaf,
    min_weight_fraction_leaf,
    max_features,
    max_leaf_nodes,
    min_impurity_decrease,
    ccp_alpha,
    seed
});

/// A [`DecisionTreeRegressor`] that has learnt. It shows as its questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDecisionTreeRegressor {
    tree: Tree,
    lineage: Lineage,
}

impl FittedDecisionTreeRegressor {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let leaves = self.leaves("DecisionTreeRegressor::predict", x)?;
        Ok(leaves.mapv(|leaf| self.tree.value(leaf)[0]))
    }

    /// The node where each sample arrives, shape (n_samples).
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn apply(&self, x: &impl Features) -> Result<Array1<usize>> {
        self.leaves("DecisionTreeRegressor::apply", x.rows()?)
    }

    fn leaves(&self, operation: &'static str, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let x = predictable(operation, self.tree.n_features(), &x)?;
        Ok(self.tree.apply(&x))
    }

    /// The tree, node by node.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The most splits between the root and a leaf.
    pub fn depth(&self) -> usize {
        self.tree.depth()
    }

    /// The number of leaves.
    pub fn n_leaves(&self) -> usize {
        self.tree.n_leaves()
    }

    /// How much of the decrease of the impurity is each feature's, shape (n_features); they add up to 1. Features with
    /// many different values get more than they deserve.
    pub fn feature_importances(&self) -> Array1<f64> {
        self.tree.importances().into()
    }

    /// The questions as text, character for character scikit-learn's `export_text`. Without names, `&[]`, features are
    /// `feature_0`, `feature_1`, …
    ///
    /// # Errors
    /// When there is not one name for each feature.
    pub fn export_text(&self, feature_names: &[&str]) -> Result<String> {
        let names = export::names(self.tree.n_features(), feature_names, "feature_")?;
        Ok(export::text(&self.tree, &names, &Numbers))
    }

    /// One sentence for each leaf, from left to right: what leads there, what it predicts, and how many training samples
    /// it holds.
    ///
    /// # Errors
    /// When there is not one name for each feature; without names, `&[]`, features are x0, x1, …
    pub fn rules(&self, feature_names: &[&str]) -> Result<Vec<String>> {
        let names = export::names(self.tree.n_features(), feature_names, "x")?;
        Ok(export::rules(&self.tree, &names, &Numbers))
    }

    fn summary(&self) -> String {
        let names = export::names(self.tree.n_features(), &[], "feature_").unwrap_or_default();
        format!(
            "{}DecisionTreeRegressor fitted on {} features: {} leaves, depth {}",
            export::text(&self.tree, &names, &Numbers),
            self.tree.n_features(),
            self.n_leaves(),
            self.depth()
        )
    }
}

struct Numbers;

impl Leaves for Numbers {
    fn text(&self, value: &[f64]) -> String {
        format!("value: [{:.2}]", value[0])
    }

    fn rule(&self, value: &[f64]) -> String {
        format!("{:.4}", value[0])
    }
}

impl fmt::Display for FittedDecisionTreeRegressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())
    }
}

impl Display for FittedDecisionTreeRegressor {
    fn bundle(&self) -> MimeBundle {
        MimeBundle::text(self.summary())
    }
}
