//! Points in nested boxes, so that far ones can count as one (J. Barnes, P. Hut, *A hierarchical O(N log N)
//! force-calculation algorithm*, 1986).

/// Below this depth points are as good as equal, and share a leaf.
const MAX_DEPTH: usize = 48;

/// A box and all its points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<const D: usize> {
    /// The mean of its points.
    pub centre: [f64; D],
    /// The square of its longest side; −1 for a leaf, which is as far as can be looked.
    pub width2: f64,
    /// How many points.
    pub count: f64,
    /// The node to go on with when this one is not looked into. The one to look into is the next.
    pub next: u32,
}

/// The boxes, each before those inside it.
#[derive(Debug)]
pub(super) struct Tree<const D: usize> {
    pub nodes: Vec<Node<D>>,
    /// The points, box by box.
    pub order: Vec<u32>,
    /// The leaf of each point.
    pub leaf_of: Vec<u32>,
    scratch: Vec<u32>,
}

impl<const D: usize> Tree<D> {
    pub(super) fn new(points: &[[f64; D]]) -> Self {
        let mut tree = Self {
            nodes: Vec::with_capacity(2 * points.len()),
            order: (0..points.len() as u32).collect(),
            leaf_of: vec![0; points.len()],
            scratch: vec![0; points.len()],
        };
        let (mut low, mut high) = ([f64::INFINITY; D], [f64::NEG_INFINITY; D]);
        for point in points {
            for axis in 0..D {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        let mut width = [0.0; D];
        for axis in 0..D {
            width[axis] = high[axis] - low[axis];
        }
        tree.build(points, 0..points.len(), low, width, 0);
        tree
    }

    fn build(
        &mut self,
        points: &[[f64; D]],
        range: std::ops::Range<usize>,
        low: [f64; D],
        width: [f64; D],
        depth: usize,
    ) {
        let place = self.nodes.len();
        let count = range.len() as f64;
        let widest = width.iter().fold(0.0, |most: f64, side| most.max(*side));
        let leaf = range.len() == 1 || depth == MAX_DEPTH || widest == 0.0;
        let mut centre = [0.0; D];
        for &point in &self.order[range.clone()] {
            for (sum, value) in centre.iter_mut().zip(&points[point as usize]) {
                *sum += value;
            }
            if leaf {
                self.leaf_of[point as usize] = place as u32;
            }
        }
        self.nodes.push(Node {
            centre: centre.map(|sum| sum / count),
            width2: if leaf { -1.0 } else { widest * widest },
            count,
            next: 0,
        });
        if !leaf {
            let half = width.map(|side| side / 2.0);
            for (child, inside) in self.sort(points, range, low, half).into_iter().enumerate() {
                if inside.is_empty() {
                    continue;
                }
                let mut corner = low;
                for axis in 0..D {
                    if child >> axis & 1 == 1 {
                        corner[axis] += half[axis];
                    }
                }
                self.build(points, inside, corner, half, depth + 1);
            }
        }
        self.nodes[place].next = self.nodes.len() as u32;
    }

    /// Puts the points of a box in the order of its 2^D parts; where each part starts and ends.
    fn sort(
        &mut self,
        points: &[[f64; D]],
        range: std::ops::Range<usize>,
        low: [f64; D],
        half: [f64; D],
    ) -> Vec<std::ops::Range<usize>> {
        let part = |point: u32| {
            let point = &points[point as usize];
            (0..D).fold(0, |part, axis| {
                part | usize::from(point[axis] >= low[axis] + half[axis]) << axis
            })
        };
        let mut counts = [0; 8];
        for &point in &self.order[range.clone()] {
            counts[part(point)] += 1;
        }
        let mut parts = Vec::with_capacity(1 << D);
        let mut start = range.start;
        for count in &counts[..1 << D] {
            parts.push(start..start + count);
            start += count;
        }
        let mut places = [0; 8];
        for (place, part) in places.iter_mut().zip(&parts) {
            *place = part.start;
        }
        self.scratch[range.clone()].copy_from_slice(&self.order[range.clone()]);
        for &point in &self.scratch[range] {
            let place = &mut places[part(point)];
            self.order[*place] = point;
            *place += 1;
        }
        parts
    }
}
