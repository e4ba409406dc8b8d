// NdjsonLines: the lines of a file that comes in pieces and may be larger than memory. Holds one
// line at a time. https://github.com/ndjson/ndjson-spec
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir {

class NdjsonLines {
public:
    using Take = std::function<Status(std::string line)>;
    // A longer line is let go, and counted.
    NdjsonLines(std::size_t line_max, Take take) : line_max_(line_max), take_(std::move(take)) {}

    // Each line that is whole now, without its end; blank ones are none. An error of `take` is the
    // result.
    Status feed(std::string_view piece);
    // After the last piece: what has no end is a line too.
    Status finish();

    std::int64_t lines() const { return lines_; }
    std::int64_t too_long() const { return too_long_; }

private:
    Status end_line();
    void append(std::string_view part);

    std::size_t line_max_;
    Take take_;
    std::string line_;
    bool is_too_long_ = false;
    std::int64_t lines_ = 0, too_long_ = 0;
};

}  // namespace consultd::fhir
