//! How good a split is: the words for it, and what the search asks of each.

use crate::estimator::choice;
use serde::{Deserialize, Serialize};

/// How mixed the classes of a node are; p_k is the share of class k.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClassCriterion {
    /// The Gini index 1 − Σ_k p_k²: how often two samples of the node differ.
    #[default]
    Gini,
    /// Shannon's entropy −Σ_k p_k log₂ p_k, in bits.
    Entropy,
    /// The same as [`Entropy`](Self::Entropy), by its other name.
    LogLoss,
}

choice!(ClassCriterion {
    Gini = "gini",
    Entropy = "entropy",
    LogLoss = "log_loss"
});

/// How far the targets of a node are from its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RegressionCriterion {
    /// The variance, with the mean as the node's value.
    #[default]
    SquaredError,
    /// Friedman's n_L n_R / (n_L + n_R) · (ȳ_L − ȳ_R)². It is the decrease of the squared error, so it chooses the same
    /// splits; scikit-learn 1.9 too treats it as another name of `squared_error`.
    FriedmanMse,
    /// The mean distance from the median, with the median as the node's value.
    AbsoluteError,
}

choice!(RegressionCriterion {
    SquaredError = "squared_error",
    FriedmanMse = "friedman_mse",
    AbsoluteError = "absolute_error"
});

/// What the children of a split must hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeafLimits {
    pub(crate) min_samples: usize,
    pub(crate) min_weight: f64,
}

/// The best split so far of one node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    /// What the search maximises.
    pub(crate) score: f64,
    /// A cheaper score, the same but for rounding.
    pub(crate) rough: f64,
    /// The rank of the largest value that goes left, and of the next one.
    pub(crate) ranks: (u32, u32),
    pub(crate) feature: usize,
}

impl Best {
    pub(crate) const NONE: Self = Self {
        score: f64::NEG_INFINITY,
        rough: f64::NEG_INFINITY,
        ranks: (0, 0),
        feature: usize::MAX,
    };

    pub(crate) fn found(&self) -> bool {
        self.feature != usize::MAX
    }
}

/// The rank of a record; its lower half is a row or a payload.
pub(crate) fn rank(record: u64) -> u32 {
    (record >> 32) as u32
}

/// The targets of a table and how they judge a split. It works on one node at a time.
pub(crate) trait Criterion {
    /// Whether the payload of a row is the row.
    const PAYLOAD_IS_ROW: bool;

    /// What a record carries for a row, so that scanning need not look the row up; or the row itself.
    fn payload(&self, row: u32) -> u32;

    /// Makes these rows the node.
    fn enter(&mut self, rows: &[u32]);

    /// The weight of the node.
    fn weight(&self) -> f64;

    /// The impurity of the node.
    fn impurity(&self) -> f64;

    /// Whether no split can make the node purer.
    fn is_pure(&self) -> bool;

    /// Adds the node's value, as many numbers as there are outputs.
    fn push_value(&self, values: &mut Vec<f64>);

    /// How many numbers a value has.
    fn n_outputs(&self) -> usize;

    /// Looks for a better split between two of these records of the node, which ascend by rank; their lower halves are
    /// payloads.
    fn scan(&mut self, records: &[u64], limits: LeafLimits, best: &mut Best) -> bool;

    /// The score of the split of the node's rows that sends those up to a rank left; nothing where a side is too light.
    fn score(&mut self, rows: &[u32], ranks: &[u32], last: u32, limits: LeafLimits) -> Option<f64>;
}
