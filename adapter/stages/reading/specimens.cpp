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

constexpr std::string_view genetics_gene =
    "http://hl7.org/fhir/StructureDefinition/observation-geneticsGene";
constexpr std::string_view specimen_code =
    "http://hl7.org/fhir/StructureDefinition/observation-specimenCode";

JsonView extension_of(JsonView resource, std::string_view url) {
    for (const JsonView& one : resource["extension"].items())
        if (one["url"].string() == url) return one["valueCodeableConcept"];
    return {};
}

bool has_digit(std::string_view text) {
    return std::ranges::any_of(text, [](char one) { return one >= '0' && one <= '9'; });
}

// By its Specimen, by the code of one, by the display of the reference; a site such as "drain
// fluid" is a specimen too. A display with digits is a label of a tube.
SpecimenSaid said_of(JsonView specimen, std::string_view display, const fhir::Resource& one) {
    SpecimenSaid said = specimen_kind(specimen["type"]);
    if (!said.kind.empty()) return said;
    said = specimen_kind(extension_of(one.json(), specimen_code));
    if (!said.kind.empty()) return said;
    std::string kind(kind_of_words(display, kinds.size()));
    if (kind.empty() && !has_digit(display)) kind = lower(display);
    if (!kind.empty()) return {std::move(kind), std::string(display), false};
    const std::string site = concept_text(one["bodySite"]);
    return {std::string(kind_of_words(site, blood_row)), site, true};
}

// Where blood was drawn, and where a vital sign was taken, it is the same that was measured.
bool is_where_drawn(std::string_view site, std::string_view kind, const fhir::Resource& one) {
    if (site.empty() || kind == "blood" || has_code(one["category"], "vital-signs")) return true;
    constexpr std::string_view places =
        "vein,venous,arm,forearm,antecubital,cubital,hand,finger,fingertip,heel,port,catheter,line";
    const std::string said = lower(site);
    return has_code(one["category"], "laboratory") &&
           any_part(places, ',', [&](std::string_view word) { return has_word(said, word); });
}

// What components say was looked at: the gene and its change; a lesion, a side.
// https://loinc.org/48018-6 gene studied, 48004-6 DNA change, 48005-3 amino acid change
std::string looked_at(JsonView observation) {
    constexpr std::array<std::string_view, 3> codes = {"48018-6", "48004-6", "48005-3"};
    constexpr std::string_view names = "gene,lesion,site,location,joint,side,laterality,segment";
    std::string out;
    for (const JsonView& component : observation["component"].items()) {
        const Choice value = choice_of(component, "value");
        if (value.type != "CodeableConcept" && value.type != "String") continue;
        const std::string name = lower(concept_text(component["code"]));
        const bool is_it =
            std::ranges::any_of(codes,
                                [&](auto code) { return has_code(component["code"], code); }) ||
            any_part(names, ',', [&](std::string_view word) { return has_word(name, word); });
        if (is_it) join(out, "|", lower(choice_text(value)));
    }
    return out;
}

// What stands beside a name, without what the name or another part of it says already.
class Beside {
public:
    explicit Beside(std::string_view name) : told_(lower(name)) {}
    void add(std::string_view said) {
        const std::string folded = lower(said);
        if (said.empty() || told_.find(folded) != told_.npos) return;
        told_ += '|' + folded;
        join(words_, ", ", said);
    }
    const std::string& words() const { return words_; }

private:
    std::string told_, words_;
};

}  // namespace

SpecimenSaid specimen_kind(JsonView type) {
    SpecimenSaid out{{}, concept_text(type), false};
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

Specimens::Taken Specimens::taken(const Statement& one) const {
    JsonView reference = one.resource()["specimen"];
    JsonView owner = one.resource().json();
    if (const auto found = report_of_.find(one.record);
        reference.is_null() && found != report_of_.end()) {
        owner = found->second;
        reference = owner["specimen"].items()[0];
    }
    return {reading_.index().resolve(reference, owner), reference["display"].string()};
}

Origin Specimens::of(const Statement& one) const {
    const Taken from = taken(one);
    Origin out{said_of(from.specimen, from.display, one.resource()), {}, {}};
    const bool is_drawn = out.specimen.kind.ends_with("blood");
    const std::string site = concept_text(one.resource()["bodySite"]);
    if (!is_where_drawn(site, out.specimen.kind, one.resource())) join(out.apart, "|", lower(site));
    Beside beside(one.what);
    if (out.specimen.kind != "blood") beside.add(out.specimen.words);
    beside.add(site);
    if (!is_drawn) {
        const JsonView collection = from.specimen["collection"];
        join(out.apart, "|", lower(concept_text(collection["bodySite"])));
        beside.add(concept_text(collection["bodySite"]));
        beside.add(concept_text(collection["method"]));
    }
    const std::string gene = concept_text(extension_of(one.resource().json(), genetics_gene));
    join(out.apart, "|", lower(gene));
    beside.add(gene);
    join(out.apart, "|", looked_at(one.resource().json()));
    // How a number was got parts a line of numbers; of what is no number it is another finding.
    if (!one.resource().json().has("valueQuantity")) {
        const std::string method = concept_text(one.resource()["method"]);
        join(out.apart, "|", lower(method));
        beside.add(method);
    }
    out.words = beside.words();
    return out;
}

}  // namespace consultd
