// Attachments: the bytes behind each Attachment.url of what is kept, so that nothing in the record
// is only a pointer. Bytes come from the source's own origin alone; size and hash are checked where
// they are given; what cannot be had is a gap. https://hl7.org/fhir/R4/datatypes.html#Attachment,
// https://hl7.org/fhir/R4/binary.html
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapter/stages/pull/conversation.h"

namespace consultd {

// An Attachment whose bytes are elsewhere.
struct RemoteAttachment {
    std::string owner;  // "DocumentReference/12 attachment 1"
    std::string url;    // as it stands
    std::string content_type;
    std::string hash;  // base64 of the SHA-1; may be empty
    std::optional<std::int64_t> size;
};
std::vector<RemoteAttachment> remote_attachments(const std::string& name,
                                                 const fhir::Json& resource);

// The Binary that the answer stands for: the answer itself where it is one, else made of its bytes.
struct FetchedBytes {
    std::string content_type;
    std::string bytes;
    fhir::Json security_context;
};
Result<FetchedBytes> bytes_of_answer(const fhir::FhirResponse& answer, std::size_t bytes_max);

class Attachments {
public:
    // Each URL once. Errors as Searches::run.
    Status fetch(PullConversation& conversation, const fhir::Call& call);

private:
    struct Target {
        RemoteAttachment attachment;
        fhir::Url url;
        std::string name;  // "Binary/7", or the URL
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
    std::map<std::string, std::set<std::string>> owners_;  // by name
    std::map<std::string, StaticText> failed_;             // by name
};

}  // namespace consultd
