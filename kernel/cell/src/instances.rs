//! Uses of generic code, for the sake of being compiled. Nothing here is called.

use crate::store::VariableStore;
use mlcourse::ndarray;
use mlcourse::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

/// What a cell does with a variable of a type: store it, find it, drop it.
fn stored<T: 'static>(store: &mut VariableStore, value: T) {
    store.put_variable("", value);
    if store.check_variable::<T>("") {
        drop(store.take_variable::<T>(""));
    }
}

/// And with a value that it shows by `Debug`.
fn shown<T: Debug + 'static>(store: &mut VariableStore, value: T) {
    (&value).evcxr_display();
    stored(store, value);
}

fn arrays<T>(store: &mut VariableStore, one: T, zero: T)
where
    T: Copy + Debug + ndarray::LinalgScalar + ndarray::ScalarOperand + PartialOrd + 'static,
{
    let mut x = array![one, zero, one];
    let y = array![[one, zero], [zero, one], [one, one]];
    let _ = (
        x.sum(),
        x.len(),
        x[0],
        x.get(0),
        x.view(),
        x.to_vec(),
        x.clone() == x,
    );
    let _ = (
        y.nrows(),
        y.ncols(),
        y.dim(),
        y.shape(),
        y[[0, 0]],
        y.clone() == y,
    );
    x[0] = one;
    x.fill(zero);
    let _ = (
        &x + &x,
        &x - &x.clone(),
        &x * &x,
        &x + one,
        &x * one,
        &x - one,
    );
    let _ = (
        &y + &y,
        &y - &y.clone(),
        &y * &y,
        &y + one,
        &y * one,
        &y + &y.row(0),
    );
    let _ = (x.dot(&x), y.t().dot(&y), y.dot(&array![one, zero]));
    let _ = (
        y.row(0).to_owned(),
        y.column(0).to_owned(),
        y.t().to_owned(),
        y.sum(),
    );
    let _ = (
        y.sum_axis(Axis(0)),
        y.sum_axis(Axis(1)),
        y.select(Axis(0), &[0, 1]),
    );
    let _ = (y.slice(s![..1, ..]).to_owned(), x.slice(s![1..]).to_owned());
    let _ = (Array1::from_elem(3, one), Array2::from_elem((2, 2), one));
    let _ = (
        Array1::from_vec(vec![one]),
        Array1::<T>::zeros(3),
        Array2::<T>::zeros((2, 2)),
    );
    let _ = (
        x.iter().count(),
        y.iter().copied().collect::<Vec<T>>(),
        y.outer_iter().count(),
    );
    let _ = x.iter().copied().collect::<Array1<T>>();
    shown(store, x);
    shown(store, y);
    shown(store, vec![one, zero]);
    shown(store, Some(one));
    shown(store, (one, zero));
    shown(store, one);
}

fn of_numbers(store: &mut VariableStore) {
    arrays(store, 1.0_f64, 0.0);
    arrays(store, 1.0_f32, 0.0);
    arrays(store, 1_usize, 0);
    arrays(store, 1_i32, 0);
    let (x, y) = (array![1.0, 2.0], array![[1.0, 2.0], [3.0, 4.0]]);
    let _ = (
        x.mean(),
        y.mean_axis(Axis(0)),
        x.var(0.0),
        x.std(0.0),
        x.mapv(f64::exp),
        y.mapv(f64::sqrt),
    );
    let _ = (&x / &x.clone(), &x / 2.0, &y / 2.0, 2.0 * &x, 2.0 * &y, -&x);
    let _ = (
        Array1::linspace(0.0, 1.0, 3),
        Array1::range(0.0, 1.0, 0.5),
        Array2::<f64>::eye(2),
    );
}

fn of_the_standard_library(store: &mut VariableStore) {
    shown(store, String::new());
    shown(store, vec![String::new()]);
    shown(store, Vec::<Vec<f64>>::new());
    shown(store, HashMap::<String, usize>::new());
    shown(store, HashMap::<String, f64>::new());
    shown(store, BTreeMap::<String, f64>::new());
    shown(store, true);
    shown(store, 'a');
    shown(store, "");
    shown(store, 1_i64);
    shown(store, 1_u64);
    stored(store, Ok::<(), String>(()));
    stored::<Box<dyn Fn(f64) -> f64>>(store, Box::new(|x| x));
    println!("{} {:?} {:.3} {}", 1, "", 1.0, String::new());
    print!("");
    let _ = format!("{} {:?} {:.3} {}", 1_usize, 1.0, 1.0, "");
}

fn of_the_course(store: &mut VariableStore) -> mlcourse::Result<()> {
    let iris = datasets::iris();
    let column = iris.column("")?;
    let plot = plot::scatter(&column, &column)?.color_by(iris.labels()?, iris.target_names())?;
    let plot = plot.title("").x_label("").y_label("");
    plot.evcxr_display();
    stored(store, plot);
    let (train, test) = iris.train_test_split(0.2, 42)?;
    let scaler = StandardScaler::new().fit(&train)?;
    let (train_scaled, test_scaled) = (scaler.transform(&train)?, scaler.transform(&test)?);
    let model = LogisticRegression::new().fit(&train_scaled)?;
    let (x, y) = (iris.features(), iris.labels()?);
    stored(store, StandardScaler::new().fit(x)?);
    stored(store, scaler.transform(x)?);
    stored(store, LogisticRegression::new().fit((x, y))?);
    let predicted = model.predict(&test_scaled)?;
    let _ = (
        model.predict(x)?,
        model.predict_proba(x)?,
        model.predict_proba(&test_scaled)?,
    );
    let report = classification_report(y, &predicted)?;
    let matrix = confusion_matrix(y, &predicted)?.target_names(iris.target_names())?;
    plot::confusion_matrix(&matrix).title("").evcxr_display();
    report.evcxr_display();
    matrix.evcxr_display();
    scaler.evcxr_display();
    model.evcxr_display();
    iris.evcxr_display();
    train.evcxr_display();
    test.evcxr_display();
    let assessment = test_scaled.assess(&model)?;
    assessment.evcxr_display();
    stored(store, assessment);
    stored(store, report);
    stored(store, matrix);
    stored(store, scaler);
    stored(store, model);
    stored(store, train);
    stored(store, test);
    stored(store, iris);
    Ok(())
}

/// Everything above, so that it is compiled.
#[doc(hidden)]
pub fn all(store: &mut VariableStore) -> mlcourse::Result<()> {
    of_numbers(store);
    of_the_standard_library(store);
    of_the_course(store)
}
