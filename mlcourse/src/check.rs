//! What every public function checks first.

use crate::{Error, Result};
use ndarray::{ArrayRef1, ArrayRef2};

/// A table with at least one row and column, all finite.
pub(crate) fn table(what: &'static str, x: &ArrayRef2<f64>) -> Result<()> {
    if x.is_empty() {
        return Err(Error::Empty {
            what,
            shape: x.shape().to_vec(),
        });
    }
    // The sum of finite numbers may overflow, so a sum that is not finite only tells where to look.
    for (row, values) in x.outer_iter().enumerate() {
        if !values.sum().is_finite()
            && let Some(column) = values.iter().position(|value| !value.is_finite())
        {
            return Err(Error::NotFinite {
                what,
                row,
                column,
                value: values[column],
            });
        }
    }
    Ok(())
}

/// A column with at least one value, all finite.
pub(crate) fn column(what: &'static str, x: &ArrayRef1<f64>) -> Result<()> {
    not_empty(what, x.len())?;
    match x.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(Error::NotFinite {
            what,
            row,
            column: 0,
            value: x[row],
        }),
    }
}

pub(crate) fn not_empty(what: &'static str, len: usize) -> Result<()> {
    if len == 0 {
        return Err(Error::Empty {
            what,
            shape: vec![0],
        });
    }
    Ok(())
}

/// Two arguments of the same length.
pub(crate) fn same_length(
    left: &'static str,
    left_len: usize,
    right: &'static str,
    right_len: usize,
) -> Result<()> {
    if left_len == right_len {
        return Ok(());
    }
    Err(Error::LengthMismatch {
        left,
        left_len,
        right,
        right_len,
    })
}

/// How much each sample counts: finite, not negative, not all zero.
pub(crate) fn sample_weight(weights: &ArrayRef1<f64>, n_samples: usize) -> Result<()> {
    same_length("x", n_samples, "sample_weight", weights.len())?;
    column("sample_weight", weights)?;
    if let Some(row) = weights.iter().position(|&weight| weight < 0.0) {
        return Err(Error::parameter(
            "sample_weight",
            "0 or more for each sample",
            format!("{} in row {row}", weights[row]),
        ));
    }
    if weights.iter().all(|&weight| weight == 0.0) {
        return Err(Error::parameter(
            "sample_weight",
            "above 0 for at least one sample",
            "0 for all",
        ));
    }
    Ok(())
}

/// As many names as there are things to name.
pub(crate) fn names(what: &'static str, each: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::NameCount {
        what,
        each: each.to_owned(),
        expected,
        found,
    })
}

/// The number of columns that was fitted.
pub(crate) fn n_features(
    operation: &'static str,
    expected: usize,
    x: &ArrayRef2<f64>,
) -> Result<()> {
    let found = x.ncols();
    if expected == found {
        return Ok(());
    }
    Err(Error::FeatureCount {
        operation,
        expected,
        found,
    })
}

/// Labels below this are marked in a table, larger ones sorted.
pub(crate) const SMALL_LABEL: usize = 1 << 16;

/// The distinct labels, ascending, and the place of each sample's label among them.
pub(crate) fn classes_and_places(y: &ArrayRef1<usize>) -> (Vec<usize>, Vec<usize>) {
    let classes = distinct(y.iter().copied());
    let places = y
        .iter()
        .map(|label| classes.partition_point(|class| class < label))
        .collect();
    (classes, places)
}

/// The rows that count: all, or those whose weight is not 0. A row of weight 0 is as if it were not there.
pub(crate) fn counting_rows(sample_weight: Option<&ArrayRef1<f64>>) -> Option<Vec<usize>> {
    let weights = sample_weight?;
    weights.iter().any(|&weight| weight == 0.0).then(|| {
        (0..weights.len())
            .filter(|&row| weights[row] != 0.0)
            .collect()
    })
}

/// The distinct labels, ascending.
pub(crate) fn distinct(labels: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = Vec::new();
    let mut large = Vec::new();
    for label in labels {
        if label >= SMALL_LABEL {
            large.push(label);
        } else {
            if label >= seen.len() {
                seen.resize(label + 1, false);
            }
            seen[label] = true;
        }
    }
    large.sort_unstable();
    large.dedup();
    let small = seen
        .iter()
        .enumerate()
        .filter(|(_, seen)| **seen)
        .map(|(label, _)| label);
    small.chain(large).collect()
}
