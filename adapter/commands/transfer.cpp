// transfer: one transfer from the shell: in this process where no daemon runs on this state
// directory, else handed to it and watched. Shows progress on a terminal; prints the receipt.
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "adapter/acts.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/keep_records.h"
#include "adapter/commands/packet_folder.h"
#include "adapter/commands/report.h"
#include "adapter/commands/stop_signal.h"
#include "adapter/commands/transfer_view.h"
#include "adapter/verdict.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::size_t consent_bytes_max = 1 << 20;
constexpr Milliseconds look_again = std::chrono::milliseconds(200);
// A terminal is not a daemon: what a peer does not do in this time is left to `retry` or the
// daemon.
constexpr std::uint32_t attempts_max = 3;
constexpr Milliseconds longest_wait = std::chrono::seconds(60);
constexpr Milliseconds longest_absence = std::chrono::seconds(20);  // of the daemon: a restart
constexpr Milliseconds patience = std::chrono::minutes(10);

Result<Order> order_of(const TransferOptions& options) {
    TRY_ASSIGN(std::string text, read_file(options.consent_file, consent_bytes_max));
    Order order{.source = options.source, .destination = options.destination};
    // "MRN-SYSTEM|VALUE" names the patient by identifier; anything else is an id.
    if (const std::size_t bar = options.patient.find('|'); bar != std::string::npos) {
        order.patient_system = options.patient.substr(0, bar);
        order.patient_value = options.patient.substr(bar + 1);
    } else {
        order.patient_id =
            options.patient.starts_with("Patient/") ? options.patient.substr(8) : options.patient;
    }
    order.question = options.question;
    order.specialty = options.specialty;
    order.is_again = options.again;
    if (options.seal_first_opinion) order.first_opinion = FirstOpinion::Sealed;
    TRY_ASSIGN(order.consent, Json::parse(std::move(text)));
    return order;
}

// The source asks us to come back later, and nothing has left: what it gave so far is kept, and the
// wait is as long as it says.
bool is_told_to_wait(const Transfer& transfer) {
    return (transfer.state == TransferState::Requested ||
            transfer.state == TransferState::Pulling) &&
           transfer.reason == "rate-limited";
}

// What can be done until the transfer stands: delivered, ended, or in need of a person.
bool stands(const Transfer& transfer) {
    if (transfer.attempts >= attempts_max) return true;  // the daemon goes on with it, later
    return is_delivered(transfer.state) || is_terminal(transfer.state) ||
           transfer.state == TransferState::Held;
}

// What goes wrong on the way, in a line for whoever sits at the terminal.
class TerminalLog final : public Log {
public:
    void write(Level level, StaticText, std::span<const LogField> fields) override {
        if (level < Level::Error) return;
        for (const LogField& field : fields)
            if (field.name.view() == "error")
                if (const auto* text = std::get_if<StaticText>(&field.value.get()))
                    tell("  " + std::string(text->view()));
    }
};

class Progress {
public:
    explicit Progress(const config::Config& config) : config_(config) {}

    void show(const Transfer& transfer, Instant now) {
        if (!shown_ || last_ != transfer.state) tell("  " + std::string(name_of(transfer.state)));
        shown_ = true;
        last_ = transfer.state;
        if (std::string room = told_of_room(config_); room != room_) {
            tell("  " + (room.empty() ? "there is room again" : room));
            room_ = std::move(room);
        }
        if (!is_told_to_wait(transfer) || transfer.due <= now || waits_until_ == transfer.due)
            return;
        waits_until_ = transfer.due;
        const auto wait = std::chrono::ceil<std::chrono::seconds>(transfer.due - now);
        tell("  the source asks us to come back in " + std::to_string(wait.count()) +
             " s; what it gave so far is kept");
    }

private:
    const config::Config& config_;
    bool shown_ = false;
    std::string room_;  // what was said of it last
    Instant waits_until_{};
    TransferState last_ = TransferState::Requested;
};

// What is there already, in words: which transfer, in which state, since when.
std::string words_of(const Transfer& known) {
    const bool is_there = is_delivered(known.state) || known.reason == "found-there";
    return "transfer " + known.id +
           " gives the same record to the same destination under the same "
           "consent: " +
           std::string(name_of(known.state)) +
           (known.reason.empty() ? "" : " (" + why(known) + ")") +
           (is_there ? ", sent at " + format_date_time(known.sent.value_or(known.updated))
                     : " since " + format_date_time(known.updated));
}

// Of what the audit log knows as the same, and the destination says to it.
std::string words_of_before(fhir::JsonView before) {
    if (!before.is_object()) return {};
    return ": by the audit log transfer " + std::string(before["transfer"].string()) + " is " +
           std::string(before["known"].string()) + ", " + std::string(before["recorded"].string()) +
           (before["there"].is_true() ? ", and it is there" : ", and it was not found there") +
           "; --again sends another copy";
}

// What a person can do with it.
std::string advice_on(const Transfer& known) {
    if (is_delivered(known.state) || is_terminal(known.state)) return "";
    const std::string ends = "`consultd cancel " + known.id + "` ends it; ";
    if (known.state == TransferState::Held)
        return "`consultd retry " + known.id + "` lets it go on, " + ends;
    return "`consultd serve` goes on with it, " + ends;
}

// Drives one transfer here until it stands.
Result<Transfer> drive(Workplace& place, const std::string& id, const config::Config& config,
                       std::stop_token stop) {
    Worker worker([&] { return place.pipeline(); }, place.store(), place.clock(), place.log(),
                  "transfer");
    Deadline deadline = Deadline::after(place.clock(), patience);
    Progress progress(config);
    constexpr MonotonicTime never = MonotonicTime::max();
    Deadline settles(never);  // while the destination may still be at work on it
    for (;;) {
        TRY_ASSIGN(const std::optional<Transfer> transfer, place.store().find(id));
        assert(transfer);
        progress.show(*transfer, place.clock().now());
        // A wait that was asked for is nobody's delay.
        if (is_told_to_wait(*transfer)) deadline = Deadline::after(place.clock(), patience);
        const bool is_uncertain = transfer->state == TransferState::Uncertain;
        settles = is_uncertain ? settles.earlier(Deadline::after(place.clock(), longest_wait))
                               : Deadline(never);
        if (settles.passed(place.clock())) return *transfer;
        if (stands(*transfer) || deadline.passed(place.clock()) || stop.stop_requested())
            return *transfer;
        const Milliseconds wait = transfer->due - place.clock().now();
        if (wait > longest_wait && !is_told_to_wait(*transfer)) return *transfer;
        TRY_ASSIGN(const bool worked,
                   wait > Milliseconds(0) ? Result<bool>(false) : worker.run_once(id, stop));
        if (!worked) place.clock().wait_until(place.clock().monotonic_now() + look_again, stop);
    }
}

// Watches a transfer that the daemon works on. A daemon that is gone may be one that restarts; if
// it does not come back, the transfer is left to the next one.
Result<Transfer> watch(Store& store, const config::Config& config, Clock& clock,
                       const std::string& id, std::stop_token stop) {
    const std::string database = database_file(config);
    Deadline deadline = Deadline::after(clock, patience);
    Deadline comes_back = Deadline::after(clock, longest_absence);
    Progress progress(config);
    for (;;) {
        TRY_ASSIGN(const bool daemon_runs, sqlite_store_has_owner(database));
        if (daemon_runs) comes_back = Deadline::after(clock, longest_absence);
        TRY_ASSIGN(const std::optional<Transfer> transfer, store.find(id));
        if (!transfer) return Error(ErrorKind::Corrupt, "the transfer is gone from the store");
        progress.show(*transfer, clock.now());
        if (is_told_to_wait(*transfer)) deadline = Deadline::after(clock, patience);
        if (stands(*transfer) || deadline.passed(clock) || stop.stop_requested()) return *transfer;
        if (comes_back.passed(clock)) {
            tell("  the daemon is gone");
            return *transfer;
        }
        clock.wait_until(clock.monotonic_now() + look_again, stop);
    }
}

// Puts what a person wants to keep where they said: the packet and the receipt.
Result<Json> export_parts(Store& store, const crypto::Sealer& sealer, const Transfer& transfer,
                          const std::string& folder, Json json) {
    TRY_ASSIGN(const std::vector<PacketFile> files,
               packet_files(PartReader(store, sealer, transfer.id)));
    TRY_ASSIGN(const Json paths, write_files(folder, files));
    for (const fhir::JsonMember& path : paths.members())
        json = json.with(path.name(), path.value.string());
    return json;
}

int tell_end(const Transfer& transfer, const Json& json, const TransferOptions& options,
             Store& store, const crypto::Sealer& sealer) {
    if (options.json) {
        print_result(json.print() + "\n");
    } else {
        std::string text = transfer_line(transfer) + "\n";
        if (transfer.prepared) {
            const Result<std::string> part =
                open_part(store, sealer, transfer.id, Part::Completeness);
            const Result<Json> completeness = part ? Json::parse(*part) : Result<Json>(Json());
            text += "ledger: " +
                    balance_line({transfer.pulled, transfer.delivered, transfer.merged,
                                  transfer.withheld, transfer.rejected}) +
                    "\n";
            const std::string missing =
                missing_lines(json["gaps"], completeness ? *completeness : Json());
            text +=
                missing.empty() ? "missing: nothing that was looked for\n" : "missing:\n" + missing;
        }
        for (const std::string_view file : {"packet", "receipt"})
            if (json.has(file)) text.append(file).append(": ").append(json[file].string()) += '\n';
        print_result(text);
    }
    if (transfer.state == TransferState::Delivered ||
        transfer.state == TransferState::OpinionReceived || transfer.state == TransferState::Closed)
        return EX_OK;
    if (transfer.state == TransferState::Uncertain && transfer.reason.empty()) {
        // deliver.settle: nothing is sent again before it is over.
        tell(
            "consultd transfer: uncertain: the destination gave no clear answer, and may still be "
            "at work on it; it is asked again, and nothing is sent twice");
        return EX_TEMPFAIL;
    }
    tell("consultd transfer: " + std::string(name_of(transfer.state)) + ": " +
         (transfer.reason.empty() ? "not finished in time" : why(transfer)) +
         words_of_before(json["sentBefore"]));
    if (transfer.state == TransferState::Refused || transfer.state == TransferState::Withdrawn)
        return EX_NOPERM;
    return transfer.reason.empty() ? EX_TEMPFAIL : consultd::exit_code_of(transfer.reason);
}

int finish(const Result<Transfer>& transfer, const TransferOptions& options, Store& store,
           const crypto::Sealer& sealer) {
    if (!transfer) return fail("transfer", transfer.error());
    Json json = transfer_json(*transfer, store, sealer);
    int exit_code = EX_OK;
    // Without a folder nothing of the record lies in clear.
    if (const std::string& folder = options.out_folder; transfer->prepared && !folder.empty()) {
        Result<Json> exported = export_parts(store, sealer, *transfer, folder, json);
        // What became of the transfer is told all the same.
        if (exported)
            json = std::move(*exported);
        else
            exit_code = fail("transfer", folder + ": " + exported.error().message(), EX_CANTCREAT);
    }
    const int end = tell_end(*transfer, json, options, store, sealer);
    return end == EX_OK ? exit_code : end;
}

int dry_run(Workplace& place, const Order& order, const TransferOptions& options,
            std::stop_token stop) {
    const Result<Prepared> prepared = place.pipeline()->prepare_only(order, stop);
    if (!prepared) {
        const Verdict& verdict = verdict_of(prepared.error().kind());
        return fail("transfer", prepared.error().message(), verdict.exit_code);
    }
    if (const Status written = write_packet_folder(options.out_folder, *prepared); !written)
        return fail("transfer", written.error().message(), EX_CANTCREAT);
    if (options.json)
        print_result(
            Json::object(
                {{"transfer", prepared->input.request.transfer_id},
                 {"state", "prepared"},
                 {"complete", Json(prepared->input.gaps.empty())},
                 {"gaps", gaps_json(prepared->input.gaps)},
                 {"counts", counts_json(prepared->counts)},
                 {"packet", (std::filesystem::path(options.out_folder) / "packet.html").string()}})
                .print() +
            "\n");
    else
        print_result("dry run, nothing was sent\nledger: " + balance_line(prepared->counts) + "\n" +
                     missing_lines(gaps_json(prepared->input.gaps), prepared->packet.completeness) +
                     "packet: " +
                     (std::filesystem::path(options.out_folder) / "packet.html").string() + "\n");
    return EX_OK;
}

// What was asked for and cannot be, in words; empty: nothing.
std::string wrong_in(const TransferOptions& options, const config::Config& config) {
    if (options.dry_run && options.out_folder.empty()) return "--dry-run needs -o DIR";
    if (std::string wrong = wrong_folder(options.out_folder, config); !wrong.empty()) return wrong;
    if (!config.source(options.source))
        return "the configuration has no source \"" + options.source + "\"";
    if (!config.destinations.contains(options.destination))
        return "the configuration has no destination \"" + options.destination + "\"";
    return {};
}

// Places the order and sees it through: here, or where `place` is null, beside the daemon that has
// the state.
int carry_out(const Order& order, const TransferOptions& options, const config::Config& config,
              Workplace* place, std::stop_token stop) {
    SystemClock clock;
    SystemRandom random;
    Visit beside;
    if (place == nullptr) {
        Result<Visit> opened = visit(config, random);
        if (!opened) return fail("transfer", opened.error());
        beside = std::move(*opened);
    }
    Store& store = place == nullptr ? *beside.store : place->store();
    const crypto::Sealer& sealer = place == nullptr ? *beside.sealer : place->sealer();
    const Result<PlacedOrder> placed =
        place_order(order, Actor::shell_user(), config, sealer, clock, random);
    if (!placed) return fail("transfer", placed.error());
    const Result<std::optional<Transfer>> known =
        store.create(placed->transfer, placed->parts,
                     options.again ? Earlier{} : earlier_of(*placed, clock.now()),
                     entry_of(act_by(placed->transfer.asked_by, audit::Act::What::Order,
                                     placed->transfer, config, clock.now()),
                              random));
    if (!known) return fail("transfer", known.error());
    const std::string id = *known ? (*known)->id : placed->transfer.id;
    // The same command again, after the one before was killed: what it began is brought to its end.
    const bool goes_on = *known && place != nullptr && is_runnable((*known)->state) &&
                         !is_delivered((*known)->state) &&
                         (*known)->marks.content == placed->transfer.marks.content;
    if (*known && !goes_on)
        return fail("transfer",
                    words_of(**known) + "; " + advice_on(**known) + "--again sends another copy",
                    EX_TEMPFAIL);
    if (goes_on) tell(words_of(**known) + "; it goes on here (--again would send another copy)");
    tell("transfer " + id + (place == nullptr ? " (handed to the daemon)" : ""));
    const Result<Transfer> ended =
        place == nullptr ? watch(store, config, clock, id, stop) : drive(*place, id, config, stop);
    // What cannot be said now, the next daemon says.
    if (place != nullptr) (void)place->pipeline()->run_errands(stop);
    if (ended && !stands(*ended))
        tell("consultd transfer: left as it stands; `consultd serve` goes on with it, " +
             ("`consultd cancel " + ended->id + "` ends it"));
    return finish(ended, options, store, sealer);
}

}  // namespace

int transfer(const TransferOptions& options) {
    LoadedConfig loaded = load_config_and_knowledge(options.config_file, {}, AskTerminology::Yes);
    if (!loaded.config) return loaded.exit_code;
    const config::Config config = *loaded.config;
    if (const std::string wrong = wrong_in(options, config); !wrong.empty())
        return fail("transfer", wrong, EX_USAGE);
    const Specialties& specialties = loaded.knowledge->specialties;
    if (!options.specialty.empty() && !specialties.knows(options.specialty))
        return fail("transfer", "--specialty is none of: " + specialties.names(), EX_USAGE);
    const Result<Order> order = order_of(options);
    if (!order) return fail("transfer", order.error());

    // Found out now, and not when the record is at its destination.
    if (const Status made = options.out_folder.empty() ? Status() : make_folder(options.out_folder);
        !made)
        return fail("transfer", made.error().message(), EX_CANTCREAT);

    TerminalLog log;
    StopSignal signal;
    Result<std::unique_ptr<Workplace>> place =
        Workplace::open(config, std::move(*loaded.knowledge), log, attempts_max);
    const bool daemon_runs = !place && place.error().kind() == ErrorKind::Busy;
    if (!place && !daemon_runs) return fail("transfer", place.error());
    // Where no daemon keeps house, whoever comes by does.
    if (place)
        if (const auto kept = forget_old_records((*place)->store(), config, (*place)->sealer(),
                                                 (*place)->clock().now());
            !kept)
            tell("consultd transfer: " + kept.error().message());
    if (options.dry_run) {
        if (daemon_runs)
            return fail("transfer",
                        "a daemon works on this state directory; give the dry run one of its own",
                        EX_TEMPFAIL);
        return dry_run(**place, *order, options, signal.token());
    }

    const int exit_code =
        carry_out(*order, options, config, place ? place->get() : nullptr, signal.token());
    if (place) {
        Status done = (*place)->disclosures().take_up((*place)->store(), log);
        if (done) done = (*place)->pipeline()->reconcile(signal.token());
        if (!done) tell("consultd transfer: " + done.error().message());
    }
    return exit_code;
}

}  // namespace consultd::commands
