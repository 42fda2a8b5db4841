//! The data of `bench/datagen.py`, bit for bit: a SplitMix64 counter stream, and normals as sums of four uniforms.

pub fn u64s(seed: u64, n: usize) -> impl Iterator<Item = u64> {
    let start = seed.wrapping_mul(0xD1B5_4A32_D192_ED03);
    (1..=n as u64).map(move |i| {
        let mut z = start.wrapping_add(i.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

pub fn uniforms(seed: u64, n: usize) -> Vec<f64> {
    let scale = 1.0 / (1u64 << 53) as f64;
    u64s(seed, n).map(|z| (z >> 11) as f64 * scale).collect()
}

pub fn normals(seed: u64, n: usize) -> Vec<f64> {
    uniforms(seed, 4 * n)
        .chunks_exact(4)
        .map(|u| (((u[0] + u[1]) + u[2]) + u[3] - 2.0) * 1.732_050_807_568_877_2)
        .collect()
}
