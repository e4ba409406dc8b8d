// content: whether what lies at the destination says what was sent. A server may add to it, put
// its own names in references, write a time in another zone, a number or a text with other space
// or zeros, a list in another order, a narrative of its own, leave out what a code beside it says
// as well, and change what is its own. It may not leave out, or say otherwise, what the record
// says, nor how confidential it is: interfaces that take what they know and drop the rest were seen
// to. https://hl7.org/fhir/R4/http.html#create
#pragma once

#include <map>
#include <string>

#include "adapter/stages/deliver/account.h"

namespace consultd {

class SentContent {
public:
    // What is sent, as it is fixed; it outlives this.
    explicit SentContent(const fhir::Json& transaction);

    // Of a Patient nothing is said here: a chart is the person's. Of a Binary the type and the
    // labels: bytes are compared as bytes. `places`: whether each reference must lead to where the
    // entry lies that it names.
    enum class Places { AreKnown, MayBeUnknown };
    bool is_said_by(fhir::JsonView there, std::size_t place, const Account& account,
                    Places places) const;
    // Of a Binary that is given as its bytes: by the Content-Type.
    bool is_of_type(std::string_view content_type, std::size_t place) const;

private:
    const fhir::Json& transaction_;
    std::map<std::string, std::size_t, std::less<>> by_name_;  // places by fullUrl
};

}  // namespace consultd
