. "$CLIENTS/common.sh"
export RESTIC_REPOSITORY=s3:$AWS_ENDPOINT_URL/restic-bucket/repo RESTIC_PASSWORD=secret RESTIC_CACHE_DIR=$PWD/cache AWS_DEFAULT_REGION=$AWS_REGION
restic -q init
mkdir -p tree/d && seq 1 100000 >tree/d/n && random 30000000 >tree/r
restic -q backup tree
echo more >>tree/d/n
restic -q backup tree
[ "$(restic snapshots --json | grep -o short_id | wc -l)" = 2 ]
restic -q check --read-data
restic -q restore latest --target back
same tree back/tree || same tree "back$PWD/tree"
restic -q forget --keep-last 1 --prune
restic -q check
