//! Keys of identity providers: the operator gives them, as nothing here asks a network.

use super::{RPC_TIMEOUT, block_on, print};
use crate::cli::OidcCommand;
use crate::error::CliError;
use platform::DataDir;
use platform::rpc::Client;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use wire::api::{OidcKeysRequest, SetOidcKeys};

/// What is read of a file; a set that is larger is refused by the control plane.
const FILE_BYTES_MAX: u64 = 256 << 10;

pub fn run(dir: &DataDir, command: OidcCommand) -> Result<ExitCode, CliError> {
    let (issuer, jwks) = match command {
        OidcCommand::AddKeys { issuer, file } => (issuer, Some(read(&file).map_err(CliError::io("read the keys"))?)),
        OidcCommand::RemoveKeys { issuer } => (issuer, None),
    };
    let client = Client::new(&super::operator(dir)?, dir.socket("control-plane"));
    let request = OidcKeysRequest { issuer: issuer.clone(), jwks };
    let reply = block_on(async { Ok(client.call::<SetOidcKeys>(&request, RPC_TIMEOUT).await?) })?;
    print(&format!("{issuer}: {} keys\n", reply.usable))
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    }
    Ok(text)
}
