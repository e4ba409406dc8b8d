// erase: deletes at the destination what was delivered there, after a withdrawal, as far as it lets
// us. Nothing is deleted that is not seen to be ours: each is read first and must bear the name
// that we gave it. A Patient is never deleted: others may have filed into the chart since.
// https://hl7.org/fhir/R4/http.html#delete
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fhir/client/fhir_client.h"

namespace consultd {

// What lies there, by the account of its delivery.
struct Delivered {
    std::string key;                // "Observation/12" there
    std::string by, system, value;  // its name: an "identifier" or a "_tag"
    std::string sha256;             // of a Binary's bytes, as hex: its name as well
    std::uint64_t bytes = 0;        // how many of them
};

struct Erased {
    enum class Outcome {
        Deleted,  // it said so, and it is not there any more
        Gone,     // it was not there any more
        Refused,  // it said no, or it is there all the same
        NotOurs,  // what lies there bears another name
    };
    std::string key;
    Outcome outcome{};
    int status = 0;     // of the last answer
    std::string issue;  // of R4's issue-type, where it refused
};
std::string_view name_of(Erased::Outcome outcome);  // "deleted", "gone", "refused", "not-ours"

// `what` in the order in which it may be deleted: what refers before what is referred to. Errors: a
// server that does not answer now; asked again later, what is deleted by then is gone.
Result<std::vector<Erased>> erase_there(fhir::FhirClient& client,
                                        const std::vector<Delivered>& what, const fhir::Call& call);

// One line each: {"entry":"Observation/12","outcome":"deleted","status":204}
std::string lines_of(const std::vector<Erased>& erased);

}  // namespace consultd
