use super::lbfgs::{History, Minimum, Objective, Stop, dot, max_abs, norm};

/// Sufficient decrease.
const DECREASE: f64 = 1e-4;

/// The orthant-wise limited-memory quasi-Newton method: minimises f(x) + Σ λ_j |x_j| with f smooth.
///
/// Within an orthant, where no variable changes its sign, the penalty is linear. Each step goes along −H∇, where ∇ is the
/// steepest slope of the whole and H is approximated from f alone as in [`Lbfgs`](super::Lbfgs); variables that would
/// leave the orthant stop at 0.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `max_iter` | 100 | the most iterations |
/// | `tol` | 1e-4 | converged when every component of the steepest slope is at most this |
/// | `memory` | 10 | how many past steps approximate the curvature |
///
/// ```
/// use mlcourse::optimize::OwlQn;
///
/// // ½ (x₀ − 3)² + ½ (x₁ − 0.5)² + |x₀| + |x₁| is smallest at (2, 0).
/// let mut f = |x: &[f64], gradient: &mut [f64]| {
///     (gradient[0], gradient[1]) = (x[0] - 3.0, x[1] - 0.5);
///     0.5 * (x[0] - 3.0).powi(2) + 0.5 * (x[1] - 0.5).powi(2)
/// };
/// let minimum = OwlQn::new().tol(1e-9).minimize(&mut f, &[1.0, 1.0], vec![0.0, 0.0]);
/// assert!((minimum.x[0] - 2.0).abs() < 1e-8);
/// assert_eq!(minimum.x[1], 0.0);
/// ```
///
/// Source: G. Andrew and J. Gao, *Scalable training of L1-regularized log-linear models*, 2007.
#[derive(Clone, Debug, PartialEq)]
pub struct OwlQn {
    max_iter: usize,
    tol: f64,
    memory: usize,
    max_evaluations: usize,
}

impl Default for OwlQn {
    fn default() -> Self {
        Self {
            max_iter: 100,
            tol: 1e-4,
            memory: 10,
            max_evaluations: 60,
        }
    }
}

impl OwlQn {
    /// The method with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most iterations.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// The largest component of the steepest slope that counts as 0.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// How many past steps approximate the curvature; at least 1.
    #[must_use]
    pub fn memory(mut self, memory: usize) -> Self {
        self.memory = memory.max(1);
        self
    }

    /// Minimises `f` plus Σ `l1`_j |x_j| from the place `x`; a variable beyond the end of `l1` is not penalised.
    pub fn minimize(&self, f: &mut Objective<'_>, l1: &[f64], x: Vec<f64>) -> Minimum {
        let mut l1 = l1.to_vec();
        l1.resize(x.len(), 0.0);
        let mut state = State::new(f, x, &l1);
        let mut history = History::new(self.memory);
        let mut values = vec![state.value];
        let stop = loop {
            if max_abs(&state.steepest) <= self.tol {
                break Stop::Gradient;
            }
            if values.len() > self.max_iter {
                break Stop::MaxIter;
            }
            let mut direction = history.direction(&state.steepest);
            for ((along, slope), l1) in direction.iter_mut().zip(&state.steepest).zip(&l1) {
                if *l1 > 0.0 && *along * slope >= 0.0 {
                    *along = 0.0;
                }
            }
            let from_steepest = history.pairs.is_empty();
            let first_step = if from_steepest {
                1.0 / norm(&direction)
            } else {
                1.0
            };
            let before = state.value;
            match state.advance(f, &l1, &direction, first_step, self.max_evaluations) {
                Some((step, change)) => history.remember(step, change),
                None if history.pairs.is_empty() && values.len() > 1 => break Stop::Decrease,
                None if history.pairs.is_empty() => break Stop::LineSearch,
                None => {
                    history.pairs.clear();
                    continue;
                }
            }
            values.push(state.value);
            let least = f64::EPSILON * before.abs().max(state.value.abs()).max(1.0);
            if max_abs(&state.steepest) > self.tol && before - state.value <= least {
                // A step that variables at 0 cut short says little: only the steepest slope has the last word.
                if from_steepest {
                    break Stop::Decrease;
                }
                history.pairs.clear();
            }
        };
        Minimum {
            gradient_norm: max_abs(&state.steepest),
            x: state.x,
            value: state.value,
            n_iter: values.len() - 1,
            n_evaluations: state.n_evaluations,
            history: values,
            stop,
        }
    }
}

/// Where the minimisation is. The value is that of the whole, the gradient that of the smooth part.
struct State {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    steepest: Vec<f64>,
    n_evaluations: usize,
}

impl State {
    fn new(f: &mut Objective<'_>, x: Vec<f64>, l1: &[f64]) -> Self {
        let mut gradient = vec![0.0; x.len()];
        let value = f(&x, &mut gradient) + penalty(&x, l1);
        Self {
            steepest: steepest(&x, &gradient, l1),
            x,
            value,
            gradient,
            n_evaluations: 1,
        }
    }

    /// Goes along a direction as far as the orthant, halving the step until the value is low enough.
    fn advance(
        &mut self,
        f: &mut Objective<'_>,
        l1: &[f64],
        direction: &[f64],
        first_step: f64,
        max_evaluations: usize,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let mut x = self.x.clone();
        let mut gradient = self.gradient.clone();
        let mut length = first_step;
        for _ in 0..max_evaluations {
            for place in 0..x.len() {
                let from = self.x[place];
                let to = from + length * direction[place];
                let orthant = if from == 0.0 {
                    -self.steepest[place]
                } else {
                    from
                };
                x[place] = if l1[place] > 0.0 && to * orthant <= 0.0 {
                    0.0
                } else {
                    to
                };
            }
            let value = f(&x, &mut gradient) + penalty(&x, l1);
            self.n_evaluations += 1;
            let step: Vec<f64> = x.iter().zip(&self.x).map(|(to, from)| to - from).collect();
            let expected = dot(&self.steepest, &step);
            if value.is_finite() && value <= self.value + DECREASE * expected && expected < 0.0 {
                let change = gradient
                    .iter()
                    .zip(&self.gradient)
                    .map(|(now, before)| now - before)
                    .collect();
                self.steepest = steepest(&x, &gradient, l1);
                (self.x, self.gradient, self.value) = (x, gradient, value);
                return Some((step, change));
            }
            length *= 0.5;
        }
        None
    }
}

fn penalty(x: &[f64], l1: &[f64]) -> f64 {
    x.iter().zip(l1).map(|(x, l1)| l1 * x.abs()).sum()
}

/// The slope of the whole: at a corner the one that descends, or 0 where none does.
fn steepest(x: &[f64], gradient: &[f64], l1: &[f64]) -> Vec<f64> {
    x.iter()
        .zip(gradient)
        .zip(l1)
        .map(|((&x, &slope), &l1)| {
            if x > 0.0 {
                slope + l1
            } else if x < 0.0 {
                slope - l1
            } else if slope + l1 < 0.0 {
                slope + l1
            } else if slope - l1 > 0.0 {
                slope - l1
            } else {
                0.0
            }
        })
        .collect()
}
