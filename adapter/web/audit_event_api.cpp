#include "adapter/web/audit_event_api.h"

#include <algorithm>

#include "adapter/audit/event_reader.h"
#include "adapter/order.h"
#include "adapter/web/refusals.h"
#include "adapter/web/task.h"

namespace consultd::web {
namespace {

using fhir::Json;

ServerResponse refused(const Error& error) {
    if (error.kind() == ErrorKind::Malformed) return refusal("/fhir", 400, "invalid", error.text());
    return refusal("/fhir", 500, "exception", "the audit log could not be read");
}

bool is_about(const Json& event, const std::vector<std::string>& pseudonyms) {
    const std::string_view patient = audit::entity_of(event, "urn:consultd:patient-pseudonym")
                                         .at("what", "identifier", "value")
                                         .string();
    return std::ranges::find(pseudonyms, patient) != pseudonyms.end();
}

}  // namespace

// The log knows patients by a keyed hash, one for each source.
std::vector<std::string> AuditEventApi::pseudonyms_of(const std::string& patient) const {
    const fhir::Reference reference = fhir::Reference::parse(patient);
    const std::string id(reference.id.empty() ? patient : reference.id);
    std::vector<std::string> pseudonyms;
    for (const std::string& key : sources_meant(config_, reference))
        pseudonyms.push_back(patient_pseudonym(sealer_, key, id));
    return pseudonyms;
}

Result<AuditEventApi::Page> AuditEventApi::find(const AuditEventSearch& search) const {
    const std::vector<std::string> pseudonyms = pseudonyms_of(search.patient);
    Page page;
    const Status read = read_([&](std::uint64_t index, std::string_view entry) {
        if (index < search.begin) return true;
        Result<Json> event = Json::parse(std::string(entry));
        if (!event) return false;
        const auto recorded = parse_instant((*event)["recorded"].string());
        if (!recorded || !search.covers(*recorded)) return true;
        if (!search.patient.empty() && !is_about(*event, pseudonyms)) return true;
        ++page.total;
        if (search.count == 0) return true;
        if (page.events.size() == search.count) page.next = index;
        if (!page.next) page.events.push_back(*std::move(event));
        return !page.next;
    });
    if (!read) return read.error();
    return page;
}

ServerResponse AuditEventApi::search(const RoutedRequest& asked) const {
    const Result<AuditEventSearch> search = AuditEventSearch::read(asked.http.query, sealer_);
    if (!search) return refused(search.error());
    const Result<Page> page = find(*search);
    if (!page) return refused(page.error());
    Json bundle = Json::object({{"resourceType", "Bundle"}, {"type", "searchset"}});
    const auto link = [&](std::string_view relation, const AuditEventSearch& to) {
        const std::string url = config_.listen.public_url + "/fhir/AuditEvent?" + to.link(sealer_);
        return Json::object({{"relation", relation}, {"url", url}});
    };
    std::vector<Json> links{link("self", *search)}, entries;
    if (page->next) {
        AuditEventSearch next = *search;
        next.begin = *page->next;
        links.push_back(link("next", next));
    }
    for (const Json& event : page->events)
        entries.push_back(
            Json::object({{"fullUrl", "urn:uuid:" + std::string(event["id"].string())},
                          {"resource", event},
                          {"search", Json::object({{"mode", "match"}})}}));
    if (search->count == 0) bundle = bundle.with("total", Json(page->total));
    bundle = bundle.with("link", Json::array(std::move(links)));
    if (!entries.empty()) bundle = bundle.with("entry", Json::array(std::move(entries)));
    return answer(200, bundle.print(), "application/fhir+json; charset=utf-8");
}

}  // namespace consultd::web
