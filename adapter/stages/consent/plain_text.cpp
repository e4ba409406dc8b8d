#include "adapter/stages/consent/plain_text.h"

#include "adapter/stages/text/text.h"

namespace consultd::consent {

std::optional<std::string> plain_text_of(std::string_view bytes, std::string_view parameters) {
    const auto file = text_of_file(bytes, parameters);
    return file && file->is_whole ? std::optional(file->words()) : std::nullopt;
}

std::string narrative_text(fhir::JsonView resource) {
    std::string text;
    const auto add_one = [&](fhir::JsonView one) {
        const std::string_view div = one.at("text", "div").string();
        if (!div.empty()) text += plain_text_of(div).value_or(std::string(div)) + "\n";
    };
    add_one(resource);
    for (const fhir::JsonView one : resource["contained"].items()) add_one(one);
    return text;
}

}  // namespace consultd::consent
