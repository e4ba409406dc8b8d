#include "adapter/errands.h"

#include "fhir/json.h"

namespace consultd {

using fhir::Json;

namespace {

std::string context_of(const std::string& transfer, const std::string& name) {
    return "errand|" + transfer + "|" + name;
}

}  // namespace

std::string errand_name(const crypto::Sealer& sealer, const fhir::Url& status) {
    return sealer.pseudonym(status.text(), "errand");
}

Errand errand_of(const crypto::Sealer& sealer, const std::string& transfer,
                 const ExportLeft& left) {
    std::string name = errand_name(sealer, left.status);
    const Json text =
        Json::object({{"export", left.status.text()}, {"begun", format_instant(left.begun)}});
    std::string sealed = sealer.seal(text.print(), context_of(transfer, name));
    return {transfer, std::move(name), std::move(sealed)};
}

Result<ExportLeft> export_left(const crypto::Sealer& sealer, const Errand& errand) {
    TRY_ASSIGN(std::string text,
               sealer.open(errand.sealed, context_of(errand.transfer, errand.name)));
    TRY_ASSIGN(const Json json, Json::parse(std::move(text)));
    TRY_ASSIGN(fhir::Url status, fhir::Url::parse(json["export"].string()));
    const auto begun = parse_instant(json["begun"].string());
    if (!begun) return Error(ErrorKind::Corrupt, "what is to be said to a source is not whole");
    return ExportLeft{std::move(status), *begun};
}

}  // namespace consultd
