"""Metastatic melanoma, BRAF V600E: two lines of immunotherapy, then dabrafenib with trametinib."""

from chart import (ACT, ICD10, LOINC, LOINC_BARE_OID, LOINC_OID, NPI, RXNORM, SNOMED, THO, UCUM, Chart, coded, div,
                   number, pdf, quantity)

PATHOLOGY = coded(THO + "v2-0074", "SP", "Surgical Pathology")
RADIOLOGY = coded(THO + "v2-0074", "RAD", "Radiology")
GENETICS = coded(THO + "v2-0074", "GE", "Genetics")
LETTER = coded(LOINC, "34805-2", "Oncology Consult note")
NIVOLUMAB = coded(RXNORM, "1597876", "nivolumab")
IPILIMUMAB = coded(RXNORM, "1094833", "ipilimumab")
DABRAFENIB = coded(RXNORM, "1424911", "dabrafenib")
TRAMETINIB = coded(RXNORM, "1425099", "trametinib")


def make():
    chart = Chart(20261, "https://ehr.lindenhollow.example/fhir/r4", {
        "id": "mel-1", "text": div("<p>Synthetic patient</p>"),
        "identifier": [{"type": coded(THO + "v2-0203", "MR"), "system": "https://ehr.lindenhollow.example/mrn",
                        "value": "LH-0071934"}],
        "name": [{"use": "official", "family": "Synthaver", "given": ["Maribel", "Q."]}],
        "gender": "female", "birthDate": "1971-04-09",
        "telecom": [{"system": "phone", "value": "+1 555 0163"}],
        "communication": [{"language": coded("urn:ietf:bcp:47", "en", "English"), "preferred": True}]})
    hospital = chart.add("Organization", {"identifier": [{"system": NPI, "value": "1992999999"}],
                                          "name": "Linden Hollow Regional Hospital"})
    lab_b = chart.add("Organization", {"name": "Ferrous Creek Reference Laboratory"})
    doctor = chart.add("Practitioner", {"name": [{"family": "Okonjo-Test", "given": ["Wren"], "suffix": ["MD"]}]})
    surgeon = chart.add("Practitioner", {"name": [{"text": "Halloran-Test, B."}]})
    people = (hospital, doctor)

    melanoma = chart.condition(
        dict(coded(SNOMED, "372244006", "Malignant melanoma"), text="Melanoma of skin, right upper back, nodular"),
        "2022-09-14", recordedDate="2022-09-20",
        evidence=[{"code": [coded(ICD10, "C43.59", "Malignant melanoma of other part of trunk")]}])
    brain = chart.condition(coded(SNOMED, "94225005", "Metastatic malignant neoplasm to brain"), "2025-06-03")
    chart.condition(coded(SNOMED, "94381002", "Metastatic malignant neoplasm to liver"), "2024-01")
    colitis = chart.condition(dict(coded(SNOMED, "64226004", "Colitis"), text="Immune-related colitis, grade 3"),
                              "2024-11-08", "resolved", abatementDateTime="2025-01")
    chart.condition(coded(ICD10, "I10", "Essential (primary) hypertension"), "2015")
    chart.add("AllergyIntolerance", {
        "clinicalStatus": coded(THO + "allergyintolerance-clinical", "active"), "code": {"text": "iodinated contrast"},
        "patient": {"reference": chart.patient}, "recordedDate": "2022-10-01", "reaction": [
            {"manifestation": [{"text": "hives"}], "severity": "mild"}]})
    stage(chart)
    specimen = chart.add("Specimen", chart.of({"type": {"text": "skin, excision"}, "receivedTime": "2022-09-14"}))
    reports(chart, specimen, hospital)
    surgery(chart, surgeon, brain)
    therapy(chart, melanoma, colitis)
    bloods(chart, lab_b)
    letters(chart, doctor, melanoma)
    for when in ("2022-10-11", "2024-02-06", "2024-11-12", "2025-02-04", "2025-07-01", "2026-01-13", "2026-10-20"):
        chart.visit(when, "Oncology follow-up", *reversed(people), reasonReference=[{"reference": melanoma}])
        chart.lab(when, coded(LOINC, "89247-1", "ECOG Performance Status score"), valueInteger=1, category=[
            coded(THO + "observation-category", "survey")])
        chart.lab(when, coded(LOINC, "29463-7", "Body weight"), str(chart.random.randint(640, 712) / 10), "kg", "kg",
                  category=[coded(THO + "observation-category", "vital-signs")])
    chart.add("FamilyMemberHistory", {
        "status": "completed", "patient": {"reference": chart.patient}, "date": "2022-10",
        "relationship": coded(THO + "v3-RoleCode", "FTH", "father"), "condition": [{"code": {"text": "melanoma at 70"}}]})
    chart.provenance([melanoma, brain], "2026-10-20T17:00:00Z", hospital)
    chart.sensitive(2023)
    chart.faults("2026-10-20", hospital, doctor)
    return chart


def stage(chart):
    for code, name, value in (("21905-5", "Primary tumor.clinical [Class] Cancer", "pT3b"),
                              ("21906-3", "Regional lymph nodes.clinical [Class] Cancer", "pN1a"),
                              ("21908-9", "Stage group.clinical Cancer", "IIIC")):
        chart.lab("2022-10", coded(LOINC, code, name), valueCodeableConcept={"text": value})
    chart.lab("2025-06", coded(LOINC, "21908-9", "Stage group.clinical Cancer"),
              valueCodeableConcept={"text": "IV, M1d(1), AJCC 8"})


def reports(chart, specimen, hospital):
    chart.report(
        "2022-09-21", coded(LOINC, "11529-5", "Surgical pathology study"),
        "Nodular melanoma, right upper back. Breslow 3.8 mm, ulcerated, 7 mitoses/mm2. Margins clear. "
        "Sentinel node: 1 of 2 with a 0.6 mm deposit.", PATHOLOGY, specimen=[{"reference": specimen}],
        performer=[{"reference": hospital}])
    braf = chart.lab("2022-10-05", coded(LOINC, "69548-6", "Genetic variant assessment"),
                     valueCodeableConcept=coded(LOINC, "LA9633-4", "Present"),
                     note=[{"text": "BRAF NM_004333.6:c.1799T>A p.(Val600Glu), allele fraction 34 %"}],
                     meta={"security": [{"system": ACT, "code": "GDIS"}]})
    chart.report("2022-10-05", coded(LOINC, "81247-9", "Master HL7 genetic variant reporting panel"),
                 "BRAF V600E 34 %. NRAS, KIT, NF1: no variant. TMB 12.10 mutations/megabase.", GENETICS, [braf])
    chart.lab("2022-10-05", coded(LOINC, "94076-7", "Mutations/Megabase [# Ratio] in Tumor"), "12.10",
              "1/1000000")
    for when, kind, text in (
            ("2024-01-19", "CT", "New liver lesions, segments V and VII, target sum 61 mm. Lung: 3 nodules."),
            ("2024-04-23", "PET", "Metabolic partial response. Target sum 38 mm, -38 %: PR by RECIST 1.1."),
            ("2024-10-15", "CT", "Progression: target sum 70 mm, two new liver lesions. PD."),
            ("2025-01-28", "CT", "Target sum 66 mm. Stable disease, SD."),
            ("2025-06-02", "CT", "Target sum 93 mm, +41 % from nadir. Progressive disease, PD."),
            ("2025-09-16", "PET", "Target sum 37 mm, -60 %. Partial response, PR."),
            ("2026-03-10", "CT", "Target sum 33 mm. Partial response maintained, PR."),
            ("2026-10-06", "CT", "Target sum 39 mm, +18 % from nadir. Stable disease by RECIST 1.1; watch liver VII.")):
        code = {"CT": ("18747-6", "CT Study report"), "PET": ("18758-3", "PET Study report")}[kind]
        chart.report(when, coded(LOINC, *code), text, RADIOLOGY)
    for when, text in (("2025-06-03", "One enhancing lesion, left parietal, 11 mm. No edema."),
                       ("2025-09-18", "Treated lesion 6 mm. No new lesion."),
                       ("2026-10-08", "Treated lesion 5 mm, unchanged. No new intracranial disease.")):
        chart.report(when, coded(LOINC, "18755-9", "MR Study report"), text, RADIOLOGY,
                     presentedForm=[{"contentType": "text/plain", "data": "TVIgYnJhaW4=", "title": "MR brain"}])


def surgery(chart, surgeon, brain):
    performer = [{"actor": {"reference": surgeon}}]
    chart.add("Procedure", chart.of({
        "status": "completed", "code": coded(SNOMED, "177303003", "Wide local excision of skin lesion",
                                              "Wide excision and sentinel node biopsy"),
        "performedDateTime": "2022-10-03", "performer": performer}))
    chart.add("Procedure", chart.of({
        "status": "completed", "code": coded(SNOMED, "1217123003", "Radiotherapy course of treatment",
                                             "Stereotactic radiosurgery, left parietal, 20 Gy in 1 fraction"),
        "performedPeriod": {"start": "2025-06-17", "end": "2025-06-17"}, "reasonReference": [{"reference": brain}]}))


def therapy(chart, melanoma, colitis):
    reason = {"reasonReference": [{"reference": melanoma}]}
    for when in ("2024-02-06", "2024-03-05", "2024-04-02", "2024-04-30", "2024-05-28", "2024-06-25", "2024-07-23",
                 "2024-08-20", "2024-09-17"):
        chart.given(NIVOLUMAB, when, "480", "mg", **reason)
    for when in ("2024-10-22", "2024-11-05"):
        chart.given(IPILIMUMAB, when, "204", "mg", **reason)
        chart.given(NIVOLUMAB, when, "68.0", "mg", **reason)
    for when in ("2025-02-04", "2025-03-04", "2025-04-01", "2025-04-29", "2025-05-27"):
        chart.given({"text": "NIVOLUMAB 480MG/48ML INJ [LHRX-2211]"}, when, "480", "mg", **reason)
    chart.drug(DABRAFENIB, "2025-07-01", "active", "150 mg twice a day", **reason)
    chart.drug(TRAMETINIB, "2025-07-01", "active", "2 mg once a day", **reason)
    chart.drug(coded(RXNORM, "8640", "prednisone"), "2024-11-09", "completed", "80 mg once a day, taper over 8 weeks",
               reasonReference=[{"reference": colitis}])
    chart.drug({"text": "lisinopril 10 mg"}, "2016", "active", "1 tablet every morning")
    chart.add("AdverseEvent", chart.of({
        "actuality": "actual", "event": {"text": "Immune-related colitis, CTCAE grade 3"}, "date": "2024-11-08",
        "resultingCondition": [{"reference": colitis}]}))


def bloods(chart, lab_b):
    """LDH by one method until March 2025 (IU/L, 125-220), by another after it (U/L, 313-618)."""
    months = [(year, month) for year in (2024, 2025, 2026) for month in range(1, 13) if (year, month) <= (2026, 10)]
    # How much the tumour, the colitis under ipilimumab + nivolumab and its prednisone show in the blood.
    tumour = [1.0] * 7 + [1.1, 1.35, 1.6, 1.75, 1.8, 1.5, 1.2, 1.2, 1.45, 1.8, 2.05, 1.9, 1.3] + [1.0] * 14
    colitis = [0] * 10 + [1, 0.8, 0.4, 0.2] + [0] * 20
    copied = None

    def about(value, spread, digits):
        return f"{value + chart.random.uniform(-spread, spread):.{digits}f}"

    for step, (year, month) in enumerate(months):
        when = f"{year}-{month:02d}-{10 + step % 7:02d}T08:{15 + step}:00-06:00"
        if (year, month) < (2025, 3):
            ldh = chart.lab(when, coded(LOINC, "14804-9", "Lactate dehydrogenase [Enzymatic activity/volume] in Serum "
                            "or Plasma by Lactate to pyruvate reaction"), about(178 * tumour[step], 9, 0), "IU/L",
                            "[IU]/L", "125", "220")
            copied = copied or ldh
        else:
            chart.lab(when, coded(LOINC_OID, "2532-0", "LDH"), about(465 * tumour[step], 22, 0), "U/L", "U/L", "313",
                      "618", method={"text": "pyruvate to lactate"}, performer=[{"reference": lab_b}])
        for code, name, value, unit, ucum in (
                ("718-7", "Hemoglobin [Mass/volume] in Blood", about(12.8 - 1.6 * colitis[step], 0.3, 1), "g/dL",
                 "g/dL"),
                ("6690-2", "Leukocytes [#/volume] in Blood", about(6.1 + 5.2 * colitis[step], 0.7, 2), "K/uL", None),
                ("777-3", "Platelets [#/volume] in Blood", about(236 + 90 * colitis[step], 16, 0), "x10^9/L", None),
                ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma",
                 about(24 + 31 * colitis[step] + (9 if step > 17 else 0), 4, 0), "U/L", "U/L"),
                ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", about(0.88, 0.07, 2), "mg/dl", None)):
            system = LOINC_OID if step % 4 == 1 else LOINC
            chart.lab(when, coded(system, code, name), value, unit, ucum)
    chart.twice(copied)
    chart.lab("2024-05", coded("urn:oid:" + LOINC_BARE_OID, "3016-3", "TSH"), "2.00", "mU/L", "m[IU]/L")
    chart.lab("2025", {"text": "S100B"}, "0.14")


def letters(chart, doctor, melanoma):
    text = ("Linden Hollow Regional Hospital, Oncology\n\nMaribel Q. Synthaver, born 9 Apr 1971 (synthetic)\n"
            "Melanoma, stage IV M1d, BRAF V600E. On dabrafenib and trametinib since July 2025, partial response.\n"
            "She asks whether TIL therapy should come now or at progression.\n").encode()
    chart.document("2026-10-20", LETTER, "Oncology letter", text, "text/plain", doctor)
    board = ["Tumor board, Linden Hollow", "Patient LH-0071934 (synthetic)",
             "Plan: continue dabrafenib + trametinib; next CT in 8 weeks.", "TIL referral (second opinion) discussed."]
    chart.document("2026-10-13", coded(LOINC, "34805-2", "Oncology Consult note", "Tumor board note"),
                   "Tumor board note", pdf(board), "application/pdf", doctor)
    chart.document("2022-10-03", coded(LOINC, "11504-8", "Surgical operation note"), "Operative note",
                   pdf(["Operative note", "Wide excision, right upper back; sentinel nodes."]), "application/pdf",
                   doctor)
    chart.document("2024-11-12", LETTER, "Letter on colitis", b"Colitis grade 3 after ipilimumab; prednisone.\n",
                   "text/plain", doctor, wrong_hash=True)
