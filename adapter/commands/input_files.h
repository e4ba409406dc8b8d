// What the commands that work on files are given: the documents of the files, and the time to work
// at.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapter/stages/budget.h"
#include "adapter/stages/intake/documents.h"
#include "config/config.h"
#include "fhir/base/clock.h"

namespace consultd::commands {

constexpr std::size_t input_bytes_max = std::size_t{2} << 30;

// Runs a command on files within the memory that a step of a transfer has; its exit code, or 65
// with what it went over.
int within_limits(std::string_view command, const config::Limits& limits,
                  const std::function<int()>& run);
// What a record may have, for the stages.
Budget budget_of(const config::Limits& limits);

// The documents of all inputs, or the exit code after the problem was told: over the bytes of a
// record or the depth of JSON, too.
struct Inputs {
    std::vector<InputDocument> documents;
    int exit_code = 0;
};
Inputs read_inputs(std::string_view command, const std::vector<std::string>& files,
                   const config::Limits& limits);
// "FILE:LINE: what is wrong".
std::string where(const std::string& file, const Error& error);

// --as-of, or now; absent: it is no time. The same time, record, consent and question give the same
// bytes.
std::optional<Instant> as_of_time(const std::string& text);

}  // namespace consultd::commands
