// Refusals: what is told when a request is refused: an OperationOutcome below /fhir, a page for
// people elsewhere. Texts are fixed ones; nothing of a request is said again.
#pragma once

#include <string>
#include <string_view>

#include "adapter/web/server/server.h"

namespace consultd::web {

// An answer of ours: never kept by a cache, never run or framed by a browser.
ServerResponse answer(int status, std::string body, std::string content_type);

// `code`: https://hl7.org/fhir/R4/valueset-issue-type.html. `expression`: the FHIRPath of what is
// wrong; may be empty.
ServerResponse refusal(std::string_view path, int status, StaticText code, StaticText text,
                       const std::string& expression = "");
// For what the server itself refuses: too large, not to be read, too many at once. `path` is empty
// where it could not be read.
ServerResponse refusal_by_server(int status, std::string_view path);

}  // namespace consultd::web
