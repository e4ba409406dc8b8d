#include "adapter/stages/consent/plain_person.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "adapter/knowledge/sensitive_words.h"

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;
using Words = std::set<std::string, std::less<>>;

void add_words(std::string_view text, Words& words) {
    const Tokens tokens(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) words.emplace(tokens[i].folded);
}

Words first_names(JsonView name) {
    Words words;
    for (const JsonView given : name["given"].items()) add_words(given.string(), words);
    return words;
}

Words words_of(JsonView name) {
    Words words;
    add_words(name["text"].string(), words);
    return words;
}

// How good a name is for saying who somebody is now. One whose period has an end is behind all that
// have none, and is of now where it is all there is beside one of old: its end may be to come.
int rank_of(JsonView name) {
    const std::string_view use = name["use"].string();
    if (use == "old" || use == "maiden") return 0;
    constexpr int endless = 4;
    const int by_use = use == "official"                                          ? 4
                       : use == "usual"                                           ? 3
                       : use == "nickname" || use == "anonymous" || use == "temp" ? 1
                                                                                  : 2;
    return name["period"].has("end") ? by_use : by_use + endless;
}

// One of the first names is in both, be it by its first letter.
bool share_one(const Words& now, const Words& other) {
    return std::ranges::any_of(now, [&](const std::string& one) {
        return std::ranges::any_of(other, [&](const std::string& two) {
            return one == two ||
                   ((one.size() == 1 || two.size() == 1) && one.front() == two.front());
        });
    });
}

bool is_name_of_now(JsonView name, JsonView now) {
    const Words first_now = first_names(now);
    Words first = first_names(name);
    if (first.empty() && !name["text"].is_string()) return true;
    if (first_now.empty()) return words_of(name) == words_of(now);
    return share_one(first_now, first.empty() ? words_of(name) : first);
}

bool has_word(std::string_view text, std::string_view part) {
    const Tokens tokens(text);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i].folded.find(part) != std::string_view::npos) return true;
    return false;
}

bool says_care_of(std::string_view line) {
    std::string lower;
    for (const char letter : line)
        if (letter != ' ' || !lower.ends_with(' '))
            lower += static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
    constexpr std::array<std::string_view, 8> marks = {"c/o",  "\xe2\x84\x85", "care of", "z. hd",
                                                       "z.hd", "per adr",      "chez ",   "p/a"};
    return std::ranges::any_of(
        marks, [&](std::string_view mark) { return lower.find(mark) != std::string::npos; });
}

// https://terminology.hl7.org/CodeSystem-v3-RoleCode.html, PersonalRelationshipRoleType;
// https://hl7.org/fhir/R4/v2/0131/index.html
struct Partner {
    std::string_view code, word, gender;  // of the partner, where the word says it
};
constexpr std::array<Partner, 9> partners = {{{"WIFE", "wife", "female"},
                                              {"HUSB", "husband", "male"},
                                              {"SPS", "spouse", ""},
                                              {"DOMPART", "partner", ""},
                                              {"SIGOTHR", "significant", ""},
                                              {"", "girlfriend", "female"},
                                              {"", "boyfriend", "male"},
                                              {"", "ehefrau", "female"},
                                              {"", "ehemann", "male"}}};

}  // namespace

Json names_of_now(const Json& names) {
    const auto all = names.items();
    const auto now = std::ranges::max_element(all, {}, rank_of);
    if (now == all.end()) return names;
    std::vector<Json> kept;
    for (const JsonView name : all)
        if (is_name_of_now(name, *now)) kept.push_back(names.share(name));
    return kept.size() == all.size() ? names : Json::array(std::move(kept));
}

bool tells_gender(JsonView extension) {
    std::string_view url = extension["url"].string();
    url = url.substr(url.find_last_of("/:") + 1);
    for (const char* const part : {"sex", "gender", "pronoun"})
        if (has_word(url, part)) return true;
    return std::ranges::any_of(extension["extension"].items(), tells_gender);
}

bool is_care_of(JsonView address) {
    const auto says = [](JsonView line) { return says_care_of(line.string()); };
    return says(address["text"]) || std::ranges::any_of(address["line"].items(), says);
}

bool tells_orientation(JsonView contact, std::string_view gender) {
    if (gender.empty()) return false;
    const auto is_alike = [&](std::string_view code, std::string_view text) {
        return std::ranges::any_of(partners, [&](const Partner& partner) {
            const bool is_it =
                (!partner.code.empty() && partner.code == code) || has_word(text, partner.word);
            const std::string_view theirs =
                partner.gender.empty() ? contact["gender"].string() : partner.gender;
            return is_it && theirs == gender;
        });
    };
    for (const JsonView relationship : contact["relationship"].items()) {
        if (is_alike({}, relationship["text"].string())) return true;
        for (const JsonView coding : relationship["coding"].items())
            if (is_alike(coding["code"].string(), coding["display"].string())) return true;
    }
    return false;
}

}  // namespace consultd::consent
