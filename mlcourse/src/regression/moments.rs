//! All that a linear fit needs to know of tall data, gathered in one pass: means and centred second moments.

use crate::{Error, Result, check};
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use ndarray::{Array1, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

/// The most numbers of rows that are packed at a time: they stay in the second-level cache.
const BLOCK_NUMBERS: usize = 1 << 15;
/// How many partial sums there are at most. Their number depends on the shape of the data alone, so that the result is
/// the same to the last bit at any number of threads.
const MAX_SEGMENTS: usize = 32;
/// The numbers that all partial sums hold at most, where there is more than two.
const SEGMENT_NUMBERS: usize = 1 << 22;
/// The rows that the first guess of the means is taken from.
const GUESS_ROWS: usize = 64;
/// The share of a column's sum of squares that must remain after centring for the guess to have been good enough.
const ENOUGH_LEFT: f64 = 1e-2;

/// Weighted means and second moments about them. Where nothing is centred, the means are 0.
#[derive(Clone)]
pub(super) struct Moments {
    /// Σ s_i: the number of samples, where they count alike.
    pub weight: f64,
    pub x_mean: Array1<f64>,
    pub y_mean: f64,
    /// Σ s_i (x_i − x̄)(x_i − x̄)ᵀ, both triangles.
    pub gram: Mat<f64>,
    /// Σ s_i (x_i − x̄)(y_i − ȳ).
    pub xy: Vec<f64>,
    /// Σ s_i (y_i − ȳ)².
    pub yy: f64,
}

/// Samples to fit a line to.
#[derive(Clone, Copy)]
pub(super) struct Samples<'a> {
    pub x: ArrayView2<'a, f64>,
    pub y: ArrayView1<'a, f64>,
    pub weight: Option<ArrayView1<'a, f64>>,
}

impl<'a> Samples<'a> {
    /// What a fit was given, its lengths checked. Whether all is finite shows in the sums.
    pub(super) fn new(
        x: ArrayView2<'a, f64>,
        y: ArrayView1<'a, f64>,
        weight: Option<ArrayView1<'a, f64>>,
    ) -> Result<Self> {
        if x.is_empty() {
            check::table("x", &x)?;
        }
        check::same_length("x", x.nrows(), "y", y.len())?;
        if let Some(weight) = &weight {
            check::sample_weight(weight, x.nrows())?;
        }
        Ok(Self { x, y, weight })
    }

    /// The error in samples whose sums are not finite.
    pub(super) fn not_finite(&self, column: Option<usize>) -> Error {
        let checked = check::table("x", &self.x).and_then(|()| check::column("y", &self.y));
        checked.err().unwrap_or(Error::Overflow {
            what: if column.is_some() { "x" } else { "y" },
            column: column.unwrap_or(0),
        })
    }

    pub(super) fn rows(&self, from: usize, to: usize) -> Self {
        Self {
            x: self.x.slice_move(s![from..to, ..]),
            y: self.y.slice_move(s![from..to]),
            weight: self.weight.map(|weight| weight.slice_move(s![from..to])),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.x.nrows()
    }

    pub(super) fn n_features(&self) -> usize {
        self.x.ncols()
    }
}

impl Moments {
    pub(super) fn of(samples: &Samples<'_>, center: bool) -> Result<Self> {
        let n_features = samples.n_features();
        let guess = if center {
            guess_means(samples)
        } else {
            vec![0.0; n_features + 1]
        };
        let raw = Raw::of(samples, &guess);
        if let Some(column) = raw.first_not_finite() {
            return Err(samples.not_finite((column < n_features).then_some(column)));
        }
        if !center {
            return Ok(raw.about(&guess, &vec![0.0; n_features + 1]));
        }
        let shift = raw.mean_shift();
        if raw.is_well_centred(&shift) {
            return Ok(raw.about(&guess, &shift));
        }
        // The guess is far from the mean, in units of the deviation: digits were lost, so again with the mean itself.
        let means: Vec<f64> = guess.iter().zip(&shift).map(|(a, b)| a + b).collect();
        let raw = Raw::of(samples, &means);
        let shift = raw.mean_shift();
        Ok(raw.about(&means, &shift))
    }

    pub(super) fn n_features(&self) -> usize {
        self.xy.len()
    }

    /// The moments of these samples and others together, where both are centred or neither is.
    ///
    /// Source: T. Chan, G. Golub, R. LeVeque, *Updating formulae and a pairwise algorithm for computing sample variances*,
    /// 1979.
    pub(super) fn merge(&self, other: &Self) -> Self {
        let weight = self.weight + other.weight;
        let share = if weight > 0.0 {
            other.weight / weight
        } else {
            0.0
        };
        let x_step = &other.x_mean - &self.x_mean;
        let y_step = other.y_mean - self.y_mean;
        let between = self.weight * share;
        let p = self.n_features();
        Self {
            weight,
            x_mean: &self.x_mean + &(&x_step * share),
            y_mean: self.y_mean + y_step * share,
            gram: Mat::from_fn(p, p, |i, j| {
                self.gram[(i, j)] + other.gram[(i, j)] + between * x_step[i] * x_step[j]
            }),
            xy: (0..p)
                .map(|j| self.xy[j] + other.xy[j] + between * x_step[j] * y_step)
                .collect(),
            yy: self.yy + other.yy + between * y_step * y_step,
        }
    }

    /// The mean squared error of a line on these samples.
    pub(super) fn mean_squared_error(&self, coef: &Array1<f64>, intercept: f64) -> f64 {
        let p = self.n_features();
        let mut squares = self.yy;
        for j in 0..p {
            let fitted: f64 = (0..p).map(|i| self.gram[(i, j)] * coef[i]).sum();
            squares += coef[j] * (fitted - 2.0 * self.xy[j]);
        }
        let offset = self.y_mean - intercept - self.x_mean.dot(coef);
        // Rounding can make the squares of a perfect fit negative.
        squares.max(0.0) / self.weight + offset * offset
    }

    /// b = ȳ − wᵀx̄.
    pub(super) fn intercept(&self, coef: &Array1<f64>) -> f64 {
        self.y_mean - self.x_mean.dot(coef)
    }
}

/// A value near the mean of each column of x, then y. Of a constant column it is that constant.
fn guess_means(samples: &Samples<'_>) -> Vec<f64> {
    let step = samples.len().div_ceil(GUESS_ROWS);
    let rows: Vec<usize> = (0..samples.len()).step_by(step).collect();
    let mean = |column: ArrayView1<'_, f64>| {
        let first = column[0];
        let sum: f64 = rows.iter().map(|&row| column[row] - first).sum();
        let mean = first + sum / rows.len() as f64;
        // What is not finite is found, and told, in the sums.
        if mean.is_finite() { mean } else { 0.0 }
    };
    let mut means: Vec<f64> = samples.x.axis_iter(Axis(1)).map(mean).collect();
    means.push(mean(samples.y));
    means
}

/// Second moments about a guess of the means, of the columns x, y and 1: lower triangle.
struct Raw(Mat<f64>);

impl Raw {
    fn of(samples: &Samples<'_>, guess: &[f64]) -> Self {
        let width = guess.len() + 1;
        let block_rows = (BLOCK_NUMBERS / width).clamp(32, 1024);
        let n_blocks = samples.len().div_ceil(block_rows);
        let n_segments = (SEGMENT_NUMBERS / (width * width))
            .clamp(2, MAX_SEGMENTS)
            .min(n_blocks);
        let segment_blocks = n_blocks.div_ceil(n_segments);
        let sums: Vec<Mat<f64>> = (0..n_segments)
            .into_par_iter()
            .map(|segment| {
                let mut sum = Mat::zeros(width, width);
                let mut packed = vec![0.0; block_rows * width];
                let first = segment * segment_blocks;
                for block in first..(first + segment_blocks).min(n_blocks) {
                    let from = block * block_rows;
                    let rows = samples.rows(from, (from + block_rows).min(samples.len()));
                    let packed = &mut packed[..rows.len() * width];
                    pack(&rows, guess, packed);
                    add_product(sum.as_mut(), packed);
                }
                sum
            })
            .collect();
        let mut sums = sums.into_iter();
        let first = sums.next().unwrap_or_else(|| Mat::zeros(width, width));
        Self(sums.fold(first, |total, sum| total + sum))
    }

    fn weight(&self) -> f64 {
        let last = self.0.nrows() - 1;
        self.0[(last, last)]
    }

    /// The column (of x, then y) whose square sum is not finite.
    fn first_not_finite(&self) -> Option<usize> {
        (0..self.0.nrows() - 1).find(|&column| !self.0[(column, column)].is_finite())
    }

    /// The mean of each column of x, then y, less the guess.
    fn mean_shift(&self) -> Vec<f64> {
        let last = self.0.nrows() - 1;
        (0..last)
            .map(|column| self.0[(last, column)] / self.weight())
            .collect()
    }

    fn is_well_centred(&self, shift: &[f64]) -> bool {
        shift.iter().enumerate().all(|(column, shift)| {
            let about_guess = self.0[(column, column)];
            about_guess - self.weight() * shift * shift >= ENOUGH_LEFT * about_guess
        })
    }

    /// The moments about `guess + shift`.
    fn about(mut self, guess: &[f64], shift: &[f64]) -> Moments {
        let n_features = guess.len() - 1;
        let weight = self.weight();
        for column in 0..=n_features {
            for row in column..=n_features {
                self.0[(row, column)] -= weight * shift[row] * shift[column];
            }
        }
        let gram = Mat::from_fn(n_features, n_features, |row, column| {
            self.0[(row.max(column), row.min(column))]
        });
        Moments {
            weight,
            x_mean: (0..n_features).map(|j| guess[j] + shift[j]).collect(),
            y_mean: guess[n_features] + shift[n_features],
            gram,
            xy: (0..n_features).map(|j| self.0[(n_features, j)]).collect(),
            yy: self.0[(n_features, n_features)].max(0.0),
        }
    }
}

/// Rows √s · (x − guess, y − guess, 1), one after the other.
fn pack(samples: &Samples<'_>, guess: &[f64], packed: &mut [f64]) {
    let width = guess.len() + 1;
    let n_features = guess.len() - 1;
    let by_row = samples.x.strides()[1] == 1;
    if by_row {
        for (row, packed) in samples.x.outer_iter().zip(packed.chunks_exact_mut(width)) {
            let row = row.to_slice().expect("the stride of the columns is 1");
            for ((packed, value), guess) in packed.iter_mut().zip(row).zip(guess) {
                *packed = value - guess;
            }
        }
    } else {
        for (j, column) in samples.x.axis_iter(Axis(1)).enumerate() {
            for (value, packed) in column.iter().zip(packed.chunks_exact_mut(width)) {
                packed[j] = value - guess[j];
            }
        }
    }
    for (y, packed) in samples.y.iter().zip(packed.chunks_exact_mut(width)) {
        packed[n_features] = y - guess[n_features];
        packed[n_features + 1] = 1.0;
    }
    if let Some(weight) = &samples.weight {
        for (weight, packed) in weight.iter().zip(packed.chunks_exact_mut(width)) {
            let root = weight.sqrt();
            packed.iter_mut().for_each(|value| *value *= root);
        }
    }
}

/// sum += PᵀP for the rows P, lower triangle.
fn add_product(sum: MatMut<'_, f64>, packed: &[f64]) {
    let width = sum.nrows();
    let transposed = MatRef::from_column_major_slice(packed, width, packed.len() / width);
    let structure = if width <= 128 {
        BlockStructure::Rectangular
    } else {
        BlockStructure::TriangularLower
    };
    matmul(
        sum,
        structure,
        Accum::Add,
        transposed,
        BlockStructure::Rectangular,
        transposed.transpose(),
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
}

/// Xᵀ S (y − Xw) for centred X and y: how far w is from solving the normal equations, computed from the data itself.
pub(super) fn residual_products(
    samples: &Samples<'_>,
    x_mean: &Array1<f64>,
    y_mean: f64,
    coef: &Array1<f64>,
) -> Vec<f64> {
    let segment_rows = samples.len().div_ceil(MAX_SEGMENTS).max(512);
    let n_segments = samples.len().div_ceil(segment_rows);
    let sums: Vec<Vec<f64>> = (0..n_segments)
        .into_par_iter()
        .map(|segment| {
            let from = segment * segment_rows;
            let rows = samples.rows(from, (from + segment_rows).min(samples.len()));
            let mut sum = vec![0.0; coef.len()];
            let mut centred = vec![0.0; coef.len()];
            for (row, x) in rows.x.outer_iter().enumerate() {
                let mut residual = rows.y[row] - y_mean;
                for (((centred, x), mean), coef) in centred.iter_mut().zip(x).zip(x_mean).zip(coef)
                {
                    *centred = x - mean;
                    residual -= *centred * coef;
                }
                let residual = residual * rows.weight.map_or(1.0, |weight| weight[row]);
                for (sum, centred) in sum.iter_mut().zip(&centred) {
                    *sum += centred * residual;
                }
            }
            sum
        })
        .collect();
    let mut total = vec![0.0; coef.len()];
    for sum in sums {
        for (total, sum) in total.iter_mut().zip(sum) {
            *total += sum;
        }
    }
    total
}
