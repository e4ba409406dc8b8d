// What the commands that work on files are given: the documents of the files, and the time to work
// at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapter/stages/intake/documents.h"
#include "fhir/base/clock.h"

namespace consultd::commands {

constexpr std::size_t input_bytes_max = std::size_t{2} << 30;

// The documents of all inputs, or the exit code after the problem was told.
struct Inputs {
    std::vector<InputDocument> documents;
    int exit_code = 0;
};
Inputs read_inputs(std::string_view command, const std::vector<std::string>& files);
// "FILE:LINE: what is wrong".
std::string where(const std::string& file, const Error& error);

// --as-of, or now; absent: it is no time. The same time, record, consent and question give the same
// bytes.
std::optional<Instant> as_of_time(const std::string& text);

}  // namespace consultd::commands
