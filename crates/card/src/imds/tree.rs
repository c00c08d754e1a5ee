//! The metadata tree of one instance, the same from each of its interfaces: path to contents. A directory lists its names, one a line, those that go deeper
//! with a slash. Categories that do not apply (no key pair, no public address, tags not enabled) are absent: 404.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use types::InstanceId;
use wire::net::{InstanceProfile, MetadataConfig, PortConfig};

/// Every version that EC2 has published, and `latest`; all show the same tree.
const VERSIONS: &[&str] = &[
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "2016-06-30",
    "2016-09-02",
    "2018-03-28",
    "2018-08-17",
    "2018-09-24",
    "2019-10-01",
    "2020-10-27",
    "2021-01-03",
    "2021-03-23",
    "2021-07-15",
    "2022-09-24",
    "2024-04-11",
    "latest",
];

enum Node {
    Dir(Vec<(String, Node)>),
    Leaf(Vec<u8>),
    /// A directory whose listing is not its names: `public-keys/` lists `0=name`.
    Listed(String, Vec<(String, Node)>),
}

/// An interface of the instance.
type Own<'a> = (&'a PortConfig, &'a MetadataConfig);

/// The contents at `path` of an instance on this host; `None` is 404. The same from each of its interfaces.
pub fn lookup(ports: &[PortConfig], instance: InstanceId, path: &str) -> Option<Vec<u8>> {
    let all = ports.iter().filter_map(|p| Some((p, p.metadata.as_ref()?)));
    let mut interfaces: Vec<Own<'_>> = all.filter(|(_, m)| m.instance == instance).collect();
    interfaces.sort_by_key(|(_, m)| m.device_number);
    let as_directory = path.ends_with('/');
    let mut segments = path.split('/').filter(|s| !s.is_empty());
    let Some(version) = segments.next() else { return Some(VERSIONS.join("\n").into_bytes()) };
    if !VERSIONS.contains(&version) {
        return None;
    }
    let mut node = root(&interfaces)?;
    for name in segments {
        let (Node::Dir(children) | Node::Listed(_, children)) = node else { return None };
        node = children.into_iter().find(|(n, _)| n == name)?.1;
    }
    match node {
        Node::Leaf(_) if as_directory => None,
        Node::Leaf(body) => Some(body),
        Node::Listed(listing, _) => Some(listing.into_bytes()),
        Node::Dir(children) => {
            let names = children.iter().map(|(name, child)| match child {
                Node::Leaf(_) => name.clone(),
                _ => format!("{name}/"),
            });
            Some(names.collect::<Vec<_>>().join("\n").into_bytes())
        }
    }
}

fn leaf(name: &str, value: impl ToString) -> (String, Node) {
    (name.to_owned(), Node::Leaf(value.to_string().into_bytes()))
}

fn dir(name: &str, children: Vec<(String, Node)>) -> (String, Node) {
    (name.to_owned(), Node::Dir(children))
}

fn lines<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

/// The primary interface stands for the instance.
fn root(interfaces: &[Own<'_>]) -> Option<Node> {
    let &(port, m) = interfaces.first()?;
    let identity = vec![leaf("document", document(port, m))];
    let mut children =
        vec![dir("dynamic", vec![dir("instance-identity", identity)]), dir("meta-data", meta_data(interfaces, port, m))];
    if let Some(bytes) = m.user_data.as_ref().and_then(|d| STANDARD.decode(d).ok()).filter(|d| !d.is_empty()) {
        children.push(("user-data".to_owned(), Node::Leaf(bytes)));
    }
    Some(Node::Dir(children))
}

fn meta_data(interfaces: &[Own<'_>], port: &PortConfig, m: &MetadataConfig) -> Vec<(String, Node)> {
    let mut c = vec![
        leaf("ami-id", &m.image),
        leaf("ami-launch-index", m.launch_index),
        leaf("ami-manifest-path", "(unknown)"),
        dir("block-device-mapping", vec![leaf("ami", "/dev/vda"), leaf("root", "/dev/vda")]),
        dir("events", vec![dir("maintenance", vec![leaf("history", "[]"), leaf("scheduled", "[]")])]),
        leaf("hostname", &m.local_hostname),
    ];
    c.extend(m.profile.as_ref().map(iam));
    c.extend([
        leaf("instance-action", "none"),
        leaf("instance-id", m.instance),
        leaf("instance-life-cycle", if m.spot.is_some() { "spot" } else { "on-demand" }),
        leaf("instance-type", &m.instance_type),
        leaf("local-hostname", &m.local_hostname),
    ]);
    c.extend(port.ipv4.first().map(|ip| leaf("local-ipv4", ip)));
    c.push(leaf("mac", port.mac));
    let macs = interfaces.iter().map(|(port, m)| dir(&port.mac.to_string(), interface(port, m))).collect();
    c.push(dir("network", vec![dir("interfaces", vec![dir("macs", macs)])]));
    let placement = vec![
        leaf("availability-zone", &m.availability_zone),
        leaf("availability-zone-id", &m.availability_zone_id),
        leaf("region", &m.region),
    ];
    c.push(dir("placement", placement));
    c.push(leaf("profile", "default-hvm"));
    c.extend(m.public_hostname.as_ref().map(|h| leaf("public-hostname", h)));
    c.extend(m.public_ipv4.map(|ip| leaf("public-ipv4", ip)));
    if !m.public_keys.is_empty() {
        let listing = m.public_keys.iter().enumerate().map(|(n, (name, _))| format!("{n}={name}")).collect::<Vec<_>>();
        let keys = m.public_keys.iter().enumerate();
        let keys = keys.map(|(n, (_, key))| dir(&n.to_string(), vec![leaf("openssh-key", format!("{}\n", key.trim_end()))]));
        c.push(("public-keys".to_owned(), Node::Listed(listing.join("\n"), keys.collect())));
    }
    c.push(leaf("reservation-id", &m.reservation));
    c.push(leaf("security-groups", lines(&m.security_groups)));
    c.push(dir("services", vec![leaf("domain", "amazonaws.com"), leaf("partition", "aws")]));
    c.extend(m.spot.as_ref().and_then(|s| s.notice.as_ref()).map(spot));
    c.push(leaf("system", "nitro"));
    if let Some(tags) = &m.tags {
        // EC2 refuses such keys when it enables tags in metadata; here they are only not shown.
        let shown = tags.iter().filter(|(k, _)| !k.is_empty() && !k.contains(['/', ' ']) && k != "." && k != "..");
        c.push(dir("tags", vec![dir("instance", shown.map(|(k, v)| leaf(k, v)).collect())]));
    }
    c
}

fn interface(port: &PortConfig, m: &MetadataConfig) -> Vec<(String, Node)> {
    let mut c = vec![leaf("device-number", m.device_number), leaf("interface-id", port.id)];
    if !port.public.is_empty() {
        let pairs = port.public.iter().map(|p| leaf(&p.public.to_string(), p.private));
        c.push(dir("ipv4-associations", pairs.collect()));
    }
    c.push(leaf("local-hostname", &m.local_hostname));
    c.push(leaf("local-ipv4s", lines(&port.ipv4)));
    c.push(leaf("mac", port.mac));
    c.push(leaf("owner-id", &m.account));
    c.extend(m.public_hostname.as_ref().map(|h| leaf("public-hostname", h)));
    if !port.public.is_empty() {
        c.push(leaf("public-ipv4s", lines(&port.public.iter().map(|p| p.public).collect::<Vec<_>>())));
    }
    c.push(leaf("security-group-ids", lines(&port.groups)));
    c.push(leaf("security-groups", lines(&m.security_groups)));
    c.push(leaf("subnet-id", port.subnet));
    c.push(leaf("subnet-ipv4-cidr-block", port.subnet_cidr));
    c.push(leaf("vpc-id", port.vpc));
    c.extend(m.vpc_cidrs.first().map(|cidr| leaf("vpc-ipv4-cidr-block", cidr)));
    c.push(leaf("vpc-ipv4-cidr-blocks", lines(&m.vpc_cidrs)));
    c
}

/// The instance profile and the credentials of its role, in EC2's JSON. Source: "Retrieve security credentials from instance
/// metadata", EC2 User Guide.
fn iam(profile: &InstanceProfile) -> (String, Node) {
    let updated = ("LastUpdated", quoted(&iso(profile.updated_ms)));
    let code = ("Code", quoted("Success"));
    let (arn, id) = (("InstanceProfileArn", quoted(&profile.arn)), ("InstanceProfileId", quoted(&profile.id)));
    let info = object(&[code.clone(), updated.clone(), arn, id]);
    let credentials = profile.role.as_ref().map(|role| match &profile.credentials {
        Some(c) => object(&[
            code,
            updated,
            ("Type", quoted("AWS-HMAC")),
            ("AccessKeyId", quoted(&c.access_key)),
            ("SecretAccessKey", quoted(&c.secret_key)),
            ("Token", quoted(&c.token)),
            ("Expiration", quoted(&iso(c.expires_ms))),
        ]),
        None => object(&[
            ("Code", quoted("AssumeRoleUnauthorizedAccess")),
            ("Message", quoted(&format!("EC2 cannot assume the role {role}."))),
            updated,
        ]),
    });
    let roles = profile.role.iter().zip(credentials).map(|(role, text)| leaf(role, text)).collect();
    dir("iam", vec![leaf("info", info), dir("security-credentials", roles)])
}

/// The notice of a spot instance that is interrupted; 404 without one. `termination-time` is there only when it is to be
/// terminated. Source: "Spot Instance interruption notices", EC2 User Guide.
fn spot((action, at): &(String, u64)) -> (String, Node) {
    let at = iso(*at);
    let said = format!("{{\"action\": {}, \"time\": {}}}", quoted(action), quoted(&at));
    let mut c = vec![leaf("instance-action", said)];
    c.extend((action == "terminate").then(|| leaf("termination-time", at)));
    dir("spot", c)
}

fn quoted(s: &str) -> String {
    serde_json::Value::from(s).to_string()
}

fn iso(ms: u64) -> String {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(ms).unwrap_or(0)).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// One field a line, as EC2 writes it.
fn object(fields: &[(&str, String)]) -> String {
    let lines: Vec<_> = fields.iter().map(|(k, v)| format!("  \"{k}\" : {v}")).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// The instance identity document, its fields in EC2's order.
fn document(port: &PortConfig, m: &MetadataConfig) -> String {
    let ip = port.ipv4.first().map(ToString::to_string).unwrap_or_default();
    let fields = [
        ("accountId", quoted(&m.account)),
        ("architecture", quoted("x86_64")),
        ("availabilityZone", quoted(&m.availability_zone)),
        ("billingProducts", "null".to_owned()),
        ("devpayProductCodes", "null".to_owned()),
        ("marketplaceProductCodes", "null".to_owned()),
        ("imageId", quoted(&m.image)),
        ("instanceId", quoted(&m.instance.to_string())),
        ("instanceType", quoted(&m.instance_type)),
        ("kernelId", "null".to_owned()),
        ("pendingTime", quoted(&iso(m.launch_time_ms))),
        ("privateIp", quoted(&ip)),
        ("ramdiskId", "null".to_owned()),
        ("region", quoted(&m.region)),
        ("version", quoted("2017-09-30")),
    ];
    object(&fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestGuest, net_config};

    fn port(change: impl Fn(&mut PortConfig)) -> PortConfig {
        let underlay = "127.0.0.1".parse().unwrap();
        let guest = TestGuest { vpc: 1, n: 0, underlay };
        let mut port = net_config(&"a1-h1".parse().unwrap(), 1, underlay, &[guest]).ports.remove(0);
        change(&mut port);
        port
    }

    fn text(port: &PortConfig, path: &str) -> Option<String> {
        let instance = port.metadata.as_ref().unwrap().instance;
        lookup(std::slice::from_ref(port), instance, path).map(|b| String::from_utf8(b).unwrap())
    }

    /// What cloud-init does: a name with a slash is a directory, `0=name` stands for `0/openssh-key`, the rest is read.
    fn crawl(port: &PortConfig, path: &str, found: &mut Vec<String>) {
        for name in text(port, path).expect(path).lines() {
            match name.split_once('=') {
                Some((n, _)) => crawl(port, &format!("{path}{n}/"), found),
                None if name.ends_with('/') => crawl(port, &format!("{path}{name}"), found),
                None => {
                    assert!(text(port, &format!("{path}{name}")).is_some(), "{path}{name}");
                    found.push(format!("{path}{name}"));
                }
            }
        }
    }

    #[test]
    fn everything_listed_can_be_read() {
        let port = port(|_| {});
        let mut found = Vec::new();
        crawl(&port, "/2021-03-23/", &mut found);
        let mac = format!("network/interfaces/macs/{}", port.mac);
        for wanted in [
            "ami-id",
            "hostname",
            "instance-id",
            "instance-type",
            "local-hostname",
            "local-ipv4",
            "mac",
            "placement/availability-zone",
            "placement/region",
            "public-keys/0/openssh-key",
            "security-groups",
            "services/domain",
        ] {
            assert!(found.contains(&format!("/2021-03-23/meta-data/{wanted}")), "{wanted}");
        }
        for wanted in ["device-number", "local-ipv4s", "subnet-ipv4-cidr-block", "mac", "vpc-ipv4-cidr-blocks"] {
            assert!(found.contains(&format!("/2021-03-23/meta-data/{mac}/{wanted}")), "{wanted}");
        }
        assert!(found.contains(&"/2021-03-23/user-data".to_owned()));
        let document: serde_json::Value =
            serde_json::from_str(&text(&port, "/latest/dynamic/instance-identity/document").unwrap()).unwrap();
        assert_eq!((&document["pendingTime"], &document["region"]), (&"2026-01-01T00:00:00Z".into(), &"us-east-1".into()));
    }

    #[test]
    fn every_interface_of_the_instance_and_of_no_other() {
        let primary = port(|_| {});
        let second = port(|p| {
            p.mac = "06:00:00:00:00:99".parse().unwrap();
            p.ipv4 = vec!["10.9.0.5".parse().unwrap(), "10.9.0.6".parse().unwrap()];
            p.metadata.as_mut().unwrap().device_number = 1;
        });
        let stranger = port(|p| {
            p.mac = "06:00:00:00:00:77".parse().unwrap();
            p.metadata.as_mut().unwrap().instance = InstanceId::from_random(99);
        });
        let instance = primary.metadata.as_ref().unwrap().instance;
        let ports = [stranger, second.clone(), primary.clone()];
        let get =
            |path: &str| lookup(&ports, instance, &format!("/latest/meta-data/{path}")).map(|b| String::from_utf8(b).unwrap());
        let macs = "network/interfaces/macs";
        assert_eq!(get(&format!("{macs}/")), Some(format!("{}/\n{}/", primary.mac, second.mac)));
        assert_eq!(get("mac"), Some(primary.mac.to_string()));
        assert_eq!(get(&format!("{macs}/{}/device-number", second.mac)).as_deref(), Some("1"));
        assert_eq!(get(&format!("{macs}/{}/local-ipv4s", second.mac)).as_deref(), Some("10.9.0.5\n10.9.0.6"));
    }

    #[test]
    fn what_does_not_apply_is_absent() {
        let bare = port(|p| {
            let m = p.metadata.as_mut().unwrap();
            (m.user_data, m.public_keys) = (None, Vec::new());
        });
        for path in [
            "/latest/user-data",
            "/latest/meta-data/public-keys/",
            "/latest/meta-data/public-ipv4",
            "/latest/meta-data/tags/instance/",
            "/latest/meta-data/iam/",
            "/1999-01-01/meta-data/",
            "/latest/meta-data/mac/",
            "/latest/meta-data/../user-data",
            "/nonsense",
        ] {
            assert_eq!(text(&bare, path), None, "{path}");
        }
        let tagged = port(|p| {
            let tags = [("Name", "web"), ("a/b", "hidden")].map(|(k, v)| (k.to_owned(), v.to_owned()));
            p.metadata.as_mut().unwrap().tags = Some(tags.to_vec());
        });
        assert_eq!(text(&tagged, "/latest/meta-data/tags/instance").as_deref(), Some("Name"));
        assert_eq!(text(&tagged, "/latest/meta-data/tags/instance/Name").as_deref(), Some("web"));
        assert!(text(&tagged, "/").unwrap().ends_with("latest"));
    }

    #[test]
    fn a_spot_instance_is_told_of_its_end() {
        let life = |notice: Option<(&str, u64)>| {
            let notice = notice.map(|(action, at)| (action.to_owned(), at));
            port(|p| p.metadata.as_mut().unwrap().spot = Some(wire::net::SpotLife { notice: notice.clone() }))
        };
        let told = |action| life(Some((action, 1_767_225_720_000)));
        let (action, time) = ("/latest/meta-data/spot/instance-action", "/latest/meta-data/spot/termination-time");
        for (what, port, cycle, wants) in [
            ("on demand", port(|_| {}), "on-demand", (None, None)),
            ("undisturbed", life(None), "spot", (None, None)),
            (
                "terminated",
                told("terminate"),
                "spot",
                (Some(r#"{"action": "terminate", "time": "2026-01-01T00:02:00Z"}"#), Some("2026-01-01T00:02:00Z")),
            ),
            ("stopped", told("stop"), "spot", (Some(r#"{"action": "stop", "time": "2026-01-01T00:02:00Z"}"#), None)),
        ] {
            assert_eq!(text(&port, "/latest/meta-data/instance-life-cycle").as_deref(), Some(cycle), "{what}");
            assert_eq!((text(&port, action).as_deref(), text(&port, time).as_deref()), wants, "{what}");
            let listed = text(&port, "/latest/meta-data/").unwrap().lines().any(|l| l == "spot/");
            assert_eq!(listed, wants.0.is_some(), "{what}");
        }
    }

    #[test]
    fn credentials_of_the_instance_profile() {
        let credentials = wire::net::InstanceCredentials {
            access_key: "ASIAX".into(),
            secret_key: "s/+".into(),
            token: "t==".into(),
            expires_ms: 1_767_229_200_000,
        };
        let profile = |role: Option<&str>, credentials| {
            let profile = InstanceProfile {
                arn: "arn:aws:iam::123456789012:instance-profile/web".into(),
                id: "AIPAX".into(),
                updated_ms: 1_767_225_600_000,
                role: role.map(str::to_owned),
                credentials,
            };
            port(|p| p.metadata.as_mut().unwrap().profile = Some(profile.clone()))
        };
        let json = |port: &PortConfig, path: &str| -> serde_json::Value {
            serde_json::from_str(&text(port, &format!("/latest/meta-data/iam/{path}")).unwrap()).unwrap()
        };
        let whole = profile(Some("app"), Some(credentials));
        assert_eq!(text(&whole, "/latest/meta-data/iam/").as_deref(), Some("info\nsecurity-credentials/"));
        assert_eq!(text(&whole, "/latest/meta-data/iam/security-credentials/").as_deref(), Some("app"));
        assert_eq!(
            json(&whole, "info"),
            serde_json::json!({"Code": "Success", "LastUpdated": "2026-01-01T00:00:00Z", "InstanceProfileArn": "arn:aws:iam::123456789012:instance-profile/web", "InstanceProfileId": "AIPAX"})
        );
        assert_eq!(
            json(&whole, "security-credentials/app"),
            serde_json::json!({"Code": "Success", "LastUpdated": "2026-01-01T00:00:00Z", "Type": "AWS-HMAC", "AccessKeyId": "ASIAX", "SecretAccessKey": "s/+", "Token": "t==", "Expiration": "2026-01-01T01:00:00Z"})
        );
        assert_eq!(json(&profile(Some("app"), None), "security-credentials/app")["Code"], "AssumeRoleUnauthorizedAccess");
        assert_eq!(text(&profile(None, None), "/latest/meta-data/iam/security-credentials/").as_deref(), Some(""));
        let shown = format!("{whole:?}");
        assert!(shown.contains("ASIAX") && !shown.contains("s/+") && !shown.contains("t=="));
    }
}
