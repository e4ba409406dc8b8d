// shell_user: who sits at this shell, for the audit log.
#pragma once

#include <string>

namespace consultd::commands {

// The login name of the process's real user; where sudo(8) made that, also of who called it:
// "consultd (by anna)". Without a name: "uid 1000".
std::string shell_user();

}  // namespace consultd::commands
