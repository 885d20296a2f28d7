//! What a crate's own source says that it has: types, and what can be said of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{
    Attribute, FnArg, GenericParam, ImplItem, Item, ItemImpl, ItemMacro, ItemTrait, Macro, Pat,
    ReturnType, Signature, TraitItem, Type, TypeParamBound, Visibility,
};

use super::expand::{self, Rules};
use crate::error::TaskError;

/// The modules at the top of which types are looked for first: a task's own type comes before a resource of the same name.
const FIRST: [&str; 4] = ["tasks", "states", "machine", "value"];

/// The public types of a crate.
#[derive(Default)]
pub(super) struct Source {
    /// By their names and the module at the top that says something of them.
    types: BTreeMap<String, BTreeMap<String, RustType>>,
    /// Traits that everything with another trait has.
    blankets: Vec<(String, String)>,
    macros: BTreeMap<String, BTreeMap<PathBuf, Rules>>,
}

/// A type or a trait.
#[derive(Default)]
pub(super) struct RustType {
    /// The file below the crate's source; none until the type itself is found.
    pub(super) file: Option<PathBuf>,
    members: Vec<Member>,
    /// The traits that it has, and what it derefs to.
    has: BTreeSet<String>,
}

/// Something that can be said of a type, or that it gives.
#[derive(Clone)]
pub(super) struct Member {
    /// As it is called.
    pub(super) name: String,
    /// Where it is to be found: `Queue::new(scope)`.
    pub(super) place: String,
}

impl Source {
    /// Reads a crate's files.
    pub(super) fn read(directory: &Path) -> Result<Self, TaskError> {
        let mut files = Vec::new();
        list(directory, &mut files)?;
        files.sort();
        let texts = files.into_iter().map(|path| {
            let below = path.strip_prefix(directory).unwrap_or(&path).to_owned();
            match fs::read_to_string(&path) {
                Ok(text) => Ok((below, text)),
                Err(source) => Err(TaskError::File { path, source }),
            }
        });
        Self::of(texts.collect::<Result<_, _>>()?)
    }

    /// What files with these texts have.
    fn of(texts: Vec<(PathBuf, String)>) -> Result<Self, TaskError> {
        let mut source = Self::default();
        let mut parsed = Vec::new();
        for (path, text) in texts {
            let file = syn::parse_file(&text).map_err(|error| unreadable(&path, &error))?;
            source.declarations(&path, &file.items);
            parsed.push((path, file.items));
        }
        for (path, items) in &parsed {
            source.items(path, items)?;
        }
        Ok(source)
    }

    /// A public type.
    pub(super) fn get(&self, name: &str) -> Option<&RustType> {
        self.defined(name).first().map(|(_, kind)| *kind)
    }

    /// A member of a type, or of what it has, by the CDK's name.
    pub(super) fn member(&self, of: &str, name: &str) -> Option<&Member> {
        let wanted = plain(name);
        let reachable = self.reachable(of);
        let members = reachable.iter().flat_map(|name| self.said(name));
        let members = members.flat_map(|kind| &kind.members);
        let mut found = members.filter(|member| plain(&member.name) == wanted);
        let first = found.next()?;
        // A method of the name counts more than an argument.
        let is_argument = |member: &Member| member.place.ends_with(')');
        match is_argument(first) {
            true => found.find(|member| !is_argument(member)).or(Some(first)),
            false => Some(first),
        }
    }

    /// Whether there is a type, or a member at a place: `Queue::new(scope)`.
    pub(super) fn has(&self, place: &str) -> bool {
        match place.split_once("::") {
            None => self.get(place).is_some(),
            Some((of, _)) => {
                let mut members = self.said(of).into_iter().flat_map(|kind| &kind.members);
                self.get(of).is_some() && members.any(|member| member.place == place)
            }
        }
    }

    /// The types of a name, those that are looked for first in front.
    fn defined(&self, name: &str) -> Vec<(&String, &RustType)> {
        let all = self.types.get(name).into_iter().flatten();
        let mut defined: Vec<_> = all.filter(|(_, kind)| kind.file.is_some()).collect();
        let rank = |top: &str| FIRST.iter().position(|first| *first == top);
        defined.sort_by_key(|(top, _)| rank(top).unwrap_or(FIRST.len()));
        defined
    }

    /// What is said of a type: everywhere, unless there are several types of the name.
    fn said(&self, name: &str) -> Vec<&RustType> {
        match self.defined(name).as_slice() {
            [(_, first), _, ..] => vec![*first],
            _ => self
                .types
                .get(name)
                .into_iter()
                .flat_map(BTreeMap::values)
                .collect(),
        }
    }

    /// A type and everything whose members it has.
    fn reachable(&self, of: &str) -> Vec<String> {
        let mut all = vec![of.to_owned()];
        let mut at = 0;
        while let Some(name) = all.get(at).cloned() {
            let own = self
                .said(&name)
                .into_iter()
                .flat_map(|kind| kind.has.iter());
            let blankets = self.blankets.iter().filter(|(bound, _)| *bound == name);
            let more = own.chain(blankets.map(|(_, has)| has));
            let new: Vec<String> = more.filter(|name| !all.contains(name)).cloned().collect();
            all.extend(new);
            at += 1;
        }
        all
    }

    /// Notes the macros that a file declares.
    fn declarations(&mut self, path: &Path, items: &[Item]) {
        for item in items {
            match item {
                Item::Macro(ItemMacro {
                    ident: Some(name),
                    mac,
                    ..
                }) => {
                    let rules = Rules::parse(mac.tokens.clone());
                    let of_name = self.macros.entry(name.to_string()).or_default();
                    of_name.insert(path.to_owned(), rules);
                }
                Item::Mod(inner) => {
                    let items = inner.content.as_ref().map(|(_, items)| items.as_slice());
                    self.declarations(path, items.unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    fn items(&mut self, path: &Path, items: &[Item]) -> Result<(), TaskError> {
        for item in items {
            self.item(path, item)?;
        }
        Ok(())
    }

    fn item(&mut self, path: &Path, item: &Item) -> Result<(), TaskError> {
        match item {
            Item::Struct(item) if public(&item.vis) => {
                let name = item.ident.to_string();
                let fields = item.fields.iter().filter(|field| public(&field.vis));
                for field in fields.filter_map(|field| field.ident.as_ref()) {
                    self.add(path, &name, &field.to_string(), format!("{name}::{field}"));
                }
                self.define(&name, path);
            }
            Item::Enum(item) if public(&item.vis) => {
                let name = item.ident.to_string();
                for variant in &item.variants {
                    let place = format!("{name}::{}", variant.ident);
                    self.add(path, &name, &variant.ident.to_string(), place.clone());
                    for field in variant
                        .fields
                        .iter()
                        .filter_map(|field| field.ident.as_ref())
                    {
                        self.add(path, &name, &field.to_string(), format!("{place}.{field}"));
                    }
                }
                self.define(&name, path);
            }
            Item::Trait(item) if public(&item.vis) => self.of_trait(path, item),
            Item::Type(item) if public(&item.vis) => self.define(&item.ident.to_string(), path),
            Item::Impl(item) => self.of_impl(path, item)?,
            Item::Mod(inner) if !for_tests(&inner.attrs) => {
                let items = inner.content.as_ref().map(|(_, items)| items.as_slice());
                self.items(path, items.unwrap_or_default())?;
            }
            Item::Macro(item) if item.ident.is_none() => {
                if let Some(made) = self.expand(path, &item.mac)? {
                    let file: syn::File =
                        syn::parse2(made).map_err(|error| unreadable(path, &error))?;
                    self.items(path, &file.items)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn of_trait(&mut self, path: &Path, item: &ItemTrait) {
        let name = item.ident.to_string();
        for bound in &item.supertraits {
            self.has_trait(path, &name, bound);
        }
        for item in &item.items {
            if let TraitItem::Fn(function) = item {
                self.function(path, &name, &function.sig);
            }
        }
        self.define(&name, path);
    }

    fn of_impl(&mut self, path: &Path, item: &ItemImpl) -> Result<(), TaskError> {
        let Some(name) = type_name(&item.self_ty) else {
            return Ok(());
        };
        let of = item.trait_.as_ref();
        let of = of.and_then(|(path, _)| path.segments.last());
        let Some(of) = of.map(|segment| segment.ident.to_string()) else {
            return self.inherent(path, &name, &item.items);
        };
        if of == "Deref" {
            let target = item.items.iter().find_map(|item| match item {
                ImplItem::Type(target) => type_name(&target.ty),
                _ => None,
            });
            self.entry(path, &name).has.extend(target);
            return Ok(());
        }
        if of == "Display" {
            let place = format!("{name}::to_string");
            self.add(path, &name, "to_string", place);
        }
        let generic = item.generics.params.iter().find_map(|param| match param {
            GenericParam::Type(param) if param.ident == name => Some(&param.bounds),
            _ => None,
        });
        match generic {
            Some(bounds) => {
                let bounds = bounds.iter().filter_map(bound_name);
                self.blankets
                    .extend(bounds.map(|bound| (bound, of.clone())));
            }
            None => {
                self.entry(path, &name).has.insert(of);
            }
        }
        Ok(())
    }

    fn inherent(&mut self, path: &Path, name: &str, items: &[ImplItem]) -> Result<(), TaskError> {
        for item in items {
            match item {
                ImplItem::Fn(function) if public(&function.vis) => {
                    self.function(path, name, &function.sig);
                }
                ImplItem::Const(constant) if public(&constant.vis) => {
                    let constant = constant.ident.to_string();
                    self.add(path, name, &constant, format!("{name}::{constant}"));
                }
                ImplItem::Macro(item) => {
                    if let Some(made) = self.expand(path, &item.mac)? {
                        let made = expand::within_impl(name, made);
                        let made: ItemImpl =
                            syn::parse2(made).map_err(|error| unreadable(path, &error))?;
                        self.inherent(path, name, &made.items)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A method; the arguments of one that makes a value are members as well.
    fn function(&mut self, path: &Path, of: &str, signature: &Signature) {
        let place = format!("{of}::{}", signature.ident);
        self.add(path, of, &signature.ident.to_string(), place.clone());
        let makes = match &signature.output {
            ReturnType::Type(_, made) => {
                type_name(made).is_some_and(|made| made == "Self" || made == of)
            }
            ReturnType::Default => false,
        };
        let arguments: Option<Vec<String>> = signature
            .inputs
            .iter()
            .map(|argument| match argument {
                FnArg::Receiver(_) => None,
                FnArg::Typed(argument) => Some(pattern_name(&argument.pat)),
            })
            .collect();
        if let (Some(arguments), true) = (arguments, makes) {
            for argument in arguments.iter().filter(|name| !name.is_empty()) {
                self.add(path, of, argument, format!("{place}({argument})"));
            }
        }
    }

    fn expand(
        &self,
        path: &Path,
        used: &Macro,
    ) -> Result<Option<proc_macro2::TokenStream>, TaskError> {
        let name = used
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string());
        let declared = name.as_ref().and_then(|name| self.macros.get(name));
        let Some(declared) = declared else {
            return Ok(None);
        };
        // One of the same file comes first; of others of the same name, the one that knows what is written.
        let own = declared.get(path).into_iter();
        let mut rules = own.chain(declared.values());
        let made = rules.find_map(|rules| rules.expand(&used.tokens));
        made.map(Some).ok_or_else(|| TaskError::Source {
            path: path.to_owned(),
            reason: format!("{}! is not understood", name.unwrap_or_default()),
        })
    }

    fn has_trait(&mut self, path: &Path, name: &str, bound: &TypeParamBound) {
        let bound = bound_name(bound);
        self.entry(path, name).has.extend(bound);
    }

    fn add(&mut self, path: &Path, of: &str, name: &str, place: String) {
        let kind = self.entry(path, of);
        let name = name.trim_start_matches("r#").to_owned();
        kind.members.push(Member { name, place });
    }

    fn entry(&mut self, path: &Path, name: &str) -> &mut RustType {
        let top = path.iter().next().unwrap_or_default();
        let of_name = self.types.entry(name.to_owned()).or_default();
        let top = top.to_string_lossy().into_owned();
        of_name.entry(top).or_default()
    }

    fn define(&mut self, name: &str, path: &Path) {
        let kind = self.entry(path, name);
        kind.file.get_or_insert_with(|| path.to_owned());
    }
}

/// A name without what differs between the CDK's and Rust's way of writing; what is called `type` there is a `kind` here.
fn plain(name: &str) -> String {
    let plain = name.replace('_', "").to_lowercase();
    match plain.as_str() {
        "type" => "kind".to_owned(),
        _ => plain,
    }
}

fn list(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), TaskError> {
    let error = |source| TaskError::File {
        path: directory.to_owned(),
        source,
    };
    for entry in fs::read_dir(directory).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &syn::Error) -> TaskError {
    TaskError::Source {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn for_tests(attributes: &[Attribute]) -> bool {
    let is = |attribute: &Attribute| {
        let list = attribute.meta.require_list().ok();
        list.is_some_and(|list| list.path.is_ident("cfg") && list.tokens.to_string() == "test")
    };
    attributes.iter().any(is)
}

fn type_name(kind: &Type) -> Option<String> {
    match kind {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        Type::Reference(reference) => type_name(&reference.elem),
        _ => None,
    }
}

fn bound_name(bound: &TypeParamBound) -> Option<String> {
    match bound {
        TypeParamBound::Trait(bound) => Some(bound.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

fn pattern_name(pattern: &Pat) -> String {
    match pattern {
        Pat::Ident(pattern) => pattern.ident.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    const TRAITS: &str = "
        pub trait Builder: Sized { fn build(self) -> State; fn comment(mut self, text: &str) -> Self { self } }
        pub trait TaskBuilder: Builder { fn timeout(mut self) -> Self { self } }
        pub(crate) trait Task { fn define(self); }
        impl<T: Task> TaskBuilder for T {}
        macro_rules! task { ($name:ident) => { impl crate::Task for $name { fn define(self) {} } }; }
        pub struct State { pub index: usize, hidden: usize }
    ";
    const TASKS: &str = "
        pub struct Submit;
        task!(Submit);
        impl Submit {
            pub fn new(scope: &Scope, job_name: &str) -> Self { Self }
            pub fn array_size(mut self, size: u32) -> Self { self }
            pub(crate) fn hidden(self) {}
            setters! { attempts; memory_limit_mib; }
        }
        macro_rules! setters { ($($name:ident;)*) => { $(pub fn $name(self) -> Self { self })* }; }
        pub enum Size { SmallOne, Other { name: String } }
        impl Size { pub const M5_LARGE: Self = Self::SmallOne; }
        pub struct Handle(Submit);
        impl fmt::Display for Handle {}
        impl std::ops::Deref for Handle { type Target = State; fn deref(&self) -> &State { todo!() } }
        struct Private { pub field: u8 }
        #[cfg(test)] mod tests { pub struct OnlyInTests; }
    ";

    fn source() -> Source {
        let resource = "pub struct Submit { pub timeout_at_most: u8 } pub struct Only; impl State { pub fn metric(self) {} }";
        let files = [
            ("states/a.rs", TRAITS),
            ("tasks/b.rs", TASKS),
            ("resources/c.rs", resource),
        ];
        let files = files.map(|(path, text)| (path.into(), text.to_owned()));
        Source::of(files.into()).unwrap()
    }

    #[test]
    fn members_are_found_by_the_names_of_the_cdk() {
        let source = source();
        let cases = [
            ("Submit", "jobName", "Submit::new(job_name)"),
            ("Submit", "arraySize", "Submit::array_size"),
            ("Submit", "attempts", "Submit::attempts"),
            ("Submit", "memoryLimitMiB", "Submit::memory_limit_mib"),
            ("Submit", "timeout", "TaskBuilder::timeout"),
            ("Submit", "comment", "Builder::comment"),
            ("Size", "SMALL_ONE", "Size::SmallOne"),
            ("Size", "M5_LARGE", "Size::M5_LARGE"),
            ("Size", "name", "Size::Other.name"),
            ("Handle", "index", "State::index"),
            ("Handle", "metric", "State::metric"),
            ("Handle", "toString", "Handle::to_string"),
        ];
        for (of, name, place) in cases {
            let found = source.member(of, name).map(|member| member.place.as_str());
            assert_eq!(found, Some(place), "{of} {name}");
        }
        assert!(source.has("Submit::new(job_name)"));
    }

    #[test]
    fn what_is_not_public_is_not_there() {
        let source = source();
        for (of, name) in [
            ("Submit", "hidden"),
            ("State", "hidden"),
            ("Submit", "timeoutAtMost"),
            ("Submit", "define"),
        ] {
            assert!(source.member(of, name).is_none(), "{of} {name}");
        }
        for name in ["Private", "Task", "OnlyInTests", "Unheard"] {
            assert!(source.get(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_macro_that_is_not_understood_is_an_error() {
        let text = "macro_rules! one { (1) => {}; } one!(2);".to_owned();
        let error = Source::of(vec![("a.rs".into(), text)]).err().unwrap();
        assert_eq!(error.to_string(), "a.rs: one! is not understood");
    }
}
