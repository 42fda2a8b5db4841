//! Coordinate descent for squared error with L1 and L2 penalties.
//!
//! It minimises P(w) = ½ ‖y − Xw‖² + l₁ ‖w‖₁ + ½ l₂ ‖w‖², one coefficient at a time: with the others fixed, the best w_j
//! is S(X_jᵀr + ‖X_j‖² w_j, l₁) / (‖X_j‖² + l₂), where r is the residual and S(z, t) = sign(z) · max(|z| − t, 0).
//!
//! A dual problem bounds how far P(w) is above the minimum: the duality gap. With θ = r scaled into the dual's feasible
//! set, gap = P(w) − D(θ) ≥ P(w) − P(w*). The descent ends when gap ≤ tol · ‖y‖²; and a feature whose correlation with
//! θ is far enough below 1, given the gap, is 0 at the minimum and left out from then on.
//!
//! Source: J. Friedman, T. Hastie, R. Tibshirani, *Regularization Paths for Generalized Linear Models via Coordinate
//! Descent*, 2010; O. Fercoq, A. Gramfort, J. Salmon, *Mind the duality gap: safer rules for the Lasso*, 2015. The order
//! of steps is that of scikit-learn 1.9.

use super::centred::{Centred, add_scaled, dot};
use super::moments::Moments;
use crate::random::Random;
use faer::MatRef;
use serde::{Deserialize, Serialize};

/// One pass over the coefficients: what a fit by coordinate descent did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sweep {
    /// The largest change of a coefficient.
    pub largest_step: f64,
    /// How many coefficients were visited: the others are known to be 0.
    pub n_active: usize,
    /// The duality gap after it, as a bound on the objective divided by n; where it was computed.
    pub duality_gap: Option<f64>,
}

pub(super) struct Penalty {
    pub l1: f64,
    pub l2: f64,
    pub positive: bool,
}

pub(super) struct Rules {
    pub max_iter: usize,
    pub tol: f64,
    /// Coefficients in random order, where given.
    pub random: Option<Random>,
}

/// How a descent ended.
pub(super) struct Descent {
    pub n_iter: usize,
    pub gap: f64,
    /// The gap that ends it.
    pub target: f64,
    pub history: Vec<Sweep>,
}

/// What the descent asks of the data.
pub(super) trait Problem {
    fn n_features(&self) -> usize;
    /// ‖y‖².
    fn target_norm2(&self) -> f64;
    /// ‖X_j‖².
    fn norm2(&self, feature: usize) -> f64;
    /// X_jᵀr.
    fn correlation(&self, feature: usize) -> f64;
    /// All of them.
    fn correlations(&self) -> Vec<f64>;
    /// Follows a change of w_j.
    fn step(&mut self, feature: usize, change: f64);
    /// ‖r‖² and rᵀy.
    fn residual_products(&self, coef: &[f64]) -> (f64, f64);
    /// Whether all correlations are at hand, so that the gap costs next to nothing.
    const GAP_IS_CHEAP: bool;
}

/// Tall data, by XᵀX and Xᵀy: a step costs p operations, however many samples there are.
pub(super) struct GramProblem<'a> {
    gram: MatRef<'a, f64>,
    xy: &'a [f64],
    yy: f64,
    /// XᵀX w.
    fitted: Vec<f64>,
}

impl<'a> GramProblem<'a> {
    pub(super) fn new(moments: &'a Moments, coef: &[f64]) -> Self {
        let mut problem = Self {
            gram: moments.gram.as_ref(),
            xy: &moments.xy,
            yy: moments.yy,
            fitted: vec![0.0; moments.n_features()],
        };
        start(&mut problem, coef);
        problem
    }
}

impl Problem for GramProblem<'_> {
    const GAP_IS_CHEAP: bool = true;

    fn n_features(&self) -> usize {
        self.xy.len()
    }

    fn target_norm2(&self) -> f64 {
        self.yy
    }

    fn norm2(&self, feature: usize) -> f64 {
        self.gram[(feature, feature)]
    }

    fn correlation(&self, feature: usize) -> f64 {
        self.xy[feature] - self.fitted[feature]
    }

    fn correlations(&self) -> Vec<f64> {
        (0..self.n_features())
            .map(|feature| self.correlation(feature))
            .collect()
    }

    fn step(&mut self, feature: usize, change: f64) {
        let column = self.gram.col(feature).try_as_col_major();
        let column = column.expect("a matrix that owns its numbers has them by columns");
        add_scaled(&mut self.fitted, change, column.as_slice());
    }

    fn residual_products(&self, coef: &[f64]) -> (f64, f64) {
        let explained = dot(coef, self.xy);
        let norm2 = self.yy - 2.0 * explained + dot(coef, &self.fitted);
        (norm2, self.yy - explained)
    }
}

/// Wide data, by its columns: a step costs n operations.
pub(super) struct ColumnProblem<'a> {
    data: &'a Centred,
    residual: Vec<f64>,
}

impl<'a> ColumnProblem<'a> {
    pub(super) fn new(data: &'a Centred, coef: &[f64]) -> Self {
        let mut problem = Self {
            data,
            residual: data.y.clone(),
        };
        start(&mut problem, coef);
        problem
    }
}

impl Problem for ColumnProblem<'_> {
    const GAP_IS_CHEAP: bool = false;

    fn n_features(&self) -> usize {
        self.data.n_features()
    }

    fn target_norm2(&self) -> f64 {
        dot(&self.data.y, &self.data.y)
    }

    fn norm2(&self, feature: usize) -> f64 {
        self.data.norms2[feature]
    }

    fn correlation(&self, feature: usize) -> f64 {
        dot(self.data.column(feature), &self.residual)
    }

    fn correlations(&self) -> Vec<f64> {
        self.data.products(&self.residual)
    }

    fn step(&mut self, feature: usize, change: f64) {
        add_scaled(&mut self.residual, -change, self.data.column(feature));
    }

    fn residual_products(&self, _: &[f64]) -> (f64, f64) {
        (
            dot(&self.residual, &self.residual),
            dot(&self.residual, &self.data.y),
        )
    }
}

fn start(problem: &mut impl Problem, coef: &[f64]) {
    for (feature, &coef) in coef.iter().enumerate() {
        if coef != 0.0 {
            problem.step(feature, coef);
        }
    }
}

/// The duality gap, and what screening needs: the correlations Xᵀr − l₂w and the largest of them.
struct Gap {
    value: f64,
    correlations: Vec<f64>,
    largest: f64,
}

fn gap(problem: &impl Problem, coef: &[f64], penalty: &Penalty) -> Gap {
    let Penalty { l1, l2, positive } = *penalty;
    let (residual2, residual_target) = problem.residual_products(coef);
    let coef2 = dot(coef, coef);
    let mut correlations = problem.correlations();
    if l1 > 0.0 {
        add_scaled(&mut correlations, -l2, coef);
    }
    if l1 == 0.0 {
        let squares = dot(&correlations, &correlations);
        // Without any penalty there is no dual: the gradient itself has to vanish.
        let value = if l2 == 0.0 {
            squares
        } else {
            residual2 + 0.5 * l2 * coef2 - residual_target + squares / (2.0 * l2)
        };
        return Gap {
            value,
            correlations,
            largest: squares,
        };
    }
    let largest = if positive {
        correlations
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max)
    } else {
        correlations
            .iter()
            .fold(0.0, |max: f64, c| max.max(c.abs()))
    };
    let scale = if largest > l1 { l1 / largest } else { 1.0 };
    let squares = residual2 + l2 * coef2;
    let l1_norm: f64 = coef.iter().map(|coef| coef.abs()).sum();
    let primal = 0.5 * squares + l1 * l1_norm;
    let dual = -0.5 * scale * scale * squares + scale * residual_target;
    Gap {
        value: primal - dual,
        correlations,
        largest,
    }
}

/// Leaves out the features that the gap proves to be 0.
fn screen(
    problem: &mut impl Problem,
    coef: &mut [f64],
    penalty: &Penalty,
    gap: &Gap,
    active: &mut Vec<usize>,
) {
    // Rounding can make a gap at the minimum negative.
    let radius = (2.0 * gap.value.abs()).sqrt() / penalty.l1;
    active.retain(|&feature| {
        let norm2 = problem.norm2(feature);
        let correlation = gap.correlations[feature] / gap.largest.max(penalty.l1);
        let stays =
            norm2 > 0.0 && (1.0 - correlation.abs()) / (norm2 + penalty.l2).sqrt() <= radius;
        if !stays && coef[feature] != 0.0 {
            problem.step(feature, -coef[feature]);
            coef[feature] = 0.0;
        }
        stays
    });
}

/// Descends from `coef`, in place.
pub(super) fn descend<P: Problem>(
    problem: &mut P,
    coef: &mut [f64],
    penalty: &Penalty,
    rules: &mut Rules,
) -> Descent {
    let target = rules.tol * problem.target_norm2();
    let mut last = gap(problem, coef, penalty);
    let mut descent = Descent {
        n_iter: 0,
        gap: last.value,
        target,
        history: Vec::new(),
    };
    if descent.converged() {
        return descent;
    }
    let mut active: Vec<usize> = (0..problem.n_features())
        .filter(|&feature| problem.norm2(feature) > 0.0)
        .collect();
    for (feature, coef) in coef.iter_mut().enumerate() {
        if problem.norm2(feature) == 0.0 {
            *coef = 0.0;
        }
    }
    let screens = penalty.l1 > 0.0;
    if screens {
        screen(problem, coef, penalty, &last, &mut active);
    }
    while descent.n_iter < rules.max_iter {
        descent.n_iter += 1;
        let (largest_step, largest_coef) = sweep(problem, coef, penalty, rules, &active);
        let is_last = descent.n_iter == rules.max_iter;
        let checks = largest_coef == 0.0 || largest_step / largest_coef <= rules.tol || is_last;
        let n_active = active.len();
        if checks || P::GAP_IS_CHEAP {
            last = gap(problem, coef, penalty);
            descent.gap = last.value;
        }
        descent.history.push(Sweep {
            largest_step,
            n_active,
            duality_gap: (checks || P::GAP_IS_CHEAP).then_some(last.value),
        });
        if checks {
            if descent.converged() {
                break;
            }
            if screens {
                screen(problem, coef, penalty, &last, &mut active);
            }
        }
    }
    descent
}

/// One pass over the active coefficients: the largest change, and the largest coefficient.
fn sweep(
    problem: &mut impl Problem,
    coef: &mut [f64],
    penalty: &Penalty,
    rules: &mut Rules,
    active: &[usize],
) -> (f64, f64) {
    let (mut largest_step, mut largest_coef) = (0.0_f64, 0.0_f64);
    for place in 0..active.len() {
        let feature = match &mut rules.random {
            None => active[place],
            Some(random) => active[random.below(active.len())],
        };
        let (before, norm2) = (coef[feature], problem.norm2(feature));
        let wanted = problem.correlation(feature) + before * norm2;
        let after = if penalty.positive && wanted < 0.0 {
            0.0
        } else {
            wanted.signum() * (wanted.abs() - penalty.l1).max(0.0) / (norm2 + penalty.l2)
        };
        if after != before {
            problem.step(feature, after - before);
            coef[feature] = after;
        }
        largest_step = largest_step.max((after - before).abs());
        largest_coef = largest_coef.max(after.abs());
    }
    (largest_step, largest_coef)
}

impl Descent {
    pub(super) fn converged(&self) -> bool {
        self.gap <= self.target
    }

    /// Gaps as bounds on the objective divided by the number of samples.
    pub(super) fn per_sample(mut self, weight: f64) -> Self {
        self.gap /= weight;
        self.target /= weight;
        for sweep in &mut self.history {
            sweep.duality_gap = sweep.duality_gap.map(|gap| gap / weight);
        }
        self
    }
}
