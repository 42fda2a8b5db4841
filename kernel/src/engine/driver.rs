//! Answers for cargo, rustc and rustup, which evcxr starts by name.

use super::compile::{Compilation, Goal};
use super::deps;
use super::outputs::{Outputs, lock, spawn};
use crate::Error;
use crate::error::IoContext as _;
use crate::shim::{Answer, Asked};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;

/// The package that evcxr asks cargo about before it adds a crate.
const TRIAL: &str = "evcxr_dummy_validate_dep";

/// Listens for the stand-ins.
pub(super) fn start(
    socket: &Path,
    compilation: Arc<Compilation>,
    outputs: Arc<Outputs>,
) -> Result<(), Error> {
    let listener = UnixListener::bind(socket)
        .context(|| format!("{} cannot be listened on", socket.display()))?;
    spawn("driver", move || {
        for stream in listener.incoming().flatten() {
            let (compilation, outputs) = (Arc::clone(&compilation), Arc::clone(&outputs));
            spawn("driver request", move || {
                if let Err(error) = serve(stream, &compilation, &outputs) {
                    eprintln!("mlcourse engine: a stand-in was not answered: {error}");
                }
            });
        }
    });
    Ok(())
}

fn serve(
    mut stream: UnixStream,
    compilation: &Compilation,
    outputs: &Outputs,
) -> std::io::Result<()> {
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let asked: Asked = serde_json::from_str(&line)?;
    let mut answer = serde_json::to_string(&answer(&asked, compilation, outputs))?;
    answer.push('\n');
    stream.write_all(answer.as_bytes())
}

fn answer(asked: &Asked, compilation: &Compilation, outputs: &Outputs) -> Answer {
    let compiler = &compilation.template.manifest().compiler;
    // evcxr's own rust-analyzer needs nothing of the session's crates: types come from the compiler.
    let of_session = asked.folder.starts_with(&compilation.folder);
    match asked.tool.as_str() {
        "rustup" => rustup(asked, compilation),
        "rustc" if of_session => Answer::failure("not for a notebook"),
        "rustc" => Answer::Run(compiler.rustc.clone()),
        _ if of_session => cargo(asked, compilation, outputs),
        _ => Answer::Run(compiler.cargo.clone()),
    }
}

/// `rustup which cargo` names the stand-in, `rustup which rustc` the compiler.
fn rustup(asked: &Asked, compilation: &Compilation) -> Answer {
    let shims = compilation.folder.with_file_name("bin");
    let words: Vec<&str> = asked.arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["which", "cargo"] => Answer::success(shims.join("cargo").to_string_lossy()),
        ["which", "rustc"] => Answer::success(compilation.rustc().to_string_lossy()),
        _ => Answer::failure("a notebook uses the compiler that its library was built with"),
    }
}

fn cargo(asked: &Asked, compilation: &Compilation, outputs: &Outputs) -> Answer {
    let offline = asked
        .arguments
        .iter()
        .any(|argument| argument == "--offline");
    match asked
        .arguments
        .iter()
        .find(|argument| !argument.starts_with('-'))
        .map(String::as_str)
    {
        Some("build") => compile(asked, compilation, outputs, Goal::Library, offline),
        Some("check") => compile(asked, compilation, outputs, Goal::Messages, offline),
        Some("metadata") => metadata(compilation, offline),
        Some("clean") => Answer::success(""),
        _ => Answer::failure("not for a notebook"),
    }
}

fn compile(
    asked: &Asked,
    compilation: &Compilation,
    outputs: &Outputs,
    goal: Goal,
    offline: bool,
) -> Answer {
    let lines = dependency_lines(compilation);
    if let Err(error) = deps::build(compilation, outputs, &lines, offline) {
        lock(&compilation.state).refusal = Some(super::plain_error("dep", &error.to_string()));
        return Answer::failure("refused");
    }
    compilation.run(goal, asked.result_file.as_deref())
}

/// The `[dependencies]` that evcxr wrote.
fn dependency_lines(compilation: &Compilation) -> String {
    manifest(compilation)
        .split_once("[dependencies]")
        .map_or_else(String::new, |(_, lines)| {
            // evcxr keeps them in a map without order.
            let mut lines: Vec<&str> = lines
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            lines.sort_unstable();
            lines.iter().map(|line| format!("{line}\n")).collect()
        })
}

fn manifest(compilation: &Compilation) -> String {
    std::fs::read_to_string(compilation.folder.join("Cargo.toml")).unwrap_or_default()
}

/// What evcxr asks metadata for: whether a crate can be added, and the names of those that are.
fn metadata(compilation: &Compilation, offline: bool) -> Answer {
    let text = manifest(compilation);
    if text.contains(TRIAL) {
        let tried = dependency_lines(compilation);
        let name = tried.split('=').next().unwrap_or_default().trim();
        if compilation
            .template
            .manifest()
            .externs
            .iter()
            .any(|(known, _)| known == name)
        {
            return Answer::failure(compilation.lang.pick(
                format!("`{name}` is already in every session"),
                format!("`{name}` est déjà dans chaque session"),
            ));
        }
        let lines = format!("{}{tried}", lock(&compilation.deps).lines_without(name));
        return match deps::check(compilation, &lines, offline) {
            Ok(_) => Answer::success("{}"),
            Err(error) => Answer::failure(error.to_string()),
        };
    }
    Answer::success(session_metadata(compilation).to_string())
}

/// A graph of the session's package and the names it can use, without anything behind them.
fn session_metadata(compilation: &Compilation) -> Value {
    let root = compilation.folder.to_string_lossy();
    let deps = lock(&compilation.deps);
    let names: Vec<&str> = compilation
        .template
        .manifest()
        .externs
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(deps.names())
        .collect();
    let id = format!("path+file://{root}#ctx@1.0.0");
    let mut packages = vec![package(&id, "ctx", "cdylib", &root, &names)];
    packages.extend(names.iter().map(|name| {
        package(
            &format!("registry+mlcourse#{name}@1.0.0"),
            name,
            "lib",
            &root,
            &[],
        )
    }));
    json!({
        "packages": packages,
        "workspace_members": [id],
        "workspace_default_members": [id],
        "resolve": { "root": id, "nodes": [{ "id": id, "dependencies": [], "deps": [], "features": [] }] },
        "target_directory": format!("{root}/target"),
        "version": 1,
        "workspace_root": root,
        "metadata": null,
    })
}

fn package(id: &str, name: &str, kind: &str, root: &str, dependencies: &[&str]) -> Value {
    let dependencies: Vec<Value> = dependencies
        .iter()
        .map(|name| {
            json!({
                "name": name, "source": null, "req": "*", "kind": null, "rename": null, "optional": false,
                "uses_default_features": true, "features": [], "target": null, "registry": null,
            })
        })
        .collect();
    json!({
        "name": name, "version": "1.0.0", "id": id, "license": null, "license_file": null, "description": null,
        "source": null, "dependencies": dependencies, "features": {}, "manifest_path": format!("{root}/Cargo.toml"),
        "targets": [{
            "kind": [kind], "crate_types": [kind], "name": name, "src_path": format!("{root}/src/lib.rs"),
            "edition": "2024", "doc": true, "doctest": false, "test": true,
        }],
        "metadata": null, "publish": null, "authors": [], "categories": [], "keywords": [], "readme": null,
        "repository": null, "homepage": null, "documentation": null, "edition": "2024", "links": null,
        "default_run": null, "rust_version": null,
    })
}
