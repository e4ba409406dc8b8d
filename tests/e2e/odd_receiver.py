"""Receivers that answer, keep or find in a way of their own, on top of strange_receiver.py: each habit is a name, and
what it stored is what counts."""

import json
import re

from strange_receiver import JSON, Receiver, handler_for, outcome, walk

OTHER = {"resourceType": "Patient", "id": "other", "name": [{"family": "Other", "given": ["Otto"]}],
         "gender": "male", "birthDate": "1931-01-01"}


def cut(div):
    words = re.sub(r"<[^>]*>", "", div)
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{words[:len(words) // 2]}</div>'


class OddReceiver(Receiver):
    make_handler = staticmethod(lambda receiver: odd_handler_for(receiver))

    def __init__(self, *habits, fail_first=0):
        self.reads = {}
        super().__init__(*habits, fail_first=fail_first)
        if self.has("others-subject"):
            self.stored["Patient/other"] = json.dumps(OTHER)

    def of_type(self, of_type):
        """What came; not who was there before."""
        return [one for one in super().of_type(of_type) if one["id"] != "other"]

    def changed(self, resource):
        """What is kept of it."""
        resource = super().changed(resource)
        of_type = resource["resourceType"]
        meta = resource.get("meta", {})
        if self.has("loses-labels") or (self.has("loses-document-labels") and of_type == "Bundle"):
            meta.pop("security", None)
        if self.has("other-labels") and "security" in meta:
            meta["security"] = [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "U"}]
        if self.has("others-subject") and of_type == "Observation":
            resource["subject"] = {"reference": "Patient/other"}
        if self.has("cuts-narratives"):
            resource = walk(resource, lambda key, value: cut(value) if key == "div" else value)
        if self.has("cuts-document") and of_type == "Bundle":
            for section in resource["entry"][0]["resource"]["section"]:
                section["text"]["div"] = '<div xmlns="http://www.w3.org/1999/xhtml">See the record</div>'
        if self.has("other-content-type") and of_type == "Binary":
            resource["contentType"] = "application/octet-stream"
        if self.has("takes-up-task") and of_type == "Task":
            resource.update(status="in-progress", owner={"display": "Desk"}, lastModified="2026-11-27T00:00:00Z")
        if self.has("completes-task") and of_type == "Task":
            resource.update(status="completed", output=[{"type": {"text": "Opinion"}, "valueString": "Yes."}])
        return resource

    def create(self, resource, key=None):
        if self.has("keeps-elsewhere"):
            key = None
        return super().create(resource, key)

    def location(self, key):
        of_type, _, name = key.partition("/")
        if self.has("foreign-locations"):
            return f"https://internal.example:9443/r4/{key}"
        if self.has("wrong-locations"):
            return f"{self.fhir_base}/{of_type}/{int(name) + 5000}"
        if self.has("rotated-locations"):
            others = sorted(one for one in self.stored if one.startswith(of_type + "/"))
            return f"{self.fhir_base}/{others[(others.index(key) + 1) % len(others)]}"
        return super().location(key)

    def told(self, key, status):
        told = super().told(key, status)
        if self.has("numbers-for-status"):
            told["response"]["status"] = status
        if self.has("bare-status"):
            told["response"]["status"] = str(status)
        if self.has("tells-resources"):
            told["response"].pop("location", None)
            told["resource"] = json.loads(self.stored[key])
        return told

    def shown(self, resource):
        """As it is read back."""
        key = resource["resourceType"] + "/" + resource["id"]
        with self.lock:
            self.reads[key] = self.reads.get(key, 0) + 1
        if self.has("bumps-versions"):
            resource.setdefault("meta", {}).update(versionId=str(self.reads[key]), lastUpdated="2026-11-27T00:00:00Z")
        if self.has("shows-other-ids"):
            resource["id"] = "internal-" + resource["id"]
        return resource


def odd_handler_for(receiver):
    class Odd(handler_for(receiver)):
        def read(self, path, query):
            if receiver.has("empty-is-404") and "/" not in path and path != "metadata" \
                    and not receiver.found(path, query):
                self.answer(404, outcome(code="not-found"))
                return
            if "/" not in path or path not in receiver.stored:
                super().read(path, query)
                return
            if receiver.has("gone-at-first") and receiver.reads.setdefault(path, 0) == 0:
                receiver.reads[path] = 1
                self.answer(410, outcome(code="deleted"))
                return
            if self.is_hit("challenges-reads"):
                self.challenge()
                return
            self.answer(200, receiver.shown(json.loads(receiver.stored[path])))

        def challenge(self):
            self.answer(401, outcome(code="login"), {"WWW-Authenticate": 'Bearer realm="fhir"'})

        def search(self, of_type, query):
            found = [receiver.shown(one) for one in receiver.found(of_type, query)]
            entries = [{"fullUrl": f"{receiver.fhir_base}/{of_type}/{one['id']}", "resource": one,
                        "search": {"mode": "match"}} for one in found]
            bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
            if receiver.has("finds-older-versions"):
                entries = [dict(one, resource=dict(one["resource"], status="entered-in-error", meta={"versionId": "0"}))
                           for one in entries] + entries
            if receiver.has("adds-outcomes"):
                entries.append({"resource": outcome("information", "informational"), "search": {"mode": "outcome"}})
            if receiver.has("first-page-empty") and "page=2" not in query and of_type != "Patient":
                bundle["link"] = [{"relation": "next", "url": f"{receiver.fhir_base}/{of_type}?{query}&page=2"}]
                entries = []
            self.answer(200, dict(bundle, entry=entries) if entries else bundle)

        def write(self, method, path, body):
            if receiver.has("accepts-and-forgets"):
                self.answer(202, None, {"Content-Location": receiver.origin + "/fhir/status/1"})
            elif receiver.has("puts-only") and method == "POST":
                self.answer(405, outcome(code="not-supported"))
            elif receiver.has("stops-half-way") and path == "":
                bundle = json.loads(body)
                receiver.transact(dict(bundle, entry=bundle["entry"][:len(bundle["entry"]) // 2]))
                self.answer(500, outcome(code="exception"))
            elif receiver.has("knows-no-provenance") and "Provenance" in body.decode():
                self.answer(422, outcome(code="not-supported"))
            elif self.is_hit("challenges"):
                self.challenge()
            elif self.is_hit("says-busy"):
                self.answer(409, outcome(code="lock-error"), {"Retry-After": "1"})
            else:
                super().write(method, path, body)

        def tell_transaction(self, committed):
            if receiver.has("sees-other"):
                self.answer(303, None, {"Location": f"{receiver.fhir_base}/Bundle/1"})
            elif receiver.has("wraps-answers"):
                self.answer(200, {"resourceType": "Parameters", "parameter": [
                    {"name": "return", "resource": {"resourceType": "Bundle", "type": "batch-response"}}]})
            elif receiver.has("says-more"):
                entries = [receiver.told(key, status) for key, status in committed]
                self.answer(200, {"resourceType": "Bundle", "type": "transaction-response",
                                  "entry": entries + [{"response": {"status": "200 OK"}}]})
            else:
                super().tell_transaction(committed)

        def answer(self, status, body, headers=None):
            headers = dict(headers or {})
            if isinstance(body, dict):
                text = json.dumps(body)
                if receiver.has("bom"):
                    body = "\ufeff" + text
                for habit, told in (("no-content-type", ""), ("text-json", "text/json;charset=UTF-8"),
                                    ("loud-type", 'APPLICATION/FHIR+JSON; FHIRVersion=4.0; Charset="utf-8"'),
                                    ("latin-type", JSON + ";charset=ISO-8859-1")):
                    if receiver.has(habit):
                        headers["Content-Type"] = told
            super().answer(status, body, headers)

    return Odd

