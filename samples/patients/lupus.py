"""Lupus with nephritis and antiphospholipid antibodies: eleven years of visits at three sites."""

from chart import (ICD10, LOINC, LOINC_OID, NPI, RXNORM, SNOMED, THO, Chart, coded, div, pdf)

PATHOLOGY = coded(THO + "v2-0074", "SP", "Surgical Pathology")


def make():
    chart = Chart(20263, "https://fhir.threerivers.example/r4", {
        "id": "lupus-1", "text": div("<p>Synthetic patient</p>"),
        "identifier": [{"type": coded(THO + "v2-0203", "MR"), "system": "https://fhir.threerivers.example/mrn",
                        "value": "TR-59-0032"},
                       {"system": "urn:oid:2.16.840.1.113883.19.5.61.3", "value": "GV-88120"}],
        "name": [{"use": "official", "family": "Quillfeather-Test", "given": ["Amaranta"]},
                 {"use": "maiden", "family": "Orovida-Test", "given": ["Amaranta"]}],
        "gender": "female", "birthDate": "1989-07-30"})
    sites = [chart.add("Organization", {"identifier": [{"system": NPI, "value": value}], "name": name}) for value, name in (
        ("1770777777", "Three Rivers University Hospital"), ("1660666666", "Greenvale Family Practice"),
        ("1550555555", "Harbor Street Nephrology"))]
    doctors = [chart.add("Practitioner", {"name": [{"text": name}]}) for name in (
        "Ferreira-Sample, Dunja, MD", "Adebayo-Sample, Lior, MD", "Kestrel-Sample, Noor, MD")]
    lupus = chart.condition(coded(SNOMED, "55464009", "Systemic lupus erythematosus"), "2015-10", recordedDate="2015-11-17")
    nephritis = chart.condition(coded(ICD10, "M32.14", "Glomerular disease in systemic lupus erythematosus"), "2019-03-12")
    chart.condition(coded(SNOMED, "26843008", "Antiphospholipid syndrome"), "2021-06-04")
    chart.condition({"text": "SLE"}, "2015", recordedDate="2016-02-01")
    chart.add("AllergyIntolerance", {
        "clinicalStatus": coded(THO + "allergyintolerance-clinical", "active"), "code": {"text": "Sulfa drugs"},
        "patient": {"reference": chart.patient}, "recordedDate": "2012",
        "reaction": [{"manifestation": [{"text": "rash and fever"}], "severity": "moderate"}]})
    visits(chart, sites, doctors, lupus)
    serology(chart, sites)
    trends(chart)
    kidney(chart, nephritis, sites)
    drugs(chart, lupus, nephritis)
    letters(chart, doctors)
    chart.provenance([lupus, nephritis], "2026-10-27T18:30:00Z", sites[0])
    chart.sensitive(2020)
    chart.faults("2026-10-27", sites[0], doctors[0])
    return chart


def visits(chart, sites, doctors, lupus):
    reasons = ("Rheumatology follow-up", "joint pain", "Kidney clinic")
    for step in range(36):
        site = chart.random.choice((0, 0, 1, 2)) if step > 12 else chart.random.choice((0, 1))
        when = f"{2015 + (step + 3) // 4 + 1 if step > 2 else 2015}-{1 + step * 5 % 12:02d}-{2 + step * 3 % 26:02d}"
        if when > "2026-11-01":
            when = "2026-10-27"
        visit = chart.visit(when, reasons[site], doctors[site], sites[site], reasonReference=[{"reference": lupus}])
        if step % 6 == 0:
            chart.lab(when, {"text": "SLEDAI-2K"}, valueInteger=chart.random.randint(2, 16),
                      category=[coded(THO + "observation-category", "survey")], encounter={"reference": visit})


def serology(chart, sites):
    chart.lab("2015-10-29", coded(LOINC, "5048-4", "Nuclear Ab [Titer] in Serum by Immunofluorescence"),
              valueString="1:1280 homogeneous", performer=[{"reference": sites[1]}])
    chart.lab("2015-11-03", {"text": "Anti-Sm"}, valueString="positive")
    for when in ("2021-03-08", "2021-06-04"):
        chart.lab(when, {"text": "Lupus anticoagulant (dRVVT)"}, valueCodeableConcept={"text": "present"})
        chart.lab(when, {"text": "Anticardiolipin IgG"}, "58", "GPL", None, None, "20")
        chart.lab(when, coded("urn:oid:2.16.840.1.113883.19.5.61.9", "B2GPG", "beta-2 glycoprotein I IgG"), "44.0", "U/mL", "U/mL")


def trends(chart):
    """Every two months since the kidney was found; dsDNA in IU/mL, then by another assay."""
    copied = None
    months = [(year, month) for year in range(2019, 2027) for month in range(1, 12, 2) if (year, month) <= (2026, 10)]
    for step, (year, month) in enumerate(months):
        when = f"{year}-{month:02d}-{5 + step % 20:02d}" if step % 9 else f"{year}-{month:02d}"
        flare = 1.0 + 1.6 * ((2019, 1) <= (year, month) < (2019, 11)) + 1.2 * ((2023, 3) < (year, month) < (2024, 2))
        old = (year, month) < (2022, 1)
        dsdna = chart.lab(when, coded(LOINC if old else LOINC_OID, "5130-0", "DNA double strand Ab [Units/volume] in Serum"),
                          str(round((38 if old else 12) * flare) + step % 7), "IU/mL", "[IU]/mL", None, "30" if old else "10",
                          method={"text": "ELISA" if old else "Crithidia, quantitative"})
        copied = copied or dsdna
        for code, name, value, unit, ucum, low, high in (
                ("4485-9", "Complement C3 [Mass/volume] in Serum or Plasma", f"{98 / flare:.0f}", "mg/dl", None, "90", "180"),
                ("4498-2", "Complement C4 [Mass/volume] in Serum or Plasma", f"{17 / flare:.2f}", "mg/dL", "mg/dL", "10", "40"),
                ("2890-2", "Protein/Creatinine [Mass Ratio] in Urine", f"{0.42 * flare * flare:.2f}", "g/g", "g/g", None,
                 "0.20"),
                ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", f"{0.78 * (1 + (flare - 1) / 4):.2f}", "mg/dL", "mg/dL",
                 "0.51", "0.95"),
                ("6690-2", "Leukocytes [#/volume] in Blood", f"{4.6 / (1 + (flare - 1) / 5):.1f}", "K/uL", None, "3.5", "10.5")):
            chart.lab(when, coded(LOINC, code, name), value, unit, ucum, low, high)
    chart.twice(copied)
    chart.lab("2023-09-12", coded(LOINC, "2890-2", "Protein/Creatinine [Mass Ratio] in Urine"), "147", "mg/mmol", "mg/mmol")
    for when, value in (("2019-03-05", "61"), ("2023-06-13", "48"), ("2026-09-08", "22")):
        chart.lab(when, coded(LOINC, "4537-7", "Erythrocyte sedimentation rate by Westergren method"), value, "mm/hr")


def kidney(chart, nephritis, sites):
    biopsy = chart.add("Procedure", chart.of({
        "status": "completed", "code": coded(SNOMED, "7246002", "Kidney biopsy"), "performedDateTime": "2019-03-12",
        "reasonReference": [{"reference": nephritis}], "performer": [{"actor": {"reference": sites[2]}}]}))
    chart.report("2019-03-15", coded(LOINC, "11529-5", "Surgical pathology study", "Kidney biopsy"),
                 "Lupus nephritis, ISN/RPS class IV-S (A), 14 glomeruli, 5 with crescents. NIH activity 9/24, "
                 "chronicity 2/12.", PATHOLOGY)
    chart.add("ImagingStudy", chart.of({
        "status": "available", "started": "2019-03-11", "description": "Renal ultrasound",
        "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "US"}],
        "procedureReference": {"reference": biopsy}}))


def drugs(chart, lupus, nephritis):
    chart.drug(coded(RXNORM, "5521", "hydroxychloroquine"), "2015-11-17", "active", "200 mg twice a day; 300 mg a day since 2022",
               reasonReference=[{"reference": lupus}])
    chart.drug(coded(RXNORM, "68149", "mycophenolate mofetil"), "2019-03-20", "active", "1500 mg twice a day; 1000 mg since 2021",
               reasonReference=[{"reference": nephritis}])
    chart.drug({"text": "belimumab 200 mg SC weekly"}, "2023-11-14", "active", "once a week")
    chart.drug(coded(RXNORM, "1191", "aspirin"), "2021-06-04", "active", "81 mg once a day")
    for when, start in (("2015-11-17", 20), ("2019-03-13", 60), ("2023-04-18", 40)):
        for week, dose in enumerate((start, start * 3 // 4, start // 2, start // 4, 5)):
            chart.drug(coded(RXNORM, "8640", "prednisone"), when if week == 0 else when[:7], "completed",
                       f"{dose} mg once a day, taper step {week + 1}", reasonReference=[{"reference": lupus}])
    chart.add("MedicationStatement", chart.of({
        "status": "stopped", "medicationCodeableConcept": {"text": "azathioprine"},
        "effectivePeriod": {"start": "2017", "end": "2019-03"}, "dateAsserted": "2019-03-13",
        "statusReason": [{"text": "nephritis in spite of it"}]}))


def letters(chart, doctors):
    consult = coded(LOINC, "34839-1", "Rheumatology Consult note")
    chart.document("2026-10-27", consult, "Rheumatology letter", (
        "Three Rivers University Hospital, Rheumatology\n\nAmaranta Quillfeather-Test, born 30 Jul 1989 (synthetic)\n"
        "Class IV nephritis 2019, flare 2023. She wishes to become pregnant: which drugs, and when?\n").encode(),
        "text/plain", doctors[0])
    chart.document("2019-03-15", coded(LOINC, "11529-5", "Surgical pathology study"), "Kidney biopsy",
                   pdf(["Kidney biopsy, 12 Mar 2019", "Class IV-S (A). Synthetic report."]), "application/pdf", doctors[2])
    chart.document("2021-06-11", consult, "Letter on antibodies", b"Triple positive, twice, 12 weeks apart.\n", "text/plain",
                   doctors[0], wrong_hash=True)
