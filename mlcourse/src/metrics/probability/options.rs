use super::{CHUNK, Columns, checked, log_of};
use crate::metrics::numeric::contiguous;
use crate::metrics::ranking::multiclass_auc;
use crate::metrics::{Average, MultiClass};
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1, ArrayRef2, ArrayView1};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Metrics of probabilities, shape (n_samples, n_classes), with the classes of a model and samples that weigh.
///
/// The functions of this module, such as [`log_loss`](super::log_loss), are the short way where neither is needed.
///
/// | choice | default | meaning |
/// |---|---|---|
/// | `classes` | the labels that occur, ascending; or 0, 1, … | the label of each column, as `model.classes()` gives it |
/// | `sample_weight` | each sample counts 1 | how much each sample counts; 0 removes one |
///
/// ```
/// use mlcourse::metrics::ProbabilityMetrics;
/// use mlcourse::prelude::*;
///
/// // A fold without any sample of class 5, which the model knows.
/// let (y, probabilities) = (array![3, 8], array![[0.7, 0.1, 0.2], [0.1, 0.1, 0.8]]);
/// let loss = ProbabilityMetrics::new().classes(&[3, 5, 8]).log_loss(&y, &probabilities)?;
/// assert!((loss + (0.7_f64.ln() + 0.8_f64.ln()) / 2.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, parameters `labels` and `sample_weight` of these metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbabilityMetrics {
    classes: Option<Vec<usize>>,
    sample_weight: Option<Array1<f64>>,
}

impl ProbabilityMetrics {
    /// Neither classes nor weights.
    pub fn new() -> Self {
        Self::default()
    }

    /// The label of each column.
    #[must_use]
    pub fn classes(mut self, classes: &[usize]) -> Self {
        self.classes = Some(classes.to_vec());
        self
    }

    /// How much each sample counts.
    #[must_use]
    pub fn sample_weight(mut self, sample_weight: &ArrayRef1<f64>) -> Self {
        self.sample_weight = Some(sample_weight.to_owned());
        self
    }

    /// As [`log_loss`](super::log_loss).
    ///
    /// # Errors
    /// As [`log_loss`](super::log_loss), and when weights or classes do not fit the probabilities.
    pub fn log_loss(
        &self,
        y_true: &ArrayRef1<usize>,
        probabilities: &ArrayRef2<f64>,
    ) -> Result<f64> {
        let columns = checked(y_true, probabilities, self.classes.as_deref())?;
        self.mean(&columns, probabilities, |row, class| log_of(row[class]))
    }

    /// As [`brier_score`](super::brier_score).
    ///
    /// # Errors
    /// As [`log_loss`](Self::log_loss).
    pub fn brier_score(
        &self,
        y_true: &ArrayRef1<usize>,
        probabilities: &ArrayRef2<f64>,
    ) -> Result<f64> {
        let columns = checked(y_true, probabilities, self.classes.as_deref())?;
        let mean = self.mean(&columns, probabilities, |row, class| {
            let squares = row.iter().enumerate().map(|(column, probability)| {
                let happened = f64::from(column == class);
                (happened - probability) * (happened - probability)
            });
            squares.sum()
        })?;
        Ok(if columns.n_classes < 3 {
            0.5 * mean
        } else {
            mean
        })
    }

    /// As [`roc_auc_multiclass`](crate::metrics::roc_auc_multiclass).
    ///
    /// # Errors
    /// As there, when weights or classes do not fit the probabilities, and for weights with one against one.
    pub fn roc_auc(
        &self,
        y_true: &ArrayRef1<usize>,
        probabilities: &ArrayRef2<f64>,
        multi_class: MultiClass,
        average: Average,
    ) -> Result<f64> {
        let columns = Columns::new(y_true, probabilities, self.classes.as_deref())?;
        let weights = self.weights(columns.of.len())?;
        let weights = weights.as_ref().map(|weights| contiguous(weights));
        multiclass_auc(
            &columns,
            probabilities,
            multi_class,
            average,
            weights.as_deref(),
        )
    }

    /// As [`top_k_accuracy`](super::top_k_accuracy).
    ///
    /// # Errors
    /// As there, and when weights or classes do not fit the scores.
    pub fn top_k_accuracy(
        &self,
        y_true: &ArrayRef1<usize>,
        scores: &ArrayRef2<f64>,
        k: usize,
    ) -> Result<f64> {
        if k == 0 {
            return Err(Error::parameter("k", "1 or more", k));
        }
        let columns = Columns::new(y_true, scores, self.classes.as_deref())?;
        self.mean(&columns, scores, |row, class| {
            let ahead = row.iter().enumerate().filter(|&(column, &score)| {
                score > row[class] || (score == row[class] && column > class)
            });
            f64::from(ahead.count() < k)
        })
    }

    fn weights(&self, n_samples: usize) -> Result<Option<&Array1<f64>>> {
        if let Some(weights) = &self.sample_weight {
            check::sample_weight(weights, n_samples)?;
        }
        Ok(self.sample_weight.as_ref())
    }

    /// The mean of a loss over the samples.
    fn mean(
        &self,
        columns: &Columns,
        rows: &ArrayRef2<f64>,
        loss: impl Fn(ArrayView1<'_, f64>, usize) -> f64 + Sync,
    ) -> Result<f64> {
        let weights = self.weights(columns.of.len())?;
        let sums: Vec<(f64, f64)> = columns
            .of
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, classes)| {
                let mut sums = (0.0, 0.0);
                for (place, &class) in classes.iter().enumerate() {
                    let sample = chunk * CHUNK + place;
                    let weight = weights.map_or(1.0, |weights| weights[sample]);
                    sums.0 += weight * loss(rows.row(sample), class);
                    sums.1 += weight;
                }
                sums
            })
            .collect();
        let (sum, total) = sums.iter().fold((0.0, 0.0), |total, part| {
            (total.0 + part.0, total.1 + part.1)
        });
        Ok(sum / total)
    }
}
