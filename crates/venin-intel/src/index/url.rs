//! HTTP URLs: parts, joining, and a form without secrets.
//!
//! Covers what index pages use of RFC 3986: absolute, scheme-relative, host-relative and relative references, and
//! dot segments.  Schemes other than `http` and `https` are refused.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An `http` or `https` URL.  Shown without its credentials, in `Debug` too.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpUrl {
    is_secure: bool,
    /// `user:password` as written, percent-encoded.
    userinfo: Option<String>,
    /// `host` or `host:port`, lower case.
    authority: String,
    /// Path and query, beginning with a slash.
    path: String,
}

impl HttpUrl {
    /// Reads an absolute URL; the fragment is dropped.  `None` when it is no HTTP URL or holds white space.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        let (userinfo, authority) = match authority.rsplit_once('@') {
            Some((userinfo, authority)) => (Some(userinfo.to_owned()), authority),
            None => (None, authority),
        };
        if authority.is_empty() || authority.starts_with(':') {
            return None;
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Some(Self { is_secure, userinfo, authority: authority.to_ascii_lowercase(), path })
    }

    /// Resolves a reference found on the page at this URL.  Credentials stay with their host.
    pub fn join(&self, reference: &str) -> Option<Self> {
        let reference = reference.trim().split('#').next().unwrap_or_default();
        if let Some(rest) = reference.strip_prefix("//") {
            return Self::parse(&format!("{}://{rest}", self.scheme()))
                .map(|url| url.with_credentials_of(self));
        }
        if has_scheme(reference) {
            return Self::parse(reference).map(|url| url.with_credentials_of(self));
        }
        let own_path = self.path.split('?').next().unwrap_or_default();
        let path = if reference.is_empty() {
            own_path.to_owned()
        } else if reference.starts_with('/') {
            reference.to_owned()
        } else {
            let directory = own_path.rsplit_once('/').map_or("", |(directory, _)| directory);
            format!("{directory}/{reference}")
        };
        if path.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return None;
        }
        Some(Self { path: remove_dot_segments(&path), ..self.clone() })
    }

    fn with_credentials_of(mut self, base: &Self) -> Self {
        if self.userinfo.is_none() && self.authority == base.authority && self.is_secure == base.is_secure {
            self.userinfo.clone_from(&base.userinfo);
        }
        self
    }

    fn scheme(&self) -> &'static str {
        if self.is_secure { "https" } else { "http" }
    }

    /// Whether the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The same URL with further path segments, which must be free of special characters, and a final slash.
    pub fn directory(&self, segment: &str) -> Self {
        let path = self.path.split('?').next().unwrap_or_default().trim_end_matches('/');
        Self { path: format!("{path}/{segment}/"), ..self.clone() }
    }

    /// The same address, with the credentials of `base` and no others, where it lies below that one.
    ///
    /// It does not when a dot segment, written plainly or encoded, could lead out.
    #[must_use]
    pub fn below(&self, base: &Self) -> Option<Self> {
        let is_dots = |segment: &str| matches!(decode_percent(segment).as_slice(), b"." | b"..");
        let plain = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
        let (own, folder) = (plain(&self.path), plain(&base.path));
        let rest = own.strip_prefix(folder.trim_end_matches('/'))?;
        let is_below = (self.is_secure, &self.authority) == (base.is_secure, &base.authority)
            && rest.starts_with('/')
            && !own.split(['/', '\\']).any(is_dots);
        is_below.then(|| Self { userinfo: base.userinfo.clone(), ..self.clone() })
    }

    /// What goes to the server: no credentials.
    pub fn request_url(&self) -> String {
        format!("{}://{}{}", self.scheme(), self.authority, self.path)
    }

    /// The same URL without its credentials.
    #[must_use]
    pub fn without_credentials(&self) -> Self {
        Self { userinfo: None, ..self.clone() }
    }

    /// The value of the `Authorization` header for the credentials, if there are any (RFC 7617).
    pub fn authorization(&self) -> Option<String> {
        let userinfo = self.userinfo.as_deref()?;
        let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
        let plain = [decode_percent(user), decode_percent(password)].join(&b':');
        Some(format!("Basic {}", STANDARD.encode(plain)))
    }

    /// The last segment of the path, decoded.
    pub fn file_name(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        String::from_utf8_lossy(&decode_percent(name)).into_owned()
    }
}

/// Shows the user but not the password; a lone user is a token and not shown either.
impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = match self.userinfo.as_deref().map(|u| u.split_once(':')) {
            None => String::new(),
            Some(Some((user, _))) => format!("{user}:***@"),
            Some(None) => "***@".to_owned(),
        };
        write!(f, "{}://{user}{}{}", self.scheme(), self.authority, self.path)
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpUrl({self})")
    }
}

/// Percent-encodes what may not stand in the path of an address.
#[must_use]
pub fn encode_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/+@!$&'(),;=:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Text that may be a URL with credentials, without them.
pub fn mask_credentials(text: &str) -> String {
    match HttpUrl::parse(text) {
        Some(url) => url.to_string(),
        None => match (text.find("://"), text.rfind('@')) {
            (Some(scheme), Some(at)) if scheme + 3 <= at => {
                format!(
                    "{}***{}",
                    text.get(..scheme + 3).unwrap_or_default(),
                    text.get(at..).unwrap_or_default()
                )
            }
            _ => text.to_owned(),
        },
    }
}

fn has_scheme(reference: &str) -> bool {
    let scheme = reference
        .split(['/', '?', '#'])
        .next()
        .and_then(|head| head.split_once(':'))
        .map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| {
        s.starts_with(|c: char| c.is_ascii_alphabetic()) && s.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// RFC 3986, 5.2.4; the query stays as it is.
fn remove_dot_segments(path: &str) -> String {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (path, String::new()),
    };
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    for segment in &segments {
        match *segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    if matches!(segments.last(), Some(&"." | &"..")) {
        kept.push("");
    }
    format!("/{}{query}", kept.join("/"))
}

/// Bytes of a percent-encoded text; stray percent signs stay.
fn decode_percent(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair =
            (byte == b'%').then(|| Some((hex_digit(ahead.next()?)?, hex_digit(ahead.next()?)?))).flatten();
        match pair {
            Some((high, low)) => {
                decoded.push(high << 4 | low);
                bytes = ahead;
            }
            None => decoded.push(byte),
        }
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> HttpUrl {
        HttpUrl::parse(text).unwrap()
    }

    #[test]
    fn credentials_are_never_shown_but_sent() {
        let index = url("https://bob:s%40cret@index.example/simple");
        assert_eq!(index.to_string(), "https://bob:***@index.example/simple");
        assert_eq!(format!("{index:?}"), "HttpUrl(https://bob:***@index.example/simple)");
        assert_eq!(index.request_url(), "https://index.example/simple");
        assert_eq!(index.authorization().unwrap(), format!("Basic {}", STANDARD.encode("bob:s@cret")));
        assert_eq!(url("https://token@index.example").to_string(), "https://***@index.example/");
        assert_eq!(mask_credentials("ftp://a:b@index.example"), "ftp://***@index.example");
    }

    #[test]
    fn credentials_stay_with_their_host() {
        let page = url("https://bob:secret@index.example/simple/six/");
        assert!(page.join("../../files/six.whl").unwrap().authorization().is_some());
        assert!(page.join("https://index.example/f").unwrap().authorization().is_some());
        assert!(page.join("https://files.example/f").unwrap().authorization().is_none());
        assert!(page.join("http://index.example/f").unwrap().authorization().is_none());
        assert!(page.join("//files.example/f").unwrap().authorization().is_none());
    }

    #[test]
    fn references_are_resolved_as_browsers_do() {
        let page = url("http://index.example/simple/six/?a=b");
        let joined = |reference| page.join(reference).map(|u| u.request_url());
        assert_eq!(joined("../../f/six.whl#sha256=ab").as_deref(), Some("http://index.example/f/six.whl"));
        assert_eq!(joined("six.whl").as_deref(), Some("http://index.example/simple/six/six.whl"));
        assert_eq!(joined("/f?x=../y").as_deref(), Some("http://index.example/f?x=../y"));
        assert_eq!(joined("../../../../up").as_deref(), Some("http://index.example/up"));
        assert_eq!(joined("ftp://index.example/f"), None);
        assert_eq!(joined("javascript:alert(1)"), None);
        assert_eq!(joined("a b"), None);
    }

    #[test]
    fn only_http_urls_with_a_host_are_urls() {
        for text in ["", "index.example", "file:///etc", "https://", "https:///x", "https://a b/"] {
            assert!(HttpUrl::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_file_name_is_decoded() {
        assert_eq!(url("https://index.example/f/a%2Bb-1%zz.whl?x").file_name(), "a+b-1%zz.whl");
    }
}
