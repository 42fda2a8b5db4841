//! Tables that are mostly zeros.

use crate::display::Table;
use crate::shown::shown;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayRef1};
use serde::{Deserialize, Serialize};

/// A table of which only the numbers other than 0 are kept, row by row (compressed sparse rows).
///
/// `indptr[i]..indptr[i + 1]` are the places of row i in `indices` (columns, ascending) and `data` (numbers).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let counts = CountVectorizer::new().fit(&["a big cat", "a big big dog"])?;
/// let table = counts.transform_sparse(&["big cat", "nothing known"])?;
/// assert_eq!((table.n_rows(), table.n_columns(), table.nnz()), (2, 3, 2));
/// assert_eq!(table.row(0), (&[0, 1][..], &[1.0, 1.0][..]));
/// assert_eq!(table.to_dense(), array![[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CsrMatrix {
    n_columns: usize,
    indptr: Vec<usize>,
    indices: Vec<u32>,
    data: Vec<f64>,
}

impl CsrMatrix {
    /// A table from its rows: columns in ascending order, each with its number.
    pub(crate) fn from_rows(
        n_columns: usize,
        rows: impl Iterator<Item = Vec<(usize, f64)>>,
    ) -> Self {
        let mut table = Self::empty(n_columns);
        for row in rows {
            for (column, value) in row {
                table.indices.push(column as u32);
                table.data.push(value);
            }
            table.indptr.push(table.indices.len());
        }
        table
    }

    /// A table without rows.
    pub(crate) fn empty(n_columns: usize) -> Self {
        Self {
            n_columns,
            indptr: vec![0],
            indices: Vec::new(),
            data: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: impl Iterator<Item = (u32, f64)>) {
        for (column, value) in row {
            self.indices.push(column);
            self.data.push(value);
        }
        self.indptr.push(self.indices.len());
    }

    /// Adds all rows of another table.
    pub(crate) fn append(&mut self, other: &Self) {
        let start = self.indices.len();
        self.indices.extend_from_slice(&other.indices);
        self.data.extend_from_slice(&other.data);
        self.indptr
            .extend(other.indptr[1..].iter().map(|end| start + end));
    }

    /// The numbers of each row, to change.
    pub(crate) fn for_each_row(&mut self, mut change: impl FnMut(&[u32], &mut [f64])) {
        for row in 0..self.n_rows() {
            let range = self.indptr[row]..self.indptr[row + 1];
            change(&self.indices[range.clone()], &mut self.data[range]);
        }
    }

    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// How many columns there are.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// How many numbers are kept: those other than 0.
    pub fn nnz(&self) -> usize {
        self.data.len()
    }

    /// The columns of a row that are not 0, ascending, and their numbers. Empty beyond the last row.
    pub fn row(&self, row: usize) -> (&[u32], &[f64]) {
        match self.indptr.get(row..row + 2) {
            Some(&[start, end]) => (&self.indices[start..end], &self.data[start..end]),
            _ => (&[], &[]),
        }
    }

    /// Where the rows start and the last one ends, length n_rows + 1.
    pub fn indptr(&self) -> &[usize] {
        &self.indptr
    }

    /// The column of each number.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// The numbers.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// The table with its zeros, shape (n_rows, n_columns).
    pub fn to_dense(&self) -> Array2<f64> {
        let mut dense = Array2::zeros((self.n_rows(), self.n_columns));
        for row in 0..self.n_rows() {
            let (columns, values) = self.row(row);
            for (&column, &value) in columns.iter().zip(values) {
                dense[[row, column as usize]] = value;
            }
        }
        dense
    }

    /// The product with a vector, shape (n_rows).
    ///
    /// # Errors
    /// When the vector has another length than there are columns.
    pub fn dot(&self, weights: &ArrayRef1<f64>) -> Result<Array1<f64>> {
        if weights.len() != self.n_columns {
            return Err(Error::FeatureCount {
                operation: "CsrMatrix::dot",
                expected: self.n_columns,
                found: weights.len(),
            });
        }
        let product = |row: usize| {
            let (columns, values) = self.row(row);
            let terms = columns
                .iter()
                .zip(values)
                .map(|(&column, value)| weights[column as usize] * value);
            terms.sum()
        };
        Ok((0..self.n_rows()).map(product).collect())
    }

    fn table(&self) -> Table {
        let share = self.nnz() as f64 / (self.n_rows() * self.n_columns).max(1) as f64;
        let mut table = Table::new(&["row", "column", "value"]).caption(format!(
            "{} rows × {} columns, {} numbers other than 0 ({:.2} %)",
            self.n_rows(),
            self.n_columns,
            self.nnz(),
            100.0 * share
        ));
        // A table shows its first and last rows: these are enough of them.
        for row in 0..self.n_rows().min(100) {
            let (columns, values) = self.row(row);
            for (&column, &value) in columns.iter().zip(values).take(10) {
                table.push(vec![row.into(), (column as usize).into(), value.into()]);
            }
        }
        table
    }
}

shown!(CsrMatrix);
