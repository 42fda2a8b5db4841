use super::line_search::{Point, search};
use std::collections::VecDeque;
use std::fmt;

/// The longest first step.
const MAX_STEP: f64 = 1e10;

/// The L-BFGS method.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `max_iter` | 100 | the most iterations |
/// | `tol` | 1e-4 | converged when every component of the gradient is at most this |
/// | `memory` | 10 | how many past steps approximate the curvature |
///
/// It also stops when a step lowers f by no more than 64 ε · max(|f|, 1), ε = 2.2·10⁻¹⁶.
#[derive(Clone, Debug, PartialEq)]
pub struct Lbfgs {
    max_iter: usize,
    tol: f64,
    memory: usize,
    max_evaluations: usize,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Self {
            max_iter: 100,
            tol: 1e-4,
            memory: 10,
            max_evaluations: 50,
        }
    }
}

/// Why a minimisation stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The gradient is as small as asked.
    Gradient,
    /// The function no longer decreases beyond rounding.
    Decrease,
    /// It did all iterations allowed.
    MaxIter,
    /// No step along the steepest descent lowers the function: its gradient is wrong or its values are not finite.
    LineSearch,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gradient => "the gradient is below the tolerance",
            Self::Decrease => "the function decreases no further",
            Self::MaxIter => "all iterations allowed are done",
            Self::LineSearch => "no step lowers the function",
        })
    }
}

/// Where a minimisation stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// The place.
    pub x: Vec<f64>,
    /// The function's value there.
    pub value: f64,
    /// The largest component of the gradient there, in absolute value.
    pub gradient_norm: f64,
    /// The number of iterations.
    pub n_iter: usize,
    /// The number of times the function was evaluated.
    pub n_evaluations: usize,
    /// The function's value at the start and after each iteration.
    pub history: Vec<f64>,
    /// Why it stopped.
    pub stop: Stop,
}

impl Minimum {
    /// Whether it stopped at a minimum.
    pub fn converged(&self) -> bool {
        matches!(self.stop, Stop::Gradient | Stop::Decrease)
    }
}

/// A function of many variables: returns its value at the first slice, writes its gradient into the second.
pub type Objective<'a> = dyn FnMut(&[f64], &mut [f64]) -> f64 + 'a;

impl Lbfgs {
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

    /// The largest component of the gradient that counts as 0.
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

    /// Minimises `f` from the place `x`. `f` returns its value at the first slice and writes its gradient into the
    /// second.
    pub fn minimize(&self, f: &mut Objective<'_>, x: Vec<f64>) -> Minimum {
        let mut state = State::new(f, x);
        let mut history = History::new(self.memory);
        let mut n_iter = 0;
        let mut values = vec![state.value];
        let stop = loop {
            if max_abs(&state.gradient) <= self.tol {
                break Stop::Gradient;
            }
            if n_iter == self.max_iter {
                break Stop::MaxIter;
            }
            let mut direction = history.direction(&state.gradient);
            if dot(&direction, &state.gradient) >= 0.0 {
                history.pairs.clear();
                direction = history.direction(&state.gradient);
            }
            let first_step = if n_iter == 0 {
                (1.0 / norm(&direction)).min(MAX_STEP)
            } else {
                1.0
            };
            let before = state.value;
            match state.advance(f, &direction, first_step, self.max_evaluations) {
                Some((step, change)) => history.remember(step, change),
                None if history.pairs.is_empty() => break Stop::LineSearch,
                None => {
                    history.pairs.clear();
                    continue;
                }
            }
            n_iter += 1;
            values.push(state.value);
            if max_abs(&state.gradient) > self.tol
                && before - state.value
                    <= 64.0 * f64::EPSILON * before.abs().max(state.value.abs()).max(1.0)
            {
                break Stop::Decrease;
            }
        };
        Minimum {
            gradient_norm: max_abs(&state.gradient),
            x: state.x,
            value: state.value,
            n_iter,
            n_evaluations: state.n_evaluations,
            history: values,
            stop,
        }
    }
}

/// Where the minimisation is.
struct State {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    n_evaluations: usize,
}

impl State {
    fn new(f: &mut Objective<'_>, x: Vec<f64>) -> Self {
        let mut gradient = vec![0.0; x.len()];
        let value = f(&x, &mut gradient);
        Self {
            x,
            value,
            gradient,
            n_evaluations: 1,
        }
    }

    /// Goes along a direction; gives the step and the change of the gradient, or stays where it is.
    fn advance(
        &mut self,
        f: &mut Objective<'_>,
        direction: &[f64],
        first_step: f64,
        max_evaluations: usize,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let start = Point {
            step: 0.0,
            value: self.value,
            slope: dot(direction, &self.gradient),
        };
        if start.slope >= 0.0 || !start.slope.is_finite() {
            return None;
        }
        let mut x = self.x.clone();
        let mut gradient = self.gradient.clone();
        let mut n_evaluations = 0;
        let found = search(
            &mut |step| {
                n_evaluations += 1;
                for ((x, from), along) in x.iter_mut().zip(&self.x).zip(direction) {
                    *x = from + step * along;
                }
                let value = f(&x, &mut gradient);
                (value, dot(direction, &gradient))
            },
            start,
            first_step,
            MAX_STEP,
            max_evaluations,
        );
        self.n_evaluations += n_evaluations;
        let found = found?;
        let step = direction.iter().map(|along| found.step * along).collect();
        let change = gradient
            .iter()
            .zip(&self.gradient)
            .map(|(now, before)| now - before)
            .collect();
        self.x = x;
        self.gradient = gradient;
        self.value = found.value;
        Some((step, change))
    }
}

/// The last steps and changes of the gradient, with 1 / sᵀy.
pub(super) struct History {
    pub(super) pairs: VecDeque<(Vec<f64>, Vec<f64>, f64)>,
    memory: usize,
}

impl History {
    pub(super) fn new(memory: usize) -> Self {
        Self {
            pairs: VecDeque::with_capacity(memory),
            memory,
        }
    }

    /// −H∇f by the two-loop recursion.
    pub(super) fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
        let mut weights = Vec::with_capacity(self.pairs.len());
        for (step, change, inverse) in self.pairs.iter().rev() {
            let weight = inverse * dot(step, &direction);
            add(&mut direction, -weight, change);
            weights.push(weight);
        }
        if let Some((_, change, inverse)) = self.pairs.back() {
            let scale = 1.0 / (inverse * dot(change, change));
            direction.iter_mut().for_each(|along| *along *= scale);
        }
        for ((step, change, inverse), weight) in self.pairs.iter().zip(weights.iter().rev()) {
            let factor = weight - inverse * dot(change, &direction);
            add(&mut direction, factor, step);
        }
        direction
    }

    /// Keeps a pair whose curvature is positive beyond rounding.
    pub(super) fn remember(&mut self, step: Vec<f64>, change: Vec<f64>) {
        let curvature = dot(&step, &change);
        if curvature <= f64::EPSILON * dot(&change, &change) {
            return;
        }
        if self.pairs.len() == self.memory {
            self.pairs.pop_front();
        }
        self.pairs.push_back((step, change, 1.0 / curvature));
    }
}

pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    to.iter_mut()
        .zip(what)
        .for_each(|(to, what)| *to += factor * what);
}

pub(super) fn norm(vector: &[f64]) -> f64 {
    dot(vector, vector).sqrt()
}

pub(super) fn max_abs(vector: &[f64]) -> f64 {
    vector
        .iter()
        .fold(0.0, |largest, value| largest.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
        let (a, b) = (x[0], x[1]);
        gradient[0] = -2.0 * (1.0 - a) - 400.0 * a * (b - a * a);
        gradient[1] = 200.0 * (b - a * a);
        (1.0 - a).powi(2) + 100.0 * (b - a * a).powi(2)
    }

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_minimum() {
        let minimum = Lbfgs::new()
            .tol(1e-9)
            .minimize(&mut rosenbrock, vec![-1.2, 1.0]);
        assert!(minimum.converged(), "{minimum:?}");
        assert!((minimum.x[0] - 1.0).abs() < 1e-7, "{minimum:?}");
        assert!(minimum.n_evaluations < 60, "{minimum:?}");
    }

    #[test]
    fn too_few_iterations_are_said() {
        let minimum = Lbfgs::new()
            .max_iter(3)
            .minimize(&mut rosenbrock, vec![-1.2, 1.0]);
        assert_eq!((minimum.stop, minimum.n_iter), (Stop::MaxIter, 3));
    }

    #[test]
    fn a_function_whose_gradient_lies_stops_without_a_minimum() {
        let mut liar = |x: &[f64], gradient: &mut [f64]| {
            gradient[0] = -1.0;
            x[0]
        };
        assert_eq!(
            Lbfgs::new().minimize(&mut liar, vec![0.0]).stop,
            Stop::LineSearch
        );
    }

    #[test]
    fn a_step_out_of_the_domain_comes_back() {
        let mut barrier = |x: &[f64], gradient: &mut [f64]| {
            gradient[0] = 1e6 - 1.0 / x[0];
            1e6 * x[0] - x[0].ln()
        };
        let minimum = Lbfgs::new().tol(1e-3).minimize(&mut barrier, vec![1e-3]);
        assert!(
            minimum.converged() && (minimum.x[0] - 1e-6).abs() < 1e-9,
            "{minimum:?}"
        );
    }
}
