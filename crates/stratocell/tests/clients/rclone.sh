. "$CLIENTS/common.sh"
export RCLONE_CONFIG=$PWD/rclone.conf
cat >rclone.conf <<C
[s]
type = s3
provider = Other
endpoint = $AWS_ENDPOINT_URL
access_key_id = $AWS_ACCESS_KEY_ID
secret_access_key = $AWS_SECRET_ACCESS_KEY
region = $AWS_REGION
force_path_style = true
C
rclone mkdir s:rclone-bucket
mkdir -p tree/a/b
for n in $(seq 1 40); do random $((n * 1000)) >"tree/a/f$n"; done
random 12000000 >tree/a/b/large
rclone --s3-upload-cutoff 5M --s3-chunk-size 5M copy tree s:rclone-bucket/x
rclone check tree s:rclone-bucket/x
rclone copy s:rclone-bucket/x back
same tree back
rm tree/a/f1
rclone sync tree s:rclone-bucket/x
[ "$(rclone lsf -R --files-only s:rclone-bucket | wc -l)" = 40 ]
rclone cat s:rclone-bucket/x/a/b/large --offset 5000000 --count 1000000 | cmp - <(tail -c +5000001 tree/a/b/large | head -c 1000000)
rclone move s:rclone-bucket/x/a/f2 s:rclone-bucket/y
rclone lsjson -R s:rclone-bucket | grep '"Path":"y/f2"'
rclone purge s:rclone-bucket
refused 'not found' rclone ls s:rclone-bucket
