//! Linear models against scikit-learn's, and on data that is not what it should be.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;
#[allow(dead_code, unused_macros, unused_imports)]
#[path = "common/linear.rs"]
mod linear;

use common::{distance, floats};
use linear::{Data, data, error, for_each_case, label, random, set};
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::ndarray;
use mlcourse::prelude::*;
use mlcourse::regression::{LinearSolver, RegularizationPath, Selection};
use mlcourse::{Error, warning::Warning};

#[test]
fn least_squares_finds_scikit_learns_coefficients() {
    for_each_case!(
        "linear_regression",
        LinearRegression,
        |case, data, fitted| {
            let name = label(&case);
            let coef = error(&case, "coef", fitted.coef());
            let head = data.x.slice(s![..data.x.nrows().min(6), ..]);
            let predictions = error(&case, "predictions", &fitted.predict(&head).unwrap());
            println!(
                "{name}: coef {coef:.1e}, predictions {predictions:.1e}, {}",
                fitted.solver()
            );
            let bound = match case["data"].as_str().unwrap() {
                // What the conditions of these allow, scikit-learn's own rounding included.
                "columns very nearly the same" | "one value far from the others" => 1e-6,
                "columns nearly the same" | "means far from 0" => 1e-8,
                _ => 1e-10,
            };
            assert!(coef < bound, "{name}: coef {coef:e}");
            assert!(predictions < 1e-9, "{name}: predictions {predictions:e}");
            if let Some(rank) = case["rank"].as_f64() {
                assert_eq!(fitted.rank() as f64, rank, "{name}");
                let theirs = floats(&case["singular"]);
                let singular = distance(fitted.singular(), &theirs) / theirs[0].max(1.0);
                assert!(singular < 1e-11, "{name}: singular {singular:e}");
            }
        }
    );
}

#[test]
fn every_solver_of_least_squares_is_among_those_compared() {
    let mut seen = Vec::new();
    for_each_case!(
        "linear_regression",
        LinearRegression,
        |case, _data, fitted| {
            let _ = &case;
            seen.push(fitted.solver());
        }
    );
    for solver in [
        LinearSolver::Cholesky,
        LinearSolver::RefinedCholesky,
        LinearSolver::Svd,
        LinearSolver::ActiveSet,
    ] {
        assert!(seen.contains(&solver), "{solver}");
    }
}

#[test]
fn ridge_finds_scikit_learns_coefficients() {
    for_each_case!("ridge", Ridge, |case, data, fitted| {
        let name = label(&case);
        let coef = error(&case, "coef", fitted.coef());
        let head = data.x.slice(s![..data.x.nrows().min(6), ..]);
        let predictions = error(&case, "predictions", &fitted.predict(&head).unwrap());
        println!("{name}: coef {coef:.1e}, predictions {predictions:.1e}");
        let hard = case["parameters"]["alpha"]
            .as_f64()
            .is_some_and(|alpha| alpha < 1e-6)
            || case["parameters"]["positive"] == true;
        let bound = if hard { 1e-5 } else { 1e-9 };
        assert!(coef < bound, "{name}: coef {coef:e}");
        assert!(predictions < 1e-7, "{name}: predictions {predictions:e}");
    });
}

#[test]
fn ridge_solves_the_courses_formula() {
    let data = data("tall");
    let lambda = 3.0;
    let fitted = Ridge::new()
        .lambda(lambda)
        .fit_intercept(false)
        .fit((&data.x, &data.y))
        .unwrap();
    // (XᵀX + λI) w = Xᵀy
    let left = data.x.t().dot(&data.x).dot(fitted.coef()) + fitted.coef() * lambda;
    assert!(distance(&left, &data.x.t().dot(&data.y)) < 1e-9);
}

#[test]
fn ridge_without_penalty_is_least_squares() {
    for name in ["tall", "wide", "columns that depend on others"] {
        let data = data(name);
        let ridge = Ridge::new().alpha(0.0).fit((&data.x, &data.y)).unwrap();
        let plain = LinearRegression::new().fit((&data.x, &data.y)).unwrap();
        assert!(distance(ridge.coef(), plain.coef()) < 1e-9, "{name}");
    }
}

#[test]
fn a_sample_of_weight_0_is_as_if_removed_and_of_weight_2_as_if_twice() {
    let Data { x, y, .. } = data("tall");
    let mut weight = Array1::ones(60);
    weight.slice_mut(s![40..]).fill(0.0);
    let few = (x.slice(s![..40, ..]), y.slice(s![..40]));
    let mut twice = Array1::ones(60);
    twice.slice_mut(s![..20]).fill(2.0);
    let repeated = (
        ndarray::concatenate![Axis(0), x, x.slice(s![..20, ..])],
        ndarray::concatenate![Axis(0), y, y.slice(s![..20])],
    );
    macro_rules! compare {
        ($model:expr) => {
            let removed = $model.fit((&few.0, &few.1)).unwrap();
            let zero = $model.fit((&x, &y, &weight)).unwrap();
            assert!(
                distance(removed.coef(), zero.coef()) < 1e-10,
                "{removed}{zero}"
            );
            assert!((removed.intercept() - zero.intercept()).abs() < 1e-9);
            let doubled = $model.fit((&x, &y, &twice)).unwrap();
            let copied = $model.fit((&repeated.0, &repeated.1)).unwrap();
            assert!(
                distance(doubled.coef(), copied.coef()) < 1e-10,
                "{doubled}{copied}"
            );
        };
    }
    compare!(LinearRegression::new());
    compare!(LinearRegression::new().tol(0.9));
    compare!(LinearRegression::new().positive(true));
    compare!(Ridge::new());
    compare!(Ridge::new().alpha(0.0));
    compare!(Lasso::new().alpha(0.05).tol(1e-12));
    compare!(Lasso::new().alpha(0.05).tol(1e-12).precompute(false));
    compare!(ElasticNet::new().alpha(0.05).tol(1e-12));
}

#[test]
fn layout_and_order_of_rows_do_not_change_predictions() {
    let Data { x, y, .. } = data("diabetes");
    let by_column = x.t().as_standard_layout().to_owned();
    let fitted = LinearRegression::new().fit((&x, &y)).unwrap();
    let other = LinearRegression::new().fit((&by_column.t(), &y)).unwrap();
    assert_eq!(fitted.coef(), other.coef());
    let all = fitted.predict(&x).unwrap();
    let backwards = fitted.predict(&x.slice(s![..;-1, ..])).unwrap();
    assert_eq!(all, backwards.slice(s![..;-1]));
    let one = fitted.predict(&x.slice(s![3..4, ..])).unwrap();
    assert_eq!(one[0], all[3]);
}

#[test]
fn the_result_is_the_same_to_the_last_bit_at_any_number_of_threads() {
    let x = random(5000, 7, 1);
    let y = x.dot(&array![1.0, 0.0, -2.0, 3.0, 0.0, 0.5, 0.0]) + random(5000, 1, 2).column(0);
    // Ill-conditioned enough for the pass of refinement.
    let mut near = x.clone();
    let close = &x.column(0) + &(&x.column(6) * 1e-3);
    near.column_mut(6).assign(&close);
    let in_pool = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let refined = LinearRegression::new().fit((&near, &y)).unwrap();
            assert_eq!(refined.solver(), LinearSolver::RefinedCholesky);
            (
                refined.predict(&near).unwrap(),
                refined,
                Ridge::new().fit((&x, &y)).unwrap(),
                Lasso::new().alpha(0.01).fit((&x, &y)).unwrap(),
                ElasticNet::new()
                    .selection(Selection::Random)
                    .seed(9)
                    .fit((&x, &y))
                    .unwrap(),
            )
        })
    };
    let one = in_pool(1);
    assert_eq!(one, in_pool(2));
    assert_eq!(one, in_pool(5));
}

#[test]
fn means_far_from_zero_cost_no_digits() {
    let x = random(30_000, 3, 5);
    let y = x.dot(&array![1.0, 2.0, 3.0]);
    let mut far = &x + &array![1e4, -1e3, 0.0];
    // A first guess of the mean, from a few rows, would be far off.
    let rows = far.nrows();
    for row in (0..rows).step_by(rows.div_ceil(64)) {
        far[[row, 0]] = 0.0;
    }
    let fitted = LinearRegression::new().fit((&far, &y)).unwrap();
    assert_eq!(fitted.solver(), LinearSolver::RefinedCholesky);
    let naive = {
        let mean = far.mean_axis(Axis(0)).unwrap();
        let centred = &far - &mean;
        Ridge::new()
            .alpha(0.0)
            .fit_intercept(false)
            .fit((&centred, &(&y - y.mean().unwrap())))
            .unwrap()
    };
    println!("{fitted}{naive}");
    assert!(distance(fitted.coef(), naive.coef()) < 1e-9);
}

#[test]
fn a_saved_model_reads_back_the_same() {
    let Data { x, y, .. } = data("tall");
    macro_rules! round_trip {
        ($type:ty, $value:expr) => {
            let value: $type = $value;
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<$type>(&text).unwrap(), value);
        };
    }
    use mlcourse::regression::{
        FittedElasticNet, FittedLasso, FittedLinearRegression, FittedRidge,
    };
    round_trip!(
        FittedLinearRegression,
        LinearRegression::new().fit((&x, &y)).unwrap()
    );
    round_trip!(FittedRidge, Ridge::new().fit((&x, &y)).unwrap());
    round_trip!(
        mlcourse::regression::FittedLassoCV,
        LassoCV::new().fit((&x, &y)).unwrap()
    );
    round_trip!(FittedElasticNet, ElasticNet::new().fit((&x, &y)).unwrap());
    round_trip!(
        RegularizationPath,
        lasso_path((&x, &y), &PathOptions::new()).unwrap()
    );
    let early = Lasso::new()
        .alpha(1e-4)
        .max_iter(1)
        .tol(1e-12)
        .fit((&x, &y))
        .unwrap();
    assert!(matches!(
        early.warnings(),
        [Warning::NotConverged {
            estimator: "Lasso",
            n_iter: 1,
            ..
        }]
    ));
    round_trip!(FittedLasso, early);
    round_trip!(Lasso, Lasso::new().lambda(2.0));
}

#[test]
fn hyperparameters_go_by_scikit_learns_names() {
    let mut model = Lasso::new();
    model
        .set_parameter("alpha", &Parameter::Float(0.5))
        .unwrap();
    model
        .set_parameter("selection", &Parameter::from("random"))
        .unwrap();
    model
        .set_parameter("precompute", &Parameter::Bool(false))
        .unwrap();
    assert_eq!(
        model,
        Lasso::new()
            .alpha(0.5)
            .selection(Selection::Random)
            .precompute(false)
    );
    assert!(
        model
            .set_parameter("selection", &Parameter::from("sideways"))
            .is_err()
    );
    let model = set(Ridge::new(), &serde_json::json!({"alpha": 3}));
    assert_eq!(model.parameters()[0], ("alpha", Parameter::Float(3.0)));
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let (x, y) = (
        array![[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]],
        array![0.0, 1.0, 2.0],
    );
    macro_rules! check {
        ($model:expr, $name:literal) => {
            let fit = |x: &Array2<f64>, y: &Array1<f64>| $model.fit((x, y)).unwrap_err();
            assert!(matches!(
                fit(&x, &array![0.0]),
                Error::LengthMismatch { .. }
            ));
            assert!(matches!(
                fit(&Array2::zeros((0, 2)), &array![]),
                Error::Empty { .. }
            ));
            assert!(matches!(
                fit(&Array2::zeros((3, 0)), &y),
                Error::Empty { .. }
            ));
            let nan = array![[0.0, 1.0], [f64::NAN, 0.0], [2.0, 2.0]];
            assert!(matches!(
                fit(&nan, &y),
                Error::NotFinite {
                    what: "x",
                    row: 1,
                    column: 0,
                    ..
                }
            ));
            let infinite = array![0.0, 1.0, f64::INFINITY];
            assert!(matches!(
                fit(&x, &infinite),
                Error::NotFinite {
                    what: "y",
                    row: 2,
                    ..
                }
            ));
            let huge = array![[0.0, 1e200], [1.0, -1e200], [2.0, 2.0]];
            assert!(matches!(
                fit(&huge, &y),
                Error::Overflow {
                    what: "x",
                    column: 1
                }
            ));
            let negative = $model.fit((&x, &y, &array![1.0, -1.0, 1.0])).unwrap_err();
            assert!(matches!(
                negative,
                Error::InvalidParameter {
                    name: "sample_weight",
                    ..
                }
            ));
            let fitted = $model.fit((&x, &y)).unwrap();
            let error = fitted.predict(&array![[1.0, 2.0, 3.0]]).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(concat!($name, "::predict expects 2")),
                "{error}"
            );
            let error = fitted
                .predict(&array![[1.0, 2.0], [f64::INFINITY, 0.0]])
                .unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::NotFinite {
                        row: 1,
                        column: 0,
                        ..
                    }
                ),
                "{error}"
            );
            assert!(matches!(
                fitted.predict(&Array2::<f64>::zeros((0, 2))),
                Err(Error::Empty { .. })
            ));
        };
    }
    check!(LinearRegression::new(), "LinearRegression");
    check!(LinearRegression::new().positive(true), "LinearRegression");
    check!(Ridge::new(), "Ridge");
    check!(Lasso::new(), "Lasso");
    check!(LassoCV::new().cv(2), "LassoCV");
    check!(ElasticNet::new().precompute(false), "ElasticNet");
}

#[test]
fn parameters_out_of_range_are_errors() {
    let (x, y) = (array![[0.0], [1.0]], array![0.0, 1.0]);
    let name = |error: Error| match error {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other}"),
    };
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            name(Ridge::new().alpha(bad).fit((&x, &y)).unwrap_err()),
            "alpha"
        );
        assert_eq!(
            name(Lasso::new().alpha(bad).fit((&x, &y)).unwrap_err()),
            "alpha"
        );
        assert_eq!(
            name(Lasso::new().lambda(bad).fit((&x, &y)).unwrap_err()),
            "lambda"
        );
        assert_eq!(
            name(Lasso::new().tol(bad).fit((&x, &y)).unwrap_err()),
            "tol"
        );
        assert_eq!(
            name(LinearRegression::new().tol(bad).fit((&x, &y)).unwrap_err()),
            "tol"
        );
        assert_eq!(
            name(ElasticNet::new().l1_ratio(bad).fit((&x, &y)).unwrap_err()),
            "l1_ratio"
        );
        let options = PathOptions::new().alphas(&[bad]);
        assert_eq!(name(lasso_path((&x, &y), &options).unwrap_err()), "alphas");
        assert_eq!(
            name(lasso_path((&x, &y), &PathOptions::new().eps(bad)).unwrap_err()),
            "eps"
        );
    }
    assert_eq!(
        name(Lasso::new().max_iter(0).fit((&x, &y)).unwrap_err()),
        "max_iter"
    );
    let none = PathOptions::new().l1_ratio(0.0);
    assert_eq!(name(enet_path((&x, &y), &none).unwrap_err()), "l1_ratio");
    assert_eq!(
        name(lasso_path((&x, &y), &PathOptions::new().n_alphas(0)).unwrap_err()),
        "n_alphas"
    );
}
