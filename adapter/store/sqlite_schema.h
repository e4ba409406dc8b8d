// The tables of the state database and their version.
#pragma once

#include "adapter/store/sqlite_database.h"

namespace consultd {

// Makes them where there is nothing yet. Within a transaction of the caller's. Config: the file has
// another version of them, or is somebody else's.
Status make_schema(SqliteDatabase& database);

}  // namespace consultd
