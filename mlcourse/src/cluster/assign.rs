//! Which centre each sample is nearest to, and what the samples of each centre add up to: one pass over the data.

use crate::simd;
use rayon::prelude::*;

/// Rows of a block: it is transposed, so that the distances of several samples are computed at once.
const BLOCK: usize = 64;
/// Samples whose distances are computed at once.
const LANES: usize = 16;
/// Rows of one task. It depends on nothing, so that the sums are the same at any number of threads.
pub(super) const CHUNK: usize = 64 * BLOCK;

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
    let work = |(chunk, labels): (usize, &mut [u32])| {
        let mut sums = Sums {
            sums: vec![0.0; centers.len()],
            weights: vec![0.0; n_clusters],
            inertia: 0.0,
        };
        let mut columns = vec![0.0; samples.n_features * BLOCK];
        simd::wide!(|| {
            assign_chunk(
                samples,
                centers,
                chunk * CHUNK,
                labels,
                &mut columns,
                &mut sums,
            )
        });
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

#[inline(always)]
fn assign_chunk(
    samples: Samples<'_>,
    centers: &[f64],
    start: usize,
    labels: &mut [u32],
    columns: &mut [f64],
    sums: &mut Sums,
) {
    let n_features = samples.n_features;
    for (block, labels) in labels.chunks_mut(BLOCK).enumerate() {
        let start = start + block * BLOCK;
        let rows = &samples.x[start * n_features..(start + labels.len()) * n_features];
        panels(rows, n_features, columns);
        let mut nearest = [[0.0; LANES]; BLOCK / LANES];
        let mut distances = [[f64::INFINITY; LANES]; BLOCK / LANES];
        let tiles = columns.chunks_exact(LANES * n_features);
        for ((panel, nearest), distances) in tiles.zip(&mut nearest).zip(&mut distances) {
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
        let (nearest, distances) = (nearest.as_flattened(), distances.as_flattened());
        for (row, label) in labels.iter_mut().enumerate() {
            *label = nearest[row] as u32;
            let cluster = *label as usize;
            let x = &rows[row * n_features..(row + 1) * n_features];
            let sum = &mut sums.sums[cluster * n_features..(cluster + 1) * n_features];
            match samples.weights {
                None => {
                    simd::add_scaled(sum, 1.0, x);
                    sums.weights[cluster] += 1.0;
                    sums.inertia += distances[row];
                }
                Some(weights) => {
                    let weight = weights[start + row];
                    simd::add_scaled(sum, weight, x);
                    sums.weights[cluster] += weight;
                    sums.inertia += weight * distances[row];
                }
            }
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
