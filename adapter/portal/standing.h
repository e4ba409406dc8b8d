// Standing: how it stands with a transfer, in words for its patient: whose turn it is, what is
// known to have arrived and what nobody knows. Pure.
#pragma once

#include <optional>
#include <span>

#include "adapter/portal/words.h"
#include "adapter/transfer.h"

namespace consultd::portal {

// What of it is there beside its row.
struct Kept {
    bool opinion = false, answer_to_stop = false, record = false, receipt = false;
    Milliseconds followed_for{0};  // how long its opinion is looked for
};

Word standing_words(const Transfer& transfer, const Kept& kept);

// Something more may happen, or can be stopped.
bool is_active(const Transfer& transfer);
// It stands, and the patient alone can let it go on.
bool waits_for_patient(const Transfer& transfer);
// It stands for what only a new sign-in at the source mends.
bool wants_sign_in(const Transfer& transfer);
// The hospital was asked, and had nothing of the patient.
bool has_no_records(const Transfer& transfer);
// Bytes of it may be at the destination, and nobody knows yet what became of them.
bool may_have_arrived(const Transfer& transfer);

// Of others of the same patient, one by which the same clinic has these records, or may have them:
// what is on its way or unknown before what was sent within a day. Null: none.
const Transfer* sent_already(std::span<const Transfer> others, const Transfer& transfer,
                             Instant now);

}  // namespace consultd::portal
