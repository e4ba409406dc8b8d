// validate: the structure of R4 resources in files, a line for each finding.
#include "fhir/r4/validate.h"

#include <sysexits.h>

#include "adapter/commands/commands.h"
#include "adapter/commands/input_files.h"
#include "adapter/commands/report.h"

namespace consultd::commands {

using fhir::Json;

namespace {

int validate_files(const std::vector<std::string>& files, bool json, const config::Limits& limits) {
    const Inputs inputs = read_inputs("validate", files, limits);
    if (inputs.exit_code != EX_OK) return inputs.exit_code;
    bool any_error = false;
    std::vector<Json> items;
    for (const InputDocument& document : inputs.documents) {
        for (const fhir::r4::Finding& finding : fhir::r4::validate(document.json)) {
            const bool is_error = finding.severity == fhir::r4::Finding::Severity::Error;
            any_error = any_error || is_error;
            const std::string_view severity = is_error ? "error" : "warning";
            if (json)
                items.push_back(Json::object({{"input", document.place},
                                              {"severity", severity},
                                              {"path", finding.path},
                                              {"text", finding.text.view()}}));
            else
                print_result(document.place + ": " + std::string(severity) + ": " + finding.path +
                             ": " + finding.text.c_str() + "\n");
        }
    }
    if (json) print_result(Json::array(std::move(items)).print() + "\n");
    return any_error ? EX_DATAERR : EX_OK;
}

}  // namespace

int validate(const std::vector<std::string>& files, bool json) {
    const config::Limits limits;
    return within_limits("validate", limits, [&] { return validate_files(files, json, limits); });
}

}  // namespace consultd::commands
