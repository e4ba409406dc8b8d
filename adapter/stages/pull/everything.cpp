#include "adapter/stages/pull/everything.h"

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
    if (is_done_) return {};
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
    is_done_ = true;
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
                ids_[std::string(resource->type())].insert(resource->key());
            TRY(conversation.candidates->add({entry.resource, entry.full_url}));
        }
    for (const auto& [type, ids] : ids_) asked_.ids += ids.size();
    if (asked_.answer.view() == "answered") {
        if (result.incomplete) asked_.answer = "suppressed";
        if (result.has_empty_page) asked_.answer = "empty-page";
        if (result.total && *result.total > static_cast<std::int64_t>(asked_.ids))
            asked_.answer = "fewer-than-total";
    }
    is_odd_ = asked_.answer.view() != "answered";
    if (is_odd_) conversation.gaps.add(asked_.label, asked_.answer);
    return {};
}

const std::set<std::string>& Everything::ids_of(const std::string& type) const {
    static const std::set<std::string> none;
    const auto found = ids_.find(type);
    return found == ids_.end() ? none : found->second;
}

std::vector<TypeProof> Everything::proofs() const {
    std::vector<TypeProof> proofs;
    for (const auto& [type, ids] : ids_)
        proofs.push_back({.type = type,
                          .how = "everything",
                          .searches = {asked_},
                          .ids = ids.size(),
                          .end = is_whole() ? TypeEnd::Complete : end_of(asked_.answer)});
    return proofs;
}

}  // namespace consultd
