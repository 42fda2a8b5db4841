use super::TextColumns;
use super::categories::{self, ColumnCategories, Frequency, Rare};
use super::one_hot_encoder::{owned, table};
use crate::display::Table;
use crate::estimator::{choice, parameters};
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayRef2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What an [`OrdinalEncoder`] does with a category that was not there at `fit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrdinalUnknown {
    /// It is an error.
    #[default]
    Error,
    /// It becomes `unknown_value`.
    UseEncodedValue,
}

choice!(OrdinalUnknown { Error = "error", UseEncodedValue = "use_encoded_value" });

/// Turns categories into their numbers, 0, 1, 2 …, in sorted order or in the order given.
///
/// For categories that have an order, given by `categories`: small < medium < large. Where there is none, a model that
/// calculates with the numbers would believe one: use [`OneHotEncoder`](super::OneHotEncoder). Trees do with either.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `handle_unknown` | `error` | a category not seen at `fit`: or `use_encoded_value` | |
/// | `unknown_value` | NaN | its number | none that a category has |
/// | `encoded_missing_value` | NaN | the number of a missing word | none that a category has |
/// | `min_frequency` | none | rows (or share of rows) that a category needs to stand alone | 0.0 … 1.0 for a share |
/// | `max_categories` | none | numbers at most, that of the rare ones among them | 1 … |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = TextColumns::new().column("size", &["small", "large", "medium"])?;
/// let encoder = OrdinalEncoder::new().categories(&[&["small", "medium", "large"]]).fit(&x)?;
/// assert_eq!(encoder.transform(&x)?, array![[0.0], [2.0], [1.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *OrdinalEncoder*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OrdinalEncoder {
    categories: Option<Vec<Vec<String>>>,
    handle_unknown: OrdinalUnknown,
    // None is NaN, which JSON does not have.
    unknown_value: Option<f64>,
    encoded_missing_value: Option<f64>,
    min_frequency: Option<Frequency>,
    max_categories: Option<usize>,
}

impl OrdinalEncoder {
    /// An encoder with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The categories of each column, in their order.
    #[must_use]
    pub fn categories<W: AsRef<str>>(mut self, categories: &[&[W]]) -> Self {
        self.categories = Some(owned(categories));
        self
    }

    /// What to do with a category that was not there at `fit`.
    #[must_use]
    pub fn handle_unknown(mut self, handle_unknown: OrdinalUnknown) -> Self {
        self.handle_unknown = handle_unknown;
        self
    }

    /// The number of a category that was not there at `fit`.
    #[must_use]
    pub fn unknown_value(mut self, unknown_value: f64) -> Self {
        self.unknown_value = Some(unknown_value).filter(|value| !value.is_nan());
        self
    }

    /// The number of a missing word.
    #[must_use]
    pub fn encoded_missing_value(mut self, encoded_missing_value: f64) -> Self {
        self.encoded_missing_value = Some(encoded_missing_value).filter(|value| !value.is_nan());
        self
    }

    /// How many rows (`5`), or which share of them (`0.05`), a category needs to stand alone.
    #[must_use]
    pub fn min_frequency(mut self, min_frequency: impl Into<Frequency>) -> Self {
        self.min_frequency = Some(min_frequency.into());
        self
    }

    /// How many numbers a feature may have.
    #[must_use]
    pub fn max_categories(mut self, max_categories: impl Into<Option<usize>>) -> Self {
        self.max_categories = max_categories.into();
        self
    }

    /// Learns the categories of each column.
    ///
    /// # Errors
    /// When there are no rows, a parameter is out of its range, or a category is none of those given.
    pub fn fit(self, x: &TextColumns) -> Result<FittedOrdinalEncoder> {
        let rare = Rare {
            min_frequency: self.min_frequency,
            max_categories: self.max_categories,
            missing_counts: false,
        };
        let columns = categories::find(x, self.categories.as_deref(), &rare)?;
        for column in &columns {
            let taken = |value: Option<f64>| {
                value.is_some_and(|value| 0.0 <= value && value < column.n_groups as f64)
            };
            let numbers = format!(
                "none of the numbers of categories, 0 to {}",
                column.n_groups.max(1) - 1
            );
            if self.handle_unknown == OrdinalUnknown::UseEncodedValue && taken(self.unknown_value) {
                return Err(Error::parameter(
                    "unknown_value",
                    numbers,
                    shown_number(self.unknown_value),
                ));
            }
            if column.words.last() == Some(&None) && taken(self.encoded_missing_value) {
                return Err(Error::parameter(
                    "encoded_missing_value",
                    numbers,
                    shown_number(self.encoded_missing_value),
                ));
            }
        }
        Ok(FittedOrdinalEncoder {
            names: x.names().to_vec(),
            columns,
            handle_unknown: self.handle_unknown,
            unknown_value: self.unknown_value,
            encoded_missing_value: self.encoded_missing_value,
        })
    }
}

fn shown_number(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// An [`OrdinalEncoder`] that has seen its training data. It shows as a table of categories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedOrdinalEncoder {
    names: Vec<String>,
    columns: Vec<ColumnCategories>,
    handle_unknown: OrdinalUnknown,
    unknown_value: Option<f64>,
    encoded_missing_value: Option<f64>,
}

parameters!(OrdinalEncoder {
    handle_unknown,
    unknown_value,
    encoded_missing_value,
    min_frequency,
    max_categories
});
shown!(FittedOrdinalEncoder);

impl FittedOrdinalEncoder {
    /// The number of each category, shape (n_rows, n_columns).
    ///
    /// # Errors
    /// When the columns are not those of `fit`, or a category is unknown and `handle_unknown` is `error`.
    pub fn transform(&self, x: &TextColumns) -> Result<Array2<f64>> {
        x.check_names("OrdinalEncoder::transform", &self.names)?;
        let of_column = |place: usize| -> Result<Vec<f64>> {
            let column = &self.columns[place];
            let number = |(row, code): (usize, Option<usize>)| match code {
                Some(code) => Ok(column.groups[code]
                    .map_or(shown_number(self.encoded_missing_value), |group| {
                        group as f64
                    })),
                None if self.handle_unknown == OrdinalUnknown::Error => {
                    Err(categories::unknown(x, place, row, column.known()))
                }
                None => Ok(shown_number(self.unknown_value)),
            };
            let codes = column.codes(&x.columns()[place]);
            codes.into_iter().enumerate().map(number).collect()
        };
        let columns: Vec<Vec<f64>> = (0..self.columns.len())
            .into_par_iter()
            .map(of_column)
            .collect::<Result<_>>()?;
        Ok(Array2::from_shape_fn(
            (x.n_rows(), columns.len()),
            |(row, column)| columns[column][row],
        ))
    }

    /// The categories that numbers stand for; a number of none is missing.
    ///
    /// # Errors
    /// When `z` has another number of columns.
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<TextColumns> {
        check::n_features("OrdinalEncoder::inverse_transform", self.columns.len(), z)?;
        let columns = self
            .columns
            .iter()
            .zip(z.columns())
            .map(|(column, numbers)| {
                let names = column.group_names();
                let word = |&number: &f64| {
                    let whole = number >= 0.0 && number.fract() == 0.0;
                    let known = whole && number < names.len() as f64;
                    known.then(|| names[number as usize].clone()).flatten()
                };
                numbers.iter().map(word).collect()
            });
        Ok(TextColumns::unnamed(self.names.clone(), columns.collect()))
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self) -> Vec<String> {
        self.names.clone()
    }

    /// The categories of each column; `None` is missing.
    pub fn categories(&self) -> Vec<&[Option<String>]> {
        self.columns
            .iter()
            .map(|column| column.words.as_slice())
            .collect()
    }

    /// The categories of each column that are too rare to stand alone.
    pub fn infrequent_categories(&self) -> Vec<Vec<Option<String>>> {
        self.columns
            .iter()
            .map(ColumnCategories::infrequent_words)
            .collect()
    }

    fn table(&self) -> Table {
        table("OrdinalEncoder", &self.names, &self.columns)
    }
}
