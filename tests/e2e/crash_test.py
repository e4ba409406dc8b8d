"""Killed at every point between two durable writes, and started again: delivered exactly once, the log verifies,
nothing is lost. The points are read from the sources, so that a new one is tried without being named here; one that
no scenario passes is a failure.

consultd-crash is consultd, built so that it kills itself at CONSULTD_CRASH_AT=POINT:TIMES."""

import collections
import concurrent.futures
import contextlib
import glob
import http.client
import json
import os
import re
import shutil
import signal
import sys

import place
import record
from place import consent

PATIENT = "crash-1"
POINT = re.compile(r'crash_?point\w*\s*\(\s*"([a-z0-9.-]+)"')
# Far more than any point is passed in one run: the start, each entry of the log, the stop.
PASSAGES_MOST = 20
ALWAYS = -1
# These have tests of their own.
AFTER_DELIVERY = {"pipeline.opinion", "pipeline.released", "pipeline.withdrawn"}

# How a transfer comes to its end: the receiver's role and fault, the end, and what goes before the run that dies.
Scenario = collections.namedtuple("Scenario", "name role fault wanted before")


def points():
    """The names of all crash points, in whatever file they are."""
    files = [file for room in ("adapter", "fhir")
             for file in sorted(glob.glob(os.path.join(place.SOURCE_DIR, room, "**", "*.*"), recursive=True))
             if file.endswith((".cpp", ".h"))]
    found = [point for file in files for point in POINT.findall(record.read_text(file))]
    assert found and len(found) == len(set(found)), found
    return found


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


def held(here, source):
    """A transfer that is held, because its source was away."""
    source.fault("http-503", ALWAYS)
    ran, result, _ = here.transfer(PATIENT, consent(PATIENT))
    assert result["state"] == "held", ran
    source.heal()
    return result["transfer"]


def retry(here, transfer):
    ran = here.consultd("retry", "--config", here.config_file, transfer)
    assert ran.code == 0, ran


def held_and_retried(here, source):
    transfer = held(here, source)
    retry(here, transfer)
    return transfer


def restored(here, source):
    """A transfer that was delivered, in a state that was put back to before it was."""
    transfer = held(here, source)
    names = [name for name in os.listdir(here.file("state")) if name.startswith("consultd.db")]
    for name in names:
        shutil.copy2(here.file("state", name), here.file("older-" + name))
    retry(here, transfer)
    daemon = here.serve()
    daemon.wait_for(transfer)
    assert daemon.stop() == 0, daemon.log()
    for name in glob.glob(here.file("state", "consultd.db*")):
        os.remove(name)
    for name in names:
        shutil.copy2(here.file("older-" + name), here.file("state", name))
    retry(here, transfer)
    return transfer


@contextlib.contextmanager
def told(what):
    """A failure says what was tried."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{what}: {error}") from error


PLAIN = Scenario("delivered", "receiver", None, "delivered", None)
OTHERS = [
    Scenario("refused", "ehr", None, "refused", None),  # a destination that takes no writes
    Scenario("the answer is lost", "receiver", "commit-and-hang-up", "delivered", None),
    Scenario("the request is lost", "receiver", "hang-up-before-commit", "delivered", None),
    Scenario("held and retried", "receiver", None, "delivered", held_and_retried),
    Scenario("restored", "receiver", None, "delivered", restored),
]


class CrashTest(place.PlaceTest):
    def try_crash(self, scenario, point, times):
        """Whether it was killed there; either way it ends as it should."""
        with place.Place() as here, told(f"{scenario.name}, {point}:{times}"):
            source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
            receiver = here.sandbox("receiver", scenario.role)
            here.configure(source, receiver)
            transfer = scenario.before(here, source) if scenario.before else None
            if scenario.fault:
                receiver.fault(scenario.fault)
            daemon = here.serve("consultd-crash", {"CONSULTD_CRASH_AT": f"{point}:{times}"})
            code = self.run_to_its_end(daemon, transfer, scenario.wanted)
            self.assertIn(code, (0, -signal.SIGKILL), daemon.log())

            daemon = here.serve()
            self.assertTrue(daemon.is_running(), "it does not start again: " + daemon.log())
            known = self.transfers(here)
            transfer = known[0]["transfer"] if known else daemon.place_transfer(PATIENT, consent(PATIENT))
            daemon.wait_for(transfer, scenario.wanted)
            # What the daemon says, it says after the next start too.
            self.assertEqual(daemon.stop(), 0, daemon.log())
            self.assert_ended_once(here, receiver, transfer, scenario.wanted)
            return code != 0

    def run_to_its_end(self, daemon, transfer, wanted):
        """Places the transfer unless there is one; its daemon's exit code, when it died or the end was reached."""
        def reached():
            return not daemon.is_running() or daemon.state_of(transfer) == wanted
        with contextlib.suppress(OSError, http.client.HTTPException):  # it died while it was asked
            if daemon.port():
                transfer = transfer or daemon.place_transfer(PATIENT, consent(PATIENT))
                place.wait_until(reached, 60, wanted)
                return daemon.stop()
        return daemon.wait(60)

    def transfers(self, here):
        shown = here.consultd("status", "--config", here.config_file, "--json")
        self.assertEqual(shown.code, 0, shown.err)
        return json.loads(shown.out)

    def assert_ended_once(self, here, receiver, transfer, wanted):
        self.assert_audited_once(here, transfer)
        if wanted == "delivered":
            self.assertEqual(receiver.counts()["Task"], 1)
            self.assertEqual(receiver.counts()["Patient"], 1)
            self.assert_one_copy(receiver, transfer)
        else:
            self.assertEqual(receiver.counts(), {})
        [shown] = self.transfers(here)
        self.assertEqual((shown["transfer"], shown["state"]), (transfer, wanted))
        self.assertEqual(shown["counts"]["pulled"], 6)
        self.assertEqual(sum(shown["counts"].values()), 2 * 6)

    def try_every_passage(self, point):
        """How often the point was passed on the way to a delivery."""
        for times in range(1, PASSAGES_MOST):
            if not self.try_crash(PLAIN, point, times):
                return times - 1
        return self.fail(f"{point} is passed without an end")

    def delivered(self, here):
        """A transfer that is at its destination, where the daemon looks every second."""
        def often(settings):
            settings["destinations"]["center"]["follow"] = {"every": "1s"}
        source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver, often)
        daemon = here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        self.assertEqual(daemon.stop(), 0, daemon.log())
        return receiver, transfer

    def dies_at(self, here, point):
        daemon = here.serve("consultd-crash", {"CONSULTD_CRASH_AT": point + ":1"})
        self.assertEqual(daemon.wait(60), -signal.SIGKILL, daemon.log())

    def test_an_opinion_is_kept_though_the_daemon_dies_with_it(self):
        here = self.new_place()
        receiver, transfer = self.delivered(here)
        [task] = json.loads(place.ask(receiver.fhir_base + "/Task")[2])["entry"]
        receiver.door("answer/" + task["resource"]["id"], {"text": "I would wait."})
        self.dies_at(here, "pipeline.opinion")
        here.serve().wait_for(transfer, "opinion-received")
        self.assertIn("Cancer Center", here.consultd("opinion", "--config", here.config_file, transfer).out)

    def test_a_withdrawal_is_told_though_the_daemon_dies_with_it(self):
        here = self.new_place()
        receiver, transfer = self.delivered(here)
        self.assertEqual(here.consultd("cancel", "--config", here.config_file, transfer).code, 0)
        self.dies_at(here, "pipeline.withdrawn")
        here.serve().wait_for(transfer, "withdrawn")
        [task] = json.loads(place.ask(receiver.fhir_base + "/Task")[2])["entry"]
        self.assertEqual(task["resource"]["status"], "cancelled")

    def test_ended_once_wherever_it_was_killed(self):
        names = [point for point in points() if point not in AFTER_DELIVERY]
        # Most of the time is waiting: for a start, for a settle span.
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            passages = {point: pool.submit(self.try_every_passage, point) for point in names}
            # Each point in one of the other scenarios too, by turns.
            turns = {point: pool.submit(self.try_crash, OTHERS[turn % len(OTHERS)], point, 1)
                     for turn, point in enumerate(names)}
        for turn, point in enumerate(names):
            hit = False
            with self.subTest(point):
                hit = passages[point].result() > 0
            with self.subTest(point, scenario=OTHERS[turn % len(OTHERS)].name):
                hit = turns[point].result() or hit
                self.assertTrue(hit or any(self.try_crash(scenario, point, 1) for scenario in OTHERS),
                                "no scenario gets to this point")

    def test_the_program_for_everyone_knows_no_crash_points(self):
        with place.Place() as here:
            here.configure()
            daemon = here.serve(environment={"CONSULTD_CRASH_AT": "audit.entries-written:1"})
            self.assertEqual(daemon.stop(), 0, daemon.log())


if __name__ == "__main__":
    if not os.access(place.program("consultd-crash"), os.X_OK):
        sys.exit(f"{place.BIN_DIR} has no consultd-crash: it is built with the tests")
    place.main()
