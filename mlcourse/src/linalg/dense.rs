//! Between `ndarray` and faer.

use crate::{Error, Result, check};
use faer::{Mat, MatRef};
use ndarray::{Array2, ArrayRef2, CowArray, Ix2};

/// A matrix whose rows or whose columns lie together in memory: copied only when neither do.
pub(crate) struct Dense<'a>(CowArray<'a, f64, Ix2>);

impl<'a> Dense<'a> {
    pub(crate) fn new(x: &'a ArrayRef2<f64>) -> Self {
        let by_columns = x.t().is_standard_layout();
        Self(if by_columns || x.is_standard_layout() {
            x.view().into()
        } else {
            x.to_owned().as_standard_layout().into_owned().into()
        })
    }

    pub(crate) fn mat(&self) -> MatRef<'_, f64> {
        let (n_rows, n_columns) = self.0.dim();
        match self.0.as_slice() {
            Some(values) => MatRef::from_row_major_slice(values, n_rows, n_columns),
            None => {
                let values = self
                    .0
                    .as_slice_memory_order()
                    .expect("rows or columns lie together");
                MatRef::from_column_major_slice(values, n_rows, n_columns)
            }
        }
    }
}

/// The rows one after the other, as `ndarray` likes it.
pub(crate) fn to_array(x: MatRef<'_, f64>) -> Array2<f64> {
    let mut array = Array2::zeros((x.nrows(), x.ncols()));
    for (column, values) in x.col_iter().enumerate() {
        for (place, value) in array.column_mut(column).iter_mut().zip(values.iter()) {
            *place = *value;
        }
    }
    array
}

/// The columns one after the other, as faer's factorisations like it.
pub(crate) fn to_columns(x: &ArrayRef2<f64>) -> Mat<f64> {
    Dense::new(x).mat().to_owned()
}

/// A square matrix of finite numbers.
pub(crate) fn check_square(operation: &'static str, a: &ArrayRef2<f64>) -> Result<()> {
    let (rows, columns) = a.dim();
    if rows != columns {
        return Err(Error::NotSquare {
            operation,
            rows,
            columns,
        });
    }
    check::table("a", a)
}
