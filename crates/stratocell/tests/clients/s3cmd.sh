. "$CLIENTS/common.sh"
host=${AWS_ENDPOINT_URL#http://}
c="s3cmd -c /dev/null --no-ssl --host=$host --host-bucket=$host --access_key=$AWS_ACCESS_KEY_ID --secret_key=$AWS_SECRET_ACCESS_KEY --region=$AWS_REGION --no-progress"
$c mb s3://s3cmd-bucket
mkdir tree && seq 1 1000 >tree/a && random 20000000 >tree/large && printf x >'tree/sp ace'
$c --multipart-chunk-size-mb=5 sync tree/ s3://s3cmd-bucket/t/
mkdir back
$c get --recursive s3://s3cmd-bucket/t/ back/
same tree back
$c info s3://s3cmd-bucket/t/large | grep 20000000
$c cp s3://s3cmd-bucket/t/a s3://s3cmd-bucket/copy
$c setacl --acl-public s3://s3cmd-bucket/copy
curl -fsS "$AWS_ENDPOINT_URL/s3cmd-bucket/copy" | cmp - tree/a
$c setacl --acl-private s3://s3cmd-bucket/copy
refused 403 curl -fsS "$AWS_ENDPOINT_URL/s3cmd-bucket/copy"
curl -fsS "$($c signurl s3://s3cmd-bucket/copy +60)" | cmp - tree/a || echo 's3cmd signs URLs with version 2, which is refused'
$c modify --add-header='cache-control: max-age=60' s3://s3cmd-bucket/copy
curl -fsSI "$($VENV/bin/aws s3 presign s3://s3cmd-bucket/copy)" >/dev/null || true
$c del --recursive --force s3://s3cmd-bucket
$c rb s3://s3cmd-bucket
