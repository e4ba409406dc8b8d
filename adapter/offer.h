// Offer: what there is in a record, one by one and by name, for its patient to choose from: what
// goes as far as is chosen, what is private for certain, what only may be, and what nobody could
// read. For the eyes of the patient alone: it names what is withheld, is sealed, and no part of a
// packet.
#pragma once

#include <string>
#include <vector>

#include "adapter/prepare.h"

namespace consultd {

struct Offered {
    enum class Standing : std::uint8_t {
        Open,      // goes, or is in no group that was chosen
        Possible,  // withheld for what it possibly betrays, and for nothing more certain
        Unread,    // withheld because what is in it could not be read
        Stays,     // withheld for another reason
    };
    std::string source;  // "Observation/123", as a Consent may name it
    std::string name;
    std::string date = {};  // a FHIR date; empty: it has none that can be read
    Standing standing = Standing::Open;
    std::vector<std::string> bytes = {};  // the Binaries that hold what it is made of
    std::string reason = {};              // why it is withheld: "sensitivity:HIV"; empty: it is not
};
using Offers = std::vector<Offered>;

// As `prepare` decides of the same. Errors: those of it.
Result<Offers> offer_of(const Record& record, const fhir::Json& consent, const Request& request,
                        const Knowledge& knowledge, const Budget& budget);

// To be sealed. Nothing where the text is none of ours.
std::string text_of(const Offers& offer);
Offers offer_in(std::string text);

}  // namespace consultd
