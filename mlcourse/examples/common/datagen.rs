//! The benchmarks' data, to the last bit that of the Python side: a SplitMix64 stream, and sums of four uniform numbers
//! (Irwin and Hall) in place of normal ones, so that no library function is involved.
#![allow(dead_code)]

use ndarray::{Array1, Array2};

/// Number i of a stream.
pub fn bits(seed: u64, i: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0xD1B5_4A32_D192_ED03)
        .wrapping_add((i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The same, by another name.
pub fn word(seed: u64, index: u64) -> u64 {
    bits(seed, index)
}

/// The same, by another name.
pub fn u64s(seed: u64, place: u64) -> u64 {
    bits(seed, place)
}

/// Uniform in [0, 1).
pub fn uniform(seed: u64, i: u64) -> f64 {
    (bits(seed, i) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Mean 0, variance 1.
pub fn normal(seed: u64, i: u64) -> f64 {
    let u = |k: u64| uniform(seed, 4 * i + k);
    (((u(0) + u(1)) + u(2)) + u(3) - 2.0) * 1.732_050_807_568_877_2
}

pub fn normals(seed: u64, n: usize) -> Array1<f64> {
    (0..n as u64).map(|i| normal(seed, i)).collect()
}

pub fn matrix(seed: u64, rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        normal(seed, (row * columns + column) as u64)
    })
}
