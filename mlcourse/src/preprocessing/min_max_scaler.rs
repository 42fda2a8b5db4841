use super::rows::{self, map_rows, nonzero_scale};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{parameters, transformer};
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Brings each feature onto an interval, 0 to 1 unless another is asked for.
///
/// z = low + (x − min_j) / (max_j − min_j) · (high − low), with the least and greatest number of column j at `fit`. A
/// constant column becomes `low`. What lies outside the training range lands outside the interval, unless `clip`.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `feature_range` | (0, 1) | the interval (low, high) | low < high |
/// | `clip` | false | cut what lies outside the interval | |
///
/// One outlier presses all other numbers together: then use [`RobustScaler`](super::RobustScaler).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let scaler = MinMaxScaler::new().fit(&array![[1.0, 7.0], [5.0, 7.0]])?;
/// assert_eq!(scaler.transform(&array![[2.0, 7.0], [9.0, 7.5]])?, array![[0.25, 0.0], [2.0, 0.5]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1 (*Dois-je normaliser mes données ?*); scikit-learn, *MinMaxScaler*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MinMaxScaler {
    feature_range: (f64, f64),
    clip: bool,
}

impl Default for MinMaxScaler {
    fn default() -> Self {
        Self {
            feature_range: (0.0, 1.0),
            clip: false,
        }
    }
}

impl MinMaxScaler {
    /// A scaler onto 0 to 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// The interval.
    #[must_use]
    pub fn feature_range(mut self, low: f64, high: f64) -> Self {
        self.feature_range = (low, high);
        self
    }

    /// Whether to cut what lies outside the interval.
    #[must_use]
    pub fn clip(mut self, clip: bool) -> Self {
        self.clip = clip;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedMinMaxScaler> {
        let (low, high) = self.feature_range;
        if !(low < high && low.is_finite() && high.is_finite()) {
            return Err(Error::parameter(
                "feature_range",
                "(low, high) with low < high",
                format!("({low}, {high})"),
            ));
        }
        let (data_min, data_max) = rows::extremes(&x)?;
        let scale: Array1<f64> = data_min
            .iter()
            .zip(&data_max)
            .map(|(min, max)| (high - low) / nonzero_scale(max - min))
            .collect();
        Ok(FittedMinMaxScaler {
            min: low - &data_min * &scale,
            data_min,
            data_max,
            scale,
            feature_range: self.feature_range,
            clip: self.clip,
            lineage: Lineage::default(),
        })
    }
}

/// A [`MinMaxScaler`] that has seen its training data. It shows as a table of the least and greatest numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedMinMaxScaler {
    data_min: Array1<f64>,
    data_max: Array1<f64>,
    scale: Array1<f64>,
    min: Array1<f64>,
    feature_range: (f64, f64),
    clip: bool,
    lineage: Lineage,
}

transformer!(MinMaxScaler => FittedMinMaxScaler);
parameters!(MinMaxScaler {
    feature_range,
    clip
});
shown!(FittedMinMaxScaler);

impl FittedMinMaxScaler {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("MinMaxScaler::transform", self.scale.len(), &x)?;
        if !self.clip {
            return rows::multiply_and_add(&x, &self.scale, &self.min);
        }
        let (low, high) = self.feature_range;
        map_rows(&x, &self.scale, &self.min, |value, scale, min| {
            (value * scale + min).clamp(low, high)
        })
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }

    /// What [`transform`](Self::transform) started from, where nothing was cut.
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features("MinMaxScaler::inverse_transform", self.scale.len(), z)?;
        rows::shift_and_divide(&z.view(), &self.min, &self.scale)
    }

    /// The least number of each column, shape (n_features).
    pub fn data_min(&self) -> &Array1<f64> {
        &self.data_min
    }

    /// The greatest number of each column, shape (n_features).
    pub fn data_max(&self) -> &Array1<f64> {
        &self.data_max
    }

    /// What each column is multiplied by, shape (n_features).
    pub fn scale(&self) -> &Array1<f64> {
        &self.scale
    }

    /// What is then added, shape (n_features).
    pub fn min(&self) -> &Array1<f64> {
        &self.min
    }

    fn table(&self) -> Table {
        let (low, high) = self.feature_range;
        let mut table = Table::new(&["feature", "min", "max", "scale"])
            .caption(format!("MinMaxScaler onto {low} to {high}"));
        for (feature, scale) in self.scale.iter().enumerate() {
            let (min, max) = (self.data_min[feature], self.data_max[feature]);
            table.push(vec![
                feature.into(),
                min.into(),
                max.into(),
                (*scale).into(),
            ]);
        }
        table
    }
}
