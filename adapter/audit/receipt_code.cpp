#include "adapter/audit/receipt_code.h"

#include "fhir/base/crypto.h"
#include "fhir/client/http_gzip.h"
#include "fhir/json.h"

namespace consultd::audit {
namespace {

constexpr std::string_view mark = "CONSULTD1:";
constexpr std::size_t receipt_bytes_max = std::size_t{1} << 20;

}  // namespace

Result<std::string> receipt_code(std::string receipt) {
    TRY_ASSIGN(const fhir::Json json, fhir::Json::parse(std::move(receipt)));
    return std::string(mark) + crypto::base45(fhir::gzip(json.print()));
}

Result<std::string> receipt_of_text(std::string text) {
    std::string_view code = text;
    if (!code.starts_with(mark)) return text;
    code.remove_prefix(mark.size());
    while (code.ends_with('\n') || code.ends_with('\r')) code.remove_suffix(1);
    const Error damaged(ErrorKind::Malformed, "the code of a receipt is damaged");
    const auto bytes = crypto::from_base45(code);
    if (!bytes) return damaged;
    Result<std::string> receipt = fhir::gunzip(*bytes, receipt_bytes_max);
    if (!receipt && receipt.error().kind() != ErrorKind::TooLarge) return damaged;
    return receipt;
}

}  // namespace consultd::audit
