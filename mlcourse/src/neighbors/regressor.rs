use super::index::{Algorithm, Index, Weights, check_unweighted};
use super::index::{neighbor_accessors, neighbor_builders};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, regressor};
use crate::{Result, check};
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Says the mean of the nearest training samples.
///
/// ŷ(x) = Σ_{i ∈ N(x)} ω_i y_i / Σ_{i ∈ N(x)} ω_i, where N(x) are the k nearest samples, by Minkowski's distance
/// (Σ_j |a_j − b_j|^p)^(1/p), and ω_i is 1 or 1 / distance. It never says a number outside the training targets.
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
/// let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], array![0.0, 0.0, 1.0, 1.0]);
/// let model = KNeighborsRegressor::new().n_neighbors(2).fit((&x, &y))?;
/// assert_eq!(model.predict(&array![[1.5]])?, array![0.5]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *KNeighborsRegressor*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KNeighborsRegressor {
    n_neighbors: usize,
    weights: Weights,
    algorithm: Algorithm,
    leaf_size: usize,
    p: f64,
}

impl Default for KNeighborsRegressor {
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

neighbor_builders!(KNeighborsRegressor);

impl KNeighborsRegressor {
    /// How much each neighbour counts.
    #[must_use]
    pub fn weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedKNeighborsRegressor> {
        check_unweighted(sample_weight)?;
        let index = Index::new(x, &self.options())?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        check::column("y", &y)?;
        Ok(FittedKNeighborsRegressor {
            index,
            y: y.to_owned(),
            weights: self.weights,
            lineage: Lineage::default(),
        })
    }
}

/// A [`KNeighborsRegressor`] that has its training data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedKNeighborsRegressor {
    index: Index,
    y: Array1<f64>,
    weights: Weights,
    lineage: Lineage,
}

regressor!(KNeighborsRegressor => FittedKNeighborsRegressor);
parameters!(KNeighborsRegressor {
    n_neighbors,
    weights,
    algorithm,
    leaf_size,
    p
});
neighbor_accessors!(FittedKNeighborsRegressor, "KNeighborsRegressor");

impl FittedKNeighborsRegressor {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let found = self.index.search("KNeighborsRegressor::predict", x, None)?;
        let predictions = (0..x.nrows()).map(|query| {
            let weights = found.weights(query, self.weights);
            let total: f64 = weights.iter().sum();
            let neighbors = found.indices.row(query);
            let sum: f64 = neighbors
                .iter()
                .zip(weights)
                .map(|(&i, weight)| weight * self.y[i])
                .sum();
            sum / total
        });
        Ok(predictions.collect())
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["", "value"]).caption(format!(
            "KNeighborsRegressor: the {} nearest of {} samples × {} features, weights {}, algorithm {}",
            self.index.n_neighbors(),
            self.index.n_samples(),
            self.index.n_features(),
            self.weights,
            self.index.algorithm()
        ));
        let range = self
            .y
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &y| {
                (y.min(low), y.max(high))
            });
        table.push(vec!["smallest target".into(), range.0.into()]);
        table.push(vec!["largest target".into(), range.1.into()]);
        table
    }
}
