# A bucket as a file system. Where FUSE cannot be had the mount fails, and the script says so with status 77.
. "$CLIENTS/common.sh"
[ -w /dev/fuse ] || { echo 'no /dev/fuse here'; exit 77; }
"$VENV/bin/aws" s3 mb s3://s3fs-bucket
echo "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" >passwd && chmod 600 passwd
mkdir mnt
s3fs s3fs-bucket mnt -o passwd_file=passwd,url="$AWS_ENDPOINT_URL",use_path_request_style,endpoint="$AWS_REGION",sigv4 || exit 77
trap 'fusermount -u mnt || umount -l mnt' EXIT
mkdir mnt/dir
seq 1 10000 >mnt/dir/n
cp mnt/dir/n n && seq 1 10000 | cmp - n
random 15000000 >r && cp r mnt/dir/r && cmp r mnt/dir/r
mv mnt/dir/r mnt/dir/s && cmp r mnt/dir/s
echo more >>mnt/dir/n && tail -1 mnt/dir/n | grep -q more
rm mnt/dir/n mnt/dir/s && rmdir mnt/dir
[ -z "$(ls mnt)" ]
