#include "adapter/stages/pull/references.h"

#include <algorithm>
#include <deque>

#include "fhir/reference.h"

namespace consultd {
namespace {

// Bounds on what a source can make us read by references alone.
constexpr int rounds_max = 16;
constexpr std::size_t reads_max = 20'000;

}  // namespace

Status References::follow(PullConversation& conversation, const fhir::Call& call) {
    for (int round = 0; round < rounds_max; ++round) {
        scan(conversation);
        if (wanted_.empty()) return {};
        TRY(read(conversation, call));
    }
    for (const std::string& key : wanted_) conversation.gaps.add(key, "reference-cap");
    wanted_.clear();
    return {};
}

void References::scan(PullConversation& conversation) {
    const Candidates& candidates = *conversation.candidates;
    const Reach reach = candidates.reach();
    candidates.each_standing([&](const std::string& name, const Candidate& one) {
        if (one.is_part && !asked_.contains(one.key)) wanted_.insert(one.key);
        if (!reach.is_reached(name)) return;
        // A newer version is looked at anew.
        const void*& looked_at = scanned_[name];
        const void* const now = one.json.members().data();
        if (std::exchange(looked_at, now) == now) return;
        scan_resource(conversation, one);
    });
}

void References::scan_resource(PullConversation& conversation, const Candidate& candidate) {
    const Candidates& candidates = *conversation.candidates;
    for (const std::string_view text : literal_references(candidate.json)) {
        const std::optional<std::string> key = candidates.addresses().key(text);
        if (!key) {
            const fhir::Reference elsewhere = fhir::Reference::parse(text);
            if (elsewhere.form == fhir::Reference::Form::Absolute)
                conversation.gaps.add(std::string(elsewhere.type),
                                      how_foreign(conversation.client.base(), text));
            continue;
        }
        const std::string_view type = std::string_view(*key).substr(0, key->find('/'));
        if (type == "Patient") continue;
        if (candidates.knows(*key) || asked_.contains(*key) || wanted_.contains(*key)) continue;
        if (!is_kept_type(type)) {
            asked_.insert(*key);
            conversation.gaps.add(*key, "not-followed");
        } else if (asked_.size() + wanted_.size() >= reads_max) {
            asked_.insert(*key);
            conversation.gaps.add(*key, "reference-cap");
        } else {
            wanted_.insert(*key);
        }
    }
}

Status References::read(PullConversation& conversation, const fhir::Call& call) {
    struct Reading {
        std::string key;
        std::future<Result<fhir::FhirResponse>> answer;
    };
    std::deque<Reading> under_way;
    std::deque<std::string> waiting(wanted_.begin(), wanted_.end());
    std::optional<Error> ending;
    while (true) {
        while (!ending && !waiting.empty() && under_way.size() < conversation.parallel()) {
            std::string key = std::move(waiting.front());
            waiting.pop_front();
            const fhir::Url url = conversation.client.base().below(key);
            conversation.count_request();
            fhir::Call asked = call;
            if (failures_[key] > 0) asked.from = fhir::Call::From::Server;
            under_way.push_back({std::move(key), conversation.client.start_get(url, asked)});
        }
        if (under_way.empty()) break;
        Reading reading = std::move(under_way.front());
        under_way.pop_front();
        const Result<fhir::FhirResponse> answer = reading.answer.get();
        if (!answer && ends_run(answer.error(), ++failures_[reading.key])) {
            if (!ending) ending = answer.error();
            continue;
        }
        wanted_.erase(reading.key);
        asked_.insert(reading.key);
        if (!answer) {
            conversation.gaps.add(reading.key, gap_reason(answer.error()));
            continue;
        }
        const Result<fhir::Resource> resource = fhir::Resource::from(answer->body);
        if (!resource || resource->key() != reading.key) {
            conversation.gaps.add(reading.key, "other-resource");
            continue;
        }
        TRY(conversation.candidates->add({.json = answer->body}));
    }
    if (ending) return *ending;
    return {};
}

}  // namespace consultd
