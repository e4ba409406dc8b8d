#include "adapter/commands/input_files.h"

#include "adapter/commands/report.h"
#include "fhir/datetime.h"

namespace consultd::commands {

std::string where(const std::string& file, const Error& error) {
    std::string text = file;
    if (const auto line = error.number("line")) text += ":" + std::to_string(*line);
    return text + ": " + error.message();
}

Inputs read_inputs(std::string_view command, const std::vector<std::string>& files) {
    Inputs inputs;
    for (const std::string& file : files) {
        Result<std::string> text = read_file(file, input_bytes_max);
        if (!text) {
            inputs.exit_code =
                fail(command, where(file, text.error()), exit_code_of(text.error().kind()));
            return inputs;
        }
        Result<std::vector<InputDocument>> documents =
            parse_input(file == "-" ? "stdin" : file, std::move(*text));
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
