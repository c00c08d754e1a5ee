"""The other side of the golden tests: botocore's serialisers, signers and parsers.

Started by main.rs with the path of models.txt. Prints one JSON object a line: requests and signed requests, then {"end": true}.
Then reads one JSON object a line until end of input, our replies, and prints a verdict for each: null or what is wrong.
"""

import base64
import datetime
import io
import json
import random
import sys
import xml.etree.ElementTree as ET

import botocore
import botocore.awsrequest
import botocore.parsers
import botocore.serialize
import botocore.session
from botocore.auth import S3SigV4Auth, S3SigV4PostAuth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.credentials import Credentials
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum, Sha1Checksum, Sha256Checksum

RANDOM = random.Random(1)
SESSION = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
MODELS = {}


def model(service):
    if service not in MODELS:
        MODELS[service] = SESSION.get_service_model(service)
        # Rust knows services by what they sign as.
        MODELS[MODELS[service].signing_name] = MODELS[service]
    return MODELS[service]


def whitelist(path):
    """(service, operation) of each line of models.txt; the package must be the version named there."""
    service = None
    for line in open(path):
        words = line.split("#")[0].split()
        if words[:1] == ["botocore"]:
            if botocore.__version__ != words[1]:
                sys.exit(f"botocore {words[1]} is wanted, {botocore.__version__} is installed")
        elif words[:1] == ["service"]:
            service = words[1]
        else:
            for name in words:
                yield service, name


class Sample:
    """A value with every member set. Long lists of scalars, so that item 10 has to be told from item 1 and 2."""

    def __init__(self, rest_xml=False, whole_seconds=False):
        self.n = 0
        self.rest_xml = rest_xml  # enumerations are checked there
        self.whole_seconds = rest_xml or whole_seconds

    def fill(self, shape):
        self.n += 1
        kind = shape.type_name
        if kind == "structure":
            return {name: self.fill(member) for name, member in shape.members.items()}
        if kind == "list":
            nested = shape.member.type_name == "structure"
            return [self.fill(shape.member) for _ in range(2 if nested else 11)]
        if kind == "map":
            return {f"key {i} é": self.fill(shape.value) for i in range(3)}
        if kind == "string" and self.rest_xml and shape.enum:
            return shape.enum[self.n % len(shape.enum)]
        if kind == "string":
            return f" {shape.name} {self.n} é&=+%/;<>\"'*~\t\n\U0001f600"
        if kind == "boolean":
            return self.n % 2 == 0
        if kind == "integer":
            return (-1) ** self.n * self.n
        if kind == "long":
            return 2**40 + self.n
        if kind in ("double", "float"):
            return self.n + 0.25
        if kind == "timestamp":
            at = datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, datetime.timezone.utc) + datetime.timedelta(seconds=self.n)
            return at.replace(microsecond=0) if self.whole_seconds else at
        if kind == "blob":
            return bytes(range(256)) + str(self.n).encode()
        raise AssertionError(f"{shape.name}: {kind}")


def plain(value):
    """As our JSON has it: blobs in base64, times in seconds."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return round(value.timestamp(), 3)
    return value


def prepared(request_dict, url="http://127.0.0.1:4566"):
    botocore.awsrequest.prepare_request_dict(request_dict, endpoint_url=url)
    return botocore.awsrequest.create_request_object(request_dict)


def text(body):
    return body.decode() if isinstance(body, bytes) else body


def service_is_json(service):
    return model(service).metadata["protocol"] == "json"


def requests(operations):
    for service, name in operations:
        operation = model(service).operation_model(name)
        if service == "s3":
            yield from rest_xml_request(operation)
            continue
        serializer = botocore.serialize.create_serializer(model(service).metadata["protocol"], include_validation=False)
        params = Sample(whole_seconds=service_is_json(service)).fill(operation.input_shape) if operation.input_shape else {}
        wire = serializer.serialize_to_request(params, operation)
        if isinstance(wire["body"], dict):
            pairs = list(wire["body"].items())
            RANDOM.shuffle(pairs)
            wire["body"] = dict(pairs)
        request = prepared(wire).prepare()
        yield {
            "kind": "request",
            "service": model(service).signing_name,
            "operation": name,
            "target": text(request.headers.get("X-Amz-Target", "")),
            "body": text(request.body),
            "params": plain(params),
        }


def rest_xml_request(operation):
    """The body of a request that has one, and what it was made of."""
    payload = operation.input_shape.serialization.get("payload")
    if payload is None or operation.input_shape.members[payload].type_name != "structure":
        return
    value = Sample(rest_xml=True).fill(operation.input_shape.members[payload])
    serializer = botocore.serialize.create_serializer("rest-xml", include_validation=False)
    named = {name: "x" for name in ("Bucket", "Key", "Id", "UploadId") if name in operation.input_shape.members}
    wire = serializer.serialize_to_request({**named, payload: value}, operation)
    yield {
        "kind": "body",
        "service": "s3",
        "operation": operation.name,
        "body": text(wire["body"]),
        "params": plain(value),
    }


def signed():
    """Requests signed by botocore, in headers and presigned, with and without a session token."""
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    target = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.GetParameter"}
    spaced = {"X-Spaced": "  a   b  ", "x-amz-meta-K": "v"}
    host = "http://127.0.0.1:4566"
    cases = [
        ("ec2 form", SigV4Auth, "ec2", "POST", host + "/", form, b"Action=DescribeVpcs&Version=2016-11-15"),
        ("sts form", SigV4Auth, "sts", "POST", "https://sts.us-east-1.amazonaws.com/", form, b"Action=GetCallerIdentity"),
        ("ssm json", SigV4Auth, "ssm", "POST", host + "/", target, b'{"Name":"/a"}'),
        ("odd path", SigV4Auth, "execute-api", "GET", host + "/a%20b//c/./d/../e%2Ff/", spaced, b""),
        ("odd query", SigV4Auth, "ec2", "GET", host + "/?b=2&a=%2F%20x&a=1&c&d=%C3%A9~", {}, b""),
        ("s3 put", S3SigV4Auth, "s3", "PUT", host + "/bucket/a%20b//c/../%C3%A9?x-id=PutObject", spaced, b"data"),
        ("sts presigned", SigV4QueryAuth, "sts", "GET", host + "/?Action=GetCallerIdentity&Version=2011-06-15", {}, b""),
        ("ec2 presigned", SigV4QueryAuth, "ec2", "GET", host + "/?Action=DescribeVpcs&Filter.1.Value.1=a%20b%2Fc", {}, b""),
        ("s3 presigned", S3SigV4QueryAuth, "s3", "GET", host + "/bucket/k%20e//y", {}, b""),
    ]
    for token in (None, "a/session+token=="):
        credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
        for name, auth, service, method, url, headers, body in cases:
            request = botocore.awsrequest.AWSRequest(method=method, url=url, headers=headers, data=body)
            auth(credentials, service, "eu-central-1").add_auth(request)
            wire = request.prepare()
            parts = wire.url.split("/", 3)
            path, _, query = ("/" + parts[3]).partition("?")
            fields = [(k, text(v)) for k, v in wire.headers.items()]
            if "host" not in [k.lower() for k, _ in fields]:
                fields.append(("Host", parts[2]))
            yield {
                "kind": "signed",
                "name": name + (" with token" if token else ""),
                "service": service,
                "method": method,
                "path": path,
                "query": query,
                "headers": fields,
                "body": body.decode(),
                "token": token,
                "now_ms": int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000),
            }


def uploads():
    """Bodies in aws-chunked encoding with a trailing checksum, and a browser form, as botocore makes them."""
    for name, checksum in (("crc32", Crc32Checksum), ("sha1", Sha1Checksum), ("sha256", Sha256Checksum)):
        data = bytes(range(256)) * 9000  # more than one of its chunks
        header = "x-amz-checksum-" + name
        wrapper = AwsChunkedWrapper(io.BytesIO(data), checksum_cls=checksum, checksum_name=header)
        yield {
            "kind": "chunked",
            "trailer": header,
            "length": len(data),
            "body": base64.b64encode(wrapper.read()).decode(),
            "checksum": checksum().handle(io.BytesIO(data)),
        }
    for token in (None, "a/session+token=="):
        now = datetime.datetime.now(datetime.timezone.utc)
        fields = {"key": "user/${filename}", "acl": "private", "Content-Type": "image/png"}
        conditions = [{"bucket": "bkt"}, ["starts-with", "$key", "user/"], {"acl": "private"}]
        conditions += [["starts-with", "$Content-Type", "image/"], ["content-length-range", 1, 1000]]
        policy = {"expiration": (now + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"), "conditions": conditions}
        request = botocore.awsrequest.AWSRequest(method="POST", url="http://127.0.0.1:4566/bkt")
        request.context["s3-presign-post-fields"] = fields
        request.context["s3-presign-post-policy"] = policy
        credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
        S3SigV4PostAuth(credentials, "s3", "eu-central-1").add_auth(request)
        yield {
            "kind": "post",
            "fields": list(request.context["s3-presign-post-fields"].items()),
            "token": token,
            "now_ms": int(now.timestamp() * 1000),
        }


def unknown(shape, node, path):
    """The first element in a reply that the model does not have."""
    tag = lambda n: n.tag.split("}")[-1]
    if shape.type_name == "structure":
        members = {m.serialization.get("name", name): m for name, m in shape.members.items()}
        members = {name: m for name, m in members.items() if "location" not in m.serialization}
        seen = set()
        for child in node:
            name = tag(child)
            if name not in members:
                return f"{path}/{name} is not in the model"
            if members[name].serialization.get("flattened"):
                if found := unknown(members[name].member, child, f"{path}/{name}"):
                    return found
                continue
            if name in seen:
                return f"{path}/{name} is there twice"
            seen.add(name)
            if found := unknown(members[name], child, f"{path}/{name}"):
                return found
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        for child in node:
            if tag(child) != item:
                return f"{path}/{tag(child)} should be {item}"
            if found := unknown(shape.member, child, f"{path}/{item}"):
                return found
    elif shape.type_name == "map":
        for child in node:
            if [tag(child)] + [tag(n) for n in child] != ["entry", "key", "value"]:
                return f"{path} should have entries of key and value"
            if found := unknown(shape.value, child[1], f"{path}/value"):
                return found
    elif len(node):
        return f"{path} should be a scalar"
    return None


def envelope(operation, service, body):
    """The element that holds the output's members, after checking everything around it."""
    root = ET.fromstring(body)
    meta = service.metadata
    namespace = meta["xmlNamespace"] + ("/" if meta["protocol"] == "ec2" else "")
    assert root.tag == f"{{{namespace}}}{operation.name}Response", root.tag
    children = {c.tag.split("}")[-1]: c for c in root}
    if meta["protocol"] == "ec2":
        root.remove(children["requestId"])
        return root
    if operation.output_shape is None:
        assert list(children) == ["ResponseMetadata"], children
        return []
    assert sorted(children) == sorted([operation.name + "Result", "ResponseMetadata"]), children
    return children[operation.output_shape.serialization["resultWrapper"]]


def judge_reply(case):
    service = model(case["service"])
    operation = service.operation_model(case["operation"])
    if case["service"] == "s3":
        return judge_rest_xml(case, operation.output_shape)
    protocol, shape = service.metadata["protocol"], operation.output_shape
    parser = botocore.parsers.create_parser(protocol)
    response = {"status_code": case["status"], "headers": case["headers"], "body": case["body"].encode()}
    parsed = parser.parse(response, shape)
    metadata = parsed.pop("ResponseMetadata")
    request_id = metadata.get("RequestId")
    if request_id != "req-1":
        return f"request id {request_id}"
    if "error" in case:
        error = parsed["Error"]
        # What is handed to users: code, message.
        got = {"Code": error.get("Code"), "Message": error.get("Message")}
        if protocol == "query":
            got["Type"] = error.get("Type")
        return None if got == case["error"] else f"error read as {got}"
    if protocol != "json":
        inside = envelope(operation, service, case["body"])
        if shape is None:
            only = [(c.tag.split("}")[-1], c.text) for c in inside]
            return None if only == ([("return", "true")] if protocol == "ec2" else []) else f"an empty reply holds {only}"
        if found := unknown(shape, inside, operation.name):
            return found
    return differs(plain(parsed), case["expect"])


def judge_rest_xml(case, shape):
    parser = botocore.parsers.create_parser("rest-xml")
    parsed = parser.parse({"status_code": case["status"], "headers": {}, "body": case["body"].encode()}, shape)
    parsed.pop("ResponseMetadata")
    if "error" in case:
        got = parsed["Error"]  # without the ids, which it takes from headers
        return None if got == case["error"] else f"error read as {got}"
    payload = shape.serialization.get("payload")
    if payload:
        parsed, shape = parsed.get(payload, {}), shape.members[payload]
    if found := unknown(shape, ET.fromstring(case["body"]), shape.name):
        return found
    return differs(plain(parsed), case["expect"])


def differs(got, want):
    if got == want:
        return None
    got, want = json.dumps(got, sort_keys=True), json.dumps(want, sort_keys=True)
    at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
    return f"read ...{got[max(0, at - 80):at + 80]}... for ...{want[max(0, at - 80):at + 80]}..."


def main():
    for case in list(requests(whitelist(sys.argv[1]))) + list(signed()) + list(uploads()) + [{"end": True}]:
        print(json.dumps(case))
    sys.stdout.flush()
    verdicts = []
    for line in sys.stdin:
        case = json.loads(line)
        try:
            verdict = judge_reply(case)
        except Exception as e:  # a reply that cannot be parsed at all
            verdict = f"{type(e).__name__}: {e}"
        verdicts.append(verdict)
    print(json.dumps(verdicts))


main()
