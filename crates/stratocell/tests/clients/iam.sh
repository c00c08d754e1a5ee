# IAM by the AWS CLI: a user, a group, a role, policy versions, an instance profile, a boundary, an MFA device, the simulator,
# the credential report; and that a change bears on the next call.
. "$CLIENTS/common.sh"
aws="$VENV/bin/aws"
iam="$aws iam --output text"
is() { [ "$2" = "$1" ] || { echo "expected $1, got $2" >&2; return 1; }; }
allow() { printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"%s","Resource":"*"}]}' "$1"; }
account=$($aws sts get-caller-identity --query Account --output text)
arn="arn:aws:iam::$account"

# A user and its key: nothing is allowed until something allows it.
is "$arn:user/team/alice" "$($iam create-user --user-name alice --path /team/ --tags Key=dept,Value=eng --query User.Arn)"
refused EntityAlreadyExists $iam create-user --user-name ALICE
refused NoSuchEntity $iam get-user --user-name nobody
read -r id secret < <($iam create-access-key --user-name alice --query 'AccessKey.[AccessKeyId,SecretAccessKey]')
as_alice() { env AWS_ACCESS_KEY_ID="$id" AWS_SECRET_ACCESS_KEY="$secret" "$@"; }
# until COMMAND...: what was changed is in force within a second; a bound, not a wait.
until_ok() { for _ in $(seq 50); do "$@" >/dev/null 2>&1 && return 0; done; "$@"; }
until_ok as_alice $aws sts get-caller-identity
is "$arn:user/team/alice" "$(as_alice $aws sts get-caller-identity --query Arn --output text)"
refused UnauthorizedOperation as_alice $aws ec2 describe-vpcs

# A group with a managed policy whose versions change.
$iam create-group --group-name devs >/dev/null
$iam add-user-to-group --group-name devs --user-name alice
policy=$($iam create-policy --policy-name look --policy-document "$(allow ec2:DescribeVpcs)" --query Policy.Arn)
$iam attach-group-policy --group-name devs --policy-arn "$policy"
until_ok as_alice $aws ec2 describe-vpcs
is v2 "$($iam create-policy-version --policy-arn "$policy" --policy-document "$(allow ec2:DescribeSubnets)" --set-as-default --query PolicyVersion.VersionId)"
until_ok as_alice $aws ec2 describe-subnets
refused UnauthorizedOperation as_alice $aws ec2 describe-vpcs
is "v2 v1" "$($iam list-policy-versions --policy-arn "$policy" --query 'Versions[].VersionId' | xargs)"
is ec2:DescribeVpcs "$($aws iam get-policy-version --policy-arn "$policy" --version-id v1 --query 'PolicyVersion.Document.Statement[0].Action' --output text)"
refused DeleteConflict $iam delete-policy --policy-arn "$policy"
$iam set-default-policy-version --policy-arn "$policy" --version-id v1
until_ok as_alice $aws ec2 describe-vpcs

# A boundary takes away.
$iam attach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
until_ok as_alice $aws ec2 describe-instances
$iam put-user-permissions-boundary --user-name alice --permissions-boundary arn:aws:iam::aws:policy/IAMReadOnlyAccess
until_ok refused UnauthorizedOperation as_alice $aws ec2 describe-instances
is alice "$(as_alice $iam get-user --query User.UserName)"
refused AccessDenied as_alice $iam create-user --user-name mallory
$iam delete-user-permissions-boundary --user-name alice

# A role and its instance profile.
trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
$iam create-role --role-name web --assume-role-policy-document "$trust" --tags Key=k,Value=v >/dev/null
refused MalformedPolicyDocument $iam create-role --role-name x --assume-role-policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"'"$arn"':user/ghost"},"Action":"sts:AssumeRole"}]}'
$iam put-role-policy --role-name web --policy-name inline --policy-document "$(allow s3:GetObject)"
is ec2.amazonaws.com "$($aws iam get-role --role-name web --query 'Role.AssumeRolePolicyDocument.Statement[0].Principal.Service' --output text)"
$iam create-instance-profile --instance-profile-name web >/dev/null
$iam add-role-to-instance-profile --instance-profile-name web --role-name web
is web "$($iam list-instance-profiles-for-role --role-name web --query 'InstanceProfiles[].InstanceProfileName')"
refused DeleteConflict $iam delete-role --role-name web

# An MFA device, with codes of RFC 6238 that this script computes.
$iam create-virtual-mfa-device --virtual-mfa-device-name alice --bootstrap-method Base32StringSeed --outfile seed >/dev/null
file=$($VENV/bin/python - <<'PY'
import base64, hashlib, hmac, struct, time
seed = base64.b32decode(open("seed").read().strip())
def code(step):
    mac = hmac.new(seed, struct.pack(">q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)
now = int(time.time()) // 30
print(code(now - 1), code(now), code(now + 1))
PY
)
read -r one two three <<<"$file"
refused InvalidAuthenticationCode $iam enable-mfa-device --user-name alice --serial-number "$arn:mfa/alice" --authentication-code1 "$two" --authentication-code2 "$one"
$iam enable-mfa-device --user-name alice --serial-number "$arn:mfa/alice" --authentication-code1 "$one" --authentication-code2 "$two"
is "$arn:mfa/alice" "$($iam list-mfa-devices --user-name alice --query 'MFADevices[].SerialNumber')"
# What is allowed with MFA only, by a session that has it; a code is good once.
$iam put-user-policy --user-name alice --policy-name mfa --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:DescribeVolumes","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}'
$iam detach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
refused UnauthorizedOperation as_alice $aws ec2 describe-volumes
session() { as_alice $aws sts get-session-token --serial-number "$arn:mfa/alice" --token-code "$1" --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text; }
refused "" session "$two"
read -r sid ssecret stoken < <(session "$three")
refused "" session "$three"
env AWS_ACCESS_KEY_ID="$sid" AWS_SECRET_ACCESS_KEY="$ssecret" AWS_SESSION_TOKEN="$stoken" $aws ec2 describe-volumes >/dev/null
$iam delete-user-policy --user-name alice --policy-name mfa
$iam attach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
$iam create-virtual-mfa-device --virtual-mfa-device-name picture --bootstrap-method QRCodePNG --outfile qr.png >/dev/null
$VENV/bin/python - <<'PY'
import struct, zlib
d = open("qr.png", "rb").read()
assert d[:8] == b"\x89PNG\r\n\x1a\n"
at, data = 8, b""
while at < len(d):
    n, kind = struct.unpack(">I4s", d[at:at + 8])
    body = d[at + 8:at + 8 + n]
    assert zlib.crc32(kind + body) == struct.unpack(">I", d[at + 8 + n:at + 12 + n])[0]
    if kind == b"IHDR":
        w, h = struct.unpack(">II", body[:8])
    if kind == b"IDAT":
        data += body
    at += 12 + n
assert len(zlib.decompress(data)) == h * (1 + (w + 7) // 8)
PY

# The simulator says what would be decided, and by what.
sim() { $iam simulate-principal-policy --policy-source-arn "$arn:user/team/alice" --action-names "$1" --query 'EvaluationResults[0].EvalDecision'; }
is allowed "$(sim ec2:RunInstances)"
$iam detach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
is implicitDeny "$(sim ec2:RunInstances)"
is allowed "$(sim ec2:DescribeVpcs)"
is explicitDeny "$($iam simulate-custom-policy --policy-input-list '{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}' --action-names s3:GetObject --query 'EvaluationResults[0].EvalDecision')"
is aws:SourceIp "$($iam get-context-keys-for-custom-policy --policy-input-list '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}' --query 'ContextKeyNames[]')"

# The report, the account, the password policy.
$iam generate-credential-report >/dev/null
is COMPLETE "$($iam generate-credential-report --query State)"
$iam get-credential-report --query Content | base64 -d >report.csv
grep -q "^alice,$arn:user/team/alice,.*,true,true," report.csv
$iam create-account-alias --account-alias "clients-$account"
is "clients-$account" "$($iam list-account-aliases --query 'AccountAliases[]')"
$iam update-account-password-policy --minimum-password-length 12 --allow-users-to-change-password
refused PasswordPolicyViolation $iam create-login-profile --user-name alice --password short
$iam create-login-profile --user-name alice --password 'a long enough one' >/dev/null
is True "$($iam get-account-authorization-details --filter User --query 'contains(UserDetailList[].UserName, `alice`)')"

# Everything goes, in an order that its conflicts allow.
refused DeleteConflict $iam delete-user --user-name alice
$iam deactivate-mfa-device --user-name alice --serial-number "$arn:mfa/alice"
$iam delete-virtual-mfa-device --serial-number "$arn:mfa/alice"
$iam delete-login-profile --user-name alice
$iam update-access-key --user-name alice --access-key-id "$id" --status Inactive
until_ok refused InvalidClientTokenId as_alice $aws sts get-caller-identity
$iam delete-access-key --user-name alice --access-key-id "$id"
$iam remove-user-from-group --group-name devs --user-name alice
$iam delete-user --user-name alice
$iam detach-group-policy --group-name devs --policy-arn "$policy"
$iam delete-group --group-name devs
$iam delete-policy-version --policy-arn "$policy" --version-id v2
$iam delete-policy --policy-arn "$policy"
$iam remove-role-from-instance-profile --instance-profile-name web --role-name web
$iam delete-instance-profile --instance-profile-name web
$iam delete-role-policy --role-name web --policy-name inline
$iam delete-role --role-name web
