# Load balancers and certificates by boto3 and the AWS CLI: everything that needs no data plane. No instance is launched.
import gzip
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.request

import boto3
import botocore.exceptions

ec2, elb, acm, quotas = (boto3.client(name) for name in ("ec2", "elbv2", "acm", "service-quotas"))
iam = boto3.client("iam")


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except botocore.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e
    raise AssertionError(f"not refused with {code}: {parameters}")


def cli(*words, aws=os.path.join(os.environ["VENV"], "bin/aws")):
    out = subprocess.run([aws, "--output", "json", *words], check=True, capture_output=True, text=True).stdout
    return json.loads(out) if out.strip() else None


vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
subnets.sort(key=lambda s: s["AvailabilityZone"])
ids = [s["SubnetId"] for s in subnets]

# An application load balancer by both clients; the service makes its role.
made = cli("elbv2", "create-load-balancer", "--name", "web", "--subnets", *ids[:2], "--tags", "Key=Env,Value=test")
lb = made["LoadBalancers"][0]
arn = lb["LoadBalancerArn"]
assert lb["State"]["Code"] == "provisioning" and lb["Scheme"] == "internet-facing" and lb["VpcId"] == vpc, lb
assert [z["ZoneName"] for z in lb["AvailabilityZones"]] == ["us-east-1a", "us-east-1b"]
again = elb.create_load_balancer(Name="web", Subnets=ids[:2])["LoadBalancers"][0]
assert again["LoadBalancerArn"] == arn
refused("DuplicateLoadBalancerName", elb.create_load_balancer, Name="web", Subnets=ids[1:3])
assert iam.get_role(RoleName="AWSServiceRoleForElasticLoadBalancing")["Role"]["Path"].startswith("/aws-service-role/")
enis = ec2.describe_network_interfaces(Filters=[{"Name": "description", "Values": ["ELB app/web/*"]}])["NetworkInterfaces"]
assert len(enis) == 2 and all(e["RequesterManaged"] and e["Association"]["PublicIp"] for e in enis), enis
refused("InvalidParameterValue", ec2.delete_network_interface, NetworkInterfaceId=enis[0]["NetworkInterfaceId"])

# Attributes: all of them come back.
elb.modify_load_balancer_attributes(
    LoadBalancerArn=arn,
    Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}, {"Key": "deletion_protection.enabled", "Value": "true"}],
)
attributes = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
assert attributes["idle_timeout.timeout_seconds"] == "30" and attributes["routing.http2.enabled"] == "true", attributes
assert attributes["access_logs.s3.bucket"] == "", attributes
refused("OperationNotPermitted", elb.delete_load_balancer, LoadBalancerArn=arn)
elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}])
assert elb.describe_capacity_reservation(LoadBalancerArn=arn)["CapacityReservationState"] == []

# Target groups, targets and their health.
group = cli(
    *"elbv2 create-target-group --name one --protocol HTTP --port 80 --target-type ip --matcher HttpCode=200-299".split(),
    "--vpc-id", vpc,
)["TargetGroups"][0]
one = group["TargetGroupArn"]
assert group["HealthCheckPath"] == "/" and group["HealthCheckIntervalSeconds"] == 30 and group["ProtocolVersion"] == "HTTP1"
two = elb.create_target_group(Name="two", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
prefix = subnets[0]["CidrBlock"].rsplit(".", 1)[0]
targets = [{"Id": f"{prefix}.{n}", "Port": 8080} for n in (77, 78)]
elb.register_targets(TargetGroupArn=one, Targets=targets)
health = elb.describe_target_health(TargetGroupArn=one)["TargetHealthDescriptions"]
assert [h["TargetHealth"]["Reason"] for h in health] == ["Target.NotInUse"] * 2, health
refused("InvalidTarget", elb.register_targets, TargetGroupArn=one, Targets=[{"Id": "8.8.8.8", "AvailabilityZone": "all"}])

# A listener, and rules in an order that changes.
listener = elb.create_listener(
    LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": one}]
)["Listeners"][0]["ListenerArn"]
state = elb.describe_target_health(TargetGroupArn=one)["TargetHealthDescriptions"][0]["TargetHealth"]["State"]
assert state in ("initial", "unhealthy", "healthy"), state
# A zone that the load balancer is not in.
away = {"Id": subnets[2]["CidrBlock"].rsplit(".", 1)[0] + ".79"}
elb.register_targets(TargetGroupArn=one, Targets=[away])
health = elb.describe_target_health(TargetGroupArn=one, Targets=[away])["TargetHealthDescriptions"]
assert health[0]["TargetHealth"]["Reason"] == "Target.NotInUse", health
refused("ResourceInUse", elb.delete_target_group, TargetGroupArn=one)
weights = {"TargetGroups": [{"TargetGroupArn": one, "Weight": 1}, {"TargetGroupArn": two, "Weight": 9}],
           "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}}
rules = [
    elb.create_rule(
        ListenerArn=listener, Priority=10,
        Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
                    {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "b"}]}}],
        Actions=[{"Type": "forward", "ForwardConfig": weights}],
    )["Rules"][0],
    elb.create_rule(
        ListenerArn=listener, Priority=20,
        Conditions=[{"Field": "path-pattern", "Values": ["/old/*"]}],
        Actions=[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}],
    )["Rules"][0],
]
assert rules[0]["Actions"][0]["ForwardConfig"] == weights, rules[0]
assert rules[1]["Actions"][0]["RedirectConfig"]["Path"] == "/#{path}", rules[1]
refused("PriorityInUse", elb.set_rule_priorities, RulePriorities=[{"RuleArn": rules[0]["RuleArn"], "Priority": 20}])
swapped = [{"RuleArn": rules[0]["RuleArn"], "Priority": 20}, {"RuleArn": rules[1]["RuleArn"], "Priority": 10}]
elb.set_rule_priorities(RulePriorities=swapped)
shown = cli("elbv2", "describe-rules", "--listener-arn", listener)["Rules"]
assert [(r["Priority"], r["RuleArn"]) for r in shown[:2]] == [("10", rules[1]["RuleArn"]), ("20", rules[0]["RuleArn"])], shown
assert shown[2]["IsDefault"] and shown[2]["Priority"] == "default"
refused("OperationNotPermitted", elb.delete_rule, RuleArn=shown[2]["RuleArn"])
sign_in = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
    "Issuer": "https://idp.example", "AuthorizationEndpoint": "https://idp.example/authorize", "TokenEndpoint": "https://idp.example/token",
    "UserInfoEndpoint": "https://idp.example/userinfo", "ClientId": "c", "ClientSecret": "very-secret-words",
    "AuthenticationRequestExtraParams": {"prompt": "login"}}}
refused("InvalidLoadBalancerAction", elb.modify_listener, ListenerArn=listener,
        DefaultActions=[sign_in, {"Type": "forward", "Order": 2, "TargetGroupArn": one}])

# A certificate, its listener, and its life.
names = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/O=Test/CN=web.example.com",
         "-addext", "subjectAltName=DNS:web.example.com,DNS:*.web.example.com", "-keyout", "key.pem", "-out", "cert.pem"]
subprocess.run(names, check=True, capture_output=True)
certificate = cli("acm", "import-certificate", "--certificate", "fileb://cert.pem", "--private-key", "fileb://key.pem")["CertificateArn"]
described = acm.describe_certificate(CertificateArn=certificate)["Certificate"]
assert (described["Status"], described["KeyAlgorithm"], described["DomainName"]) == ("ISSUED", "RSA_2048", "web.example.com"), described
assert described["SubjectAlternativeNames"] == ["web.example.com", "*.web.example.com"], described
secure = elb.create_listener(
    LoadBalancerArn=arn, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}],
    DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "none"}}],
)["Listeners"][0]
policies = [p["Name"] for p in elb.describe_ssl_policies()["SslPolicies"]]
assert secure["SslPolicy"] in policies and secure["Certificates"] == [{"CertificateArn": certificate}], secure
refused("SSLPolicyNotFound", elb.modify_listener, ListenerArn=secure["ListenerArn"], SslPolicy="ELBSecurityPolicy-2016-08")
refused("ResourceInUseException", acm.delete_certificate, CertificateArn=certificate)
assert acm.describe_certificate(CertificateArn=certificate)["Certificate"]["InUseBy"] == [arn]
key = open("key.pem").read().splitlines()[5]
found = subprocess.run(["grep", "-r", "-l", "-F", "-a", "-s", "--", key, os.environ["STRATOCELL_DATA_DIR"]], capture_output=True, text=True)
assert not found.stdout, f"the private key is readable in {found.stdout}"

# The node opens the sealed key: what it answers comes over TLS that its certificate proves.
ec2.authorize_security_group_ingress(
    GroupId=lb["SecurityGroups"][0],
    IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
)
alias = "127." + enis[0]["Association"]["PublicIp"].split(".", 1)[1]


def fetch(path="/", client=None):
    trusted = ssl.create_default_context(cafile="cert.pem")
    if client:
        trusted.load_cert_chain(*client)
    with socket.create_connection((alias, 443), timeout=5) as plain, trusted.wrap_socket(plain, server_hostname="web.example.com") as s:
        s.sendall(b"GET " + path.encode() + b" HTTP/1.1\r\nHost: web.example.com\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: s.recv(4096), b""))


end = time.monotonic() + 60
while True:
    try:
        answer = fetch()
        break
    except OSError:  # Not there yet: neither the node nor the rule of its group.
        if time.monotonic() > end:
            raise
        time.sleep(0.2)
assert answer.startswith(b"HTTP/1.1 404 ") and answer.endswith(b"none"), answer

# Users sign in at a provider first; its secret is never shown.
private = elb.create_rule(
    ListenerArn=secure["ListenerArn"], Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/private"]}],
    Actions=[sign_in, {"Type": "fixed-response", "Order": 2, "FixedResponseConfig": {"StatusCode": "200"}}],
)["Rules"][0]
config = elb.describe_rules(RuleArns=[private["RuleArn"]])["Rules"][0]["Actions"][0]["AuthenticateOidcConfig"]
assert "ClientSecret" not in config and config["AuthenticationRequestExtraParams"] == {"prompt": "login"}, config
found = subprocess.run(["grep", "-r", "-l", "-F", "-a", "-s", "--", "very-secret-words", os.environ["STRATOCELL_DATA_DIR"]], capture_output=True, text=True)
assert not found.stdout, f"the client secret is readable in {found.stdout}"


def until(what, good, *given):
    end = time.monotonic() + 60
    while True:
        try:
            answer = fetch(*given)
        except OSError as e:
            answer = str(e).encode()
        if good(answer):
            return
        assert time.monotonic() < end, f"never: {what}: {answer}"
        time.sleep(0.2)


until("the way to the provider", lambda a: a.startswith(b"HTTP/1.1 302 ") and b"location: https://idp.example/authorize?client_id=c&" in a,
      "/private")
elb.delete_rule(RuleArn=private["RuleArn"])

# Clients prove who they are to a trust store, whose bundle is read in the caller's name.
s3 = boto3.client("s3")
for name in ("ca", "client"):
    words = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/O=Test/CN={name}", "-keyout", f"{name}.key"]
    # Clients' certificates are of version 3, which they are by an extension.
    more = ["-x509", "-out", "ca.pem"] if name == "ca" else ["-addext", "extendedKeyUsage=clientAuth", "-out", "client.csr"]
    subprocess.run([*words, *more], check=True, capture_output=True)
subprocess.run("openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -copy_extensions copy -set_serial 7 -days 30 -out client.pem".split(),
               check=True, capture_output=True)
refused("CaCertificatesBundleNotFound", elb.create_trust_store, Name="clients", CaCertificatesBundleS3Bucket="trust-bundles",
        CaCertificatesBundleS3Key="ca.pem")
s3.create_bucket(Bucket="trust-bundles")
s3.put_object(Bucket="trust-bundles", Key="ca.pem", Body=open("ca.pem", "rb").read())
s3.put_object(Bucket="trust-bundles", Key="key", Body=b"no certificate")
refused("InvalidCaCertificatesBundle", elb.create_trust_store, Name="clients", CaCertificatesBundleS3Bucket="trust-bundles",
        CaCertificatesBundleS3Key="key")
store = cli(*"elbv2 create-trust-store --name clients --ca-certificates-bundle-s3-bucket trust-bundles".split(),
            "--ca-certificates-bundle-s3-key", "ca.pem")["TrustStores"][0]
assert store["Status"] == "ACTIVE" and store["NumberOfCaCertificates"] == 1, store
trust = store["TrustStoreArn"]
bundle = elb.get_trust_store_ca_certificates_bundle(TrustStoreArn=trust)["Location"]
assert urllib.request.urlopen(bundle).read() == open("ca.pem", "rb").read()
mutual = elb.modify_listener(ListenerArn=secure["ListenerArn"], MutualAuthentication={"Mode": "verify", "TrustStoreArn": trust})
mutual = mutual["Listeners"][0]["MutualAuthentication"]
assert mutual["TrustStoreArn"] == trust and mutual["IgnoreClientCertificateExpiry"] is False, mutual
until("nobody without a certificate", lambda a: not a.startswith(b"HTTP/1.1 "))
until("who has one", lambda a: a.startswith(b"HTTP/1.1 404 "), "/", ("client.pem", "client.key"))
assert elb.describe_trust_store_associations(TrustStoreArn=trust)["TrustStoreAssociations"] == [{"ResourceArn": arn}]
refused("TrustStoreInUse", elb.delete_trust_store, TrustStoreArn=trust)
elb.modify_listener(ListenerArn=secure["ListenerArn"], MutualAuthentication={"Mode": "off"})
until("anybody again", lambda a: a.startswith(b"HTTP/1.1 404 "))
elb.delete_trust_store(TrustStoreArn=trust)

# What the operator sees: the name, and the aliases that reach its nodes from here.
shown = subprocess.run([os.environ["STRATOCELL"], "lb", "status", "web", "--json"], check=True, capture_output=True, text=True)
shown = json.loads(shown.stdout)[0]
assert shown["dns_name"] == lb["DNSName"] and shown["name"].startswith("app/web/"), shown
assert alias in [n["alias"] for n in shown["nodes"]] and all(n["status"]["listeners"] for n in shown["nodes"]), shown
tree = subprocess.run([os.environ["STRATOCELL"], "status"], check=True, capture_output=True, text=True).stdout
assert f"load balancer {shown['name']}" in tree and lb["DNSName"] in tree and f"alias {alias} (ports " in tree, tree

# Access and connection logs, where the bucket's policy lets them.
account = boto3.client("sts").get_caller_identity()["Account"]
s3.create_bucket(Bucket="lb-logs")
logs = [{"Key": f"{kind}_logs.s3.{key}", "Value": value} for kind in ("access", "connection")
        for key, value in (("enabled", "true"), ("bucket", "lb-logs"), ("prefix", "p"))]
refused("InvalidConfigurationRequest", elb.modify_load_balancer_attributes, LoadBalancerArn=arn, Attributes=logs)
s3.put_bucket_policy(Bucket="lb-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}, "Action": "s3:PutObject",
    "Resource": f"arn:aws:s3:::lb-logs/p/AWSLogs/{account}/*"}]}))
elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=logs)
folder = f"p/AWSLogs/{account}/"
assert {o["Key"] for o in s3.list_objects_v2(Bucket="lb-logs")["Contents"]} == {
    folder + "ELBAccessLogTestFile", folder + "ELBConnectionLogTestFile"}
asked, access, connection = 0, [], []
end = time.monotonic() + 60
while not (access and connection):
    assert time.monotonic() < end, "no logs come"
    asked += 1
    fetch()
    time.sleep(1)
    access, connection = [], []
    for o in s3.list_objects_v2(Bucket="lb-logs", Prefix=f"{folder}elasticloadbalancing/us-east-1/").get("Contents", []):
        name = o["Key"].rsplit("/", 1)[1]
        assert f"{account}_elasticloadbalancing_us-east-1_app.web." in name and name.endswith(".log.gz"), name
        lines = gzip.decompress(s3.get_object(Bucket="lb-logs", Key=o["Key"])["Body"].read()).decode().splitlines()
        (connection if name.startswith("conn_log.") else access).extend(lines)
assert len(access) <= asked and all(
    l.startswith("https ") and '"GET https://web.example.com:443/ HTTP/1.1"' in l and f'"{certificate}"' in l for l in access), access
traces = {l.rsplit(" ", 1)[1] for l in connection}
assert any(t in l for l in access for t in traces) and all(" 443 TLSv1.3 TLS_AES_" in l for l in connection), connection
elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": "access_logs.s3.enabled", "Value": "false"}])

# A network load balancer with an address of its own.
address = ec2.allocate_address()
net = elb.create_load_balancer(
    Name="net", Type="network", SubnetMappings=[{"SubnetId": ids[0], "AllocationId": address["AllocationId"]}]
)["LoadBalancers"][0]
assert net["AvailabilityZones"][0]["LoadBalancerAddresses"][0]["IpAddress"] == address["PublicIp"], net
tcp = elb.create_target_group(Name="tcp", Protocol="TCP", Port=9, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
refused("IncompatibleProtocols", elb.create_listener, LoadBalancerArn=arn, Protocol="HTTP", Port=81,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": tcp}])
elb.create_listener(LoadBalancerArn=net["LoadBalancerArn"], Protocol="TCP", Port=9, DefaultActions=[{"Type": "forward", "TargetGroupArn": tcp}])
refused("UnsupportedOperation", elb.create_listener, LoadBalancerArn=net["LoadBalancerArn"], Protocol="TLS", Port=443,
        Certificates=[{"CertificateArn": certificate}], DefaultActions=[{"Type": "forward", "TargetGroupArn": tcp}])
elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[net["LoadBalancerArn"]], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
refused("TargetGroupAssociationLimit", elb.create_listener, LoadBalancerArn=net["LoadBalancerArn"], Protocol="TCP", Port=10,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": one}])
refused("UnsupportedOperation", elb.create_load_balancer, Name="gw", Type="gateway", Subnets=ids[:1])

# Tags, limits, quotas, the audit trail, and the other API of the service's name.
elb.add_tags(ResourceArns=[arn, one, listener, rules[0]["RuleArn"]], Tags=[{"Key": "team", "Value": "blue"}])
tags = elb.describe_tags(ResourceArns=[arn, listener])["TagDescriptions"]
assert {t["Key"] for t in tags[0]["Tags"]} == {"Env", "team"} and len(tags[1]["Tags"]) == 1, tags
assert {"Name": "rules-per-application-load-balancer", "Max": "100"} in elb.describe_account_limits()["Limits"]
quota = quotas.get_service_quota(ServiceCode="elasticloadbalancing", QuotaCode="L-53DA6B97")["Quota"]
assert quota["Value"] == 50, quota
events = boto3.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ImportCertificate"}])
assert "PRIVATE" not in json.dumps(events, default=str) and len(events["Events"]) == 1, events
refused("UnsupportedOperation", boto3.client("elb").describe_load_balancers)

# What Debian's AWS CLI (version 2) shows, if it is there.
if os.access("/usr/bin/aws", os.X_OK):
    assert len(cli("elbv2", "describe-load-balancers", aws="/usr/bin/aws")["LoadBalancers"]) == 2

# Everything goes, and takes its interfaces with it.
elb.deregister_targets(TargetGroupArn=one, Targets=targets[:1])
states = {h["Target"]["Id"]: h["TargetHealth"]["State"] for h in elb.describe_target_health(TargetGroupArn=one)["TargetHealthDescriptions"]}
assert states[targets[0]["Id"]] == "draining", states
for balancer in (arn, net["LoadBalancerArn"]):
    elb.delete_load_balancer(LoadBalancerArn=balancer)
elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
# Their nodes had hosts: the interfaces stay until these hold them no more.
for _ in range(60):
    left = ec2.describe_network_interfaces(Filters=[{"Name": "requester-id", "Values": ["amazon-elb"]}])["NetworkInterfaces"]
    if not left:
        break
    time.sleep(0.5)
assert not left, left
ec2.release_address(AllocationId=address["AllocationId"])
for target_group in (one, two, tcp):
    elb.delete_target_group(TargetGroupArn=target_group)
acm.delete_certificate(CertificateArn=certificate)
assert elb.describe_target_groups()["TargetGroups"] == []
