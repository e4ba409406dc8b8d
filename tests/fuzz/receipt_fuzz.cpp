// A receipt is a file that somebody hands us: any bytes at all. What the fuzzer writes goes in as a
// whole receipt, and as the leaf of one whose proof and signature hold.
#include <cstdlib>

#include "adapter/audit/receipt.h"
#include "adapter/audit/receipt_code.h"

using namespace consultd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const audit::Verifier verifier{"fuzz",
                                          *crypto::Key::generate(crypto::Key::Type::Ed25519)};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (audit::verify_receipt(text, verifier, {}).ok()) std::abort();
    (void)audit::receipt_of_text("CONSULTD1:" + std::string(text));
    const std::string note =
        audit::sign_checkpoint({"fuzz", 1, audit::leaf_hash(text)}, verifier.key);
    const fhir::Json receipt = fhir::Json::object({{"type", "consultd-receipt"},
                                                   {"version", fhir::Json(std::int64_t{1})},
                                                   {"transfer", "t"},
                                                   {"leaf", text},
                                                   {"index", fhir::Json(std::int64_t{0})},
                                                   {"proof", fhir::Json::array({})},
                                                   {"checkpoint", note}});
    const auto facts = audit::verify_receipt(receipt.print(), verifier, {});
    if (facts && facts->transfer_id != "t") std::abort();
    return 0;
}
