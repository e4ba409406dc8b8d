"""A chart under construction: R4 resources as dictionaries, and the faults that real charts have."""

import base64
import decimal
import hashlib
import json
import random
import re
import uuid

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
THO = "http://terminology.hl7.org/CodeSystem/"
LOINC_OID = "urn:oid:2.16.840.1.113883.6.1"
LOINC_BARE_OID = "2.16.840.1.113883.6.1"
NPI = "http://hl7.org/fhir/sid/us-npi"
NUMBER = re.compile(r'"@number:(-?[0-9.]+)"')


def number(text):
    """A decimal with the digits it is written with; `save` takes the mark off."""
    return f"@number:{decimal.Decimal(str(text))}"


def coded(system, code, display=None, text=None):
    coding = {"system": system, "code": code}
    if display:
        coding["display"] = display
    concept = {"coding": [coding]}
    if text or display:
        concept["text"] = text or display
    return concept


def quantity(value, unit, code=None, system=UCUM):
    result = {"value": number(value)}
    if unit:
        result["unit"] = unit
    if code:
        result["system"], result["code"] = system, code
    return result


def div(text):
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}


def pdf(lines):
    """A valid one-page PDF, by hand."""
    words = "BT /F1 10 Tf 50 790 Td 14 TL " + " ".join(
        "(%s) Tj T*" % line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines
    ) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(words)} >>\nstream\n{words}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = "%PDF-1.4\n", []
    for index, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{index} 0 obj\n{text}\nendobj\n"
    table = "".join("%010d 00000 n \n" % offset for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{out.index('xref')}\n%%EOF\n"
    return out.encode("latin-1")


class Chart:
    """`base` is the source's FHIR address; None: entries go by urn:uuid."""

    def __init__(self, seed, base, patient):
        self.random = random.Random(seed)
        self.base = base
        self.entries = []
        self.counters = {}
        self.story = patient["id"].split("-")[0]  # one server may hold several stories
        self.patient = self.add("Patient", patient)

    def address(self, kind, ident):
        if self.base:
            return f"{self.base}/{kind}/{ident}"
        return "urn:uuid:" + str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def add(self, kind, content, ident=None):
        self.counters[kind] = self.counters.get(kind, 0) + 1
        ident = ident or content.get("id") or f"{self.story}-{kind.lower()[:12]}-{self.counters[kind]:04d}"
        resource = {"resourceType": kind, "id": ident}
        resource.update({name: value for name, value in content.items() if value is not None})
        url = self.address(kind, ident)
        self.entries.append((url, resource))
        return f"{kind}/{ident}" if self.base else url

    def of(self, content):
        return dict({"subject": {"reference": self.patient}}, **content)

    def lab(self, when, concept, value=None, unit=None, code=None, low=None, high=None, **more):
        content = {
            "status": "final",
            "category": [coded(THO + "observation-category", "laboratory", "Laboratory")],
            "code": concept,
            "effectiveDateTime": when,
        }
        if value is not None:
            content["valueQuantity"] = quantity(value, unit, code)
        if low is not None or high is not None:
            bounds = {}
            for name, bound in (("low", low), ("high", high)):
                if bound is not None:
                    bounds[name] = quantity(bound, unit, code)
            content["referenceRange"] = [bounds]
        content.update(more)
        return self.add("Observation", self.of(content))

    def condition(self, concept, onset, status="active", **more):
        return self.add("Condition", self.of(dict({
            "clinicalStatus": coded(THO + "condition-clinical", status),
            "verificationStatus": coded(THO + "condition-ver-status", "confirmed"),
            "category": [coded(THO + "condition-category", "problem-list-item")],
            "code": concept, "onsetDateTime": onset}, **more)))

    def drug(self, concept, authored, status, dose, **more):
        return self.add("MedicationRequest", self.of(dict({
            "status": status, "intent": "order", "medicationCodeableConcept": concept,
            "authoredOn": authored, "dosageInstruction": [{"text": dose}]}, **more)))

    def given(self, concept, when, dose, unit, **more):
        return self.add("MedicationAdministration", self.of(dict({
            "status": "completed", "medicationCodeableConcept": concept, "effectiveDateTime": when,
            "dosage": {"text": f"{dose} {unit} IV", "dose": quantity(dose, unit, unit)}}, **more)))

    def report(self, when, concept, text, category=None, results=(), **more):
        return self.add("DiagnosticReport", self.of(dict({
            "status": "final", "category": [category] if category else None, "code": concept,
            "effectiveDateTime": when, "issued": when + "T15:00:00-06:00",
            "result": [{"reference": ref} for ref in results] or None,
            "conclusion": text}, **more)))

    def document(self, when, concept, title, data, mime, author, wrong_hash=False, **more):
        binary = self.add("Binary", {"contentType": mime, "data": base64.b64encode(data).decode()})
        seen = data + b"altered" if wrong_hash else data
        return self.add("DocumentReference", self.of(dict({
            "status": "current", "type": concept, "date": when + "T16:30:00-06:00",
            "category": [coded("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
                               "clinical-note", "Clinical Note")],
            "author": [{"reference": author}],
            "content": [{"attachment": {
                "contentType": mime, "title": title, "url": binary, "size": len(data),
                "hash": base64.b64encode(hashlib.sha1(seen).digest()).decode()}}]}, **more)))

    def visit(self, when, reason, practitioner, organization, **more):
        return self.add("Encounter", self.of(dict({
            "status": "finished", "class": {"system": ACT, "code": "AMB", "display": "ambulatory"},
            "type": [{"text": reason}], "period": {"start": when, "end": when},
            "participant": [{"individual": {"reference": practitioner}}],
            "serviceProvider": {"reference": organization}}, **more)))

    def twice(self, reference):
        """The same resource under a second id, as a second interface feeds it."""
        for url, resource in list(self.entries):
            if reference in (url, f"{resource['resourceType']}/{resource['id']}"):
                again = dict(resource)
                again.pop("id"), again.pop("resourceType")
                return self.add(resource["resourceType"], again, f"{resource['id']}-copy")
        raise KeyError(reference)

    def provenance(self, references, when, organization):
        return self.add("Provenance", {
            "target": [{"reference": ref} for ref in references], "recorded": when,
            "agent": [{"type": coded(THO + "provenance-participant-type", "author", "Author"),
                       "who": {"reference": organization}}]})

    def faults(self, when, organization, practitioner):
        """What every one of these charts has, and what must be handled and not merely survived."""
        decoy = self.add("Patient", {
            "id": f"{self.story}-decoy-patient",
            "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5.99999.9", "value": "DECOY-1"}],
            "name": [{"family": "Decoy-Never-Deliver", "given": ["Ignatz"]}], "gender": "male",
            "birthDate": "1931-01-01"})
        self.add("Observation", {
            "id": f"{self.story}-decoy-observation", "status": "final",
            "category": [coded(THO + "observation-category", "laboratory", "Laboratory")],
            "code": coded(LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood"),
            "subject": {"reference": decoy, "display": "Decoy-Never-Deliver"}, "effectiveDateTime": when,
            "valueQuantity": quantity("4.2", "g/dL", "g/dL"), "note": [{"text": "DECOY-NEVER-DELIVER"}]})
        self.lab(when, coded(LOINC, "2823-3", "Potassium [Moles/volume] in Serum or Plasma"), "9.9", "mmol/L",
                 "mmol/L", status="entered-in-error", note=[{"text": "hemolyzed, wrong tube"}])
        self.lab(when, {"text": "Vit D 25-OH (sendout)"}, "62", "units")
        self.lab(when, coded("urn:oid:1.2.840.114350.1.13.9999", "GLUC-POC", "Glucose, point of care"), "5.8",
                 "mmol/L", "mmol/L")
        # A molar unit under a LOINC code for a mass: the number must not be read as mg/dL.
        self.lab(when, coded(LOINC, "2160-0", "Creatinine [Mass/volume] in Serum or Plasma"), "88", "umol/L", "umol/L")
        self.lab(when, coded(LOINC, "1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"),
                 derivedFrom=[{"reference": "Observation/never-stored" if self.base else
                               "urn:uuid:00000000-dead-4bad-8bad-00000000dead"}],
                 valueString="> 1.2")
        self.add("Observation", self.of({
            "status": "final", "code": {"text": "Reviewed by"}, "effectiveDateTime": when,
            "contained": [{"resourceType": "Practitioner", "id": "locum", "name": [{"text": "Locum, A."}]}],
            "performer": [{"reference": "#locum"}], "valueString": "yes",
            "extension": [{"url": "https://ehr.example.org/fhir/StructureDefinition/queue", "valueCode": "A7"}]}))
        self.add("Observation", self.of({
            "status": "final", "code": {"text": "Statement of relative"}, "effectiveDateTime": when,
            "modifierExtension": [{"url": "https://ehr.example.org/fhir/StructureDefinition/negated",
                                   "valueBoolean": True}],
            "valueString": "unknown modifier: must not be read as it stands"}))
        self.add("Observation", self.of({
            "status": "final", "code": {"text": "Nurse comment"}, "effectiveDateTime": when,
            "text": div("<p>Comment</p><script>document.title='owned'</script>"), "valueString": "slept well"}))
        self.add("DocumentReference", self.of({
            "status": "current", "type": {"text": "Outside report"}, "date": when + "T09:00:00Z",
            "content": [{"attachment": {"contentType": "application/pdf", "title": "Outside report",
                                        "url": "https://files.elsewhere.invalid/share/outside-report.pdf"}}]}))

    def sensitive(self, year):
        """Labelled and unlabelled; a consent that withholds these must leave no word of them."""
        label = {"security": [{"system": ACT, "code": "PSY", "display": "psychiatry disorder information sensitivity"}]}
        depression = self.condition(coded(ICD10, "F33.1", "Major depressive disorder, recurrent, moderate"),
                                    f"{year}-02", meta=label)
        alcohol = self.condition(coded(ICD10, "F10.21", "Alcohol dependence, in remission"), f"{year - 6}", "remission")
        self.drug(coded(RXNORM, "312938", "Sertraline 100 MG Oral Tablet"), f"{year}-02-20", "active",
                  "100 mg once a day", reasonReference=[{"reference": depression,
                                                         "display": "Major depressive disorder"}])
        self.lab(f"{year}-03-02", coded(LOINC, "56888-1", "HIV 1+2 Ab+HIV1 p24 Ag [Presence] in Serum by Immunoassay"),
                 valueCodeableConcept=coded(SNOMED, "260385009", "Negative"))
        self.lab(f"{year}-02-19", coded(LOINC, "44249-1", "PHQ-9 quick depression assessment panel"),
                 valueInteger=14, category=[coded(THO + "observation-category", "survey", "Survey")])
        self.add("List", self.of({
            "status": "current", "mode": "working", "title": "Problem list, as printed",
            "text": div("<p>depression; alcohol dependence, in remission</p>"), "date": f"{year}-03-02",
            "entry": [{"item": {"reference": ref}} for ref in (depression, alcohol)]}))

    def save(self, path):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": []}
        for url, resource in self.entries:
            request = {"method": "POST", "url": resource["resourceType"]}
            if self.base:
                request = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
            bundle["entry"].append({"fullUrl": url, "resource": resource, "request": request})
        with open(path, "w", encoding="utf-8") as out:
            out.write('{"resourceType":"Bundle","type":"transaction","entry":[\n')
            lines = (NUMBER.sub(r"\1", json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
                     for entry in bundle["entry"])
            out.write(",\n".join(lines))
            out.write("\n]}\n")
