#include "adapter/knowledge/code_maps.h"

#include <optional>
#include <set>
#include <tuple>

namespace consultd {
namespace {

using fhir::JsonView;
using Element = CodeCorrection::Element;
using Found = std::set<std::tuple<Element, std::string, std::string>>;

// The value sets to which R4 binds the elements that are looked at.
// https://hl7.org/fhir/R4/observation.html#bindings
std::optional<Element> element_of(std::string_view value_set) {
    if (value_set == "http://hl7.org/fhir/ValueSet/observation-codes")
        return Element::ObservationCode;
    if (value_set == "http://hl7.org/fhir/ValueSet/observation-category")
        return Element::ObservationCategory;
    return std::nullopt;
}

bool means_no_less(std::string_view equivalence) {
    return equivalence == "equal" || equivalence == "equivalent" || equivalence == "wider" ||
           equivalence == "subsumes";
}

class Reader {
public:
    Reader(const KnowledgeFile& file, KnowledgeProblems& problems,
           std::vector<CodeCorrection>& rows, Found& found)
        : file_(file), problems_(problems), rows_(rows), found_(found) {}

    void read() {
        const auto element = element_of(file_.json["sourceUri"].string());
        if (!element)
            add("ConceptMap.sourceUri",
                "must be the value set of observation-codes or of observation-category");
        element_ = element.value_or(Element::ObservationCode);
        const auto groups = file_.json["group"].items();
        if (groups.empty()) add("ConceptMap.group", "is missing");
        for (std::size_t i = 0; i < groups.size(); ++i)
            read_group("ConceptMap.group[" + std::to_string(i) + "]", groups[i]);
    }

private:
    void add(const std::string& path, std::string_view what) { problems_.add(file_, path, what); }

    void read_group(const std::string& where, JsonView group) {
        for (const std::string_view side : {"source", "target"})
            if (group[side].string().empty())
                add(where + "." + std::string(side), "is missing: a code needs its system");
        if (group.has("unmapped")) add(where + ".unmapped", "is not understood");
        const auto elements = group["element"].items();
        for (std::size_t i = 0; i < elements.size(); ++i)
            read_element(where + ".element[" + std::to_string(i) + "]", group, elements[i]);
    }

    void read_element(const std::string& where, JsonView group, JsonView element) {
        const auto targets = element["target"].items();
        if (targets.size() != 1) return add(where + ".target", "must be one");
        const JsonView target = targets[0];
        for (const std::string_view context : {"dependsOn", "product"})
            if (target.has(context))
                add(where + ".target[0]." + std::string(context), "is not understood");
        if (target["comment"].string().empty())
            add(where + ".target[0].comment", "is missing: it names the source of the row");
        if (!means_no_less(target["equivalence"].string()))
            add(where + ".target[0].equivalence",
                "must be one of: equal, equivalent, wider, subsumes");
        if (element["code"].string().empty()) add(where + ".code", "is missing");
        if (target["code"].string().empty()) add(where + ".target[0].code", "is missing");
        rows_.push_back({.element = element_,
                         .system = std::string(group["source"].string()),
                         .code = std::string(element["code"].string()),
                         .target_system = std::string(group["target"].string()),
                         .target_code = std::string(target["code"].string()),
                         .target_display = std::string(target["display"].string()),
                         .in_place = target["equivalence"].string() == "equal"});
        check_row(where, rows_.back());
    }

    void check_row(const std::string& where, const CodeCorrection& row) {
        if (row.in_place && row.system != row.target_system)
            add(where + ".target[0].equivalence", "equal is for codes of one system");
        if (!found_.emplace(row.element, row.system, row.code).second)
            add(where + ".code", "has a target already");
    }

    const KnowledgeFile& file_;
    KnowledgeProblems& problems_;
    std::vector<CodeCorrection>& rows_;
    Found& found_;
    Element element_ = Element::ObservationCode;
};

}  // namespace

CodeMaps::CodeMaps(std::vector<CodeCorrection> rows) {
    for (CodeCorrection& row : rows) {
        std::string code = row.code;
        by_code_.emplace(std::move(code), std::move(row));
    }
}

const CodeCorrection* CodeMaps::find(Element element, std::string_view system,
                                     std::string_view code) const {
    const auto [first, last] = by_code_.equal_range(std::string(code));
    for (auto row = first; row != last; ++row)
        if (row->second.element == element && row->second.system == system) return &row->second;
    return nullptr;
}

CodeMaps read_code_maps(std::span<const KnowledgeFile> files, KnowledgeProblems& problems) {
    std::vector<CodeCorrection> rows;
    Found found;
    for (const KnowledgeFile& file : files) Reader(file, problems, rows, found).read();
    return CodeMaps(std::move(rows));
}

}  // namespace consultd
