use crate::display::{Cell, Table};
use crate::shown::shown;
use crate::{Error, Result, check};
use serde::{Deserialize, Serialize};

/// Named columns of words; a word may be missing.
///
/// What the encoders take: they make numbers of it.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let passengers = TextColumns::new()
///     .column("sex", &["male", "female", "female"])?
///     .column_with_missing("port", &[Some("S"), None, Some("C")])?;
/// assert_eq!(passengers.n_rows(), 3);
/// assert_eq!(passengers.words("port")?[1], None);
/// # Ok::<(), mlcourse::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextColumns {
    names: Vec<String>,
    columns: Vec<Vec<Option<String>>>,
}

impl TextColumns {
    /// No column yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One column more, complete.
    ///
    /// # Errors
    /// When it has another number of rows than the columns before it, or their name.
    pub fn column<W: AsRef<str>>(self, name: &str, words: &[W]) -> Result<Self> {
        let words = words.iter().map(|word| Some(word.as_ref().to_owned()));
        self.push(name, words.collect())
    }

    /// One column more, with missing words.
    ///
    /// # Errors
    /// As [`column`](Self::column).
    pub fn column_with_missing<W: AsRef<str>>(
        self,
        name: &str,
        words: &[Option<W>],
    ) -> Result<Self> {
        let words = words
            .iter()
            .map(|word| word.as_ref().map(|word| word.as_ref().to_owned()));
        self.push(name, words.collect())
    }

    fn push(mut self, name: &str, words: Vec<Option<String>>) -> Result<Self> {
        if let Some(first) = self.columns.first() {
            check::same_length("the first column", first.len(), "this column", words.len())?;
        }
        if self.names.iter().any(|known| known == name) {
            return Err(Error::parameter(
                "name",
                format!("none of those that exist, {}", self.names.join(", ")),
                name,
            ));
        }
        self.names.push(name.to_owned());
        self.columns.push(words);
        Ok(self)
    }

    /// Columns without names of their own: x0, x1, …
    pub(crate) fn unnamed(names: Vec<String>, columns: Vec<Vec<Option<String>>>) -> Self {
        Self { names, columns }
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns, one after the other.
    pub fn columns(&self) -> &[Vec<Option<String>>] {
        &self.columns
    }

    /// The words of a column, by its name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] when no column has this name.
    pub fn words(&self, name: &str) -> Result<&[Option<String>]> {
        match self.names.iter().position(|known| known == name) {
            Some(column) => Ok(&self.columns[column]),
            None => Err(Error::UnknownName {
                what: "column",
                name: name.to_owned(),
                known: self.names.join(", "),
            }),
        }
    }

    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// How many columns there are.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The rows at some places, in their order.
    ///
    /// # Errors
    /// When there is no such row.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        let n_rows = self.n_rows();
        if let Some(row) = rows.iter().find(|&&row| row >= n_rows) {
            return Err(Error::parameter("rows", format!("below {n_rows}"), row));
        }
        let select =
            |words: &Vec<Option<String>>| rows.iter().map(|&row| words[row].clone()).collect();
        Ok(Self {
            names: self.names.clone(),
            columns: self.columns.iter().map(select).collect(),
        })
    }

    /// At least one row and one column.
    pub(crate) fn check(&self) -> Result<()> {
        if self.n_rows() == 0 {
            return Err(Error::Empty {
                what: "columns",
                shape: vec![0, self.n_columns()],
            });
        }
        Ok(())
    }

    /// The columns that were fitted, in their order.
    pub(crate) fn check_names(&self, operation: &'static str, expected: &[String]) -> Result<()> {
        self.check()?;
        if self.n_columns() != expected.len() {
            return Err(Error::FeatureCount {
                operation,
                expected: expected.len(),
                found: self.n_columns(),
            });
        }
        match self
            .names
            .iter()
            .zip(expected)
            .find(|(name, known)| name != known)
        {
            None => Ok(()),
            Some((name, _)) => Err(Error::UnknownName {
                what: "column at this place",
                name: name.clone(),
                known: expected.join(", "),
            }),
        }
    }

    fn table(&self) -> Table {
        let caption = format!("{} rows × {} columns", self.n_rows(), self.n_columns());
        let mut table = Table::new(&self.names).caption(caption);
        for row in 0..self.n_rows() {
            let cell =
                |words: &Vec<Option<String>>| words[row].as_ref().map_or(Cell::Empty, Cell::from);
            table.push(self.columns.iter().map(cell).collect());
        }
        table
    }
}

shown!(TextColumns);
