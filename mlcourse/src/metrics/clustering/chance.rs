//! The mutual information that two independent clusterings have by chance.

use rayon::prelude::*;

/// Probabilities this much smaller than the largest no longer count.
const NEGLIGIBLE: f64 = 1e-25;

/// The mean mutual information of clusterings with clusters of these sizes.
pub(super) fn expected_mutual_info(classes: &[u64], clusters: &[u64], n_samples: u64) -> f64 {
    let rows: Vec<f64> = classes
        .par_iter()
        .map(|&class| {
            let of_pairs = clusters
                .iter()
                .map(|&cluster| expected(class, cluster, n_samples));
            of_pairs.sum()
        })
        .collect();
    rows.iter().sum()
}

/// Σ_x P(x) (x / n) ln(n x / (a b)) where x, the samples that a class of a and a cluster of b share, is hypergeometric.
///
/// The ratio of neighbouring probabilities is simple, and their sum is 1: so they are made from the most probable one
/// outwards, in any unit, and divided by their sum. No factorial, and no difference of large logarithms.
fn expected(a: u64, b: u64, n: u64) -> f64 {
    let (a, b, n) = (a as f64, b as f64, n as f64);
    let (least, most) = ((a + b - n).max(0.0), a.min(b));
    let mode = ((a + 1.0) * (b + 1.0) / (n + 2.0))
        .floor()
        .clamp(least, most);
    let information = |x: f64| {
        if x > 0.0 {
            x / n * (n * x / (a * b)).ln()
        } else {
            0.0
        }
    };
    let (mut total, mut sum) = (1.0, information(mode));
    let (mut x, mut probability) = (mode, 1.0);
    while x < most && probability > NEGLIGIBLE {
        probability *= (a - x) * (b - x) / ((x + 1.0) * (n - a - b + x + 1.0));
        x += 1.0;
        total += probability;
        sum += probability * information(x);
    }
    (x, probability) = (mode, 1.0);
    while x > least && probability > NEGLIGIBLE {
        probability *= x * (n - a - b + x) / ((a - x + 1.0) * (b - x + 1.0));
        x -= 1.0;
        total += probability;
        sum += probability * information(x);
    }
    sum / total
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(x) from binomial coefficients.
    fn naive(a: u64, b: u64, n: u64) -> f64 {
        let choose =
            |n: u64, k: u64| -> f64 { (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product() };
        ((a + b).saturating_sub(n).max(1)..=a.min(b))
            .map(|x| {
                let probability = choose(b, x) * choose(n - b, a - x) / choose(n, a);
                let (x, n) = (x as f64, n as f64);
                probability * (x / n) * (n * x / (a as f64 * b as f64)).ln()
            })
            .sum()
    }

    #[test]
    fn neighbours_give_what_binomial_coefficients_give() {
        for (a, b, n) in [(1, 1, 2), (3, 4, 10), (7, 9, 12), (20, 30, 60), (5, 5, 5)] {
            assert!(
                (expected(a, b, n) - naive(a, b, n)).abs() < 1e-14,
                "{a} {b} {n}"
            );
        }
    }
}
