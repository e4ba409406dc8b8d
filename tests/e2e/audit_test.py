"""Whoever changes, cuts or replaces the audit log or a receipt is found out, by a verifier that has only the log and
the public key; and one process at a time writes it."""

import base64
import hashlib
import json
import os
import shutil

import opens
import place
import record
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"
BAD_DATA, TRY_LATER = 65, 75
STEP = 97


def files_below(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)


def contents_below(folder):
    """The bytes of each file that has any, but for SQLite's -shm, which holds locks and an index alone."""
    contents = {}
    for path in files_below(folder):
        with open(path, "rb") as file:
            contents[path] = file.read()
    return {path: held for path, held in contents.items() if held and not path.endswith("-shm")}


def root_from(leaf, index, size, path):
    """The root that an inclusion proof leads to: RFC 9162 section 2.1.3.2."""
    def node(left, right):
        return hashlib.sha256(b"\1" + left + right).digest()
    found, last, here = hashlib.sha256(b"\0" + leaf).digest(), size - 1, index
    for other in path:
        if here % 2 or here == last:
            found = node(other, found)
            while here % 2 == 0 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node(found, other)
        here, last = here >> 1, last >> 1
    return found if last == 0 else None


class AuditTest(place.PlaceTest):
    @classmethod
    def setUpClass(cls):
        """Two transfers, whose log and receipt the tests then work on copies of."""
        cls.here = place.Place()
        cls.addClassCleanup(cls.here.close)
        source = cls.here.sandbox("ehr", "ehr", "--data", CHART)
        cls.here.configure(source, cls.here.sandbox("receiver", "receiver"))
        cls.log, cls.older = cls.here.file("state", "audit"), cls.here.file("older")
        for copy in (cls.older, None):
            ran, cls.result, cls.packet = cls.here.transfer(PATIENT, consent(PATIENT))
            assert ran.code == 0, ran.err
            if copy:
                shutil.copytree(cls.log, copy)

    def verify(self, folder):
        return self.here.consultd("audit", "verify", "--log", folder, "--key", self.here.file("audit.key.pub"))

    def changed(self, path, offset, folder, flip):
        """Verifies with one byte changed, and puts it back."""
        with open(path, "r+b") as file:
            file.seek(offset)
            [byte] = file.read(1)
            file.seek(offset)
            file.write(bytes([byte ^ flip]))
        try:
            return self.verify(folder)
        finally:
            with open(path, "r+b") as file:
                file.seek(offset)
                file.write(bytes([byte]))

    def test_the_log_of_two_transfers_verifies(self):
        ran = self.verify(self.log)
        self.assertEqual(ran.code, 0, ran.err)
        self.assert_audited_once(self.here, self.result["transfer"])

    def test_any_changed_byte_is_found_and_said_where(self):
        folder = self.here.file("changed")
        shutil.copytree(self.log, folder)
        tried = set()
        for path in files_below(folder):
            name = os.path.relpath(path, folder)
            size = os.path.getsize(path)
            if size == 0:
                self.assertEqual(name, "lock")
                continue
            step = 1 if name == "checkpoint" else STEP
            for offset in sorted(set(range(0, size, step)) | {size - 1}):
                ran = self.changed(path, offset, folder, 1 << (offset % 8))
                if ran.code == 0:
                    self.assertNotIn(name, self.counted_files(), f"{name} at {offset}")
                    continue
                tried.add(name)
                self.assertEqual(ran.code, BAD_DATA, (name, offset, ran.err))
                self.assertRegex(ran.err, r"does NOT verify: (checkpoint|tile/\S+): ", (name, offset))
                if name != "checkpoint":
                    self.assertRegex(ran.err, r"\(entry \d+\)", (name, offset))
        self.assertEqual(self.verify(folder).code, 0)
        self.assertEqual(tried, self.counted_files())

    def counted_files(self):
        """The files that the checkpoint counts: others are leftovers that say nothing about the log."""
        size = self.entries_of(self.log)
        return {"checkpoint", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"}

    def test_a_removed_or_cut_file_is_found(self):
        for name in sorted(self.counted_files()):
            for kept in (None, 0, 0.5):
                with self.subTest(name, kept=kept):
                    folder = self.here.file("cut")
                    shutil.rmtree(folder, ignore_errors=True)
                    shutil.copytree(self.log, folder)
                    path = os.path.join(folder, name)
                    if kept is None:
                        os.remove(path)
                    else:
                        os.truncate(path, int(os.path.getsize(path) * kept))
                    ran = self.verify(folder)
                    self.assertEqual(ran.code, BAD_DATA, ran.err)
                    self.assertIn("does NOT verify: ", ran.err)

    def test_an_older_copy_in_its_place_is_found_by_the_state(self):
        self.assertEqual(self.verify(self.older).code, 0, "an older log is whole in itself")
        now = self.here.file("now")
        os.rename(self.log, now)
        try:
            shutil.copytree(self.older, self.log)
            self.assert_not_ours("shorter")
            self.assertEqual(self.verify_by_state().code, BAD_DATA)
            for command in (("list",), ("export",), ("disclosures", "--patient", PATIENT),
                            ("prove", self.result["transfer"])):
                ran = self.audit(*command)
                self.assertEqual((ran.code, ran.out), (BAD_DATA, ""), "an answer with one missing is none")
            shutil.rmtree(self.log)
            self.assert_not_ours("the checkpoint is missing|there is no audit log")
            self.assertFalse(os.path.exists(os.path.join(self.log, "checkpoint")), "a log was begun anew")
        finally:
            shutil.rmtree(self.log, ignore_errors=True)
            os.rename(now, self.log)
        self.assertEqual(self.verify_by_state().code, 0)

    def verify_by_state(self):
        return self.here.consultd("audit", "verify", "--config", self.here.config_file)

    def assert_not_ours(self, word):
        """Neither the verifier nor a daemon takes the log that lies in our log's place."""
        ran = self.verify_by_state()
        self.assertNotEqual(ran.code, 0, ran.out)
        self.assertRegex(ran.err, word)
        daemon = self.here.serve()
        self.assertIsNone(daemon.port(), "it serves on a log that is not ours")
        self.assertEqual(daemon.wait(60), BAD_DATA, daemon.log())
        self.assertRegex(daemon.log(), word)

    def fork(self, starts):
        """Another log that our key signed, of a state of its own: two entries for each start of a daemon."""
        folder = self.here.file(f"fork-{starts}")
        settings = self.here.settings()
        settings["state"]["directory"] = folder
        config = self.here.write("fork.json", settings)
        for _ in range(starts):
            daemon = self.here.serve(config=config)
            self.assertIsNotNone(daemon.port(), daemon.log())
            self.assertEqual(daemon.stop(), 0, daemon.log())
        log = os.path.join(folder, "audit")
        self.assertEqual(self.verify(log).code, 0, "it is whole in itself")
        self.assertEqual(self.entries_of(log), 2 * starts)
        return log

    @staticmethod
    def entries_of(log):
        return int(record.read_text(os.path.join(log, "checkpoint")).split("\n")[1])

    def test_a_log_that_was_written_anew_with_our_key_is_found_by_the_state(self):
        size = self.entries_of(self.log)
        self.assertEqual(size % 2, 0)
        now = self.here.file("now")
        os.rename(self.log, now)
        try:
            for starts, word in ((size // 2, "rewritten"), (size // 2 + 1, "rewritten"), (size // 2 - 1, "shorter")):
                with self.subTest(starts=starts):
                    shutil.copytree(self.fork(starts), self.log)
                    self.assert_not_ours(word)
                    self.assertEqual(self.verify_by_state().code, BAD_DATA)
                    shutil.rmtree(self.log)
        finally:
            shutil.rmtree(self.log, ignore_errors=True)
            os.rename(now, self.log)
        self.assertEqual(self.verify_by_state().code, 0)

    def test_a_verifier_needs_no_key_of_the_state_and_changes_nothing_in_it(self):
        state = self.here.file("state")
        os.rename(self.here.file("state.key"), self.here.file("elsewhere"))
        try:
            before = contents_below(state)
            ran = self.verify_by_state()
            self.assertEqual(ran.code, 0, ran.err)
            after = contents_below(state)
        finally:
            os.rename(self.here.file("elsewhere"), self.here.file("state.key"))
        self.assertEqual(before.keys(), after.keys())
        self.assertEqual([name for name in after if before[name] != after[name]], [])

    def test_a_verifier_works_beside_a_daemon(self):
        daemon = self.here.serve()
        self.assertIsNotNone(daemon.port(), daemon.log())
        self.assertEqual(self.verify_by_state().code, 0)
        self.assertEqual(daemon.stop(), 0, daemon.log())

    def test_a_daemon_that_starts_reads_each_file_of_the_log_once(self):
        tiles = sorted(name for name in self.counted_files() if name.startswith("tile/"))
        with opens.Opens([os.path.join(self.log, os.path.dirname(name)) for name in tiles]) as opened:
            daemon = self.here.serve()
            self.assertIsNotNone(daemon.port(), daemon.log())
            counts = opened.counts()
        self.assertEqual(daemon.stop(), 0, daemon.log())
        for name in tiles:
            self.assertEqual(counts[os.path.join(self.log, name)], 1, name)

    def verify_receipt(self, receipt, *bundle):
        return self.here.consultd("receipt", "verify", receipt, *bundle, "--key", self.here.file("audit.key.pub"))

    def test_a_receipt_with_any_changed_byte_fails(self):
        receipt = os.path.join(self.packet, "receipt.json")
        bundle = ("--bundle", os.path.join(self.packet, "bundle.json"))
        self.assertEqual(self.verify_receipt(receipt, *bundle).code, 0)
        with open(receipt, "rb") as file:
            good = file.read()
        meaning = json.loads(good)
        for offset in range(0, len(good), STEP // 4):
            bad = bytearray(good)
            bad[offset] ^= 1 << (offset % 7)
            try:
                if json.loads(bytes(bad)) == meaning:
                    continue  # white space
            except ValueError:
                pass
            ran = self.verify_receipt(self.here.write("bad.json", bytes(bad)), *bundle)
            self.assertEqual(ran.code, BAD_DATA, (offset, ran.out))

    def test_a_receipt_is_of_its_bundle_and_no_other(self):
        receipt = os.path.join(self.packet, "receipt.json")
        self.assertEqual(self.verify_receipt(receipt).code, 0)
        with open(os.path.join(self.packet, "bundle.json"), "rb") as file:
            other = file.read().replace(b'"final"', b'"final" ', 1)
        for bundle in (other, b""):
            ran = self.verify_receipt(receipt, "--bundle", self.here.write("other.json", bundle))
            self.assertEqual(ran.code, BAD_DATA, ran.out)

    # ---- what an outsider keeps, and asks for

    def audit(self, *arguments):
        return self.here.consultd("audit", *arguments, "--config", self.here.config_file)

    def copy_verified(self, folder, *kept):
        """A copy of the log, by whoever has nothing but our public key and what they kept."""
        return self.here.consultd("audit", "verify", "--log", folder, "--key", self.here.file("audit.key.pub"), *kept)

    def test_a_receipt_or_checkpoint_that_somebody_kept_finds_a_log_that_was_rolled_back(self):
        receipt = os.path.join(self.packet, "receipt.json")
        checkpoint = self.here.file("kept-checkpoint")
        shutil.copy(os.path.join(self.log, "checkpoint"), checkpoint)
        for kept in (("--receipt", receipt), ("--since", checkpoint)):
            self.assertEqual(self.copy_verified(self.log, *kept).code, 0)
            self.assertEqual(self.copy_verified(self.older).code, 0, "by itself it is whole")
            rolled_back = self.copy_verified(self.older, *kept)
            self.assertEqual(rolled_back.code, BAD_DATA, kept)
            self.assertIn("shorter", rolled_back.err)
        self.assertEqual(self.audit("verify", "--receipt", receipt).code, 0)
        self.assertEqual(self.copy_verified(self.log, "--since", os.path.join(self.older, "checkpoint")).code, 0)
        self.assertEqual(self.copy_verified(self.log, "--since", receipt).code, BAD_DATA, "no checkpoint")

    def test_what_is_exported_are_the_entries_and_each_can_be_proven(self):
        exported = [json.loads(line) for line in self.audit("export").out.splitlines()]
        listed = json.loads(self.audit("list", "--json").out)
        self.assertEqual([event["recorded"] for event in exported], [event["recorded"] for event in listed])
        self.assertEqual({event["resourceType"] for event in exported}, {"AuditEvent"})
        proven = json.loads(self.audit("prove", self.result["transfer"], "--json").out)
        about = [event["index"] for event in listed if event.get("transfer") == self.result["transfer"]]
        self.assertEqual([entry["index"] for entry in proven["entries"]], about)
        size = int(proven["checkpoint"].splitlines()[1])
        root = base64.b64decode(proven["checkpoint"].splitlines()[2])
        for entry in proven["entries"]:
            path = [base64.b64decode(node) for node in entry["proof"]]
            self.assertEqual(root_from(entry["leaf"].encode(), entry["index"], size, path), root)
        [one] = json.loads(self.audit("prove", exported[0]["id"], "--json").out)["entries"]
        self.assertEqual(json.loads(one["leaf"])["id"], exported[0]["id"])
        self.assertEqual(self.audit("prove", "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b").code, 66)

    def test_a_patient_is_told_what_was_disclosed_to_whom_when_and_for_what(self):
        rows = json.loads(self.audit("disclosures", "--patient", PATIENT, "--json").out)
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows[-1]["transfer"], self.result["transfer"])
        for row in rows:
            self.assertEqual((row["recipient"], row["purpose"], row["outcome"]), ("Cancer Center", "TREAT", "sent"))
            self.assertIn("Observation", row["description"])
            self.assertTrue(row["address"].startswith("http://") and row["by"].startswith("user "))
        text = self.audit("disclosures", "--patient", "Patient/" + PATIENT).out
        for word in ("Cancer Center", self.result["transfer"], "Observation"):
            self.assertIn(word, text)
        self.assertEqual(json.loads(self.audit("disclosures", "--patient", "somebody-else", "--json").out), [])
        nobody = self.audit("disclosures", "--patient", "http://general.example/mrn|1").out
        self.assertIn("names a patient so", nobody, "that is no proof that nothing was disclosed")

    def test_the_list_is_in_words(self):
        for line in self.audit("list").out.splitlines():
            self.assertNotRegex(line, r"\b11\d{4}\b")
        self.assertRegex(self.audit("list").out, "order-create.*by user ")

    def test_one_process_at_a_time(self):
        first = self.here.serve()
        self.assertIsNotNone(first.port(), first.log())
        second = self.here.serve()
        self.assertEqual(second.wait(60), TRY_LATER, second.log())
        self.assertIn("another process", second.log())
        self.assertEqual(first.ask("GET", "/readyz")[0], 200)
        self.assertEqual(first.stop(), 0, first.log())

    # What a process held is let go with it, however it dies: nobody has to remove a lock.
    def test_who_is_killed_leaves_no_lock(self):
        for _ in range(2):
            first = self.here.serve()
            self.assertIsNotNone(first.port(), first.log())
            first.kill()
        last = self.here.serve()
        self.assertEqual(last.ask("GET", "/readyz")[0], 200)
        self.assertEqual(last.stop(), 0, last.log())


if __name__ == "__main__":
    place.main()
