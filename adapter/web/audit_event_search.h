// AuditEventSearch: what a GET of /fhir/AuditEvent asks for, one page of it, and the links between
// pages: as TaskSearch does it, for no URL that we make may name a patient. The log only grows, so
// a link leads to the same entries for ever.
// https://hl7.org/fhir/R4/auditevent.html#search, https://hl7.org/fhir/R4/search.html#date
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/base/crypto.h"

namespace consultd::web {

struct AuditEventSearch {
    static constexpr std::size_t count_default = 50;
    static constexpr std::size_t count_most = 200;

    std::string patient;             // reference or id; empty: all
    std::vector<std::string> dates;  // "ge2026-01-01"; all of them hold
    std::size_t count = count_default;
    std::uint64_t begin = 0;  // the first entry of the log to look at

    // Malformed: a bad escape, a parameter, prefix or modifier that is not known, a date or count
    // that is none, a page that is not of our making.
    static Result<AuditEventSearch> read(std::string_view query, const crypto::Sealer& sealer);
    // The query of a link to this page.
    std::string link(const crypto::Sealer& sealer) const;
    // Whether what was recorded then is asked for, by its date.
    bool covers(Instant recorded) const;
};

}  // namespace consultd::web
