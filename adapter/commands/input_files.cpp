#include "adapter/commands/input_files.h"

#include <sysexits.h>

#include "adapter/commands/report.h"
#include "adapter/memory_budget.h"
#include "fhir/datetime.h"

namespace consultd::commands {

std::string where(const std::string& file, const Error& error) {
    std::string text = file;
    if (const auto line = error.number("line")) text += ":" + std::to_string(*line);
    return text + ": " + error.message();
}

int within_limits(std::string_view command, const config::Limits& limits,
                  const std::function<int()>& run) {
    int exit_code = EX_OK;
    const Status ran = within_memory(limits.memory_bytes, [&]() -> Status {
        exit_code = run();
        return {};
    });
    return ran ? exit_code : fail(command, ran.error());
}

Budget budget_of(const config::Limits& limits) {
    return {.resources_max = limits.resources,
            .bytes_max = static_cast<std::size_t>(limits.record_bytes)};
}

Inputs read_inputs(std::string_view command, const std::vector<std::string>& files,
                   const config::Limits& limits) {
    Inputs inputs;
    auto bytes_left = static_cast<std::size_t>(limits.record_bytes);
    for (const std::string& file : files) {
        Result<std::string> text = read_file(file, bytes_left);
        if (!text) {
            inputs.exit_code =
                fail(command, where(file, text.error()), exit_code_of(text.error().kind()));
            return inputs;
        }
        bytes_left -= text->size();
        Result<std::vector<InputDocument>> documents =
            parse_input(file == "-" ? "stdin" : file, std::move(*text),
                        {.bytes_max = input_bytes_max, .depth_max = limits.json_depth});
        if (!documents) {
            inputs.exit_code = fail(command, where(file, documents.error()),
                                    exit_code_of(documents.error().kind()));
            return inputs;
        }
        std::move(documents->begin(), documents->end(), std::back_inserter(inputs.documents));
    }
    return inputs;
}

std::optional<Instant> as_of_time(const std::string& text) {
    if (text.empty()) return SystemClock().now();
    if (const auto instant = parse_instant(text)) return instant;
    const auto date = fhir::Datetime::parse(text);
    return date ? std::optional(date->earliest()) : std::nullopt;
}

}  // namespace consultd::commands
