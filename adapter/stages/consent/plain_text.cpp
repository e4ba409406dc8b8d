#include "adapter/stages/consent/plain_text.h"

#include "adapter/stages/text/text.h"

namespace consultd::consent {

std::optional<std::string> plain_text_of(std::string_view bytes, std::string_view parameters) {
    const auto file = text_of_file(bytes, parameters);
    return file && file->is_whole ? std::optional(file->words()) : std::nullopt;
}

}  // namespace consultd::consent
