#include "adapter/stages/pull/plan.h"

#include <algorithm>

namespace consultd {
namespace {

constexpr std::size_t targets_per_search = 25;

// "…|laboratory" → "laboratory".
std::string_view code_of(std::string_view token) {
    const std::size_t bar = token.find('|');
    return bar == std::string_view::npos ? token : token.substr(bar + 1);
}

// How the server lets a type be searched by patient: the parameter and its value; empty: not at
// all.
std::pair<std::string, std::string> patient_parameter(const fhir::Capability& capability,
                                                      std::string_view type,
                                                      const std::string& patient_id) {
    if (capability.can_search(type, "patient")) return {"patient", patient_id};
    for (const char* name : {"subject", "beneficiary", "actor"})
        if (capability.can_search(type, name)) return {name, "Patient/" + patient_id};
    return {};
}

Query make_query(std::string_view type, const std::pair<std::string, std::string>& patient,
                 std::uint32_t page_size) {
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
    return queries;
}

TypePlan plan_type(const PlanRow& row, const fhir::Capability& capability, const Query& base) {
    TypePlan plan{row.type, !row.patient_alone, {}};
    const auto with = [](Query query, std::string name, std::string value) {
        query.parameters.emplace_back(std::move(name), std::move(value));
        return query;
    };
    const bool with_provenance = brings_provenance(capability, plan.type);
    const Query first = with_provenance ? with(base, "_revinclude", "Provenance:target") : base;
    plan.attempts.push_back({Attempt::Kind::Plain, {first}});
    // The server may refuse the _revinclude that it declares.
    if (with_provenance) plan.attempts.push_back({Attempt::Kind::PlainBare, {base}});
    std::vector<Query> last{first};
    if (!row.values.empty() && capability.can_search(plan.type, row.loop)) {
        last = loop_queries(row, first);
        plan.attempts.push_back({Attempt::Kind::Loop, last});
    }
    if (!row.status.empty() && capability.can_search(plan.type, row.status)) {
        for (Query& query : last) query = with(query, row.status, row.statuses);
        plan.attempts.push_back({Attempt::Kind::LoopStatus, std::move(last)});
    }
    return plan;
}

Plan everything_plan(const config::Pull& settings, const std::string& patient_id) {
    Query query;
    query.type = "Patient/" + patient_id + "/$everything";
    query.is_everything = true;
    query.label = "Patient/$everything";
    query.parameters = {{"_count", std::to_string(settings.page_size)}};
    Plan plan;
    plan.types.push_back({"Patient", false, {{Attempt::Kind::PlainBare, {query}}}});
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

Plan make_plan(const SearchPlan& table, const fhir::Capability& capability,
               const config::Pull& settings, const std::string& patient_id) {
    if (settings.method == config::Pull::Method::Everything)
        return everything_plan(settings, patient_id);
    Plan plan;
    for (const PlanRow& row : table.rows) {
        const std::string& type = row.type;
        const auto patient = patient_parameter(capability, type, patient_id);
        if (patient.first.empty()) {
            if (row.clinical) plan.gaps.push_back({type, "not-offered"});
            continue;
        }
        plan.types.push_back(
            plan_type(row, capability, make_query(type, patient, settings.page_size)));
        if (!brings_provenance(capability, type)) plan.provenance_apart = true;
    }
    if (plan.types.empty() && settings.method == config::Pull::Method::Auto &&
        capability.has_operation("Patient", "everything"))
        return everything_plan(settings, patient_id);
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
