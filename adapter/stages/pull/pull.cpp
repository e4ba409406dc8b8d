#include "adapter/stages/pull/pull.h"

#include <algorithm>

#include "adapter/stages/pull/attachments.h"
#include "adapter/stages/pull/bulk.h"
#include "adapter/stages/pull/everything.h"
#include "adapter/stages/pull/granted.h"
#include "adapter/stages/pull/proofs.h"
#include "adapter/stages/pull/references.h"
#include "adapter/stages/pull/searches.h"

namespace consultd {
namespace {

constexpr int settle_rounds_max = 8;

Status check_patient(const fhir::Resource& patient, const std::string& id,
                     const Addresses& addresses) {
    if (patient.type() != "Patient" || patient.id() != id)
        return Error(ErrorKind::Conflict,
                     "the source answered with another patient than the one asked for");
    for (const fhir::JsonView link : patient["link"].items())
        if (link["type"].string() == "replaced-by")
            return Error(ErrorKind::Conflict, "the source merged this patient into another");
    if (has_unknown_modifier(patient.json()))
        return Error(ErrorKind::Unsupported,
                     "the Patient has a modifierExtension, which we do not know");
    if (belonging_of(patient, {.key = patient.key(), .full_url = ""},
                     PatientIdentity::of(addresses, id, patient.json())) != Belonging::Ours)
        return Error(ErrorKind::Conflict, "the Patient names another patient");
    return {};
}

}  // namespace

struct Pull::State {
    PullConversation conversation;
    const SearchPlan& table;
    std::string patient_id;
    Clock& clock;
    Addresses addresses;
    std::optional<Plan> plan;
    Searches searches;
    Everything everything;
    Bulk bulk;
    bool provenance_planned = false, is_checked = false;
    Granted granted;
    References references;
    Attachments attachments;

    Status run(const fhir::Call& call);
    Status search(const fhir::Call& call);
    void check(const Brought& brought);
    const Brought& brought() const {
        return plan->way == Plan::Way::Export ? bulk.brought() : everything.brought();
    }
    Status read_patient(const fhir::Call& call);
    bool has_provenance() const;
    void plan_provenance();
    Result<Record> record();
};

Pull::Pull(fhir::FhirClient& client, const SearchPlan& table, const config::Pull& settings,
           const config::Limits& limits, std::string patient_id, Clock& clock,
           std::optional<fhir::Capability> capability, std::vector<fhir::Url> aliases)
    : state_(new State{.conversation = {.client = client,
                                        .settings = settings,
                                        .limits = limits,
                                        .capability = std::move(capability),
                                        .progress = {},
                                        .gaps = {},
                                        .candidates = {},
                                        .signed_urls = {}},
                       .table = table,
                       .patient_id = std::move(patient_id),
                       .clock = clock,
                       .addresses = client.base(),
                       .plan = {},
                       .searches = {},
                       .everything = {},
                       .bulk = {},
                       .granted = {},
                       .references = {},
                       .attachments = {}}) {
    for (fhir::Url& alias : aliases) state_->addresses.add_alias(std::move(alias));
}
Pull::~Pull() = default;

void Pull::abandon(Deadline deadline) {
    state_->bulk.abandon(state_->conversation, {.deadline = deadline, .stop = {}});
}

PullProgress Pull::progress() const { return state_->conversation.progress.read(); }

Result<Record> Pull::run(Deadline deadline, std::stop_token stop) {
    const fhir::Call call{.deadline = deadline, .stop = std::move(stop)};
    TRY(state_->run(call));
    // It may be another one than at the beginning.
    TRY(state_->granted.note(state_->conversation.client, call));
    return state_->record();
}

Status Pull::State::run(const fhir::Call& call) {
    if (!fhir::is_id(patient_id)) return Error(ErrorKind::NotFound, "the patient's id is none");
    std::optional<fhir::Capability>& capability = conversation.capability;
    if (!capability) {
        conversation.count_request();
        TRY_ASSIGN(capability, fhir::Capability::read(conversation.client, call));
    }
    TRY(granted.note(conversation.client, call));
    if (!conversation.candidates) TRY(read_patient(call));
    if (!plan) {
        plan = make_plan(table, *capability, conversation.settings, patient_id);
        for (const Gap& gap : plan->gaps) conversation.gaps.add(gap);
        if (plan->way == Plan::Way::Searches) searches.add(plan->types);
    }
    TRY(search(call));
    // What is referred to may bring attachments, and the other way round.
    for (int round = 0; round < settle_rounds_max; ++round) {
        const std::size_t before = conversation.candidates->size();
        TRY(references.follow(conversation, call));
        TRY(attachments.fetch(conversation, call));
        const bool is_settled = provenance_planned && conversation.candidates->size() == before;
        if (is_settled) return {};
        if (!provenance_planned) plan_provenance();
        TRY(searches.run(conversation, call));
    }
    conversation.gaps.add("record", "reference-cap");
    return {};
}

// By searches, and the operation is asked where a list of questions needs a witness; or by an
// operation, and the searches are asked where a count knows of more.
Status Pull::State::search(const fhir::Call& call) {
    if (plan->way == Plan::Way::Searches) {
        TRY(searches.run(conversation, call));
        if (!searches.need_witness() ||
            !conversation.capability->has_operation("Patient", "everything"))
            return {};
        TRY(everything.run(conversation, patient_id, call));
        searches.confirm(everything.brought());
        return {};
    }
    TRY(plan->way == Plan::Way::Export ? bulk.run(conversation, patient_id, call)
                                       : everything.run(conversation, patient_id, call));
    if (!std::exchange(is_checked, true)) check(brought());
    return searches.run(conversation, call);
}

// Where nothing came of an operation, or an export is not to be believed as a whole, it is as if it
// were not offered.
void Pull::State::check(const Brought& brought) {
    const bool is_odd = plan->way == Plan::Way::Export && brought.odd.contains("");
    if (brought.has_come() && !is_odd) {
        // An export brings what is about its resources as well, where the server has that at all:
        // the versions of the standard differ on it, so none is no word.
        if (plan->way == Plan::Way::Export && brought.is_whole() && has_provenance())
            plan->provenance_apart = false;
        return searches.check(plan->types, brought);
    }
    config::Pull by_search = conversation.settings;
    by_search.method = config::Pull::Method::Search;
    plan = make_plan(table, *conversation.capability, by_search, patient_id);
    for (const Gap& gap : plan->gaps) conversation.gaps.add(gap);
    searches.add(plan->types);
}

Status Pull::State::read_patient(const fhir::Call& call) {
    conversation.count_request();
    const fhir::Url& base = conversation.client.base();
    TRY_ASSIGN(const fhir::FhirResponse answer,
               conversation.client.get(base.below("Patient/" + patient_id), call));
    const Incoming brought = in_shape({.json = answer.body});
    TRY_ASSIGN(const fhir::Resource patient, fhir::Resource::from(brought.json));
    TRY(check_patient(patient, patient_id, addresses));
    for (const fhir::JsonView link : patient["link"].items())
        if (link.at("other", "reference").string().find("Patient/") != std::string_view::npos)
            conversation.gaps.add("Patient.link", "other-record-not-read");
    conversation.candidates.emplace(Bringer::Server,
                                    PatientIdentity::of(addresses, patient_id, patient.json()),
                                    conversation.limits);
    conversation.signed_urls.emplace(base);
    TRY(conversation.candidates->add(brought));
    if (!conversation.candidates->find(patient.key()))
        return Error(ErrorKind::Malformed, "the source's Patient cannot be used");
    return {};
}

bool Pull::State::has_provenance() const {
    bool has = false;
    conversation.candidates->each_standing([&](const std::string&, const Candidate& one) {
        has = has || one.json["resourceType"].string() == "Provenance";
    });
    return has;
}

// Provenance of the types whose searches do not bring it; after an operation, which may leave it
// out, of all.
void Pull::State::plan_provenance() {
    provenance_planned = true;
    const fhir::Capability& capability = *conversation.capability;
    if (!plan->provenance_apart) return;
    if (!capability.can_search("Provenance", "target")) {
        if (!capability.can_search("Provenance", "patient"))
            plan->not_offered.push_back("Provenance");
        return;
    }
    const bool is_by_search = plan->way == Plan::Way::Searches;
    std::vector<std::string> targets;
    conversation.candidates->each_standing([&](const std::string& name, const Candidate& one) {
        const std::string_view type = one.json["resourceType"].string();
        if (one.belonging == Belonging::Ours && !one.json["id"].string().empty() &&
            !(is_by_search && brings_provenance(capability, type)))
            targets.push_back(name);
    });
    searches.add(provenance_plans(targets, conversation.settings.page_size));
}

Result<Record> Pull::State::record() {
    const fhir::Url& base = conversation.client.base();
    Record record;
    record.base_url = base.text();
    record.patient = "Patient/" + patient_id;
    record.pulled_at = clock.now();
    if (!conversation.candidates->find(record.patient))
        return Error(ErrorKind::Conflict,
                     "the source gave several contents of the Patient, and not which one holds");
    conversation.candidates->settle_into(record);
    conversation.signed_urls->take_out(record);
    for (PulledResource& pulled : record.resources)
        if (pulled.full_url.empty()) pulled.full_url = base.below(pulled.source).text();
    searches.add_gaps(conversation.gaps);
    std::vector<Gap> gaps = conversation.gaps.list();
    gaps.insert(gaps.end(), record.gaps.begin(), record.gaps.end());
    record.gaps = std::move(gaps);
    record.types = prove(searches.proofs(), brought().proofs(), *plan, record);
    granted.mark(record);
    if (!has_clinical(record) && why_nothing_clinical(record).view() == "no-records")
        record.gaps.push_back({"record", "no-records"});
    return record;
}

}  // namespace consultd
