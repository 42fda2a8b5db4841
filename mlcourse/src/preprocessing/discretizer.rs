use super::rows::{self, map_finite, quantiles};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{choice, parameters, transformer};
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Narrower bins are joined with their neighbour.
const NARROWEST: f64 = 1e-8;

/// How a [`KBinsDiscretizer`] chooses its bins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinStrategy {
    /// All bins equally wide.
    Uniform,
    /// All bins equally full.
    #[default]
    Quantile,
}

choice!(BinStrategy { Uniform = "uniform", Quantile = "quantile" });

/// How a [`KBinsDiscretizer`] says in which bin a number is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinEncoding {
    /// A column of 0 and 1 for each bin.
    #[default]
    OneHot,
    /// The number of the bin, from 0.
    Ordinal,
}

choice!(BinEncoding { OneHot = "onehot-dense", Ordinal = "ordinal" });

/// Which number a quantile between two samples is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuantileMethod {
    /// A sample; where two are equally right, their mean.
    #[default]
    AveragedInvertedCdf,
    /// On the line between the two.
    Linear,
}

choice!(QuantileMethod {
    AveragedInvertedCdf = "averaged_inverted_cdf",
    Linear = "linear",
});

/// Cuts each feature into bins, so that a linear model can treat each part of the range by itself.
///
/// Bin b of column j holds e_b ≤ x < e_{b+1}, the last one its upper edge too; the first and last reach out to whatever
/// lies beyond. Bins that would be narrower than 1e-8 are joined, so that a column may have fewer bins than `n_bins`; a
/// constant column has one.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_bins` | 5 | bins of a column | 2 … |
/// | `encode` | `onehot-dense` | a column for each bin, or its number, `ordinal` | |
/// | `strategy` | `quantile` | equally full bins, or equally wide ones, `uniform` | |
/// | `quantile_method` | `averaged_inverted_cdf` | which number a quantile is; or `linear` | |
///
/// All samples count: unlike scikit-learn's, it does not draw 200 000 of them.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [1.0], [5.0], [10.0]];
/// let bins = KBinsDiscretizer::new().n_bins(2).encode(BinEncoding::Ordinal).strategy(BinStrategy::Uniform).fit(&x)?;
/// assert_eq!(bins.bin_edges()[0], [0.0, 5.0, 10.0]);
/// assert_eq!(bins.transform(&array![[-3.0], [4.9], [5.0]])?, array![[0.0], [0.0], [1.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *KBinsDiscretizer*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KBinsDiscretizer {
    n_bins: usize,
    encode: BinEncoding,
    strategy: BinStrategy,
    quantile_method: QuantileMethod,
}

impl Default for KBinsDiscretizer {
    fn default() -> Self {
        Self {
            n_bins: 5,
            encode: BinEncoding::OneHot,
            strategy: BinStrategy::Quantile,
            quantile_method: QuantileMethod::AveragedInvertedCdf,
        }
    }
}

impl KBinsDiscretizer {
    /// A discretiser with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bins a column gets.
    #[must_use]
    pub fn n_bins(mut self, n_bins: usize) -> Self {
        self.n_bins = n_bins;
        self
    }

    /// How a bin is told.
    #[must_use]
    pub fn encode(mut self, encode: BinEncoding) -> Self {
        self.encode = encode;
        self
    }

    /// How bins are chosen.
    #[must_use]
    pub fn strategy(mut self, strategy: BinStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Which number a quantile is.
    #[must_use]
    pub fn quantile_method(mut self, quantile_method: QuantileMethod) -> Self {
        self.quantile_method = quantile_method;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedKBinsDiscretizer> {
        if self.n_bins < 2 {
            return Err(Error::parameter("n_bins", "2 or more", self.n_bins));
        }
        rows::check_finite(&x)?;
        let bin_edges = rows::map_columns(&x, |_, values| self.edges(values));
        Ok(FittedKBinsDiscretizer {
            bin_edges,
            encode: self.encode,
            lineage: Lineage::default(),
        })
    }

    fn edges(&self, values: &mut [f64]) -> Vec<f64> {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low == high {
            return vec![low, high];
        }
        let n_bins = self.n_bins as f64;
        // By way of percents: NumPy's rounding decides which of two samples an edge is.
        let step = 100.0 / n_bins;
        let shares = (0..=self.n_bins).map(|place| (place as f64 * step).min(100.0) / 100.0);
        match self.strategy {
            BinStrategy::Uniform => {
                let step = (high - low) / n_bins;
                let mut edges: Vec<f64> = (0..=self.n_bins)
                    .map(|place| place as f64 * step + low)
                    .collect();
                edges[self.n_bins] = high;
                edges
            }
            BinStrategy::Quantile => {
                let mut edges = match self.quantile_method {
                    QuantileMethod::Linear => quantiles(values, &shares.collect::<Vec<f64>>()),
                    QuantileMethod::AveragedInvertedCdf => {
                        values.sort_unstable_by(f64::total_cmp);
                        shares
                            .map(|share| averaged_inverted_cdf(values, share))
                            .collect()
                    }
                };
                // Each edge is compared with the one before it, kept or not.
                let mut before = f64::NEG_INFINITY;
                edges.retain(|&edge| {
                    let wide = edge - before > NARROWEST;
                    before = edge;
                    wide
                });
                edges
            }
        }
    }
}

/// The least sorted value with a share of at least `share` at or below it; where the share is met exactly, the mean of it
/// and the next.
fn averaged_inverted_cdf(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = share * sorted.len() as f64 - 1.0;
    let index = place.floor();
    let at = |index: f64| sorted[(index.max(0.0) as usize).min(last)];
    if place == index {
        let (low, high) = (at(index), at(index + 1.0));
        high - (high - low) * 0.5
    } else {
        at(index + 1.0)
    }
}

/// A [`KBinsDiscretizer`] that has seen its training data. It shows as a table of edges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedKBinsDiscretizer {
    bin_edges: Vec<Vec<f64>>,
    encode: BinEncoding,
    lineage: Lineage,
}

transformer!(KBinsDiscretizer => FittedKBinsDiscretizer);
parameters!(KBinsDiscretizer {
    n_bins,
    encode,
    strategy,
    quantile_method
});
shown!(FittedKBinsDiscretizer);

impl FittedKBinsDiscretizer {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let n_columns = self.bin_edges.len();
        check::n_features("KBinsDiscretizer::transform", n_columns, &x)?;
        let inner: Vec<&[f64]> = self
            .bin_edges
            .iter()
            .map(|edges| &edges[1..edges.len().max(2) - 1])
            .collect();
        let bin = |value: f64, column: usize| inner[column].partition_point(|edge| *edge <= value);
        if self.encode == BinEncoding::Ordinal {
            return map_finite(&x, n_columns, |rows, out| {
                for (place, (out, &value)) in out.iter_mut().zip(rows).enumerate() {
                    *out = bin(value, place % n_columns) as f64;
                }
            });
        }
        let (starts, n_out) = self.starts();
        map_finite(&x, n_out, |rows, out| {
            let pairs = rows
                .chunks_exact(n_columns)
                .zip(out.chunks_exact_mut(n_out));
            for (row, out) in pairs {
                for (column, &value) in row.iter().enumerate() {
                    out[starts[column] + bin(value, column)] = 1.0;
                }
            }
        })
    }

    /// Where the bins of each column start among all, and how many there are.
    fn starts(&self) -> (Vec<usize>, usize) {
        let mut n_out = 0;
        let starts = self
            .n_bins()
            .iter()
            .map(|n_bins| {
                n_out += n_bins;
                n_out - n_bins
            })
            .collect();
        (starts, n_out)
    }

    /// The middle of the bin that each number was in; NaN is never made of a known bin.
    ///
    /// # Errors
    /// When `z` has another number of columns than [`transform`](Self::transform) gives, or is not finite.
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        let (starts, n_out) = match self.encode {
            BinEncoding::OneHot => self.starts(),
            BinEncoding::Ordinal => ((0..self.bin_edges.len()).collect(), self.bin_edges.len()),
        };
        check::n_features("KBinsDiscretizer::inverse_transform", n_out, z)?;
        check::table("z", z)?;
        let n_bins = self.n_bins();
        Ok(Array2::from_shape_fn(
            (z.nrows(), n_bins.len()),
            |(row, column)| {
                let start = starts[column];
                let bin = match self.encode {
                    BinEncoding::Ordinal => z[[row, start]].max(0.0) as usize,
                    BinEncoding::OneHot => (0..n_bins[column]).fold(0, |best, bin| {
                        if z[[row, start + bin]] > z[[row, start + best]] {
                            bin
                        } else {
                            best
                        }
                    }),
                };
                let edges = &self.bin_edges[column];
                let bin = bin.min(n_bins[column] - 1);
                0.5 * (edges[bin] + edges[(bin + 1).min(edges.len() - 1)])
            },
        ))
    }

    /// The names of the columns: for one-hot the column and the bin, such as `age_0`.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        if self.encode == BinEncoding::Ordinal {
            return names.to_vec();
        }
        names
            .iter()
            .zip(self.n_bins())
            .flat_map(|(name, n_bins)| (0..n_bins).map(move |bin| format!("{name}_{bin}")))
            .collect()
    }

    /// The edges of the bins of each column, ascending: one more than bins.
    pub fn bin_edges(&self) -> &[Vec<f64>] {
        &self.bin_edges
    }

    /// How many bins each column has.
    pub fn n_bins(&self) -> Vec<usize> {
        self.bin_edges
            .iter()
            .map(|edges| edges.len().max(2) - 1)
            .collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["feature", "bins", "edges"]).caption("KBinsDiscretizer");
        for (feature, edges) in self.bin_edges.iter().enumerate() {
            let shown: Vec<String> = edges.iter().map(|edge| format!("{edge:.4}")).collect();
            let n_bins = edges.len().max(2) - 1;
            table.push(vec![
                feature.into(),
                n_bins.into(),
                shown.join(" · ").into(),
            ]);
        }
        table
    }
}
