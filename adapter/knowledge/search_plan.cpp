#include "adapter/knowledge/search_plan.h"

#include <algorithm>
#include <set>

namespace consultd {
namespace {

using fhir::JsonView;

PlanRow read_row(JsonView json) {
    PlanRow row{.type = std::string(json["type"].string()),
                .clinical = json["clinical"].is_true(),
                .patient_alone = !json.has("patientAlone") || json["patientAlone"].is_true(),
                .loop = std::string(json.at("loop", "parameter").string()),
                .values = {},
                .any_system = {},
                .status = std::string(json.at("status", "parameter").string()),
                .statuses = {}};
    for (const JsonView value : json.at("loop", "values").items())
        row.values.emplace_back(value.string());
    for (const JsonView code : json.at("loop", "anySystem").items())
        row.any_system.append(row.any_system.empty() ? "" : ",").append(code.string());
    for (const JsonView value : json.at("status", "values").items())
        row.statuses.append(row.statuses.empty() ? "" : ",").append(value.string());
    return row;
}

// A category is searched for by its system and code: a code alone finds that of any system.
void check_loop(const KnowledgeFile& file, const std::string& where, const PlanRow& row,
                KnowledgeProblems& problems) {
    if (row.loop != "category") return;
    for (std::size_t i = 0; i < row.values.size(); ++i)
        if (const std::size_t bar = row.values[i].find('|');
            bar == 0 || bar == std::string::npos || bar + 1 == row.values[i].size())
            problems.add(file, where + "/loop" + row_path("values", i), "must be SYSTEM|CODE");
}

}  // namespace

SearchPlan read_search_plan(std::span<const KnowledgeFile> plans, KnowledgeProblems& problems) {
    SearchPlan plan;
    std::set<std::string> types;
    for (const KnowledgeFile& file : plans) {
        const auto searches = file.json["searches"].items();
        for (std::size_t i = 0; i < searches.size(); ++i) {
            const std::string where = row_path("searches", i);
            PlanRow row = read_row(searches[i]);
            check_loop(file, where, row, problems);
            if (!is_resource_type(row.type))
                problems.add(file, where + "/type", "is no resource type of R4");
            else if (!types.insert(row.type).second)
                problems.add(file, where + "/type",
                             "has a search already; a file that takes the place of another has "
                             "its name");
            else
                plan.rows.push_back(std::move(row));
        }
    }
    std::stable_partition(plan.rows.begin(), plan.rows.end(),
                          [](const PlanRow& row) { return row.clinical; });
    return plan;
}

}  // namespace consultd
