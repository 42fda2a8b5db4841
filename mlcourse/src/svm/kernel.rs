use crate::estimator::value::Value;
use crate::estimator::{Parameter, choice};
use crate::simd;
use crate::{Error, Result};
use ndarray::ArrayRef2;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How similar two samples are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kernel {
    /// `"linear"`: xᵀz.
    Linear,
    /// `"poly"`: (γ xᵀz + c₀)^d.
    Poly,
    /// `"rbf"`: e^{−γ ‖x − z‖²}.
    #[default]
    Rbf,
    /// `"sigmoid"`: tanh(γ xᵀz + c₀).
    Sigmoid,
}

choice!(Kernel {
    Linear = "linear",
    Poly = "poly",
    Rbf = "rbf",
    Sigmoid = "sigmoid",
});

/// The γ of a kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Gamma {
    /// 1 / (n_features · variance of all values of x).
    #[default]
    Scale,
    /// 1 / n_features.
    Auto,
    /// A number, 0 or more.
    Value(f64),
}

impl From<f64> for Gamma {
    fn from(gamma: f64) -> Self {
        Self::Value(gamma)
    }
}

impl fmt::Display for Gamma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scale => f.write_str("scale"),
            Self::Auto => f.write_str("auto"),
            Self::Value(gamma) => write!(f, "{gamma:?}"),
        }
    }
}

impl Value for Gamma {
    fn expected() -> String {
        "scale, auto or a number".into()
    }
    fn to_parameter(&self) -> Parameter {
        match self {
            Self::Value(gamma) => Parameter::Float(*gamma),
            word => Parameter::Text(word.to_string()),
        }
    }
    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::Text(word) if word == "scale" => Some(Self::Scale),
            Parameter::Text(word) if word == "auto" => Some(Self::Auto),
            other => f64::from_parameter(other).map(Self::Value),
        }
    }
}

impl Gamma {
    /// The number for these features.
    pub(super) fn resolve(self, x: &ArrayRef2<f64>) -> Result<f64> {
        match self {
            Self::Auto => Ok(1.0 / x.ncols() as f64),
            Self::Scale => {
                let variance = x.var(0.0);
                let positive = variance > 0.0 && variance.is_finite();
                Ok(if positive {
                    1.0 / (x.ncols() as f64 * variance)
                } else {
                    1.0
                })
            }
            Self::Value(gamma) if gamma >= 0.0 && gamma.is_finite() => Ok(gamma),
            Self::Value(gamma) => Err(Error::parameter("gamma", "0 or more", gamma)),
        }
    }
}

/// A kernel with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KernelFunction {
    pub kernel: Kernel,
    pub gamma: f64,
    pub degree: usize,
    pub coef0: f64,
}

/// Samples whose kernels are computed at once.
const LANES: usize = 16;

/// Samples in groups of [`LANES`], each group feature by feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Panels {
    values: Vec<f64>,
    n_samples: usize,
    n_features: usize,
}

impl Panels {
    /// Of rows in this order.
    pub(super) fn new<'a>(
        rows: impl ExactSizeIterator<Item = &'a [f64]>,
        n_features: usize,
    ) -> Self {
        let n_samples = rows.len();
        let mut values = vec![0.0; n_samples.div_ceil(LANES) * LANES * n_features];
        for (row, x) in rows.enumerate() {
            let start = row / LANES * LANES * n_features + row % LANES;
            for (feature, &x) in x.iter().enumerate() {
                values[start + feature * LANES] = x;
            }
        }
        Self {
            values,
            n_samples,
            n_features,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.n_samples
    }

    /// Writes one sample.
    pub(super) fn row(&self, row: usize, x: &mut [f64]) {
        let start = row / LANES * LANES * self.n_features + row % LANES;
        for (feature, x) in x.iter_mut().enumerate() {
            *x = self.values[start + feature * LANES];
        }
    }
}

impl KernelFunction {
    /// K(x, z) for all z of some panels.
    pub(super) fn against(&self, x: &[f64], panels: &Panels, out: &mut [f64]) {
        simd::wide!(|| {
            let panels = panels.values.chunks_exact(LANES * panels.n_features);
            for (panel, out) in panels.zip(out.chunks_mut(LANES)) {
                let mut kernels = match self.kernel {
                    Kernel::Rbf => squared_distances(x, panel),
                    _ => dots(x, panel),
                };
                self.finish(&mut kernels);
                out.copy_from_slice(&kernels[..out.len()]);
            }
        });
    }

    #[inline(always)]
    fn finish(&self, values: &mut [f64; LANES]) {
        match self.kernel {
            Kernel::Linear => {}
            Kernel::Rbf => values
                .iter_mut()
                .for_each(|value| *value = simd::exp(-self.gamma * *value)),
            Kernel::Poly => {
                for value in values {
                    let base = self.gamma * *value + self.coef0;
                    *value = (0..self.degree).fold(1.0, |power, _| power * base);
                }
            }
            Kernel::Sigmoid => values
                .iter_mut()
                .for_each(|value| *value = (self.gamma * *value + self.coef0).tanh()),
        }
    }
}

#[inline(always)]
fn dots(x: &[f64], panel: &[f64]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    let (columns, _) = panel.as_chunks::<LANES>();
    for (column, x) in columns.iter().zip(x) {
        for lane in 0..LANES {
            sums[lane] += column[lane] * x;
        }
    }
    sums
}

#[inline(always)]
fn squared_distances(x: &[f64], panel: &[f64]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    let (columns, _) = panel.as_chunks::<LANES>();
    for (column, x) in columns.iter().zip(x) {
        for lane in 0..LANES {
            let apart = column[lane] - x;
            sums[lane] += apart * apart;
        }
    }
    sums
}
