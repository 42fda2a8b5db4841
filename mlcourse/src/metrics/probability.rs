//! How good probabilities are as probabilities: the loss of each, and whether what is said at 70 % happens in 70 %.

mod calibration;
mod logits;
mod options;

pub use calibration::{BinStrategy, CalibrationCurve, calibration_curve};
pub use logits::{cross_entropy, cross_entropy_binary};
pub use options::ProbabilityMetrics;

use super::columns::Columns;
use super::numeric::contiguous;
use super::ranking::positive_label;
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{ArrayRef1, ArrayRef2};
use rayon::prelude::*;

/// Samples handled by one task; sums are of these, in order, so they do not depend on the number of threads.
const CHUNK: usize = 1 << 14;

/// The mean negative log-likelihood of the true classes: −(1/n) Σ_i ln p_{i, y_i}.
///
/// `probabilities` has the shape (n_samples, n_classes), as `predict_proba` gives it; its columns are the classes that
/// occur in `y_true`, ascending, or, when not every class occurs, column j is label j. Probabilities are clipped to
/// \[ε, 1 − ε\] with ε = 2.2e-16, so one that is certain and wrong costs 36.04 and not ∞. Rows that do not add up to 1 are
/// taken as they are, with a [`Warning`].
///
/// ```
/// use mlcourse::metrics::log_loss;
/// use mlcourse::prelude::*;
///
/// let loss = log_loss(&array![1, 0, 0, 1], &array![[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])?;
/// assert!((loss - 0.216161).abs() < 1e-6);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Of the probabilities of one class only: [`log_loss_binary`]. From logits, without clipping: [`cross_entropy`]. With the
/// classes of a model or with weights: [`ProbabilityMetrics`].
///
/// Source: course, section 1.4 (*Loss*) and the glossary (*Cross-Entropy*); scikit-learn, *log_loss*.
///
/// # Errors
/// When the arguments are empty or differ in length, probabilities are not in \[0, 1\], or the labels do not fit the
/// columns.
pub fn log_loss(y_true: &ArrayRef1<usize>, probabilities: &ArrayRef2<f64>) -> Result<f64> {
    ProbabilityMetrics::new().log_loss(y_true, probabilities)
}

/// The mean negative log-likelihood of two classes: −(1/n) Σ_i \[y_i ln p_i + (1 − y_i) ln(1 − p_i)\].
///
/// `probabilities` are those of label 1 (or of the greater of two other labels), shape (n_samples). They are clipped as in
/// [`log_loss`].
///
/// ```
/// use mlcourse::metrics::log_loss_binary;
/// use mlcourse::prelude::*;
///
/// let loss = log_loss_binary(&array![1, 0, 0, 1], &array![0.9, 0.1, 0.2, 0.65])?;
/// assert!((loss - 0.216161).abs() < 1e-6);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.4 (*Loss*); scikit-learn, *log_loss*.
///
/// # Errors
/// When the arguments are empty or differ in length, probabilities are not in \[0, 1\], or there are more than two labels.
pub fn log_loss_binary(y_true: &ArrayRef1<usize>, probabilities: &ArrayRef1<f64>) -> Result<f64> {
    mean_of_two(y_true, probabilities, |probability, is_positive| {
        log_of(if is_positive {
            probability
        } else {
            1.0 - probability
        })
    })
}

/// −ln p, clipped.
fn log_of(probability: f64) -> f64 {
    -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

/// The mean squared distance of probabilities and what happened: (1/n) Σ_i Σ_k (p_ik − \[y_i = k\])², halved for two classes.
///
/// It is 0 at best and 1 at worst for two classes, 2 for more. `probabilities` are as in [`log_loss`].
///
/// ```
/// use mlcourse::metrics::brier_score;
/// use mlcourse::prelude::*;
///
/// let probabilities = array![[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.2, 0.2, 0.6]];
/// assert!((brier_score(&array![0, 1, 2], &probabilities)? - 0.146_666_666).abs() < 1e-9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *brier_score_loss*.
///
/// # Errors
/// As [`log_loss`].
pub fn brier_score(y_true: &ArrayRef1<usize>, probabilities: &ArrayRef2<f64>) -> Result<f64> {
    ProbabilityMetrics::new().brier_score(y_true, probabilities)
}

/// The mean squared distance of probabilities and what happened, for two classes: (1/n) Σ_i (p_i − y_i)².
///
/// `probabilities` are as in [`log_loss_binary`].
///
/// ```
/// use mlcourse::metrics::brier_score_binary;
/// use mlcourse::prelude::*;
///
/// let score = brier_score_binary(&array![0, 1, 1, 0], &array![0.1, 0.9, 0.8, 0.3])?;
/// assert!((score - 0.0375).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *brier_score_loss*.
///
/// # Errors
/// As [`log_loss_binary`].
pub fn brier_score_binary(
    y_true: &ArrayRef1<usize>,
    probabilities: &ArrayRef1<f64>,
) -> Result<f64> {
    mean_of_two(y_true, probabilities, |probability, is_positive| {
        (probability - f64::from(is_positive)).powi(2)
    })
}

/// The share of samples whose true class is among the `k` with the largest scores.
///
/// `scores` are probabilities or decision values, shape (n_samples, n_classes); their columns are as in [`log_loss`]. Of
/// classes with the same score, the later column ranks first. When `k` is the number of classes or more, it is 1.
///
/// ```
/// use mlcourse::metrics::top_k_accuracy;
/// use mlcourse::prelude::*;
///
/// let scores = array![[0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3], [0.7, 0.2, 0.1]];
/// assert_eq!(top_k_accuracy(&array![0, 1, 2, 2], &scores, 2)?, 0.75);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *top_k_accuracy_score*.
///
/// # Errors
/// When the arguments are empty or differ in length, scores are not finite, the labels do not fit the columns, or `k` is 0.
pub fn top_k_accuracy(y_true: &ArrayRef1<usize>, scores: &ArrayRef2<f64>, k: usize) -> Result<f64> {
    ProbabilityMetrics::new().top_k_accuracy(y_true, scores, k)
}

/// The mean over samples of two classes.
fn mean_of_two(
    y_true: &ArrayRef1<usize>,
    probabilities: &ArrayRef1<f64>,
    loss: impl Fn(f64, bool) -> f64 + Sync,
) -> Result<f64> {
    let (labels, probabilities) = two_classes(y_true, probabilities)?;
    let positive = positive_label(&labels)?;
    let sums: Vec<f64> = labels
        .par_chunks(CHUNK)
        .zip(probabilities.par_chunks(CHUNK))
        .map(|(labels, probabilities)| {
            let samples = labels.iter().zip(probabilities);
            samples
                .map(|(&label, &probability)| loss(probability, label == positive))
                .sum()
        })
        .collect();
    Ok(sums.iter().sum::<f64>() / labels.len() as f64)
}

type Samples<'a> = (std::borrow::Cow<'a, [usize]>, std::borrow::Cow<'a, [f64]>);

/// Labels and probabilities that belong together.
fn two_classes<'a>(
    y_true: &'a ArrayRef1<usize>,
    probabilities: &'a ArrayRef1<f64>,
) -> Result<Samples<'a>> {
    check::same_length("y_true", y_true.len(), "probabilities", probabilities.len())?;
    check::not_empty("probabilities", probabilities.len())?;
    let values = contiguous(probabilities);
    if !values.par_chunks(CHUNK).all(are_probabilities) {
        check::column("probabilities", probabilities)?;
        return Err(outside(values.iter()));
    }
    Ok((contiguous(y_true), values))
}

fn are_probabilities(values: &[f64]) -> bool {
    // No branch on each value, so that several are compared at once. NaN is not in the range.
    values
        .iter()
        .fold(true, |all, value| all & (0.0..=1.0).contains(value))
}

fn outside<'a>(mut values: impl Iterator<Item = &'a f64>) -> Error {
    let found = values.find(|value| !(0.0..=1.0).contains(*value));
    let found = found.map_or_else(|| "not".to_owned(), f64::to_string);
    Error::parameter("probabilities", "in [0, 1]", found)
}

/// The columns of a table of probabilities, with a warning for rows that do not add up to 1.
fn checked(
    y_true: &ArrayRef1<usize>,
    probabilities: &ArrayRef2<f64>,
    classes: Option<&[usize]>,
) -> Result<Columns> {
    let columns = Columns::new(y_true, probabilities, classes)?;
    let all = probabilities
        .outer_iter()
        .all(|row| row.iter().all(|value| (0.0..=1.0).contains(value)));
    if !all {
        return Err(outside(probabilities.iter()));
    }
    let tolerance = f64::EPSILON.sqrt();
    if let Some((row, sum)) = probabilities
        .outer_iter()
        .map(|row| row.sum())
        .enumerate()
        .find(|(_, sum)| (sum - 1.0).abs() > tolerance)
    {
        warning::record(Warning::NotProbabilities { row, sum });
    }
    Ok(columns)
}
