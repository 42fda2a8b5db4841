use super::{check_or_missing, count_missing, first_infinite, names_out, places};
use crate::dataset::Lineage;
use crate::display::{Cell, Table};
use crate::estimator::{choice, parameters, transformer};
use crate::preprocessing::rows::{any_not_finite, fold_chunks, map_chunks, map_columns, median};
use crate::shown::shown;
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};

/// What a [`SimpleImputer`] puts where a number is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImputeStrategy {
    /// The mean of the column.
    #[default]
    Mean,
    /// Its median.
    Median,
    /// Its most frequent number; of several the least.
    MostFrequent,
    /// A number that is given, `fill_value`.
    Constant,
}

choice!(ImputeStrategy {
    Mean = "mean",
    Median = "median",
    MostFrequent = "most_frequent",
    Constant = "constant",
});

/// Replaces a missing number (NaN) by one that stands for its column.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `strategy` | `mean` | the column's mean, `median`, `most_frequent` number, or a `constant` |
/// | `fill_value` | 0 | the constant |
/// | `add_indicator` | false | add a column of 0 and 1 for each column with missing numbers: was it missing? |
/// | `keep_empty_features` | false | keep a column without any number, filled with 0 or the constant |
///
/// A column without any number at `fit` is left out, with a [`Warning`](crate::warning::Warning): see
/// [`warnings`](FittedSimpleImputer::warnings).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, f64::NAN], [f64::NAN, 5.0], [4.0, 6.0]];
/// let imputer = SimpleImputer::new().add_indicator(true).fit(&x)?;
/// assert_eq!(
///     imputer.transform(&x)?,
///     array![[1.0, 5.5, 0.0, 1.0], [2.5, 5.0, 1.0, 0.0], [4.0, 6.0, 0.0, 0.0]]
/// );
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 4.1 (*Comment gérer les valeurs manquantes ?*); scikit-learn, *SimpleImputer*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SimpleImputer {
    strategy: ImputeStrategy,
    fill_value: f64,
    add_indicator: bool,
    keep_empty_features: bool,
}

impl SimpleImputer {
    /// An imputer of means.
    pub fn new() -> Self {
        Self::default()
    }

    /// What stands for a column.
    #[must_use]
    pub fn strategy(mut self, strategy: ImputeStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// The number of [`ImputeStrategy::Constant`].
    #[must_use]
    pub fn fill_value(mut self, fill_value: f64) -> Self {
        self.fill_value = fill_value;
        self
    }

    /// Whether to add columns that say what was missing.
    #[must_use]
    pub fn add_indicator(mut self, add_indicator: bool) -> Self {
        self.add_indicator = add_indicator;
        self
    }

    /// Whether to keep columns without any number.
    #[must_use]
    pub fn keep_empty_features(mut self, keep_empty_features: bool) -> Self {
        self.keep_empty_features = keep_empty_features;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedSimpleImputer> {
        if !self.fill_value.is_finite() {
            return Err(Error::parameter(
                "fill_value",
                "a finite number",
                self.fill_value,
            ));
        }
        check_or_missing(&x)?;
        let n_missing = count_missing(&x);
        let n_samples = x.nrows();
        let empty = match self.strategy {
            _ if !self.keep_empty_features => None,
            ImputeStrategy::Constant => Some(self.fill_value),
            _ => Some(0.0),
        };
        let mut statistics: Vec<Option<f64>> = match self.strategy {
            ImputeStrategy::Mean => means(&x, &n_missing),
            ImputeStrategy::Median => map_columns(&x, |_, values| {
                values.retain(|value| !value.is_nan());
                median(values)
            }),
            ImputeStrategy::MostFrequent => map_columns(&x, |_, values| {
                values.retain(|value| !value.is_nan());
                most_frequent(values)
            }),
            ImputeStrategy::Constant => vec![self.fill_value; x.ncols()],
        }
        .into_iter()
        .map(Some)
        .collect();
        for (column, statistic) in statistics.iter_mut().enumerate() {
            if n_missing[column] == n_samples {
                *statistic = empty;
            } else if statistic.is_some_and(|value| !value.is_finite()) {
                return Err(Error::Overflow { what: "x", column });
            }
        }
        let fitted = FittedSimpleImputer {
            strategy: self.strategy,
            statistics,
            indicated: if self.add_indicator {
                places(n_missing.iter().map(|&count| count > 0))
            } else {
                Vec::new()
            },
            n_missing,
            n_samples,
            lineage: Lineage::default(),
        };
        fitted.warnings().into_iter().for_each(warning::record);
        Ok(fitted)
    }
}

/// The mean of what is there in each column.
fn means(x: &ArrayView2<'_, f64>, n_missing: &[usize]) -> Vec<f64> {
    let n_columns = x.ncols();
    let chunks = fold_chunks(x, |rows| {
        let mut sums = vec![0.0; n_columns];
        for row in rows.chunks_exact(n_columns) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += if value.is_nan() { 0.0 } else { value };
            }
        }
        sums
    });
    let mut means = vec![0.0; n_columns];
    for sums in chunks {
        means
            .iter_mut()
            .zip(sums)
            .for_each(|(mean, sum)| *mean += sum);
    }
    for (mean, missing) in means.iter_mut().zip(n_missing) {
        *mean /= (x.nrows() - missing) as f64;
    }
    means
}

/// The most frequent number; of several the least.
fn most_frequent(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let (mut best, mut most) = (f64::NAN, 0);
    for run in values.chunk_by(|left, right| left == right) {
        if run.len() > most {
            (best, most) = (run[0], run.len());
        }
    }
    best
}

/// A [`SimpleImputer`] that has seen its training data. It shows as a table of what it puts in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedSimpleImputer {
    strategy: ImputeStrategy,
    statistics: Vec<Option<f64>>,
    n_missing: Vec<usize>,
    indicated: Vec<usize>,
    n_samples: usize,
    lineage: Lineage,
}

transformer!(SimpleImputer => FittedSimpleImputer);
parameters!(SimpleImputer {
    strategy,
    fill_value,
    add_indicator,
    keep_empty_features
});
shown!(FittedSimpleImputer);

impl FittedSimpleImputer {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let n_columns = self.statistics.len();
        check::n_features("SimpleImputer::transform", n_columns, &x)?;
        if x.is_empty() {
            check::table("x", &x)?;
        }
        let kept = self.kept();
        let fill: Vec<f64> = kept.iter().filter_map(|&j| self.statistics[j]).collect();
        let n_kept = kept.len();
        let n_out = n_kept + self.indicated.len();
        let not_finite = AtomicBool::new(false);
        let out = map_chunks(&x, n_out, |rows, out| {
            let pairs = rows
                .chunks_exact(n_columns)
                .zip(out.chunks_exact_mut(n_out));
            for (row, out) in pairs {
                let (imputed, flags) = out.split_at_mut(n_kept);
                if n_kept == n_columns {
                    let columns = imputed.iter_mut().zip(row).zip(&fill);
                    columns.for_each(|((out, &value), &fill)| *out = filled(value, fill));
                } else {
                    let columns = imputed.iter_mut().zip(&kept).zip(&fill);
                    columns.for_each(|((out, &j), &fill)| *out = filled(row[j], fill));
                }
                for (flag, &column) in flags.iter_mut().zip(&self.indicated) {
                    *flag = f64::from(row[column].is_nan());
                }
            }
            if any_not_finite(out) {
                not_finite.store(true, Ordering::Relaxed);
            }
        });
        if not_finite.into_inner() {
            return Err(first_infinite(&x));
        }
        Ok(out)
    }

    /// The columns that stay.
    fn kept(&self) -> Vec<usize> {
        places(self.statistics.iter().map(Option::is_some))
    }

    /// The names of the columns that stay, then `missingindicator_` and the name for each that says what was missing.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names_out(names, &self.kept(), &self.indicated)
    }

    /// What is put into each column, shape (n_features); NaN for a column that is left out.
    pub fn statistics(&self) -> Array1<f64> {
        self.statistics
            .iter()
            .map(|value| value.unwrap_or(f64::NAN))
            .collect()
    }

    /// How many numbers were missing in each column at `fit`.
    pub fn n_missing(&self) -> &[usize] {
        &self.n_missing
    }

    /// The columns that have an indicator.
    pub fn indicator_features(&self) -> &[usize] {
        &self.indicated
    }

    /// What to know before trusting it: which columns are left out.
    pub fn warnings(&self) -> Vec<Warning> {
        let columns = places(self.statistics.iter().map(Option::is_none));
        if columns.is_empty() {
            return Vec::new();
        }
        vec![Warning::EmptyFeatures {
            estimator: "SimpleImputer",
            columns,
        }]
    }

    fn table(&self) -> Table {
        let caption = format!(
            "SimpleImputer ({}) fitted on {} samples",
            self.strategy, self.n_samples
        );
        let mut table = Table::new(&["feature", "missing", "filled with"]).caption(caption);
        for (feature, statistic) in self.statistics.iter().enumerate() {
            let fill = statistic.map_or(Cell::from("left out"), Cell::from);
            table.push(vec![feature.into(), self.n_missing[feature].into(), fill]);
        }
        table
    }
}

fn filled(value: f64, fill: f64) -> f64 {
    if value.is_nan() { fill } else { value }
}
