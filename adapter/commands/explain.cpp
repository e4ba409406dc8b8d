// explain: what a reason means and what to do about it.
#include <sysexits.h>

#include "adapter/commands/commands.h"
#include "adapter/commands/reason_words.h"
#include "adapter/commands/report.h"
#include "fhir/json.h"

namespace consultd::commands {
namespace {

StaticText place_of(ReasonOf of) {
    switch (of) {
        case ReasonOf::Transfer:
            return "of a transfer";
        case ReasonOf::Gap:
            return "of what was not handed over";
        case ReasonOf::Resource:
            return "of a resource that was not delivered";
    }
    return "";
}

// "sensitivity:SUD" is explained by its first word, "http-502" by what all such answers share.
bool is_about(const ReasonRow& row, std::string_view reason) {
    return row.reason.view() == reason.substr(0, reason.find(':')) ||
           (row.reason.view() == "http-…" && reason.starts_with("http-"));
}

std::vector<ReasonRow> rows_of(std::string_view reason) {
    std::vector<ReasonRow> found;
    for (const ReasonRow& row : reason_rows())
        if (reason.empty() || row.reason.view() == reason) found.push_back(row);
    if (!found.empty()) return found;
    for (const ReasonRow& row : reason_rows())
        if (is_about(row, reason)) found.push_back(row);
    return found;
}

}  // namespace

int explain(const ExplainOptions& options) {
    const std::vector<ReasonRow> rows = rows_of(options.reason);
    if (rows.empty())
        return fail("explain", "no reason has this name; `consultd explain` lists all of them",
                    EX_USAGE);
    std::string text;
    std::vector<fhir::Json> items;
    for (const ReasonRow& row : rows) {
        text.append(row.reason.view()).append(", ").append(place_of(row.of).view());
        text.append("\n  ").append(row.means.view());
        text.append("\n  ").append(row.what_to_do.view()).append("\n");
        items.push_back(fhir::Json::object({{"reason", fhir::Json(row.reason.view())},
                                            {"of", fhir::Json(place_of(row.of).view())},
                                            {"means", fhir::Json(row.means.view())},
                                            {"do", fhir::Json(row.what_to_do.view())}}));
    }
    print_result(options.json ? fhir::Json::array(std::move(items)).print() + "\n" : text);
    return EX_OK;
}

}  // namespace consultd::commands
