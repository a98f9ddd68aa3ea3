//! Purpose: the functions as they are shipped: built with the profile `lambda`, one folder with a `bootstrap` each, and the
//! template that names those folders, which is what `sam build` leaves.

use std::path::{Path, PathBuf};

use blackbox::{FUNCTIONS, shipped, workspace};

/// Lays the functions and the template out in the folder; gives the template's path.
pub fn lay_out(folder: &Path) -> PathBuf {
    let mut text = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    for function in FUNCTIONS {
        let code = folder.join(function);
        std::fs::create_dir_all(&code).unwrap();
        std::fs::copy(shipped().join(function), code.join("bootstrap")).unwrap();
        let named = format!("CodeUri: functions/{function}\n");
        assert!(text.contains(&named), "{function} has no CodeUri");
        text = text.replace(&named, &format!("CodeUri: {function}\n"));
    }
    let template = folder.join("template.yaml");
    std::fs::write(&template, text).unwrap();
    template
}
