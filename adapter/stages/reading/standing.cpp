#include "adapter/stages/reading/standing.h"

#include <algorithm>
#include <array>

#include "adapter/stages/reading/standing_table.h"
#include "fhir/r4/elements.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t standings = static_cast<std::size_t>(Standing::InError) + 1;

//                                                   now    newest found  drawn  shown
constexpr std::array<Places, standings> places = {
    {{true, true, true, true, true},         // Fact
     {true, true, true, true, true},         // Corrected
     {true, true, true, true, true},         // Running
     {true, false, true, true, true},        // Remission
     {true, false, false, false, true},      // Unclear
     {false, false, false, false, true},     // Preliminary
     {false, false, false, false, true},     // Suspected
     {false, false, false, false, true},     // NoValue
     {false, false, false, false, true},     // Planned
     {false, false, false, false, true},     // Proposed
     {true, false, true, true, true},        // OnHold
     {false, true, true, true, true},        // Stopped
     {false, true, true, true, true},        // Over
     {false, false, false, false, true},     // Superseded
     {false, false, false, false, true},     // Cancelled
     {false, false, false, false, true},     // DidNotHappen
     {false, false, false, false, true},     // RuledOut
     {false, false, false, false, true},     // NotThePatient
     {false, false, false, false, true},     // Forbidden
     {false, false, false, false, false}}};  // InError

bool names(std::string_view types, std::string_view type) {
    for (std::size_t at = types.find(type); at != types.npos; at = types.find(type, at + 1)) {
        const std::size_t end = at + type.size();
        if ((at == 0 || types[at - 1] == ' ') && (end == types.size() || types[end] == ' '))
            return true;
    }
    return false;
}

// The codes of a status, whether it is a code, a concept or a yes; text where it has nothing else.
std::vector<std::string_view> codes_in(JsonView value) {
    if (value.is_bool()) return {value.is_true() ? "true" : "false"};
    if (value.is_string()) return {value.string()};
    std::vector<std::string_view> codes;
    for (const JsonView& coding : value["coding"].items())
        if (!coding["code"].string().empty()) codes.push_back(coding["code"].string());
    if (codes.empty() && !value["text"].string().empty()) codes.push_back(value["text"].string());
    return codes;
}

// The row of a code; a text that is the code in other letters ("Resolved", "Entered in Error") is
// that code.
const StandingCode* row_of(const StandingRule& rule, std::string_view code) {
    const auto folded = [](char letter) {
        if (letter == ' ' || letter == '_') return '-';
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    };
    for (const StandingCode& row : rule.codes)
        if (std::ranges::equal(row.code.view(), code, {}, {}, folded)) return &row;
    return nullptr;
}

// What a concept says beside a code that has a row is a translation of it.
std::vector<StandingWord> words_of(const StandingRule& rule,
                                   const std::vector<std::string_view>& codes) {
    std::vector<StandingWord> out;
    for (const std::string_view code : codes)
        if (const StandingCode* row = row_of(rule, code))
            out.push_back({row->standing, std::string(row->words.view())});
    if (out.empty())
        for (const std::string_view code : codes)
            out.push_back({Standing::Unclear, "status as written: " + std::string(code)});
    return out;
}

// An element that R4 demands and that is not there says nothing of where the resource stands.
bool is_demanded(std::string_view type, std::string_view element) {
    const fhir::r4::Type* found = fhir::r4::find_type(type);
    const fhir::r4::Element* row = found ? found->find(element) : nullptr;
    return row && row->min > 0;
}

}  // namespace

Places places_of(Standing standing) { return places[static_cast<std::size_t>(standing)]; }

Places both(Places left, Places right) {
    return {left.now && right.now, left.newest && right.newest, left.found && right.found,
            left.drawn && right.drawn, left.shown && right.shown};
}

std::vector<StandingWord> standing_words(JsonView resource) {
    const std::string_view type = resource["resourceType"].string();
    std::vector<StandingWord> out;
    for (const StandingRule& rule : standing_rules()) {
        if (!names(rule.types.view(), type)) continue;
        const std::vector<std::string_view> codes = codes_in(resource[rule.element.view()]);
        for (StandingWord& word : words_of(rule, codes))
            if (word.standing != Standing::Fact || !word.words.empty())
                out.push_back(std::move(word));
        if (codes.empty() && rule.element.view() != "intent" &&
            is_demanded(type, rule.element.view()))
            out.push_back({Standing::Unclear, "status not recorded"});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const StandingWord& left, const StandingWord& right) {
                         return left.standing > right.standing;
                     });
    return out;
}

}  // namespace consultd
