//! `reach SRC DST[:PORT]`: whether a packet gets there and its answer back, and what decides. Asks the cards of the hosts on
//! the way what they would do ([`follow`]); sends nothing.

mod follow;
mod parse;
pub mod words;

use super::{RPC_TIMEOUT, block_on, print, print_json};
use crate::cli::ReachArgs;
use crate::error::CliError;
use follow::{End, Leg, Region};
use parse::Target;
use platform::rpc::Client;
use platform::{DataDir, Settings};
use serde::Serialize;
use std::net::IpAddr;
use std::process::ExitCode;
use types::{InterfaceId, Vni};
use wire::net::RouteTarget;
use wire::trace::{FindPlaces, Place, PlaceQuery, Places, Probe, Step, TraceFrom};

/// An echo request and its answer: the protocol, and the types * 256.
struct Ping {
    protocol: u8,
    request: u16,
    reply: u16,
}

/// That of an address' family.
fn ping(of: IpAddr) -> Ping {
    match of {
        IpAddr::V4(_) => Ping { protocol: 1, request: 0x0800, reply: 0 },
        IpAddr::V6(_) => Ping { protocol: 58, request: 0x8000, reply: 0x8100 },
    }
}

/// What was found out.
#[derive(Debug, Serialize)]
struct Report {
    probe: Probe,
    reachable: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    there: Vec<Decision>,
    back: Vec<Decision>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    pub host: String,
    #[serde(flatten)]
    pub step: StepField,
}

#[derive(Debug, Clone, Serialize)]
pub struct StepField {
    pub step: Step,
}

pub fn run(dir: &DataDir, args: &ReachArgs) -> Result<ExitCode, CliError> {
    let report = block_on(judge(dir, args))?;
    let code = if report.reachable { ExitCode::SUCCESS } else { ExitCode::from(1) };
    if args.json {
        print_json(&report)?;
        return Ok(code);
    }
    let mut out = String::new();
    let legs = [(report.probe, &report.there), (answer_to(&report.probe), &report.back)];
    for (probe, steps) in legs.iter().filter(|(_, steps)| !steps.is_empty()) {
        out.push_str(&format!("{}\n", words::packet(probe)));
        for d in steps.iter() {
            out.push_str(&format!("  {:<8} {}\n", d.host, words::step(&d.step.step)));
        }
    }
    match &report.why {
        None => out.push_str("reachable\n"),
        Some(why) => out.push_str(&format!("not reachable: {why}\n")),
    }
    print(&out)?;
    Ok(code)
}

async fn judge(dir: &DataDir, args: &ReachArgs) -> Result<Report, CliError> {
    let settings = Settings::load(dir)?;
    let me = super::operator(dir)?;
    let names = Names { client: Client::new(&me, dir.socket("control-plane")) };
    let (source, from) = names.source(&args.source).await?;
    let (to, port) = parse::destination(&args.destination)?;
    let (destinations, wanted) = names.destination(&to).await?;
    let pair = pair(&from, &destinations);
    let (from, destination) =
        pair.ok_or_else(|| CliError::refused(format!("{} has no address of the family of {to}", args.source)))?;
    let probe = parse::probe(args, from, destination, port)?;
    let mut report = Report { probe, reachable: false, why: None, there: Vec::new(), back: Vec::new() };
    let Some(host) = source.host.clone() else {
        report.why = Some(format!("{} is on no host: not attached, or its instance is stopped", source.interface));
        return Ok(report);
    };
    let region = Region { dir, me: &me, settings: &settings };
    let there = region.follow(&host, TraceFrom::Guest { interface: source.interface }, probe, None).await?;
    report.there = decisions(&there);
    let why = match answer(&there, source.interface, wanted, &settings) {
        Err(why) => Some(why),
        Ok(None) => None,
        Ok(Some((host, from, packet))) => {
            let back = region.follow(&host, from, packet, Some(there.passed.clone())).await?;
            report.back = decisions(&back);
            came_back(&back, &source, &probe).err()
        }
    };
    report.reachable = why.is_none();
    report.why = why;
    Ok(report)
}

/// The first addresses of one family.
fn pair(sources: &[IpAddr], destinations: &[IpAddr]) -> Option<(IpAddr, IpAddr)> {
    sources.iter().find_map(|s| Some((*s, *destinations.iter().find(|d| d.is_ipv4() == s.is_ipv4())?)))
}

/// Where the answer to a packet that took this way begins; `None`: it takes none that anything decides about. The error says
/// why the packet did not get to where it should.
fn answer(
    there: &Leg,
    source: InterfaceId,
    wanted: Option<InterfaceId>,
    settings: &Settings,
) -> Result<Option<(types::HostId, TraceFrom, Probe)>, String> {
    let packet = answer_to(&there.packet);
    match &there.end {
        End::Dropped(reason) => Err(words::why(reason, there.steps.last().map(|(_, s)| s), there.before_last(), &there.packet)),
        End::Lost(cause) => Err(cause.clone()),
        End::Delivered(interface) if wanted.is_some_and(|w| w != *interface) => Err(format!("it goes to {interface} instead")),
        End::Delivered(interface) => Ok(Some((there.host.clone(), TraceFrom::Guest { interface: *interface }, packet))),
        End::Service if wanted.is_some() => Err("a service of the host takes it".to_owned()),
        End::Outside if wanted.is_some() => Err("it leaves to the internet".to_owned()),
        End::Service => {
            let endpoint = |s: &Step| matches!(s, Step::Route { route, .. } if matches!(route.target, RouteTarget::Endpoint(_)));
            let by_route = there.steps.iter().any(|(_, s)| endpoint(s));
            Ok(by_route.then(|| (there.host.clone(), TraceFrom::Service { interface: source }, packet)))
        }
        End::Outside => {
            let from = TraceFrom::Host { underlay: settings.edge_underlay, vni: Vni::INTERNET.get(), interface: None };
            Ok(Some((there.host.clone(), from, packet)))
        }
    }
}

fn came_back(back: &Leg, source: &Place, sent: &Probe) -> Result<(), String> {
    let failed = |why: String| Err(format!("the answer does not come back: {why}"));
    match &back.end {
        End::Dropped(reason) => failed(words::why(reason, back.steps.last().map(|(_, s)| s), back.before_last(), &back.packet)),
        End::Lost(cause) => failed(cause.clone()),
        End::Delivered(interface) if *interface != source.interface => failed(format!("it goes to {interface}")),
        End::Delivered(_) if (back.packet.source, back.packet.destination) != (sent.destination, sent.source) => {
            failed(format!("it comes from {}, and {} was asked", back.packet.source, sent.destination))
        }
        End::Delivered(_) => Ok(()),
        End::Service => failed("a service of the host takes it".to_owned()),
        End::Outside => failed("it leaves to the internet".to_owned()),
    }
}

fn answer_to(p: &Probe) -> Probe {
    let (source, destination) = (p.destination, p.source);
    let ping = ping(p.source);
    match (p.protocol, p.destination_port) {
        asked if asked == (ping.protocol, ping.request) => Probe { source, destination, destination_port: ping.reply, ..*p },
        _ => Probe { source, destination, source_port: p.destination_port, destination_port: p.source_port, ..*p },
    }
}

fn decisions(leg: &Leg) -> Vec<Decision> {
    leg.steps.iter().map(|(host, step)| Decision { host: host.to_string(), step: StepField { step: step.clone() } }).collect()
}

/// Looks up at the region what the words of the command line stand for.
struct Names {
    client: Client,
}

impl Names {
    async fn ask(&self, query: PlaceQuery) -> Result<Places, CliError> {
        let reply = self.client.call::<FindPlaces>(&query, RPC_TIMEOUT).await;
        reply.map_err(|source| CliError::Unanswered { what: "ask the control plane where that is".to_owned(), source })
    }

    async fn places(&self, target: &Target) -> Result<Vec<Place>, CliError> {
        let query = match target {
            Target::Instance(id) => PlaceQuery::Instance(*id),
            Target::Interface(id) => PlaceQuery::Interface(*id),
            Target::Address(address, vpc) => PlaceQuery::Address { address: *address, vpc: *vpc },
            Target::Service(name) => PlaceQuery::Service(name.clone()),
        };
        Ok(self.ask(query).await?.places)
    }

    /// The interface that sends, and the addresses that it may send from.
    async fn source(&self, text: &str) -> Result<(Place, Vec<IpAddr>), CliError> {
        let target = parse::target(text)?;
        if let Target::Service(name) = &target {
            return Err(CliError::refused(format!("{name} is no source: name an instance, an interface or an address")));
        }
        let places = self.places(&target).await?;
        let several = matches!(target, Target::Address(..)) && places.len() > 1;
        if several {
            let which: Vec<String> = places.iter().take(5).map(|p| format!("{} in {}", p.interface, p.vpc)).collect();
            let which = which.join(", ");
            return Err(CliError::refused(format!("{text} is in several VPCs ({which}): write VPC/ADDRESS")));
        }
        let place = places.into_iter().next();
        let place = place.ok_or_else(|| CliError::refused(format!("{text} is nowhere: there is no such interface")))?;
        let addresses = match target {
            Target::Address(a, _) if !place.addresses.contains(&a) => {
                let private = place.addresses.first().map_or_else(String::new, |p| format!(", such as {p}"));
                return Err(CliError::refused(format!(
                    "{text} is a public address: name {} by a private one{private}",
                    place.interface
                )));
            }
            Target::Address(a, _) => vec![a],
            _ => place.addresses.clone(),
        };
        Ok((place, addresses))
    }

    /// The addresses to send to, and the interface that it must come to if one was named.
    async fn destination(&self, target: &Target) -> Result<(Vec<IpAddr>, Option<InterfaceId>), CliError> {
        match target {
            Target::Address(a, None) => Ok((vec![*a], None)),
            Target::Service(name) => {
                let found = self.ask(PlaceQuery::Service(name.clone())).await?.service;
                let address = found.and_then(|s| s.addresses.first().copied());
                let address = address.ok_or_else(|| CliError::refused(format!("there is no service with the name {name}")))?;
                Ok((vec![address.into()], None))
            }
            _ => {
                let place = self.places(target).await?.into_iter().next();
                let place = place.ok_or_else(|| CliError::refused(format!("{target} is nowhere: there is no such interface")))?;
                let addresses = match target {
                    Target::Address(a, _) => vec![*a],
                    _ => place.addresses,
                };
                Ok((addresses, Some(place.interface)))
            }
        }
    }
}
