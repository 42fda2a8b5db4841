use super::rows::{self, is_constant, map_finite};
use crate::dataset::Lineage;
use crate::display::Table;
use crate::estimator::{choice, parameters, transformer};
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};

/// The family of curves of a [`PowerTransformer`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PowerMethod {
    /// For all numbers.
    #[default]
    YeoJohnson,
    /// For numbers above 0.
    BoxCox,
}

choice!(PowerMethod { YeoJohnson = "yeo-johnson", BoxCox = "box-cox" });

/// Bends each feature by a power so that it looks more like a normal distribution: for skewed data.
///
/// | method | z, with λ of the column | at the exception |
/// |---|---|---|
/// | Yeo–Johnson, x ≥ 0 | ((x + 1)^λ − 1) / λ | λ = 0: ln(x + 1) |
/// | Yeo–Johnson, x < 0 | −((1 − x)^(2−λ) − 1) / (2 − λ) | λ = 2: −ln(1 − x) |
/// | Box–Cox, x > 0 | (x^λ − 1) / λ | λ = 0: ln x |
///
/// λ maximises the likelihood of a normal distribution, −n/2 · ln Var(z) + Σ ln |dz/dx|. A constant column keeps λ = 1.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `method` | `yeo-johnson` | or `box-cox`, for numbers above 0 only |
/// | `standardize` | true | then bring to mean 0 and variance 1 |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let incomes = array![[1.0], [2.0], [4.0], [8.0], [16.0], [32.0]];
/// let power = PowerTransformer::new().method(PowerMethod::BoxCox).fit(&incomes)?;
/// // They double at each step: their logarithm is what is even, and λ = 0 is the logarithm.
/// assert!(power.lambdas()[0].abs() < 1e-6);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *PowerTransformer*; Yeo and Johnson, *A new family of power transformations* (2000).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerTransformer {
    method: PowerMethod,
    standardize: bool,
}

impl Default for PowerTransformer {
    fn default() -> Self {
        Self {
            method: PowerMethod::YeoJohnson,
            standardize: true,
        }
    }
}

impl PowerTransformer {
    /// A transformer with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The family of curves.
    #[must_use]
    pub fn method(mut self, method: PowerMethod) -> Self {
        self.method = method;
        self
    }

    /// Whether to bring the result to mean 0 and variance 1.
    #[must_use]
    pub fn standardize(mut self, standardize: bool) -> Self {
        self.standardize = standardize;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedPowerTransformer> {
        rows::check_finite(&x)?;
        check_positive(self.method, &x)?;
        let fits = rows::map_columns(&x, |_, values| {
            let lambda = self.method.most_likely(values);
            for value in values.iter_mut() {
                *value = self.method.bend(*value, lambda);
            }
            let (mean, var) = moments(values);
            let scale = if is_constant(mean, var, values.len()) {
                1.0
            } else {
                var.sqrt()
            };
            (lambda, mean, scale)
        });
        let column = |of: fn(&(f64, f64, f64)) -> f64| fits.iter().map(of).collect::<Array1<f64>>();
        let (lambdas, shift, scale) = (column(|f| f.0), column(|f| f.1), column(|f| f.2));
        if let Some(column) = (0..fits.len()).find(|&j| !(shift[j] + scale[j]).is_finite()) {
            return Err(Error::Overflow { what: "x", column });
        }
        let n_features = x.ncols();
        Ok(FittedPowerTransformer {
            method: self.method,
            lambdas,
            shift: if self.standardize {
                shift
            } else {
                Array1::zeros(n_features)
            },
            scale: if self.standardize {
                scale
            } else {
                Array1::ones(n_features)
            },
            lineage: Lineage::default(),
        })
    }
}

fn check_positive(method: PowerMethod, x: &ArrayRef2<f64>) -> Result<()> {
    let wrong = match method {
        PowerMethod::YeoJohnson => None,
        PowerMethod::BoxCox => x.iter().find(|value| **value <= 0.0),
    };
    match wrong {
        None => Ok(()),
        Some(value) => Err(Error::parameter(
            "x",
            "above 0 everywhere for Box–Cox (Yeo–Johnson takes all numbers)",
            value,
        )),
    }
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let var = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    (mean, var)
}

impl PowerMethod {
    fn bend(self, x: f64, lambda: f64) -> f64 {
        match self {
            Self::BoxCox => power(x.ln(), lambda),
            Self::YeoJohnson if x >= 0.0 => power(x.ln_1p(), lambda),
            Self::YeoJohnson => -power((-x).ln_1p(), 2.0 - lambda),
        }
    }

    fn unbend(self, z: f64, lambda: f64) -> f64 {
        match self {
            Self::BoxCox => root(z, lambda).exp(),
            Self::YeoJohnson if z >= 0.0 => root(z, lambda).exp_m1(),
            Self::YeoJohnson => -root(-z, 2.0 - lambda).exp_m1(),
        }
    }

    /// The λ under which the bent numbers are most likely normal.
    fn most_likely(self, values: &[f64]) -> f64 {
        let (mean, var) = moments(values);
        if is_constant(mean, var, values.len()) {
            return 1.0;
        }
        // What the curve raises to the power, as its logarithm, signed by the branch.
        let logs: Vec<f64> = match self {
            Self::BoxCox => values.iter().map(|x| x.ln()).collect(),
            Self::YeoJohnson => values
                .iter()
                .map(|x| x.signum() * x.abs().ln_1p())
                .collect(),
        };
        let slope: f64 = logs.iter().sum();
        let n = values.len() as f64;
        let mut bent = vec![0.0; logs.len()];
        let mut cost = |lambda: f64| {
            for (bent, &log) in bent.iter_mut().zip(&logs) {
                *bent = match self {
                    Self::YeoJohnson if log < 0.0 => -power(-log, 2.0 - lambda),
                    _ => power(log, lambda),
                };
            }
            let (_, var) = moments(&bent);
            let cost = 0.5 * n * var.ln() - (lambda - 1.0) * slope;
            if cost.is_finite() {
                cost
            } else {
                f64::INFINITY
            }
        };
        let (low, high) = bracket(&mut cost);
        brent(&mut cost, low, high)
    }
}

/// (e^(λ·log) − 1) / λ, which is log for λ = 0.
fn power(log: f64, lambda: f64) -> f64 {
    if lambda.abs() < f64::EPSILON {
        log
    } else {
        (lambda * log).exp_m1() / lambda
    }
}

/// The log of which [`power`] is z.
fn root(z: f64, lambda: f64) -> f64 {
    if lambda.abs() < f64::EPSILON {
        z
    } else {
        (z * lambda).ln_1p() / lambda
    }
}

/// An interval that holds the minimum of a function that falls and then rises.
fn bracket(cost: &mut dyn FnMut(f64) -> f64) -> (f64, f64) {
    let (mut low, mut high) = (-2.0, 2.0);
    let middle = cost(0.5);
    let mut step = 2.0;
    while step < 1e4 && cost(low) <= middle {
        low -= step;
        step *= 2.0;
    }
    step = 2.0;
    while step < 1e4 && cost(high) <= middle {
        high += step;
        step *= 2.0;
    }
    (low, high)
}

/// The minimum of a function between two places: Brent's parabolas, with golden section where they fail.
fn brent(cost: &mut dyn FnMut(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const GOLDEN: f64 = 0.381_966_011_250_105_1;
    const TOLERANCE: f64 = 1.48e-8;
    let mut best = low + GOLDEN * (high - low);
    let (mut second, mut third) = (best, best);
    let mut best_cost = cost(best);
    let (mut second_cost, mut third_cost) = (best_cost, best_cost);
    let (mut step, mut last_step) = (0.0_f64, 0.0_f64);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        let tolerance = TOLERANCE * best.abs() + 1e-11;
        if (best - middle).abs() <= 2.0 * tolerance - 0.5 * (high - low) {
            break;
        }
        let r = (best - second) * (best_cost - third_cost);
        let q = (best - third) * (best_cost - second_cost);
        let p = (best - third) * q - (best - second) * r;
        let q = 2.0 * (q - r);
        let (p, q) = if q > 0.0 { (-p, q) } else { (p, -q) };
        let parabola = last_step.abs() > tolerance
            && p.abs() < (0.5 * q * last_step).abs()
            && p > q * (low - best)
            && p < q * (high - best);
        if parabola {
            last_step = step;
            step = p / q;
        } else {
            last_step = if best < middle {
                high - best
            } else {
                low - best
            };
            step = GOLDEN * last_step;
        }
        let at = best
            + if step.abs() >= tolerance {
                step
            } else {
                tolerance.copysign(step)
            };
        let at_cost = cost(at);
        if at_cost <= best_cost {
            if at < best {
                high = best
            } else {
                low = best
            }
            (third, third_cost) = (second, second_cost);
            (second, second_cost) = (best, best_cost);
            (best, best_cost) = (at, at_cost);
        } else {
            if at < best {
                low = at
            } else {
                high = at
            }
            if at_cost <= second_cost || second == best {
                (third, third_cost) = (second, second_cost);
                (second, second_cost) = (at, at_cost);
            } else if at_cost <= third_cost || third == best || third == second {
                (third, third_cost) = (at, at_cost);
            }
        }
    }
    best
}

/// A [`PowerTransformer`] that has seen its training data. It shows as a table of λ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedPowerTransformer {
    method: PowerMethod,
    lambdas: Array1<f64>,
    shift: Array1<f64>,
    scale: Array1<f64>,
    lineage: Lineage,
}

transformer!(PowerTransformer => FittedPowerTransformer);
parameters!(PowerTransformer {
    method,
    standardize
});
shown!(FittedPowerTransformer);

impl FittedPowerTransformer {
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features("PowerTransformer::transform", self.lambdas.len(), &x)?;
        check_positive(self.method, &x)?;
        self.each(&x, |value, lambda, shift, scale| {
            (self.method.bend(value, lambda) - shift) / scale
        })
    }

    /// What [`transform`](Self::transform) started from; NaN where the curve does not reach.
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn inverse_transform(&self, z: &ArrayRef2<f64>) -> Result<Array2<f64>> {
        check::n_features("PowerTransformer::inverse_transform", self.lambdas.len(), z)?;
        self.each(&z.view(), |value, lambda, shift, scale| {
            self.method.unbend(value * scale + shift, lambda)
        })
    }

    fn each(
        &self,
        x: &ArrayView2<'_, f64>,
        change: impl Fn(f64, f64, f64, f64) -> f64 + Sync,
    ) -> Result<Array2<f64>> {
        let n_columns = self.lambdas.len();
        map_finite(x, n_columns, |rows, out| {
            for (place, (out, &value)) in out.iter_mut().zip(rows).enumerate() {
                let column = place % n_columns;
                *out = change(
                    value,
                    self.lambdas[column],
                    self.shift[column],
                    self.scale[column],
                );
            }
        })
    }

    /// The names of the columns: those it was given.
    pub fn feature_names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }

    /// λ of each column, shape (n_features).
    pub fn lambdas(&self) -> &Array1<f64> {
        &self.lambdas
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["feature", "λ", "mean after", "scale after"])
            .caption(format!("PowerTransformer, {}", self.method));
        for (feature, &lambda) in self.lambdas.iter().enumerate() {
            let (shift, scale) = (self.shift[feature], self.scale[feature]);
            table.push(vec![
                feature.into(),
                lambda.into(),
                shift.into(),
                scale.into(),
            ]);
        }
        table
    }
}
