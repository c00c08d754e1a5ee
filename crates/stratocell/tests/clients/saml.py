"""A company's people by its identity provider: metadata registered by boto3, responses signed by openssl over Python's own
canonical form (C14N 2.0, which for these documents is the exclusive one), a role taken on by boto3 and by the AWS CLI."""
import base64
import datetime
import hashlib
import json
import os
import subprocess
from xml.etree.ElementTree import canonicalize

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(retries={"max_attempts": 1})
iam = boto3.client("iam", config=config)
account = boto3.client("sts").get_caller_identity()["Account"]
sts = boto3.client("sts", config=config.merge(Config(signature_version=UNSIGNED)))
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
DS = "http://www.w3.org/2000/09/xmldsig#"
ISSUER = "https://idp.example.com/saml"


def openssl(*args, given=b""):
    return subprocess.run(["openssl", *args], input=given, capture_output=True, check=True).stdout


def provider(name):
    """A key in a file, and metadata with its certificate."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name, "-out", name + ".pem", "-subj", "/CN=idp", "-days", "2")
    lines = open(name + ".pem").read().splitlines()
    certificate = "\n".join(lines[1:-1])
    return f"""<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ISSUER}">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">
<KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{ISSUER}"/></IDPSSODescriptor></EntityDescriptor>"""


def response(key, session, age_s=0, **attributes):
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age_s)
    at, end = ((now + datetime.timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%SZ") for s in (0, 240))
    said = {"Role": f"{role},{corp}", "RoleSessionName": session, **attributes}
    said = "".join(
        f'<Attribute Name="https://aws.amazon.com/SAML/Attributes/{n.replace("__", ":")}"><AttributeValue>{v}</AttributeValue></Attribute>'
        for n, v in said.items()
    )
    assertion = f"""<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="{at}">
<Issuer>{ISSUER}</Issuer>SIGNATURE<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">{session}@example.com</NameID>
<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData
  NotOnOrAfter="{end}" Recipient="https://signin.aws.amazon.com/saml"/></SubjectConfirmation></Subject>
<Conditions NotOnOrAfter="{end}"><AudienceRestriction><Audience>urn:amazon:webservices</Audience></AudienceRestriction></Conditions>
<AuthnStatement AuthnInstant="{at}"/><AttributeStatement>{said}</AttributeStatement></Assertion>"""
    digest = hashlib.sha256(canonicalize(assertion.replace("SIGNATURE", "")).encode()).digest()
    info = f"""<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="#_1"><Transforms>
<Transform Algorithm="{DS}enveloped-signature"/><Transform Algorithm="{EXCLUSIVE}"/></Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>{base64.b64encode(digest).decode()}</DigestValue></Reference></SignedInfo>"""
    value = base64.encodebytes(openssl("dgst", "-sha256", "-sign", key, given=canonicalize(info).encode())).decode()
    signed = assertion.replace("SIGNATURE", f'<Signature xmlns="{DS}">{info}<SignatureValue>{value}</SignatureValue></Signature>')
    text = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_2" Version="2.0" IssueInstant="{at}">
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{signed}</samlp:Response>"""
    return base64.b64encode(text.encode()).decode()


def refused(code, given, **more):
    try:
        sts.assume_role_with_saml(RoleArn=role, PrincipalArn=corp, SAMLAssertion=given, **more)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, f"not {code}: {e}"
        return
    raise AssertionError(f"not refused with {code}")


corp = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=provider("key"))["SAMLProviderArn"]
provider("other")
trust = {
    "Effect": "Allow",
    "Principal": {"Federated": corp},
    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
    "Condition": {"StringEquals": {"saml:aud": "https://signin.aws.amazon.com/saml", "saml:sub_type": "transient"}},
}
made = iam.create_role(RoleName="people", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
role = made["Role"]["Arn"]
allowed = {
    "Effect": "Allow",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::${aws:PrincipalTag/team}", "arn:aws:s3:::${aws:PrincipalTag/team}/*"],
}
iam.put_role_policy(RoleName="people", PolicyName="own", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}))

given = response("key", "ann", PrincipalTag__team="blue")
got = sts.assume_role_with_saml(RoleArn=role, PrincipalArn=corp, SAMLAssertion=given)
qualifier = base64.b64encode(hashlib.sha1(f"{ISSUER}{account}/corp".encode()).digest()).decode()
shown = {k: got[k] for k in ("Subject", "SubjectType", "Issuer", "Audience", "NameQualifier")}
assert shown == {
    "Subject": "ann@example.com",
    "SubjectType": "transient",
    "Issuer": ISSUER,
    "Audience": "https://signin.aws.amazon.com/saml",
    "NameQualifier": qualifier,
}, shown
assert got["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/people/ann"
c = got["Credentials"]
session = boto3.Session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"])
assert session.client("sts").get_caller_identity()["Arn"].endswith("assumed-role/people/ann")
s3 = session.client("s3", config=config)
s3.create_bucket(Bucket="blue")
s3.put_object(Bucket="blue", Key="k", Body=b"v")
try:
    s3.create_bucket(Bucket="green")
    raise AssertionError("a bucket of another team")
except ClientError as e:
    assert e.response["Error"]["Code"] == "AccessDenied", e

# The CLI: without credentials of its own, and the longest session that the role allows.
iam.update_role(RoleName="people", MaxSessionDuration=43200)
env = {k: v for k, v in os.environ.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")}
command = [os.path.join(os.environ["VENV"], "bin/aws"), "sts", "assume-role-with-saml", "--role-arn", role, "--principal-arn", corp]
command += ["--saml-assertion", response("key", "bob"), "--duration-seconds", "43200", "--output", "json"]
done = subprocess.run(command, env=env, capture_output=True, text=True)
assert done.returncode == 0, done.stdout + done.stderr
assert json.loads(done.stdout)["AssumedRoleUser"]["Arn"].endswith("assumed-role/people/bob")

refused("InvalidIdentityToken", response("other", "ann"))
refused("InvalidIdentityToken", base64.b64encode(base64.b64decode(given).replace(b">blue<", b">root<")).decode())
refused("ExpiredTokenException", response("key", "ann", age_s=310))
refused("AccessDenied", response("key", "ann", SourceIdentity="Ann"))
refused("AccessDenied", response("key", "ann", Role=f"{role}x,{corp}"))
iam.delete_saml_provider(SAMLProviderArn=corp)
refused("InvalidIdentityToken", response("key", "ann"))
