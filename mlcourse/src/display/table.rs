use super::grid::{Grid, elide};
use super::numbers::format_together;
use super::{Display, MimeBundle};
use std::fmt;

const GAP: &str = "…";
const MAX_ROWS: usize = 30;
const END_ROWS: usize = 10;

/// One cell of a [`Table`].
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Words, flush left.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction; the numbers of a column show the same decimals.
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        // No collection holds more than i64::MAX items.
        Self::Integer(number as i64)
    }
}

/// Rows under named columns: an HTML table in a page, aligned text in a terminal.
///
/// A table of more than 30 rows shows the first and last 10.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let table = Table::new(&["model", "accuracy"])
///     .row(vec!["logistic".into(), 0.97.into()])
///     .row(vec!["majority".into(), 0.4.into()])
///     .caption("30 test samples");
/// assert_eq!(table.to_string(), "\
/// model     accuracy
/// logistic      0.97
/// majority      0.40
/// 30 test samples");
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    styles: Vec<Vec<String>>,
    decimals: Option<usize>,
    title: String,
    caption: String,
}

impl Table {
    /// A table without rows. The columns may be `&[&str]` or `&[String]`.
    pub fn new<S: AsRef<str>>(columns: &[S]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|name| name.as_ref().to_owned())
                .collect(),
            ..Self::default()
        }
    }

    /// Adds a row. Missing cells are empty; cells beyond the last column are left out.
    #[must_use]
    pub fn row(mut self, cells: Vec<Cell>) -> Self {
        self.push(cells);
        self
    }

    /// Adds a row in place, as [`row`](Self::row) does.
    pub fn push(&mut self, mut cells: Vec<Cell>) {
        cells.resize(self.columns.len(), Cell::Empty);
        self.rows.push(cells);
    }

    /// A line under the table.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// A line above the table; in a page it stands with the caption.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// How many decimals every number shows, in place of as few as a column needs.
    #[must_use]
    pub fn decimals(mut self, decimals: usize) -> Self {
        self.decimals = Some(decimals);
        self
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The CSS of each cell of the last row, as its background.
    pub(crate) fn style_last(&mut self, styles: Vec<String>) {
        self.styles
            .resize(self.rows.len().saturating_sub(1), Vec::new());
        self.styles.push(styles);
    }

    fn grid(&self) -> Grid {
        let shown = elide(self.rows.len(), MAX_ROWS, END_ROWS);
        let columns: Vec<Vec<String>> = (0..self.columns.len())
            .map(|column| self.format_column(column, &shown))
            .collect();
        let rows = (0..shown.len())
            .map(|row| columns.iter().map(|cells| cells[row].clone()).collect())
            .collect();
        let left = (0..self.columns.len())
            .map(|column| {
                let mut cells = self.rows.iter().map(|row| &row[column]).peekable();
                cells.peek().is_some()
                    && cells.all(|cell| matches!(cell, Cell::Text(_) | Cell::Empty))
            })
            .collect();
        let styles = shown
            .iter()
            .map(|row| {
                row.and_then(|row| self.styles.get(row).cloned())
                    .unwrap_or_default()
            })
            .collect();
        Grid {
            header: self.columns.clone(),
            rows,
            left,
            styles,
            title: self.title.clone(),
            caption: self.caption.clone(),
        }
    }

    fn format_column(&self, column: usize, shown: &[Option<usize>]) -> Vec<String> {
        let numbers: Vec<f64> = shown
            .iter()
            .flatten()
            .filter_map(|&row| match self.rows[row][column] {
                Cell::Number(number) => Some(number),
                _ => None,
            })
            .collect();
        let mut numbers = match self.decimals {
            Some(decimals) => numbers
                .iter()
                .map(|number| format!("{number:.decimals$}"))
                .collect(),
            None => format_together(&numbers),
        }
        .into_iter();
        shown
            .iter()
            .map(|row| match row.map(|row| &self.rows[row][column]) {
                None => GAP.to_owned(),
                Some(Cell::Empty) => String::new(),
                Some(Cell::Text(text)) => text.clone(),
                Some(Cell::Integer(number)) => number.to_string(),
                Some(Cell::Number(_)) => numbers.next().unwrap_or_default(),
            })
            .collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.grid().text())
    }
}

impl Display for Table {
    fn bundle(&self) -> MimeBundle {
        self.grid().bundle()
    }
}
