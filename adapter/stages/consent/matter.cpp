// The matter of what is withheld for what it says: the words and codes by which a text or another
// resource tells of it without naming it.
#include <algorithm>
#include <array>
#include <iterator>

#include "adapter/knowledge/sensitive_words.h"
#include "adapter/stages/consent/content.h"
#include "adapter/stages/consent/phrases.h"
#include "adapter/stages/consent/plain_text.h"
#include "adapter/stages/consent/trace.h"
#include "fhir/base/ascii.h"
#include "fhir/base/crypto.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

// Diagnoses, treatments, drugs and tests. Visits and documents are called as any other.
constexpr std::array<std::string_view, 11> types = {"AllergyIntolerance",
                                                    "Condition",
                                                    "Immunization",
                                                    "Medication",
                                                    "MedicationAdministration",
                                                    "MedicationDispense",
                                                    "MedicationRequest",
                                                    "MedicationStatement",
                                                    "Observation",
                                                    "Procedure",
                                                    "ServiceRequest"};

// What such a resource is called, is called there.
constexpr std::array<std::string_view, 3> naming_members = {"code", "medicationCodeableConcept",
                                                            "vaccineCode"};

constexpr std::size_t word_letters_min = 3, name_bytes_max = 200, telling_letters_min = 8;
// Words by which one thing is told from none: how it is, where, since when.
constexpr std::array<std::string_view, 48> common = {
    "acute",       "allergy",     "and",           "benign",    "bilateral", "cause",
    "chronic",     "complicated", "complications", "condition", "disease",   "disorder",
    "due",         "encounter",   "episode",       "essential", "finding",   "first",
    "for",         "history",     "initial",       "left",      "level",     "mild",
    "moderate",    "not",         "other",         "personal",  "primary",   "recurrent",
    "right",       "secondary",   "severe",        "single",    "specified", "stage",
    "status",      "subsequent",  "syndrome",      "the",       "type",      "uncomplicated",
    "unspecified", "malignant",   "upper",         "with",      "without",   "see"};
std::string_view without_end(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == ',')) text.remove_suffix(1);
    return text;
}

// "50 MG", "0.5 ML": a number, and what it is of.
bool is_strength(std::string_view text) {
    constexpr std::array<std::string_view, 10> units = {"%",   "actuat", "g",  "iu",  "mcg",
                                                        "meq", "mg",     "ml", "unt", "ug"};
    const std::size_t end = text.find_first_not_of("0123456789.,-/");
    if (end == 0 || end == text.npos) return false;
    std::string_view unit = text.substr(text[end] == ' ' ? end + 1 : end);
    unit = unit.substr(0, unit.find_first_of(" /"));
    return std::ranges::find(units, unit) != units.end();
}

// What a name is without what lists put behind it: "(disorder)", "[Mass/volume] in Serum",
// ", unspecified", a strength.
std::string_view bare_name(std::string_view name) {
    if (const std::size_t at = name.rfind(" ("); at != name.npos && at > 0 && name.ends_with(')'))
        name = name.substr(0, at);
    for (const std::string_view tail :
         {" [", ", unspecified", ", uncomplicated", ", initial encounter"})
        if (const std::size_t at = name.find(tail); at != name.npos && at > 0)
            name = name.substr(0, at);
    for (std::size_t at = name.find(' '); at != name.npos; at = name.find(' ', at + 1))
        if (is_strength(name.substr(at + 1))) return without_end(name.substr(0, at));
    return without_end(name);
}

// "Essential (primary) hypertension" is said "essential hypertension".
std::string without_inserted(std::string_view name) {
    const std::size_t open = name.find(" ("), close = name.find(") ");
    if (open == name.npos || close == name.npos || close < open) return {};
    return std::string(name.substr(0, open)) + std::string(name.substr(close + 1));
}

// "Depression, major" is said "major depression".
std::string turned(std::string_view name) {
    const std::size_t comma = name.find(", ");
    if (comma == name.npos || name.find(", ", comma + 1) != name.npos) return {};
    return std::string(name.substr(comma + 2)) + " " + std::string(name.substr(0, comma));
}

std::string code_name(const Coded& coded) {
    return std::string(coded.system).append("|").append(coded.code);
}

// "Crohn's disease" is said "Crohn disease", and "crohn-s-disease" in a file's name. `put` stands
// for the apostrophe and its letter.
std::string without_possessive(std::string_view name, std::string_view put) {
    std::string out(name);
    for (const std::string_view mark : {"'s ", "\xe2\x80\x99s "})
        for (std::size_t at = out.find(mark); at != out.npos; at = out.find(mark, at))
            out.replace(at, mark.size() - 1, put);
    return out == name ? std::string() : out;
}

template <class Use>
void each_phrase(JsonView resource, Use use) {
    if (std::ranges::find(types, resource["resourceType"].string()) == types.end()) return;
    const auto use_one = [&](std::string_view text) {
        for (const std::string& phrase : phrases_of_name(text)) use(phrase);
    };
    for (const std::string_view name : naming_members) {
        use_one(resource.at(name, "text").string());
        for (const JsonView coding : resource.at(name, "coding").items())
            use_one(coding["display"].string());
    }
}

}  // namespace

std::vector<std::string> telling_words(std::string_view name) {
    std::vector<std::string> words;
    if (name.size() > name_bytes_max) return words;
    const Tokens tokens(name);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i].folded.size() >= word_letters_min &&
            std::ranges::find(common, tokens[i].folded) == common.end())
            words.emplace_back(tokens[i].folded);
    return words;
}

std::vector<std::string> phrases_of_name(std::string_view text) {
    const std::string whole = ascii_lower(text);
    const std::string bare(bare_name(whole));
    std::vector<std::string> phrases;
    for (const std::string& phrase : {whole, bare, turned(bare), without_inserted(bare),
                                      without_possessive(bare, {}), without_possessive(bare, " s")})
        if (phrase.size() >= Names::phrase_length_min && is_word_char(phrase.front()))
            phrases.push_back(phrase);
    // "Essential hypertension" is hypertension; a short word, as "pain", is of too many things.
    const std::vector<std::string> words = telling_words(whole);
    if (words.size() == 1 && words.front().size() >= telling_letters_min &&
        is_word_char(words.front().front()))
        phrases.push_back(words.front());
    return phrases;
}

std::vector<std::string> phrases_of_resource(JsonView resource) {
    std::vector<std::string> phrases;
    each_phrase(resource, [&](const std::string& phrase) { phrases.push_back(phrase); });
    return phrases;
}

void Names::add_phrase(const std::string& phrase) {
    readied_.reset();
    phrases_.insert(phrase);
}

void Names::add_matter(JsonView resource) {
    readied_.reset();
    each_phrase(resource, [&](const std::string& phrase) { phrases_.insert(phrase); });
    if (resource["resourceType"].string() != "Condition") return;
    for (const Coded& coded : content_of(resource).main_codes) codes_.insert(code_name(coded));
}

void Names::release_matter(JsonView resource) {
    if (phrases_.empty() && codes_.empty()) return;
    readied_.reset();
    each_phrase(resource, [&](const std::string& phrase) { phrases_.erase(phrase); });
    if (!codes_.empty())
        for (const Coded& coded : content_of(resource).main_codes) codes_.erase(code_name(coded));
}

bool Names::says_matter(std::string_view text) const {
    if (phrases_.empty()) return false;
    if (!readied_) readied_.emplace(phrases_);
    return readied_->stand_in(text);
}

bool Names::is_in_attachment_of(JsonView value) const {
    if (value["data"].is_string()) {
        const auto bytes = crypto::from_base64(value["data"].string(), crypto::WhiteSpace::Skip);
        const auto text = bytes ? plain_text_of(*bytes) : std::nullopt;
        if (text && (says_matter(*text) || in_text(*text))) return true;
    }
    const auto is_in = [&](JsonView inner) { return is_in_attachment_of(inner); };
    return std::ranges::any_of(
               value.members(),
               [&](const fhir::JsonMember& member) { return is_in(member.value); }) ||
           std::ranges::any_of(value.items(), is_in);
}

// What a resource is itself called does not tell of another, whatever that one is called too.
bool says_beside_its_name(JsonView resource, const Phrases& phrases) {
    return std::ranges::any_of(resource.members(), [&](const fhir::JsonMember& member) {
        return std::ranges::find(naming_members, member.name()) == naming_members.end() &&
               any_text(member.value,
                        [&](std::string_view text) { return phrases.stand_in(text); });
    });
}

bool Names::is_matter_of(JsonView resource) const {
    if (resource["resourceType"].string() == "Patient") return false;
    for (const fhir::JsonMember& member : resource.members())
        if (any_text(member.value, [&](std::string_view text) { return says_matter(text); }))
            return true;
    if (codes_.empty()) return false;
    const Content content = content_of(resource);
    const auto is_main = [&](const Coded& coded) {
        return std::ranges::any_of(content.main_codes, [&](const Coded& main) {
            return main.system == coded.system && main.code == coded.code;
        });
    };
    return std::ranges::any_of(content.codings, [&](const Coded& coded) {
        return codes_.contains(code_name(coded)) && !is_main(coded);
    });
}

}  // namespace consultd::consent
