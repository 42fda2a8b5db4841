use crate::display::{Cell, Display, MimeBundle, Table};
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayRef1};
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
    check::same_length("y_true", y_true.len(), "y_pred", y_pred.len())?;
    check::not_empty("y_true", y_true.len())?;
    let labels = check::distinct(y_true.iter().chain(y_pred).copied());
    let places = Places::new(&labels);
    let mut counts = Array2::zeros((labels.len(), labels.len()));
    for (&truth, &prediction) in y_true.iter().zip(y_pred) {
        counts[[places.of(truth), places.of(prediction)]] += 1;
    }
    Ok(ConfusionMatrix {
        counts,
        names: labels.iter().map(usize::to_string).collect(),
        labels,
    })
}

/// Where a label stands among all: looked up when labels are small, searched otherwise.
struct Places<'a> {
    labels: &'a [usize],
    table: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(labels: &'a [usize]) -> Self {
        let mut table = Vec::new();
        if let Some(&largest) = labels
            .last()
            .filter(|&&largest| largest < check::SMALL_LABEL)
        {
            table.resize(largest + 1, 0);
            for (place, &label) in labels.iter().enumerate() {
                table[label] = place;
            }
        }
        Self { labels, table }
    }

    fn of(&self, label: usize) -> usize {
        match self.table.get(label) {
            Some(&place) => place,
            None => self.labels.partition_point(|&known| known < label),
        }
    }
}

/// How often each true class is predicted as each class. It shows as a table, darker where the share of the true class
/// is larger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    counts: Array2<usize>,
    labels: Vec<usize>,
    names: Vec<String>,
}

impl ConfusionMatrix {
    /// Shows names in place of the labels, in their order.
    ///
    /// # Errors
    /// When there is not one name for each class that occurs.
    pub fn target_names<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self> {
        self.names = named(names, &self.labels)?;
        Ok(self)
    }

    /// The counts, shape (n_classes, n_classes); rows are the truth.
    pub fn counts(&self) -> &Array2<usize> {
        &self.counts
    }

    /// The labels of rows and columns, ascending.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The names of rows and columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The share of the row's true class that is predicted as the column's; 0 in a row without samples.
    pub fn share(&self, row: usize, column: usize) -> f64 {
        let total: usize = self.counts.row(row).sum();
        self.counts[[row, column]] as f64 / total.max(1) as f64
    }

    fn table(&self) -> Table {
        let mut columns = vec!["true ╲ predicted".to_owned()];
        columns.extend(self.names.iter().cloned());
        let mut table = Table::new(&columns);
        for (row, name) in self.names.iter().enumerate() {
            let mut cells = vec![Cell::from(name)];
            cells.extend(self.counts.row(row).iter().map(|&count| Cell::from(count)));
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
