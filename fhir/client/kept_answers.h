// KeptAnswers: what a server has answered already, kept by whoever must ask for nothing twice. The
// key is what was asked: method, URL, body and the form that was asked for, never the credential.
#pragma once

#include <optional>

#include "fhir/client/http.h"

namespace consultd::fhir {

class KeptAnswers {
public:
    virtual ~KeptAnswers() = default;
    // The answer to this very request; absent: the server is to be asked.
    virtual Result<std::optional<HttpResponse>> find(const HttpRequest& request) = 0;
    // Durable when it returns. In the place of an answer that was kept before; one that asking
    // again may change is not kept.
    virtual Status keep(const HttpRequest& request, const HttpResponse& answer) = 0;
};

}  // namespace consultd::fhir
