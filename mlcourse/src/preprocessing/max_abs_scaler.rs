use super::rows::{self, map_rows, nonzero_scale};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, transformer};
use crate::shown::shown;
use crate::{Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Divides each feature by its greatest absolute value: z = x / max_i |x_ij|, between −1 and 1 on the training data.
///
/// Nothing is shifted, so a 0 stays a 0: for counts and word weights, where most numbers are 0. A column of zeros stays.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let scaler = MaxAbsScaler::new().fit(&array![[1.0, 0.0], [-4.0, 0.0]])?;
/// assert_eq!(scaler.transform(&array![[2.0, 3.0]])?, array![[0.5, 3.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1 (*Dois-je normaliser mes données ?*); scikit-learn, *MaxAbsScaler*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MaxAbsScaler {}

impl MaxAbsScaler {
    /// A scaler; it has no parameters.
    pub fn new() -> Self {
        Self::default()
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedMaxAbsScaler> {
        let (least, most) = rows::extremes(&x)?;
        let max_abs: Array1<f64> = least
            .iter()
            .zip(&most)
            .map(|(least, most)| least.abs().max(most.abs()))
            .collect();
        Ok(FittedMaxAbsScaler {
            scale: max_abs.mapv(nonzero_scale),
            max_abs,
            lineage: Lineage::default(),
        })
    }
}

/// A [`MaxAbsScaler`] that has seen its training data. It shows as a table of the greatest absolute values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedMaxAbsScaler {
    max_abs: Array1<f64>,
    scale: Array1<f64>,
    lineage: Lineage,
}

transformer!(MaxAbsScaler => FittedMaxAbsScaler);
parameters!(MaxAbsScaler {});
shown!(FittedMaxAbsScaler);

impl FittedMaxAbsScaler {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("MaxAbsScaler::transform", self.scale.len(), &x)?;
        map_rows(&x, &self.scale, &self.scale, |value, scale, _| {
            value / scale
        })
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }

    /// What [`transform`](Self::transform) started from.
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features("MaxAbsScaler::inverse_transform", self.scale.len(), z)?;
        map_rows(&z.view(), &self.scale, &self.scale, |value, scale, _| {
            value * scale
        })
    }

    /// The greatest absolute value of each column, shape (n_features).
    pub fn max_abs(&self) -> &Array1<f64> {
        &self.max_abs
    }

    /// What each column is divided by, shape (n_features): the same, or 1 where it is 0.
    pub fn scale(&self) -> &Array1<f64> {
        &self.scale
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["feature", "max |x|"]).caption("MaxAbsScaler");
        for (feature, max_abs) in self.max_abs.iter().enumerate() {
            table.push(vec![feature.into(), (*max_abs).into()]);
        }
        table
    }
}
