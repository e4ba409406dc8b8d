"""Sources of another hand (strange_source.py): whatever they answer for one type, all of it comes or its lack has a
name; the other types come whole; and nobody is asked but them."""

import concurrent.futures

import place
from place import consent
from strange_source import Source

PATIENT = "ada"
SECONDS_MOST = 60
# All of it comes.
WHOLE = ["plain", "relative-next", "rooted-next", "gzips", "chunks", "closes", "odd-headers", "cut-once",
         "cut-gzip-once", "hangs-up-once", "unavailable-once", "busy-garbage-once", "busy-negative-once",
         "busy-empty-once", "busy-date-once", "expires-once", "overlaps", "bom", "plain-json", "old-json",
         "upper-case-json", "no-modes", "no-full-urls", "warns", "edits-as-we-read"]
# All that can be had of it comes, and what is lacking, or may be, is named.
NAMED = ["login", "login-as-json", "empty", "outcome-200", "expires", "fails-later", "next-itself", "cycle", "endless",
         "counts-more", "no-links-and-a-total", "nan", "bad-utf8", "same-key-twice", "too-deep", "next-away",
         "redirects-away", "as-text", "as-xml", "says-incomplete", "empty-entry", "a-string-for-a-total",
         "not-a-searchset"]
# Some of them are not what was asked for, or not of R4: they are rejected by name, and the rest comes.
REJECTED = {"another-patients": ("Condition/c99", "wrong-patient", 10), "of-stu3": ("Condition/c0", "malformed", 7)}


class StrangeSourcesTest(place.PlaceTest):
    def pull(self, habit):
        """What a rehearsal says and brings: what ran, how many came by type, gaps of Conditions, what was rejected and
        why, what another host was asked for."""
        source, other = Source(PATIENT, habit), Source("nobody")
        source.elsewhere = other.fhir_base[:-len("/fhir")]
        try:
            with self.new_place() as here:
                here.configure(change=lambda settings: settings["sources"]["general"].update(
                    fhirBaseUrl=source.fhir_base, pull={"pageSize": 4, "maxPages": 40}))
                folder = here.file("out")
                ran = here.consultd("transfer", "--config", here.config_file, "--source", "general", "--destination",
                                    "center", "--patient", PATIENT, "--consent",
                                    here.write("consent.json", consent(PATIENT)), "--dry-run", "-o", folder, "--json",
                                    timeout=SECONDS_MOST)
                ledger = self.assert_balanced(folder) if ran.code == 0 else {"resource": [], "gap": []}
        finally:
            source.close()
            other.close()
        came = {kind: len({line["source"] for line in ledger["resource"] if line["outcome"] == "delivered" and
                           line["source"].startswith(kind)}) for kind in ("Condition", "Observation")}
        gaps = [gap["what"] for gap in ledger.get("gap", []) if gap["what"].startswith("Condition")]
        rejected = {line["source"]: line["reason"] for line in ledger["resource"] if line["outcome"] == "rejected"}
        return habit, ran, came, gaps, rejected, other.requests

    def test_what_a_source_has_comes_or_is_named(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            pulled = list(pool.map(self.pull, WHOLE + NAMED + list(REJECTED)))
        for habit, ran, came, gaps, rejected, elsewhere in pulled:
            with self.subTest(habit):
                self.assertEqual(ran.code, 0, ran.err)
                self.assertEqual(came["Observation"], 10, "one bad thing is one bad thing")
                self.assertTrue(came["Condition"] == 10 or gaps, "less, and not a word")
                self.assertEqual(elsewhere, [], "whoever is not the source is not asked")
                if habit in WHOLE:
                    self.assertEqual((came["Condition"], gaps), (10, []))
                if habit in REJECTED:
                    name, reason, left = REJECTED[habit]
                    self.assertEqual((rejected.get(name), came["Condition"]), (reason, left))
                if habit in NAMED:
                    self.assertTrue(gaps)


if __name__ == "__main__":
    place.main()
