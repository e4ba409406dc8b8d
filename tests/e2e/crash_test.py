"""Killed at every point between two durable writes, and started again: delivered exactly once, the log verifies,
nothing is lost. The points are read from the sources, so that a new one is tried without being named here.

consultd-crash is consultd, built so that it kills itself at CONSULTD_CRASH_AT=POINT:TIMES."""

import concurrent.futures
import json
import os
import re
import signal
import sys

import place
import record
from place import consent

PATIENT = "crash-1"
# A point of the log is passed once by each entry; these make up a run: start, intent, outcome.
ENTRIES_OF_A_RUN = 3


def points_in(*path):
    points = re.findall(r'crash_point\("([a-z.-]+)"\)', record.read_text(os.path.join(place.SOURCE_DIR, *path)))
    assert points and len(points) == len(set(points)), points
    return points


def crashes():
    """(point, times, receiver's role): each point of the pipeline; each of the log, for each entry of a run."""
    for point in points_in("adapter", "pipeline.cpp"):
        # That the destination refuses is recorded only where it does: one that takes no writes.
        yield point, 1, "ehr" if "refusal" in point else "receiver"
    for point in points_in("adapter", "audit", "audit_log.cpp"):
        # The first checkpoint is that of the empty log.
        more = 1 if "checkpoint" in point else 0
        for times in range(1, ENTRIES_OF_A_RUN + more + 1):
            yield point, times, "receiver"


def chart():
    """A small record: what matters here is that it arrives, and once."""
    patient = {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": "1970-01-01",
               "name": [{"family": "Crash", "given": ["Test"]}],
               "identifier": [{"system": "http://general.example/mrn", "value": "4711"}]}
    subject = {"reference": "Patient/" + PATIENT}
    code = {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin"}]}
    observations = [
        {"resourceType": "Observation", "id": f"hb-{day}", "status": "final", "code": code, "subject": subject,
         "category": [{"coding": [{"system": place.THO + "observation-category", "code": "laboratory"}]}],
         "effectiveDateTime": f"2026-01-{day:02}",
         "valueQuantity": {"value": 10 + day / 10, "unit": "g/dL", "system": "http://unitsofmeasure.org",
                           "code": "g/dL"}} for day in range(1, 6)]
    return {"resourceType": "Bundle", "type": "collection",
            "entry": [{"resource": resource} for resource in [patient] + observations]}


class CrashTest(place.PlaceTest):
    def try_crash(self, point, times, role):
        with place.Place() as here:
            data = here.write("chart.json", chart())
            source = here.sandbox("ehr", "ehr", "--data", data)
            receiver = here.sandbox("receiver", role)
            here.configure(source, receiver)
            wanted = "refused" if role == "ehr" else "delivered"

            daemon = here.serve("consultd-crash", {"CONSULTD_CRASH_AT": f"{point}:{times}"})
            transfer = None
            if daemon.port():
                transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
            code = daemon.wait(60)
            self.assertEqual(code, -signal.SIGKILL, daemon.log())

            daemon = here.serve()
            self.assertTrue(daemon.is_running(), "it does not start again: " + daemon.log())
            transfer = transfer or daemon.place_transfer(PATIENT, consent(PATIENT))
            daemon.wait_for(transfer, wanted)
            # What the daemon says, it says after the next start too.
            self.assertEqual(daemon.stop(), 0, daemon.log())
            self.assert_audited_once(here, transfer)
            if wanted == "delivered":
                self.assertEqual(receiver.counts()["Task"], 1)
                self.assertEqual(receiver.counts()["Patient"], 1)
                self.assertEqual(len(receiver.transactions()), 1)
                self.assert_one_copy(receiver, transfer)
            else:
                self.assertEqual(receiver.counts(), {})
            shown = here.consultd("status", "--config", here.config_file, "--json", transfer)
            self.assertEqual(shown.code, 0, shown.err)
            counts = json.loads(shown.out)[0]["counts"]
            self.assertEqual(counts["pulled"], 6)
            self.assertEqual(sum(counts.values()), 2 * counts["pulled"])

    def test_delivered_once_wherever_it_was_killed(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            # Those that wait for a settle span go first.
            tried = {crash: pool.submit(self.try_crash, *crash) for crash in
                     sorted(crashes(), key=lambda crash: "send" not in crash[0] and crash[2] != "ehr")}
        for crash, result in tried.items():
            with self.subTest(crash):
                result.result()

    def test_the_program_for_everyone_knows_no_crash_points(self):
        with place.Place() as here:
            here.configure()
            daemon = here.serve(environment={"CONSULTD_CRASH_AT": "audit.entries-written:1"})
            self.assertEqual(daemon.stop(), 0, daemon.log())


if __name__ == "__main__":
    if not os.access(place.program("consultd-crash"), os.X_OK):
        sys.exit(f"{place.BIN_DIR} has no consultd-crash: it is built with the tests")
    place.main()
