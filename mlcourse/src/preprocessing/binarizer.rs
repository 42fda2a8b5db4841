use super::rows::{self, map_finite};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, transformer};
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Says of each number whether it is above a threshold: z = 1 if x > threshold, else 0.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `threshold` | 0.0 | what a number must exceed |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[0.2, 0.5], [0.7, -1.0]];
/// let binarizer = Binarizer::new().threshold(0.5).fit(&x)?;
/// assert_eq!(binarizer.transform(&x)?, array![[0.0, 0.0], [1.0, 0.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *Binarizer*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Binarizer {
    threshold: f64,
}

impl Binarizer {
    /// A binariser with the threshold 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a number must exceed.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedBinarizer> {
        if self.threshold.is_nan() {
            return Err(Error::parameter("threshold", "a number", self.threshold));
        }
        rows::check_finite(&x)?;
        Ok(FittedBinarizer {
            threshold: self.threshold,
            n_features: x.ncols(),
            lineage: Lineage::default(),
        })
    }
}

/// A [`Binarizer`] that knows how many columns to expect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedBinarizer {
    threshold: f64,
    n_features: usize,
    lineage: Lineage,
}

transformer!(Binarizer => FittedBinarizer);
parameters!(Binarizer { threshold });
shown!(FittedBinarizer);

impl FittedBinarizer {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("Binarizer::transform", self.n_features, &x)?;
        map_finite(&x, self.n_features, |rows, out| {
            for (out, &value) in out.iter_mut().zip(rows) {
                *out = f64::from(value > self.threshold);
            }
        })
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }

    fn table(&self) -> Table {
        Table::new(&["threshold", "features"])
            .caption("Binarizer: 1 above the threshold, else 0")
            .row(vec![self.threshold.into(), self.n_features.into()])
    }
}
