#include "adapter/web/operators.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "adapter/web/server/http_message.h"
#include "fhir/base/crypto.h"

namespace consultd::web {
namespace {

Result<std::string> read_hash(const std::string& file) {
    if (!std::filesystem::is_regular_file(file))
        return Error(ErrorKind::Config,
                     "an operator's token hash is not in a file that can be read");
    using std::filesystem::perms;
    if ((std::filesystem::status(file).permissions() & perms::others_write) != perms::none)
        return Error(ErrorKind::Config,
                     "everybody may write an operator's token hash, and so become that operator");
    std::ifstream in(file);
    std::string hash;
    in >> hash;
    const auto bytes = crypto::from_hex(hash);
    if (!bytes || bytes->size() != 32 || crypto::hex(*bytes) != hash)
        return Error(ErrorKind::Config, "an operator's token hash is not 64 lower-case hex digits");
    return hash;
}

}  // namespace

bool Caller::has(config::Role role) const {
    return std::ranges::any_of(
        roles, [&](config::Role given) { return given == role || given == config::Role::Operate; });
}

Result<Operators> Operators::read(const config::Listen& listen) {
    Operators operators;
    operators.certificates_ = !listen.client_ca_file.empty();
    for (const config::Operator& settings : listen.operators) {
        Entry entry{settings, {}};
        // The hash of 128 random bits tells nothing: its file needs no secrecy, and nobody else's
        // hand.
        if (!settings.token_hash_file.empty()) {
            TRY_ASSIGN(entry.token_hash, read_hash(settings.token_hash_file));
        }
        const auto has_its_token = [&](const Entry& other) {
            return !entry.token_hash.empty() && other.token_hash == entry.token_hash;
        };
        if (std::ranges::any_of(operators.entries_, has_its_token))
            return Error(ErrorKind::Config,
                         "two operators have one token: who asked could not be told");
        operators.entries_.push_back(std::move(entry));
    }
    return operators;
}

bool Operators::has_certificate(const config::Operator& settings, const ServerRequest& request) {
    const bool same_subject = !settings.certificate_subject.empty() &&
                              settings.certificate_subject == request.client_certificate_subject;
    const bool same_bytes = !settings.certificate_sha256.empty() &&
                            settings.certificate_sha256 == request.client_certificate_sha256;
    return same_subject || same_bytes;
}

Caller Operators::authenticate(const ServerRequest& request) const {
    const auto as = [](const config::Operator& settings) {
        return Caller{.who = Actor::operator_named(settings.name), .roles = settings.roles};
    };
    const bool has_certificate = certificates_ && request.client_certificate_subject;
    if (has_certificate)
        for (const Entry& entry : entries_)
            if (Operators::has_certificate(entry.settings, request)) return as(entry.settings);
    Caller nobody{.is_stranger = has_certificate};
    const auto header = request.header("Authorization");
    constexpr std::string_view scheme = "Bearer ";  // in any case: RFC 9110 §11.1
    if (!header || !same_name(header->substr(0, scheme.size()), scheme)) return nobody;
    const std::string hash = crypto::hex(crypto::sha256(header->substr(scheme.size())));
    const Entry* found = nullptr;
    for (const Entry& entry : entries_)
        if (Secret(entry.token_hash).equals(hash)) found = &entry;
    return found == nullptr ? nobody : as(found->settings);
}

}  // namespace consultd::web
