//! What malicious code does, and how it hides: the study's two vocabularies.

use crate::spelled_enum;

spelled_enum! {
    /// The five behaviors of the study (paper section 1.5).
    pub enum Behavior {
        /// Connects out, takes orders and runs them.
        RemoteControl = "remote control",
        /// Reads secrets or host information and sends them out.
        InformationStealing = "information stealing",
        /// Runs fetched or embedded code in this interpreter.
        CodeExecution = "code execution",
        /// Runs commands or programs.
        CommandExecution = "command execution",
        /// Writes, runs or deletes files without the user's wish.
        FileOperation = "unauthorized file operation",
    }
}

spelled_enum! {
    /// Anti-detection techniques: the study's seven (paper section 1.6) and those seen since.
    pub enum Technique {
        /// Source made unreadable (study 1).
        CodeObfuscation = "code obfuscation",
        /// The harmful part is fetched at run time (study 2).
        ExternalPayload = "external payload",
        /// A request leads to another before the payload comes (study 3).
        MultiStageRequest = "multi-stage request",
        /// Harmless behavior mixed with the harmful one (study 4).
        BehaviorOverlap = "behavior overlap",
        /// A second package carries the code and is imported (study 5).
        IndirectImport = "indirect import",
        /// A picture carries the payload (study 6).
        ImageSteganography = "image steganography",
        /// Execution through dynamically obtained builtins (study 7, "sandbox escape").
        SandboxEscape = "python sandbox escape",
        /// Looks for analysts, debuggers, virtual machines, places or dates before it acts.
        EnvironmentCheck = "environment check",
        /// Waits before it acts.
        DelayedStart = "delayed start",
        /// The payload is encrypted.
        EncryptedPayload = "encrypted payload",
        /// Uses programs that are already on the host.
        LivingOffTools = "living off installed tools",
        /// Removes its own files or logs.
        TraceRemoval = "trace removal",
        /// Hides windows, output or errors.
        SilentExecution = "silent execution",
        /// Hides in a function or file that looks harmless.
        Decoy = "decoy",
        /// One file that two readers take for different formats.
        PolyglotFile = "polyglot file",
        /// The archive shows different content to different readers.
        ArchiveConfusion = "archive confusion",
        /// Runs at every interpreter start.
        StartupHook = "startup hook",
        /// The name or metadata pretends to be another project.
        Impersonation = "impersonation",
    }
}
