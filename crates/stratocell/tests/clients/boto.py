"""boto3: what people's programs do, with the client library's own checks (checksums, retries, paginators, waiters)."""
import io
import os
import threading
import urllib.request

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

s3 = boto3.client("s3")


def refused(code, call, **kw):
    try:
        call(**kw)
    except ClientError as e:
        got = e.response["Error"]["Code"]
        assert got == code, f"{got} instead of {code}"
        return e
    raise AssertionError(f"not refused with {code}: {kw}")


s3.create_bucket(Bucket="boto-bucket")
s3.get_waiter("bucket_exists").wait(Bucket="boto-bucket", WaiterConfig={"Delay": 1, "MaxAttempts": 3})

# Every checksum algorithm, sent and asked back.
for algorithm in ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"]:
    try:
        put = s3.put_object(Bucket="boto-bucket", Key=algorithm, Body=b"x" * 100_000, ChecksumAlgorithm=algorithm)
    except Exception as e:  # CRC32C and CRC64NVME need awscrt, which is not everywhere.
        if "botocore[crt]" in str(e):
            continue
        raise
    got = s3.get_object(Bucket="boto-bucket", Key=algorithm, ChecksumMode="ENABLED")
    assert got["Body"].read() == b"x" * 100_000
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"], algorithm

# The transfer manager: threads, parts, ranges.
data = os.urandom(25_000_000)
s3.upload_fileobj(io.BytesIO(data), "boto-bucket", "large", ExtraArgs={"Metadata": {"k": "v"}, "ContentType": "text/x"})
out = io.BytesIO()
s3.download_fileobj("boto-bucket", "large", out)
assert out.getvalue() == data
head = s3.head_object(Bucket="boto-bucket", Key="large")
assert head["Metadata"] == {"k": "v"} and head["ContentType"] == "text/x" and head["ContentLength"] == len(data)
part = s3.get_object(Bucket="boto-bucket", Key="large", PartNumber=2)
assert part["PartsCount"] == 3 and part["Body"].read() == data[8 << 20 : 16 << 20]

# Paginators over keys with every awkward character.
keys = sorted([f"p/{i:04}" for i in range(2300)] + ["p/ü+ &<>'\"%\u20ac", "p/a//b", "p/../c", "p/ "])
threads = []
it = iter(keys)
lock = threading.Lock()


def put_all():
    client = boto3.session.Session().client("s3")
    while True:
        with lock:
            key = next(it, None)
        if key is None:
            return
        client.put_object(Bucket="boto-bucket", Key=key, Body=key.encode())


for _ in range(8):
    threads.append(threading.Thread(target=put_all))
    threads[-1].start()
for t in threads:
    t.join()
listed = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="boto-bucket", Prefix="p/") for o in page["Contents"]]
assert listed == sorted(keys, key=lambda k: k.encode()), set(keys) ^ set(listed)
old = [o["Key"] for page in s3.get_paginator("list_objects").paginate(Bucket="boto-bucket", Prefix="p/") for o in page["Contents"]]
assert old == listed
for key in listed[:3] + listed[-4:]:
    assert s3.get_object(Bucket="boto-bucket", Key=key)["Body"].read() == key.encode()
tree = s3.list_objects_v2(Bucket="boto-bucket", Delimiter="/")
assert [p["Prefix"] for p in tree["CommonPrefixes"]] == ["p/"]

# Conditions.
s3.put_object(Bucket="boto-bucket", Key="once", Body=b"1", IfNoneMatch="*")
refused("PreconditionFailed", s3.put_object, Bucket="boto-bucket", Key="once", Body=b"2", IfNoneMatch="*")
etag = s3.head_object(Bucket="boto-bucket", Key="once")["ETag"]
s3.put_object(Bucket="boto-bucket", Key="once", Body=b"3", IfMatch=etag)
refused("PreconditionFailed", s3.put_object, Bucket="boto-bucket", Key="once", Body=b"4", IfMatch=etag)
refused("304", s3.get_object, Bucket="boto-bucket", Key="once", IfNoneMatch=s3.head_object(Bucket="boto-bucket", Key="once")["ETag"])

# SSE-C, presigned PUT and GET, a browser's form, virtual hosts.
key = os.urandom(32)
s3.put_object(Bucket="boto-bucket", Key="c", Body=b"secret", SSECustomerAlgorithm="AES256", SSECustomerKey=key)
refused("InvalidRequest", s3.get_object, Bucket="boto-bucket", Key="c")
assert s3.get_object(Bucket="boto-bucket", Key="c", SSECustomerAlgorithm="AES256", SSECustomerKey=key)["Body"].read() == b"secret"
v4 = boto3.client("s3", config=Config(signature_version="s3v4"))
url = v4.generate_presigned_url("put_object", Params={"Bucket": "boto-bucket", "Key": "signed"})
urllib.request.urlopen(urllib.request.Request(url, data=b"by url", method="PUT"))
url = v4.generate_presigned_url("get_object", Params={"Bucket": "boto-bucket", "Key": "signed", "ResponseContentType": "text/y"})
reply = urllib.request.urlopen(url)
assert reply.read() == b"by url" and reply.headers["Content-Type"] == "text/y"
post = v4.generate_presigned_post("boto-bucket", "form/${filename}", Conditions=[["content-length-range", 1, 100]])
fields = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in post["fields"].items())
body = fields + '--b\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n'
request = urllib.request.Request(post["url"], data=body.encode(), headers={"Content-Type": "multipart/form-data; boundary=b"})
assert urllib.request.urlopen(request).status == 204
assert s3.get_object(Bucket="boto-bucket", Key="form/f.txt")["Body"].read() == b"hello"

# A thousand keys in one deletion; the rest by the resource API.
gone = s3.delete_objects(Bucket="boto-bucket", Delete={"Objects": [{"Key": k} for k in listed[:1000]]})
assert len(gone["Deleted"]) == 1000 and "Errors" not in gone
bucket = boto3.resource("s3").Bucket("boto-bucket")
bucket.objects.all().delete()
bucket.delete()
refused("NoSuchBucket", s3.list_objects_v2, Bucket="boto-bucket")
print("boto3: ok")
