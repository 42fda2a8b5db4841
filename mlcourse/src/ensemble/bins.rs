//! Features in at most 255 bins and one for what is missing.

use super::forest::{cumulated, draw};
use super::loss::Weights;
use crate::random::Random;
use crate::{Error, Result};
use ndarray::ArrayRef2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The most rows that quantiles are taken of.
const SUBSAMPLE: usize = 200_000;
/// The stream of the rows that are drawn then.
const DRAWS: u64 = 1 << 41;

/// How one feature falls into bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Cuts {
    /// A value is in bin b where b thresholds are below it.
    Thresholds(Vec<f64>),
    /// Each category is a bin; these are their values, ascending.
    Categories(Vec<f64>),
}

impl Cuts {
    /// The number of bins, without that of missing values.
    pub(crate) fn n_bins(&self) -> usize {
        match self {
            Self::Thresholds(thresholds) => thresholds.len() + 1,
            Self::Categories(categories) => categories.len(),
        }
    }

    /// The bin of a value; nothing where it is missing or an unknown category.
    pub(crate) fn bin(&self, value: f64) -> Option<usize> {
        match self {
            _ if value.is_nan() => None,
            Self::Thresholds(thresholds) => {
                Some(thresholds.partition_point(|&threshold| threshold < value))
            }
            Self::Categories(categories) => categories
                .binary_search_by(|category| category.total_cmp(&(value + 0.0)))
                .ok(),
        }
    }
}

/// A table in bins, column after column.
#[derive(Debug)]
pub(crate) struct Binned {
    pub(crate) n_samples: usize,
    pub(crate) bins: Vec<u8>,
    /// Whether a value of the column is missing.
    pub(crate) missing: Vec<bool>,
}

impl Binned {
    pub(crate) fn column(&self, feature: usize) -> &[u8] {
        &self.bins[feature * self.n_samples..(feature + 1) * self.n_samples]
    }
}

/// The cuts of each column.
pub(crate) fn cuts(
    x: &ArrayRef2<f64>,
    weight: Weights<'_>,
    max_bins: usize,
    categorical: &[usize],
    seed: u64,
) -> Result<Vec<Cuts>> {
    let rows: Option<Vec<usize>> = (x.nrows() > SUBSAMPLE).then(|| {
        let mut random = Random::stream(seed, DRAWS);
        let cumulative = weight.map(cumulated);
        let n = x.nrows();
        (0..SUBSAMPLE)
            .map(|_| draw(&mut random, n, cumulative.as_deref()))
            .collect()
    });
    let column = |feature: usize| {
        let column = x.column(feature);
        if categorical.contains(&feature) {
            return categories(column.iter().copied(), feature, max_bins);
        }
        let pair = |row: usize| (column[row] + 0.0, weight.map_or(1.0, |weight| weight[row]));
        let mut pairs: Vec<(f64, f64)> = match &rows {
            None => (0..x.nrows()).map(pair).collect(),
            Some(rows) => rows.iter().map(|&row| pair(row)).collect(),
        };
        pairs.retain(|(value, _)| !value.is_nan());
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Cuts::Thresholds(thresholds(
            &pairs,
            weight.is_some() && rows.is_none(),
            max_bins,
        )))
    };
    (0..x.ncols()).into_par_iter().map(column).collect()
}

fn categories(values: impl Iterator<Item = f64>, feature: usize, max_bins: usize) -> Result<Cuts> {
    let mut categories: Vec<f64> = values
        .filter(|value| !value.is_nan())
        .map(|value| value + 0.0)
        .collect();
    categories.sort_unstable_by(f64::total_cmp);
    categories.dedup();
    if categories.len() <= max_bins {
        return Ok(Cuts::Categories(categories));
    }
    Err(Error::parameter(
        "categorical_features",
        format!("columns of at most `max_bins` = {max_bins} categories"),
        format!("{} categories in column {feature}", categories.len()),
    ))
}

/// The middles between distinct values where these are few; otherwise quantiles. The values ascend.
fn thresholds(pairs: &[(f64, f64)], weighted: bool, max_bins: usize) -> Vec<f64> {
    let mut distinct: Vec<f64> = pairs.iter().map(|(value, _)| *value).collect();
    distinct.dedup();
    if distinct.len() <= max_bins {
        let middle = |pair: &[f64]| {
            let middle = pair[0] / 2.0 + pair[1] / 2.0;
            if middle < pair[1] { middle } else { pair[0] }
        };
        return distinct.windows(2).map(middle).collect();
    }
    // NumPy's percentiles, rounding included.
    let share = |cut: usize| cut as f64 * (100.0 / max_bins as f64) / 100.0;
    let last = pairs.len() - 1;
    let between = |low: usize, high: usize| {
        let (low, high) = (pairs[low.min(last)].0, pairs[high.min(last)].0);
        low / 2.0 + high / 2.0
    };
    let mut cuts: Vec<f64> = if weighted {
        let mut sum = 0.0;
        let add = |(_, weight): &(f64, f64)| {
            sum += weight;
            sum
        };
        let sums: Vec<f64> = pairs.iter().map(add).collect();
        let cut = |cut: usize| {
            let at = share(cut) * sum;
            let place = sums.partition_point(|&sum| sum < at).min(last);
            let falls_inside = sums[place] - at > f64::EPSILON;
            between(place, place + usize::from(!falls_inside))
        };
        (1..max_bins).map(cut).collect()
    } else {
        let cut = |cut: usize| {
            let at = pairs.len() as f64 * share(cut) - 1.0;
            let place = at as usize;
            if at.fract() == 0.0 {
                between(place, place + 1)
            } else {
                between(place + 1, place + 1)
            }
        };
        (1..max_bins).map(cut).collect()
    };
    cuts.dedup();
    cuts
}

/// Each value's bin; what is missing has bin `missing`.
pub(crate) fn binned(x: &ArrayRef2<f64>, cuts: &[Cuts], missing: u8) -> Binned {
    let n = x.nrows();
    let mut bins = vec![0_u8; n * cuts.len()];
    let gaps = bins
        .par_chunks_mut(n)
        .zip(cuts)
        .enumerate()
        .map(|(feature, (bins, cuts))| {
            let mut gaps = false;
            for (bin, &value) in bins.iter_mut().zip(x.column(feature)) {
                *bin = match cuts.bin(value) {
                    Some(bin) => bin as u8,
                    None => {
                        gaps = true;
                        missing
                    }
                };
            }
            gaps
        })
        .collect();
    Binned {
        n_samples: n,
        bins,
        missing: gaps,
    }
}
