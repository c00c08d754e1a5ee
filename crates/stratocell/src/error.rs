//! What a command fails with: one sentence for the user and an exit code for scripts.

use platform::rpc::RpcError;
use platform::settings::SettingsError;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("cannot {what}")]
    Io { what: String, source: std::io::Error },
    /// What was asked for cannot be done; the sentence says what would work.
    #[error("{0}")]
    Refused(String),
    #[error("nothing is running on {0}: start it with `stratocell up`")]
    NotRunning(PathBuf),
    #[error("not ready after {seconds} s: {cause}")]
    NotReady { seconds: u64, cause: String },
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error("cannot {what}")]
    Unanswered { what: String, source: RpcError },
    #[error("{0}")]
    Role(String),
}

impl CliError {
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what: what.into(), source }
    }

    pub fn refused(sentence: impl Into<String>) -> Self {
        Self::Refused(sentence.into())
    }

    /// 1: failed. 2: wrong usage (clap's own code). 3: nothing is running, it is not ready or does not answer.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(_) => ExitCode::from(2),
            Self::NotRunning(_) | Self::NotReady { .. } | Self::Unanswered { .. } => ExitCode::from(3),
            _ => ExitCode::from(1),
        }
    }
}

/// The error and its causes on one line.
pub fn sentence(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut source = e.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
