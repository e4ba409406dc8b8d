#include "adapter/portal/standing.h"

#include <algorithm>

#include "adapter/order.h"

namespace consultd::portal {

using enum TransferState;

namespace {

// What keeps an opinion from its patient, until somebody has looked at it.
bool is_answer_held(const Transfer& transfer) {
    return transfer.reason == "opinion-not-ours" || transfer.reason == "opinion-incomplete" ||
           transfer.reason == "opinion-void";
}

Word words_of_delivered(const Transfer& transfer) {
    if (transfer.reason == "opinion-overdue") return Word::StateOverdue;
    if (transfer.reason == "no-opinion" || transfer.reason == "destination-ended-it")
        return Word::StateNoOpinion;
    if (is_answer_held(transfer)) return Word::StateAnswerHeld;
    return transfer.state == Delivered && transfer.sent ? Word::StateLooking : Word::StateSent;
}

}  // namespace

bool is_active(const Transfer& transfer) {
    return !is_terminal(transfer.state) && !transfer.withdrawal_asked;
}

bool wants_sign_in(const Transfer& transfer) {
    const bool is_shut = transfer.reason == "not-authorized" || transfer.reason == "forbidden";
    return transfer.state == Held && is_shut && transfer.peer_side != "destination" &&
           !transfer.sent;
}

bool waits_for_patient(const Transfer& transfer) {
    return transfer.state == Held && (transfer.reason == "choice" ||
                                      transfer.reason == "approval" || wants_sign_in(transfer));
}

bool has_no_records(const Transfer& transfer) {
    return transfer.state == Held && transfer.reason == "no-records";
}

bool may_have_arrived(const Transfer& transfer) {
    if (transfer.state == Sending || transfer.state == Uncertain) return true;
    return transfer.state == Held && transfer.sent && !was_delivered(transfer);
}

Word standing_words(const Transfer& transfer, const Kept& kept) {
    if (transfer.state == Withdrawn)
        return kept.answer_to_stop ? Word::StateStoppedThere : Word::StateStopped;
    if (transfer.withdrawal_asked) return Word::StateStopping;
    if (kept.opinion) return Word::StateOpinion;
    if (is_delivered(transfer.state) || was_delivered(transfer))
        return words_of_delivered(transfer);
    if (transfer.state == Sending) return Word::StateSending;
    if (may_have_arrived(transfer)) return Word::UncertainText;
    if (transfer.state == Refused || transfer.state == Failed) return Word::StateNotSent;
    if (transfer.state != Held) return Word::StateReading;
    if (has_no_records(transfer)) return Word::StateNoRecords;
    return waits_for_patient(transfer) ? Word::StateWaits : Word::StateHeld;
}

const Transfer* sent_already(std::span<const Transfer> others, const Transfer& transfer,
                             Instant now) {
    const Transfer* sent = nullptr;
    for (const Transfer& one : others) {
        if (one.id == transfer.id || one.destination != transfer.destination) continue;
        if (may_have_arrived(one) || one.state == Prepared) return &one;
        const bool is_there = is_delivered(one.state) || was_delivered(one);
        const bool is_fresh = one.sent && now - *one.sent < same_disclosure_span;
        if (is_there && is_fresh && !one.withdrawal_asked && one.state != Withdrawn) sent = &one;
    }
    return sent;
}

}  // namespace consultd::portal
