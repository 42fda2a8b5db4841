//! rust-analyzer on a package that depends on what the session does.

use super::super::compile::Compilation;
use crate::error::IoContext as _;
use crate::{Completion, Error, Inspection};
use ra_ap_base_db::SourceRoot;
use ra_ap_hir::{ChangeWithProcMacros, PrefixKind};
use ra_ap_ide::{
    AnalysisHost, CompletionConfig, CompletionFieldsToResolve, CompletionItemKind, FilePosition,
    FileRange, HoverConfig, HoverDocFormat, RaFixtureConfig, SubstTyLen,
};
use ra_ap_ide_db::imports::insert_use::{ImportGranularity, InsertUseConfig};
use ra_ap_ide_db::{FxHashMap, SymbolKind};
use ra_ap_paths::AbsPathBuf;
use ra_ap_project_model::{CargoConfig, ProjectManifest, ProjectWorkspace, RustLibSource};
use ra_ap_syntax::{TextRange, TextSize};
use ra_ap_vfs::file_set::FileSetConfig;
use ra_ap_vfs::loader::{Config, Directories, Entry, Handle as _, LoadingProgress, Message};
use ra_ap_vfs::{Change, FileId, Vfs, VfsPath};
use ra_ap_vfs_notify::NotifyHandle;
use std::ops::Range;
use std::path::Path;

/// A loaded package with one file whose text changes with every question.
pub(super) struct Project {
    /// The lines of `[dependencies]` that it was loaded with.
    pub dependencies: String,
    host: AnalysisHost,
    file: FileId,
}

/// What can follow, by bytes of the analysed text.
pub(super) struct Found {
    pub items: Vec<Completion>,
    pub range: Range<usize>,
}

impl Project {
    /// Reads the package's crates and the standard library.
    pub fn load(compilation: &Compilation, dependencies: &str) -> Result<Self, Error> {
        let folder = compilation.folder.with_file_name("analysis");
        write_package(compilation, &folder, dependencies)?;
        let broken =
            |error: &dyn std::fmt::Display| Error::Message(format!("rust-analyzer: {error}"));
        let root = folder
            .to_str()
            .ok_or_else(|| broken(&"the temporary folder's name is no UTF-8"))?;
        let root = AbsPathBuf::try_from(root)
            .map_err(|path| broken(&format!("{path} is not absolute")))?;
        let source: VfsPath = root.join("src/lib.rs").into();

        let manifest = ProjectManifest::from_manifest_file(root.join("Cargo.toml"))
            .map_err(|error| broken(&error))?;
        let config = CargoConfig {
            sysroot: Some(RustLibSource::Discover),
            ..CargoConfig::default()
        };
        let workspace =
            ProjectWorkspace::load(manifest, &config, &|_| ()).map_err(|error| broken(&error))?;
        let mut vfs = Vfs::default();
        vfs.set_file_contents(source.clone(), Some(Vec::new()));
        read_files(&workspace, &mut vfs);

        let mut change = ChangeWithProcMacros::default();
        for (id, changed) in vfs.take_changes() {
            let (Change::Create(bytes, _) | Change::Modify(bytes, _)) = changed.change else {
                continue;
            };
            change.change_file(id, String::from_utf8(bytes).ok());
        }
        // What never changes is not looked at again with every question.
        let mut own = FileSetConfig::builder();
        own.add_file_set(vec![root.clone().into()]);
        let sets = own.build().partition(&vfs).into_iter().enumerate();
        change.set_roots(
            sets.map(|(index, files)| match index {
                0 => SourceRoot::new_local(files),
                _ => SourceRoot::new_library(files),
            })
            .collect(),
        );
        let file_of =
            |path: &ra_ap_paths::AbsPath| vfs.file_id(&path.to_path_buf().into()).map(|(id, _)| id);
        let (graph, _) = workspace.to_crate_graph(&mut |path| file_of(path), &FxHashMap::default());
        change.set_crate_graph(graph);
        let (file, _) = vfs
            .file_id(&source)
            .ok_or_else(|| broken(&"its own file is missing"))?;
        let mut host = AnalysisHost::default();
        host.apply_change(change);
        let mut project = Self {
            dependencies: dependencies.to_owned(),
            host,
            file,
        };
        // The first questions read names and traits; better now than when the reader waits.
        let body = "use mlcourse::prelude::*;\nasync fn __mlc_cell() -> Result<(), Box<dyn std::error::Error>> {\n";
        for question in ["std::collections::Hash", "array![1.0].s"] {
            let text = format!("{body}{question}\n;Ok(())}}\n");
            project.complete(&text, body.len() + question.len());
        }
        Ok(project)
    }

    fn set_text(&mut self, text: &str) {
        let mut change = ChangeWithProcMacros::default();
        change.change_file(self.file, Some(text.to_owned()));
        self.host.apply_change(change);
    }

    /// What can follow at a place of a text.
    pub fn complete(&mut self, text: &str, place: usize) -> Found {
        self.set_text(text);
        let place = place.min(text.len());
        let nothing = Found {
            items: Vec::new(),
            range: place..place,
        };
        let position = FilePosition {
            file_id: self.file,
            offset: TextSize::new(place as u32),
        };
        let Ok(Some(items)) =
            self.host
                .analysis()
                .completions(&completion_config(), position, None)
        else {
            return nothing;
        };
        let mut found = nothing;
        for item in items {
            let Some(edit) = item.text_edit.iter().next() else {
                continue;
            };
            let range = usize::from(edit.delete.start())..usize::from(edit.delete.end());
            let typed = text.get(range.clone()).unwrap_or_default();
            if !item.lookup().starts_with(typed)
                || (!found.items.is_empty() && range != found.range)
            {
                continue;
            }
            found.range = range;
            let signature = item.detail.as_deref().unwrap_or_default();
            found.items.push(Completion {
                text: edit.insert.clone(),
                kind: kind(item.kind).into(),
                label: format!("{} {signature}", item.label.primary)
                    .trim()
                    .to_owned(),
            });
        }
        found
    }

    /// The documentation of what stands at a place of a text.
    pub fn inspect(&mut self, text: &str, place: usize) -> Option<Inspection> {
        self.set_text(text);
        let place = TextSize::new(place as u32);
        let range = FileRange {
            file_id: self.file,
            range: TextRange::empty(place),
        };
        let hover = |format| {
            let found = self
                .host
                .analysis()
                .hover(&hover_config(format), range)
                .ok()??;
            Some(found.info.markup.to_string())
        };
        Some(Inspection {
            markdown: hover(HoverDocFormat::Markdown)?,
            plain: hover(HoverDocFormat::PlainText)?,
        })
    }
}

/// A package that depends on what the session does, with the versions of the template.
fn write_package(
    compilation: &Compilation,
    folder: &Path,
    dependencies: &str,
) -> Result<(), Error> {
    let refused = || format!("{} cannot be written", folder.display());
    // One by one: a session's folder that was just removed must not come back.
    for new in [folder, &folder.join("src")] {
        match std::fs::create_dir(new) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => made.context(refused)?,
        }
    }
    std::fs::write(folder.join("src/lib.rs"), "").context(refused)?;
    let template = compilation.template.root().join("analysis");
    let manifest = std::fs::read_to_string(template.join("Cargo.toml"))
        .context(|| "the template is damaged".into())?;
    std::fs::write(folder.join("Cargo.toml"), manifest + dependencies).context(refused)?;
    let lock = folder.join("Cargo.lock");
    if !lock.exists() {
        std::fs::copy(template.join("Cargo.lock"), &lock)
            .context(|| "the template is damaged".into())?;
    }
    Ok(())
}

/// Reads every source file of a workspace.
fn read_files(workspace: &ProjectWorkspace, vfs: &mut Vfs) {
    let (sender, messages) = crossbeam_channel::unbounded();
    let mut loader = NotifyHandle::spawn(sender);
    let load = workspace
        .to_roots()
        .into_iter()
        .map(|root| {
            Entry::Directories(Directories {
                extensions: vec!["rs".into(), "md".into()],
                include: root.include,
                exclude: root.exclude,
            })
        })
        .collect();
    loader.set_config(Config {
        version: 1,
        load,
        watch: Vec::new(),
    });
    for message in messages {
        match message {
            Message::Progress {
                n_done: LoadingProgress::Finished,
                ..
            } => break,
            Message::Progress { .. } => {}
            Message::Loaded { files } | Message::Changed { files } => {
                for (path, content) in files {
                    vfs.set_file_contents(path.into(), content);
                }
            }
        }
    }
}

fn completion_config() -> CompletionConfig<'static> {
    CompletionConfig {
        enable_postfix_completions: false,
        enable_imports_on_the_fly: false,
        enable_self_on_the_fly: true,
        enable_auto_iter: true,
        enable_auto_await: true,
        enable_private_editable: false,
        enable_term_search: false,
        term_search_fuel: 0,
        full_function_signatures: true,
        callable: None,
        add_semicolon_to_unit: false,
        add_colons_to_module: false,
        snippet_cap: None,
        insert_use: InsertUseConfig {
            granularity: ImportGranularity::Item,
            enforce_granularity: false,
            prefix_kind: PrefixKind::ByCrate,
            group: false,
            skip_glob_imports: false,
        },
        prefer_no_std: false,
        prefer_prelude: true,
        prefer_absolute: false,
        snippets: Vec::new(),
        limit: None,
        fields_to_resolve: CompletionFieldsToResolve::empty(),
        exclude_flyimport: Vec::new(),
        exclude_traits: &[],
        ra_fixture: RaFixtureConfig::default(),
    }
}

fn hover_config(format: HoverDocFormat) -> HoverConfig<'static> {
    HoverConfig {
        links_in_hover: true,
        memory_layout: None,
        documentation: true,
        keywords: true,
        format,
        max_trait_assoc_items_count: None,
        max_fields_count: Some(5),
        max_enum_variants_count: Some(5),
        max_subst_ty_len: SubstTyLen::Unlimited,
        show_drop_glue: false,
        ra_fixture: RaFixtureConfig::default(),
    }
}

/// Jupyter's words for what a name is.
fn kind(kind: CompletionItemKind) -> &'static str {
    match kind {
        CompletionItemKind::Keyword => "keyword",
        CompletionItemKind::SymbolKind(symbol) => match symbol {
            SymbolKind::Function
            | SymbolKind::Method
            | SymbolKind::Macro
            | SymbolKind::ProcMacro => "function",
            SymbolKind::Struct
            | SymbolKind::Enum
            | SymbolKind::Union
            | SymbolKind::Trait
            | SymbolKind::TypeAlias
            | SymbolKind::TypeParam
            | SymbolKind::SelfType => "class",
            SymbolKind::Module | SymbolKind::CrateRoot | SymbolKind::ToolModule => "module",
            _ => "instance",
        },
        _ => "instance",
    }
}
