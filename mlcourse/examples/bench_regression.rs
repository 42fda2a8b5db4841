//! Times of the linear models: `name<TAB>median_ms<TAB>check`, to read beside scikit-learn's on the same data.
//!
//!     cargo run --release -p mlcourse --example bench_regression
#![allow(missing_docs)]

#[path = "common/datagen.rs"]
mod datagen;

use mlcourse::prelude::*;
use std::hint::black_box;
use std::time::Instant;

/// The median of some runs, in milliseconds.
fn median(mut run: impl FnMut(), runs: usize) -> f64 {
    run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn main() -> mlcourse::Result<()> {
    let runs = 15;
    let x = datagen::matrix(5, 100_000, 50);
    let noise = datagen::normals(6, 100_000);
    let y: Array1<f64> = x
        .outer_iter()
        .zip(&noise)
        .map(|(row, noise)| {
            let line = (0..50)
                .step_by(2)
                .fold(3.0, |sum, k| sum + row[k] * ((k + 1) as f64 / 10.0));
            line + 0.5 * noise
        })
        .collect();

    macro_rules! bench {
        ($name:literal, $model:expr, $x:expr, $y:expr) => {
            let time = median(|| drop(black_box($model.fit((&$x, &$y)))), runs);
            let fitted = $model.fit((&$x, &$y))?;
            let sum: f64 = fitted.coef().iter().map(|coef| coef.abs()).sum();
            println!("{}\t{time:.2}\t{sum:.12} {:.12}", $name, fitted.intercept());
        };
    }
    bench!("ols_100kx50", LinearRegression::new(), x, y);
    bench!("ridge_a1_100kx50", Ridge::new(), x, y);
    bench!("lasso_a0.1_100kx50", Lasso::new().alpha(0.1), x, y);
    bench!("lasso_a0.01_100kx50", Lasso::new().alpha(0.01), x, y);
    bench!(
        "elasticnet_a0.1_100kx50",
        ElasticNet::new().alpha(0.1),
        x,
        y
    );
    bench!(
        "lasso_columns_100kx50",
        Lasso::new().alpha(0.1).precompute(false),
        x,
        y
    );
    let wide = datagen::matrix(40, 500, 5000);
    let wide_y: Array1<f64> = wide
        .outer_iter()
        .map(|row| row.slice(s![..20]).sum())
        .collect();
    bench!("lasso_a0.1_500x5000", Lasso::new().alpha(0.1), wide, wide_y);
    bench!("ridge_a1_500x5000", Ridge::new(), wide, wide_y);
    let near = {
        let mut near = x.clone();
        let close = &x.column(0) + &(&x.column(49) * 1e-3);
        near.column_mut(49).assign(&close);
        near
    };
    bench!(
        "ols_condition_1e3_100kx50",
        LinearRegression::new(),
        near,
        y
    );
    let far = x.slice(s![..2000, ..]).to_owned();
    let far_y = y.slice(s![..2000]).to_owned();
    bench!("ols_2000x50", LinearRegression::new(), far, far_y);

    let fitted = LinearRegression::new().fit((&x, &y))?;
    let time = median(|| drop(black_box(fitted.predict(&x))), runs);
    println!(
        "ols_predict_100kx50\t{time:.2}\t{:.12}",
        fitted.score(&x, &y)?
    );
    let options = PathOptions::new();
    let time = median(|| drop(black_box(lasso_path((&x, &y), &options))), runs);
    let path = lasso_path((&x, &y), &options)?;
    println!(
        "lasso_path_100_100kx50\t{time:.2}\t{:.12}",
        path.coefs().sum()
    );
    let time = median(|| drop(black_box(LassoCV::new().fit((&x, &y)))), runs);
    let chosen = LassoCV::new().fit((&x, &y))?;
    println!("lasso_cv_100_100kx50\t{time:.2}\t{:.12}", chosen.alpha());
    Ok(())
}
