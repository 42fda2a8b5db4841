use super::{check_or_missing, count_missing, places};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{choice, parameters, transformer};
use crate::preprocessing::rows::map_chunks;
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// For which columns a [`MissingIndicator`] speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndicatorFeatures {
    /// Those with missing numbers at `fit`.
    #[default]
    MissingOnly,
    /// All.
    All,
}

choice!(IndicatorFeatures { MissingOnly = "missing-only", All = "all" });

/// Says for each number whether it is missing: 1 where it is NaN, else 0.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `features` | `missing-only` | columns with missing numbers at `fit`, or `all` |
/// | `error_on_new` | true | refuse numbers missing where none was at `fit` (for `missing-only`) |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, f64::NAN], [2.0, 5.0]];
/// let indicator = MissingIndicator::new().fit(&x)?;
/// assert_eq!(indicator.transform(&x)?, array![[1.0], [0.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1 (*Créer indicateur « missing »*); scikit-learn, *MissingIndicator*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingIndicator {
    features: IndicatorFeatures,
    error_on_new: bool,
}

impl Default for MissingIndicator {
    fn default() -> Self {
        Self {
            features: IndicatorFeatures::MissingOnly,
            error_on_new: true,
        }
    }
}

impl MissingIndicator {
    /// An indicator with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// For which columns it speaks.
    #[must_use]
    pub fn features(mut self, features: IndicatorFeatures) -> Self {
        self.features = features;
        self
    }

    /// Whether numbers missing in other columns are an error.
    #[must_use]
    pub fn error_on_new(mut self, error_on_new: bool) -> Self {
        self.error_on_new = error_on_new;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedMissingIndicator> {
        check_or_missing(&x)?;
        let n_missing = count_missing(&x);
        let all = self.features == IndicatorFeatures::All;
        Ok(FittedMissingIndicator {
            features: places(n_missing.iter().map(|&count| all || count > 0)),
            n_missing,
            error_on_new: self.error_on_new && !all,
            lineage: Lineage::default(),
        })
    }
}

/// A [`MissingIndicator`] that has seen its training data. It shows as a table of its columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedMissingIndicator {
    features: Vec<usize>,
    n_missing: Vec<usize>,
    error_on_new: bool,
    lineage: Lineage,
}

transformer!(MissingIndicator => FittedMissingIndicator);
parameters!(MissingIndicator {
    features,
    error_on_new
});
shown!(FittedMissingIndicator);

impl FittedMissingIndicator {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let n_columns = self.n_missing.len();
        check::n_features("MissingIndicator::transform", n_columns, &x)?;
        check_or_missing(&x)?;
        if self.error_on_new {
            let now = count_missing(&x);
            if let Some(column) = (0..n_columns).find(|&j| now[j] > 0 && self.n_missing[j] == 0) {
                return Err(Error::parameter(
                    "x",
                    "complete in the columns that were complete at `fit`, unless `error_on_new` is false",
                    format!("incomplete in column {column} (from 0)"),
                ));
            }
        }
        let n_out = self.features.len();
        Ok(map_chunks(&x, n_out, |rows, out| {
            let pairs = rows
                .chunks_exact(n_columns)
                .zip(out.chunks_exact_mut(n_out));
            for (row, out) in pairs {
                for (out, &column) in out.iter_mut().zip(&self.features) {
                    *out = f64::from(row[column].is_nan());
                }
            }
        }))
    }

    /// `missingindicator_` and the name of each column it speaks for.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        super::names_out(names, &[], &self.features)
    }

    /// The columns it speaks for, from 0.
    pub fn features(&self) -> &[usize] {
        &self.features
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["feature", "missing"]).caption("MissingIndicator");
        for &feature in &self.features {
            table.push(vec![feature.into(), self.n_missing[feature].into()]);
        }
        table
    }
}
