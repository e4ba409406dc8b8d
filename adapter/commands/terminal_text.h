// terminal_text: words that are not ours, as they may be shown on a terminal.
#pragma once

#include <string>

namespace consultd::commands {

// A terminal obeys control characters: each is a blank.
std::string terminal_text(std::string text);

}  // namespace consultd::commands
