#include "adapter/stages/reading/likeness.h"

#include <algorithm>
#include <cctype>

#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

void add_codes(std::vector<std::string>& out, JsonView concept_value) {
    for (const JsonView& coding : concept_value["coding"].items())
        if (!coding["system"].string().empty() && !coding["code"].string().empty())
            out.push_back(std::string(coding["system"].string()) + '|' +
                          std::string(coding["code"].string()));
}

void add_name(std::vector<std::string>& out, std::string_view name) {
    constexpr std::size_t letters_min = 3;
    if (std::string folded = folded_name(name); folded.size() >= letters_min)
        out.push_back(std::move(folded));
}

void add_concept(std::vector<std::string>& out, JsonView concept_value) {
    add_codes(out, concept_value);
    add_name(out, concept_value["text"].string());
    for (const JsonView& coding : concept_value["coding"].items())
        add_name(out, coding["display"].string());
}

// The words of a folded name; without those of forms and kinds, which are of any name.
std::vector<std::string_view> words_of(std::string_view name) {
    constexpr std::string_view of_any[] = {"tablet",   "tablets", "capsule",  "capsules",
                                           "oral",     "pill",    "solution", "injection",
                                           "disorder", "disease", "finding",  "procedure"};
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t end = std::min(name.find(' ', at), name.size());
        const std::string_view word = name.substr(at, end - at);
        if (std::ranges::find(of_any, word) == std::end(of_any)) out.push_back(word);
        at = end + 1;
    }
    return out;
}

// Denied, or the contrary.
bool denies(const std::vector<std::string_view>& words) {
    constexpr std::string_view denying[] = {"no",     "not",    "never", "negative",
                                            "absent", "denies", "ruled", "excluded",
                                            "kein",   "keine",  "nicht", "negativ"};
    return std::ranges::any_of(words, [&](std::string_view word) {
        return std::ranges::find(denying, word) != std::end(denying);
    });
}

// One word is another, or a form of it: "hypertension" and "hypertensive".
bool is_form_of(std::string_view left, std::string_view right) {
    constexpr std::size_t stem = 8;
    return left == right || (left.size() >= stem && left.substr(0, stem) == right.substr(0, stem));
}

// What is in a product is akin to it: a product may hold more.
void add_ingredients(Likeness& out, JsonView medication, JsonView owner, const PacketIndex& index) {
    const JsonView ingredients = medication["ingredient"];
    for (const JsonView& one : ingredients.items()) {
        JsonView substance = index.resolve(one["itemReference"], medication);
        if (substance.is_null()) substance = index.resolve(one["itemReference"], owner);
        for (const JsonView& named : {JsonView(one["itemCodeableConcept"]), substance["code"]})
            add_concept(out.akin, named);
        add_name(out.akin, one["itemReference"]["display"].string());
    }
}

}  // namespace

std::string folded_name(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        const bool is_hard_blank = name.substr(i, 2) == "\xC2\xA0";
        if (!is_hard_blank && (byte >= 0x80 || std::isalnum(byte) != 0)) {
            out += name[i];
            continue;
        }
        if (is_hard_blank) ++i;
        if (!out.empty() && out.back() != ' ') out += ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    return lower(out);
}

bool is_same_said(std::string_view left, std::string_view right) {
    const std::string one = folded_name(left), other = folded_name(right);
    std::vector<std::string_view> few = words_of(one), many = words_of(other);
    if (denies(few) != denies(many)) return false;
    if (few.size() > many.size()) std::swap(few, many);
    const auto shared = std::ranges::count_if(few, [&](std::string_view word) {
        return std::ranges::any_of(many,
                                   [&](std::string_view two) { return is_form_of(word, two); });
    });
    return one == other || static_cast<std::size_t>(shared) * 2 > few.size();
}

bool leads(std::string_view one, std::string_view other) {
    return other.starts_with(one) && (other.size() == one.size() || other[one.size()] == ' ');
}

Likeness likeness_of(const fhir::Resource& resource, const PacketIndex& index) {
    Likeness out;
    const Choice medication = choice_of(resource.json(), "medication");
    const bool is_reference = medication.type == "Reference";
    const JsonView target =
        is_reference ? index.resolve(medication.value, resource.json()) : JsonView();
    const JsonView named = is_reference              ? target["code"]
                           : medication.type.empty() ? JsonView(resource["code"])
                                                     : medication.value;
    add_codes(out.same, named);
    std::string name = concept_text(named);
    if (name.empty()) name = medication.value["display"].string();
    add_name(out.same, name);
    if (medication.type.empty()) return out;
    add_concept(out.akin, named);
    add_name(out.akin, medication.value["display"].string());
    add_ingredients(out, target, resource.json(), index);
    return out;
}

}  // namespace consultd
