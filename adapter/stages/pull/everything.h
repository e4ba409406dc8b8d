// Everything: Patient/$everything of our patient, and how far it can be believed. What it brings is
// the source's own word for the whole record; where it stops on the way, or goes on as something
// else, it is no more than a part. https://hl7.org/fhir/R4/patient-operation-everything.html
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapter/stages/pull/brought.h"
#include "adapter/stages/pull/conversation.h"
#include "adapter/stages/pull/plan.h"
#include "fhir/client/search.h"

namespace consultd {

class Everything {
public:
    // To its last page, once. A failure that ends no run is a gap. Errors as Searches::run.
    Status run(PullConversation& conversation, const std::string& patient_id,
               const fhir::Call& call);

    const Brought& brought() const { return brought_; }

private:
    void begin(PullConversation& conversation, const std::string& patient_id);
    Status take_in(PullConversation& conversation, const fhir::SearchResult& result);

    std::vector<std::pair<std::string, std::string>> parameters_;
    std::unique_ptr<fhir::Search> search_;
    Brought brought_{.how = "everything"};
    AskedSearch asked_{.label = "Patient/$everything", .answer = "answered"};
    int failures_ = 0;
};

}  // namespace consultd
