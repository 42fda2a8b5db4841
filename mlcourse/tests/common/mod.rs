//! The reference values that `references/make_references.py` wrote.

use ndarray::{Array1, Array2};
use serde_json::Value;
use std::path::Path;

/// The cases of one file.
pub fn cases(name: &str) -> Vec<Value> {
    match file(name) {
        Value::Array(cases) => cases,
        other => panic!("{name} holds no list: {other}"),
    }
}

/// One file.
pub fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub fn floats(value: &Value) -> Array1<f64> {
    list(value)
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

/// Numbers of which some may be words: `nan`, `inf`.
pub fn numbers(values: &[Value]) -> Array1<f64> {
    values
        .iter()
        .map(|value| match value.as_str() {
            Some(word) => word.parse().unwrap(),
            None => value.as_f64().unwrap(),
        })
        .collect()
}

pub fn labels(value: &Value) -> Array1<usize> {
    list(value)
        .iter()
        .map(|number| number.as_u64().unwrap() as usize)
        .collect()
}

pub fn strings(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

pub fn table(value: &Value) -> Array2<f64> {
    let rows = list(value);
    let values: Vec<f64> = rows.iter().flat_map(floats).collect();
    Array2::from_shape_vec((rows.len(), values.len() / rows.len()), values).unwrap()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The largest difference of two lists of numbers of the same length.
pub fn distance<'a>(
    left: impl IntoIterator<Item = &'a f64>,
    right: impl IntoIterator<Item = &'a f64>,
) -> f64 {
    let (left, right): (Vec<_>, Vec<_>) = (left.into_iter().collect(), right.into_iter().collect());
    assert_eq!(left.len(), right.len());
    left.iter()
        .zip(right)
        .map(|(a, b)| (**a - b).abs())
        .fold(0.0, f64::max)
}
