#include "adapter/commands/terminal_text.h"

namespace consultd::commands {

std::string terminal_text(std::string text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 32 || byte == 127) text[at] = ' ';
        // C1 controls in UTF-8: C2 80 … C2 9F.
        const bool is_c1 =
            byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
        if (is_c1) text[at] = text[at + 1] = ' ';
    }
    return text;
}

}  // namespace consultd::commands
