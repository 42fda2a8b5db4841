//! Linear algebra against NumPy's, against the definitions, and on matrices that are not what they should be.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, list, table};
use mlcourse::linalg::{
    Complex, MatrixNorm, Norm, condition_number, determinant, eig, eigh, inverse, least_squares,
    log_determinant, matmul, matrix_norm, norm, pseudo_inverse, rank, singular_values, solve,
    solve_matrix, svd, svd_full,
};
use mlcourse::prelude::*;
use mlcourse::{Error, warning::Warning};
use serde_json::Value;

fn matrices() -> Vec<Value> {
    list(&file("linalg")["matrices"]).to_vec()
}

/// The largest difference, relative to the largest reference value.
fn relative<'a>(
    ours: impl IntoIterator<Item = &'a f64>,
    theirs: impl IntoIterator<Item = &'a f64> + Clone,
) -> f64 {
    let most = theirs
        .clone()
        .into_iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()));
    let difference = distance(ours, theirs);
    if most == 0.0 {
        difference
    } else {
        difference / most
    }
}

/// Numbers without a pattern, the same on every run.
fn noise(n_rows: usize, n_columns: usize) -> Array2<f64> {
    let mut state = 1u64;
    Array2::from_shape_simple_fn((n_rows, n_columns), || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

fn on_threads<T: Send>(n_threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn a_product_is_the_sum_of_its_definition_for_shapes_of_every_kind() {
    let shapes = [
        (1, 1, 1),
        (3, 5, 2),
        (1, 300, 1),
        (300, 1, 300),
        (257, 40, 511),
        (5, 5000, 7),
        (600, 3, 1),
        (1, 3, 600),
        (513, 300, 260),
    ];
    for (m, n, p) in shapes {
        let (a, b) = (noise(m, n), noise(n + 1, p).slice(s![1.., ..]).to_owned());
        let c = matmul(&a, &b).unwrap();
        for (i, j) in [(0, 0), (m - 1, p - 1), (m / 2, p / 3)] {
            let naive: f64 = (0..n).map(|k| a[[i, k]] * b[[k, j]]).sum();
            assert!((c[[i, j]] - naive).abs() < 1e-11, "{m}×{n}×{p} at {i}, {j}");
        }
        assert!(distance(&c, &a.dot(&b)) < 1e-11, "{m}×{n}×{p}");
        // Columns together, and neither rows nor columns together.
        let by_columns = b.t().as_standard_layout().into_owned();
        assert!(distance(&c, &matmul(&a, &by_columns.t()).unwrap()) < 1e-11);
        let wide = noise(m, 2 * n);
        let every_other = wide.slice(s![.., ..;2]);
        assert!(distance(&matmul(&every_other, &b).unwrap(), &every_other.dot(&b)) < 1e-11);
    }
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let (a, b) = (noise(700, 90), noise(90, 600));
    let wide = noise(300, 310);
    let (deep, tall) = (noise(6, 9000), noise(9000, 6));
    let target = tall.column(0).to_owned();
    let all = || {
        (
            matmul(&a, &b).unwrap(),
            matmul(&deep, &tall).unwrap(),
            svd(&a).unwrap(),
            eigh(&matmul(&a.t(), &a).unwrap()).unwrap(),
            eigh(&matmul(&wide, &wide.t()).unwrap()).unwrap(),
            least_squares(&tall.slice(s![.., 1..]), &target).unwrap(),
        )
    };
    assert_eq!(on_threads(1, all), on_threads(2, all));
    assert_eq!(on_threads(2, all), on_threads(5, all));
}

#[test]
fn shapes_that_do_not_fit_are_named_with_what_to_do() {
    let error = matmul(&noise(2, 3), &noise(4, 3)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the product A B needs as many columns in A as rows in B, (m×n) · (n×p), but the shapes are 2×3 and 4×3; \
         B.t() would fit"
    );
    let error = matmul(&noise(4, 2), &noise(4, 3)).unwrap_err();
    assert!(error.to_string().ends_with("A.t() would fit"), "{error}");
    let error = solve(&noise(3, 3), &array![1.0, 2.0]).unwrap_err();
    assert!(error.to_string().contains("3×3 and 2×1"), "{error}");
    assert!(matches!(
        least_squares(&noise(3, 2), &array![1.0, 2.0]),
        Err(Error::ShapeMismatch {
            left: (3, 2),
            right: (2, 1),
            ..
        })
    ));
}

#[test]
fn singular_values_and_vectors_are_numpys_with_scikit_learns_signs() {
    for case in matrices() {
        let name = &case["name"];
        let a = table(&case["a"]);
        let ours = svd(&a).unwrap();
        assert!(
            relative(ours.singular_values(), &floats(&case["s"])) < 1e-13,
            "{name}"
        );
        assert!(
            relative(&singular_values(&a).unwrap(), &floats(&case["s"])) < 1e-13,
            "{name}"
        );
        assert!(relative(&ours.reconstruct(), &a) < 1e-13, "{name}");
        if case["unique"] == true && name != "Hilbert, ill-conditioned" {
            assert!(distance(ours.u(), &table(&case["u"])) < 1e-11, "{name}");
            assert!(distance(ours.vt(), &table(&case["vt"])) < 1e-11, "{name}");
        }
        assert_eq!(
            rank(&a).unwrap() as u64,
            case["rank"].as_u64().unwrap(),
            "{name}"
        );
        if let Some(theirs) = case["cond"].as_f64() {
            assert!(
                (condition_number(&a).unwrap() / theirs - 1.0).abs() < 1e-5,
                "{name}"
            );
        }
    }
}

#[test]
fn the_full_decomposition_is_orthogonal_and_begins_with_the_thin_one() {
    for case in matrices() {
        let a = table(&case["a"]);
        let (thin, full) = (svd(&a).unwrap(), svd_full(&a).unwrap());
        let (m, n) = a.dim();
        assert_eq!((full.u().dim(), full.vt().dim()), ((m, m), (n, n)));
        assert!(distance(&full.u().t().dot(full.u()), &Array2::eye(m)) < 1e-13);
        assert!(distance(&full.vt().dot(&full.vt().t()), &Array2::eye(n)) < 1e-13);
        assert!(relative(full.singular_values(), thin.singular_values()) < 1e-13);
        assert!(
            relative(&full.reconstruct(), &a) < 1e-13,
            "{}",
            case["name"]
        );
    }
}

#[test]
fn a_truncated_decomposition_is_as_far_as_the_singular_values_left_out() {
    let a = noise(30, 20);
    let svd = svd(&a).unwrap();
    for rank in [0, 1, 7, 20, 99] {
        let left_out: f64 = svd
            .singular_values()
            .iter()
            .skip(rank)
            .map(|value| value * value)
            .sum();
        let error = (&a - &svd.truncate(rank)).mapv(|value| value * value).sum();
        assert!((error - left_out).abs() < 1e-12, "{rank}");
    }
}

#[test]
fn symmetric_eigenvalues_ascend_as_numpys_and_each_vectors_largest_entry_is_positive() {
    for case in list(&file("linalg")["symmetric"]) {
        let name = &case["name"];
        let a = table(&case["a"]);
        let eigen = eigh(&a).unwrap();
        assert!(
            relative(eigen.values(), &floats(&case["values"])) < 1e-13,
            "{name}"
        );
        let theirs = table(&case["vectors"]);
        for (ours, theirs) in eigen.vectors().columns().into_iter().zip(theirs.columns()) {
            let cosine: f64 = ours.dot(&theirs);
            assert!((cosine.abs() - 1.0).abs() < 1e-12, "{name}");
            let most = ours
                .iter()
                .fold(0.0, |most: f64, value| most.max(value.abs()));
            let first = ours
                .iter()
                .find(|value| value.abs() > most * (1.0 - 1e-9))
                .unwrap();
            assert!(*first > 0.0, "{name}: {ours}");
        }
        // A V = V diag(λ).
        let left = a.dot(eigen.vectors());
        assert!(
            relative(&left, &(eigen.vectors() * eigen.values())) < 1e-12,
            "{name}"
        );
    }
}

#[test]
fn general_eigenvalues_are_numpys_and_complex_ones_come_in_pairs() {
    for case in list(&file("linalg")["general"]) {
        let name = &case["name"];
        let a = table(&case["a"]);
        let eigen = eig(&a).unwrap();
        let (re, im) = (floats(&case["values"]["re"]), floats(&case["values"]["im"]));
        for theirs in re.iter().zip(&im).map(|(&re, &im)| Complex::new(re, im)) {
            let nearest = eigen
                .values()
                .iter()
                .map(|ours| (ours - theirs).norm())
                .fold(f64::INFINITY, f64::min);
            assert!(nearest < 1e-11, "{name}: {theirs} is {nearest:e} away");
        }
        assert_eq!(eigen.is_real(), im.iter().all(|im| *im == 0.0), "{name}");
        let n_values = eigen.values().len();
        let complex = a.mapv(|value| Complex::new(value, 0.0));
        for place in 0..n_values {
            let (value, vector) = (eigen.values()[place], eigen.vectors().column(place));
            let error = complex.dot(&vector) - vector.mapv(|entry| entry * value);
            assert!(
                error.iter().all(|error| error.norm() < 1e-11),
                "{name}: {error}"
            );
            let length: f64 = vector.iter().map(|entry| entry.norm_sqr()).sum();
            assert!((length - 1.0).abs() < 1e-12, "{name}");
            if value.im > 0.0 {
                assert_eq!(eigen.values()[place + 1], value.conj(), "{name}");
                let other = eigen.vectors().column(place + 1);
                assert!(
                    vector
                        .iter()
                        .zip(other)
                        .all(|(one, two)| *two == one.conj()),
                    "{name}"
                );
            }
            if place > 0 {
                assert!(value.re <= eigen.values()[place - 1].re, "{name}");
            }
        }
    }
}

#[test]
fn equations_inverses_and_determinants_are_numpys() {
    for case in matrices() {
        let (name, square) = (&case["name"], &case["square"]);
        if square.is_null() {
            continue;
        }
        let (a, b) = (table(&case["a"]), floats(&case["b"]));
        // Both sides are off by up to cond · 2⁻⁵².
        let tolerance = 1e-14 * case["cond"].as_f64().unwrap_or(1.0).max(10.0);
        if let Some(theirs) = square["det"].as_f64() {
            let ours = determinant(&a).unwrap();
            assert!(
                (ours - theirs).abs() <= tolerance * theirs.abs(),
                "{name}: {ours} {theirs}"
            );
        }
        let (sign, log) = log_determinant(&a).unwrap();
        let theirs = floats(&square["slogdet"]);
        assert_eq!(sign, theirs[0], "{name}");
        assert!((log - theirs[1]).abs() < 1e-9 + tolerance, "{name}");
        if !square["inverse"].is_null() {
            let (x, inverse) = (solve(&a, &b).unwrap(), inverse(&a).unwrap());
            assert!(
                relative(&x, &floats(&square["solution"])) < tolerance,
                "{name}"
            );
            assert!(
                relative(&inverse, &table(&square["inverse"])) < tolerance,
                "{name}"
            );
            let both = Array2::from_shape_fn((b.len(), 2), |(row, _)| b[row]);
            assert!(
                relative(solve_matrix(&a, &both).unwrap().column(1), &x) < 1e-15,
                "{name}"
            );
        }
    }
}

#[test]
fn the_condition_estimate_warns_of_a_matrix_that_is_singular_up_to_rounding_alone() {
    mlcourse::warning::take();
    let a = noise(40, 40);
    solve(&a, &Array1::ones(40)).unwrap();
    let ill = |warnings: Vec<Warning>| {
        warnings
            .into_iter()
            .any(|warning| matches!(warning, Warning::IllConditioned { .. }))
    };
    assert!(!ill(mlcourse::warning::take()));
    let mut nearly = a.clone();
    let sum = &a.column(0) + &a.column(1) * 0.3;
    nearly.column_mut(2).assign(&sum);
    // Rounding may hide or leave a pivot of 0: an error is right too.
    if solve(&nearly, &Array1::ones(40)).is_ok() {
        assert!(ill(mlcourse::warning::take()));
    }
    let hilbert = Array2::from_shape_fn((14, 14), |(row, column)| 1.0 / (row + column + 1) as f64);
    inverse(&hilbert).unwrap();
    let warnings = mlcourse::warning::take();
    assert!(
        warnings
            .iter()
            .any(|warning| warning.to_string().contains("nearly singular"))
    );
}

#[test]
fn least_squares_and_the_pseudo_inverse_are_numpys_whatever_shape_and_rank() {
    for case in matrices() {
        let name = &case["name"];
        let (a, b) = (table(&case["a"]), floats(&case["b"]));
        let fit = least_squares(&a, &b).unwrap();
        let tolerance = 1e-14 * case["cond"].as_f64().unwrap_or(100.0).max(100.0);
        assert!(
            relative(fit.solution(), &floats(&case["least_squares"])) < tolerance,
            "{name}"
        );
        assert_eq!(fit.rank() as u64, case["rank"].as_u64().unwrap(), "{name}");
        let residual = case["residual_sum"].as_f64().unwrap();
        assert!(
            (fit.residual_sum() - residual).abs() < 1e-10,
            "{name}: {fit}"
        );
        let ours = pseudo_inverse(&a).unwrap();
        assert!(relative(&ours, &table(&case["pinv"])) < tolerance, "{name}");
    }
}

#[test]
fn least_squares_of_many_rows_has_a_residual_at_right_angles_to_every_column() {
    let a = noise(5000, 12);
    let b = noise(5000, 13).column(12).to_owned();
    let fit = least_squares(&a, &b).unwrap();
    let residual = &b - &a.dot(fit.solution());
    assert!(
        a.t()
            .dot(&residual)
            .iter()
            .all(|product| product.abs() < 1e-10)
    );
    assert!((residual.dot(&residual) - fit.residual_sum()).abs() < 1e-9);
    assert_eq!(fit.rank(), 12);
}

#[test]
fn norms_are_numpys_and_do_not_overflow() {
    for case in matrices() {
        let a = table(&case["a"]);
        for (name, which) in [
            ("frobenius", MatrixNorm::Frobenius),
            ("spectral", MatrixNorm::Spectral),
            ("nuclear", MatrixNorm::Nuclear),
            ("one", MatrixNorm::One),
            ("infinity", MatrixNorm::Infinity),
        ] {
            let (ours, theirs) = (
                matrix_norm(&a, which).unwrap(),
                case["norms"][name].as_f64().unwrap(),
            );
            assert!(
                (ours - theirs).abs() <= 1e-13 * theirs,
                "{}: {name} {ours} {theirs}",
                case["name"]
            );
        }
    }
    assert_eq!(norm(&array![3e300, -4e300], Norm::L2).unwrap(), 5e300);
    assert_eq!(norm(&array![3e-300, 4e-300], Norm::L2).unwrap(), 5e-300);
    assert_eq!(norm(&array![0.0, 0.0], Norm::L2).unwrap(), 0.0);
}

#[test]
fn matrices_that_are_not_what_is_needed_are_errors() {
    let singular = array![[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 1.0, 1.0]];
    assert!(
        matches!(inverse(&singular), Err(Error::Singular { .. })),
        "{:?}",
        inverse(&singular)
    );
    assert_eq!(determinant(&singular).unwrap(), 0.0);
    assert_eq!(
        log_determinant(&singular).unwrap(),
        (0.0, f64::NEG_INFINITY)
    );
    assert_eq!(
        condition_number(&array![[1.0, 0.0], [0.0, 0.0]]).unwrap(),
        f64::INFINITY
    );
    let oblong = noise(2, 3);
    assert!(matches!(
        inverse(&oblong),
        Err(Error::NotSquare {
            rows: 2,
            columns: 3,
            ..
        })
    ));
    assert!(matches!(
        eig(&oblong),
        Err(Error::NotSquare {
            operation: "eig",
            ..
        })
    ));
    let error = eigh(&array![[1.0, 2.0], [3.0, 1.0]]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("entry (1, 0) is 3 and entry (0, 1) is 2"),
        "{error}"
    );
    let holed = array![[1.0, f64::NAN], [0.0, 1.0]];
    assert!(matches!(
        svd(&holed),
        Err(Error::NotFinite {
            row: 0,
            column: 1,
            ..
        })
    ));
    assert!(matches!(
        matmul(&holed, &holed),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        svd(&Array2::zeros((0, 3))),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        matmul(&Array2::zeros((2, 0)), &Array2::zeros((0, 2))),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        norm(&array![1.0, f64::INFINITY], Norm::L1),
        Err(Error::NotFinite { row: 1, .. })
    ));
}

#[test]
fn decompositions_show_as_tables() {
    let a = array![[2.0, 1.0], [1.0, 2.0]];
    assert_eq!(
        eigh(&a).unwrap().to_string(),
        "     λ      v0       v1\n1.0000  0.7071  -0.7071\n3.0000  0.7071   0.7071\neigenvalues and eigenvectors of a symmetric matrix of 2×2"
    );
    assert!(
        svd(&a)
            .unwrap()
            .bundle()
            .get("text/html")
            .unwrap()
            .contains("SVD of a matrix")
    );
    assert!(eig(&a).unwrap().to_string().contains("3.0000"));
    assert!(
        least_squares(&a, &array![1.0, 2.0])
            .unwrap()
            .to_string()
            .contains("rank 2 of 2")
    );
}
