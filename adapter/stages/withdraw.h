// withdraw: tells the destination that the order is withdrawn: its Task there becomes `cancelled`,
// on what was read (If-Match); where that is refused, or the Task is at its end, a Communication
// about it asks, as where there is none (an empty `task`). Each is done once, however often it is
// tried. Where what was delivered is to be deleted afterwards (erase.h), the Task leads to none of
// it any more. https://hl7.org/fhir/R4/task.html, https://hl7.org/fhir/R4/communication.html
#pragma once

#include <string>

#include "fhir/client/fhir_client.h"

namespace consultd {

struct WithdrawnThere {
    enum class Way { TaskCancelled, WasCancelled, Asked };
    Way way{};
    std::string where;  // "Task/5", "Communication/9"
};

// Errors: it is not known to have it; tried again later. Forbidden, Unsupported, Malformed: it
// takes neither.
enum class Afterwards { Stays, IsDeleted };
Result<WithdrawnThere> withdraw_there(fhir::FhirClient& client, const std::string& task,
                                      const std::string& transfer_id, Instant now,
                                      const fhir::Call& call,
                                      Afterwards afterwards = Afterwards::Stays);

}  // namespace consultd
