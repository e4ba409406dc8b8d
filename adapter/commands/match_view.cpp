#include "adapter/commands/match_view.h"

#include <array>

#include "adapter/commands/terminal_text.h"
#include "adapter/stages/belonging/belonging.h"

namespace consultd::commands {
namespace {

using fhir::Json;
using fhir::JsonView;

// The rows of identity.h.
struct Row {
    std::string_view name;
    std::string_view (*says)(const Comparison&);
    std::string (*value)(JsonView patient);
};

std::string_view word_of(Agreement agreement) {
    switch (agreement) {
        case Agreement::Agree:
            return "agrees";
        case Agreement::Differ:
            return "differs";
        case Agreement::Missing:
            return "absent";
    }
    return "";
}

void add(std::string& list, std::string_view item) {
    if (item.empty()) return;
    list.append(list.empty() ? "" : "; ").append(item);
}

std::string with_use(std::string text, JsonView element) {
    if (const std::string_view use = element["use"].string(); !use.empty() && !text.empty())
        text.append(" (").append(use).append(")");
    return text;
}

std::string identifiers(JsonView patient) {
    std::string list;
    for (const JsonView identifier : patient["identifier"].items()) {
        std::string one(identifier["value"].string());
        for (const JsonView coding : identifier["type"]["coding"].items())
            one.insert(0, std::string(coding["code"].string()) + " ");
        if (const std::string_view system = identifier["system"].string(); !system.empty())
            one.append(" of ").append(system);
        add(list, with_use(std::move(one), identifier));
    }
    return list;
}

std::string families(JsonView patient) {
    std::string list;
    for (const JsonView name : patient["name"].items())
        add(list, with_use(std::string(name["family"].string()), name));
    return list;
}

std::string given_names(JsonView patient) {
    std::string list;
    for (const JsonView name : patient["name"].items()) {
        std::string one;
        for (const JsonView given : name["given"].items())
            one.append(one.empty() ? "" : " ").append(given.string());
        add(list, with_use(std::move(one), name));
    }
    return list;
}

std::string chart_state(JsonView patient) {
    if (is_retired(patient)) return "not in use";
    if (has_unknown_modifier(patient)) return "marked with what is not understood";
    const bool is_dead = patient["deceasedBoolean"].is_true() || patient.has("deceasedDateTime");
    return is_dead ? "deceased" : "in use";
}

std::string_view identifier_word(const Comparison& comparison) {
    if (comparison.shares_strong_identifier) return "agrees";
    return comparison.shares_identifier ? "shared, proves nothing" : "differs";
}

constexpr std::array<Row, 6> rows{{
    {"identifier", identifier_word, identifiers},
    {"family", [](const Comparison& it) { return word_of(it.family); }, families},
    {"given", [](const Comparison& it) { return word_of(it.given); }, given_names},
    {"birth date", [](const Comparison& it) { return word_of(it.birth_date); },
     [](JsonView patient) { return std::string(patient["birthDate"].string()); }},
    {"gender", [](const Comparison& it) { return word_of(it.gender); },
     [](JsonView patient) { return std::string(patient["gender"].string()); }},
    {"chart",
     [](const Comparison& it) -> std::string_view {
         return it.is_out_of_use ? "differs" : "agrees";
     },
     chart_state},
}};

// What stands on neither side, or on one of them, is absent.
std::string_view says(const Row& row, const MatchView::Candidate& candidate,
                      const MatchView& view) {
    const bool is_whole =
        !row.value(view.patient.json()).empty() && !row.value(candidate.chart.json()).empty();
    return is_whole ? row.says(candidate.comparison) : "absent";
}

std::string_view word_of(PatientMatch::Grade grade) {
    switch (grade) {
        case PatientMatch::Grade::NotSaid:
            return "";
        case PatientMatch::Grade::Certain:
            return "certain";
        case PatientMatch::Grade::LessThanCertain:
            return "less than certain";
        case PatientMatch::Grade::CertainlyNot:
            return "certainly not";
    }
    return "";
}

std::string column(std::string text, std::size_t width) {
    text = terminal_text(std::move(text));
    std::size_t letters = 0;  // and not bytes of UTF-8
    for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    if (letters < width) text.append(width - letters, ' ');
    return text + "  ";
}

}  // namespace

std::string summary_of(const Comparison& comparison) {
    std::string words;
    for (const Row& row : rows) {
        if (!words.empty()) words += ", ";
        words.append(row.name).append(" ").append(row.says(comparison));
    }
    return words;
}

Json json_of(const MatchView& view) {
    std::vector<Json> candidates;
    for (const MatchView::Candidate& candidate : view.candidates) {
        std::vector<Json> lines;
        const std::string_view word = word_of(candidate.grade);
        for (const Row& row : rows)
            lines.push_back(Json::object({{"row", row.name},
                                          {"says", says(row, candidate, view)},
                                          {"ours", row.value(view.patient.json())},
                                          {"theirs", row.value(candidate.chart.json())}}));
        candidates.push_back(
            Json::object({{"chart", candidate.chart.key()},
                          {"certain", Json(is_certainly_the_same(candidate.comparison))},
                          {"destinationSays", word.empty() ? Json() : Json(word)},
                          {"rows", Json::array(std::move(lines))}}));
    }
    return Json::object({{"transfer", view.transfer.id},
                         {"state", name_of(view.transfer.state)},
                         {"reason", view.transfer.reason},
                         {"destination", view.transfer.destination},
                         {"whole", Json(view.is_whole)},
                         {"candidates", Json::array(std::move(candidates))}});
}

std::string text_of(const MatchView& view) {
    std::string text = "transfer " + view.transfer.id + " is held: who the patient is at " +
                       view.destination + " is not certain\n";
    for (const MatchView::Candidate& candidate : view.candidates) {
        text += "\n" + column(candidate.chart.key(), 12) + "\n";
        for (const Row& row : rows)
            text += "  " + column(std::string(row.name), 10) +
                    column(std::string(says(row, candidate, view)), 22) +
                    column(row.value(view.patient.json()), 30) +
                    terminal_text(row.value(candidate.chart.json())) + "\n";
        if (const std::string_view word = word_of(candidate.grade); !word.empty())
            text += "  its own $match says: " + std::string(word) + "\n";
    }
    if (!view.is_whole)
        text +=
            "\nit did not show all that it has, or searched for something else than it was asked "
            "for: there may be others. Its operators can tell\n";
    if (view.candidates.empty() && !view.is_whole)
        text += "decide with --accept Patient/ID, or with --accept new for a new chart\n";
    else if (view.candidates.empty())
        text += "\nno chart there is similar now; `consultd retry` lets it go on\n";
    else
        text += "\ndecide with --accept Patient/ID, or with --accept new for a new chart\n";
    return text;
}

}  // namespace consultd::commands
