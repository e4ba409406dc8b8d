// terminal_text: words that are not ours, as they may be shown on a terminal.
#pragma once

#include <string>

namespace consultd::commands {

// A terminal obeys control characters, and some turn the line around: each is a blank. What is
// longer than a name is cut.
std::string terminal_text(std::string text);

}  // namespace consultd::commands
