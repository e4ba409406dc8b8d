"""A place to try consultd in: a folder of its own with configuration and keys, sandbox institutions and the
daemon as real processes, all gone when the test ends. The programs are those of the folder CONSULTD_BIN."""

import base64
import collections
import concurrent.futures
import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from record import ledger_of, load

SOURCE_DIR = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENTS = os.path.join(SOURCE_DIR, "samples", "patients")
BIN_DIR = os.environ.get("CONSULTD_BIN") or os.path.join(SOURCE_DIR, "build")
DATA_DIR = os.environ.get("CONSULTD_DATA", "")
RECIPIENT = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}
THO = "http://terminology.hl7.org/CodeSystem/"
# What a daemon and a sandbox take to start on a busy machine, with a sanitizer.
START_SECONDS = 60

Ran = collections.namedtuple("Ran", "code out err seconds peak_bytes")


def program(name):
    return os.path.join(BIN_DIR, name)


def consent(patient, rules=(), recipient=RECIPIENT["value"], end="2099-12-31", **changes):
    """A Consent of Patient/patient that permits all to the recipient but what `rules`, provisions, deny."""
    root = {
        "type": "permit",
        "period": {"start": "2020-01-01", "end": end},
        "actor": [{"role": {"coding": [{"system": THO + "v3-ParticipationType", "code": "IRCP"}]},
                   "reference": {"identifier": {"system": RECIPIENT["system"], "value": recipient}}}],
        "action": [{"coding": [{"system": THO + "consentaction", "code": "disclose"}]}],
        "purpose": [{"system": THO + "v3-ActReason", "code": "TREAT"}],
    }
    if rules:
        root["provision"] = list(rules)
    return dict({
        "resourceType": "Consent", "status": "active",
        "scope": {"coding": [{"system": THO + "consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": "Patient/" + patient}, "dateTime": "2020-01-01",
        "policy": [{"uri": "https://www.ecfr.gov/current/title-45/section-164.508"}],
        "provision": root}, **changes)


def wait_until(condition, seconds, what):
    """The condition's first true value, or a failure that says what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not in {seconds} s: {what}")


def ask(url, method="GET", body=None, headers=None, timeout=60):
    """(status, headers, body) of an HTTP exchange; a refusal is an answer too."""
    request = urllib.request.Request(url, method=method, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read()


class Process:
    """A program that runs until it is stopped; it dies with us, even if we are killed."""

    def __init__(self, log_file, arguments, environment=None, cwd=None):
        self.log_file = log_file
        with open(log_file, "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--"] + arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=dict(os.environ, **(environment or {})), cwd=cwd)

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as log:
            return log.read()

    def is_running(self):
        return self.process.poll() is None

    def wait(self, seconds):
        return self.process.wait(seconds)

    def stop(self):
        """The exit code after a SIGTERM."""
        if self.is_running():
            self.process.terminate()
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        if self.is_running():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


class Sandbox(Process):
    """A sandbox institution that is ready for requests."""

    def __init__(self, folder, name, options, context=None):
        ready = os.path.join(folder, name + ".ready")
        super().__init__(os.path.join(folder, name + ".log"),
                         [program("consultd-sandbox"), "--ready-file", ready] + options)
        wait_until(lambda: os.path.exists(ready) or not self.is_running(), START_SECONDS, name + " is ready")
        if not os.path.exists(ready):
            raise AssertionError(f"{name} did not start: {self.log()}")
        self.fhir_base = load(ready)["fhirBaseUrl"]
        self.origin = self.fhir_base[:-len("/fhir")]
        self.opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))

    def door(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.origin}/sandbox/{path}", data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        with self.opener.open(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def counts(self):
        """How many resources of each type it holds."""
        return collections.Counter(self.door("state"))

    def received(self):
        """(method, path, body) of every write that reached it."""
        return [(one["method"], one["path"], base64.b64decode(one["body"])) for one in self.door("received")]

    def transactions(self):
        return [body for method, path, body in self.received() if method == "POST" and path.rstrip("/") == "/fhir"]

    def fault(self, name, count=1):
        self.door("fault", {"name": name, "count": count})

    def heal(self):
        self.door("fault", method="DELETE")


class Daemon(Process):
    """`consultd serve`, up and serving unless it died before."""

    def __init__(self, place, name, environment=None, config=None):
        self.place = place
        super().__init__(os.path.join(place.folder, f"serve-{secrets.token_hex(4)}.log"),
                         [program(name), "serve", "--config", config or place.config_file], environment)
        wait_until(lambda: self.port() or not self.is_running(), START_SECONDS, "the daemon serves")

    def port(self):
        found = re.search(r'"event":"serving","port":(\d+)', self.log())
        return int(found[1]) if found else None

    def ask(self, method, path, resource=None, token=None, more_headers=None):
        headers = dict(more_headers or {}, Authorization="Bearer " + (token or self.place.token))
        body = None
        if resource is not None:
            headers["Content-Type"] = "application/fhir+json"
            body = json.dumps(resource).encode()
        status, answer_headers, text = ask(f"http://127.0.0.1:{self.port()}{path}", method, body, headers)
        return status, answer_headers, json.loads(text) if text else None

    def place_transfer(self, patient, agreed):
        """The id of the transfer that POST /fhir/Task made; each time it is called, another one."""
        order = dict(transfer_task(patient, agreed),
                     identifier=[{"system": "urn:e2e:order", "value": secrets.token_hex(16)}])
        status, headers, task = self.ask("POST", "/fhir/Task", order)
        assert status == 201 and headers["Location"].endswith("/fhir/Task/" + task["id"]), (status, task)
        return task["id"]

    def state_of(self, transfer):
        task = self.ask("GET", "/fhir/Task/" + transfer)[2]
        return task["businessStatus"]["coding"][0]["code"]

    def wait_for(self, transfer, state="delivered", seconds=60):
        ends = {state, "held", "refused", "withdrawn", "failed", "closed"}
        reached = wait_until(lambda: (now := self.state_of(transfer)) in ends and now, seconds, f"{transfer} {state}")
        assert reached == state, f"{transfer} is {reached}, not {state}:\n{self.log()}"


def transfer_task(patient, agreed, question="Which treatment would you choose next?"):
    def item(code, **value):
        return dict({"type": {"coding": [{"system": "urn:consultd:transfer", "code": code}]}}, **value)
    return {"resourceType": "Task", "status": "requested", "intent": "order",
            "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
            "contained": [dict(agreed, id="agreed")], "for": {"reference": "Patient/" + patient},
            "input": [item("source", valueString="general"), item("destination", valueString="center"),
                      item("question", valueString=question), item("specialty", valueString="oncology"),
                      item("consent", valueReference={"reference": "#agreed"})]}


class Place:
    """Where one test lives: close() ends every process and removes every file."""

    def __init__(self, tls=False, certificate_days=60):
        self.folder = tempfile.mkdtemp(prefix="consultd-e2e-")
        self.tls = tls
        self.token = secrets.token_hex(32)
        self.config_file = self.file("consultd.json")
        self.processes = []
        self.write("operator.hash", hashlib.sha256(self.token.encode()).hexdigest(), mode=0o600)
        if tls:
            self.make_certificates(str(certificate_days))

    def close(self):
        for process in self.processes:
            with contextlib.suppress(Exception):
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def file(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content, mode=0o600):
        """Writes text, bytes or JSON; the path."""
        path = self.file(name)
        data = content if isinstance(content, (bytes, str)) else json.dumps(content)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)
        return path

    # ---- institutions

    def sandbox(self, name, role, *options):
        arguments = ["--role", role] + list(options)
        if self.tls:
            arguments += ["--certificate", self.file("server.pem"), "--key", self.file("server.key"),
                          "--client-id", "consultd", "--client-jwks", self.file("jwks.json")]
        else:
            arguments += ["--no-auth"]
        sandbox = Sandbox(self.folder, name, arguments, self.trust() if self.tls else None)
        self.processes.append(sandbox)
        return sandbox

    def trust(self):
        return ssl.create_default_context(cafile=self.file("ca.pem"))

    def make_certificates(self, days):
        def openssl(*arguments):
            subprocess.run(("openssl",) + arguments, cwd=self.folder, check=True, capture_output=True, timeout=60)
        openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "60", "-subj", "/CN=Test authority",
                "-keyout", "ca.key", "-out", "ca.pem", "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server",
                "-keyout", "server.key", "-out", "server.csr")
        self.write("server.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", days, "-extfile", "server.ext", "-out", "server.pem")

    # ---- configuration

    def settings(self, source="http://localhost:1/fhir", destination="http://localhost:2/fhir"):
        def auth(key, algorithm, scope):
            return {"type": "smart-backend", "clientId": "consultd", "keyFile": key, "algorithm": algorithm,
                    "scope": scope} if self.tls else {"type": "none"}
        peer = {"tls": {"caFile": "ca.pem"}} if self.tls else {}
        return {
            "state": {"directory": "state", "keyFile": "state.key"},
            "audit": {"origin": "e2e.consultd.example/audit", "keyFile": "audit.key"},
            "listen": {"address": "127.0.0.1", "port": 0, "publicUrl": "http://127.0.0.1",
                       "operators": [{"name": "it-desk", "tokenHashFile": "operator.hash"}]},
            "sources": {"general": dict({"name": "General Hospital", "fhirBaseUrl": source,
                                         "auth": auth("general.pem", "RS384", "system/*.rs")}, **peer)},
            "destinations": {"center": dict({"name": "Cancer Center", "fhirBaseUrl": destination,
                                             "auth": auth("center.pem", "ES384", "system/*.cruds"),
                                             "organization": RECIPIENT, "deliver": {"settle": "2s"},
                                             "follow": {"every": "15m"}}, **peer)},
        }

    def configure(self, source=None, destination=None, change=None):
        """Writes the configuration, changed by a function of its settings, and makes the missing keys."""
        addresses = (source.fhir_base, destination.fhir_base) if source and destination else ()
        if self.tls and not addresses:
            addresses = ("https://localhost:1/fhir", "https://localhost:2/fhir")
        settings = self.settings(*addresses)
        if change:
            change(settings)
        self.write("consultd.json", settings)
        made = self.consultd("keys", "generate", "--config", self.config_file)
        assert made.code == 0, made
        if self.tls:
            self.write("jwks.json", self.consultd("keys", "jwks", "--config", self.config_file).out)

    # ---- commands

    def consultd(self, *arguments, timeout=120, stdin=None):
        """Runs it to its end: exit code, output, time, and the peak of its memory."""
        out, err = self.file(f"out-{secrets.token_hex(4)}"), self.file(f"err-{secrets.token_hex(4)}")
        begin = time.monotonic()
        with open(out, "wb") as out_file, open(err, "wb") as err_file:
            child = subprocess.Popen([program("consultd")] + list(arguments), stdin=stdin or subprocess.DEVNULL,
                                     stdout=out_file, stderr=err_file)
            try:
                usage = None
                while usage is None:
                    pid, status, used = os.wait4(child.pid, os.WNOHANG)
                    usage = used if pid else None
                    if usage is None and time.monotonic() > begin + timeout:
                        raise AssertionError(f"consultd {arguments[0]} takes over {timeout} s: " +
                                             open(err, errors="replace").read())
                    if usage is None:
                        time.sleep(0.005)
                child.returncode = os.waitstatus_to_exitcode(status)
            finally:
                if child.returncode is None:
                    child.kill()
                    child.wait()
        texts = []
        for path in (out, err):
            with open(path, "rb") as file:
                texts.append(file.read().decode("utf-8", errors="replace"))
            os.remove(path)
        return Ran(child.returncode, *texts, time.monotonic() - begin, usage.ru_maxrss * 1024)

    def serve(self, name="consultd", environment=None, config=None):
        daemon = Daemon(self, name, environment, config)
        self.processes.append(daemon)
        return daemon

    def transfer(self, patient, agreed, out="packet", timeout=120):
        """`consultd transfer --again --json`, for a test that asks twice means two: what it ran as, its JSON where
        it printed any, the packet's folder."""
        folder = self.file(out)
        while os.path.exists(folder):  # each transfer has one of its own
            folder += "-again"
        ran = self.consultd("transfer", "--config", self.config_file, "--source", "general", "--destination",
                            "center", "--patient", patient, "--consent", self.write("consent.json", agreed),
                            "--question", "Which treatment would you choose next?", "--specialty", "oncology",
                            "--again", "--json", "-o", folder, timeout=timeout)
        return ran, json.loads(ran.out) if ran.out else None, folder

    def audit_events(self):
        ran = self.consultd("audit", "list", "--config", self.config_file, "--json")
        assert ran.code == 0, ran
        return json.loads(ran.out)


    def done_for(self, transfer=None):
        """What the log says was done for this transfer, or any, beside what a person asked for."""
        asked_for = {"order-create", "order-cancel", "order-retry"}
        return [event for event in self.audit_events() if "transfer" in event and
                transfer in (None, event["transfer"]) and not asked_for & set(event["subtype"])]


class PlaceTest(unittest.TestCase):
    """A test with a place of its own, and the promises that more than one file keeps an eye on."""

    maxDiff = 2000

    def new_place(self, **options):
        place = Place(**options)
        self.addCleanup(place.close)
        return place

    def try_all(self, cases, check):
        """Each case in a place of its own, a few at once: most of the time is waiting."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            tried = {name: pool.submit(check, *case) for name, case in cases.items()}
        for name, result in tried.items():
            with self.subTest(name):
                result.result()

    def assert_balanced(self, folder):
        """Each pulled resource has exactly one line, and the counts add up; the lines by kind."""
        ledger = ledger_of(folder)
        sources = collections.Counter(line["source"] for line in ledger["resource"])
        self.assertEqual([source for source, count in sources.items() if count != 1], [])
        outcomes = collections.Counter(line["outcome"] for line in ledger["resource"])
        [total] = ledger["total"]
        self.assertEqual(total["pulled"], len(ledger["resource"]))
        for outcome in ("delivered", "merged", "withheld", "rejected"):
            self.assertEqual(total[outcome], outcomes[outcome], outcome)
        return ledger

    def assert_audited_once(self, place, transfer):
        """The log verifies and has one intent and one outcome of the transfer, in this order."""
        verified = place.consultd("audit", "verify", "--config", place.config_file)
        self.assertEqual(verified.code, 0, verified.err)
        codes = [code for event in place.audit_events() if event.get("transfer") == transfer
                 for code in event["subtype"] if code.startswith("disclosure-")]
        self.assertEqual(codes, ["disclosure-intent", "disclosure-outcome"])

    def assert_one_copy(self, receiver, transfer):
        """One Task of this transfer is there, and one transaction brought it."""
        status, _, text = ask(f"{receiver.fhir_base}/Task?identifier=urn:consultd:transfer%7C{transfer}")
        self.assertEqual(status, 200)
        self.assertEqual(len(json.loads(text).get("entry", [])), 1, "Tasks of this transfer")


def main():
    if not os.access(program("consultd"), os.X_OK) or not os.access(program("consultd-sandbox"), os.X_OK):
        sys.exit(f"{BIN_DIR} has no consultd and consultd-sandbox: name the build folder in CONSULTD_BIN")
    unittest.main(verbosity=2)
