use super::{check_or_missing, count_missing, names_out, places};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{choice, parameters, transformer};
use crate::shown::shown;
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How much each neighbour counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NeighborWeights {
    /// All alike.
    #[default]
    Uniform,
    /// By the inverse of its distance.
    Distance,
}

choice!(NeighborWeights { Uniform = "uniform", Distance = "distance" });

/// Replaces a missing number by the mean over the most similar rows that have it.
///
/// Rows are compared where both hold numbers: d(a, b)² = n_features / n_common · Σ (a_j − b_j)² over the common columns.
/// For each missing number the `n_neighbors` nearest training rows that hold it give their mean; a row that shares no
/// column with any of them gets the mean of the column. Scale the columns first, as for everything with distances.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_neighbors` | 5 | rows to average over | 1 … |
/// | `weights` | `uniform` | all alike, or by 1/d, `distance` | |
/// | `add_indicator` | false | add a column for each column with missing numbers: was it missing? | |
/// | `keep_empty_features` | false | keep a column without any number, filled with 0 | |
///
/// Each row to fill costs a pass over the training rows.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, 10.0], [2.0, 20.0], [9.0, 90.0], [8.0, 80.0], [1.5, f64::NAN]];
/// let imputer = KNNImputer::new().n_neighbors(2).fit(&x)?;
/// assert_eq!(imputer.transform(&array![[1.5, f64::NAN]])?, array![[1.5, 15.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *KNNImputer*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KNNImputer {
    n_neighbors: usize,
    weights: NeighborWeights,
    add_indicator: bool,
    keep_empty_features: bool,
}

impl Default for KNNImputer {
    fn default() -> Self {
        Self {
            n_neighbors: 5,
            weights: NeighborWeights::Uniform,
            add_indicator: false,
            keep_empty_features: false,
        }
    }
}

impl KNNImputer {
    /// An imputer with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many rows to average over.
    #[must_use]
    pub fn n_neighbors(mut self, n_neighbors: usize) -> Self {
        self.n_neighbors = n_neighbors;
        self
    }

    /// How much each counts.
    #[must_use]
    pub fn weights(mut self, weights: NeighborWeights) -> Self {
        self.weights = weights;
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

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedKNNImputer> {
        if self.n_neighbors == 0 {
            return Err(Error::parameter("n_neighbors", "1 or more", 0));
        }
        check_or_missing(&x)?;
        let n_missing = count_missing(&x);
        let columns = x
            .columns()
            .into_iter()
            .map(|column| column.iter().map(|v| (!v.is_nan()).then_some(*v)).collect())
            .collect();
        let fitted = FittedKNNImputer {
            model: self.clone(),
            columns,
            indicated: if self.add_indicator {
                places(n_missing.iter().map(|&count| count > 0))
            } else {
                Vec::new()
            },
            n_samples: x.nrows(),
            lineage: Lineage::default(),
        };
        fitted.warnings().into_iter().for_each(warning::record);
        Ok(fitted)
    }
}

/// A [`KNNImputer`] that has seen its training data: it keeps the rows. It shows as a table of what is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedKNNImputer {
    model: KNNImputer,
    /// The training data, column by column.
    columns: Vec<Vec<Option<f64>>>,
    indicated: Vec<usize>,
    n_samples: usize,
    lineage: Lineage,
}

transformer!(KNNImputer => FittedKNNImputer);
parameters!(KNNImputer {
    n_neighbors,
    weights,
    add_indicator,
    keep_empty_features
});
shown!(FittedKNNImputer);

/// The training columns as numbers that can be summed over: 0 where missing, and whether they are there.
struct Donors {
    values: Vec<Vec<f64>>,
    present: Vec<Vec<f64>>,
    means: Vec<f64>,
}

impl FittedKNNImputer {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("KNNImputer::transform", self.columns.len(), &x)?;
        check_or_missing(&x)?;
        let donors = self.donors();
        let kept = self.kept();
        let empty = self.empty();
        let n_out = kept.len() + self.indicated.len();
        let mut out = Array2::zeros((x.nrows(), n_out));
        if n_out == 0 {
            return Ok(out);
        }
        let values = out.as_slice_mut().expect("a new array is contiguous");
        values
            .par_chunks_mut(n_out)
            .enumerate()
            .for_each(|(place, out)| {
                let row = x.row(place);
                let filled = self.filled(&row, &donors, &empty);
                for (place, &column) in kept.iter().enumerate() {
                    out[place] = filled[column];
                }
                for (place, &column) in self.indicated.iter().enumerate() {
                    out[kept.len() + place] = f64::from(row[column].is_nan());
                }
            });
        Ok(out)
    }

    fn donors(&self) -> Donors {
        let of = |number: fn(&Option<f64>) -> f64| -> Vec<Vec<f64>> {
            let column = |column: &Vec<Option<f64>>| column.iter().map(number).collect();
            self.columns.iter().map(column).collect()
        };
        let values = of(|value| value.unwrap_or(0.0));
        let present = of(|value| f64::from(value.is_some()));
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        let means = values.iter().zip(&present).map(|(v, p)| sum(v) / sum(p));
        Donors {
            means: means.collect(),
            values,
            present,
        }
    }

    /// A row without missing numbers; 0 in columns without any.
    fn filled(&self, row: &ArrayView1<'_, f64>, donors: &Donors, empty: &[usize]) -> Vec<f64> {
        let mut filled = row.to_vec();
        for &column in empty {
            filled[column] = 0.0;
        }
        let missing = places(filled.iter().map(|value| value.is_nan()));
        if missing.is_empty() {
            return filled;
        }
        let distances = squared_distances(row, donors, self.n_samples);
        for column in missing {
            let mut found: Vec<(f64, usize)> = (0..self.n_samples)
                .filter(|&donor| donors.present[column][donor] > 0.0)
                .map(|donor| (distances[donor], donor))
                .filter(|(distance, _)| !distance.is_nan())
                .collect();
            filled[column] = if found.is_empty() {
                donors.means[column]
            } else {
                let order =
                    |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
                let n_neighbors = self.model.n_neighbors.min(found.len());
                found.select_nth_unstable_by(n_neighbors - 1, order);
                found.truncate(n_neighbors);
                found.sort_unstable_by(order);
                self.average(&found, &donors.values[column])
            };
        }
        filled
    }

    fn average(&self, found: &[(f64, usize)], values: &[f64]) -> f64 {
        let exact = found.iter().any(|(distance, _)| *distance == 0.0);
        let weight = |distance: f64| match self.model.weights {
            NeighborWeights::Uniform => 1.0,
            NeighborWeights::Distance if exact => f64::from(distance == 0.0),
            NeighborWeights::Distance => 1.0 / distance.sqrt(),
        };
        let (mut sum, mut total) = (0.0, 0.0);
        for &(distance, donor) in found {
            sum += weight(distance) * values[donor];
            total += weight(distance);
        }
        sum / total
    }

    fn empty(&self) -> Vec<usize> {
        let none = |column: &Vec<Option<f64>>| column.iter().all(Option::is_none);
        places(self.columns.iter().map(none))
    }

    fn kept(&self) -> Vec<usize> {
        let empty = self.empty();
        let kept = |column: &usize| self.model.keep_empty_features || !empty.contains(column);
        (0..self.columns.len()).filter(kept).collect()
    }

    /// The names of the columns that stay, then `missingindicator_` and the name for each that says what was missing.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names_out(names, &self.kept(), &self.indicated)
    }

    /// What to know before trusting it: which columns are left out.
    pub fn warnings(&self) -> Vec<Warning> {
        let columns = self.empty();
        if columns.is_empty() || self.model.keep_empty_features {
            return Vec::new();
        }
        vec![Warning::EmptyFeatures {
            estimator: "KNNImputer",
            columns,
        }]
    }

    fn table(&self) -> Table {
        let caption = format!(
            "KNNImputer ({} neighbours) fitted on {} samples",
            self.model.n_neighbors, self.n_samples
        );
        let mut table = Table::new(&["feature", "missing"]).caption(caption);
        for (feature, column) in self.columns.iter().enumerate() {
            let missing = column.iter().filter(|value| value.is_none()).count();
            table.push(vec![feature.into(), missing.into()]);
        }
        table
    }
}

/// The squared distance from a row to each training row; NaN where they share no column.
fn squared_distances(row: &ArrayView1<'_, f64>, donors: &Donors, n_samples: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n_samples];
    let mut common = vec![0.0; n_samples];
    for (column, &value) in row.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        let columns = donors.values[column].iter().zip(&donors.present[column]);
        let totals = sums.iter_mut().zip(&mut common);
        for ((sum, common), (donor, present)) in totals.zip(columns) {
            let distance = (donor - value) * present;
            *sum += distance * distance;
            *common += present;
        }
    }
    let n_features = row.len() as f64;
    for (sum, common) in sums.iter_mut().zip(&common) {
        *sum *= n_features / common;
    }
    sums
}
