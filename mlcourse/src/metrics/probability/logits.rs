use super::positive_label;
use crate::metrics::columns::Columns;
use crate::{Result, check};
use ndarray::{ArrayRef1, ArrayRef2};

/// The mean cross-entropy of logits z, shape (n_samples, n_classes): (1/n) Σ_i \[ln Σ_k e^{z_ik} − z_{i, y_i}\].
///
/// It is the [`log_loss`](super::log_loss) of softmax(z), without ever making the probabilities: the largest logit is
/// taken out of the sum first, so nothing overflows, and a certain mistake costs what it should. The columns are as in
/// [`log_loss`](super::log_loss).
///
/// ```
/// use mlcourse::metrics::cross_entropy;
/// use mlcourse::prelude::*;
///
/// let loss = cross_entropy(&array![0, 1], &array![[2.0, 0.0], [1000.0, 0.0]])?;
/// assert!((loss - (0.126_928 + 1000.0) / 2.0).abs() < 1e-6);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.4 (*Softmax*) and the glossary (*Cross-Entropy*); PyTorch, *cross_entropy*.
///
/// # Errors
/// When the arguments are empty or differ in length, logits are not finite, or the labels do not fit the columns.
pub fn cross_entropy(y_true: &ArrayRef1<usize>, logits: &ArrayRef2<f64>) -> Result<f64> {
    let columns = Columns::new(y_true, logits, None)?;
    let losses = logits.outer_iter().zip(&columns.of).map(|(row, &class)| {
        let largest = row.fold(f64::NEG_INFINITY, |most, &logit| most.max(logit));
        let sum: f64 = row.iter().map(|logit| (logit - largest).exp()).sum();
        sum.ln() + (largest - row[class])
    });
    Ok(losses.sum::<f64>() / y_true.len() as f64)
}

/// The mean cross-entropy of two classes from one logit z a sample, shape (n_samples):
/// −(1/n) Σ_i \[y_i ln σ(z_i) + (1 − y_i) ln(1 − σ(z_i))\] = (1/n) Σ_i \[max(z_i, 0) − z_i y_i + ln(1 + e^{−|z_i|})\].
///
/// The second form neither overflows nor loses digits: at z = 120 for a negative it is 120, where the first is ∞. y is 1
/// for label 1, or for the greater of two other labels.
///
/// ```
/// use mlcourse::metrics::cross_entropy_binary;
/// use mlcourse::prelude::*;
///
/// assert_eq!(cross_entropy_binary(&array![0], &array![120.0])?, 120.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.4 (*Loss*); PyTorch, *binary_cross_entropy_with_logits*.
///
/// # Errors
/// When the arguments are empty or differ in length, logits are not finite, or there are more than two labels.
pub fn cross_entropy_binary(y_true: &ArrayRef1<usize>, logits: &ArrayRef1<f64>) -> Result<f64> {
    check::same_length("y_true", y_true.len(), "logits", logits.len())?;
    check::column("logits", logits)?;
    let positive = positive_label(&y_true.to_vec())?;
    let losses = logits.iter().zip(y_true).map(|(&logit, &label)| {
        let linear = if label == positive { logit } else { 0.0 };
        logit.max(0.0) - linear + (-logit.abs()).exp().ln_1p()
    });
    Ok(losses.sum::<f64>() / y_true.len() as f64)
}
