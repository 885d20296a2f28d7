//! Expands macros that are declared by `macro_rules!`, as far as items are made by them.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

/// A macro: its arms in their order.
pub(super) struct Rules(Vec<(Vec<Pattern>, TokenStream)>);

/// A part of what an arm matches.
enum Pattern {
    /// A word or sign, as it is written.
    Token(String),
    Group(Delimiter, Vec<Pattern>),
    /// `$name:kind`.
    Variable(String, String),
    /// `$(…),*`: what is repeated, and what stands between.
    Repeat(Vec<Pattern>, Option<String>),
}

/// What a variable stands for.
#[derive(Clone)]
enum Bound {
    One(Vec<TokenTree>),
    Many(Vec<Bound>),
}

type Bindings = BTreeMap<String, Bound>;

impl Rules {
    /// The rules of a macro from what stands between its braces.
    pub(super) fn parse(tokens: TokenStream) -> Self {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let arms = tokens.split(|token| is_sign(token, ';'));
        let arms = arms.filter_map(|arm| match (arm.first(), arm.last()) {
            (Some(TokenTree::Group(pattern)), Some(TokenTree::Group(body))) => {
                Some((patterns(&trees(&pattern.stream())), body.stream()))
            }
            _ => None,
        });
        Self(arms.collect())
    }

    /// What a use of the macro stands for; none if no arm matches.
    pub(super) fn expand(&self, tokens: &TokenStream) -> Option<TokenStream> {
        let tokens = trees(tokens);
        self.0.iter().find_map(|(patterns, body)| {
            let bindings = match_all(patterns, &tokens)?;
            Some(transcribe(&trees(body), &bindings))
        })
    }
}

fn trees(stream: &TokenStream) -> Vec<TokenTree> {
    stream.clone().into_iter().collect()
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// The group of `$(…)` at the start of some tokens, what stands between repetitions, and how many tokens that takes.
fn repetition(tokens: &[TokenTree]) -> Option<(&Group, Option<&TokenTree>, usize)> {
    let [dollar, TokenTree::Group(group), rest @ ..] = tokens else {
        return None;
    };
    if !is_sign(dollar, '$') || group.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let operator = |token: &TokenTree| ['*', '+', '?'].iter().any(|sign| is_sign(token, *sign));
    match rest {
        [first, ..] if operator(first) => Some((group, None, 3)),
        [separator, second, ..] if operator(second) => Some((group, Some(separator), 4)),
        _ => None,
    }
}

fn patterns(mut tokens: &[TokenTree]) -> Vec<Pattern> {
    let mut all = Vec::new();
    while let Some(token) = tokens.first() {
        let (pattern, taken) = match (repetition(tokens), tokens) {
            (Some((group, separator, taken)), _) => {
                let separator = separator.map(ToString::to_string);
                (
                    Pattern::Repeat(patterns(&trees(&group.stream())), separator),
                    taken,
                )
            }
            (
                _,
                [
                    dollar,
                    TokenTree::Ident(name),
                    colon,
                    TokenTree::Ident(kind),
                    ..,
                ],
            ) if is_sign(dollar, '$') && is_sign(colon, ':') => {
                (Pattern::Variable(name.to_string(), kind.to_string()), 4)
            }
            (_, [TokenTree::Group(group), ..]) => {
                let inner = patterns(&trees(&group.stream()));
                (Pattern::Group(group.delimiter(), inner), 1)
            }
            _ => (Pattern::Token(token.to_string()), 1),
        };
        all.push(pattern);
        tokens = &tokens[taken..];
    }
    all
}

fn match_all(patterns: &[Pattern], tokens: &[TokenTree]) -> Option<Bindings> {
    let (bindings, taken) = match_start(patterns, tokens, None)?;
    (taken == tokens.len()).then_some(bindings)
}

/// Matches the start of some tokens; `after` is what follows the patterns.
fn match_start(
    patterns: &[Pattern],
    tokens: &[TokenTree],
    after: Option<&str>,
) -> Option<(Bindings, usize)> {
    let mut bindings = Bindings::new();
    let mut at = 0;
    for (index, pattern) in patterns.iter().enumerate() {
        let rest = &tokens[at..];
        let next = match patterns.get(index + 1) {
            Some(Pattern::Token(text)) => Some(text.as_str()),
            _ => after,
        };
        at += match pattern {
            Pattern::Token(text) => (rest.first()?.to_string() == *text).then_some(1)?,
            Pattern::Group(delimiter, inner) => match rest.first()? {
                TokenTree::Group(group) if group.delimiter() == *delimiter => {
                    bindings.extend(match_all(inner, &trees(&group.stream()))?);
                    1
                }
                _ => return None,
            },
            Pattern::Variable(name, kind) => {
                let taken = fragment(kind, rest, next)?;
                bindings.insert(name.clone(), Bound::One(rest[..taken].to_vec()));
                taken
            }
            Pattern::Repeat(inner, separator) => {
                let (repeated, taken) = match_repeat(inner, separator.as_deref(), rest);
                bindings.extend(repeated);
                taken
            }
        };
    }
    Some((bindings, at))
}

fn match_repeat(
    inner: &[Pattern],
    separator: Option<&str>,
    tokens: &[TokenTree],
) -> (Bindings, usize) {
    let mut names = Vec::new();
    variables(inner, &mut names);
    let empty = |name: &String| (name.clone(), Bound::Many(Vec::new()));
    let mut all: Bindings = names.iter().map(empty).collect();
    let mut at = 0;
    let mut start = 0;
    while let Some((found, taken)) = match_start(inner, &tokens[start..], separator) {
        if taken == 0 {
            break;
        }
        for (name, bound) in found {
            if let Some(Bound::Many(many)) = all.get_mut(&name) {
                many.push(bound);
            }
        }
        at = start + taken;
        start = match (separator, tokens.get(at)) {
            (None, _) => at,
            (Some(separator), Some(token)) if token.to_string() == separator => at + 1,
            _ => break,
        };
    }
    (all, at)
}

fn variables(patterns: &[Pattern], names: &mut Vec<String>) {
    for pattern in patterns {
        match pattern {
            Pattern::Token(_) => {}
            Pattern::Variable(name, _) => names.push(name.clone()),
            Pattern::Group(_, inner) | Pattern::Repeat(inner, _) => variables(inner, names),
        }
    }
}

/// How many tokens a variable of a kind takes; `next` is what follows it.
fn fragment(kind: &str, tokens: &[TokenTree], next: Option<&str>) -> Option<usize> {
    let first = tokens.first()?;
    match kind {
        "ident" => matches!(first, TokenTree::Ident(_)).then_some(1),
        "tt" => Some(1),
        "literal" => match first {
            TokenTree::Literal(_) => Some(1),
            TokenTree::Ident(word) if *word == "true" || *word == "false" => Some(1),
            sign if is_sign(sign, '-') => Some(2),
            _ => None,
        },
        _ => {
            let mut depth = 0_i32;
            let end = tokens.iter().enumerate().find(|(index, token)| {
                let arrow = *index > 0 && is_sign(token, '>') && is_sign(&tokens[index - 1], '=');
                let ends = depth == 0 && next.is_some_and(|next| token.to_string() == next);
                match token {
                    TokenTree::Punct(sign) if sign.as_char() == '<' => depth += 1,
                    TokenTree::Punct(sign) if sign.as_char() == '>' && !arrow => depth -= 1,
                    _ => {}
                }
                ends
            });
            let taken = end.map_or(tokens.len(), |(index, _)| index);
            (taken > 0).then_some(taken)
        }
    }
}

fn transcribe(mut body: &[TokenTree], bindings: &Bindings) -> TokenStream {
    let mut made = TokenStream::new();
    while let Some(token) = body.first() {
        let taken = match (repetition(body), body) {
            (Some((group, separator, taken)), _) => {
                made.extend(repeat(&trees(&group.stream()), separator, bindings));
                taken
            }
            (_, [dollar, TokenTree::Ident(name), ..]) if is_sign(dollar, '$') => {
                match bindings.get(&name.to_string()) {
                    Some(Bound::One(tokens)) => made.extend(tokens.iter().cloned()),
                    _ if *name == "crate" => made.extend([TokenTree::Ident(name.clone())]),
                    _ => {
                        made.extend([TokenTree::Punct(Punct::new('$', Spacing::Alone))]);
                        made.extend([TokenTree::Ident(name.clone())]);
                    }
                }
                2
            }
            (_, [TokenTree::Group(group), ..]) => {
                let inner = transcribe(&trees(&group.stream()), bindings);
                made.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
                1
            }
            _ => {
                made.extend([token.clone()]);
                1
            }
        };
        body = &body[taken..];
    }
    made
}

/// A part of a body as often as what its variables stand for.
fn repeat(body: &[TokenTree], separator: Option<&TokenTree>, bindings: &Bindings) -> TokenStream {
    let mut used = Vec::new();
    used_variables(body, &mut used);
    let many = used.iter().filter_map(|name| match bindings.get(name) {
        Some(Bound::Many(items)) => Some((name, items)),
        _ => None,
    });
    let many: Vec<(&String, &Vec<Bound>)> = many.collect();
    let count = many.iter().map(|(_, items)| items.len()).max();
    let mut made = TokenStream::new();
    for index in 0..count.unwrap_or_default() {
        if let (Some(separator), true) = (separator, index > 0) {
            made.extend([separator.clone()]);
        }
        let mut one = bindings.clone();
        for (name, items) in &many {
            if let Some(item) = items.get(index) {
                one.insert((*name).clone(), item.clone());
            }
        }
        made.extend(transcribe(body, &one));
    }
    made
}

fn used_variables(body: &[TokenTree], names: &mut Vec<String>) {
    for (index, token) in body.iter().enumerate() {
        match token {
            TokenTree::Group(group) => used_variables(&trees(&group.stream()), names),
            TokenTree::Ident(name) if index > 0 && is_sign(&body[index - 1], '$') => {
                names.push(name.to_string());
            }
            _ => {}
        }
    }
}

/// What stands between the braces of an `impl` as an item: `impl Type { … }`.
pub(super) fn within_impl(self_type: &str, tokens: TokenStream) -> TokenStream {
    let word = |text: &str| TokenTree::Ident(Ident::new(text, Span::call_site()));
    let body = TokenTree::Group(Group::new(Delimiter::Brace, tokens));
    [word("impl"), word(self_type), body].into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::Rules;

    /// Without white space, which says nothing.
    fn expanded(rules: &str, tokens: &str) -> Option<String> {
        let rules = Rules::parse(rules.parse().unwrap());
        let text = rules.expand(&tokens.parse().unwrap())?.to_string();
        Some(text.split_whitespace().collect())
    }

    #[test]
    fn repetitions_within_repetitions() {
        let rules = "($($(#[$doc:meta])* $name:ident($value:ty) $operator:literal;)*) => {
            impl C {$( $(#[$doc])* pub fn $name(v: $value) { $operator } )*}
        };";
        let tokens = "#[doc = \"a\"] one(Vec<(u8, u8)>) \"One\"; two(u8) \"Two\";";
        assert_eq!(
            expanded(rules, tokens).unwrap(),
            "implC{#[doc=\"a\"]pubfnone(v:Vec<(u8,u8)>){\"One\"}pubfntwo(v:u8){\"Two\"}}"
        );
    }

    #[test]
    fn the_first_arm_that_matches() {
        let rules = "($name:ident, |$it:ident| $e:expr) => { closure $name }; ($name:ident, $e:expr) => { function $name };";
        assert_eq!(expanded(rules, "A, |a| a.b").unwrap(), "closureA");
        assert_eq!(expanded(rules, "A, build").unwrap(), "functionA");
        assert_eq!(expanded(rules, "1, build"), None);
    }

    #[test]
    fn signs_between_and_after() {
        let rules = "(pub struct $n:ident($($need:ident: $t:tt => $m:literal),* $(,)?)) => { $n ($($need: $t),*) $crate };";
        assert_eq!(
            expanded(rules, "pub struct A(b: [C] => \"B\", d: E => \"D\",)").unwrap(),
            "A(b:[C],d:E)crate"
        );
    }
}
