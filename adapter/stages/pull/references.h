// References: what a kept resource refers to and the searches did not bring is read, round by
// round, and each resource is asked for once. It decides what is reached: what is ours, and what of
// the shared types something of ours refers to. https://hl7.org/fhir/R4/references.html
#pragma once

#include <set>
#include <string>

#include "adapter/stages/pull/conversation.h"

namespace consultd {

class References {
public:
    // Until nothing new is referred to. Errors as Searches::run.
    Status follow(PullConversation& conversation, const fhir::Call& call);
    // Kept: about our patient, or shared and referred to by what is kept.
    bool is_reached(const Candidates& candidates, const std::string& name,
                    const Candidate& candidate) const;
    // An attachment of something kept leads there.
    void add_referenced(std::string name) { referenced_.insert(std::move(name)); }

private:
    void scan(PullConversation& conversation);
    void scan_resource(PullConversation& conversation, const Candidate& candidate);
    Status read(PullConversation& conversation, const fhir::Call& call);

    std::set<std::string, std::less<>> referenced_;  // "Type/id", by what is reached
    std::set<std::string, std::less<>> wanted_;      // to be read
    std::set<std::string, std::less<>> asked_;       // read, or refused for good
    std::map<std::string, int, std::less<>> failures_;
};

}  // namespace consultd
