//! Spot: launches, requests, what cells say of prices and interruptions, and what becomes of it all. The clock is the world's.

use crate::context::Question;
use crate::ec2::compute::spot;
use crate::ec2::compute::testing::{World, text, texts};
use crate::rows::{Instance, QuotaValue, SpotPrices, SpotRequest};
use types::{Generation, TimestampMs};
use wire::cell::{CellReport, ClaimMarket, SpotCause, SpotNotice};
use wire::host::VmState;

const SPOT: &str = "InstanceMarketOptions.MarketType=spot";
const OPTIONS: &str = "InstanceMarketOptions.SpotOptions";
const A: &str = "Placement.AvailabilityZone=us-east-1a";
const LAUNCH: &str = "LaunchSpecification.ImageId=ami-micro&LaunchSpecification.InstanceType=t3.micro&LaunchSpecification.Placement.AvailabilityZone=us-east-1a";

fn report(w: &World, cell: &str, price: Option<u32>) -> CellReport {
    CellReport {
        ended_runs: Vec::new(),
        dedicated_hosts_refused: Vec::new(),
        format: wire::FORMAT,
        cell: cell.parse().unwrap(),
        az: w.settings.cell(&cell.parse().unwrap()).unwrap().az.clone(),
        applied: Generation(1),
        hosts: Vec::new(),
        instances: Vec::new(),
        balancers: Vec::new(),
        room: None,
        spot_price: price,
        notices: Vec::new(),
    }
}

fn persistent(behavior: &str) -> String {
    format!("{SPOT}&{OPTIONS}.SpotInstanceType=persistent&{OPTIONS}.InstanceInterruptionBehavior={behavior}&{A}")
}

impl World {
    fn hear(&mut self, report: &CellReport) {
        crate::observe::cell(&mut self.db, self.now, report);
        self.db.take_mutations();
    }

    fn notice(&self, id: &str, ended: bool, cause: SpotCause) -> SpotNotice {
        SpotNotice { hold: self.row(id).hold, told_ms: self.now.0, at_ms: self.now.0 + 120_000, cause, ended }
    }

    /// Its cell says so.
    fn interrupt(&mut self, id: &str, ended: bool, cause: SpotCause) {
        let (row, notice) = (self.row(id), self.notice(id, ended, cause));
        let report = CellReport { notices: vec![(row.id, notice)], ..report(self, row.cell.as_str(), None) };
        self.hear(&report);
    }

    /// What a cell says of its state, heard as all of a report is.
    fn saw(&mut self, id: &str, state: VmState) {
        let (row, said) = (self.row(id), self.report(id, state));
        let report = CellReport { instances: vec![said], ..report(self, row.cell.as_str(), None) };
        self.hear(&report);
    }

    fn settled(&mut self) {
        spot::settle(&mut self.db, self.now);
        self.db.take_mutations();
    }

    /// State, status, instance.
    fn spot_request(&mut self, id: &str) -> (String, String, String) {
        let x = self.ok("DescribeSpotInstanceRequests", &format!("SpotInstanceRequestId.1={id}"));
        let status = text(&x, "status");
        (text(&x, "state"), text(&status, "code"), texts(&x, "instanceId").concat())
    }

    fn request_of(&self, instance: &str) -> String {
        self.row(instance).spot.as_ref().unwrap().request.to_string()
    }

    /// The service's turn.
    fn fulfil(&mut self, again: bool) {
        for (_, id) in spot::due(&self.db, self.now, again) {
            self.operate(|ctx| spot::fulfil(ctx, id));
        }
        self.settled();
    }
}

fn is(state: &str, status: &str, instance: &str) -> (String, String, String) {
    (state.into(), status.into(), instance.into())
}

#[test]
fn what_is_asked_wrongly() {
    let mut w = World::new();
    let run = |rest: &str| ("RunInstances", format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1&{A}&{rest}"));
    let spot = |rest: &str| run(&format!("{SPOT}&{OPTIONS}.{rest}"));
    let ask = |rest: &str| ("RequestSpotInstances", format!("{LAUNCH}&{rest}"));
    let one = |action, id: &str| (action, format!("SpotInstanceRequestId.1={id}"));
    let none = "sir-0123456789abcdef0";
    for ((action, parameters), code) in [
        (run("InstanceMarketOptions.MarketType=capacity-block"), "UnsupportedOperation"),
        (run("InstanceMarketOptions.MarketType=cheap"), "InvalidParameterValue"),
        (run(&format!("{OPTIONS}.MaxPrice=1")), "MissingParameter"),
        (spot("MaxPrice=free"), "InvalidParameterValue"),
        (spot("MaxPrice=0"), "InvalidParameterValue"),
        (spot("SpotInstanceType=often"), "InvalidParameterValue"),
        (spot("InstanceInterruptionBehavior=hibernate"), "UnsupportedOperation"),
        (spot("InstanceInterruptionBehavior=stop"), "InvalidParameterCombination"),
        (spot("InstanceInterruptionBehavior=wait"), "InvalidParameterValue"),
        (spot("BlockDurationMinutes=60"), "UnsupportedOperation"),
        (spot("ValidUntil=2030-01-01T00:00:00Z"), "InvalidParameterCombination"),
        (spot(&format!("SpotInstanceType=persistent&{OPTIONS}.ValidUntil=2020-01-01T00:00:00Z")), "InvalidTime"),
        (
            run(&format!(
                "{SPOT}&CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId=cr-0123456789abcdef0"
            )),
            "InvalidParameterCombination",
        ),
        (ask("InstanceCount=0"), "InvalidParameterValue"),
        (ask("SpotPrice=x"), "InvalidParameterValue"),
        (ask("Type=often"), "InvalidParameterValue"),
        (ask("ValidUntil=2020-01-01T00:00:00Z"), "InvalidTime"),
        (ask("ValidFrom=2020-01-01T00:00:00Z"), "InvalidTime"),
        (ask("ValidFrom=2030-01-02T00:00:00Z&ValidUntil=2030-01-01T00:00:00Z"), "InvalidTime"),
        (ask("InstanceInterruptionBehavior=hibernate"), "UnsupportedOperation"),
        (ask("InstanceInterruptionBehavior=stop"), "InvalidParameterCombination"),
        (ask("LaunchGroup=g"), "UnsupportedOperation"),
        (ask("LaunchSpecification.KeyName=none"), "InvalidKeyPair.NotFound"),
        (("RequestSpotInstances", "InstanceCount=1".into()), "MissingParameter"),
        (("RequestSpotInstances", "LaunchSpecification.InstanceType=t3.micro".into()), "MissingParameter"),
        (
            ("RequestSpotInstances", "LaunchSpecification.ImageId=ami-micro&LaunchSpecification.InstanceType=t9.x".into()),
            "InvalidParameterValue",
        ),
        (one("CancelSpotInstanceRequests", none), "InvalidSpotInstanceRequestID.NotFound"),
        (one("CancelSpotInstanceRequests", "sir-1"), "InvalidSpotInstanceRequestID.Malformed"),
        (one("DescribeSpotInstanceRequests", none), "InvalidSpotInstanceRequestID.NotFound"),
        (("CancelSpotInstanceRequests", String::new()), "MissingParameter"),
        (("DescribeSpotPriceHistory", "AvailabilityZone=us-east-9z".into()), "InvalidParameterValue"),
        (("DescribeSpotPriceHistory", "InstanceType.1=t9.x".into()), "InvalidParameterValue"),
        (("DescribeSpotPriceHistory", "Filter.1.Name=x&Filter.1.Value.1=y".into()), "InvalidParameterValue"),
    ] {
        assert_eq!(w.code(action, &parameters), code, "{action} {parameters}");
    }
    assert_eq!(w.db.all::<SpotRequest>().count(), 0);
}

#[test]
fn a_launch_is_a_request_that_is_fulfilled() {
    let mut w = World::new();
    let tags =
        "TagSpecification.1.ResourceType=spot-instances-request&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v";
    let id = w.launch(1, &format!("{SPOT}&{OPTIONS}.MaxPrice=0.0052&{A}&{tags}")).remove(0);
    match w.asked.last() {
        Some(Question::Claim { request, .. }) => assert_eq!(request.market, ClaimMarket::Spot { price_max: 500 }),
        other => panic!("{other:?}"),
    }
    let sir = w.request_of(&id);
    let x = w.ok("DescribeInstances", "Filter.1.Name=instance-lifecycle&Filter.1.Value.1=spot");
    assert_eq!((text(&x, "instanceLifecycle"), text(&x, "spotInstanceRequestId")), ("spot".into(), sir.clone()));
    let x = w.ok("DescribeInstances", &format!("Filter.1.Name=spot-instance-request-id&Filter.1.Value.1={sir}"));
    assert_eq!(text(&x, "instanceId"), id);
    let x = w.ok("DescribeSpotInstanceRequests", "Filter.1.Name=tag:k&Filter.1.Value.1=v");
    for (element, want) in [
        ("spotInstanceRequestId", sir.as_str()),
        ("spotPrice", "0.005200"),
        ("type", "one-time"),
        ("instanceId", &id),
        ("launchedAvailabilityZone", "us-east-1a"),
        ("instanceInterruptionBehavior", "terminate"),
        ("instanceType", "t3.micro"),
    ] {
        assert_eq!(text(&x, element), want, "{element}");
    }
    assert_eq!(w.spot_request(&sir), is("active", "fulfilled", &id));
    // What the cell and the guest are told.
    let document = crate::compile::cell_config(&w.db, &w.settings, &w.row(&id).cell, Generation(1));
    let here = document.instances.iter().find(|i| i.config.id.to_string() == id).unwrap();
    assert_eq!(here.spot.map(|s| s.price_max), Some(500));
    assert!(here.ports[0].metadata.as_ref().unwrap().spot.is_some());
    w.saw(&id, VmState::Running);
    assert_eq!(w.code("StopInstances", &format!("InstanceId.1={id}")), "UnsupportedOperation");
    w.ok("TerminateInstances", &format!("InstanceId.1={id}"));
    w.saw(&id, VmState::Gone);
    assert_eq!(w.spot_request(&sir), is("closed", "instance-terminated-by-user", &id));
    w.now = TimestampMs(w.now.0 + 48 * 3_600_000);
    crate::observe::forget(&mut w.db, w.now);
    assert_eq!(
        w.code("DescribeSpotInstanceRequests", &format!("SpotInstanceRequestId.1={sir}")),
        "InvalidSpotInstanceRequestID.NotFound"
    );
}

#[test]
fn interruptions_end_what_the_cell_says() {
    let room = SpotCause::Room { of: "i-0123456789abcdef0".parse().unwrap() };
    let price = SpotCause::Price { now: 400, max: 300 };
    for (what, options, cause, marked, ending, state, status) in [
        (
            "no room",
            format!("{SPOT}&{A}"),
            room,
            "marked-for-termination",
            "shutting-down",
            "closed",
            "instance-terminated-no-capacity",
        ),
        (
            "price",
            format!("{SPOT}&{A}"),
            price,
            "marked-for-termination",
            "shutting-down",
            "closed",
            "instance-terminated-by-price",
        ),
        (
            "again",
            persistent("terminate"),
            price,
            "marked-for-termination",
            "shutting-down",
            "open",
            "instance-terminated-by-price",
        ),
        ("stop", persistent("stop"), price, "marked-for-stop", "stopping", "disabled", "instance-stopped-by-price"),
    ] {
        let mut w = World::new();
        let id = w.launch(1, &options).remove(0);
        let sir = w.request_of(&id);
        w.saw(&id, VmState::Running);
        w.interrupt(&id, false, cause);
        assert_eq!((w.state(&id), w.spot_request(&sir)), ("running", is("active", marked, &id)), "{what}");
        let story = spot::story(&w.db, &w.row(&id)).unwrap();
        assert!(
            story.contains("i-0123456789abcdef0") || story.contains("40.0 % of the on-demand price, above the 30.0 %"),
            "{story}"
        );
        w.interrupt(&id, true, cause);
        let x = w.ok("DescribeInstances", &format!("InstanceId.1={id}"));
        assert_eq!((w.state(&id), texts(&x, "stateReason").concat().contains("Server.SpotInstance")), (ending, true), "{what}");
        assert_eq!(w.spot_request(&sir).1, status, "{what}");
        w.saw(&id, if ending == "stopping" { VmState::Stopped { by_guest: false } } else { VmState::Gone });
        assert_eq!((w.spot_request(&sir).0.as_str(), w.spot_request(&sir).1.as_str()), (state, status), "{what}");
        if state == "disabled" {
            assert_eq!(w.code("StartInstances", &format!("InstanceId.1={id}")), "IncorrectSpotRequestState");
        }
        // The service's turn: one that is persistent runs again when there is room.
        w.fulfil(true);
        match state {
            "open" => {
                let (state, status, new) = w.spot_request(&sir);
                assert_eq!((state.as_str(), status.as_str(), new != id), ("active", "fulfilled", true), "{what}");
            }
            "disabled" => {
                assert_eq!((w.state(&id), w.spot_request(&sir)), ("pending", is("active", "fulfilled", &id)), "{what}");
                assert_eq!(w.row(&id).spot.as_ref().unwrap().notice, None, "the new run has no notice");
            }
            _ => assert_eq!(w.spot_request(&sir).0, "closed", "{what}"),
        }
    }
}

#[test]
fn old_notices_are_not_of_this_run() {
    let mut w = World::new();
    let id = w.launch(1, &format!("{SPOT}&{A}")).remove(0);
    let row = w.row(&id);
    let notice = SpotNotice { hold: row.hold + 1, ..w.notice(&id, true, SpotCause::Price { now: 1, max: 0 }) };
    let report = CellReport { notices: vec![(row.id, notice)], ..report(&w, row.cell.as_str(), None) };
    w.hear(&report);
    assert_eq!((w.state(&id), &w.row(&id).spot.as_ref().unwrap().notice), ("pending", &None));
    // One on demand is not interrupted by a mistake.
    let id = w.launch(1, A).remove(0);
    w.interrupt(&id, true, SpotCause::Price { now: 1, max: 0 });
    assert_eq!(w.state(&id), "pending");
}

#[test]
fn requests_wait_for_room_and_price() {
    let mut w = World::new();
    let ask =
        |w: &mut World, rest: &str| texts(&w.ok("RequestSpotInstances", &format!("{LAUNCH}&{rest}")), "spotInstanceRequestId");
    let [one, two] = ask(&mut w, "InstanceCount=2&SpotPrice=0.01").try_into().unwrap();
    assert_eq!(w.spot_request(&one), is("open", "pending-evaluation", ""));
    w.fulfil(false);
    let (state, status, instance) = w.spot_request(&one);
    assert_eq!((state.as_str(), status.as_str(), w.state(&instance)), ("active", "fulfilled", "pending"));
    assert_ne!(w.spot_request(&two).2, instance);
    // Nobody answers; nothing is free; a price that is too low.
    let late = ask(&mut w, "ValidUntil=2026-01-01T01:00:00Z").remove(0);
    w.silent = true;
    w.fulfil(false);
    assert_eq!(w.spot_request(&late), is("open", "capacity-not-available", ""));
    w.silent = false;
    w.spot_price = 900;
    let cheap = ask(&mut w, "SpotPrice=0.005").remove(0);
    w.fulfil(false);
    assert_eq!(
        (w.spot_request(&cheap).1.as_str(), w.spot_request(&late).1.as_str()),
        ("price-too-low", "capacity-not-available")
    );
    let code = w.code(
        "RunInstances",
        &format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1&{A}&{SPOT}&{OPTIONS}.MaxPrice=0.005"),
    );
    assert_eq!(code, "SpotMaxPriceTooLow");
    w.spot_price = 100;
    w.fulfil(false);
    assert_eq!(w.spot_request(&cheap).0, "open", "not in each turn");
    w.fulfil(true);
    assert_eq!((w.spot_request(&cheap).0.as_str(), w.spot_request(&late).0.as_str()), ("active", "active"));
    // Before its time, after its time, and what can never be launched.
    let early = ask(&mut w, "ValidFrom=2026-01-01T02:00:00Z&ValidUntil=2026-01-01T03:00:00Z").remove(0);
    w.fulfil(true);
    assert_eq!(w.spot_request(&early), is("open", "not-scheduled-yet", ""));
    w.now = TimestampMs(w.now.0 + 3 * 3_600_000);
    w.settled();
    assert_eq!(w.spot_request(&early), is("closed", "schedule-expired", ""));
    w.ok("CreateKeyPair", "KeyName=k");
    let bad = ask(&mut w, "LaunchSpecification.KeyName=k").remove(0);
    w.ok("DeleteKeyPair", "KeyName=k");
    w.fulfil(false);
    assert_eq!(w.spot_request(&bad), is("failed", "bad-parameters", ""));
    let x = w.ok("DescribeSpotInstanceRequests", "Filter.1.Name=fault-code&Filter.1.Value.1=InvalidKeyPair.NotFound");
    assert_eq!(text(&x, "spotInstanceRequestId"), bad);
}

#[test]
fn cancelled_requests_leave_their_instances_but_stopped_ones() {
    let mut w = World::new();
    let cancel =
        |w: &mut World, id: &str| text(&w.ok("CancelSpotInstanceRequests", &format!("SpotInstanceRequestId.1={id}")), "state");
    let open = text(&w.ok("RequestSpotInstances", LAUNCH), "spotInstanceRequestId");
    assert_eq!(
        (cancel(&mut w, &open), w.spot_request(&open)),
        ("cancelled".into(), is("cancelled", "canceled-before-fulfillment", ""))
    );
    w.fulfil(true);
    assert_eq!(w.spot_request(&open).0, "cancelled");
    let id = w.launch(1, &persistent("terminate")).remove(0);
    let sir = w.request_of(&id);
    w.saw(&id, VmState::Running);
    cancel(&mut w, &sir);
    w.settled();
    assert_eq!((w.state(&id), w.spot_request(&sir)), ("running", is("cancelled", "request-canceled-and-instance-running", &id)));
    w.ok("TerminateInstances", &format!("InstanceId.1={id}"));
    w.saw(&id, VmState::Gone);
    w.fulfil(true);
    assert_eq!(w.spot_request(&sir), is("cancelled", "instance-terminated-by-user", &id));
    let id = w.launch(1, &persistent("stop")).remove(0);
    let sir = w.request_of(&id);
    w.saw(&id, VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={id}"));
    w.saw(&id, VmState::Stopped { by_guest: false });
    assert_eq!(w.spot_request(&sir), is("disabled", "instance-stopped-by-user", &id));
    w.fulfil(true);
    assert_eq!(w.state(&id), "stopped", "what its user stopped stays stopped");
    w.ok("StartInstances", &format!("InstanceId.1={id}"));
    w.settled();
    assert_eq!(w.spot_request(&sir), is("active", "fulfilled", &id));
    w.saw(&id, VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={id}"));
    w.saw(&id, VmState::Stopped { by_guest: false });
    cancel(&mut w, &sir);
    assert_eq!(w.state(&id), "shutting-down");
}

#[test]
fn on_demand_asks_for_free_room_everywhere_before_anybody_has_to_go() {
    let mut w = World::new();
    let markets = |w: &mut World, more: &str| {
        w.asked.clear();
        let _ = w.call("RunInstances", &format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=50&MaxCount=50&{more}"));
        let claims = w.asked.iter().filter_map(|q| match q {
            Question::Claim { cell, request } => Some((cell.to_string(), request.market)),
            _ => None,
        });
        claims.collect::<Vec<_>>()
    };
    let all = |market| [("a1", market), ("a2", market), ("b1", market)].map(|(c, m)| (c.to_owned(), m));
    let sorted = |mut claims: Vec<(String, ClaimMarket)>| {
        claims.sort_by_key(|(c, _)| c.clone());
        claims
    };
    assert_eq!(sorted(markets(&mut w, "")), all(ClaimMarket::OnDemand), "there is nobody to go");
    w.launch(1, &format!("{SPOT}&{A}"));
    let asked = markets(&mut w, "");
    assert_eq!(sorted(asked[..3].to_vec()), all(ClaimMarket::OnDemand));
    assert_eq!(sorted(asked[3..].to_vec()), all(ClaimMarket::OnDemandPreempt));
    let spot = markets(&mut w, SPOT);
    assert_eq!(sorted(spot), all(ClaimMarket::Spot { price_max: 1000 }), "spot never makes anybody go");
    // A start is where the disk is.
    let id = w.launch(1, A).remove(0);
    w.saw(&id, VmState::Running);
    w.ok("StopInstances", &format!("InstanceId.1={id}"));
    w.saw(&id, VmState::Stopped { by_guest: false });
    w.asked.clear();
    w.ok("StartInstances", &format!("InstanceId.1={id}"));
    assert!(matches!(&w.asked[..], [Question::Claim { request, .. }] if request.market == ClaimMarket::OnDemand));
}

#[test]
fn quotas_are_of_their_own() {
    let mut w = World::new();
    let account = w.caller.account.clone();
    for (quota, value) in [("ec2/L-34B43A08", 2), ("ec2/L-1216C47A", 4)] {
        w.db.put(QuotaValue { account: account.clone(), quota: quota.into(), value });
    }
    w.db.take_mutations();
    w.launch(1, &format!("{SPOT}&{A}"));
    let run = |rest: &str| format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount=1&{A}&{rest}");
    assert_eq!(w.code("RunInstances", &run(SPOT)), "MaxSpotInstanceCountExceeded");
    w.launch(2, A);
    assert_eq!(w.code("RunInstances", &run("")), "VcpuLimitExceeded");
    let sir = text(&w.ok("RequestSpotInstances", LAUNCH), "spotInstanceRequestId");
    w.fulfil(false);
    assert_eq!(w.spot_request(&sir), is("open", "limit-exceeded", ""));
    assert_eq!(w.db.list::<Instance>(&account).count(), 3);
}

#[test]
fn prices_are_the_cheapest_cells_and_their_history_is_bounded() {
    let mut w = World::new();
    let start = w.now;
    let at = |w: &mut World, minutes: u64, cell: &str, price: u32| {
        w.now = TimestampMs(start.0 + minutes * 60_000);
        let report = report(w, cell, Some(price));
        w.hear(&report);
    };
    at(&mut w, 0, "a1", 100);
    at(&mut w, 1, "a2", 300);
    at(&mut w, 2, "a1", 500);
    at(&mut w, 3, "b1", 100);
    let history = |w: &mut World, rest: &str| {
        let x = w.ok("DescribeSpotPriceHistory", &format!("InstanceType.1=t3.micro&{rest}"));
        texts(&x, "availabilityZone").into_iter().zip(texts(&x, "spotPrice")).collect::<Vec<_>>()
    };
    let (a, b) = ("us-east-1a", "us-east-1b");
    let is = |want: &[(&str, &str)]| want.iter().map(|(z, p)| ((*z).to_owned(), (*p).to_owned())).collect::<Vec<_>>();
    for (rest, want) in [
        ("", is(&[(b, "0.001040"), (a, "0.003120"), (a, "0.001040")])),
        ("AvailabilityZone=us-east-1a&StartTime=2026-01-01T00:01:30Z", is(&[(a, "0.003120"), (a, "0.001040")])),
        ("AvailabilityZone=us-east-1a&StartTime=2026-01-01T00:02:30Z", is(&[(a, "0.003120")])),
        ("AvailabilityZone=us-east-1a&EndTime=2026-01-01T00:01:00Z", is(&[(a, "0.001040")])),
        ("ProductDescription.1=Windows", is(&[])),
        ("ProductDescription.1=Linux/UNIX&Filter.1.Name=spot-price&Filter.1.Value.1=0.003120", is(&[(a, "0.003120")])),
    ] {
        assert_eq!(history(&mut w, rest), want, "{rest}");
    }
    let x = w.ok("DescribeSpotPriceHistory", "InstanceType.1=t3.micro&InstanceType.2=m5.large&MaxResults=4");
    let rest = w.ok(
        "DescribeSpotPriceHistory",
        &format!("InstanceType.1=t3.micro&InstanceType.2=m5.large&NextToken={}", text(&x, "nextToken")),
    );
    assert_eq!((texts(&x, "spotPrice").len(), texts(&rest, "spotPrice").len()), (4, 2));
    for n in 0..10_000 {
        at(&mut w, 10 + n, "b1", 100 + (n % 2) as u32);
    }
    let row = w.db.get::<SpotPrices>(&crate::db::system_account(), b).unwrap();
    assert_eq!(row.history.len(), 4096);
}

#[test]
fn templates_and_what_is_made_of_instances_carry_the_market() {
    let mut w = World::new();
    let data = "LaunchTemplateData.ImageId=ami-micro&LaunchTemplateData.InstanceType=t3.micro&LaunchTemplateData.InstanceMarketOptions.MarketType=spot&LaunchTemplateData.InstanceMarketOptions.SpotOptions.MaxPrice=0.0104";
    w.ok("CreateLaunchTemplate", &format!("LaunchTemplateName=spot&{data}"));
    let x = w.ok("RunInstances", &format!("LaunchTemplate.LaunchTemplateName=spot&MinCount=1&MaxCount=1&{A}"));
    let id = text(&x, "instanceId");
    assert_eq!(text(&x, "instanceLifecycle"), "spot");
    let x = w.ok("GetLaunchTemplateData", &format!("InstanceId={id}"));
    assert_eq!((text(&x, "marketType"), text(&x, "maxPrice")), ("spot".into(), "0.0104".into()));
}
