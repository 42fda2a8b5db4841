//! The data of the benchmarks, bit by bit: a SplitMix64 counter stream, and normals as sums of four uniforms.

/// Number `index` of the stream of `seed`.
pub fn random(seed: u64, index: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0xD1B5_4A32_D192_ED03)
        .wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number in [0, 1).
pub fn uniform(seed: u64, index: u64) -> f64 {
    (random(seed, index) >> 11) as f64 * 2.0_f64.powi(-53)
}

/// A number of mean 0 and variance 1 (Irwin-Hall of order 4).
pub fn normal(seed: u64, index: u64) -> f64 {
    let u = |part| uniform(seed, 4 * index + part);
    (u(0) + u(1) + u(2) + u(3) - 2.0) * 1.732_050_807_568_877_2
}
