//! For tests: a region of two zones without any process, driven with form text through the real dispatcher.

use crate::context::{Answer, Ctx, OpError, Question, ReplayRng};
use crate::db::Db;
use crate::dispatch::{self, Table};
use aws_protocol::{AwsError, Form};
use platform::Settings;
use platform::settings::{CellSettings, HostSettings};
use std::net::Ipv4Addr;
use types::TimestampMs;
use wire::api::Principal;

pub struct Harness {
    pub db: Db,
    pub settings: Settings,
    pub caller: Principal,
    pub now: TimestampMs,
    /// What other roles would answer.
    pub answers: Vec<(Question, Answer)>,
    table: Table,
}

/// The account's root user, whom nothing limits.
pub fn principal(account: &str) -> Principal {
    Principal::root(account.parse().unwrap())
}

/// Zones us-east-1a and us-east-1b with a cell of one host each; 30 public addresses, 16 blocks of IPv6; no rows.
pub fn harness() -> Harness {
    let cell = |letter: &str, n: u8| CellSettings {
        id: format!("{letter}1").parse().unwrap(),
        az: format!("us-east-1{letter}").parse().unwrap(),
        hosts: vec![HostSettings {
            id: format!("{letter}1-h1").parse().unwrap(),
            underlay: Ipv4Addr::new(127, 1, n, 1),
            vcpus: 8,
            memory_mib: 8192,
            disk_gib: 100,
            rack: None,
        }],
    };
    let settings = Settings {
        storage: Vec::new(),
        large_vpcs: Default::default(),
        shards: Default::default(),
        s3: Default::default(),
        audit: Default::default(),
        format: 1,
        region: "us-east-1".parse().unwrap(),
        port: 0,
        cells: vec![cell("a", 1), cell("b", 2)],
        edge_underlay: Ipv4Addr::new(127, 1, 0, 1),
        public_pool: "198.18.0.0/27".parse().unwrap(),
        ipv6_pool: "2001:db8:5c00::/52".parse().unwrap(),
        account: "123456789012".parse().unwrap(),
        host_route: false,
        bulk_frames: Default::default(),
        kms_passphrase_file: None,
        limits: Default::default(),
    };
    let mut db = Db::default();
    db.cells = crate::cells::Cells::of(&settings, 1);
    Harness {
        db,
        settings,
        caller: principal("123456789012"),
        now: TimestampMs(1_767_225_600_000),
        answers: Vec::new(),
        table: crate::operations(),
    }
}

/// Runs `Action=action&parameters`; what it changed is kept if it succeeded, else taken back. The reply's XML.
pub fn call(h: &mut Harness, action: &str, parameters: &str) -> Result<String, AwsError> {
    let form = Form::parse(format!("Action={action}&Version=2016-11-15&{parameters}").as_bytes())?;
    let mut rng = ReplayRng::new();
    let bundle = ::iam::Bundle::of(::iam::caller::principal(&h.caller));
    let mut ctx =
        Ctx::new(&mut h.db, crate::context::testing::who(&h.caller, &bundle), h.now, &h.settings, "req-1", &mut rng, &h.answers);
    let outcome = dispatch::run_form(&h.table, &mut ctx, "ec2", &form);
    match outcome {
        Ok(reply) => {
            h.db.take_mutations();
            Ok(reply.body)
        }
        Err(OpError::Aws(e)) => {
            h.db.rollback();
            Err(e)
        }
        Err(OpError::Ask(q)) => panic!("{action} asks {q:?}"),
    }
}

/// Runs a function as an operation of the caller.
pub fn with_ctx<T>(h: &mut Harness, f: impl FnOnce(&mut Ctx) -> T) -> T {
    let mut rng = ReplayRng::new();
    let bundle = ::iam::Bundle::of(::iam::caller::principal(&h.caller));
    let mut ctx =
        Ctx::new(&mut h.db, crate::context::testing::who(&h.caller, &bundle), h.now, &h.settings, "req-1", &mut rng, &h.answers);
    f(&mut ctx)
}

/// [`call`] that must succeed.
pub fn ok(h: &mut Harness, action: &str, parameters: &str) -> String {
    call(h, action, parameters).unwrap_or_else(|e| panic!("{action} {parameters}: {e}"))
}

/// The text of the first element of that name.
pub fn text(xml: &str, element: &str) -> String {
    texts(xml, element).into_iter().next().unwrap_or_else(|| panic!("no <{element}> in {xml}"))
}

/// The texts of all elements of that name.
pub fn texts(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(value, _)| value.to_owned()).collect()
}
