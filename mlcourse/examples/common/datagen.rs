//! The data of the side-by-side benchmarks: a SplitMix64 stream and Irwin-Hall normals, the same bits as in NumPy.

#![allow(dead_code)]

use mlcourse::ndarray::{Array1, Array2};

pub fn u64s(seed: u64, place: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0xD1B5_4A32_D192_ED03)
        .wrapping_add((place + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

pub fn uniform(seed: u64, place: u64) -> f64 {
    (u64s(seed, place) >> 11) as f64 * 2f64.powi(-53)
}

pub fn normal(seed: u64, place: u64) -> f64 {
    let u = |offset| uniform(seed, 4 * place + offset);
    (u(0) + u(1) + u(2) + u(3) - 2.0) * 1.732_050_807_568_877_2
}

pub fn normals(seed: u64, len: usize) -> Array1<f64> {
    (0..len as u64).map(|place| normal(seed, place)).collect()
}

pub fn matrix(seed: u64, n_rows: usize, n_columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((n_rows, n_columns), |(row, column)| {
        normal(seed, (row * n_columns + column) as u64)
    })
}
