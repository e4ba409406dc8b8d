// Everything: Patient/$everything of our patient, and how far it can be believed. What it brings is
// the source's own word for the whole record; where it stops on the way, or goes on as something
// else, it is no more than a part. https://hl7.org/fhir/R4/patient-operation-everything.html
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "adapter/stages/proof.h"
#include "adapter/stages/pull/conversation.h"
#include "adapter/stages/pull/plan.h"
#include "fhir/client/search.h"

namespace consultd {

class Everything {
public:
    // To its last page, once. A failure that ends no run is a gap. Errors as Searches::run.
    Status run(PullConversation& conversation, const std::string& patient_id,
               const fhir::Call& call);

    // Something came.
    bool has_come() const { return !ids_.empty(); }
    // It was read to its end, and nothing about it was odd.
    bool is_whole() const { return is_done_ && !is_odd_; }
    // Of one type, "Type/id".
    const std::set<std::string>& ids_of(const std::string& type) const;
    // One for each type that came.
    std::vector<TypeProof> proofs() const;

private:
    void begin(PullConversation& conversation, const std::string& patient_id);
    Status take_in(PullConversation& conversation, const fhir::SearchResult& result);

    std::vector<std::pair<std::string, std::string>> parameters_;
    std::unique_ptr<fhir::Search> search_;
    std::map<std::string, std::set<std::string>> ids_;  // by type
    AskedSearch asked_{.label = "Patient/$everything", .answer = "answered"};
    int failures_ = 0;
    bool is_done_ = false;
    bool is_odd_ = false;
};

}  // namespace consultd
