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
    Ok(match (residual, total) {
        (0.0, _) => 1.0,
        (_, 0.0) => 0.0,
        _ => 1.0 - residual / total,
    })
}

fn check_pair(y_true: &ArrayRef1<f64>, y_pred: &ArrayRef1<f64>) -> Result<()> {
    check::same_length("y_true", y_true.len(), "y_pred", y_pred.len())?;
    check::column("y_true", y_true)?;
    check::column("y_pred", y_pred)
}
