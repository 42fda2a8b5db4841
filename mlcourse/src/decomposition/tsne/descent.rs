//! Gradient descent with momentum and a gain for each coordinate, as t-SNE does it.

use super::Progress;
use super::gradient::Objective;

/// How many iterations pull exaggeratedly.
pub(super) const EXPLORATION: usize = 250;
/// How often the divergence is computed.
const CHECK_EVERY: usize = 50;
const LEAST_GAIN: f64 = 0.01;

#[derive(Clone, Copy, Debug)]
pub(super) struct Descent {
    pub early_exaggeration: f64,
    pub learning_rate: f64,
    pub max_iter: usize,
    pub n_iter_without_progress: usize,
    pub min_grad_norm: f64,
}

/// One of the two parts of a descent.
struct Phase {
    exaggeration: f64,
    momentum: f64,
    until: usize,
    patience: usize,
}

impl Descent {
    /// Moves `y` downhill; the divergence on the way. Both phases begin without speed.
    pub(super) fn run<const D: usize>(
        &self,
        objective: &dyn Objective<D>,
        y: &mut [[f64; D]],
    ) -> Vec<Progress> {
        let mut history = Vec::new();
        let exploration = Phase {
            exaggeration: self.early_exaggeration,
            momentum: 0.5,
            until: EXPLORATION.min(self.max_iter),
            patience: EXPLORATION,
        };
        let n_iter = self.phase(objective, y, &exploration, 0, &mut history);
        if self.max_iter > EXPLORATION {
            let refinement = Phase {
                exaggeration: 1.0,
                momentum: 0.8,
                until: self.max_iter,
                patience: self.n_iter_without_progress,
            };
            self.phase(objective, y, &refinement, n_iter, &mut history);
        }
        history
    }

    fn phase<const D: usize>(
        &self,
        objective: &dyn Objective<D>,
        y: &mut [[f64; D]],
        phase: &Phase,
        start: usize,
        history: &mut Vec<Progress>,
    ) -> usize {
        let mut gradient = vec![[0.0; D]; y.len()];
        let mut velocity = vec![[0.0; D]; y.len()];
        let mut gains = vec![[1.0f64; D]; y.len()];
        let (mut best, mut best_iteration) = (f64::INFINITY, start);
        for iteration in start..phase.until {
            let last = iteration + 1 == phase.until;
            let check = (iteration + 1) % CHECK_EVERY == 0;
            let divergence =
                objective.evaluate(y, phase.exaggeration, &mut gradient, check || last);
            let mut squares = 0.0;
            for (((y, gradient), velocity), gains) in y
                .iter_mut()
                .zip(&gradient)
                .zip(&mut velocity)
                .zip(&mut gains)
            {
                for axis in 0..D {
                    let turned = velocity[axis] * gradient[axis] < 0.0;
                    let gain = if turned {
                        gains[axis] + 0.2
                    } else {
                        gains[axis] * 0.8
                    };
                    gains[axis] = gain.max(LEAST_GAIN);
                    let slope = gradient[axis] * gains[axis];
                    squares += slope * slope;
                    velocity[axis] = phase.momentum * velocity[axis] - self.learning_rate * slope;
                    y[axis] += velocity[axis];
                }
            }
            let Some(kl_divergence) = divergence else {
                continue;
            };
            let gradient_norm = squares.sqrt();
            history.push(Progress {
                iteration: iteration + 1,
                kl_divergence,
                gradient_norm,
                exaggerated: phase.exaggeration != 1.0,
            });
            if !check {
                continue;
            }
            if kl_divergence < best {
                (best, best_iteration) = (kl_divergence, iteration);
            } else if iteration - best_iteration > phase.patience {
                return iteration + 1;
            }
            if gradient_norm <= self.min_grad_norm {
                return iteration + 1;
            }
        }
        phase.until
    }
}
