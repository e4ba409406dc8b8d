// date_text: a FHIR date in words for people. Partial dates stay partial.
#pragma once

#include <string>
#include <string_view>

namespace consultd {

// "17 Nov 2026", "Apr 2019", "2016"; with the minute where asked for and said; else the text as it
// is.
enum class ClockTime { Omit, Show };
std::string date_text(std::string_view fhir_date, ClockTime time = ClockTime::Omit);

}  // namespace consultd
