use super::criterion::ClassCriterion;
use super::export::{self, Leaves};
use super::prune::{self, PruningPath};
use super::settings::{ClassWeight, MaxFeatures, labelled, predictable, tree_settings};
use super::{ClassTrees, Ranks, Space, Tree};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle};
use crate::estimator::{Features, classifier, parameters};
use crate::random::Random;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A decision tree that names the class of a sample.
///
/// From the root down, each node takes the split "feature j ≤ t" of its n samples that decreases the impurity most,
///
/// ΔI = I(node) − (n_L / n) · I(left) − (n_R / n) · I(right),
///
/// with t in the middle between two neighbouring values. A leaf gives the share of each class among its training samples.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `criterion` | gini | the impurity I: `gini`, `entropy` or `log_loss` | |
/// | `max_depth` | none | the most splits between the root and a leaf | from 1 |
/// | `min_samples_split` | 2 | a node of fewer samples stays a leaf | from 2 |
/// | `min_samples_leaf` | 1 | the least samples of a leaf | from 1 |
/// | `min_weight_fraction_leaf` | 0 | the least share of all weights in a leaf | \[0, 0.5] |
/// | `max_features` | all | how many features, drawn at each split, it looks at | |
/// | `max_leaf_nodes` | none | the most leaves; the best splits come first | from 2 |
/// | `min_impurity_decrease` | 0 | the least ΔI, times the node's share of all samples | \[0, ∞) |
/// | `class_weight` | none | how much the samples of each class count | |
/// | `ccp_alpha` | 0 | splits worth at most this per leaf are pruned | \[0, ∞) |
/// | `seed` | 0 | of the draws of `max_features` | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[1.0], [2.0], [3.0], [4.0]], array![0, 0, 1, 1]);
/// let model = DecisionTreeClassifier::new().fit((&x, &y))?;
/// assert_eq!(model.tree().split(0), Some((0, 2.5)));
/// assert_eq!(model.predict(&array![[2.4], [2.6]])?, array![0, 1]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, sections 2 (*Ensemble*, *Overfitting*) and 5.1; scikit-learn, *DecisionTreeClassifier*; L. Breiman,
/// J. Friedman, R. Olshen and C. Stone, *Classification and Regression Trees*, 1984.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionTreeClassifier {
    criterion: ClassCriterion,
    max_depth: Option<usize>,
    min_samples_split: usize,
    min_samples_leaf: usize,
    min_weight_fraction_leaf: f64,
    max_features: MaxFeatures,
    max_leaf_nodes: Option<usize>,
    min_impurity_decrease: f64,
    class_weight: Option<ClassWeight>,
    ccp_alpha: f64,
    seed: u64,
}

impl Default for DecisionTreeClassifier {
    fn default() -> Self {
        Self {
            criterion: ClassCriterion::Gini,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_weight_fraction_leaf: 0.0,
            max_features: MaxFeatures::All,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            class_weight: None,
            ccp_alpha: 0.0,
            seed: 0,
        }
    }
}

impl DecisionTreeClassifier {
    /// A tree with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How impurity is measured.
    #[must_use]
    pub fn criterion(mut self, criterion: ClassCriterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// How much the samples of each class count.
    #[must_use]
    pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.class_weight = Some(class_weight);
        self
    }

    pub(crate) fn weights_of_classes(&self) -> Option<&ClassWeight> {
        self.class_weight.as_ref()
    }

    pub(crate) fn impurity(&self) -> ClassCriterion {
        self.criterion
    }

    /// What pruning would do to the tree of this data, step by step: the values of `ccp_alpha` that change something.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn cost_complexity_pruning_path(
        &self,
        data: impl crate::estimator::TrainingLabels,
    ) -> Result<PruningPath> {
        let unpruned = self.clone().ccp_alpha(0.0).fit(data)?;
        Ok(prune::path(unpruned.tree()))
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedDecisionTreeClassifier> {
        let limits = self.settings().limits(x.ncols().max(1))?;
        if self.class_weight == Some(ClassWeight::BalancedSubsample) {
            return Err(Error::parameter(
                "class_weight",
                "balanced or a weight for each class, as nothing is drawn for a single tree",
                "balanced_subsample",
            ));
        }
        let data = labelled(x, y, sample_weight)?.weigh(self.class_weight.as_ref())?;
        let ranks = Ranks::new(data.rows.x.view());
        let trees = ClassTrees {
            ranks: &ranks,
            y: &data.rows.y,
            n_classes: data.classes.len(),
            criterion: self.criterion,
            limits: limits.min_weight(self.min_weight_fraction_leaf, data.rows.total_weight()),
            ccp_alpha: self.ccp_alpha,
        };
        let (mut random, mut space) = (Random::stream(self.seed, 0), Space::default());
        let tree = match &data.rows.weight {
            None => trees.counted(&vec![1; data.rows.y.len()], &mut random, &mut space),
            Some(weight) => trees.weighted(weight, &mut random, &mut space),
        };
        Ok(FittedDecisionTreeClassifier {
            classes: data.classes,
            tree,
            lineage: Lineage::default(),
        })
    }
}

tree_settings!(DecisionTreeClassifier);
classifier!(DecisionTreeClassifier => FittedDecisionTreeClassifier);
parameters!(DecisionTreeClassifier {
    criterion,
    max_depth,
    min_samples_split,
    min_samples_leaf,
    min_weight_fraction_leaf,
    max_features,
    max_leaf_nodes,
    min_impurity_decrease,
    class_weight,
    ccp_alpha,
    seed
});

/// A [`DecisionTreeClassifier`] that has learnt. It shows as its questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDecisionTreeClassifier {
    classes: Vec<usize>,
    tree: Tree,
    lineage: Lineage,
}

/// The place of the largest number, the first of equal ones.
pub(crate) fn largest(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, place| {
        if values[place] > values[best] {
            place
        } else {
            best
        }
    })
}

impl FittedDecisionTreeClassifier {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let leaves = self.leaves("DecisionTreeClassifier::predict", x)?;
        Ok(leaves.mapv(|leaf| self.classes[largest(self.tree.value(leaf))]))
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let leaves = self.leaves("DecisionTreeClassifier::predict_proba", x)?;
        let shape = (leaves.len(), self.classes.len());
        Ok(Array2::from_shape_fn(shape, |(row, class)| {
            self.tree.value(leaves[row])[class]
        }))
    }

    /// The node where each sample arrives, shape (n_samples).
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn apply(&self, x: &impl Features) -> Result<Array1<usize>> {
        self.leaves("DecisionTreeClassifier::apply", x.rows()?)
    }

    fn leaves(&self, operation: &'static str, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let x = predictable(operation, self.tree.n_features(), &x)?;
        Ok(self.tree.apply(&x))
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
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
        Ok(export::text(&self.tree, &names, self))
    }

    /// One sentence for each leaf, from left to right: what leads there, what it predicts, and how many training samples
    /// it holds.
    ///
    /// # Errors
    /// When there is not one name for each feature; without names, `&[]`, features are x0, x1, …
    pub fn rules(&self, feature_names: &[&str]) -> Result<Vec<String>> {
        let names = export::names(self.tree.n_features(), feature_names, "x")?;
        Ok(export::rules(&self.tree, &names, self))
    }

    fn summary(&self) -> String {
        let names = export::names(self.tree.n_features(), &[], "feature_").unwrap_or_default();
        format!(
            "{}DecisionTreeClassifier fitted on {} features, {} classes: {} leaves, depth {}",
            export::text(&self.tree, &names, self),
            self.tree.n_features(),
            self.classes.len(),
            self.n_leaves(),
            self.depth()
        )
    }
}

impl Leaves for FittedDecisionTreeClassifier {
    fn text(&self, value: &[f64]) -> String {
        format!("class: {}", self.classes[largest(value)])
    }

    fn rule(&self, value: &[f64]) -> String {
        let class = largest(value);
        let share = 100.0 * value[class];
        format!("class {}, {share:.1} %", self.classes[class])
    }
}

impl fmt::Display for FittedDecisionTreeClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())
    }
}

impl Display for FittedDecisionTreeClassifier {
    fn bundle(&self) -> MimeBundle {
        MimeBundle::text(self.summary())
    }
}
