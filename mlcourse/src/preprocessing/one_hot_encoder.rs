use super::TextColumns;
use super::categories::{self, ColumnCategories, Frequency, Rare, shown};
use crate::display::Table;
use crate::estimator::{choice, parameters};
use crate::shown::shown;
use crate::sparse::CsrMatrix;
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayRef2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What an encoder does with a category that was not there at `fit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandleUnknown {
    /// It is an error.
    #[default]
    Error,
    /// All columns are 0.
    Ignore,
    /// It counts among the infrequent ones; where there are none, all columns are 0.
    InfrequentIfExist,
}

choice!(HandleUnknown {
    Error = "error",
    Ignore = "ignore",
    InfrequentIfExist = "infrequent_if_exist",
});

/// Which category a [`OneHotEncoder`] gives no column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OneHotDrop {
    /// All have one.
    #[default]
    None,
    /// The first of each column has none.
    First,
    /// The first of columns with two categories has none.
    IfBinary,
}

choice!(OneHotDrop { None = "none", First = "first", IfBinary = "if_binary" });

/// Turns a column of categories into a column of 0 and 1 for each category.
///
/// Categories are sorted; a missing word is a category of its own, the last. Rare ones can be put together.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `drop` | `none` | the category without a column: `first`, or `if_binary` | |
/// | `handle_unknown` | `error` | a category not seen at `fit`: `ignore` (all 0), `infrequent_if_exist` | |
/// | `min_frequency` | none | rows (or share of rows) that a category needs to stand alone | 0.0 … 1.0 for a share |
/// | `max_categories` | none | columns at most, that of the rare ones among them | 1 … |
///
/// With all categories, the columns of a feature add up to 1: they are collinear with an intercept. `drop` avoids it,
/// which a linear model without regularisation needs and others do not.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = TextColumns::new().column("colour", &["red", "blue", "red"])?;
/// let encoder = OneHotEncoder::new().fit(&x)?;
/// assert_eq!(encoder.transform(&x)?, array![[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]);
/// assert_eq!(encoder.feature_names_out(), ["colour_blue", "colour_red"]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1; scikit-learn, *OneHotEncoder*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OneHotEncoder {
    categories: Option<Vec<Vec<String>>>,
    drop: OneHotDrop,
    drop_categories: Option<Vec<String>>,
    handle_unknown: HandleUnknown,
    min_frequency: Option<Frequency>,
    max_categories: Option<usize>,
}

impl OneHotEncoder {
    /// An encoder with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The categories of each column, in the order their columns shall have.
    #[must_use]
    pub fn categories<W: AsRef<str>>(mut self, categories: &[&[W]]) -> Self {
        self.categories = Some(owned(categories));
        self
    }

    /// Which category has no column.
    #[must_use]
    pub fn drop(mut self, drop: OneHotDrop) -> Self {
        self.drop = drop;
        self
    }

    /// The category of each column that has no column, by its word.
    #[must_use]
    pub fn drop_categories<W: AsRef<str>>(mut self, words: &[W]) -> Self {
        self.drop_categories = Some(words.iter().map(|word| word.as_ref().to_owned()).collect());
        self
    }

    /// What to do with a category that was not there at `fit`.
    #[must_use]
    pub fn handle_unknown(mut self, handle_unknown: HandleUnknown) -> Self {
        self.handle_unknown = handle_unknown;
        self
    }

    /// How many rows (`5`), or which share of them (`0.05`), a category needs to stand alone.
    #[must_use]
    pub fn min_frequency(mut self, min_frequency: impl Into<Frequency>) -> Self {
        self.min_frequency = Some(min_frequency.into());
        self
    }

    /// How many columns a feature may become.
    #[must_use]
    pub fn max_categories(mut self, max_categories: impl Into<Option<usize>>) -> Self {
        self.max_categories = max_categories.into();
        self
    }

    /// Learns the categories of each column.
    ///
    /// # Errors
    /// When there are no rows, a parameter is out of its range, or a category is none of those given.
    pub fn fit(self, x: &TextColumns) -> Result<FittedOneHotEncoder> {
        let rare = Rare {
            min_frequency: self.min_frequency,
            max_categories: self.max_categories,
            missing_counts: true,
        };
        let columns = categories::find(x, self.categories.as_deref(), &rare)?;
        let dropped = self.dropped(&columns)?;
        Ok(FittedOneHotEncoder {
            names: x.names().to_vec(),
            columns,
            dropped,
            handle_unknown: self.handle_unknown,
        })
    }

    /// The group of each column that has no column.
    fn dropped(&self, columns: &[ColumnCategories]) -> Result<Vec<Option<usize>>> {
        let Some(words) = &self.drop_categories else {
            let dropped = |column: &ColumnCategories| match self.drop {
                OneHotDrop::None => None,
                OneHotDrop::First => Some(0),
                OneHotDrop::IfBinary => (column.n_groups == 2).then_some(0),
            };
            return Ok(columns.iter().map(dropped).collect());
        };
        check::names("drop_categories", "the columns", columns.len(), words.len())?;
        let group = |(word, column): (&String, &ColumnCategories)| {
            let place = column
                .words
                .iter()
                .position(|known| known.as_ref() == Some(word));
            match place {
                Some(place) if !column.infrequent.contains(&place) => Ok(column.groups[place]),
                _ => Err(Error::parameter(
                    "drop_categories",
                    format!(
                        "a frequent category for each column, here one of {}",
                        column.known()
                    ),
                    word,
                )),
            }
        };
        words.iter().zip(columns).map(group).collect()
    }
}

pub(super) fn owned<W: AsRef<str>>(categories: &[&[W]]) -> Vec<Vec<String>> {
    let words = |words: &&[W]| words.iter().map(|word| word.as_ref().to_owned()).collect();
    categories.iter().map(words).collect()
}

/// A [`OneHotEncoder`] that has seen its training data. It shows as a table of categories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedOneHotEncoder {
    names: Vec<String>,
    columns: Vec<ColumnCategories>,
    dropped: Vec<Option<usize>>,
    handle_unknown: HandleUnknown,
}

parameters!(OneHotEncoder {
    drop,
    handle_unknown,
    min_frequency,
    max_categories
});
shown!(FittedOneHotEncoder);

impl FittedOneHotEncoder {
    /// 0 and 1 for each category, shape (n_rows, n_features_out).
    ///
    /// # Errors
    /// When the columns are not those of `fit`, or a category is unknown and `handle_unknown` is `error`.
    pub fn transform(&self, x: &TextColumns) -> Result<Array2<f64>> {
        let hot = self.hot(x)?;
        let mut out = Array2::zeros((x.n_rows(), self.n_features_out()));
        for hot in &hot {
            for (row, hot) in hot.iter().enumerate() {
                if let Some(column) = hot {
                    out[[row, *column]] = 1.0;
                }
            }
        }
        Ok(out)
    }

    /// The same, without its zeros: for columns with many categories.
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn transform_sparse(&self, x: &TextColumns) -> Result<CsrMatrix> {
        let hot = self.hot(x)?;
        let rows = (0..x.n_rows()).map(|row| {
            let columns = hot.iter().filter_map(move |hot| hot[row]);
            columns.map(|column| (column, 1.0)).collect()
        });
        Ok(CsrMatrix::from_rows(self.n_features_out(), rows))
    }

    /// Which column is 1, for each feature and row.
    fn hot(&self, x: &TextColumns) -> Result<Vec<Vec<Option<usize>>>> {
        x.check_names("OneHotEncoder::transform", &self.names)?;
        let starts = self.starts();
        let of_column = |place: usize| -> Result<Vec<Option<usize>>> {
            let column = &self.columns[place];
            let dropped = self.dropped[place];
            let hot = |(row, code): (usize, Option<usize>)| {
                let group = match (code, self.handle_unknown) {
                    (Some(code), _) => column.groups[code],
                    (None, HandleUnknown::Error) => {
                        return Err(categories::unknown(x, place, row, column.known()));
                    }
                    (None, HandleUnknown::Ignore) => None,
                    (None, HandleUnknown::InfrequentIfExist) => column.rare_group(),
                };
                Ok(group.filter(|&group| Some(group) != dropped).map(|group| {
                    let before = usize::from(dropped.is_some_and(|dropped| dropped < group));
                    starts[place] + group - before
                }))
            };
            let codes = column.codes(&x.columns()[place]);
            codes.into_iter().enumerate().map(hot).collect()
        };
        (0..self.columns.len())
            .into_par_iter()
            .map(of_column)
            .collect()
    }

    /// Where the columns of each feature start.
    fn starts(&self) -> Vec<usize> {
        let mut next = 0;
        let widths = self.columns.iter().zip(&self.dropped);
        widths
            .map(|(column, dropped)| {
                let start = next;
                next += column.n_groups - usize::from(dropped.is_some());
                start
            })
            .collect()
    }

    /// How many columns there will be.
    pub fn n_features_out(&self) -> usize {
        let groups: usize = self.columns.iter().map(|column| column.n_groups).sum();
        groups - self.dropped.iter().flatten().count()
    }

    /// The categories of rows that [`transform`](Self::transform) encoded. Where all columns are 0, it is the category
    /// without a column, or missing.
    ///
    /// # Errors
    /// When `z` has another number of columns.
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<TextColumns> {
        check::n_features("OneHotEncoder::inverse_transform", self.n_features_out(), z)?;
        let starts = self.starts();
        let columns = self.columns.iter().enumerate().map(|(place, column)| {
            let names = column.group_names();
            let dropped = self.dropped[place];
            let groups: Vec<usize> = (0..column.n_groups)
                .filter(|&g| Some(g) != dropped)
                .collect();
            z.outer_iter()
                .map(|row| {
                    let values = row.iter().skip(starts[place]).zip(&groups);
                    let mut best = (0.0, dropped);
                    for (&value, &group) in values {
                        if value > best.0 {
                            best = (value, Some(group));
                        }
                    }
                    best.1.and_then(|group| names[group].clone())
                })
                .collect()
        });
        Ok(TextColumns::unnamed(self.names.clone(), columns.collect()))
    }

    /// The names of the new columns: the feature and the category, such as `colour_red`.
    pub fn feature_names_out(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.n_features_out());
        for ((name, column), dropped) in self.names.iter().zip(&self.columns).zip(&self.dropped) {
            for (group, category) in column.group_names().iter().enumerate() {
                if Some(group) != *dropped {
                    names.push(format!("{name}_{}", shown(category)));
                }
            }
        }
        names
    }

    /// The categories of a column, sorted; `None` is missing.
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
        table("OneHotEncoder", &self.names, &self.columns)
    }
}

pub(super) fn table(title: &str, names: &[String], columns: &[ColumnCategories]) -> Table {
    let mut table = Table::new(&["feature", "category", "rows", "frequent"]).caption(title);
    for (name, column) in names.iter().zip(columns) {
        for (place, word) in column.words.iter().enumerate() {
            let frequent = if column.infrequent.contains(&place) {
                "no"
            } else {
                "yes"
            };
            table.push(vec![
                name.into(),
                shown(word).into(),
                column.counts[place].into(),
                frequent.into(),
            ]);
        }
    }
    table
}
