//! The normal distribution.

use super::quantile::standard_quantile;
use crate::random::Random;
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use std::fmt;

/// What `FRAC_1_SQRT_2` lacks of 1 / √2.
const FRAC_1_SQRT_2_REST: f64 = -4.833_646_656_726_457e-17;

/// ln √(2π), and √(2π).
const LN_SQRT_2_PI: f64 = 0.918_938_533_204_672_8;
const SQRT_2_PI: f64 = 2.506_628_274_631_000_7;

/// The normal distribution N(μ, σ²), with density f(x) = 1 / √(2πσ²) · exp(−(x − μ)² / (2σ²)).
///
/// | parameter | meaning | range |
/// |---|---|---|
/// | `mean` | μ, the centre | finite |
/// | `std` | σ, the standard deviation: **not** the variance σ² of the notation N(μ, σ²) | above 0 |
///
/// Probabilities keep their relative accuracy in both tails: `sf(x)` is P(X > x), which `1 − cdf(x)` loses beyond 8σ,
/// and `logcdf`, `logsf` go on where the probabilities are too small for a number.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let height = Normal::new(170.0, 10.0)?;
/// assert!((height.pdf(170.0) - 0.0398942).abs() < 1e-7);
/// assert!((height.cdf(180.0) - 0.8413447).abs() < 1e-7);
/// assert!((height.quantile(0.975)? - 189.59964).abs() < 1e-5);
/// assert_eq!(height.sample(1000, 42), height.sample(1000, 42));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.2 (*Loi Normale*); SciPy's `stats.norm`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normal {
    mean: f64,
    std: f64,
}

impl Normal {
    /// N(mean, std²).
    ///
    /// # Errors
    /// When the mean is not finite or the standard deviation is not above 0.
    pub fn new(mean: f64, std: f64) -> Result<Self> {
        if !mean.is_finite() {
            return Err(Error::parameter("mean", "a finite number", mean));
        }
        if !(std.is_finite() && std > 0.0) {
            return Err(Error::parameter("std", "a finite number above 0", std));
        }
        Ok(Self { mean, std })
    }

    /// N(0, 1).
    pub fn standard() -> Self {
        Self {
            mean: 0.0,
            std: 1.0,
        }
    }

    /// The normal distribution under which the data is most likely: its mean, and its standard deviation with ddof 0.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// assert_eq!(Normal::fit(&array![1.0, 3.0])?, Normal::new(2.0, 1.0)?);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the data is empty, not finite, or all the same.
    pub fn fit(data: &ArrayRef1<f64>) -> Result<Self> {
        check::column("data", data)?;
        let n_samples = data.len() as f64;
        let mean = data.sum() / n_samples;
        let squares: f64 = data.iter().map(|value| (value - mean).powi(2)).sum();
        Self::new(mean, (squares / n_samples).sqrt())
    }

    /// μ.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// σ.
    pub fn std(&self) -> f64 {
        self.std
    }

    /// σ².
    pub fn variance(&self) -> f64 {
        self.std * self.std
    }

    fn z(&self, x: f64) -> f64 {
        (x - self.mean) / self.std
    }

    /// The density f(x) = exp(−z² / 2) / (σ √(2π)) with z = (x − μ) / σ.
    pub fn pdf(&self, x: f64) -> f64 {
        standard_pdf(self.z(x)) / self.std
    }

    /// ln f(x) = −z² / 2 − ln(σ √(2π)), finite where f(x) is too small for a number.
    pub fn logpdf(&self, x: f64) -> f64 {
        let z = self.z(x);
        -0.5 * z * z - LN_SQRT_2_PI - libm::log(self.std)
    }

    /// P(X ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        upper_tail(-self.z(x))
    }

    /// P(X > x), the survival function.
    pub fn sf(&self, x: f64) -> f64 {
        upper_tail(self.z(x))
    }

    /// ln P(X ≤ x).
    pub fn logcdf(&self, x: f64) -> f64 {
        log_upper_tail(-self.z(x))
    }

    /// ln P(X > x).
    pub fn logsf(&self, x: f64) -> f64 {
        log_upper_tail(self.z(x))
    }

    /// The x with P(X ≤ x) = p; −∞ for 0, ∞ for 1.
    ///
    /// # Errors
    /// When p is no probability.
    pub fn quantile(&self, p: f64) -> Result<f64> {
        Ok(self.mean + self.std * checked_quantile(p)?)
    }

    /// The x with P(X > x) = p: accurate for the smallest p, where 1 − p is 1.
    ///
    /// # Errors
    /// When p is no probability.
    pub fn upper_quantile(&self, p: f64) -> Result<f64> {
        Ok(self.mean - self.std * checked_quantile(p)?)
    }

    /// P(a < X ≤ b), 0 when b ≤ a.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// // 68 % lie within one standard deviation.
    /// assert!((Normal::standard().probability_between(-1.0, 1.0) - 0.6826895).abs() < 1e-7);
    /// ```
    pub fn probability_between(&self, a: f64, b: f64) -> f64 {
        // In the tail where both are small, so that the difference keeps its digits.
        let (za, zb) = (self.z(a), self.z(b));
        let difference = if za > 0.0 {
            upper_tail(za) - upper_tail(zb)
        } else {
            upper_tail(-zb) - upper_tail(-za)
        };
        difference.max(0.0)
    }

    /// `n_samples` independent draws, the same for the same seed on every machine: the quantiles of uniform numbers.
    pub fn sample(&self, n_samples: usize, seed: u64) -> Array1<f64> {
        let mut random = Random::seeded(seed);
        Array1::from_shape_simple_fn(n_samples, || self.mean + self.std * random.normal())
    }
}

impl Default for Normal {
    fn default() -> Self {
        Self::standard()
    }
}

impl fmt::Display for Normal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "N(μ = {}, σ = {})", self.mean, self.std)
    }
}

fn checked_quantile(p: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&p) {
        return Ok(standard_quantile(p));
    }
    Err(Error::parameter("p", "a probability, from 0 to 1", p))
}

/// exp(−z² / 2) / √(2π). The rounding of z², which the exponential would magnify by z², is put back.
fn standard_pdf(z: f64) -> f64 {
    let square = z * z;
    if square.is_infinite() {
        return 0.0;
    }
    let rest = libm::fma(z, z, -square);
    libm::exp(-0.5 * square) * (1.0 - 0.5 * rest) / SQRT_2_PI
}

/// P(Z > z) = ½ erfc(z / √2). The rounding of z / √2 is put back by the slope of erfc.
fn upper_tail(z: f64) -> f64 {
    let t = z * FRAC_1_SQRT_2;
    let tail = 0.5 * libm::erfc(t);
    if t <= 1.0 || tail == 0.0 {
        return tail;
    }
    let rest = libm::fma(z, FRAC_1_SQRT_2, -t) + z * FRAC_1_SQRT_2_REST;
    tail - 0.5 * FRAC_2_SQRT_PI * libm::exp(-t * t) * rest
}

/// ln P(Z > z).
fn log_upper_tail(z: f64) -> f64 {
    if z < -1.0 {
        return libm::log1p(-upper_tail(-z));
    }
    if z < 20.0 {
        return libm::log(upper_tail(z));
    }
    if z.is_infinite() {
        return -z;
    }
    // P(Z > z) ~ f(z) / z · (1 − 1/z² + 3/z⁴ − 15/z⁶ …): the eighth term is below 10⁻¹⁴ from z = 20.
    let inverse = 1.0 / (z * z);
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 1..=9 {
        term *= -f64::from(2 * k - 1) * inverse;
        sum += term;
    }
    -0.5 * z * z - libm::log(z) - LN_SQRT_2_PI + libm::log1p(sum)
}
