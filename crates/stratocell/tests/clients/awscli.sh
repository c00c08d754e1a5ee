# The AWS CLI: sync, cp of a large file (multipart), presign, versions, lock, tags, policy.
. "$CLIENTS/common.sh"
s3="$VENV/bin/aws s3"
api="$VENV/bin/aws s3api --output json"
$s3 mb s3://cli-bucket
mkdir -p tree/deep/er
seq 1 50000 >tree/numbers.txt
printf 'a+b c' >'tree/deep/ü +%20.txt'
: >tree/deep/er/empty
random 3000000 >tree/deep/blob
$s3 sync --no-progress tree s3://cli-bucket/t
$s3 sync --no-progress s3://cli-bucket/t back
same tree back
rm tree/numbers.txt
$s3 sync --no-progress --delete tree s3://cli-bucket/t
[ "$($s3 ls --recursive s3://cli-bucket/t/ | wc -l)" = 3 ]
random "${BIG_BYTES:-104857600}" >big
$s3 cp --no-progress big s3://cli-bucket/big
$s3 cp --no-progress s3://cli-bucket/big big.back
same big big.back
rm big.back
url=$($VENV/bin/aws s3 presign s3://cli-bucket/big --expires-in 60)
curl -fsS "$url" | cmp - big
rm big
$s3 cp --no-progress s3://cli-bucket/big s3://cli-bucket/copy --storage-class STANDARD_IA
[ "$($api head-object --bucket cli-bucket --key copy --query StorageClass --output text)" = STANDARD_IA ]
$s3 mv --no-progress s3://cli-bucket/copy s3://cli-bucket/moved
refused 404 $api head-object --bucket cli-bucket --key copy
$api put-bucket-versioning --bucket cli-bucket --versioning-configuration Status=Enabled
printf one >v && $s3 cp --no-progress v s3://cli-bucket/v && printf two >v && $s3 cp --no-progress v s3://cli-bucket/v
$s3 rm s3://cli-bucket/v
[ "$($api list-object-versions --bucket cli-bucket --prefix v --query 'length(Versions)')" = 2 ]
old=$($api list-object-versions --bucket cli-bucket --prefix v --query 'Versions[-1].VersionId' --output text)
$api get-object --bucket cli-bucket --key v --version-id "$old" v.old >/dev/null
[ "$(cat v.old)" = one ]
refused NoSuchKey $api get-object --bucket cli-bucket --key v v.new
$api put-object-tagging --bucket cli-bucket --key big --tagging 'TagSet=[{Key=a,Value=b}]'
[ "$($api get-object-tagging --bucket cli-bucket --key big --query 'TagSet[0].Value' --output text)" = b ]
policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::cli-bucket/moved"}]}'
refused '' curl -fsS "$AWS_ENDPOINT_URL/cli-bucket/moved" -o /dev/null
$api put-bucket-policy --bucket cli-bucket --policy "$policy"
curl -fsS "$AWS_ENDPOINT_URL/cli-bucket/moved" -o moved
$api create-bucket --bucket cli-locked --object-lock-enabled-for-bucket >/dev/null
$api put-object --bucket cli-locked --key l --body v --object-lock-mode GOVERNANCE --object-lock-retain-until-date 2099-01-01T00:00:00Z >/dev/null
held=$($api list-object-versions --bucket cli-locked --query 'Versions[0].VersionId' --output text)
refused AccessDenied $api delete-object --bucket cli-locked --key l --version-id "$held"
$api delete-object --bucket cli-locked --key l --version-id "$held" --bypass-governance-retention
refused BucketNotEmpty $api delete-bucket --bucket cli-bucket
