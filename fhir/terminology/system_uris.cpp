#include "fhir/terminology/system_uris.h"

#include <algorithm>
#include <iterator>

namespace consultd::fhir {
namespace {

struct Hl7System {
    const char* uri;
    const char* oid;  // "" where the definitions give none
};

#include "fhir/terminology/hl7_systems.inc"

struct Row {
    std::string_view from;  // an OID without "urn:oid:", or a URL as seen
    std::string_view to;
};

#define CONSULTD_HL7 "2.16.840.1.113883."
// OIDs, from https://hl7.org/fhir/R4/terminologies-systems.html and the NamingSystems of
// https://terminology.hl7.org.
constexpr Row oids[] = {
    {CONSULTD_HL7 "6.1", "http://loinc.org"},
    {CONSULTD_HL7 "6.96", "http://snomed.info/sct"},
    {CONSULTD_HL7 "6.88", "http://www.nlm.nih.gov/research/umls/rxnorm"},
    {CONSULTD_HL7 "6.90", "http://hl7.org/fhir/sid/icd-10-cm"},
    {CONSULTD_HL7 "6.3", "http://hl7.org/fhir/sid/icd-10"},
    {CONSULTD_HL7 "6.4", "http://www.cms.gov/Medicare/Coding/ICD10"},
    {CONSULTD_HL7 "6.103", "http://hl7.org/fhir/sid/icd-9-cm"},  // diagnoses
    {CONSULTD_HL7 "6.104", "http://hl7.org/fhir/sid/icd-9-cm"},  // procedures
    {CONSULTD_HL7 "6.12", "http://www.ama-assn.org/go/cpt"},
    {CONSULTD_HL7 "6.285", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"},
    {CONSULTD_HL7 "6.14", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"},  // retired
    {CONSULTD_HL7 "6.13", "http://www.ada.org/cdt"},
    {CONSULTD_HL7 "6.69", "http://hl7.org/fhir/sid/ndc"},
    {CONSULTD_HL7 "12.292", "http://hl7.org/fhir/sid/cvx"},
    {CONSULTD_HL7 "12.227", "http://hl7.org/fhir/sid/mvx"},
    {CONSULTD_HL7 "6.60", "http://hl7.org/fhir/sid/mvx"},  // old
    {CONSULTD_HL7 "6.8", "http://unitsofmeasure.org"},
    {CONSULTD_HL7 "4.9", "http://fdasis.nlm.nih.gov"},
    {CONSULTD_HL7 "6.209", "http://hl7.org/fhir/ndfrt"},
    {CONSULTD_HL7 "6.345", "http://va.gov/terminology/medrt"},
    {CONSULTD_HL7 "6.73", "http://www.whocc.no/atc"},
    {CONSULTD_HL7 "3.26.1.1", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"},
    {CONSULTD_HL7 "6.281", "http://www.genenames.org"},
    {CONSULTD_HL7 "6.282", "http://varnomen.hgvs.org"},
    {CONSULTD_HL7 "6.319", "http://www.ncbi.nlm.nih.gov/clinvar"},
    {CONSULTD_HL7 "6.43.1", "http://terminology.hl7.org/CodeSystem/icd-o-3"},
    {CONSULTD_HL7 "6.238", "urn:oid:2.16.840.1.113883.6.238"},  // the OID is the system
    {CONSULTD_HL7 "5.104", "urn:oid:2.16.840.1.113883.6.238"},  // v3-Race
    {CONSULTD_HL7 "6.101", "http://nucc.org/provider-taxonomy"},
    {CONSULTD_HL7 "15.5",
     "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"},
    {CONSULTD_HL7 "6.301.5", "http://www.nubc.org/patient-discharge"},
    {CONSULTD_HL7 "6.256", "http://www.radlex.org"},
    {"1.2.840.10008.2.16.4", "http://dicom.nema.org/resources/ontology/DCM"},
    {CONSULTD_HL7 "6.24", "urn:iso:std:iso:11073:10101"},
    {"1.3.160", "https://www.gs1.org/gtin"},
    {"1.0.3166.1", "urn:iso:std:iso:3166"},
    {"1.0.3166.1.2.2", "urn:iso:std:iso:3166"},
    {CONSULTD_HL7 "4.6", "http://hl7.org/fhir/sid/us-npi"},
    {CONSULTD_HL7 "4.1", "http://hl7.org/fhir/sid/us-ssn"},
    {CONSULTD_HL7 "4.927", "http://hl7.org/fhir/sid/us-mbi"},
    {CONSULTD_HL7 "4.572", "http://hl7.org/fhir/sid/us-medicare"},
    {CONSULTD_HL7 "4.814", "http://terminology.hl7.org/NamingSystem/USDEANumber"},
};
#undef CONSULTD_HL7

#define CONSULTD_THO "http://terminology.hl7.org/CodeSystem/"
// Variants seen in records (https://terminology.hl7.org), and the names that DSTU2 and STU3 gave
// and R4 changed (code maps of https://github.com/HL7/fhir-cross-version).
constexpr Row variants[] = {
    {"https://loinc.org", "http://loinc.org"},
    {"http://loinc.org/", "http://loinc.org"},
    {"https://loinc.org/", "http://loinc.org"},
    {CONSULTD_THO "icd10CM", "http://hl7.org/fhir/sid/icd-10-cm"},
    {"http://hl7.org/fhir/sid/icd-10-pcs", "http://www.cms.gov/Medicare/Coding/ICD10"},
    {CONSULTD_THO "icd10PCS", "http://www.cms.gov/Medicare/Coding/ICD10"},
    {"http://hl7.org/fhir/sid/icd-9", "http://hl7.org/fhir/sid/icd-9-cm"},
    {"http://hl7.org/fhir/sid/icd-9-pcs", "http://hl7.org/fhir/sid/icd-9-cm"},
    {"https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
     "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"},
    {CONSULTD_THO "CD2", "http://www.ada.org/cdt"},
    {"http://www.genenames.org/geneId", "http://www.genenames.org"},
    {CONSULTD_THO "v2-0005", "urn:oid:2.16.840.1.113883.6.238"},
    {CONSULTD_THO "PHRaceAndEthnicityCDC", "urn:oid:2.16.840.1.113883.6.238"},
    {CONSULTD_THO "v3-Race", "urn:oid:2.16.840.1.113883.6.238"},
    {"http://nema.org/dicom/dicm", "http://dicom.nema.org/resources/ontology/DCM"},
    {"http://dicom.nema.org/medical/dicom", "http://dicom.nema.org/resources/ontology/DCM"},
    {"http://hl7.org/fhir/v2/0078", CONSULTD_THO "v3-ObservationInterpretation"},
    {"http://hl7.org/fhir/allergy-clinical-status", CONSULTD_THO "allergyintolerance-clinical"},
    {"http://hl7.org/fhir/allergy-verification-status",
     CONSULTD_THO "allergyintolerance-verification"},
    {"http://hl7.org/fhir/identifier-type", CONSULTD_THO "v2-0203"},
    {"http://hl7.org/fhir/patient-contact-relationship", CONSULTD_THO "v2-0131"},
    {"http://hl7.org/fhir/marital-status", CONSULTD_THO "v3-MaritalStatus"},
    {"http://hl7.org/fhir/medication-request-status",
     "http://hl7.org/fhir/CodeSystem/medicationrequest-status"},
    {"http://hl7.org/fhir/medication-request-intent",
     "http://hl7.org/fhir/CodeSystem/medicationrequest-intent"},
    {"http://hl7.org/fhir/medication-statement-status",
     "http://hl7.org/fhir/CodeSystem/medication-statement-status"},
    {"http://hl7.org/fhir/medication-status", "http://hl7.org/fhir/CodeSystem/medication-status"},
    {"http://hl7.org/fhir/medication-dispense-status", CONSULTD_THO "medicationdispense-status"},
    {"http://hl7.org/fhir/medication-admin-status", CONSULTD_THO "medication-admin-status"},
    {"http://hl7.org/fhir/digital-media-type", CONSULTD_THO "media-type"},
};

constexpr std::string_view tho = CONSULTD_THO;
#undef CONSULTD_THO
constexpr std::string_view fhir_root = "http://hl7.org/fhir/";
constexpr std::string_view oid_prefix = "urn:oid:";
constexpr std::string_view v2_root = "2.16.840.1.113883.12.";
constexpr std::string_view snomed = "http://snomed.info/sct";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Three arcs at least, so that no version number is taken for one.
bool is_oid(std::string_view text) {
    if (text.empty() || text[0] < '0' || text[0] > '2' || text.back() == '.') return false;
    std::size_t arcs = 1;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '.') {
            if (text[i - 1] == '.') return false;
            ++arcs;
        } else if (!is_digit(text[i]) || (i == 1)) {
            return false;
        }
    }
    return arcs >= 3;
}

template <std::size_t size>
std::optional<std::string> look_up(const Row (&rows)[size], std::string_view from) {
    for (const Row& row : rows)
        if (row.from == from) return std::string(row.to);
    return std::nullopt;
}

bool is_hl7_system(std::string_view uri) {
    const auto found = std::lower_bound(
        std::begin(hl7_systems), std::end(hl7_systems), uri,
        [](const Hl7System& system, std::string_view wanted) { return system.uri < wanted; });
    return found != std::end(hl7_systems) && found->uri == uri;
}

// HL7 version 2's table 203 is 2.16.840.1.113883.12.203 and v2-0203.
std::optional<std::string> v2_table(std::string_view oid) {
    if (!oid.starts_with(v2_root)) return std::nullopt;
    std::string number(oid.substr(v2_root.size()));
    if (number.size() > 4 || !std::all_of(number.begin(), number.end(), is_digit))
        return std::nullopt;
    number.insert(0, 4 - number.size(), '0');
    std::string uri = std::string(tho) + "v2-" + number;
    return is_hl7_system(uri) ? std::optional(std::move(uri)) : std::nullopt;
}

std::string from_oid(std::string_view oid) {
    if (auto uri = look_up(oids, oid)) return *std::move(uri);
    if (auto uri = v2_table(oid)) return *std::move(uri);
    for (const Hl7System& system : hl7_systems)
        if (system.oid == oid) return look_up(variants, system.uri).value_or(system.uri);
    return std::string(oid_prefix) + std::string(oid);
}

// DSTU2 and STU3 kept under hl7.org/fhir what R4 keeps under terminology.hl7.org. What R4 still
// names under hl7.org/fhir stays there.
std::optional<std::string> moved_to_tho(std::string_view system) {
    if (!system.starts_with(fhir_root) || is_hl7_system(system)) return std::nullopt;
    const std::string_view name = system.substr(fhir_root.size());
    std::string uri(tho);
    if (name.starts_with("v2/"))
        uri.append("v2-").append(name.substr(3));
    else if (name.starts_with("v3/"))
        uri.append("v3-").append(name.substr(3));
    else
        uri.append(name);
    return is_hl7_system(uri) ? std::optional(std::move(uri)) : std::nullopt;
}

}  // namespace

std::optional<SystemUri> canonical_system(std::string_view system) {
    const bool urn = system.starts_with(oid_prefix);
    const std::string_view oid = urn ? system.substr(oid_prefix.size()) : system;
    if (is_oid(oid)) {
        std::string uri = from_oid(oid);
        if (uri == system) return std::nullopt;
        return SystemUri{std::move(uri), {}};
    }
    // http://snomed.info/sct/731000124108[/version/20230901] is edition and version, not system
    // (https://hl7.org/fhir/R4/snomedct.html).
    if (system.starts_with(snomed) && system.size() > snomed.size() + 1 &&
        system[snomed.size()] == '/' && is_digit(system[snomed.size() + 1]))
        return SystemUri{std::string(snomed), std::string(system)};
    if (auto uri = look_up(variants, system)) return SystemUri{*std::move(uri), {}};
    if (auto uri = moved_to_tho(system))
        return SystemUri{look_up(variants, *uri).value_or(*uri), {}};
    return std::nullopt;
}

}  // namespace consultd::fhir
