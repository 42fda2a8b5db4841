//! Finding groups in data without labels.
//!
//! | model | a group is | needs to know |
//! |---|---|---|
//! | [`KMeans`] | what lies nearest to one of k centres | k |
//! | [`MiniBatchKMeans`] | the same, learnt from small samples of large data | k |
//! | [`AgglomerativeClustering`] | a branch of a tree of merges | k, or a distance |
//! | [`DBSCAN`] | a region where points lie dense; the rest is noise | a distance and a count |
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let x = array![[0.0, 0.0], [0.2, 0.1], [9.0, 9.0], [9.1, 8.8]];
//! let model = KMeans::new().n_clusters(2).fit(&x)?;
//! assert_eq!(model.labels()[0], model.labels()[1]);
//! assert_ne!(model.labels()[0], model.labels()[2]);
//! assert_eq!(model.predict(&array![[8.0, 8.0]])?[0], model.labels()[2]);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Distances are Euclidean: features on different scales are standardised first.

mod agglomerative;
mod assign;
mod dbscan;
mod kmeans;
mod linkage;
mod mini_batch;
mod seeding;
mod tree;

pub use agglomerative::{AgglomerativeClustering, FittedAgglomerativeClustering};
pub use dbscan::{DBSCAN, FittedDBSCAN};
pub use kmeans::{FittedKMeans, Init, KMeans};
pub use linkage::Linkage;
pub use mini_batch::{FittedMiniBatchKMeans, MiniBatchKMeans};
