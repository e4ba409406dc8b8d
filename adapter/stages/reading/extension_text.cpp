#include "adapter/stages/reading/extension_text.h"

#include <algorithm>
#include <array>

#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t value_bytes_max = 200;
constexpr int depth_max = 4;

// The rest of it says who, where or for whose account, and not what of the patient.
constexpr std::array<std::string_view, 22> clinical = {"AdverseEvent",
                                                       "AllergyIntolerance",
                                                       "CarePlan",
                                                       "ClinicalImpression",
                                                       "Condition",
                                                       "DetectedIssue",
                                                       "Device",
                                                       "DeviceUseStatement",
                                                       "DiagnosticReport",
                                                       "FamilyMemberHistory",
                                                       "Flag",
                                                       "Goal",
                                                       "ImagingStudy",
                                                       "Immunization",
                                                       "Medication",
                                                       "MedicationDispense",
                                                       "MedicationRequest",
                                                       "MedicationAdministration",
                                                       "MedicationStatement",
                                                       "Observation",
                                                       "Procedure",
                                                       "ServiceRequest"};

// Extensions that a rule of ours reads, by how their URL ends.
constexpr std::array<std::string_view, 12> read_elsewhere = {"data-absent-reason",
                                                             "event-statusReason",
                                                             "allergyintolerance-reasonRefuted",
                                                             "observation-geneticsGene",
                                                             "observation-specimenCode",
                                                             "observation-focusCode",
                                                             "-replaces",
                                                             "-addendumOf",
                                                             "treatment-termination-reason",
                                                             "icd-10-gm-diagnosesicherheit",
                                                             "instance-name",
                                                             "instance-description"};

// Words of a name that say that it is for machines.
constexpr std::array<std::string_view, 14> technical = {
    "id",      "ids",      "identifier", "uid",  "uuid",      "guid", "oid",
    "version", "template", "accession",  "hash", "timestamp", "url",  "rank"};

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }

// "radiotherapy dose delivered to volume" of ".../mcode-radiotherapy-dose-delivered-to-volume",
// "total dose delivered" of "totalDoseDelivered". Empty: no name that people read.
std::string name_of(std::string_view url) {
    const std::string_view last = url.substr(url.find_last_of("/:#") + 1);
    std::string out;
    for (std::size_t i = 0; i < last.size(); ++i) {
        const bool is_word_start = is_upper(last[i]) && i > 0 && is_lower(last[i - 1]);
        if (is_word_start) out += ' ';
        out += last[i] == '-' || last[i] == '_' || last[i] == '.' ? ' ' : last[i];
    }
    out = lower(out);
    for (const std::string_view guide : {"mcode ", "us core ", "extension ", "ext ", "onco core "})
        if (out.starts_with(guide)) out.erase(0, guide.size());
    const bool has_letters = std::ranges::count_if(out, is_lower) >= 3;
    const bool is_technical =
        std::ranges::any_of(technical, [&](auto word) { return has_word(out, word); });
    return has_letters && !is_technical ? out : std::string();
}

bool is_read_elsewhere(std::string_view url) {
    return std::ranges::any_of(read_elsewhere, [&](auto end) { return url.ends_with(end); });
}

// Of a value that people read; of a reference what it is called.
std::string value_of(JsonView extension) {
    constexpr std::string_view machine[] = {"Uri",          "Url",        "Canonical", "Oid",
                                            "Uuid",         "Identifier", "Id",        "Meta",
                                            "Base64Binary", "Signature",  "Instant"};
    const Choice value = choice_of(extension, "value");
    if (std::ranges::find(machine, value.type) != std::end(machine)) return {};
    std::string out;
    if (value.type == "Reference" || value.type == "Coding")
        out = concept_text(value.value);
    else if (value.type == "Boolean")
        out = value.value.is_true() ? "yes" : "no";
    else
        out = choice_text(value);
    if (out.size() <= value_bytes_max) return out;
    std::size_t cut = value_bytes_max;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80) --cut;
    return out.substr(0, cut) + "…";
}

// "dose delivered: volume Chest wall, total dose delivered 5000 cGy": what lies within another is
// told after its name.
std::string one_text(JsonView extension, int depth) {
    const std::string_view url = extension["url"].string();
    const std::string name = name_of(url);
    if (name.empty() || is_read_elsewhere(url)) return {};
    std::string said = value_of(extension);
    if (depth < depth_max)
        for (const JsonView& part : extension["extension"].items())
            join(said, ", ", one_text(part, depth + 1));
    if (said.empty()) return {};
    return name + (depth == 0 ? ": " : " ") + said;
}

}  // namespace

std::string extensions_text(const fhir::Resource& resource) {
    std::string out;
    if (std::ranges::find(clinical, resource.type()) == clinical.end()) return out;
    for (const JsonView& extension : resource["extension"].items())
        join(out, "; ", one_text(extension, 0));
    return out;
}

std::string sites_text(JsonView concepts) {
    const auto one_site = [](JsonView site) {
        std::string out = concept_text(site), beside;
        for (const JsonView& extension : site["extension"].items())
            if (const std::string said = value_of(extension);
                !name_of(extension["url"].string()).empty() &&
                lower(out).find(lower(said)) == std::string::npos)
                join(beside, ", ", said);
        if (!beside.empty()) out += out.empty() ? beside : " (" + beside + ")";
        return out;
    };
    if (!concepts.is_array()) return one_site(concepts);
    std::string out;
    for (const JsonView& site : concepts.items()) join(out, "; ", one_site(site));
    return out;
}

}  // namespace consultd
