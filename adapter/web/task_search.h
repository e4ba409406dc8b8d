// TaskSearch: what a GET of /fhir/Task asks for, one page of it, and the links between pages.
// https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/http.html#paging
//
// A link holds one sealed word in place of the parameters, for no URL that we make may name a
// patient. It leads to the same place for ever: Tasks are in the order of their creation and are
// never removed, so what is created meanwhile comes at the end, and nothing is skipped or shown
// twice.
#pragma once

#include <string>
#include <string_view>

#include "fhir/base/crypto.h"

namespace consultd::web {

struct TaskSearch {
    static constexpr std::size_t count_default = 50;
    static constexpr std::size_t count_most = 200;  // more are given by further pages

    std::string status;   // Task.status; several, with commas: any of them; empty: all
    std::string patient;  // reference or id; empty: all
    std::size_t count = count_default;
    std::string after;  // id of the last Task on the page before; empty: the first page

    // Malformed: a status that R4 has not, a bad escape, a parameter or modifier that is not known,
    // a count that is none, a page that is not of our making.
    static Result<TaskSearch> read(std::string_view query, const crypto::Sealer& sealer);
    // The query of a link to this page.
    std::string link(const crypto::Sealer& sealer) const;
};

}  // namespace consultd::web
