#include "adapter/stages/pull/pull.h"

#include <algorithm>

#include "adapter/stages/pull/attachments.h"
#include "adapter/stages/pull/searches.h"

namespace consultd {
namespace {

constexpr int settle_rounds_max = 8;

Status check_patient(const fhir::Resource& patient, const std::string& id, const fhir::Url& base) {
    if (patient.type() != "Patient" || patient.id() != id)
        return Error(ErrorKind::Conflict,
                     "the source answered with another patient than the one asked for");
    for (const fhir::JsonView link : patient["link"].items())
        if (link["type"].string() == "replaced-by")
            return Error(ErrorKind::Conflict, "the source merged this patient into another");
    if (has_unknown_modifier(patient.json()))
        return Error(ErrorKind::Unsupported,
                     "the Patient has a modifierExtension, which we do not know");
    if (belonging_of(patient, "", PatientIdentity::of(base, patient)) != Belonging::Ours)
        return Error(ErrorKind::Conflict, "the Patient names another patient");
    return {};
}

}  // namespace

struct Pull::State {
    PullConversation conversation;
    std::string patient_id;
    Clock& clock;
    std::optional<fhir::Capability> capability;
    std::optional<Plan> plan;
    Searches searches;
    bool provenance_planned = false;
    References references;
    Attachments attachments;

    Status run(const fhir::Call& call);
    Status read_patient(const fhir::Call& call);
    void plan_provenance();
    Record record();
};

Pull::Pull(fhir::FhirClient& client, const config::Pull& settings, const config::Limits& limits,
           std::string patient_id, Clock& clock, std::optional<fhir::Capability> capability)
    : state_(new State{.conversation = {.client = client,
                                        .settings = settings,
                                        .limits = limits,
                                        .progress = {},
                                        .gaps = {},
                                        .candidates = {}},
                       .patient_id = std::move(patient_id),
                       .clock = clock,
                       .capability = std::move(capability),
                       .plan = {},
                       .searches = {},
                       .references = {},
                       .attachments = {}}) {}
Pull::~Pull() = default;

PullProgress Pull::progress() const { return state_->conversation.progress.read(); }

Result<Record> Pull::run(Deadline deadline, std::stop_token stop) {
    TRY(state_->run(fhir::Call{.deadline = deadline, .stop = std::move(stop)}));
    return state_->record();
}

Status Pull::State::run(const fhir::Call& call) {
    if (!fhir::is_id(patient_id)) return Error(ErrorKind::NotFound, "the patient's id is none");
    if (!capability) {
        conversation.count_request();
        TRY_ASSIGN(capability, fhir::Capability::read(conversation.client, call));
    }
    if (!conversation.candidates) TRY(read_patient(call));
    if (!plan) {
        plan = make_plan(*capability, conversation.settings, patient_id);
        for (const Gap& gap : plan->gaps) conversation.gaps.add(gap);
        searches.add(plan->types);
    }
    TRY(searches.run(conversation, call));
    // What is referred to may bring attachments, and the other way round.
    for (int round = 0; round < settle_rounds_max; ++round) {
        const std::size_t before = conversation.candidates->held().size();
        TRY(references.follow(conversation, call));
        TRY(attachments.fetch(conversation, references, call));
        const bool is_settled =
            provenance_planned && conversation.candidates->held().size() == before;
        if (is_settled) return {};
        if (!provenance_planned) plan_provenance();
        TRY(searches.run(conversation, call));
    }
    conversation.gaps.add("record", "reference-cap");
    return {};
}

Status Pull::State::read_patient(const fhir::Call& call) {
    conversation.count_request();
    const fhir::Url& base = conversation.client.base();
    TRY_ASSIGN(const fhir::FhirResponse answer,
               conversation.client.get(base.below("Patient/" + patient_id), call));
    TRY_ASSIGN(const fhir::Resource patient, fhir::Resource::from(answer.body));
    TRY(check_patient(patient, patient_id, base));
    for (const fhir::JsonView link : patient["link"].items())
        if (link.at("other", "reference").string().find("Patient/") != std::string_view::npos)
            conversation.gaps.add("Patient.link", "other-record-not-read");
    conversation.candidates.emplace(PatientIdentity::of(base, patient), conversation.limits);
    TRY(conversation.candidates->add(answer.body, ""));
    if (!conversation.candidates->find(patient.key()))
        return Error(ErrorKind::Malformed, "the source's Patient cannot be used");
    return {};
}

// Provenance of the types whose searches do not bring it.
void Pull::State::plan_provenance() {
    provenance_planned = true;
    if (!plan->provenance_apart || !capability->can_search("Provenance", "target")) return;
    std::vector<std::string> targets;
    for (const auto& [name, candidate] : conversation.candidates->held())
        if (candidate.belonging == Belonging::Ours && !candidate.resource.id().empty() &&
            !brings_provenance(*capability, candidate.resource.type()))
            targets.push_back(name);
    searches.add(provenance_plans(targets, conversation.settings.page_size));
}

Record Pull::State::record() {
    Candidates& candidates = *conversation.candidates;
    Record record;
    record.base_url = conversation.client.base().text();
    record.patient = "Patient/" + patient_id;
    record.pulled_at = clock.now();
    for (const auto& [name, reason] : candidates.rejected())
        record.rejected.push_back({name, reason});
    for (const auto& [name, candidate] : candidates.held()) {
        const bool is_kept = references.is_reached(candidates, name, candidate);
        if (!is_kept || candidate.subsetted) {
            record.rejected.push_back(
                {name, is_kept ? StaticText("subsetted") : StaticText("unproven-patient")});
            continue;
        }
        record.resources.push_back({name, candidate.full_url, candidate.resource});
    }
    std::sort(record.rejected.begin(), record.rejected.end(),
              [](const auto& a, const auto& b) { return a.source < b.source; });
    if (!has_clinical(record)) conversation.gaps.add("record", "no-records");
    record.gaps = conversation.gaps.list();
    add_gaps_of_rejected(record);
    return record;
}

}  // namespace consultd
