"""A record that takes more than it may, beside five innocent ones: it is held, they are delivered, the daemon lives."""

import place
from place import consent

HOSTILE = "hostile"
INNOCENT = [f"innocent-{number}" for number in range(5)]
CODE = {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin"}]}


def chart(patient, observations, padding):
    yield {"resourceType": "Patient", "id": patient, "gender": "female", "birthDate": "1970-01-01",
           "name": [{"family": patient, "given": ["Ada"]}],
           "identifier": [{"system": "http://general.example/mrn", "value": patient}]}
    for number in range(observations):
        yield {"resourceType": "Observation", "id": f"{patient}-{number}", "status": "final", "code": CODE,
               "subject": {"reference": "Patient/" + patient}, "effectiveDateTime": "2026-01-01",
               "category": [{"coding": [{"system": place.THO + "observation-category", "code": "laboratory"}]}],
               "note": [{"text": padding}], "valueQuantity": {"value": number, "unit": "g/dL"}}


def is_sanitized():
    with open(place.program("consultd"), "rb") as program:
        content = program.read()
    return b"__asan_init" in content or b"__tsan_init" in content


class HostileTest(place.PlaceTest):
    def test_a_record_over_the_memory_limit_harms_only_itself(self):
        if is_sanitized():
            self.skipTest("a sanitizer has operator new: memory is not counted")
        here = self.new_place()
        resources = list(chart(HOSTILE, 1000, "x" * 8000))
        for patient in INNOCENT:
            resources += chart(patient, 5, "fine")
        data = here.write("chart.json", {"resourceType": "Bundle", "type": "collection",
                                         "entry": [{"resource": one} for one in resources]})
        source = here.sandbox("ehr", "ehr", "--data", data)
        receiver = here.sandbox("receiver", "receiver")

        def limit(settings):
            settings["limits"] = {"transfers": 8, "memory": "12MiB"}
        here.configure(source, receiver, limit)
        daemon = here.serve()
        hostile = daemon.place_transfer(HOSTILE, consent(HOSTILE))
        others = [daemon.place_transfer(patient, consent(patient)) for patient in INNOCENT]
        for transfer in others:
            daemon.wait_for(transfer)
        daemon.wait_for(hostile, "held")
        task = daemon.ask("GET", "/fhir/Task/" + hostile)[2]
        self.assertEqual(task["statusReason"]["text"], "too-large")
        self.assertTrue(daemon.is_running())
        self.assertEqual(receiver.counts()["Task"], len(INNOCENT))
        self.assertEqual(daemon.stop(), 0, daemon.log())


if __name__ == "__main__":
    place.main()
