//! Which features to keep.
//!
//! Features that say nothing cost time and invite a model to learn by heart. [`VarianceThreshold`] drops those that hardly
//! vary, [`SelectKBest`] and [`SelectPercentile`] keep those that tell most about the target, each judged alone:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
//! let selector = SelectKBest::new().k(2).fit(&train)?;
//! let test = selector.transform(&test)?;
//! assert_eq!(test.feature_names(), ["petal length (cm)", "petal width (cm)"]);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! | the target | score | asks |
//! |---|---|---|
//! | classes | [`f_classif`] | do the means of the classes differ more than samples within a class? |
//! | classes, features are counts | [`chi2`] | do the classes share the counts otherwise than their sizes would? |
//! | classes | [`mutual_info_classif`] | does the feature tell anything about the class, in whatever way? |
//! | numbers | [`f_regression`] | is the feature correlated with the target? |
//!
//! The target takes part, so choosing features belongs inside the training set, and inside each fold: chosen on all rows,
//! even features of pure noise look good on the test set.
//!
//! Source: scikit-learn, module `feature_selection`.

mod distributions;
mod mutual_information;
mod scores;
mod univariate;
mod variance;

pub use mutual_information::mutual_info_classif;
pub use scores::{Scores, chi2, f_classif, f_regression};
pub use univariate::{FittedSelector, ScoreFunction, SelectKBest, SelectPercentile};
pub use variance::{FittedVarianceThreshold, VarianceThreshold};

use crate::preprocessing::rows;
use crate::{Result, check};
use ndarray::{Array2, ArrayView2};

/// The columns that are kept.
fn keep_columns(
    operation: &'static str,
    support: &[bool],
    x: &ArrayView2<'_, f64>,
) -> Result<Array2<f64>> {
    check::n_features(operation, support.len(), x)?;
    let kept = places(support);
    rows::map_finite(x, kept.len(), |rows, out| {
        let pairs = rows
            .chunks_exact(support.len())
            .zip(out.chunks_exact_mut(kept.len()));
        for (row, out) in pairs {
            for (out, &column) in out.iter_mut().zip(&kept) {
                *out = row[column];
            }
        }
    })
}

fn places(support: &[bool]) -> Vec<usize> {
    (0..support.len()).filter(|&place| support[place]).collect()
}

fn names_out(support: &[bool], names: &[String]) -> Vec<String> {
    places(support)
        .into_iter()
        .filter_map(|column| names.get(column).cloned())
        .collect()
}
