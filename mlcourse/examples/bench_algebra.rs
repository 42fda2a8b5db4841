//! Times of linear algebra, naive Bayes and decompositions on the data of the side-by-side benchmarks: one line a row,
//! `name<TAB>median ms<TAB>value to check`. Names on the command line choose rows.
#![allow(missing_docs)]

#[path = "common/datagen.rs"]
mod datagen;

use datagen::matrix;
use mlcourse::decomposition::{SvdSolver, TsneMethod};
use mlcourse::linalg;
use mlcourse::prelude::*;
use std::time::Instant;

fn measure<T>(name: &str, n_runs: usize, run: impl Fn() -> T, check: impl Fn(&T) -> f64) {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if !wanted.is_empty() && !wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
        return;
    }
    let result = run();
    let mut times: Vec<f64> = (0..n_runs)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name}\t{:.2}\t{}", times[n_runs / 2], check(&result));
}

fn main() -> mlcourse::Result<()> {
    let (a, b) = (matrix(1, 1024, 1024), matrix(2, 1024, 1024));
    measure(
        "gemm_1024_f64",
        15,
        || linalg::matmul(&a, &b),
        |c| c.as_ref().map_or(f64::NAN, |c| c.sum()),
    );
    let a = matrix(3, 500, 200);
    measure(
        "svd_500x200_f64",
        15,
        || linalg::svd(&a),
        |svd| {
            svd.as_ref()
                .map_or(f64::NAN, |svd| svd.singular_values().sum())
        },
    );
    measure(
        "svd_vals_500x200",
        15,
        || linalg::singular_values(&a),
        |values| values.as_ref().map_or(f64::NAN, |values| values.sum()),
    );
    let square = a.slice(s![..200, ..]);
    measure(
        "eig_general_200",
        15,
        || linalg::eig(&square),
        |eig| {
            eig.as_ref().map_or(f64::NAN, |eig| {
                eig.values().iter().map(|value| value.norm()).sum()
            })
        },
    );
    let half = matrix(4, 500, 500);
    let symmetric = (&half + &half.t()) / 2.0;
    measure(
        "eigh_500",
        15,
        || linalg::eigh(&symmetric),
        |eigen| {
            eigen.as_ref().map_or(f64::NAN, |eigen| {
                eigen.values().iter().map(|value| value.abs()).sum()
            })
        },
    );
    measure(
        "inv_500",
        15,
        || linalg::inverse(&symmetric),
        |inverse| inverse.as_ref().map_or(f64::NAN, |inverse| inverse.sum()),
    );
    let x = matrix(5, 100_000, 50);
    let y = datagen::normals(6, 100_000);
    measure(
        "lstsq_100kx50",
        7,
        || linalg::least_squares(&x, &y),
        |fit| fit.as_ref().map_or(f64::NAN, |fit| fit.residual_sum()),
    );
    let w = matrix(8, 10, 50) * 0.4;
    let scores = x.dot(&w.t());
    let labels = Array1::from_shape_fn(x.nrows(), |row| {
        let score = |class: usize| {
            let u = datagen::uniform(9, (row * 10 + class) as u64).clamp(1e-300, 1.0 - 1e-16);
            scores[[row, class]] - (-u.ln()).ln()
        };
        (0..10).fold(0, |best, class| {
            if score(class) > score(best) {
                class
            } else {
                best
            }
        })
    });
    let accuracy = |model: &mlcourse::Result<mlcourse::classification::FittedGaussianNB>| {
        model.as_ref().map_or(f64::NAN, |model| {
            model.score(&x, &labels).unwrap_or(f64::NAN)
        })
    };
    measure(
        "gaussiannb_fit_100kx50",
        15,
        || GaussianNB::new().fit((&x, &labels)),
        accuracy,
    );
    let fitted = GaussianNB::new().fit((&x, &labels))?;
    measure(
        "gaussiannb_predict_100kx50",
        9,
        || fitted.predict(&x),
        |labels| {
            labels
                .as_ref()
                .map_or(f64::NAN, |labels| labels.sum() as f64)
        },
    );
    let counts = x.mapv(|value| value.abs().floor());
    let fit = || MultinomialNB::new().fit((&counts, &labels));
    measure("multinomialnb_fit_100kx50", 15, fit, |model| {
        model.as_ref().map_or(f64::NAN, |model| {
            model.score(&counts, &labels).unwrap_or(f64::NAN)
        })
    });
    let fitted = fit()?;
    measure(
        "multinomialnb_predict_100kx50",
        9,
        || fitted.predict(&counts),
        |labels| {
            labels
                .as_ref()
                .map_or(f64::NAN, |labels| labels.sum() as f64)
        },
    );
    let low_rank = linalg::matmul(&matrix(13, 10_000, 15), &matrix(14, 15, 200))?;
    let x = low_rank + matrix(15, 10_000, 200) * 0.1;
    let ten = |pca: &mlcourse::Result<mlcourse::decomposition::FittedPCA>| {
        pca.as_ref().map_or(f64::NAN, |pca| {
            pca.explained_variance().iter().take(10).sum()
        })
    };
    measure(
        "pca_10_auto_10kx200",
        15,
        || PCA::new().n_components(10).fit(&x),
        ten,
    );
    measure(
        "pca_full_10kx200",
        5,
        || PCA::new().svd_solver(SvdSolver::Full).fit(&x),
        ten,
    );
    let randomized = PCA::new()
        .n_components(10)
        .svd_solver(SvdSolver::Randomized);
    measure(
        "pca_10_randomized_10kx200",
        9,
        || randomized.clone().fit(&x),
        ten,
    );
    measure(
        "pca_coveigh_10kx200",
        15,
        || PCA::new().svd_solver(SvdSolver::CovarianceEigh).fit(&x),
        ten,
    );
    let pca = PCA::new().n_components(10).fit(&x)?;
    measure(
        "pca_10_transform_10kx200",
        15,
        || pca.transform(&x),
        |z| z.as_ref().map_or(f64::NAN, |z| z.mapv(f64::abs).sum()),
    );
    measure(
        "truncatedsvd_10_10kx200",
        9,
        || TruncatedSVD::new().n_components(10).fit(&x),
        |svd| {
            svd.as_ref()
                .map_or(f64::NAN, |svd| svd.singular_values().sum())
        },
    );
    let centres = Array2::from_shape_fn((10, 20), |(row, column)| {
        datagen::uniform(10, (row * 20 + column) as u64) * 20.0 - 10.0
    });
    let x = Array2::from_shape_fn((3000, 20), |(row, column)| {
        let class = (datagen::u64s(11, row as u64) % 10) as usize;
        centres[[class, column]] + 2.0 * datagen::normal(12, (row * 20 + column) as u64)
    });
    let divergence = |map: &mlcourse::Result<mlcourse::decomposition::FittedTSNE>| {
        map.as_ref().map_or(f64::NAN, |map| map.kl_divergence())
    };
    measure(
        "tsne_barnes_hut_3000x20",
        1,
        || TSNE::new().fit(&x),
        divergence,
    );
    let few = x.slice(s![..600, ..]);
    let exact = TSNE::new().method(TsneMethod::Exact);
    measure(
        "tsne_exact_600x20",
        1,
        || exact.clone().fit(&few),
        divergence,
    );
    Ok(())
}
