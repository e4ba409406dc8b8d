"""What is kept of a record: never in clear, and after keepRecords not at all. The files of the state directory are
searched byte by byte, whatever the database says that is in them."""

import contextlib
import json
import os
import sqlite3
import threading
import time

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "melanoma.json")
PATIENT = "mel-1"
ALWAYS = -1
OPINION = "The second hospital would wait and see."
# Who the patient is, what they ask, what the record and the opinion say.
PLAIN = [text.encode() for text in ("Synthaver", "Maribel", "LH-0071934", PATIENT, "Which treatment would you choose",
                                    "Hemoglobin", "valueQuantity", OPINION)]
# What is allowed to say that something was there: the receipt, which is the patient's to keep.
KEPT_PARTS = {"account", "delivery", "receipt"}
WINDOW = 16
# POSIX gives up all locks that a process holds on a file as soon as it closes any descriptor of that file, SQLite's
# too (sqlite.org/howtocorrupt.html, 2.2): what reads the files as files waits for what reads them as a database.
ONE_READER = threading.Lock()


def contents_of(folder):
    """The bytes of every file below the folder that is still there when it is its turn."""
    with ONE_READER:
        return unlocked_contents_of(folder)


def unlocked_contents_of(folder):
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                with open(os.path.join(path, name), "rb") as file:
                    found[os.path.relpath(os.path.join(path, name), folder)] = file.read()
            except FileNotFoundError:
                continue
    return found


def windows_of(sealed):
    """Some pieces of sealed bytes: each is found or not, wherever the pages of a database end."""
    last = len(sealed) - WINDOW
    return [sealed[at:at + WINDOW] for at in sorted({0, last // 4, last // 2, 3 * last // 4, last})]


class Watch:
    """Reads all files of a folder again and again; told() ends it with what stood there in clear, and in which file."""

    def __init__(self, folder):
        self.folder = folder
        self.found = set()
        self.seen = set()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.done.wait(0.05):
            for name, content in contents_of(self.folder).items():
                self.seen.add(name)
                self.found |= {(name, text) for text in PLAIN if text in content}

    def told(self):
        self.done.set()
        self.thread.join()
        return self.found


class WipingTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", CHART)
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.configure("1d")

    def configure(self, keep):
        def change(settings):
            settings["state"]["keepRecords"] = keep
            settings["destinations"]["center"]["follow"] = {"every": "1s"}
            settings["destinations"]["center"]["deliver"].update(patient="create")
        self.here.configure(self.source, self.receiver, change)

    def parts(self):
        """{(transfer, name): sealed bytes} of all that is stored."""
        path = f"file:{self.here.file('state', 'consultd.db')}?mode=ro"
        with ONE_READER, contextlib.closing(sqlite3.connect(path, uri=True)) as database:
            return {(transfer, name): sealed
                    for transfer, name, sealed in database.execute("SELECT id, name, bytes FROM part")}

    def pieces_there(self, parts):
        """Those of the parts of which a piece is in a file of the state."""
        everything = b"\n".join(contents_of(self.here.file("state")).values())
        return {key for key, sealed in parts.items() if any(piece in everything for piece in windows_of(sealed))}

    def transfers_that_ended(self, daemon):
        """One that went all the way to its opinion, one that is held at the last door, one that was withdrawn there."""
        closed = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(closed)
        _, _, tasks = place.ask(self.receiver.fhir_base + "/Task")
        [entry] = json.loads(tasks)["entry"]
        self.receiver.door("answer/" + entry["resource"]["id"], {"text": OPINION})
        daemon.wait_for(closed, "opinion-received")
        # Read, as it is kept until then; and the other side ends it.
        ran = self.here.consultd("opinion", "--config", self.here.config_file, closed, "-o", self.here.file("opinion"))
        self.assertEqual(ran.code, 0, ran.err)
        task = dict(entry["resource"], status="entered-in-error")
        place.ask(f"{self.receiver.fhir_base}/Task/{task['id']}", "PUT", json.dumps(task).encode(),
                  {"Content-Type": "application/fhir+json"})
        daemon.wait_for(closed, "closed")
        held = []
        for _ in range(2):
            self.receiver.fault("redirect", ALWAYS)
            held.append(daemon.place_transfer(PATIENT, consent(PATIENT)))
            daemon.wait_for(held[-1], "held")
            self.receiver.heal()
        ran = self.here.consultd("cancel", "--config", self.here.config_file, held[-1])
        self.assertEqual(ran.code, 0, ran.err)
        daemon.wait_for(held[-1], "withdrawn")
        return [closed, *held]

    def test_nothing_of_a_record_lies_in_clear_and_nothing_at_all_after_its_time(self):
        watch = Watch(self.here.file("state"))
        self.addCleanup(watch.told)
        daemon = self.here.serve()
        transfers = self.transfers_that_ended(daemon)
        stored = self.parts()
        records = {key: sealed for key, sealed in stored.items() if key[1] not in KEPT_PARTS}
        self.assertEqual({transfer for transfer, _ in records}, set(transfers))
        self.assertLessEqual({"bundle", "packet", "transaction", "opinion", "consent"}, {name for _, name in records})
        # What is searched for is found as long as it is there.
        self.assertEqual(self.pieces_there(stored), set(stored))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.pieces_there(stored), set(stored))

        self.configure("1s")
        over = time.monotonic() + 1.2
        place.wait_until(lambda: time.monotonic() > over, 5, "their time is up")
        daemon = self.here.serve()
        kept = set(stored) - set(records)
        place.wait_until(lambda: set(self.parts()) == kept and '"event":"forgot"' in daemon.log(), 20,
                         "the records are forgotten")
        self.assertEqual(self.pieces_there(stored), kept, "beside a running daemon")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.pieces_there(stored), kept, "after an orderly end")
        self.assertEqual(watch.told(), set(), "in clear in the state directory")
        self.assertLessEqual({"consultd.db", "consultd.db-wal", "consultd.db-shm"}, watch.seen)

    def test_a_daemon_that_is_killed_leaves_nothing_in_clear(self):
        daemon = self.here.serve()
        self.receiver.fault("redirect", ALWAYS)
        daemon.wait_for(daemon.place_transfer(PATIENT, consent(PATIENT)), "held")
        daemon.kill()
        content = contents_of(self.here.file("state"))
        self.assertGreater(len(content["consultd.db-wal"]), 50_000)
        self.assertEqual([(name, text) for name in content for text in PLAIN if text in content[name]], [])

    def test_the_search_knows_a_record_in_clear_when_it_sees_one(self):
        folder = self.here.file("packet")
        ran, _, _ = self.here.transfer(PATIENT, consent(PATIENT), out="packet")
        self.assertEqual(ran.code, 0, ran.err)
        found = {text for content in contents_of(folder).values() for text in PLAIN if text in content}
        self.assertEqual(set(PLAIN) - found, {OPINION.encode()})


if __name__ == "__main__":
    place.main()
