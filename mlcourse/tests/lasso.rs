//! Lasso and ElasticNet against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;
#[allow(dead_code, unused_macros, unused_imports)]
#[path = "common/linear.rs"]
mod linear;

use common::distance;
use linear::{Data, data, error, for_each_case, label};
use mlcourse::prelude::*;
use mlcourse::regression::Selection;

#[test]
fn lasso_takes_scikit_learns_steps_to_scikit_learns_coefficients() {
    for_each_case!("lasso", Lasso, |case, data, fitted| {
        let name = label(&case);
        let coef = error(&case, "coef", fitted.coef());
        println!("{name}: coef {coef:.1e}, {} iterations", fitted.n_iter());
        assert!(coef < 1e-7, "{name}: coef {coef:e}");
        assert_eq!(
            fitted.n_iter() as f64,
            case["n_iter"].as_f64().unwrap(),
            "{name}"
        );
        let gap = (fitted.dual_gap() - case["dual_gap"].as_f64().unwrap()).abs();
        assert!(gap < 1e-9 * data.y.var(0.0).max(1.0), "{name}: gap {gap:e}");
        assert_eq!(
            fitted.warnings().is_empty(),
            case["converged"] == true,
            "{name}"
        );
        assert_eq!(fitted.history().len(), fitted.n_iter(), "{name}");
    });
}

#[test]
fn elastic_net_takes_scikit_learns_steps_to_scikit_learns_coefficients() {
    for_each_case!("elastic_net", ElasticNet, |case, data, fitted| {
        let name = label(&case);
        let coef = error(&case, "coef", fitted.coef());
        println!("{name}: coef {coef:.1e}, {} iterations", fitted.n_iter());
        assert!(coef < 1e-7, "{name}: coef {coef:e}");
        assert_eq!(
            fitted.n_iter() as f64,
            case["n_iter"].as_f64().unwrap(),
            "{name}"
        );
        let gap = (fitted.dual_gap() - case["dual_gap"].as_f64().unwrap()).abs();
        assert!(gap < 1e-9 * data.y.var(0.0).max(1.0), "{name}: gap {gap:e}");
    });
}

#[test]
fn columns_and_gram_matrix_give_the_same_fit() {
    for name in [
        "tall",
        "wide",
        "columns that depend on others",
        "means far from 0",
    ] {
        let data = data(name);
        let fit = |precompute| {
            let model = Lasso::new().alpha(0.05).tol(1e-9).max_iter(100_000);
            model
                .precompute(precompute)
                .fit((&data.x, &data.y))
                .unwrap()
        };
        let (columns, gram) = (fit(false), fit(true));
        let difference = distance(columns.coef(), gram.coef());
        assert!(difference < 1e-6, "{name}: {difference:e}");
        let random = Lasso::new()
            .alpha(0.05)
            .tol(1e-12)
            .max_iter(100_000)
            .selection(Selection::Random)
            .seed(3);
        let random = random.fit((&data.x, &data.y)).unwrap();
        let (one, other) = (
            objective(&data, &columns.coef().view(), columns.intercept(), 0.05),
            objective(&data, &random.coef().view(), random.intercept(), 0.05),
        );
        assert!(
            (one - other).abs() < 1e-8 * data.y.var(0.0),
            "{name}: {one} and {other}"
        );
    }
}

/// (1/2n) ‖y − Xw − b‖² + α ‖w‖₁, as written.
fn objective(data: &Data, coef: &ArrayView1<f64>, intercept: f64, alpha: f64) -> f64 {
    let rest = &data.y - &data.x.dot(coef) - intercept;
    rest.dot(&rest) / (2.0 * rest.len() as f64) + alpha * coef.iter().map(|w| w.abs()).sum::<f64>()
}

#[test]
fn no_step_from_a_lasso_fit_lowers_the_objective_by_more_than_the_gap() {
    let data = data("diabetes");
    let fitted = Lasso::new().alpha(2.0).fit((&data.x, &data.y)).unwrap();
    let at = |coef: &Array1<f64>| {
        objective(
            &data,
            &coef.view(),
            data.y.mean().unwrap() - data.x.mean_axis(Axis(0)).unwrap().dot(coef),
            2.0,
        )
    };
    let start = at(fitted.coef());
    for feature in 0..10 {
        for step in [-1.0, -0.1, -0.01, 0.01, 0.1, 1.0] {
            let mut coef = fitted.coef().clone();
            coef[feature] += step;
            assert!(at(&coef) > start - fitted.dual_gap(), "{feature} {step}");
        }
    }
}

#[test]
fn the_courses_lambda_is_twice_n_times_alpha() {
    let data = data("tall");
    let by_alpha = Lasso::new().alpha(0.1).fit((&data.x, &data.y)).unwrap();
    let by_lambda = Lasso::new()
        .lambda(2.0 * 60.0 * 0.1)
        .fit((&data.x, &data.y))
        .unwrap();
    assert!(distance(by_alpha.coef(), by_lambda.coef()) < 1e-12);
    assert!((by_lambda.alpha() - 0.1).abs() < 1e-15);
    assert_eq!(Lasso::new().lambda(3.0).alpha(0.5), Lasso::new().alpha(0.5));
    // At the minimum, the slope of ‖Xw − y‖² is ∓λ for each coefficient that is not 0.
    let exact = Lasso::new()
        .lambda(12.0)
        .fit_intercept(false)
        .tol(1e-13)
        .fit((&data.x, &data.y))
        .unwrap();
    let slope = 2.0 * data.x.t().dot(&(data.x.dot(exact.coef()) - &data.y));
    for (slope, coef) in slope.iter().zip(exact.coef()) {
        if *coef == 0.0 {
            assert!(slope.abs() <= 12.0 + 1e-6, "{slope}");
        } else {
            assert!(
                (slope + 12.0 * coef.signum()).abs() < 1e-3,
                "{slope} at {coef}"
            );
        }
    }
    let net = ElasticNet::new()
        .l1_ratio(1.0)
        .lambda(12.0)
        .fit((&data.x, &data.y))
        .unwrap();
    let lasso = Lasso::new().lambda(12.0).fit((&data.x, &data.y)).unwrap();
    assert_eq!(net.coef(), lasso.coef());
}

#[test]
fn the_gap_ends_below_its_bound_and_the_history_tells_how() {
    let Data { x, y, .. } = data("diabetes");
    let fitted = Lasso::new().alpha(0.1).fit((&x, &y)).unwrap();
    let gaps: Vec<f64> = fitted
        .history()
        .iter()
        .filter_map(|sweep| sweep.duality_gap)
        .collect();
    assert_eq!(gaps.last(), Some(&fitted.dual_gap()));
    assert_eq!(
        gaps.len(),
        fitted.n_iter(),
        "on a Gram matrix every pass knows its gap"
    );
    assert!(fitted.dual_gap() <= 1e-4 * y.var(0.0) * (1.0 + 1e-12));
    assert!(gaps[0] > fitted.dual_gap());
    let shown = fitted.to_string();
    assert!(
        shown.contains("duality gap") && shown.contains("intercept"),
        "{shown}"
    );
}
