#include "adapter/stages/deliver/match.h"

#include <algorithm>
#include <map>

#include "adapter/stages/deliver/identity.h"
#include "adapter/stages/deliver/person_names.h"
#include "adapter/stages/patient_answer.h"
#include "fhir/bundle.h"
#include "fhir/client/search.h"
#include "fhir/operation_outcome.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t identifiers_max = 20;
constexpr std::size_t family_names_max = 8, full_names_max = 16;
constexpr std::uint32_t match_pages_max = 20;
constexpr std::uint64_t match_resources_max = 2000;
constexpr std::int64_t operation_count = 50;

// A token without its system: https://hl7.org/fhir/R4/search.html#escaping
std::string any_system(std::string_view value) {
    std::string token;
    for (const char c : value) {
        if (c == '\\' || c == ',' || c == '|' || c == '$') token += '\\';
        token += c;
    }
    return token;
}

using Grade = PatientMatch::Grade;
constexpr std::string_view grade_url = "http://hl7.org/fhir/StructureDefinition/match-grade";

// Scores of two servers cannot be compared: less than the whole is less than certain.
Grade grade_of(JsonView search) {
    for (const JsonView extension : search["extension"].items()) {
        if (extension["url"].string() != grade_url) continue;
        const std::string_view code = extension["valueCode"].string();
        if (code == "certain") return Grade::Certain;
        return code == "certainly-not" ? Grade::CertainlyNot : Grade::LessThanCertain;
    }
    const std::string_view score = search["score"].number();
    const bool is_whole = score.empty() || score.substr(0, score.find('.')) == "1";
    return is_whole ? Grade::NotSaid : Grade::LessThanCertain;
}

// One conversation about one patient: what was found, by "Patient/77".
class Matching {
public:
    Matching(fhir::FhirClient& client, const fhir::Resource& patient, const MatchRules& rules,
             const fhir::Call& call)
        : client_(client), patient_(patient), rules_(rules), call_(call) {}

    Result<PatientMatch> run() {
        if (rules_.has_match_operation) TRY(ask_for_match());
        TRY(search_identifiers());
        TRY(search_demographics());
        return decide();
    }

private:
    // Its grades alone decide nothing: what it finds is compared like all else, and what it does
    // not find, the searches may. But it knows more of its charts than their face: nothing is
    // decided against what it says of them.
    Status ask_for_match() {
        const Json parameters = Json::object(
            {{"resourceType", "Parameters"},
             {"parameter",
              Json::array(
                  {Json::object({{"name", "resource"}, {"resource", minimum()}}),
                   Json::object({{"name", "onlyCertainMatches"}, {"valueBoolean", Json(false)}}),
                   Json::object({{"name", "count"}, {"valueInteger", Json(operation_count)}})})}});
        const Result<fhir::FhirResponse> answer =
            client_.write("POST", client_.base().below("Patient/$match"), parameters.print(), call_,
                          fhir::HttpRequest::Effect::Read);
        if (!answer) return is_no_answer(answer.error()) ? Status() : answer.error();
        if (!fhir::issues_of(answer->body).empty()) return {};  // it refuses, with a success
        const Result<fhir::Bundle> bundle =
            fhir::Bundle::parse(answer->body, fhir::BundleType::Searchset);
        knows_persons_ = bundle && patient_answer(*bundle).is_whole;
        if (bundle) take_in_graded(*bundle);
        return {};
    }

    // Whom it names is somebody to compare with, of whatever face.
    void take_in_graded(const fhir::Bundle& matches) {
        for (const JsonView entry : matches.json()["entry"].items()) {
            Result<fhir::Resource> found =
                fhir::Resource::from(matches.json().share(entry["resource"]));
            if (!found || found->type() != "Patient" || found->id().empty()) continue;
            const Grade grade = grade_of(entry["search"]);
            if (grade == Grade::CertainlyNot && !is_similar(compare(*found))) continue;
            grades_.emplace(found->key(), grade);
            similar_.emplace(found->key(), std::move(*found));
        }
    }

    // What identifies, and no more of the patient than that.
    Json minimum() const {
        Json out = Json::object({{"resourceType", "Patient"}});
        for (const char* name : {"identifier", "name", "gender", "birthDate"})
            if (patient_.json().has(name)) out = out.with(name, patient_.json().get(name));
        return out;
    }

    Status search_identifiers() {
        std::size_t asked = 0;
        for (const JsonView identifier : patient_.json()["identifier"].items()) {
            const std::string_view system = identifier["system"].string();
            const std::string_view value = identifier["value"].string();
            if (value.empty()) continue;
            if (++asked > identifiers_max) {
                knows_numbers_ = false;
                break;
            }
            fhir::Query query;
            // A bare number is looked for in any system.
            if (system.empty())
                query.add("identifier", any_system(value));
            else
                query.add_token("identifier", system, value);
            TRY(search(query, knows_numbers_));
        }
        return {};
    }

    // Everybody born that day, whatever way the name is written there; and those of whom the year
    // alone is known, by each way our own is written.
    Status search_demographics() {
        const std::string_view birth_date = patient_.json()["birthDate"].string();
        if (birth_date.size() < 4) return {};
        if (birth_date.size() >= 10) {
            fhir::Query query;
            query.add("birthdate", birth_date.substr(0, 10));
            TRY(search(query, knows_persons_));
        }
        std::vector<std::string> families = family_names_of(patient_.json());
        if (families.size() > family_names_max) {
            knows_persons_ = false;
            families.resize(family_names_max);
        }
        for (const std::string& family : families) {
            fhir::Query query;
            query.add("family", family).add("birthdate", birth_date.substr(0, 4));
            TRY(search(query, knows_persons_));
        }
        return search_names();
    }

    // Who has the whole name, and there no birth date, or that of another year.
    Status search_names() {
        std::vector<FullName> names = full_names_of(patient_.json());
        if (names.size() > full_names_max) {
            knows_persons_ = false;
            names.resize(full_names_max);
        }
        for (const auto& [family, given] : names) {
            fhir::Query query;
            query.add("family", family).add("given", given);
            TRY(search(query, knows_persons_));
        }
        return {};
    }

    // What the destination does not answer, or answers with more than anybody could compare, leaves
    // it open; it is no reason to give up.
    Status search(const fhir::Query& query, bool& complete) {
        fhir::Search search = fhir::Search::by_post(
            client_, client_.base().below("Patient/_search"), query.text(),
            {.pages_max = match_pages_max, .resources_max = match_resources_max});
        const Result<fhir::SearchResult> result = search.run(call_);
        if (!result) {
            if (!is_no_answer(result.error())) return result.error();
            complete = false;
            return {};
        }
        PatientAnswer answer = patient_answer(*result, query);
        complete = complete && answer.is_whole;
        for (fhir::Resource& found : answer.patients) take_in(std::move(found));
        return {};
    }

    // It was asked and does not say: it refuses the question, or has more than the limits. What
    // cannot be read is no answer of a FHIR server, and an error.
    static bool is_no_answer(const Error& error) {
        const bool refuses = error.number("status").value_or(0) >= 400;
        return error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::Unsupported ||
               (error.kind() == ErrorKind::Malformed && refuses) ||
               (error.kind() == ErrorKind::TooLarge && error.number("resources"));
    }

    // A server that does not know a parameter answers with everybody.
    void take_in(fhir::Resource found) {
        if (is_similar(compare(found))) similar_.emplace(found.key(), std::move(found));
    }

    PatientMatch decide() const {
        PatientMatch match{.grades = grades_, .is_whole = knows_numbers_ && knows_persons_};
        std::vector<const fhir::Resource*> rivals;
        for (const auto& [key, found] : similar_) {
            match.similar.push_back(found);
            const Comparison comparison = compare(found);
            if (may_be_the_same(comparison)) rivals.push_back(&found);
            if (is_certainly_the_same(comparison)) match.patient = key;
        }
        // A chart that says itself that the certain one has taken its place is no other person's.
        std::erase_if(rivals, [&](const fhir::Resource* rival) {
            return is_replaced_by(*rival, match.patient);
        });
        if (rivals.size() == 1 && !match.patient.empty() && knows_numbers_ &&
            !is_spoken_against(match.patient)) {
            match.finding = PatientMatch::Finding::Certain;
            return match;
        }
        match.patient.clear();
        // Who has no name or no birth date of their own cannot be told from anybody.
        const bool can_be_told = !family_names_of(patient_.json()).empty() &&
                                 patient_.json()["birthDate"].string().size() >= 4;
        if (similar_.empty() && knows_numbers_ && knows_persons_ && can_be_told)
            match.finding = PatientMatch::Finding::Nobody;
        return match;
    }

    // The destination is less than certain of that chart, or certain of another.
    bool is_spoken_against(const std::string& key) const {
        return std::ranges::any_of(grades_, [&](const auto& graded) {
            const auto& [chart, grade] = graded;
            if (chart == key) return grade != Grade::NotSaid && grade != Grade::Certain;
            return grade == Grade::Certain && !is_replaced_by(similar_.at(chart), key);
        });
    }

    bool is_replaced_by(const fhir::Resource& chart, const std::string& key) const {
        for (const JsonView link : chart["link"].items()) {
            const auto other = fhir::Reference::parse(link.at("other", "reference").string());
            const bool is_here = other.base.empty() || other.base == client_.base().text();
            if (link["type"].string() == "replaced-by" && is_here && !key.empty() &&
                other.key() == key)
                return true;
        }
        return false;
    }

    Comparison compare(const fhir::Resource& found) const {
        return compare_patients(patient_.json(), found.json(), rules_.strong_systems);
    }

    fhir::FhirClient& client_;
    const fhir::Resource& patient_;
    const MatchRules& rules_;
    const fhir::Call& call_;
    std::map<std::string, fhir::Resource> similar_;
    std::map<std::string, Grade> grades_;               // of those that $match named
    bool knows_numbers_ = true, knows_persons_ = true;  // all was answered, and whole
};

}  // namespace

Result<PatientMatch> match_patient(fhir::FhirClient& client, const fhir::Resource& patient,
                                   const MatchRules& rules, const fhir::Call& call) {
    return Matching(client, patient, rules, call).run();
}

}  // namespace consultd
