//! Ours beside the named peer, in one run.

use crate::{cargo, mlcourse, python, root};
use anyhow::{Context as _, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The peer of the kernel.
const STOCK: &str = "evcxr_jupyter";
const STOCK_VERSION: &str = "0.22.0";

/// Measures one area.
pub fn run(area: &str, json: Option<&Path>, rounds: u32) -> anyhow::Result<ExitCode> {
    match area {
        "kernel" => kernel(json, rounds),
        "fresh" => fresh(),
        other => bail!("there is no area {other:?}; the areas are kernel and fresh"),
    }
}

/// Our kernel beside the stock one.
fn kernel(json: Option<&Path>, rounds: u32) -> anyhow::Result<ExitCode> {
    let work = root().join("target/bench");
    std::fs::create_dir_all(&work).with_context(|| format!("{} cannot be made", work.display()))?;
    let stock = work.join("stock/bin").join(STOCK);
    if !stock.exists() {
        println!("installing {STOCK} {STOCK_VERSION} under target/ (some ten minutes, once)…");
        let mut install = cargo();
        install
            .args([
                "install",
                STOCK,
                "--version",
                STOCK_VERSION,
                "--locked",
                "--root",
            ])
            .arg(work.join("stock"))
            .arg("--target-dir")
            .arg(work.join("stock-build"));
        expect(&mut install, "the stock kernel could not be installed")?;
    }
    expect(
        cargo().args(["build", "--release", "--package", "mlcourse-cli"]),
        "the command does not compile",
    )?;
    let home = root().join("target/home");
    expect(
        Command::new(mlcourse())
            .arg("setup")
            .env("MLCOURSE_HOME", &home),
        "the set-up failed",
    )?;
    let scripts = root().join("xtask/python");
    let python = python::environment(&root(), "python-bench", &scripts.join("requirements.txt"))?;
    let mut command = Command::new(python);
    command
        .arg(scripts.join("bench_kernel.py"))
        .arg("--ours")
        .arg(mlcourse())
        .arg("--stock")
        .arg(stock)
        .arg("--library")
        .arg(root().join("mlcourse"))
        .arg("--work")
        .arg(&work)
        .arg("--home")
        .arg(home)
        .args(["--rounds", &rounds.to_string()]);
    if let Some(json) = json {
        command.arg("--json").arg(json);
    }
    expect(&mut command, "the measurement failed")?;
    Ok(ExitCode::SUCCESS)
}

/// From a fresh clone to the first executed cell, with the share of each step.
fn fresh() -> anyhow::Result<ExitCode> {
    let folder = root().join("target/bench/fresh");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    let clone: PathBuf = folder.join("clone");
    let home = folder.join("home");
    let binary = clone.join("target/release/mlcourse");
    let mut steps: Vec<(&str, Duration)> = Vec::new();
    let mut step = |name: &'static str, command: &mut Command| -> anyhow::Result<()> {
        let start = Instant::now();
        expect(command, name)?;
        steps.push((name, start.elapsed()));
        Ok(())
    };
    step(
        "clone",
        Command::new("git")
            .args(["clone", "--quiet"])
            .arg(root())
            .arg(&clone),
    )?;
    let build = ["build", "--release", "--quiet"];
    step(
        "build the command",
        cargo()
            .current_dir(&clone)
            .args(build)
            .env_remove("CARGO_TARGET_DIR"),
    )?;
    step(
        "mlcourse setup",
        Command::new(&binary)
            .arg("setup")
            .env("MLCOURSE_HOME", &home),
    )?;
    step(
        "first notebook, all cells",
        Command::new(&binary)
            .arg("run")
            .arg(clone.join("notebooks/05-classification.ipynb"))
            .env("MLCOURSE_HOME", &home)
            .stdout(Stdio::null()),
    )?;
    let all: Duration = steps.iter().map(|(_, time)| *time).sum();
    println!(
        "\na fresh clone to the end of the first notebook (crates downloaded already if they were)"
    );
    for (name, time) in &steps {
        let share = 100.0 * time.as_secs_f64() / all.as_secs_f64();
        println!("{name:>28} {:>7.1} s {share:>4.0} %", time.as_secs_f64());
    }
    println!("{:>28} {:>7.1} s", "all", all.as_secs_f64());
    Ok(ExitCode::SUCCESS)
}

fn expect(command: &mut Command, problem: &str) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{} cannot be run", command.get_program().display()))?;
    if status.success() {
        Ok(())
    } else {
        bail!("{problem} ({status})")
    }
}
