"""The doctor finds out before a patient does: what is wrong between two institutions is said with its cause and whose
turn it is, and what is said can be sent to the other side."""

import contextlib
import json
import os
import socket
import threading
import unittest

import place

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
        self.assertIn(("destination", "read-back", "ok"), found)

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

    def test_a_name_that_the_configuration_has_not_is_told(self):
        here = self.new_pair()
        self.assertEqual(here.consultd("doctor", "--config", here.config_file, "--source", "nowhere").code, USAGE)


if __name__ == "__main__":
    place.main()
