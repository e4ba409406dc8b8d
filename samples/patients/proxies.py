"""A child, and people whom the hospital lets act for its patients: the child's father, and a daughter of the woman with
melanoma (melanoma.json)."""

from chart import LOINC, SNOMED, THO, Chart, coded, div


def make():
    chart = Chart(20264, "https://ehr.lindenhollow.example/fhir/r4", {
        "id": "kid-1", "text": div("<p>Synthetic patient</p>"),
        "identifier": [{"type": coded(THO + "v2-0203", "MR"), "system": "https://ehr.lindenhollow.example/mrn",
                        "value": "LH-0090412"}],
        "name": [{"use": "official", "family": "Halberd-Test", "given": ["Inigo"]}],
        "gender": "male", "birthDate": "2018-02-11"})
    chart.condition(coded(SNOMED, "195967001", "Asthma"), "2023-05-02")
    chart.lab("2026-09-14", coded(LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood"), "12.1", "g/dL", "g/dL")
    relative(chart, "kid-1", "kid-1-father", "FTH", "father", "Casimir", "Halberd-Test", "male")
    relative(chart, "mel-1", "mel-1-daughter", "DAUC", "Daughter", "Delphine", "Synthaver", "female")
    return chart


def relative(chart, patient, ident, code, display, given, family, gender):
    chart.add("RelatedPerson", {
        "id": ident, "active": True, "patient": {"reference": "Patient/" + patient},
        "relationship": [coded(THO + "v3-RoleCode", code, display)],
        "name": [{"use": "official", "family": family, "given": [given]}], "gender": gender})
