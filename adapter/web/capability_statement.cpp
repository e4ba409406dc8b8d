#include "adapter/web/capability_statement.h"

namespace consultd::web {

using fhir::Json;

fhir::Json capability_statement() {
    const auto interaction = [](std::string_view code) { return Json::object({{"code", code}}); };
    const auto parameter_of = [](std::string_view name, std::string_view type) {
        return Json::object({{"name", name}, {"type", type}});
    };
    const Json task = Json::object(
        {{"type", "Task"},
         {"interaction",
          Json::array({interaction("read"), interaction("create"), interaction("search-type")})},
         {"conditionalCreate", Json(true)},
         {"searchParam",
          Json::array({parameter_of("status", "token"), parameter_of("patient", "reference")})},
         {"operation",
          Json::array({Json::object(
              {{"name", "cancel"}, {"definition", "urn:consultd:operation:cancel"}})})}});
    const Json audit_event = Json::object(
        {{"type", "AuditEvent"},
         {"interaction", Json::array({interaction("search-type")})},
         {"searchParam",
          Json::array({parameter_of("patient", "reference"), parameter_of("date", "date")})}});
    const auto read_alone = [&](std::string_view type) {
        return Json::object({{"type", type}, {"interaction", Json::array({interaction("read")})}});
    };
    return Json::object(
        {{"resourceType", "CapabilityStatement"},
         {"status", "active"},
         {"date", "2026-11-23"},
         {"kind", "instance"},
         {"software", Json::object({{"name", "consultd"}})},
         {"implementation",
          Json::object({{"description", "Record transfers for second opinions"}})},
         {"fhirVersion", "4.0.1"},
         {"format", Json::array({Json("json")})},
         {"rest", Json::array({Json::object(
                      {{"mode", "server"},
                       {"resource", Json::array({task, audit_event, read_alone("Bundle"),
                                                 read_alone("Consent")})}})})}});
}

}  // namespace consultd::web
