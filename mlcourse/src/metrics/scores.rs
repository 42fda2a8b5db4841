use super::confusion_matrix;
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayRef1};

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
    let right = y_true
        .iter()
        .zip(y_pred)
        .filter(|(truth, prediction)| truth == prediction)
        .count();
    Ok(right as f64 / y_true.len() as f64)
}

/// How the scores of the classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    single(Metric::Precision, y_true, y_pred, average)
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
    single(Metric::Recall, y_true, y_pred, average)
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
    single(Metric::F1, y_true, y_pred, average)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Metric {
    Precision,
    Recall,
    F1,
}

impl Metric {
    const ALL: [Self; 3] = [Self::Precision, Self::Recall, Self::F1];

    fn name(self) -> &'static str {
        match self {
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::F1 => "F1",
        }
    }
}

fn single(
    metric: Metric,
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    average: Average,
) -> Result<f64> {
    let matrix = confusion_matrix(y_true, y_pred)?;
    let tally = Tally::new(matrix.counts(), matrix.labels().to_vec());
    let (score, warning) = tally.average(metric, average)?;
    warning.into_iter().for_each(warning::record);
    Ok(score)
}

/// Precision, recall and F1 of one class, or averaged over all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScores {
    /// TP / (TP + FP).
    pub precision: f64,
    /// TP / (TP + FN).
    pub recall: f64,
    /// 2 TP / (2 TP + FP + FN).
    pub f1: f64,
    /// The number of true samples.
    pub support: usize,
}

/// What is right and wrong, class by class.
pub(super) struct Tally {
    labels: Vec<usize>,
    classes: Vec<Counts>,
}

/// TP, TP + FP and TP + FN.
#[derive(Clone, Copy, Default)]
struct Counts {
    right: usize,
    predicted: usize,
    actual: usize,
}

impl Counts {
    /// The ratio, or nothing for 0/0.
    fn ratio(self, metric: Metric) -> Option<f64> {
        let (part, whole) = match metric {
            Metric::Precision => (self.right, self.predicted),
            Metric::Recall => (self.right, self.actual),
            Metric::F1 => (2 * self.right, self.predicted + self.actual),
        };
        (whole > 0).then(|| part as f64 / whole as f64)
    }
}

impl Tally {
    pub(super) fn new(counts: &Array2<usize>, labels: Vec<usize>) -> Self {
        let classes = (0..labels.len())
            .map(|class| Counts {
                right: counts[[class, class]],
                predicted: counts.column(class).sum(),
                actual: counts.row(class).sum(),
            })
            .collect();
        Self { labels, classes }
    }

    /// The scores of every class, in the order of the labels.
    pub(super) fn per_class(&self) -> Vec<ClassScores> {
        self.classes
            .iter()
            .map(|counts| {
                let [precision, recall, f1] =
                    Metric::ALL.map(|metric| counts.ratio(metric).unwrap_or(0.0));
                ClassScores {
                    precision,
                    recall,
                    f1,
                    support: counts.actual,
                }
            })
            .collect()
    }

    /// All scores, averaged.
    pub(super) fn averaged(&self, average: Average) -> Result<ClassScores> {
        Ok(ClassScores {
            precision: self.average(Metric::Precision, average)?.0,
            recall: self.average(Metric::Recall, average)?.0,
            f1: self.average(Metric::F1, average)?.0,
            support: self.classes.iter().map(|counts| counts.actual).sum(),
        })
    }

    /// The classes whose ratios are 0/0.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        Metric::ALL
            .into_iter()
            .filter_map(|metric| self.warning(metric))
            .collect()
    }

    fn warning(&self, metric: Metric) -> Option<Warning> {
        let labels: Vec<usize> = self
            .labels
            .iter()
            .zip(&self.classes)
            .filter(|(_, counts)| counts.ratio(metric).is_none())
            .map(|(label, _)| *label)
            .collect();
        (!labels.is_empty()).then(|| Warning::ZeroDivision {
            metric: metric.name(),
            labels,
        })
    }

    fn average(&self, metric: Metric, average: Average) -> Result<(f64, Option<Warning>)> {
        let scores = || {
            self.classes
                .iter()
                .map(|counts| (counts.ratio(metric).unwrap_or(0.0), counts.actual))
        };
        match average {
            Average::Binary => {
                if self.labels.iter().any(|&label| label > 1) {
                    return Err(Error::NotBinary {
                        found: format!("{:?}", self.labels),
                    });
                }
                Ok(self.of_class(metric, 1))
            }
            Average::Class(label) if !self.labels.contains(&label) => Err(Error::parameter(
                "Average::Class",
                format!("one of the labels that occur, {:?}", self.labels),
                label,
            )),
            Average::Class(label) => Ok(self.of_class(metric, label)),
            Average::Macro => {
                let sum: f64 = scores().map(|(score, _)| score).sum();
                Ok((sum / self.classes.len() as f64, self.warning(metric)))
            }
            Average::Weighted => {
                let total: usize = scores().map(|(_, support)| support).sum();
                let sum: f64 = scores()
                    .map(|(score, support)| score * support as f64)
                    .sum();
                Ok((sum / total as f64, self.warning(metric)))
            }
            // Over all classes the sums of FP and FN are the same, and TP + FP is every sample: never 0.
            Average::Micro => {
                let summed = self
                    .classes
                    .iter()
                    .fold(Counts::default(), |sum, counts| Counts {
                        right: sum.right + counts.right,
                        predicted: sum.predicted + counts.predicted,
                        actual: sum.actual + counts.actual,
                    });
                Ok((summed.ratio(metric).unwrap_or(0.0), None))
            }
        }
    }

    /// The score of one class; one that does not occur is 0/0.
    fn of_class(&self, metric: Metric, label: usize) -> (f64, Option<Warning>) {
        let counts = match self.labels.binary_search(&label) {
            Ok(class) => self.classes[class],
            Err(_) => Counts::default(),
        };
        match counts.ratio(metric) {
            Some(score) => (score, None),
            None => (
                0.0,
                Some(Warning::ZeroDivision {
                    metric: metric.name(),
                    labels: vec![label],
                }),
            ),
        }
    }
}
