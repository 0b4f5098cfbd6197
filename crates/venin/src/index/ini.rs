//! The configuration format of pip, as far as pip's own files use Python's `configparser`.

/// Options by section, in the order of the file; names in lower case with dashes.
pub(super) fn parse_ini(text: &str) -> Vec<(String, String, String)> {
    let mut section = String::new();
    let mut options: Vec<(String, String, String)> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            name.trim().clone_into(&mut section);
        } else if line.starts_with(char::is_whitespace)
            && options.last().is_some_and(|(s, _, _)| *s == section)
        {
            if let Some((_, _, value)) = options.last_mut() {
                value.push('\n');
                value.push_str(trimmed);
            }
        } else if let Some((name, value)) = trimmed.split_once(['=', ':']) {
            let name = name.trim().to_ascii_lowercase().replace('_', "-");
            options.push((section.clone(), name, value.trim().to_owned()));
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_lines_belong_to_their_option() {
        let options = parse_ini(
            "[global]\nextra_index-URL =\n  https://a.example\n  https://b.example\n; no\ncert: x\n",
        );
        assert_eq!(
            options,
            [
                ("global".into(), "extra-index-url".into(), "\nhttps://a.example\nhttps://b.example".into()),
                ("global".into(), "cert".into(), "x".into())
            ]
        );
    }
}
