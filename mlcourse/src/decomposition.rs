//! Fewer columns that say nearly as much.
//!
//! | for | model |
//! |---|---|
//! | the directions of the most variance | [`PCA`] |
//! | the same without centring, for counts and sparse tables | [`TruncatedSVD`] |
//! | a map to look at, where near samples lie near each other | [`TSNE`] |
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! // Four measurements of a flower, two numbers that keep 97 % of their variance.
//! let iris = datasets::iris();
//! let pca = PCA::new().n_components(2).fit(iris.features())?;
//! assert!(pca.explained_variance_ratio().sum() > 0.97);
//! assert_eq!(pca.transform(iris.features())?.dim(), (150, 2));
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Source: course, glossary (*PCA*) and section 1.1 (*SVD*); scikit-learn, `sklearn.decomposition`.

mod components;
mod pca;
mod randomized;
mod spectrum;
mod truncated;
mod tsne;

pub use components::Components;
pub use pca::{FittedPCA, PCA, SvdSolver};
pub use truncated::{FittedTruncatedSVD, TruncatedSVD, TruncatedSolver};
pub use tsne::{FittedTSNE, Progress, TSNE, TsneInit, TsneMethod};
