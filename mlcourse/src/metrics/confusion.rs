use super::counts::{self, Matrix};
use super::tally::kappa;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::{Error, Result};
use ndarray::{Array2, ArrayRef1, Axis};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Counts how often each true class is predicted as each class.
///
/// C_ij is the number of samples of class i that are predicted as class j: rows are the truth, columns the prediction.
/// The classes are the labels that occur in either, ascending.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let matrix = confusion_matrix(&array![0, 0, 1, 1, 1], &array![0, 1, 1, 1, 0])?;
/// assert_eq!(matrix.counts(), array![[1, 1], [1, 2]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, sections 1.5 and 2; scikit-learn, *confusion_matrix*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn confusion_matrix(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
) -> Result<ConfusionMatrix> {
    ConfusionMatrix::new(y_true, y_pred, None)
}

/// Counts how often each true class is predicted as each class, each sample as much as it weighs.
///
/// A sample of weight 0 is as if it were not there.
///
/// ```
/// use mlcourse::metrics::confusion_matrix_weighted;
/// use mlcourse::prelude::*;
///
/// let weights = array![1.0, 0.5, 2.0];
/// let matrix = confusion_matrix_weighted(&array![0, 0, 1], &array![0, 1, 1], &weights)?;
/// assert_eq!(matrix.values(), array![[1.0, 0.5], [0.0, 2.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *confusion_matrix* with `sample_weight`.
///
/// # Errors
/// As [`confusion_matrix`], and when the weights are not finite, below 0 or all 0.
pub fn confusion_matrix_weighted(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
    sample_weight: &ArrayRef1<f64>,
) -> Result<ConfusionMatrix> {
    ConfusionMatrix::new(y_true, y_pred, Some(sample_weight))
}

/// What each cell of a confusion matrix is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Normalize {
    /// The samples of the true class, so that rows add up to 1 and the diagonal is the recall.
    True,
    /// Those predicted as the class, so that columns add up to 1 and the diagonal is the precision.
    Pred,
    /// All samples.
    All,
}

/// How much worse one disagreement is than another, for [`ConfusionMatrix::cohen_kappa`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KappaWeights {
    /// All disagreements are the same.
    None,
    /// The distance of the two classes in the order of the labels.
    Linear,
    /// Its square.
    Quadratic,
}

/// How often each true class is predicted as each class. It shows as a table, darker where the share of the true class
/// is larger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    counts: Array2<usize>,
    weights: Option<Array2<f64>>,
    labels: Vec<usize>,
    names: Vec<String>,
    normalize: Option<Normalize>,
}

impl ConfusionMatrix {
    fn new(
        y_true: &ArrayRef1<usize>,
        y_pred: &ArrayRef1<usize>,
        sample_weight: Option<&ArrayRef1<f64>>,
    ) -> Result<Self> {
        let Matrix {
            labels,
            counts,
            weights,
        } = counts::matrix(y_true, y_pred, sample_weight)?;
        Ok(Self {
            names: labels.iter().map(usize::to_string).collect(),
            counts,
            weights,
            labels,
            normalize: None,
        })
    }

    /// The rows and columns of these labels, in this order; zeros for one that does not occur. Samples of another class,
    /// true or predicted, are left out.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// let matrix = confusion_matrix(&array![0, 1, 2], &array![0, 1, 1])?.only(&[1, 0]);
    /// assert_eq!(matrix.counts(), array![[1, 0], [0, 1]]);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    #[must_use]
    pub fn only(self, labels: &[usize]) -> Self {
        let places: Vec<Option<usize>> = labels
            .iter()
            .map(|label| self.labels.binary_search(label).ok())
            .collect();
        let cell = |row: usize, column: usize| Some([places[row]?, places[column]?]);
        let shape = (labels.len(), labels.len());
        Self {
            counts: Array2::from_shape_fn(shape, |(row, column)| {
                cell(row, column).map_or(0, |cell| self.counts[cell])
            }),
            weights: self.weights.map(|weights| {
                Array2::from_shape_fn(shape, |(row, column)| {
                    cell(row, column).map_or(0.0, |cell| weights[cell])
                })
            }),
            names: labels.iter().map(usize::to_string).collect(),
            labels: labels.to_vec(),
            normalize: self.normalize,
        }
    }

    /// Shows shares in place of counts, and gives them as [`values`](Self::values).
    ///
    /// ```
    /// use mlcourse::metrics::Normalize;
    /// use mlcourse::prelude::*;
    ///
    /// let matrix = confusion_matrix(&array![0, 0, 1, 1], &array![0, 1, 1, 1])?;
    /// let shares = matrix.normalize(Normalize::True);
    /// assert_eq!(shares.values(), array![[0.5, 0.5], [0.0, 1.0]]);
    /// println!("{shares}");
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    #[must_use]
    pub fn normalize(mut self, by: Normalize) -> Self {
        self.normalize = Some(by);
        self
    }

    /// Shows names in place of the labels, in their order.
    ///
    /// # Errors
    /// When there is not one name for each class that occurs.
    pub fn target_names<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self> {
        self.names = named(names, &self.labels)?;
        Ok(self)
    }

    /// The numbers of samples, shape (n_classes, n_classes), whatever they weigh; rows are the truth.
    pub fn counts(&self) -> &Array2<usize> {
        &self.counts
    }

    /// The cells as numbers, shape (n_classes, n_classes): sums of weights, or counts where samples do not weigh; divided
    /// as [`normalize`](Self::normalize) says. A share of nothing is 0.
    pub fn values(&self) -> Array2<f64> {
        let sums = match &self.weights {
            Some(weights) => weights.clone(),
            None => self.counts.mapv(|count| count as f64),
        };
        let whole = match self.normalize {
            None => return sums,
            Some(Normalize::True) => sums.sum_axis(Axis(1)).insert_axis(Axis(1)),
            Some(Normalize::Pred) => sums.sum_axis(Axis(0)).insert_axis(Axis(0)),
            Some(Normalize::All) => Array2::from_elem((1, 1), sums.sum()),
        };
        let mut shares = sums / whole;
        shares.mapv_inplace(|share| if share.is_nan() { 0.0 } else { share });
        shares
    }

    /// How much two raters agree beyond chance, where some disagreements are worse than others:
    /// 1 − Σ w_ij C_ij / Σ w_ij E_ij, with E_ij the counts that chance gives, (row sum i) (column sum j) / n.
    ///
    /// NaN, with a warning, when both always say the same class.
    ///
    /// ```
    /// use mlcourse::metrics::KappaWeights;
    /// use mlcourse::prelude::*;
    ///
    /// // Two teachers who give marks from 0 to 2.
    /// let matrix = confusion_matrix(&array![0, 1, 2, 2, 1], &array![0, 1, 1, 2, 0])?;
    /// assert_eq!(matrix.cohen_kappa(KappaWeights::Quadratic), 0.6875);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: scikit-learn, *cohen_kappa_score*.
    pub fn cohen_kappa(&self, weights: KappaWeights) -> f64 {
        let values = match &self.weights {
            Some(weights) => weights.clone(),
            None => self.counts.mapv(|count| count as f64),
        };
        let (rows, columns) = (values.sum_axis(Axis(1)), values.sum_axis(Axis(0)));
        let total = values.sum();
        let (mut observed, mut expected) = (0.0, 0.0);
        for ((row, column), count) in values.indexed_iter() {
            let distance = row.abs_diff(column) as f64;
            let worse = match weights {
                KappaWeights::None => f64::from(row != column),
                KappaWeights::Linear => distance,
                KappaWeights::Quadratic => distance * distance,
            };
            observed += worse * count;
            expected += worse * (rows[row] * columns[column] / total);
        }
        kappa(observed, if total == 0.0 { 0.0 } else { expected })
    }

    /// The labels of rows and columns, ascending unless they were chosen.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The names of rows and columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The share of the row's true class that is predicted as the column's; 0 in a row without samples.
    pub fn share(&self, row: usize, column: usize) -> f64 {
        match &self.weights {
            None => {
                let total: usize = self.counts.row(row).sum();
                self.counts[[row, column]] as f64 / total.max(1) as f64
            }
            Some(weights) => match weights.row(row).sum() {
                0.0 => 0.0,
                total => weights[[row, column]] / total,
            },
        }
    }

    fn table(&self) -> Table {
        let mut columns = vec!["true ╲ predicted".to_owned()];
        columns.extend(self.names.iter().cloned());
        let shown = (self.weights.is_some() || self.normalize.is_some()).then(|| self.values());
        let mut table = Table::new(&columns);
        if self.normalize.is_some() {
            table = table.decimals(2);
        }
        for (row, name) in self.names.iter().enumerate() {
            let mut cells = vec![Cell::from(name)];
            match &shown {
                Some(values) => cells.extend(values.row(row).iter().map(|&value| value.into())),
                None => cells.extend(self.counts.row(row).iter().map(|&count| count.into())),
            }
            table.push(cells);
            let mut styles = vec!["font-weight:bold".to_owned()];
            styles.extend((0..self.labels.len()).map(|column| {
                format!(
                    "background:rgba(1,115,178,{:.2})",
                    0.5 * self.share(row, column)
                )
            }));
            table.style_last(styles);
        }
        table
    }
}

/// The names of classes, one for each label.
pub(super) fn named<S: AsRef<str>>(names: &[S], labels: &[usize]) -> Result<Vec<String>> {
    if names.len() != labels.len() {
        return Err(Error::NameCount {
            what: "target_names",
            each: format!("the labels that occur, {labels:?}"),
            expected: labels.len(),
            found: names.len(),
        });
    }
    Ok(names.iter().map(|name| name.as_ref().to_owned()).collect())
}

impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for ConfusionMatrix {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
