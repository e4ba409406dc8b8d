#include "adapter/stages/pull/everything.h"

#include "adapter/stages/pull/self_link.h"

namespace consultd {

void Everything::begin(PullConversation& conversation, const std::string& patient_id) {
    const fhir::Url url =
        conversation.client.base().below("Patient/" + patient_id + "/$everything");
    fhir::Query query;
    for (const auto& [name, value] : parameters_) query.add(name, value);
    search_ = std::make_unique<fhir::Search>(
        conversation.client, parameters_.empty() ? url : url.with_query(query.text()),
        fhir::SearchLimits{.pages_max = conversation.settings.pages_max,
                           .resources_max = conversation.limits.resources,
                           .bytes_max = conversation.limits.record_bytes});
}

Status Everything::run(PullConversation& conversation, const std::string& patient_id,
                       const fhir::Call& call) {
    if (brought_.is_read) return {};
    if (!search_) {
        parameters_ = {{"_count", std::to_string(conversation.settings.page_size)}};
        begin(conversation, patient_id);
    }
    while (!search_->done()) {
        conversation.count_request();
        const Result<fhir::SearchState> state = search_->step(call);
        if (state) continue;
        if (ends_run(state.error(), ++failures_)) return state.error();
        const auto status = state.error().number("status");
        if ((status == 400 || status == 422) && search_->pages() == 0 &&
            ask_for_less(parameters_)) {
            begin(conversation, patient_id);
            continue;
        }
        asked_.answer = gap_reason(state.error());
        break;
    }
    brought_.is_read = true;
    return take_in(conversation, search_->take());
}

Status Everything::take_in(PullConversation& conversation, const fhir::SearchResult& result) {
    asked_.pages = result.pages;
    asked_.total = result.total;
    for (const auto* entries : {&result.matches, &result.includes})
        for (const fhir::BundleEntry& entry : *entries) {
            if (entry.resource.is_null()) continue;
            const Result<fhir::Resource> resource = fhir::Resource::from(entry.resource);
            if (resource && !resource->id().empty())
                brought_.ids[std::string(resource->type())].insert(resource->key());
            TRY(conversation.candidates->add({entry.resource, entry.full_url}));
        }
    for (const auto& [type, ids] : brought_.ids) asked_.ids += ids.size();
    if (asked_.answer.view() == "answered") {
        if (result.incomplete) asked_.answer = "suppressed";
        if (result.has_empty_page) asked_.answer = "empty-page";
        if (result.total && *result.total > static_cast<std::int64_t>(asked_.ids))
            asked_.answer = "fewer-than-total";
        if (result.has_unreadable_total) asked_.answer = "malformed-answer";
        if (is_narrowed(result.self)) asked_.answer = "narrowed";
    }
    if (asked_.answer.view() != "answered") {
        brought_.odd.insert("");
        conversation.gaps.add(asked_.label, asked_.answer);
    }
    brought_.asked.emplace("", asked_);
    return {};
}

}  // namespace consultd
