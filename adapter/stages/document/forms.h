// Forms: whatever stands in the document is R4: each resource is asked by our own `validate` and
// put into R4's form where it is not, with a Change for what stood there before. Knows neither the
// Composition nor what is read to people.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapter/change_list.h"
#include "adapter/stages/budget.h"
#include "adapter/stages/record.h"

namespace consultd {

// Of those that are not R4: full_url → as it goes into the Bundle.
using Mended = std::map<std::string, fhir::Json, std::less<>>;

// One that cannot be brought into R4's form travels whole, as the content of a Binary under its
// URL. Rules "form.as-text", "form.enclosed". Cancelled: as the budget says.
Result<Mended> mend_forms(const std::vector<PacketResource>& resources, ChangeList& changes,
                          const Budget& budget);

// A resource as the content of a Binary with its id, and with its labels.
fhir::Json enclosed(const fhir::Json& resource);

}  // namespace consultd
