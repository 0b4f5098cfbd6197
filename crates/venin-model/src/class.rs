//! Call classes: the study's symbols, each refined by an action.

use crate::spelled_enum;

spelled_enum! {
    /// The study's symbol for a kind of call (paper section 1.5), and one of our own: `Cx`.
    pub enum Family {
        /// Remote connection by address and port.
        Cr = "Cr",
        /// Network access by URL or name.
        Cn = "Cn",
        /// File operation.
        Cf = "Cf",
        /// Host information.
        Ch = "Ch",
        /// Encode, decode, encrypt, compress, serialise.
        Ce = "Ce",
        /// Shell command or new process.
        Cs = "Cs",
        /// Code execution inside this interpreter.
        Cc = "Cc",
        /// The `compile` builtin and its relatives.
        Compile = "Compile",
        /// Control of this process: sleeping, threads, hooks, exit.  Not in the study.
        Cx = "Cx",
    }
}

spelled_enum! {
    /// What a call of a family does.  `Any` stands for a class without refinement.
    pub enum Action {
        /// No refinement.
        Any = "any",
        /// Opens an outgoing connection (`Cr`).
        Connect = "connect",
        /// Accepts incoming connections (`Cr`).
        Listen = "listen",
        /// Reads from a connection (`Cr`).
        Receive = "receive",
        /// Writes to a connection or uploads (`Cr`, `Cn`).
        Send = "send",
        /// Downloads by URL (`Cn`).
        Fetch = "fetch",
        /// Resolves a host name (`Cn`).
        Resolve = "resolve",
        /// Opens a file with an unknown mode (`Cf`).
        Open = "open",
        /// Reads a file (`Cf`).
        Read = "read",
        /// Writes or creates a file (`Cf`).
        Write = "write",
        /// Deletes a file or tree (`Cf`).
        Delete = "delete",
        /// Copies, moves or links (`Cf`).
        Copy = "copy",
        /// Lists or walks directories (`Cf`).
        List = "list",
        /// Changes modes, owners or attributes (`Cf`).
        Chmod = "chmod",
        /// Unpacks an archive (`Cf`).
        Unpack = "unpack",
        /// Reads the Windows registry (`Cf`).
        RegistryRead = "registry-read",
        /// Writes the Windows registry (`Cf`).
        RegistryWrite = "registry-write",
        /// Environment variables (`Ch`).
        Env = "env",
        /// User, login or home directory (`Ch`).
        User = "user",
        /// Host name, addresses, hardware ids (`Ch`).
        Host = "host",
        /// Operating system, version, architecture (`Ch`).
        Platform = "platform",
        /// Processes, debuggers, virtual machines (`Ch`).
        Process = "process",
        /// The public address or place of the host (`Ch`).
        Location = "location",
        /// Screen pictures, camera, microphone (`Ch`).
        Capture = "capture",
        /// Keyboard and mouse events (`Ch`).
        Input = "input",
        /// The clipboard (`Ch`).
        Clipboard = "clipboard",
        /// Stored credentials: key rings, browser stores (`Ch`).
        Credential = "credential",
        /// Encodes (`Ce`).
        Encode = "encode",
        /// Decodes (`Ce`).
        Decode = "decode",
        /// Encrypts (`Ce`).
        Encrypt = "encrypt",
        /// Decrypts (`Ce`).
        Decrypt = "decrypt",
        /// Compresses (`Ce`).
        Compress = "compress",
        /// Decompresses (`Ce`).
        Decompress = "decompress",
        /// Digests (`Ce`).
        Hash = "hash",
        /// Reads serialised objects that can carry code, such as pickles (`Cc`).
        Deserialize = "deserialize",
        /// Starts a process from an argument list (`Cs`).
        Spawn = "spawn",
        /// Gives a command line to a shell (`Cs`).
        Shell = "shell",
        /// Installs a package (`Cs`).
        Install = "install",
        /// Executes source or code objects (`Cc`, as `exec`).
        Exec = "exec",
        /// Evaluates an expression (`Cc`, as `eval`).
        Eval = "eval",
        /// Imports a module whose name is computed (`Cc`).
        Import = "import",
        /// Loads native code (`Cc`).
        Load = "load",
        /// Reaches into interpreter objects (`Cc`, as `__subclasses__`, frames, code objects).
        Reflect = "reflect",
        /// Writes into the memory of a process or maps executable memory (`Cc`).
        Inject = "inject",
        /// Waits (`Cx`).
        Sleep = "sleep",
        /// Starts a thread, timer or task (`Cx`).
        Thread = "thread",
        /// Registers code to run later or replaces well-known functions (`Cx`).
        Hook = "hook",
        /// Hides or redirects output and errors (`Cx`).
        Silence = "silence",
        /// Ends the process (`Cx`).
        Exit = "exit",
    }
}

/// A call class such as `Cn.fetch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallClass {
    /// The study's symbol.
    pub family: Family,
    /// The refinement; [`Action::Any`] where there is none.
    pub action: Action,
}

/// The text names no call class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownClass(pub String);

impl std::fmt::Display for UnknownClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is no call class", self.0)
    }
}

impl std::error::Error for UnknownClass {}

impl CallClass {
    /// A class with an action.
    #[must_use]
    pub const fn new(family: Family, action: Action) -> Self {
        Self { family, action }
    }

    /// Reads `Cn` or `Cn.fetch`.  A missing action becomes [`Action::Any`].
    ///
    /// # Errors
    /// [`UnknownClass`] when the family or the action has no such spelling.
    pub fn parse(text: &str) -> Result<Self, UnknownClass> {
        let (family, action) = text.split_once('.').unwrap_or((text, Action::Any.as_str()));
        match (Family::parse(family), Action::parse(action)) {
            (Some(family), Some(action)) => Ok(Self { family, action }),
            _ => Err(UnknownClass(text.to_owned())),
        }
    }

    /// Whether `self`, used as a selector, takes in `other`: same family, and same action unless `self` has none.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.family == other.family && (self.action == Action::Any || self.action == other.action)
    }
}

impl std::fmt::Display for CallClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.action {
            Action::Any => f.write_str(self.family.as_str()),
            action => write!(f, "{}.{action}", self.family),
        }
    }
}
