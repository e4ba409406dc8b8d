"""A FHIR receiver that shares nothing with the sandbox's: a few hundred lines of Python, and habits that servers were
seen to have, each a name. What it stored is what counts."""

import base64
import contextlib
import gzip
import http.server
import json
import re
import socket
import threading
import time
import urllib.parse

JSON = "application/fhir+json"
LOGIN = "<!DOCTYPE html><html><body><form>Please sign in</form></body></html>"
XML = '<OperationOutcome xmlns="http://hl7.org/fhir"><issue><severity value="information"/></issue></OperationOutcome>'


def outcome(severity="error", code="processing", **more):
    return {"resourceType": "OperationOutcome", "issue": [dict({"severity": severity, "code": code}, **more)]}


class HungUp(Exception):
    """The connection is closed here."""


class Receiver:
    make_handler = staticmethod(lambda receiver: handler_for(receiver))

    def __init__(self, *habits, fail_first=0):
        self.habits = set(habits)
        self.left = fail_first or (1 if any(habit.startswith("close-") for habit in habits) else 10 ** 9)
        self.stored, self.lock, self.next_id, self.requests = {}, threading.RLock(), 100, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.make_handler(self))
        self.server.daemon_threads = True
        self.origin = f"http://localhost:{self.server.server_port}"
        self.fhir_base = self.origin + "/fhir"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def has(self, habit):
        return habit in self.habits

    def of_type(self, of_type):
        with self.lock:
            return [json.loads(text) for key, text in self.stored.items() if key.startswith(of_type + "/")]

    # ---- what is stored

    def changed(self, resource):
        """As it is kept: servers change what they store."""
        text = json.dumps(resource)
        if self.has("rewrites-numbers"):
            text = re.sub(r'("value": -?\d+)(?=[,}])', r"\1.00", text)
        resource = json.loads(text)
        if self.has("absolute-references"):
            resource = walk(resource, lambda key, value: self.fhir_base + "/" + value
                            if key == "reference" and re.fullmatch(r"[A-Z]\w+/[\w.-]+", value) else value)
        if self.has("adds-meta"):
            meta = resource.setdefault("meta", {})
            meta.setdefault("tag", []).append({"system": "urn:theirs", "code": "received"})
            meta.setdefault("profile", []).append("http://theirs.example/Profile")
            meta.update(versionId="1", lastUpdated="2026-11-27T00:00:00Z")
        if self.has("rewrites-narratives") and resource["resourceType"] not in ("Binary", "Bundle"):
            resource["text"] = {"status": "generated",
                                "div": '<div xmlns="http://www.w3.org/1999/xhtml">By this server</div>'}
        resource = self.rewritten(resource)
        if self.has("drops-extensions"):
            resource = without_extensions(resource)
        if self.has("folds-base64") and resource["resourceType"] == "Binary":
            resource["data"] = base64.encodebytes(base64.b64decode(resource["data"])).decode().replace("\n", "\r\n")
        return resource

    def rewritten(self, resource):
        """What is the same record, kept otherwise; and, by the habits that lose, what is not."""
        def told(key, value):
            if self.has("rewrites-times") and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value):
                return value[:-1] + ("" if "." in value else ".000") + "+00:00"
            if self.has("loses-times"):
                value = re.sub(r"^(\d{4}-\d\d-\d\d)T.*$", r"\1", value)
            if self.has("trims-words") and key not in ("div", "data"):
                value = " ".join(value.split())
            if self.has("joins-words") and key == "text":
                value = value.replace(" ", "")
            return value

        resource = walk(resource, told)
        if self.has("reorders-lists") and resource["resourceType"] != "Bundle":
            for name in ("category", "identifier", "component", "note", "input"):
                if isinstance(resource.get(name), list):
                    resource[name].reverse()
        if self.has("drops-units") and "code" in resource.get("valueQuantity", {}):
            del resource["valueQuantity"]["unit"]
        if self.has("loses-units") and "valueQuantity" in resource:
            resource["valueQuantity"] = {"value": resource["valueQuantity"]["value"]}
        return resource

    def create(self, resource, key=None):
        with self.lock:
            if self.has("dedupes") and key is None:
                for known, text in self.stored.items():
                    if {**json.loads(text), "id": ""} == {**self.changed(resource), "id": ""}:
                        return known, 200
            if key is None:
                self.next_id += 1
                key = f"{resource['resourceType']}/{self.next_id}"
            status = 200 if key in self.stored else 201
            self.stored[key] = json.dumps(dict(self.changed(resource), id=key.split("/")[1]))
            return key, status

    def found(self, of_type, query):
        """By identifier, _tag, birthdate and family; all else is not known, and changes nothing."""
        asked = urllib.parse.parse_qs(query)
        return [one for one in self.of_type(of_type) if all(self.fits(one, name, values) for name, values in
                                                            asked.items())]

    @staticmethod
    def fits(resource, name, values):
        system, _, value = values[0].rpartition("|")
        if name == "identifier":
            given = resource.get("identifier") or []
            given = given if isinstance(given, list) else [given]
            return any(one.get("value") == value and system in ("", one.get("system")) for one in given)
        if name == "_tag":
            return any((one.get("system"), one.get("code")) == (system, value)
                       for one in resource.get("meta", {}).get("tag", []))
        if name == "birthdate":
            return resource.get("birthDate", "").startswith(values[0])
        if name == "family":
            return any(one.get("family", "").lower().startswith(values[0].lower()) for one in resource.get("name", []))
        return True

    def transact(self, bundle):
        """The answers to its entries, in their order."""
        with self.lock:
            keys, answers = {}, []
            for entry in bundle["entry"]:
                request, of_type = entry["request"], entry["resource"]["resourceType"]
                there = self.found(of_type, request["ifNoneExist"]) if request.get("ifNoneExist") else []
                if there:
                    keys[entry["fullUrl"]] = (of_type + "/" + there[0]["id"], True)
                elif request["method"] == "PUT":
                    keys[entry["fullUrl"]] = (request["url"], False)
                else:
                    self.next_id += 1
                    keys[entry["fullUrl"]] = (f"{of_type}/{self.next_id}", False)
            for entry in bundle["entry"]:
                key, was_there = keys[entry["fullUrl"]]
                status = 200
                if not was_there:
                    resource = entry["resource"]
                    if resource["resourceType"] not in ("Binary", "Bundle"):
                        resource = walk(resource, lambda _, value: keys[value][0] if value in keys else value)
                    _, status = self.create(resource, key)
                answers.append((key, status))
            return answers

    # ---- what is answered

    def location(self, key):
        if self.has("relative-locations"):
            return key
        if self.has("history-locations"):
            return f"{self.fhir_base}/{key}/_history/1"
        return f"{self.fhir_base}/{key}"

    def told(self, key, status):
        """A transaction's answer to one entry."""
        words = {"status": f"{status} {'Created' if status == 201 else 'OK'}"}
        if not self.has("no-locations") and not self.has("etag-only"):
            words["location"] = self.location(key)
        if self.has("etag-only"):
            words["etag"] = 'W/"1"'
        return {"response": words}


def walk(value, change, key=""):
    if isinstance(value, dict):
        return {name: walk(one, change, name) for name, one in value.items()}
    if isinstance(value, list):
        return [walk(one, change, key) for one in value]
    return change(key, value) if isinstance(value, str) else value


def without_extensions(value):
    if isinstance(value, dict):
        return {name: without_extensions(one) for name, one in value.items() if name != "extension"}
    return [without_extensions(one) for one in value] if isinstance(value, list) else value


def handler_for(receiver):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0" if receiver.has("http-1.0") else "HTTP/1.1"

        def log_message(self, *_):
            pass

        def handle_one_request(self):
            with contextlib.suppress(HungUp, ConnectionError, socket.timeout):
                return super().handle_one_request()
            self.close_connection = True
            return None

        def do_GET(self):
            self.exchange("GET")

        def do_POST(self):
            self.exchange("POST")

        def do_PUT(self):
            self.exchange("PUT")

        def do_DELETE(self):
            self.exchange("DELETE")

        def exchange(self, method):
            path, _, query = self.path.partition("?")
            receiver.requests.append((method, self.path))
            is_search = path.endswith("/_search")
            is_write = method in ("POST", "PUT") and not is_search
            if is_write and self.is_hit("close-before-reading"):
                self.hang_up()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if receiver.has("redirects") and not path.startswith("/fhir/v4"):
                self.answer(308 if is_write else 307, None,
                            {"Location": self.path.replace("/fhir", "/fhir/v4", 1)})
                return
            path = path.removeprefix("/fhir").removeprefix("/v4").strip("/")
            if is_search:
                self.search(path.removesuffix("/_search"), body.decode())
            elif is_write:
                self.write(method, path, body)
            elif method == "GET":
                self.read(path, query)
            else:
                receiver.stored.pop(path, None)
                self.answer(204, None)

        def is_hit(self, habit):
            if not receiver.has(habit) or receiver.left <= 0:
                return False
            receiver.left -= 1
            return True

        def hang_up(self):
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            raise HungUp

        # ---- reads

        def read(self, path, query):
            if receiver.has("login-to-reads") and path != "metadata":
                self.answer(200, LOGIN, {"Content-Type": "text/html"})
            elif path == "metadata":
                self.answer(200, capability(receiver))
            elif "/" not in path:
                self.search(path, query)
            elif path in receiver.stored:
                self.answer(200, json.loads(receiver.stored[path]))
            else:
                self.answer(404, outcome(code="not-found"))

        def search(self, of_type, query):
            if of_type == "Task" and receiver.has("hides-tasks"):
                return self.answer(200, {"resourceType": "Bundle", "type": "searchset", "total": 0})
            if of_type == "Task" and receiver.has("knows-no-identifier"):
                told = {"resource": outcome("warning", "not-supported"), "search": {"mode": "outcome"}}
                return self.answer(200, {"resourceType": "Bundle", "type": "searchset", "entry": [told]})
            if of_type == "Task" and receiver.has("drops-the-question"):
                link = {"relation": "self", "url": receiver.fhir_base + "/Task"}
                return self.answer(200, {"resourceType": "Bundle", "type": "searchset", "link": [link]})
            entries = [{"fullUrl": f"{receiver.fhir_base}/{of_type}/{one['id']}", "resource": one,
                        "search": {"mode": "match"}} for one in receiver.found(of_type, query)]
            self.answer(200, {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
                        if entries else {"resourceType": "Bundle", "type": "searchset", "total": 0})

        # ---- writes

        def write(self, method, path, body):
            for habit in ("refuses-login", "refuses-200-outcome", "close-before-commit", "refuses-text",
                          "refuses-xml", "refuses-empty"):
                if self.is_hit(habit):
                    return self.refuse(habit)
            if path == "" and receiver.has("no-bundles"):
                return self.answer(404, outcome(code="not-supported"))
            resource = json.loads(body)
            if receiver.has("accepts-202"):
                threading.Timer(1, self.commit, (method, path, resource)).start()
                return self.answer(202, None, {"Content-Location": receiver.origin + "/fhir/status/1"})
            committed = self.commit(method, path, resource)
            if receiver.has("loses-task-answers") and path.startswith("Task"):
                self.hang_up()
            for habit, act in (("close-after-commit", self.hang_up), ("stores-login", self.login),
                               ("stores-200-outcome", lambda: self.answer(200, outcome())),
                               ("stores-xml", self.xml)):
                if self.is_hit(habit):
                    return act()
            if path == "":
                return self.tell_transaction(committed)
            [(key, status)] = committed
            headers = {} if receiver.has("no-locations") or receiver.has("etag-only") \
                else {"Location": receiver.location(key)}
            if receiver.has("etag-only"):
                headers["ETag"] = 'W/"1"'
            is_silent = receiver.has("no-bodies") or receiver.has("no-locations") or receiver.has("etag-only")
            return self.answer(status, None if is_silent else json.loads(receiver.stored[key]), headers)

        def commit(self, method, path, resource):
            if path == "":
                return receiver.transact(resource)
            condition = self.headers.get("If-None-Exist")
            with receiver.lock:
                there = receiver.found(path, condition) if condition else []
                if there:
                    return [(path + "/" + there[0]["id"], 200)]
                return [receiver.create(resource, path if method == "PUT" else None)]

        def tell_transaction(self, committed):
            if receiver.has("no-bodies"):
                return self.answer(200, None)
            entries = [receiver.told(key, status) for key, status in committed]
            if receiver.has("shuffles"):
                entries.reverse()
            return self.answer(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})

        def refuse(self, habit):
            if habit == "close-before-commit":
                self.hang_up()
            if habit == "refuses-login":
                return self.login()
            if habit == "refuses-200-outcome":
                return self.answer(200, outcome(code="invariant", diagnostics="no"))
            if habit == "refuses-text":
                return self.answer(400, "Bad Request", {"Content-Type": "text/plain"})
            if habit == "refuses-xml":
                return self.answer(422, XML.replace("information", "error"), {"Content-Type": "application/fhir+xml"})
            return self.answer(500, None)

        def login(self):
            self.answer(200, LOGIN, {"Content-Type": "text/html; charset=utf-8"})

        def xml(self):
            self.answer(201, XML, {"Content-Type": "application/fhir+xml"})

        # ---- the wire

        def answer(self, status, body, headers=None):
            headers = dict(headers or {})
            data = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
            if body is not None:
                headers.setdefault("Content-Type", JSON)
            if receiver.has("xml") and isinstance(body, dict):
                data, headers["Content-Type"] = XML.encode(), "application/fhir+xml"
            if receiver.has("gzips") and data:
                data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
            is_write = self.command in ("POST", "PUT") and not self.path.partition("?")[0].endswith("/_search")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.swapcase() if receiver.has("odd-headers") else name, value)
            if is_write and self.is_hit("close-after-status"):
                self.end_headers()
                self.wfile.flush()
                self.hang_up()
            if receiver.has("chunks") and self.protocol_version == "HTTP/1.1" and status != 204:
                return self.send_chunks(data)
            if not receiver.has("http-1.0") and status != 204:
                self.send_header("content-LENGTH" if receiver.has("odd-headers") else "Content-Length", str(len(data)))
            if receiver.has("closes-each"):
                self.send_header("Connection", "close")
            self.end_headers()
            if is_write and data and self.is_hit("close-amid-body"):
                self.wfile.write(data[:len(data) // 2])
                self.wfile.flush()
                self.hang_up()
            self.wfile.write(data)
            return None

        def send_chunks(self, data):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            size = max(1, len(data) // 5)
            for begin in range(0, len(data), size):
                piece = data[begin:begin + size]
                self.wfile.write(b"%x;slow=1\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
                time.sleep(0.02)
            self.wfile.write(b"0\r\nX-Trailer: 1\r\n\r\n")

    return Handler


def capability(receiver):
    types = ("Patient", "Observation", "Condition", "Binary", "Bundle", "DocumentReference", "Task", "ServiceRequest",
             "Consent", "Provenance", "Procedure", "MedicationStatement", "DiagnosticReport", "Organization")
    system = [] if receiver.has("no-bundles") else [{"code": "transaction"}]
    return {"resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance",
            "fhirVersion": "4.0.1", "format": ["json"],
            "rest": [{"mode": "server", "interaction": system, "resource": [
                {"type": one, "interaction": [{"code": code} for code in ("read", "create", "update", "search-type")],
                 "searchParam": [{"name": name, "type": "token"} for name in ("identifier", "_tag")]}
                for one in types]}]}
