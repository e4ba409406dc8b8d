#include "adapter/stages/pull/self_link.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "fhir/r4/elements.h"
#include "fhir/resource.h"

namespace consultd {
namespace {

// Of those that begin with "_" the ones that leave something out: the rest are of the answer's
// form. https://hl7.org/fhir/R4/search.html#all
constexpr std::array<std::string_view, 14> conditions_on_all = {
    "_content", "_filter", "_has",      "_id",    "_language", "_lastUpdated", "_list",
    "_profile", "_query",  "_security", "_since", "_source",   "_tag",         "_text"};

// Conditions whose names are not those of elements.
// https://hl7.org/fhir/R4/searchparameter-registry.html
constexpr std::array<std::string_view, 4> conditions_by_other_names = {"date", "code", "class",
                                                                       "combo-code"};

// All the ways to say whose it is: no condition, as long as it is the one who was asked for.
constexpr std::array<std::string_view, 6> whose = {"actor",  "beneficiary", "individual",
                                                   "member", "patient",     "subject"};

template <std::size_t size>
bool has(const std::array<std::string_view, size>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// "clinical-status" → "clinicalStatus"
std::string element_name(std::string_view parameter) {
    std::string name;
    for (std::size_t i = 0; i < parameter.size(); ++i) {
        const bool is_word_end = parameter[i] == '-' && i + 1 < parameter.size();
        const char letter = is_word_end ? parameter[++i] : parameter[i];
        name += is_word_end && letter >= 'a' && letter <= 'z'
                    ? static_cast<char>(letter - 'a' + 'A')
                    : letter;
    }
    return name;
}

bool is_condition(std::string_view type, std::string_view name,
                  const fhir::Capability& capability) {
    if (name.starts_with('_')) return has(conditions_on_all, name);
    if (has(whose, name)) return false;
    if (has(conditions_by_other_names, name) || capability.can_search(type, name)) return true;
    const fhir::r4::Type* const declared = fhir::r4::find_type(type);
    return declared != nullptr && declared->find(element_name(name)) != nullptr;
}

std::vector<std::string_view> parameters_in(std::string_view url) {
    std::vector<std::string_view> parameters;
    const std::size_t question = url.find('?');
    std::string_view query = question == std::string_view::npos ? "" : url.substr(question + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        parameters.push_back(pair);
    }
    return parameters;
}

// How often each name stands there, without modifiers and chains.
std::map<std::string_view, int> names_in(std::string_view url) {
    std::map<std::string_view, int> names;
    for (const std::string_view pair : parameters_in(url))
        ++names[pair.substr(0, pair.find_first_of("=:.%#"))];
    return names;
}

// "Patient%2Fanna" → "anna"; empty: it is said by something else than one id.
std::string_view id_in(std::string_view value) {
    for (const std::string_view parting : {"/", "%2F", "%2f"})
        if (const std::size_t at = value.rfind(parting); at != std::string_view::npos)
            value.remove_prefix(at + parting.size());
    return fhir::is_id(value) ? value : std::string_view();
}

// By an id of another patient than the one that was asked for.
bool names_another(const Query& query, std::string_view self) {
    const auto& [name, value] = query.parameters.front();
    const std::string_view asked = has(whose, name) ? id_in(value) : std::string_view();
    if (asked.empty()) return false;
    return std::ranges::any_of(parameters_in(self), [&](std::string_view pair) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return false;
        const std::string_view said = id_in(pair.substr(equals + 1));
        return has(whose, pair.substr(0, std::min(pair.find(':'), equals))) && !said.empty() &&
               said != asked;
    });
}

}  // namespace

bool is_believed(const Query& query, std::string_view self) {
    if (!query.is_guess) return true;
    const std::string& name = query.parameters.front().first;
    return self.find("?" + name + "=") != std::string_view::npos ||
           self.find("&" + name + "=") != std::string_view::npos;
}

bool is_narrowed(const Query& query, std::string_view self, const fhir::Capability& capability) {
    if (names_another(query, self)) return true;
    std::map<std::string_view, int> added = names_in(self);
    for (const auto& [name, value] : query.parameters)
        --added[std::string_view(name).substr(0, name.find_first_of(":."))];
    return std::ranges::any_of(added, [&](const auto& one) {
        return one.second > 0 && is_condition(query.type, one.first, capability);
    });
}

bool is_narrowed(std::string_view self_of_everything) {
    constexpr std::array<std::string_view, 4> conditions = {"_since", "_type", "end", "start"};
    return std::ranges::any_of(names_in(self_of_everything),
                               [&](const auto& one) { return has(conditions, one.first); });
}

}  // namespace consultd
