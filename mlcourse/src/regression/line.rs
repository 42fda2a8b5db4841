//! What all fitted linear models are: coefficients and an intercept.

use crate::display::Table;
use crate::{Result, check};
use ndarray::{Array1, ArrayView2, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows that one task predicts.
const CHUNK: usize = 4096;

/// ŷ = wᵀx + b.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    pub coef: Array1<f64>,
    pub intercept: f64,
}

impl Line {
    pub(super) fn predict(
        &self,
        operation: &'static str,
        x: ArrayView2<'_, f64>,
    ) -> Result<Array1<f64>> {
        check::n_features(operation, self.coef.len(), &x)?;
        if x.is_empty() {
            check::table("x", &x)?;
        }
        let mut predictions = vec![0.0; x.nrows()];
        predictions
            .par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, predictions)| {
                let from = chunk * CHUNK;
                let rows = x.slice(s![from..from + predictions.len(), ..]);
                for (prediction, row) in predictions.iter_mut().zip(rows.outer_iter()) {
                    *prediction = row.dot(&self.coef) + self.intercept;
                }
            });
        // A number that is not finite in a row makes its prediction so.
        if predictions.iter().any(|prediction| !prediction.is_finite()) {
            check::table("x", &x)?;
        }
        Ok(predictions.into())
    }

    /// The intercept, then a row a coefficient.
    pub(super) fn table(&self, caption: String) -> Table {
        let mut table = Table::new(&["feature", "coefficient"]).caption(caption);
        table.push(vec!["intercept".into(), self.intercept.into()]);
        for (feature, &coef) in self.coef.iter().enumerate() {
            table.push(vec![format!("x{feature}").into(), coef.into()]);
        }
        table
    }
}

/// The parts of a fitted model that every linear one shows the same way.
macro_rules! line_accessors {
    ($fitted:ident, $model:literal) => {
        impl $fitted {
            /// wᵀx + b for each row.
            fn predict_rows(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
            ) -> $crate::Result<ndarray::Array1<f64>> {
                self.line.predict(concat!($model, "::predict"), x)
            }

            /// The weights w, shape (n_features).
            pub fn coef(&self) -> &ndarray::Array1<f64> {
                &self.line.coef
            }

            /// The intercept b; 0 where none was learnt.
            pub fn intercept(&self) -> f64 {
                self.line.intercept
            }
        }

        impl std::fmt::Display for $fitted {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.table().fmt(f)
            }
        }

        impl $crate::display::Display for $fitted {
            fn bundle(&self) -> $crate::display::MimeBundle {
                self.table().bundle()
            }
        }
    };
}

pub(super) use line_accessors;
