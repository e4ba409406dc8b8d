"""Institutions that misbehave: each fault ends in the outcome that is promised for it, in bounded time: delivered
once and whole, delivered with the gap named, or held with a reason and nothing sent."""

import os

import place
import record
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"
ALWAYS = -1
# What no transfer takes, whatever goes wrong; a lost answer costs one settle span.
SECONDS_MOST = 60
OK, BAD_DATA, UNAVAILABLE, PROTOCOL, NOT_PERMITTED = 0, 65, 69, 76, 77


class FaultsTest(place.PlaceTest):
    def move(self, here, source, receiver, at_source=(), at_receiver=()):
        for name, count in at_source:
            source.fault(name, count)
        for name, count in at_receiver:
            receiver.fault(name, count)
        return here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)

    def hospitals(self, here, change=None):
        source = here.sandbox("ehr", "ehr", "--data", CHART, "--page-size-max", "20")
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver, change)
        return source, receiver

    def assert_delivered_once(self, here, receiver, ran, result, folder):
        self.assertEqual(ran.code, OK, ran.err)
        self.assertEqual(result["state"], "delivered")
        self.assert_balanced(folder)
        self.assertEqual(len(receiver.transactions()), 1)
        self.assertEqual(receiver.counts()["Task"], 1)
        self.assertEqual(receiver.counts()["Patient"], 1)
        self.assert_one_copy(receiver, result["transfer"])
        self.assert_audited_once(here, result["transfer"])

    def gaps_of_the_chart(self):
        """What the chart itself refers to and does not have; the faults of a test come on top."""
        if not hasattr(self, "_gaps"):
            with place.Place() as here:
                ran, result, _ = self.move(here, *self.hospitals(here))
                assert ran.code == OK, ran.err
                self._gaps, self._pulled = result["gaps"], result["counts"]["pulled"]
        return self._gaps

    def test_a_source_that_fails_for_a_while_costs_nothing(self):
        self.gaps_of_the_chart()
        self.try_all({
            "http-503": (False, ("http-503", 3)),
            "rate-limit": (False, ("rate-limit:1", 2)),
            "slow": (False, ("slow:300", 6)),
            "expired-page": (False, ("expired-page", 1)),
            "token-dies": (True, ("token-dies", 1)),
        }, self.try_recovery)

    def try_recovery(self, tls, fault):
        with place.Place(tls) as here:
            if tls:
                here.configure()
            source, receiver = self.hospitals(here)
            ran, result, folder = self.move(here, source, receiver, [fault])
            if tls:
                self.assertEqual((ran.code, result["state"]), (OK, "delivered"), ran.err)
                self.assert_balanced(folder)
                self.assert_audited_once(here, result["transfer"])
            else:
                self.assert_delivered_once(here, receiver, ran, result, folder)
            self.assertEqual(result["gaps"], self._gaps)
            self.assertEqual(result["counts"]["pulled"], self._pulled)

    def test_what_a_source_does_not_hand_over_is_a_named_gap(self):
        self.gaps_of_the_chart()
        self.try_all({
            "forbid": (("forbid:Condition", ALWAYS), "Condition", "http-403"),
            "loop-next": (("loop-next", 1), "", "malformed-answer"),
            "foreign-next": (("foreign-next", 1), "", "foreign-host"),
            "lying-total": (("lying-total", 1), "", "fewer-than-total"),
            "expired-page": (("expired-page", ALWAYS), "Observation", "http-410"),
        }, self.try_gap)

    def try_gap(self, fault, what, reason):
        with place.Place() as here:
            source, receiver = self.hospitals(here)
            ran, result, folder = self.move(here, source, receiver, [fault])
            self.assert_delivered_once(here, receiver, ran, result, folder)
            self.assertFalse(result["complete"])
            new = [gap for gap in result["gaps"] if gap not in self._gaps]
            self.assertIn(reason, [gap["reason"] for gap in new if gap["what"].startswith(what)], new)
            self.assertEqual([{key: gap[key] for key in ("what", "reason")}
                              for gap in record.ledger_of(folder)["gap"]], result["gaps"])

    def test_a_source_that_is_not_understood_or_refuses_holds_the_transfer(self):
        self.try_all({
            "wrong-content-type": (False, ("wrong-content-type", ALWAYS), PROTOCOL, "protocol"),
            "cut-json": (False, ("cut-json", ALWAYS), PROTOCOL, "protocol"),
            "deep-json": (False, ("deep-json", ALWAYS), BAD_DATA, "too-large"),
            "http-503": (False, ("http-503", ALWAYS), UNAVAILABLE, "unavailable"),
            "redirect": (False, ("redirect", ALWAYS), NOT_PERMITTED, "forbidden"),
            "forbid the Patient": (False, ("forbid:Patient", ALWAYS), NOT_PERMITTED, "forbidden"),
            "token-dies always": (True, ("token-dies", ALWAYS), NOT_PERMITTED, "not-authorized"),
        }, self.try_hold)

    def try_hold(self, tls, fault, code, reason):
        with place.Place(tls) as here:
            if tls:
                here.configure()
            source, receiver = self.hospitals(here)
            ran, result, _ = self.move(here, source, receiver, [fault])
            self.assertEqual(ran.code, code, ran.err)
            self.assertEqual((result["state"], result["reason"]), ("held", reason))
            self.assert_names(result, "source", "general", source, ran)
            self.assertEqual(receiver.received(), [])
            self.assertEqual(here.done_for(), [])
            if tls:
                return
            # When the source is well again, a retry delivers.
            source.heal()
            retried = here.consultd("retry", "--config", here.config_file, result["transfer"])
            self.assertEqual(retried.code, 0, retried.err)
            here.serve().wait_for(result["transfer"])
            self.assert_one_copy(receiver, result["transfer"])
            self.assertEqual(len(receiver.transactions()), 1)

    def test_a_lost_answer_or_a_failing_receiver_never_makes_a_second_copy(self):
        self.try_all({
            "the answer is lost": ("match-or-create", [("commit-and-hang-up", 1)]),
            "the request is lost": ("match-or-create", [("hang-up-before-commit", 1)]),
            "the answer and the read-back are lost": ("match-or-create",
                                                      [("commit-and-hang-up", 1), ("cut-json@written", 1)]),
            "503 for the transaction": ("match-or-create", [("http-503@write", 1)]),
            "429 for the transaction": ("match-or-create", [("rate-limit:1@write", 1)]),
            "503 before the transaction": ("match-or-create", [("http-503", 1)]),
            "slow": ("match-or-create", [("slow:500", 4)]),
        }, self.try_delivery)

    def try_delivery(self, patient, faults):
        def change(settings):
            settings["destinations"]["center"]["deliver"].update(patient=patient)
        with place.Place() as here:
            source, receiver = self.hospitals(here, change)
            ran, result, folder = self.move(here, source, receiver, at_receiver=faults)
            self.assert_delivered_once(here, receiver, ran, result, folder)

    def test_a_receiver_that_is_not_understood_gets_nothing(self):
        self.try_all({
            "http-503": (("http-503", ALWAYS), UNAVAILABLE, "unavailable"),
            "cut-json": (("cut-json", ALWAYS), PROTOCOL, "protocol"),
            "wrong-content-type": (("wrong-content-type", ALWAYS), PROTOCOL, "protocol"),
            "deep-json": (("deep-json", ALWAYS), BAD_DATA, "too-large"),
            "redirect": (("redirect", ALWAYS), NOT_PERMITTED, "forbidden"),
        }, self.try_refusal)

    def try_refusal(self, fault, code, reason):
        with place.Place() as here:
            source, receiver = self.hospitals(here)
            ran, result, _ = self.move(here, source, receiver, at_receiver=[fault])
            self.assertEqual(ran.code, code, ran.err)
            self.assertEqual((result["state"], result["reason"]), ("held", reason))
            self.assert_names(result, "destination", "center", receiver, ran)
            self.assertEqual(receiver.received(), [])

    def assert_names(self, result, side, name, sandbox, ran):
        """Whoever must act is told which side it is, and which host and port."""
        address = sandbox.origin.partition("://")[2]
        self.assertEqual(result["peer"], {"side": side, "name": name, "address": address})
        self.assertIn(f"{result['reason']}: {side} {name} ({address})", ran.err)

    def test_tokens_over_tls_that_die_at_the_receiver_are_renewed(self):
        here = self.new_place(tls=True)
        here.configure()
        source, receiver = self.hospitals(here)
        ran, result, folder = self.move(here, source, receiver, at_receiver=[("token-dies", 1)])
        self.assertEqual((ran.code, result["state"]), (OK, "delivered"), ran.err)
        self.assertEqual(len(receiver.transactions()), 1)
        self.assertEqual(receiver.counts()["Task"], 1)
        self.assert_balanced(folder)
        self.assert_audited_once(here, result["transfer"])


if __name__ == "__main__":
    place.main()
