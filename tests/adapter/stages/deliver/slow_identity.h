// A slow evaluator of the rules of identity, that goes by the table in identity.h alone and shares
// no line with them; and people to hold against each other.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fhir/json.h"

namespace consultd::slow_identity {

using Words = std::vector<std::string>;

struct Number {
    std::string system, value, type, use = "";
    bool operator==(const Number&) const = default;
};
struct Name {
    std::string use, family, text;
    Words given;
};
struct Person {
    std::vector<Number> numbers;
    std::vector<Name> names;
    std::string birth_date, gender;
    bool is_active = true, is_dead = false, is_replaced = false;
};

// ---- as FHIR

inline fhir::Json json_of(const Person& person) {
    using fhir::Json;
    std::vector<Json> numbers, names;
    const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
    for (const Number& one : person.numbers) {
        const Json coding = Json::object(
            {{"system", "http://terminology.hl7.org/CodeSystem/v2-0203"}, {"code", one.type}});
        numbers.push_back(Json::object(
            {{"use", text(one.use)},
             {"system", text(one.system)},
             {"value", text(one.value)},
             {"type",
              one.type.empty() ? Json() : Json::object({{"coding", Json::array({coding})}})}}));
    }
    for (const Name& one : person.names) {
        std::vector<Json> given(one.given.begin(), one.given.end());
        names.push_back(Json::object({{"use", text(one.use)},
                                      {"family", text(one.family)},
                                      {"text", text(one.text)},
                                      {"given", Json::array(std::move(given))},
                                      {"prefix", Json::array({Json("Dr.")})}}));
    }
    const Json link = Json::object(
        {{"type", "replaced-by"}, {"other", Json::object({{"reference", "Patient/another"}})}});
    return Json::object({{"resourceType", "Patient"},
                         {"identifier", Json::array(std::move(numbers))},
                         {"name", Json::array(std::move(names))},
                         {"birthDate", text(person.birth_date)},
                         {"gender", text(person.gender)},
                         {"active", person.is_active ? Json() : Json(false)},
                         {"deceasedBoolean", person.is_dead ? Json(true) : Json()},
                         {"link", person.is_replaced ? Json::array({link}) : Json()}});
}

// ---- the slow evaluator

// Letter by letter, from a list; what is not in it is left out.
inline std::string plain(const std::string& name, bool with_two_letters) {
    const std::vector<std::pair<std::string, Words>> letters{
        {"ü", {"u", "ue"}}, {"ö", {"o", "oe"}}, {"ä", {"a", "ae"}}, {"ß", {"ss", "ss"}},
        {"é", {"e", "e"}},  {"í", {"i", "i"}},  {"Ü", {"u", "ue"}}, {"ñ", {"n", "n"}}};
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const auto found = std::ranges::find_if(letters, [&](const auto& letter) {
            return name.compare(at, letter.first.size(), letter.first) == 0;
        });
        if (found != letters.end()) {
            out += found->second[with_two_letters ? 1 : 0];
            at += found->first.size();
            continue;
        }
        const char c = name[at++];
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c & 0x80) != 0) out += c;
    }
    return out;
}

inline bool same_word(const std::string& left, const std::string& right) {
    for (const bool mine : {false, true})
        for (const bool other : {false, true})
            if (!plain(left, mine).empty() && plain(left, mine) == plain(right, other)) return true;
    return false;
}

inline bool is_used_name(const Name& name) {
    return name.use != "nickname" && name.use != "anonymous" && name.use != "temp";
}

inline Words words_of(const Words& given) {
    Words words;
    std::string all;
    for (const std::string& one : given) all += one + " ";
    std::string word;
    for (const char c : all) {
        if (c != ' ' && c != '-') {
            word += c;
            continue;
        }
        if (!word.empty()) words.push_back(word);
        word.clear();
    }
    return words;
}

inline bool same_given(const Words& left, const Words& right) {
    if (left.empty() || right.empty() || !same_word(left[0], right[0])) return false;
    for (std::size_t i = 1; i < left.size() && i < right.size(); ++i) {
        const std::string one = plain(left[i], false), other = plain(right[i], false);
        const bool is_initial = (one.size() == 1 && other.front() == one.front()) ||
                                (other.size() == 1 && one.front() == other.front());
        if (!same_word(left[i], right[i]) && !is_initial) return false;
    }
    return true;
}

inline bool same_full_name(const Person& ours, const Person& theirs) {
    const auto given_choices = [](const Person& person, const Name& name) {
        std::vector<Words> choices;
        if (!words_of(name.given).empty()) return std::vector<Words>{words_of(name.given)};
        for (const Name& other : person.names)
            if (is_used_name(other) && !words_of(other.given).empty())
                choices.push_back(words_of(other.given));
        return choices;
    };
    for (const Name& mine : ours.names)
        for (const Name& other : theirs.names) {
            if (!is_used_name(mine) || !is_used_name(other)) continue;
            if (!same_word(mine.family, other.family)) continue;
            for (const Words& left : given_choices(ours, mine))
                for (const Words& right : given_choices(theirs, other))
                    if (same_given(left, right)) return true;
        }
    return false;
}

inline bool is_strong(const Number& number) {
    const Words strong{"MR", "PI", "PE", "SS", "NI", "JHN", "PPN", "CZ", "NNDEU"};
    if (std::ranges::count(strong, number.type) > 0) return true;
    return number.type.empty() && number.system == "https://fhir.nhs.uk/Id/nhs-number";
}
inline bool is_used(const Number& number) { return number.use != "old" && number.use != "temp"; }

inline bool has_strong_number(const Person& ours, const Person& theirs) {
    for (const Number& mine : ours.numbers)
        for (const Number& other : theirs.numbers) {
            if (mine.system.empty() || mine.system != other.system || mine.value != other.value)
                continue;
            const bool is_weak = (!mine.type.empty() && !is_strong(mine)) ||
                                 (!other.type.empty() && !is_strong(other));
            if (!is_weak && (is_strong(mine) || is_strong(other)) && is_used(mine) &&
                is_used(other))
                return true;
        }
    return false;
}

inline bool has_two_numbers_of_one_system(const Person& ours, const Person& theirs) {
    std::map<std::string, std::pair<int, int>> pairs;  // of a system: equal, unequal
    for (const Number& mine : ours.numbers)
        for (const Number& other : theirs.numbers) {
            if (mine.system.empty() || mine.system != other.system || !is_used(mine) ||
                !is_used(other) || !is_strong(mine) || !is_strong(other))
                continue;
            ++(mine.value == other.value ? pairs[mine.system].first : pairs[mine.system].second);
        }
    return std::ranges::any_of(
        pairs, [](const auto& of) { return of.second.first == 0 && of.second.second > 0; });
}

inline bool slowly_certain(const Person& ours, const Person& theirs) {
    const bool is_day = ours.birth_date.size() == 10 && ours.birth_date == theirs.birth_date;
    const bool is_gender =
        !ours.gender.empty() && ours.gender != "unknown" && ours.gender == theirs.gender;
    const bool is_chart_in_use =
        theirs.is_active && !theirs.is_replaced && (!theirs.is_dead || ours.is_dead);
    return has_strong_number(ours, theirs) && !has_two_numbers_of_one_system(ours, theirs) &&
           same_full_name(ours, theirs) && is_day && is_gender && is_chart_in_use;
}

// By the whole table of distances; letters of several bytes are compared byte by byte.
inline bool one_letter_off(const std::string& left, const std::string& right) {
    if (left.size() < 3 || right.size() < 3) return false;
    std::vector<std::vector<std::size_t>> far(left.size() + 1,
                                              std::vector<std::size_t>(right.size() + 1));
    for (std::size_t i = 0; i <= left.size(); ++i)
        for (std::size_t j = 0; j <= right.size(); ++j) {
            if (i == 0 || j == 0) {
                far[i][j] = i + j;
                continue;
            }
            const bool is_same = left[i - 1] == right[j - 1];
            far[i][j] = std::min(
                {far[i - 1][j] + 1, far[i][j - 1] + 1, far[i - 1][j - 1] + (is_same ? 0 : 1)});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                far[i][j] = std::min(far[i][j], far[i - 2][j - 2] + 1);
        }
    return far.back().back() <= 1;
}

inline bool nearly_the_word(const std::string& left, const std::string& right) {
    for (const char digit : std::string("0123456789"))
        if (left.find(digit) != left.npos || right.find(digit) != right.npos)
            return same_word(left, right);
    for (const bool mine : {false, true})
        for (const bool other : {false, true})
            if (one_letter_off(plain(left, mine), plain(right, other))) return true;
    return same_word(left, right);
}

inline bool nearly_the_name(const Name& mine, const Name& other) {
    if (plain(mine.family, false).empty() || plain(other.family, false).empty()) return false;
    const Words ours = words_of(mine.given), theirs = words_of(other.given);
    const auto stands_in = [](const std::string& family, const Words& given) {
        return std::ranges::any_of(given,
                                   [&](const std::string& one) { return same_word(family, one); });
    };
    if (stands_in(mine.family, theirs) && stands_in(other.family, ours)) return true;
    if (!nearly_the_word(mine.family, other.family)) return false;
    if (ours.empty() || theirs.empty() || nearly_the_word(ours[0], theirs[0])) return true;
    const std::string one = plain(ours[0], false), two = plain(theirs[0], false);
    return (one.size() == 1 || two.size() == 1) && one.front() == two.front();
}

inline bool as_people_differ(const Person& ours, const Person& theirs) {
    const auto gender = [](const Person& person) {
        return person.gender == "unknown" ? std::string() : person.gender;
    };
    const bool is_gender =
        gender(ours).empty() || gender(theirs).empty() || gender(ours) == gender(theirs);
    const bool is_day = ours.birth_date.size() == 10 && ours.birth_date == theirs.birth_date;
    const bool is_no_day = ours.birth_date.empty() || theirs.birth_date.empty();
    const bool is_other_year = ours.birth_date.size() == 10 && theirs.birth_date.size() == 10 &&
                               ours.birth_date.substr(4) == theirs.birth_date.substr(4);
    bool is_nearly = false;
    for (const Name& mine : ours.names)
        for (const Name& other : theirs.names) {
            if (!is_used_name(mine) || !is_used_name(other)) continue;
            is_nearly = is_nearly || nearly_the_name(mine, other);
        }
    return (is_day && is_nearly) ||
           (same_full_name(ours, theirs) && (is_no_day || is_other_year) && is_gender);
}

inline bool slowly_similar(const Person& ours, const Person& theirs) {
    if (as_people_differ(ours, theirs)) return true;
    for (const Number& mine : ours.numbers)
        for (const Number& other : theirs.numbers)
            if (!mine.value.empty() && mine.value == other.value &&
                (mine.system == other.system || mine.system.empty() || other.system.empty()))
                return true;
    const bool is_year = ours.birth_date.size() >= 4 && theirs.birth_date.size() >= 4 &&
                         ours.birth_date.substr(0, 4) == theirs.birth_date.substr(0, 4);
    const auto stands_in = [](const Person& person, const Person& other) {
        for (const Name& name : person.names)
            for (const Name& written : other.names)
                for (const bool one : {false, true})
                    for (const bool two : {false, true})
                        if (is_used_name(name) && written.family.empty() &&
                            !plain(name.family, one).empty() &&
                            plain(written.text, two).find(plain(name.family, one)) !=
                                std::string::npos)
                            return true;
        return false;
    };
    bool is_name = stands_in(ours, theirs) || stands_in(theirs, ours);
    for (const Name& mine : ours.names)
        for (const Name& other : theirs.names)
            is_name = is_name || (is_used_name(mine) && is_used_name(other) &&
                                  same_word(mine.family, other.family));
    return is_name && is_year;
}

}  // namespace consultd::slow_identity
