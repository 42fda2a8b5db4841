//! Decision trees, compared with scikit-learn's node by node.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use mlcourse::tree::{ClassCriterion, ClassWeight, MaxFeatures, RegressionCriterion, Tree};
use ndarray::Array;
use serde_json::Value;

fn set_all(model: &mut impl Parameters, parameters: &Value) {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::String(word) => Parameter::from(word.as_str()),
            Value::Number(number) if number.is_u64() => Parameter::from(number.as_i64().unwrap()),
            Value::Number(number) => Parameter::from(number.as_f64().unwrap()),
            // The builder sets weights of classes.
            _ => continue,
        };
        model.set_parameter(name, &value).unwrap();
    }
}

fn same_tree(tree: &Tree, case: &Value, what: &str) {
    let left = list(&case["left"]);
    assert_eq!(tree.node_count(), left.len(), "{what}");
    let (feature, threshold) = (list(&case["feature"]), floats(&case["threshold"]));
    let impurity = floats(&case["impurity"]);
    let scale = 1.0 + impurity[0].abs();
    for node in 0..tree.node_count() {
        let what = format!("{what}, node {node}");
        match tree.split(node) {
            None => assert_eq!(left[node], -1, "{what}"),
            Some((found, at)) => {
                assert_eq!(feature[node], found, "{what}");
                assert_eq!(threshold[node], at, "{what}");
                assert_eq!(left[node], tree.children(node).unwrap().0, "{what}");
            }
        }
        assert_eq!(
            case["n_node_samples"][node],
            tree.n_node_samples(node),
            "{what}"
        );
        let weight = match &case["weighted_n_node_samples"] {
            Value::Null => tree.n_node_samples(node) as f64,
            weights => weights[node].as_f64().unwrap(),
        };
        if case["parameters"].get("class_weight").is_none() {
            assert!(
                (tree.weighted_n_node_samples(node) - weight).abs() < 1e-5,
                "{what}"
            );
        }
        // Scikit-learn does not centre the targets: a mean of 1e6 costs it digits.
        let tolerance = if case["data"] == "large mean" {
            1e-3
        } else {
            2e-9
        };
        assert!(
            (tree.impurity(node) - impurity[node]).abs() < tolerance * scale,
            "{what}"
        );
        assert!(
            distance(tree.value(node), &floats(&case["value"][node])) < 2e-9,
            "{what}"
        );
    }
}

#[test]
fn trees_have_scikit_learns_nodes() {
    let file = file("trees");
    for case in list(&file["cases"]) {
        let set = &file["sets"][case["data"].as_str().unwrap()];
        let (x, weight) = (table(&set["x"]), floats(&set["weight"]));
        let weight = if case["weighted"] == true {
            weight
        } else {
            Array1::ones(x.nrows())
        };
        let what = format!(
            "{} {} {} {}",
            case["kind"], case["data"], case["weighted"], case["parameters"]
        );
        let (importances, text, path) = if case["kind"] == "classifier" {
            let mut model = DecisionTreeClassifier::new();
            set_all(&mut model, &case["parameters"]);
            if let Some(Value::Array(pairs)) = case["parameters"].get("class_weight") {
                let pair = |pair: &Value| {
                    (
                        pair[0].as_u64().unwrap() as usize,
                        pair[1].as_f64().unwrap(),
                    )
                };
                model = model.class_weight(ClassWeight::Each(pairs.iter().map(pair).collect()));
            }
            let y = labels(&set["classes"]);
            let path = model
                .cost_complexity_pruning_path((&x, &y, &weight))
                .unwrap();
            let fitted = model.fit((&x, &y, &weight)).unwrap();
            same_tree(fitted.tree(), case, &what);
            (
                fitted.feature_importances(),
                fitted.export_text(&[]).unwrap(),
                path,
            )
        } else {
            let mut model = DecisionTreeRegressor::new();
            set_all(&mut model, &case["parameters"]);
            let y = floats(&set["target"]);
            let path = model
                .cost_complexity_pruning_path((&x, &y, &weight))
                .unwrap();
            let fitted = model.fit((&x, &y, &weight)).unwrap();
            same_tree(fitted.tree(), case, &what);
            (
                fitted.feature_importances(),
                fitted.export_text(&[]).unwrap(),
                path,
            )
        };
        let tolerance = if case["data"] == "large mean" {
            1e-3
        } else {
            1e-8
        };
        assert!(
            distance(&importances, &floats(&case["importances"])) < tolerance,
            "{what}"
        );
        if let Some(expected) = case["text"].as_str() {
            assert_eq!(text, expected, "{what}");
        }
        // Scikit-learn's path is that of the tree which `ccp_alpha` has pruned already.
        if case["parameters"].get("ccp_alpha").is_none() && case["data"] != "large mean" {
            let scale = 1.0 + path.impurities.last().unwrap();
            assert!(
                distance(&path.impurities, &floats(&case["pruning"]["impurities"])) < 1e-8 * scale,
                "{what}"
            );
            assert!(
                distance(&path.ccp_alphas, &floats(&case["pruning"]["ccp_alphas"])) < 1e-8 * scale,
                "{what}"
            );
        }
    }
}

#[test]
fn a_deep_tree_of_iris_is_one_of_scikit_learns() {
    let iris = file("iris");
    let (x, y) = (table(&iris["features"]), labels(&iris["target"]));
    let model = DecisionTreeClassifier::new().fit((&x, &y)).unwrap();
    let names = common::strings(&iris["feature_names"]);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let text = model.export_text(&names).unwrap();
    let theirs: Vec<Value> = list(&file("trees")["iris"]).to_vec();
    let shape = |text: &str| text.matches("class").count();
    assert!(
        theirs
            .iter()
            .any(|tree| shape(tree["text"].as_str().unwrap()) == shape(&text))
    );
    assert_eq!(model.score(&x, &y).unwrap(), 1.0);
    assert!(
        theirs
            .iter()
            .any(|tree| tree["leaves"] == model.n_leaves() && tree["depth"] == model.depth())
    );
}

/// Every split tried, by the definition.
fn naive_root(x: &Array2<f64>, y: &[f64], impurity: impl Fn(&[f64]) -> f64) -> f64 {
    let n = y.len() as f64;
    let mut best = f64::NEG_INFINITY;
    for column in x.columns() {
        for &threshold in column {
            let side = |left: bool| -> Vec<f64> {
                let rows = column
                    .iter()
                    .zip(y)
                    .filter(|(value, _)| (**value <= threshold) == left);
                rows.map(|(_, y)| *y).collect()
            };
            let (left, right) = (side(true), side(false));
            if left.is_empty() || right.is_empty() {
                continue;
            }
            let after =
                left.len() as f64 / n * impurity(&left) + right.len() as f64 / n * impurity(&right);
            best = best.max(impurity(y) - after);
        }
    }
    best
}

fn decrease_at_root(tree: &Tree) -> f64 {
    let (left, right) = tree.children(0).unwrap();
    let share = |node| tree.weighted_n_node_samples(node) / tree.weighted_n_node_samples(0);
    tree.impurity(0) - share(left) * tree.impurity(left) - share(right) * tree.impurity(right)
}

#[test]
fn the_first_split_is_the_best_of_all_by_each_formula() {
    let file = file("trees");
    for name in ["smooth", "many ties", "one feature"] {
        let set = &file["sets"][name];
        let (x, y, classes) = (
            table(&set["x"]),
            floats(&set["target"]),
            labels(&set["classes"]),
        );
        let mean = |y: &[f64]| y.iter().sum::<f64>() / y.len() as f64;
        let shares = |y: &[f64]| -> Vec<f64> {
            let mut sorted = y.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted
                .chunk_by(|a, b| a == b)
                .map(|same| same.len() as f64 / y.len() as f64)
                .collect()
        };
        let gini = |y: &[f64]| 1.0 - shares(y).iter().map(|p| p * p).sum::<f64>();
        let entropy = |y: &[f64]| shares(y).iter().map(|p| -p * p.log2()).sum::<f64>();
        let variance =
            |y: &[f64]| y.iter().map(|v| (v - mean(y)).powi(2)).sum::<f64>() / y.len() as f64;
        let absolute = |y: &[f64]| {
            let mut sorted = y.to_vec();
            sorted.sort_by(f64::total_cmp);
            let median = (sorted[(y.len() - 1) / 2] + sorted[y.len() / 2]) / 2.0;
            y.iter().map(|v| (v - median).abs()).sum::<f64>() / y.len() as f64
        };
        let numbers: Vec<f64> = classes.iter().map(|&class| class as f64).collect();
        let y_slice = y.as_slice().unwrap();
        let class = |criterion| {
            let stump = DecisionTreeClassifier::new()
                .criterion(criterion)
                .max_depth(1);
            decrease_at_root(stump.fit((&x, &classes)).unwrap().tree())
        };
        let number = |criterion| {
            let stump = DecisionTreeRegressor::new()
                .criterion(criterion)
                .max_depth(1);
            decrease_at_root(stump.fit((&x, &y)).unwrap().tree())
        };
        for (found, expected) in [
            (class(ClassCriterion::Gini), naive_root(&x, &numbers, gini)),
            (
                class(ClassCriterion::Entropy),
                naive_root(&x, &numbers, entropy),
            ),
            (
                number(RegressionCriterion::SquaredError),
                naive_root(&x, y_slice, variance),
            ),
            (
                number(RegressionCriterion::AbsoluteError),
                naive_root(&x, y_slice, absolute),
            ),
        ] {
            assert!(
                (found - expected).abs() < 1e-9,
                "{name}: {found} {expected}"
            );
        }
    }
}

#[test]
fn weights_are_copies_and_zero_is_absence() {
    let set = &file("trees")["sets"]["smooth"];
    let (x, y, target) = (
        table(&set["x"]),
        labels(&set["classes"]),
        floats(&set["target"]),
    );
    let times: Vec<usize> = (0..x.nrows()).map(|row| row % 3).collect();
    let weight: Array1<f64> = times.iter().map(|&n| n as f64).collect();
    let copies: Vec<usize> = (0..x.nrows())
        .flat_map(|row| vec![row; times[row]])
        .collect();
    let copied = x.select(ndarray::Axis(0), &copies);

    let classifier = DecisionTreeClassifier::new().max_depth(4);
    let weighted = classifier.clone().fit((&x, &y, &weight)).unwrap();
    let repeated = classifier
        .fit((&copied, &y.select(ndarray::Axis(0), &copies)))
        .unwrap();
    assert_eq!(
        weighted.predict_proba(&x).unwrap(),
        repeated.predict_proba(&x).unwrap()
    );

    let regressor = DecisionTreeRegressor::new().max_depth(3);
    let weighted = regressor.clone().fit((&x, &target, &weight)).unwrap();
    let repeated = regressor
        .clone()
        .fit((&copied, &target.select(ndarray::Axis(0), &copies)))
        .unwrap();
    assert!(
        distance(
            &weighted.predict(&x).unwrap(),
            &repeated.predict(&x).unwrap()
        ) < 1e-12
    );

    let kept: Vec<usize> = (0..x.nrows()).filter(|&row| times[row] > 0).collect();
    let without = regressor
        .fit((
            &x.select(ndarray::Axis(0), &kept),
            &target.select(ndarray::Axis(0), &kept),
            &weight.select(ndarray::Axis(0), &kept),
        ))
        .unwrap();
    assert_eq!(without, weighted);
}

#[test]
fn random_features_follow_the_seed_and_skip_constant_columns() {
    let set = &file("trees")["sets"]["smooth"];
    let (x, y) = (table(&set["x"]), labels(&set["classes"]));
    let model = |seed| {
        DecisionTreeClassifier::new()
            .max_features(MaxFeatures::Sqrt)
            .seed(seed)
    };
    let fit = |seed| model(seed).fit((&x, &y)).unwrap();
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
    assert_eq!(fit(1).score(&x, &y).unwrap(), 1.0);

    // Nine of ten columns say nothing: the tenth is found at every split all the same.
    let mut wide = Array::zeros((x.nrows(), 10));
    wide.column_mut(7).assign(&x.column(0));
    let sparse = model(3)
        .max_features(MaxFeatures::Count(1))
        .fit((&wide, &y))
        .unwrap();
    let alone = DecisionTreeClassifier::new()
        .fit((&x.slice(s![.., ..1]), &y))
        .unwrap();
    assert_eq!(sparse.n_leaves(), alone.n_leaves());
}

#[test]
fn degenerate_data_gives_a_tree_or_says_why_not() {
    let constant = DecisionTreeClassifier::new()
        .fit((&Array2::ones((4, 2)), &array![0, 1, 1, 1]))
        .unwrap();
    assert_eq!(constant.n_leaves(), 1);
    assert_eq!(
        constant.predict_proba(&array![[9.0, 9.0]]).unwrap(),
        array![[0.25, 0.75]]
    );
    assert_eq!(constant.feature_importances(), array![0.0, 0.0]);
    assert_eq!(
        constant.rules(&[]).unwrap(),
        ["always: class 1, 75.0 % (4 samples)"]
    );

    let one = DecisionTreeRegressor::new()
        .fit((&array![[3.0]], &array![7.0]))
        .unwrap();
    assert_eq!(one.predict(&array![[0.0]]).unwrap(), array![7.0]);

    let close = f64::from_bits(1.0_f64.to_bits() + 1);
    let near = DecisionTreeRegressor::new()
        .fit((&array![[1.0], [close]], &array![0.0, 1.0]))
        .unwrap();
    assert_eq!(
        near.predict(&array![[1.0], [close]]).unwrap(),
        array![0.0, 1.0]
    );
    let tiny = DecisionTreeRegressor::new()
        .fit((&array![[1e-300], [2e-300]], &array![0.0, 1e-150]))
        .unwrap();
    assert_eq!(tiny.n_leaves(), 2);
    let huge = DecisionTreeRegressor::new()
        .fit((&array![[-1e308], [1e308]], &array![0.0, 1.0]))
        .unwrap();
    assert_eq!(huge.tree().split(0), Some((0, 0.0)));

    let same = DecisionTreeClassifier::new().fit((&array![[1.0], [2.0]], &array![5, 5]));
    assert!(matches!(
        same,
        Err(Error::SingleClass {
            label: 5,
            n_samples: 2
        })
    ));
    let nan = DecisionTreeClassifier::new().fit((&array![[1.0], [f64::NAN]], &array![0, 1]));
    assert!(matches!(
        nan,
        Err(Error::NotFinite {
            row: 1,
            column: 0,
            ..
        })
    ));
    let empty = DecisionTreeRegressor::new().fit((&Array2::zeros((0, 2)), &Array1::zeros(0)));
    assert!(matches!(empty, Err(Error::Empty { .. })));
    let infinite = DecisionTreeRegressor::new().fit((&array![[1.0]], &array![f64::INFINITY]));
    assert!(matches!(infinite, Err(Error::NotFinite { what: "y", .. })));
    assert!(matches!(
        one.predict(&array![[1.0, 2.0]]),
        Err(Error::FeatureCount {
            expected: 1,
            found: 2,
            ..
        })
    ));
    assert!(matches!(
        constant.export_text(&["a"]),
        Err(Error::NameCount {
            expected: 2,
            found: 1,
            ..
        })
    ));
}

#[test]
fn parameters_out_of_range_are_errors() {
    let (x, y) = (array![[0.0], [1.0]], array![0, 1]);
    for wrong in [
        DecisionTreeClassifier::new().max_depth(0),
        DecisionTreeClassifier::new().min_samples_split(1),
        DecisionTreeClassifier::new().min_samples_leaf(0),
        DecisionTreeClassifier::new().min_weight_fraction_leaf(0.6),
        DecisionTreeClassifier::new().max_features(MaxFeatures::Count(0)),
        DecisionTreeClassifier::new().max_features(MaxFeatures::Fraction(1.5)),
        DecisionTreeClassifier::new().max_leaf_nodes(1),
        DecisionTreeClassifier::new().min_impurity_decrease(f64::NAN),
        DecisionTreeClassifier::new().ccp_alpha(-1.0),
        DecisionTreeClassifier::new().class_weight(ClassWeight::BalancedSubsample),
        DecisionTreeClassifier::new().class_weight(ClassWeight::Each(vec![(0, -1.0)])),
    ] {
        assert!(
            matches!(
                wrong.clone().fit((&x, &y)),
                Err(Error::InvalidParameter { .. })
            ),
            "{wrong:?}"
        );
    }
}

#[test]
fn rows_may_come_in_any_order_and_layout() {
    let set = &file("trees")["sets"]["smooth"];
    let (x, y) = (table(&set["x"]), labels(&set["classes"]));
    let model = DecisionTreeClassifier::new().fit((&x, &y)).unwrap();
    let all = model.predict_proba(&x).unwrap();
    let back: Vec<usize> = (0..x.nrows()).rev().collect();
    let reversed = model
        .predict_proba(&x.select(ndarray::Axis(0), &back))
        .unwrap();
    assert_eq!(reversed.select(ndarray::Axis(0), &back), all);
    for row in [0, 7, 159] {
        let alone = model.predict_proba(&x.slice(s![row..=row, ..])).unwrap();
        assert_eq!(alone.row(0), all.row(row));
    }
    let columns = x.t().as_standard_layout().into_owned();
    assert_eq!(
        DecisionTreeClassifier::new()
            .fit((&columns.t(), &y))
            .unwrap(),
        model
    );
    assert_eq!(model.predict_proba(&columns.t()).unwrap(), all);
}

#[test]
fn a_saved_tree_is_the_same_tree() {
    let set = &file("trees")["sets"]["smooth"];
    let (x, y) = (table(&set["x"]), labels(&set["classes"]));
    let model = DecisionTreeClassifier::new()
        .class_weight(ClassWeight::Balanced)
        .fit((&x, &y))
        .unwrap();
    let saved = serde_json::to_string(&model).unwrap();
    assert_eq!(
        serde_json::from_str::<mlcourse::tree::FittedDecisionTreeClassifier>(&saved).unwrap(),
        model
    );
    assert!(model.to_string().contains("|--- feature_"));
}
