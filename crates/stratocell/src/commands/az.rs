//! `az impair|restore`.

use super::{RPC_TIMEOUT, block_on};
use crate::cli::AzCommand;
use crate::error::CliError;
use platform::DataDir;
use platform::rpc::Client;
use std::process::ExitCode;
use wire::api::{SetZone, ZoneRequest};

pub fn run(dir: &DataDir, command: AzCommand) -> Result<ExitCode, CliError> {
    let (zone, impaired) = match command {
        AzCommand::Impair { zone } => (zone, true),
        AzCommand::Restore { zone } => (zone, false),
    };
    let client = Client::new(&super::operator(dir)?, dir.socket("control-plane"));
    let request = ZoneRequest { zone: zone.clone(), impaired };
    let reply = block_on(async { Ok(client.call::<SetZone>(&request, RPC_TIMEOUT).await?) })?;
    let already = if reply.changed { "" } else { " (as before)" };
    match impaired {
        true => eprintln!("{zone} takes no new instances{already}: until `stratocell az restore {zone}`"),
        false => eprintln!("{zone} takes new instances{already}"),
    }
    Ok(ExitCode::SUCCESS)
}
