#include "adapter/stages/reading/standing.h"

#include <algorithm>
#include <array>
#include <optional>

#include "adapter/stages/reading/standing_table.h"
#include "adapter/stages/reading/whole_words.h"
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

// What a status is written as: a code, or of a concept the code and name of each coding, and its
// text.
struct Written {
    std::string_view code, name;
};
std::vector<Written> all_written(JsonView value) {
    if (value.is_bool()) return {{value.is_true() ? "true" : "false", ""}};
    if (value.is_string()) return {{value.string(), ""}};
    std::vector<Written> out;
    for (const JsonView& coding : value["coding"].items())
        if (!coding["code"].string().empty() || !coding["display"].string().empty())
            out.push_back({coding["code"].string(), coding["display"].string()});
    if (!value["text"].string().empty()) out.push_back({"", value["text"].string()});
    return out;
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

// What another system's code, or a name in words, says; the words are the record's. A name that
// says it by negation ("not ruled out") is not read.
std::optional<StandingWord> said_otherwise(const Written& one) {
    const std::string name = lower(one.name);
    const auto word_of = [&](const OtherStatus& row) {
        const std::string_view said = one.name.empty() ? row.words.view() : one.name;
        return StandingWord{row.standing,
                            row.standing == Standing::Fact ? std::string() : std::string(said)};
    };
    for (const OtherStatus& row : other_statuses())
        if (!one.code.empty() && row.code.view() == one.code) return word_of(row);
    for (const std::string_view no : {"not", "no", "cannot", "nicht", "kein", "keine"})
        if (has_word(name, no)) return std::nullopt;
    for (const OtherStatus& row : other_statuses())
        if (has_word(name, row.words.view())) return word_of(row);
    return std::nullopt;
}

// What a concept says beside a code that has a row is a translation of it, unless it says another
// standing: then both hold.
std::vector<StandingWord> words_of(const StandingRule& rule, const std::vector<Written>& written) {
    std::vector<StandingWord> out;
    for (const Written& one : written)
        for (const std::string_view code : {one.code, one.name})
            if (const StandingCode* row = code.empty() ? nullptr : row_of(rule, code)) {
                out.push_back({row->standing, std::string(row->words.view())});
                break;
            }
    for (const Written& one : written) {
        if (row_of(rule, one.name)) continue;
        std::optional<StandingWord> word = said_otherwise(one);
        if (!word) continue;
        const bool is_known = std::ranges::any_of(
            out, [&](const StandingWord& known) { return known.standing == word->standing; });
        if (!is_known) out.push_back(*std::move(word));
    }
    if (out.empty())
        for (const Written& one : written)
            out.push_back(
                {Standing::Unclear,
                 "status as written: " + std::string(one.name.empty() ? one.code : one.name)});
    return out;
}

// How sure a coded diagnosis is, in Germany; "ausgeschlossen" has the code of what it excludes.
// https://simplifier.net/basisprofil-de-r4/icd-10-gm-diagnosesicherheit
void add_certainty(std::vector<StandingWord>& out, JsonView condition) {
    for (const JsonView& coding : condition["code"]["coding"].items())
        for (const JsonView& extension : coding["extension"].items()) {
            if (extension["url"].string() !=
                "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit")
                continue;
            const std::string_view code = extension["valueCoding"]["code"].string();
            const auto row =
                std::ranges::find(diagnosis_certainties(), code,
                                  [](const StandingCode& one) { return one.code.view(); });
            if (row == diagnosis_certainties().end())
                out.push_back({Standing::Unclear, "certainty as written: " + std::string(code)});
            else if (!row->words.view().empty())
                out.push_back({row->standing, std::string(row->words.view())});
        }
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
        const std::vector<Written> written = all_written(resource[rule.element.view()]);
        for (StandingWord& word : words_of(rule, written))
            if (word.standing != Standing::Fact || !word.words.empty())
                out.push_back(std::move(word));
        if (written.empty() && rule.element.view() != "intent" &&
            is_demanded(type, rule.element.view()))
            out.push_back({Standing::Unclear, "status not recorded"});
    }
    if (type == "Condition") add_certainty(out, resource);
    std::stable_sort(out.begin(), out.end(),
                     [](const StandingWord& left, const StandingWord& right) {
                         return left.standing > right.standing;
                     });
    return out;
}

}  // namespace consultd
