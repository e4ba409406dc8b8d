"""A FHIR source that shares nothing with the sandbox's: a page of Python, and habits that servers were seen to have,
each a name. They are those of its searches for Condition; all else it answers as it should."""

import email.utils
import gzip
import http.server
import json
import threading
import time
import urllib.parse

JSON = "application/fhir+json"
LOGIN = b"<!DOCTYPE html><html><body><form>Please sign in</form></body></html>"
PAGE = 4
TYPES = ("Patient", "Condition", "Observation")


def about(patient, kind, number):
    return {"resourceType": kind, "id": f"{kind[0].lower()}{number}", "subject": {"reference": "Patient/" + patient},
            "meta": {"versionId": "1", "lastUpdated": "2026-01-01T00:00:00Z"}, "code": {"text": f"{kind} {number}"}}


class Source:
    def __init__(self, patient, *habits):
        self.habits, self.requests, self.lock = set(habits), [], threading.Lock()
        self.once = {habit for habit in habits if habit.endswith("-once")}
        self.stored = {"Patient": [{"resourceType": "Patient", "id": patient, "gender": "female",
                                    "birthDate": "1970-01-01", "name": [{"family": "Quill", "given": ["Ada"]}]}],
                       "Condition": [dict(about(patient, "Condition", number), clinicalStatus={"text": "active"})
                                     for number in range(10)],
                       "Observation": [dict(about(patient, "Observation", number), status="final",
                                            valueQuantity={"value": number, "unit": "g/dL"}) for number in range(10)]}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self.server.daemon_threads = True
        self.fhir_base = f"http://127.0.0.1:{self.server.server_port}/fhir"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def now(self, habit):
        """Whether it does that here; once, where it is a habit of one time."""
        with self.lock:
            if habit in self.once:
                self.once.discard(habit)
                return habit in self.habits and not self.habits.discard(habit)
            return habit in self.habits

    # ---- what it answers: (status, headers, body)

    def answer(self, path, query):
        parts = path.split("/")[2:]
        if parts == ["metadata"]:
            return 200, {}, dump(self.metadata())
        if len(parts) == 2:
            found = [one for one in self.stored.get(parts[0], []) if one["id"] == parts[1]]
            return (200, {}, dump(found[0])) if found else (404, {}, dump(outcome("not-found")))
        if parts == ["Condition"]:
            return self.search_conditions(query)
        if parts[0] in TYPES:
            return 200, {}, dump(self.page(parts[0], query))
        return 404, {}, dump(outcome("not-found"))

    def metadata(self):
        declared = [{"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}],
                     "searchParam": [{"name": "patient", "type": "reference"}]} for kind in TYPES]
        return {"resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "date": "2026-01-01",
                "fhirVersion": "4.0.1", "format": ["json"], "rest": [{"mode": "server", "resource": declared}]}

    def page(self, kind, query, more=None):
        begin = int(query.get("page", ["0"])[0])
        all_of_it = self.stored[kind]
        entries = [{"fullUrl": f"{self.fhir_base}/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}}
                   for one in all_of_it[begin:begin + PAGE]]
        links = [{"relation": "self", "url": f"{self.fhir_base}/{kind}"}]
        if begin + PAGE < len(all_of_it):
            links.append({"relation": "next", "url": f"{self.fhir_base}/{kind}?page={begin + PAGE}"})
        return dict({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}, **(more or {}))

    def refusal(self, query):
        """What comes in the place of a page; None: the page."""
        for habit, wait in (("busy-garbage-once", "soon"), ("busy-negative-once", "-5"), ("busy-empty-once", ""),
                            ("busy-date-once", email.utils.formatdate(time.time() + 1, usegmt=True))):
            if self.now(habit):
                return 429, {"Retry-After": wait}, b""
        if self.now("unavailable-once"):
            return 503, {}, LOGIN
        if self.now("login"):
            return 200, {"Content-Type": "text/html"}, LOGIN
        if self.now("login-as-json"):
            return 200, {}, LOGIN
        if self.now("empty"):
            return 200, {}, b""
        if self.now("outcome-200"):
            return 200, {}, dump(outcome("exception"))
        if self.now("redirects-away"):
            return 302, {"Location": self.elsewhere + "/fhir/Condition"}, b""
        is_later = "page" in query
        if is_later and (self.now("expires-once") or self.now("expires")):
            return 410, {}, dump(outcome("expired"))
        if is_later and self.now("fails-later"):
            return 500, {}, dump(outcome("exception"))
        return None

    def search_conditions(self, query):
        refused = self.refusal(query)
        if refused:
            return refused
        page = self.page("Condition", query)
        following = next((link for link in page["link"] if link["relation"] == "next"), None)
        begin = int(query.get("page", ["0"])[0])
        if following and self.now("relative-next"):
            following["url"] = f"Condition?page={begin + PAGE}"
        if following and self.now("rooted-next"):
            following["url"] = f"/fhir/Condition?page={begin + PAGE}"
        if following and self.now("next-away"):
            following["url"] = f"{self.elsewhere}/fhir/Condition?page={begin + PAGE}"
        if self.now("next-itself"):
            page["link"].append({"relation": "next", "url": f"{self.fhir_base}/Condition?page={begin}"})
        if self.now("cycle") and not following:
            page["link"].append({"relation": "next", "url": f"{self.fhir_base}/Condition?page=4"})
        if self.now("endless"):
            page = self.page("Condition", {"page": [str(begin % 8)]})
            page["link"] = [{"relation": "next", "url": f"{self.fhir_base}/Condition?page={begin + PAGE}"}]
        if self.now("overlaps") and begin > 0:
            page["entry"] = self.page("Condition", {"page": [str(begin - 1)]})["entry"] + page["entry"]
        if self.now("counts-more"):
            page["total"] = len(self.stored["Condition"]) + 3
        if self.now("no-links-and-a-total") and following:
            page["link"], page["total"] = [], len(self.stored["Condition"])
        return 200, self.kind_of_answer(), self.spoil(dump(self.bend(page)))

    def kind_of_answer(self):
        for habit, kind in (("plain-json", "application/json; charset=UTF-8"), ("old-json", "application/json+fhir"),
                            ("upper-case-json", "Application/FHIR+JSON;fhirVersion=4.0"), ("as-text", "text/plain"),
                            ("as-xml", "application/fhir+xml")):
            if self.now(habit):
                return {"Content-Type": kind}
        return {}

    def bend(self, page):
        """What stands in a page otherwise than R4 has it, or otherwise than is usual."""
        entries = page["entry"]
        if self.now("no-modes"):
            for entry in entries:
                entry.pop("search")
        if self.now("no-full-urls"):
            for entry in entries:
                entry.pop("fullUrl")
        if self.now("warns"):
            entries.append({"resource": dict(outcome("informational"), issue=[
                {"severity": "information", "code": "informational"}]), "search": {"mode": "outcome"}})
        if self.now("says-incomplete"):
            entries.append({"resource": dict(outcome("incomplete"), issue=[
                {"severity": "warning", "code": "incomplete"}]), "search": {"mode": "outcome"}})
        if self.now("empty-entry"):
            entries.append({"search": {"mode": "match"}})
        if self.now("a-string-for-a-total"):
            page["total"] = "10"
        if self.now("not-a-searchset"):
            page["type"] = "collection"
        if self.now("another-patients"):
            entries.append({"resource": about("somebody", "Condition", 99), "search": {"mode": "match"}})
        if self.now("of-stu3"):
            entries[0]["resource"] = dict(entries[0]["resource"], assertedDate="2026-01-01", clinicalStatus="active")
        if self.now("edits-as-we-read") and len(entries) < PAGE:
            entries.append({"resource": dict(about(self.stored["Patient"][0]["id"], "Condition", 0), meta={
                "versionId": "2", "lastUpdated": "2026-01-02T00:00:00Z"}), "search": {"mode": "match"}})
        return page

    def spoil(self, body):
        """The bytes of a page."""
        if self.now("bom"):
            return b"\xef\xbb\xbf" + body
        if self.now("nan"):
            return body.replace(b'"versionId": "1"', b'"versionId": NaN', 1)
        if self.now("bad-utf8"):
            return body.replace(b"Condition 1", b"Condition \xff", 1)
        if self.now("same-key-twice"):
            return body.replace(b'"type": "searchset"', b'"type": "searchset", "type": "searchset"', 1)
        if self.now("too-deep"):
            return body.replace(b'"resourceType": "Bundle"', b'"x": ' + b"[" * 9000 + b"]" * 9000 +
                                b', "resourceType": "Bundle"', 1)
        return body

    elsewhere = "http://127.0.0.1:1"


def outcome(code):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}


def dump(resource):
    return json.dumps(resource).encode()


def handler_for(source):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            url = urllib.parse.urlsplit(self.path)
            source.requests.append(self.path)
            status, headers, body = source.answer(url.path, urllib.parse.parse_qs(url.query))
            self.give(status, headers, body, url.path.endswith("/Condition"))

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.give(405, {}, b"", False)

        def give(self, status, headers, body, is_odd):
            odd = {habit for habit in ("gzips", "cut-once", "cut-gzip-once", "chunks", "closes", "odd-headers",
                                       "hangs-up-once") if is_odd and source.now(habit)}
            if "hangs-up-once" in odd:
                self.close_connection = True
                return
            if odd & {"gzips", "cut-gzip-once"}:
                body, headers = gzip.compress(body), dict(headers, **{"Content-Encoding": "gzip"})
            length = len(body)
            if odd & {"cut-once", "cut-gzip-once"}:
                body, self.close_connection = body[:len(body) // 2], True
            self.send_response(status)
            for name, value in dict({"Content-Type": JSON}, **headers).items():
                self.send_header(name, value)
            if "odd-headers" in odd:
                self.send_header("X-Long", "x" * 9000)
                self.send_header("x-empty", "")
            if "closes" in odd:
                self.close_connection = True
            elif "chunks" in odd:
                self.send_header("Transfer-Encoding", "chunked")
                body = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 7]), body[at:at + 7])
                                for at in range(0, len(body), 7)) + b"0\r\n\r\n"
            else:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass
    return Handler
