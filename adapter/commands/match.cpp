// match: a transfer that is held because it is not certain who the patient is at the destination.
// Shows both sides, asked for anew; a named operator decides, and that is to be logged in the
// commit of the decision, before anything is sent by it.
#include <sysexits.h>

#include <algorithm>

#include "adapter/acts.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/match_view.h"
#include "adapter/commands/open_state.h"
#include "adapter/commands/report.h"
#include "adapter/commands/transfer_view.h"
#include "adapter/prepare.h"
#include "adapter/stages/deliver/identity.h"
#include "adapter/steps/identify.h"
#include "fhir/reference.h"

namespace consultd::commands {
namespace {

constexpr Milliseconds patience = std::chrono::minutes(2);
constexpr std::string_view new_chart = "new";

bool is_to_be_decided(const Transfer& transfer) {
    return transfer.state == TransferState::Held && transfer.reason == "identity" &&
           transfer.prepared && !transfer.sent;
}

// Why nothing is to be decided: what has left is in a chart, and no decision moves it.
std::string why_not(const Transfer& transfer) {
    if (transfer.sent && !is_terminal(transfer.state))
        return "nothing can be decided any more: records of this transfer have left or may have "
               "left, and they do not change their chart by it. `consultd status " +
               transfer.id + "` says where it stands, `consultd cancel " + transfer.id +
               "` takes it back";
    return "nothing is to be decided: the transfer is " + std::string(name_of(transfer.state)) +
           (transfer.reason.empty() ? "" : " (" + why(transfer) + ")") +
           ", and not held for its patient's identity";
}

// There nothing is to compare: whom the order means is for whoever ordered to say.
bool is_unclear_at_the_source(const Transfer& transfer) {
    return transfer.state == TransferState::Held && transfer.reason == "identity" &&
           !transfer.prepared;
}

// The conversation of one command about one transfer.
class Matching {
public:
    Matching(const config::Config& config, OpenState& state, Transfer transfer)
        : state_(state),
          config_(config),
          peers_(config, {.clock = state.clock(), .random = state.random()}),
          transfer_(std::move(transfer)) {}

    Status look() {
        TRY_ASSIGN(std::string text, state_.parts_of(transfer_).open(Part::Bundle));
        TRY_ASSIGN(const fhir::Json document, fhir::Json::parse(std::move(text), packet_limits()));
        TRY_ASSIGN(fhir::Resource patient, steps::patient_of(document));
        patient_.emplace(std::move(patient));
        // If we die after this: it says that the destination was asked, and it was not.
        TRY(state_.write(act_by_shell(audit::Act::What::Query, transfer_, config_)));
        TRY_ASSIGN(found_, steps::ask_for_patient(peer(), settings(), *patient_, call()));
        return {};
    }
    MatchView view() const {
        MatchView view{.transfer = transfer_, .patient = *patient_, .destination = settings_name()};
        for (const fhir::Resource& chart : found_.similar) {
            const auto grade = found_.grades.find(chart.key());
            view.candidates.push_back(
                {chart, compare(chart),
                 grade == found_.grades.end() ? PatientMatch::Grade::NotSaid : grade->second});
        }
        view.is_whole = found_.is_whole;
        return view;
    }

    // NotFound: the destination has no such chart. Conflict: it is not this person's by any rule,
    // or the transfer has gone on.
    Status accept(const std::string& choice) {
        steps::ChartDecision decision{.facts = steps::facts_of(found_.similar),
                                      .by = Actor::shell_user().text(),
                                      .at = state_.clock().now()};
        audit::Act act = act_by_shell(audit::Act::What::Decision, transfer_, config_);
        act.outcome = choice == new_chart ? "new-chart" : "accepted";
        if (choice != new_chart) {
            TRY_ASSIGN(const fhir::Resource chart, steps::chart_there(peer(), choice, call()));
            const Comparison comparison = compare(chart);
            if (!is_similar(comparison))
                return Error(ErrorKind::Conflict,
                             "that chart shares neither an identifier nor the family name and the "
                             "year of birth with the patient");
            decision.chart = choice;
            decision.facts = steps::facts_of(chart);
            act.details = {{"chart", choice}, {"compared", summary_of(comparison)}};
        }
        act.recorded = state_.clock().now();
        TRY_ASSIGN(Transfer next, retried(transfer_, act.recorded));
        // If we die before this: nothing is decided. After it the log has it before anything is
        // sent; where somebody else was faster, it is neither done nor logged.
        TRY(state_.store().change(
            TransferState::Held, next,
            {seal_part(state_.sealer(), next.id, Part::Chart, steps::text_of(decision))},
            entry_of(act, state_.random())));
        transfer_ = std::move(next);
        return state_.take_up();
    }
    const Transfer& transfer() const { return transfer_; }

private:
    Peer& peer() { return *peers_.destination(transfer_.destination); }
    const config::Deliver& settings() const {
        return config_.destinations.at(transfer_.destination).deliver;
    }
    std::string settings_name() const {
        const config::Destination& there = config_.destinations.at(transfer_.destination);
        return there.name + " (" + there.fhir_base_url.text() + ")";
    }
    fhir::Call call() { return {.deadline = Deadline::after(state_.clock(), patience)}; }
    Comparison compare(const fhir::Resource& chart) const {
        return compare_patients(patient_->json(), chart.json(), settings().strong_identifiers);
    }

    OpenState& state_;
    const config::Config& config_;
    Peers peers_;
    Transfer transfer_;
    std::optional<fhir::Resource> patient_;
    PatientMatch found_;
};

// "Patient/77" or "new"; anything else is none of a chart's names.
bool is_a_choice(const std::string& text) {
    if (text.empty() || text == new_chart) return true;
    const fhir::Reference reference = fhir::Reference::parse(text);
    return reference.form == fhir::Reference::Form::Relative && reference.type == "Patient" &&
           reference.key() == text;
}

int decide(Matching& matching, const MatchOptions& options, OpenState& state) {
    if (const Status done = matching.accept(options.accept); !done)
        return fail("match", done.error());
    const Transfer& transfer = matching.transfer();
    print_result(options.json
                     ? transfer_json(transfer, state.store(), state.sealer()).print() + "\n"
                     : transfer_line(transfer) + "\n");
    return EX_OK;
}

}  // namespace

int match(const MatchOptions& options) {
    if (!is_a_choice(options.accept))
        return fail("match", "--accept takes Patient/ID of the destination, or new", EX_USAGE);
    LoadedConfig loaded = load_config_and_knowledge(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    const config::Config& config = *loaded.config;
    const std::unique_ptr<Log> log = make_stderr_log(Log::Level::Error);
    Result<OpenState> state = OpenState::open(config, std::move(*loaded.knowledge), *log);
    if (!state) return fail("match", state.error());
    const Result<Transfer> transfer = state->find(options.id);
    if (!transfer) return fail("match", transfer.error());
    if (is_unclear_at_the_source(*transfer))
        return fail("match",
                    "it is not clear who the patient is at the source: several answer to the "
                    "identifier, or may; a new order by the Patient's id there (--patient ID) says "
                    "who is meant",
                    EX_DATAERR);
    if (!is_to_be_decided(*transfer)) return fail("match", why_not(*transfer), EX_DATAERR);
    if (!config.destinations.contains(transfer->destination))
        return fail("match", "its destination left the configuration", EX_CONFIG);
    Matching matching(config, *state, *transfer);
    if (const Status looked = matching.look(); !looked) return fail("match", looked.error());
    if (!options.accept.empty()) return decide(matching, options, *state);
    print_result(options.json ? json_of(matching.view()).print() + "\n" : text_of(matching.view()));
    return EX_OK;
}

}  // namespace consultd::commands
