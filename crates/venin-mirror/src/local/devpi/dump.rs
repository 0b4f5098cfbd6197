//! The serial form in which devpi keeps values: a stack machine with one-letter codes and big-endian lengths.
//!
//! Read as devpi-server 6 writes it.  Lengths are checked against what is left, values and nesting are counted.

/// Most values in one text.
const MAX_VALUES: usize = 4_000_000;
/// Deepest nesting.
const MAX_DEPTH: u32 = 64;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum DumpValue {
    /// Nothing, a number that does not fit, or anything else that no reader here needs.
    Other,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list, tuple or set.
    List(Vec<DumpValue>),
    /// A dictionary, in the order of the text.
    Dictionary(Vec<(DumpValue, DumpValue)>),
}

impl DumpValue {
    /// The value of a key; the last one when the key stands there twice.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Dictionary(items) = self else { return None };
        items.iter().rev().find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list, tuple or set; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

/// A value and how deeply it nests; so deep that dropping it cannot exhaust the stack.
type Item = (DumpValue, u32);

struct Reader<'a> {
    rest: &'a [u8],
    stack: Vec<Item>,
}

/// Reads one value.
///
/// # Errors
/// What is wrong with the bytes, one clause.
pub fn parse_dump(bytes: &[u8]) -> Result<DumpValue, String> {
    let mut reader = Reader { rest: bytes, stack: Vec::new() };
    for _ in 0..MAX_VALUES {
        let code = reader.take(1)?.first().copied().unwrap_or_default();
        if code == b'Q' {
            return match (reader.stack.pop(), reader.stack.is_empty()) {
                (Some((value, _)), true) => Ok(value),
                _ => Err("not exactly one value".to_owned()),
            };
        }
        reader.step(code)?;
    }
    Err(format!("more than {MAX_VALUES} values"))
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<i32, String> {
        let bytes = self.take(4)?.try_into().map_err(|_| "it ends too early")?;
        Ok(i32::from_be_bytes(bytes))
    }

    fn length(&mut self) -> Result<usize, String> {
        usize::try_from(self.number()?).map_err(|_| "a negative length".to_owned())
    }

    fn push(&mut self, value: DumpValue) {
        self.stack.push((value, 0));
    }

    fn pop(&mut self) -> Result<Item, String> {
        self.stack.pop().ok_or_else(|| "not enough values".to_owned())
    }

    fn step(&mut self, code: u8) -> Result<(), String> {
        match code {
            b'L' => self.push(DumpValue::Other),
            b'C' => self.push(DumpValue::Bool(false)),
            b'R' => self.push(DumpValue::Bool(true)),
            b'D' => self.skip(8)?,
            b'T' => self.skip(16)?,
            b'F' | b'G' => {
                let number = i64::from(self.number()?);
                self.push(DumpValue::Integer(number));
            }
            b'H' | b'I' => {
                let length = self.length()?;
                let number = std::str::from_utf8(self.take(length)?).ok().and_then(|text| text.parse().ok());
                self.push(number.map_or(DumpValue::Other, DumpValue::Integer));
            }
            b'A' | b'M' | b'N' | b'S' => {
                let length = self.length()?;
                let text = String::from_utf8_lossy(self.take(length)?).into_owned();
                self.push(DumpValue::Text(text));
            }
            b'J' => self.push(DumpValue::Dictionary(Vec::new())),
            b'K' => {
                // Every item of the list is still to come and takes bytes of its own.
                let length = self.length()?;
                if length > self.rest.len() {
                    return Err("a list longer than what is left".to_owned());
                }
                self.push(DumpValue::List(vec![DumpValue::Other; length]));
            }
            b'@' | b'E' | b'O' => self.collect()?,
            b'P' => self.set_item()?,
            code => return Err(format!("unknown code {code:#04x}")),
        }
        Ok(())
    }

    fn skip(&mut self, length: usize) -> Result<(), String> {
        self.take(length)?;
        self.push(DumpValue::Other);
        Ok(())
    }

    /// The last values become one.
    fn collect(&mut self) -> Result<(), String> {
        let length = self.length()?;
        let at = self.stack.len().checked_sub(length).ok_or("not enough values")?;
        let items = self.stack.split_off(at);
        let depth = deeper(items.iter().map(|(_, depth)| *depth).max().unwrap_or(0))?;
        let items = items.into_iter().map(|(value, _)| value).collect();
        self.stack.push((DumpValue::List(items), depth));
        Ok(())
    }

    /// The last two values become an item of the one before.
    fn set_item(&mut self) -> Result<(), String> {
        let ((value, inner), (key, _)) = (self.pop()?, self.pop()?);
        let (target, depth) = self.stack.last_mut().ok_or("not enough values")?;
        *depth = deeper(inner)?.max(*depth);
        match (target, key) {
            (DumpValue::Dictionary(items), key) => items.push((key, value)),
            (DumpValue::List(items), DumpValue::Integer(at)) => {
                let slot = usize::try_from(at).ok().and_then(|at| items.get_mut(at));
                *slot.ok_or("an item outside of its list")? = value;
            }
            _ => return Err("an item of something that has none".to_owned()),
        }
        Ok(())
    }
}

fn deeper(depth: u32) -> Result<u32, String> {
    if depth >= MAX_DEPTH { Err(format!("nested deeper than {MAX_DEPTH}")) } else { Ok(depth + 1) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(value: &str) -> Vec<u8> {
        let length = u32::try_from(value.len()).unwrap();
        [&b"N"[..], &length.to_be_bytes(), value.as_bytes()].concat()
    }

    #[test]
    fn a_dictionary_with_a_list_of_tuples_is_read() {
        let mut bytes = b"J".to_vec();
        bytes.extend(text("links"));
        bytes.extend(b"K\0\0\0\x01F\0\0\0\0");
        bytes.extend(text("key"));
        bytes.extend(text("href"));
        bytes.extend(b"L@\0\0\0\x03PPQ");
        let value = parse_dump(&bytes).unwrap();
        let link = &value.get("links").unwrap().items()[0];
        assert_eq!(link.items()[1].text(), Some("href"));
    }

    #[test]
    fn hostile_bytes_are_an_error_and_never_a_panic() {
        let deep = [b"L".to_vec(), b"@\0\0\0\x01".repeat(100_000), b"Q".to_vec()].concat();
        let cases: [&[u8]; 8] = [
            b"",
            b"Q",
            b"LLQ",
            b"N\x7f\xff\xff\xffa",
            b"K\x7f\xff\xff\xffQ",
            b"@\0\0\0\x05Q",
            b"LLLPQ",
            b"ZQ",
        ];
        for bytes in cases.into_iter().chain([deep.as_slice()]) {
            assert!(parse_dump(bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_dump(&bytes);
        }
    }
}
