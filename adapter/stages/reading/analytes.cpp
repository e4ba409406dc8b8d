#include "adapter/stages/reading/analytes.h"

#include <algorithm>
#include <map>
#include <set>

#include "adapter/stages/reading/quantity_name.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::string_view loinc = "http://loinc.org";

// The LOINC code, else the first code, else the text.
std::string code_key(const fhir::Resource& one) {
    const auto codings = one["code"]["coding"].items();
    for (const JsonView& coding : codings)
        if (coding["system"].string() == loinc && !coding["code"].string().empty())
            return "loinc|" + std::string(coding["code"].string());
    for (const JsonView& coding : codings)
        if (!coding["code"].string().empty())
            return std::string(coding["system"].string()) + '|' +
                   std::string(coding["code"].string());
    return "text|" + lower(concept_text(one["code"]));
}

bool is_percent(const fhir::Resource& one) {
    const JsonView value = one["valueQuantity"];
    return value["unit"].string() == "%" || value["code"].string() == "%";
}

// "hemoglobin" of "hemoglobin [moles/volume] in blood": a concentration has one name, whatever it
// is counted in. A ratio, a fraction, a presence is another quantity.
std::string component_of(const std::string& name) {
    for (const std::string_view property :
         {" [mass/volume] in ", " [moles/volume] in ", " [#/volume] in "})
        if (const std::size_t at = name.find(property); at != name.npos) return name.substr(0, at);
    return {};
}

// The names that a concept is given, in lower case.
std::vector<std::string> names_of(JsonView code) {
    std::vector<std::string> names;
    if (const std::string_view text = code["text"].string(); !text.empty())
        names.push_back(lower(text));
    for (const JsonView& coding : code["coding"].items())
        if (const std::string_view said = coding["display"].string(); !said.empty())
            names.push_back(lower(said));
    if (names.empty()) names.push_back(lower(concept_text(code)));
    for (std::size_t i = names.size(); i-- > 0;)
        if (std::string component = component_of(names[i]); !component.empty())
            names.push_back(std::move(component));
    return names;
}

// Two tables as one list, found by code and by name; the first row that has one has it.
class Rows {
public:
    Rows(const Specialty& specialty, const Specialties& all) : words_(all.quantity_words) {
        for (const auto& list : {std::span(specialty.key_values), std::span(all.analytes)})
            for (const KeyValue& row : list) {
                for (const CodeSet::Code& code : row.codes.codes())
                    by_code_.emplace(code.system + '|' + code.code, rows_.size());
                for (const std::string& name : row.names)
                    by_name_.emplace(quantity_key(name), rows_.size());
                rows_.push_back(&row);
            }
    }

    static constexpr std::size_t none = std::string_view::npos;
    const KeyValue& operator[](std::size_t row) const { return *rows_[row]; }

    std::size_t by_code(JsonView code) const {
        for (const JsonView& coding : code["coding"].items())
            if (const auto found = by_code_.find(std::string(coding["system"].string()) + '|' +
                                                 std::string(coding["code"].string()));
                found != by_code_.end())
                return found->second;
        return none;
    }
    std::size_t by_name(const fhir::Resource& one) const {
        for (const std::string& name : names_of(one["code"])) {
            const bool is_share = is_percent(one) || name.find('%') != name.npos;
            for (const std::string& key : quantity_keys(name, words_))
                if (const auto found = by_name_.find(key);
                    found != by_name_.end() && (rows_[found->second]->may_be_percent || !is_share))
                    return found->second;
        }
        return none;
    }

private:
    const NameWords& words_;
    std::vector<const KeyValue*> rows_;
    std::unordered_map<std::string, std::size_t> by_code_, by_name_;
};

// One Observation while it is not known yet which analyte it is of.
struct Candidate {
    const Statement* statement;
    std::string code;
    std::size_t row;
    bool is_by_code;  // the table knows the code, and with it what is measured in
    Origin origin;
    std::string named;  // the specimen that its name says, of a laboratory's own code
};

Candidate candidate_of(const Statement& one, const Rows& rows, const Specimens& specimens) {
    const JsonView code = one.resource()["code"];
    Candidate out{&one, code_key(one.resource()), rows.by_code(code), true, specimens.of(one), {}};
    if (out.row != Rows::none || out.code.starts_with("loinc|")) return out;
    // A LOINC code says what it is, whatever it is called; a laboratory's own does not.
    out.row = rows.by_name(one.resource());
    out.is_by_code = false;
    for (const std::string& name : names_of(code))
        if (out.named.empty()) out.named = specimen_in_name(name);
    return out;
}

using KindsByCode = std::unordered_map<std::string, std::set<std::string>>;

// What says no specimen goes with its code's, by the table; else with what its name says; else with
// the only one that this code has in the record; else with what such a name means.
std::string kind_of(const Candidate& one, const Rows& rows, const KindsByCode& kinds) {
    if (!one.origin.specimen.kind.empty()) return one.origin.specimen.kind;
    if (one.row != Rows::none && one.is_by_code) return rows[one.row].specimen;
    if (!one.named.empty()) return one.named;
    const auto said = kinds.find(one.code);
    if (said != kinds.end()) return said->second.size() == 1 ? *said->second.begin() : "";
    return one.row == Rows::none ? std::string() : rows[one.row].specimen;
}

}  // namespace

const Statement& newest_value(const std::vector<const Statement*>& newest_first) {
    const auto newest = std::find_if(newest_first.begin(), newest_first.end(), [](auto* one) {
        return one->places().newest && one->is_dated();
    });
    if (newest != newest_first.end()) return **newest;
    const auto undated = std::find_if(newest_first.begin(), newest_first.end(),
                                      [](auto* one) { return one->places().newest; });
    return undated == newest_first.end() ? *newest_first.front() : **undated;
}

Analytes::Analytes(const Reading& reading, const Specialty& specialty, const Specialties& all)
    : key_values_(specialty.key_values.size()) {
    const Rows rows(specialty, all);
    const Specimens specimens(reading);
    std::vector<Candidate> candidates;
    KindsByCode kinds;
    for (const Statement& one : reading.all()) {
        if (one.resource().type() != "Observation") continue;
        candidates.push_back(candidate_of(one, rows, specimens));
        const Candidate& added = candidates.back();
        if (const SpecimenSaid& said = added.origin.specimen;
            !said.kind.empty() && !said.is_of_site)
            kinds[added.code].insert(said.kind);
    }
    for (Candidate& one : candidates) {
        const std::string kind = kind_of(one, rows, kinds);
        const bool is_row = one.row != Rows::none &&
                            (rows[one.row].specimen.empty() || rows[one.row].specimen == kind);
        places_.emplace(one.statement,
                        Place{(is_row ? "row|" + std::to_string(one.row) : one.code) + '|' + kind +
                                  '|' + one.origin.apart,
                              is_row ? std::min(one.row, key_values_) : key_values_,
                              is_row ? &rows[one.row] : nullptr, kind + '|' + one.origin.apart,
                              std::move(one.origin.specimen.words), std::move(one.origin.words)});
    }
    for (std::size_t row = 0; row < key_values_; ++row)
        for (const std::string& name : specialty.key_values[row].names)
            key_value_by_name_.emplace(name, row);
}

const std::string& Analytes::key_of(const Statement& observation) const {
    return places_.at(&observation).key;
}

std::size_t Analytes::key_value_of(const Statement& observation) const {
    return places_.at(&observation).key_value;
}

const KeyValue* Analytes::row_of(const Statement& observation) const {
    const auto place = places_.find(&observation);
    return place == places_.end() ? nullptr : place->second.row;
}

const std::string& Analytes::beside(const Statement& observation) const {
    return places_.at(&observation).beside;
}

const std::string& Analytes::apart(const Statement& observation) const {
    return places_.at(&observation).apart;
}

std::vector<Analyte> Analytes::of(const std::vector<const Statement*>& newest_first) const {
    std::map<std::string, Analyte> by_key;
    for (const Statement* one : newest_first) by_key[key_of(*one)].values.push_back(one);
    for (auto& [key, analyte] : by_key) {
        const Statement& newest = newest_value(analyte.values);
        const Place& place = places_.at(&newest);
        analyte.name = newest.what;
        analyte.beside = place.beside;
        const JsonView coding = first_of(newest.resource()["code"]["coding"]);
        analyte.apart = coding["system"].string() == loinc ? "LOINC " : "code ";
        analyte.apart += coding.is_object() ? coding["code"].string() : "not recorded";
        if (analyte.beside.empty()) join(analyte.apart, ", ", place.specimen);
    }
    // A name such as "HGB (Main Street)" is put where its first word stands on the flowsheet.
    std::vector<std::pair<std::pair<std::size_t, std::string>, Analyte>> ordered;
    for (auto& [key, analyte] : by_key) {
        const std::string name = lower(analyte.name);
        std::size_t order = key_value_of(*analyte.values.front());
        if (const auto named = key_value_by_name_.find(name.substr(0, name.find(' ')));
            order == key_values_ && named != key_value_by_name_.end())
            order = named->second;
        ordered.push_back({{order, name}, std::move(analyte)});
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& left, const auto& right) { return left.first < right.first; });
    std::vector<Analyte> out;
    for (auto& [place, analyte] : ordered) out.push_back(std::move(analyte));
    return out;
}

}  // namespace consultd
