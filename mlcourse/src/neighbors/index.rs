//! Training rows, ready to be searched.

use super::brute::{QUERY_BLOCK, Screen, search_all};
use super::kd_tree::KdTree;
use super::metric::{Metric, Nearest};
use crate::estimator::choice;
use crate::{Error, Result, check};
use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Fewer queries than this are measured one by one: making the data ready for products would cost more.
const FEW_QUERIES: usize = 8;
/// Below so many rows a tree cannot leave out much.
const TREE_ROWS: usize = 256;
/// Above so many columns, measured, comparing with all rows is faster.
const TREE_COLUMNS: usize = 7;
/// The same where there is no matrix product for the metric.
const TREE_COLUMNS_OTHER: usize = 15;

/// How neighbours are found; which one changes the time, never the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// A tree for many rows of few columns, else all.
    #[default]
    Auto,
    /// Compares with all rows, by matrix products where the metric is Euclid's.
    Brute,
    /// A k-d tree, which leaves out boxes that are too far.
    KdTree,
}

choice!(Algorithm {
    Auto = "auto",
    Brute = "brute",
    KdTree = "kd_tree"
});

/// How much each neighbour counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weights {
    /// All alike.
    #[default]
    Uniform,
    /// By 1 / distance. Where some are at distance 0, only those count.
    Distance,
}

choice!(Weights {
    Uniform = "uniform",
    Distance = "distance"
});

/// What all models here have as hyperparameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Options {
    pub n_neighbors: usize,
    pub algorithm: Algorithm,
    pub leaf_size: usize,
    pub p: f64,
}

/// The rows, in the order of the tree if there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Index {
    rows: Array2<f64>,
    tree: Option<KdTree>,
    n_neighbors: usize,
    p: f64,
}

/// The nearest training rows of each query, nearest first.
pub(super) struct Found {
    pub distances: Array2<f64>,
    pub indices: Array2<usize>,
}

impl Index {
    pub(super) fn new(x: ArrayView2<'_, f64>, options: &Options) -> Result<Self> {
        check::table("x", &x)?;
        if options.leaf_size == 0 {
            return Err(Error::parameter("leaf_size", "1 or more", 0));
        }
        if options.p.is_nan() || options.p < 1.0 {
            return Err(Error::parameter("p", "1 or more", options.p));
        }
        check_neighbors(options.n_neighbors, x.nrows())?;
        let few_columns = if options.p == 2.0 {
            TREE_COLUMNS
        } else {
            TREE_COLUMNS_OTHER
        };
        let grows = match options.algorithm {
            Algorithm::Auto => x.nrows() >= TREE_ROWS && x.ncols() <= few_columns,
            Algorithm::Brute => false,
            Algorithm::KdTree => true,
        };
        let (tree, rows) = if grows {
            let (tree, rows) = KdTree::build(x, options.leaf_size);
            (Some(tree), rows)
        } else {
            (None, x.as_standard_layout().into_owned())
        };
        Ok(Self {
            rows,
            tree,
            n_neighbors: options.n_neighbors,
            p: options.p,
        })
    }

    pub(super) fn n_samples(&self) -> usize {
        self.rows.nrows()
    }

    pub(super) fn n_features(&self) -> usize {
        self.rows.ncols()
    }

    pub(super) fn n_neighbors(&self) -> usize {
        self.n_neighbors
    }

    /// How it searches.
    pub(super) fn algorithm(&self) -> Algorithm {
        match self.tree {
            Some(_) => Algorithm::KdTree,
            None => Algorithm::Brute,
        }
    }

    /// The `n_neighbors` nearest rows of each row of x, or `k` of them.
    pub(super) fn search(
        &self,
        operation: &'static str,
        x: ArrayView2<'_, f64>,
        k: Option<usize>,
    ) -> Result<Found> {
        check::n_features(operation, self.n_features(), &x)?;
        check::table("x", &x)?;
        let k = k.unwrap_or(self.n_neighbors);
        check_neighbors(k, self.n_samples())?;
        let metric = Metric::of(self.p);
        let screen =
            (self.tree.is_none() && metric == Metric::Euclidean && x.nrows() >= FEW_QUERIES)
                .then(|| Screen::new(&self.rows))
                .flatten();
        let mut distances = vec![0.0; x.nrows() * k];
        let mut indices = vec![0; x.nrows() * k];
        distances
            .par_chunks_mut(QUERY_BLOCK * k)
            .zip(indices.par_chunks_mut(QUERY_BLOCK * k))
            .enumerate()
            .for_each(|(block, (distances, indices))| {
                let from = block * QUERY_BLOCK;
                let queries = x.slice(s![from..from + distances.len() / k, ..]);
                let nearest = match &screen {
                    Some(screen) => screen.search(queries, k),
                    None => self.search_each(queries, metric, k),
                };
                let places = distances
                    .chunks_exact_mut(k)
                    .zip(indices.chunks_exact_mut(k));
                for (mut nearest, (distances, indices)) in nearest.into_iter().zip(places) {
                    for (place, candidate) in nearest.take().into_iter().enumerate() {
                        distances[place] = metric.distance(candidate.rank);
                        indices[place] = candidate.index;
                    }
                }
            });
        let shaped = "one value a query and neighbour";
        Ok(Found {
            distances: Array2::from_shape_vec((x.nrows(), k), distances).expect(shaped),
            indices: Array2::from_shape_vec((x.nrows(), k), indices).expect(shaped),
        })
    }

    fn search_each(&self, queries: ArrayView2<'_, f64>, metric: Metric, k: usize) -> Vec<Nearest> {
        let rows = self.rows.as_slice().unwrap_or_default();
        queries
            .outer_iter()
            .map(|query| {
                let query = query.to_vec();
                let mut nearest = Nearest::new(k);
                match &self.tree {
                    Some(tree) => tree.search(&self.rows, metric, &query, &mut nearest),
                    None => search_all(rows, metric, &query, &mut nearest),
                }
                nearest
            })
            .collect()
    }
}

fn check_neighbors(n_neighbors: usize, n_samples: usize) -> Result<()> {
    if (1..=n_samples).contains(&n_neighbors) {
        return Ok(());
    }
    let range = format!("1 or more, and at most {n_samples}, the number of training samples");
    Err(Error::parameter("n_neighbors", range, n_neighbors))
}

/// Models here have no use for weights of samples, and say so.
pub(super) fn check_unweighted(sample_weight: Option<ndarray::ArrayView1<'_, f64>>) -> Result<()> {
    match sample_weight {
        None => Ok(()),
        Some(weight) => Err(Error::parameter(
            "sample_weight",
            "absent, since neighbours count alike or by their distance",
            format!("{} weights", weight.len()),
        )),
    }
}

impl Found {
    /// How much each neighbour of a query counts.
    pub(super) fn weights(&self, query: usize, weights: Weights) -> Vec<f64> {
        let distances = self.distances.row(query);
        match weights {
            Weights::Uniform => vec![1.0; distances.len()],
            // Distances so small that their inverse is infinite count as 0 too.
            Weights::Distance if (1.0 / distances[0]).is_infinite() => distances
                .iter()
                .map(|distance| f64::from(u8::from((1.0 / distance).is_infinite())))
                .collect(),
            Weights::Distance => distances.iter().map(|distance| 1.0 / distance).collect(),
        }
    }
}

/// The hyperparameters that all models here share, as builder methods.
macro_rules! neighbor_builders {
    ($model:ident) => {
        impl $model {
            /// A model with the default parameters.
            pub fn new() -> Self {
                Self::default()
            }

            /// How many neighbours to look at.
            #[must_use]
            pub fn n_neighbors(mut self, n_neighbors: usize) -> Self {
                self.n_neighbors = n_neighbors;
                self
            }

            /// How they are found.
            #[must_use]
            pub fn algorithm(mut self, algorithm: super::Algorithm) -> Self {
                self.algorithm = algorithm;
                self
            }

            /// The most rows in a box of the tree.
            #[must_use]
            pub fn leaf_size(mut self, leaf_size: usize) -> Self {
                self.leaf_size = leaf_size;
                self
            }

            /// The power of Minkowski's distance: 2 is Euclid's, 1 is Manhattan's, infinity takes the largest
            /// difference.
            #[must_use]
            pub fn p(mut self, p: f64) -> Self {
                self.p = p;
                self
            }

            fn options(&self) -> super::index::Options {
                super::index::Options {
                    n_neighbors: self.n_neighbors,
                    algorithm: self.algorithm,
                    leaf_size: self.leaf_size,
                    p: self.p,
                }
            }
        }
    };
}

/// Looking for neighbours, and display, for a fitted model with an `index` and a `table`.
macro_rules! neighbor_accessors {
    ($fitted:ident, $model:literal) => {
        impl $fitted {
            /// The `n_neighbors` nearest training samples of each row of x, nearest first: their distances and their
            /// indices, each of shape (n_queries, n_neighbors). Of equally near ones, the first in the training data
            /// comes first.
            ///
            /// # Errors
            /// When `x` is empty, not finite or has another number of columns than at `fit`.
            pub fn kneighbors(
                &self,
                x: &impl $crate::estimator::Features,
            ) -> $crate::Result<(ndarray::Array2<f64>, ndarray::Array2<usize>)> {
                self.found(x.rows()?, None)
            }

            /// As [`kneighbors`](Self::kneighbors), for another number of neighbours.
            ///
            /// # Errors
            /// As [`kneighbors`](Self::kneighbors), and when there are fewer than `n_neighbors` training samples.
            pub fn nearest(
                &self,
                x: &impl $crate::estimator::Features,
                n_neighbors: usize,
            ) -> $crate::Result<(ndarray::Array2<f64>, ndarray::Array2<usize>)> {
                self.found(x.rows()?, Some(n_neighbors))
            }

            fn found(
                &self,
                x: ndarray::ArrayView2<'_, f64>,
                n_neighbors: Option<usize>,
            ) -> $crate::Result<(ndarray::Array2<f64>, ndarray::Array2<usize>)> {
                let operation = concat!($model, "::kneighbors");
                let found = self.index.search(operation, x, n_neighbors)?;
                Ok((found.distances, found.indices))
            }

            /// How it searches: by a tree or by comparing with all samples.
            pub fn algorithm(&self) -> super::Algorithm {
                self.index.algorithm()
            }
        }

        impl std::fmt::Display for $fitted {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.table().fmt(f)
            }
        }

        impl $crate::display::Display for $fitted {
            fn bundle(&self) -> $crate::display::MimeBundle {
                self.table().bundle()
            }
        }
    };
}

pub(super) use {neighbor_accessors, neighbor_builders};
