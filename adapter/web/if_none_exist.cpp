#include "adapter/web/if_none_exist.h"

#include "adapter/web/query.h"
#include "adapter/web/task.h"

namespace consultd::web {
namespace {

Error not_taken() {
    return Error(ErrorKind::Malformed, "If-None-Exist is taken as identifier=SYSTEM|VALUE alone");
}

}  // namespace

Result<OrderIdentifier> read_if_none_exist(std::string_view header) {
    header.remove_prefix(header.find('?') == std::string_view::npos ? 0 : header.find('?') + 1);
    const std::optional<Query> query = read_query(header);
    if (!query || query->size() != 1 || query->front().first != "identifier") return not_taken();
    OrderIdentifier identifier;
    bool has_bar = false;
    const std::string& token = query->front().second;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool is_escaped = token[i] == '\\' && i + 1 < token.size();
        if (!is_escaped && token[i] == ',') return not_taken();  // any of several
        if (!is_escaped && token[i] == '|' && !has_bar) {
            has_bar = true;
            continue;
        }
        if (is_escaped) ++i;
        (has_bar ? identifier.value : identifier.system) += token[i];
    }
    // Of our own system we give them ourselves.
    if (!has_bar || identifier.value.empty() || identifier.system == transfer_system)
        return not_taken();
    return identifier;
}

}  // namespace consultd::web
