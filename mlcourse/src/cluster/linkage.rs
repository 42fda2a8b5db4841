//! Merging the two nearest clusters until one is left: the tree, in SciPy's form.

use super::assign::Samples;
use crate::estimator::choice;
use crate::simd;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How far two clusters are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Linkage {
    /// `"ward"`: √(2 |A| |B| / (|A| + |B|)) ‖mean A − mean B‖, what a merge adds to the squared distances within clusters.
    #[default]
    Ward,
    /// `"complete"`: the largest distance between a sample of one and a sample of the other.
    Complete,
    /// `"average"`: the mean of these distances.
    Average,
    /// `"single"`: the smallest of these distances.
    Single,
}

choice!(Linkage {
    Ward = "ward",
    Complete = "complete",
    Average = "average",
    Single = "single",
});

/// One merge: two clusters, their distance, how many samples they have together. Samples are clusters 0 to n − 1, the
/// merge of place i makes cluster n + i.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Merge {
    pub left: usize,
    pub right: usize,
    pub distance: f64,
    pub size: usize,
}

/// The n − 1 merges, nearest first: SciPy's `linkage`.
pub(super) fn merges(samples: Samples<'_>, linkage: Linkage) -> Vec<Merge> {
    let mut merges = match linkage {
        Linkage::Single => spanning_tree(samples),
        _ => neighbour_chain(samples, linkage),
    };
    // The sort is stable: equal distances stay in the order in which they were found.
    merges.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    name_clusters(&mut merges, samples.len());
    merges
}

/// Prim's algorithm: the edges of the minimum spanning tree are the merges of single linkage. O(n) memory.
fn spanning_tree(samples: Samples<'_>) -> Vec<Merge> {
    let n = samples.len();
    let mut nearest = vec![f64::INFINITY; n];
    let mut outside: Vec<usize> = (1..n).collect();
    let mut merges = Vec::with_capacity(n.saturating_sub(1));
    let mut last = 0;
    while !outside.is_empty() {
        let mut best = 0;
        simd::wide!(|| {
            for (place, &row) in outside.iter().enumerate() {
                let distance = simd::squared_distance(samples.row(last), samples.row(row));
                nearest[row] = nearest[row].min(distance);
                if nearest[row] < nearest[outside[best]] {
                    best = place;
                }
            }
        });
        // The order of the rest decides between equal distances.
        let next = outside.remove(best);
        merges.push(Merge {
            left: last,
            right: next,
            distance: nearest[next].sqrt(),
            size: 0,
        });
        last = next;
    }
    merges
}

/// Distances between all pairs of n rows: of row i, those to rows 0 to i − 1.
struct Condensed(Vec<f64>);

impl Condensed {
    fn new(samples: Samples<'_>) -> Self {
        let n = samples.len();
        let mut distances = vec![0.0; n * n.saturating_sub(1) / 2];
        let mut rows = Vec::with_capacity(n);
        let mut rest = distances.as_mut_slice();
        for row in 0..n {
            let (head, tail) = rest.split_at_mut(row);
            rows.push((row, head));
            rest = tail;
        }
        rows.into_par_iter().for_each(|(row, distances)| {
            simd::wide!(|| {
                for (other, distance) in distances.iter_mut().enumerate() {
                    *distance = simd::squared_distance(samples.row(row), samples.row(other)).sqrt();
                }
            });
        });
        Self(distances)
    }

    fn place(a: usize, b: usize) -> usize {
        let (high, low) = if a > b { (a, b) } else { (b, a) };
        high * (high - 1) / 2 + low
    }

    fn get(&self, a: usize, b: usize) -> f64 {
        self.0[Self::place(a, b)]
    }
}

/// Goes from a cluster to its nearest neighbour, to that one's, …, until two are each other's nearest, and merges these.
///
/// Source: F. Murtagh (1983) by way of D. Müllner, *Modern hierarchical, agglomerative clustering algorithms*, 2011; ties
/// are broken as SciPy breaks them.
fn neighbour_chain(samples: Samples<'_>, linkage: Linkage) -> Vec<Merge> {
    let n = samples.len();
    let mut distances = Condensed::new(samples);
    let mut size = vec![1_usize; n];
    // The places that still hold a cluster, ascending.
    let mut alive: Vec<usize> = (0..n).collect();
    let mut chain: Vec<usize> = Vec::with_capacity(n);
    let mut merges = Vec::with_capacity(n.saturating_sub(1));
    while alive.len() > 1 {
        if chain.is_empty() {
            chain.push(alive[0]);
        }
        let (x, y, distance) = loop {
            let x = chain[chain.len() - 1];
            let before = chain.len().checked_sub(2).map(|place| chain[place]);
            let start = before.map_or((f64::INFINITY, x), |y| (distances.get(x, y), y));
            let (distance, y) = nearest(&distances, &alive, x, start);
            if before == Some(y) {
                break (x, y, distance);
            }
            chain.push(y);
        };
        chain.truncate(chain.len() - 2);
        let (x, y) = (x.min(y), x.max(y));
        let (size_x, size_y) = (size[x], size[y]);
        merges.push(Merge {
            left: x,
            right: y,
            distance,
            size: 0,
        });
        let gone = alive.partition_point(|&place| place < x);
        alive.remove(gone);
        size[y] = size_x + size_y;
        for &other in &alive {
            if other != y {
                let place = Condensed::place(other, y);
                let (to_x, to_y) = (distances.get(other, x), distances.0[place]);
                let sizes = (size_x as f64, size_y as f64, size[other] as f64);
                distances.0[place] = updated(linkage, to_x, to_y, distance, sizes);
            }
        }
    }
    merges
}

/// The nearest to x among those alive: `start` unless another is strictly nearer, the first of these.
fn nearest(distances: &Condensed, alive: &[usize], x: usize, start: (f64, usize)) -> (f64, usize) {
    let mut best = start;
    let own = alive.partition_point(|&place| place < x);
    // Distances to places below x stand side by side.
    let row = &distances.0[x * x.saturating_sub(1) / 2..];
    for &place in &alive[..own] {
        if row[place] < best.0 {
            best = (row[place], place);
        }
    }
    for &place in &alive[own + 1..] {
        let distance = distances.0[place * (place - 1) / 2 + x];
        if distance < best.0 {
            best = (distance, place);
        }
    }
    best
}

/// The distance from a third cluster to the union of x and y, by Lance and Williams.
fn updated(linkage: Linkage, to_x: f64, to_y: f64, between: f64, sizes: (f64, f64, f64)) -> f64 {
    let (size_x, size_y, size) = sizes;
    match linkage {
        Linkage::Complete => to_x.max(to_y),
        Linkage::Single => to_x.min(to_y),
        Linkage::Average => (size_x * to_x + size_y * to_y) / (size_x + size_y),
        Linkage::Ward => {
            let share = 1.0 / (size_x + size_y + size);
            ((size + size_x) * share * to_x * to_x + (size + size_y) * share * to_y * to_y
                - size * share * between * between)
                .max(0.0)
                .sqrt()
        }
    }
}

/// Replaces the samples that stand for clusters by the clusters' numbers, the smaller first, and counts.
fn name_clusters(merges: &mut [Merge], n: usize) {
    let mut parent: Vec<usize> = (0..n + merges.len()).collect();
    let mut size = vec![1_usize; n + merges.len()];
    let root = |parent: &mut Vec<usize>, of: usize| {
        let mut root = of;
        while parent[root] != root {
            root = parent[root];
        }
        let mut place = of;
        while parent[place] != root {
            place = std::mem::replace(&mut parent[place], root);
        }
        root
    };
    for (place, merge) in merges.iter_mut().enumerate() {
        let (a, b) = (
            root(&mut parent, merge.left),
            root(&mut parent, merge.right),
        );
        (merge.left, merge.right) = (a.min(b), a.max(b));
        (parent[a], parent[b]) = (n + place, n + place);
        size[n + place] = size[a] + size[b];
        merge.size = size[n + place];
    }
}
