#include "adapter/steps/first_opinion.h"

#include <array>
#include <set>

#include "adapter/stages/budget.h"

namespace consultd::steps {
namespace {

using fhir::Json;

// What a prepared transfer has of its packet, under the names of the parts.
constexpr std::array packet_parts = {Part::Bundle,       Part::Packet,   Part::Ledger,
                                     Part::Completeness, Part::Manifest, Part::Gaps};

std::string release_id(const std::string& transfer_id) {
    return crypto::uuid_v5(transfer_id, "first-opinion");
}

// What the second packet has and the first one has not, by its name in the document.
std::vector<std::string> only_in(const Ledger& second, const Ledger& first) {
    using enum Ledger::Line::Outcome;
    std::set<std::string_view> sent;
    for (const Ledger::Line& line : first.lines())
        if (line.outcome == Delivered) sent.insert(line.detail);
    std::vector<std::string> only;
    for (const Ledger::Line& line : second.lines())
        if (line.outcome == Delivered && !sent.contains(line.detail)) only.push_back(line.detail);
    return only;
}

Json texts_of(Prepared prepared) {
    std::string bundle;
    bundle.reserve(prepared.packet.bundle_bytes);
    prepared.packet.bundle.print_to(bundle);
    return Json::object(
        {{name_of(Part::Bundle), std::move(bundle)},
         {name_of(Part::Packet), std::move(prepared.packet.html)},
         {name_of(Part::Ledger), prepared.ledger.ndjson(prepared.counts.pulled)},
         {name_of(Part::Completeness), prepared.packet.completeness.print_pretty() + "\n"},
         {name_of(Part::Manifest), std::move(prepared.manifest)},
         {name_of(Part::Gaps), gaps_json(prepared.input.gaps).print()}});
}

// Null: there is none, or it is on its way.
Result<Json> kept_packet(const Context& context) {
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::FirstOpinion));
    if (!is_kept) return Json();
    TRY_ASSIGN(std::string text, context.parts.open(Part::FirstOpinion));
    if (text.empty()) return Json();
    Result<Json> kept = Json::parse(std::move(text), packet_limits());
    if (!kept) return Error(ErrorKind::Corrupt, "the sealed first opinion is not JSON");
    return kept;
}

std::uint64_t count_in(fhir::JsonView counts, std::string_view name) {
    return static_cast<std::uint64_t>(std::stoull(std::string(counts[name].number())));
}

Transfer released(const Context& context, const Json& kept) {
    const Transfer& first = context.transfer;
    Transfer transfer;
    transfer.id = release_id(first.id);
    transfer.source = first.source;
    transfer.destination = first.destination;
    transfer.patient_pseudonym = first.patient_pseudonym;
    transfer.asked_by = first.asked_by;
    transfer.marks = first.marks;
    transfer.marks.content = context.sealer.pseudonym(transfer.id, "order");
    transfer.state = TransferState::Prepared;
    transfer.prepared = true;
    transfer.complete = kept["complete"].is_true();
    const fhir::JsonView counts = kept["counts"];
    transfer.pulled = count_in(counts, "pulled");
    transfer.delivered = count_in(counts, "delivered");
    transfer.merged = count_in(counts, "merged");
    transfer.withheld = count_in(counts, "withheld");
    transfer.rejected = count_in(counts, "rejected");
    transfer.created = transfer.updated = context.now();
    transfer.due = at_once;
    return transfer;
}

}  // namespace

Result<std::string> held_back_of(const Context& context, const Order& order, Record record,
                                 const Ledger& first) {
    Request request = request_of(context, order);
    request.transfer_id = release_id(context.transfer.id);
    request.first_opinion = FirstOpinion::Open;
    const config::Limits& limits = context.config.limits;
    TRY_ASSIGN(Prepared second,
               prepare(std::move(record), order.consent, request, context.knowledge,
                       {.stop = context.stop,
                        .resources_max = limits.resources,
                        .bytes_max = static_cast<std::size_t>(limits.record_bytes)}));
    const std::vector<std::string> only = only_in(second.ledger, first);
    if (only.empty()) return std::string();
    const Json counts = counts_json(second.counts);
    const bool is_complete = second.input.gaps.empty();
    return Json::object({{"only", Json::array({only.begin(), only.end()})},
                         {"counts", counts},
                         {"complete", Json(is_complete)},
                         {"parts", texts_of(std::move(second))}})
        .print();
}

Result<std::string> held_back_hash(const Context& context) {
    TRY_ASSIGN(const Json kept, kept_packet(context));
    if (kept.is_null()) return std::string();
    return crypto::hex(crypto::sha256(kept.at("parts", name_of(Part::Bundle)).string()));
}

Result<Outcome> with_release(const Context& context, Outcome outcome) {
    TRY_ASSIGN(const Json kept, kept_packet(context));
    if (kept.is_null()) return outcome;
    TRY_ASSIGN(Order order, load_order(context.parts, context.transfer));
    order.identifiers.clear();
    order.is_again = true;  // the first one is no reason against it
    order.first_opinion = FirstOpinion::Open;
    order.waits_for_patient = false;  // they chose that it follows
    order.release = {
        .of = context.transfer.id, .task = context.transfer.destination_task, .only = {}};
    for (const fhir::JsonView one : kept["only"].items())
        order.release.only.emplace_back(one.string());

    PlacedOrder placed{.transfer = released(context, kept), .parts = {}, .identifiers = {}};
    const auto keep = [&](Part part, std::string_view bytes) {
        placed.parts.push_back(seal_part(context.sealer, placed.transfer.id, part, bytes));
    };
    keep(Part::Request, request_text(order));
    keep(Part::Consent, order.consent.print());
    for (const Part part : packet_parts) keep(part, kept.at("parts", name_of(part)).string());
    TRY_ASSIGN(const bool is_decided, context.parts.has(Part::Chart));
    if (is_decided) {
        TRY_ASSIGN(const std::string decision, context.parts.open(Part::Chart));
        keep(Part::Chart, decision);
    }
    context.log.info("first-opinion-released",
                     {{"transfer", OwnId(context.transfer.id)}, {"as", OwnId(placed.transfer.id)}});
    outcome.places = std::move(placed);
    return std::move(outcome).with(Part::FirstOpinion, "");
}

Status check_not_asked_back(const Context& context, const Order& order) {
    if (order.release.of.empty() || !context.is_asked_back) return {};
    TRY_ASSIGN(const bool is_asked_back, context.is_asked_back(order.release.of));
    if (!is_asked_back) return {};
    return Error(ErrorKind::Denied, "the patient wants back what this follows from");
}

}  // namespace consultd::steps
