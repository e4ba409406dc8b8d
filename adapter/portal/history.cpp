#include "adapter/portal/history.h"

#include <charconv>

#include "adapter/actor.h"
#include "adapter/audit/event_reader.h"

namespace consultd::portal {
namespace {

using audit::Act;
using audit::DisclosureOutcome;
using enum Word;

// One row an act: in the words for whoever did it.
struct Row {
    Act::What what;
    Word by_patient, by_others;
};
constexpr Row rows[] = {
    {Act::What::Query, WeAsked, WeAsked},
    {Act::What::Decision, TheyMatched, TheyMatched},
    {Act::What::ReadPacket, TheyLooked, TheyLooked},
    {Act::What::ReadOpinion, DidReadOpinion, TheyRead},
    {Act::What::Opinion, OpinionArrived, OpinionArrived},
    {Act::What::Order, DidOrder, TheyOrdered},
    {Act::What::Cancel, DidStop, TheyStopped},
    {Act::What::Retry, DidGoOn, TheyRetried},
    {Act::What::Choice, DidChoose, DidChoose},
    {Act::What::Approval, DidApprove, DidApprove},
    {Act::What::Deletion, DidDelete, DidDelete},
};

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

std::optional<Word> words_of_act(fhir::JsonView event, bool is_own) {
    const auto act = audit::act_in(event);
    if (!act) return std::nullopt;
    if (*act == Act::What::Withdrawal)
        return event["outcomeDesc"].string() == "asked-by-communication" ? TheyWereAsked
                                                                         : TheyKnowStopped;
    for (const Row& row : rows)
        if (row.what == *act) return is_own ? row.by_patient : row.by_others;
    return std::nullopt;
}

}  // namespace

std::optional<HistoryLine> history_line(fhir::JsonView event) {
    const fhir::JsonView requestor = audit::requestor_of(event);
    HistoryLine line{.when = std::string(event["recorded"].string()),
                     .is_own = requestor["system"].string() == Actor::patient().system()};
    if (!line.is_own) line.who = requestor["value"].string();
    if (audit::has_own_subtype(event, "disclosure-intent")) {
        line.what = WeBegan;
        line.is_own = false;
        return line;
    }
    if (const auto outcome = audit::outcome_in(event)) {
        line.what = words_of(*outcome);
        line.is_own = false;
        return line;
    }
    const auto what = words_of_act(event, line.is_own);
    if (!what) return std::nullopt;
    line.what = *what;
    if (*what == TheyKnowStopped || *what == TheyWereAsked) {
        line.is_own = false;  // it is the other side's answer, whoever wished it
        line.erased = erased_in(event);
    }
    return line;
}

}  // namespace consultd::portal
