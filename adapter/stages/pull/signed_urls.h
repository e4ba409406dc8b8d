// SignedUrls: a URL with a query may carry the right to what it names, for whoever reads it, and is
// another one at each pull. So none is written anywhere: what it gave goes by its content, and what
// could not be fetched is delivered without its URL. Pure.
// https://hl7.org/fhir/R4/datatypes.html#Attachment
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "adapter/stages/record.h"
#include "fhir/url.h"

namespace consultd {

// Whether what follows the "?" is a matter of whoever was given it.
bool is_signed(const fhir::Url& url);

class SignedUrls {
public:
    explicit SignedUrls(fhir::Url base) : base_(std::move(base)) {}
    // These bytes came from it; the id of their Binary.
    const std::string& learn(const fhir::Url& url, std::string_view bytes);
    // Names and attachments of the record.
    void take_out(Record& record) const;

private:
    std::string id_of(const std::string& url) const;  // of the Binary that it gave, or would have
    fhir::Json without(const fhir::Json& resource) const;
    fhir::Url base_;
    std::map<std::string, std::string, std::less<>> ids_;  // by URL
};

}  // namespace consultd
