//! `explain INSTANCE`: why an instance is in its cell and on its host, as region and cell said when they chose.

use super::{ask, block_on, print};
use crate::error::CliError;
use platform::{DataDir, Settings};
use std::process::ExitCode;
use std::time::Duration;
use types::InstanceId;
use wire::api::{GetRegionStatus, InstanceSummary};

const ASK_TIMEOUT: Duration = Duration::from_secs(2);

pub fn explain(dir: &DataDir, instance: InstanceId) -> Result<ExitCode, CliError> {
    let settings = Settings::load(dir)?;
    let region = block_on(async { Ok(ask::<GetRegionStatus>(dir, "control-plane", ASK_TIMEOUT).await) })?;
    let region = region.map_err(|e| CliError::Unanswered { what: "ask the control plane".into(), source: e })?;
    match region.instances.iter().find(|i| i.instance == instance) {
        Some(i) => print(&story(i, &settings)),
        None => {
            eprintln!("error: there is no instance {instance}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn story(i: &InstanceSummary, settings: &Settings) -> String {
    let name = i.name.as_ref().map_or(String::new(), |n| format!(" ({n})"));
    let mut out = format!("{}{name} of account {} is {}\n", i.instance, i.account, i.state);
    if let Some((cell, host)) = i.host.as_ref().and_then(|id| settings.host(id)) {
        out += &format!("host {} in rack {}, cell {}, zone {}\n", host.id, host.rack(), cell.id, cell.az);
    }
    if !i.cell_why.is_empty() {
        out += &format!("why that cell: {}\n", i.cell_why);
    }
    let why = if i.placed_why.is_empty() { "not said when it was placed" } else { &i.placed_why };
    out += &format!("why there: {why}\n");
    if let Some(why) = &i.interrupted {
        out += &format!("interrupted: {why}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_without_a_reason_says_so() {
        let mut settings = crate::setup::tests::example(1, 1, 1);
        let mut i = InstanceSummary {
            account: settings.account.clone(),
            instance: "i-0123456789abcdef0".parse().unwrap(),
            interface: None,
            state: "running".into(),
            host: Some("a1-h1".parse().unwrap()),
            private_ip: None,
            public_ip: None,
            name: None,
            volume: None,
            cell_why: "a1: the account's only cell of us-east-1a".into(),
            placed_why: "a1-h1: lowest score of 2".into(),
            interrupted: Some("its room was needed for the launch of i-1 of account 1".into()),
        };
        settings.cells[0].hosts[0].rack = Some("r1".into());
        let said = story(&i, &settings);
        assert!(said.contains("in rack r1, cell "), "{said}");
        assert!(said.contains("\nwhy that cell: a1: the account's only cell of us-east-1a\nwhy there: a1-h1: lowest score of 2\ninterrupted: its room"), "{said}");
        (i.placed_why, i.cell_why, i.interrupted) = Default::default();
        assert!(story(&i, &settings).ends_with("zone us-east-1a\nwhy there: not said when it was placed\n"));
    }
}
