#include "adapter/actor.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace consultd {
namespace {

// One row a kind, in its order; a row without a word is nobody's.
struct Row {
    Actor::Kind kind;
    std::string_view word, system;
};
constexpr std::array<Row, 5> table{{{Actor::Kind::Nobody, "", ""},
                                    {Actor::Kind::Operator, "operator", "urn:consultd:operator"},
                                    {Actor::Kind::ShellUser, "user", "urn:consultd:user"},
                                    {Actor::Kind::Patient, "patient", "urn:consultd:patient"},
                                    {Actor::Kind::Proxy, "proxy", "urn:consultd:proxy"}}};
const Row& row_of(Actor::Kind kind) { return table[static_cast<std::size_t>(kind)]; }
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

Actor Actor::patient() { return {Kind::Patient, "portal"}; }

Actor Actor::proxy(std::string_view pseudonym) { return {Kind::Proxy, pseudonym}; }

Actor Actor::parse(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    for (const Row& row : table)
        if (!row.word.empty() && row.word == text.substr(0, colon) && colon < text.size())
            return {row.kind, text.substr(colon + 1)};
    return {};
}

Actor Actor::of(std::string_view system, std::string_view name) {
    for (const Row& row : table)
        if (!row.word.empty() && row.system == system) return {row.kind, name};
    return {};
}

std::string_view Actor::system() const { return row_of(kind_).system; }

std::string Actor::words() const {
    if (is_nobody()) return {};
    return std::string(row_of(kind_).word) + " " + name_;
}

std::string Actor::text() const {
    if (is_nobody()) return {};
    return std::string(row_of(kind_).word) + ":" + name_;
}

}  // namespace consultd
