// A FHIR ValueSet as a list of sensitive codes. https://hl7.org/fhir/R4/valueset.html
#include <algorithm>
#include <set>

#include "adapter/knowledge/sensitivity.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Codes = std::set<std::pair<std::string, std::string>>;  // system, code

// The code of v3-ActCode in the context of code "focus"; empty: there is none.
std::string_view label_of(JsonView value_set) {
    for (const JsonView context : value_set["useContext"].items()) {
        if (context.at("code", "code").string() != "focus") continue;
        for (const JsonView coding : context.at("valueCodeableConcept", "coding").items())
            if (coding["system"].string() == "http://terminology.hl7.org/CodeSystem/v3-ActCode" &&
                is_sensitivity_label(coding["code"].string()))
                return coding["code"].string();
    }
    return {};
}

class Reader {
public:
    Reader(const KnowledgeFile& file, KnowledgeProblems& problems)
        : file_(file), problems_(problems) {}

    // What is abstract or inactive counts too: a record may still carry it.
    std::size_t add_contained(JsonView contains, const std::string& where) {
        std::size_t count = 0;
        const auto items = contains.items();
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::string here = where + ".contains[" + std::to_string(i) + "]";
            ++count;
            if (items[i].has("code")) add(items[i]["system"].string(), items[i], here);
            count += add_contained(items[i]["contains"], here);
        }
        return count;
    }

    // What only a terminology server can work out is refused, never left out.
    void add_composed(JsonView sets, const std::string& where) {
        const auto items = sets.items();
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::string here = where + "[" + std::to_string(i) + "]";
            if (items[i].has("filter") || items[i].has("valueSet") || !items[i].has("concept"))
                problems_.add(file_, here, "does not list its codes, and there is no expansion");
            for (const JsonView one : items[i]["concept"].items())
                add(items[i]["system"].string(), one, here);
        }
    }

    Codes take() { return std::move(codes_); }

private:
    void add(std::string_view system, JsonView one, const std::string& where) {
        if (system.empty()) problems_.add(file_, where, "has a code without a system");
        codes_.emplace(system, one["code"].string());
    }

    const KnowledgeFile& file_;
    KnowledgeProblems& problems_;
    Codes codes_;
};

Codes codes_of(const KnowledgeFile& file, KnowledgeProblems& problems) {
    const JsonView expansion = file.json["expansion"];
    Reader reader(file, problems);
    if (expansion.is_object()) {
        const std::size_t count = reader.add_contained(expansion["contains"], "ValueSet.expansion");
        const auto total = expansion["total"].integer();
        if (total && *total > static_cast<std::int64_t>(count))
            problems.add(file, "ValueSet.expansion", "is only a part of the whole");
        return reader.take();
    }
    reader.add_composed(file.json["compose"]["include"], "ValueSet.compose.include");
    Codes codes = reader.take();
    Reader left_out(file, problems);
    left_out.add_composed(file.json["compose"]["exclude"], "ValueSet.compose.exclude");
    for (const auto& one : left_out.take()) codes.erase(one);
    return codes;
}

}  // namespace

void read_value_set(const KnowledgeFile& file, Sensitivity::Tables& tables,
                    KnowledgeProblems& problems) {
    const std::string_view label = label_of(file.json);
    if (label.empty())
        problems.add(file, "ValueSet.useContext",
                     "must have the code focus with a sensitivity code of v3-ActCode");
    const Codes codes = codes_of(file, problems);
    if (codes.empty()) problems.add(file, "ValueSet", "lists no code");
    const int number = static_cast<int>(tables.rows.size());
    tables.rows.push_back({std::string(label),
                           {},
                           Sensitivity::Level::Certain,
                           file.name,
                           std::string(file.json["url"].string())});
    for (const auto& [system, code] : codes) tables.codes.push_back({number, system, code});
}

}  // namespace consultd
