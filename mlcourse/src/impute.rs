//! What to do where numbers are missing.
//!
//! A missing number is `NaN`. Everything else in this crate refuses it; these steps fill it in:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let x = array![[1.0, 4.0], [f64::NAN, 6.0], [3.0, 80.0]];
//! let imputer = SimpleImputer::new().strategy(ImputeStrategy::Median).fit(&x)?;
//! assert_eq!(imputer.transform(&x)?, array![[1.0, 4.0], [2.0, 6.0], [3.0, 80.0]]);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! | missing | what to do |
//! |---|---|
//! | few rows (below 5 %), by chance | drop the rows, or impute |
//! | a number | [`SimpleImputer`]: the median, or the mean where there are no outliers |
//! | a number that other columns tell much about | [`KNNImputer`] |
//! | a category | the most frequent one, or a category of its own |
//! | not by chance: rich people keep silent on their income | impute *and* say that it was missing: `add_indicator`, or [`MissingIndicator`] |
//!
//! Dropping rows supposes that values are missing by pure chance; if not, what remains is a biased sample. What is imputed
//! is learnt from the training set, as everything is.
//!
//! Source: course, section 4.1 (*Comment gérer les valeurs manquantes ?*); scikit-learn, module `impute`.

mod indicator;
mod knn;
mod simple;

pub use indicator::{FittedMissingIndicator, IndicatorFeatures, MissingIndicator};
pub use knn::{FittedKNNImputer, KNNImputer, NeighborWeights};
pub use simple::{FittedSimpleImputer, ImputeStrategy, SimpleImputer};

use crate::preprocessing::rows;
use crate::{Error, Result, check};
use ndarray::ArrayView2;

/// A table with at least one row and column, finite where not missing.
fn check_or_missing(x: &ArrayView2<'_, f64>) -> Result<()> {
    if x.is_empty() {
        return check::table("x", x);
    }
    let infinite = |rows: &[f64]| rows.iter().any(|value| value.is_infinite());
    if rows::fold_chunks(x, infinite).contains(&true) {
        return Err(first_infinite(x));
    }
    Ok(())
}

fn first_infinite(x: &ArrayView2<'_, f64>) -> Error {
    let ((row, column), &value) = x
        .indexed_iter()
        .find(|(_, value)| value.is_infinite())
        .unwrap_or(((0, 0), &f64::NAN));
    Error::NotFinite {
        what: "x",
        row,
        column,
        value,
    }
}

/// How many numbers are missing in each column.
fn count_missing(x: &ArrayView2<'_, f64>) -> Vec<usize> {
    let n_columns = x.ncols();
    let chunks = rows::fold_chunks(x, |rows| {
        let mut counts = vec![0; n_columns];
        for row in rows.chunks_exact(n_columns) {
            for (count, value) in counts.iter_mut().zip(row) {
                *count += usize::from(value.is_nan());
            }
        }
        counts
    });
    let mut total = vec![0; n_columns];
    for counts in chunks {
        total
            .iter_mut()
            .zip(counts)
            .for_each(|(sum, count)| *sum += count);
    }
    total
}

/// The places that hold something.
fn places(flags: impl Iterator<Item = bool>) -> Vec<usize> {
    flags
        .enumerate()
        .filter_map(|(place, flag)| flag.then_some(place))
        .collect()
}

/// The names of imputed columns and of the indicators after them.
fn names_out(names: &[String], kept: &[usize], indicated: &[usize]) -> Vec<String> {
    let imputed = kept.iter().map(|&column| names[column].clone());
    let indicators = indicated
        .iter()
        .map(|&column| format!("missingindicator_{}", names[column]));
    imputed.chain(indicators).collect()
}
