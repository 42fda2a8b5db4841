use super::normal;
use super::rows::{self, median, nonzero_scale, quantiles};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, transformer};
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Centres each feature at its median and divides by its interquartile range: outliers do not move it.
///
/// z = (x − median_j) / (Q75_j − Q25_j), with quantiles interpolated linearly. A column whose two quantiles are equal is
/// divided by 1.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `with_centering` | true | subtract the median | |
/// | `with_scaling` | true | divide by the range | |
/// | `quantile_range` | (25, 75) | the two quantiles, in percent | 0 ≤ low ≤ high ≤ 100 |
/// | `unit_variance` | false | divide further, so that normally distributed data gets variance 1 | low < high |
///
/// ```
/// use mlcourse::prelude::*;
///
/// // A thousand moves mean and variance, but neither median nor quartiles.
/// let scaler = RobustScaler::new().fit(&array![[1.0], [2.0], [3.0], [4.0], [1000.0]])?;
/// assert_eq!((scaler.center()[0], scaler.scale()[0]), (3.0, 2.0));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1 (*Dois-je normaliser mes données ?*); scikit-learn, *RobustScaler*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RobustScaler {
    with_centering: bool,
    with_scaling: bool,
    quantile_range: (f64, f64),
    unit_variance: bool,
}

impl Default for RobustScaler {
    fn default() -> Self {
        Self {
            with_centering: true,
            with_scaling: true,
            quantile_range: (25.0, 75.0),
            unit_variance: false,
        }
    }
}

impl RobustScaler {
    /// A scaler with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to subtract the median.
    #[must_use]
    pub fn with_centering(mut self, with_centering: bool) -> Self {
        self.with_centering = with_centering;
        self
    }

    /// Whether to divide by the range.
    #[must_use]
    pub fn with_scaling(mut self, with_scaling: bool) -> Self {
        self.with_scaling = with_scaling;
        self
    }

    /// The two quantiles whose distance is the range, in percent.
    #[must_use]
    pub fn quantile_range(mut self, low: f64, high: f64) -> Self {
        self.quantile_range = (low, high);
        self
    }

    /// Whether to divide further, by the range of the standard normal distribution.
    #[must_use]
    pub fn unit_variance(mut self, unit_variance: bool) -> Self {
        self.unit_variance = unit_variance;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedRobustScaler> {
        let adjust = self.check()?;
        rows::check_finite(&x)?;
        let (low, high) = self.quantile_range;
        let (low, high) = (low / 100.0, high / 100.0);
        let (center, scale): (Vec<f64>, Vec<f64>) = rows::map_columns(&x, |_, values| {
            let scale = if self.with_scaling {
                let ends = quantiles(values, &[low, high]);
                nonzero_scale(ends[1] - ends[0]) / adjust
            } else {
                1.0
            };
            let center = if self.with_centering {
                median(values)
            } else {
                0.0
            };
            (center, scale)
        })
        .into_iter()
        .unzip();
        Ok(FittedRobustScaler {
            center: center.into(),
            scale: scale.into(),
            quantile_range: self.quantile_range,
            lineage: Lineage::default(),
        })
    }

    /// The range that the normal distribution has, or 1.
    fn check(&self) -> Result<f64> {
        let (low, high) = self.quantile_range;
        if !(0.0 <= low && low <= high && high <= 100.0) {
            return Err(Error::parameter(
                "quantile_range",
                "(low, high) with 0 ≤ low ≤ high ≤ 100",
                format!("({low}, {high})"),
            ));
        }
        if !self.unit_variance {
            return Ok(1.0);
        }
        if !(0.0 < low && low < high && high < 100.0) {
            return Err(Error::parameter(
                "quantile_range",
                "(low, high) with 0 < low < high < 100 when `unit_variance` is set",
                format!("({low}, {high})"),
            ));
        }
        Ok(normal::quantile(high / 100.0) - normal::quantile(low / 100.0))
    }
}

/// A [`RobustScaler`] that has seen its training data. It shows as a table of medians and ranges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedRobustScaler {
    center: Array1<f64>,
    scale: Array1<f64>,
    quantile_range: (f64, f64),
    lineage: Lineage,
}

transformer!(RobustScaler => FittedRobustScaler);
parameters!(RobustScaler {
    with_centering,
    with_scaling,
    quantile_range,
    unit_variance
});
shown!(FittedRobustScaler);

impl FittedRobustScaler {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("RobustScaler::transform", self.scale.len(), &x)?;
        rows::shift_and_divide(&x, &self.center, &self.scale)
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
        check::n_features("RobustScaler::inverse_transform", self.scale.len(), z)?;
        rows::multiply_and_add(&z.view(), &self.scale, &self.center)
    }

    /// What is subtracted from each column, shape (n_features): its median, or 0.
    pub fn center(&self) -> &Array1<f64> {
        &self.center
    }

    /// What each column is divided by, shape (n_features).
    pub fn scale(&self) -> &Array1<f64> {
        &self.scale
    }

    fn table(&self) -> Table {
        let (low, high) = self.quantile_range;
        let mut table = Table::new(&["feature", "center", "scale"]).caption(format!(
            "RobustScaler, scale from the quantiles at {low} % and {high} %"
        ));
        for (feature, (center, scale)) in self.center.iter().zip(&self.scale).enumerate() {
            table.push(vec![feature.into(), (*center).into(), (*scale).into()]);
        }
        table
    }
}
