
#include "adapter/stages/deliver/deliver.h"

namespace consultd {

DestinationCapability destination_capability(const fhir::Capability& capability) {
    DestinationCapability there;
    there.has_match_operation = capability.has_operation("Patient", "match");
    for (const auto& [type, declared] : capability.types())
        if (capability.can_search(type, "_tag")) there.found_by_tag.insert(type);
    // For every type that can be created at all; a server that names none promises nothing.
    bool any = false, all = true, any_put = false, all_put = true;
    for (const auto& [type, declared] : capability.types()) {
        there.refuses_conditions = there.refuses_conditions || declared.refuses_conditions;
        if (!declared.interactions.contains("create")) {
            if (!declared.interactions.contains("update")) continue;
            any_put = true;
            all_put = all_put && declared.update_create;
            continue;
        }
        any = true;
        all = all && declared.update_create;
    }
    there.update_create = any && all;
    there.takes_only_own_ids = !any && any_put && all_put;
    there.has_no_transactions = (any || any_put) && !capability.can_system("transaction");
    return there;
}

}  // namespace consultd
