// Sealed parts: what the store keeps of a transfer, as it is sealed and opened. A part is sealed
// for one transfer and one name: put elsewhere, it does not open.
#pragma once

#include <string>

#include "adapter/parts.h"
#include "adapter/store/store.h"
#include "fhir/base/crypto.h"

namespace consultd {

SealedPart seal_part(const crypto::Sealer& sealer, const std::string& transfer_id, Part part,
                     std::string_view plain);
// Corrupt: it is not there or does not open.
Result<std::string> open_part(Store& store, const crypto::Sealer& sealer,
                              const std::string& transfer_id, Part part);

}  // namespace consultd
