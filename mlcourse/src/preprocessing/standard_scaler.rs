use super::rows::{self, is_constant};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, transformer};
use crate::shown::shown;
use crate::{Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Standardises each feature: z = (x − μ) / σ, so that it has mean 0 and variance 1 on the data it is fitted on.
///
/// For column j of n samples, μ_j = (1/n) Σ x_ij and σ_j² = (1/n) Σ (x_ij − μ_j)² (the population variance, ddof 0). A
/// constant column has σ = 0 and is divided by 1: it becomes 0.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `with_mean` | true | subtract μ |
/// | `with_std` | true | divide by σ |
///
/// Fit it on the training set only and apply it to both: fitted on all rows, it tells the model about the test set.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let scaler = StandardScaler::new().fit(&array![[0.0, 7.0], [4.0, 7.0]])?;
/// assert_eq!(scaler.mean(), array![2.0, 7.0]);
/// assert_eq!(scaler.scale(), array![2.0, 1.0]);
/// assert_eq!(scaler.transform(&array![[6.0, 8.0]])?, array![[2.0, 1.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1 (*Dois-je normaliser mes données ?*); scikit-learn, *StandardScaler*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StandardScaler {
    with_mean: bool,
    with_std: bool,
}

impl Default for StandardScaler {
    fn default() -> Self {
        Self {
            with_mean: true,
            with_std: true,
        }
    }
}

impl StandardScaler {
    /// A scaler with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to subtract the mean.
    #[must_use]
    pub fn with_mean(mut self, with_mean: bool) -> Self {
        self.with_mean = with_mean;
        self
    }

    /// Whether to divide by the standard deviation.
    #[must_use]
    pub fn with_std(mut self, with_std: bool) -> Self {
        self.with_std = with_std;
        self
    }

    /// Learns mean and standard deviation of each column.
    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedStandardScaler> {
        let (mean, var) = rows::moments(&x)?;
        let n_samples = x.nrows();
        let scale = mean
            .iter()
            .zip(&var)
            .map(|(&mean, &var)| {
                if self.with_std && !is_constant(mean, var, n_samples) {
                    var.sqrt()
                } else {
                    1.0
                }
            })
            .collect();
        Ok(FittedStandardScaler {
            shift: if self.with_mean {
                mean.clone()
            } else {
                Array1::zeros(mean.len())
            },
            mean,
            var,
            scale,
            n_samples,
            lineage: Lineage::default(),
        })
    }
}

/// A [`StandardScaler`] that has seen its training data. It shows as a table of means and scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedStandardScaler {
    shift: Array1<f64>,
    mean: Array1<f64>,
    var: Array1<f64>,
    scale: Array1<f64>,
    n_samples: usize,
    lineage: Lineage,
}

transformer!(StandardScaler => FittedStandardScaler);
parameters!(StandardScaler {
    with_mean,
    with_std
});

impl FittedStandardScaler {
    /// (x − μ) / σ, column by column; the shape stays.
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("StandardScaler::transform", self.mean.len(), &x)?;
        rows::shift_and_divide(&x, &self.shift, &self.scale)
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }

    /// z · σ + μ: what [`transform`](Self::transform) started from.
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features("StandardScaler::inverse_transform", self.mean.len(), z)?;
        rows::multiply_and_add(&z.view(), &self.scale, &self.shift)
    }

    /// The mean of each column, shape (n_features).
    pub fn mean(&self) -> &Array1<f64> {
        &self.mean
    }

    /// The population variance of each column, shape (n_features).
    pub fn var(&self) -> &Array1<f64> {
        &self.var
    }

    /// What each column is divided by, shape (n_features): σ, or 1 where the column is constant.
    pub fn scale(&self) -> &Array1<f64> {
        &self.scale
    }

    /// The number of samples it was fitted on.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["feature", "mean", "scale"]).caption(format!(
            "StandardScaler fitted on {} samples × {} features",
            self.n_samples,
            self.mean.len()
        ));
        for (feature, (&mean, &scale)) in self.mean.iter().zip(&self.scale).enumerate() {
            table.push(vec![feature.into(), mean.into(), scale.into()]);
        }
        table
    }
}

shown!(FittedStandardScaler);
