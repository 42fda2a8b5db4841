//! Tails of distributions, for p-values.

/// P(F > f) for Fisher's distribution with n and d degrees of freedom.
pub(super) fn f_tail(f: f64, n: f64, d: f64) -> f64 {
    if f.is_nan() || d <= 0.0 {
        return f64::NAN;
    }
    if f <= 0.0 {
        return 1.0;
    }
    if f.is_infinite() {
        return 0.0;
    }
    incomplete_beta(d / 2.0, n / 2.0, d / (d + n * f), n * f / (d + n * f))
}

/// P(X > x) for the χ² distribution with k degrees of freedom.
pub(super) fn chi2_tail(x: f64, k: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    upper_gamma(k / 2.0, x / 2.0)
}

/// ψ(n), the derivative of ln Γ.
pub(super) fn digamma(mut x: f64) -> f64 {
    let mut value = 0.0;
    while x < 12.0 {
        value -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series =
        r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r / 132.0))));
    value + x.ln() - 0.5 / x - series
}

/// ln Γ(x) for x > 0: Stirling's series, after x was raised to where it is exact.
fn ln_gamma(mut x: f64) -> f64 {
    let mut product = 1.0;
    while x < 12.0 {
        product *= x;
        x += 1.0;
    }
    let half_ln_two_pi = 0.918_938_533_204_672_8;
    (x - 0.5) * x.ln() - x + half_ln_two_pi + stirling(x) - f64::ln(product)
}

/// What Stirling's formula lacks.
fn stirling(x: f64) -> f64 {
    let r = 1.0 / (x * x);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0)))))
        / x
}

/// The share I_x(a, b) of the beta distribution below x; y = 1 − x.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    // Near 1, a number knows less of its logarithm than its complement does.
    let ln = |near: f64, rest: f64| {
        if rest < 0.5 {
            (-rest).ln_1p()
        } else {
            near.ln()
        }
    };
    let front = (a * ln(x, y) + b * ln(y, x) - ln_beta(a, b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y) / b
    }
}

/// ln B(a, b). For a large argument the large terms of Stirling's formula are cancelled by hand.
fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if large < 50.0 {
        return ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    }
    // ln Γ(large) − ln Γ(large + small)
    let sum = large + small;
    let difference =
        -(large - 0.5) * (small / large).ln_1p() - small * sum.ln() + small + stirling(large)
            - stirling(sum);
    ln_gamma(small) + difference
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        value *= c * d;
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let step = c * d;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The share Q(a, x) of the gamma distribution above x.
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        for _ in 0..20_000 {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return 1.0 - front * sum;
    }
    let mut b = x + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut value = d;
    for n in 1..20_000 {
        let n = f64::from(n);
        let term = -n * (n - a);
        b += 2.0;
        d = 1.0 / (term * d + b);
        c = b + term / c;
        let step = c * d;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_scipys() {
        // scipy.stats.f.sf, scipy.stats.chi2.sf, scipy.special.digamma
        for (ours, theirs) in [
            (f_tail(1.0, 2.0, 10.0), 0.401_877_572_016_460_9),
            (f_tail(50.0, 3.0, 200.0), 3.707_865_238_759_724e-24),
            (f_tail(0.01, 1.0, 5.0), 0.924_230_141_154_660_4),
            (f_tail(3.84, 1.0, 1e6), 0.050_043_798_609_967_25),
            (chi2_tail(3.0, 2.0), 0.223_130_160_148_429_82),
            (chi2_tail(200.0, 5.0), 2.840_622_898_641_553_4e-41),
            (chi2_tail(0.1, 7.0), 0.999_997_688_581_201_4),
            (digamma(1.0), -0.577_215_664_901_532_9),
            (digamma(37.0), 3.597_343_531_893_106),
        ] {
            assert!((ours / theirs - 1.0).abs() < 1e-10, "{ours} {theirs}");
        }
    }
}
