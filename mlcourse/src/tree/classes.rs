//! Gini index and entropy of classes.

use super::criterion::{Best, Criterion, LeafLimits, rank};

/// How a payload says its row's class and weight.
pub(crate) trait Labels {
    const PAYLOAD_IS_ROW: bool;
    fn payload(&self, row: u32) -> u32;
    fn decode(&self, payload: u32) -> (usize, f64);
}

/// Rows that count a whole number of times: the payload is class and count.
#[derive(Debug)]
pub(crate) struct Counted(Vec<u32>);

impl Counted {
    /// More classes or a larger count do not fit into a payload.
    pub(crate) const LIMIT: usize = 1 << 16;

    pub(crate) fn new(y: &[u32], counts: impl Iterator<Item = u32>) -> Self {
        Self(
            y.iter()
                .zip(counts)
                .map(|(class, count)| class << 16 | count)
                .collect(),
        )
    }
}

impl Labels for Counted {
    const PAYLOAD_IS_ROW: bool = false;

    fn payload(&self, row: u32) -> u32 {
        self.0[row as usize]
    }

    fn decode(&self, payload: u32) -> (usize, f64) {
        ((payload >> 16) as usize, f64::from(payload & 0xffff))
    }
}

/// Rows of any weight: the payload is the row.
#[derive(Debug)]
pub(crate) struct Weighted(Vec<(u32, f64)>);

impl Weighted {
    pub(crate) fn new(y: &[u32], weight: impl Iterator<Item = f64>) -> Self {
        Self(y.iter().copied().zip(weight).collect())
    }
}

impl Labels for Weighted {
    const PAYLOAD_IS_ROW: bool = true;

    fn payload(&self, row: u32) -> u32 {
        row
    }

    fn decode(&self, payload: u32) -> (usize, f64) {
        let (class, weight) = self.0[payload as usize];
        (class as usize, weight)
    }
}

/// How shares become an impurity.
pub(crate) trait Purity {
    /// What is summed over the classes of one side.
    fn term(&self, count: f64) -> f64;
    /// The score of a split by the sums of its sides, but for rounding and a constant.
    fn rough(&self, left: (f64, f64), right: (f64, f64)) -> f64;
    /// The impurity of counts that add up to `weight`.
    fn impurity(&self, counts: &[f64], weight: f64) -> f64;
}

#[derive(Debug)]
pub(crate) struct Gini;

impl Purity for Gini {
    fn term(&self, count: f64) -> f64 {
        count * count
    }

    fn rough(&self, left: (f64, f64), right: (f64, f64)) -> f64 {
        (left.0 * right.1 + right.0 * left.1) / (left.1 * right.1)
    }

    fn impurity(&self, counts: &[f64], weight: f64) -> f64 {
        1.0 - counts.iter().map(|count| count * count).sum::<f64>() / (weight * weight)
    }
}

/// Entropy; c ln c is looked up where counts are whole numbers.
#[derive(Debug)]
pub(crate) struct Entropy(Vec<f64>);

impl Entropy {
    /// For counts up to this; 0 for weights that are not whole.
    pub(crate) fn new(largest_count: usize) -> Self {
        let term = |count: usize| {
            let count = count as f64;
            if count > 0.0 { count * count.ln() } else { 0.0 }
        };
        Self((0..largest_count + 1).map(term).collect())
    }
}

impl Purity for Entropy {
    fn term(&self, count: f64) -> f64 {
        if self.0.len() > 1 {
            self.0[count as usize]
        } else if count > 0.0 {
            count * count.ln()
        } else {
            0.0
        }
    }

    fn rough(&self, left: (f64, f64), right: (f64, f64)) -> f64 {
        left.0 - self.term(left.1) + right.0 - self.term(right.1)
    }

    fn impurity(&self, counts: &[f64], weight: f64) -> f64 {
        let bits = |share: f64| -share * (share.ln() / 2.0_f64.ln());
        counts
            .iter()
            .filter(|count| **count > 0.0)
            .fold(0.0, |sum, count| sum + bits(count / weight))
    }
}

/// Classes, judged by a purity.
#[derive(Debug)]
pub(crate) struct Classes<L, P> {
    labels: L,
    purity: P,
    node: Vec<f64>,
    weight: f64,
    /// Σ term over the node.
    terms: f64,
    left: Vec<f64>,
    right: Vec<f64>,
}

impl<L: Labels, P: Purity> Classes<L, P> {
    pub(crate) fn new(labels: L, purity: P, n_classes: usize) -> Self {
        Self {
            labels,
            purity,
            node: vec![0.0; n_classes],
            weight: 0.0,
            terms: 0.0,
            left: vec![0.0; n_classes],
            right: vec![0.0; n_classes],
        }
    }

    /// −(w_L I_L + w_R I_R), in scikit-learn's order of operations: equal splits are told apart as there.
    fn exact(&self, left: f64, right: f64) -> f64 {
        -right * self.purity.impurity(&self.right, right)
            - left * self.purity.impurity(&self.left, left)
    }
}

impl<L: Labels, P: Purity> Criterion for Classes<L, P> {
    const PAYLOAD_IS_ROW: bool = L::PAYLOAD_IS_ROW;

    fn payload(&self, row: u32) -> u32 {
        self.labels.payload(row)
    }

    fn enter(&mut self, rows: &[u32]) {
        self.node.fill(0.0);
        self.weight = 0.0;
        for &row in rows {
            let (class, weight) = self.labels.decode(self.labels.payload(row));
            self.node[class] += weight;
            self.weight += weight;
        }
        self.terms = self.node.iter().map(|&count| self.purity.term(count)).sum();
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn impurity(&self) -> f64 {
        self.purity.impurity(&self.node, self.weight)
    }

    fn is_pure(&self) -> bool {
        self.node.iter().filter(|count| **count > 0.0).count() < 2
            || self.impurity() <= f64::EPSILON
    }

    fn push_value(&self, values: &mut Vec<f64>) {
        values.extend(self.node.iter().map(|count| count / self.weight));
    }

    fn n_outputs(&self) -> usize {
        self.node.len()
    }

    fn scan(&mut self, records: &[u64], limits: LeafLimits, best: &mut Best) -> bool {
        let slack = 1e-9 * self.weight;
        let mut improved = false;
        self.left.fill(0.0);
        self.right.copy_from_slice(&self.node);
        let (mut left_weight, mut left_terms, mut right_terms) = (0.0, 0.0, self.terms);
        for (place, pair) in records.windows(2).enumerate() {
            let (class, weight) = self.labels.decode(pair[0] as u32);
            let (left, right) = (self.left[class], self.right[class]);
            left_terms += self.purity.term(left + weight) - self.purity.term(left);
            right_terms += self.purity.term(right - weight) - self.purity.term(right);
            self.left[class] = left + weight;
            self.right[class] = right - weight;
            left_weight += weight;
            if rank(pair[0]) == rank(pair[1]) || place + 1 < limits.min_samples {
                continue;
            }
            if records.len() - place - 1 < limits.min_samples {
                break;
            }
            let right_weight = self.weight - left_weight;
            if left_weight < limits.min_weight || right_weight < limits.min_weight {
                continue;
            }
            let rough = self
                .purity
                .rough((left_terms, left_weight), (right_terms, right_weight));
            if rough <= best.rough - slack {
                continue;
            }
            let score = self.exact(left_weight, right_weight);
            if score > best.score {
                best.score = score;
                best.rough = rough;
                best.ranks = (rank(pair[0]), rank(pair[1]));
                improved = true;
            }
        }
        improved
    }

    fn score(&mut self, rows: &[u32], ranks: &[u32], last: u32, limits: LeafLimits) -> Option<f64> {
        self.left.fill(0.0);
        let mut left_weight = 0.0;
        for (&row, &rank) in rows.iter().zip(ranks) {
            let (class, weight) = self.labels.decode(self.labels.payload(row));
            // Which side is a coin toss: multiplying costs less than guessing.
            let weight = weight * f64::from(u8::from(rank <= last));
            self.left[class] += weight;
            left_weight += weight;
        }
        for (right, (node, left)) in self.right.iter_mut().zip(self.node.iter().zip(&self.left)) {
            *right = node - left;
        }
        let right_weight = self.weight - left_weight;
        (left_weight >= limits.min_weight && right_weight >= limits.min_weight)
            .then(|| self.exact(left_weight, right_weight))
    }
}
