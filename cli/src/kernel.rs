//! The kernelspec: how Jupyter learns about the kernel, and the kernel itself.

use crate::Verdict;
use crate::args::{Kernel, Place};
use crate::python::{Environment, cannot_make};
use crate::rust_src;
use anyhow::{Context as _, bail};
use mlcourse_kernel::template::Compiler;
use mlcourse_kernel::{Lang, jupyter, notebook::write_atomically};
use std::fs;
use std::path::{Path, PathBuf};

const NAME: &str = "mlcourse";

const LOGOS: [(&str, &[u8]); 3] = [
    ("logo-32x32.png", include_bytes!("../logo/logo-32x32.png")),
    ("logo-64x64.png", include_bytes!("../logo/logo-64x64.png")),
    ("logo-svg.svg", include_bytes!("../logo/logo-svg.svg")),
];

/// `mlcourse kernel …`
pub fn carry_out(kernel: &Kernel, lang: Lang) -> anyhow::Result<Verdict> {
    match kernel {
        Kernel::Install(place) => {
            let folder = folder_of(place, lang)?;
            install(&folder, lang)?;
            let done = lang.pick(
                "the kernel `mlcourse` is installed in",
                "le noyau `mlcourse` est installé dans",
            );
            println!("{done} {}", folder.display());
        }
        Kernel::Uninstall(place) => {
            let folder = folder_of(place, lang)?;
            let said = if uninstall(&folder)? {
                lang.pick(
                    "the kernel `mlcourse` is no longer in",
                    "le noyau `mlcourse` n'est plus dans",
                )
            } else {
                lang.pick(
                    "there is no kernel `mlcourse` in",
                    "il n'y a pas de noyau `mlcourse` dans",
                )
            };
            println!("{said} {}", folder.display());
        }
        Kernel::Start { connection_file } => jupyter::run(connection_file, lang)?,
    }
    Ok(Verdict::Fine)
}

fn folder_of(place: &Place, lang: Lang) -> anyhow::Result<PathBuf> {
    if let Some(prefix) = &place.prefix {
        return Ok(below(&prefix.join("share/jupyter")));
    }
    if place.user {
        let folder = user_folder().context(lang.pick(
            "this user has no home folder; name one with JUPYTER_DATA_DIR, or use --prefix",
            "cet utilisateur n'a pas de dossier personnel ; indiquez-en un dans JUPYTER_DATA_DIR, ou utilisez --prefix",
        ))?;
        return Ok(below(&folder));
    }
    let environment = Environment::of_this_user();
    if !environment.is_ready() {
        bail!(lang.pick(
            "the JupyterLab of `mlcourse lab` is not there yet: type `mlcourse setup`, which installs the kernel too. \
             For a Jupyter of your own, use --user or --prefix",
            "le JupyterLab de `mlcourse lab` n'est pas encore là : tapez `mlcourse setup`, qui installe aussi le noyau. \
             Pour un Jupyter à vous, utilisez --user ou --prefix",
        ));
    }
    Ok(folder_in(&environment))
}

/// Where the private environment's Jupyter looks.
pub fn folder_in(environment: &Environment) -> PathBuf {
    below(&environment.root.join("share/jupyter"))
}

fn below(data: &Path) -> PathBuf {
    data.join("kernels").join(NAME)
}

/// Where every Jupyter of this user looks: jupyter_core's rules.
pub fn user_folder() -> Option<PathBuf> {
    let named = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    if let Some(folder) = named("JUPYTER_DATA_DIR") {
        return Some(folder);
    }
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library/Jupyter"));
    }
    named("XDG_DATA_HOME")
        .or_else(|| Some(home?.join(".local/share")))
        .map(|data| data.join("jupyter"))
}

/// The kernelspec of this very program.
fn spec(lang: Lang) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("this program's own path is unknown")?;
    let mut spec = jupyter::kernelspec(&program, lang);
    // What this program knows from its environment, a Jupyter started from a menu does not.
    let sources = Compiler::find()
        .ok()
        .as_ref()
        .and_then(rust_src::path_for_sessions);
    let home = std::env::var_os("MLCOURSE_HOME").map(PathBuf::from);
    for (name, path) in [("RUST_SRC_PATH", sources), ("MLCOURSE_HOME", home)] {
        if let Some(path) = path.and_then(|path| std::path::absolute(path).ok()) {
            spec["env"][name] = path.to_string_lossy().into();
        }
    }
    Ok(format!("{spec:#}\n"))
}

/// Whether the kernelspec in a folder starts this very program.
pub fn is_current(folder: &Path, lang: Lang) -> bool {
    let found = fs::read_to_string(folder.join("kernel.json")).ok();
    found.is_some() && found == spec(lang).ok()
}

/// Writes the kernelspec.
pub fn install(folder: &Path, lang: Lang) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| cannot_make(folder, lang))?;
    for (name, content) in LOGOS {
        write_atomically(&folder.join(name), content)?;
    }
    Ok(write_atomically(
        &folder.join("kernel.json"),
        spec(lang)?.as_bytes(),
    )?)
}

/// Removes the kernelspec; whether there was one.
fn uninstall(folder: &Path) -> anyhow::Result<bool> {
    if !folder.join("kernel.json").exists() {
        return Ok(false);
    }
    fs::remove_dir_all(folder)
        .with_context(|| format!("{} cannot be removed", folder.display()))?;
    Ok(true)
}
