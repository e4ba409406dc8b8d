// The matter of what is withheld for what it says: the words and codes by which a text or another
// resource tells of it without naming it.
#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include "adapter/stages/consent/content.h"
#include "adapter/stages/consent/trace.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

// Diagnoses, treatments and drugs. Tests are left out: their names are common words of any record.
constexpr std::array<std::string_view, 8> types = {
    "AllergyIntolerance", "Condition",          "Medication",          "MedicationAdministration",
    "MedicationDispense", "MedicationRequest",  "MedicationStatement", "Procedure"};

bool is_word_char(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
           static_cast<unsigned char>(letter) >= 0x80;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& letter : out)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return out;
}

std::string_view first_word(std::string_view text) {
    const auto end = std::ranges::find_if_not(text, is_word_char);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::string code_name(const Coded& coded) {
    return std::string(coded.system).append("|").append(coded.code);
}

template <class Use>
void each_phrase(JsonView resource, Use use) {
    if (std::ranges::find(types, resource["resourceType"].string()) == types.end()) return;
    const auto use_one = [&](std::string_view text) {
        std::string phrase = lower(text);
        if (phrase.size() >= Names::phrase_length_min && !first_word(phrase).empty()) use(phrase);
    };
    for (const auto* name : {"code", "medicationCodeableConcept"}) {
        use_one(resource.at(name, "text").string());
        for (const JsonView coding : resource.at(name, "coding").items())
            use_one(coding["display"].string());
    }
}

}  // namespace

void Names::add_matter(JsonView resource) {
    each_phrase(resource, [&](const std::string& phrase) {
        phrases_.emplace(first_word(phrase), phrase);
    });
    if (resource["resourceType"].string() != "Condition") return;
    for (const Coded& coded : content_of(resource).main_codes) codes_.insert(code_name(coded));
}

void Names::release_matter(JsonView resource) {
    if (phrases_.empty() && codes_.empty()) return;
    each_phrase(resource, [&](const std::string& phrase) {
        auto [at, end] = phrases_.equal_range(std::string(first_word(phrase)));
        while (at != end) at = at->second == phrase ? phrases_.erase(at) : std::next(at);
    });
    if (!codes_.empty())
        for (const Coded& coded : content_of(resource).main_codes) codes_.erase(code_name(coded));
}

bool Names::says_matter(std::string_view text) const {
    if (phrases_.empty()) return false;
    const std::string all = lower(text);
    const std::string_view view = all;
    for (std::size_t at = 0; at < view.size();) {
        const std::string_view word = first_word(view.substr(at));
        const auto [from, to] = phrases_.equal_range(std::string(word));
        for (auto found = from; found != to && !word.empty(); ++found) {
            const std::string& phrase = found->second;
            const std::size_t end = at + phrase.size();
            if (view.substr(at).starts_with(phrase) &&
                (end == view.size() || !is_word_char(view[end])))
                return true;
        }
        at += std::max<std::size_t>(word.size(), 1);
    }
    return false;
}

bool Names::is_matter_of(JsonView resource) const {
    if (resource["resourceType"].string() == "Patient") return false;
    for (const fhir::JsonMember& member : resource.members())
        if (member.name() != "text" && says_matter(member.value.print())) return true;
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
