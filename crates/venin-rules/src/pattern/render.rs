//! Prints a pattern in canonical form; what is printed reads back to an equal pattern.

use std::fmt::{self, Display, Formatter};

use super::{
    Atom, Chain, Choice, Distinct, Link, Pattern, RegexText, Repeat, Selector, Step, Subject, Test, TextTest,
    WhenPart, Word,
};

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        render_joined(f, &self.chains, " & ")?;
        self.unless.iter().try_for_each(|chain| write!(f, " unless {chain}"))
    }
}

impl Display for Chain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_bare = self.steps().count() == 1
            && self.steps().any(|s| {
                s.choices.iter().any(|c| !matches!(c.selector, Selector::Class(_) | Selector::Call(_)))
            });
        if is_bare {
            return render_joined(f, &self.links, " -> ");
        }
        f.write_str("S -> ")?;
        render_joined(f, &self.links, " -> ")?;
        f.write_str(" -> E")
    }
}

impl Display for Link {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => step.fmt(f),
            Self::Optional(steps) => {
                f.write_str("[")?;
                render_joined(f, steps, " -> ")?;
                f.write_str("]")
            }
        }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.choices.as_slice() {
            [only] => only.fmt(f)?,
            several => {
                f.write_str("(")?;
                render_joined(f, several, " | ")?;
                f.write_str(")")?;
            }
        }
        render_tests(f, self.test.as_ref())?;
        if let Some(repeat) = self.repeat {
            repeat.fmt(f)?;
        }
        self.name.iter().try_for_each(|name| write!(f, ":{}", name.text))
    }
}

impl Display for Choice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.selector.fmt(f)?;
        render_tests(f, self.test.as_ref())
    }
}

impl Display for Selector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => class.fmt(f),
            Self::Call(glob) => write!(f, "`{}`", glob.as_str()),
            Self::Fact(glob) => write!(f, "fact({})", glob.as_str()),
            Self::Bound(name) => f.write_str(&name.text),
        }
    }
}

impl Display for Repeat {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.distinct {
            None => write!(f, "{{{}}}", self.least),
            Some(Distinct::Name) => write!(f, "{{{}, distinct name}}", self.least),
            // The role `name` would read as the qualified name; the study's spelling of roles ignores case.
            Some(Distinct::Role(venin_model::Role::Name)) => write!(f, "{{{}, distinct NAME}}", self.least),
            Some(Distinct::Role(role)) => write!(f, "{{{}, distinct {role}}}", self.least),
        }
    }
}

fn render_tests(f: &mut Formatter<'_>, test: Option<&Test>) -> fmt::Result {
    match test {
        None => Ok(()),
        Some(test) => write!(f, "({test})"),
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(tests) => render_nested(f, tests, ", ", |t| matches!(t, Self::All(_))),
            Self::Either(tests) => {
                render_nested(f, tests, " or ", |t| matches!(t, Self::All(_) | Self::Either(_)))
            }
            Self::Not(test) => {
                f.write_str("not ")?;
                render_nested(f, std::slice::from_ref(&**test), "", |t| {
                    matches!(t, Self::All(_) | Self::Either(_))
                })
            }
            Self::Atom(atom) => atom.fmt(f),
        }
    }
}

fn render_nested(
    f: &mut Formatter<'_>,
    tests: &[Test],
    sign: &str,
    needs_parentheses: fn(&Test) -> bool,
) -> fmt::Result {
    for (i, test) in tests.iter().enumerate() {
        if i > 0 {
            f.write_str(sign)?;
        }
        if needs_parentheses(test) {
            write!(f, "({test})")?;
        } else {
            test.fmt(f)?;
        }
    }
    Ok(())
}

impl Display for Atom {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(subject) => subject.fmt(f),
            Self::Text(subject, test) => write!(f, "{subject} {test}"),
            Self::Is(subject, words) => {
                write!(f, "{subject} is ")?;
                render_words(f, words, " | ")
            }
            Self::Size(subject, compare, number) => write!(f, "{subject}.size {compare} {number}"),
            Self::Number(subject, compare, number) => write!(f, "{subject} {compare} {number}"),
            Self::From(subject, words) => {
                write!(f, "{subject} from ")?;
                match words.as_slice() {
                    [only] => f.write_str(&only.text),
                    several => {
                        f.write_str("(")?;
                        render_words(f, several, ", ")?;
                        f.write_str(")")
                    }
                }
            }
            Self::Trigger(triggers) => {
                f.write_str("trigger in (")?;
                render_joined(f, triggers, ", ")?;
                f.write_str(")")
            }
            Self::Automatic => f.write_str("automatic"),
            Self::Unused => f.write_str("unused"),
            Self::Layer(compare, number) => write!(f, "layer {compare} {number}"),
            Self::WhenKind(word) => write!(f, "when {}", word.text),
            Self::When(WhenPart::Both, test) => write!(f, "when {test}"),
            Self::When(part, test) => write!(f, "when {part} {test}"),
        }
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role, None) => role.fmt(f),
            Self::Role(role, Some(keyword)) => write!(f, "{role}[{keyword}]"),
            Self::Any => f.write_str("any"),
            Self::Input => f.write_str("input"),
            Self::Call => f.write_str("call"),
            Self::Member => f.write_str("member"),
            Self::Function => f.write_str("function"),
            Self::Site => f.write_str("site"),
            Self::DecodedBy => f.write_str("decoded by"),
            Self::Detail(name) => f.write_str(name),
        }
    }
}

impl Display for TextTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches(regex) => write!(f, "~ {regex}"),
            Self::Equals(text) => write!(f, "= \"{}\"", escape(text)),
            Self::In(list) => write!(f, "in @{}", list.text),
        }
    }
}

impl Display for RegexText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let flags = match (self.ignores_case, self.dot_matches_line) {
            (false, false) => "",
            (true, false) => "i",
            (false, true) => "s",
            (true, true) => "is",
        };
        write!(f, "/{}/{flags}", escape_slashes(&self.source))
    }
}

/// `/` becomes `\/`; a backslash and what follows it stay together.
fn escape_slashes(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '/' => out.push_str("\\/"),
            '\\' => {
                out.push(c);
                out.extend(chars.next());
            }
            c => out.push(c),
        }
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
    out
}

fn render_words(f: &mut Formatter<'_>, words: &[Word], sign: &str) -> fmt::Result {
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            f.write_str(sign)?;
        }
        f.write_str(&word.text)?;
    }
    Ok(())
}

fn render_joined<T: Display>(f: &mut Formatter<'_>, items: &[T], sign: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(sign)?;
        }
        item.fmt(f)?;
    }
    Ok(())
}
