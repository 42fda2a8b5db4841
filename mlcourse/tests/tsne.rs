//! t-SNE against scikit-learn's: one step exactly, the whole descent by where it ends.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, list, table};
use mlcourse::Error;
use mlcourse::decomposition::{FittedTSNE, TsneInit, TsneMethod};
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;

/// A gain after one step, as the first step has no direction to keep.
const FIRST_GAIN: f64 = 0.8;

fn one_step(x: &Array2<f64>, start: &Array2<f64>, model: TSNE) -> FittedTSNE {
    model
        .n_components(start.ncols())
        .init_embedding(start.clone())
        .early_exaggeration(1.0)
        .learning_rate(1.0)
        .max_iter(1)
        .fit(x)
        .unwrap()
}

/// The gradient at a map, read off the first step.
fn gradient(x: &Array2<f64>, start: &Array2<f64>, model: TSNE) -> Array2<f64> {
    (start - one_step(x, start, model).embedding()) / FIRST_GAIN
}

/// Three groups in ten dimensions; the same on every run.
fn groups(n_samples: usize) -> Array2<f64> {
    let noise = Normal::standard().sample(n_samples * 10, 11);
    Array2::from_shape_fn((n_samples, 10), |(row, column)| {
        noise[row * 10 + column] + if row % 3 == column % 3 { 4.0 } else { 0.0 }
    })
}

fn on_threads<T: Send>(n_threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .unwrap()
        .install(work)
}

fn largest(values: &Array2<f64>) -> f64 {
    values
        .iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()))
}

#[test]
fn the_divergence_and_its_gradient_are_scikit_learns() {
    for case in list(&file("tsne")["steps"]) {
        let (x, start) = (table(&case["x"]), table(&case["start"]));
        let method = case["method"].as_str().unwrap().parse().unwrap();
        let model = TSNE::new()
            .perplexity(case["perplexity"].as_f64().unwrap())
            .method(method)
            .angle(0.0);
        let theirs = table(&case["gradient"]);
        let ours = gradient(&x, &start, model.clone());
        let error = largest(&(&ours - &theirs)) / largest(&theirs);
        println!("{} {}: {error:e}", case["name"], case["method"]);
        // scikit-learn measures in single precision, and stops its search for σ a little earlier or later for it.
        assert!(
            error < 2e-4,
            "{} {}: {error:e}",
            case["name"],
            case["method"]
        );
        let kl = one_step(&x, &start, model).kl_divergence();
        let theirs = case["kl"].as_f64().unwrap();
        assert!(
            (kl / theirs - 1.0).abs() < 2e-4,
            "{} {}: {kl} {theirs}",
            case["name"],
            case["method"]
        );
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_divergence() {
    let reference = file("tsne");
    let case = &list(&reference["steps"])[0];
    let (x, start) = (table(&case["x"]), table(&case["start"]));
    let model = || TSNE::new().perplexity(10.0).method(TsneMethod::Exact);
    let gradient = gradient(&x, &start, model());
    for (row, column) in [(0, 0), (5, 1), (20, 0)] {
        let divergence = |shift: f64| {
            let mut at = start.clone();
            at[[row, column]] += shift;
            one_step(&x, &at, model()).kl_divergence()
        };
        let slope = (divergence(1e-5) - divergence(-1e-5)) / 2e-5;
        assert!(
            (slope - gradient[[row, column]]).abs() < 1e-8,
            "{slope} {}",
            gradient[[row, column]]
        );
    }
}

#[test]
fn barnes_hut_at_half_an_angle_is_within_a_few_percent_of_all_pairs() {
    let x = groups(400);
    let start = Array2::from_shape_vec((400, 2), Normal::standard().sample(800, 2).to_vec())
        .unwrap()
        * 10.0;
    let at = |angle| gradient(&x, &start, TSNE::new().angle(angle));
    let exact = at(0.0);
    for (angle, tolerance) in [(0.2, 0.01), (0.5, 0.05), (0.8, 0.15)] {
        let error = largest(&(at(angle) - &exact)) / largest(&exact);
        assert!(error < tolerance, "{angle}: {error}");
    }
}

#[test]
fn a_descent_ends_where_scikit_learns_does() {
    let reference = file("tsne");
    let few = table(&reference["few"]);
    for method in [TsneMethod::Exact, TsneMethod::BarnesHut] {
        let ends = &reference["ends"][method.to_string()];
        let model = TSNE::new().perplexity(10.0).method(method);
        let ours = model.clone().fit(&few).unwrap().kl_divergence();
        // There are many minima: ours lies among those of scikit-learn's starts.
        let theirs = floats(&ends["random"]);
        let least = theirs.fold(f64::INFINITY, |least, &end| least.min(end));
        let most = theirs.fold(ends["pca"].as_f64().unwrap(), |most, &end| most.max(end));
        assert!(
            (0.95 * least..1.05 * most).contains(&ours),
            "{method}: {ours} of {theirs}"
        );
        let ours: Array1<f64> = (0..20)
            .map(|seed| {
                model
                    .clone()
                    .init(TsneInit::Random)
                    .seed(seed)
                    .fit(&few)
                    .unwrap()
                    .kl_divergence()
            })
            .collect();
        let (mean, reference) = (ours.mean().unwrap(), theirs.mean().unwrap());
        println!("{method}: {mean} {reference}");
        assert!(
            (mean / reference - 1.0).abs() < 0.1,
            "{method}: {mean} {reference}"
        );
    }
}

#[test]
fn the_history_tells_both_parts_of_the_descent_and_the_divergence_falls() {
    let map = TSNE::new().fit(&groups(120)).unwrap();
    let history = map.history();
    assert_eq!(history.len(), 20);
    assert!(history[..5].iter().all(|step| step.exaggerated) && !history[5].exaggerated);
    assert_eq!((history[0].iteration, map.n_iter()), (50, 1000));
    assert!(map.kl_divergence() < history[5].kl_divergence);
    assert_eq!(map.learning_rate(), 50.0);
    assert!(
        map.to_string()
            .contains("TSNE of 120 samples on 2 dimensions, perplexity 30"),
        "{map}"
    );
    let steep = TSNE::new().min_grad_norm(1e9).fit(&groups(60)).unwrap();
    assert_eq!(steep.n_iter(), 100);
}

#[test]
fn neighbours_stay_neighbours_and_groups_come_apart() {
    let x = groups(150);
    for (method, n_components) in [
        (TsneMethod::BarnesHut, 2),
        (TsneMethod::Exact, 2),
        (TsneMethod::BarnesHut, 3),
    ] {
        let map = TSNE::new()
            .method(method)
            .n_components(n_components)
            .fit(&x)
            .unwrap();
        let y = map.embedding();
        let nearest = |i: usize| {
            let distance = |j: &usize| (&y.row(i) - &y.row(*j)).mapv(|value| value * value).sum();
            (0..150)
                .filter(|&j| j != i)
                .min_by(|a, b| distance(a).total_cmp(&distance(b)))
                .unwrap()
        };
        let right = (0..150).filter(|&i| nearest(i) % 3 == i % 3).count();
        assert!(right >= 148, "{method}, {n_components}: {right}");
    }
}

#[test]
fn one_thread_and_two_draw_the_same_map_bit_by_bit() {
    let x = groups(300);
    for model in [
        TSNE::new(),
        TSNE::new().method(TsneMethod::Exact),
        TSNE::new().init(TsneInit::Random).seed(3),
    ] {
        let model = model.max_iter(280);
        let fit = || model.clone().fit(&x).unwrap();
        assert_eq!(on_threads(1, fit), on_threads(2, fit));
    }
}

#[test]
fn equal_rows_and_tables_without_variance_make_a_finite_map() {
    let twins = Array2::from_shape_fn((40, 2), |(row, column)| (row / 4 + column) as f64);
    let constant = Array2::from_elem((10, 3), 1.0);
    for method in [TsneMethod::BarnesHut, TsneMethod::Exact] {
        for x in [&twins, &constant] {
            let map = TSNE::new().perplexity(5.0).method(method).fit(x).unwrap();
            assert!(
                map.embedding().iter().all(|value| value.is_finite()),
                "{method}"
            );
            assert!(map.kl_divergence().is_finite());
        }
    }
    // One column has no second component to start from.
    let line = Array2::from_shape_fn((12, 1), |(row, _)| row as f64);
    assert_eq!(
        TSNE::new()
            .perplexity(3.0)
            .fit(&line)
            .unwrap()
            .embedding()
            .dim(),
        (12, 2)
    );
    let two = TSNE::new()
        .perplexity(1.0)
        .fit(&array![[0.0], [1.0]])
        .unwrap();
    assert!(two.embedding().iter().all(|value| value.is_finite()));
}

#[test]
fn a_map_survives_saving_and_the_model_knows_its_parameters() {
    let map = TSNE::new().max_iter(60).fit(&groups(40)).unwrap();
    let text = serde_json::to_string(&map).unwrap();
    assert_eq!(serde_json::from_str::<FittedTSNE>(&text).unwrap(), map);
    let mut model = TSNE::new();
    model
        .set_parameter("method", &Parameter::Text("exact".into()))
        .unwrap();
    model
        .set_parameter("learning_rate", &Parameter::Float(100.0))
        .unwrap();
    assert_eq!(
        model,
        TSNE::new().method(TsneMethod::Exact).learning_rate(100.0)
    );
    let (train, _) = datasets::iris().train_test_split(0.5, 1).unwrap();
    assert_eq!(
        TSNE::new()
            .max_iter(5)
            .fit(&train)
            .unwrap()
            .lineage()
            .stages()
            .len(),
        1
    );
}

#[test]
fn data_and_parameters_that_do_not_fit_are_errors() {
    let x = groups(40);
    let named = |model: TSNE| match model.fit(&x).unwrap_err() {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(named(TSNE::new().perplexity(40.0)), "perplexity");
    assert_eq!(named(TSNE::new().perplexity(0.5)), "perplexity");
    assert_eq!(named(TSNE::new().n_components(4)), "n_components");
    assert_eq!(
        named(TSNE::new().early_exaggeration(0.5)),
        "early_exaggeration"
    );
    assert_eq!(named(TSNE::new().learning_rate(0.0)), "learning_rate");
    assert_eq!(named(TSNE::new().max_iter(0)), "max_iter");
    // A map that overflows is no map.
    let far = Array2::from_shape_fn(
        (40, 2),
        |(row, _)| if row % 2 == 0 { 1e308 } else { -1e308 },
    );
    assert_eq!(named(TSNE::new().init_embedding(far)), "learning_rate");
    assert_eq!(named(TSNE::new().angle(f64::NAN)), "angle");
    assert_eq!(named(TSNE::new().min_grad_norm(-1.0)), "min_grad_norm");
    let error = TSNE::new().perplexity(50.0).fit(&x).unwrap_err();
    assert!(
        error.to_string().contains("from 1 to below n_samples = 40"),
        "{error}"
    );
    let start = TSNE::new()
        .init_embedding(Array2::zeros((3, 2)))
        .fit(&x)
        .unwrap_err();
    assert!(
        matches!(
            start,
            Error::ShapeMismatch {
                left: (40, 2),
                right: (3, 2),
                ..
            }
        ),
        "{start}"
    );
    assert!(matches!(
        TSNE::new().fit(&array![[1.0, 2.0]]),
        Err(Error::TooFewSamples { .. })
    ));
    assert!(matches!(
        TSNE::new().fit(&Array2::zeros((0, 2))),
        Err(Error::Empty { .. })
    ));
    let holed = array![[1.0], [f64::NAN], [2.0]];
    assert!(matches!(
        TSNE::new().fit(&holed),
        Err(Error::NotFinite { row: 1, .. })
    ));
}
