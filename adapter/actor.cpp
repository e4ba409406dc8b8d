#include "adapter/actor.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace consultd {
namespace {

constexpr std::string_view operator_prefix = "operator:";
constexpr std::string_view user_prefix = "user:";
constexpr std::string_view operator_system = "urn:consultd:operator";
constexpr std::string_view user_system = "urn:consultd:user";
constexpr std::size_t name_length_max = 64;

// Login names may have more than the configuration allows; what is told of them has not.
std::string plain(std::string_view name) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-@+ ()";
    std::string text(name.substr(0, name_length_max));
    for (char& c : text)
        if (allowed.find(c) == std::string_view::npos) c = '_';
    return text;
}

}  // namespace

Actor::Actor(Kind kind, std::string_view name)
    : kind_(name.empty() ? Kind::Nobody : kind), name_(plain(name)) {}

Actor Actor::operator_named(std::string_view name) { return {Kind::Operator, name}; }

Actor Actor::shell_user() {
    const uid_t user = ::getuid();
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16384> room{};
    ::getpwuid_r(user, &entry, room.data(), room.size(), &found);
    const std::string name =
        found != nullptr ? std::string(found->pw_name) : "uid-" + std::to_string(user);
    const char* const caller = std::getenv("SUDO_USER");
    if (caller == nullptr || *caller == '\0' || name == caller) return {Kind::ShellUser, name};
    return {Kind::ShellUser, name + " (by " + caller + ")"};
}

Actor Actor::parse(std::string_view text) {
    if (text.starts_with(operator_prefix))
        return operator_named(text.substr(operator_prefix.size()));
    if (text.starts_with(user_prefix)) return {Kind::ShellUser, text.substr(user_prefix.size())};
    return {};
}

Actor Actor::of(std::string_view system, std::string_view name) {
    if (system == operator_system) return operator_named(name);
    return system == user_system ? Actor(Kind::ShellUser, name) : Actor();
}

std::string_view Actor::system() const {
    if (is_nobody()) return {};
    return kind_ == Kind::Operator ? operator_system : user_system;
}

std::string Actor::words() const {
    if (is_nobody()) return {};
    return (kind_ == Kind::Operator ? "operator " : "user ") + name_;
}

std::string Actor::text() const {
    if (is_nobody()) return {};
    return std::string(kind_ == Kind::Operator ? operator_prefix : user_prefix) + name_;
}

}  // namespace consultd
