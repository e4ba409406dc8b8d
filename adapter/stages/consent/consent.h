// consent: pure. Takes out what the patient did not agree to share. Whatever cannot be decided is
// denied; there is no switch that turns this off. https://hl7.org/fhir/R4/consent.html
#pragma once

#include <string>
#include <vector>

#include "adapter/knowledge/sensitivity.h"
#include "adapter/ledger.h"
#include "adapter/stages/budget.h"
#include "adapter/stages/record.h"

namespace consultd {

struct Consented {
    std::vector<PacketResource> resources;
    struct Withheld {
        std::string source;
        std::string reason;  // from a closed list: see consent.cpp
        std::string why;     // for the ledger alone: the rule by its path, the sign and its source
        fhir::Resource resource;  // for whoever asks what is withheld; nothing of it leaves
        Sensitivity::Signs betrays;
    };
    std::vector<Withheld> withheld;
    // Of each of the resources, in their order.
    std::vector<std::string> why_kept;
    std::vector<Sensitivity::Signs> kept_betray;
    ChangeList changes;  // references, displays and narratives that named what is withheld
    // Some rule looks at what a resource holds, so what was not pulled may be told by no name.
    bool hides_unpulled = false;
};

// Denied: the Consent is not active, not of this patient, not for this recipient, purpose or time,
// or cannot be understood at all: then nothing may leave. Asked again right before delivery.
Status check_consent(const fhir::Json& consent, const Request& request, const std::string& patient,
                     Instant now);

// Whether the consent lets it be told that there is something of that type, whatever it says: what
// came and could not be read.
bool may_be_told(const fhir::Json& consent, const Request& request, const std::string& patient,
                 const Sensitivity& sensitivity, std::string_view type);

// excluded + included = given, or it is an error. Cancelled: as the budget says.
Result<Consented> apply_consent(const fhir::Json& consent, const Request& request,
                                const std::string& patient, std::vector<PacketResource> resources,
                                Instant now, const Sensitivity& sensitivity,
                                const Budget& budget = {});

// Some nested rule holds for a time, so that what is decided of a resource may change with time.
bool depends_on_time(const fhir::Json& consent);
// Denied: at `now` it is decided otherwise of some of these resources than at request.as_of. Asked
// of what is stored, before the first byte. Else as apply_consent.
Status check_outcome(const fhir::Json& consent, const Request& request, const std::string& patient,
                     const std::vector<PacketResource>& resources, Instant now,
                     const Sensitivity& sensitivity, const Budget& budget = {});

}  // namespace consultd
