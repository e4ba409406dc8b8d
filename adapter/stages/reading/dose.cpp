#include "adapter/stages/reading/dose.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "adapter/stages/reading/amount.h"
#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/timing.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

// "2 tablets", "dose 2" of a number alone; of a Ratio as people say it.
std::string quantity_words(const Choice& quantity, std::string_view of_a_number_alone) {
    if (quantity.type == "Ratio") return ratio_words(quantity.value);
    std::string out = choice_text(quantity);
    const bool has_unit = out.find_first_not_of("0123456789. –<>=≤≥") != std::string::npos;
    if (!out.empty() && !has_unit) out.insert(0, of_a_number_alone);
    return out;
}

// One amount and its rate: "500 mg at 10 mL an hour".
std::string one_amount(const Choice& dose, const Choice& rate) {
    std::string out = quantity_words(dose, "dose ");
    const std::string at = quantity_words(rate, "rate ");
    join(out, out.empty() ? "" : " ", at.empty() ? at : "at " + at);
    return out;
}

// What is said of the amount alone, without when: of an administration its dose and rate; of an
// order each of those that it gives, ordered or calculated.
// https://hl7.org/fhir/R4/dosage-definitions.html#Dosage.doseAndRate.type
std::string amount_text(JsonView dosage) {
    const Choice own_dose{dosage["dose"].is_null() ? "" : "Quantity", dosage["dose"]};
    std::string out = one_amount(own_dose, choice_of(dosage, "rate"));
    const std::size_t count = dosage["doseAndRate"].size();
    for (const JsonView& amount : dosage["doseAndRate"].items()) {
        std::string one = one_amount(choice_of(amount, "dose"), choice_of(amount, "rate"));
        const std::string type = concept_text(amount["type"]);
        if (!one.empty() && !type.empty() && (count > 1 || lower(type) != "ordered"))
            one.append(" (").append(type).append(")");
        join(out, " or ", one);
    }
    return out;
}

std::string needed_text(JsonView dosage) {
    const Choice needed = choice_of(dosage, "asNeeded");
    if (needed.value.is_true()) return "as needed";
    const std::string why = concept_text(needed.value);
    return why.empty() ? why : "as needed for " + why;
}

std::string at_most(const std::string& amount, std::string_view of_what) {
    return amount.empty() ? amount : "at most " + amount + std::string(of_what);
}

// The parts that stand after amount, route and how often.
std::vector<std::string> rest_of(JsonView dosage, const std::vector<std::string>& timing) {
    std::vector<std::string> out(timing.begin() + 1, timing.end());
    for (std::string& part : std::array<std::string, 6>{
             needed_text(dosage), at_most(ratio_words(dosage["maxDosePerPeriod"]), ""),
             at_most(quantity_text(dosage["maxDosePerAdministration"]), " at a time"),
             at_most(quantity_text(dosage["maxDosePerLifetime"]), " in a lifetime"),
             concept_text(dosage["site"]), concept_text(dosage["method"])})
        if (!part.empty()) out.push_back(std::move(part));
    return out;
}

// Whether the source's own text has a word or number of the structured one as a whole.
bool has_whole(const std::string& text, std::string_view word) {
    const auto is_part = [](char one) {
        return std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '.';
    };
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool is_decimal = end + 1 < text.size() && text[end] == '.' && is_part(text[end + 1]);
        if ((at == 0 || !is_part(text[at - 1])) &&
            (end >= text.size() || (!is_part(text[end]) || (text[end] == '.' && !is_decimal))))
            return true;
    }
    return false;
}

// The ways in which people write how often; the first of them is ours.
constexpr std::array<std::array<std::string_view, 7>, 8> same_words = {
    {{"once a day", "once daily", "daily", "every day", "per day", "qd", "od"},
     {"twice a day", "twice daily", "two times a day", "bid", "2x", "every 12 hours", "b.i.d"},
     {"3 times a day", "three times daily", "three times a day", "3 times daily", "tid",
      "every 8 hours", "3x"},
     {"4 times a day", "four times daily", "four times a day", "4 times daily", "qid",
      "every 6 hours", "4x"},
     {"once a week", "once weekly", "weekly", "every week", "per week", "1 time a week", "qw"},
     {"every 4 hours", "every 4 h", "q4h", "4-hourly", "every four hours", "every 4 hrs", "q4"},
     {"every 6 hours", "every 6 h", "q6h", "6-hourly", "every six hours", "every 6 hrs", "q6"},
     {"every 8 hours", "every 8 h", "q8h", "8-hourly", "every eight hours", "every 8 hrs", "q8"}}};

// Ways in which people write a part that is not a number: the first is ours, or a word of it.
constexpr std::array<std::array<std::string_view, 6>, 7> same_parts = {
    {{"as needed", "prn", "if needed", "when needed", "as required", "p.r.n"},
     {"oral", "by mouth", "po", "p.o", "orally", "per os"},
     {"intravenous", "iv", "i.v", "into a vein", "infusion", "intravenously"},
     {"subcutaneous", "sc", "s.c", "subcut", "sq", "under the skin"},
     {"intramuscular", "im", "i.m", "into a muscle", "intramuscularly", ""},
     {"inhalation", "inhale", "inhaled", "puff", "puffs", "inhalations"},
     {"topical", "apply", "on the skin", "topically", "to the skin", ""}}};

bool has_any(const std::string& text, std::span<const std::string_view> words) {
    return std::ranges::any_of(
        words, [&](std::string_view word) { return !word.empty() && has_whole(text, word); });
}

// Whether the source's own text says this part, in these words or in others that mean it.
bool says(const std::string& text, const std::string& part) {
    const std::string ours = lower(part);
    if (ours.empty() || has_whole(text, ours)) return true;
    for (const auto& row : same_words)
        if (row.front() == ours) return has_any(text, row);
    for (const auto& row : same_parts)
        if (ours == row.front() || ours == std::string(row.front()) + " route" ||
            ours == std::string(row.front()) + " use")
            return has_any(text, row);
    return false;
}

// Whether the text has each amount: its number with its unit. That of a Range, whose ends stand in
// many ways, is said again.
bool says_amount(const std::string& text, JsonView dosage) {
    if (dosage["doseAndRate"].size() > 1) return false;
    const JsonView amount = first_of(dosage["doseAndRate"]);
    const Choice said[] = {choice_of(amount, "dose"),
                           choice_of(amount, "rate"),
                           {"Quantity", dosage["dose"]},
                           choice_of(dosage, "rate")};
    return std::ranges::all_of(said, [&](const Choice& one) {
        const std::string_view value = one.value["value"].number();
        const std::string_view unit = one.value["unit"].string();
        if (value.empty()) return one.value.is_null();
        return has_amount(text, value, unit.empty() ? one.value["code"].string() : unit);
    });
}

std::string structured_text(JsonView dosage, const std::vector<std::string>& timing,
                            const std::vector<std::string>& rest) {
    std::string out = amount_text(dosage);
    join(out, " ", concept_text(dosage["route"]));
    join(out, " ", timing.front());
    for (const std::string& part : rest) join(out, ", ", part);
    return out;
}

// The text of the source as it is; where amount or how often are not those of the structured part,
// that as a whole; else what of it the text does not say.
std::string one_dosage(JsonView dosage) {
    std::string out(dosage["text"].string());
    const std::vector<std::string> timing = timing_parts(dosage["timing"]);
    std::vector<std::string> rest = rest_of(dosage, timing);
    const std::string text = lower(out);
    if (out.empty()) {
        out = structured_text(dosage, timing, rest);
    } else if (!says_amount(text, dosage) || !says(text, timing.front())) {
        out.append(" (structured: ").append(structured_text(dosage, timing, rest)).append(")");
    } else {
        rest.insert(rest.begin(), concept_text(dosage["route"]));
        for (const std::string& part : rest)
            if (!says(text, part)) join(out, ", ", part);
    }
    if (dosage["asNeededBoolean"].is_bool() && !dosage["asNeededBoolean"].is_true() &&
        has_any(text, same_parts[0]))
        out += " (structured: not as needed)";
    for (const JsonView& more : dosage["additionalInstruction"].items())
        if (const std::string said = concept_text(more); out.find(said) == std::string::npos)
            join(out, ", ", said);
    if (const std::string_view more = dosage["patientInstruction"].string();
        out.find(more) == std::string::npos)
        join(out, ", ", more);
    return out;
}

}  // namespace

std::string dosage_text(JsonView dosages) {
    if (!dosages.is_array()) return one_dosage(dosages);
    std::vector<JsonView> steps(dosages.items().begin(), dosages.items().end());
    std::stable_sort(steps.begin(), steps.end(), [](JsonView left, JsonView right) {
        return left["sequence"].integer().value_or(0) < right["sequence"].integer().value_or(0);
    });
    std::string out;
    std::string_view before;
    for (const JsonView step : steps) {
        const std::string_view sequence = step["sequence"].number();
        join(out, !before.empty() && sequence != before ? "; then " : "; ", one_dosage(step));
        before = sequence;
    }
    return out;
}

}  // namespace consultd
