#include "adapter/sealed_parts.h"

namespace consultd {
namespace {

std::string context_of(const std::string& transfer_id, Part part) {
    return "part|" + transfer_id + "|" + std::string(name_of(part));
}

}  // namespace

SealedPart seal_part(const crypto::Sealer& sealer, const std::string& transfer_id, Part part,
                     std::string_view plain) {
    return {part, sealer.seal(plain, context_of(transfer_id, part))};
}

Result<std::string> open_part(Store& store, const crypto::Sealer& sealer,
                              const std::string& transfer_id, Part part) {
    TRY_ASSIGN(const std::optional<std::string> sealed, store.part(transfer_id, part));
    if (!sealed) return Error(ErrorKind::Corrupt, "a stored part of the transfer is missing");
    return sealer.open(*sealed, context_of(transfer_id, part));
}

}  // namespace consultd
