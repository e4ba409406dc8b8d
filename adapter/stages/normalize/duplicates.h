// duplicates: resources that are the same in all but where and when they are stored are folded into
// one. Works on rewritten resources, whose references already lead to the packet's own.
#pragma once

#include <cstddef>
#include <vector>

#include "adapter/stages/budget.h"
#include "adapter/stages/normalize/rewrite.h"

namespace consultd::normalizing {

// For each resource the one it is folded into, itself where it stays. `order` is the resources in
// the order of their source names: the first of the same is kept. References to what is folded are
// led to what is kept, as further `changes`. A Patient is never folded: there is one, or a person
// decides. Cancelled: as the budget says.
Result<std::vector<std::size_t>> fold_duplicates(std::vector<Rewritten>& resources,
                                                 const std::vector<fhir::Json>& full_urls,
                                                 const std::vector<std::size_t>& order,
                                                 ChangeList& changes, const Budget& budget);

}  // namespace consultd::normalizing
