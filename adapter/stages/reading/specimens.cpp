#include "adapter/stages/reading/specimens.h"

#include <algorithm>
#include <array>

#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

struct KindRow {
    StaticText kind;
    std::string_view codes;  // parted by spaces
    std::string_view words;  // parted by commas; any of them, as words of their own
};

// The first row that a word stands in: "arterial blood" is not "blood", "pleural fluid" no "fluid".
// https://terminology.hl7.org/CodeSystem-v2-0487.html ; https://snomed.info/sct
constexpr std::array<KindRow, 19> kinds = {{
    {"cord blood", "122556008 BLDCO", "cord blood,umbilical"},
    {"arterial blood", "122552005 BLDA", "arterial blood,arterial,arterialized"},
    {"capillary blood", "122554006 BLDC", "capillary blood,capillary,fingerstick,dried blood"},
    {"urine", "122575003 276833005 258574006 278020009 122565001 258566005 UR URC URT URNS",
     "urine,urinary"},
    {"cerebrospinal fluid", "258450006 CSF", "csf,cerebrospinal,cerebral spinal,spinal fluid"},
    {"stool", "119339001 STL", "stool,faeces,feces,fecal,faecal"},
    {"saliva", "119342007 SAL", "saliva,oral fluid"},
    {"sputum", "119334006 SPT", "sputum"},
    {"pleural fluid", "418564007 PLR", "pleural,pleural fluid"},
    {"peritoneal fluid", "168139001 PRT", "ascites,ascitic,peritoneal"},
    {"pericardial fluid", "122571007 PCFL", "pericardial"},
    {"synovial fluid", "119332005 SNV", "synovial,joint fluid"},
    {"amniotic fluid", "119373006 AMN", "amniotic"},
    {"bone marrow", "119359002 BON MAR", "bone marrow,marrow"},
    {"lavage", "258607008 BAL", "lavage,bronchoalveolar"},
    {"sweat", "122569007 SWT", "sweat"},
    {"tissue", "119376003 TISS", "tissue,biopsy"},
    {"body fluid", "309051001 FLU", "body fluid,drain fluid,dialysate"},
    {"blood", "119297000 119364003 119361006 122555007 258580003 BLD BLDV SER PLAS WB",
     "blood,serum,plasma,venous,edta"},
}};
constexpr std::size_t blood_row = kinds.size() - 1;

bool any_part(std::string_view list, char between, const auto& is) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(between), list.size());
        if (is(list.substr(0, end))) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

std::string_view kind_of_words(std::string_view text, std::size_t rows) {
    const std::string said = lower(text);
    for (const KindRow& row : std::span(kinds).first(rows))
        if (any_part(row.words, ',', [&](std::string_view word) { return has_word(said, word); }))
            return row.kind.view();
    return {};
}

std::string_view kind_of_code(std::string_view code) {
    if (code.empty()) return {};
    for (const KindRow& row : kinds)
        if (any_part(row.codes, ' ', [&](std::string_view one) { return one == code; }))
            return row.kind.view();
    return {};
}

}  // namespace

SpecimenSaid specimen_kind(JsonView type) {
    SpecimenSaid out{{}, concept_text(type)};
    for (const JsonView& coding : type["coding"].items())
        if (out.kind.empty()) out.kind = kind_of_code(coding["code"].string());
    for (const JsonView& coding : type["coding"].items())
        if (out.kind.empty()) out.kind = kind_of_words(coding["display"].string(), kinds.size());
    if (out.kind.empty()) out.kind = kind_of_words(out.words, kinds.size());
    if (out.kind.empty()) out.kind = lower(out.words);
    return out;
}

std::string specimen_in_name(std::string_view name) {
    // "… [Moles/volume] in Blood" names it in a place of its own.
    const std::size_t in = name.find("] in ");
    if (in != name.npos) return std::string(kind_of_words(name.substr(in), kinds.size()));
    return std::string(kind_of_words(name, blood_row));
}

Specimens::Specimens(const Reading& reading) : reading_(reading) {
    for (const Statement& one : reading.all()) {
        const JsonView report = one.resource().json();
        if (one.resource().type() != "DiagnosticReport" || report["specimen"].size() != 1) continue;
        for (const JsonView& result : report["result"].items())
            if (const auto* found = reading.index().find(result["reference"].string()))
                report_of_.emplace(found, report);
    }
}

SpecimenSaid Specimens::of(const Statement& one) const {
    JsonView reference = one.resource()["specimen"];
    JsonView owner = one.resource().json();
    if (const auto found = report_of_.find(one.record);
        reference.is_null() && found != report_of_.end()) {
        owner = found->second;
        reference = owner["specimen"].items()[0];
    }
    const JsonView specimen = reading_.index().resolve(reference, owner);
    SpecimenSaid said = specimen_kind(specimen["type"]);
    if (!said.kind.empty()) return said;
    const std::string_view display = reference["display"].string();
    return {std::string(kind_of_words(display, kinds.size())), std::string(display)};
}

}  // namespace consultd
