use super::{keep_columns, names_out, places};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, transformer};
use crate::preprocessing::rows;
use crate::shown::shown;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Drops features whose variance is not above a threshold: those that are nearly the same everywhere.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `threshold` | 0.0 | what the (population) variance must exceed; 0 drops constant features | 0 … |
///
/// Variance depends on the unit: a threshold other than 0 makes sense for features on the same scale, not after
/// [`StandardScaler`](crate::preprocessing::StandardScaler), which makes all variances 1.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, 7.0], [2.0, 7.0]];
/// let selector = VarianceThreshold::new().fit(&x)?;
/// assert_eq!(selector.transform(&x)?, array![[1.0], [2.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *VarianceThreshold*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VarianceThreshold {
    threshold: f64,
}

impl VarianceThreshold {
    /// A selector that drops constant features.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the variance must exceed.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedVarianceThreshold> {
        if self.threshold.is_nan() || self.threshold < 0.0 {
            return Err(Error::parameter("threshold", "0 or more", self.threshold));
        }
        let (_, mut variances) = rows::moments(&x)?;
        if self.threshold == 0.0 {
            // A constant column has a range of exactly 0, its variance may be rounded.
            let (least, most) = rows::extremes(&x)?;
            for (variance, range) in variances.iter_mut().zip(&most - &least) {
                *variance = variance.min(range);
            }
        }
        let support: Vec<bool> = variances.iter().map(|&v| v > self.threshold).collect();
        if !support.contains(&true) {
            return Err(Error::parameter(
                "threshold",
                format!(
                    "below the largest variance, {}",
                    variances.fold(0.0, |a: f64, b| a.max(*b))
                ),
                self.threshold,
            ));
        }
        Ok(FittedVarianceThreshold {
            variances,
            support,
            threshold: self.threshold,
            lineage: Lineage::default(),
        })
    }
}

/// A [`VarianceThreshold`] that has seen its training data. It shows as a table of variances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedVarianceThreshold {
    variances: Array1<f64>,
    support: Vec<bool>,
    threshold: f64,
    lineage: Lineage,
}

transformer!(VarianceThreshold => FittedVarianceThreshold);
parameters!(VarianceThreshold { threshold });
shown!(FittedVarianceThreshold);

impl FittedVarianceThreshold {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        keep_columns("VarianceThreshold::transform", &self.support, &x)
    }

    /// The names of the columns that are kept.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names_out(&self.support, names)
    }

    /// The variance of each column, shape (n_features); its range where that is less and the threshold is 0.
    pub fn variances(&self) -> &Array1<f64> {
        &self.variances
    }

    /// Whether each feature is kept.
    pub fn support(&self) -> &[bool] {
        &self.support
    }

    fn table(&self) -> Table {
        let caption = format!(
            "VarianceThreshold {}: {} of {} features",
            self.threshold,
            places(&self.support).len(),
            self.support.len()
        );
        let mut table = Table::new(&["feature", "variance", "kept"]).caption(caption);
        for (feature, &variance) in self.variances.iter().enumerate() {
            let kept = if self.support[feature] { "yes" } else { "no" };
            table.push(vec![feature.into(), variance.into(), kept.into()]);
        }
        table
    }
}
