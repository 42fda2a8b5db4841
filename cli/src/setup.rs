//! `mlcourse setup`: everything a notebook needs, each thing once.

use crate::python::{Environment, cannot_make};
use crate::report::{Done, Step, duration, size};
use crate::{kernel, rust_src, stop};
use anyhow::{Context as _, bail};
use mlcourse_kernel::Lang;
use mlcourse_kernel::template::{Compiler, Template, data_folder};
use std::fs::{self, File};
use std::time::Instant;

/// Sets up what is missing, and returns the environment with JupyterLab.
pub fn carry_out(lang: Lang) -> anyhow::Result<Environment> {
    let began = Instant::now();
    // A class may share a set-up that its users cannot write to.
    let _only_one = if is_complete(lang) {
        None
    } else {
        Some(lock(lang)?)
    };
    // What fails at once comes first, what takes minutes last.
    let compiler = step(lang.pick("Rust compiler", "Compilateur Rust"), lang, |_| {
        let compiler = Compiler::find().map_err(|_| anyhow::anyhow!(no_compiler(lang)))?;
        Ok((Done::Present(compiler.version.clone()), compiler))
    })?;
    let environment = Environment::of_this_user();
    step(lang.pick("JupyterLab", "JupyterLab"), lang, |step| {
        Ok((environment.make(step, lang)?, ()))
    })?;
    step(
        lang.pick(
            "Standard library's sources",
            "Sources de la bibliothèque standard",
        ),
        lang,
        |_| Ok((rust_src::make(&compiler, lang)?, ())),
    )?;
    step(
        lang.pick("Course library", "Bibliothèque du cours"),
        lang,
        |step| Ok((template(step, lang)?, ())),
    )?;
    step(lang.pick("Kernel", "Noyau"), lang, |_| {
        let folder = kernel::folder_in(&environment);
        if kernel::is_current(&folder, lang) {
            return Ok((Done::Present("Rust (mlcourse)".into()), ()));
        }
        kernel::install(&folder, lang)?;
        Ok((Done::Made(folder.display().to_string()), ()))
    })?;
    let total = duration(began.elapsed(), lang);
    eprintln!(
        "{}",
        lang.pick(
            format!("Everything is ready ({total})"),
            format!("Tout est prêt ({total})")
        )
    );
    Ok(environment)
}

fn is_complete(lang: Lang) -> bool {
    let environment = Environment::of_this_user();
    environment.is_ready()
        && kernel::is_current(&kernel::folder_in(&environment), lang)
        && Template::find().is_ok()
}

fn step<T>(
    name: &'static str,
    lang: Lang,
    work: impl FnOnce(&mut Step) -> anyhow::Result<(Done, T)>,
) -> anyhow::Result<T> {
    let mut step = Step::begin(name, lang);
    let (done, value) = work(&mut step)?;
    step.end(&done);
    if stop::requested() {
        bail!(lang.pick("stopped", "arrêté"));
    }
    Ok(value)
}

/// Two set-ups at once would undo each other's work: the second one waits.
fn lock(lang: Lang) -> anyhow::Result<File> {
    let folder = data_folder();
    fs::create_dir_all(&folder).with_context(|| cannot_make(&folder, lang))?;
    let file =
        File::create(folder.join("setup.lock")).with_context(|| cannot_make(&folder, lang))?;
    if file.try_lock().is_err() {
        eprintln!(
            "{}",
            lang.pick(
                "another `mlcourse setup` is at work, waiting for it",
                "un autre `mlcourse setup` travaille, attente"
            )
        );
        while file.try_lock().is_err() {
            if stop::requested() {
                bail!(lang.pick("stopped", "arrêté"));
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
    Ok(file)
}

fn template(step: &mut Step, lang: Lang) -> anyhow::Result<Done> {
    if let Ok(template) = Template::find() {
        return Ok(Done::Present(size(template.bytes(), lang)));
    }
    step.announce(lang.pick(
        "compiling, some minutes the first time",
        "compilation, quelques minutes la première fois",
    ));
    let built = Template::build(&mut |progress| {
        step.progress(&progress.step, progress.done, progress.total)
    });
    if stop::requested() {
        bail!(lang.pick("stopped", "arrêté"));
    }
    let template = built.with_context(|| {
        lang.pick(
            "the course library could not be built",
            "la bibliothèque du cours n'a pas pu être compilée",
        )
    })?;
    Ok(Done::Made(format!(
        "{}, {}",
        size(template.bytes(), lang),
        template.root().display()
    )))
}

/// What to say when there is no compiler.
pub fn no_compiler(lang: Lang) -> &'static str {
    lang.pick(
        "cells are compiled, and there is no `rustc` with its `cargo` on the PATH. Install Rust from \
         https://rustup.rs, open a new terminal, and try again",
        "les cellules sont compilées, et il n'y a pas de `rustc` avec son `cargo` dans le PATH. Installez Rust depuis \
         https://rustup.rs, ouvrez un nouveau terminal, et recommencez",
    )
}
