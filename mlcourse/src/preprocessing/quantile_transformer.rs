use super::normal;
use super::rows::{self, map_finite, quantiles};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{choice, parameters, transformer};
use crate::random::Random;
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// How near the ends a quantile of the normal distribution may be asked for.
const BOUND: f64 = 1e-7;

/// The distribution that a [`QuantileTransformer`] gives each feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutputDistribution {
    /// Even, from 0 to 1.
    #[default]
    Uniform,
    /// The standard normal distribution.
    Normal,
}

choice!(OutputDistribution { Uniform = "uniform", Normal = "normal" });

/// Replaces each number by its rank: how large a share of the training data lies below it, or the number that a normal
/// distribution has there.
///
/// z = F_j(x), with the empirical distribution F_j of column j, interpolated between `n_quantiles` landmarks; for the
/// normal distribution z = Φ⁻¹(F_j(x)). Outliers lose their distance, and so does everything else: only order stays.
/// What lies outside the training range gets the value at its end.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_quantiles` | 1000 | landmarks; never more than samples | 1 … `subsample` |
/// | `output_distribution` | `uniform` | or `normal` | |
/// | `subsample` | 10 000 | from how many samples, drawn at random, landmarks are found; `None` is all | 1 … |
/// | `seed` | 0 | draws them | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0], [10.0], [100.0], [1000.0], [10000.0]];
/// let ranks = QuantileTransformer::new().fit(&x)?;
/// assert_eq!(ranks.transform(&x)?, array![[0.0], [0.25], [0.5], [0.75], [1.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *QuantileTransformer*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantileTransformer {
    n_quantiles: usize,
    output_distribution: OutputDistribution,
    subsample: Option<usize>,
    seed: u64,
}

impl Default for QuantileTransformer {
    fn default() -> Self {
        Self {
            n_quantiles: 1000,
            output_distribution: OutputDistribution::Uniform,
            subsample: Some(10_000),
            seed: 0,
        }
    }
}

impl QuantileTransformer {
    /// A transformer with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of landmarks.
    #[must_use]
    pub fn n_quantiles(mut self, n_quantiles: usize) -> Self {
        self.n_quantiles = n_quantiles;
        self
    }

    /// The distribution to give.
    #[must_use]
    pub fn output_distribution(mut self, output_distribution: OutputDistribution) -> Self {
        self.output_distribution = output_distribution;
        self
    }

    /// From how many samples landmarks are found; `None` is all.
    #[must_use]
    pub fn subsample(mut self, subsample: impl Into<Option<usize>>) -> Self {
        self.subsample = subsample.into();
        self
    }

    /// The seed that draws them.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedQuantileTransformer> {
        let most = self.subsample.unwrap_or(usize::MAX);
        if self.n_quantiles == 0 || self.n_quantiles > most {
            return Err(Error::parameter(
                "n_quantiles",
                format!("from 1 to `subsample`, {most}"),
                self.n_quantiles,
            ));
        }
        rows::check_finite(&x)?;
        let n_quantiles = self.n_quantiles.min(x.nrows());
        let references = even(n_quantiles);
        // By way of percents, as scikit-learn does: the rounding decides which of two equal samples a landmark is.
        let at: Vec<f64> = references
            .iter()
            .map(|share| share * 100.0 / 100.0)
            .collect();
        let columns = if most < x.nrows() {
            let rows = Random::seeded(self.seed).sample(x.nrows(), most);
            let drawn = x.select(Axis(0), &rows);
            rows::map_columns(&drawn.view(), |_, values| landmarks(values, &at))
        } else {
            rows::map_columns(&x, |_, values| landmarks(values, &at))
        };
        Ok(FittedQuantileTransformer {
            quantiles: Array2::from_shape_fn((n_quantiles, x.ncols()), |(row, column)| {
                columns[column][row]
            }),
            references,
            output_distribution: self.output_distribution,
            lineage: Lineage::default(),
        })
    }
}

/// From 0 to 1 in even steps.
fn even(n: usize) -> Array1<f64> {
    let step = 1.0 / (n.max(2) - 1) as f64;
    (0..n)
        .map(|place| {
            if place + 1 == n && n > 1 {
                1.0
            } else {
                place as f64 * step
            }
        })
        .collect()
}

fn landmarks(values: &mut [f64], at: &[f64]) -> Vec<f64> {
    let mut found = quantiles(values, at);
    // Interpolation rounds; landmarks never fall.
    for place in 1..found.len() {
        found[place] = found[place].max(found[place - 1]);
    }
    found
}

/// A [`QuantileTransformer`] that has seen its training data. It shows as a table of quartiles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedQuantileTransformer {
    quantiles: Array2<f64>,
    references: Array1<f64>,
    output_distribution: OutputDistribution,
    lineage: Lineage,
}

transformer!(QuantileTransformer => FittedQuantileTransformer);
parameters!(QuantileTransformer {
    n_quantiles,
    output_distribution,
    subsample,
    seed
});
shown!(FittedQuantileTransformer);

impl FittedQuantileTransformer {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("QuantileTransformer::transform", self.n_features(), &x)?;
        let references = self.references.to_vec();
        let limit = normal::quantile(BOUND - f64::EPSILON);
        self.each(&x, |value, quantiles| {
            let share = share(value, quantiles, &references, self.output_distribution);
            match self.output_distribution {
                OutputDistribution::Uniform => share,
                OutputDistribution::Normal => normal::quantile(share).clamp(limit, -limit),
            }
        })
    }

    /// What [`transform`](Self::transform) started from, inside the training range.
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features(
            "QuantileTransformer::inverse_transform",
            self.n_features(),
            z,
        )?;
        let references = self.references.to_vec();
        let normal = self.output_distribution == OutputDistribution::Normal;
        self.each(&z.view(), |value, quantiles| {
            let share = if normal {
                normal::cumulative(value)
            } else {
                value
            };
            let (first, last) = (quantiles[0], quantiles[quantiles.len() - 1]);
            if normal && share - BOUND < 0.0 {
                first
            } else if normal && share + BOUND > 1.0 {
                last
            } else {
                from_below(share, &references, quantiles)
            }
        })
    }

    fn each(
        &self,
        x: &ArrayView2<'_, f64>,
        change: impl Fn(f64, &[f64]) -> f64 + Sync,
    ) -> Result<Array2<f64>> {
        let n_columns = self.n_features();
        let quantiles: Vec<Vec<f64>> = self
            .quantiles
            .columns()
            .into_iter()
            .map(|c| c.to_vec())
            .collect();
        map_finite(x, n_columns, |rows, out| {
            for (place, (out, &value)) in out.iter_mut().zip(rows).enumerate() {
                *out = change(value, &quantiles[place % n_columns]);
            }
        })
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }

    /// The landmarks, shape (n_quantiles, n_features).
    pub fn quantiles(&self) -> &Array2<f64> {
        &self.quantiles
    }

    /// The share of the data below each landmark, shape (n_quantiles).
    pub fn references(&self) -> &Array1<f64> {
        &self.references
    }

    /// The number of landmarks.
    pub fn n_quantiles(&self) -> usize {
        self.references.len()
    }

    fn n_features(&self) -> usize {
        self.quantiles.ncols()
    }

    fn table(&self) -> Table {
        let mut table =
            Table::new(&["feature", "min", "25 %", "50 %", "75 %", "max"]).caption(format!(
                "QuantileTransformer, {} landmarks, to the {} distribution",
                self.n_quantiles(),
                self.output_distribution
            ));
        let references = self.references.to_vec();
        for (feature, column) in self.quantiles.columns().into_iter().enumerate() {
            let column = column.to_vec();
            let at = |share| from_below(share, &references, &column).into();
            table.push(vec![
                feature.into(),
                at(0.0),
                at(0.25),
                at(0.5),
                at(0.75),
                at(1.0),
            ]);
        }
        table
    }
}

/// The share of the data below a value; between the two answers that equal landmarks allow.
fn share(value: f64, quantiles: &[f64], references: &[f64], to: OutputDistribution) -> f64 {
    let (first, last) = (quantiles[0], quantiles[quantiles.len() - 1]);
    let (low, high) = match to {
        OutputDistribution::Uniform => (value == first, value == last),
        OutputDistribution::Normal => (value - BOUND < first, value + BOUND > last),
    };
    // The lower end wins: a constant column becomes 0.
    if low {
        0.0
    } else if high {
        1.0
    } else {
        0.5 * (from_below(value, quantiles, references) + from_above(value, quantiles, references))
    }
}

/// Linear interpolation of `to` at the place of `x` among `from`; the last of equal ones counts.
fn from_below(x: f64, from: &[f64], to: &[f64]) -> f64 {
    let after = from.partition_point(|landmark| *landmark <= x);
    if after == 0 {
        return to[0];
    }
    let at = after - 1;
    if after == from.len() || from[at] == x {
        return to[at];
    }
    (to[after] - to[at]) / (from[after] - from[at]) * (x - from[at]) + to[at]
}

/// The same; the first of equal ones counts.
fn from_above(x: f64, from: &[f64], to: &[f64]) -> f64 {
    let at = from.partition_point(|landmark| *landmark < x);
    if at == from.len() {
        return to[at - 1];
    }
    if at == 0 || from[at] == x {
        return to[at];
    }
    to[at] - (to[at] - to[at - 1]) / (from[at] - from[at - 1]) * (from[at] - x)
}
