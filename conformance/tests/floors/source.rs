//! The paths that a source file names.

/// A path as it is written: `crate::trace::Step`, one text for each segment.
pub(crate) type Names = Vec<String>;

/// What a file contains about other files.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// `mod name;`
    pub(crate) children: Vec<String>,
    /// The imports of `use`: the path, the name that it gets, and whether others may use it from here.
    pub(crate) imports: Vec<Import>,
    /// Paths in the code that begin with `crate`, `super`, `self` or a child.
    pub(crate) paths: Vec<Names>,
}

#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: Names,
    pub(crate) name: String,
    pub(crate) is_public: bool,
}

impl Source {
    /// Reads a file, without its comments, its texts and its tests.
    pub(crate) fn read(text: &str) -> Self {
        let tokens = without_tests(tokens(text));
        let mut source = Self::default();
        // The ends of inline modules: `super` in one of them is the file itself.
        let (mut inline, mut depth, mut at) = (Vec::new(), 0_usize, 0);
        while let Some(token) = tokens.get(at) {
            let next = |ahead: usize| tokens.get(at + ahead).map_or("", String::as_str);
            match token.as_str() {
                // With a `#[path = ".."]` above it, the file is somewhere else.
                "mod" if next(2) == ";" && tokens[..at].ends_with(&["=".to_owned(), "]".to_owned()]) => {}
                "mod" if next(2) == ";" => source.children.push(next(1).to_owned()),
                "mod" if next(2) == "{" => inline.push(depth),
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    inline.pop_if(|start| *start == depth);
                }
                // `use<'a>` in a type is not an import.
                "use" if next(1) != "<" => {
                    let is_public = at > 0 && matches!(tokens[at - 1].as_str(), "pub" | ")");
                    at += 1;
                    for (path, name) in tree(&tokens, &mut at, &Names::new()) {
                        let path = outside(path, inline.len());
                        source.imports.push(Import { path, name, is_public });
                    }
                }
                first if is_word(first) && next(1) == "::" && (at == 0 || tokens[at - 1] != "::") => {
                    let mut path = vec![first.to_owned()];
                    while tokens.get(at + 1).is_some_and(|token| token == "::")
                        && tokens.get(at + 2).is_some_and(|token| is_word(token))
                    {
                        path.push(tokens[at + 2].clone());
                        at += 2;
                    }
                    source.paths.push(outside(path, inline.len()));
                }
                _ => {}
            }
            at += 1;
        }
        source
    }
}

/// The paths and names of a `use` tree, including the token after it.
fn tree(tokens: &[String], at: &mut usize, head: &Names) -> Vec<(Names, String)> {
    let mut path = head.clone();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match token.as_str() {
            "{" => {
                let mut all = Vec::new();
                while tokens.get(*at).is_some_and(|token| !matches!(token.as_str(), "}" | ";")) {
                    all.extend(tree(tokens, at, &path));
                    if tokens.get(*at).is_some_and(|token| token == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return all;
            }
            "," | "}" | ";" => {
                *at -= 1;
                break;
            }
            "as" => {
                let name = tokens.get(*at).cloned().unwrap_or_default();
                *at += 1;
                return vec![(path, name)];
            }
            "::" => {}
            // `use a::b::{self}` means `b`.
            "self" if !path.is_empty() => {}
            word => path.push(word.to_owned()),
        }
    }
    let name = path.last().cloned().unwrap_or_default();
    vec![(path, name)]
}

/// A path as it is written outside of `inline` inline modules.
fn outside(mut path: Names, inline: usize) -> Names {
    for left in (0..inline).rev() {
        match path.first().map(String::as_str) {
            Some("super") if left == 0 => path[0] = "self".to_owned(),
            Some("super") => drop(path.remove(0)),
            _ => {}
        }
    }
    path
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Drops each item below `#[cfg(test)]`.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if !tokens[at..].iter().map(String::as_str).take(MARK.len()).eq(MARK) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let mut depth = 0_usize;
        for token in &tokens[at + MARK.len()..] {
            at += 1;
            match token.as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(token.as_str(), ";" | "}") {
                break;
            }
        }
        at += MARK.len();
    }
    kept
}

/// The tokens: words, `::`, and other single characters, without comments, texts and character literals.
fn tokens(text: &str) -> Vec<String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let len = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
            let end = format!("\"{}", "#".repeat(hashes));
            rest.get(hashes + 2..).and_then(|text| text.find(&end)).map_or(1, |at| hashes + 2 + at + end.len())
        } else if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if first == '\'' {
            // A lifetime has no second quote.
            let mut quoted = rest[1..].char_indices();
            let is_escape = quoted.next().is_some_and(|(_, c)| c == '\\');
            match rest[1..].find('\'').filter(|end| is_escape || quoted.next().is_some_and(|(at, _)| at == *end)) {
                Some(0 | 1) if rest.starts_with("'\\''") => 4,
                Some(end) => end + 2,
                None => 1,
            }
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else if is_word(rest) || first.is_ascii_digit() {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..len].to_owned());
            len
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[len..];
    }
    tokens
}

#[test]
fn paths_are_found_where_they_are_written() {
    let source = Source::read(
        r#"
        //! See crate::no.
        pub mod child;
        pub(crate) use child::{Thing, deep::{self, Other as Another}};
        use super::above;
        #[cfg(test)]
        mod tests;
        mod inline { use super::super::beside; fn act() { super::own::act() } }
        fn act<'a>(text: &'a str) -> char { crate::below::act("crate::no", '"', '\''); child::act(); 'x' }
        #[cfg(test)]
        fn sample() -> crate::no::Sample { loop {} }
        "#,
    );
    assert_eq!(source.children, ["child"]);
    let imports: Vec<_> =
        source.imports.iter().map(|one| (one.path.join("::"), one.name.as_str(), one.is_public)).collect();
    let expected = [
        ("child::Thing", "Thing", true),
        ("child::deep", "deep", true),
        ("child::deep::Other", "Another", true),
        ("super::above", "above", false),
        ("self::super::beside", "beside", false),
    ];
    assert_eq!(imports, expected.map(|(path, name, public)| (path.to_owned(), name, public)));
    let paths: Vec<_> = source.paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["self::own::act", "crate::below::act", "child::act"]);
}
