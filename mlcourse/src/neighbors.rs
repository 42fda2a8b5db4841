//! Models that keep the training data and answer with what is near.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], array![0, 0, 1, 1]);
//! let model = KNeighborsClassifier::new().n_neighbors(3).fit((&x, &y))?;
//! assert_eq!(model.predict(&array![[0.9], [2.2]])?, array![0, 1]);
//! let (distances, indices) = model.nearest(&array![[0.9]], 2)?;
//! assert_eq!(indices, array![[1, 0]]);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Neighbours are exact and their order is fixed: nearest first, of equally near ones the first in the training data.
//! Comparing with all samples and searching a tree give the same, to the last bit; only the time differs.
//!
//! Source: scikit-learn, *Nearest Neighbors*.

mod brute;
mod classifier;
mod index;
mod kd_tree;
mod metric;
mod nearest;
mod regressor;

pub use classifier::{FittedKNeighborsClassifier, KNeighborsClassifier};
pub use index::{Algorithm, Weights};
pub use nearest::{FittedNearestNeighbors, NearestNeighbors};
pub use regressor::{FittedKNeighborsRegressor, KNeighborsRegressor};
