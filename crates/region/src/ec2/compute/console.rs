//! GetConsoleOutput: the end of the serial log, asked of the host.

use super::lists;
use crate::context::{Answer, Authorized, Ctx, OpResult, Question};
use crate::dispatch::Table;
use crate::rows::InstanceState;
use aws_protocol::{AwsError, ec2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use types::TimestampMs;
use wire::host::ConsoleRequest;

/// "The most recent 64 KB of posted output."
const OUTPUT_BYTES_MAX: u64 = 64 * 1024;

pub fn register(table: &mut Table) {
    // Latest is true of every answer here: it is read from the host at that moment.
    table.op::<ec2::GetConsoleOutputRequest>(&["InstanceId", "Latest"], &[], get);
}

fn get(ctx: &mut Ctx, r: Authorized<ec2::GetConsoleOutputRequest>) -> OpResult<ec2::GetConsoleOutputResult> {
    let row = lists::instance(ctx, r.instance_id.as_deref().unwrap_or_default())?;
    let reply = |output: &str, at: TimestampMs| ec2::GetConsoleOutputResult {
        instance_id: Some(row.id.to_string()),
        output: Some(B64.encode(output)),
        timestamp: Some(at),
    };
    if row.state == InstanceState::Terminated {
        return Ok(reply("", ctx.now));
    }
    let request = ConsoleRequest { instance: row.id, bytes_max: OUTPUT_BYTES_MAX };
    match ctx.ask(Question::Console { cell: row.cell.clone(), request })? {
        Answer::Console(log) => {
            // Replacement characters can make it longer than asked.
            let mut start = log.text.len().saturating_sub(OUTPUT_BYTES_MAX as usize);
            while !log.text.is_char_boundary(start) {
                start += 1;
            }
            let at = if log.updated_ms == 0 { ctx.now } else { TimestampMs(log.updated_ms) };
            Ok(reply(&log.text[start..], at))
        }
        Answer::Unavailable(why) => {
            Err(AwsError::unavailable(format!("The host of '{}' cannot be asked for its console now: {why}", row.id)).into())
        }
        _ => Err(AwsError::internal("This is no answer to a console request.").into()),
    }
}
