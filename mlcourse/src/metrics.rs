//! How good predictions are.
//!
//! Every function takes the truth first: `metric(y_true, y_pred)`. In the formulas of one class, TP counts the samples
//! that are of this class and predicted so, FP those predicted so and of another, FN those of it and predicted otherwise.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let y_true = array![0, 0, 1, 1, 1];
//! let y_pred = array![0, 1, 1, 1, 0];
//! assert_eq!(accuracy(&y_true, &y_pred)?, 0.6);
//! assert_eq!(precision(&y_true, &y_pred, Average::Binary)?, 2.0 / 3.0);
//! println!("{}", confusion_matrix(&y_true, &y_pred)?);
//! println!("{}", classification_report(&y_true, &y_pred)?);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! A ratio whose denominator is 0 (the precision of a class that is never predicted) counts as 0, and a
//! [`Warning`](crate::warning::Warning) says so: in the report, and in the [journal](crate::warning). Another value
//! is a choice, [`ZeroDivision`].
//!
//! # Which one
//!
//! | what a model says | the question | metrics |
//! |---|---|---|
//! | classes | how many are right? | [`accuracy`]; where classes are rare, [`balanced_accuracy`], [`matthews_corrcoef`] |
//! | | which mistakes? | [`confusion_matrix`], [`classification_report`], [`precision`], [`recall`] |
//! | | one number for both kinds of mistakes? | [`f1_score`], [`fbeta_score`], [`jaccard_score`] |
//! | | do two raters agree? | [`cohen_kappa`] |
//! | scores | are positives above negatives? | [`roc_auc`], [`average_precision`], [`roc_auc_multiclass`] |
//! | | which threshold? | [`roc_curve`], [`precision_recall_curve`], [`det_curve`] |
//! | probabilities | are they good ones? | [`log_loss`], [`brier_score`], [`calibration_curve`], [`top_k_accuracy`] |
//! | logits | the same, without rounding | [`cross_entropy`], [`cross_entropy_binary`] |
//! | numbers | how far off? | [`mean_squared_error`], [`mean_absolute_error`], [`r2_score`] |
//! | clusters | do they agree with classes? | [`adjusted_rand`], [`adjusted_mutual_info`], [`v_measure`] |
//! | | are they tight and far apart? | [`silhouette_score`], [`davies_bouldin`], [`calinski_harabasz`] |
//! | answers to questions | are they right? | [`squad`] |
//! | boxes in images | are objects found? | [`iou`], [`MeanAveragePrecision`] |
//!
//! # Several at once, weights, names
//!
//! [`Tally`] counts predicted classes once, [`Ranking`] sorts scores once, and every metric of theirs follows; both take
//! samples that weigh, and [`ProbabilityMetrics`] does the same for probabilities. [`Scorer`] is a metric by
//! scikit-learn's name for it, `"f1_weighted"`, as searches over models need it.
//!
//! Source: course, section 1.5 and the glossary; scikit-learn, *Metrics and scoring*.

mod answers;
mod clustering;
mod columns;
mod confusion;
mod counts;
mod detection;
mod numeric;
mod probability;
mod ranking;
mod regression;
mod report;
mod scorer;
mod scores;
mod tally;

pub use answers::{Articles, SquadScores, normalize_answer, squad, squad_exact_match, squad_f1};
pub use clustering::{
    HomogeneityCompletenessV, NormalizeBy, adjusted_mutual_info, adjusted_rand, calinski_harabasz,
    completeness, davies_bouldin, fowlkes_mallows, homogeneity, homogeneity_completeness_v_measure,
    mutual_info, normalized_mutual_info, rand_score, silhouette_samples, silhouette_score,
    v_measure,
};
pub use confusion::{
    ConfusionMatrix, KappaWeights, Normalize, confusion_matrix, confusion_matrix_weighted,
};
pub use detection::{
    BoundingBox, ClassDetection, Detection, DetectionScores, MeanAveragePrecision, Protocol,
    TrueObject, iou, iou_matrix,
};
pub use probability::{
    BinStrategy, CalibrationCurve, ProbabilityMetrics, brier_score, brier_score_binary,
    calibration_curve, cross_entropy, cross_entropy_binary, log_loss, log_loss_binary,
    top_k_accuracy,
};
pub use ranking::{
    DetCurve, MultiClass, PrecisionRecallCurve, Ranking, RocCurve, auc, average_precision,
    det_curve, precision_recall_curve, roc_auc, roc_auc_multiclass, roc_curve,
};
pub use regression::{
    explained_variance, max_error, mean_absolute_error, mean_absolute_percentage_error,
    mean_squared_error, median_absolute_error, r2_score, root_mean_squared_error,
};
pub use report::{ClassificationReport, classification_report};
pub use scorer::{Answer, Response, Scorer, Truth};
pub use scores::{
    accuracy, balanced_accuracy, cohen_kappa, f1_score, fbeta_score, jaccard_score,
    matthews_corrcoef, precision, recall,
};
pub use tally::{Average, ClassScores, Tally, ZeroDivision};
