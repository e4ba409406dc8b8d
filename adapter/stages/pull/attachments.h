// Attachments: the bytes behind each Attachment.url of what is kept, so that nothing in the record
// is only a pointer. Bytes come from the source's own origin alone; size and hash are checked where
// they are given; what cannot be had is a gap. https://hl7.org/fhir/R4/datatypes.html#Attachment,
// https://hl7.org/fhir/R4/binary.html
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapter/stages/pull/attachment_bytes.h"
#include "adapter/stages/pull/conversation.h"

namespace consultd {

class Attachments {
public:
    // Each URL once. Errors as Searches::run.
    Status fetch(PullConversation& conversation, const fhir::Call& call);

private:
    struct Target {
        RemoteAttachment attachment;
        fhir::Url url;
        std::string name;   // "Binary/7", or the URL
        bool is_elsewhere;  // at an origin that is not the source's
    };
    std::vector<Target> find_targets(PullConversation& conversation);
    void find_in(PullConversation& conversation, const std::string& name,
                 const fhir::Json& resource);
    Status take_in(PullConversation& conversation, const Target& target,
                   const Result<fhir::FhirResponse>& answer);
    void fail(PullConversation& conversation, const std::string& target, StaticText reason);
    bool verified(PullConversation& conversation, const Target& target,
                  const FetchedBytes& fetched);

    std::set<std::string> done_;                           // by name
    std::set<std::string> looked_at_;                      // resources whose attachments are known
    std::map<std::string, Target> open_;                   // by name
    std::map<std::string, int> failures_;                  // by name
    std::map<std::string, int> refused_forms_;             // by name: answers with 406
    std::map<std::string, std::set<std::string>> owners_;  // by name
    std::map<std::string, StaticText> failed_;             // by name
};

}  // namespace consultd
