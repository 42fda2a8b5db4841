use super::rows::{self, map_finite};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{choice, parameters, transformer};
use crate::shown::shown;
use crate::{Result, check};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// What is 1 in a row that was normalised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Norm {
    /// Σ |x|.
    L1,
    /// √ Σ x².
    #[default]
    L2,
    /// max |x|.
    Max,
}

choice!(Norm { L1 = "l1", L2 = "l2", Max = "max" });

impl Norm {
    /// The norm of some numbers.
    pub(crate) fn of(self, values: &[f64]) -> f64 {
        match self {
            Self::L1 => sum(values, f64::abs),
            Self::L2 => sum(values, |value| value * value).sqrt(),
            Self::Max => values.iter().fold(0.0, |max, value| value.abs().max(max)),
        }
    }
}

/// A sum of four partial sums, which do not wait for each other.
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 4];
    let (blocks, rest) = values.as_chunks::<4>();
    for block in blocks {
        for (sum, &value) in sums.iter_mut().zip(block) {
            *sum += of(value);
        }
    }
    let rest: f64 = rest.iter().map(|&value| of(value)).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Divides each *row* by its norm: only the direction of a sample stays, z = x / ‖x‖.
///
/// For rows that are compared by their angle, such as word weights. It learns nothing from data: scalers work on columns,
/// this works on rows. A row of zeros stays.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `norm` | `l2` | √Σx² (`l2`), Σ\|x\| (`l1`) or max\|x\| (`max`) |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[3.0, 4.0], [0.0, 0.0]];
/// let normalizer = Normalizer::new().fit(&x)?;
/// assert_eq!(normalizer.transform(&x)?, array![[0.6, 0.8], [0.0, 0.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1 (*Dois-je normaliser mes données ?*); scikit-learn, *Normalizer*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Normalizer {
    norm: Norm,
}

impl Normalizer {
    /// A normaliser to length 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is 1 in each row afterwards.
    #[must_use]
    pub fn norm(mut self, norm: Norm) -> Self {
        self.norm = norm;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedNormalizer> {
        rows::check_finite(&x)?;
        Ok(FittedNormalizer {
            norm: self.norm,
            n_features: x.ncols(),
            lineage: Lineage::default(),
        })
    }
}

/// A [`Normalizer`] that knows how many columns to expect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedNormalizer {
    norm: Norm,
    n_features: usize,
    lineage: Lineage,
}

transformer!(Normalizer => FittedNormalizer);
parameters!(Normalizer { norm });
shown!(FittedNormalizer);

impl FittedNormalizer {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("Normalizer::transform", self.n_features, &x)?;
        let n_columns = self.n_features;
        map_finite(&x, n_columns, |rows, out| {
            let pairs = rows
                .chunks_exact(n_columns)
                .zip(out.chunks_exact_mut(n_columns));
            for (row, out) in pairs {
                let norm = match self.norm.of(row) {
                    0.0 => 1.0,
                    norm => norm,
                };
                out.iter_mut()
                    .zip(row)
                    .for_each(|(out, value)| *out = value / norm);
            }
        })
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }

    /// The number of columns.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    fn table(&self) -> Table {
        Table::new(&["norm", "features"])
            .caption("Normalizer: each row is divided by its norm")
            .row(vec![self.norm.to_string().into(), self.n_features.into()])
    }
}
