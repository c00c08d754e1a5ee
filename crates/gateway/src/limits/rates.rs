//! How often an account may ask for what: AWS's documented buckets, and what a request takes from them. Pure.
//!
//! * EC2: a bucket for each action, sized by the action's category; seven actions have a smaller one when they ask for
//!   everything; four count instances besides ("Request throttling for the Amazon EC2 API", EC2 developer guide).
//! * KMS: what is done with keys shares a service quota for each kind of key, other actions have their own rates ("Request
//!   quotas", KMS developer guide).
//! * STS: one bucket ("IAM and AWS STS quotas"). CloudTrail, SSM, Service Quotas: as their API references say. For IAM
//!   nothing is published; it has EC2's figures. S3: AWS's rates for one prefix, here for the account.
//!
//! AWS's figures are for an account among millions. They are multiplied by the operator's `rate_scale`, unless they are a
//! service quota, which an account raises by itself.

use crate::classify::{Class, class};
use aws_protocol::SERVICES;
use platform::settings::LimitSettings;
use std::collections::{BTreeMap, HashMap};
use types::AccountId;
use wire::quota::{DataQuota, KMS_ECC_PER_SECOND, KMS_RSA_PER_SECOND, KMS_SYMMETRIC_PER_SECOND, QuotaSnapshot};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back, in thousandths a second.
    pub milli_per_second: u64,
    /// Tokens of a full bucket.
    pub burst: u64,
}

/// What a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// See [`Rates::name`].
    pub number: u16,
    pub rate: Rate,
    pub tokens: u64,
}

/// At most a request and the instances that it names.
pub type Charges = [Option<Charge>; 2];

#[derive(Debug, thiserror::Error)]
#[error("the settings name a rate that there is not: {0}")]
pub struct UnknownRate(String);

struct Rule {
    name: String,
    rate: Rate,
    /// Then the rate is the quota's, a second's worth at once.
    quota: Option<DataQuota>,
}

#[derive(Clone, Copy)]
struct Plan {
    requests: u16,
    /// When everything is asked for.
    unfiltered: Option<u16>,
    instances: Option<u16>,
}

pub struct Rates {
    rules: Vec<Rule>,
    plans: HashMap<&'static str, HashMap<&'static str, Plan>>,
    unknown: u16,
    s3: [u16; 2],
    kms: Option<[u16; 3]>,
}

/// (burst, thousandths a second)
type Figures = (u64, u64);

const NON_MUTATING: Figures = (100, 20_000);
const UNFILTERED: Figures = (50, 10_000);
/// Also those that are resource-intensive: their figures are the same.
const MUTATING: Figures = (50, 5000);

const UNFILTERED_ACTIONS: [&str; 7] = [
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSpotInstanceRequests",
    "DescribeVolumes",
];

/// Actions with figures of their own, as far as they are served.
const EC2: [(&str, Figures); 10] = [
    ("AssociateIamInstanceProfile", (100, 5000)),
    ("CreateDefaultSubnet", (1, 1000)),
    ("CreateDefaultVpc", (1, 1000)),
    ("CreateTags", (100, 10_000)),
    ("DeleteTags", (100, 10_000)),
    ("DisassociateIamInstanceProfile", (100, 5000)),
    ("ModifyInstanceMetadataOptions", (100, 5000)),
    ("RunInstances", (5, 2000)),
    ("StartInstances", (5, 2000)),
    ("TerminateInstances", (100, 5000)),
];

/// Actions that count instances.
const INSTANCES: [(&str, Figures); 4] = [
    ("RunInstances", (1000, 2000)),
    ("StartInstances", (1000, 2000)),
    ("StopInstances", (1000, 20_000)),
    ("TerminateInstances", (1000, 20_000)),
];

/// A second. Those that are not here have five.
const KMS: [(&str, u64); 27] = [
    ("CreateGrant", 50),
    ("DeleteAlias", 15),
    ("DeleteImportedKeyMaterial", 15),
    ("DescribeKey", 2000),
    ("EnableKeyRotation", 15),
    ("GenerateDataKeyPair", 100),
    ("GenerateDataKeyPairWithoutPlaintext", 100),
    ("GetKeyPolicy", 1000),
    ("GetKeyRotationStatus", 1000),
    ("GetPublicKey", 2000),
    ("ImportKeyMaterial", 15),
    ("ListAliases", 500),
    ("ListGrants", 100),
    ("ListKeyPolicies", 100),
    ("ListKeyRotations", 100),
    ("ListKeys", 500),
    ("ListResourceTags", 2000),
    ("ListRetirableGrants", 100),
    ("PutKeyPolicy", 15),
    ("RetireGrant", 30),
    ("RevokeGrant", 30),
    ("ScheduleKeyDeletion", 15),
    ("TagResource", 10),
    ("CreateKey", 5),
    ("CreateAlias", 5),
    ("UpdateAlias", 5),
    ("ReplicateKey", 5),
];
const KMS_OTHER: u64 = 5;
/// These share the quotas.
const KMS_SHARED: [&str; 11] = [
    "Decrypt",
    "DeriveSharedSecret",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GenerateRandom",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
];

impl Rates {
    /// # Errors
    /// When the settings give figures for what there is not.
    pub fn new(settings: &LimitSettings) -> Result<Self, UnknownRate> {
        let mut rules = Rules { all: Vec::new(), by_name: BTreeMap::new(), scale: settings.rate_scale.max(1).into() };
        let mut plans: HashMap<&'static str, HashMap<&'static str, Plan>> = HashMap::new();
        for service in SERVICES {
            let of_service = plans.entry(service.name).or_default();
            for operation in service.operations {
                of_service.insert(operation.name, plan(&mut rules, service.name, operation.name));
            }
        }
        let s3 = [rules.add("s3:read".into(), (5500, 5_500_000)), rules.add("s3:write".into(), (3500, 3_500_000))];
        let unknown = rules.add("unknown".into(), MUTATING);
        let number = |name: &str| rules.by_name.get(name).copied();
        let kms = match (number("kms:symmetric"), number("kms:rsa"), number("kms:ecc")) {
            (Some(symmetric), Some(rsa), Some(ecc)) => Some([symmetric, rsa, ecc]),
            _ => None,
        };
        for (name, own) in &settings.rates {
            let number = number(name).ok_or_else(|| UnknownRate(name.clone()))?;
            let rule = &mut rules.all[usize::from(number)];
            rule.rate = Rate { milli_per_second: u64::from(own.per_second) * 1000, burst: own.burst.max(1).into() };
            rule.quota = None;
        }
        Ok(Self { rules: rules.all, plans, unknown, s3, kms })
    }

    /// `ec2:RunInstances/instances`
    pub fn name(&self, number: u16) -> &str {
        self.rules.get(usize::from(number)).map_or("", |r| &r.name)
    }

    /// What an API call takes.
    pub fn of_call(&self, account: &AccountId, quotas: &QuotaSnapshot, service: &str, action: &str, body: &str) -> Charges {
        let charge = |number, tokens| Some(self.charge(account, quotas, number, tokens));
        let Some(plan) = self.plans.get(service).and_then(|of| of.get(action)) else {
            return [charge(self.unknown, 1), None];
        };
        let mut requests = plan.requests;
        if let Some(kms) = self.kms.filter(|kms| kms.contains(&requests)) {
            requests = kms[kind_of_key(action, body)];
        }
        if let Some(unfiltered) = plan.unfiltered.filter(|_| asks_for_everything(body)) {
            requests = unfiltered;
        }
        [charge(requests, 1), plan.instances.and_then(|number| charge(number, instances(body)))]
    }

    /// What a request of S3 takes.
    pub fn of_object(&self, account: &AccountId, quotas: &QuotaSnapshot, method: &str) -> Charges {
        let read = matches!(method, "GET" | "HEAD" | "OPTIONS");
        [Some(self.charge(account, quotas, self.s3[usize::from(!read)], 1)), None]
    }

    fn charge(&self, account: &AccountId, quotas: &QuotaSnapshot, number: u16, tokens: u64) -> Charge {
        let rule = &self.rules[usize::from(number)];
        let rate = match rule.quota {
            None => rule.rate,
            Some(quota) => {
                let value = quotas.value(account, quota).max(1);
                Rate { milli_per_second: value.saturating_mul(1000), burst: value }
            }
        };
        Charge { number, rate, tokens }
    }
}

struct Rules {
    all: Vec<Rule>,
    by_name: BTreeMap<String, u16>,
    scale: u64,
}

impl Rules {
    fn add(&mut self, name: String, (burst, milli): Figures) -> u16 {
        let rate = Rate { milli_per_second: milli.saturating_mul(self.scale), burst: burst.saturating_mul(self.scale) };
        self.put(Rule { name, rate, quota: None })
    }

    fn quota(&mut self, name: &str, quota: DataQuota) -> u16 {
        self.put(Rule { name: name.to_owned(), rate: Rate { milli_per_second: 0, burst: 0 }, quota: Some(quota) })
    }

    fn put(&mut self, rule: Rule) -> u16 {
        let next = self.all.len() as u16;
        let number = *self.by_name.entry(rule.name.clone()).or_insert(next);
        if number == next {
            self.all.push(rule);
        }
        number
    }
}

fn plan(rules: &mut Rules, service: &str, action: &str) -> Plan {
    let reads = class(action) == Class::Read;
    let word = if reads { "read" } else { "write" };
    let own = format!("{service}:{action}");
    let requests = match service {
        "ec2" => {
            let usual = if reads { NON_MUTATING } else { MUTATING };
            let figures = EC2.iter().find(|(name, _)| *name == action).map_or(usual, |(_, figures)| *figures);
            rules.add(own.clone(), figures)
        }
        "sts" => rules.add("sts".into(), (600, 600_000)),
        "kms" if KMS_SHARED.contains(&action) => {
            rules.quota("kms:rsa", KMS_RSA_PER_SECOND);
            rules.quota("kms:ecc", KMS_ECC_PER_SECOND);
            rules.quota("kms:symmetric", KMS_SYMMETRIC_PER_SECOND)
        }
        "kms" => {
            let rate = KMS.iter().find(|(name, _)| *name == action).map_or(KMS_OTHER, |(_, rate)| *rate);
            rules.add(own.clone(), (rate, rate * 1000))
        }
        "ssm" => rules.add("ssm:read".into(), (40, 40_000)),
        "cloudtrail" if action == "LookupEvents" => rules.add(own.clone(), (2, 2000)),
        "cloudtrail" if reads => rules.add("cloudtrail:read".into(), (10, 10_000)),
        "cloudtrail" => rules.add("cloudtrail:write".into(), (1, 1000)),
        "servicequotas" => rules.add(format!("{service}:{word}"), if reads { (10, 10_000) } else { (3, 3000) }),
        _ => rules.add(format!("{service}:{word}"), if reads { NON_MUTATING } else { MUTATING }),
    };
    let ec2 = service == "ec2";
    let unfiltered = (ec2 && UNFILTERED_ACTIONS.contains(&action)).then(|| rules.add(format!("{own}/unfiltered"), UNFILTERED));
    let instances = INSTANCES.iter().find(|(name, _)| ec2 && *name == action);
    let instances = instances.map(|(_, figures)| rules.add(format!("{own}/instances"), *figures));
    Plan { requests, unfiltered, instances }
}

/// Neither ids nor filters nor pages.
fn asks_for_everything(form: &str) -> bool {
    let narrows = |name: &str| {
        name.starts_with("Filter.") || name == "MaxResults" || name.contains("Id.") || name.starts_with("GroupName.")
    };
    !form.split('&').any(|p| narrows(p.split('=').next().unwrap_or_default()))
}

/// How many instances a form names: by ids, or as many as it would have at most.
fn instances(form: &str) -> u64 {
    let ids = form.split('&').filter(|p| p.starts_with("InstanceId.")).count() as u64;
    let asked = form.split('&').find_map(|p| p.strip_prefix("MaxCount=")).and_then(|n| n.parse().ok());
    asked.unwrap_or(ids).max(1)
}

/// By the algorithms that the request names: which of `kms:symmetric`, `kms:rsa`, `kms:ecc` it counts for.
fn kind_of_key(action: &str, body: &str) -> usize {
    #[derive(serde::Deserialize, Default)]
    #[serde(rename_all = "PascalCase", default)]
    struct Algorithms {
        signing_algorithm: String,
        encryption_algorithm: String,
        source_encryption_algorithm: String,
        destination_encryption_algorithm: String,
    }
    let asked: Algorithms = match action {
        "DeriveSharedSecret" => return 2,
        "Sign" | "Verify" | "Encrypt" | "Decrypt" | "ReEncrypt" => serde_json::from_str(body).unwrap_or_default(),
        _ => return 0,
    };
    let rsa = [&asked.encryption_algorithm, &asked.source_encryption_algorithm, &asked.destination_encryption_algorithm];
    match asked.signing_algorithm.as_str() {
        "" if rsa.iter().any(|a| a.starts_with("RSAES")) => 1,
        "" => 0,
        signing if signing.starts_with("RSASSA") => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::settings::RateSettings;

    fn rates(scale: u32) -> Rates {
        Rates::new(&LimitSettings { rate_scale: scale, ..LimitSettings::default() }).unwrap()
    }

    fn account() -> AccountId {
        "123456789012".parse().unwrap()
    }

    /// (name, tokens, burst, thousandths a second)
    fn taken(rates: &Rates, service: &str, action: &str, body: &str) -> Vec<(String, u64, u64, u64)> {
        let charges = rates.of_call(&account(), &QuotaSnapshot::default(), service, action, body);
        let row = |c: Charge| (rates.name(c.number).to_owned(), c.tokens, c.rate.burst, c.rate.milli_per_second);
        charges.into_iter().flatten().map(row).collect()
    }

    #[test]
    fn at_scale_one_the_figures_are_aws_own() {
        let r = rates(1);
        let row = |name: &str, tokens, burst, milli| (name.to_owned(), tokens, burst, milli);
        for (service, action, body, want) in [
            ("ec2", "DescribeVpcs", "Action=DescribeVpcs", vec![row("ec2:DescribeVpcs", 1, 100, 20_000)]),
            (
                "ec2",
                "DescribeInstances",
                "Action=DescribeInstances&Version=2016-11-15",
                vec![row("ec2:DescribeInstances/unfiltered", 1, 50, 10_000)],
            ),
            ("ec2", "DescribeInstances", "MaxResults=5", vec![row("ec2:DescribeInstances", 1, 100, 20_000)]),
            ("ec2", "DescribeInstances", "InstanceId.1=i-1", vec![row("ec2:DescribeInstances", 1, 100, 20_000)]),
            ("ec2", "DescribeInstances", "Filter.1.Name=vpc-id", vec![row("ec2:DescribeInstances", 1, 100, 20_000)]),
            ("ec2", "CreateVpc", "", vec![row("ec2:CreateVpc", 1, 50, 5000)]),
            ("ec2", "AuthorizeSecurityGroupIngress", "", vec![row("ec2:AuthorizeSecurityGroupIngress", 1, 50, 5000)]),
            ("ec2", "CreateDefaultVpc", "", vec![row("ec2:CreateDefaultVpc", 1, 1, 1000)]),
            (
                "ec2",
                "RunInstances",
                "Action=RunInstances&MinCount=1&MaxCount=40",
                vec![row("ec2:RunInstances", 1, 5, 2000), row("ec2:RunInstances/instances", 40, 1000, 2000)],
            ),
            (
                "ec2",
                "TerminateInstances",
                "InstanceId.1=i-1&InstanceId.2=i-2",
                vec![row("ec2:TerminateInstances", 1, 100, 5000), row("ec2:TerminateInstances/instances", 2, 1000, 20_000)],
            ),
            ("sts", "AssumeRole", "", vec![row("sts", 1, 600, 600_000)]),
            ("kms", "Decrypt", "{}", vec![row("kms:symmetric", 1, 10_000, 10_000_000)]),
            ("kms", "Sign", r#"{"SigningAlgorithm":"RSASSA_PSS_SHA_256"}"#, vec![row("kms:rsa", 1, 1000, 1_000_000)]),
            ("kms", "Verify", r#"{"SigningAlgorithm":"ECDSA_SHA_256"}"#, vec![row("kms:ecc", 1, 1000, 1_000_000)]),
            ("kms", "Encrypt", r#"{"EncryptionAlgorithm":"RSAES_OAEP_SHA_1"}"#, vec![row("kms:rsa", 1, 1000, 1_000_000)]),
            ("kms", "GenerateRandom", "", vec![row("kms:symmetric", 1, 10_000, 10_000_000)]),
            ("kms", "CreateKey", "", vec![row("kms:CreateKey", 1, 5, 5000)]),
            ("cloudtrail", "LookupEvents", "", vec![row("cloudtrail:LookupEvents", 1, 2, 2000)]),
            ("ec2", "Nothing", "", vec![row("unknown", 1, 50, 5000)]),
        ] {
            assert_eq!(taken(&r, service, action, body), want, "{service}:{action} {body}");
        }
    }

    #[test]
    fn the_scale_leaves_quotas_alone_and_the_operator_has_the_last_word() {
        let mut settings = LimitSettings { rate_scale: 10, ..LimitSettings::default() };
        settings.rates.insert("ec2:CreateVpc".into(), RateSettings { per_second: 3, burst: 4 });
        settings.rates.insert("kms:rsa".into(), RateSettings { per_second: 7, burst: 8 });
        let r = Rates::new(&settings).unwrap();
        assert_eq!(taken(&r, "ec2", "DescribeVpcs", "")[0].3, 200_000);
        assert_eq!(taken(&r, "kms", "Decrypt", "")[0].3, 10_000_000);
        assert_eq!(taken(&r, "ec2", "CreateVpc", ""), [("ec2:CreateVpc".to_owned(), 1, 4, 3000)]);
        assert_eq!(taken(&r, "kms", "Sign", r#"{"SigningAlgorithm":"RSASSA_PSS_SHA_256"}"#)[0].2, 8);
        settings.rates.insert("ec2:Nothing".into(), RateSettings { per_second: 1, burst: 1 });
        assert_eq!(Rates::new(&settings).err().unwrap().to_string(), "the settings name a rate that there is not: ec2:Nothing");
    }

    #[test]
    fn a_granted_quota_counts_for_its_account_alone() {
        let r = rates(1);
        let mut quotas = QuotaSnapshot::default();
        quotas.accounts.entry(account()).or_default().insert("kms/L-6E3AF000".into(), 50_000);
        quotas.defaults.insert("kms/L-6E3AF000".into(), 20);
        let burst = |who: &AccountId| r.of_call(who, &quotas, "kms", "Decrypt", "{}")[0].unwrap().rate.burst;
        assert_eq!((burst(&account()), burst(&"999900001111".parse().unwrap())), (50_000, 20));
    }

    #[test]
    fn each_figure_belongs_to_an_operation_that_is_served() {
        let has = |service: &str, name: &str| aws_protocol::find_operation(service, name).is_some();
        for name in EC2.iter().chain(&INSTANCES).map(|(name, _)| name) {
            assert!(has("ec2", name), "{name}");
        }
        for name in KMS.iter().map(|(name, _)| name).chain(&KMS_SHARED) {
            assert!(has("kms", name), "{name}");
        }
        let r = rates(1);
        assert!(r.rules.len() < usize::from(u16::MAX) && r.kms.is_some());
        let read = |method| r.name(r.of_object(&account(), &QuotaSnapshot::default(), method)[0].unwrap().number);
        assert_eq!((read("GET"), read("HEAD"), read("PUT"), read("POST")), ("s3:read", "s3:read", "s3:write", "s3:write"));
    }
}
