//! Scores of predicted numbers. All take the truth first.

use crate::{Result, check};
use ndarray::ArrayRef1;

/// The mean squared error: (1/m) Σ (y_i − ŷ_i)².
///
/// ```
/// use mlcourse::prelude::*;
///
/// assert_eq!(mean_squared_error(&array![3.0, -0.5, 2.0, 7.0], &array![2.5, 0.0, 2.0, 8.0])?, 0.375);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.3; scikit-learn, *mean_squared_error*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn mean_squared_error(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<f64> {
    check_pair(y_true, y_pred)?;
    let sum: f64 = y_true
        .iter()
        .zip(y_pred)
        .map(|(truth, prediction)| (truth - prediction).powi(2))
        .sum();
    Ok(sum / y_true.len() as f64)
}

/// The share of the variance that is explained: R² = 1 − Σ (y_i − ŷ_i)² / Σ (y_i − ȳ)².
///
/// 1 is perfect, 0 is no better than the mean, and it can be negative. Of constant targets it is 1 if the prediction is
/// perfect and 0 otherwise.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let score = r2_score(&array![3.0, -0.5, 2.0, 7.0], &array![2.5, 0.0, 2.0, 8.0])?;
/// assert!((score - 0.948608137).abs() < 1e-9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *r2_score*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn r2_score(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<f64> {
    check_pair(y_true, y_pred)?;
    let mean = y_true.sum() / y_true.len() as f64;
    let (mut residual, mut total) = (0.0, 0.0);
    for (truth, prediction) in y_true.iter().zip(y_pred) {
        residual += (truth - prediction).powi(2);
        total += (truth - mean).powi(2);
    }
    Ok(explained_share(residual, total))
}

/// The square root of the mean squared error, in the unit of the target: √((1/m) Σ (y_i − ŷ_i)²).
///
/// ```
/// use mlcourse::prelude::*;
///
/// assert_eq!(root_mean_squared_error(&array![1.0, 2.0], &array![4.0, 6.0])?, 12.5_f64.sqrt());
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *root_mean_squared_error*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn root_mean_squared_error(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<f64> {
    mean_squared_error(y_true, y_pred).map(f64::sqrt)
}

/// The mean distance: (1/m) Σ |y_i − ŷ_i|. One far miss weighs less than in the mean squared error.
///
/// ```
/// use mlcourse::prelude::*;
///
/// assert_eq!(mean_absolute_error(&array![3.0, -0.5, 2.0, 7.0], &array![2.5, 0.0, 2.0, 8.0])?, 0.5);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *mean_absolute_error*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn mean_absolute_error(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<f64> {
    check_pair(y_true, y_pred)?;
    Ok(distances(y_true, y_pred).sum::<f64>() / y_true.len() as f64)
}

/// The median distance: half of the predictions miss by no more than this, however far the others do.
///
/// Of an even number of samples it is the mean of the two in the middle.
///
/// ```
/// use mlcourse::prelude::*;
///
/// assert_eq!(median_absolute_error(&array![3.0, -0.5, 2.0, 7.0], &array![2.5, 0.0, 2.0, 99.0])?, 0.5);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *median_absolute_error*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn median_absolute_error(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<f64> {
    check_pair(y_true, y_pred)?;
    let mut distances: Vec<f64> = distances(y_true, y_pred).collect();
    let middle = distances.len() / 2;
    let (below, &mut upper, _) = distances.select_nth_unstable_by(middle, f64::total_cmp);
    if y_true.len() % 2 == 1 {
        return Ok(upper);
    }
    let lower = below.iter().copied().fold(0.0, f64::max);
    Ok(lower.midpoint(upper))
}

/// The mean distance as a share of the truth: (1/m) Σ |y_i − ŷ_i| / max(|y_i|, ε) with ε = 2⁻⁵².
///
/// 0.1 is a miss of 10 % on average. One true value of 0 that is missed makes it enormous: then use another score.
///
/// ```
/// use mlcourse::prelude::*;
///
/// assert_eq!(mean_absolute_percentage_error(&array![1.0, 2.0], &array![1.5, 2.0])?, 0.25);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *mean_absolute_percentage_error*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn mean_absolute_percentage_error(
    y_true: &ArrayRef1<f64>,
    y_pred: &ArrayRef1<f64>,
) -> Result<f64> {
    check_pair(y_true, y_pred)?;
    let sum: f64 = distances(y_true, y_pred)
        .zip(y_true)
        .map(|(distance, truth)| distance / truth.abs().max(f64::EPSILON))
        .sum();
    Ok(sum / y_true.len() as f64)
}

/// The farthest miss: max |y_i − ŷ_i|.
///
/// ```
/// use mlcourse::prelude::*;
///
/// assert_eq!(max_error(&array![3.0, 2.0, 7.0, 1.0], &array![9.0, 2.0, 7.0, 1.0])?, 6.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *max_error*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn max_error(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<f64> {
    check_pair(y_true, y_pred)?;
    Ok(distances(y_true, y_pred).fold(0.0, f64::max))
}

/// The share of the variance that is explained, whatever the predictions are off by on average:
/// 1 − Var(y − ŷ) / Var(y).
///
/// It is [`r2_score`] but for a constant error, which it forgives: a much larger value than R² says that the model is
/// biased. Of constant targets it is 1 if the error is constant too, and 0 otherwise.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (y_true, y_pred) = (array![1.0, 2.0, 3.0], array![2.0, 3.0, 4.0]);
/// assert_eq!(explained_variance(&y_true, &y_pred)?, 1.0);
/// assert_eq!(r2_score(&y_true, &y_pred)?, -0.5);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *explained_variance_score*.
///
/// # Errors
/// When the arguments are empty, not finite or differ in length.
pub fn explained_variance(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<f64> {
    check_pair(y_true, y_pred)?;
    let n_samples = y_true.len() as f64;
    let errors = || {
        y_true
            .iter()
            .zip(y_pred)
            .map(|(truth, prediction)| truth - prediction)
    };
    let mean_error = errors().sum::<f64>() / n_samples;
    let mean = y_true.sum() / n_samples;
    let unexplained = errors().map(|error| (error - mean_error).powi(2)).sum();
    let total = y_true.iter().map(|truth| (truth - mean).powi(2)).sum();
    Ok(explained_share(unexplained, total))
}

/// 1 − unexplained / total, finite for constant targets too.
fn explained_share(unexplained: f64, total: f64) -> f64 {
    match (unexplained, total) {
        (0.0, _) => 1.0,
        (_, 0.0) => 0.0,
        _ => 1.0 - unexplained / total,
    }
}

fn distances<'a>(
    y_true: &'a ArrayRef1<f64>,
    y_pred: &'a ArrayRef1<f64>,
) -> impl Iterator<Item = f64> + 'a {
    y_true
        .iter()
        .zip(y_pred)
        .map(|(truth, prediction)| (truth - prediction).abs())
}

fn check_pair(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<()> {
    check::same_length("y_true", y_true.len(), "y_pred", y_pred.len())?;
    check::column("y_true", y_true)?;
    check::column("y_pred", y_pred)
}
