#!/usr/bin/env python3
"""The patient's sign-in at an authorization server that others wrote, strict: oidc-provider (npm/sign_in.mjs) before a
FHIR server. OIDC_HOME is the folder with its node_modules and sign_in.mjs; SIGN_IN_TARGET a FHIR base with one
Patient, such as HAPI's; without it our sandbox is behind it."""

import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import place  # noqa: E402
import portal_test  # noqa: E402
from patient_browser import PatientBrowser  # noqa: E402

SERVER = os.path.join(os.environ.get("OIDC_HOME", ""), "sign_in.mjs")
TOKEN_SECONDS = 4


class SignInAtOidcProviderTest(portal_test.Portal):
    def open_hospital(self, client, auth=None, before=None):
        here = self.here = self.new_place()
        self.origin = f"http://127.0.0.1:{portal_test.free_port()}"
        target = os.environ.get("SIGN_IN_TARGET")
        if target:
            [patient] = [one["resource"]["id"] for one in json.loads(place.ask(target + "/Patient")[2])["entry"]]
        else:
            data = ["--data", os.path.join(place.PATIENTS, "melanoma.json")]
            target, patient = here.sandbox("ehr", "ehr", *data).fhir_base, portal_test.PATIENT
        self.receiver = here.sandbox("receiver", "receiver")
        port = portal_test.free_port()
        self.hospital = f"http://127.0.0.1:{port}"

        def as_patient(settings):
            settings["sources"]["general"].update(fhirBaseUrl=self.hospital + "/fhir", auth={
                "type": "smart-patient", "clientId": "portal", **(auth or {})})
            settings["listen"].update(port=int(self.origin.rsplit(":", 1)[1]), publicUrl=self.origin)
            settings["portal"] = {"runBy": "The patient office", "help": "555 0100"}
        if before:
            before(here)
        here.configure(change=lambda settings: (
            settings["destinations"]["center"].update(fhirBaseUrl=self.receiver.fhir_base), as_patient(settings)))
        self.node = place.Process(here.file("node.log"), ["node", SERVER, here.write("hospital.json", {
            "port": port, "target": target, "patient": patient, "redirect": self.origin + "/portal/callback",
            "tokenSeconds": TOKEN_SECONDS, "client": client(here)})])
        here.processes.append(self.node)
        place.wait_until(lambda: "ready" in self.node.log() or not self.node.is_running(), 30, "oidc-provider is ready")
        self.assertTrue(self.node.is_running(), self.node.log())
        self.daemon = here.serve()

    def said(self):
        return json.loads(place.ask(self.hospital + "/said")[2])

    def walk(self):
        browser = PatientBrowser()
        browser.click(self.to_hand_off(browser), "Go to the sign-in")
        self.assertIn("authorization_code", [one.get("grant") for one in self.said()], self.said())
        page = self.wait_for(browser, "/portal/choose", seconds=120)
        time.sleep(TOKEN_SECONDS)  # it takes a person longer to choose
        browser.send(self.to_preview(browser, page), "/portal/send")
        return self.wait_for(browser, "/portal/receipt", seconds=120)

    def check_journey(self):
        page = self.walk()
        self.assertIn("Your records have been sent", page.text)
        self.assertGreater(self.receiver.counts()["Observation"], 0)
        said = self.said()
        exchanges = [one for one in said if one["path"] == "/token"]
        self.assertEqual([one for one in exchanges if one["status"] != 200], [], said)
        refreshes = [one for one in exchanges if one["grant"] == "refresh_token"]
        self.assertGreater(len(refreshes), 0, "the token lived as long as the pull")
        tokens = [one["refresh"] for one in refreshes]
        self.assertEqual(len(tokens), len(set(tokens)), "a refresh token was used twice")
        self.assertTrue(all(one["rotated"] for one in refreshes))
        self.assertIn("offline_access", exchanges[0]["scope"])
        # What is no longer needed is given back.
        def is_given_back():
            return any(one["path"] == "/token/revocation" and one["status"] == 200 for one in self.said())
        place.wait_until(is_given_back, 30, "the grant is given back")
        return exchanges

    def test_lost_refresh_is_mended_by_the_patient_and_the_transfer_goes_on(self):
        """The refresh token was used, its answer never came: where it is used again this server ends the grant. What
        is read already needs no sign-in; for the rest the patient is asked once more."""
        self.open_hospital(lambda here: {"token_endpoint_auth_method": "none"})
        browser = PatientBrowser()
        page = self.to_hand_off(browser)
        place.ask(self.hospital + "/lose", "POST", b"")
        browser.click(page, "Go to the sign-in")
        chosen = []

        def is_seen():
            page = browser.get(self.origin + "/portal/progress")
            if page.path == "/portal/choose":
                if not chosen:
                    time.sleep(TOKEN_SECONDS)
                chosen.append(page)
                browser.send(page, "/portal/choose", {"group": page.options("group"), "private": []})
            elif page.heading == "Please sign in once more":
                browser.click(browser.send(page, "/portal/again"), "Go to the sign-in")
            return page if page.path == "/portal/preview" else None
        browser.send(place.wait_until(is_seen, 120, "the packet is seen"), "/portal/send")
        self.wait_for(browser, "/portal/receipt", seconds=120)
        refreshes = [one for one in self.said() if one.get("grant") == "refresh_token"]
        self.assertGreater(len(refreshes), 1, "the answer that was lost was not the one asked for")
        self.assertEqual(refreshes[1]["error"], "invalid_grant")
        self.assertEqual(len(self.receiver.transactions()), 1)

    def test_public_client(self):
        self.open_hospital(lambda here: {"token_endpoint_auth_method": "none"})
        for one in self.check_journey():
            self.assertFalse(one["basic"] or one["assertion"])

    def test_symmetric_client(self):
        secret = "a secret with : and %2F+&="
        self.open_hospital(
            lambda here: {"token_endpoint_auth_method": "client_secret_basic", "client_secret": secret},
            {"clientSecretFile": "portal.secret"}, lambda here: here.write("portal.secret", secret))
        for one in self.check_journey():
            self.assertTrue(one["basic"] and not one["secretInBody"])

    def test_asymmetric_client(self):
        def with_keys(here):
            keys = json.loads(here.consultd("keys", "jwks", "--config", here.config_file).out)
            return {"token_endpoint_auth_method": "private_key_jwt", "jwks": keys,
                    "token_endpoint_auth_signing_alg": "ES384"}
        self.open_hospital(with_keys, {"keyFile": "portal.pem", "algorithm": "ES384"})
        for one in self.check_journey():
            self.assertTrue(one["assertion"])


if __name__ == "__main__":
    place.main()
