use super::index::{Algorithm, Index};
use super::index::{neighbor_accessors, neighbor_builders};
use crate::Result;
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{clusterer, parameters};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Finds the training samples that are nearest to others: duplicates, the leak between two sets, what a sample is like.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_neighbors` | 5 | how many to find for each | \[1, n_samples\] |
/// | `algorithm` | auto | how neighbours are found: [`Algorithm`] | |
/// | `leaf_size` | 30 | the most samples in a box of the tree | \[1, ∞) |
/// | `p` | 2 | the power of the distance | \[1, ∞\] |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0, 0.0], [3.0, 4.0], [10.0, 0.0]];
/// let model = NearestNeighbors::new().n_neighbors(2).fit(&x)?;
/// let (distances, indices) = model.kneighbors(&array![[0.0, 0.0]])?;
/// assert_eq!(indices, array![[0, 1]]);
/// assert_eq!(distances, array![[0.0, 5.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *NearestNeighbors*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearestNeighbors {
    n_neighbors: usize,
    algorithm: Algorithm,
    leaf_size: usize,
    p: f64,
}

impl Default for NearestNeighbors {
    fn default() -> Self {
        Self {
            n_neighbors: 5,
            algorithm: Algorithm::Auto,
            leaf_size: 30,
            p: 2.0,
        }
    }
}

neighbor_builders!(NearestNeighbors);

impl NearestNeighbors {
    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedNearestNeighbors> {
        Ok(FittedNearestNeighbors {
            index: Index::new(x, &self.options())?,
            lineage: Lineage::default(),
        })
    }
}

/// [`NearestNeighbors`] that have their training data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedNearestNeighbors {
    index: Index,
    lineage: Lineage,
}

clusterer!(NearestNeighbors => FittedNearestNeighbors);
parameters!(NearestNeighbors {
    n_neighbors,
    algorithm,
    leaf_size,
    p
});
neighbor_accessors!(FittedNearestNeighbors, "NearestNeighbors");

impl FittedNearestNeighbors {
    fn table(&self) -> Table {
        let mut table =
            Table::new(&["samples", "features", "algorithm"]).caption("NearestNeighbors");
        table.push(vec![
            self.index.n_samples().into(),
            self.index.n_features().into(),
            self.index.algorithm().to_string().into(),
        ]);
        table
    }
}
