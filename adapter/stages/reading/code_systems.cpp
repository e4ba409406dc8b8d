#include "adapter/stages/reading/code_systems.h"

#include <algorithm>
#include <iterator>

namespace consultd {
namespace {

struct System {
    std::string_view uri, name;
};
// The last ones: https://simplifier.net/basisprofil-de-r4
constexpr System systems[] = {{"http://loinc.org", "LOINC"},
                              {"http://snomed.info/sct", "SNOMED CT"},
                              {"http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"},
                              {"http://hl7.org/fhir/sid/ndc", "NDC"},
                              {"http://hl7.org/fhir/sid/cvx", "CVX"},
                              {"http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"},
                              {"http://hl7.org/fhir/sid/icd-10", "ICD-10"},
                              {"http://hl7.org/fhir/sid/icd-9-cm", "ICD-9-CM"},
                              {"http://www.cms.gov/Medicare/Coding/ICD10", "ICD-10-PCS"},
                              {"http://id.who.int/icd/release/11/mms", "ICD-11"},
                              {"http://terminology.hl7.org/CodeSystem/icd-o-3", "ICD-O-3"},
                              {"http://www.ama-assn.org/go/cpt", "CPT"},
                              {"http://terminology.hl7.org/CodeSystem/HCPCS", "HCPCS"},
                              {"http://www.whocc.no/atc", "ATC"},
                              {"http://fdasis.nlm.nih.gov", "UNII"},
                              {"https://dmd.nhs.uk", "dm+d"},
                              {"http://www.genenames.org", "HGNC"},
                              {"http://www.orpha.net", "Orphanet"},
                              {"http://hl7.org/fhir/sid/icpc-1", "ICPC-1"},
                              {"http://hl7.org/fhir/sid/icpc-2", "ICPC-2"},
                              {"http://fhir.de/CodeSystem/bfarm/icd-10-gm", "ICD-10-GM"},
                              {"http://fhir.de/CodeSystem/dimdi/icd-10-gm", "ICD-10-GM"},
                              {"http://fhir.de/CodeSystem/bfarm/ops", "OPS"},
                              {"http://fhir.de/CodeSystem/dimdi/ops", "OPS"},
                              {"http://fhir.de/CodeSystem/bfarm/atc", "ATC"},
                              {"http://fhir.de/CodeSystem/dimdi/atc", "ATC"},
                              {"http://fhir.de/CodeSystem/ifa/pzn", "PZN"}};

}  // namespace

std::string_view system_name(std::string_view uri) {
    const auto* const found = std::ranges::find(systems, uri, &System::uri);
    return found == std::end(systems) ? std::string_view() : found->name;
}

}  // namespace consultd
