//! What the tests of linear models share.

use super::common::{distance, file, floats, table};
use mlcourse::estimator::{Parameter, Parameters};
use ndarray::{Array1, Array2};
use serde_json::Value;

/// One of the reference's small tables: x, y and weights, some of them 0.
pub struct Data {
    pub x: Array2<f64>,
    pub y: Array1<f64>,
    pub weight: Array1<f64>,
}

pub fn data(name: &str) -> Data {
    let sets = file("regression_data");
    let set = &sets[name];
    Data {
        x: table(&set["x"]),
        y: floats(&set["y"]),
        weight: floats(&set["weight"]),
    }
}

pub fn random(n: usize, p: usize, seed: u64) -> Array2<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    Array2::from_shape_simple_fn((n, p), || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    })
}

pub fn set<M: Parameters>(mut model: M, parameters: &Value) -> M {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::Bool(value) => Parameter::Bool(*value),
            Value::Number(value) if value.is_u64() => Parameter::Integer(value.as_i64().unwrap()),
            value => Parameter::Float(value.as_f64().unwrap()),
        };
        model.set_parameter(name, &value).unwrap();
    }
    model
}

/// Fits the model of each case and hands over what it has learnt: coefficients, intercept, predictions.
macro_rules! for_each_case {
    ($file:literal, $model:ty, |$case:ident, $data:ident, $fitted:ident| $check:block) => {
        for $case in crate::common::cases($file) {
            let $data = crate::linear::data($case["data"].as_str().unwrap());
            let model = crate::linear::set(<$model>::new(), &$case["parameters"]);
            let fitted = if $case["weighted"] == true {
                model.fit((&$data.x, &$data.y, &$data.weight))
            } else {
                model.fit((&$data.x, &$data.y))
            };
            let $fitted = fitted.unwrap();
            $check
        }
    };
}

/// The largest difference to the case's numbers, as a share of the largest of them.
pub fn error(case: &Value, name: &str, ours: &Array1<f64>) -> f64 {
    let theirs = floats(&case[name]);
    let scale = theirs
        .iter()
        .fold(1e-9, |max: f64, value| max.max(value.abs()));
    distance(ours, &theirs) / scale
}

pub fn label(case: &Value) -> String {
    format!(
        "{} {} weighted {}",
        case["data"], case["parameters"], case["weighted"]
    )
}

pub(crate) use for_each_case;
