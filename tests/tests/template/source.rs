//! The sources as data: which function calls what. Names are resolved as far as this tree's own conventions carry: a port is
//! held in a field or parameter of one name (`journal: &dyn Journal`), an adapter implements the port's trait.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use blackbox::workspace;
use syn::visit::Visit;
use syn::{FnArg, ImplItem, Item, Type};

use super::syntax::{Bound, Calls, last, type_names};

/// Files by their paths below the workspace, so that a test may change one.
pub type Files = BTreeMap<PathBuf, String>;

/// What is read: folders of crates whose code runs in a function.
pub const SHARED: &[&str] = &["shared/engine", "infra/aws", "infra/github", "infra/lambda"];

/// A call, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// `receiver.name(…)`; the receiver is the last name before the dot.
    Method {
        receiver: String,
        name: String,
        arguments: usize,
    },
    /// `a::b::name(…)`, or `a::b::name` handed on.
    Path {
        path: Vec<String>,
        arguments: Option<usize>,
    },
}

/// One `fn` with a body.
#[derive(Clone, Debug)]
pub struct Function {
    /// `shared/engine`, `functions/webhook`.
    pub package: String,
    /// Below the package's `src`.
    pub file: String,
    /// The type that it belongs to.
    pub owner: Option<String>,
    /// The trait that it implements.
    pub of_trait: Option<String>,
    pub name: String,
    /// Without `self`.
    pub parameters: usize,
    pub has_self: bool,
    /// Its variables, with the types that are written there.
    pub variables: BTreeMap<String, Vec<String>>,
    pub calls: BTreeSet<Call>,
    /// `SLIPWAY_…`, the environment variables that it names.
    pub settings: BTreeSet<String>,
}

impl Function {
    /// `journal/append.rs Tables::append`: where it is.
    pub fn place(&self) -> String {
        let owner = self.owner.as_ref();
        let owner = owner.map(|owner| format!("{owner}::")).unwrap_or_default();
        format!("{} {owner}{}", self.file, self.name)
    }
}

/// All that was read.
#[derive(Default)]
pub struct Code {
    pub functions: Vec<Function>,
    /// Ports and their methods.
    pub ports: BTreeMap<String, BTreeSet<String>>,
    /// Names of fields and parameters, with the types that they have somewhere.
    pub held: BTreeMap<String, BTreeSet<String>>,
}

/// The files of the crates that make up the function, and of all that it may use.
pub fn files(function: &str) -> Files {
    let own = format!("functions/{}", function.to_lowercase());
    let mut found = Files::new();
    for package in SHARED.iter().copied().chain([own.as_str()]) {
        for entry in walkdir::WalkDir::new(workspace().join(package).join("src")) {
            let path = entry.unwrap().into_path();
            let below = path.strip_prefix(workspace()).unwrap().to_owned();
            if path.extension().is_some_and(|kind| kind == "rs") && !is_test(&below) {
                found.insert(below, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn is_test(path: &Path) -> bool {
    let text = path.to_str().unwrap();
    text.ends_with("tests.rs") || text.contains("/tests/")
}

/// Reads them all.
pub fn read(files: &Files) -> Code {
    let mut code = Code::default();
    for (path, text) in files {
        let text_path = path.to_str().unwrap();
        let (package, file) = text_path.split_once("/src/").unwrap();
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{text_path}: {error}"));
        let mut reader = Reader {
            code: &mut code,
            package,
            file,
        };
        reader.items(&parsed.items);
    }
    code
}

struct Reader<'c> {
    code: &'c mut Code,
    package: &'c str,
    file: &'c str,
}

impl Reader<'_> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Fn(function) => self.function(None, None, &function.sig, &function.block),
                Item::Impl(block) => {
                    let owner = type_names(&block.self_ty).into_iter().next();
                    let of_trait = block.trait_.as_ref().map(|(path, _)| last(path));
                    for item in &block.items {
                        if let ImplItem::Fn(method) = item {
                            let (owner, of_trait) = (owner.clone(), of_trait.clone());
                            self.function(owner, of_trait, &method.sig, &method.block);
                        }
                    }
                }
                Item::Struct(item) => {
                    for field in &item.fields {
                        if let Some(name) = &field.ident {
                            self.hold(&name.to_string(), &field.ty);
                        }
                    }
                }
                Item::Trait(item) => self.port(item),
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        self.items(items);
                    }
                }
                _ => {}
            }
        }
    }

    fn port(&mut self, item: &syn::ItemTrait) {
        let own = |item: &syn::TraitItem| match item {
            syn::TraitItem::Fn(method) => Some(method.sig.ident.to_string()),
            _ => None,
        };
        if self.package == "shared/engine" && self.file.starts_with("ports/") {
            let methods = item.items.iter().filter_map(own).collect();
            self.code.ports.insert(item.ident.to_string(), methods);
        }
    }

    fn hold(&mut self, name: &str, kind: &Type) {
        let held = self.code.held.entry(name.to_owned()).or_default();
        held.extend(type_names(kind));
    }

    fn function(
        &mut self,
        owner: Option<String>,
        of_trait: Option<String>,
        signature: &syn::Signature,
        block: &syn::Block,
    ) {
        let mut bound = Bound::default();
        bound.visit_signature(signature);
        bound.visit_block(block);
        for argument in &signature.inputs {
            if let FnArg::Typed(argument) = argument
                && let syn::Pat::Ident(name) = &*argument.pat
            {
                self.hold(&name.ident.to_string(), &argument.ty);
                let types = type_names(&argument.ty);
                bound.callable.insert(name.ident.to_string());
                let known = bound.variables.entry(name.ident.to_string());
                known.or_default().extend(types);
            }
        }
        let mut calls = Calls {
            bound: &bound,
            found: BTreeSet::new(),
            settings: BTreeSet::new(),
        };
        calls.visit_block(block);
        let Calls {
            found, settings, ..
        } = calls;
        let has_self = signature
            .inputs
            .iter()
            .any(|input| matches!(input, FnArg::Receiver(_)));
        self.code.functions.push(Function {
            package: self.package.to_owned(),
            file: self.file.to_owned(),
            owner,
            of_trait,
            name: signature.ident.to_string(),
            parameters: signature.inputs.len() - usize::from(has_self),
            has_self,
            variables: bound.variables,
            calls: found,
            settings,
        });
    }
}
