//! A tree on bins: it counts in histograms instead of sorting.

use super::bins::{Binned, Cuts};
use crate::random::Random;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BinaryHeap;

/// Bins of a column, that of missing values included.
pub(crate) const N_BINS: usize = 256;
/// Histograms of fewer values than this are counted by the calling thread.
const PARALLEL_FROM: usize = 1 << 16;
/// Less curvature than this is not split.
const MIN_HESSIAN: f64 = 1e-3;
/// Categories with fewer samples go with the majority; also smooths their order.
const MIN_CATEGORY: f64 = 10.0;

/// Where growing stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_leaf_nodes: usize,
    pub(crate) max_depth: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) l2_regularization: f64,
    pub(crate) max_features: f64,
}

/// A grown tree. A leaf is its own child on both sides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct HistTree {
    pub(crate) nodes: Vec<HistNode>,
    /// The bins that go left at each split by category.
    sets: Vec<[u64; 4]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HistNode {
    pub(crate) threshold: f64,
    pub(crate) value: f64,
    pub(crate) gain: f64,
    pub(crate) feature: u32,
    left: u32,
    right: u32,
    pub(crate) n_samples: u32,
    /// The place of its set, for a split by category.
    set: Option<u32>,
    missing_left: bool,
}

fn contains(set: &[u64; 4], bin: usize) -> bool {
    set[bin / 64] >> (bin % 64) & 1 == 1
}

impl HistTree {
    pub(crate) fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].left as usize == node
    }

    /// The value for one row.
    pub(crate) fn value(&self, row: &[f64], cuts: &[Cuts]) -> f64 {
        let mut at = 0;
        loop {
            let node = &self.nodes[at];
            let feature = node.feature as usize;
            let value = row[feature];
            let left = match node.set {
                None if value.is_nan() => node.missing_left,
                None => value <= node.threshold,
                Some(set) => match cuts[feature].bin(value) {
                    None => node.missing_left,
                    Some(bin) => contains(&self.sets[set as usize], bin),
                },
            };
            let next = (if left { node.left } else { node.right }) as usize;
            if next == at {
                return node.value;
            }
            at = next;
        }
    }
}

/// What the samples of a bin add up to.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    gradient: f64,
    hessian: f64,
    count: u32,
}

/// A node that grows.
#[derive(Debug)]
struct Growing {
    start: usize,
    end: usize,
    depth: usize,
    gradient: f64,
    hessian: f64,
    value: f64,
}

/// The best split of a node.
#[derive(Clone, Copy, Debug)]
struct Split {
    gain: f64,
    feature: usize,
    bin: usize,
    set: Option<[u64; 4]>,
    missing_left: bool,
    gradient_left: f64,
    hessian_left: f64,
}

/// A node that can be split.
#[derive(Debug)]
struct Candidate {
    split: Split,
    node: usize,
    growing: Growing,
    histogram: Vec<Bin>,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.split
            .gain
            .total_cmp(&other.split.gain)
            .then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

/// Memory that one tree after the other uses.
#[derive(Debug, Default)]
pub(crate) struct HistSpace {
    pub(crate) rows: Vec<u32>,
    /// The leaves of the tree: node, and where its rows start and end.
    pub(crate) leaves: Vec<(usize, usize, usize)>,
    spare: Vec<u32>,
    gradients: Vec<f32>,
    hessians: Vec<f32>,
    pool: Vec<Vec<Bin>>,
}

/// Slopes and curvatures of the loss, row by row; curvatures that are all 1 are left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slopes<'a> {
    pub(crate) gradients: &'a [f32],
    pub(crate) hessians: Option<&'a [f32]>,
}

pub(crate) struct Grower<'a> {
    pub(crate) binned: &'a Binned,
    pub(crate) cuts: &'a [Cuts],
    pub(crate) slopes: Slopes<'a>,
    pub(crate) limits: Limits,
    pub(crate) missing_bin: usize,
    pub(crate) random: Random,
    pub(crate) space: &'a mut HistSpace,
}

impl Grower<'_> {
    pub(crate) fn grow(mut self) -> HistTree {
        let n = self.binned.n_samples;
        self.space.rows.clear();
        self.space.rows.extend(0..n as u32);
        self.space.leaves.clear();
        let mut tree = HistTree::default();
        let mut heap = BinaryHeap::new();
        let histogram = self.count(0, n);
        let (gradient, hessian) = histogram[..N_BINS].iter().fold((0.0, 0.0), |(g, h), bin| {
            (g + bin.gradient, h + self.curvature(bin))
        });
        let root = Growing {
            start: 0,
            end: n,
            depth: 0,
            gradient,
            hessian,
            value: 0.0,
        };
        self.add(root, Some(histogram), &mut tree, &mut heap);
        let mut n_leaves = 1;
        while n_leaves < self.limits.max_leaf_nodes
            && let Some(best) = heap.pop()
        {
            n_leaves += 1;
            self.split(
                best,
                n_leaves < self.limits.max_leaf_nodes,
                &mut tree,
                &mut heap,
            );
        }
        for Candidate {
            node,
            growing,
            histogram,
            ..
        } in heap.into_vec()
        {
            self.space.leaves.push((node, growing.start, growing.end));
            self.space.pool.push(histogram);
        }
        tree
    }

    fn curvature(&self, bin: &Bin) -> f64 {
        if self.slopes.hessians.is_some() {
            bin.hessian
        } else {
            f64::from(bin.count)
        }
    }

    /// Whether a node may be split at all.
    fn splittable(&self, growing: &Growing) -> bool {
        growing.end - growing.start >= 2 * self.limits.min_samples_leaf
            && growing.hessian >= MIN_HESSIAN
            && growing.depth < self.limits.max_depth
    }

    /// Adds a node: one that can be split waits in the heap.
    fn add(
        &mut self,
        growing: Growing,
        histogram: Option<Vec<Bin>>,
        tree: &mut HistTree,
        heap: &mut BinaryHeap<Candidate>,
    ) -> usize {
        let node = tree.nodes.len();
        tree.nodes.push(HistNode {
            threshold: 0.0,
            value: growing.value,
            gain: 0.0,
            feature: 0,
            left: node as u32,
            right: node as u32,
            n_samples: (growing.end - growing.start) as u32,
            set: None,
            missing_left: true,
        });
        let Some(histogram) = histogram else {
            self.space.leaves.push((node, growing.start, growing.end));
            return node;
        };
        let split = if self.splittable(&growing) {
            self.best(&growing, &histogram)
        } else {
            None
        };
        match split {
            Some(split) => heap.push(Candidate {
                split,
                node,
                growing,
                histogram,
            }),
            None => {
                self.space.leaves.push((node, growing.start, growing.end));
                self.space.pool.push(histogram);
            }
        }
        node
    }

    fn split(
        &mut self,
        best: Candidate,
        go_on: bool,
        tree: &mut HistTree,
        heap: &mut BinaryHeap<Candidate>,
    ) {
        let Candidate {
            mut split,
            node,
            growing,
            mut histogram,
        } = best;
        let middle = self.part(&growing, &split);
        let l2 = self.limits.l2_regularization;
        let (gradient, hessian) = (split.gradient_left, split.hessian_left);
        let left = Growing {
            start: growing.start,
            end: middle,
            depth: growing.depth + 1,
            gradient,
            hessian,
            value: value(gradient, hessian, l2),
        };
        let (gradient, hessian) = (growing.gradient - gradient, growing.hessian - hessian);
        let right = Growing {
            start: middle,
            end: growing.end,
            depth: growing.depth + 1,
            gradient,
            hessian,
            value: value(gradient, hessian, l2),
        };
        if !self.binned.missing[split.feature] {
            split.missing_left = middle - growing.start > growing.end - middle;
        }
        let (mut of_left, mut of_right) = (None, None);
        if go_on && (self.splittable(&left) || self.splittable(&right)) {
            // The smaller side is counted; what remains is the larger.
            let left_is_smaller = middle - growing.start < growing.end - middle;
            let smaller = if left_is_smaller { &left } else { &right };
            let counted = self.count(smaller.start, smaller.end);
            for (bin, counted) in histogram.iter_mut().zip(&counted) {
                bin.gradient -= counted.gradient;
                bin.hessian -= counted.hessian;
                bin.count -= counted.count;
            }
            (of_left, of_right) = if left_is_smaller {
                (Some(counted), Some(histogram))
            } else {
                (Some(histogram), Some(counted))
            };
        } else {
            self.space.pool.push(histogram);
        }
        let left = self.add(left, of_left, tree, heap);
        let right = self.add(right, of_right, tree, heap);
        self.write(node, &split, (left, right), tree);
    }

    fn write(
        &self,
        node: usize,
        split: &Split,
        (left, right): (usize, usize),
        tree: &mut HistTree,
    ) {
        let set = split.set.map(|set| {
            tree.sets.push(set);
            tree.sets.len() as u32 - 1
        });
        let at = &mut tree.nodes[node];
        at.threshold = match &self.cuts[split.feature] {
            // Behind the last value: everything that is not missing goes left.
            Cuts::Thresholds(thresholds) => thresholds.get(split.bin).copied().unwrap_or(f64::MAX),
            Cuts::Categories(_) => 0.0,
        };
        at.gain = split.gain;
        at.feature = split.feature as u32;
        at.missing_left = split.missing_left;
        at.set = set;
        (at.left, at.right) = (left as u32, right as u32);
    }

    /// Sends rows left and right, each side in its order, and says where the right side starts.
    fn part(&mut self, growing: &Growing, split: &Split) -> usize {
        let column = self.binned.column(split.feature);
        let mut goes_left = [false; N_BINS];
        for (bin, goes) in goes_left.iter_mut().enumerate() {
            *goes = match &split.set {
                Some(set) => contains(set, bin),
                None if bin == self.missing_bin => split.missing_left,
                None => bin <= split.bin,
            };
        }
        let space = &mut *self.space;
        let rows = &mut space.rows[growing.start..growing.end];
        space.spare.resize(self.binned.n_samples, 0);
        let (mut n_left, mut n_right) = (0, 0);
        for place in 0..rows.len() {
            let row = rows[place];
            let left = usize::from(goes_left[usize::from(column[row as usize])]);
            rows[n_left] = row;
            space.spare[n_right] = row;
            n_left += left;
            n_right += 1 - left;
        }
        rows[n_left..].copy_from_slice(&space.spare[..n_right]);
        growing.start + n_left
    }

    /// The histograms of all columns over some rows.
    fn count(&mut self, start: usize, end: usize) -> Vec<Bin> {
        let n_features = self.cuts.len();
        let mut histogram = self.space.pool.pop().unwrap_or_default();
        histogram.clear();
        histogram.resize(n_features * N_BINS, Bin::default());
        let HistSpace {
            rows,
            gradients,
            hessians,
            ..
        } = &mut *self.space;
        let rows = &rows[start..end];
        gradients.clear();
        gradients.extend(rows.iter().map(|&row| self.slopes.gradients[row as usize]));
        hessians.clear();
        if let Some(all) = self.slopes.hessians {
            hessians.extend(rows.iter().map(|&row| all[row as usize]));
        }
        let whole = rows.len() == self.binned.n_samples;
        let column = |(feature, bins): (usize, &mut [Bin])| {
            let column = self.binned.column(feature);
            let bins: &mut [Bin; N_BINS] = bins.try_into().expect("each column has 256 bins");
            if whole {
                fill(bins, column.iter().copied(), gradients, hessians);
            } else {
                let of_rows = rows.iter().map(|&row| column[row as usize]);
                fill(bins, of_rows, gradients, hessians);
            }
        };
        if rows.len() * n_features < PARALLEL_FROM {
            histogram.chunks_mut(N_BINS).enumerate().for_each(column);
        } else {
            histogram
                .par_chunks_mut(N_BINS)
                .enumerate()
                .for_each(column);
        }
        histogram
    }

    /// The best split of a node.
    fn best(&mut self, growing: &Growing, histogram: &[Bin]) -> Option<Split> {
        let n_features = self.cuts.len();
        let mut features: Vec<usize> = (0..n_features).collect();
        if self.limits.max_features < 1.0 {
            self.random.shuffle(&mut features);
            let n = (self.limits.max_features * n_features as f64).ceil() as usize;
            features.truncate(n.max(1));
        }
        // Of equally good splits, one by category comes first, as in scikit-learn.
        let numeric = |feature: usize| matches!(self.cuts[feature], Cuts::Thresholds(_));
        features.sort_unstable_by_key(|&feature| (numeric(feature), feature));
        let mut best = None::<Split>;
        for feature in features {
            let bins = &histogram[feature * N_BINS..(feature + 1) * N_BINS];
            let mut scan = Scan {
                grower: self,
                growing,
                feature,
                loss: growing.gradient * growing.value,
                left: Bin::default(),
                best: None,
            };
            match &self.cuts[feature] {
                Cuts::Thresholds(_) => scan.thresholds(bins),
                Cuts::Categories(_) => scan.categories(bins),
            }
            if let Some(split) = scan.best
                && best.is_none_or(|best| split.gain > best.gain)
            {
                best = Some(split);
            }
        }
        best
    }
}

fn fill(
    bins: &mut [Bin; N_BINS],
    of_rows: impl Iterator<Item = u8>,
    gradients: &[f32],
    hessians: &[f32],
) {
    if hessians.is_empty() {
        for (bin, &gradient) in of_rows.zip(gradients) {
            let bin = &mut bins[usize::from(bin)];
            bin.gradient += f64::from(gradient);
            bin.count += 1;
        }
    } else {
        for (bin, (&gradient, &hessian)) in of_rows.zip(gradients.iter().zip(hessians)) {
            let bin = &mut bins[usize::from(bin)];
            bin.gradient += f64::from(gradient);
            bin.hessian += f64::from(hessian);
            bin.count += 1;
        }
    }
}

/// The value that is best for summed slopes and curvatures.
fn value(gradient: f64, hessian: f64, l2: f64) -> f64 {
    -gradient / (hessian + l2 + 1e-15)
}

/// The search in one column.
struct Scan<'a, 'b> {
    grower: &'a Grower<'b>,
    growing: &'a Growing,
    feature: usize,
    /// The loss of the node as it is.
    loss: f64,
    left: Bin,
    best: Option<Split>,
}

/// Whether a scan goes on, and whether this side is too small.
enum Side {
    TooSmall,
    TooLarge,
    Fits,
}

impl Scan<'_, '_> {
    fn add(&mut self, bin: &Bin) -> Side {
        self.left.count += bin.count;
        self.left.gradient += bin.gradient;
        self.left.hessian += self.grower.curvature(bin);
        let least = self.grower.limits.min_samples_leaf;
        let n_left = self.left.count as usize;
        if n_left < least || self.left.hessian < MIN_HESSIAN {
            return Side::TooSmall;
        }
        let n_right = self.growing.end - self.growing.start - n_left;
        if n_right < least || self.growing.hessian - self.left.hessian < MIN_HESSIAN {
            return Side::TooLarge;
        }
        Side::Fits
    }

    /// The fall of the loss when `left` goes left.
    fn gain(&self) -> f64 {
        let l2 = self.grower.limits.l2_regularization;
        let (gradient, hessian) = (self.left.gradient, self.left.hessian);
        let (other, rest) = (
            self.growing.gradient - gradient,
            self.growing.hessian - hessian,
        );
        self.loss - gradient * value(gradient, hessian, l2) - other * value(other, rest, l2)
    }

    fn offer(&mut self, bin: usize, missing_left: bool) -> bool {
        let gain = self.gain();
        if gain <= self.best.map_or(0.0, |best| best.gain) {
            return false;
        }
        self.best = Some(Split {
            gain,
            feature: self.feature,
            bin,
            set: None,
            missing_left,
            gradient_left: self.left.gradient,
            hessian_left: self.left.hessian,
        });
        true
    }

    fn thresholds(&mut self, bins: &[Bin]) {
        let n_bins = self.grower.cuts[self.feature].n_bins();
        let missing = self.grower.binned.missing[self.feature];
        for (place, bin) in bins[..n_bins - usize::from(!missing)].iter().enumerate() {
            match self.add(bin) {
                Side::TooSmall => {}
                Side::TooLarge => break,
                Side::Fits => {
                    self.offer(place, false);
                }
            }
        }
        if missing {
            self.missing_left(bins, n_bins);
        }
    }

    /// Once more, from the right, with what is missing on the left.
    fn missing_left(&mut self, bins: &[Bin], n_bins: usize) {
        let mut right = Bin::default();
        for (place, bin) in bins[..n_bins].iter().enumerate().skip(1).rev() {
            right.count += bin.count;
            right.gradient += bin.gradient;
            right.hessian += self.grower.curvature(bin);
            let n_left = self.growing.end - self.growing.start - right.count as usize;
            let hessian = self.growing.hessian - right.hessian;
            let least = self.grower.limits.min_samples_leaf;
            if (right.count as usize) < least || right.hessian < MIN_HESSIAN {
                continue;
            }
            if n_left < least || hessian < MIN_HESSIAN {
                break;
            }
            self.left = Bin {
                gradient: self.growing.gradient - right.gradient,
                hessian,
                count: n_left as u32,
            };
            self.offer(place - 1, true);
        }
    }

    /// Categories in the order of their slopes, from both ends to the middle; rare ones stay right (Fisher's grouping).
    fn categories(&mut self, bins: &[Bin]) {
        let missing_bin = self.grower.missing_bin;
        let missing = self.grower.binned.missing[self.feature];
        let n_bins = self.grower.cuts[self.feature].n_bins();
        let support = (self.growing.end - self.growing.start) as f64 / self.growing.hessian;
        let mut order: Vec<(f64, usize)> = (0..n_bins)
            .chain(missing.then_some(missing_bin))
            .filter(|&bin| self.grower.curvature(&bins[bin]) * support >= MIN_CATEGORY - 1e-6)
            .map(|bin| {
                let hessian = self.grower.curvature(&bins[bin]);
                (bins[bin].gradient / (hessian + MIN_CATEGORY), bin)
            })
            .collect();
        if order.len() < 2 {
            return;
        }
        // Of equal ones the last first, as scikit-learn's sort leaves them.
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let half = order.len().div_ceil(2);
        let forwards: Vec<usize> = order.iter().map(|(_, bin)| *bin).take(half).collect();
        let backwards = order.iter().rev().map(|(_, bin)| *bin).take(half - 1);
        for way in [forwards, backwards.collect()] {
            self.left = Bin::default();
            let mut set = [0_u64; 4];
            for bin in way {
                set[bin / 64] |= 1 << (bin % 64);
                match self.add(&bins[bin]) {
                    Side::TooSmall => {}
                    Side::TooLarge => break,
                    Side::Fits => {
                        if self.offer(0, contains(&set, missing_bin))
                            && let Some(best) = &mut self.best
                        {
                            best.set = Some(set);
                        }
                    }
                }
            }
        }
    }
}
