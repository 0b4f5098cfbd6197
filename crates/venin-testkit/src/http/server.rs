//! The server: one thread a connection, kept alive until the client or the test ends it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::{Delivery, Received, Reply};

/// Longest head of a request in bytes.
const LONGEST_HEAD: usize = 64 << 10;
/// Longest body of a request in bytes.
const LONGEST_BODY: usize = 16 << 20;
/// Blanks that are sent at once.
static PADDING: [u8; 64 << 10] = [b' '; 64 << 10];

/// Answers requests; called from many threads.
pub(crate) type Handler = dyn Fn(&Received) -> Reply + Send + Sync;

/// A listening socket on the loopback interface; dropping it ends every connection.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    connections: Mutex<Vec<Weak<TcpStream>>>,
}

impl Server {
    /// Listens on a free port.
    pub(crate) fn start(handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let seen = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream.map(Arc::new) else { continue };
                let mut connections = seen.connections.lock().unwrap();
                connections.retain(|connection| connection.strong_count() > 0);
                connections.push(Arc::downgrade(&stream));
                drop(connections);
                let handler = Arc::clone(&handler);
                std::thread::spawn(move || serve(&stream, handler.as_ref()));
            }
        });
        Self { address, shared }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        for stream in self.shared.connections.lock().unwrap().iter().filter_map(Weak::upgrade) {
            // A connection that is gone already needs no end.
            stream.shutdown(Shutdown::Both).ok();
        }
        // Wakes the thread that waits for connections.
        TcpStream::connect(self.address).ok();
    }
}

/// Answers the requests of one connection until either side is done.
fn serve(stream: &TcpStream, handler: &Handler) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let Some(length) = peek_head(stream)? else { return Ok(()) };
        // The last byte stays unread until the answer is known: closing then resets the connection.
        let mut head = vec![0; length - 1];
        let mut source = stream;
        source.read_exact(&mut head)?;
        let Some(mut request) = parse_head(&head) else {
            return write_reply(stream, &Reply::new(400, "text/plain", "bad request"), Body::Sent);
        };
        let mut reply = None;
        if request.header("content-length").is_none() {
            reply = Some(handler(&request));
        }
        if reply.as_ref().is_some_and(|reply| reply.delivery == Delivery::Reset) {
            return Ok(());
        }
        source.read_exact(&mut [0])?;
        let reply = match reply {
            Some(reply) => reply,
            None => {
                request.body = read_body(stream, &request)?;
                handler(&request)
            }
        };
        let body = if request.method == "HEAD" { Body::Withheld } else { Body::Sent };
        write_reply(stream, &reply, body)?;
        let is_last = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if is_last || closes(&reply) {
            return Ok(());
        }
    }
}

/// The length of the next request's head, once it is there; nothing after the last request.
fn peek_head(stream: &TcpStream) -> io::Result<Option<usize>> {
    let mut buffer = vec![0; LONGEST_HEAD];
    loop {
        let length = stream.peek(&mut buffer)?;
        if length == 0 {
            return Ok(None);
        }
        let read = buffer.get(..length).unwrap_or_default();
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            return Ok(Some(end + 4));
        }
        if length == LONGEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn parse_head(head: &[u8]) -> Option<Received> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Received { method, target, headers, body: Vec::new() })
}

fn read_body(stream: &TcpStream, request: &Received) -> io::Result<Vec<u8>> {
    let announced = request.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    if announced > LONGEST_BODY {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; announced];
    let mut source = stream;
    source.read_exact(&mut body)?;
    Ok(body)
}

/// Whether the body goes along.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Sent,
    Withheld,
}

/// Whether the connection cannot be used after this answer.
fn closes(reply: &Reply) -> bool {
    matches!(reply.delivery, Delivery::Cut(_) | Delivery::Announced(_) | Delivery::Padded(_))
}

fn write_reply(mut stream: &TcpStream, reply: &Reply, body: Body) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    match reply.delivery {
        Delivery::Padded(_) => {}
        Delivery::Announced(length) => head.push_str(&format!("content-length: {length}\r\n")),
        _ if reply.status == 304 => {}
        _ => head.push_str(&format!("content-length: {}\r\n", reply.body.len())),
    }
    if closes(reply) {
        head.push_str("connection: close\r\n");
    }
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    if body == Body::Withheld || reply.status == 304 {
        return stream.write_all(&bytes);
    }
    match reply.delivery {
        Delivery::Cut(length) => bytes.extend_from_slice(reply.body.get(..length).unwrap_or(&reply.body)),
        Delivery::Dripping(size, pause) => {
            stream.write_all(&bytes)?;
            for piece in reply.body.chunks(size.max(1)) {
                stream.write_all(piece)?;
                std::thread::sleep(pause);
            }
            return Ok(());
        }
        _ => bytes.extend_from_slice(&reply.body),
    }
    stream.write_all(&bytes)?;
    if let Delivery::Padded(size) = reply.delivery {
        let mut left = size.saturating_sub(reply.body.len() as u64);
        while left > 0 {
            let piece = left.min(PADDING.len() as u64);
            stream.write_all(PADDING.get(..piece as usize).unwrap_or(&PADDING))?;
            left -= piece;
        }
    }
    Ok(())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        404 => "Not Found",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
