use super::numeric::contiguous;
use super::{Average, Tally};
use crate::{Result, check};
use ndarray::ArrayRef1;
use rayon::prelude::*;

/// Samples compared by one task.
const CHUNK: usize = 1 << 16;

/// The share of predictions that are right: (1/n) Σ \[ŷ_i = y_i\], in \[0, 1\].
///
/// ```
/// use mlcourse::prelude::*;
///
/// assert_eq!(accuracy(&array![0, 1, 2, 2], &array![0, 1, 2, 0])?, 0.75);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.5; scikit-learn, *accuracy_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn accuracy(y_true: &ArrayRef1<usize>, y_pred: &ArrayRef1<usize>) -> Result<f64> {
    check::same_length("y_true", y_true.len(), "y_pred", y_pred.len())?;
    check::not_empty("y_true", y_true.len())?;
    let (truth, prediction) = (contiguous(y_true), contiguous(y_pred));
    let right: usize = truth
        .par_chunks(CHUNK)
        .zip(prediction.par_chunks(CHUNK))
        .map(|(truth, prediction)| truth.iter().zip(prediction).filter(|(t, p)| t == p).count())
        .sum();
    Ok(right as f64 / y_true.len() as f64)
}

/// The share of the predictions of a class that are right: TP / (TP + FP).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (y_true, y_pred) = (array![0, 1, 2, 0, 1, 2], array![0, 2, 1, 0, 0, 1]);
/// assert!((precision(&y_true, &y_pred, Average::Macro)? - 2.0 / 9.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.5; scikit-learn, *precision_score*.
///
/// # Errors
/// When the arguments are empty or differ in length, or the average does not fit the labels.
pub fn precision(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    average: Average,
) -> Result<f64> {
    Tally::new(y_true, y_pred)?.precision(average)
}

/// The share of the samples of a class that are found: TP / (TP + FN).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (y_true, y_pred) = (array![0, 1, 2, 0, 1, 2], array![0, 2, 1, 0, 0, 1]);
/// assert_eq!(recall(&y_true, &y_pred, Average::Class(0))?, 1.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.5; scikit-learn, *recall_score*.
///
/// # Errors
/// As [`precision`].
pub fn recall(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    average: Average,
) -> Result<f64> {
    Tally::new(y_true, y_pred)?.recall(average)
}

/// The harmonic mean of precision P and recall R: F1 = 2 P R / (P + R) = 2 TP / (2 TP + FP + FN).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (y_true, y_pred) = (array![0, 0, 1, 1, 1], array![0, 1, 1, 1, 0]);
/// assert!((f1_score(&y_true, &y_pred, Average::Binary)? - 2.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.5; scikit-learn, *f1_score*.
///
/// # Errors
/// As [`precision`].
pub fn f1_score(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    average: Average,
) -> Result<f64> {
    Tally::new(y_true, y_pred)?.f1_score(average)
}

/// The harmonic mean of precision P and recall R where recall counts β² times as much:
/// F_β = (1 + β²) P R / (β² P + R) = (1 + β²) TP / ((1 + β²) TP + β² FN + FP).
///
/// β = 1 is [`f1_score`], β = 0 the precision, β = ∞ the recall. β = 2 is usual where a miss costs more than a false
/// alarm, β = ½ where it is the other way round.
///
/// ```
/// use mlcourse::metrics::fbeta_score;
/// use mlcourse::prelude::*;
///
/// let (y_true, y_pred) = (array![0, 1, 2, 0, 1, 2], array![0, 2, 1, 0, 0, 1]);
/// assert!((fbeta_score(&y_true, &y_pred, 0.5, Average::Macro)? - 0.238_095_238).abs() < 1e-9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *fbeta_score*.
///
/// # Errors
/// As [`precision`], and when β is NaN or below 0.
pub fn fbeta_score(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    beta: f64,
    average: Average,
) -> Result<f64> {
    Tally::new(y_true, y_pred)?.fbeta_score(beta, average)
}

/// What the true and the predicted samples of a class share: TP / (TP + FP + FN), also called intersection over union.
///
/// ```
/// use mlcourse::metrics::jaccard_score;
/// use mlcourse::prelude::*;
///
/// assert_eq!(jaccard_score(&array![0, 1, 1], &array![1, 1, 1], Average::Binary)?, 2.0 / 3.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *jaccard_score*.
///
/// # Errors
/// As [`precision`].
pub fn jaccard_score(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    average: Average,
) -> Result<f64> {
    Tally::new(y_true, y_pred)?.jaccard_score(average)
}

/// The mean of the recalls of the classes: (1/K) Σ_k TP_k / (TP_k + FN_k).
///
/// Every class counts the same, however rare: predicting the most frequent one for all gives 1/K, where the
/// [`accuracy`] would be its share. Classes that are predicted but never true do not count.
///
/// ```
/// use mlcourse::metrics::balanced_accuracy;
/// use mlcourse::prelude::*;
///
/// let (y_true, y_pred) = (array![0, 1, 0, 0, 1, 0], array![0, 1, 0, 0, 0, 1]);
/// assert_eq!(balanced_accuracy(&y_true, &y_pred)?, 0.625);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// On a scale where chance is 0: [`Tally::balanced_accuracy_adjusted`].
///
/// Source: scikit-learn, *balanced_accuracy_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn balanced_accuracy(y_true: &ArrayRef1<usize>, y_pred: &ArrayRef1<usize>) -> Result<f64> {
    Ok(Tally::new(y_true, y_pred)?.balanced_accuracy())
}

/// The correlation of truth and prediction, in \[−1, 1\]: 1 is perfect, 0 no better than chance.
///
/// For two classes, (TP · TN − FP · FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN)). For K classes with t_k true and p_k
/// predicted samples, c of n right: (c n − Σ t_k p_k) / √((n² − Σ p_k²)(n² − Σ t_k²)). 0 when truth or prediction are
/// one class only.
///
/// ```
/// use mlcourse::metrics::matthews_corrcoef;
/// use mlcourse::prelude::*;
///
/// let mcc = matthews_corrcoef(&array![1, 1, 1, 0], &array![1, 0, 1, 1])?;
/// assert!((mcc + 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *matthews_corrcoef*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn matthews_corrcoef(y_true: &ArrayRef1<usize>, y_pred: &ArrayRef1<usize>) -> Result<f64> {
    Ok(Tally::new(y_true, y_pred)?.matthews_corrcoef())
}

/// How much two raters agree beyond chance: κ = (p_o − p_e) / (1 − p_e), where p_o is the share of samples on which they
/// agree and p_e the share on which they would by chance, Σ_k t_k p_k / n².
///
/// 1 is full agreement, 0 that of chance. NaN, with a warning, when both always say the same class. Where some
/// disagreements are worse than others: [`ConfusionMatrix::cohen_kappa`](super::ConfusionMatrix::cohen_kappa).
///
/// ```
/// use mlcourse::metrics::cohen_kappa;
/// use mlcourse::prelude::*;
///
/// let kappa = cohen_kappa(&array![0, 2, 0, 1, 2], &array![0, 2, 0, 1, 0])?;
/// assert!((kappa - 0.6875).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *cohen_kappa_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn cohen_kappa(y1: &ArrayRef1<usize>, y2: &ArrayRef1<usize>) -> Result<f64> {
    Ok(Tally::new(y1, y2)?.cohen_kappa())
}

/// A ratio of the counts of one class.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Metric {
    Precision,
    Recall,
    FBeta(f64),
    Jaccard,
}

impl Metric {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::FBeta(1.0) => "F1",
            Self::FBeta(_) => "F-beta",
            Self::Jaccard => "Jaccard index",
        }
    }
}
