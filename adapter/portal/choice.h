// What a patient can choose to share, and the Consent that their choice becomes: one table of
// groups in plain words with the resource types that they stand for, one of private matters with
// their labels. Pure. What is not named in a Consent of this making is denied.
// https://hl7.org/fhir/R4/consent.html
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/offer.h"
#include "adapter/portal/words.h"
#include "config/config.h"
#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd::portal {

struct Group {
    std::string_view name;  // of its field in the form
    Word title, hint;
    std::span<const std::string_view> types;  // empty: whatever is in no other group
};
std::span<const Group> groups();

struct PrivateMatter {
    std::string_view name;
    Word title, why;
    std::span<const std::string_view> labels;  // of v3-ActCode
};
std::span<const PrivateMatter> private_matters();

// What there is to choose from, whatever was chosen of it before.
struct There {
    struct OfMatter {
        std::uint64_t count = 0;
        std::set<std::size_t> groups;  // that they are in: each goes only where its group goes
    };
    std::vector<std::uint64_t> groups;    // in the order of groups(): what is not private
    std::vector<std::uint64_t> withheld;  // the same: what goes only with a private matter
    std::vector<OfMatter> matters;        // in the order of private_matters()
    std::set<std::string, std::less<>> other_types;
};
There there_is(const Offers& offer);
// What goes of each group by the ledger, in the order of groups().
std::vector<std::uint64_t> going_of(std::string_view ledger_ndjson);
// The same of what went, by a receipt: its types and no more.
std::vector<std::uint64_t> counts_in(std::string_view receipt);
// Of which groups something was not read, by the gaps of a pull, in the order of groups(). How much
// it is, nobody knows. What came and was put aside is none of them.
std::vector<bool> missing_in(std::string_view gaps);

struct Choice {
    std::set<std::string, std::less<>> groups;  // by name
    std::set<std::string, std::less<>> matters;
    std::set<std::string, std::less<>> other_types;  // what "everything else" is of this record
    std::string since, until;          // days, as FHIR dates; empty: from ever, for ever
    std::vector<std::string> without;  // "Observation/7": left out although its group goes
    std::vector<std::string> also;     // goes although it may be private, or cannot be read
    std::vector<std::string> stays;    // asked for in the same way, and not ticked
};
// What was ticked, to be sealed. Nothing where the text is none of ours.
std::string text_of(const Choice& choice);
Choice choice_in(std::string text);

// Which group a resource of that type is in, in the order of groups(); absent: what says who and
// where, and goes with whatever goes.
std::optional<std::size_t> group_of_type(std::string_view type);
// Which private matter a reason of the ledger is about, in the order of private_matters().
std::optional<std::size_t> matter_of_reason(std::string_view reason);

// For how long: what is not sent by then is not sent.
inline constexpr Milliseconds consent_span = std::chrono::hours(24 * 30);

// That the record may be read for its patient to choose from: everything but private matters, so
// that the ledger says what there is of each. Nothing is sent by it (approval.h).
fhir::Json consent_to_read(const std::string& patient_id, const config::Destination& destination,
                           Instant now);
fhir::Json consent_of(const Choice& choice, const std::string& patient_id,
                      const config::Destination& destination, Instant now);

}  // namespace consultd::portal
