//! Events: API calls the analysis reached.

use std::sync::Arc;

use crate::{CallClass, Origins, Site, Trigger, spelled_enum};

/// The index of an event in an artifact's event list, which is execution order inside each root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);

/// One trigger root: a module body, a command class, a function nobody calls.  Rules look for order inside one root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RootId(pub u32);

spelled_enum! {
    /// What an argument is for.
    pub enum Role {
        /// A URL.
        Url = "url",
        /// A host name or address.
        Host = "host",
        /// A port number.
        Port = "port",
        /// A file system path.
        Path = "path",
        /// A second path: the target of a copy or move.
        Target = "target",
        /// What is written, sent, encoded or decoded.
        Data = "data",
        /// A command line or argument list.
        Command = "command",
        /// Source text or a code object.
        Code = "code",
        /// A cipher key, or the name of an environment variable or registry value.
        Key = "key",
        /// A module, attribute or symbol name.
        Name = "name",
        /// A mode, flag or option.
        Mode = "mode",
        /// HTTP headers.
        Header = "header",
        /// A number of seconds.
        Seconds = "seconds",
        /// A callable that the call runs or registers.
        Callback = "callback",
        /// A setting such as `shell=True`, `verify=False`, `creationflags`.
        Option = "option",
        /// Anything else.
        Other = "other",
    }
}

/// What is known of a value, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownText {
    /// The text.  Unknown parts are written `⟨name⟩` with the qualified name they come from, so that two equal
    /// texts with equal holes are the same value.  Bytes are shown as Latin-1.  At most [`KnownText::MAX`] characters.
    pub text: Arc<str>,
    /// Whether there is no hole and nothing was cut.
    pub is_complete: bool,
    /// Length of the whole value in characters, bytes or elements, as far as known.
    pub size: u64,
}

impl KnownText {
    /// Longest text kept of one argument, in characters.
    pub const MAX: usize = 4096;
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// What it is for, by the call's entry in `data/calls`.
    pub role: Role,
    /// The keyword it was passed by, if any.
    pub keyword: Option<Arc<str>>,
    /// What is known of it; `None` when nothing is.
    pub value: Option<KnownText>,
    /// Where it came from.
    pub origins: Origins,
}

/// A condition under which an event happens, as far as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Condition {
    /// What is tested: a qualified name such as `sys.platform`, or `exception` inside an exception handler.
    pub subject: Arc<str>,
    /// The text it is compared with, if any.
    pub value: Option<Arc<str>>,
}

/// One API call that the analysis reached (design, section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Index in the artifact's list.
    pub id: EventId,
    /// The trigger root in which it happens.
    pub root: RootId,
    /// What makes it run.
    pub trigger: Trigger,
    /// The qualified name, canonical (`urllib.request.urlopen`, `socket.socket().connect`, `sh:curl`).
    pub name: Arc<str>,
    /// Its class.
    pub class: CallClass,
    /// The arguments; those of the call that made the receiver (`open(path).write(data)` carries `path`) follow its own.
    pub arguments: Vec<Argument>,
    /// Origins of everything that went in, the receiver included.
    pub input: Origins,
    /// Where.
    pub site: Site,
    /// The decodings that revealed the layer, outermost first (`base64.b64decode`, `zlib.decompress`); empty in layer 0.
    pub decoding: Vec<Arc<str>>,
    /// The conditions on the way, outermost first.
    pub conditions: Vec<Condition>,
    /// The enclosing function, `Class.method` or `function`; `None` in a module body.
    pub function: Option<Arc<str>>,
    /// Whether nobody takes what the call gives: it is a statement of its own.
    pub is_unused: bool,
}

impl Event {
    /// The first argument in a role.
    #[must_use]
    pub fn argument(&self, role: Role) -> Option<&Argument> {
        self.arguments.iter().find(|a| a.role == role)
    }

    /// The known text of the first argument in a role that has any.
    #[must_use]
    pub fn text(&self, role: Role) -> Option<&str> {
        self.arguments.iter().filter(|a| a.role == role).find_map(|a| a.value.as_ref()).map(|v| &*v.text)
    }
}
