//! What the kernel says about itself.

use super::wire::PROTOCOL_VERSION;
use crate::Lang;
use serde_json::{Value, json};

/// The content of a `kernel_info_reply`. Asks nobody: Jupyter waits for it before it shows anything.
pub(super) fn kernel_info(lang: Lang) -> Value {
    json!({
        "status": "ok",
        "protocol_version": PROTOCOL_VERSION,
        "implementation": "mlcourse",
        "implementation_version": env!("CARGO_PKG_VERSION"),
        "language_info": {
            "name": "rust",
            "version": env!("CARGO_PKG_RUST_VERSION"),
            "mimetype": "text/rust",
            "file_extension": ".rs",
            "pygments_lexer": "rust",
            "codemirror_mode": "rust",
        },
        "banner": banner(lang),
        "help_links": [
            { "text": lang.pick("The Rust Programming Language", "Le langage Rust"), "url": "https://doc.rust-lang.org/book/" },
            { "text": lang.pick("Rust's standard library", "La bibliothèque standard de Rust"), "url": "https://doc.rust-lang.org/std/" },
            { "text": "ndarray", "url": "https://docs.rs/ndarray" },
        ],
        "debugger": false,
        "supported_features": [],
    })
}

fn banner(lang: Lang) -> String {
    let version = env!("CARGO_PKG_VERSION");
    lang.pick(
        format!("mlcourse {version}: Rust notebooks for machine learning. Type :help for help."),
        format!("mlcourse {version} : des notebooks Rust pour l'apprentissage automatique. Tapez :help pour l'aide."),
    )
}
