//! What boosting descends: losses of raw scores, their slopes and curvatures.
//!
//! Raw scores stand output by output: those of output k of n rows at k·n..(k + 1)·n.

use rayon::prelude::*;

/// Fewer scores than this are worked on by the calling thread.
const PARALLEL_FROM: usize = 1 << 14;
/// How many rows one task works on, whatever the number of threads.
const CHUNK: usize = 1 << 12;
/// A curvature below this is none.
const FLAT: f64 = 1e-150;

/// A loss L(y, f) of a raw score f. Classes are numbers 0, 1, ….
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Loss {
    /// (y − f)².
    Squared,
    /// |y − f|.
    Absolute,
    /// ½ r² up to |r| = δ and δ (|r| − ½ δ) beyond, with r = y − f; δ is this quantile of |r|.
    Huber(f64),
    /// The pinball loss of this quantile.
    Quantile(f64),
    /// Twice −log P(y), P(1) = σ(f).
    Binary,
    /// −log P(y), P(k) = softmax(f)_k.
    Multinomial(usize),
    /// e^{−(2 y − 1) f}.
    Exponential,
}

/// How much rows count.
pub(crate) type Weights<'a> = Option<&'a [f64]>;

pub(crate) fn weight_at(weight: Weights<'_>, row: usize) -> f64 {
    weight.map_or(1.0, |weight| weight[row])
}

pub(crate) fn sigmoid(score: f64) -> f64 {
    if score >= 0.0 {
        1.0 / (1.0 + (-score).exp())
    } else {
        let e = score.exp();
        e / (1.0 + e)
    }
}

/// log(1 + eˣ).
fn log1p_exp(x: f64) -> f64 {
    if x > 0.0 {
        x + (-x).exp().ln_1p()
    } else {
        x.exp().ln_1p()
    }
}

impl Loss {
    /// How many raw scores a row has.
    pub(crate) fn n_outputs(self) -> usize {
        match self {
            Self::Multinomial(n_classes) => n_classes,
            _ => 1,
        }
    }

    /// The raw scores that are best without any feature.
    pub(crate) fn start(self, y: &[f64], weight: Weights<'_>) -> Vec<f64> {
        let share = |class: usize| {
            let p = mean(y.len(), weight, |row| {
                f64::from(u8::from(y[row] == class as f64))
            });
            p.clamp(f64::EPSILON, 1.0 - f64::EPSILON)
        };
        let logit = || (share(1) / (1.0 - share(1))).ln();
        match self {
            Self::Squared => vec![mean(y.len(), weight, |row| y[row])],
            Self::Absolute | Self::Huber(_) => vec![quantile(y, weight, 0.5)],
            Self::Quantile(share) => vec![quantile(y, weight, share)],
            Self::Binary => vec![logit()],
            Self::Exponential => vec![0.5 * logit()],
            Self::Multinomial(n_classes) => {
                let logs: Vec<f64> = (0..n_classes).map(|class| share(class).ln()).collect();
                let centre = logs.iter().sum::<f64>() / n_classes as f64;
                logs.into_iter().map(|log| log - centre).collect()
            }
        }
    }

    /// The δ of Huber's loss for these scores.
    pub(crate) fn delta(self, y: &[f64], raw: &[f64], weight: Weights<'_>) -> f64 {
        match self {
            Self::Huber(share) => {
                let distances: Vec<f64> = y.iter().zip(raw).map(|(y, f)| (y - f).abs()).collect();
                lower_quantile(distances, weight, share)
            }
            _ => f64::INFINITY,
        }
    }

    /// Writes −∂L/∂f of every score, of the loss without the factor 2 that some have.
    pub(crate) fn negative_gradients(self, y: &[f64], raw: &[f64], delta: f64, out: &mut [f64]) {
        let n = y.len();
        if let Self::Multinomial(n_classes) = self {
            softmax(raw, n, n_classes, out);
            for (class, out) in out.chunks_mut(n).enumerate() {
                for (out, &y) in out.iter_mut().zip(y) {
                    *out = f64::from(u8::from(y == class as f64)) - *out;
                }
            }
            return;
        }
        let slope = |y: f64, f: f64| match self {
            Self::Squared | Self::Multinomial(_) => y - f,
            Self::Absolute => (y - f).signum(),
            Self::Huber(_) => (y - f).clamp(-delta, delta),
            Self::Quantile(share) if y >= f => share,
            Self::Quantile(share) => share - 1.0,
            Self::Binary => y - sigmoid(f),
            Self::Exponential if y > 0.5 => (-f).exp(),
            Self::Exponential => -f.exp(),
        };
        let chunk = |((y, raw), out): ((&[f64], &[f64]), &mut [f64])| {
            for ((out, &y), &f) in out.iter_mut().zip(y).zip(raw) {
                *out = slope(y, f);
            }
        };
        if n < PARALLEL_FROM {
            chunk(((y, raw), out));
        } else {
            y.par_chunks(CHUNK)
                .zip(raw.par_chunks(CHUNK))
                .zip(out.par_chunks_mut(CHUNK))
                .for_each(chunk);
        }
    }

    /// The mean loss of some rows.
    pub(crate) fn mean(
        self,
        y: &[f64],
        raw: &[f64],
        delta: f64,
        weight: Weights<'_>,
        kept: &(dyn Fn(usize) -> bool + Sync),
    ) -> f64 {
        let n = y.len();
        let of = |row: usize| {
            let (y, f) = (y[row], raw[row]);
            match self {
                Self::Squared => (y - f) * (y - f),
                Self::Absolute => (y - f).abs(),
                Self::Huber(_) if (y - f).abs() <= delta => 0.5 * (y - f) * (y - f),
                Self::Huber(_) => delta * ((y - f).abs() - 0.5 * delta),
                Self::Quantile(share) if y >= f => share * (y - f),
                Self::Quantile(share) => (share - 1.0) * (y - f),
                Self::Binary => 2.0 * (log1p_exp(f) - y * f),
                Self::Exponential if y > 0.5 => (-f).exp(),
                Self::Exponential => f.exp(),
                Self::Multinomial(n_classes) => {
                    let scores = (0..n_classes).map(|class| raw[class * n + row]);
                    let largest = scores.clone().fold(f64::NEG_INFINITY, f64::max);
                    let sum: f64 = scores.map(|score| (score - largest).exp()).sum();
                    sum.ln() + largest - raw[y as usize * n + row]
                }
            }
        };
        let sums = |first: usize| {
            let rows = (first..(first + CHUNK).min(n)).filter(|&row| kept(row));
            rows.fold((0.0, 0.0), |(sum, total), row| {
                let weight = weight_at(weight, row);
                (sum + weight * of(row), total + weight)
            })
        };
        let chunks: Vec<(f64, f64)> = (0..n.div_ceil(CHUNK))
            .into_par_iter()
            .with_min_len(PARALLEL_FROM / CHUNK)
            .map(|chunk| sums(chunk * CHUNK))
            .collect();
        let (sum, total) = chunks
            .iter()
            .fold((0.0, 0.0), |(a, b), (sum, total)| (a + sum, b + total));
        sum / total
    }

    /// The curvature at a row whose slope is known.
    pub(crate) fn curvature(self, y: f64, negative_gradient: f64) -> f64 {
        match self {
            Self::Binary | Self::Multinomial(_) => {
                let p = y - negative_gradient;
                p * (1.0 - p)
            }
            Self::Exponential => negative_gradient.abs(),
            _ => 1.0,
        }
    }

    /// Whether one Newton step gives a leaf its value; otherwise it is [`leaf`](Self::leaf).
    pub(crate) fn newton(self) -> bool {
        matches!(
            self,
            Self::Binary | Self::Multinomial(_) | Self::Exponential
        )
    }

    /// Σ slope / Σ curvature of a leaf, the step to its best value.
    pub(crate) fn newton_step(self, slopes: f64, curvatures: f64) -> f64 {
        let slopes = match self {
            // Friedman's factor; scikit-learn keeps it.
            Self::Multinomial(k) => slopes * (k as f64 - 1.0) / k as f64,
            _ => slopes,
        };
        if curvatures.abs() < FLAT {
            0.0
        } else {
            slopes / curvatures
        }
    }

    /// The best value of a leaf with these residuals y − f.
    pub(crate) fn leaf(self, residuals: Vec<f64>, weight: Weights<'_>, delta: f64) -> f64 {
        match self {
            Self::Quantile(share) => lower_quantile(residuals, weight, share),
            Self::Huber(_) => {
                let median = lower_quantile(residuals.clone(), weight, 0.5);
                let step = |row: usize| (residuals[row] - median).clamp(-delta, delta);
                median + mean(residuals.len(), weight, step)
            }
            _ => lower_quantile(residuals, weight, 0.5),
        }
    }

    /// The probability of each class of one row's raw scores.
    pub(crate) fn probabilities(self, raw: &[f64], out: &mut [f64]) {
        match self {
            Self::Multinomial(_) => {
                let largest = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let mut sum = 0.0;
                for (out, score) in out.iter_mut().zip(raw) {
                    *out = (score - largest).exp();
                    sum += *out;
                }
                out.iter_mut().for_each(|out| *out /= sum);
            }
            _ => {
                let score = if self == Self::Exponential {
                    2.0 * raw[0]
                } else {
                    raw[0]
                };
                (out[0], out[1]) = (sigmoid(-score), sigmoid(score));
            }
        }
    }
}

/// The softmax of each row, output by output.
pub(crate) fn softmax(raw: &[f64], n: usize, n_classes: usize, out: &mut [f64]) {
    for row in 0..n {
        let scores = (0..n_classes).map(|class| raw[class * n + row]);
        let largest = scores.clone().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for (class, score) in scores.enumerate() {
            let e = (score - largest).exp();
            out[class * n + row] = e;
            sum += e;
        }
        for class in 0..n_classes {
            out[class * n + row] /= sum;
        }
    }
}

/// The weighted mean of something of each row.
pub(crate) fn mean(n: usize, weight: Weights<'_>, of: impl Fn(usize) -> f64) -> f64 {
    let sum: f64 = (0..n).map(|row| weight_at(weight, row) * of(row)).sum();
    let total: f64 = weight.map_or(n as f64, |weight| weight.iter().sum());
    sum / total
}

/// NumPy's quantile, between two values where it falls there; with weights, as [`lower_quantile`].
pub(crate) fn quantile(values: &[f64], weight: Weights<'_>, share: f64) -> f64 {
    if weight.is_some() {
        return lower_quantile(values.to_vec(), weight, share);
    }
    let mut values = values.to_vec();
    let at = share * (values.len() - 1) as f64;
    let place = at as usize;
    let (_, &mut low, above) = values.select_nth_unstable_by(place, f64::total_cmp);
    let high = above.iter().copied().fold(f64::INFINITY, f64::min);
    if at.fract() == 0.0 {
        low
    } else {
        low + at.fract() * (high - low)
    }
}

/// The smallest value up to which this share of the weight lies.
pub(crate) fn lower_quantile(mut values: Vec<f64>, weight: Weights<'_>, share: f64) -> f64 {
    let Some(weight) = weight else {
        let place = (share * values.len() as f64).ceil() as usize;
        let place = place.clamp(1, values.len()) - 1;
        return *values.select_nth_unstable_by(place, f64::total_cmp).1;
    };
    let mut pairs: Vec<(f64, f64)> = values.into_iter().zip(weight.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = pairs.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    for &(value, weight) in &pairs {
        sum += weight;
        if weight > 0.0 && sum >= share * total {
            return value;
        }
    }
    pairs[pairs.len() - 1].0
}
