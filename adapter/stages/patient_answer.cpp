#include "adapter/stages/patient_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string>

#include "fhir/operation_outcome.h"

namespace consultd {
namespace {

using fhir::JsonView;

// What may be said of a search that was done as it was asked for; all else is of what was not done.
// "Resource request returns no results" comes as a warning of `processing` (seen of Epic, 4101).
// https://hl7.org/fhir/R4/codesystem-issue-type.html
constexpr std::array<std::string_view, 3> harmless{"processing", "informational", "not-found"};

// What narrows a question after a Patient. https://hl7.org/fhir/R4/patient.html#search
constexpr std::array<std::string_view, 35> conditions{
    "active",        "address",      "address-city",
    "address-state", "address-use",  "address-postalcode",
    "birthdate",     "death-date",   "address-country",
    "deceased",      "email",        "family",
    "gender",        "given",        "general-practitioner",
    "identifier",    "language",     "link",
    "name",          "organization", "phone",
    "phonetic",      "telecom",      "_content",
    "_filter",       "_has",         "_id",
    "_language",     "_lastUpdated", "_list",
    "_profile",      "_query",       "_security",
    "_tag",          "_text"};

template <std::size_t size>
bool has(const std::array<std::string_view, size>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

std::string decoded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t length = 1;
        unsigned int byte = static_cast<unsigned char>(text.front());
        if (byte == '+') byte = ' ';
        if (text.front() == '%' && text.size() >= 3 &&
            std::from_chars(text.data() + 1, text.data() + 3, byte, 16).ptr == text.data() + 3)
            length = 3;
        out += static_cast<char>(byte);
        text.remove_prefix(length);
    }
    return out;
}

struct Parameter {
    std::string name, value;
    bool operator==(const Parameter&) const = default;
};

// Without modifiers, and "eq1970-05-06" as the date that it is; and without what is of the answer's
// form alone.
std::vector<Parameter> parameters_in(std::string_view query) {
    std::vector<Parameter> parameters;
    query = query.substr(0, query.find('#'));
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        Parameter one{decoded(pair.substr(0, equals)),
                      decoded(pair.substr(std::min(equals + 1, pair.size())))};
        one.name.resize(std::min(one.name.find_first_of(":."), one.name.size()));
        if (one.name == "birthdate" && one.value.starts_with("eq")) one.value.erase(0, 2);
        if (!one.name.empty() && one.name != "_format" && one.name != "_pretty")
            parameters.push_back(std::move(one));
    }
    return parameters;
}

bool is_another_question(std::string_view self, const fhir::Query& query) {
    const std::size_t question = std::min(self.find('?'), self.size());
    const std::vector<Parameter> said =
        parameters_in(self.substr(question).substr(question < self.size() ? 1 : 0));
    const std::vector<Parameter> asked = parameters_in(query.text());
    if (said.empty()) return false;
    const auto is_in = [](const std::vector<Parameter>& all, const Parameter& one) {
        return std::ranges::find(all, one) != all.end();
    };
    return std::ranges::any_of(asked, [&](const Parameter& one) { return !is_in(said, one); }) ||
           std::ranges::any_of(said, [&](const Parameter& one) {
               return has(conditions, one.name) && !is_in(asked, one);
           });
}

bool is_a_part(JsonView resource) {
    return std::ranges::any_of(resource.at("meta", "tag").items(),
                               [](JsonView tag) { return tag["code"].string() == "SUBSETTED"; });
}

bool is_harmless(const fhir::OperationOutcomeIssue& issue) {
    return !issue.is_error() && has(harmless, issue.code);
}

class Reading {
public:
    void take_in(const fhir::Json& resource) {
        Result<fhir::Resource> found = fhir::Resource::from(resource);
        const bool is_whole = found && found->type() == "Patient" && !found->id().empty();
        answer_.is_whole = answer_.is_whole && is_whole && !is_a_part(resource);
        if (!is_whole) return;
        ids_.emplace(found->id());
        answer_.patients.push_back(std::move(*found));
    }
    void take_in(const std::vector<fhir::OperationOutcomeIssue>& issues) {
        if (!std::ranges::all_of(issues, is_harmless)) answer_.is_whole = false;
    }
    void counts(std::optional<std::int64_t> total) {
        if (total && *total > static_cast<std::int64_t>(ids_.size())) answer_.is_whole = false;
    }
    void lacks_something(bool does) { answer_.is_whole = answer_.is_whole && !does; }
    PatientAnswer take() { return std::move(answer_); }

private:
    PatientAnswer answer_;
    std::set<std::string, std::less<>> ids_;  // a page may repeat what another had
};

}  // namespace

PatientAnswer patient_answer(const fhir::SearchResult& result, const fhir::Query& asked) {
    Reading reading;
    for (const fhir::BundleEntry& entry : result.matches) reading.take_in(entry.resource);
    reading.take_in(result.issues);
    reading.counts(result.total);
    reading.lacks_something(result.incomplete || result.has_unreadable_total ||
                            is_another_question(result.self, asked));
    return reading.take();
}

PatientAnswer patient_answer(const fhir::Bundle& matches) {
    Reading reading;
    for (const fhir::BundleEntry& entry : matches.entries()) {
        if (entry.resource["resourceType"].string() == "OperationOutcome")
            reading.take_in(fhir::issues_of(entry.resource));
        else if (entry.search_mode != "include")
            reading.take_in(entry.resource);
    }
    reading.counts(matches.total());
    reading.lacks_something(matches.link("next").has_value());
    return reading.take();
}

}  // namespace consultd
