// OpinionParts: what a completed Task's outputs lead to at its server: one conversation.
// https://hl7.org/fhir/R4/task-definitions.html#Task.output,
// https://hl7.org/fhir/R4/references.html
#pragma once

#include <set>
#include <string>
#include <vector>

#include "adapter/stages/follow/ownership.h"
#include "fhir/client/fhir_client.h"

namespace consultd {

class OpinionParts {
public:
    // All of it outlives this.
    OpinionParts(fhir::FhirClient& client, const fhir::Json& task, const Ownership& ownership,
                 const fhir::Call& call);

    // Whether the output says something of our patient that was taken; what could not be is a
    // problem. Errors are those of a server that does not answer now.
    Result<bool> take_output(fhir::JsonView output);

    std::vector<fhir::Json> resources;
    std::vector<StaticText> problems;
    bool is_preliminary = false;

private:
    Result<bool> take_reference(std::string_view reference);
    Result<bool> take_url(std::string_view url);
    Result<bool> take_resource(const std::string& key);
    Result<bool> take_bytes(const fhir::Url& url, const std::string& key);
    // What a resource leads to in its turn: bytes of attachments, results, contents of messages.
    Status take_what_it_leads_to(fhir::JsonView resource);
    Status take_attachments(fhir::JsonView value);

    bool problem(StaticText what);
    // Why what it says of itself does not let it be taken for an opinion.
    std::optional<StaticText> why_no_opinion(fhir::JsonView resource);

    fhir::FhirClient& client_;
    const fhir::Json& task_;
    const Ownership& ownership_;
    const fhir::Call& call_;
    std::set<std::string> seen_;
};

}  // namespace consultd
