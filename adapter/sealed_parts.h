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

// What is kept of one transfer, to be read; who has this cannot write.
class PartReader {
public:
    PartReader(Store& store, const crypto::Sealer& sealer, std::string transfer_id)
        : store_(store), sealer_(sealer), transfer_id_(std::move(transfer_id)) {}
    Result<std::string> open(Part part) const {
        return open_part(store_, sealer_, transfer_id_, part);
    }
    Result<bool> has(Part part) const {
        TRY_ASSIGN(const std::optional<std::string> sealed, store_.part(transfer_id_, part));
        return sealed.has_value();
    }

private:
    Store& store_;
    const crypto::Sealer& sealer_;
    std::string transfer_id_;
};

}  // namespace consultd
