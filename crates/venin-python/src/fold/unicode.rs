//! The character classes that Python's string methods ask for.

/// Whether `str.isspace` holds for a character.
pub(super) fn is_space(c: char) -> bool {
    // Python adds the four information separators to the White_Space property.
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// Whether `str.splitlines` ends a line at a character.
pub(super) const fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\x0b' | '\x0c' | '\r' | '\x1c' | '\x1d' | '\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether `repr` writes a character as it is.
pub(super) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Only the first character of a text is escaped for being a combining mark, so a letter goes before it.
    let mut probe = String::with_capacity(5);
    probe.push('a');
    probe.push(c);
    probe.escape_debug().nth(1) != Some('\\')
}

/// Lower case of a text, as `str.lower` makes it.
pub(super) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// The lower case of each character of a text where it stands: a sigma that ends a word has a form of its own.
pub(super) fn lower_in_place(text: &str) -> impl Iterator<Item = (char, String)> {
    let lowered: Vec<char> = text.to_lowercase().chars().collect();
    let mut at = 0;
    let pairs: Vec<(char, String)> = text
        .chars()
        .map(|c| {
            let end = at + c.to_lowercase().count();
            let lower = lowered.get(at..end).unwrap_or(&[]).iter().collect();
            at = end;
            (c, lower)
        })
        .collect();
    pairs.into_iter()
}

/// Upper case of a text, as `str.upper` makes it.
pub(super) fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// Title case of a character.
pub(super) fn title(c: char) -> String {
    match c {
        // The digraphs with a title case of their own.
        '\u{1c4}'..='\u{1c6}' => "\u{1c5}".to_owned(),
        '\u{1c7}'..='\u{1c9}' => "\u{1c8}".to_owned(),
        '\u{1ca}'..='\u{1cc}' => "\u{1cb}".to_owned(),
        '\u{1f1}'..='\u{1f3}' => "\u{1f2}".to_owned(),
        'ß' => "Ss".to_owned(),
        _ => c.to_uppercase().collect(),
    }
}

/// Whether a character has a case.
pub(super) fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || matches!(c, '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}')
}

/// Case folding, as `str.casefold` makes it.
pub(super) fn casefold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ı' => out.push('ı'),
            'İ' => out.push_str("i\u{307}"),
            _ => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    out
}
