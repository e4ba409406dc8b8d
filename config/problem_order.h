// problem_order: which of the problems of a configuration are told, and in which order. Reads no
// file, and finds no problem itself.
#pragma once

#include <vector>

#include "config/config.h"
#include "fhir/json.h"

namespace consultd::config {

// Into the order of the file. What is missing stands where it should be: first in what has not
// got it.
void sort_by_place(fhir::JsonView root, std::vector<Problem>& problems);

}  // namespace consultd::config
