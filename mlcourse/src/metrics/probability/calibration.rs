use super::{positive_label, two_classes};
use crate::display::{Display, MimeBundle, Table};
use crate::{Error, Result};
use ndarray::{Array1, ArrayRef1};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How probabilities are divided into bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BinStrategy {
    /// Bins of the same width.
    Uniform,
    /// Bins of about the same number of samples.
    Quantile,
}

/// What [`calibration_curve`] computes, one point for each bin that holds a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationCurve {
    /// The share of positives in each bin.
    pub prob_true: Array1<f64>,
    /// The mean probability in each bin.
    pub prob_pred: Array1<f64>,
    /// The number of samples in each bin.
    pub counts: Array1<usize>,
}

/// Whether probabilities are to be believed: in bins of similar probability, the mean of what was said beside the share
/// that happened. Of a calibrated model, both are the same.
///
/// `probabilities` are those of label 1 (or of the greater of two other labels). A bin reaches from above its lower edge
/// up to its upper edge; bins without samples are left out. scikit-learn's defaults are 5 bins, `Uniform`.
///
/// ```
/// use mlcourse::metrics::{BinStrategy, calibration_curve};
/// use mlcourse::prelude::*;
///
/// let y = array![0, 0, 0, 0, 1, 1, 1, 1, 1];
/// let probabilities = array![0.1, 0.2, 0.3, 0.4, 0.65, 0.7, 0.8, 0.9, 1.0];
/// let curve = calibration_curve(&y, &probabilities, 3, BinStrategy::Uniform)?;
/// assert_eq!(curve.prob_true, array![0.0, 0.5, 1.0]);
/// assert_eq!(curve.counts, array![3, 2, 4]);
/// println!("{curve}");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *calibration_curve*.
///
/// # Errors
/// When the arguments are empty or differ in length, probabilities are not in \[0, 1\], there are more than two labels, or
/// `n_bins` is 0.
pub fn calibration_curve(
    y_true: &ArrayRef1<usize>,
    probabilities: &ArrayRef1<f64>,
    n_bins: usize,
    strategy: BinStrategy,
) -> Result<CalibrationCurve> {
    if n_bins == 0 {
        return Err(Error::parameter("n_bins", "1 or more", n_bins));
    }
    let (labels, values) = two_classes(y_true, probabilities)?;
    let positive = positive_label(&labels)?;
    let edges = match strategy {
        BinStrategy::Uniform => inner_edges(n_bins).collect(),
        BinStrategy::Quantile => quantiles(&values, n_bins),
    };
    let [mut said, mut happened] = [(); 2].map(|()| vec![0.0; n_bins]);
    let mut counts = vec![0_usize; n_bins];
    for (&label, &probability) in labels.iter().zip(&*values) {
        let bin = edges.partition_point(|&edge| edge < probability);
        said[bin] += probability;
        happened[bin] += f64::from(label == positive);
        counts[bin] += 1;
    }
    let filled: Vec<usize> = (0..n_bins).filter(|&bin| counts[bin] > 0).collect();
    let means = |sums: &[f64]| {
        filled
            .iter()
            .map(|&bin| sums[bin] / counts[bin] as f64)
            .collect()
    };
    Ok(CalibrationCurve {
        prob_true: means(&happened),
        prob_pred: means(&said),
        counts: filled.iter().map(|&bin| counts[bin]).collect(),
    })
}

/// 1/n, 2/n, … below 1, as NumPy's `linspace` rounds them.
fn inner_edges(n_bins: usize) -> impl Iterator<Item = f64> {
    let step = 1.0 / n_bins as f64;
    (1..n_bins).map(move |edge| edge as f64 * step)
}

/// The quantiles at the inner edges, between two values on the line through them, as NumPy computes them.
fn quantiles(values: &[f64], n_bins: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    inner_edges(n_bins)
        .map(|share| {
            let place = share * 100.0 / 100.0 * (sorted.len() - 1) as f64;
            let below = place.floor();
            let weight = place - below;
            let low = sorted[below as usize];
            let high = sorted[(below as usize + 1).min(sorted.len() - 1)];
            if weight >= 0.5 {
                high - (high - low) * (1.0 - weight)
            } else {
                low + (high - low) * weight
            }
        })
        .collect()
}

impl CalibrationCurve {
    fn table(&self) -> Table {
        let mut table = Table::new(&["mean probability", "share of positives", "samples"]);
        for (bin, &count) in self.counts.iter().enumerate() {
            table.push(vec![
                self.prob_pred[bin].into(),
                self.prob_true[bin].into(),
                count.into(),
            ]);
        }
        table
    }
}

impl fmt::Display for CalibrationCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for CalibrationCurve {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
