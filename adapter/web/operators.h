// Operators: who may use the operators' routes: a bearer token whose hash the config names (RFC
// 6750), or a client certificate that verified against the config's CA. Nobody, when neither is
// configured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapter/web/server/server.h"
#include "config/config.h"

namespace consultd::web {

class Operators {
public:
    // Config: a hash file that cannot be read or is no hash.
    static Result<Operators> read(const config::Listen& listen);
    // The operator's name, or absent. Compares every hash in constant time.
    std::optional<std::string> authenticate(const ServerRequest& request) const;

private:
    struct Entry {
        std::string name;
        std::string token_hash;  // 64 hex digits
    };
    std::vector<Entry> entries_;
    bool certificates_ = false;
};

}  // namespace consultd::web
