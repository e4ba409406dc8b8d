// The rules of HTTP/1.1 messages that Beast leaves to us (RFC 9110, RFC 9112), as pure functions:
// what is refused because it could be read in two ways, how a target is read, how an answer is
// printed.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "adapter/web/server/server.h"

namespace consultd::web {

bool same_name(std::string_view a, std::string_view b);  // ASCII, in any case

// True when a line of the header section is folded or ends with a line feed alone.
bool has_ambiguous_lines(std::string_view header_section);
// The status to refuse these headers with; 0: nothing wrong.
int refusal_of(const Headers& headers, bool is_http_1_1, std::size_t fields_max);
// Splits and decodes a request target in origin-form, or in absolute-form as proxies send it
// (RFC 9112 §3.2), into `path` and `query`. False: it is neither, or its escapes are wrong.
bool read_target(std::string_view target, ServerRequest& request);

// False when a header would break out of its line (RFC 9110 §5.5).
bool is_clean(const Headers& headers);
// An answer of our own, with the status's name as its body.
ServerResponse plain_response(int status);
std::string print_response(const ServerResponse& response, bool head_only, bool keep_alive,
                           std::time_t now);

}  // namespace consultd::web
