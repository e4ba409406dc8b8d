// References: what a resource that is reached refers to and the searches did not bring is read,
// round by round, and each resource is asked for once. https://hl7.org/fhir/R4/references.html
#pragma once

#include <map>
#include <set>
#include <string>

#include "adapter/stages/pull/conversation.h"

namespace consultd {

class References {
public:
    // Until nothing new is referred to. Errors as Searches::run.
    Status follow(PullConversation& conversation, const fhir::Call& call);

private:
    void scan(PullConversation& conversation);
    void scan_resource(PullConversation& conversation, const Candidate& candidate);
    Status read(PullConversation& conversation, const fhir::Call& call);

    std::map<std::string, const void*> scanned_;  // by name: the content that was looked at
    std::set<std::string, std::less<>> wanted_;   // to be read
    std::set<std::string, std::less<>> asked_;    // read, or refused for good
    std::map<std::string, int, std::less<>> failures_;
};

}  // namespace consultd
