use super::index::{Algorithm, Found, Index, Weights, check_unweighted};
use super::index::{neighbor_accessors, neighbor_builders};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{classifier, parameters};
use crate::{Result, check};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Says the class that is most frequent among the nearest training samples.
///
/// P(y = c | x) = Σ_{i ∈ N(x), y_i = c} ω_i / Σ_{i ∈ N(x)} ω_i, where N(x) are the k nearest samples, by Minkowski's
/// distance (Σ_j |a_j − b_j|^p)^(1/p), and ω_i is 1 or 1 / distance. The class with the largest share is predicted; of
/// classes with equal shares, the lowest label.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_neighbors` | 5 | k | \[1, n_samples\] |
/// | `weights` | uniform | how much each neighbour counts: [`Weights`] | |
/// | `algorithm` | auto | how neighbours are found: [`Algorithm`] | |
/// | `leaf_size` | 30 | the most samples in a box of the tree | \[1, ∞) |
/// | `p` | 2 | the power of the distance | \[1, ∞\] |
///
/// A small k follows the data closely (variance), a large one smooths (bias). A feature on a larger scale decides alone
/// which samples are near: standardise first.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let model = KNeighborsClassifier::new().n_neighbors(3).fit(&train)?;
/// assert!(test.assess(&model)?.score() > 0.9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *KNeighborsClassifier*; T. Cover and P. Hart, *Nearest neighbor pattern classification*, 1967.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KNeighborsClassifier {
    n_neighbors: usize,
    weights: Weights,
    algorithm: Algorithm,
    leaf_size: usize,
    p: f64,
}

impl Default for KNeighborsClassifier {
    fn default() -> Self {
        Self {
            n_neighbors: 5,
            weights: Weights::Uniform,
            algorithm: Algorithm::Auto,
            leaf_size: 30,
            p: 2.0,
        }
    }
}

neighbor_builders!(KNeighborsClassifier);

impl KNeighborsClassifier {
    /// How much each neighbour counts.
    #[must_use]
    pub fn weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedKNeighborsClassifier> {
        check_unweighted(sample_weight)?;
        let index = Index::new(x, &self.options())?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        let classes = check::distinct(y.iter().copied());
        Ok(FittedKNeighborsClassifier {
            index,
            y: y.iter()
                .map(|label| classes.partition_point(|class| class < label))
                .collect(),
            classes,
            weights: self.weights,
            lineage: Lineage::default(),
        })
    }
}

/// A [`KNeighborsClassifier`] that has its training data. It shows as a table of the classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedKNeighborsClassifier {
    index: Index,
    /// The place of each sample's label in `classes`.
    y: Vec<usize>,
    classes: Vec<usize>,
    weights: Weights,
    lineage: Lineage,
}

classifier!(KNeighborsClassifier => FittedKNeighborsClassifier);
parameters!(KNeighborsClassifier {
    n_neighbors,
    weights,
    algorithm,
    leaf_size,
    p
});
neighbor_accessors!(FittedKNeighborsClassifier, "KNeighborsClassifier");

impl FittedKNeighborsClassifier {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let found = self
            .index
            .search("KNeighborsClassifier::predict", x, None)?;
        let mut votes = vec![0.0; self.classes.len()];
        let predictions = (0..x.nrows()).map(|query| {
            self.vote(&found, query, &mut votes);
            let best = (1..votes.len()).fold(0, |best, class| {
                if votes[class] > votes[best] {
                    class
                } else {
                    best
                }
            });
            self.classes[best]
        });
        Ok(predictions.collect())
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let found = self
            .index
            .search("KNeighborsClassifier::predict_proba", x, None)?;
        let mut votes = vec![0.0; self.classes.len()];
        let mut probabilities = Array2::zeros((x.nrows(), self.classes.len()));
        for (query, mut shares) in probabilities.axis_iter_mut(Axis(0)).enumerate() {
            self.vote(&found, query, &mut votes);
            let total: f64 = votes.iter().sum();
            for (share, votes) in shares.iter_mut().zip(&votes) {
                *share = votes / total;
            }
        }
        Ok(probabilities)
    }

    /// What each class gets from the neighbours of a query.
    fn vote(&self, found: &Found, query: usize, votes: &mut [f64]) {
        votes.fill(0.0);
        let weights = found.weights(query, self.weights);
        for (&neighbor, weight) in found.indices.row(query).iter().zip(weights) {
            votes[self.y[neighbor]] += weight;
        }
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["class", "samples"]).caption(format!(
            "KNeighborsClassifier: the {} nearest of {} samples × {} features, weights {}, algorithm {}",
            self.index.n_neighbors(),
            self.index.n_samples(),
            self.index.n_features(),
            self.weights,
            self.index.algorithm()
        ));
        for (place, &class) in self.classes.iter().enumerate() {
            let count = self.y.iter().filter(|label| **label == place).count();
            table.push(vec![class.into(), count.into()]);
        }
        table
    }
}
