#include "adapter/stages/pull/plan.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "fhir/r4/elements.h"
#include "fhir/r4/facts.h"

namespace consultd {
namespace {

constexpr std::size_t targets_per_search = 25;
// Below the least that a server was seen to refuse.
constexpr std::string_view small_page = "20";

// "…|laboratory" → "laboratory".
std::string_view code_of(std::string_view token) {
    const std::size_t bar = token.find('|');
    return bar == std::string_view::npos ? token : token.substr(bar + 1);
}

using Parameter = std::pair<std::string, std::string>;

// How the server lets a type be searched by patient; empty: not by what it declares.
// https://hl7.org/fhir/R4/compartmentdefinition-patient.html
Parameter patient_parameter(const fhir::Capability& capability, std::string_view type,
                            const std::string& patient_id) {
    if (capability.can_search(type, "patient")) return {"patient", patient_id};
    for (const char* name : {"subject", "beneficiary", "actor", "individual", "member"})
        if (capability.can_search(type, name)) return {name, "Patient/" + patient_id};
    return {};
}

// By what it declares; a server that names no interaction at all leaves it open.
bool offers_search(const fhir::Capability& capability, std::string_view type) {
    const fhir::ResourceCapability* declared = capability.find(type);
    return declared != nullptr &&
           (declared->interactions.empty() || declared->interactions.contains("search-type"));
}

// "lifecycle-status" → "lifecycleStatus".
std::string element_of(std::string_view parameter) {
    std::string name;
    for (std::size_t i = 0; i < parameter.size(); ++i) {
        if (parameter[i] == '-' && i + 1 < parameter.size())
            name += static_cast<char>(std::toupper(static_cast<unsigned char>(parameter[++i])));
        else
            name += parameter[i];
    }
    return name;
}

Query make_query(std::string_view type, const Parameter& patient, std::uint32_t page_size) {
    Query query;
    query.type = type;
    query.label = type;
    query.parameters = {patient, {"_count", std::to_string(page_size)}};
    return query;
}

std::vector<Query> loop_queries(const PlanRow& row, const Query& base) {
    std::vector<Query> queries;
    for (const std::string& value : row.values) {
        Query query = base;
        query.parameters.emplace_back(row.loop, value);
        query.label += "?" + row.loop + "=" + std::string(code_of(value));
        queries.push_back(std::move(query));
    }
    if (!row.any_system.empty()) {
        Query query = base;
        query.parameters.emplace_back(row.loop, row.any_system);
        query.label += "?" + row.loop + "=" + row.any_system;
        queries.push_back(std::move(query));
    }
    return queries;
}

Query with(Query query, std::string name, std::string value) {
    query.parameters.emplace_back(std::move(name), std::move(value));
    return query;
}

// What shows that a list of questions named all: a count of the patient's, and what has changed
// since ever, which leaves nothing out that a server has a time of.
void add_witnesses(TypePlan& plan, const fhir::Capability& capability, const Query& base) {
    plan.attempts.push_back(counting(plan));
    for (const auto& [name, value] :
         {Parameter("_lastUpdated", "ge1900-01-01T00:00:00Z"), Parameter("date", "ge1800-01-01")}) {
        if (!capability.can_search(plan.type, name)) continue;
        Query since = with(base, name, value);
        since.label += "?" + name;
        plan.attempts.push_back({Attempt::Kind::Since, {std::move(since)}});
    }
}

TypePlan plan_type(const PlanRow& row, const fhir::Capability& capability, const Query& base) {
    TypePlan plan{row.type, !row.patient_alone, {}};
    const bool with_provenance = brings_provenance(capability, plan.type);
    const Query first = with_provenance ? with(base, "_revinclude", "Provenance:target") : base;
    plan.attempts.push_back({Attempt::Kind::Plain, {first}});
    // The server may refuse the _revinclude that it declares.
    if (with_provenance) plan.attempts.push_back({Attempt::Kind::PlainBare, {base}});
    std::vector<Query> last{first};
    bool is_closed = true;
    if (!row.values.empty() && capability.can_search(plan.type, row.loop)) {
        last = loop_queries(row, first);
        is_closed = names_all(row.type, row.loop, row.values);
        plan.attempts.push_back({Attempt::Kind::Loop, last, is_closed});
    }
    if (!row.status.empty() && capability.can_search(plan.type, row.status)) {
        for (Query& query : last) query = with(query, row.status, row.statuses);
        is_closed = is_closed && names_all(row.type, row.status, {row.statuses});
        plan.attempts.push_back({Attempt::Kind::LoopStatus, std::move(last), is_closed});
    }
    if (plan.attempts.size() > (with_provenance ? 2U : 1U)) add_witnesses(plan, capability, base);
    return plan;
}

}  // namespace

fhir::Url Query::url(const fhir::Url& base) const {
    fhir::Query query;
    for (const auto& [name, value] : parameters) query.add(name, value);
    return base.below(type).with_query(query.text());
}

bool brings_provenance(const fhir::Capability& capability, std::string_view type) {
    const fhir::ResourceCapability* declared = capability.find(type);
    return declared != nullptr && declared->revincludes.contains("Provenance:target");
}

bool ask_for_less(std::vector<std::pair<std::string, std::string>>& parameters) {
    const auto count = std::ranges::find(parameters, "_count", &Parameter::first);
    if (count == parameters.end()) return false;
    const bool is_large = std::pair(small_page.size(), small_page) <
                          std::pair(count->second.size(), std::string_view(count->second));
    if (is_large)
        count->second = small_page;
    else
        parameters.erase(count);
    return true;
}

Attempt counting(const TypePlan& plan) {
    Query count = plan.attempts.front().queries.front();
    std::erase_if(count.parameters, [](const auto& one) {
        return one.first == "_count" || one.first == "_revinclude";
    });
    count.parameters.emplace_back("_summary", "count");
    count.label = plan.type + "?_summary=count";
    return {Attempt::Kind::Count, {std::move(count)}};
}

bool names_all(std::string_view type, std::string_view parameter,
               const std::vector<std::string>& values) {
    const fhir::r4::Type* const definition = fhir::r4::find_type(type);
    const fhir::r4::Element* const element =
        definition == nullptr ? nullptr : definition->find(element_of(parameter));
    if (element == nullptr || element->min == 0 || element->required_codes.empty()) return false;
    std::string asked = ",";
    for (const std::string& value : values) asked += value + ",";
    return std::ranges::all_of(element->required_codes, [&](StaticText code) {
        return asked.find("," + std::string(code.view()) + ",") != std::string::npos;
    });
}

namespace {

// Beside those of the table: what the server declares of the types that are a patient's.
std::vector<PlanRow> rows_for(const SearchPlan& table, const fhir::Capability& capability) {
    std::vector<PlanRow> rows = table.rows;
    // A Group lists people. That ours is one of them is no part of their record, and what else it
    // says is about others.
    std::set<std::string_view> planned{"Patient", "Group"};
    for (const PlanRow& row : table.rows) planned.insert(row.type);
    for (const auto& [type, declared] : capability.types()) {
        const fhir::r4::Facts* const facts = fhir::r4::find_facts(type);
        if (facts && facts->sharing == fhir::r4::Sharing::Patients && !planned.contains(type))
            rows.push_back({.type = type});
    }
    return rows;
}

// What the operator knows of this source, over what the plan has.
TypePlan as_configured(TypePlan plan, config::PullSearch::Ask ask) {
    using Ask = config::PullSearch::Ask;
    const auto is_by_patient = [](const Attempt& attempt) {
        return attempt.kind == Attempt::Kind::Plain || attempt.kind == Attempt::Kind::PlainBare;
    };
    if (ask == Ask::Patient)
        std::erase_if(plan.attempts, [&](const Attempt& one) { return !is_by_patient(one); });
    const bool has_values = std::ranges::any_of(
        plan.attempts, [](const Attempt& attempt) { return attempt.kind == Attempt::Kind::Loop; });
    if (ask == Ask::Values && has_values) std::erase_if(plan.attempts, is_by_patient);
    return plan;
}

void widen(PlanRow& row, const config::PullSearch& search) {
    if (search.values.empty()) return;
    if (row.loop.empty()) row.loop = "category";
    row.values.insert(row.values.end(), search.values.begin(), search.values.end());
}

const config::PullSearch& search_of(const config::Pull& settings, const std::string& type) {
    static const config::PullSearch as_planned;
    const auto found = std::ranges::find(settings.searches, type, &config::PullSearch::type);
    return found == settings.searches.end() ? as_planned : *found;
}

bool is_guessed(const TypePlan& type) { return type.attempts.front().queries.front().is_guess; }

// An operation where nothing else is offered, and the one that answers at once before the other.
Plan::Way way_of(const config::Pull& settings, const fhir::Capability& capability,
                 const std::vector<TypePlan>& types) {
    using Method = config::Pull::Method;
    if (settings.method == Method::Everything) return Plan::Way::Everything;
    if (settings.method == Method::Bulk) return Plan::Way::Export;
    if (settings.method == Method::Search || !std::ranges::all_of(types, is_guessed))
        return Plan::Way::Searches;
    if (capability.has_operation("Patient", "everything")) return Plan::Way::Everything;
    const bool has_export = capability.has_operation("Patient", "export") ||
                            capability.has_operation("Patient", "patient-export") ||
                            capability.has_system_operation("patient-export");
    return has_export ? Plan::Way::Export : Plan::Way::Searches;
}

}  // namespace

Plan make_plan(const SearchPlan& table, const fhir::Capability& capability,
               const config::Pull& settings, const std::string& patient_id) {
    Plan plan;
    const bool is_by_operation = settings.method == config::Pull::Method::Everything ||
                                 settings.method == config::Pull::Method::Bulk;
    for (PlanRow& row : rows_for(table, capability)) {
        const config::PullSearch& search = search_of(settings, row.type);
        if (search.ask == config::PullSearch::Ask::Never) {
            plan.not_asked.push_back(row.type);
            plan.gaps.push_back({row.type, "not-asked"});
            continue;
        }
        widen(row, search);
        if (!offers_search(capability, row.type)) {
            plan.not_offered.push_back(row.type);
            if (row.clinical && !is_by_operation) plan.gaps.push_back({row.type, "not-offered"});
            continue;
        }
        Parameter patient = patient_parameter(capability, row.type, patient_id);
        const bool is_guess = patient.first.empty();
        if (is_guess) patient = {"patient", patient_id};
        Query query = make_query(row.type, patient, settings.page_size);
        query.is_guess = is_guess;
        if (is_guess) {  // tried once, so in the form that is refused the least
            std::erase_if(query.parameters, [](const auto& one) { return one.first == "_count"; });
            plan.types.push_back({row.type, false, {{Attempt::Kind::PlainBare, {query}}}});
        } else {
            plan.types.push_back(as_configured(plan_type(row, capability, query), search.ask));
        }
        if (!brings_provenance(capability, row.type)) plan.provenance_apart = true;
    }
    plan.way = way_of(settings, capability, plan.types);
    if (plan.way != Plan::Way::Searches) {
        std::erase_if(plan.types, is_guessed);
        plan.provenance_apart = true;  // an operation's searches are a check, and bring nothing
    }
    if (plan.provenance_apart && capability.can_search("Provenance", "patient"))
        plan.types.push_back(
            {"Provenance",
             false,
             {{Attempt::Kind::PlainBare,
               {make_query("Provenance", {"patient", patient_id}, settings.page_size)}}}});
    return plan;
}

std::vector<TypePlan> provenance_plans(const std::vector<std::string>& targets,
                                       std::uint32_t page_size) {
    std::vector<TypePlan> plans;
    for (std::size_t from = 0; from < targets.size(); from += targets_per_search) {
        std::string list;
        for (std::size_t at = from; at < std::min(from + targets_per_search, targets.size()); ++at)
            list += (list.empty() ? "" : ",") + targets[at];
        plans.push_back({"Provenance",
                         false,
                         {{Attempt::Kind::PlainBare,
                           {make_query("Provenance", {"target", std::move(list)}, page_size)}}}});
    }
    return plans;
}

}  // namespace consultd
