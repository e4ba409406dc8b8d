// Step: one state's work for one transfer, as a function from a Context to an Outcome. A step talks
// to the peers and reads what is kept; it saves nothing and writes no audit event: what it wants
// written it returns, and the pipeline writes it before it lets the step go on (`then`). The order
// of a transfer's durable writes is therefore the order of its outcomes.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "adapter/audit/act.h"
#include "adapter/audit/event.h"
#include "adapter/knowledge/knowledge.h"
#include "adapter/log.h"
#include "adapter/order.h"
#include "adapter/peers.h"
#include "adapter/same_order.h"
#include "adapter/stages/record.h"
#include "adapter/steps/settling.h"

namespace consultd::steps {

// What a step works with; all of it outlives the step.
struct Context {
    const Transfer& transfer;  // as it was last saved
    const config::Config& config;
    Peers& peers;  // of that configuration
    const Knowledge& knowledge;
    PartReader parts;
    const crypto::Sealer& sealer;
    Clock& clock;
    Random& random;
    Log& log;  // for operators; what must be proven goes into an Outcome
    std::uint32_t attempts_max;
    const std::function<void(std::string_view)>& crash_point;
    Settling& settling;
    // The log had an intent of it when this process began: bytes may have left, whatever the state
    // says, which may be an older copy of itself.
    bool is_inherited;
    Instant log_time;  // when the log's newest entry was written, at our start
    // What the log knows of other transfers that are the same.
    std::function<std::vector<EarlierDisclosure>(const SameOrder&)> earlier;
    std::stop_token stop;
    // Whether the patient wants that transfer back: what follows from it does not go either.
    std::function<Result<bool>(const std::string&)> is_asked_back = {};
    // What the source has answered already, and where its answers are kept; null: nowhere.
    fhir::KeptAnswers* answers = nullptr;
    // The patient's own sign-in, where the source is opened by it; null: there can be none.
    fhir::Credentials* access = nullptr;

    // The configuration has both institutions.
    bool has_peers() const;
    Peer& source() const { return *peers.source(transfer.source); }
    Peer& destination() const { return *peers.destination(transfer.destination); }
    config::Source source_config() const { return config.source(transfer.source).value(); }
    const config::Destination& destination_config() const {
        return config.destinations.at(transfer.destination);
    }
    // Never before what was written last, of this transfer or in the log: a clock that is set back
    // revives no consent (F108).
    Instant now() const { return std::max({clock.now(), transfer.updated, log_time}); }
    // When it is due that waits so long.
    Instant due_in(Milliseconds wait) const { return settling.time() + wait; }
    // The source's client, which asks for nothing that is kept.
    Result<fhir::FhirClient> source_client() const {
        TRY_ASSIGN(fhir::FhirClient* const client, source().client());
        const bool is_own = source_config().auth.type == config::Auth::Type::SmartPatient;
        const fhir::FhirClient mine = is_own && access != nullptr ? client->as(*access) : *client;
        return answers != nullptr ? mine.keeping(*answers) : mine;
    }
    fhir::Call call(Milliseconds span) const {
        return {.deadline = Deadline::after(clock, span), .stop = stop};
    }
    fhir::Call exchange() const { return call(std::chrono::minutes(2)); }
    // With whom the error came about; null: with nobody.
    const Peer* peer_of(const Error& error) const;
    // A line of the log, with the peer and how it has answered lately.
    void tell(StaticText event, const Error& error) const;
};

// What goes into the audit log before the transfer is saved.
struct Intent {
    audit::Disclosure disclosure;
    std::optional<SameOrder> same = {};  // no other that is the same may have one
};
struct Sent {
    std::string task;              // where it was found at the destination
    audit::Details evidence = {};  // how that is known, as the log tells it
};
struct Refused {};
// It was stopped between two requests: what of it is there, as the log tells it.
struct InPart {
    audit::Details parts;
};
// A part of it is there, and what becomes of the rest is open.
struct PartThere {
    audit::Details parts;
};
// It is there, in somebody else's chart: an alarm, and where.
struct InAnotherChart {
    audit::Details places;
};
struct NothingThere {};  // bytes may have left, and the destination, asked, has nothing of it
struct ForeignPatient {
    std::string source_base_url;
    std::uint64_t resources;
};
// What is done beside the disclosure. Of a withdrawal a receipt is kept.
struct Acted {
    audit::Act act;
};
using Event = std::variant<std::monostate, Intent, Sent, Refused, NothingThere, InPart, PartThere,
                           InAnotherChart, ForeignPatient, Acted>;

struct PlainPart {
    Part part;
    std::string bytes;
};

// What a step wants written, in this order: the event; a transfer that follows from this one, where
// it is not there yet; the transfer with its parts, in one commit.
struct Outcome {
    using Next = std::function<Result<Outcome>(const Context&)>;

    // As it is to be saved: its facts, and the state that it is in from then on.
    Transfer transfer;
    std::vector<PlainPart> parts = {};
    Event event = {};
    StaticText point = "";
    std::optional<PlacedOrder> places = {};
    Next next = {};  // what the step goes on with when all of that is durable

    Outcome&& with(Part part, std::string bytes) && {
        parts.push_back({part, std::move(bytes)});
        return std::move(*this);
    }
    Outcome&& after(Event what) && {
        event = std::move(what);
        return std::move(*this);
    }
    // Where tests die, once it is durable.
    Outcome&& crash_point(StaticText name) && {
        point = name;
        return std::move(*this);
    }
    Outcome&& then(Next what) && {
        next = std::move(what);
        return std::move(*this);
    }
};

Outcome to(TransferState state, Transfer transfer);
// It stands, and why: a word of our own lists; with whom, where it is with somebody.
void set_reason(Transfer& transfer, StaticText reason, const Peer* with = nullptr);
// What an error means (verdict.h): another try later, or a person must look; told in the log.
Outcome stands(const Context& context, Transfer transfer, const Error& error);

// An act about this transfer and its destination, by nobody but ourselves.
audit::Act act_of(const Context& context, audit::Act::What what);

// What was asked for, with the Consent's patient named as the source names them.
Result<Order> order_of(const Context& context);
Request request_of(const Context& context, const Order& order);

}  // namespace consultd::steps
