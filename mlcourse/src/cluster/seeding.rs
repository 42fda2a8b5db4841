//! Where the centres start.

use super::assign::{CHUNK, Samples, potentials};
use crate::random::Random;

/// Greedy k-means++: each next centre is the best of 2 + ⌊ln k⌋ samples drawn with probability proportional to w d²,
/// d the distance to the nearest centre so far.
///
/// Source: D. Arthur and S. Vassilvitskii, *k-means++: the advantages of careful seeding*, 2007, with the greedy choice
/// that they mention.
pub(super) fn plus_plus(samples: Samples<'_>, n_clusters: usize, random: &mut Random) -> Vec<f64> {
    let n_trials = 2 + (n_clusters as f64).ln() as usize;
    let mut centers = Vec::with_capacity(n_clusters * samples.n_features);
    let first = weighted_row(samples, random);
    centers.extend_from_slice(samples.row(first));
    let infinite = vec![f64::INFINITY; samples.len()];
    let mut found = vec![vec![0.0; samples.len()]; n_trials];
    let mut closest = vec![0.0; samples.len()];
    let sums = potentials(samples, &[samples.row(first)], &infinite, &mut found[..1]);
    let mut chunk_sums: Vec<f64> = sums.iter().map(|sums| sums[0]).collect();
    std::mem::swap(&mut closest, &mut found[0]);
    while centers.len() < n_clusters * samples.n_features {
        let rows: Vec<usize> = (0..n_trials)
            .map(|_| draw(samples, &closest, &chunk_sums, random.uniform()))
            .collect();
        let candidates: Vec<&[f64]> = rows.iter().map(|&row| samples.row(row)).collect();
        let sums = potentials(samples, &candidates, &closest, &mut found);
        let total = |trial: usize| sums.iter().map(|sums| sums[trial]).sum::<f64>();
        let best = (1..n_trials).fold(0, |best, trial| {
            if total(trial) < total(best) {
                trial
            } else {
                best
            }
        });
        centers.extend_from_slice(candidates[best]);
        chunk_sums = sums.iter().map(|sums| sums[best]).collect();
        std::mem::swap(&mut closest, &mut found[best]);
    }
    centers
}

/// k different samples, drawn with probability proportional to their weight.
pub(super) fn rows(samples: Samples<'_>, n_clusters: usize, random: &mut Random) -> Vec<f64> {
    let mut keys: Vec<(f64, usize)> = (0..samples.len())
        .map(|row| {
            // The k smallest of exponential variables with rate w: a weighted draw without replacement.
            let exponential = -(1.0 - random.uniform()).ln();
            (exponential / samples.weight(row), row)
        })
        .collect();
    keys.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    keys.iter()
        .take(n_clusters)
        .flat_map(|&(_, row)| samples.row(row).to_vec())
        .collect()
}

fn weighted_row(samples: Samples<'_>, random: &mut Random) -> usize {
    match samples.weights {
        None => random.below(samples.len()),
        Some(weights) => {
            let target = random.uniform() * weights.iter().sum::<f64>();
            let mut sum = 0.0;
            let found = weights.iter().position(|weight| {
                sum += weight;
                sum > target
            });
            found.unwrap_or(weights.len() - 1)
        }
    }
}

/// The row where the running sum of w d² passes a share of its total.
fn draw(samples: Samples<'_>, closest: &[f64], chunk_sums: &[f64], share: f64) -> usize {
    let target = share * chunk_sums.iter().sum::<f64>();
    let mut sum = 0.0;
    for (chunk, chunk_sum) in chunk_sums.iter().enumerate() {
        if sum + chunk_sum < target {
            sum += chunk_sum;
            continue;
        }
        for (row, closest) in closest.iter().enumerate().skip(chunk * CHUNK).take(CHUNK) {
            sum += samples.weight(row) * closest;
            if sum >= target {
                return row;
            }
        }
    }
    closest.len() - 1
}
