// The order that the tests of following are about: Patient/77 and ServiceRequest/8 there.
#pragma once

#include "adapter/stages/deliver/identity.h"
#include "adapter/stages/follow/ownership.h"

namespace consultd::testing {

inline OurOrder order_of_77() {
    return {.transfer_id = "t-1",
            .patient = "Patient/77",
            .request = "ServiceRequest/8",
            .is_same = [](fhir::JsonView left, fhir::JsonView right) {
                return is_named_alike(compare_patients(left, right, {}));
            }};
}

}  // namespace consultd::testing
