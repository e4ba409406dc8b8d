"""A marrow disease between VEXAS and MDS: two years of blood counts, three marrows, a clone that grows."""

from chart import (ACT, ICD10, LOINC, LOINC_OID, NPI, RXNORM, SNOMED, THO, Chart, coded, div, pdf, quantity)

PATHOLOGY = coded(THO + "v2-0074", "SP", "Surgical Pathology")
GENETICS = coded(THO + "v2-0074", "GE", "Genetics")
HAEMATOLOGY = coded(THO + "v2-0074", "HM", "Hematology")


def make():
    chart = Chart(20262, None, {
        "id": "marrow-1", "text": div("<p>Synthetic patient</p>"),
        "identifier": [{"type": coded(THO + "v2-0203", "MR"), "system": "urn:oid:2.16.840.1.113883.19.5.77.1",
                        "value": "OB-440218"}],
        "name": [{"use": "official", "family": "Fabrikant-Test", "given": ["Osric"]}],
        "gender": "male", "birthDate": "1956-11-23"})
    clinic = chart.add("Organization", {"identifier": [{"system": NPI, "value": "1881888888"}],
                                        "name": "Ostrander Bay Medical Center"})
    outside = chart.add("Organization", {"name": "Pell Street Clinic Laboratory"})
    doctor = chart.add("Practitioner", {"name": [{"family": "Nakamura-Sample", "given": ["Ilse"], "suffix": ["MD"]}]})
    mds = chart.condition(coded(ICD10, "D46.9", "Myelodysplastic syndrome, unspecified"), "2025-02-11")
    vexas = chart.condition({"text": "VEXAS syndrome, UBA1 p.Met41Thr"}, "2026-03-04", recordedDate="2026-03-06")
    chart.condition(coded(SNOMED, "59281005", "Relapsing polychondritis"), "2024")
    chart.condition(coded(ICD10, "I26.99", "Other pulmonary embolism without acute cor pulmonale"), "2025-08-19", "resolved")
    chart.condition(coded(LOINC_OID, "D53.9", "Nutritional anemia, unspecified"), "2024-10", "inactive",
                    verificationStatus=coded(THO + "condition-ver-status", "refuted"))
    counts(chart, outside)
    chemistry(chart)
    marrows(chart, doctor, clinic)
    treatment(chart, mds, vexas, clinic)
    for when in ("2024-11-05", "2025-02-11", "2025-08-20", "2026-03-04", "2026-06-18", "2026-11-03"):
        chart.visit(when, "Hematology visit", doctor, clinic, reasonReference=[{"reference": mds}])
        chart.lab(when, coded(LOINC, "89247-1", "ECOG Performance Status score"), valueInteger=1,
                  category=[coded(THO + "observation-category", "survey")])
    chart.add("AllergyIntolerance", {
        "clinicalStatus": coded(THO + "allergyintolerance-clinical", "active"),
        "code": coded(SNOMED, "716186003", "No known allergy"), "patient": {"reference": chart.patient}})
    letters(chart, doctor)
    chart.provenance([mds, vexas], "2026-11-03T20:00:00Z", clinic)
    chart.sensitive(2022)
    chart.faults("2026-11-03", clinic, doctor)
    return chart


def counts(chart, outside):
    """Twice a month for two years; the first six months came from an outside laboratory with its own codes."""
    rows = (("718-7", "HGB", "Hemoglobin [Mass/volume] in Blood", "g/dL", "g/dL", 10.9, -0.060, 0.4, 1, "13.2", "16.6"),
            ("6690-2", "WBC", "Leukocytes [#/volume] in Blood", "K/uL", None, 4.30, -0.035, 0.3, 2, "3.40", "9.60"),
            ("751-8", "NEUT", "Neutrophils [#/volume] in Blood by Automated count", "10*3/uL", "10*3/uL", 2.60, -0.033,
             0.2, 2, "1.56", "6.45"),
            ("777-3", "PLT", "Platelets [#/volume] in Blood by Automated count", "x10^9/L", None, 142, -1.75, 6, 0, "135",
             "317"),
            ("787-2", "MCV", "MCV [Entitic volume] by Automated count", "fL", "fL", 101.2, 0.215, 0.7, 1, "78.2", "97.9"))
    copied = None
    for step in range(48):
        year, month = 2024 + (step // 2 + 11) // 12, (step // 2 + 11) % 12 or 12
        if (step // 2 + 11) % 12 == 0:
            year -= 1
        when = f"{year}-{month:02d}-{(4, 18)[step % 2]:02d}T07:4{step % 10}:00-05:00"
        for code, local, name, unit, ucum, start, slope, noise, digits, low, high in rows:
            value = start + slope * step + chart.random.uniform(-noise, noise)
            text = f"{value:.{digits}f}"
            if step < 12:
                concept = coded("urn:oid:2.16.840.1.113883.19.5.88.2", local, local + " (Pell Street)")
                chart.lab(when, concept, text, unit, ucum, performer=[{"reference": outside}])
                continue
            concept = coded(LOINC_OID if step % 5 == 0 else LOINC, code, name)
            if step % 7 == 0:
                concept["coding"].append({"system": "urn:oid:1.2.840.114350.1.13.4242", "code": local})
            seen = chart.lab(when, concept, text, unit, ucum, low, high)
            copied = copied or seen
    chart.twice(copied)
    chart.lab("2025-01", {"text": "Platelets"}, valueString="clumped, citrate tube asked for")


def chemistry(chart):
    for when, value in (("2024-11-05", "612"), ("2025-05-20", "1180"), ("2025-12-02", "1734"), ("2026-09-15", "2401.0")):
        chart.lab(when, coded(LOINC, "2276-4", "Ferritin [Mass/volume] in Serum or Plasma"), value, "ng/mL", "ng/mL", "24", "336")
    for when, value in (("2024-11-05", "78"), ("2025-08-19", "141"), ("2026-02-24", "96.0"), ("2026-07-14", "12.4")):
        chart.lab(when, coded(LOINC, "1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"), value, "mg/L", "mg/L",
                  None, "8.0")
    chart.lab("2024-11-05", coded(LOINC, "2132-9", "Cobalamin (Vitamin B12) [Mass/volume] in Serum or Plasma"), "402",
              "pg/mL", "pg/mL")
    chart.lab("2025-01-14", coded(LOINC, "14804-9", "LDH"), "301", "U/L", "U/L", "122", "222")
    chart.lab("2025-01-14", {"text": "Copper, serum"}, "98", "ug/dl")


def marrows(chart, doctor, clinic):
    for number, when, words in (
            ("A", "2025-01-21", "Hypercellular, 60 % at age 68. Vacuoles in myeloid and erythroid precursors, noted and not "
             "weighed. Erythroid dysplasia below 10 %. Blasts 1 %."),
            ("B", "2025-11-18", "Cellularity 70 %. Dysplasia in two lineages, 15 %. Blasts 2 %. Prominent vacuoles."),
            ("C", "2026-09-08", "Cellularity 70 %, patchy. Dysplasia in two lineages, 20 %. Blasts 3 %. Ring sideroblasts "
             "absent. No fibrosis, MF-0.")):
        blasts = chart.lab(when, {"text": "Blasts, aspirate"}, {"A": "1", "B": "2", "C": "3"}[number], "%", "%")
        chart.report(when, coded(LOINC, "33721-2", "Bone marrow Pathology biopsy report", f"Bone marrow {number}"), words,
                     PATHOLOGY, [blasts], performer=[{"reference": clinic}])
        chart.report(when, coded(LOINC, "33719-6", "Flow cytometry study"),
                     "No aberrant blast population. CD34 " + {"A": "0.8", "B": "1.6", "C": "2.40"}[number] + " %.", HAEMATOLOGY)
        karyotype = {"A": "46,XY[20]", "B": "46,XY[20]", "C": "46,XY,del(20)(q11.2q13.3)[4]/46,XY[16]"}[number]
        chart.report(when, coded(LOINC, "29770-5", "Karyotype [Identifier] in Blood or Tissue Nominal"), karyotype, GENETICS)
    label = {"security": [{"system": ACT, "code": "GDIS"}]}
    for when, words in (("2025-02-03", "DNMT3A R882H 4.1 %. No other variant in the panel; UBA1 not covered."),
                        ("2026-03-02", "UBA1 c.122T>C p.Met41Thr 61 %. DNMT3A R882H 6.0 %.")):
        chart.report(when, coded(LOINC, "51969-4", "Genetic analysis report"), words, GENETICS, meta=label)


def treatment(chart, mds, vexas, clinic):
    chart.drug(coded(RXNORM, "8640", "prednisone"), "2024-11-06", "active", "30 mg once a day; 12.5 mg since May 2026",
               reasonReference=[{"reference": vexas}])
    chart.drug(coded(RXNORM, "1535218", "azacitidine"), "2026-04-07", "active", "75 mg/m2 days 1 to 7, every 28 days",
               reasonReference=[{"reference": mds}])
    chart.drug({"text": "darbepoetin 300 mcg SC"}, "2025-03-11", "stopped", "every 2 weeks; stopped, no response")
    chart.drug(coded(RXNORM, "1364430", "apixaban"), "2025-08-20", "completed", "5 mg twice a day for 6 months")
    for when in ("2025-12-16", "2026-01-20", "2026-02-17", "2026-03-24", "2026-05-12", "2026-07-21", "2026-10-06"):
        chart.add("Procedure", chart.of({
            "status": "completed", "code": coded(SNOMED, "116863004", "Transfusion of red blood cells"),
            "performedDateTime": when, "note": [{"text": "2 units, irradiated"}],
            "performer": [{"actor": {"reference": clinic}}]}))
    chart.add("Immunization", {
        "status": "completed", "vaccineCode": coded("http://hl7.org/fhir/sid/cvx", "207", "COVID-19 vaccine"),
        "patient": {"reference": chart.patient}, "occurrenceDateTime": "2024-10"})


def letters(chart, doctor):
    letter = coded(LOINC, "34779-9", "Hematology+Medical oncology Consult note")
    chart.document("2026-11-03", letter, "Hematology letter", (
        "Ostrander Bay Medical Center\n\nOsric Fabrikant-Test, born 23 Nov 1956 (synthetic)\n"
        "VEXAS with MDS; transfusions monthly despite azacitidine. Is a transplant right for him, and when?\n").encode(),
        "text/plain", doctor)
    chart.document("2026-09-10", coded(LOINC, "33721-2", "Bone marrow Pathology biopsy report"), "Marrow C",
                   pdf(["Bone marrow C, 8 Sep 2026", "Synthetic report."]), "application/pdf", doctor)
    chart.document("2025-02-11", letter, "First letter", b"Macrocytic anemia; MDS suspected.\n", "text/plain", doctor,
                   wrong_hash=True)
