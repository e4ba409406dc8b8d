#include "adapter/acts.h"

#include "fhir/base/crypto.h"

namespace consultd {

audit::Act act_by(const Actor& who, audit::Act::What what, const Transfer& transfer,
                  const config::Config& config, Instant now) {
    audit::Act act{.what = what,
                   .who = who.name(),
                   .who_system = std::string(who.system()),
                   .transfer_id = transfer.id,
                   .patient_pseudonym = transfer.patient_pseudonym,
                   .recorded = now};
    const auto destination = config.destinations.find(transfer.destination);
    if (destination == config.destinations.end()) return act;
    act.destination_name = destination->second.name;
    act.destination_base_url = destination->second.fhir_base_url.text();
    return act;
}

AskedEntry entry_of(const audit::Act& act, Random& random) {
    const std::string id = crypto::uuid_v4(random);
    return {id, audit::act_event(act, id).print()};
}

}  // namespace consultd
