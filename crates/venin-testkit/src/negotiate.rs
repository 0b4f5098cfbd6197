//! Which form of a page a request wants.

use crate::http::{Received, Reply};

pub(crate) const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "application/vnd.pypi.simple.v1+html";
const TEXT_HTML: &str = "text/html";

/// The media type of a simple page: of those the client takes the one it likes best, of equals the oldest form.
/// Without a header, or with one that fits nothing, `text/html`.
pub(crate) fn page_type(request: &Received) -> &'static str {
    let Some(accept) = request.header("accept") else { return TEXT_HTML };
    let mut best = (TEXT_HTML, 0.0);
    for offer in [TEXT_HTML, HTML, JSON] {
        let liking = liking(accept, offer);
        if liking > best.1 {
            best = (offer, liking);
        }
    }
    best.0
}

/// The weight that the most exact range of the header gives to a media type; 0 for none.
fn liking(accept: &str, offer: &str) -> f32 {
    let family = offer.split('/').next().unwrap_or_default();
    let mut found = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        let exactness = match media_type {
            "*/*" => 1,
            _ if media_type == format!("{family}/*") => 2,
            _ if media_type.eq_ignore_ascii_case(offer) => 3,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if exactness > found.0 {
            found = (exactness, weight);
        }
    }
    found.1
}

/// The answer, or 304 if the client has it already.
pub(crate) fn unless_known(request: &Received, reply: Reply, tag: &str) -> Reply {
    let known = request.header("if-none-match").unwrap_or_default();
    let is_known =
        known.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|t| t == tag || t == "*");
    let reply = reply.with("etag", tag);
    if is_known && reply.status == 200 {
        return Reply { status: 304, body: Vec::new(), ..reply };
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_type_for(accept: &str) -> &'static str {
        page_type(&Received {
            method: "GET".into(),
            target: "/simple/".into(),
            headers: vec![("accept".into(), accept.into())],
            body: Vec::new(),
        })
    }

    #[test]
    fn the_client_gets_the_form_it_likes_best() {
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        assert_eq!(page_type_for(pip), JSON);
        assert_eq!(page_type_for("application/vnd.pypi.simple.v1+html"), HTML);
        assert_eq!(page_type_for("*/*"), TEXT_HTML);
        assert_eq!(page_type_for("text/html;q=0.1, */*;q=0.2"), HTML);
        assert_eq!(page_type_for("image/png"), TEXT_HTML);
    }
}
