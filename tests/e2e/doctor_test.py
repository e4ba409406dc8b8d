"""The doctor finds out before a patient does: what is wrong between two institutions is said with its cause and whose
turn it is, and what is said can be sent to the other side."""

import contextlib
import http.server
import json
import os
import socket
import threading
import unittest

import place
from strange_receiver import Receiver

PATIENT = "lupus-1"
UNAVAILABLE, USAGE = 69, 64


class DoctorTest(place.PlaceTest):
    def new_pair(self, source=(), **options):
        here = self.new_place(tls=True, **options)
        here.configure()
        self.source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"), *source)
        self.receiver = here.sandbox("receiver", "receiver")
        here.configure(self.source, self.receiver)
        return here

    def examine(self, here, *options):
        ran = here.consultd("doctor", "--config", here.config_file, "--json", *options)
        found = {(one["side"], line["what"], line["mark"]): line for one in json.loads(ran.out or "[]")
                 for line in one["findings"]}
        return ran, found

    def test_a_healthy_pair_is_found_healthy(self):
        here = self.new_pair()
        ran, found = self.examine(here, "--patient", PATIENT)
        self.assertEqual(ran.code, 0, ran.out + ran.err)
        for side in ("source", "destination"):
            for what in ("certificate", "clock", "metadata", "SMART discovery", "token"):
                self.assertIn((side, what, "ok"), found)
        self.assertIn("Observation", found[("source", "records", "ok")]["seen"])
        self.assertIn(("source", "patient", "ok"), found)
        # Nothing of ours is there yet: that a search takes its name proves nothing.
        self.assertIn("not tried", found[("destination", "read-back", "-")]["seen"])

    def test_a_search_of_tasks_that_finds_none_proves_nothing(self):
        for habits, mark in ((["hides-tasks"], "-"), (["knows-no-identifier"], "BAD"), (["drops-the-question"], "BAD")):
            receiver = Receiver(*habits)
            self.addCleanup(receiver.close)
            with self.subTest(habits), self.new_place() as here:
                source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"))
                here.configure(source, receiver)
                found = self.examine(here, "--destination", "center")[1]
                self.assertIn(("destination", "read-back", mark), found)
                self.assertNotIn(("destination", "read-back", "ok"), found)

    def test_a_certificate_that_is_about_to_end_is_told_before_it_does(self):
        here = self.new_pair(certificate_days=2)
        found = self.examine(here)[1]
        self.assertIn(("source", "certificate", "BAD"), found)
        self.assertRegex(found[("source", "certificate", "BAD")]["seen"], "holds for [12] days")

    def test_who_cannot_be_reached_or_trusted_is_told_apart(self):
        here = self.new_pair()

        def spoil(settings):
            settings["sources"]["general"]["fhirBaseUrl"] = "https://localhost:1/fhir"
            settings["destinations"]["center"]["tls"] = {}
        here.configure(self.source, self.receiver, change=spoil)
        ran, found = self.examine(here)
        self.assertEqual(ran.code, UNAVAILABLE)
        self.assertIn(("source", "connection", "BAD"), found)
        self.assertIn("untrusted issuer", found[("destination", "certificate", "BAD")]["seen"])

    def test_a_wrong_name_a_closed_port_and_a_port_without_tls_are_three_things(self):
        here = self.new_pair()

        def port_that_says(words):
            listening = socket.create_server(("127.0.0.1", 0))
            self.addCleanup(listening.close)

            def answer():
                with contextlib.suppress(OSError):
                    while True:
                        with listening.accept()[0] as peer:
                            peer.recv(4096)
                            peer.sendall(words)
            threading.Thread(target=answer, daemon=True).start()
            return listening.getsockname()[1]
        plain = port_that_says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        for address, seen, to_do in (
                ("https://nohost.invalid/fhir", "has no address", "DNS"),
                ("https://localhost:1/fhir", "no connection", "firewall"),
                (f"https://127.0.0.1:{plain}/fhir", "speaks no TLS", "plain http"),
                (f"https://127.0.0.1:{port_that_says(b'')}/fhir", "hangs up", "another service")):
            def other_base(settings):
                settings["sources"]["general"]["fhirBaseUrl"] = address
            here.configure(self.source, self.receiver, change=other_base)
            ran, found = self.examine(here, "--source", "general")
            self.assertEqual(ran.code, UNAVAILABLE)
            line = found[("source", "connection", "BAD")]
            self.assertIn(seen, line["seen"], address)
            self.assertIn(to_do, line["toDo"], address)

    def test_a_patient_who_is_not_there_is_a_problem_and_no_empty_record(self):
        here = self.new_pair()
        ran, found = self.examine(here, "--source", "general", "--patient", "nobody")
        self.assertEqual(ran.code, UNAVAILABLE, ran.out)
        self.assertIn("no Patient of this id", found[("source", "patient", "BAD")]["seen"])
        self.assertFalse([what for _, what, _ in found if what in ("records", "paging")])

    def test_a_client_that_is_not_registered_is_told_with_what_to_do(self):
        here = self.new_pair()

        def other_client(settings):
            settings["sources"]["general"]["auth"]["clientId"] = "somebody"
        here.configure(self.source, self.receiver, change=other_client)
        ran, found = self.examine(here, "--source", "general")
        self.assertEqual(ran.code, UNAVAILABLE)
        self.assertIn("keys jwks", found[("source", "token", "BAD")]["toDo"])
        self.assertFalse([side for side, _, _ in found if side == "destination"], "only what was named")

    def test_types_that_are_refused_are_named(self):
        here = self.new_pair(source=("--fault", "forbid:Condition*"))
        ran, found = self.examine(here, "--patient", PATIENT)
        self.assertEqual(ran.code, UNAVAILABLE, ran.out)
        self.assertIn("Condition (403)", found[("source", "records", "BAD")]["seen"])

    def test_the_report_holds_no_secret_and_nothing_of_the_patient(self):
        here = self.new_pair()
        report = here.file("report.txt")
        here.consultd("doctor", "--config", here.config_file, "--patient", PATIENT, "--report", report)
        with open(report, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("metadata", text)
        self.assertNotIn(PATIENT, text)
        for secret in ("PRIVATE", "Bearer", "eyJ"):
            self.assertNotIn(secret, text)

    def new_sign_in(self, smart=None, secret=""):
        """A source that patients sign in to: the sandbox, or one whose discovery document is `smart`."""
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--app", "portal,https://us.example/portal/callback")
        base = source.fhir_base if smart is None else self.serve_fhir(smart)

        def as_patient(settings):
            auth = {"type": "smart-patient", "clientId": "portal"}
            if secret:
                auth["clientSecretFile"] = here.write("client.secret", secret)
            settings["sources"]["general"].update(fhirBaseUrl=base, auth=auth)
            settings["listen"]["publicUrl"] = "https://us.example"
            settings["portal"] = {"runBy": "The patient office", "help": "555 0100"}
        here.configure(source, source, as_patient)
        return here

    def serve_fhir(self, smart, marker=""):
        """A FHIR server that knows /metadata, and a discovery document of these members; the base."""
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                origin = f"http://127.0.0.1:{self.server.server_port}"
                answers = {"/fhir/metadata": {
                    "resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "date": "2024-01-01",
                    "fhirVersion": "4.0.1", "format": ["json"], "software": {"name": marker},
                    "rest": [{"mode": "server", "resource": [{"type": "Patient", "interaction": [{"code": "read"}]}]}]}}
                if smart is not None:
                    answers["/fhir/.well-known/smart-configuration"] = {
                        name: origin + value if name.endswith("_endpoint") else value for name, value in smart.items()}
                if self.command == "POST":
                    answers[self.path] = {"access_token": marker + "-token", "token_type": "bearer", "expires_in": 300,
                                          "scope": marker + "-scope"}
                body = json.dumps(answers.get(self.path, {
                    "resourceType": "OperationOutcome",
                    "issue": [{"severity": "error", "code": "not-found", "diagnostics": marker}]})).encode()
                self.send_response(200 if self.path in answers else 404, marker or None)
                self.send_header("Content-Type", "application/fhir+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_POST = do_GET

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/fhir"

    def test_of_a_sign_in_is_told_what_can_be_known_before_a_patient_signs_in(self):
        ran, found = self.examine(self.new_sign_in(), "--source", "general", "--patient", PATIENT)
        self.assertEqual(ran.code, 0, ran.out)
        self.assertIn("sign-in at http://", found[("source", "SMART discovery", "ok")]["seen"])
        self.assertEqual(found[("source", "PKCE", "ok")]["seen"], "S256")
        self.assertIn("by name alone", found[("source", "client", "ok")]["seen"])
        for what in ("token", "records"):
            self.assertIn(("source", what, "-"), found, "what is not known is not said to work")

    def test_a_sign_in_that_cannot_be_is_told_with_what_it_lacks(self):
        sign_in, tokens = "/authorize", "/token"
        for smart, what, mark, seen in (
                (None, "SMART discovery", "BAD", ""),
                ({"token_endpoint": tokens}, "SMART discovery", "BAD", "no sign-in for patients"),
                ({"token_endpoint": tokens, "authorization_endpoint": sign_in,
                  "code_challenge_methods_supported": ["plain"]}, "SMART discovery", "BAD", "PKCE"),
                ({"token_endpoint": tokens, "authorization_endpoint": sign_in}, "PKCE", "note", "S256 is sent"),
                ({"token_endpoint": tokens, "authorization_endpoint": sign_in, "scopes_supported": ["launch/patient"]},
                 "scopes", "note", "patient/*.rs")):
            here = self.new_sign_in(smart={} if smart is None else smart)
            ran, found = self.examine(here, "--source", "general")
            self.assertEqual(ran.code, UNAVAILABLE if mark == "BAD" else 0, ran.out)
            self.assertIn(seen, found[("source", what, mark)]["seen"], smart)

    # Each secret has a mark that stands nowhere else, and so has all that the other side says of itself.
    def test_no_secret_of_ours_or_theirs_stands_in_the_report(self):
        here = self.new_sign_in(secret="MARK-client-secret-0123456789abcdef")
        self.source = here.processes[0]
        query = "?sig=MARK-in-a-query"
        told = self.serve_fhir({"token_endpoint": "/token" + query, "authorization_endpoint": "/authorize" + query,
                                "jwks_uri": "https://keys.example/" + query, "scopes_supported": ["MARK-scope"],
                                "capabilities": ["MARK-capability"]}, marker="MARK-of-the-server")
        sign_in = self.source.fhir_base

        def more(settings):
            general = settings["sources"]["general"]

            def source(base, **auth):
                return {"name": "S", "fhirBaseUrl": base, "auth": auth}
            settings["listen"]["publicUrl"] = "https://us.example"
            settings["portal"] = {"runBy": "The patient office", "help": "555 0100"}
            by_secret = {"type": "smart-patient", "clientId": "portal", "clientSecretFile": here.file("client.secret")}
            settings["sources"] = {
                "general": dict(general, fhirBaseUrl=sign_in, auth=by_secret),
                "told": source(told, **by_secret),
                "key": source(told, type="smart-backend", clientId="consultd", keyFile="key.pem", algorithm="RS384",
                              scope="system/*.rs"),
                "token": source(told, type="bearer", tokenFile=here.write("a.token", "MARK-bearer-token-0123456789")),
                "basic": source(told, type="basic", user="us", passwordFile=here.write("a.password", "MARK-password"))}
        here.configure(self.source, self.source, more)
        with open(here.file("key.pem"), encoding="ascii") as file:
            key_lines = [line.strip() for line in file if "-----" not in line]
        for form in ((), ("--json",)):
            report = here.file("report" + "".join(form))
            ran = here.consultd("doctor", "--config", here.config_file, "--patient", "MARK-patient", "--report", report,
                                *form)
            with open(report, encoding="utf-8") as file:
                text = file.read()
            for name in ("general", "told", "key", "token", "basic"):
                self.assertIn(name, text)
            self.assertIn("granted other ones", text, "a token was given")
            for words in (text, ran.out, ran.err):
                self.assertNotIn("MARK-", words)
                self.assertFalse([line for line in key_lines if line in words])

    def test_a_name_that_the_configuration_has_not_is_told(self):
        here = self.new_pair()
        self.assertEqual(here.consultd("doctor", "--config", here.config_file, "--source", "nowhere").code, USAGE)


if __name__ == "__main__":
    place.main()
