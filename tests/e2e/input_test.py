"""Broken input ends in the exit code of sysexits.h and one clear line that names the place and quotes no data, in
bounded time and memory."""

import json
import os
import subprocess

import place
from place import consent

USAGE, BAD_DATA, NO_INPUT, CONFIG = 64, 65, 66, 78
# Text that stands in the broken files and must never be repeated on a terminal or in a log.
SECRET = "Quenella"
SECONDS_MOST = 5
BYTES_MOST = 500 << 20


def patient(**more):
    return dict({"resourceType": "Patient", "id": "p1", "name": [{"family": SECRET}]}, **more)


WHOLE = json.dumps(patient())
XML = f'<Patient xmlns="http://hl7.org/fhir"><name><family value="{SECRET}"/></name></Patient>'
BROKEN = {
    "cut": WHOLE[:-3],
    "cut-in-a-text": WHOLE[:WHOLE.index(SECRET) + 4],
    "deep-arrays": WHOLE[:-1] + ', "extension": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep-objects": WHOLE[:-1] + ', "contact": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}",
    "deep-and-cut": "[" * 100_000,
    "duplicate-keys": WHOLE[:-1] + ', "id": "p2"}',
    "duplicate-keys-escaped": WHOLE[:-1] + ', "\\u0069d": "p2"}',
    "bad-utf-8": WHOLE.encode().replace(b"Quen", b"Qu\xff\xfe"),
    "overlong-utf-8": WHOLE.encode().replace(b"Quen", b"Qu\xc0\xaf"),
    "lone-surrogate": WHOLE.replace("Quen", "\\ud800"),
    "nul": WHOLE.encode().replace(b"Quen", b"Qu\x00n"),
    "nul-escaped": WHOLE.replace("Quen", "\\u0000"),
    "comment": WHOLE.replace("{", "{ /* " + SECRET + " */", 1),
    "trailing-comma": WHOLE[:-1] + ",}",
    "not-a-number": WHOLE[:-1] + ', "multipleBirthInteger": NaN}',
    "two-documents": WHOLE + WHOLE[:-2],
    "text-after": WHOLE + " " + SECRET,
    "number-too-long": WHOLE[:-1] + ', "multipleBirthInteger": ' + "9" * 5_000_000 + "}",
    "xml-cut": XML[:-3],
    "xml-with-entities": f'<!DOCTYPE Patient [<!ENTITY a "{SECRET}">]>' + XML,
    "xml-of-another-kind": f'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>{SECRET}</title></ClinicalDocument>',
    "xml-element-of-no-patient": XML.replace("<name>", f"<name><{SECRET}/>"),
    "empty": "",
    "blank": " \n\n ",
}
# JSON, but nothing that could be handed over.
NO_RESOURCE = {
    "a-number": "17",
    "a-text": json.dumps(SECRET),
    "no-resource": json.dumps({"name": SECRET}),
    "a-type-that-is-none": json.dumps({"resourceType": SECRET, "id": "p1"}),
    "bundle-without-resources": json.dumps({"resourceType": "Bundle", "entry": [{"resource": {"id": SECRET}}]}),
}


class InputTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.consent = self.here.write("agreed.json", consent("p1"))

    def run_bounded(self, *arguments, **options):
        ran = self.here.consultd(*arguments, timeout=SECONDS_MOST * 4, **options)
        self.assertLess(ran.seconds, SECONDS_MOST)
        self.assertLess(ran.peak_bytes, BYTES_MOST)
        for part in (SECRET, SECRET[:4], SECRET[4:]):
            self.assertNotIn(part, ran.err)
        return ran

    def assert_refused(self, ran, code, *names):
        """One line that begins with who says it, and names the place."""
        self.assertEqual(ran.code, code, ran.err + ran.out)
        self.assertEqual(ran.err.count("\n"), 1, ran.err)
        self.assertLess(len(ran.err), 400)
        for name in names:
            self.assertIn(name, ran.err)
        self.assertTrue(ran.err.isprintable() or ran.err[:-1].isprintable(), ran.err)

    def commands_on(self, path):
        yield "validate", ("validate", path)
        yield "normalize", ("normalize", path)
        yield "prepare", ("prepare", "--consent", self.consent, "-o", self.here.file("out"), path)

    def test_broken_resources(self):
        for name, content in BROKEN.items():
            path = self.here.write(name + ".json", content)
            for command, arguments in self.commands_on(path):
                with self.subTest(name, command=command):
                    ran = self.run_bounded(*arguments)
                    self.assert_refused(ran, BAD_DATA, f"consultd {command}: ", name + ".json")
                    self.assertEqual(ran.out, "")
            self.assertFalse(os.path.exists(self.here.file("out", "bundle.json")), name)

    def test_no_resource_at_all_is_a_finding_not_a_success(self):
        for name, content in NO_RESOURCE.items():
            path = self.here.write(name + ".json", content)
            for command, arguments in self.commands_on(path):
                with self.subTest(name, command=command):
                    ran = self.run_bounded(*arguments)
                    if command == "validate":
                        # It was read; what is wrong with it are findings, a line each.
                        self.assertEqual(ran.code, BAD_DATA)
                        self.assertIn(name + ".json: error: ", ran.out)
                        self.assertNotIn(SECRET, ran.out)
                    else:
                        self.assert_refused(ran, BAD_DATA, f"consultd {command}: ", "no FHIR resource")
            self.assertFalse(os.path.exists(self.here.file("out", "bundle.json")), name)

    def prepare(self, *more):
        """The patient with one finding, into out/."""
        record = {"resourceType": "Bundle", "type": "collection", "entry": [
            {"resource": patient()},
            {"resource": {"resourceType": "Condition", "id": "c", "code": {"text": "x"},
                          "subject": {"reference": "Patient/p1"}}}]}
        agreed = self.here.write("to-anyone.json", consent("p1", provision={"type": "permit"}))
        return ("prepare", "--consent", agreed, "-o", self.here.file("out"), self.here.write("record.json", record),
                *more)

    def test_a_packet_that_is_there_is_another_patients_for_all_we_know_and_stays(self):
        os.mkdir(self.here.file("out"))
        for name in ("packet.html", "letter.txt"):
            self.here.write("out/" + name, "of somebody else")
        ran = self.run_bounded(*self.prepare())
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn("kept aside", ran.err)
        for name in ("packet.html.~1~", "letter.txt"):
            with open(self.here.file("out", name), encoding="utf-8") as file:
                self.assertEqual(file.read(), "of somebody else")

    def test_no_packet_is_written_in_clear_into_the_state(self):
        self.here.configure()
        inside = self.here.file("state", "clear")
        command = [inside if word == self.here.file("out") else word for word in self.prepare()]
        ran = self.run_bounded(*command, "--config", self.here.config_file, "--destination", "center")
        self.assertEqual(ran.code, 64, ran.err)
        self.assertFalse(os.path.exists(inside))

    def test_a_limit_on_files_is_a_write_that_fails_and_leaves_nothing_in_clear(self):
        command = [place.program("consultd"), *self.prepare()]
        ran = subprocess.run(["/bin/sh", "-c", 'ulimit -f 4; exec "$0" "$@"', *command], capture_output=True,
                             text=True, timeout=60, check=False)
        self.assertEqual(ran.returncode, 73, ran.stderr)
        self.assertEqual([name for name in os.listdir(self.here.file("out")) if name.endswith(".part")], [])

    def test_names_of_a_hostile_source_are_shown_as_words(self):
        bad = {"resourceType": "DocumentReference", "id": "d\x1b]0;x\x07\u202e" + "5" * 900, "status": 7,
               "subject": {"reference": "Patient/p1"}}
        record = {"resourceType": "Bundle", "type": "collection",
                  "entry": [{"resource": patient()}, {"fullUrl": "https://ehr.example/fhir/x\n" + bad["id"], "resource": bad}]}
        ran = self.run_bounded("normalize", self.here.write("record.json", record))
        for line in ran.err.splitlines():
            self.assertTrue(line.isprintable(), line)
            self.assertLess(len(line), 500)

    def test_what_came_and_is_not_kept_is_in_the_ledger_though_nothing_else_is_left(self):
        at = {"versionId": "1", "lastUpdated": "2026-05-01T00:00:00Z"}
        observation = {"resourceType": "Observation", "id": "o1", "meta": at, "status": "final",
                       "code": {"text": SECRET}, "subject": {"reference": "Patient/p1"}}
        entries = [{"fullUrl": "https://ehr.example/fhir/Observation/o1", "request": {"method": "DELETE", "url": "Observation/o1"},
                    "response": {"status": "204", "lastModified": "2026-06-01T00:00:00Z"}},
                   {"fullUrl": "https://ehr.example/fhir/Patient/p1", "resource": patient()},
                   {"fullUrl": "https://ehr.example/fhir/Observation/o1", "resource": observation}]
        path = self.here.write("history.json", {"resourceType": "Bundle", "type": "history", "entry": entries})
        agreed = self.here.write("to-anyone.json", consent("p1", provision={"type": "permit"}))
        ran = self.run_bounded("prepare", "--consent", agreed, "-o", self.here.file("out"), path)
        self.assertEqual(ran.code, 0, ran.err)
        with open(self.here.file("out", "ledger.ndjson"), encoding="utf-8") as ledger:
            lines = [json.loads(line) for line in ledger]
        self.assertIn({"line": "resource", "source": "Observation/o1", "outcome": "rejected", "reason": "deleted"},
                      lines)
        with open(self.here.file("out", "bundle.json"), encoding="utf-8") as bundle:
            self.assertNotIn('"Observation"', bundle.read())

    def test_the_line_names_the_file_and_where_in_it(self):
        lines = [json.dumps(patient(id=f"p{count}")) for count in range(1, 6)]
        lines[2] = lines[2][:-4]
        path = self.here.write("record.ndjson", "\n".join(lines))
        for command, arguments in self.commands_on(path):
            with self.subTest(command):
                self.assert_refused(self.run_bounded(*arguments), BAD_DATA, "record.ndjson:3")

    def test_a_broken_consent(self):
        record = self.here.write("record.json", patient())
        for name in ("cut", "deep-arrays", "duplicate-keys", "bad-utf-8", "xml-cut", "empty"):
            with self.subTest(name):
                path = self.here.write("broken-consent.json", BROKEN[name])
                ran = self.run_bounded("prepare", "--consent", path, "-o", self.here.file("out"), record)
                self.assert_refused(ran, BAD_DATA, "broken-consent.json")
        ran = self.run_bounded("prepare", "--consent", record, "-o", self.here.file("out"), record)
        self.assertNotEqual(ran.code, 0)
        self.assertFalse(os.path.exists(self.here.file("out", "bundle.json")))

    def test_a_byte_order_mark_is_no_data(self):
        # RFC 8259 §8.1: a reader may ignore it. The record of a Patient alone holds nothing clinical.
        for name, text in (("bom.json", WHOLE.encode()), ("bom.ndjson", WHOLE.encode() + b"\n")):
            path = self.here.write(name, b"\xef\xbb\xbf" + text)
            for command, arguments in self.commands_on(path):
                ran = self.run_bounded(*arguments)
                self.assertEqual(ran.code, NO_INPUT if command == "prepare" else 0, ran.err)
                self.assertNotIn("\ufeff", ran.out)

    def test_a_record_over_a_limit_is_bad_data_and_not_a_death(self):
        subject = {"reference": "Patient/p1"}
        record = self.here.write("record.ndjson", "\n".join([WHOLE] + [json.dumps(
            {"resourceType": "Observation", "id": f"o{count}", "status": "final", "code": {"text": SECRET},
             "subject": subject, "note": [{"text": "x" * 1000}]}) for count in range(12_000)]))
        deep = self.here.write("deep.json", patient(extension=json.loads('[{"url":"u","extension":' * 12 + "[]" +
                                                                         "}]" * 12)))
        agreed = self.here.write("to-anyone.json", consent("p1", provision={"type": "permit"}))
        for limit, value, path in (("resources", 100, record), ("record", "1MiB", record), ("memory", "24MiB", record),
                                   ("jsonDepth", 16, deep)):
            self.here.configure(change=lambda settings, key=limit, to=value: settings.setdefault("limits", {})
                                .__setitem__(key, to))
            with_config = ("--config", self.here.config_file)
            for command, arguments in (
                    ("normalize", ("normalize", *with_config, path)),
                    ("prepare", ("prepare", *with_config, "--consent", agreed, "-o", self.here.file("out"), path))):
                with self.subTest(limit, command=command):
                    ran = self.run_bounded(*arguments)
                    self.assertEqual((ran.code, ran.out), (BAD_DATA, ""), ran.err)
                    self.assertRegex(ran.err, "limit|deep")

    def test_what_cannot_be_read(self):
        for path in (self.here.file("missing.json"), self.here.folder, self.here.file("no", "folder.json")):
            for command, arguments in self.commands_on(path):
                with self.subTest(path, command=command):
                    self.assert_refused(self.run_bounded(*arguments), NO_INPUT, os.path.basename(path))
        record = self.here.write("record.json", patient())
        ran = self.run_bounded("prepare", "--consent", self.here.file("none.json"), "-o", self.here.file("out"), record)
        self.assert_refused(ran, NO_INPUT, "none.json")

    def test_wrong_usage(self):
        record = self.here.write("record.json", patient())
        for arguments in ((), ("nothing-of-that-name",), ("validate",), ("validate", "--loud", record),
                          ("prepare", record), ("prepare", "--consent", self.consent, record),
                          ("normalize", "--as-of", "yesterday", record), ("serve",), ("check",), ("transfer",),
                          ("audit",), ("audit", "verify"), ("receipt", "verify", record), ("keys", "generate"),
                          ("prepare", "--consent", self.consent, "--as-of", "2026-13-01", "-o", "out", record)):
            with self.subTest(arguments):
                ran = self.run_bounded(*arguments)
                self.assertEqual(ran.code, USAGE, ran.err)
                self.assertNotEqual(ran.err, "")
                self.assertEqual(ran.out, "")

    def test_a_word_that_is_not_known_is_refused_with_those_that_are(self):
        record = self.here.write("record.json", patient())
        for arguments, known in ((("frobnicate",), "transfer"), (("audit", "frobnicate"), "disclosures"),
                                 (("prepare", "--consent", self.consent, "--specialty", "astrology", "-o",
                                   self.here.file("out"), record), "oncology")):
            with self.subTest(arguments):
                ran = self.run_bounded(*arguments)
                self.assertEqual((ran.code, ran.out), (USAGE, ""))
                self.assertIn(known, ran.err)

    def test_help_is_no_error(self):
        for arguments in (("--help",), ("--version",), ("serve", "--help"), ("audit", "verify", "--help")):
            ran = self.run_bounded(*arguments)
            self.assertEqual((ran.code, ran.err), (0, ""))
            self.assertNotEqual(ran.out, "")

    def test_broken_bodies_are_refused_and_the_daemon_goes_on(self):
        self.here.configure()
        daemon = self.here.serve()
        headers = {"Authorization": "Bearer " + self.here.token, "Content-Type": "application/fhir+json"}
        for name, content in {**BROKEN, **NO_RESOURCE}.items():
            with self.subTest(name):
                body = content if isinstance(content, bytes) else content.encode()
                status, answered, text = place.ask(f"http://127.0.0.1:{daemon.port()}/fhir/Task", "POST", body,
                                                   headers, timeout=SECONDS_MOST)
                self.assertIn(status, (400, 413), text)
                self.assertTrue(answered["Content-Type"].startswith("application/fhir+json"))
                self.assertEqual(json.loads(text)["resourceType"], "OperationOutcome")
                self.assertNotIn(SECRET.encode(), text)
        status, _, bundle = daemon.ask("GET", "/fhir/Task")
        self.assertEqual((status, bundle.get("entry", [])), (200, []))
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn(SECRET, daemon.log())

    # ---- configuration

    def check(self, change=None, text=None):
        self.here.configure()
        settings = self.here.settings()
        if change:
            change(settings)
        self.here.write("consultd.json", text if text is not None else settings)
        return self.run_bounded("check", "--config", self.here.config_file)

    def test_a_good_configuration(self):
        ran = self.check()
        self.assertEqual(ran.code, 0, ran.err)

    def test_every_problem_of_a_configuration_is_listed_with_its_path(self):
        def change(settings):
            settings["stat"] = settings.pop("state")
            settings["sources"]["general"]["fhirBaseUr"] = "https://ehr.example/fhir"
            settings["destinations"]["center"]["follow"]["every"] = "15 minutes"
            settings["destinations"]["center"]["deliver"] = {"maxBundle": "20 megabytes"}
            settings["listen"]["port"] = "8090"
        ran = self.check(change)
        self.assertEqual(ran.code, CONFIG)
        for path in ("/stat ", "/sources/general/fhirBaseUr ", "/destinations/center/follow/every ",
                     "/destinations/center/deliver/maxBundle ", "/listen/port "):
            self.assertIn(path, ran.err)
        self.assertIn('"state"', ran.err.split("/stat ")[1].split("\n")[0], "a suggestion")
        self.assertIn('"fhirBaseUrl"', ran.err.split("/fhirBaseUr ")[1].split("\n")[0], "a suggestion")

    def test_what_is_wrong_in_the_file_hides_nothing_that_is_wrong_in_the_files_it_names(self):
        self.here.write("center.token", SECRET, mode=0o644)
        def change(settings):
            settings["lsten"] = {}
            settings["destinations"]["center"]["follow"]["every"] = "15 minutes"
            settings["destinations"]["center"]["auth"] = {"type": "bearer", "tokenFile": "center.token"}
            settings["audit"]["keyFile"] = "no-such.key"
            self.here.write("short.hash", "abc")
            settings["listen"]["operators"] = [{"name": "a", "tokenHashFile": "short.hash"},
                                               {"name": "b", "tokenHashFile": "short.hash"}]
        ran = self.check(change)
        self.assertEqual(ran.code, CONFIG)
        for path in ("/lsten ", "/destinations/center/follow/every ", "/destinations/center/auth/tokenFile ",
                     "/audit/keyFile ", "/listen/operators/0/tokenHashFile ", "/listen/operators/1/tokenHashFile "):
            self.assertEqual(ran.err.count(path), 1, path + "\n" + ran.err)
        daemon = self.here.serve()
        self.assertEqual(daemon.wait(60), CONFIG, daemon.log())
        self.assertIn("/audit/keyFile ", daemon.log())

    def test_every_problem_of_a_knowledge_file_is_listed_with_file_and_place(self):
        os.mkdir(self.here.file("own"))
        row = {"label": "HIV", "system": "http://loinc.org", "codes": ["1-8"]}
        self.here.write("own/a.json", {"name": "a", "version": "2026-01-01", "description": "d",
                                       "rows": [dict(row, source="s"), row, dict(row, source="s", label="HIVE")]})
        self.here.write("own/b.json", "{ \n oops")
        def change(settings):
            settings["knowledge"] = {"sensitivity": ["own/*.json"], "plans": ["none.json"]}
            settings["audit"]["keyFile"] = "no-such.key"
        ran = self.check(change)
        self.assertEqual(ran.code, CONFIG)
        for told in ("/knowledge/plans/0 ", "none.json: names no file", "a.json: /rows/1/source is missing",
                     "b.json: line 2: ", "/audit/keyFile "):
            self.assertEqual(ran.err.count(told), 1, told + "\n" + ran.err)
        daemon = self.here.serve()
        self.assertEqual(daemon.wait(60), CONFIG, daemon.log())
        self.assertIn("/rows/1/source is missing", daemon.log())

    def test_xml_is_read_like_json(self):
        file = self.here.write("record.xml", XML.replace("<name>", '<id value="p1"/><name>'))
        self.assertEqual(self.run_bounded("validate", file).code, 0)
        ran = self.run_bounded("normalize", file)
        self.assertEqual(ran.code, 0, ran.err)
        patient = json.loads(ran.out)["entry"][0]["resource"]
        self.assertEqual(patient["name"], [{"family": SECRET}])

    def test_a_plain_address_elsewhere_is_refused(self):
        def change(settings):
            settings["sources"]["general"]["fhirBaseUrl"] = "http://ehr.general.example/fhir"
        ran = self.check(change)
        self.assertEqual(ran.code, CONFIG)
        self.assertIn("/sources/general/fhirBaseUrl", ran.err)

    def test_a_broken_configuration(self):
        for text in ("", "{", "[]", XML, "[" * 100_000, '{"state": 1, "state": 2}', "\x00", b"\xff\xfe"):
            with self.subTest(text[:20]):
                ran = self.check(text=text)
                self.assertEqual(ran.code, CONFIG, ran.err)
                self.assertIn("consultd.json", ran.err)
        ran = self.run_bounded("check", "--config", self.here.file("no-config.json"))
        self.assertIn(ran.code, (NO_INPUT, CONFIG))
        self.assertIn("no-config.json", ran.err)

    def assert_does_not_start(self, name):
        daemon = self.here.serve()
        self.assertIsNone(daemon.port(), "it serves")
        self.assertEqual(daemon.wait(60), CONFIG, daemon.log())
        ran = self.run_bounded("check", "--config", self.here.config_file)
        self.assertEqual(ran.code, CONFIG, ran.out)
        self.assertIn(name, ran.err)

    def test_a_secret_that_others_may_read_stops_the_start(self):
        self.here.configure()
        for name in ("state.key", "audit.key"):
            with self.subTest(name):
                os.chmod(self.here.file(name), 0o644)
                self.assert_does_not_start(name)
                os.chmod(self.here.file(name), 0o600)
        self.assertEqual(self.run_bounded("check", "--config", self.here.config_file).code, 0)

    def test_a_token_that_others_may_read_is_found_before_it_is_used(self):
        self.here.write("general.token", SECRET, mode=0o644)
        ran = self.check(lambda settings: settings["sources"]["general"].update(
            auth={"type": "bearer", "tokenFile": "general.token"}))
        self.assertEqual(ran.code, CONFIG, ran.out)
        self.assertIn("/sources/general/auth/tokenFile", ran.err)

    def test_an_operators_hash_that_is_none_stops_the_start(self):
        self.here.configure()
        self.here.write("operator.hash", SECRET)
        self.assert_does_not_start("")


if __name__ == "__main__":
    place.main()
