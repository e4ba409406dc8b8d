#include "adapter/approval.h"

#include "fhir/base/crypto.h"
#include "fhir/json.h"

namespace consultd {

std::string packet_digest(std::string_view bundle, std::string_view html,
                          const config::Destination& to) {
    std::string parts = crypto::sha256(bundle) + crypto::sha256(html) + crypto::sha256(to.name) +
                        crypto::sha256(to.fhir_base_url.text());
    if (to.organization)
        parts += crypto::sha256(to.organization->system) + crypto::sha256(to.organization->value);
    return crypto::hex(crypto::sha256(parts));
}

std::string text_of(const PatientAct& act) {
    return fhir::Json::object({{"at", format_instant(act.at)},
                               {"language", act.language},
                               {"words", act.words},
                               {"packet", act.packet},
                               {"by", act.by}})
        .print();
}

Result<PatientAct> patient_act(std::string text) {
    const Error none(ErrorKind::Corrupt, "what is kept of a patient's decision is none");
    const Result<fhir::Json> json = fhir::Json::parse(std::move(text));
    if (!json) return none;
    const auto at = parse_instant((*json)["at"].string());
    if (!at || (*json)["words"].string().empty()) return none;
    return PatientAct{.at = *at,
                      .language = std::string((*json)["language"].string()),
                      .words = std::string((*json)["words"].string()),
                      .packet = std::string((*json)["packet"].string()),
                      .by = std::string((*json)["by"].string())};
}

}  // namespace consultd
