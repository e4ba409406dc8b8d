// Authors: of each clinician and organization that the record names, how many notes and reports of
// theirs are here: whose are not can then be asked for.
#pragma once

#include <string>
#include <vector>

#include "adapter/stages/reading/statement.h"

namespace consultd {

struct NotesOf {
    std::string who;
    std::size_t notes = 0;  // documents and reports with words of their own
};

// By name; who wrote none too. Nobody is told apart but by the name the record gives.
std::vector<NotesOf> notes_by_author(const Reading& reading);
// The same for completeness.json: [{"who": …, "notes": 3}].
fhir::Json notes_json(const std::vector<NotesOf>& all);

}  // namespace consultd
