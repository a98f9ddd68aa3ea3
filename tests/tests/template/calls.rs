//! Which calls of AWS a function can come to, followed from its own code through the engine's ports into the adapters.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Call, Code, Function};

/// `journal/append.rs Tables::append transact_write_items`: where, and what.
pub type Sites = BTreeSet<String>;

/// Methods that begin an operation of an SDK in the adapters; a chain that ends in `.send()` begins with one of these.
#[derive(Default)]
pub struct Reached {
    pub sites: Sites,
    /// `Journal::append`
    pub ports: BTreeSet<String>,
    /// Functions of the adapters.
    pub functions: BTreeSet<String>,
    /// Environment variables, as the adapters name them.
    pub settings: BTreeSet<String>,
    /// For each site the road that leads to it.
    pub roads: BTreeMap<String, String>,
}

/// Follows every call from the package of one function.
pub fn reached(code: &Code, package: &str, operations: &BTreeSet<String>) -> Reached {
    let index = Index::new(code);
    let mut seen: BTreeSet<usize> = (0..code.functions.len())
        .filter(|at| code.functions[*at].package == package)
        .collect();
    assert!(!seen.is_empty(), "{package} has no code");
    let mut open: Vec<usize> = seen.iter().copied().collect();
    let mut reached = Reached::default();
    let mut from = BTreeMap::new();
    while let Some(at) = open.pop() {
        let function = &code.functions[at];
        if function.package.starts_with("infra/") {
            reached.functions.insert(function.place());
            reached.settings.extend(function.settings.iter().cloned());
        }
        for call in &function.calls {
            if let Some(operation) = operation(function, call, operations) {
                let site = site(function, operation);
                reached.roads.insert(site.clone(), road(code, &from, at));
                reached.sites.insert(site);
                continue;
            }
            for port in index.ports(function, call) {
                reached.ports.insert(port);
            }
            for next in index.targets(function, call) {
                if seen.insert(next) {
                    from.insert(next, at);
                    open.push(next);
                }
            }
        }
    }
    reached
}

fn road(code: &Code, from: &BTreeMap<usize, usize>, end: usize) -> String {
    let mut at = end;
    let mut places = vec![code.functions[at].place()];
    while let Some(before) = from.get(&at) {
        at = *before;
        places.push(code.functions[at].place());
    }
    places.reverse();
    places.join(" -> ")
}

/// All operations that the adapters begin, reached or not.
pub fn all_sites(code: &Code, operations: &BTreeSet<String>) -> Sites {
    let of = |function: &Function| {
        let calls = function.calls.iter();
        let found = calls.filter_map(|call| operation(function, call, operations));
        found.map(|name| site(function, name)).collect::<Vec<_>>()
    };
    code.functions.iter().flat_map(of).collect()
}

fn site(function: &Function, operation: &str) -> String {
    format!("{} {operation}", function.place())
}

fn operation<'c>(
    function: &Function,
    call: &'c Call,
    operations: &BTreeSet<String>,
) -> Option<&'c str> {
    match call {
        Call::Method {
            name, arguments: 0, ..
        } if function.package == "infra/aws" && operations.contains(name) => Some(name),
        _ => None,
    }
}

struct Index<'c> {
    code: &'c Code,
    by_name: BTreeMap<&'c str, Vec<usize>>,
}

impl<'c> Index<'c> {
    fn new(code: &'c Code) -> Self {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, function) in code.functions.iter().enumerate() {
            by_name.entry(&function.name).or_default().push(at);
        }
        Self { code, by_name }
    }

    /// The types that a receiver may have; `None` = something local, of a type that is not written.
    fn types(&self, from: &'c Function, receiver: &str) -> Option<Vec<&'c str>> {
        let own = from.variables.get(receiver);
        if let Some(own) = own.filter(|own| !own.is_empty()) {
            return Some(own.iter().map(String::as_str).collect());
        }
        let held = self.code.held.get(receiver)?;
        let held: Vec<&str> = held.iter().map(String::as_str).collect();
        let port = held.iter().any(|kind| self.code.ports.contains_key(*kind));
        (own.is_none() || port).then_some(held)
    }

    fn ports(&self, from: &'c Function, call: &Call) -> Vec<String> {
        let Call::Method { receiver, name, .. } = call else {
            return Vec::new();
        };
        let types = self.types(from, receiver).unwrap_or_default().into_iter();
        let methods = types.filter_map(|kind| self.code.ports.get_key_value(kind));
        methods
            .filter(|(_, methods)| methods.contains(name))
            .map(|(port, _)| format!("{port}::{name}"))
            .collect()
    }

    fn targets(&self, from: &'c Function, call: &Call) -> Vec<usize> {
        if let Call::Method { receiver, name, .. } = call
            && let Some(adapters) = self.adapters(from, receiver, name)
        {
            return adapters;
        }
        let name = match call {
            Call::Method { name, .. } => name.as_str(),
            Call::Path { path, .. } => path.last().map_or("", String::as_str),
        };
        let of_name = self.by_name.get(name).into_iter().flatten().copied();
        let fits = |at: &usize| {
            let to = &self.code.functions[*at];
            sees(from, to) && takes(to, call)
        };
        let candidates = of_name.filter(fits).collect();
        let found = match call {
            Call::Method { receiver, .. } => self.methods(from, receiver, candidates),
            Call::Path { path, .. } => self.paths(from, path, candidates),
        };
        self.nearest(from, found)
    }

    /// Of functions of one name those in the same file, else in the same folder, else in the same package, else all.
    fn nearest(&self, from: &Function, found: Vec<usize>) -> Vec<usize> {
        let folder = |file: &str| file.split('/').next().unwrap_or_default().to_owned();
        let same: [&dyn Fn(&Function) -> bool; 3] = [
            &|to| to.package == from.package && to.file == from.file,
            &|to| to.package == from.package && folder(&to.file) == folder(&from.file),
            &|to| to.package == from.package,
        ];
        for near in same {
            let near: Vec<usize> = found
                .iter()
                .copied()
                .filter(|at| near(&self.code.functions[*at]))
                .collect();
            if !near.is_empty() {
                return near;
            }
        }
        found
    }

    /// Whoever implements the port that is called, wherever that is: the host chooses. `None` = it is no port.
    fn adapters(&self, from: &'c Function, receiver: &str, name: &str) -> Option<Vec<usize>> {
        let types = self.types(from, receiver)?;
        let has = |kind: &&str| {
            let methods = self.code.ports.get(*kind);
            methods.is_some_and(|methods| methods.contains(name))
        };
        let ports: Vec<&str> = types.into_iter().filter(has).collect();
        if ports.is_empty() {
            return None;
        }
        let by_name = self.by_name.get(name).into_iter().flatten().copied();
        let is = |at: &usize| {
            let of_trait = self.code.functions[*at].of_trait.as_deref();
            of_trait.is_some_and(|of_trait| ports.contains(&of_trait))
        };
        Some(by_name.filter(is).collect())
    }

    fn methods(&self, from: &'c Function, receiver: &str, of: Vec<usize>) -> Vec<usize> {
        let types = self.types(from, receiver);
        let fits = |at: &usize| {
            let to = &self.code.functions[*at];
            let Some(owner) = to.owner.as_deref() else {
                return false;
            };
            if receiver == "self" {
                return to.owner == from.owner && to.package == from.package;
            }
            match &types {
                Some(types) => types.contains(&owner),
                // Any method of this name that no port has.
                None => {
                    let of_trait = to.of_trait.as_deref();
                    of_trait.is_none_or(|of_trait| !self.code.ports.contains_key(of_trait))
                }
            }
        };
        of.into_iter().filter(fits).collect()
    }

    fn paths(&self, from: &Function, path: &[String], of: Vec<usize>) -> Vec<usize> {
        let at = |index: &usize| &self.code.functions[*index];
        let qualifier = path.len().checked_sub(2).map(|index| path[index].as_str());
        let camel = |name: &str| name.starts_with(char::is_uppercase);
        let fits = |index: &usize| {
            let function = at(index);
            match qualifier {
                Some("Self") => function.owner == from.owner,
                Some(owner) if camel(owner) => function.owner.as_deref() == Some(owner),
                _ => function.owner.is_none(),
            }
        };
        of.into_iter().filter(fits).collect()
    }
}

/// Whether the function takes as many arguments.
fn takes(to: &Function, call: &Call) -> bool {
    match call {
        Call::Method { arguments, .. } => to.has_self && to.parameters == *arguments,
        Call::Path { arguments, .. } => {
            arguments.is_none_or(|arguments| to.parameters + usize::from(to.has_self) == arguments)
        }
    }
}

/// Whether code there may name code here: dependencies point inwards, and only `main.rs` knows the adapters.
fn sees(from: &Function, to: &Function) -> bool {
    let wires = from.file == "main.rs" || from.file.starts_with("main/");
    match to.package.as_str() {
        "shared/engine" => true,
        "infra/aws" | "infra/github" | "infra/lambda" => {
            from.package == to.package || (wires && from.package.starts_with("functions/"))
        }
        other => from.package == other,
    }
}
