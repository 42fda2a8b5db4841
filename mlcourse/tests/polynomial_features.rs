//! Products of features against scikit-learn's, to the last bit.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, list, strings, table};
use mlcourse::Error;
use mlcourse::prelude::*;
use mlcourse::preprocessing::FittedPolynomialFeatures;

#[test]
fn products_their_powers_and_names_are_scikit_learns() {
    let cases = cases("polynomial_features");
    assert!(cases.len() > 50, "{}", cases.len());
    for case in cases {
        let x = table(&case["x"]);
        let model = PolynomialFeatures::new()
            .degree(case["degree"].as_u64().unwrap() as usize)
            .min_degree(case["min_degree"].as_u64().unwrap() as usize)
            .interaction_only(case["interaction_only"].as_bool().unwrap())
            .include_bias(case["include_bias"].as_bool().unwrap());
        let fitted = model.clone().fit(&x).unwrap();
        assert_eq!(
            fitted.transform(&x).unwrap(),
            table(&case["z"]),
            "{model:?}"
        );
        let names: Vec<String> = (0..x.ncols())
            .map(|feature| format!("x{feature}"))
            .collect();
        assert_eq!(
            fitted.feature_names_out(&names),
            strings(&case["names"]),
            "{model:?}"
        );
        let powers: Vec<Vec<usize>> = list(&case["powers"])
            .iter()
            .map(|row| {
                list(row)
                    .iter()
                    .map(|power| power.as_u64().unwrap() as usize)
                    .collect()
            })
            .collect();
        let ours: Vec<Vec<usize>> = fitted
            .powers()
            .outer_iter()
            .map(|row| row.to_vec())
            .collect();
        assert_eq!(ours, powers, "{model:?}");
    }
}

#[test]
fn each_product_is_the_product_of_its_powers() {
    let x = array![[1.5, -2.0, 0.5], [3.0, 0.0, -1.0]];
    let fitted = PolynomialFeatures::new().degree(4).fit(&x).unwrap();
    let z = fitted.transform(&x).unwrap();
    assert_eq!(z.ncols(), 35); // C(3 + 4, 4)
    for (product, powers) in fitted.powers().outer_iter().enumerate() {
        for (row, x) in x.outer_iter().enumerate() {
            let naive: f64 = x
                .iter()
                .zip(powers)
                .map(|(x, &power)| x.powi(power as i32))
                .product();
            assert!((z[[row, product]] - naive).abs() < 1e-12);
        }
    }
}

#[test]
fn a_line_through_products_is_a_parabola() {
    let x = Array2::from_shape_fn((20, 1), |(row, _)| row as f64 / 5.0 - 2.0);
    let y = x.column(0).mapv(|x| 1.0 - 2.0 * x + 3.0 * x * x);
    let products = PolynomialFeatures::new()
        .include_bias(false)
        .fit(&x)
        .unwrap();
    let model = LinearRegression::new()
        .fit((&products.transform(&x).unwrap(), &y))
        .unwrap();
    assert!((model.intercept() - 1.0).abs() < 1e-12, "{model}");
    assert!(
        (model.coef()[0] + 2.0).abs() < 1e-12 && (model.coef()[1] - 3.0).abs() < 1e-12,
        "{model}"
    );
}

#[test]
fn a_part_of_a_data_set_keeps_its_names() {
    let (train, _) = datasets::iris().train_test_split(0.2, 1).unwrap();
    let products = PolynomialFeatures::new().fit(&train).unwrap();
    let bent = products.transform(&train).unwrap();
    assert_eq!(bent.feature_names().len(), 15);
    assert_eq!(bent.feature_names()[0], "1");
    assert!(
        bent.feature_names()[6].contains(' '),
        "{:?}",
        bent.feature_names()
    );
    assert_eq!(products.lineage().stages().len(), 1);
}

#[test]
fn chunks_of_rows_and_layouts_give_the_same_bits() {
    let x = Array2::from_shape_fn((3001, 3), |(row, column)| {
        ((row * 7 + column * 13) % 101) as f64 / 10.0
    });
    let fitted = PolynomialFeatures::new().degree(3).fit(&x).unwrap();
    let all = fitted.transform(&x).unwrap();
    let back = fitted.transform(&x.slice(s![..;-1, ..])).unwrap();
    assert_eq!(all, back.slice(s![..;-1, ..]));
    let columns = x.t().as_standard_layout().to_owned();
    assert_eq!(fitted.transform(&columns.t()).unwrap(), all);
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedPolynomialFeatures>(&text).unwrap(),
        fitted
    );
    assert!(fitted.to_string().contains("x0^2 x1"), "{fitted}");
}

#[test]
fn what_does_not_fit_is_an_error() {
    let x = array![[1.0, 2.0]];
    let name = |error: Error| match error {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(
        name(PolynomialFeatures::new().min_degree(3).fit(&x).unwrap_err()),
        "min_degree"
    );
    assert_eq!(
        name(
            PolynomialFeatures::new()
                .degree(0)
                .include_bias(false)
                .fit(&x)
                .unwrap_err()
        ),
        "degree"
    );
    assert_eq!(
        name(
            PolynomialFeatures::new()
                .degree(usize::MAX)
                .fit(&x)
                .unwrap_err()
        ),
        "degree"
    );
    let wide = Array2::<f64>::zeros((1, 1000));
    assert_eq!(
        name(PolynomialFeatures::new().degree(4).fit(&wide).unwrap_err()),
        "degree"
    );
    let fitted = PolynomialFeatures::new().fit(&x).unwrap();
    assert!(matches!(
        fitted.transform(&array![[1.0]]),
        Err(Error::FeatureCount {
            expected: 2,
            found: 1,
            ..
        })
    ));
    assert!(matches!(
        fitted.transform(&array![[1.0, f64::NAN]]),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        fitted.transform(&array![[1.0, 1e200]]),
        Err(Error::Overflow { column: 1, .. })
    ));
    assert!(matches!(
        PolynomialFeatures::new().fit(&Array2::<f64>::zeros((0, 2))),
        Err(Error::Empty { .. })
    ));
}
