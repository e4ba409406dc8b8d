#include "adapter/stages/deliver/person_names.h"

#include <algorithm>

#include "fhir/base/text_fold.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t letters_min = 3;  // of a name that one letter may be wrong in

void add_parts(GivenNames& parts, std::string_view text) {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find_first_of(" -"));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        if (NameForms forms = forms_of(part); !forms.empty()) parts.push_back(std::move(forms));
    }
}

// Of UTF-8, as it was folded.
std::vector<std::string_view> letters_of(std::string_view name) {
    std::vector<std::string_view> letters;
    const auto is_within = [&](std::size_t at) {
        return at < name.size() && (static_cast<unsigned char>(name[at]) & 0xC0U) == 0x80U;
    };
    for (std::size_t at = 0; at < name.size();) {
        std::size_t end = at + 1;
        while (is_within(end)) ++end;
        letters.push_back(name.substr(at, end - at));
        at = end;
    }
    return letters;
}

// One letter more, less or other, or two neighbours that have changed places. What is before and
// what is after it is the same.
bool differs_by_one(std::string_view left, std::string_view right) {
    // No name of people: a number says which of many it is.
    const auto has_digit = [](std::string_view name) {
        return name.find_first_of("0123456789") != name.npos;
    };
    if (has_digit(left) || has_digit(right)) return false;
    std::vector<std::string_view> one = letters_of(left), other = letters_of(right);
    if (one.size() < other.size()) std::swap(one, other);
    if (other.size() < letters_min || one.size() > other.size() + 1) return false;
    const auto at = std::ranges::mismatch(one, other);
    const std::vector<std::string_view> rest(at.in1, one.end()), rest_of_other(at.in2, other.end());
    const auto same_without = [&](std::size_t of_one, std::size_t of_other) {
        return rest.size() >= of_one && rest_of_other.size() >= of_other &&
               std::equal(rest.begin() + static_cast<std::ptrdiff_t>(of_one), rest.end(),
                          rest_of_other.begin() + static_cast<std::ptrdiff_t>(of_other),
                          rest_of_other.end());
    };
    const bool have_swapped = rest.size() > 1 && rest_of_other.size() > 1 &&
                              rest[0] == rest_of_other[1] && rest[1] == rest_of_other[0];
    return same_without(1, 1) || same_without(1, 0) || (have_swapped && same_without(2, 2));
}

bool are_near(const NameForms& ours, const NameForms& theirs) {
    return share_one(ours, theirs) || std::ranges::any_of(ours, [&](const std::string& mine) {
               return std::ranges::any_of(
                   theirs, [&](const std::string& other) { return differs_by_one(mine, other); });
           });
}

bool is_initial(const NameForms& left, const NameForms& right) {
    return left.begin()->size() == 1 && right.begin()->starts_with(*left.begin());
}

bool are_given_nearly(const GivenNames& ours, const GivenNames& theirs) {
    if (ours.empty() || theirs.empty()) return true;
    return are_near(ours[0], theirs[0]) || is_initial(ours[0], theirs[0]) ||
           is_initial(theirs[0], ours[0]);
}

bool stands_among(const NameForms& family, const GivenNames& given) {
    return std::ranges::any_of(given,
                               [&](const NameForms& part) { return share_one(family, part); });
}

bool are_nearly(JsonView mine, JsonView other) {
    const NameForms left = forms_of(mine["family"].string());
    const NameForms right = forms_of(other["family"].string());
    const GivenNames given = given_parts(mine), their_given = given_parts(other);
    if (left.empty() || right.empty()) return false;
    return (are_near(left, right) && are_given_nearly(given, their_given)) ||
           (stands_among(left, their_given) && stands_among(right, given));
}

// "Anna" of "Anna-Maria Luise": what a search for the beginning of a name finds.
std::string_view first_given_of(JsonView name) {
    const auto given = name["given"].items();
    const std::string_view first = given.empty() ? std::string_view() : given[0].string();
    return first.substr(0, first.find_first_of(" -"));
}

}  // namespace

NameForms forms_of(std::string_view text) {
    NameForms forms;
    for (std::string name : {folded(text), folded_with_digraphs(text)})
        if (!name.empty()) forms.insert(std::move(name));
    return forms;
}

bool share_one(const NameForms& left, const NameForms& right) {
    return std::ranges::any_of(left, [&](const std::string& form) { return right.contains(form); });
}

bool is_legal_name(JsonView name) {
    const std::string_view use = name["use"].string();
    return use != "nickname" && use != "anonymous" && use != "temp";
}

NameForms families(JsonView patient) {
    NameForms names;
    for (const JsonView name : patient["name"].items())
        if (is_legal_name(name)) names.merge(forms_of(name["family"].string()));
    return names;
}

GivenNames given_parts(JsonView name) {
    GivenNames parts;
    for (const JsonView given : name["given"].items()) add_parts(parts, given.string());
    return parts;
}

std::vector<GivenNames> given_names(JsonView patient) {
    std::vector<GivenNames> all;
    for (const JsonView name : patient["name"].items())
        if (GivenNames parts = given_parts(name); is_legal_name(name) && !parts.empty())
            all.push_back(std::move(parts));
    return all;
}

std::vector<GivenNames> given_of(JsonView name, const std::vector<GivenNames>& all) {
    GivenNames own = given_parts(name);
    return own.empty() ? all : std::vector<GivenNames>{std::move(own)};
}

bool are_named_nearly(JsonView ours, JsonView theirs) {
    for (const JsonView mine : ours["name"].items())
        for (const JsonView other : theirs["name"].items())
            if (is_legal_name(mine) && is_legal_name(other) && are_nearly(mine, other)) return true;
    return false;
}

std::vector<std::string> family_names_of(JsonView patient) {
    std::vector<std::string> names;
    for (const JsonView name : patient["name"].items()) {
        const std::string_view family = name["family"].string();
        if (!is_legal_name(name) || folded(family).empty()) continue;
        for (std::string one : {std::string(family), folded_with_digraphs(family)})
            if (std::ranges::find(names, one) == names.end()) names.push_back(std::move(one));
    }
    return names;
}

std::vector<FullName> full_names_of(JsonView patient) {
    std::set<FullName> names;
    for (const JsonView name : patient["name"].items())
        for (const JsonView with_given : patient["name"].items()) {
            const bool has_own = !given_parts(name).empty();
            const std::string_view family = name["family"].string();
            const std::string_view given = first_given_of(has_own ? name : with_given);
            if (!is_legal_name(name) || !is_legal_name(with_given)) continue;
            if (folded(family).empty() || folded(given).empty()) continue;
            names.emplace(std::string(family), std::string(given));
            names.emplace(folded_with_digraphs(family), folded_with_digraphs(given));
        }
    return {names.begin(), names.end()};
}

}  // namespace consultd
