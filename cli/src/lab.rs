//! `mlcourse lab`: JupyterLab on the notebooks.

use crate::args::Lab;
use crate::process::{self, Group};
use crate::{Verdict, setup, stop};
use anyhow::{Context as _, bail};
use mlcourse_kernel::Lang;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// Opens JupyterLab and stays until it ends or ctrl-C is pressed.
pub fn carry_out(lab: &Lab, lang: Lang) -> anyhow::Result<Verdict> {
    // A wrong path is said before minutes of set-up.
    let path = path_to_open(lab.path.as_deref(), lang)?;
    let environment = setup::carry_out(lang)?;
    let mut command = environment.command("jupyterlab");
    // Its log would bury the address; what goes wrong still shows.
    command.arg("--ServerApp.log_level=WARN");
    if path.is_dir() {
        command.arg(format!("--ServerApp.root_dir={}", path.display()));
    } else {
        command.arg(&path);
    }
    if lab.no_browser {
        command.arg("--no-browser");
    }
    command.args(&lab.jupyter).env("MLCOURSE_LANG", lang.pick("en", "fr")).stdin(Stdio::null());
    let runtime = process::ask(environment.command("jupyter").arg("--runtime-dir")).map(PathBuf::from);
    let mut server = Group::spawn(&mut command)?;
    if let Some(address) = runtime.and_then(|folder| wait_for_address(&folder, &mut server)) {
        let end = lang.pick("ctrl-C ends it, and every kernel with it", "ctrl-C l'arrête, et tous les noyaux avec lui");
        println!("JupyterLab: {address}\n({end})");
    }
    match server.wait_or_stop(Duration::from_secs(10))? {
        Some(status) if !status.success() => {
            bail!(lang.pick(format!("JupyterLab ended: {status}"), format!("JupyterLab s'est arrêté : {status}")))
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
            format!("{shown} ne peut pas être ouvert ; indiquez un dossier de carnets ou un carnet"),
        )
    })
}

/// Jupyter writes down where it listens, in a file named after its process.
fn wait_for_address(runtime: &Path, server: &mut Group) -> Option<String> {
    let file = runtime.join(format!("jpserver-{}.json", server.pid()));
    for _ in 0..600 {
        if stop::requested() || server.try_wait().ok()?.is_some() {
            return None;
        }
        let said = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        if let Some(said) = said {
            let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
            return Some(format!("{}lab?token={}", text("url"), text("token")));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    None
}
