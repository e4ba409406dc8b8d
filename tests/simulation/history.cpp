#include "tests/simulation/history.h"

#include <cstdio>

namespace consultd::simulation {

// FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
void History::tell(std::int64_t at_ms, std::string event) {
    std::string line =
        std::to_string(at_ms / 1000) + "." + std::to_string(at_ms % 1000) + " " + std::move(event);
    for (const char c : line) {
        digest_ ^= static_cast<unsigned char>(c);
        digest_ *= 0x100000001b3ULL;
    }
    if (aloud_) std::printf("%s\n", line.c_str());
    events_.push_back(std::move(line));
    if (events_.size() > kept) events_.pop_front();
}

std::string History::last_events() const {
    std::string text;
    for (const std::string& line : events_) text += "  " + line + "\n";
    return text;
}

}  // namespace consultd::simulation
