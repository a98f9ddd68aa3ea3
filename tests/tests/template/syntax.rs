//! What is read off the syntax of one function: its variables, its calls, the settings that it names.

use std::collections::{BTreeMap, BTreeSet};

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, Token, Type};

use super::source::{Call, Files};

/// Every name in a type: of `Option<&dyn Sources>` both.
pub fn type_names(kind: &Type) -> Vec<String> {
    struct Names(Vec<String>);
    impl Visit<'_> for Names {
        fn visit_path(&mut self, path: &syn::Path) {
            self.0.push(last(path));
            visit::visit_path(self, path);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_type(kind);
    names.0
}

pub fn last(path: &syn::Path) -> String {
    path.segments.last().unwrap().ident.to_string()
}

/// Names of variables: one of them is not a function of that name.
#[derive(Default)]
pub struct Bound {
    pub variables: BTreeMap<String, Vec<String>>,
    /// Those that may be called: closures and parameters.
    pub callable: BTreeSet<String>,
}

impl Visit<'_> for Bound {
    fn visit_pat_ident(&mut self, name: &syn::PatIdent) {
        let types = self.variables.entry(name.ident.to_string());
        types.or_default();
        visit::visit_pat_ident(self, name);
    }

    fn visit_local(&mut self, local: &syn::Local) {
        visit::visit_local(self, local);
        let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init) else {
            return;
        };
        let name = name.ident.to_string();
        if matches!(&*init.expr, Expr::Closure(_)) {
            self.callable.insert(name);
        } else if let Some(made) = made(&init.expr) {
            self.variables.insert(name, vec![made]);
        }
    }
}

/// The type that `Type::new(…)` and `Type { … }` make.
fn made(expression: &Expr) -> Option<String> {
    let path = match expression {
        Expr::Struct(made) => &made.path,
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if path.path.segments.len() > 1 => {
                let at = path.path.segments.len() - 2;
                return Some(path.path.segments[at].ident.to_string())
                    .filter(|name| name.starts_with(char::is_uppercase));
            }
            _ => return None,
        },
        Expr::Await(inner) => return made(&inner.base),
        Expr::Try(inner) => return made(&inner.expr),
        Expr::Reference(inner) => return made(&inner.expr),
        _ => return None,
    };
    Some(last(path))
}

pub struct Calls<'b> {
    pub bound: &'b Bound,
    pub found: BTreeSet<Call>,
    pub settings: BTreeSet<String>,
}

impl Calls<'_> {
    fn path(&mut self, path: &syn::ExprPath, arguments: Option<usize>) {
        let names = path.path.segments.iter().map(|part| part.ident.to_string());
        let path: Vec<String> = names.collect();
        let variable = match arguments {
            Some(_) => self.bound.callable.contains(&path[0]),
            None => self.bound.variables.contains_key(&path[0]),
        };
        if path.len() > 1 || !variable {
            self.found.insert(Call::Path { path, arguments });
        }
    }
}

impl Visit<'_> for Calls<'_> {
    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        self.found.insert(Call::Method {
            receiver: receiver(&call.receiver),
            name: call.method.to_string(),
            arguments: call.args.len(),
        });
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        match &*call.func {
            Expr::Path(path) => self.path(path, Some(call.args.len())),
            other => self.visit_expr(other),
        }
        call.args
            .iter()
            .for_each(|argument| self.visit_expr(argument));
    }

    fn visit_expr_path(&mut self, path: &syn::ExprPath) {
        self.path(path, None);
    }

    fn visit_lit_str(&mut self, text: &syn::LitStr) {
        let text = text.value();
        if text.starts_with("SLIPWAY_") {
            self.settings.insert(text);
        }
    }

    /// What is assigned to is no call, nor is the field of a line of the log, `why = error.why()`.
    fn visit_expr_assign(&mut self, assignment: &syn::ExprAssign) {
        self.visit_expr(&assignment.right);
    }

    /// Calls inside `try_join!`, `format!` and the like.
    fn visit_macro(&mut self, call: &syn::Macro) {
        let parsed = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        if let Ok(arguments) = parsed {
            arguments
                .iter()
                .for_each(|argument| self.visit_expr(argument));
        }
    }
}

/// The last name of an expression: `journal` of `self.deps.journal`, and of `journal` itself.
fn receiver(expression: &Expr) -> String {
    match expression {
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => name.to_string(),
            syn::Member::Unnamed(index) => index.index.to_string(),
        },
        Expr::Path(path) => last(&path.path),
        Expr::MethodCall(call) if call.args.is_empty() => match call.method.to_string().as_str() {
            "as_ref" | "clone" | "as_deref" => receiver(&call.receiver),
            other => format!("{other}()"),
        },
        Expr::MethodCall(call) => format!("{}()", call.method),
        Expr::Reference(inner) => receiver(&inner.expr),
        Expr::Paren(inner) => receiver(&inner.expr),
        Expr::Await(inner) => receiver(&inner.base),
        Expr::Try(inner) => receiver(&inner.expr),
        _ => String::new(),
    }
}

/// Operations that begin a chain which ends in `.send()` and are not among those that are known, by the files of the adapters.
pub fn unknown_operations(files: &Files, known: &BTreeSet<String>) -> Vec<String> {
    struct Chains<'k>(&'k BTreeSet<String>, BTreeSet<String>);
    impl Visit<'_> for Chains<'_> {
        fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
            if call.method == "send" && call.args.is_empty() {
                let mut first = call;
                while let Expr::MethodCall(inner) = &*first.receiver {
                    first = inner;
                }
                // A chain that goes on from a variable began elsewhere.
                let goes_on = ["send", "into_paginator"]
                    .iter()
                    .any(|next| first.method == next);
                let begins = first.args.is_empty() && !goes_on;
                let name = first.method.to_string();
                if begins && !self.0.contains(&name) {
                    self.1.insert(name);
                }
            }
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut chains = Chains(known, BTreeSet::new());
    for text in files
        .iter()
        .filter(|(path, _)| path.starts_with("infra/aws"))
    {
        chains.visit_file(&syn::parse_file(text.1).unwrap());
    }
    chains.1.into_iter().collect()
}
