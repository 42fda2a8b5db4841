//! Squared and absolute error of numbers.

use super::criterion::{Best, Criterion, LeafLimits, rank};

/// Numbers, judged by their variance. They are centred on their mean first, so that a large mean costs no digits.
#[derive(Debug)]
pub(crate) struct Squares {
    /// The centred target and its weight.
    targets: Vec<(f64, f64)>,
    centre: f64,
    /// Less variance than this is rounding.
    negligible: f64,
    sum: f64,
    squares: f64,
    weight: f64,
    constant: bool,
}

impl Squares {
    /// Numbers and their weights.
    pub(crate) fn new(y: &[f64], weight: impl Fn(usize) -> f64) -> Self {
        let mut squares = Self {
            targets: Vec::with_capacity(y.len()),
            centre: 0.0,
            negligible: f64::EPSILON,
            sum: 0.0,
            squares: 0.0,
            weight: 0.0,
            constant: false,
        };
        squares.set(y, weight);
        squares
    }

    /// Other numbers for the same rows.
    pub(crate) fn set(&mut self, y: &[f64], weight: impl Fn(usize) -> f64) {
        let weights = || (0..y.len()).map(&weight);
        let total: f64 = weights().sum();
        let sum: f64 = y.iter().zip(weights()).map(|(y, weight)| y * weight).sum();
        self.centre = sum / total;
        self.targets.clear();
        let mut squares = 0.0;
        for (y, weight) in y.iter().zip(weights()) {
            let centred = y - self.centre;
            squares += weight * centred * centred;
            self.targets.push((centred, weight));
        }
        self.negligible = f64::EPSILON * (squares / total).min(1.0);
    }
}

impl Criterion for Squares {
    const PAYLOAD_IS_ROW: bool = true;

    fn payload(&self, row: u32) -> u32 {
        row
    }

    fn enter(&mut self, rows: &[u32]) {
        (self.sum, self.squares, self.weight) = (0.0, 0.0, 0.0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in rows {
            let (value, weight) = self.targets[row as usize];
            let weighted = weight * value;
            self.sum += weighted;
            self.squares += weighted * value;
            self.weight += weight;
            low = low.min(value);
            high = high.max(value);
        }
        self.constant = low >= high;
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn impurity(&self) -> f64 {
        if self.constant {
            return 0.0;
        }
        let mean = self.sum / self.weight;
        (self.squares / self.weight - mean * mean).max(0.0)
    }

    fn is_pure(&self) -> bool {
        self.constant || self.impurity() <= self.negligible
    }

    fn push_value(&self, values: &mut Vec<f64>) {
        values.push(self.centre + self.sum / self.weight);
    }

    fn n_outputs(&self) -> usize {
        1
    }

    fn scan(&mut self, records: &[u64], limits: LeafLimits, best: &mut Best) -> bool {
        let mut improved = false;
        let (mut left, mut left_weight) = (0.0, 0.0);
        let last = (records.len() + 1).saturating_sub(limits.min_samples.max(1));
        for (place, pair) in records.windows(2).enumerate().take(last) {
            let (target, weight) = self.targets[pair[0] as u32 as usize];
            left += weight * target;
            left_weight += weight;
            if rank(pair[0]) == rank(pair[1]) || place + 1 < limits.min_samples {
                continue;
            }
            let right_weight = self.weight - left_weight;
            if left_weight < limits.min_weight || right_weight < limits.min_weight {
                continue;
            }
            let right = self.sum - left;
            let score = (left * left * right_weight + right * right * left_weight)
                / (left_weight * right_weight);
            if score > best.score && records.len() - place > limits.min_samples {
                best.score = score;
                best.ranks = (rank(pair[0]), rank(pair[1]));
                improved = true;
            }
        }
        improved
    }

    fn score(&mut self, rows: &[u32], ranks: &[u32], last: u32, limits: LeafLimits) -> Option<f64> {
        let (mut left, mut left_weight) = (0.0, 0.0);
        for (&row, &rank) in rows.iter().zip(ranks) {
            let (target, weight) = self.targets[row as usize];
            let weight = weight * f64::from(u8::from(rank <= last));
            left += weight * target;
            left_weight += weight;
        }
        let (right, right_weight) = (self.sum - left, self.weight - left_weight);
        (left_weight >= limits.min_weight && right_weight >= limits.min_weight)
            .then(|| left * left / left_weight + right * right / right_weight)
    }
}

/// Numbers, judged by their distance from their weighted median.
#[derive(Debug)]
pub(crate) struct Distances {
    y: Vec<f64>,
    weights: Vec<f64>,
    /// For the rows of the node, the place among its targets, ascending.
    place: Vec<u32>,
    sorted: Vec<f64>,
    sums: PrefixSums,
    /// Σ w |y − median| of the first rows of a scan.
    left: Vec<f64>,
    weight: f64,
    median: f64,
    total: f64,
    order: Vec<u32>,
}

impl Distances {
    pub(crate) fn new(y: &[f64], weight: impl Fn(usize) -> f64) -> Self {
        Self {
            y: y.to_vec(),
            weights: (0..y.len()).map(weight).collect(),
            place: vec![0; y.len()],
            sorted: Vec::new(),
            sums: PrefixSums::default(),
            left: Vec::new(),
            weight: 0.0,
            median: 0.0,
            total: 0.0,
            order: Vec::new(),
        }
    }

    fn add(&mut self, row: u32) -> (f64, f64) {
        let (y, weight) = (self.y[row as usize], self.weights[row as usize]);
        self.sums.add(self.place[row as usize] as usize, weight, y);
        self.sums.median_and_distance(&self.sorted)
    }
}

impl Criterion for Distances {
    const PAYLOAD_IS_ROW: bool = true;

    fn payload(&self, row: u32) -> u32 {
        row
    }

    fn enter(&mut self, rows: &[u32]) {
        let y = &self.y;
        self.order.clear();
        self.order.extend_from_slice(rows);
        self.order
            .sort_by(|&a, &b| y[a as usize].total_cmp(&y[b as usize]));
        self.sorted.clear();
        self.sorted
            .extend(self.order.iter().map(|&row| y[row as usize]));
        for (place, &row) in self.order.iter().enumerate() {
            self.place[row as usize] = place as u32;
        }
        self.sums.clear(rows.len());
        self.weight = rows.iter().map(|&row| self.weights[row as usize]).sum();
        for &row in rows {
            (self.median, self.total) = self.add(row);
        }
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn impurity(&self) -> f64 {
        if self.sorted.first() == self.sorted.last() {
            return 0.0;
        }
        (self.total / self.weight).max(0.0)
    }

    fn is_pure(&self) -> bool {
        self.impurity() <= f64::EPSILON
    }

    fn push_value(&self, values: &mut Vec<f64>) {
        values.push(self.median);
    }

    fn n_outputs(&self) -> usize {
        1
    }

    fn scan(&mut self, records: &[u64], limits: LeafLimits, best: &mut Best) -> bool {
        let row = |place: usize| records[place] as u32;
        let n = records.len();
        self.sums.clear(n);
        self.left.clear();
        for place in 0..n {
            let (_, distance) = self.add(row(place));
            self.left.push(distance);
        }
        // From the right, the score of each place needs what stands right of it. The last of equal scores met is the
        // first from the left.
        self.sums.clear(n);
        let mut improved = false;
        let (mut right_weight, mut found) = (0.0, *best);
        for place in (1..n).rev() {
            let (_, distance) = self.add(row(place));
            right_weight += self.weights[row(place) as usize];
            let left_weight = self.weight - right_weight;
            if rank(records[place - 1]) == rank(records[place])
                || place < limits.min_samples
                || n - place < limits.min_samples
                || left_weight < limits.min_weight
                || right_weight < limits.min_weight
            {
                continue;
            }
            let score = -distance - self.left[place - 1];
            if score > best.score && (!improved || score >= found.score) {
                found.score = score;
                found.ranks = (rank(records[place - 1]), rank(records[place]));
                improved = true;
            }
        }
        if improved {
            *best = found;
        }
        improved
    }

    fn score(&mut self, rows: &[u32], ranks: &[u32], last: u32, limits: LeafLimits) -> Option<f64> {
        let mut score = 0.0;
        for left in [true, false] {
            self.sums.clear(rows.len());
            let (mut distance, mut weight) = (0.0, 0.0);
            for (&row, _) in rows
                .iter()
                .zip(ranks)
                .filter(|(_, rank)| (**rank <= last) == left)
            {
                (_, distance) = self.add(row);
                weight += self.weights[row as usize];
            }
            if weight < limits.min_weight {
                return None;
            }
            score -= distance;
        }
        Some(score)
    }
}

/// Sums of weights and of weighted targets up to a place, where both change in O(log n): a Fenwick tree.
#[derive(Debug, Default)]
struct PrefixSums {
    nodes: Vec<(f64, f64)>,
    weight: f64,
    weighted: f64,
}

impl PrefixSums {
    fn clear(&mut self, n: usize) {
        self.nodes.clear();
        self.nodes.resize(n + 1, (0.0, 0.0));
        (self.weight, self.weighted) = (0.0, 0.0);
    }

    fn add(&mut self, place: usize, weight: f64, y: f64) {
        self.weight += weight;
        self.weighted += weight * y;
        let mut node = place + 1;
        while node < self.nodes.len() {
            self.nodes[node].0 += weight;
            self.nodes[node].1 += weight * y;
            node += node & node.wrapping_neg();
        }
    }

    /// The weighted median of what was added, in the middle where exactly half of the weight is below, and Σ w |y − it|.
    fn median_and_distance(&self, sorted: &[f64]) -> (f64, f64) {
        let half = 0.5 * self.weight;
        // The first place where more than half of the weight is reached, and the first where half is.
        let (above, below) = self.descend(|sum| sum <= half);
        let (reached, _) = self.descend(|sum| sum < half);
        let median = if above == reached {
            sorted[above]
        } else {
            (sorted[reached] + sorted[above]) / 2.0
        };
        let right = (self.weight - below.0, self.weighted - below.1);
        let distance = (right.1 - median * right.0) + (median * below.0 - below.1);
        (median, distance)
    }

    /// The first place up to which, itself included, the sum of weights does not `stay`, and the sums before it.
    fn descend(&self, stay: impl Fn(f64) -> bool) -> (usize, (f64, f64)) {
        let (mut at, mut sums) = (0, (0.0, 0.0));
        let mut step = self.nodes.len().next_power_of_two() / 2;
        while step > 0 {
            let next = at + step;
            if next < self.nodes.len() && stay(sums.0 + self.nodes[next].0) {
                at = next;
                sums.0 += self.nodes[next].0;
                sums.1 += self.nodes[next].1;
            }
            step /= 2;
        }
        (at.min(self.nodes.len() - 2), sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_sums_give_the_weighted_median() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        let median = |weights: [f64; 4]| {
            let mut sums = PrefixSums::default();
            sums.clear(4);
            for (place, (&y, weight)) in sorted.iter().zip(weights).enumerate() {
                if weight > 0.0 {
                    sums.add(place, weight, y);
                }
            }
            sums.median_and_distance(&sorted)
        };
        assert_eq!(median([1.0, 1.0, 1.0, 1.0]), (3.0, 9.0));
        assert_eq!(median([1.0, 1.0, 1.0, 0.0]), (2.0, 3.0));
        assert_eq!(median([0.0, 3.0, 0.0, 1.0]), (2.0, 6.0));
        assert_eq!(median([0.0, 1.0, 0.0, 1.0]), (5.0, 6.0));
    }
}
