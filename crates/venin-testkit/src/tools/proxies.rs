//! Proxies that fetch from the index what clients ask them for.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};

use super::Tools;
use super::process::{Running, free_port, run};
use crate::http::fetch;
use crate::index::Index;

/// How long proxies take a page for fresh.
const FRESH: Duration = Duration::from_secs(1);

/// devpi-server with one index that mirrors ours and holds a page fresh for a second.
#[derive(Debug)]
pub struct Devpi {
    server: Running,
    base: String,
}

impl Devpi {
    /// Starts a server with its data in `folder`, and makes the index `root/mirror`.
    ///
    /// # Panics
    /// The server does not start.
    pub fn start(tools: &Tools, index: &Index, folder: &Path) -> Self {
        let data = folder.join("devpi");
        std::fs::create_dir_all(&data).unwrap();
        let made = run(tools.program("devpi-init").args(["--no-root-pypi", "--serverdir"]).arg(&data));
        assert!(made.is_ok(), "{}", made.unwrap_err());
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let mut command = tools.server("devpi_server");
        command
            .args(["--host", "127.0.0.1", "--threads", "4", "--port", &port.to_string(), "--serverdir"])
            .arg(data);
        let server = Running::start(&mut command, &format!("{base}/+api"), &folder.join("devpi.log"));
        let devpi = Self { server, base };
        devpi.make_index(&index.simple_url());
        devpi
    }

    fn make_index(&self, simple_url: &str) {
        let login = json!({"user": "root", "password": ""});
        let answer = self.send("POST", "/+login", &[], &login);
        let token = answer["result"]["password"].as_str().unwrap_or_default();
        let pass = base64::engine::general_purpose::STANDARD.encode(format!("root:{token}"));
        let settings = json!({
            "type": "mirror",
            "mirror_url": simple_url,
            "mirror_cache_expiry": FRESH.as_secs(),
        });
        let answer = self.send("PUT", "/root/mirror", &[("x-devpi-auth", &pass)], &settings);
        assert_eq!(answer["type"], "indexconfig", "{answer}\n{}", self.server.said());
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Value {
        let headers =
            [headers, &[("content-type", "application/json"), ("accept", "application/json")]].concat();
        let url = format!("{}{path}", self.base);
        let answer = fetch(method, &url, &headers, body.to_string().as_bytes()).unwrap();
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// The address for installers.
    pub fn simple_url(&self) -> String {
        format!("{}/root/mirror/+simple/", self.base)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        self.base.clone()
    }

    /// Waits until no page is fresh any more.
    pub fn wait_until_stale(&self) {
        std::thread::sleep(FRESH + Duration::from_millis(300));
    }

    /// What the server has said so far.
    pub fn said(&self) -> String {
        self.server.said()
    }
}

/// proxpi, which holds a page fresh for a second.
#[derive(Debug)]
pub struct Proxpi {
    server: Running,
    base: String,
}

impl Proxpi {
    /// Starts a server with its cache in `folder`.
    ///
    /// # Panics
    /// The server does not start.
    pub fn start(tools: &Tools, index: &Index, folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let mut command = tools.server("flask");
        command.args(["--app", "proxpi.server", "run", "--host", "127.0.0.1", "--port"]);
        command.arg(port.to_string());
        command.env("PROXPI_INDEX_URL", index.simple_url()).env("PROXPI_CACHE_DIR", folder.join("proxpi"));
        // Files are waited for, so that they come from the proxy and not by a redirect.
        command.env("PROXPI_INDEX_TTL", FRESH.as_secs().to_string()).env("PROXPI_DOWNLOAD_TIMEOUT", "20");
        let server = Running::start(&mut command, &format!("{base}/health"), &folder.join("proxpi.log"));
        Self { server, base }
    }

    /// The address for installers.
    pub fn simple_url(&self) -> String {
        format!("{}/index/", self.base)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        self.base.clone()
    }

    /// Waits until no page is fresh any more.
    pub fn wait_until_stale(&self) {
        std::thread::sleep(FRESH + Duration::from_millis(300));
    }

    /// What the server has said so far.
    pub fn said(&self) -> String {
        self.server.said()
    }
}
