// Attachment bytes: what an answer to an Attachment.url is, held against what was told of it: its
// form (bytes, or a Binary in JSON or XML), its size and hash, and the type that its first bytes
// show. Pure. https://hl7.org/fhir/R4/binary.html#rest,
// https://hl7.org/fhir/R4/datatypes.html#Attachment
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/client/fhir_client.h"

namespace consultd {

// An Attachment whose bytes are elsewhere.
struct RemoteAttachment {
    std::string owner;  // "DocumentReference/12 attachment 1"
    std::string url;    // as it stands
    std::string content_type;
    std::string hash;  // base64 of the SHA-1, by R4; may be empty
    std::optional<std::int64_t> size;
};
std::vector<RemoteAttachment> remote_attachments(const std::string& name,
                                                 const fhir::Json& resource);

// The Binary that the answer stands for: the answer itself where it is one, else made of its bytes.
struct FetchedBytes {
    std::string content_type;
    std::string bytes;
    fhir::Json security_context;  // of the Binary, or of the answer's header
    std::string id = {};          // of a Binary; empty: it is none, or says none
};
// Malformed: an OperationOutcome, or a Binary without data.
Result<FetchedBytes> bytes_of_answer(const fhir::FhirResponse& answer, std::size_t bytes_max);

// "application/pdf" by the first bytes; empty where they show nothing certain.
std::string_view sniffed_type(std::string_view bytes);

// Why these bytes are not what was told: "empty-answer", "size-mismatch", "hash-mismatch",
// "type-mismatch", "web-page" (one to sign in at, whatever was told); absent: nothing speaks
// against them. Hashes are SHA-1 or SHA-256, in base64 or hex, as servers were seen to give them;
// another says nothing.
std::optional<StaticText> mismatch(const RemoteAttachment& told, const FetchedBytes& fetched);

}  // namespace consultd
