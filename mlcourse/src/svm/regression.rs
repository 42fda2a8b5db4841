use super::kernel::{Gamma, Kernel, KernelFunction, Panels};
use super::smo::{self, Problem};
use super::svc::{MAX_STEPS, positive};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{parameters, regressor};
use crate::warning::{self, Warning};
use crate::{Error, Result, check, simd};
use ndarray::{Array1, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Support vector regression: a function as flat as possible, with errors below ε for free.
///
/// f(x) = wᵀφ(x) + b minimises ½ ‖w‖² + C Σ_i s_i max(0, |y_i − f(x_i)| − ε), s_i the sample's weight.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `c` | 1.0 | C, the price of an error beyond ε | (0, ∞) |
/// | `epsilon` | 0.1 | ε | \[0, ∞) |
/// | `kernel` | `Rbf` | [`Kernel`] | |
/// | `degree` | 3 | d of the polynomial kernel | |
/// | `gamma` | `Scale` | γ: [`Gamma`] | \[0, ∞) |
/// | `coef0` | 0.0 | c₀ of the polynomial and the sigmoid kernel | |
/// | `tol` | 1e-3 | converged when the optimality conditions are violated by less | (0, ∞) |
/// | `max_iter` | none | the most steps | |
/// | `cache_size` | 200.0 | megabytes for rows of the kernel matrix | (0, ∞) |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = Array2::from_shape_fn((50, 1), |(row, _)| row as f64 / 10.0);
/// let y = x.column(0).mapv(f64::sin);
/// assert!(SVR::new().epsilon(0.01).c(10.0).fit((&x, &y))?.score(&x, &y)? > 0.99);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *SVR*; C.-C. Chang and C.-J. Lin, *LIBSVM*, 2011.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SVR {
    c: f64,
    epsilon: f64,
    kernel: Kernel,
    degree: usize,
    gamma: Gamma,
    coef0: f64,
    tol: f64,
    max_iter: Option<usize>,
    cache_size: f64,
}

impl Default for SVR {
    fn default() -> Self {
        Self {
            c: 1.0,
            epsilon: 0.1,
            kernel: Kernel::Rbf,
            degree: 3,
            gamma: Gamma::Scale,
            coef0: 0.0,
            tol: 1e-3,
            max_iter: None,
            cache_size: 200.0,
        }
    }
}

impl SVR {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The price of an error beyond ε.
    #[must_use]
    pub fn c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }

    /// The error that costs nothing.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// How similar two samples are.
    #[must_use]
    pub fn kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    /// The degree of the polynomial kernel.
    #[must_use]
    pub fn degree(mut self, degree: usize) -> Self {
        self.degree = degree;
        self
    }

    /// The γ of the kernel: a number, `Gamma::Scale` or `Gamma::Auto`.
    #[must_use]
    pub fn gamma(mut self, gamma: impl Into<Gamma>) -> Self {
        self.gamma = gamma.into();
        self
    }

    /// The constant of the polynomial and the sigmoid kernel.
    #[must_use]
    pub fn coef0(mut self, coef0: f64) -> Self {
        self.coef0 = coef0;
        self
    }

    /// The violation that counts as none.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// The most steps.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = Some(max_iter);
        self
    }

    /// Megabytes for rows of the kernel matrix.
    #[must_use]
    pub fn cache_size(mut self, cache_size: f64) -> Self {
        self.cache_size = cache_size;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedSVR> {
        check::table("x", &x)?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        check::column("y", &y)?;
        for (name, value) in [
            ("c", self.c),
            ("tol", self.tol),
            ("cache_size", self.cache_size),
        ] {
            positive(name, value)?;
        }
        if !(self.epsilon >= 0.0 && self.epsilon.is_finite()) {
            return Err(Error::parameter("epsilon", "0 or more", self.epsilon));
        }
        if !self.coef0.is_finite() {
            return Err(Error::parameter("coef0", "a finite number", self.coef0));
        }
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, x.nrows())?;
            if let Some(rows) = check::counting_rows(Some(weights)) {
                let weights = weights.select(Axis(0), &rows);
                let (x, y) = (x.select(Axis(0), &rows), y.select(Axis(0), &rows));
                let mut fitted = self.fit_rows(x.view(), y.view(), Some(weights.view()))?;
                fitted.support.iter_mut().for_each(|row| *row = rows[*row]);
                return Ok(fitted);
            }
        }
        let kernel = KernelFunction {
            kernel: self.kernel,
            gamma: self.gamma.resolve(&x)?,
            degree: self.degree,
            coef0: self.coef0,
        };
        let standard = x.as_standard_layout();
        let rows = standard
            .as_slice()
            .expect("the standard layout is contiguous");
        let panels = Panels::new(rows.chunks_exact(x.ncols()), x.ncols());
        let n = x.nrows();
        let of = |place: usize| self.c * sample_weight.map_or(1.0, |weights| weights[place % n]);
        let solution = smo::solve(&Problem {
            panels: &panels,
            kernel,
            signs: (0..2 * n)
                .map(|place| if place < n { 1.0 } else { -1.0 })
                .collect(),
            linear: (0..2 * n)
                .map(|place| {
                    y[place % n]
                        - if place < n {
                            self.epsilon
                        } else {
                            -self.epsilon
                        }
                })
                .collect(),
            upper: (0..2 * n).map(of).collect(),
            tol: self.tol,
            max_iter: self.max_iter.unwrap_or(MAX_STEPS),
            cache_bytes: (self.cache_size * 1e6) as usize,
            n_features: x.ncols(),
        });
        let mut warnings = Vec::new();
        if !solution.converged {
            let warning = Warning::NotConverged {
                estimator: "SVR",
                n_iter: solution.n_iter,
                reason: "all steps allowed are done".to_owned(),
            };
            warning::record(warning.clone());
            warnings.push(warning);
        }
        let support: Vec<usize> = (0..n).filter(|&row| solution.beta[row] != 0.0).collect();
        let vectors: Vec<&[f64]> = support
            .iter()
            .map(|&row| &rows[row * x.ncols()..(row + 1) * x.ncols()])
            .collect();
        Ok(FittedSVR {
            n_features: x.ncols(),
            kernel,
            panels: Panels::new(vectors.into_iter(), x.ncols()),
            dual_coef: support.iter().map(|&row| solution.beta[row]).collect(),
            intercept: -solution.rho,
            support,
            n_iter: solution.n_iter,
            warnings,
            lineage: Lineage::default(),
        })
    }
}

/// An [`SVR`] that has learnt. It shows as a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedSVR {
    n_features: usize,
    kernel: KernelFunction,
    panels: Panels,
    support: Vec<usize>,
    dual_coef: Vec<f64>,
    intercept: f64,
    n_iter: usize,
    warnings: Vec<Warning>,
    lineage: Lineage,
}

regressor!(SVR => FittedSVR);
parameters!(SVR {
    c,
    epsilon,
    kernel,
    degree,
    gamma,
    coef0,
    tol,
    max_iter,
    cache_size
});

impl FittedSVR {
    /// Σ β K(x, x_i) + b over the support vectors.
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        check::n_features("SVR::predict", self.n_features, &x)?;
        check::table("x", &x)?;
        let standard = x.as_standard_layout();
        let rows = standard
            .as_slice()
            .expect("the standard layout is contiguous");
        let values: Vec<f64> = rows
            .par_chunks(self.n_features)
            .with_min_len(16)
            .map_init(
                || vec![0.0; self.support.len()],
                |kernels, x| {
                    self.kernel.against(x, &self.panels, kernels);
                    simd::dot(kernels, &self.dual_coef) + self.intercept
                },
            )
            .collect();
        Ok(values.into())
    }

    /// The rows that are support vectors, ascending.
    pub fn support(&self) -> &[usize] {
        &self.support
    }

    /// β of each support vector.
    pub fn dual_coef(&self) -> &[f64] {
        &self.dual_coef
    }

    /// b.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The number of steps.
    pub fn n_iter(&self) -> usize {
        self.n_iter
    }

    /// What to know before trusting it: whether the fit did not converge.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["kernel", "support vectors", "intercept"]).caption("SVR");
        table.push(vec![
            self.kernel.kernel.to_string().into(),
            self.support.len().into(),
            self.intercept.into(),
        ]);
        table
    }
}

impl fmt::Display for FittedSVR {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedSVR {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
