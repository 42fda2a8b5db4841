//! Which centre each sample is nearest to, and what the samples of each centre add up to: one pass over the data.

use crate::simd;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatRef, Par};
use rayon::prelude::*;

/// Rows of a block: it is transposed, so that the distances of several samples are computed at once.
const BLOCK: usize = 128;
/// Samples whose distances are computed at once.
const LANES: usize = 16;
/// Rows of one task. It depends on nothing, so that the sums are the same at any number of threads.
pub(super) const CHUNK: usize = 32 * BLOCK;

/// Samples, row by row, and how much each counts.
#[derive(Clone, Copy)]
pub(super) struct Samples<'a> {
    pub x: &'a [f64],
    pub n_features: usize,
    pub weights: Option<&'a [f64]>,
}

impl<'a> Samples<'a> {
    pub(super) fn len(&self) -> usize {
        self.x.len() / self.n_features
    }

    pub(super) fn row(&self, row: usize) -> &'a [f64] {
        &self.x[row * self.n_features..(row + 1) * self.n_features]
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }
}

/// What the samples of each centre add up to.
#[derive(Clone)]
pub(super) struct Sums {
    /// Σ w x of each centre.
    pub sums: Vec<f64>,
    /// Σ w of each centre.
    pub weights: Vec<f64>,
    /// Σ w min ‖x − c‖².
    pub inertia: f64,
}

/// Labels all samples by their nearest centre, the first where several are as near, and sums them up.
pub(super) fn assign(samples: Samples<'_>, centers: &[f64], labels: &mut [u32]) -> Sums {
    let n_clusters = centers.len() / samples.n_features;
    let centers = Centers::new(centers, samples.n_features);
    let work = |(chunk, labels): (usize, &mut [u32])| {
        let mut sums = Sums {
            sums: vec![0.0; centers.plain.len()],
            weights: vec![0.0; n_clusters],
            inertia: 0.0,
        };
        let mut scratch = Scratch {
            rows: vec![0.0; samples.n_features * BLOCK],
            scores: vec![0.0; n_clusters * BLOCK],
            nearest: [0.0; BLOCK],
            distances: [0.0; BLOCK],
        };
        assign_chunk(
            samples,
            &centers,
            chunk * CHUNK,
            labels,
            &mut scratch,
            &mut sums,
        );
        sums
    };
    let chunks: Vec<Sums> = if samples.len() <= CHUNK {
        labels.chunks_mut(CHUNK).enumerate().map(work).collect()
    } else {
        labels.par_chunks_mut(CHUNK).enumerate().map(work).collect()
    };
    let mut chunks = chunks.into_iter();
    let mut total = chunks.next().expect("there is at least one sample");
    for chunk in chunks {
        simd::add_scaled(&mut total.sums, 1.0, &chunk.sums);
        simd::add_scaled(&mut total.weights, 1.0, &chunk.weights);
        total.inertia += chunk.inertia;
    }
    total
}

/// Below this many products for a sample, distances are computed as they are written; from there on as
/// ‖c‖² − 2 xᵀc, by products of matrices.
const FEW_PRODUCTS: usize = 100;

/// What a task needs to label the rows of a block.
struct Scratch {
    /// Features of the block, in panels or centred.
    rows: Vec<f64>,
    /// ‖c‖² − 2 xᵀc, centre by centre.
    scores: Vec<f64>,
    nearest: [f64; BLOCK],
    distances: [f64; BLOCK],
}

/// The centres, and the same moved by a place near the middle of the data, which keeps the digits of small distances.
struct Centers<'a> {
    plain: &'a [f64],
    middle: Vec<f64>,
    moved: Vec<f64>,
    squares: Vec<f64>,
}

impl<'a> Centers<'a> {
    fn new(plain: &'a [f64], n_features: usize) -> Self {
        let n_clusters = plain.len() / n_features;
        let mut middle = vec![0.0; n_features];
        for center in plain.chunks_exact(n_features) {
            simd::add_scaled(&mut middle, 1.0 / n_clusters as f64, center);
        }
        let mut moved = plain.to_vec();
        for center in moved.chunks_exact_mut(n_features) {
            simd::add_scaled(center, -1.0, &middle);
        }
        let squares = moved
            .chunks_exact(n_features)
            .map(|c| simd::dot(c, c))
            .collect();
        Self {
            plain,
            middle,
            moved,
            squares,
        }
    }
}

fn assign_chunk(
    samples: Samples<'_>,
    centers: &Centers<'_>,
    start: usize,
    labels: &mut [u32],
    scratch: &mut Scratch,
    sums: &mut Sums,
) {
    let n_features = samples.n_features;
    let by_products = centers.plain.len() >= FEW_PRODUCTS;
    for (block, labels) in labels.chunks_mut(BLOCK).enumerate() {
        let start = start + block * BLOCK;
        let rows = &samples.x[start * n_features..(start + labels.len()) * n_features];
        if by_products {
            simd::wide!(|| centre(rows, &centers.middle, &mut scratch.rows));
            scores(
                centers,
                &scratch.rows[..rows.len()],
                labels.len(),
                &mut scratch.scores,
            );
            simd::wide!(|| smallest(
                &scratch.scores,
                &mut scratch.nearest,
                &mut scratch.distances
            ));
        } else {
            simd::wide!(|| compare(rows, n_features, centers.plain, scratch));
        }
        for (label, nearest) in labels.iter_mut().zip(&scratch.nearest) {
            *label = *nearest as u32;
        }
        let weights = samples
            .weights
            .map(|weights| &weights[start..start + labels.len()]);
        simd::wide!(|| add_block(rows, n_features, centers.plain, labels, weights, sums));
    }
}

/// Adds a block to what the samples of each centre add up to. Distances are computed anew: not one digit of the inertia
/// is lost in differences of squares.
#[inline(always)]
fn add_block(
    rows: &[f64],
    n_features: usize,
    centers: &[f64],
    labels: &[u32],
    weights: Option<&[f64]>,
    sums: &mut Sums,
) {
    for (row, (x, &label)) in rows.chunks_exact(n_features).zip(labels).enumerate() {
        let cluster = label as usize;
        let place = cluster * n_features..(cluster + 1) * n_features;
        let weight = weights.map_or(1.0, |weights| weights[row]);
        simd::add_scaled(&mut sums.sums[place.clone()], weight, x);
        sums.weights[cluster] += weight;
        sums.inertia += weight * simd::squared_distance(x, &centers[place]);
    }
}

#[inline(always)]
fn centre(rows: &[f64], middle: &[f64], centred: &mut [f64]) {
    for (x, centred) in rows
        .chunks_exact(middle.len())
        .zip(centred.chunks_exact_mut(middle.len()))
    {
        for ((x, middle), centred) in x.iter().zip(middle).zip(centred) {
            *centred = x - middle;
        }
    }
}

/// ‖c‖² − 2 xᵀc for a block of rows, centre by centre.
fn scores(centers: &Centers<'_>, rows: &[f64], n_rows: usize, scores: &mut [f64]) {
    let (n_features, n_clusters) = (centers.middle.len(), centers.squares.len());
    for (scores, square) in scores.chunks_exact_mut(BLOCK).zip(&centers.squares) {
        scores.fill(*square);
    }
    matmul(
        simd::rows_mut(scores, n_clusters, n_rows, BLOCK),
        Accum::Add,
        MatRef::from_row_major_slice(&centers.moved, n_clusters, n_features),
        MatRef::from_row_major_slice(rows, n_rows, n_features).transpose(),
        -2.0,
        Par::Seq,
    );
}

/// The centre of the smallest score of each row, the first of several.
#[inline(always)]
fn smallest(scores: &[f64], nearest: &mut [f64; BLOCK], least: &mut [f64; BLOCK]) {
    (*nearest, *least) = ([0.0; BLOCK], [f64::INFINITY; BLOCK]);
    let mut center = 0.0;
    let (scores, _) = scores.as_chunks::<BLOCK>();
    for scores in scores {
        for row in 0..BLOCK {
            let closer = scores[row] < least[row];
            nearest[row] = if closer { center } else { nearest[row] };
            least[row] = if closer { scores[row] } else { least[row] };
        }
        center += 1.0;
    }
}

/// The nearest centre of each row by the distances themselves.
#[inline(always)]
fn compare(rows: &[f64], n_features: usize, centers: &[f64], scratch: &mut Scratch) {
    panels(rows, n_features, &mut scratch.rows);
    (scratch.nearest, scratch.distances) = ([0.0; BLOCK], [f64::INFINITY; BLOCK]);
    let (nearest, _) = scratch.nearest.as_chunks_mut::<LANES>();
    let (distances, _) = scratch.distances.as_chunks_mut::<LANES>();
    let tiles = scratch.rows.chunks_exact(LANES * n_features);
    for ((panel, nearest), distances) in tiles.zip(nearest).zip(distances) {
        let mut center = 0.0;
        for place in centers.chunks_exact(n_features) {
            let found = panel_distances(panel, place);
            for lane in 0..LANES {
                let closer = found[lane] < distances[lane];
                nearest[lane] = if closer { center } else { nearest[lane] };
                distances[lane] = if closer { found[lane] } else { distances[lane] };
            }
            center += 1.0;
        }
    }
}

/// Rows in groups of [`LANES`], each group feature by feature.
#[inline(always)]
fn panels(rows: &[f64], n_features: usize, panels: &mut [f64]) {
    for (group, panel) in rows
        .chunks(LANES * n_features)
        .zip(panels.chunks_exact_mut(LANES * n_features))
    {
        simd::transpose(group, n_features, panel, LANES);
    }
}

/// ‖x − place‖² for the samples of a panel.
#[inline(always)]
fn panel_distances(panel: &[f64], place: &[f64]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    let (columns, _) = panel.as_chunks::<LANES>();
    for (column, place) in columns.iter().zip(place) {
        for lane in 0..LANES {
            let apart = column[lane] - place;
            sums[lane] += apart * apart;
        }
    }
    sums
}

/// For each of some candidates, min(closest, ‖x − candidate‖²) of each sample, and Σ w of that by chunk.
pub(super) fn potentials(
    samples: Samples<'_>,
    candidates: &[&[f64]],
    closest: &[f64],
    found: &mut [Vec<f64>],
) -> Vec<Vec<f64>> {
    let mut by_chunk: Vec<(usize, Vec<&mut [f64]>)> = (0..samples.len().div_ceil(CHUNK))
        .map(|chunk| (chunk, Vec::new()))
        .collect();
    for found in found.iter_mut() {
        for ((_, chunk), part) in by_chunk.iter_mut().zip(found.chunks_mut(CHUNK)) {
            chunk.push(part);
        }
    }
    let work = |(chunk, mut found): (usize, Vec<&mut [f64]>)| {
        let mut columns = vec![0.0; samples.n_features * BLOCK];
        let mut sums = vec![0.0; candidates.len()];
        simd::wide!(|| {
            potential_chunk(
                samples,
                candidates,
                closest,
                chunk * CHUNK,
                &mut found,
                &mut columns,
                &mut sums,
            );
        });
        sums
    };
    if by_chunk.len() == 1 {
        by_chunk.into_iter().map(work).collect()
    } else {
        by_chunk.into_par_iter().map(work).collect()
    }
}

#[inline(always)]
fn potential_chunk(
    samples: Samples<'_>,
    candidates: &[&[f64]],
    closest: &[f64],
    start: usize,
    found: &mut [&mut [f64]],
    columns: &mut [f64],
    sums: &mut [f64],
) {
    let n_rows = samples.len().min(start + CHUNK) - start;
    for block in (0..n_rows).step_by(BLOCK) {
        let rows = BLOCK.min(n_rows - block);
        let first = start + block;
        let x = &samples.x[first * samples.n_features..(first + rows) * samples.n_features];
        panels(x, samples.n_features, columns);
        for ((candidate, found), sum) in
            candidates.iter().zip(found.iter_mut()).zip(sums.iter_mut())
        {
            let mut distances = [[0.0; LANES]; BLOCK / LANES];
            let tiles = columns.chunks_exact(LANES * samples.n_features);
            for (panel, distances) in tiles.zip(&mut distances) {
                *distances = panel_distances(panel, candidate);
            }
            let found = &mut found[block..block + rows];
            for ((found, distance), closest) in found
                .iter_mut()
                .zip(distances.as_flattened())
                .zip(&closest[first..])
            {
                *found = distance.min(*closest);
            }
            *sum += match samples.weights {
                None => simd::sum(found),
                Some(weights) => simd::dot(found, &weights[first..first + rows]),
            };
        }
    }
}

/// ‖x − c‖ for each sample and centre, shape (n_samples, n_clusters).
pub(super) fn distances(samples: Samples<'_>, centers: &[f64], out: &mut [f64]) {
    let n_clusters = centers.len() / samples.n_features;
    out.par_chunks_mut(CHUNK * n_clusters)
        .zip(samples.x.par_chunks(CHUNK * samples.n_features))
        .for_each(|(out, x)| {
            simd::wide!(|| {
                for (out, x) in out
                    .chunks_exact_mut(n_clusters)
                    .zip(x.chunks_exact(samples.n_features))
                {
                    for (out, center) in
                        out.iter_mut().zip(centers.chunks_exact(samples.n_features))
                    {
                        *out = simd::squared_distance(x, center).sqrt();
                    }
                }
            });
        });
}
