#include "adapter/web/operators.h"

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
    std::ifstream in(file);
    std::string hash;
    in >> hash;
    const auto bytes = crypto::from_hex(hash);
    if (!bytes || bytes->size() != 32 || crypto::hex(*bytes) != hash)
        return Error(ErrorKind::Config, "an operator's token hash is not 64 lower-case hex digits");
    return hash;
}

}  // namespace

Result<Operators> Operators::read(const config::Listen& listen) {
    Operators operators;
    operators.certificates_ = !listen.client_ca_file.empty();
    for (const config::Operator& entry : listen.operators) {
        // The hash of 128 random bits tells nothing: its file needs no secrecy.
        TRY_ASSIGN(std::string hash, read_hash(entry.token_hash_file));
        operators.entries_.push_back({entry.name, std::move(hash)});
    }
    return operators;
}

std::optional<std::string> Operators::authenticate(const ServerRequest& request) const {
    if (certificates_ && request.client_certificate_subject)
        return request.client_certificate_subject;
    const auto header = request.header("Authorization");
    constexpr std::string_view scheme = "Bearer ";  // in any case: RFC 9110 §11.1
    if (!header || !same_name(header->substr(0, scheme.size()), scheme)) return std::nullopt;
    const std::string hash = crypto::hex(crypto::sha256(header->substr(scheme.size())));
    std::optional<std::string> found;
    for (const Entry& entry : entries_)
        if (Secret(entry.token_hash).equals(hash)) found = entry.name;
    return found;
}

}  // namespace consultd::web
