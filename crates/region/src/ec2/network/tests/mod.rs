//! The network operations through the real dispatcher: what they answer, which errors they give, what always holds.

mod acls;
mod errors;
mod flow_logs;
mod invariants;
mod ipv6;
mod ipv6_routes;
mod lists;
mod nat;
mod peerings;
mod replies;
mod transit;

use super::interface::{NewAttachment, NewInterface, delete_interface, make_interface};
use super::interface_addresses::Addresses;
use super::interface_ipv6::Wanted6;
use crate::context::OpResult;
use crate::ec2::testing::{Harness, harness, ok, text, with_ctx};
use crate::rows::{Instance, Interface, Subnet};
use types::{InstanceId, InterfaceId, ReservationId, SecurityGroupId, VolumeId};

/// A VPC 10.0.0.0/16 with the subnet 10.0.1.0/24 in us-east-1a, an attached gateway, a group, a route table.
struct World {
    h: Harness,
    vpc: String,
    subnet: String,
    gateway: String,
    group: String,
    table: String,
}

fn world() -> World {
    let mut h = harness();
    let vpc = text(&ok(&mut h, "CreateVpc", "CidrBlock=10.0.0.0/16"), "vpcId");
    let request = format!("VpcId={vpc}&CidrBlock=10.0.1.0/24&AvailabilityZone=us-east-1a");
    let subnet = text(&ok(&mut h, "CreateSubnet", &request), "subnetId");
    let gateway = text(&ok(&mut h, "CreateInternetGateway", ""), "internetGatewayId");
    ok(&mut h, "AttachInternetGateway", &format!("InternetGatewayId={gateway}&VpcId={vpc}"));
    let request = format!("VpcId={vpc}&GroupName=web&GroupDescription=Web+servers");
    let group = text(&ok(&mut h, "CreateSecurityGroup", &request), "groupId");
    let table = text(&ok(&mut h, "CreateRouteTable", &format!("VpcId={vpc}")), "routeTableId");
    World { h, vpc, subnet, gateway, group, table }
}

impl World {
    /// The names above in braces, replaced.
    fn fill(&self, parameters: &str) -> String {
        let names = [
            ("{vpc}", &self.vpc),
            ("{subnet}", &self.subnet),
            ("{igw}", &self.gateway),
            ("{sg}", &self.group),
            ("{rtb}", &self.table),
        ];
        names.iter().fold(parameters.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    fn ok(&mut self, action: &str, parameters: &str) -> String {
        let parameters = self.fill(parameters);
        ok(&mut self.h, action, &parameters)
    }
}

fn spec(h: &Harness, subnet: &str, instance: InstanceId) -> NewInterface {
    let subnet = h.db.get::<Subnet>(&h.caller.account, subnet).unwrap();
    NewInterface {
        associate_public_ip: subnet.map_public_ip_on_launch,
        subnet,
        addresses: Addresses::default(),
        ipv6: Wanted6::default(),
        groups: Vec::<SecurityGroupId>::new(),
        description: String::new(),
        source_dest_check: true,
        attachment: Some(NewAttachment { instance, device_index: 0, delete_on_termination: true }),
    }
}

fn at(ip: &str) -> Addresses {
    Addresses { primary: Some(ip.parse().unwrap()), ..Addresses::default() }
}

fn launch(h: &mut Harness, spec: NewInterface) -> OpResult<Interface> {
    let interface = with_ctx(h, |ctx| make_interface(ctx, spec));
    match &interface {
        Ok(_) => drop(h.db.take_mutations()),
        Err(_) => h.db.rollback(),
    }
    interface
}

/// A running instance, as far as networks look at one, with its interface.
pub(crate) fn run_instance(h: &mut Harness, subnet: &str) -> (InstanceId, InterfaceId) {
    let id = with_ctx(h, |ctx| ctx.new_id(InstanceId::from_random));
    let interface = launch(h, spec(h, subnet, id)).unwrap();
    // Read like a stored row, so that fields that come later need nothing here.
    let row = serde_json::json!({
        "account": h.caller.account, "id": id, "reservation": ReservationId::from_random(1), "launch_index": 0,
        "image": "ami-12345678", "instance_type": "t3.micro", "key_name": null, "state": "running", "state_reason": null,
        "transition_reason": "", "user_data": null, "launched": h.now, "client_token": null, "az": interface.az,
        "vpc": interface.vpc, "subnet": interface.subnet, "interfaces": [interface.id], "cell": "a1", "host": "a1-h1",
        "underlay": "127.0.0.1", "root_volume": VolumeId::from_random(1), "root_disk_gib": 1, "boot": 1, "reboot": 0,
        "shutdown_behavior": "stop", "disable_api_termination": false, "disable_api_stop": false, "monitoring": false,
        "metadata": {"tokens_required": true, "hop_limit": 1, "enabled": true, "instance_tags": false},
        "reachability": "initializing", "reachability_since": h.now, "terminated": null,
    });
    h.db.put(serde_json::from_value::<Instance>(row).unwrap());
    h.db.take_mutations();
    (id, interface.id)
}

fn terminate(h: &mut Harness, instance: InstanceId, interface: InterfaceId) {
    delete_interface(&mut h.db, &h.caller.account, interface);
    h.db.delete::<Instance>(&h.caller.account, instance);
    h.db.take_mutations();
}
