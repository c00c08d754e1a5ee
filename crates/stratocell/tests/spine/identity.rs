//! Temporary credentials by the AWS CLI: roles of the own and of another account, chains, session policies, MFA, a web
//! identity; and an instance's, read inside a guest and used outside.

use crate::harness::{AwsFailure, Cloud, wait_for};
use crate::walk::{BOOT, SECOND, id, public_vpc};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

type Env = BTreeMap<String, String>;

fn call(c: &Cloud, env: &Env, args: &[&str]) -> Result<Value, AwsFailure> {
    c.aws_as(env, args.iter().map(|a| (*a).to_owned()).collect())
}

fn must(c: &Cloud, env: &Env, args: &[&str]) -> Value {
    call(c, env, args).unwrap_or_else(|e| panic!("aws {args:?}: {}\n{}", e.text, c.last_logs()))
}

fn refused(c: &Cloud, env: &Env, args: &[&str]) -> String {
    match call(c, env, args) {
        Err(e) => e.code,
        Ok(v) => panic!("aws {args:?} was not refused: {v}"),
    }
}

/// The environment of credentials that STS gave.
fn with(env: &Env, credentials: &Value) -> Env {
    let mut env = env.clone();
    for (name, field) in [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", if credentials["Token"].is_string() { "Token" } else { "SessionToken" }),
    ] {
        env.insert(name.to_owned(), credentials[field].as_str().unwrap_or_else(|| panic!("{field}")).to_owned());
    }
    env
}

fn assume(c: &Cloud, env: &Env, role: &str, more: &[&str]) -> Result<Value, AwsFailure> {
    let mut args = vec!["sts", "assume-role", "--role-session-name", "job", "--role-arn", role];
    args.extend(more);
    call(c, env, &args)
}

fn as_role(c: &Cloud, env: &Env, role: &str, more: &[&str]) -> Env {
    let made = assume(c, env, role, more).unwrap_or_else(|e| panic!("{}\n{}", e.text, c.last_logs()));
    with(env, &made["Credentials"])
}

fn document(statements: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn trust(principal: Value, condition: Value) -> String {
    document(
        json!([{ "Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": condition }]),
    )
}

fn role(c: &Cloud, env: &Env, name: &str, trust: &str, policy: &str) -> String {
    let made = must(c, env, &["iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust]);
    must(c, env, &["iam", "put-role-policy", "--role-name", name, "--policy-name", "p", "--policy-document", policy]);
    id(&made, "/Role/Arn").to_owned()
}

/// A program's output, with `input` on its standard input.
pub fn python(program: &str, input: &str) -> String {
    use std::io::Write;
    let mut child =
        Command::new("python3").args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    let out = child.wait_with_output().expect("it ends");
    assert!(out.status.success());
    String::from_utf8(out.stdout).expect("text").trim().to_owned()
}

/// RFC 6238, by another implementation than the region's.
pub const TOTP: &str = "import sys,hmac,hashlib,base64,struct,time
s=base64.b32decode(sys.stdin.read().strip()); n=int(time.time())//30+OFFSET
d=hmac.new(s,struct.pack('>Q',n),hashlib.sha1).digest(); o=d[19]&15
print('%06d'%((struct.unpack('>I',d[o:o+4])[0]&0x7fffffff)%1000000))";

#[test]
fn roles_and_sessions_by_the_cli() {
    let c = Cloud::up();
    let own = c.own_env();
    let other = c.account("other");
    let me = must(&c, &own, &["sts", "get-caller-identity"]);
    let account = id(&me, "/Account").to_owned();

    // A user that may do nothing but take on roles.
    must(&c, &own, &["iam", "create-user", "--user-name", "alice"]);
    let assume_any = document(json!([{ "Effect": "Allow", "Action": "sts:*", "Resource": "*" }]));
    must(&c, &own, &["iam", "put-user-policy", "--user-name", "alice", "--policy-name", "p", "--policy-document", &assume_any]);
    let key = must(&c, &own, &["iam", "create-access-key", "--user-name", "alice"]);
    let mut alice = own.clone();
    alice.insert("AWS_ACCESS_KEY_ID".into(), id(&key, "/AccessKey/AccessKeyId").to_owned());
    alice.insert("AWS_SECRET_ACCESS_KEY".into(), id(&key, "/AccessKey/SecretAccessKey").to_owned());
    wait_for("the gateway to know alice", 5 * SECOND, || call(&c, &alice, &["sts", "get-caller-identity"]).ok());
    assert_eq!(refused(&c, &alice, &["ec2", "describe-vpcs"]), "UnauthorizedOperation");

    // A role of her own account, with and without a session policy; its token also opens S3.
    let everything = document(json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    let by_account = trust(json!({ "AWS": account }), json!({}));
    let first = role(&c, &own, "first", &by_account, &everything);
    let session = as_role(&c, &alice, &first, &[]);
    let who = must(&c, &session, &["sts", "get-caller-identity"]);
    assert_eq!(id(&who, "/Arn"), format!("arn:aws:sts::{account}:assumed-role/first/job"));
    must(&c, &session, &["ec2", "describe-vpcs"]);
    must(&c, &session, &["s3api", "create-bucket", "--bucket", "of-a-session"]);
    let file = c.write("object", "an object");
    must(&c, &session, &["s3api", "put-object", "--bucket", "of-a-session", "--key", "k", "--body", &file.to_string_lossy()]);
    let reads = document(json!([{ "Effect": "Allow", "Action": ["ec2:Describe*", "s3:GetObject"], "Resource": "*" }]));
    let limited = as_role(&c, &alice, &first, &["--policy", &reads]);
    must(&c, &limited, &["ec2", "describe-vpcs"]);
    assert_eq!(refused(&c, &limited, &["ec2", "create-vpc", "--cidr-block", "10.9.0.0/16"]), "UnauthorizedOperation");
    let got = c.write("got", "");
    must(&c, &limited, &["s3api", "get-object", "--bucket", "of-a-session", "--key", "k", &got.to_string_lossy()]);
    assert_eq!(std::fs::read_to_string(&got).expect("fetched"), "an object");
    let put = ["s3api", "put-object", "--bucket", "of-a-session", "--key", "k2", "--body", &file.to_string_lossy()];
    assert_eq!(refused(&c, &limited, &put), "AccessDenied");

    // A presigned URL carries the session's token.
    let url = c
        .aws_text(&session, ["s3", "presign", "s3://of-a-session/k"].map(str::to_owned).into())
        .unwrap_or_else(|e| panic!("{}", e.text));
    let fetch = "import sys,urllib.request\nprint(urllib.request.urlopen(sys.stdin.read().strip()).read().decode())";
    assert_eq!(python(fetch, url.trim()), "an object");

    // Another account's role, which wants an external id; and from there on.
    let condition = json!({ "StringEquals": { "sts:ExternalId": "the-contract" } });
    let theirs = role(
        &c,
        &other,
        "shared",
        &trust(json!({ "AWS": format!("arn:aws:iam::{account}:user/alice") }), condition),
        &everything,
    );
    assert_eq!(assume(&c, &alice, &theirs, &[]).expect_err("no external id").code, "AccessDenied");
    let across = as_role(&c, &alice, &theirs, &["--external-id", "the-contract"]);
    let who = must(&c, &across, &["sts", "get-caller-identity"]);
    assert_ne!(id(&who, "/Account"), account);
    let chained = role(&c, &other, "chained", &trust(json!({ "AWS": theirs }), json!({})), &everything);
    let further = as_role(&c, &across, &chained, &["--duration-seconds", "3600"]);
    assert!(id(&must(&c, &further, &["sts", "get-caller-identity"]), "/Arn").ends_with(":assumed-role/chained/job"));
    let too_long = assume(&c, &across, &chained, &["--duration-seconds", "3601"]).expect_err("a chain lasts an hour");
    assert!(too_long.text.contains("role chaining"), "{}", too_long.text);

    // MFA: a device of alice's, its code, once.
    let seed = c.write("seed", "");
    let device = must(
        &c,
        &own,
        &[
            "iam",
            "create-virtual-mfa-device",
            "--virtual-mfa-device-name",
            "alice",
            "--bootstrap-method",
            "Base32StringSeed",
            "--outfile",
            &seed.to_string_lossy(),
        ],
    );
    let serial = id(&device, "/VirtualMFADevice/SerialNumber").to_owned();
    let code =
        |offset: i32| python(&TOTP.replace("OFFSET", &offset.to_string()), &std::fs::read_to_string(&seed).expect("a seed"));
    must(
        &c,
        &own,
        &[
            "iam",
            "enable-mfa-device",
            "--user-name",
            "alice",
            "--serial-number",
            &serial,
            "--authentication-code1",
            &code(-2),
            "--authentication-code2",
            &code(-1),
        ],
    );
    let guarded = role(
        &c,
        &own,
        "guarded",
        &trust(json!({ "AWS": account }), json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } })),
        &everything,
    );
    assert_eq!(assume(&c, &alice, &guarded, &[]).expect_err("no code").code, "AccessDenied");
    let proof = ["--serial-number", &serial, "--token-code", &code(0)];
    as_role(&c, &alice, &guarded, &proof);
    let again = assume(&c, &alice, &guarded, &proof).expect_err("a code is good once");
    assert!(again.text.contains("MultiFactorAuthentication failed"), "{}", again.text);

    // A web identity: nobody signs, the operator gave the provider's keys (RFC 7515's example), and the token is not of them.
    let keys = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
    let keys = c.write("keys.json", keys);
    assert!(c.ok(&["oidc", "add-keys", "https://id.example.com", &keys.to_string_lossy()]).contains("1 keys"));
    assert!(!c.run(&["oidc", "add-keys", "https://id.example.com", "/dev/null"]).status.success());
    let client = ["iam", "create-open-id-connect-provider", "--url", "https://id.example.com", "--client-id-list", "app"];
    must(&c, &own, &[&client[..], &["--thumbprint-list", &"0".repeat(40)]].concat());
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIn0.AAAA";
    let web = [
        "sts",
        "assume-role-with-web-identity",
        "--role-session-name",
        "job",
        "--role-arn",
        &first,
        "--web-identity-token",
        token,
    ];
    assert_eq!(refused(&c, &own, &web), "InvalidIdentityToken");
    c.ok(&["oidc", "remove-keys", "https://id.example.com"]);

    // Within a second a changed policy bears on sessions that are out, and a deleted role ends them.
    must(&c, &own, &["iam", "put-role-policy", "--role-name", "first", "--policy-name", "p", "--policy-document", &reads]);
    wait_for("the policy", 5 * SECOND, || call(&c, &session, &put).is_err().then_some(()));
    // The control plane dies: sessions go on at S3, none are made.
    c.ok(&["fault", "inject", "control-plane", "kill"]);
    must(&c, &session, &["s3api", "get-object", "--bucket", "of-a-session", "--key", "k", &got.to_string_lossy()]);
    let out = assume(&c, &alice, &first, &[]).expect_err("no control plane");
    assert_eq!(out.code, "ServiceUnavailable", "{}", out.text);
    c.ok(&["fault", "heal", "control-plane"]);
    wait_for("the control plane", 20 * SECOND, || {
        call(&c, &own, &["iam", "delete-role-policy", "--role-name", "first", "--policy-name", "p"]).ok()
    });
    must(&c, &own, &["iam", "delete-role", "--role-name", "first"]);
    let get = ["s3api", "get-object", "--bucket", "of-a-session", "--key", "k", &got.to_string_lossy()];
    wait_for("the end of the sessions", 5 * SECOND, || call(&c, &session, &get).err().filter(|e| e.code == "InvalidToken"));
    assert_eq!(refused(&c, &session, &["sts", "get-caller-identity"]), "InvalidClientTokenId");
}

#[test]
fn guest_reads_credentials_that_work_outside() {
    let c = Cloud::up();
    let own = c.own_env();
    let me = must(&c, &own, &["sts", "get-caller-identity"]);
    let account = id(&me, "/Account").to_owned();
    let lists = document(json!([{ "Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*" }]));
    role(&c, &own, "app", &trust(json!({ "Service": "ec2.amazonaws.com" }), json!({})), &lists);
    must(&c, &own, &["iam", "create-instance-profile", "--instance-profile-name", "web"]);
    must(&c, &own, &["iam", "add-role-to-instance-profile", "--instance-profile-name", "web", "--role-name", "app"]);
    let (_, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let run = c.must(&format!(
        "ec2 run-instances --image-id ami-micro --instance-type t3.nano --subnet-id {subnet} --security-group-ids {group} --key-name k --iam-instance-profile Name=web"
    ));
    let instance = id(&run, "/Instances/0/InstanceId").to_owned();
    assert!(id(&run, "/Instances/0/IamInstanceProfile/Arn").ends_with(":instance-profile/web"));
    wait_for("ssh", BOOT, || c.ssh(&instance, &key, "true").status.success().then_some(()));
    let fetch = |path: &str| {
        c.ssh(
            &instance,
            &key,
            &format!(
                r#"T=$(printf 'PUT /latest/api/token HTTP/1.0\r\nHost: m\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n' | nc -w 3 169.254.169.254 80 | tail -n 1);
                   wget -q -O - --header "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/iam/{path}"#
            ),
        )
    };
    let read = |path: &str| {
        let out = fetch(path);
        assert!(out.status.success(), "{path}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    assert_eq!(read("security-credentials/"), "app");
    let info: Value = serde_json::from_str(&read("info")).expect("JSON");
    assert_eq!(info["Code"], "Success");
    let credentials: Value = serde_json::from_str(&read("security-credentials/app")).expect("JSON");
    let env = with(&own, &credentials);
    let who = must(&c, &env, &["sts", "get-caller-identity"]);
    assert_eq!(id(&who, "/Arn"), format!("arn:aws:sts::{account}:assumed-role/app/{instance}"));
    must(&c, &env, &["ec2", "describe-vpcs"]);
    assert_eq!(refused(&c, &env, &["ec2", "describe-subnets"]), "UnauthorizedOperation");
    // Secrets are in no log, and what holds them on disk is the owner's alone.
    let secret = credentials["SecretAccessKey"].as_str().expect("a secret");
    for entry in std::fs::read_dir(c.dir().join("logs")).expect("logs").flatten() {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).expect("a log")).into_owned();
        assert!(!text.contains(secret), "{}", entry.path().display());
    }
    let held = files_with(c.dir(), secret.as_bytes());
    assert!(!held.is_empty());
    for (path, mode) in held {
        assert_eq!(mode & 0o077, 0, "{path}");
    }
    // Taken away, the guest has none.
    let shown = c.must("ec2 describe-iam-instance-profile-associations");
    let association = id(&shown, "/IamInstanceProfileAssociations/0/AssociationId").to_owned();
    c.must(&format!("ec2 disassociate-iam-instance-profile --association-id {association}"));
    wait_for("the credentials to go", 10 * SECOND, || (!fetch("info").status.success()).then_some(()));
}

/// Files below `dir` that hold the bytes, with their effective mode: a directory that others cannot enter shuts its files.
fn files_with(dir: &std::path::Path, bytes: &[u8]) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mut found = Vec::new();
    let mut dirs = vec![(dir.to_owned(), 0o777)];
    while let Some((dir, above)) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let Ok(meta) = entry.path().symlink_metadata() else { continue };
            let mode = meta.permissions().mode() & above;
            if meta.is_dir() {
                dirs.push((entry.path(), mode));
            } else if meta.is_file() && meta.len() < 64 << 20 {
                let text = std::fs::read(entry.path()).unwrap_or_default();
                if text.windows(bytes.len()).any(|w| w == bytes) {
                    found.push((entry.path().display().to_string(), mode));
                }
            }
        }
    }
    found
}
