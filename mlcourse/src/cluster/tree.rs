//! A k-d tree: which samples lie within a distance of a place.

use super::assign::Samples;
use crate::simd;

/// Samples of a leaf.
const LEAF: usize = 24;

pub(super) struct Tree {
    /// The samples, in the order of the leaves.
    x: Vec<f64>,
    /// The row that each was.
    rows: Vec<u32>,
    n_features: usize,
    nodes: Vec<Node>,
    /// The smallest and largest value of each feature in each node.
    low: Vec<f64>,
    high: Vec<f64>,
}

struct Node {
    start: usize,
    end: usize,
    /// The two halves, if it is no leaf.
    children: Option<(usize, usize)>,
}

impl Tree {
    pub(super) fn new(samples: Samples<'_>) -> Self {
        let mut rows: Vec<u32> = (0..samples.len() as u32).collect();
        let mut tree = Self {
            x: Vec::with_capacity(samples.x.len()),
            rows: Vec::new(),
            n_features: samples.n_features,
            nodes: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
        };
        tree.add(samples, &mut rows, 0);
        rows.iter()
            .for_each(|&row| tree.x.extend_from_slice(samples.row(row as usize)));
        tree.rows = rows;
        tree
    }

    /// Adds the node of some rows, halved at the median of the feature that spreads most.
    fn add(&mut self, samples: Samples<'_>, rows: &mut [u32], start: usize) -> usize {
        let mut low = samples.row(rows[0] as usize).to_vec();
        let mut high = low.clone();
        for &row in rows.iter() {
            for (feature, &value) in samples.row(row as usize).iter().enumerate() {
                low[feature] = low[feature].min(value);
                high[feature] = high[feature].max(value);
            }
        }
        let spread = |feature: usize| high[feature] - low[feature];
        let widest = (1..self.n_features).fold(0, |widest, feature| {
            if spread(feature) > spread(widest) {
                feature
            } else {
                widest
            }
        });
        let splits = rows.len() > LEAF && spread(widest) > 0.0;
        let node = self.nodes.len();
        self.nodes.push(Node {
            start,
            end: start + rows.len(),
            children: None,
        });
        self.low.extend(low);
        self.high.extend(high);
        if splits {
            let half = rows.len() / 2;
            let value = |row: u32| samples.row(row as usize)[widest];
            rows.select_nth_unstable_by(half, |&a, &b| {
                value(a).total_cmp(&value(b)).then(a.cmp(&b))
            });
            let (left, right) = rows.split_at_mut(half);
            let left = self.add(samples, left, start);
            let right = self.add(samples, right, start + half);
            self.nodes[node].children = Some((left, right));
        }
        node
    }

    /// The rows whose squared distance to `x` is at most `squared`, itself among them.
    pub(super) fn within(&self, x: &[f64], squared: f64, found: &mut Vec<u32>) {
        found.clear();
        let mut open = vec![0];
        simd::wide!(|| {
            while let Some(place) = open.pop() {
                let node = &self.nodes[place];
                if self.distance_to_box(place, x) > squared {
                    continue;
                }
                match node.children {
                    Some((left, right)) => open.extend([left, right]),
                    None => {
                        let members =
                            &self.x[node.start * self.n_features..node.end * self.n_features];
                        for (member, row) in members
                            .chunks_exact(self.n_features)
                            .zip(&self.rows[node.start..])
                        {
                            if simd::squared_distance(member, x) <= squared {
                                found.push(*row);
                            }
                        }
                    }
                }
            }
        });
    }

    /// No more than the squared distance from `x` to any sample of a node.
    #[inline(always)]
    fn distance_to_box(&self, node: usize, x: &[f64]) -> f64 {
        let place = node * self.n_features;
        let (low, high) = (
            &self.low[place..][..self.n_features],
            &self.high[place..][..self.n_features],
        );
        let mut sum = 0.0;
        for ((x, low), high) in x.iter().zip(low).zip(high) {
            let apart = (low - x).max(x - high).max(0.0);
            sum += apart * apart;
        }
        // Rounding must not leave out a sample that lies just at the distance.
        sum * (1.0 - 1e-12)
    }
}
