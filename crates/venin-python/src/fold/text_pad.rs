//! Padding of strings and bytes.

use super::args::{Args, int_or};
use super::text::Text;
use super::{Flow, FoldContext, Row};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("str.center", Flow::Shallow, center),
    ("bytes.center", Flow::Shallow, center),
    ("str.ljust", Flow::Shallow, ljust),
    ("bytes.ljust", Flow::Shallow, ljust),
    ("str.rjust", Flow::Shallow, rjust),
    ("bytes.rjust", Flow::Shallow, rjust),
    ("str.zfill", Flow::Shallow, zfill),
    ("bytes.zfill", Flow::Shallow, zfill),
    ("str.expandtabs", Flow::Shallow, expandtabs),
    ("bytes.expandtabs", Flow::Shallow, expandtabs),
];

/// Pads to a width; the share of the padding that goes to the left is chosen by the caller.
fn pad(
    cx: &mut FoldContext<'_>,
    args: Args<'_>,
    left: fn(padding: usize, width: usize) -> usize,
) -> Option<Value> {
    let [text, width, fill] = args.bind(cx, [""; 3])?;
    let text = Text::of(cx, text?)?;
    let width = usize::try_from(width?.as_int()?).unwrap_or(0);
    let fill = fill.map_or(Some(b" ".to_vec()), |f| {
        let fill = text.partner(cx, f)?;
        (fill.len() == 1).then(|| fill.data.into_owned())
    })?;
    let padding = width.saturating_sub(text.len());
    let before = left(padding, width);
    if padding.saturating_mul(fill.len()) > FoldContext::MAX_BYTES {
        return None;
    }
    cx.work(padding)?;
    let mut out = fill.repeat(before);
    out.extend_from_slice(&text.data);
    out.extend(fill.repeat(padding - before));
    text.make(cx, out)
}

fn center(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    // CPython gives the odd one to the left when the width is odd.
    pad(cx, args, |padding, width| padding / 2 + (padding & width & 1))
}

fn ljust(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    pad(cx, args, |_, _| 0)
}

fn rjust(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    pad(cx, args, |padding, _| padding)
}

fn zfill(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, width] = args.exactly()?;
    let text = Text::of(cx, text)?;
    let padding = usize::try_from(width.as_int()?).unwrap_or(0).saturating_sub(text.len());
    if padding > FoldContext::MAX_BYTES {
        return None;
    }
    cx.work(padding)?;
    let sign = usize::from(matches!(text.data.first(), Some(b'+' | b'-')));
    let mut out = text.data.get(..sign)?.to_vec();
    out.resize(sign + padding, b'0');
    out.extend_from_slice(text.data.get(sign..)?);
    text.make(cx, out)
}

fn expandtabs(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, size] = args.bind(cx, ["", "tabsize"])?;
    let text = Text::of(cx, text?)?;
    let size = usize::try_from(int_or(size, 8)?).unwrap_or(0);
    let tabs = text.data.iter().filter(|b| **b == b'\t').count();
    if size.saturating_mul(tabs) > FoldContext::MAX_BYTES {
        return None;
    }
    cx.work(size.saturating_mul(tabs))?;
    let mut out = Vec::with_capacity(text.data.len());
    let mut column = 0;
    for byte in text.data.iter() {
        match byte {
            b'\t' if size > 0 => {
                let spaces = size - column % size;
                out.resize(out.len() + spaces, b' ');
                column += spaces;
            }
            b'\t' => {}
            b'\n' | b'\r' => {
                out.push(*byte);
                column = 0;
            }
            _ => {
                out.push(*byte);
                column += usize::from(!text.is_str() || (byte & 0xC0) != 0x80);
            }
        }
    }
    text.make(cx, out)
}
