//! The nearest rows by comparing with all of them, most of them by a matrix product in single precision.
//!
//! ‖q − t‖² = ‖q‖² + (‖t‖² − 2 qᵀt), and the term in brackets is a product of matrices for many q and t at once. It is
//! computed roughly, in single precision about the mean of the data; its error is bounded, and whatever may be among the
//! nearest, given the bound, is measured exactly. So the result is that of measuring all.

use super::metric::{Metric, Nearest};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// Rows of training data and of queries in one product: what it writes stays in the second-level cache.
const TRAIN_BLOCK: usize = 1024;
pub(super) const QUERY_BLOCK: usize = 64;
/// Rough values that are looked at together.
const LANES: usize = 32;
/// Queries farther out than this, as a multiple of the data's radius, are measured exactly right away.
const FARTHEST: f64 = 1e6;
/// The least radius of data whose squares are numbers still.
const LEAST: f64 = 1e-120;

/// Offers every row.
pub(super) fn search_all(rows: &[f64], metric: Metric, query: &[f64], nearest: &mut Nearest) {
    for (index, row) in rows.chunks_exact(query.len()).enumerate() {
        let rank = metric.rank(query, row);
        if rank <= nearest.worst() {
            nearest.offer(rank, index);
        }
    }
}

/// Training data made ready for products.
pub(super) struct Screen<'a> {
    rows: &'a [f64],
    center: Vec<f64>,
    /// 1 / the largest absolute coordinate about the center.
    scale: f64,
    /// For each block of rows: −2t by columns, then ‖t‖².
    blocks: Vec<f32>,
    /// The largest ‖t‖².
    radius2: f64,
}

impl<'a> Screen<'a> {
    /// Nothing where the coordinates do not bear scaling.
    pub(super) fn new(x: &'a Array2<f64>) -> Option<Self> {
        let rows = x.as_slice()?;
        let width = x.ncols();
        let center: Vec<f64> = x.mean_axis(Axis(0))?.to_vec();
        let largest = rows
            .par_chunks(width * TRAIN_BLOCK)
            .map(|block| {
                block.chunks_exact(width).fold(0.0, |max: f64, row| {
                    row.iter()
                        .zip(&center)
                        .fold(max, |max, (x, c)| max.max((x - c).abs()))
                })
            })
            .reduce(|| 0.0, f64::max);
        if !(LEAST..1.0 / LEAST).contains(&largest) {
            return None;
        }
        let scale = 1.0 / largest;
        let n_blocks = x.nrows().div_ceil(TRAIN_BLOCK);
        // A row that only fills the last block is too far to be found.
        let mut blocks = vec![0.0_f32; n_blocks * TRAIN_BLOCK * (width + 1)];
        let radius2 = blocks
            .par_chunks_mut(TRAIN_BLOCK * (width + 1))
            .zip(rows.par_chunks(TRAIN_BLOCK * width))
            .map(|(block, rows)| {
                block[TRAIN_BLOCK * width..].fill(f32::INFINITY);
                let mut radius2 = 0.0_f64;
                for (place, row) in rows.chunks_exact(width).enumerate() {
                    let mut norm2 = 0.0;
                    for (column, (x, c)) in row.iter().zip(&center).enumerate() {
                        let t = (x - c) * scale;
                        norm2 += t * t;
                        block[column * TRAIN_BLOCK + place] = (-2.0 * t) as f32;
                    }
                    block[width * TRAIN_BLOCK + place] = norm2 as f32;
                    radius2 = radius2.max(norm2);
                }
                radius2
            })
            .reduce(|| 0.0, f64::max);
        Some(Self {
            rows,
            center,
            scale,
            blocks,
            radius2,
        })
    }

    /// The nearest rows for up to [`QUERY_BLOCK`] queries.
    pub(super) fn search(&self, queries: ArrayView2<'_, f64>, k: usize) -> Vec<Nearest> {
        let width = self.center.len();
        let mut block = QueryBlock::new(self, queries, k);
        let mut rough = vec![0.0_f32; TRAIN_BLOCK * QUERY_BLOCK];
        let rough = &mut rough[..TRAIN_BLOCK * block.nearest.len()];
        for (number, train) in self
            .blocks
            .chunks_exact(TRAIN_BLOCK * (width + 1))
            .enumerate()
        {
            matmul(
                MatMut::from_column_major_slice_mut(&mut *rough, TRAIN_BLOCK, block.nearest.len()),
                Accum::Replace,
                MatRef::from_column_major_slice(train, TRAIN_BLOCK, width + 1),
                MatRef::from_column_major_slice(&block.packed, width + 1, block.nearest.len()),
                1.0,
                Par::Seq,
            );
            for (query, rough) in rough.chunks_exact(TRAIN_BLOCK).enumerate() {
                block.look_at(query, rough, number * TRAIN_BLOCK);
            }
        }
        block.finish()
    }
}

/// Some queries, and what was found for each.
struct QueryBlock<'a> {
    screen: &'a Screen<'a>,
    queries: Vec<Vec<f64>>,
    /// (q, 1) one after the other; zeros for queries that are measured exactly.
    packed: Vec<f32>,
    /// ‖q‖², less what the rough values may be off by.
    offset: Vec<f64>,
    /// The rough value above which a row is too far.
    limit: Vec<f32>,
    nearest: Vec<Nearest>,
}

impl<'a> QueryBlock<'a> {
    fn new(screen: &'a Screen<'a>, queries: ArrayView2<'_, f64>, k: usize) -> Self {
        let width = screen.center.len();
        let mut block = Self {
            screen,
            queries: queries.outer_iter().map(|query| query.to_vec()).collect(),
            packed: vec![0.0; (width + 1) * queries.nrows()],
            offset: vec![0.0; queries.nrows()],
            limit: vec![f32::INFINITY; queries.nrows()],
            nearest: (0..queries.nrows()).map(|_| Nearest::new(k)).collect(),
        };
        for (place, packed) in block.packed.chunks_exact_mut(width + 1).enumerate() {
            let scaled = |(x, c): (&f64, &f64)| (x - c) * screen.scale;
            let query = &block.queries[place];
            let norm2: f64 = query
                .iter()
                .zip(&screen.center)
                .map(scaled)
                .map(|q| q * q)
                .sum();
            if norm2 > FARTHEST * FARTHEST || norm2.is_nan() {
                // Nothing passes this limit: the rows' values are all 0, or infinite.
                block.limit[place] = f32::NEG_INFINITY;
                search_all(
                    screen.rows,
                    Metric::Euclidean,
                    query,
                    &mut block.nearest[place],
                );
                continue;
            }
            for (packed, q) in packed
                .iter_mut()
                .zip(query.iter().zip(&screen.center).map(scaled))
            {
                *packed = q as f32;
            }
            packed[width] = 1.0;
            // Each product and sum is off by a share of 2⁻²⁴ of what it adds, and so are the numbers themselves.
            let error =
                1.1 * (width as f64 + 6.0) * 2.0_f64.powi(-24) * (norm2 + 2.0 * screen.radius2)
                    + 1e-30;
            block.offset[place] = norm2 - error;
        }
        block
    }

    /// Measures the rows from `first` on whose rough values are low enough.
    fn look_at(&mut self, query: usize, rough: &[f32], first: usize) {
        let mut limit = self.limit[query];
        for (number, lanes) in rough.chunks_exact(LANES).enumerate() {
            if !lanes
                .iter()
                .fold(false, |any, &value| any | (value <= limit))
            {
                continue;
            }
            for (lane, &value) in lanes.iter().enumerate() {
                let index = first + number * LANES + lane;
                if value <= limit && value < f32::INFINITY {
                    limit = self.measure(query, index);
                }
            }
        }
        self.limit[query] = limit;
    }

    /// Offers a row, and returns the limit from then on.
    fn measure(&mut self, query: usize, index: usize) -> f32 {
        let width = self.screen.center.len();
        let row = &self.screen.rows[index * width..(index + 1) * width];
        let rank = Metric::Euclidean.rank(&self.queries[query], row);
        let nearest = &mut self.nearest[query];
        nearest.offer(rank, index);
        let worst = nearest.worst() * self.screen.scale * self.screen.scale;
        ((worst * (1.0 + 1e-9) - self.offset[query]) as f32).next_up()
    }

    fn finish(self) -> Vec<Nearest> {
        self.nearest
    }
}
