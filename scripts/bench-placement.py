#!/usr/bin/env python3
"""OpenStack's placement service beside our decider: the same 10,000 hosts, the same instances on them, the same requests.

    scripts/bench-placement.py [--requests N]       (scripts/setup.sh bench installs placement into target/peers/placement)

Ours: `cargo bench -p scheduler --bench decide -- --peer FILE`, one core, in memory: decide and take.
Theirs: placement on sqlite, in this process through its WSGI application (no HTTP server, no client, no authentication):
`GET /allocation_candidates`, then `PUT /allocations/UUID` with the first candidate. `limit=1` is the least that can be asked for,
`limit=1000` what Nova asks for by default. Nova's own filters and weighers come on top of it and are not measured.

What the figures do not say: placement's claim is durable and its answer may be used by several schedulers; ours is made durable
by the cell's store, whose commit is measured by `cargo bench -p store`.
"""

import argparse
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = ROOT / "target/peers/placement/bin/python"
CLASSES = ["VCPU", "MEMORY_MB", "DISK_GB", "CUSTOM_NETWORK_MBPS", "CUSTOM_GPU"]
MICROVERSION = "placement 1.39"


def fail(message):
    sys.exit(f"bench-placement: {message}")


def rooms(words):
    return {name: int(n) for name, n in zip(CLASSES, words) if int(n) > 0}


def read(path):
    hosts, instances, requests = [], [], []
    for line in open(path):
        kind, *words = line.split()
        if kind == "host":
            hosts.append((int(words[0]), int(words[1]), rooms(words[2:])))
        elif kind == "instance":
            instances.append((int(words[0]), rooms(words[1:])))
        else:
            requests.append((words[0].split(","), rooms(words[1:])))
    return hosts, instances, requests


class Placement:
    """The service on a fresh database."""

    def __init__(self, database):
        from oslo_config import cfg
        from placement import conf, db_api, deploy

        config = cfg.ConfigOpts()
        conf.register_opts(config)
        config.set_override("connection", f"sqlite:///{database}", "placement_database")
        config.set_override("sync_on_startup", True, "placement_database")
        config.set_override("auth_strategy", "noauth2", "api")
        config([], project="placement", default_config_files=[])
        db_api.configure(config)
        self.database = database
        self.application = deploy.loadapp(config)

    def call(self, method, path, body=None):
        from io import BytesIO

        path, _, query = path.partition("?")
        data = b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(data), "wsgi.errors": sys.stderr,
            "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(data)),
            "HTTP_X_AUTH_TOKEN": "admin", "HTTP_ACCEPT": "application/json", "HTTP_OPENSTACK_API_VERSION": MICROVERSION,
        }
        answered = []
        chunks = self.application(environ, lambda status, headers, exc_info=None: answered.append(status))
        text = b"".join(chunks)
        status = int(answered[0].split()[0])
        if status >= 300:
            fail(f"{method} {path}: {answered[0]}: {text[:500].decode(errors='replace')}")
        return json.loads(text) if text else None

    def load(self, hosts, instances):
        """Through its API it would take an hour: the rows are written as it would write them."""
        for name in CLASSES[3:]:
            self.call("PUT", f"/resource_classes/{name}")
        for n in range(5):
            self.call("PUT", f"/traits/CUSTOM_CLASS_{n}")
        db = sqlite3.connect(self.database)
        classes = dict(db.execute("SELECT name, id FROM resource_classes"))
        traits = dict(db.execute("SELECT name, id FROM traits WHERE name LIKE 'CUSTOM_CLASS_%'"))
        project = db.execute("INSERT INTO projects (external_id) VALUES ('p')").lastrowid
        user = db.execute("INSERT INTO users (external_id) VALUES ('u')").lastrowid
        for number, model, total in hosts:
            db.execute(
                "INSERT INTO resource_providers (id, uuid, name, generation, root_provider_id) VALUES (?, ?, ?, 1, ?)",
                (number + 1, str(uuid.uuid4()), f"h{number}", number + 1),
            )
            db.execute("INSERT INTO resource_provider_traits (trait_id, resource_provider_id) VALUES (?, ?)",
                       (traits[f"CUSTOM_CLASS_{model}"], number + 1))
            for name, n in total.items():
                db.execute(
                    "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, min_unit, max_unit, "
                    "step_size, allocation_ratio) VALUES (?, ?, ?, 0, 1, ?, 1, 1.0)",
                    (number + 1, classes[name], n, n),
                )
        for host, size in instances:
            consumer = str(uuid.uuid4())
            db.execute("INSERT INTO consumers (uuid, project_id, user_id, generation) VALUES (?, ?, ?, 1)",
                       (consumer, project, user))
            db.executemany(
                "INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used) VALUES (?, ?, ?, ?)",
                [(host + 1, consumer, classes[name], n) for name, n in size.items()],
            )
        db.execute("ANALYZE")
        db.commit()
        db.close()

    def place(self, models, size, limit):
        """Seconds for the candidates and for the claim, by the clock and of CPU; None when there was no candidate."""
        query = urllib.parse.urlencode({
            "resources": ",".join(f"{name}:{n}" for name, n in size.items()),
            "required": "in:" + ",".join(f"CUSTOM_CLASS_{m}" for m in models),
            "limit": limit,
        })
        began, used = time.perf_counter(), time.process_time()
        answer = self.call("GET", f"/allocation_candidates?{query}")
        asked, used_asked = time.perf_counter(), time.process_time()
        if not answer["allocation_requests"]:
            return None
        body = {**answer["allocation_requests"][0], "project_id": "p", "user_id": "u", "consumer_generation": None,
                "consumer_type": "INSTANCE"}
        self.call("PUT", f"/allocations/{uuid.uuid4()}", body)
        claimed, used_claimed = time.perf_counter(), time.process_time()
        return (asked - began, used_asked - used), (claimed - asked, used_claimed - used_asked)


def summary(took):
    """Of (clock, CPU) in seconds: mean, p50, p99 by the clock, mean of CPU, in us."""
    ordered = sorted(clock for clock, _ in took)
    at = lambda p: ordered[min(len(ordered) * p // 100, len(ordered) - 1)] * 1e6
    return sum(ordered) / len(ordered) * 1e6, at(50), at(99), sum(cpu for _, cpu in took) / len(took) * 1e6


def theirs(population, requests_max):
    hosts, instances, requests = read(population)
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-placement-") as directory:
        service = Placement(os.path.join(directory, "placement.db"))
        service.load(hosts, instances)
        print(f"placement: {len(hosts)} providers, {len(instances)} consumers loaded", file=sys.stderr, flush=True)
        for limit in (1, 1000):
            placed = [p for p in (service.place(*requests.pop(), limit) for _ in range(requests_max)) if p]
            if not placed:
                fail(f"none of {requests_max} requests had a candidate")
            rows.append([f"candidates, limit={limit} ({len(placed)})", *summary([a for a, _ in placed])])
            rows.append([f"claim ({len(placed)})", *summary([b for _, b in placed])])
            rows.append([f"both, limit={limit} ({len(placed)})", *summary([(a + b, x + y) for (a, x), (b, y) in placed])])
    print(json.dumps({"instances": len(instances), "rows": rows}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=40, help="of each limit [default: 40]")
    parser.add_argument("--population", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.population:
        theirs(args.population, args.requests)
        return
    if not PYTHON.exists():
        fail(f"{PYTHON.relative_to(ROOT)} is missing: run scripts/setup.sh bench")
    with tempfile.TemporaryDirectory(prefix="bench-placement-") as directory:
        population = os.path.join(directory, "population")
        command = ["cargo", "bench", "-q", "-p", "scheduler", "--bench", "decide", "--", "--peer", population]
        out = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        cells = [[c.strip() for c in line.strip("| ").split("|")] for line in out.splitlines() if "decide and take" in line]
        if len(cells) != 1:
            fail(f"the decider's bench said:\n{out}")
        mean, p50, p99 = (float(c) for c in cells[0][3:6])
        command = [PYTHON, __file__, "--population", population, "--requests", str(args.requests)]
        peer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    version = subprocess.run(
        [PYTHON, "-c", "import importlib.metadata as m; print(m.version('openstack-placement'))"],
        check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    print(f"10,000 hosts of five models, {peer['instances']} instances, mix \"all families\"; openstack-placement {version}, sqlite\n")
    print("| what | mean us | p50 | p99 | CPU, mean | a second | p50 of it in ours |\n|---|---|---|---|---|---|---|")
    print(f"| ours: {cells[0][2]} | {mean:.2f} | {p50:.2f} | {p99:.2f} | one thread | {1e6 / mean:,.0f} | 1 |")
    for what, m, half, most, cpu in peer["rows"]:
        print(f"| placement: {what} | {m:,.0f} | {half:,.0f} | {most:,.0f} | {cpu:,.0f} | {1e6 / m:.2f} | {half / p50:,.0f} |")


main()
