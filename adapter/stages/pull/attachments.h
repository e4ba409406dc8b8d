// Attachments: the bytes behind each Attachment.url of what is kept, so that nothing in the record
// is only a pointer. Bytes come from the source's own origin, or one that the configuration lists;
// size and hash are checked where they are given; what cannot be had is a gap.
// https://hl7.org/fhir/R4/datatypes.html#Attachment, https://hl7.org/fhir/R4/binary.html
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
        std::string name;       // "Binary/7", or the URL
        bool is_elsewhere;      // at an origin that is not the source's
        fhir::Url asked = url;  // a fresh one, where `url` has expired
    };
    std::vector<Target> find_targets(PullConversation& conversation);
    void find_in(PullConversation& conversation, const std::string& name,
                 const fhir::Json& resource);
    Status take_in(PullConversation& conversation, const Target& target,
                   const Result<fhir::FhirResponse>& answer);
    void fail(PullConversation& conversation, const std::string& target, StaticText reason);
    bool verified(PullConversation& conversation, const Target& target,
                  const FetchedBytes& fetched);
    // A signed URL holds for a while: the resource that names it is read once more, for a fresh
    // one. False: there is none. Errors as FhirClient::get where they end a run.
    Result<bool> renew(PullConversation& conversation, Target& target, const fhir::Call& call);

    std::set<std::string> done_;                           // by name
    std::set<std::string> looked_at_;                      // resources whose attachments are known
    std::map<std::string, Target> open_;                   // by name
    std::map<std::string, int> failures_;                  // by name
    std::map<std::string, int> refused_forms_;             // by name: answers with 406
    std::map<std::string, std::set<std::string>> owners_;  // by name
    std::map<std::string, StaticText> failed_;             // by name
    std::set<std::string> renewed_;                        // by name
};

}  // namespace consultd
