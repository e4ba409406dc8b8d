// Search: which resources match a query, and what comes with them
// (https://hl7.org/fhir/R4/search.html). Pure over a Store: no paging, no links, no HTTP.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "samples/sandbox/store.h"

namespace consultd::sandbox {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // decoded

struct SearchRules {
    bool lenient = false;           // unknown parameters are ignored, not refused
    bool require_category = false;  // as Epic does: Observation without category or code is refused
};

struct SearchResult {
    std::vector<std::string> matches;   // "Type/id", in the order asked for
    std::vector<std::string> includes;  // the _include parameters, to be followed for each page
    std::vector<std::string> revincludes;
    Parameters used;          // what the self link says
    std::size_t count = 0;    // _count; 0: not given
    bool count_only = false;  // _count=0 or _summary=count
};

// Splits "a=1&b=2", decoding escapes and "+". Malformed: a bad escape.
Result<Parameters> parse_query(std::string_view query);

// Malformed: an unknown parameter or a value that is none; details hold `issue`, the issue-type
// code.
Result<SearchResult> search(const Store& store, std::string_view type, const Parameters& parameters,
                            const SearchRules& rules);

// Keys of what `matches` bring along, each once, none that is a match itself. Malformed: an unknown
// include.
Result<std::vector<std::string>> follow_includes(const Store& store,
                                                 const std::vector<std::string>& matches,
                                                 const SearchResult& query);

// "Type/id" of a literal reference, relative or absolute; empty of others.
std::string reference_key(std::string_view reference);

}  // namespace consultd::sandbox
