// A copy of the state database in one file, while its owner goes on.
#pragma once

#include <string>

#include "fhir/base/result.h"

namespace consultd {

// Writes all of it into a new file, which open_sqlite_store() takes in its place. Storage: cannot
// be written. Else as open_sqlite_store() has them.
Status copy_sqlite_store(const std::string& file, const std::string& copy);

}  // namespace consultd
