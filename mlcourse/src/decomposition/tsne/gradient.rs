//! The divergence that t-SNE minimises, and its gradient.

use super::affinities::Sparse;
use super::tree::Tree;
use ndarray::Array2;
use rayon::prelude::*;

/// How many points a piece of work has.
const LEN: usize = 64;

/// How many points walk through the tree together.
const WIDTH: usize = 8;

/// Where the points of a map pull each other to.
pub(super) trait Objective<const D: usize>: Sync {
    /// The gradient at `y`, and the divergence when it is asked for. `exaggeration` multiplies the p_ij.
    fn evaluate(
        &self,
        y: &[[f64; D]],
        exaggeration: f64,
        gradient: &mut [[f64; D]],
        wants_divergence: bool,
    ) -> Option<f64>;
}

/// Student's t-distribution of `degrees` of freedom: the weight of a pair at a squared distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Student {
    degrees: f64,
}

impl Student {
    pub(super) fn for_map(n_components: usize) -> Self {
        Self {
            degrees: (n_components.max(2) - 1) as f64,
        }
    }

    /// (1 + d² / ν)^(−(ν + 1) / 2).
    fn weight(self, distance2: f64) -> f64 {
        if self.degrees == 1.0 {
            1.0 / (1.0 + distance2)
        } else {
            (1.0 + distance2 / self.degrees).powf(-0.5 * (self.degrees + 1.0))
        }
    }

    /// What the sum of the pulls is multiplied by.
    fn factor(self) -> f64 {
        2.0 * (self.degrees + 1.0) / self.degrees
    }
}

/// All pairs: exact.
pub(super) struct Exact<'a> {
    pub p: &'a Array2<f64>,
    pub student: Student,
}

/// Near pairs attract, and groups of far points repel as one.
pub(super) struct BarnesHut<'a> {
    pub p: &'a Sparse,
    pub angle: f64,
    pub student: Student,
}

/// What a point feels: Σ p w (y_i − y_j), Σ w² (y_i − y_j) and Σ w.
#[derive(Clone, Copy)]
struct Pull<const D: usize> {
    attraction: [f64; D],
    repulsion: [f64; D],
    weight: f64,
}

impl<const D: usize> Pull<D> {
    const NONE: Self = Self {
        attraction: [0.0; D],
        repulsion: [0.0; D],
        weight: 0.0,
    };
}

/// Adds up the weights in order, and makes the gradient of the pulls.
fn combine<const D: usize>(
    pulls: &[Pull<D>],
    student: Student,
    exaggeration: f64,
    gradient: &mut [[f64; D]],
) -> f64 {
    let total = pulls
        .iter()
        .map(|pull| pull.weight)
        .sum::<f64>()
        .max(f64::MIN_POSITIVE);
    for (gradient, pull) in gradient.iter_mut().zip(pulls) {
        *gradient = std::array::from_fn(|axis| {
            student.factor() * (exaggeration * pull.attraction[axis] - pull.repulsion[axis] / total)
        });
    }
    total
}

fn difference<const D: usize>(left: &[f64; D], right: &[f64; D]) -> ([f64; D], f64) {
    let mut difference = [0.0; D];
    let mut distance2 = 0.0;
    for axis in 0..D {
        difference[axis] = left[axis] - right[axis];
        distance2 += difference[axis] * difference[axis];
    }
    (difference, distance2)
}

/// sum += factor · difference.
fn add<const D: usize>(sum: &mut [f64; D], factor: f64, difference: &[f64; D]) {
    for (sum, difference) in sum.iter_mut().zip(difference) {
        *sum += factor * difference;
    }
}

/// p ln(p / q), 0 for p = 0.
fn divergence_of(p: f64, q: f64) -> f64 {
    if p > 0.0 {
        p * (p / q.max(f64::MIN_POSITIVE)).ln()
    } else {
        0.0
    }
}

/// Rows of work done side by side and added up in order.
fn ordered_sum(n: usize, of_row: &(dyn Fn(usize) -> f64 + Sync)) -> f64 {
    let rows: Vec<f64> = (0..n)
        .into_par_iter()
        .with_min_len(LEN)
        .map(of_row)
        .collect();
    rows.iter().sum()
}

impl<const D: usize> Objective<D> for Exact<'_> {
    fn evaluate(
        &self,
        y: &[[f64; D]],
        exaggeration: f64,
        gradient: &mut [[f64; D]],
        wants_divergence: bool,
    ) -> Option<f64> {
        let n = y.len();
        let p = self.p.as_slice().expect("made in standard layout");
        let mut pulls = vec![Pull::<D>::NONE; n];
        pulls
            .par_iter_mut()
            .with_min_len(8)
            .enumerate()
            .for_each(|(i, pull)| {
                for (other, p) in y.iter().zip(&p[i * n..][..n]) {
                    let (difference, distance2) = difference(&y[i], other);
                    let weight = self.student.weight(distance2);
                    pull.weight += weight;
                    let (attraction, repulsion) = (p * weight, weight * weight);
                    add(&mut pull.attraction, attraction, &difference);
                    add(&mut pull.repulsion, repulsion, &difference);
                }
                // The point itself, at distance 0.
                pull.weight -= 1.0;
            });
        let total = combine(&pulls, self.student, exaggeration, gradient);
        wants_divergence.then(|| {
            ordered_sum(n, &|i| {
                (0..n)
                    .filter(|&j| j != i)
                    .map(|j| {
                        let weight = self.student.weight(difference(&y[i], &y[j]).1);
                        divergence_of(
                            exaggeration * p[i * n + j],
                            (weight / total).max(f64::EPSILON),
                        )
                    })
                    .sum()
            })
        })
    }
}

impl<const D: usize> Objective<D> for BarnesHut<'_> {
    fn evaluate(
        &self,
        y: &[[f64; D]],
        exaggeration: f64,
        gradient: &mut [[f64; D]],
        wants_divergence: bool,
    ) -> Option<f64> {
        let tree = Tree::new(y);
        // Neighbours in the tree look at the same boxes: box by box, these stay in the cache.
        let felt: Vec<[Pull<D>; WIDTH]> = tree
            .order
            .par_chunks(WIDTH)
            .with_min_len(LEN / WIDTH)
            .map(|points| {
                let mut pulls = self.repulsion(&tree, y, points);
                for (pull, &i) in pulls.iter_mut().zip(points) {
                    pull.attraction = self.attraction(y, i as usize);
                }
                pulls
            })
            .collect();
        let mut pulls = vec![Pull::NONE; y.len()];
        for (points, felt) in tree.order.chunks(WIDTH).zip(felt) {
            for (&i, pull) in points.iter().zip(felt) {
                pulls[i as usize] = pull;
            }
        }
        let total = combine(&pulls, self.student, exaggeration, gradient);
        wants_divergence.then(|| {
            ordered_sum(y.len(), &|i| {
                self.neighbors(i)
                    .map(|(j, p)| {
                        let weight = self.student.weight(difference(&y[i], &y[j]).1);
                        divergence_of(exaggeration * p, weight / total)
                    })
                    .sum()
            })
        })
    }
}

impl BarnesHut<'_> {
    fn neighbors(&self, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.p.starts[i]..self.p.starts[i + 1];
        let columns = self.p.columns[range.clone()]
            .iter()
            .map(|&column| column as usize);
        columns.zip(self.p.values[range].iter().copied())
    }

    fn attraction<const D: usize>(&self, y: &[[f64; D]], i: usize) -> [f64; D] {
        let mut sum = [0.0; D];
        for (j, p) in self.neighbors(i) {
            let (difference, distance2) = difference(&y[i], &y[j]);
            let strength = p * self.student.weight(distance2);
            add(&mut sum, strength, &difference);
        }
        sum
    }

    /// Up to eight points that are neighbours in the tree walk through it together: they look at nearly the same boxes,
    /// and the processor computes for them side by side. A box is looked into when one of them would, and when it holds
    /// one of them.
    fn repulsion<const D: usize>(
        &self,
        tree: &Tree<D>,
        y: &[[f64; D]],
        points: &[u32],
    ) -> [Pull<D>; WIDTH] {
        let point = |lane: usize| points[lane.min(points.len() - 1)] as usize;
        let at: [[f64; WIDTH]; D] =
            std::array::from_fn(|axis| std::array::from_fn(|lane| y[point(lane)][axis]));
        // Leaves have the order of their points.
        let leaf = |lane: usize| tree.leaf_of[point(lane)] as usize;
        let (first, last) = (leaf(0), leaf(WIDTH - 1));
        let angle2 = self.angle * self.angle;
        let mut weights = [0.0; WIDTH];
        let mut forces = [[0.0; WIDTH]; D];
        let mut place = 0;
        while let Some(node) = tree.nodes.get(place) {
            let mut differences = [[0.0; WIDTH]; D];
            let mut distances2 = [0.0; WIDTH];
            for ((difference, at), centre) in differences.iter_mut().zip(&at).zip(&node.centre) {
                for lane in 0..WIDTH {
                    difference[lane] = at[lane] - centre;
                    distances2[lane] += difference[lane] * difference[lane];
                }
            }
            let nearest = distances2
                .iter()
                .fold(f64::INFINITY, |nearest, &distance2| {
                    if distance2 < nearest {
                        distance2
                    } else {
                        nearest
                    }
                });
            let holds_one = place <= last && first < node.next as usize;
            if node.width2 >= 0.0 && (holds_one || node.width2 >= angle2 * nearest) {
                place += 1;
                continue;
            }
            let weight = distances2.map(|distance2| self.student.weight(distance2));
            for lane in 0..WIDTH {
                weights[lane] += node.count * weight[lane];
            }
            for (force, difference) in forces.iter_mut().zip(&differences) {
                for lane in 0..WIDTH {
                    force[lane] += node.count * weight[lane] * weight[lane] * difference[lane];
                }
            }
            place = node.next as usize;
        }
        std::array::from_fn(|lane| {
            let mut pull = Pull {
                attraction: [0.0; D],
                repulsion: std::array::from_fn(|axis| forces[axis][lane]),
                weight: weights[lane],
            };
            // A point does not repel itself: its share of its leaf is taken back.
            let (difference, distance2) =
                difference(&y[point(lane)], &tree.nodes[leaf(lane)].centre);
            let weight = self.student.weight(distance2);
            pull.weight -= weight;
            add(&mut pull.repulsion, -weight * weight, &difference);
            pull
        })
    }
}
