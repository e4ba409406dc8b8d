// Proofs: of a pull that has ended, one for each type of a patient's record that the source
// declares or the plan names, and for each that was reached by reference. Pure.
#pragma once

#include <vector>

#include "adapter/stages/proof.h"
#include "adapter/stages/pull/plan.h"
#include "adapter/stages/record.h"

namespace consultd {

// `searched`: of the types that were searched for; `came`: of those that came by the operation.
// `record`: what came, with its gaps. Sorted by type.
std::vector<TypeProof> prove(const std::vector<TypeProof>& searched,
                             const std::vector<TypeProof>& came, const Plan& plan,
                             const Record& record);

}  // namespace consultd
