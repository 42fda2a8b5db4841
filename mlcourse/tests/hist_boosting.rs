//! Gradient boosting on bins, compared with scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::ensemble::*;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use serde_json::Value;

fn set_all(model: &mut impl Parameters, parameters: &Value) {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::String(word) => Parameter::from(word.as_str()),
            Value::Number(number) if number.is_u64() => Parameter::from(number.as_i64().unwrap()),
            value => Parameter::from(value.as_f64().unwrap()),
        };
        model.set_parameter(name, &value).unwrap();
    }
}

#[test]
fn predictions_are_scikit_learns() {
    let file = file("hist_boosting");
    let set = &file["set"];
    let x = table(&set["x"]).mapv(|value| if value == 1e9 { f64::NAN } else { value });
    let (classes, target) = (labels(&set["classes"]), floats(&set["target"]));
    for case in list(&file["cases"]) {
        let what = format!(
            "{} {} {} {}",
            case["kind"], case["weighted"], case["categorical"], case["parameters"]
        );
        let weight = (case["weighted"] == true).then(|| floats(&set["weight"]));
        let categorical: Vec<usize> = labels(&case["categorical"]).to_vec();
        let found: Vec<f64> = if case["kind"] == "target" {
            let mut model = HistGradientBoostingRegressor::new()
                .max_iter(8)
                .categorical_features(&categorical);
            set_all(&mut model, &case["parameters"]);
            let fitted = match &weight {
                None => model.fit((&x, &target)).unwrap(),
                Some(weight) => model.fit((&x, &target, weight)).unwrap(),
            };
            fitted
                .predict(&x)
                .unwrap()
                .iter()
                .step_by(12)
                .copied()
                .collect()
        } else {
            let y = if case["kind"] == "two" {
                classes.mapv(|class| usize::from(class > 0))
            } else {
                classes.clone()
            };
            let mut model = HistGradientBoostingClassifier::new()
                .max_iter(8)
                .categorical_features(&categorical);
            set_all(&mut model, &case["parameters"]);
            let fitted = match &weight {
                None => model.fit((&x, &y)).unwrap(),
                Some(weight) => model.fit((&x, &y, weight)).unwrap(),
            };
            fitted
                .predict_proba(&x)
                .unwrap()
                .slice(s![..;12, ..])
                .iter()
                .copied()
                .collect()
        };
        let expected: Vec<f64> = match &case["out"][0] {
            Value::Array(_) => table(&case["out"]).iter().copied().collect(),
            _ => floats(&case["out"]).to_vec(),
        };
        // Slopes are kept in 32 bits by both.
        let gap = distance(&found, &expected);
        assert!(gap < 2e-5, "{what}: {gap}");
    }
}

#[test]
fn it_stops_when_held_out_samples_are_predicted_no_better() {
    let n = 600;
    let x = Array2::from_shape_fn((n, 2), |(row, column)| {
        ((row * (37 + 20 * column)) % 211) as f64
    });
    let y = Array1::from_shape_fn(n, |row| {
        usize::from((x[[row, 0]] > 100.0) != (row % 5 == 0))
    });
    let model = HistGradientBoostingClassifier::new()
        .early_stopping(true)
        .max_iter(400)
        .seed(3);
    let fitted = model.clone().fit((&x, &y)).unwrap();
    assert!(fitted.n_iter() < 400);
    assert_eq!(fitted.validation_score().len(), fitted.n_iter() + 1);
    assert!(fitted.train_score().last() > fitted.train_score().first());
    assert_eq!(fitted, model.fit((&x, &y)).unwrap());
}

#[test]
fn unknown_categories_and_missing_values_can_be_predicted() {
    let x = Array2::from_shape_fn((200, 1), |(row, _)| (row % 4) as f64);
    let y = x
        .column(0)
        .mapv(|category| if category == 2.0 { 9.0 } else { category });
    let model = HistGradientBoostingRegressor::new()
        .categorical_features(&[0])
        .fit((&x, &y))
        .unwrap();
    let found = model.predict(&array![[2.0], [7.5], [f64::NAN]]).unwrap();
    assert!((found[0] - 9.0).abs() < 1e-2);
    assert_eq!(found[1], found[2]);
    assert!(matches!(
        model.predict(&array![[f64::INFINITY]]),
        Err(Error::NotFinite { .. })
    ));

    let many = Array2::from_shape_fn((400, 1), |(row, _)| row as f64);
    let too_many = HistGradientBoostingRegressor::new()
        .categorical_features(&[0])
        .fit((&many, &Array1::zeros(400)));
    assert!(
        too_many
            .unwrap_err()
            .to_string()
            .contains("400 categories in column 0")
    );
}

#[test]
fn columns_without_values_and_targets_without_spread_are_no_trouble() {
    let mut x = Array2::from_elem((60, 2), f64::NAN);
    x.column_mut(1)
        .iter_mut()
        .enumerate()
        .for_each(|(row, value)| *value = row as f64);
    let y = Array1::from_shape_fn(60, |row| f64::from(u8::from(row >= 30)));
    let model = HistGradientBoostingRegressor::new().fit((&x, &y)).unwrap();
    assert!(model.score(&x, &y).unwrap() > 0.99);
    assert_eq!(model.feature_importances()[0], 0.0);
    let constant = HistGradientBoostingRegressor::new()
        .fit((&x, &Array1::from_elem(60, 2.5)))
        .unwrap();
    assert_eq!(constant.predict(&x).unwrap(), Array1::from_elem(60, 2.5));
}
