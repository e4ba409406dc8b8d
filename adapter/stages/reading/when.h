// When: when something was, as the record says it: a date of whatever precision, a period, an age,
// a text. What orders it is only what the record says: a time without a zone gives its day, a
// placeholder of a database (9999-12-31) and a date after the packet give no order at all.
// https://hl7.org/fhir/R4/datatypes.html#dateTime
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/base/clock.h"
#include "fhir/resource.h"

namespace consultd {

struct When {
    enum class Doubt : std::uint8_t { None, Placeholder, Future };

    std::string_view date;   // what can be read of it as a FHIR date; empty: none
    StaticText about = "";   // what else than the thing itself it dates: "recorded", "issued"
    std::string_view until;  // the end of its period
    bool is_end = false;     // an end is all that is known: it stands as the date
    std::string said;        // "in her twenties", "age 42 years"; what is no date, as written
    Doubt doubt = Doubt::None;

    // What it is ordered by: its first instant; absent where there is none or it is in doubt.
    std::optional<Instant> order() const;
    // Whether its end is another day than its start.
    bool is_span() const;
    bool is_empty() const { return date.empty() && said.empty(); }
};

When when_of(const fhir::Resource& resource, Instant as_of);

// In one line: "about 2015", "5 May 2025", "recorded 5 May 2025", "31 Dec 9999 (a placeholder …)".
std::string when_text(const When& when);
// Why a date may not be taken as it stands; empty where nothing is in doubt.
StaticText doubt_words(When::Doubt doubt);

// The part of a date that FHIR can read: of a time without a zone its day. Empty: none.
std::string_view readable_date(std::string_view text);
// How a database writes that it has no date: 0001-01-01, 1900-01-01, 9999-12-31.
bool is_placeholder(std::string_view date);

}  // namespace consultd
