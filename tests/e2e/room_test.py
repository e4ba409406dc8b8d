"""A disk that is full: nothing is begun, nothing leaves, the daemon says so, and goes on by itself when there is room
again. The state lies on a small file system of its own, which takes the right to mount one."""

import contextlib
import os
import subprocess

import place
from crash_test import PATIENT, chart
from place import consent

MOUNTED = 16 << 20
CANNOT_WRITE = 74


@contextlib.contextmanager
def small_disk(folder):
    """Mounts a small file system there; False: it may not be mounted here."""
    os.makedirs(folder, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MOUNTED}", "consultd-e2e", folder],
                          capture_output=True, check=False)
    try:
        yield made.returncode == 0
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "--lazy", folder], check=False)


class RoomTest(place.PlaceTest):
    def fill(self, folder):
        """Takes all the room there is; the file to remove."""
        filler = os.path.join(folder, "filler")
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        return filler

    def test_work_pauses_on_a_full_disk_and_goes_on_by_itself(self):
        here = self.new_place()
        with small_disk(here.file("state")) as is_mounted:
            if not is_mounted:
                self.skipTest("no file system may be mounted here")
            source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
            receiver = here.sandbox("receiver", "receiver")
            here.configure(source, receiver, lambda settings: settings["destinations"]["center"]["deliver"].update(
                patient="create"))  # whoever goes by no strong identifier is nobody for sure the second time
            daemon = here.serve()
            self.assertEqual(daemon.ask("GET", "/readyz")[0], 200)
            first = daemon.place_transfer(PATIENT, consent(PATIENT))
            daemon.wait_for(first)
            filler = self.fill(here.file("state"))
            order = dict(place.transfer_task(PATIENT, consent(PATIENT)),
                         identifier=[{"system": "urn:e2e:order", "value": "second"}])
            orders = []

            def is_said():
                orders.append(daemon.ask("POST", "/fhir/Task", order)[0])
                status, _, body = daemon.ask("GET", "/readyz")
                return status == 503 and "room" in body["reason"]

            place.wait_until(is_said, 30, "/readyz says that there is no room")
            self.assertTrue(set(orders) <= {200, 201, 503}, orders)
            self.assertTrue(daemon.is_running())
            self.assertIn("no room", here.consultd("status", "--config", here.config_file).err)
            self.assertEqual(receiver.counts()["Task"], 1, "nothing leaves that could not be logged")
            os.remove(filler)
            self.assertNotIn("no room", here.consultd("status", "--config", here.config_file).err)
            place.wait_until(lambda: daemon.ask("GET", "/readyz")[0] == 200, 30, "it goes on by itself")
            status, _, task = daemon.ask("POST", "/fhir/Task", order)
            self.assertIn(status, (200, 201))
            daemon.wait_for(task["id"])
            self.assertEqual(receiver.counts()["Task"], 2)
            self.assertEqual(daemon.stop(), 0, daemon.log())
            self.assert_audited_once(here, first)
            self.assert_audited_once(here, task["id"])

    def test_whoever_waits_at_a_terminal_is_told_why_and_when_it_goes_on(self):
        here = self.new_place()
        with small_disk(here.file("state")) as is_mounted:
            if not is_mounted:
                self.skipTest("no file system may be mounted here")
            source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
            here.configure(source, here.sandbox("receiver", "receiver"))
            daemon = here.serve()
            filler = self.fill(here.file("state"))
            place.wait_until(lambda: daemon.ask("GET", "/readyz")[0] == 503, 30, "the daemon begins nothing")
            refused, _, _ = here.transfer(PATIENT, consent(PATIENT))
            self.assertEqual(refused.code, CANNOT_WRITE)
            self.assertIn("no room", refused.err)
            # An order takes some of this, and the daemon wants more before it begins anything.
            os.truncate(filler, os.path.getsize(filler) - (700 << 10))
            with open(here.file("told"), "wb") as told:
                waits = subprocess.Popen(
                    [place.program("consultd"), "transfer", "--config", here.config_file, "--source", "general",
                     "--destination", "center", "--patient", PATIENT, "--consent", here.file("consent.json")],
                    stdout=subprocess.DEVNULL, stderr=told)
            self.addCleanup(waits.kill)

            def is_told(words):
                with open(here.file("told"), encoding="utf-8") as told:
                    return words in told.read()
            place.wait_until(lambda: is_told("no room: "), 30, "it says what it waits for")
            os.remove(filler)
            self.assertEqual(waits.wait(60), 0)
            self.assertTrue(is_told("there is room again"))


if __name__ == "__main__":
    place.main()
