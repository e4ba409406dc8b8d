// What a configuration needs where patients sign in themselves: rules that go across its parts, and
// that a schema cannot say. Reads no file.
#pragma once

#include <vector>

#include "config/config.h"

namespace consultd::config {

// Whether any source is opened by its patients' own sign-in, so that there is a portal for them.
bool has_portal(const Config& config);

void check_sign_in(const Config& config, std::vector<Problem>& problems);

}  // namespace consultd::config
