"""KMS by boto3, checked with an independent library: what a key encrypts, signs and authenticates; rotation, grants, aliases,
import; an object under a key; a key that is off; and all of it with the control plane dead."""
import hashlib
import hmac
import json
import os
import subprocess
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding
except ImportError:
    print("no cryptography")
    raise SystemExit(77)

config = Config(retries={"max_attempts": 1})
kms = boto3.client("kms", config=config)
s3 = boto3.client("s3", config=config)
account = boto3.client("sts").get_caller_identity()["Account"]


def refused(code, call, **kw):
    try:
        call(**kw)
    except ClientError as e:
        got = e.response["Error"]["Code"]
        assert got == code, f"{got} instead of {code}: {e}"
        return e
    raise AssertionError(f"not refused with {code}: {kw}")


def stratocell(*args):
    done = subprocess.run([os.environ["STRATOCELL"], *args], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def new_key(**kw):
    return kms.create_key(**kw)["KeyMetadata"]["KeyId"]


# A symmetric key: used the instant it was made, by each of its names.
key = new_key(Description="first", Tags=[{"TagKey": "team", "TagValue": "red"}])
arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
kms.create_alias(AliasName="alias/first", TargetKeyId=key)
context = {"purpose": "test"}
sealed = kms.encrypt(KeyId="alias/first", Plaintext=b"secret", EncryptionContext=context)["CiphertextBlob"]
assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"] == b"secret"
refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=sealed)
for name in [key, arn, "alias/first", arn.split("key/")[0] + "alias/first"]:
    assert kms.generate_data_key(KeyId=name, KeySpec="AES_256")["KeyId"] == arn
assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "team", "TagValue": "red"}]
assert key in [k["KeyId"] for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1}) for k in page["Keys"]]

# Rotation: new ciphertexts by new material, the old ones still open.
before = kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["KeyMaterialId"]
kms.rotate_key_on_demand(KeyId=key)
assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"] == b"secret"
anew = kms.re_encrypt(CiphertextBlob=sealed, SourceEncryptionContext=context, DestinationKeyId=key)
assert anew["SourceKeyMaterialId"] == before != anew["DestinationKeyMaterialId"]
assert [r["RotationType"] for r in kms.list_key_rotations(KeyId=key)["Rotations"]] == ["ON_DEMAND"]
kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
status = kms.get_key_rotation_status(KeyId=key)
assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 100

# RSA and ECDSA signatures, by the other library with the public key; and its encryption, by KMS.
for spec, algorithm, usage in [
    ("RSA_2048", "RSASSA_PSS_SHA_256", "SIGN_VERIFY"),
    ("RSA_3072", "RSASSA_PKCS1_V1_5_SHA_384", "SIGN_VERIFY"),
    ("ECC_NIST_P256", "ECDSA_SHA_256", "SIGN_VERIFY"),
    ("ECC_NIST_P521", "ECDSA_SHA_512", "SIGN_VERIFY"),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256", "SIGN_VERIFY"),
]:
    signer = new_key(KeySpec=spec, KeyUsage=usage)
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=signer)["PublicKey"])
    signature = kms.sign(KeyId=signer, Message=b"message", SigningAlgorithm=algorithm)["Signature"]
    hash_ = getattr(hashes, "SHA" + algorithm[-3:])()

    def check(message):
        if algorithm.startswith("ECDSA"):
            public.verify(signature, message, ec.ECDSA(hash_))
        elif "PSS" in algorithm:
            public.verify(signature, message, padding.PSS(padding.MGF1(hash_), hash_.digest_size), hash_)
        else:
            public.verify(signature, message, padding.PKCS1v15(), hash_)

    check(b"message")
    try:
        check(b"massage")
        raise AssertionError("a wrong message passes")
    except InvalidSignature:
        pass
    assert kms.verify(KeyId=signer, Message=b"message", Signature=signature, SigningAlgorithm=algorithm)["SignatureValid"]
    refused("KMSInvalidSignatureException", kms.verify, KeyId=signer, Message=b"x", Signature=signature, SigningAlgorithm=algorithm)
rsa = new_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
public = serialization.load_der_public_key(kms.get_public_key(KeyId=rsa)["PublicKey"])
oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
by_others = public.encrypt(b"for KMS", oaep)
assert kms.decrypt(KeyId=rsa, CiphertextBlob=by_others, EncryptionAlgorithm="RSAES_OAEP_SHA_256")["Plaintext"] == b"for KMS"

# ECDH against the other library.
agree = new_key(KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")
peer = ec.generate_private_key(ec.SECP384R1())
public = serialization.load_der_public_key(kms.get_public_key(KeyId=agree)["PublicKey"])
der = peer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
shared = kms.derive_shared_secret(KeyId=agree, KeyAgreementAlgorithm="ECDH", PublicKey=der)["SharedSecret"]
assert shared == peer.exchange(ec.ECDH(), public)

# A data key pair: the private half is a key that the other library can use.
pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
assert private.public_key() == serialization.load_der_public_key(pair["PublicKey"])

# Imported HMAC and symmetric keys: KMS's MAC is that of the imported bytes.
material = os.urandom(32)


def bring(spec, usage, **kw):
    made = new_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)
    given = kms.get_parameters_for_import(KeyId=made, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_4096")
    wrapped = serialization.load_der_public_key(given["PublicKey"]).encrypt(material, oaep)
    kw.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    kms.import_key_material(KeyId=made, ImportToken=given["ImportToken"], EncryptedKeyMaterial=wrapped, **kw)
    return made, given, wrapped


mac_key, _, _ = bring("HMAC_256", "GENERATE_VERIFY_MAC")
mac = kms.generate_mac(KeyId=mac_key, Message=b"message", MacAlgorithm="HMAC_SHA_256")["Mac"]
assert mac == hmac.new(material, b"message", hashlib.sha256).digest()
assert kms.verify_mac(KeyId=mac_key, Message=b"message", Mac=mac, MacAlgorithm="HMAC_SHA_256")["MacValid"]
own, given, wrapped = bring("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
blob = kms.encrypt(KeyId=own, Plaintext=b"x")["CiphertextBlob"]
kms.delete_imported_key_material(KeyId=own)
refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
kms.import_key_material(
    KeyId=own, ImportToken=given["ImportToken"], EncryptedKeyMaterial=wrapped, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"
)
assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

# Another account: nothing, until a grant; and nothing again when that is revoked.
made = json.loads(stratocell("account", "create", "other", "--json"))
other = boto3.session.Session(aws_access_key_id=made["access_key"], aws_secret_access_key=made["secret_key"])
their_kms = other.client("kms", config=config)


def soon(what, call):
    """Within a second of a change every gateway knows it."""
    end = time.monotonic() + 1
    while True:
        try:
            return call()
        except ClientError as e:
            if time.monotonic() > end:
                raise AssertionError(f"{what}: {e}")
            time.sleep(0.01)


them = soon("the new account", other.client("sts", config=config).get_caller_identity)["Arn"]
refused("AccessDeniedException", their_kms.decrypt, CiphertextBlob=sealed, EncryptionContext=context)
grant = kms.create_grant(
    KeyId=key, GranteePrincipal=them, Operations=["Decrypt"], Constraints={"EncryptionContextSubset": {"purpose": "test"}}
)
opened = their_kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context, GrantTokens=[grant["GrantToken"]])
assert opened["Plaintext"] == b"secret"
refused("AccessDeniedException", their_kms.encrypt, KeyId=arn, Plaintext=b"x", EncryptionContext=context)
assert [g["GranteePrincipal"] for g in kms.list_grants(KeyId=key)["Grants"]] == [them]
kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
refused("AccessDeniedException", their_kms.decrypt, CiphertextBlob=sealed, EncryptionContext=context)

# Objects under a key; in a bucket that says so; and under the account's own key.
s3.create_bucket(Bucket="vault")
body = os.urandom(9_000_000)
s3.put_object(Bucket="vault", Key="large", Body=body, ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/first")
s3.put_object(Bucket="vault", Key="own", Body=b"own", ServerSideEncryption="aws:kms")
own_key = s3.head_object(Bucket="vault", Key="own")["SSEKMSKeyId"]
assert kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"] == own_key
assert kms.describe_key(KeyId=own_key)["KeyMetadata"]["KeyManager"] == "AWS"
rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}, "BucketKeyEnabled": True}
s3.put_bucket_encryption(Bucket="vault", ServerSideEncryptionConfiguration={"Rules": [rule]})
for name in ["a", "b"]:
    s3.put_object(Bucket="vault", Key=name, Body=name.encode())
head = s3.head_object(Bucket="vault", Key="a")
assert head["SSEKMSKeyId"] == arn and head["BucketKeyEnabled"]


def read(name):
    return s3.get_object(Bucket="vault", Key=name)["Body"].read()


assert read("large") == body and read("a") == b"a" and read("own") == b"own"

# Switched off, nothing under it can be read; on again, all can.
kms.disable_key(KeyId=key)
for name in ["large", "a", "b"]:
    refused("KMS.DisabledException", s3.get_object, Bucket="vault", Key=name)
refused("DisabledException", kms.decrypt, CiphertextBlob=sealed, EncryptionContext=context)
assert read("own") == b"own"
kms.enable_key(KeyId=key)
kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
refused("KMS.KMSInvalidStateException", s3.get_object, Bucket="vault", Key="large")
kms.cancel_key_deletion(KeyId=key)
kms.enable_key(KeyId=key)
assert read("large") == body

# With the control plane dead, what is done with keys goes on; changes of keys fail clearly.
stratocell("fault", "inject", "control-plane", "kill")
try:
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"] == b"secret"
    assert len(kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"]) == 32
    kms.sign(KeyId=signer, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    assert read("large") == body and read("b") == b"b"
    s3.put_object(Bucket="vault", Key="meanwhile", Body=b"meanwhile")
    assert read("meanwhile") == b"meanwhile"
    refused("ServiceUnavailableException", kms.create_key)
    # A gateway that starts now has the keys from its own disk.
    stratocell("fault", "inject", "gateway", "kill")
    stratocell("fault", "heal", "gateway")
    end = time.monotonic() + 30
    while True:
        try:
            assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"] == b"secret"
            break
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    assert read("meanwhile") == b"meanwhile"
finally:
    stratocell("fault", "heal", "control-plane")
stratocell("ready", "--timeout", "30")
assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
