"""Who asked is in the audit log: for an order, a withdrawal, a retry, by an operator and from the shell. An operator
does what their roles allow, and a client certificate that no operator has is nobody's."""

import hashlib
import json
import os
import pwd
import secrets
import ssl
import subprocess
import urllib.error
import urllib.request

import place
from place import consent, transfer_task, wait_until

PATIENT = "mel-1"
ME = pwd.getpwuid(os.getuid()).pw_name


class WhoTest(place.PlaceTest):
    def hospitals(self, **options):
        here = self.new_place(**options)
        source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "melanoma.json"))
        here.configure(source, here.sandbox("receiver", "receiver"))
        return here, source

    def add_operator(self, here, name, **more):
        token = secrets.token_hex(32)
        with open(here.config_file, encoding="utf-8") as file:
            config = json.load(file)
        with open(here.file(name + ".hash"), "w", encoding="utf-8") as file:
            file.write(hashlib.sha256(token.encode()).hexdigest())
        operator = {"name": name, "tokenHashFile": here.file(name + ".hash")}
        config["listen"]["operators"].append(dict(operator, **more))
        with open(here.config_file, "w", encoding="utf-8") as file:
            json.dump(config, file)
        return token

    def acts(self, here):
        """(act, transfer, who) of each act in the log, in its order."""
        return [(code, event["transfer"], event.get("by")) for event in here.audit_events()
                for code in event["subtype"] if code.startswith("order-")]

    def test_an_operators_order_and_withdrawal_name_the_operator(self):
        here, source = self.hospitals()
        ward = self.add_operator(here, "ward", roles=["transfers"])
        source.fault("http-503", -1)
        daemon = here.serve()
        status, _, task = daemon.ask("POST", "/fhir/Task", transfer_task(PATIENT, consent(PATIENT)), token=ward)
        self.assertEqual(status, 201)
        self.assertEqual(daemon.ask("POST", f"/fhir/Task/{task['id']}/$cancel")[0], 200)
        wait_until(lambda: len(self.acts(here)) == 2, 10, "both are in the log")
        self.assertEqual(self.acts(here), [("order-create", task["id"], "operator ward"),
                                           ("order-cancel", task["id"], "operator it-desk")])
        self.assertRegex(daemon.log(), f'"act":"order-create","transfer":"{task["id"]}","by":"ward"')
        self.assertEqual(here.consultd("audit", "verify", "--config", here.config_file).code, 0)

    def test_from_the_shell_it_is_the_shells_user_with_a_daemon_or_without(self):
        here, source = self.hospitals()
        source.fault("http-503", -1)
        held = here.transfer(PATIENT, consent(PATIENT))[1]["transfer"]
        self.assertEqual(here.consultd("retry", "--config", here.config_file, held).code, 0)
        self.assertEqual([(act, who) for act, _, who in self.acts(here)],
                         [("order-create", "user " + ME), ("order-retry", "user " + ME)])
        here.serve()
        self.assertEqual(here.consultd("cancel", "--config", here.config_file, held).code, 0)
        wait_until(lambda: len(self.acts(here)) == 3, 10, "the daemon writes it down")
        self.assertEqual(self.acts(here)[-1], ("order-cancel", held, "user " + ME))

    def test_who_ordered_is_in_the_log_before_anything_is_disclosed(self):
        here, _ = self.hospitals()
        transfer = here.transfer(PATIENT, consent(PATIENT))[1]["transfer"]
        codes = [code for event in here.audit_events() if event.get("transfer") == transfer
                 for code in event["subtype"] if code != "disclose"]
        self.assertLess(codes.index("order-create"), codes.index("disclosure-intent"))
        self.assert_audited_once(here, transfer)

    def test_roles_open_their_own_doors(self):
        here, _ = self.hospitals()
        tokens = {role: self.add_operator(here, role, roles=[role]) for role in ("transfers", "operate", "audit")}
        daemon = here.serve()
        order = daemon.place_transfer(PATIENT, consent(PATIENT))  # of the operator it-desk, who has no roles named
        doors = {("GET", "/fhir/Task"): (200, 200, 403), ("GET", "/fhir/Task/" + order): (404, 200, 403),
                 ("POST", f"/fhir/Task/{order}/$cancel"): (404, None, 403)}
        for (method, path), wanted in doors.items():
            for role, status in zip(("transfers", "operate", "audit"), wanted):
                if status:
                    self.assertEqual(daemon.ask(method, path, token=tokens[role])[0], status, (path, role))


    def test_the_log_and_the_numbers_are_for_those_who_look_after_it(self):
        here, _ = self.hospitals()
        reader = self.add_operator(here, "reader", roles=["audit"])
        ward = self.add_operator(here, "ward", roles=["transfers"])
        transfer = here.transfer(PATIENT, consent(PATIENT))[1]["transfer"]
        daemon = here.serve()
        self.assertEqual(daemon.ask("GET", "/fhir/AuditEvent?patient=" + PATIENT, token=ward)[0], 403)
        status, _, bundle = daemon.ask("GET", f"/fhir/AuditEvent?patient=Patient/{PATIENT}&date=ge2020", token=reader)
        self.assertEqual(status, 200)
        subtypes = [coding["code"] for entry in bundle["entry"] for coding in entry["resource"]["subtype"]]
        for code in ("order-create", "disclosure-intent", "disclosure-outcome"):
            self.assertIn(code, subtypes)
        self.assertNotIn(PATIENT, json.dumps(bundle))
        status, _, text = place.ask(f"http://127.0.0.1:{daemon.port()}/metrics",
                                    headers={"Authorization": "Bearer " + ward})
        self.assertEqual(status, 200)
        for line in ('consultd_transfers{state="delivered"} 1', 'consultd_transfers{state="held"} 0',
                     'consultd_peer_failures{side="source",name="general"} 0'):
            self.assertIn(line + "\n", text.decode())
        self.assertEqual(place.ask(f"http://127.0.0.1:{daemon.port()}/metrics")[0], 401)
        self.assertNotIn(transfer, text.decode())

    def test_a_certificate_is_an_operators_or_nobodys(self):
        here = self.new_place(tls=True)

        def openssl(*arguments):
            return subprocess.run(("openssl",) + arguments, cwd=here.folder, check=True, capture_output=True,
                                  text=True, timeout=60).stdout
        for name in ("desk", "subject", "stranger"):
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    f"/O=General/CN={name}", "-keyout", name + ".key", "-out", name + ".csr")
            openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                    "-days", "5", "-out", name + ".pem")
        printed = openssl("x509", "-in", "desk.pem", "-noout", "-fingerprint", "-sha256").strip().split("=")[1]

        def change(settings):
            settings["listen"].update(
                publicUrl="https://localhost", tls={"certificateFile": "server.pem", "keyFile": "server.key",
                                                    "clientCaFile": "ca.pem"},
                operators=[{"name": "desk", "certificateSha256": printed},
                           {"name": "subject", "certificateSubject": "CN=subject,O=General"}])
        here.configure(change=change)
        daemon = here.serve()

        def status(name):
            context = ssl.create_default_context(cafile=here.file("ca.pem"))
            if name:
                context.load_cert_chain(here.file(name + ".pem"), here.file(name + ".key"))
            try:
                return urllib.request.urlopen(f"https://localhost:{daemon.port()}/fhir/Task", context=context,
                                              timeout=30).status
            except urllib.error.HTTPError as refusal:
                with refusal:
                    return refusal.code
        self.assertEqual([status(name) for name in ("desk", "subject", "stranger", None)], [200, 200, 403, 401])


if __name__ == "__main__":
    place.main()
