#include "adapter/portal/history.h"

#include <charconv>

#include "adapter/audit/event_reader.h"

namespace consultd::portal {
namespace {

using audit::Act;
using audit::DisclosureOutcome;
using enum Word;

// One row an act: in the words for whoever did it: who reads this, who works here, or, of the
// patient and who acts for them, the other one.
struct Row {
    Act::What what;
    Word by_reader, by_others, by_the_other;
};
constexpr Row rows[] = {
    {Act::What::Query, WeAsked, WeAsked, WeAsked},
    {Act::What::Decision, TheyMatched, TheyMatched, TheyMatched},
    {Act::What::ReadPacket, TheyLooked, TheyLooked, TheyLooked},
    {Act::What::ReadOpinion, DidReadOpinion, TheyRead, DoneReadOpinion},
    {Act::What::Opinion, OpinionArrived, OpinionArrived, OpinionArrived},
    {Act::What::Order, DidOrder, TheyOrdered, DoneOrder},
    {Act::What::Cancel, DidStop, TheyStopped, DoneStop},
    {Act::What::Retry, DidGoOn, TheyRetried, DoneGoOn},
    {Act::What::Choice, DidChoose, DidChoose, DoneChoose},
    {Act::What::Approval, DidApprove, DidApprove, DoneApprove},
    {Act::What::Deletion, DidDelete, DidDelete, DoneDelete},
};

std::optional<Word> the_other(const Actor& who) {
    if (who.kind() == Actor::Kind::Patient) return ByPatient;
    if (who.kind() == Actor::Kind::Proxy) return ByProxy;
    return std::nullopt;
}

Word words_of(DisclosureOutcome outcome) {
    switch (outcome) {
        case DisclosureOutcome::Sent:
            return TheyHave;
        case DisclosureOutcome::InPart:
            return TheyHavePart;
        case DisclosureOutcome::InAnotherChart:
            return TheyMisfiled;
        case DisclosureOutcome::Refused:
            return TheyRefused;
        case DisclosureOutcome::NotSent:
        case DisclosureOutcome::NothingThere:
            break;
    }
    return TheyHaveNothing;
}

std::uint64_t erased_in(fhir::JsonView event) {
    std::uint64_t number = 0;
    for (const fhir::JsonView detail :
         audit::entity_of(event, "urn:consultd:transfer")["detail"].items())
        if (detail["type"].string() == "deleted") {
            const std::string_view text = detail["valueString"].string();
            std::from_chars(text.data(), text.data() + text.size(), number);
        }
    return number;
}

std::optional<Word> words_of_act(fhir::JsonView event, const HistoryLine& line) {
    const auto act = audit::act_in(event);
    if (!act) return std::nullopt;
    if (*act == Act::What::Withdrawal)
        return event["outcomeDesc"].string() == "asked-by-communication" ? TheyWereAsked
                                                                         : TheyKnowStopped;
    for (const Row& row : rows)
        if (row.what == *act)
            return line.is_own ? row.by_reader : line.by ? row.by_the_other : row.by_others;
    return std::nullopt;
}

}  // namespace

std::optional<HistoryLine> history_line(fhir::JsonView event, const Actor& reader) {
    const fhir::JsonView requestor = audit::requestor_of(event);
    const Actor who = Actor::of(requestor["system"].string(), requestor["value"].string());
    const fhir::JsonView there = audit::agent_of(event, "110152");
    HistoryLine line{.when = std::string(event["recorded"].string()),
                     .clinic = std::string(there.at("who", "display").string()),
                     .is_own = who == reader};
    if (!line.is_own) line.by = the_other(who);
    if (!line.is_own && !line.by) line.who = requestor["value"].string();
    if (audit::has_own_subtype(event, "disclosure-intent")) {
        line.what = WeBegan;
        line.is_own = false;
        line.by.reset();
        return line;
    }
    if (const auto outcome = audit::outcome_in(event)) {
        line.what = words_of(*outcome);
        line.is_own = false;
        line.by.reset();
        return line;
    }
    const auto what = words_of_act(event, line);
    if (!what) return std::nullopt;
    line.what = *what;
    if (*what == TheyKnowStopped || *what == TheyWereAsked) {
        line.is_own = false;
        line.by.reset();  // it is the other side's answer, whoever wished it
        line.erased = erased_in(event);
    }
    return line;
}

}  // namespace consultd::portal
