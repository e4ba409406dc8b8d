// report: what commands say and the exit codes they end with (sysexits.h). Results go to stdout,
// diagnostics to stderr.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::commands {

void tell(std::string_view line);          // stderr
void print_result(std::string_view text);  // stdout, as it is
bool all_was_printed();                    // false: stdout took less than it was given

// For errors in what the user gave us or in our own files; a peer's are in verdict.h.
int exit_code_of(ErrorKind kind);
// Says it on stderr: "consultd transfer: the state key …", and gives the exit code.
int fail(std::string_view command, const Error& error);
int fail(std::string_view command, std::string_view text, int exit_code);

// The bytes of a file; "-" is stdin. NotFound: it cannot be read. TooLarge: over the limit.
Result<std::string> read_file(const std::string& file, std::size_t bytes_max);
// Makes the folder where there is none, for its owner alone; one that is there keeps its mode.
// Storage: it cannot be made, or nothing can be written in it.
Status make_folder(const std::string& folder);
// Writes with mode 0600, all of it or nothing: under another name first. Storage: cannot.
Status write_file(const std::string& file, std::string_view bytes);
// The same for what is made piece by piece: `produce` is called once and calls what it is given.
using Write = std::function<void(std::string_view)>;
Status write_file(const std::string& file, const std::function<void(const Write&)>& produce);

}  // namespace consultd::commands
