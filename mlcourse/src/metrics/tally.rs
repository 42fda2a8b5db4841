use super::counts::{self, Counts};
use super::numeric::{nan_mean, sum};
use super::{ClassificationReport, scores::Metric};
use crate::display::{Display, MimeBundle, Table};
use crate::warning::{self, Warning};
use crate::{Error, Result};
use ndarray::ArrayRef1;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the scores of the classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Average {
    /// The score of class 1; the labels must be 0 and 1.
    Binary,
    /// The score of this class against all others.
    Class(usize),
    /// The mean over the classes, each counting the same.
    Macro,
    /// The score of the summed TP, FP and FN: each sample counts the same.
    Micro,
    /// The mean over the classes, each weighted by its number of true samples.
    Weighted,
}

/// What 0/0 counts as: the precision of a class that is never predicted, the recall of one that never occurs.
///
/// Unless one is chosen it is 0, with a [`Warning`]; with a choice there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ZeroDivision {
    /// 0.
    Zero,
    /// 1.
    One,
    /// Not a number; means over classes leave it out.
    Nan,
}

impl ZeroDivision {
    fn value(self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::One => 1.0,
            Self::Nan => f64::NAN,
        }
    }
}

/// Precision, recall and F1 of one class, or averaged over all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// TP / (TP + FP).
    pub precision: f64,
    /// TP / (TP + FN).
    pub recall: f64,
    /// 2 TP / (2 TP + FP + FN).
    pub f1: f64,
    /// The number of true samples, or their weight.
    pub support: f64,
}

/// Right and wrong predictions counted once, class by class: every score of predicted classes follows from it.
///
/// The functions of this module, such as [`f1_score`](super::f1_score), are the short way to one score. A tally is for
/// several of them, and for what they leave out: samples that weigh, a choice of classes, what 0/0 counts as.
///
/// | choice | default | meaning |
/// |---|---|---|
/// | [`weighted`](Self::weighted) | each sample counts 1 | samples count as much as they weigh; a weight of 0 removes one |
/// | [`only`](Self::only) | the labels that occur | the classes that averages and the report are over |
/// | [`zero_division`](Self::zero_division) | 0 and a warning | what 0/0 counts as |
///
/// ```
/// use mlcourse::metrics::{Tally, ZeroDivision};
/// use mlcourse::prelude::*;
///
/// let (y_true, y_pred) = (array![0, 1, 2, 2], array![0, 1, 1, 1]);
/// let tally = Tally::new(&y_true, &y_pred)?.zero_division(ZeroDivision::Nan);
/// assert_eq!(tally.accuracy(), 0.5);
/// assert_eq!(tally.recall(Average::Macro)?, 2.0 / 3.0);
/// // Nothing is predicted as 2: its precision is not a number, and the mean is over the other two.
/// assert!(tally.precision(Average::Class(2))?.is_nan());
/// assert!((tally.precision(Average::Macro)? - 2.0 / 3.0).abs() < 1e-15);
///
/// let tally = Tally::weighted(&y_true, &y_pred, &array![1.0, 1.0, 0.5, 0.5])?;
/// assert_eq!(tally.accuracy(), 2.0 / 3.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.5; scikit-learn, *precision_recall_fscore_support*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    classes: Vec<Class>,
    only: Option<Vec<usize>>,
    zero_division: Option<ZeroDivision>,
    is_weighted: bool,
}

/// TP, TP + FP and TP + FN of one class, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Class {
    label: usize,
    right: f64,
    predicted: f64,
    actual: f64,
}

impl Class {
    /// The ratio, or nothing for 0/0.
    fn ratio(&self, metric: Metric) -> Option<f64> {
        let (part, whole) = match metric {
            Metric::Precision => (self.right, self.predicted),
            Metric::Recall => (self.right, self.actual),
            Metric::FBeta(beta) if beta.is_infinite() => (self.right, self.actual),
            Metric::FBeta(beta) => {
                let squared = beta * beta;
                (
                    (1.0 + squared) * self.right,
                    squared * self.actual + self.predicted,
                )
            }
            Metric::Jaccard => (self.right, self.predicted + (self.actual - self.right)),
        };
        (whole > 0.0).then(|| part / whole)
    }
}

impl Tally {
    /// Counts, each sample once.
    ///
    /// # Errors
    /// When the arguments are empty or differ in length.
    pub fn new(y_true: &ArrayRef1<usize>, y_pred: &ArrayRef1<usize>) -> Result<Self> {
        Ok(Self::from_counts(counts::classes(y_true, y_pred)?, false))
    }

    /// Counts each sample as much as it weighs; one of weight 0 is as if it were not there.
    ///
    /// # Errors
    /// When the arguments are empty or differ in length, or the weights are not finite, below 0 or all 0.
    pub fn weighted(
        y_true: &ArrayRef1<usize>,
        y_pred: &ArrayRef1<usize>,
        sample_weight: &ArrayRef1<f64>,
    ) -> Result<Self> {
        let counts = counts::weighted_classes(y_true, y_pred, sample_weight)?;
        Ok(Self::from_counts(counts, true))
    }

    fn from_counts(counts: Counts, is_weighted: bool) -> Self {
        let classes = (0..counts.labels.len())
            .map(|place| Class {
                label: counts.labels[place],
                right: counts.right[place],
                predicted: counts.predicted[place],
                actual: counts.actual[place],
            })
            .collect();
        Self {
            classes,
            only: None,
            zero_division: None,
            is_weighted,
        }
    }

    /// Averages and reports over these classes alone, in this order. A sample of another class that is predicted as one
    /// of them is still wrong. Accuracy, Matthews correlation and kappa remain those of all samples.
    ///
    /// # Errors
    /// When there is no label, or one stands twice.
    pub fn only(mut self, labels: &[usize]) -> Result<Self> {
        let mut sorted = labels.to_vec();
        sorted.sort_unstable();
        if sorted.is_empty() || sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::parameter(
                "labels",
                "at least one label, none of them twice",
                format!("{labels:?}"),
            ));
        }
        self.only = Some(labels.to_vec());
        Ok(self)
    }

    /// What 0/0 counts as, without a warning.
    #[must_use]
    pub fn zero_division(mut self, value: ZeroDivision) -> Self {
        self.zero_division = Some(value);
        self
    }

    /// The classes that averages are over: those that occur, ascending, or those of [`only`](Self::only).
    pub fn labels(&self) -> Vec<usize> {
        self.chosen().iter().map(|class| class.label).collect()
    }

    /// The number of samples, or their weight.
    pub fn n_samples(&self) -> f64 {
        self.classes.iter().map(|class| class.actual).sum()
    }

    fn n_right(&self) -> f64 {
        self.classes.iter().map(|class| class.right).sum()
    }

    /// The share of predictions that are right.
    pub fn accuracy(&self) -> f64 {
        self.n_right() / self.n_samples()
    }

    /// The mean of the recalls of the classes that occur in the truth.
    pub fn balanced_accuracy(&self) -> f64 {
        let recalls: Vec<f64> = self
            .classes
            .iter()
            .filter_map(|class| class.ratio(Metric::Recall))
            .collect();
        sum(&recalls) / recalls.len() as f64
    }

    /// The balanced accuracy on a scale where chance is 0 and perfection 1: (b − 1/K) / (1 − 1/K) for K true classes.
    /// Not finite if there is one class only.
    pub fn balanced_accuracy_adjusted(&self) -> f64 {
        let n_classes = self.classes.iter().filter(|class| class.actual > 0.0);
        let chance = 1.0 / n_classes.count() as f64;
        (self.balanced_accuracy() - chance) / (1.0 - chance)
    }

    /// The share of the predictions of a class that are right: TP / (TP + FP).
    ///
    /// # Errors
    /// When the average does not fit the labels.
    pub fn precision(&self, average: Average) -> Result<f64> {
        self.recorded(Metric::Precision, average)
    }

    /// The share of the samples of a class that are found: TP / (TP + FN).
    ///
    /// # Errors
    /// As [`precision`](Self::precision).
    pub fn recall(&self, average: Average) -> Result<f64> {
        self.recorded(Metric::Recall, average)
    }

    /// The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).
    ///
    /// # Errors
    /// As [`precision`](Self::precision).
    pub fn f1_score(&self, average: Average) -> Result<f64> {
        self.recorded(Metric::FBeta(1.0), average)
    }

    /// The harmonic mean of precision and recall where recall counts β² times as much:
    /// (1 + β²) TP / ((1 + β²) TP + β² FN + FP).
    ///
    /// # Errors
    /// As [`precision`](Self::precision), and when β is NaN or below 0.
    pub fn fbeta_score(&self, beta: f64, average: Average) -> Result<f64> {
        if beta.is_nan() || beta < 0.0 {
            return Err(Error::parameter("beta", "0 or more", beta));
        }
        self.recorded(Metric::FBeta(beta), average)
    }

    /// What the true and the predicted samples of a class share: TP / (TP + FP + FN).
    ///
    /// # Errors
    /// As [`precision`](Self::precision).
    pub fn jaccard_score(&self, average: Average) -> Result<f64> {
        self.recorded(Metric::Jaccard, average)
    }

    /// Precision, recall and F1 of each class, in the order of [`labels`](Self::labels).
    pub fn per_class(&self) -> Vec<ClassScores> {
        let of = |class: &Class, metric| class.ratio(metric).unwrap_or(self.undefined());
        self.chosen()
            .iter()
            .map(|class| ClassScores {
                precision: of(class, Metric::Precision),
                recall: of(class, Metric::Recall),
                f1: of(class, Metric::FBeta(1.0)),
                support: class.actual,
            })
            .collect()
    }

    /// Precision, recall and F1, averaged.
    ///
    /// # Errors
    /// As [`precision`](Self::precision).
    pub fn averaged(&self, average: Average) -> Result<ClassScores> {
        let support: Vec<f64> = self.chosen().iter().map(|class| class.actual).collect();
        Ok(ClassScores {
            precision: self.average(Metric::Precision, average)?.0,
            recall: self.average(Metric::Recall, average)?.0,
            f1: self.average(Metric::FBeta(1.0), average)?.0,
            support: sum(&support),
        })
    }

    /// The correlation of truth and prediction; see [`matthews_corrcoef`](super::matthews_corrcoef).
    pub fn matthews_corrcoef(&self) -> f64 {
        let n_samples = self.n_samples();
        let dot = |left: fn(&Class) -> f64, right: fn(&Class) -> f64| -> f64 {
            let products = self.classes.iter().map(|class| left(class) * right(class));
            products.sum()
        };
        let (actual, predicted) = (|c: &Class| c.actual, |c: &Class| c.predicted);
        let covariance = self.n_right() * n_samples - dot(actual, predicted);
        let spread_true = n_samples * n_samples - dot(actual, actual);
        let spread_predicted = n_samples * n_samples - dot(predicted, predicted);
        if spread_true * spread_predicted == 0.0 {
            return 0.0;
        }
        covariance / (spread_true * spread_predicted).sqrt()
    }

    /// How much two raters agree beyond chance; see [`cohen_kappa`](super::cohen_kappa).
    pub fn cohen_kappa(&self) -> f64 {
        let n_samples = self.n_samples();
        let by_chance: f64 = self
            .classes
            .iter()
            .map(|class| class.actual * class.predicted / n_samples)
            .sum();
        kappa(n_samples - self.n_right(), n_samples - by_chance)
    }

    /// Precision, recall, F1 and support of every class, with their averages; see
    /// [`classification_report`](super::classification_report).
    ///
    /// # Errors
    /// Never for a tally that was counted; the averages all exist.
    pub fn report(&self) -> Result<ClassificationReport> {
        ClassificationReport::new(self.clone())
    }

    /// The ratios of the report that are 0/0, unless it was chosen what they count as.
    pub fn warnings(&self) -> Vec<Warning> {
        let all = [Metric::Precision, Metric::Recall, Metric::FBeta(1.0)];
        all.into_iter()
            .filter_map(|metric| self.undefined_in(metric, &self.chosen()))
            .collect()
    }

    /// Whether samples count by weights.
    pub(super) fn is_weighted(&self) -> bool {
        self.is_weighted
    }

    /// Whether every class that occurs is among the chosen: then the micro averages are the accuracy.
    pub(super) fn is_complete(&self) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| self.classes.iter().all(|class| only.contains(&class.label)))
    }

    fn undefined(&self) -> f64 {
        self.zero_division.map_or(0.0, ZeroDivision::value)
    }

    fn chosen(&self) -> Vec<Class> {
        match &self.only {
            None => self.classes.clone(),
            Some(only) => only.iter().map(|&label| self.class(label)).collect(),
        }
    }

    /// The counts of a class; all 0 if it does not occur.
    fn class(&self, label: usize) -> Class {
        match self
            .classes
            .binary_search_by_key(&label, |class| class.label)
        {
            Ok(place) => self.classes[place],
            Err(_) => Class {
                label,
                ..Class::default()
            },
        }
    }

    fn recorded(&self, metric: Metric, average: Average) -> Result<f64> {
        let (score, warning) = self.average(metric, average)?;
        warning.into_iter().for_each(warning::record);
        Ok(score)
    }

    fn undefined_in(&self, metric: Metric, classes: &[Class]) -> Option<Warning> {
        let labels: Vec<usize> = classes
            .iter()
            .filter(|class| class.ratio(metric).is_none())
            .map(|class| class.label)
            .collect();
        (self.zero_division.is_none() && !labels.is_empty()).then(|| Warning::ZeroDivision {
            metric: metric.name(),
            labels,
        })
    }

    fn average(&self, metric: Metric, average: Average) -> Result<(f64, Option<Warning>)> {
        let chosen = self.chosen();
        match average {
            Average::Binary => {
                if self.classes.iter().any(|class| class.label > 1) {
                    return Err(Error::NotBinary {
                        found: format!("{:?}", self.labels()),
                    });
                }
                Ok(self.of_class(metric, 1))
            }
            Average::Class(label) if chosen.iter().all(|class| class.label != label) => {
                Err(Error::parameter(
                    "Average::Class",
                    format!("one of the labels that occur, {:?}", self.labels()),
                    label,
                ))
            }
            Average::Class(label) => Ok(self.of_class(metric, label)),
            Average::Macro | Average::Weighted => {
                let scores: Vec<f64> = chosen
                    .iter()
                    .map(|class| class.ratio(metric).unwrap_or(self.undefined()))
                    .collect();
                let support: Vec<f64> = chosen.iter().map(|class| class.actual).collect();
                let weights = (average == Average::Weighted).then_some(support.as_slice());
                let warning = self.undefined_in(metric, &chosen);
                Ok((nan_mean(&scores, weights), warning))
            }
            Average::Micro => {
                let total = chosen.iter().fold(Class::default(), |sum, class| Class {
                    label: 0,
                    right: sum.right + class.right,
                    predicted: sum.predicted + class.predicted,
                    actual: sum.actual + class.actual,
                });
                let warning = self
                    .undefined_in(metric, &[total])
                    .map(|_| Warning::ZeroDivision {
                        metric: metric.name(),
                        labels: Vec::new(),
                    });
                Ok((total.ratio(metric).unwrap_or(self.undefined()), warning))
            }
        }
    }

    /// The score of one class; one that does not occur is 0/0.
    fn of_class(&self, metric: Metric, label: usize) -> (f64, Option<Warning>) {
        let class = self.class(label);
        let score = class.ratio(metric).unwrap_or(self.undefined());
        (score, self.undefined_in(metric, &[class]))
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["class", "right", "predicted", "actual"]);
        for class in self.chosen() {
            let count = |value: f64| match self.is_weighted {
                true => value.into(),
                false => (value as usize).into(),
            };
            let [right, predicted, actual] =
                [class.right, class.predicted, class.actual].map(count);
            table.push(vec![
                class.label.to_string().into(),
                right,
                predicted,
                actual,
            ]);
        }
        table
    }
}

/// 1 − observed / expected disagreement. Where chance leaves nothing to disagree about it is NaN, with a warning.
pub(super) fn kappa(observed: f64, expected: f64) -> f64 {
    if expected == 0.0 {
        warning::record(Warning::Undefined {
            metric: "Cohen's kappa",
            reason: "there is one class only, so chance agrees everywhere",
        });
        return f64::NAN;
    }
    1.0 - observed / expected
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for Tally {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
