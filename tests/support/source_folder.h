// Where the tree lies that these tests were built from. In a file of its own, so that a test's
// object code is the same wherever that is.
#pragma once

#include <string>

namespace consultd {

const std::string& source_folder();

}  // namespace consultd
