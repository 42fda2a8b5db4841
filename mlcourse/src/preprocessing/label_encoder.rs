use crate::display::Table;
use crate::shown::shown;
use crate::words::WordMap;
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1};
use serde::{Deserialize, Serialize};

/// Numbers the classes of a target, 0, 1, 2 …, in sorted order: what classifiers take.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let words = ["virginica", "setosa", "virginica"];
/// let encoder = LabelEncoder::new().fit(&words)?;
/// let y = encoder.transform(&words)?;
/// assert_eq!(y, array![1, 0, 1]);
/// assert_eq!(encoder.inverse_transform(&y)?, words);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// It is for targets. For features, see [`OneHotEncoder`](super::OneHotEncoder) and
/// [`OrdinalEncoder`](super::OrdinalEncoder).
///
/// Source: scikit-learn, *LabelEncoder*.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelEncoder {}

impl LabelEncoder {
    /// An encoder; it has no parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns which classes there are.
    ///
    /// # Errors
    /// When there is no label.
    pub fn fit<W: AsRef<str>>(self, labels: &[W]) -> Result<FittedLabelEncoder> {
        check::not_empty("labels", labels.len())?;
        let mut seen: WordMap<&str, ()> = WordMap::default();
        for label in labels {
            seen.entry(label.as_ref()).or_insert(());
        }
        let mut classes: Vec<String> = seen.into_keys().map(str::to_owned).collect();
        classes.sort_unstable();
        Ok(FittedLabelEncoder { classes })
    }
}

/// A [`LabelEncoder`] that knows its classes. It shows as a table of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedLabelEncoder {
    classes: Vec<String>,
}

shown!(FittedLabelEncoder);

impl FittedLabelEncoder {
    /// The number of each label, shape (n_samples).
    ///
    /// # Errors
    /// When a label was not there at `fit`.
    pub fn transform<W: AsRef<str>>(&self, labels: &[W]) -> Result<Array1<usize>> {
        let places: WordMap<&str, usize> = self
            .classes
            .iter()
            .enumerate()
            .map(|(place, class)| (class.as_str(), place))
            .collect();
        let number = |(row, label): (usize, &W)| {
            places
                .get(label.as_ref())
                .copied()
                .ok_or_else(|| Error::UnknownCategory {
                    column: "labels".to_owned(),
                    row,
                    category: label.as_ref().to_owned(),
                    known: self.classes.join(", "),
                })
        };
        labels.iter().enumerate().map(number).collect()
    }

    /// The label of each number.
    ///
    /// # Errors
    /// When there is no class of that number.
    pub fn inverse_transform(&self, y: &ArrayRef1<usize>) -> Result<Vec<String>> {
        let label = |&class: &usize| {
            self.classes.get(class).cloned().ok_or_else(|| {
                Error::parameter(
                    "y",
                    format!("below {}, the number of classes", self.classes.len()),
                    class,
                )
            })
        };
        y.iter().map(label).collect()
    }

    /// The classes, sorted: class `k` is `classes()[k]`.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["class", "label"]).caption("LabelEncoder");
        for (class, label) in self.classes.iter().enumerate() {
            table.push(vec![class.into(), label.into()]);
        }
        table
    }
}
