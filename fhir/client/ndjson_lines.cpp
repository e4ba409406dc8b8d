#include "fhir/client/ndjson_lines.h"

#include <algorithm>
#include <utility>

namespace consultd::fhir {

Status NdjsonLines::feed(std::string_view piece) {
    while (!piece.empty()) {
        const std::size_t end = piece.find('\n');
        append(piece.substr(0, end));
        if (end == std::string_view::npos) break;
        piece.remove_prefix(end + 1);
        TRY(end_line());
    }
    return {};
}

Status NdjsonLines::finish() { return end_line(); }

void NdjsonLines::append(std::string_view part) {
    is_too_long_ = is_too_long_ || line_.size() + part.size() > line_max_;
    if (!is_too_long_) line_.append(part);
    if (is_too_long_) std::string().swap(line_);
}

Status NdjsonLines::end_line() {
    std::string line = std::exchange(line_, {});
    if (std::exchange(is_too_long_, false)) {
        ++lines_;
        ++too_long_;
        return {};
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) return {};
    ++lines_;
    return take_(std::move(line));
}

}  // namespace consultd::fhir
