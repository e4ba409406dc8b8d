// Operators: who may use the operators' routes, and as what: a bearer token whose hash the config
// names (RFC 6750), or a client certificate that verified against the config's CA and that the
// config gives to an operator. Nobody, where neither is configured.
#pragma once

#include <string>
#include <vector>

#include "adapter/actor.h"
#include "adapter/web/server/server.h"
#include "config/config.h"

namespace consultd::web {

// Who asks.
struct Caller {
    Actor who;  // nobody: no credentials that we know
    std::vector<config::Role> roles;
    // A certificate verified, and no operator has it: known to the CA, and nobody here.
    bool is_stranger = false;

    bool is_operator() const { return !who.is_nobody(); }
    // Role::Operate is every role.
    bool has(config::Role role) const;
};

class Operators {
public:
    // Config: a hash file that cannot be read or is no hash.
    static Result<Operators> read(const config::Listen& listen);
    // By the certificate, else by the token. Compares every hash in constant time.
    Caller authenticate(const ServerRequest& request) const;

private:
    struct Entry {
        config::Operator settings;
        std::string token_hash;  // 64 hex digits; empty: no token
    };
    static bool has_certificate(const config::Operator& settings, const ServerRequest& request);

    std::vector<Entry> entries_;
    bool certificates_ = false;
};

}  // namespace consultd::web
