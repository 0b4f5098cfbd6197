//! Addresses of hosts as bytes: `socket.inet_aton`, `socket.inet_pton`.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::args::Args;
use super::{Flow, FoldContext, Row};
use crate::value::Value;

pub(super) const TABLE: &[Row] =
    &[("socket.inet_aton", Flow::Decode, inet_aton), ("socket.inet_pton", Flow::Decode, inet_pton)];

/// Only with four parts: `1.2` is an address, too, but none that anybody writes.
fn inet_aton(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let address: Ipv4Addr = text.as_str()?.parse().ok()?;
    cx.make_bytes(address.octets().to_vec())
}

fn inet_pton(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [_, text] = args.exactly()?;
    let text = text.as_str()?;
    let v4 = text.parse().ok().map(|address: Ipv4Addr| address.octets().to_vec());
    let bytes = v4.or_else(|| text.parse().ok().map(|address: Ipv6Addr| address.octets().to_vec()))?;
    cx.make_bytes(bytes)
}
