//! `mlcourse lab`: JupyterLab on the notebooks.

use crate::args::Lab;
use crate::process::Group;
use crate::{Verdict, setup};
use anyhow::{Context as _, bail};
use mlcourse_kernel::Lang;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// Opens JupyterLab and stays until it ends or ctrl-C is pressed.
pub fn carry_out(lab: &Lab, lang: Lang) -> anyhow::Result<Verdict> {
    // A wrong path is said before minutes of set-up.
    let path = path_to_open(lab.path.as_deref(), lang)?;
    let environment = setup::carry_out(lang)?;
    let mut command = environment.command("jupyterlab");
    // Its full log would bury the address that it prints. A notebook that names no kernel gets ours, not Python's.
    command.args([
        "--Application.log_level=WARN",
        "--MultiKernelManager.default_kernel_name=mlcourse",
        "--KernelSpecManager.ensure_native_kernel=False",
    ]);
    if path.is_dir() {
        command.arg(format!("--ServerApp.root_dir={}", path.display()));
    } else {
        command.arg(&path);
    }
    if rustix::process::geteuid().is_root()
        && !lab
            .jupyter
            .iter()
            .any(|argument| argument == "--allow-root")
    {
        // A container has no other user; JupyterLab listens on this machine only.
        command.arg("--allow-root");
    }
    if lab.no_browser {
        command.arg("--no-browser");
    }
    command
        .args(&lab.jupyter)
        .env("MLCOURSE_LANG", lang.pick("en", "fr"))
        .stdin(Stdio::null());
    eprintln!(
        "{}",
        lang.pick(
            "Starting JupyterLab; ctrl-C ends it, and every kernel with it",
            "Démarrage de JupyterLab ; ctrl-C l'arrête, et tous les noyaux avec lui",
        )
    );
    match Group::spawn(&mut command)?.wait_or_stop(Duration::from_secs(10))? {
        Some(status) if !status.success() => {
            bail!(lang.pick(
                format!("JupyterLab ended: {status}"),
                format!("JupyterLab s'est arrêté : {status}")
            ))
        }
        _ => Ok(Verdict::Fine),
    }
}

fn path_to_open(named: Option<&Path>, lang: Lang) -> anyhow::Result<PathBuf> {
    let path = match named {
        Some(path) => path,
        None if Path::new("notebooks").is_dir() => Path::new("notebooks"),
        None => Path::new("."),
    };
    path.canonicalize().with_context(|| {
        let shown = path.display();
        lang.pick(
            format!("{shown} cannot be opened; name a folder of notebooks or a notebook"),
            format!(
                "{shown} ne peut pas être ouvert ; indiquez un dossier de carnets ou un carnet"
            ),
        )
    })
}
