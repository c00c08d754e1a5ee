//! Elastic Load Balancing through the real dispatcher: what it answers, which errors it gives, what documents come of it, what
//! always holds.

mod documents;
mod errors;
mod invariants;
mod network;
mod nodes;
mod sign_in;
mod tickets;
mod trust_store;
mod walk;

use crate::context::{Answer, Ctx, OpError, Question, ReplayRng};
use crate::dispatch;
use crate::ec2::testing::{Harness, call, harness, ok, text, texts};
use aws_protocol::{AwsError, Form};
use std::collections::BTreeMap;

/// Names in braces and what they stand for.
pub(super) struct World {
    pub h: Harness,
    pub names: BTreeMap<String, String>,
}

thread_local! {
    /// What the service would seal with.
    pub(super) static ROOT: kms::RootKey = kms::RootKey::generate().unwrap();
}

/// A request of this service; what it changed is kept if it succeeded. What it wants sealed is sealed.
pub(super) fn elb(h: &mut Harness, action: &str, parameters: &str) -> Result<String, AwsError> {
    let form = Form::parse(format!("Action={action}&Version=2015-12-01&{parameters}").as_bytes()).unwrap();
    let (table, mut rng, mut answers) = (crate::operations(), ReplayRng::new(), h.answers.clone());
    let bundle = ::iam::Bundle::of(::iam::caller::principal(&h.caller));
    for _ in 0..2 {
        rng.rewind();
        let who = crate::context::testing::who(&h.caller, &bundle);
        let mut ctx = Ctx::new(&mut h.db, who, h.now, &h.settings, "req-1", &mut rng, &answers);
        match dispatch::run_form(&table, &mut ctx, "elasticloadbalancing", &form) {
            Ok(reply) => {
                h.db.take_mutations();
                return Ok(reply.body);
            }
            Err(OpError::Aws(e)) => {
                h.db.rollback();
                return Err(e);
            }
            Err(OpError::Ask(q)) => {
                h.db.rollback();
                let Question::Seal(request) = &*q else { panic!("{action} asks {q:?}") };
                let sealed = ROOT.with(|root| crate::acm::seal::work(root, request)).unwrap();
                answers.push((*q, Answer::Sealed(sealed)));
            }
        }
    }
    panic!("{action} asks again and again")
}

/// The VPC 10.0.0.0/16 with an internet gateway, the subnets `a` and `a2` in us-east-1a and `b` in us-east-1b, the group `web`; another
/// VPC with the subnet `other`.
pub(super) fn world() -> World {
    let mut h = harness();
    let mut names = BTreeMap::new();
    let mut set = |name: &str, value: String| names.insert(name.to_owned(), value);
    let vpc = text(&ok(&mut h, "CreateVpc", "CidrBlock=10.0.0.0/16"), "vpcId");
    for (name, block, zone) in
        [("a", "10.0.1.0/24", "a"), ("a2", "10.0.2.0/24", "a"), ("b", "10.0.3.0/24", "b"), ("tiny", "10.0.4.0/28", "b")]
    {
        let request = format!("VpcId={vpc}&CidrBlock={block}&AvailabilityZone=us-east-1{zone}");
        set(name, text(&ok(&mut h, "CreateSubnet", &request), "subnetId"));
    }
    let gateway = text(&ok(&mut h, "CreateInternetGateway", ""), "internetGatewayId");
    ok(&mut h, "AttachInternetGateway", &format!("InternetGatewayId={gateway}&VpcId={vpc}"));
    let request = format!("VpcId={vpc}&GroupName=web&GroupDescription=web");
    set("web", text(&ok(&mut h, "CreateSecurityGroup", &request), "groupId"));
    let other = text(&ok(&mut h, "CreateVpc", "CidrBlock=10.9.0.0/16"), "vpcId");
    let request = format!("VpcId={other}&CidrBlock=10.9.1.0/24&AvailabilityZone=us-east-1b");
    set("other", text(&ok(&mut h, "CreateSubnet", &request), "subnetId"));
    set("vpc2", other);
    set("vpc", vpc);
    World { h, names }
}

impl World {
    pub fn fill(&self, parameters: &str) -> String {
        self.names.iter().fold(parameters.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    pub fn ok(&mut self, action: &str, parameters: &str) -> String {
        let parameters = self.fill(parameters);
        elb(&mut self.h, action, &parameters).unwrap_or_else(|e| panic!("{action} {parameters}: {e}"))
    }

    pub fn code(&mut self, action: &str, parameters: &str) -> String {
        let parameters = self.fill(parameters);
        match elb(&mut self.h, action, &parameters) {
            Ok(reply) => panic!("{action} {parameters} succeeds: {reply}"),
            Err(e) => e.code.into_owned(),
        }
    }

    pub fn ec2(&mut self, action: &str, parameters: &str) -> String {
        let parameters = self.fill(parameters);
        ok(&mut self.h, action, &parameters)
    }

    pub fn ec2_code(&mut self, action: &str, parameters: &str) -> String {
        let parameters = self.fill(parameters);
        call(&mut self.h, action, &parameters).expect_err(action).code.into_owned()
    }

    /// Keeps the text of an element of the reply under a name.
    pub fn keep(&mut self, name: &str, element: &str, action: &str, parameters: &str) -> String {
        let reply = self.ok(action, parameters);
        self.names.insert(name.to_owned(), text(&reply, element));
        reply
    }

    /// An HTTPS listener `s` of `lb`, with the certificate `cert`.
    pub fn listen_by_tls(&mut self) {
        let certificate = crate::rows::AcmCertificate {
            account: self.h.caller.account.clone(),
            id: "one".into(),
            body: "BODY".into(),
            chain: None,
            sealed_key: vec![1].into(),
            imported: self.h.now,
            created: self.h.now,
            tags: Default::default(),
        };
        self.names.insert("cert".into(), certificate.arn(&self.h.settings));
        self.h.db.put(certificate);
        self.h.db.take_mutations();
        let listener = "LoadBalancerArn={lb}&Protocol=HTTPS&Port=443&Certificates.member.1.CertificateArn={cert}&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={tg}";
        self.keep("s", "ListenerArn", "CreateListener", listener);
    }

    /// The application load balancer `lb` in `a` and `b`, the group `tg`, the listener `l` at port 80, the network load
    /// balancer `nlb`, the group `tcp`.
    pub fn with_balancers(mut self) -> Self {
        self.keep("lb", "LoadBalancerArn", "CreateLoadBalancer", "Name=web&Subnets.member.1={a}&Subnets.member.2={b}");
        self.keep("tg", "TargetGroupArn", "CreateTargetGroup", "Name=tg&Protocol=HTTP&Port=8080&VpcId={vpc}");
        let listener = "LoadBalancerArn={lb}&Protocol=HTTP&Port=80&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={tg}";
        self.keep("l", "ListenerArn", "CreateListener", listener);
        let network = "Name=net&Type=network&Scheme=internal&Subnets.member.1={a}";
        self.keep("nlb", "LoadBalancerArn", "CreateLoadBalancer", network);
        self.keep("tcp", "TargetGroupArn", "CreateTargetGroup", "Name=tcp&Protocol=TCP&Port=9000&VpcId={vpc}&TargetType=ip");
        self
    }

    /// A running instance in a subnet, as far as load balancers look at one, under a name.
    pub fn instance(&mut self, name: &str, subnet: &str) {
        let subnet = self.fill(subnet);
        let id = crate::ec2::network::tests::run_instance(&mut self.h, &subnet).0;
        self.names.insert(name.to_owned(), id.to_string());
    }
}

/// How often an element is there.
pub(super) fn count(xml: &str, element: &str) -> usize {
    texts(xml, element).len()
}
