//! Sequential minimal optimisation: two multipliers at a time.
//!
//! It minimises ½ βᵀKβ − gᵀβ with Σ β = 0, where each β_t is y_t α_t, 0 ≤ α_t ≤ C_t and y_t = ±1. The slope
//! F = g − Kβ is kept up to date; a β may rise (`up`) or fall (`low`) unless its bound forbids it. At the minimum no F
//! of those that may rise exceeds an F of those that may fall.
//!
//! Source: R.-E. Fan, P.-H. Chen, C.-J. Lin, *Working set selection using second order information for training support
//! vector machines*, 2005, as in LIBSVM.

use super::kernel::{KernelFunction, Panels};
use crate::simd;

/// Stands for a curvature that is not positive.
const TAU: f64 = 1e-12;
const LANES: usize = 8;

/// What to minimise. There are as many variables as samples, or twice as many: the second half has the same samples.
pub(super) struct Problem<'a> {
    pub panels: &'a Panels,
    pub kernel: KernelFunction,
    /// y, ±1.
    pub signs: Vec<f64>,
    /// g.
    pub linear: Vec<f64>,
    /// C.
    pub upper: Vec<f64>,
    pub tol: f64,
    pub max_iter: usize,
    pub cache_bytes: usize,
    pub n_features: usize,
}

pub(super) struct Solution {
    /// Σ y α of each sample.
    pub beta: Vec<f64>,
    /// The decision is Σ β K − rho.
    pub rho: f64,
    pub n_iter: usize,
    pub converged: bool,
}

struct State<'a> {
    problem: &'a Problem<'a>,
    alpha: Vec<f64>,
    slope: Vec<f64>,
    /// 0 where β may rise, −∞ where not.
    up: Vec<f64>,
    /// 0 where β may fall, ∞ where not.
    low: Vec<f64>,
    diagonal: Vec<f64>,
    cache: Cache,
}

pub(super) fn solve(problem: &Problem<'_>) -> Solution {
    let mut state = State::new(problem);
    let mut n_iter = 0;
    let converged = loop {
        let Some((i, j)) = state.select() else {
            break true;
        };
        if n_iter == problem.max_iter {
            break false;
        }
        state.step(i, j);
        n_iter += 1;
    };
    let n = problem.panels.len();
    let mut beta = vec![0.0; n];
    for (variable, alpha) in state.alpha.iter().enumerate() {
        beta[variable % n] += problem.signs[variable] * alpha;
    }
    Solution {
        beta,
        rho: state.rho(),
        n_iter,
        converged,
    }
}

impl<'a> State<'a> {
    fn new(problem: &'a Problem<'a>) -> Self {
        let n = problem.panels.len();
        let mut x = vec![0.0; problem.n_features];
        let mut diagonal: Vec<f64> = (0..n)
            .map(|row| {
                problem.panels.row(row, &mut x);
                let own = Panels::new(std::iter::once(x.as_slice()), x.len());
                let mut value = [0.0];
                problem.kernel.against(&x, &own, &mut value);
                value[0]
            })
            .collect();
        if problem.signs.len() > n {
            diagonal.extend_from_within(..);
        }
        let mut state = Self {
            problem,
            alpha: vec![0.0; problem.signs.len()],
            slope: problem.linear.clone(),
            up: vec![0.0; problem.signs.len()],
            low: vec![0.0; problem.signs.len()],
            diagonal,
            cache: Cache::new(n, problem.cache_bytes),
        };
        (0..problem.signs.len()).for_each(|variable| state.mark(variable));
        state
    }

    /// Which way β may go.
    fn mark(&mut self, variable: usize) {
        let may_grow = self.alpha[variable] < self.problem.upper[variable];
        let may_shrink = self.alpha[variable] > 0.0;
        let (rise, fall) = if self.problem.signs[variable] > 0.0 {
            (may_grow, may_shrink)
        } else {
            (may_shrink, may_grow)
        };
        self.up[variable] = if rise { 0.0 } else { f64::NEG_INFINITY };
        self.low[variable] = if fall { 0.0 } else { f64::INFINITY };
    }

    /// The variable that may rise with the largest slope, and the one that may fall with which the objective falls most.
    /// `None` at the minimum.
    fn select(&mut self) -> Option<(usize, usize)> {
        let (largest, i) = simd::wide!(|| largest_sum(&self.slope, &self.up));
        if largest == f64::NEG_INFINITY {
            return None;
        }
        let n = self.problem.panels.len();
        let row = self.cache.row(i % n, self.problem);
        let (mut smallest, mut best, mut j) = (f64::INFINITY, 0.0, None);
        for start in (0..self.slope.len()).step_by(n) {
            let range = start..start + n;
            let (slope, low) = (&self.slope[range.clone()], &self.low[range.clone()]);
            let diagonal = &self.diagonal[range];
            let (of_half, gain, place) =
                simd::wide!(|| best_partner(largest, self.diagonal[i], row, slope, low, diagonal));
            smallest = f64::min(smallest, of_half);
            if gain > 0.0 && gain >= best {
                (best, j) = (gain, Some(start + place));
            }
        }
        if largest - smallest < self.problem.tol {
            return None;
        }
        j.map(|j| (i, j))
    }

    /// β_i rises and β_j falls by the same, as far as is best and the bounds allow.
    fn step(&mut self, i: usize, j: usize) {
        let n = self.problem.panels.len();
        self.cache.row(i % n, self.problem);
        self.cache.row(j % n, self.problem);
        let (row_i, row_j) = (self.cache.get(i % n), self.cache.get(j % n));
        let curvature = self.diagonal[i] + self.diagonal[j] - 2.0 * row_i[j % n];
        let free = (self.slope[i] - self.slope[j]) / if curvature > 0.0 { curvature } else { TAU };
        let room = |variable: usize, grows: bool| {
            if grows {
                self.problem.upper[variable] - self.alpha[variable]
            } else {
                self.alpha[variable]
            }
        };
        let (i_grows, j_grows) = (self.problem.signs[i] > 0.0, self.problem.signs[j] < 0.0);
        let (room_i, room_j) = (room(i, i_grows), room(j, j_grows));
        let delta = free.min(room_i).min(room_j);
        for start in (0..self.slope.len()).step_by(n) {
            let slope = &mut self.slope[start..start + n];
            simd::wide!(|| {
                for ((slope, of_i), of_j) in slope.iter_mut().zip(row_i).zip(row_j) {
                    *slope -= delta * (of_i - of_j);
                }
            });
        }
        for (variable, grows, room) in [(i, i_grows, room_i), (j, j_grows, room_j)] {
            // On a bound exactly, so that it is seen.
            self.alpha[variable] = match (grows, delta >= room) {
                (true, true) => self.problem.upper[variable],
                (false, true) => 0.0,
                (true, false) => self.alpha[variable] + delta,
                (false, false) => self.alpha[variable] - delta,
            };
            self.mark(variable);
        }
    }

    /// The mean slope of the variables off their bounds, or the middle of what the bounds leave.
    fn rho(&self) -> f64 {
        let (mut sum, mut count) = (0.0, 0);
        let (mut high, mut least) = (f64::INFINITY, f64::NEG_INFINITY);
        for (variable, &slope) in self.slope.iter().enumerate() {
            match (self.up[variable] == 0.0, self.low[variable] == 0.0) {
                (true, true) => {
                    sum -= slope;
                    count += 1;
                }
                (true, false) => high = high.min(-slope),
                (false, true) => least = least.max(-slope),
                (false, false) => {}
            }
        }
        if count > 0 {
            sum / f64::from(count)
        } else if high.is_finite() && least.is_finite() {
            f64::midpoint(high, least)
        } else {
            0.0
        }
    }
}

/// The largest a + b and its place, the last of several.
#[inline(always)]
fn largest_sum(a: &[f64], b: &[f64]) -> (f64, usize) {
    let mut largest = [f64::NEG_INFINITY; LANES];
    let mut places = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (chunk, (a, b)) in a.iter().zip(b).enumerate() {
        let chunk = (chunk * LANES) as f64;
        for lane in 0..LANES {
            let sum = a[lane] + b[lane];
            let larger = sum >= largest[lane];
            largest[lane] = if larger { sum } else { largest[lane] };
            places[lane] = if larger { chunk } else { places[lane] };
        }
    }
    let mut best = (f64::NEG_INFINITY, 0);
    for lane in 0..LANES {
        let found = (largest[lane], places[lane] as usize + lane);
        if found.0 > best.0 || (found.0 == best.0 && found.1 > best.1) {
            best = found;
        }
    }
    let start = a.len() * LANES;
    for (place, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        if a + b >= best.0 {
            best = (a + b, start + place);
        }
    }
    best
}

/// Of those that may fall: the smallest slope; the largest (F_i − F_j)² / (K_ii + K_jj − 2 K_ij) and its place, the last
/// of several.
#[inline(always)]
fn best_partner(
    largest: f64,
    own: f64,
    row: &[f64],
    slope: &[f64],
    low: &[f64],
    diagonal: &[f64],
) -> (f64, f64, usize) {
    let gain_of = |slope: f64, low: f64, diagonal: f64, row: f64| {
        let apart = largest - (slope + low);
        let curvature = own + diagonal - 2.0 * row;
        let curvature = if curvature > 0.0 { curvature } else { TAU };
        if apart > 0.0 {
            apart * apart / curvature
        } else {
            0.0
        }
    };
    let mut smallest = [f64::INFINITY; LANES];
    let mut gains = [0.0; LANES];
    let mut places = [0.0; LANES];
    let (row, row_rest) = row.as_chunks::<LANES>();
    let (slope, slope_rest) = slope.as_chunks::<LANES>();
    let (low, low_rest) = low.as_chunks::<LANES>();
    let (diagonal, diagonal_rest) = diagonal.as_chunks::<LANES>();
    for (chunk, (((row, slope), low), diagonal)) in
        row.iter().zip(slope).zip(low).zip(diagonal).enumerate()
    {
        let chunk = (chunk * LANES) as f64;
        for lane in 0..LANES {
            let gain = gain_of(slope[lane], low[lane], diagonal[lane], row[lane]);
            let larger = gain >= gains[lane];
            gains[lane] = if larger { gain } else { gains[lane] };
            places[lane] = if larger { chunk } else { places[lane] };
            smallest[lane] = smallest[lane].min(slope[lane] + low[lane]);
        }
    }
    let (mut least, mut best) = (f64::INFINITY, (0.0, 0));
    for lane in 0..LANES {
        least = least.min(smallest[lane]);
        let found = (gains[lane], places[lane] as usize + lane);
        if found.0 > best.0 || (found.0 == best.0 && found.1 > best.1) {
            best = found;
        }
    }
    for place in 0..row_rest.len() {
        let gain = gain_of(
            slope_rest[place],
            low_rest[place],
            diagonal_rest[place],
            row_rest[place],
        );
        least = least.min(slope_rest[place] + low_rest[place]);
        if gain >= best.0 {
            best = (gain, row.len() * LANES + place);
        }
    }
    (least, best.0, best.1)
}

/// Rows of the kernel matrix, the least recently used given up for new ones.
struct Cache {
    rows: Vec<Option<Vec<f64>>>,
    last_use: Vec<u64>,
    clock: u64,
    held: usize,
    most: usize,
    x: Vec<f64>,
}

impl Cache {
    fn new(n: usize, bytes: usize) -> Self {
        Self {
            rows: vec![None; n],
            last_use: vec![0; n],
            clock: 0,
            held: 0,
            // A step needs two.
            most: (bytes / (8 * n.max(1))).max(2),
            x: Vec::new(),
        }
    }

    /// A row that is there.
    fn get(&self, row: usize) -> &[f64] {
        self.rows[row].as_deref().unwrap_or(&[])
    }

    /// A row, computed if it is not there.
    fn row(&mut self, row: usize, problem: &Problem<'_>) -> &[f64] {
        self.clock += 1;
        self.last_use[row] = self.clock;
        if self.rows[row].is_none() {
            let mut values = if self.held < self.most {
                self.held += 1;
                vec![0.0; problem.panels.len()]
            } else {
                let oldest = (0..self.rows.len())
                    .filter(|&held| self.rows[held].is_some())
                    .min_by_key(|&held| self.last_use[held]);
                oldest
                    .and_then(|oldest| self.rows[oldest].take())
                    .unwrap_or_else(|| vec![0.0; problem.panels.len()])
            };
            self.x.resize(problem.n_features, 0.0);
            problem.panels.row(row, &mut self.x);
            problem.kernel.against(&self.x, problem.panels, &mut values);
            self.rows[row] = Some(values);
        }
        self.get(row)
    }
}
