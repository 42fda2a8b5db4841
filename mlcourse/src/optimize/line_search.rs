//! The line search of Moré and Thuente (*Line search algorithms with guaranteed sufficient decrease*, 1994).

/// Sufficient decrease, c₁.
const DECREASE: f64 = 1e-3;
/// Curvature, c₂.
const CURVATURE: f64 = 0.9;
/// The relative width of an interval that is not searched further.
const WIDTH: f64 = 0.1;

/// A step, the function's value there and its slope along the direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub step: f64,
    pub value: f64,
    pub slope: f64,
}

impl Point {
    /// The same point of f(α) − tilt · α.
    fn tilted(self, tilt: f64) -> Self {
        Self {
            value: self.value - self.step * tilt,
            slope: self.slope - tilt,
            ..self
        }
    }
}

/// The interval that holds the minimum, once `bracketed`: the best end and the other.
struct Interval {
    best: Point,
    other: Point,
    bracketed: bool,
    low: f64,
    high: f64,
}

/// Finds a step that satisfies the strong Wolfe conditions, or one that decreases when rounding allows no better.
///
/// `start` is the point at step 0, its slope negative. `None` when `max_evaluations` find nothing.
pub(super) fn search(
    evaluate: &mut dyn FnMut(f64) -> (f64, f64),
    start: Point,
    first_step: f64,
    max_step: f64,
    max_evaluations: usize,
) -> Option<Point> {
    let slope_test = DECREASE * start.slope;
    let mut interval = Interval {
        best: start,
        other: start,
        bracketed: false,
        low: 0.0,
        high: 5.0 * first_step,
    };
    let mut max_step = max_step;
    let mut width = max_step;
    let mut width_before = 2.0 * width;
    let mut first_stage = true;
    let mut step = first_step;
    for _ in 0..max_evaluations {
        let (value, slope) = evaluate(step);
        if !(value.is_finite() && slope.is_finite()) {
            // Out of the function's domain: come back halfway and go no further than that.
            max_step = 0.5 * (interval.best.step + step);
            step = max_step;
            interval.high = interval.high.min(max_step);
            continue;
        }
        let trial = Point { step, value, slope };
        let ceiling = start.value + step * slope_test;
        if first_stage && value <= ceiling && slope >= 0.0 {
            first_stage = false;
        }
        let wolfe = value <= ceiling && slope.abs() <= -CURVATURE * start.slope;
        let at_max = step >= max_step && value <= ceiling && slope <= slope_test;
        if wolfe || at_max || interval.is_exhausted(step) {
            return (value <= start.value).then_some(trial);
        }
        step = if first_stage && value <= interval.best.value && value > ceiling {
            interval.tilt(slope_test);
            let step = interval.update(trial.tilted(slope_test));
            interval.tilt(-slope_test);
            step
        } else {
            interval.update(trial)
        };
        let (best, other) = (interval.best.step, interval.other.step);
        if interval.bracketed {
            if (other - best).abs() >= 0.66 * width_before {
                step = best + 0.5 * (other - best);
            }
            width_before = width;
            width = (other - best).abs();
            interval.low = best.min(other);
            interval.high = best.max(other);
        } else {
            interval.low = step + 1.1 * (step - best);
            interval.high = step + 4.0 * (step - best);
        }
        step = step.clamp(0.0, max_step);
        if interval.is_exhausted(step) {
            step = best;
        }
    }
    None
}

impl Interval {
    fn is_exhausted(&self, step: f64) -> bool {
        self.bracketed
            && (step <= self.low || step >= self.high || self.high - self.low <= WIDTH * self.high)
    }

    fn tilt(&mut self, tilt: f64) {
        self.best = self.best.tilted(tilt);
        self.other = self.other.tilted(tilt);
    }

    /// Takes a trial point into the interval and proposes the next step by cubic and secant interpolation.
    fn update(&mut self, trial: Point) -> f64 {
        let best = self.best;
        let opposite = trial.slope * best.slope.signum() < 0.0;
        let next = if trial.value > best.value {
            self.bracketed = true;
            between_higher(best, trial)
        } else if opposite {
            self.bracketed = true;
            between_opposite(best, trial)
        } else if trial.slope.abs() < best.slope.abs() {
            self.beyond_flatter(trial)
        } else if self.bracketed {
            beyond_steeper(self.other, trial)
        } else if trial.step > best.step {
            self.high
        } else {
            self.low
        };
        if trial.value > best.value {
            self.other = trial;
        } else {
            if opposite {
                self.other = best;
            }
            self.best = trial;
        }
        next
    }

    /// Lower, the slope of the same sign but flatter: the minimum lies beyond, the cubic may not have one.
    fn beyond_flatter(&self, trial: Point) -> f64 {
        let best = self.best;
        let theta = cubic_theta(best, trial);
        let scale = theta.abs().max(best.slope.abs()).max(trial.slope.abs());
        let inside = (theta / scale).powi(2) - (best.slope / scale) * (trial.slope / scale);
        let mut gamma = scale * inside.max(0.0).sqrt();
        if trial.step > best.step {
            gamma = -gamma;
        }
        let r = ((gamma - trial.slope) + theta) / ((gamma + (best.slope - trial.slope)) + gamma);
        let cubic = if r < 0.0 && gamma != 0.0 {
            trial.step + r * (best.step - trial.step)
        } else if trial.step > best.step {
            self.high
        } else {
            self.low
        };
        let secant = secant(best, trial);
        let cubic_is_closer = (cubic - trial.step).abs() < (secant - trial.step).abs();
        if self.bracketed {
            let next = if cubic_is_closer { cubic } else { secant };
            let limit = trial.step + 0.66 * (self.other.step - trial.step);
            if trial.step > best.step {
                next.min(limit)
            } else {
                next.max(limit)
            }
        } else {
            let next = if cubic_is_closer { secant } else { cubic };
            next.max(self.low).min(self.high)
        }
    }
}

/// Higher than the best: the minimum lies between.
fn between_higher(best: Point, trial: Point) -> f64 {
    let theta = cubic_theta(best, trial);
    let mut gamma = cubic_gamma(theta, best.slope, trial.slope);
    if trial.step < best.step {
        gamma = -gamma;
    }
    let r = ((gamma - best.slope) + theta) / (((gamma - best.slope) + gamma) + trial.slope);
    let length = trial.step - best.step;
    let cubic = best.step + r * length;
    let chord = (best.value - trial.value) / length;
    let quadratic = best.step + best.slope / (chord + best.slope) / 2.0 * length;
    if (cubic - best.step).abs() < (quadratic - best.step).abs() {
        cubic
    } else {
        cubic + (quadratic - cubic) / 2.0
    }
}

/// Lower, the slope of the other sign: the minimum lies between.
fn between_opposite(best: Point, trial: Point) -> f64 {
    let theta = cubic_theta(best, trial);
    let mut gamma = cubic_gamma(theta, best.slope, trial.slope);
    if trial.step > best.step {
        gamma = -gamma;
    }
    let r = ((gamma - trial.slope) + theta) / (((gamma - trial.slope) + gamma) + best.slope);
    let cubic = trial.step + r * (best.step - trial.step);
    let secant = secant(best, trial);
    if (cubic - trial.step).abs() > (secant - trial.step).abs() {
        cubic
    } else {
        secant
    }
}

/// Lower and steeper inside a bracket: interpolate towards the other end.
fn beyond_steeper(other: Point, trial: Point) -> f64 {
    let theta =
        3.0 * (trial.value - other.value) / (other.step - trial.step) + other.slope + trial.slope;
    let mut gamma = cubic_gamma(theta, other.slope, trial.slope);
    if trial.step > other.step {
        gamma = -gamma;
    }
    let r = ((gamma - trial.slope) + theta) / (((gamma - trial.slope) + gamma) + other.slope);
    trial.step + r * (other.step - trial.step)
}

fn cubic_theta(best: Point, trial: Point) -> f64 {
    3.0 * (best.value - trial.value) / (trial.step - best.step) + best.slope + trial.slope
}

fn cubic_gamma(theta: f64, left: f64, right: f64) -> f64 {
    let scale = theta.abs().max(left.abs()).max(right.abs());
    // Rounding alone can make it negative.
    let inside = (theta / scale).powi(2) - (left / scale) * (right / scale);
    scale * inside.max(0.0).sqrt()
}

fn secant(best: Point, trial: Point) -> f64 {
    trial.step + trial.slope / (trial.slope - best.slope) * (best.step - trial.step)
}
