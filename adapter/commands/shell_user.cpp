#include "adapter/commands/shell_user.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace consultd::commands {
namespace {

constexpr std::size_t name_bytes_max = 64;

// What sudo says is its caller's to change: a name that is none is not repeated.
bool is_a_name(std::string_view text) {
    return !text.empty() && text.size() <= name_bytes_max &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 32 && c < 127; });
}

}  // namespace

std::string shell_user() {
    const uid_t uid = ::getuid();
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16384> buffer{};
    ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    const std::string name = found != nullptr && is_a_name(entry.pw_name)
                                 ? std::string(entry.pw_name)
                                 : "uid " + std::to_string(uid);
    const char* const caller = std::getenv("SUDO_USER");
    if (caller == nullptr || !is_a_name(caller) || name == caller) return name;
    return name + " (by " + caller + ")";
}

}  // namespace consultd::commands
