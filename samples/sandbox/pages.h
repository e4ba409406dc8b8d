// Pages: search results that wait to be read on, by an unguessable id, as a server with paging
// state keeps them (https://hl7.org/fhir/R4/http.html#paging). The oldest are forgotten: their
// links answer 410.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "fhir/base/random.h"
#include "samples/sandbox/search.h"

namespace consultd::sandbox {

class Pages {
public:
    explicit Pages(Random& random) : random_(random) {}
    std::string keep(SearchResult result);
    const SearchResult* find(std::string_view id) const;

private:
    static constexpr std::size_t kept_max = 2000;
    Random& random_;
    std::map<std::string, SearchResult, std::less<>> kept_;
    std::deque<std::string> order_;
};

}  // namespace consultd::sandbox
