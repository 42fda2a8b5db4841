//! How well scores put positives above negatives: ROC, precision and recall at every threshold.

mod curves;
mod multiclass;
mod sorted;

pub use curves::{DetCurve, PrecisionRecallCurve, RocCurve};
pub(super) use multiclass::multiclass_auc;
pub use multiclass::{MultiClass, roc_auc_multiclass};
pub(super) use sorted::positive_label;

use super::numeric::contiguous;
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::ArrayRef1;
use serde::{Deserialize, Serialize};
use sorted::{Sorted, weighted_groups};
use std::borrow::Cow;

/// The area under the ROC curve: the probability that a random positive has a larger score than a random negative, where
/// a tie counts ½.
///
/// AUC = (1 / (P N)) Σ_{i positive} Σ_{j negative} (\[s_i > s_j\] + ½ \[s_i = s_j\]). It is 1 when a threshold separates the
/// classes, ½ for scores that say nothing, and depends on the order of the scores alone.
///
/// The positive class is label 1, or the greater of two other labels. With one class only it is NaN, with a
/// [`Warning`]. The sum is exact, by one sort of the scores, O(n log n).
///
/// ```
/// use mlcourse::metrics::roc_auc;
/// use mlcourse::prelude::*;
///
/// assert_eq!(roc_auc(&array![0, 0, 1, 1], &array![0.1, 0.4, 0.35, 0.8])?, 0.75);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Where samples weigh: [`Ranking::weighted`]. For more than two classes: [`roc_auc_multiclass`].
///
/// Source: scikit-learn, *roc_auc_score*.
///
/// # Errors
/// When the arguments are empty or differ in length, scores are not finite, or there are more than two labels.
pub fn roc_auc(y_true: &ArrayRef1<usize>, y_score: &ArrayRef1<f64>) -> Result<f64> {
    let pair = Pair::new(y_true, y_score)?;
    Ok(area(
        Sorted::new(&pair.scores, &pair.is_positive())?.roc_auc(),
    ))
}

/// The area, or NaN with a warning when a class is missing.
fn area(area: Option<f64>) -> f64 {
    area.unwrap_or_else(|| {
        warning::record(Warning::Undefined {
            metric: "ROC AUC",
            reason: "all samples are of one class",
        });
        f64::NAN
    })
}

/// The area under the precision-recall steps: AP = Σ_n (R_n − R_{n−1}) P_n over the distinct scores, descending, with R_n
/// and P_n the recall and the precision when everything from that score up is called positive.
///
/// Unlike the ROC AUC it falls when positives are rare: scores that say nothing have the share of positives. The positive
/// class is as in [`roc_auc`]; without positives it is 0, with a [`Warning`].
///
/// ```
/// use mlcourse::metrics::average_precision;
/// use mlcourse::prelude::*;
///
/// let ap = average_precision(&array![0, 0, 1, 1], &array![0.1, 0.4, 0.35, 0.8])?;
/// assert!((ap - 5.0 / 6.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *average_precision_score*.
///
/// # Errors
/// As [`roc_auc`].
pub fn average_precision(y_true: &ArrayRef1<usize>, y_score: &ArrayRef1<f64>) -> Result<f64> {
    let pair = Pair::new(y_true, y_score)?;
    let sorted = Sorted::new(&pair.scores, &pair.is_positive())?;
    if !pair.labels.contains(&pair.positive) {
        no_positive("average precision");
    }
    Ok(sorted.average_precision())
}

fn no_positive(metric: &'static str) {
    warning::record(Warning::ZeroDivision {
        metric,
        labels: vec![1],
    });
}

/// The ROC curve: at each threshold, which share of the negatives (FPR) and of the positives (TPR) scores at least as
/// much.
///
/// Points between others on a line are left out; [`Ranking::roc_curve`] can keep them. The first threshold is ∞: nothing
/// is called positive. The positive class is as in [`roc_auc`]. A rate of a class that is missing is NaN, with a
/// [`Warning`].
///
/// ```
/// use mlcourse::metrics::roc_curve;
/// use mlcourse::prelude::*;
///
/// let curve = roc_curve(&array![0, 0, 1, 1], &array![0.1, 0.4, 0.35, 0.8])?;
/// assert_eq!(curve.fpr, array![0.0, 0.0, 0.5, 0.5, 1.0]);
/// assert_eq!(curve.tpr, array![0.0, 0.5, 0.5, 1.0, 1.0]);
/// assert_eq!(curve.thresholds, array![f64::INFINITY, 0.8, 0.4, 0.35, 0.1]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *roc_curve*.
///
/// # Errors
/// As [`roc_auc`].
pub fn roc_curve(y_true: &ArrayRef1<usize>, y_score: &ArrayRef1<f64>) -> Result<RocCurve> {
    Ok(Ranking::new(y_true, y_score)?.roc_curve(true))
}

/// Precision and recall at each threshold: of the samples that score at least as much, which share is positive, and which
/// share of the positives is among them.
///
/// Thresholds ascend, so recall falls; a last point (recall 0, precision 1) without threshold closes the curve. The
/// positive class is as in [`roc_auc`]; without positives the recall is 1, with a [`Warning`].
///
/// ```
/// use mlcourse::metrics::precision_recall_curve;
/// use mlcourse::prelude::*;
///
/// let curve = precision_recall_curve(&array![0, 0, 1, 1], &array![0.1, 0.4, 0.35, 0.8])?;
/// assert_eq!(curve.precision, array![0.5, 2.0 / 3.0, 0.5, 1.0, 1.0]);
/// assert_eq!(curve.recall, array![1.0, 1.0, 0.5, 0.5, 0.0]);
/// assert_eq!(curve.thresholds, array![0.1, 0.35, 0.4, 0.8]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *precision_recall_curve*.
///
/// # Errors
/// As [`roc_auc`].
pub fn precision_recall_curve(
    y_true: &ArrayRef1<usize>,
    y_score: &ArrayRef1<f64>,
) -> Result<PrecisionRecallCurve> {
    Ok(Ranking::new(y_true, y_score)?.precision_recall_curve(false))
}

/// The detection error tradeoff: at each threshold, the share of the negatives that scores at least as much (FPR) and that
/// of the positives that scores less (FNR).
///
/// ```
/// use mlcourse::metrics::det_curve;
/// use mlcourse::prelude::*;
///
/// let curve = det_curve(&array![0, 0, 1, 1], &array![0.1, 0.4, 0.35, 0.8])?;
/// assert_eq!(curve.fpr, array![0.5, 0.5, 0.0]);
/// assert_eq!(curve.fnr, array![0.0, 0.5, 0.5]);
/// assert_eq!(curve.thresholds, array![0.35, 0.4, 0.8]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *det_curve*.
///
/// # Errors
/// As [`roc_auc`], and when a class is missing.
pub fn det_curve(y_true: &ArrayRef1<usize>, y_score: &ArrayRef1<f64>) -> Result<DetCurve> {
    Ranking::new(y_true, y_score)?.det_curve(false)
}

/// Labels and scores that belong together.
struct Pair<'a> {
    labels: Cow<'a, [usize]>,
    scores: Cow<'a, [f64]>,
    positive: usize,
}

impl<'a> Pair<'a> {
    fn new(y_true: &'a ArrayRef1<usize>, y_score: &'a ArrayRef1<f64>) -> Result<Self> {
        check::same_length("y_true", y_true.len(), "y_score", y_score.len())?;
        let labels = contiguous(y_true);
        Ok(Self {
            positive: positive_label(&labels)?,
            scores: contiguous(y_score),
            labels,
        })
    }

    fn is_positive(&self) -> impl Fn(usize) -> bool + Sync {
        |sample| self.labels[sample] == self.positive
    }
}

/// Samples sorted by score once: every curve and area follows from it.
///
/// The functions of this module, such as [`roc_auc`], are the short way to one of them. A ranking is for several, and for
/// samples that weigh.
///
/// ```
/// use mlcourse::metrics::Ranking;
/// use mlcourse::prelude::*;
///
/// let (y_true, scores) = (array![0, 0, 1, 1], array![0.1, 0.4, 0.35, 0.8]);
/// let ranking = Ranking::new(&y_true, &scores)?;
/// assert_eq!(ranking.roc_auc(), 0.75);
/// assert_eq!(ranking.roc_curve(false).tpr.len(), 5);
///
/// let ranking = Ranking::weighted(&y_true, &scores, &array![1.0, 0.0, 1.0, 1.0])?;
/// assert_eq!(ranking.roc_auc(), 1.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *confusion_matrix_at_thresholds*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    thresholds: Vec<f64>,
    fps: Vec<f64>,
    tps: Vec<f64>,
}

impl Ranking {
    /// Sorts; each sample counts once.
    ///
    /// # Errors
    /// When the arguments are empty or differ in length, scores are not finite, or there are more than two labels.
    pub fn new(y_true: &ArrayRef1<usize>, y_score: &ArrayRef1<f64>) -> Result<Self> {
        let pair = Pair::new(y_true, y_score)?;
        let mut ranking = Self::with_capacity(pair.scores.len());
        Sorted::new(&pair.scores, &pair.is_positive())?.groups(ranking.pusher());
        Ok(ranking)
    }

    /// Sorts; each sample counts as much as it weighs, and one of weight 0 is as if it were not there.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when the weights are not finite, below 0 or all 0.
    pub fn weighted(
        y_true: &ArrayRef1<usize>,
        y_score: &ArrayRef1<f64>,
        sample_weight: &ArrayRef1<f64>,
    ) -> Result<Self> {
        let pair = Pair::new(y_true, y_score)?;
        check::same_length("y_true", y_true.len(), "sample_weight", sample_weight.len())?;
        let weights = contiguous(sample_weight);
        Self::of_weighted(&pair.scores, &pair.is_positive(), &weights)
    }

    fn of_weighted(
        scores: &[f64],
        is_positive: &impl Fn(usize) -> bool,
        weights: &[f64],
    ) -> Result<Self> {
        let mut ranking = Self::with_capacity(scores.len());
        weighted_groups(scores, is_positive, weights, ranking.pusher())?;
        Ok(ranking)
    }

    fn with_capacity(n_samples: usize) -> Self {
        let [thresholds, fps, tps] = [(); 3].map(|()| Vec::with_capacity(n_samples));
        Self {
            thresholds,
            fps,
            tps,
        }
    }

    fn pusher(&mut self) -> impl FnMut(f64, f64, f64) {
        |threshold, fps, tps| {
            self.thresholds.push(threshold);
            self.fps.push(fps);
            self.tps.push(tps);
        }
    }

    /// The distinct scores, descending.
    pub fn thresholds(&self) -> &[f64] {
        &self.thresholds
    }

    /// For each threshold, the number (or weight) of the negatives that score at least as much.
    pub fn false_positives(&self) -> &[f64] {
        &self.fps
    }

    /// For each threshold, the number (or weight) of the positives that score at least as much.
    pub fn true_positives(&self) -> &[f64] {
        &self.tps
    }

    fn n_negatives(&self) -> f64 {
        self.fps.last().copied().unwrap_or(0.0)
    }

    fn n_positives(&self) -> f64 {
        self.tps.last().copied().unwrap_or(0.0)
    }

    /// The area under the ROC curve; see [`roc_auc`].
    pub fn roc_auc(&self) -> f64 {
        let (mut fp_before, mut tp_before, mut twice) = (0.0, 0.0, 0.0);
        for (&fp, &tp) in self.fps.iter().zip(&self.tps) {
            twice += (fp - fp_before) * (tp + tp_before);
            (fp_before, tp_before) = (fp, tp);
        }
        let all = 2.0 * self.n_negatives() * self.n_positives();
        area((all > 0.0).then(|| twice / all))
    }

    /// The area under the precision-recall steps; see [`average_precision`].
    pub fn average_precision(&self) -> f64 {
        if self.n_positives() == 0.0 {
            no_positive("average precision");
            return 0.0;
        }
        let (mut before, mut sum) = (0.0, 0.0);
        for (&fp, &tp) in self.fps.iter().zip(&self.tps) {
            sum += (tp - before) * (tp / (tp + fp));
            before = tp;
        }
        sum / self.n_positives()
    }

    /// The ROC curve; see [`roc_curve`]. `drop_intermediate` leaves out points between others on a line.
    pub fn roc_curve(&self, drop_intermediate: bool) -> RocCurve {
        RocCurve::new(self, drop_intermediate)
    }

    /// Precision and recall at each threshold; see [`precision_recall_curve`]. `drop_intermediate` leaves out points
    /// between others of the same recall.
    pub fn precision_recall_curve(&self, drop_intermediate: bool) -> PrecisionRecallCurve {
        PrecisionRecallCurve::new(self, drop_intermediate)
    }

    /// The detection error tradeoff; see [`det_curve`]. `drop_intermediate` leaves out points between others of the same
    /// share of missed positives.
    ///
    /// # Errors
    /// When a class is missing.
    pub fn det_curve(&self, drop_intermediate: bool) -> Result<DetCurve> {
        if self.n_negatives() == 0.0 || self.n_positives() == 0.0 {
            return Err(Error::parameter(
                "y_true",
                "labels of both classes for a detection error tradeoff",
                "of one class only",
            ));
        }
        Ok(DetCurve::new(self, drop_intermediate))
    }
}

/// The area under a line through points, by trapezoids: Σ (x_i − x_{i−1}) (y_i + y_{i−1}) / 2.
///
/// ```
/// use mlcourse::metrics::auc;
/// use mlcourse::prelude::*;
///
/// assert_eq!(auc(&array![0.0, 0.5, 1.0], &array![0.0, 1.0, 1.0])?, 0.75);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *auc*.
///
/// # Errors
/// When `x` and `y` differ in length, hold fewer than 2 points or values that are not finite, or `x` neither ascends nor
/// descends.
pub fn auc(x: &ArrayRef1<f64>, y: &ArrayRef1<f64>) -> Result<f64> {
    check::same_length("x", x.len(), "y", y.len())?;
    check::column("x", x)?;
    check::column("y", y)?;
    if x.len() < 2 {
        return Err(Error::parameter("x", "at least 2 points", "1 point"));
    }
    let steps = || x.windows(2).into_iter().map(|pair| pair[1] - pair[0]);
    let sign = match (
        steps().all(|step| step >= 0.0),
        steps().all(|step| step <= 0.0),
    ) {
        (true, _) => 1.0,
        (_, true) => -1.0,
        _ => {
            let expected = "ascending or descending from point to point";
            return Err(Error::parameter("x", expected, "both by turns"));
        }
    };
    let heights = y
        .windows(2)
        .into_iter()
        .map(|pair| (pair[0] + pair[1]) / 2.0);
    let area: f64 = steps()
        .zip(heights)
        .map(|(step, height)| step * height)
        .sum();
    Ok(sign * area)
}
