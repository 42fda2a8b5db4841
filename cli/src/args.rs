//! The arguments, and their help in two languages: English beside each one, French in a table.

use clap::{Arg, ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use mlcourse_kernel::Lang;
use std::path::PathBuf;

/// A machine-learning course in Rust: its notebooks, and the kernel that runs them
#[derive(Debug, Parser)]
#[command(
    name = "mlcourse",
    bin_name = "mlcourse",
    version,
    disable_help_flag = true,
    disable_version_flag = true
)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Args {
    /// The language of messages, fr or en [default: from MLCOURSE_LANG, LC_ALL, LANG]
    #[arg(long, global = true, value_name = "LANG", value_parser = ["fr", "en"], hide_possible_values = true)]
    lang: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open JupyterLab on the notebooks; sets up what is missing first
    Lab(Lab),
    /// Set up everything a notebook needs, and say how long it took; can be repeated
    Setup,
    /// Install, remove or start the Jupyter kernel `mlcourse`
    #[command(subcommand)]
    Kernel(Kernel),
    /// Execute notebooks without Jupyter; exits with 1 at the first failing cell
    Run(Run),
    /// Say what is installed, what is missing and what to type
    Doctor,
}

/// `mlcourse lab`.
#[derive(Debug, clap::Args)]
pub struct Lab {
    /// A folder of notebooks, or one notebook [default: ./notebooks if it is there, else the current folder]
    pub path: Option<PathBuf>,
    /// Do not open a browser
    #[arg(long)]
    pub no_browser: bool,
    /// More arguments for JupyterLab, after `--`
    #[arg(last = true, value_name = "JUPYTER")]
    pub jupyter: Vec<String>,
}

/// `mlcourse kernel`.
#[derive(Debug, Subcommand)]
pub enum Kernel {
    /// Tell Jupyter about the kernel: that of `mlcourse lab`, unless told otherwise
    Install(Place),
    /// Make Jupyter forget the kernel
    Uninstall(Place),
    /// Run the kernel; Jupyter does this
    Start {
        /// The file in which Jupyter says where to connect
        #[arg(long, value_name = "FILE")]
        connection_file: PathBuf,
    },
}

/// Which Jupyter a kernel is for.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// For every Jupyter of this user
    #[arg(long, conflicts_with = "prefix")]
    pub user: bool,
    /// For the Jupyter below DIR, such as a Python environment or /usr/local
    #[arg(long, value_name = "DIR")]
    pub prefix: Option<PathBuf>,
}

/// `mlcourse run`.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// The notebooks (.ipynb)
    #[arg(required = true, value_name = "NOTEBOOK")]
    pub notebooks: Vec<PathBuf>,
    /// Write NAME.ipynb and NAME.html with the new outputs into DIR
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Compare the outputs with those stored in the notebook; exits with 1 if they differ
    #[arg(long)]
    pub check: bool,
    /// Go on after a failing cell
    #[arg(long)]
    pub allow_errors: bool,
}

/// Reads the arguments, or ends the program with help or an error in the reader's language.
pub fn parse() -> (Args, Lang) {
    let lang = language_of(std::env::args().skip(1));
    let matches = command(lang).get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let lang = args.lang.as_deref().map_or(lang, Lang::from_tag);
    (args, lang)
}

/// Help is made before arguments are read, so `--lang` is looked for first.
fn language_of(arguments: impl Iterator<Item = String>) -> Lang {
    let mut arguments = arguments.take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        if argument == "--lang" {
            return arguments
                .next()
                .map_or_else(Lang::from_env, |tag| Lang::from_tag(&tag));
        }
        if let Some(tag) = argument.strip_prefix("--lang=") {
            return Lang::from_tag(tag);
        }
    }
    Lang::from_env()
}

fn command(lang: Lang) -> clap::Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .global(true);
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version);
    let command = Args::command()
        .arg(help.help(lang.pick("Print this help", "Afficher cette aide")))
        .arg(version.help(lang.pick("Print the version", "Afficher la version")));
    match lang {
        Lang::En => command,
        Lang::Fr => in_french(command, &mut Vec::new()),
    }
}

/// Each text by its command and argument.
const FRENCH: &[(&str, &str)] = &[
    (
        "",
        "Un cours d'apprentissage automatique en Rust : ses carnets, et le noyau qui les exécute",
    ),
    (
        "--lang",
        "La langue des messages, fr ou en [défaut : selon MLCOURSE_LANG, LC_ALL, LANG]",
    ),
    (
        "lab",
        "Ouvrir JupyterLab sur les carnets ; installe d'abord ce qui manque",
    ),
    (
        "lab --path",
        "Un dossier de carnets, ou un carnet [défaut : ./notebooks s'il existe, sinon le dossier courant]",
    ),
    ("lab --no_browser", "Ne pas ouvrir de navigateur"),
    (
        "lab --jupyter",
        "D'autres arguments pour JupyterLab, après `--`",
    ),
    (
        "setup",
        "Installer tout ce qu'il faut à un carnet, en disant combien de temps cela prend ; peut être répété",
    ),
    (
        "kernel",
        "Installer, retirer ou démarrer le noyau Jupyter `mlcourse`",
    ),
    (
        "kernel install",
        "Faire connaître le noyau à Jupyter : à celui de `mlcourse lab`, sauf indication contraire",
    ),
    (
        "kernel install --user",
        "Pour tous les Jupyter de cet utilisateur",
    ),
    (
        "kernel install --prefix",
        "Pour le Jupyter sous DIR, par exemple un environnement Python ou /usr/local",
    ),
    ("kernel uninstall", "Faire oublier le noyau à Jupyter"),
    (
        "kernel uninstall --user",
        "Pour tous les Jupyter de cet utilisateur",
    ),
    (
        "kernel uninstall --prefix",
        "Pour le Jupyter sous DIR, par exemple un environnement Python ou /usr/local",
    ),
    ("kernel start", "Lancer le noyau ; Jupyter s'en charge"),
    (
        "kernel start --connection_file",
        "Le fichier où Jupyter dit où se connecter",
    ),
    (
        "run",
        "Exécuter des carnets sans Jupyter ; sort avec 1 à la première cellule qui échoue",
    ),
    ("run --notebooks", "Les carnets (.ipynb)"),
    (
        "run --output",
        "Écrire NOM.ipynb et NOM.html avec les nouvelles sorties dans DIR",
    ),
    (
        "run --check",
        "Comparer les sorties avec celles du carnet ; sort avec 1 si elles diffèrent",
    ),
    (
        "run --allow_errors",
        "Continuer après une cellule qui échoue",
    ),
    (
        "doctor",
        "Dire ce qui est installé, ce qui manque et quoi taper",
    ),
];

fn french(key: &str) -> Option<&'static str> {
    FRENCH
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, text)| *text)
}

fn in_french(command: clap::Command, path: &mut Vec<String>) -> clap::Command {
    let key = path.join(" ");
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let mut command = command
        .help_template("{about-with-newline}\nUtilisation : {usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("Commandes")
        .subcommand_value_name("COMMANDE")
        .mut_args(
            |arg| match french(format!("{key} --{}", arg.get_id()).trim_start()) {
                Some(text) => arg.help(text),
                None => arg,
            },
        );
    if let Some(about) = french(&key) {
        command = command.about(about);
    }
    for name in names {
        path.push(name.clone());
        command = command.mut_subcommand(name, |sub| in_french(sub, path));
        path.pop();
    }
    command
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent_in_both_languages() {
        command(Lang::En).debug_assert();
        command(Lang::Fr).debug_assert();
    }

    #[test]
    fn every_command_and_argument_has_a_french_help_and_no_help_is_left_over() {
        fn keys(command: &clap::Command, path: &str, found: &mut Vec<String>) {
            found.push(path.to_owned());
            let own = command
                .get_arguments()
                .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
            found.extend(
                own.map(|arg| format!("{path} --{}", arg.get_id()).trim_start().to_owned()),
            );
            for sub in command.get_subcommands() {
                keys(
                    sub,
                    format!("{path} {}", sub.get_name()).trim_start(),
                    found,
                );
            }
        }
        let mut found = Vec::new();
        keys(&Args::command(), "", &mut found);
        let mut known: Vec<_> = FRENCH.iter().map(|(key, _)| (*key).to_owned()).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known);
    }

    #[test]
    fn the_language_is_found_wherever_it_stands_but_not_in_jupyters_arguments() {
        let of = |words: &[&str]| language_of(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(of(&["run", "--lang", "fr", "a.ipynb"]), Lang::Fr);
        assert_eq!(of(&["--lang=en", "doctor"]), Lang::En);
        assert_eq!(of(&["lab", "--", "--lang=fr"]), Lang::from_env());
    }
}
