//! `mlcourse run`: notebooks without Jupyter.

use crate::args::Run;
use crate::report::{duration, spinner};
use crate::{Verdict, stop};
use anyhow::{Context as _, anyhow, bail};
use mlcourse_kernel::notebook::html::{self, PageOptions, without_colours};
use mlcourse_kernel::notebook::{
    self, Ended, Failure, Notebook, RunOptions, Step, write_atomically,
};
use mlcourse_kernel::{Lang, Session, SessionOptions};
use std::collections::HashMap;
use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Runs the notebooks in order, up to the first that fails.
pub fn carry_out(run: &Run, lang: Lang) -> anyhow::Result<Verdict> {
    // All mistakes that show without running anything are said before minutes are spent.
    let notebooks = run
        .notebooks
        .iter()
        .map(|path| open(path, lang))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(folder) = &run.output {
        check_names(&run.notebooks, lang)?;
        fs::create_dir_all(folder).with_context(|| crate::python::cannot_make(folder, lang))?;
    }
    for (path, stored) in run.notebooks.iter().zip(notebooks) {
        if one(path, &stored, run, lang)? == Verdict::Failed {
            return Ok(Verdict::Failed);
        }
    }
    Ok(Verdict::Fine)
}

fn open(path: &Path, lang: Lang) -> anyhow::Result<Notebook> {
    let opened =
        Notebook::open(path).and_then(|notebook| notebook.require_rust().map(|()| notebook));
    opened.map_err(|error| anyhow!("{}: {}", path.display(), error.text(lang)))
}

/// Two notebooks of one name would overwrite each other.
fn check_names(notebooks: &[PathBuf], lang: Lang) -> anyhow::Result<()> {
    let mut seen = HashMap::new();
    for path in notebooks {
        if let Some(other) = seen.insert(path.file_stem(), path) {
            let (one, two) = (other.display(), path.display());
            bail!(lang.pick(
                format!("{one} and {two} would be written to the same file; run them with different --output folders"),
                format!("{one} et {two} seraient écrits dans le même fichier ; exécutez-les avec des --output différents"),
            ));
        }
    }
    Ok(())
}

fn one(path: &Path, stored: &Notebook, run: &Run, lang: Lang) -> anyhow::Result<Verdict> {
    let began = Instant::now();
    let folder = folder_of(path);
    let mut fresh = stored.clone();
    let ended = execute(&mut fresh, path, folder, run, lang)?;
    match &ended {
        Ended::Stopped => bail!(lang.pick(
            "stopped; nothing was written",
            "arrêté ; rien n'a été écrit"
        )),
        Ended::Failed(failure) => eprintln!("{}", describe(path, failure, lang)),
        Ended::Done => {}
    }
    if let Some(output) = &run.output {
        write(&fresh, path, output, ended == Ended::Done, lang)?;
    }
    if ended != Ended::Done {
        return Ok(Verdict::Failed);
    }
    if run.check
        && let Some(difference) = notebook::compare(stored, &fresh)
    {
        let (cell, text) = (difference.cell, difference.text(lang));
        let shown = path.display();
        eprintln!(
            "{}",
            lang.pick(
                format!("{shown}: cell {cell}: the output differs from the stored one: {text}"),
                format!(
                    "{shown} : cellule {cell} : la sortie diffère de celle enregistrée : {text}"
                ),
            )
        );
        return Ok(Verdict::Failed);
    }
    eprintln!("✓ {} ({})", path.display(), duration(began.elapsed(), lang));
    Ok(Verdict::Fine)
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn execute(
    notebook: &mut Notebook,
    path: &Path,
    folder: &Path,
    run: &Run,
    lang: Lang,
) -> anyhow::Result<Ended> {
    let work_dir = folder
        .canonicalize()
        .with_context(|| format!("{}", folder.display()))?;
    let mut options = SessionOptions::find()?;
    options.lang = lang;
    options.work_dir = Some(work_dir);
    let session = Session::start(options)?;
    let control = session.control();
    let _guard = stop::then(move || control.interrupt());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let waiting = spinner();
    let mut on_step = |step: Step| {
        let (Step::Begin(place) | Step::End(place, _)) = step;
        let word = lang.pick("cell", "cellule");
        let line = format!(
            "{name}: {word} {} [{}/{}]",
            place.cell, place.count, place.total
        );
        match step {
            Step::Begin(_) => waiting.set_message(line),
            Step::End(_, time) => {
                waiting.suspend(|| eprintln!("  {line} {}", duration(time, lang)))
            }
        }
    };
    let options = RunOptions {
        allow_errors: run.allow_errors,
        stop: Some(&stop::requested),
    };
    let ended = notebook::run(notebook, &session, options, &mut on_step);
    waiting.finish_and_clear();
    session.shutdown();
    Ok(ended?)
}

/// The failing cell, by its place in the file and its number in Jupyter.
fn describe(path: &Path, failure: &Failure, lang: Lang) -> String {
    let error = &failure.error;
    let (cell, count) = (failure.place.cell, failure.place.count);
    let line = error.line.map_or_else(String::new, |line| {
        format!(", {} {line}", lang.pick("line", "ligne"))
    });
    let place = lang.pick("cell", "cellule");
    let message = without_colours(&error.message);
    let name = if message.contains(&error.name) {
        String::new()
    } else {
        format!("{}: ", error.name)
    };
    let mut text = format!(
        "{}: {place} {cell} (In [{count}]){line}: {name}{message}",
        path.display()
    );
    let in_colour = std::io::stderr().is_terminal();
    for line in error.traceback.iter().flat_map(|lines| lines.lines()) {
        text.push_str("\n    ");
        text.push_str(&if in_colour {
            line.to_owned()
        } else {
            without_colours(line)
        });
    }
    text
}

/// Writes the notebook and its page. What a failed run left goes beside the source, never over it.
fn write(
    notebook: &Notebook,
    source: &Path,
    folder: &Path,
    whole: bool,
    lang: Lang,
) -> anyhow::Result<()> {
    let name = source.file_stem().unwrap_or_default().to_string_lossy();
    let target = folder.join(format!("{name}.ipynb"));
    let is_source = target
        .canonicalize()
        .is_ok_and(|target| source.canonicalize().is_ok_and(|it| it == target));
    if whole || !is_source {
        write_atomically(&target, notebook.to_json().as_bytes())?;
    }
    let options = PageOptions {
        lang,
        name: &name,
        folder: Some(folder_of(source)),
    };
    Ok(write_atomically(
        &folder.join(format!("{name}.html")),
        html::page(notebook, &options).as_bytes(),
    )?)
}
